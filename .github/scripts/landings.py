"""Judges everything that landed on the main branch since the site was last published.

What landed is judged by the register before it, whoever put it there and whatever the checks
of a pull request said.  One landing that fails ends the run, and the site stays as it is.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import forge


def main() -> int:
    """The first code that refuses, or 0."""
    repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
    head = forge.git("rev-parse", "HEAD")
    last = since() or published(repository)
    if last is None:
        forge.note("还没有发布过：检查整个登记簿")
        return forge.judge("check", "--at", "HEAD", "--format", "github")
    if not forge.succeeds("merge-base", "--is-ancestor", last, head):
        forge.stop(f"已发布的提交 {last[:12]} 不在主分支的历史里：历史被改写过")
    before = last
    for landing in forge.git("rev-list", "--first-parent", "--reverse", f"{last}..{head}").split():
        if forge.git("rev-parse", f"{landing}^1") != before:
            forge.stop(f"合入 {landing[:12]} 不是接在 {before[:12]} 之后")
        code = review(repository, before, landing)
        if code:
            forge.note(f"合入 {landing[:12]} 没有通过，网站保持原样", "error")
            return code
        before = landing
    return 0


def review(repository: str, base: str, landing: str) -> int:
    """One landing, in the name of who proposed it."""
    forge.note(f"检查合入 {landing[:12]}")
    login = proposer(repository, landing)
    who = ["--account", f"github:{login}"] if login else []
    return forge.judge("review", base, landing, "--repo", ".", *who, "--format", "github")


def proposer(repository: str, landing: str) -> str:
    """The account whose merged pull request brought a commit, or '' where there is not just one."""
    branch = forge.git("symbolic-ref", "--short", "HEAD")
    pulls = forge.ask(f"repos/{repository}/commits/{landing}/pulls?per_page=100")
    logins = {str(one["user"]["login"]) for one in pulls if one["merged_at"] and one["base"]["ref"] == branch}  # fmt: skip
    found = logins.pop() if len(logins) == 1 else ""
    return found if forge.LOGIN.fullmatch(found) else ""


def since() -> str | None:
    """The commit that a person with the right to run this by hand has named, if any."""
    if not forge.variable("SINCE"):
        return None
    named = forge.given("SINCE", forge.SHA)
    forge.note(f"由人指定从 {named[:12]} 之后检查", "warning")
    return named


def published(repository: str) -> str | None:
    """The commit the deployed site was built from; None where there is no site yet.

    A site that does not answer is not taken for none: then less would be judged.
    """
    address = str(forge.ask(f"repos/{repository}/pages")["html_url"])
    if not address.startswith("https://"):
        forge.stop("网站的地址不是 https")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "build.json"
        status = forge.run(["curl", "--silent", "--show-error", "--location", "--proto", "=https", "--max-time", "60", "--max-filesize", "200000000", "--output", str(file), "--write-out", "%{http_code}", f"{address.rstrip('/')}/build.json"])  # fmt: skip
        if status == "404":
            return None
        if status != "200":
            forge.stop(f"读不到已发布的网站（{status}），不知道上次发布到哪里")
        try:
            commit = str(json.loads(file.read_bytes())["commit"])
        except (ValueError, KeyError, TypeError):
            commit = ""
    if not forge.SHA.fullmatch(commit):
        forge.stop("已发布的 build.json 没有写明提交")
    return commit


if __name__ == "__main__":
    forge.main(main)
