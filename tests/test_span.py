"""Histories that try something: each is refused by its code, nothing is executed, nothing is written."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from changes import fast_import, lines_of, review_commits
from mulu.cli.shell import Stop
from mulu.tree.objects import MAX_PATHS
from mulu.tree.span import MAX_COMMITS
from registers import EXAMPLES, ROOT, files_below

COMMON = files_below(EXAMPLES / "common")
RESOURCE = "catalog/resources/minzheng/hunyin-dengji.yml"
AGENCY = "catalog/agencies/minzheng.yml"


class Repo:
    """A bare repository in which a test makes objects of any shape."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
        fast_import(path, {"main": ([COMMON, COMMON | {"catalog/.gitkeep": b""}], "x")})
        self.base = self.git("rev-parse", "main/base").decode().strip()

    def git(self, *arguments: str, text: bytes = b"") -> bytes:
        """What a git command prints."""
        names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "n"), ("EMAIL", "e@example.cn"), ("DATE", "1750000000 +0800"))}  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=text, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **names},
        )  # fmt: skip
        return done.stdout

    def blob(self, source: bytes) -> str:
        """The hash of a written blob."""
        return self.git("hash-object", "-w", "--stdin", text=source).decode().strip()

    def tree(self, rows: list[tuple[str, bytes, str]]) -> str:
        """A tree of (mode, name, hash), written as it is, however odd."""
        source = b"".join(m.encode() + b" " + n + b"\0" + bytes.fromhex(h) for m, n, h in rows)
        return self.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", text=source).decode().strip()  # fmt: skip

    def commit(self, tree: str, *parents: str, message: bytes = b"x") -> str:
        """A commit of a tree."""
        names = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *names, text=message).decode().strip()

    def files(self, files: dict[str, bytes], *, mode: str = "100644") -> str:
        """The tree of some files, all of one mode."""
        blobs = {source: self.blob(source).encode() for source in set(files.values())}
        rows = b"".join(b"%s %s\t%s\0" % (mode.encode(), blobs[s], p.encode()) for p, s in files.items())  # fmt: skip
        index = {"GIT_INDEX_FILE": str(self.path / "index.test")}
        (self.path / "index.test").unlink(missing_ok=True)
        command = ["git", "-C", str(self.path)]
        subprocess.run([*command, "update-index", "-z", "--index-info"], input=rows, check=True, env={"PATH": "/usr/bin:/bin", **index})  # fmt: skip
        done = subprocess.run([*command, "write-tree"], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **index})  # fmt: skip
        (self.path / "index.test").unlink()
        return done.stdout.decode().strip()

    def step(self, changed: dict[str, bytes], *parents: str, message: bytes = b"x") -> str:
        """A commit of the common register with some files changed."""
        return self.commit(
            self.files(COMMON | changed), *(parents or (self.base,)), message=message
        )

    def refs(self) -> bytes:
        """Everything that names a commit: the judge must leave it alone."""
        return self.git("for-each-ref")

    def review(self, head: str, *, base: str = "", agency: str = "minzheng") -> list[str]:
        """What the judge says, a line each; it changed no ref and took less than a second of work."""
        before = self.refs()
        review = review_commits(self.path, base or self.base, head, agency)
        assert self.refs() == before
        assert not review.verdict.faults
        return lines_of(review)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "r.git")


def codes(lines: list[str]) -> set[str]:
    return {found[1] for line in lines if (found := re.search(r":\d+:\d+ ([a-z-]+)", line))}


def edited(**more: bytes) -> dict[str, bytes]:
    return {RESOURCE: COMMON[RESOURCE].replace(b"daily", b"monthly"), **more}


def test_a_plain_step_passes(repo: Repo) -> None:
    assert repo.review(repo.step(edited())) == []


def test_no_step_passes(repo: Repo) -> None:
    assert repo.review(repo.base) == []


def test_a_head_that_does_not_follow_base(repo: Repo) -> None:
    other = repo.step({AGENCY: COMMON[AGENCY] + b"note: x\n"})
    assert codes(repo.review(repo.step(edited()), base=other)) == {"head-not-on-base"}


