"""A directory and a commit are one thing to the register; odd files are findings."""

import os
import subprocess
from pathlib import Path

import pytest

from mulu.tree.commit import Commit, NoRepositoryError, folder_of, history, open_repository
from mulu.tree.directory import Directory
from mulu.tree.limits import FOLDERS, collisions, name_problem
from registers import EXAMPLES

GOOD = b"title: \xe7\x94\xb2\n"


def git(folder: Path, *arguments: str, day: str = "2026-03-02T23:30:00+0000") -> str:
    """Run git as a fixed person at a fixed time."""
    identity = {"GIT_AUTHOR_NAME": "甲单位", "GIT_AUTHOR_EMAIL": "a@example.cn", "GIT_COMMITTER_NAME": "甲单位", "GIT_COMMITTER_EMAIL": "a@example.cn", "GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day, "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, **identity}, check=True, capture_output=True, text=True).stdout  # fmt: skip


def put(root: Path, path: str, source: bytes = GOOD) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)
    return target


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    put(tmp_path, "catalog/agencies/a.yml")
    put(tmp_path, "negative-list/laws/b.yml")
    put(tmp_path, "README.md", b"# x\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "建立登记簿")
    return tmp_path


def read(tree: Directory | Commit) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    files = dict(tree.files(*FOLDERS))
    return files, sorted((finding.rule.code, finding.place.path) for finding in tree.findings)


def test_directory_and_commit_agree(repository: Path) -> None:
    expected = {"catalog/agencies/a.yml": GOOD, "negative-list/laws/b.yml": GOOD}
    assert read(Directory(repository)) == (expected, [])
    assert read(Commit(open_repository(repository), "HEAD")) == (expected, [])


def test_the_commit_is_read_not_the_working_copy(repository: Path) -> None:
    put(repository, "catalog/agencies/a.yml", b"title: changed\n")
    files, _ = read(Commit(open_repository(repository), "HEAD"))
    assert files["catalog/agencies/a.yml"] == GOOD


def test_odd_files_are_findings_on_both(repository: Path) -> None:
    (repository / "catalog/agencies/link.yml").symlink_to("a.yml")
    put(repository, "catalog/agencies/Big.yml")
    put(repository, "catalog/agencies/名称.yml")
    put(repository, "catalog/agencies/large.yml", b"a" * 65_537)
    put(repository, "catalog/agencies/limit.yml", b"a" * 65_536)
    put(repository, "catalog/a/b/c/d/e/f/g/h.yml")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "x")
    expected = [
        ("bad-name", "catalog/agencies/Big.yml"),
        ("bad-name", "catalog/agencies/名称.yml"),
        ("file-too-large", "catalog/agencies/large.yml"),
        ("not-a-file", "catalog/agencies/link.yml"),
        ("path-too-deep", "catalog/a/b/c/d/e/f/g/h.yml"),
    ]
    for tree in (Directory(repository), Commit(open_repository(repository), "HEAD")):
        files, findings = read(tree)
        assert findings == expected
        assert sorted(files) == ["catalog/agencies/a.yml", "catalog/agencies/limit.yml", "negative-list/laws/b.yml"]  # fmt: skip


def test_a_folder_named_like_a_record_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "catalog" / "x.yml").mkdir(parents=True)
    os.mkfifo(tmp_path / "catalog" / "pipe.yml")
    _, findings = read(Directory(tmp_path))
    assert findings == [("not-a-file", "catalog/pipe.yml"), ("not-a-file", "catalog/x.yml")]


def test_an_unreadable_file_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "catalog/agencies/a.yml")
    put(tmp_path, "catalog/agencies/b.yml")
    opened = Path.open

    def refuse(path: Path, *arguments: str) -> object:
        if path.name == "a.yml":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    files, findings = read(Directory(tmp_path))
    assert findings == [("unreadable", "catalog/agencies/a.yml")]
    assert list(files) == ["catalog/agencies/b.yml"]


def test_names_that_differ_only_in_case_collide() -> None:
    found = list(collisions(["catalog/a.yml", "catalog/A.yml", "catalog/b.yml"]))
    assert [(f.rule.code, f.place.path, f.values["other"]) for f in found] == [("colliding-names", "catalog/a.yml", "catalog/A.yml")]  # fmt: skip


@pytest.mark.parametrize("path", ["a/b\nc.yml", "a/-x.yml", "a/x y.yml", "a/" + "x" * 81 + ".yml", "a/.hidden", "a/x.yml.bak"])  # fmt: skip
def test_names_outside_the_rule_are_refused(path: str) -> None:
    problem = name_problem(path)
    assert problem is not None
    assert problem.rule.code == "bad-name"
    assert "\n" not in problem.place.path


def test_the_longest_name_is_accepted() -> None:
    assert name_problem("a/" + "x" * 80 + ".yml") is None


def test_no_repository_no_commit_and_shallow_clone_say_what_to_do(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    bare = tmp_path_factory.mktemp("bare")
    with pytest.raises(NoRepositoryError, match="不在 Git 仓库里"):
        open_repository(bare)
    git(bare, "init", "-q")
    with pytest.raises(NoRepositoryError, match="还没有提交"):
        open_repository(bare)
    put(repository, "catalog/agencies/c.yml")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    shallow = tmp_path_factory.mktemp("clones") / "shallow"
    git(repository, "clone", "-q", "--depth", "1", f"file://{repository}", str(shallow))
    with pytest.raises(NoRepositoryError, match="unshallow"):
        open_repository(shallow)


def test_an_unknown_revision_is_named(repository: Path) -> None:
    with pytest.raises(NoRepositoryError, match="没有 nowhere"):
        Commit(open_repository(repository), "nowhere")


def test_history_tells_who_and_when_in_shanghai(repository: Path) -> None:
    put(repository, "catalog/agencies/a.yml", b"title: b\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "改名::error::\x1b[31m", day="2026-04-01T01:00:00+0000")
    rows = history(open_repository(repository), "", "HEAD", *FOLDERS)
    assert [(row.day, row.author, row.subject) for row in rows["catalog/agencies/a.yml"]] == [
        ("2026-04-01", "甲单位", "改名::error::[31m"),
        ("2026-03-03", "甲单位", "建立登记簿"),
    ]
    assert len(rows["negative-list/laws/b.yml"]) == 1
    assert "README.md" not in rows


def test_the_common_register_reads_the_same_from_disk() -> None:
    files, findings = read(Directory(EXAMPLES / "common"))
    assert len(files) == 14
    assert findings == []


def test_a_register_below_the_top_of_its_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, "city/catalog/agencies/a.yml")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    repo = open_repository(tmp_path / "city")
    assert folder_of(repo, tmp_path / "city") == "city"
    assert read(Commit(repo, "HEAD", "city")) == ({"catalog/agencies/a.yml": GOOD}, [])
    assert list(history(repo, "city", "HEAD", *FOLDERS)) == ["catalog/agencies/a.yml"]
