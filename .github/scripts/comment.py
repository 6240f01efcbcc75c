"""Puts the verdict of a gate run under its pull request: one comment, renewed each time.

The artifact is data: it has to be of exactly one shape and within its size, to belong to the
run that is said to have made it, and to speak of the pull request's present head.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import forge

MARK = "<!-- mulu gate -->"
MAX_BYTES = 400_000
MAX_CHARACTERS = 65_000
SHAPE = {"version": int, "number": int, "head": str, "markdown": str}


def main() -> int:
    """Read, doubt, look up, write."""
    repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
    told = read(Path(sys.argv[1]))
    number, head = told["number"], told["head"]
    if forge.variable("RUN_TITLE") != f"gate {number} {head}":
        forge.stop("附件不属于这一次检查")
    pull = forge.ask(f"repos/{repository}/pulls/{number}")
    if pull["head"]["sha"] != head:
        forge.note("这次修改又有新的提交，不写过时的结果")
        return 0
    body = f"{MARK}\n{told['markdown']}"
    for comment in forge.ask(f"repos/{repository}/issues/{number}/comments?per_page=100"):
        if comment["user"]["login"] == forge.BOT and comment["body"].startswith(MARK):
            forge.tell("PATCH", f"repos/{repository}/issues/comments/{int(comment['id'])}", {"body": body})  # fmt: skip
            return 0
    forge.tell("POST", f"repos/{repository}/issues/{number}/comments", {"body": body})
    return 0


def read(path: Path) -> dict[str, Any]:
    """The artifact, of the one shape it may have."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        forge.stop("附件不是应有的样子")
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        forge.stop("附件不是应有的样子")
    if not isinstance(told, dict) or told.keys() != SHAPE.keys():
        forge.stop("附件不是应有的样子")
    if any(type(told[name]) is not kind for name, kind in SHAPE.items()):
        forge.stop("附件不是应有的样子")
    forms = forge.NUMBER.fullmatch(str(told["number"])), forge.SHA.fullmatch(told["head"])
    if told["version"] != 1 or not all(forms) or len(told["markdown"]) > MAX_CHARACTERS:
        forge.stop("附件不是应有的样子")
    return told


if __name__ == "__main__":
    forge.main(main)
