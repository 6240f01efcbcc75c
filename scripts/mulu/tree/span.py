"""What lies between two commits: every commit, what each one changed, and whether merges are mechanical.

The judge looks at each commit and not at the net difference alone, because a change that is
taken back by the next commit happened all the same.  A merge may bring together and nothing
else: each path equals the side that changed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from git import Repo

from mulu.findings import Finding, Place, Rule, Stage
from mulu.tree import limits
from mulu.tree.commit import git, sha_of
from mulu.tree.objects import MAX_MERGE_PATHS, Comparison, Delta, Objects, OverBudgetError

_WHY = "登记簿的历史就是证据：每一步都接在上一步之后，合并只汇合、不夹带，才能说清每一处是谁改的。"


def _rule(code: str, title: str, says: str, fix: str) -> Rule:
    return Rule(code, title, says, fix, _WHY, stage=Stage.CHANGE)


NOT_ON_BASE = _rule("head-not-on-base", "没有接在现有登记簿之后", "提交 {head} 不是从登记簿的 {base} 继续下来的", "先取得最新的登记簿，把自己的修改移到它后面（rebase），再提交")  # fmt: skip
UNRELATED = _rule("unrelated-history", "混入了别的历史", "提交 {commit} 没有上一个提交，不属于这个登记簿", "只在登记簿原有的历史上修改，不合并别的仓库")  # fmt: skip
OCTOPUS = _rule("octopus-merge", "一次合并了多个分支", "提交 {commit} 同时合并了 {count} 个分支", "每次只合并一个分支")  # fmt: skip
EVIL_MERGE = _rule("merge-not-mechanical", "合并时夹带了修改", "合并 {commit} 里，这个文件和改过它的那一边不一样", "不要在合并时改内容；移到最新的登记簿上重做（rebase）")  # fmt: skip
BOTH_SIDES = _rule("merge-both-sides", "两边都改过", "合并 {commit} 的两边都改过这个文件", "移到最新的登记簿上重做（rebase），不用合并")  # fmt: skip
UNCLEAR_MERGE = _rule("merge-unclear", "合并的来处不清", "合并 {commit} 的两边没有唯一的共同来处", "移到最新的登记簿上重做（rebase），不用合并")  # fmt: skip
TOO_MANY_COMMITS = _rule("too-many-commits", "提交过多", "这次改动超过 {limit} 个提交，没有看完", "分成几次提交，或合成较少的提交")  # fmt: skip

RULES = (NOT_ON_BASE, UNRELATED, OCTOPUS, EVIL_MERGE, BOTH_SIDES, UNCLEAR_MERGE, TOO_MANY_COMMITS)

MAX_COMMITS = 2_000
_NO_CACHE = ("-c", "core.commitGraph=false")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the span: its parents, its tree, its message, and what it changed itself."""

    sha: str
    parents: tuple[str, ...]
    tree: str
    message: bytes
    deltas: tuple[Delta, ...] = ()


@dataclass(slots=True)
class Span:
    """From base to head: the commits, oldest first, and the files that differ in the end.

    ``findings`` are what is wrong with the history itself; a span that could not be read to
    its end has one and is not ``whole``.
    """

    base: str
    head: str
    commits: list[Commit] = field(default_factory=list[Commit])
    deltas: tuple[Delta, ...] = ()
    findings: list[Finding] = field(default_factory=list[Finding])
    whole: bool = True


def read(repo: Repo, objects: Objects, base: str, head: str) -> Span:
    """Everything between two revisions.

    Raises NoRepositoryError where a revision or an object does not exist.
    """
    span = Span(sha_of(repo, base), sha_of(repo, head))
    if not _descends(repo, span):
        return span
    try:
        for commit in _commits(repo, objects, span):
            span.commits.append(_with_deltas(repo, objects, span, commit))
        net = Comparison(objects)
        span.deltas = tuple(net.deltas(tree_of(objects, span.base), tree_of(objects, span.head)))
        span.findings.extend(net.findings)
    except OverBudgetError as error:
        span.findings.append(error.finding)
        span.whole = False
    span.findings = list({(f.rule.code, f.place.path, *sorted(f.values.items())): f for f in span.findings}.values())  # fmt: skip
    return span


