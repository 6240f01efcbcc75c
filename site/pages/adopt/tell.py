"""Writes what mulu found to Gitea, Forgejo or GitLab.  Copy to .ci/tell.py of the register.

    tell.py comment FILE    one comment under the pull request (Gitea, Forgejo), renewed each time
    tell.py todo FOLDER     one issue per agency, closed when nothing is left to do
    tell.py author          the account that proposed the merge request (GitLab)

Needs nothing but Python.  The token comes from TOKEN (Gitea, Forgejo) or MULU_TOKEN (GitLab)
and goes nowhere but to the forge's own address.  What was written is known again by the mark it
begins with and by who wrote it: nobody else's comment or issue is touched.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 60_000
MARK = re.compile(r"<!-- mulu (gate|todo [a-z0-9_-]{1,80}) -->\n")


@dataclass(frozen=True)
class Forge:
    """How a forge wants to be asked: address, token, and its names for things."""

    api: str
    project: str
    token: dict[str, str]
    text: str  # the field of an issue's body
    number: str  # the field of an issue's number
    person: str  # the field of who wrote it
    login: str  # the field of an account's name
    change: str  # the method that changes something
    opened: str  # the query for open issues, a page of them
    closing: dict[str, str]

    def ask(self, path: str, method: str = "GET", body: dict[str, str] | None = None) -> Any:
        """One question, or one thing to write."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {**self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.api + path, data, headers, method=method)  # noqa: S310  the forge's own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def issues(self) -> list[dict[str, Any]]:
        """Every open issue."""
        found: list[dict[str, Any]] = []
        page = 1
        while rows := self.ask(f"{self.project}/issues?{self.opened}&page={page}"):
            found += rows
            page += 1
        return found

    def own(self, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """What we wrote ourselves, by its mark; the first where there are several."""
        me = os.environ.get("BOT") or self.ask("/user")[self.login]  # noqa: TID251
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            mark = MARK.match(row.get(self.text) or row.get("body") or "")
            if mark and row[self.person][self.login] == me:
                found.setdefault(mark[1], row)
        return found


def forge() -> Forge:
    """The forge whose pipeline this runs in."""
    given = os.environ  # noqa: TID251  how a pipeline hands values to its steps
    if "CI_API_V4_URL" in given:
        project = f"/projects/{int(given['CI_PROJECT_ID'])}"
        token = {"PRIVATE-TOKEN": given["MULU_TOKEN"]}
        opened = "state=opened&scope=all&per_page=100"
        return Forge(given["CI_API_V4_URL"], project, token, "description", "iid", "author", "username", "PUT", opened, {"state_event": "close"})  # fmt: skip
    token = {"Authorization": f"token {given['TOKEN']}"}
    project = f"/repos/{given['GITHUB_REPOSITORY']}"
    opened = "state=open&type=issues&limit=50"
    return Forge(given["GITHUB_API_URL"], project, token, "body", "number", "user", "login", "PATCH", opened, {"state": "closed"})  # fmt: skip


def marked(mark: str, text: str) -> str:
    """A text that will be known again, of a length that every forge takes."""
    whole = f"<!-- mulu {mark} -->\n{text}"
    if len(whole) <= LIMIT:
        return whole
    return whole[:LIMIT].rpartition("\n")[0] + "\n\n其余见检查的日志。\n"


def comment(at: Forge, file: Path) -> None:
    """The verdict under the pull request; that nothing was judged is said too."""
    number = int(os.environ["NUMBER"])  # noqa: TID251
    said = file.read_text("utf-8") if file.is_file() else ""
    body = {
        "body": marked("gate", said or "### 没有检查完\n\n检查程序没有给出结果，不能算通过。\n")
    }
    kept = at.own(at.ask(f"{at.project}/issues/{number}/comments")).get("gate")
    if kept:
        at.ask(f"{at.project}/issues/comments/{int(kept['id'])}", "PATCH", body)
    else:
        at.ask(f"{at.project}/issues/{number}/comments", "POST", body)


def todo(at: Forge, folder: Path) -> None:
    """Make our open issues say what the files say."""
    kept = at.own(at.issues())
    for file in sorted(folder.glob("*.md")):
        text = file.read_text("utf-8")
        name = html.unescape(text.split("\n", 1)[0].removeprefix("## "))
        mark = f"todo {file.stem}"
        issue = {"title": f"待办：{name}", at.text: marked(mark, text)}
        row = kept.pop(mark, None)
        if row is None:
            at.ask(f"{at.project}/issues", "POST", issue)
        elif any((row[part] or "").strip() != words.strip() for part, words in issue.items()):
            at.ask(f"{at.project}/issues/{int(row[at.number])}", at.change, issue)
    for mark, row in kept.items():
        if mark.startswith("todo "):
            at.ask(f"{at.project}/issues/{int(row[at.number])}", at.change, at.closing)


def author(at: Forge) -> str:
    """Who proposed the merge request; not who started the pipeline."""
    number = int(os.environ["CI_MERGE_REQUEST_IID"])  # noqa: TID251
    return str(at.ask(f"{at.project}/merge_requests/{number}")["author"]["username"])


def main() -> None:
    """Do one of the three."""
    what, *where = sys.argv[1:]
    if what == "author":
        sys.stdout.write(author(forge()) + "\n")
    elif what == "comment":
        comment(forge(), Path(where[0]))
    elif what == "todo":
        todo(forge(), Path(where[0]))
    else:
        sys.exit(f"tell.py：没有 {what} 这个用法")


if __name__ == "__main__":
    main()
