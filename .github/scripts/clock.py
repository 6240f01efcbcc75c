"""One issue per agency with what is overdue and what is due soon; closed when nothing is.

Reads what ``mulu todo`` wrote: the duties as JSON for the names, and a Markdown file an agency
for the bodies.  An issue is known by the mark in its body and by who wrote it, so a renamed
agency keeps its issue and nobody else's issue is touched.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import forge

LABEL = "待办"
MARK = re.compile(r"<!-- mulu todo ([a-z0-9_-]{1,80}) -->\n")


def main() -> int:
    """Make the open issues say what the files say."""
    repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
    names = titles(Path(sys.argv[1]))
    bodies = {file.stem: f"<!-- mulu todo {file.stem} -->\n{file.read_text('utf-8')}" for file in sorted(Path(sys.argv[2]).glob("*.md"))}  # fmt: skip
    forge.run(["gh", "label", "create", LABEL, "--force", "--color", "c5221f", "--description", "超期和将到期的事项，每天更新"])  # fmt: skip
    kept = open_issues(repository)
    for agency, body in bodies.items():
        wanted = {"title": f"待办：{names.get(agency, agency)}", "body": body}
        issue = kept.pop(agency, None)
        if issue is None:
            forge.tell("POST", f"repos/{repository}/issues", {**wanted, "labels": [LABEL]})
        elif any(issue[name].strip() != text.strip() for name, text in wanted.items()):
            forge.tell("PATCH", f"repos/{repository}/issues/{issue['number']}", dict(wanted))
    for issue in kept.values():
        forge.tell("PATCH", f"repos/{repository}/issues/{issue['number']}", {"state": "closed"})
    return 0


def titles(file: Path) -> dict[str, str]:
    """The agencies' names by their keys."""
    duties = json.loads(file.read_bytes())["duties"]
    return {"_nobody": "没有单位担任"} | {duty["agency"]: duty["agency_title"] for duty in duties if duty["agency"]}  # fmt: skip


def open_issues(repository: str) -> dict[str, dict[str, Any]]:
    """Our own open issues by agency; a second one for the same agency is closed with the rest."""
    found: dict[str, dict[str, Any]] = {}
    rows = forge.ask(f"repos/{repository}/issues?state=open&labels={quote(LABEL)}&per_page=100")  # fmt: skip
    for issue in sorted(rows, key=lambda row: int(row["number"])):
        mark = MARK.match(issue["body"] or "")
        if mark and issue["user"]["login"] == forge.BOT and "pull_request" not in issue:
            agency = mark[1] if mark[1] not in found else f"{mark[1]} {issue['number']}"
            found[agency] = issue
    return found


if __name__ == "__main__":
    forge.main(main)