def tree_of(objects: Objects, commit: str) -> str:
    """The tree of a commit."""
    return _parse(commit, objects.read(commit)).tree


def _descends(repo: Repo, span: Span) -> bool:
    base = git(repo, *_NO_CACHE, "merge-base", "--all", span.base, span.head, quiet=True)
    if base.decode().split() == [span.base]:
        return True
    finding = NOT_ON_BASE.finding(Place(""), base=span.base[:12], head=span.head[:12])
    span.findings.append(finding)
    span.whole = False
    return False


def _commits(repo: Repo, objects: Objects, span: Span) -> Iterator[Commit]:
    """The commits of head that base does not have, oldest first."""
    listing = git(
        repo, *_NO_CACHE, "rev-list", "--topo-order", f"--max-count={MAX_COMMITS + 1}", span.head, f"^{span.base}"
    )  # fmt: skip
    names = listing.decode().split()
    if len(names) > MAX_COMMITS:
        raise OverBudgetError(TOO_MANY_COMMITS.finding(Place(""), limit=MAX_COMMITS))
    for sha in reversed(names):
        yield _parse(sha, objects.read(sha))


def _with_deltas(repo: Repo, objects: Objects, span: Span, commit: Commit) -> Commit:
    short = commit.sha[:12]
    if len(commit.parents) == 0:
        span.findings.append(UNRELATED.finding(Place(""), commit=short))
        return commit
    if len(commit.parents) > 2:
        span.findings.append(OCTOPUS.finding(Place(""), commit=short, count=len(commit.parents)))
        return commit
    if len(commit.parents) == 2:
        span.findings.extend(_merge_problems(repo, objects, commit))
        return commit
    own = Comparison(objects)
    deltas = tuple(own.deltas(tree_of(objects, commit.parents[0]), commit.tree))
    span.findings.extend(own.findings)
    return Commit(commit.sha, commit.parents, commit.tree, commit.message, deltas)


def _merge_problems(repo: Repo, objects: Objects, commit: Commit) -> Iterator[Finding]:
    """Paths of a merge that do not equal the side that changed them."""
    found = git(repo, *_NO_CACHE, "merge-base", "--all", *commit.parents, quiet=True)
    bases = found.decode().split()
    if len(bases) != 1:
        yield UNCLEAR_MERGE.finding(Place(""), commit=commit.sha[:12])
        return
    fork = tree_of(objects, bases[0])
    ours, theirs, merged = (
        _changed(objects, fork, tree)
        for tree in (*(tree_of(objects, parent) for parent in commit.parents), commit.tree)
    )
    for path in sorted(ours.keys() | theirs.keys() | merged.keys()):
        sides = {side[path] for side in (ours, theirs) if path in side}
        if len(sides) > 1:
            yield BOTH_SIDES.finding(Place(limits.shown(path)), commit=commit.sha[:12])
        elif merged.get(path) != next(iter(sides), None):
            yield EVIL_MERGE.finding(Place(limits.shown(path)), commit=commit.sha[:12])


def _changed(objects: Objects, before: str, after: str) -> dict[str, str]:
    comparison = Comparison(objects, limit=MAX_MERGE_PATHS)
    return {delta.path: delta.after for delta in comparison.deltas(before, after)}


def _parse(sha: str, source: bytes) -> Commit:
    """A commit object: its headers to the first empty line, then the message."""
    head, _, message = source.partition(b"\n\n")
    rows = [row.split(b" ", 1) for row in head.split(b"\n") if b" " in row]
    parents = tuple(value.decode("ascii", "replace") for name, value in rows if name == b"parent")
    tree = next((value.decode("ascii", "replace") for name, value in rows if name == b"tree"), "")
    return Commit(sha, parents, tree, message)
