"""Judges a pull request, or an entry of the merge queue, with the default branch's program.

Only objects of the head are fetched; nothing of it is checked out or run.  What is judged is
what would land: the head itself where it stands on the tip, else their mechanical merge.
Writes ``build/gate/``: the verdict as JSON, SARIF and Markdown, and ``comment.json``, the one
thing ``comment.yml`` reads.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import forge

OUT = Path("build/gate")
HEAD = "refs/mulu/head"
LIMIT = 60_000  # characters; the forge takes 65,536
SECONDS = 60
QUEUE = re.compile(
    r"refs/heads/gh-readonly-queue/[A-Za-z0-9._/-]+/pr-([1-9][0-9]{0,9})-[0-9a-f]{40}"
)
LANDER = "mulu <mulu@localhost> 946684800 +0000"


def main() -> int:
    """Fetch, merge, judge, report; the judge's own exit code."""
    head = forge.given("HEAD", forge.SHA)
    if forge.variable("QUEUE_REF"):
        reference = forge.given("QUEUE_REF", QUEUE)
        base = forge.given("QUEUE_BASE", forge.SHA)
        number = QUEUE.sub(r"\1", reference)
        repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
        login = str(forge.ask(f"repos/{repository}/pulls/{number}")["user"]["login"])
        fetch(reference, head)
        candidate = head
    else:
        number = forge.given("NUMBER", forge.NUMBER)
        login = forge.variable("LOGIN")
        if forge.INTAKE.fullmatch(forge.variable("BRANCH")) and forge.variable("FORK") == "false":
            login = asker(forge.variable("BRANCH"))
        base = forge.git("rev-parse", "HEAD")
        fetch(f"refs/pull/{number}/head", head)
        candidate = merged(base, head)
    who = ["--account", f"github:{login}"] if forge.LOGIN.fullmatch(login) else []
    return report(["review", base, candidate, "--repo", ".", *who], int(number), head)


def asker(branch: str) -> str:
    """Who wrote the issue that ``mulu intake`` made into a branch of this repository.

    Only the repository's own branches count: who can write those needs no issue to pretend.
    """
    repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
    issue = forge.INTAKE.sub(r"\1", branch)
    return str(forge.ask(f"repos/{repository}/issues/{issue}")["user"]["login"])


def fetch(reference: str, head: str) -> None:
    """The objects of the head, and the certainty that it is still the head of the event."""
    helper = ["-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential"]
    forge.git(*helper, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "origin", f"+{reference}:{HEAD}")  # fmt: skip
    if forge.git("rev-parse", HEAD) != head:
        forge.stop("这次修改又有新的提交，这一次检查作废，看后面的一次")


def merged(base: str, head: str) -> str:
    """The commit that would land, the same one each time.

    Without renames, so that each path equals one of the sides.
    """
    if forge.succeeds("merge-base", "--is-ancestor", base, head):
        return head
    call = ["git", "-c", "merge.renames=false", "-c", "merge.directoryRenames=false", "merge-tree", "--write-tree", "--name-only", base, head]  # fmt: skip
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        forge.stop("合并太费时间，不能判断")
    if done.returncode == 1:
        forge.stop("和主分支上的最新内容有冲突：请移到最新的登记簿上（rebase）再提交")
    if done.returncode:
        return head  # no common history, or a damaged one: the judge says what is wrong
    tree = done.stdout.split("\n", 1)[0]
    commit = f"tree {tree}\nparent {base}\nparent {head}\nauthor {LANDER}\ncommitter {LANDER}\n\n合入的样子\n"
    return forge.run(["git", "hash-object", "-t", "commit", "-w", "--stdin"], commit).strip()


def report(review: list[str], number: int, head: str) -> int:
    """Annotations to the log, everything else into files."""
    OUT.mkdir(parents=True, exist_ok=True)
    for form, name in (("json", "verdict.json"), ("sarif", "verdict.sarif"), ("markdown", "verdict.md")):  # fmt: skip
        forge.judge(*review, "--format", form, into=OUT / name)
    code = forge.judge(*review, "--format", "github")
    said = (OUT / "verdict.md").read_text("utf-8", "replace")
    markdown = shortened(said) if said.strip() else f"### 没有检查完\n\n检查程序没有给出结果（{code}），不能算通过。\n"  # fmt: skip
    comment = {"version": 1, "number": number, "head": head, "markdown": markdown}
    (OUT / "comment.json").write_text(json.dumps(comment, ensure_ascii=False), "utf-8")
    return code


def shortened(text: str) -> str:
    """Whole lines up to what the forge takes."""
    if len(text) <= LIMIT:
        return text
    return text[:LIMIT].rpartition("\n")[0] + "\n\n其余见检查结果的附件。\n"


if __name__ == "__main__":
    forge.main(main)