def test_an_unrelated_history(repo: Repo) -> None:
    stranger = repo.commit(repo.files({"README": b"x"}))
    merged = repo.commit(repo.files(COMMON | edited()), repo.base, stranger)
    assert "unrelated-history" in codes(repo.review(merged))
    assert codes(repo.review(stranger)) == {"head-not-on-base"}


def test_an_octopus_merge(repo: Repo) -> None:
    sides = [repo.step({f"catalog/{n}.txt": b"x"}) for n in "ab"]
    merged = repo.commit(repo.files(COMMON), repo.base, *sides)
    assert "octopus-merge" in codes(repo.review(merged))


def test_a_mechanical_merge_passes(repo: Repo) -> None:
    ours = repo.step(edited())
    theirs = repo.step({AGENCY: COMMON[AGENCY].replace("局长".encode(), "主任".encode())})
    files = COMMON | edited(**{AGENCY: COMMON[AGENCY].replace("局长".encode(), "主任".encode())})
    merged = repo.commit(repo.files(files), ours, theirs)
    assert repo.review(merged) == []


def test_an_evil_merge(repo: Repo) -> None:
    ours, theirs = (
        repo.step(edited()),
        repo.step({AGENCY: COMMON[AGENCY] + "note: 备注\n".encode()}),
    )
    evil = COMMON | edited() | {AGENCY: COMMON[AGENCY] + "note: 夹带\n".encode()}
    assert "merge-not-mechanical" in codes(repo.review(repo.commit(repo.files(evil), ours, theirs)))


def test_a_merge_that_drops_one_side(repo: Repo) -> None:
    """``git merge -s ours``: the other side's change is undone without a word."""
    ours, theirs = (
        repo.step(edited()),
        repo.step({AGENCY: COMMON[AGENCY] + "note: 备注\n".encode()}),
    )
    merged = repo.commit(repo.files(COMMON | edited()), ours, theirs)
    assert "merge-not-mechanical" in codes(repo.review(merged))


def test_both_sides_of_a_merge_changed_one_file(repo: Repo) -> None:
    ours = repo.step(edited())
    theirs = repo.step({RESOURCE: COMMON[RESOURCE].replace(b"daily", b"weekly")})
    merged = repo.commit(repo.files(COMMON | edited()), ours, theirs)
    assert "merge-both-sides" in codes(repo.review(merged))


def test_a_change_taken_back_by_the_next_commit_is_seen(repo: Repo) -> None:
    there = repo.step({AGENCY.replace("minzheng", "gongan"): COMMON[AGENCY.replace("minzheng", "gongan")] + b"note: x\n"})  # fmt: skip
    back = repo.commit(repo.files(COMMON), there)
    assert codes(repo.review(back)) == {"not-your-record"}


def bomb(repo: Repo) -> str:
    """Ten trees of ten entries each: 10^10 paths in eleven objects."""
    here, mode = repo.blob(b"x"), "100644"
    for _ in range(10):
        here, mode = repo.tree([(mode, b"d%d" % n, here) for n in range(10)]), "40000"
    return here


@pytest.mark.parametrize("where", [b"catalog", b"zip"])
def test_a_tree_of_ten_thousand_million_paths(repo: Repo, where: bytes) -> None:
    rows = [("40000", where, bomb(repo))]
    head = repo.commit(repo.tree(rows), repo.base)
    start = time.perf_counter()
    found = codes(repo.review(head))
    assert "too-many-paths" in found
    assert time.perf_counter() - start < 3, "half a second here; a runner may be slow"


def test_too_many_paths_on_both_sides_of_the_limit(repo: Repo) -> None:
    def head(count: int) -> str:
        return repo.step({f"docs/{n}": b"x" for n in range(count)})

    assert "too-many-paths" not in codes(repo.review(head(MAX_PATHS - 1), agency="zhengshu"))
    assert "too-many-paths" in codes(repo.review(head(MAX_PATHS + 1), agency="zhengshu"))


