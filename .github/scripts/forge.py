"""What the workflows' scripts share: GitHub through ``gh``, git, the judge, and how to end.

Values from events and answers are strangers' text.  They come in through the environment or as
JSON, are held to a pattern before use, and reach commands only as arguments of a list.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

SHA = re.compile(r"[0-9a-f]{40}")
NUMBER = re.compile(r"[1-9][0-9]{0,9}")
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,59}")
REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
INTAKE = re.compile(r"intake/github-([1-9][0-9]{0,9})")
BOT = "github-actions[bot]"


def note(message: str, kind: str = "") -> None:
    """Say something in the log; with a kind (warning, error) as an annotation."""
    sys.stdout.write(f"::{kind} title=mulu::{message}\n" if kind else f"{message}\n")


def stop(message: str) -> NoReturn:
    """End with an error annotation."""
    note(message, "error")
    sys.exit(1)


def main(script: Callable[[], int]) -> None:
    """Run a script; what a command says when it fails becomes one line."""
    try:
        sys.exit(script())
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr or "").split())[:500]
        stop(f"{error.cmd[0]} 没有成功（{error.returncode}）{said}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        stop(f"平台的回答不是应有的样子（{type(error).__name__}）")


def variable(name: str) -> str:
    """A variable of the step, whatever it holds; '' where there is none."""
    return os.environ.get(name, "")  # noqa: TID251  how a workflow hands values to its steps


def given(name: str, form: re.Pattern[str]) -> str:
    """A variable of the step, held to its form."""
    value = variable(name)
    if not form.fullmatch(value):
        stop(f"{name} 不是应有的样子")
    return value


def run(call: Sequence[str], text: str | None = None) -> str:
    """What a command prints.  Raises CalledProcessError where it fails."""
    return subprocess.run(call, input=text, capture_output=True, text=True, check=True).stdout


def git(*arguments: str) -> str:
    """What git prints, without the last line's end."""
    return run(["git", *arguments]).rstrip("\n")


def succeeds(*arguments: str) -> bool:
    """Whether git says yes."""
    return subprocess.run(["git", *arguments], capture_output=True, check=False).returncode == 0


def ask(path: str) -> Any:
    """An answer of the forge; the pages of a list joined."""
    pages = json.loads(run(["gh", "api", "--paginate", "--slurp", path]))
    if all(isinstance(page, list) for page in pages):
        return [row for page in pages for row in page]
    return pages[0]


def tell(method: str, path: str, body: dict[str, object]) -> Any:
    """Write something at the forge."""
    source = json.dumps(body, ensure_ascii=False)
    return json.loads(run(["gh", "api", "--method", method, path, "--input", "-"], source) or "{}")


def judge(*arguments: str, into: Path | None = None) -> int:
    """Run the program beside this interpreter, its words shown or put into a file; its exit code."""
    call = [str(Path(sys.executable).with_name("mulu")), *arguments]
    sys.stdout.flush()
    if into is None:
        return subprocess.run(call, check=False).returncode
    with into.open("wb") as stream:
        return subprocess.run(call, stdout=stream, check=False).returncode
