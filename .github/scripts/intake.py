"""Takes an issue in, in two halves with different rights.

``record`` turns the event's issue into a branch and pushes it over what it has made itself
before, never over what others have added; ``tell`` opens or renews the
pull request, or says under the issue why it cannot be taken.  Between them lies one JSON file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import forge

OUT = Path("build/intake/answer.json")
LIMIT = 60_000
MARK = "<!-- mulu intake -->"


def main() -> int:
    """One of the two halves."""
    if sys.argv[1:2] == ["record"]:
        return record()
    return tell(Path(sys.argv[2]))


def record() -> int:
    """Draft, judge, commit, push; a refusal is an answer like any other."""
    number = forge.given("NUMBER", forge.NUMBER)
    event = forge.variable("GITHUB_EVENT_PATH")
    branch = f"intake/github-{number}"
    old = forge.git("for-each-ref", "--format=%(objectname)", f"refs/remotes/origin/{branch}")
    if old:
        forge.git("update-ref", f"refs/heads/{branch}", old)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    code = forge.judge("intake", event, "--repo", ".", "--base", "HEAD", into=OUT)
    if code not in (0, 1):
        return code
    if "commit" in json.loads(OUT.read_bytes()):
        helper = ["-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential"]
        forge.git(*helper, "push", "--quiet", f"--force-with-lease={branch}:{old}", "origin", f"refs/heads/{branch}:refs/heads/{branch}")  # fmt: skip
    return 0


def tell(file: Path) -> int:
    """Open or renew the pull request, or say why not."""
    number = forge.given("NUMBER", forge.NUMBER)
    repository = forge.given("GITHUB_REPOSITORY", forge.REPOSITORY)
    answer = json.loads(file.read_bytes()[: 1 << 20])
    if answer["version"] != 1:
        forge.stop("登记的结果不是应有的样子")
    if "refused" in answer:
        comment(repository, number, str(answer["comment"]))
        return 0
    branch = f"intake/github-{number}"
    owner = repository.partition("/")[0]
    about: dict[str, object] = {
        "title": str(answer["title"])[:200],
        "body": f"{str(answer['body'])[:LIMIT]}\n\n来自议题 #{number}。\n",
    }
    open_ones = forge.ask(f"repos/{repository}/pulls?state=open&head={owner}:{branch}")
    if open_ones:
        forge.tell("PATCH", f"repos/{repository}/pulls/{int(open_ones[0]['number'])}", about)
        return 0
    base = forge.ask(f"repos/{repository}")["default_branch"]
    made = forge.tell("POST", f"repos/{repository}/pulls", {**about, "head": branch, "base": base})
    comment(
        repository,
        number,
        f"已经登记，见合入请求 #{int(made['number'])}；检查的结果和以后的办理都在那里。\n",
    )
    return 0


def comment(repository: str, number: str, text: str) -> None:
    """One comment of ours under the issue, renewed each time."""
    body: dict[str, object] = {"body": f"{MARK}\n{text[:LIMIT]}"}
    for one in forge.ask(f"repos/{repository}/issues/{number}/comments?per_page=100"):
        if str(one["body"]).startswith(MARK) and one["user"]["type"] == "Bot":
            forge.tell("PATCH", f"repos/{repository}/issues/comments/{int(one['id'])}", body)
            return
    forge.tell("POST", f"repos/{repository}/issues/{number}/comments", body)


if __name__ == "__main__":
    forge.main(main)
