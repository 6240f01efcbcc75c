"""Times ``mulu review`` in a register of 20,000 resources and 10,000 cases, against check-jsonschema.

    .venv/bin/python tests/bench/bench_review.py

check-jsonschema reads the changed files alone and holds them to their schema: no base, no
history, no references, no replay, no secrecy scan.  It is told which files those are.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from synthesise import write, write_cases

from bench import BIN, ROOT, TODAY, say, timed

_GIT = ["git", "-c", "user.name=n", "-c", "user.email=e@example.cn", "-c", "gc.auto=0"]
_AGENCY = "danwei-0007"


def main() -> None:
    """A change of one file cold and warm, of 100 and 5,000 records, and a tree bomb."""
    with tempfile.TemporaryDirectory(prefix="mulu-bench-") as name:
        root = Path(name)
        write(root, 20_000)
        write_cases(root, 10_000, 20_000)
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A")
        git(root, "commit", "-qm", "base")
        git(root, "gc", "-q")
        for count in (1, 100, 5_000):
            bench_change(root, count)
        bench_bomb(root)


def bench_change(root: Path, count: int) -> None:
    """``count`` resources get another update cycle and one new item each."""
    git(root, "checkout", "-q", "-b", f"change-{count}", "main")
    own = sorted((root / "catalog/resources" / _AGENCY).glob("*.yml"))
    files = (own + sorted((root / "catalog/resources").glob("*/*.yml")))[:count]
    for path in files:
        text = re.sub("update_cycle: .*", "update_cycle: weekly", path.read_text("utf-8"))
        path.write_text(text.replace("items:\n", "items:\n  - name: 联系窗口\n", 1), "utf-8")
    git(root, "commit", "-qam", "change")
    times: dict[str, list[tuple[float, int]]] = {"cold": [], "warm": []}
    for _ in range(3):
        shutil.rmtree(root / ".git/mulu", ignore_errors=True)
        for state in times:
            times[state].append(review(root, f"change-{count}"))
    schema = ROOT / "schemas/records/resource.schema.json"
    batches = [files[at : at + 1_000] for at in range(0, len(files), 1_000)]
    theirs = sum(timed([BIN / "check-jsonschema", "--schemafile", schema, *batch])[0] for batch in batches)  # fmt: skip
    cold, warm = (statistics.median(seconds for seconds, _ in times[state]) for state in times)
    memory = max(mebibytes for _, mebibytes in times["cold"])
    say(f"review {count:>6}  cold {cold:.2f} s · with the index {warm:.2f} s · {memory} MiB · check-jsonschema {theirs:.2f} s, ratio {cold / theirs:.2f}")  # fmt: skip
    git(root, "checkout", "-q", "main")


def review(root: Path, head: str) -> tuple[float, int]:
    """One review as a process of its own; its findings do not matter here."""
    command: list[str | Path] = [BIN / "mulu", "review", "main", head, "--repo", root, "--as", _AGENCY, "--today", TODAY, "--format", "json"]  # fmt: skip
    return timed(command, codes=(0, 1))


def bench_bomb(root: Path) -> None:
    """Eleven objects that unfold into 10^10 paths."""
    blob = git(root, "hash-object", "-w", "--stdin", text="x")
    mode, kind, sha = "100644", "blob", blob
    for _ in range(10):
        rows = "".join(f"{mode} {kind} {sha}\td{n}\n" for n in range(10))
        mode, kind, sha = "040000", "tree", git(root, "mktree", text=rows)
    tree = git(root, "mktree", text=f"040000 tree {sha}\tcatalog\n")
    head = git(root, "commit-tree", tree, "-p", "main", "-m", "bomb")
    seconds, memory = review(root, head)
    say(f"review   bomb  {seconds:.2f} s · {memory} MiB")


def git(root: Path, *arguments: str, text: str = "") -> str:
    """What a git command prints."""
    done = subprocess.run([*_GIT, "-C", str(root), *arguments], input=text, capture_output=True, text=True, check=True)  # fmt: skip
    return done.stdout.strip()


if __name__ == "__main__":
    main()