def test_too_many_commits_on_both_sides_of_the_limit(repo: Repo) -> None:
    states = [COMMON, *({**COMMON, "a": b"%d" % n} for n in range(MAX_COMMITS + 1))]
    fast_import(repo.path, {"long": (states, "x")})
    assert "too-many-commits" in codes(repo.review("long/head", base="long/base"))
    assert "too-many-commits" not in codes(repo.review("long/head~1", base="long/base", agency="zhengshu"))  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "where"),
    [("120000", RESOURCE), ("120000", "docs/link"), ("100755", RESOURCE), ("160000", "catalog/sub"), ("160000", "sub"), ("100664", RESOURCE)],
)  # fmt: skip
def test_odd_modes(repo: Repo, mode: str, where: str) -> None:
    sha = repo.base if mode == "160000" else repo.blob(b"/etc/passwd")
    parts = where.split("/")
    here, kind = sha, mode
    for part in reversed(parts):
        here, kind = repo.tree([(kind, part.encode(), here)]), "40000"
    assert "not-a-file" in codes(repo.review(repo.commit(here, repo.base), agency="zhengshu"))


@pytest.mark.parametrize(
    "name",
    [b"a\nb.yml", b"..", b".git", b".GIT", b"\xff\xfe.yml", b"a\x1b[31m.yml", "a\u202e.yml".encode(), b"A.yml", b"a b.yml", b"-rf.yml", b"$(id).yml", "编目.yml".encode()],
)  # fmt: skip
def test_odd_names(repo: Repo, name: bytes) -> None:
    folder = repo.tree([("100644", name, repo.blob(COMMON[RESOURCE]))])
    tree = repo.tree([("40000", b"catalog", repo.tree([("40000", b"resources", repo.tree([("40000", b"minzheng", folder)]))]))])  # fmt: skip
    lines = repo.review(repo.commit(tree, repo.base))
    assert "bad-name" in codes(lines)
    assert all(line.isprintable() for line in lines)


def test_names_that_differ_by_case_alone(repo: Repo) -> None:
    blob = repo.blob(COMMON[RESOURCE])
    folder = repo.tree([("100644", b"A.yml", blob), ("100644", b"a.yml", blob)])
    tree = repo.tree([("40000", b"catalog", repo.tree([("40000", b"resources", repo.tree([("40000", b"minzheng", folder)]))]))])  # fmt: skip
    assert "colliding-names" in codes(repo.review(repo.commit(tree, repo.base)))


def test_a_tree_that_names_one_file_twice(repo: Repo) -> None:
    tree = repo.tree([("100644", b"a", repo.blob(b"1")), ("100644", b"a", repo.blob(b"2"))])
    assert "bad-tree" in codes(repo.review(repo.commit(tree, repo.base)))


def test_a_folder_too_deep(repo: Repo) -> None:
    assert "path-too-deep" in codes(repo.review(repo.step({"catalog/a/b/c/d/e/f/g/h/i.yml": b"x"})))


def test_attributes_and_settings_of_the_head_have_no_say(repo: Repo) -> None:
    """``.gitattributes`` may ask for filters, other encodings or no diff: bytes are read as stored."""
    tricks = (
        b"*.yml filter=evil diff=evil working-tree-encoding=UTF-16 export-ignore text eol=crlf\n"
    )
    lines = repo.review(repo.step({".gitattributes": tricks, **edited()}), agency="zhengshu")
    assert codes(lines) == {"governance-apart", "not-your-record"}


def test_replaced_objects_have_no_say(repo: Repo) -> None:
    head = repo.step({AGENCY.replace("minzheng", "gongan"): b"title: x\n"})
    good = repo.step(edited())
    repo.git("replace", head, good)
    assert "not-your-record" in codes(repo.review(head))


def test_a_record_beyond_the_size_limit(repo: Repo) -> None:
    def lines(size: int) -> list[str]:
        body = COMMON[RESOURCE]
        return repo.review(
            repo.step({RESOURCE: body + b"#" + b"x" * (size - len(body) - 2) + b"\n"})
        )

    assert "file-too-large" not in codes(lines(64 * 1024))
    assert "file-too-large" in codes(lines(64 * 1024 + 1))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "deep flow": lambda: b"title: " + b"[" * 30_000,
    "anchors": lambda: b"a: &a [x]\n" + b"b: *a\n" * 9_000,
    "one long line": lambda: b"title: " + b"x" * 65_000,
    "many keys": lambda: b"".join(b"k%d: 1\n" % n for n in range(8_000)),
    "binary": lambda: bytes(range(256)) * 200,
    "nul": lambda: b"\0" * 60_000,
    "open quotes": lambda: b'title: "' + b"\\" * 60_000,
    "many acts": lambda: b"acts:\n" + b"  - act: a\n" * 5_000,
    "commands": "title: $(touch /tmp/pwned) `id` ::error::x\n".encode,
    "digits": lambda: b"title: " + b"1" * 65_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_a_finding_and_costs_little(repo: Repo, what: str) -> None:
    start = time.perf_counter()
    lines = repo.review(repo.step({RESOURCE: HOSTILE[what]()}))
    assert lines
    assert time.perf_counter() - start < 3


def test_words_that_would_be_commands_stay_words(repo: Repo) -> None:
    title = b"title: $(touch pwned) ::error::x`id`\n"
    body = title + COMMON[RESOURCE].partition(b"\n")[2]
    assert repo.review(repo.step({RESOURCE: body}, message=b"::error::$(id)\n\x1b[31m")) == []
    assert not list(repo.path.glob("pwned"))


def test_rules_that_would_not_hold_together_are_refused_before_they_rule(repo: Repo) -> None:
    files = {f"schemas/{path}": source for path, source in files_below(ROOT / "schemas").items()}
    base = repo.step(files)
    name = "schemas/policies/shenzhen-2015/procedures/correction.yml"
    dead = files[name].replace(b"outcome: met", "says: 没有终点".encode())
    spoilt = repo.commit(repo.files(COMMON | files | {name: dead}), base)
    assert "procedure-dead-end" in codes(repo.review(spoilt, base=base, agency="zhengshu"))
    schema = "schemas/records/resource.schema.json"
    broken = repo.commit(repo.files(COMMON | files | {schema: b"{"}), base)
    assert "schemas-unreadable" in codes(repo.review(broken, base=base, agency="zhengshu"))


def test_a_secret_in_the_name_of_a_branch(repo: Repo) -> None:
    repo.git("branch", "a-" + "138" + "0013" + "8000", repo.step(edited()))
    head = "a-" + "138" + "0013" + "8000"
    assert codes(repo.review(head)) <= {"secret-found"}


# ---------------------------------------------------------------------- what cannot be judged


def refusals() -> Iterator[tuple[str, Callable[[Repo, Path], tuple[Path, str, str]]]]:
    def shallow(repo: Repo, to: Path) -> tuple[Path, str, str]:
        repo.git("branch", "long", repo.step(edited()))
        subprocess.run(["git", "clone", "-q", "--bare", "--depth=1", "-b", "long", f"file://{repo.path}", str(to)], check=True)  # fmt: skip
        return to, "HEAD", "HEAD"

    def partial(repo: Repo, to: Path) -> tuple[Path, str, str]:
        repo.git("config", "uploadpack.allowFilter", "true")
        subprocess.run(["git", "clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(to)], check=True)  # fmt: skip
        return to, "main/base", "main/head"

    def missing(repo: Repo, to: Path) -> tuple[Path, str, str]:
        head = repo.step(edited())
        sha = repo.blob(edited()[RESOURCE])
        (repo.path / "objects" / sha[:2] / sha[2:]).unlink()
        return repo.path, repo.base, head

    def no_repository(repo: Repo, to: Path) -> tuple[Path, str, str]:
        to.mkdir()
        return to, "a", "b"

    yield "a shallow clone", shallow
    yield "a partial clone", partial
    yield "a missing object", missing
    yield "no repository", no_repository
    yield "no such commit", lambda repo, to: (repo.path, repo.base, "0" * 40)
    yield "an option for a commit", lambda repo, to: (repo.path, repo.base, "--output=pwned")


@pytest.mark.parametrize(("what", "make"), list(refusals()), ids=[name for name, _ in refusals()])
def test_what_cannot_be_judged_is_refused(
    repo: Repo, tmp_path: Path, what: str, make: Callable[[Repo, Path], tuple[Path, str, str]]
) -> None:
    path, base, head = make(repo, tmp_path / "clone")
    with pytest.raises(Stop) as refused:
        review_commits(path, base, head, "minzheng")
    assert refused.value.code == 4
