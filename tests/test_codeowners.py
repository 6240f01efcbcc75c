"""The ownership file: from data, for three forges, the same every time."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from mulu.formats import codeowners
from registers import EXAMPLES, ROOT, TODAY, files_below, register_of
from test_cli import mulu


def files(forge: str = "gitea") -> dict[str, bytes]:
    """The common register with accounts: two of minzheng, one of the authority, none of the rest."""
    found = files_below(EXAMPLES / "common")
    for agency, names in (("minzheng", ("sz-minzheng", "Min.Zheng_2")), ("zhengshu", ("sz-zhengshu",))):  # fmt: skip
        rows = "".join(f"  - forge: {forge}\n    name: {name}\n" for name in names)
        found[f"catalog/agencies/{agency}.yml"] += f"accounts:\n{rows}".encode()
    return found


def rendered(forge: str, day: date = TODAY) -> str:
    register, findings = register_of(files(forge))
    assert findings == []
    return codeowners.render(register, day, forge)


def owners_on_github(text: str, path: str) -> list[str]:
    """Whom GitHub asks: the last pattern that fits."""
    found: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            pattern, *names = line.split(" ")
            expression = re.escape(pattern.lstrip("/")).replace(r"\*", "[^/]*") + (".*" if pattern.endswith("/") else "")  # fmt: skip
            if pattern == "*" or re.fullmatch(expression, path):
                found = names
    return found


def tokens(line: str) -> list[str]:
    """A line as Gitea cuts it: blanks part, a backslash keeps the next character, # ends."""
    found, token, kept = list[str](), "", False
    for character in line.strip():
        if kept:
            token, kept = token + character, False
        elif character == "\\":
            kept = True
        elif character == "#":
            break
        elif character == " ":
            found, token = [*found, *filter(None, [token])], ""
        else:
            token += character
    return [*found, *filter(None, [token])]


def owners_on_gitea(text: str, path: str) -> list[str]:
    """Whom Gitea asks: every expression that fits the whole path."""
    rows = [row for row in map(tokens, text.splitlines()) if len(row) > 1]
    return [name for row in rows if re.fullmatch(row[0], path) for name in row[1:]]


@pytest.mark.parametrize(("forge", "owners"), [("github", owners_on_github), ("gitlab", owners_on_github), ("gitea", owners_on_gitea)])  # fmt: skip
def test_each_forge_asks_the_same_people(forge: str, owners: object) -> None:
    assert callable(owners)
    text = rendered(forge)
    authority, minzheng = ["@sz-zhengshu"], ["@Min.Zheng_2", "@sz-minzheng"]
    for path, expected in {
        "catalog/resources/minzheng/hunyin-dengji.yml": minzheng,
        "catalog/resources/tongji/dan-ge-diaocha-duixiang.yml": authority,
        "catalog/returns/2026/minzheng.yml": minzheng,
        "catalog/returns/2026/tongji.yml": authority,
        "catalog/agencies/minzheng.yml": authority,
        "negative-list/laws/tongjifa.yml": authority,
        "negative-list/entries/minzheng/hunyin-dengji.yml": authority,
        "catalog/requests/2026/gongan--hunyin-dengji.yml": authority,
        "schemas/records/agency.schema.json": authority,
        ".github/workflows/gate.yml": authority,
        "requirements-dev.txt": authority,
        "catalog/register.yml": authority,
    }.items():
        assert owners(text, path) == expected, path


def test_a_role_with_accounts_is_asked_itself() -> None:
    found = files()
    found["catalog/agencies/baomi.yml"] += b"accounts:\n  - forge: gitea\n    name: sz-baomi\n"
    text = codeowners.render(register_of(found)[0], TODAY, "gitea")
    assert owners_on_gitea(text, "catalog/inspections/2026/x.yml") == ["@sz-baomi", "@sz-zhengshu"]


def test_no_two_rows_name_the_same_path_and_gitea_asks_once() -> None:
    text = rendered("gitea")
    for path in files_below(ROOT / "catalog"):
        names = owners_on_gitea(text, f"catalog/{path}")
        assert len(names) == len(set(names))


def test_accounts_of_another_forge_do_not_count() -> None:
    register, _ = register_of(files("gitea"))
    text = codeowners.render(register, TODAY, "github")
    assert "@" not in text
    assert "# 没有可用的账号：catalog/resources/minzheng/" in text


def test_the_holder_of_the_day_is_asked() -> None:
    before = rendered("gitea", date(2015, 11, 1))
    assert owners_on_gitea(before, "negative-list/laws/tongjifa.yml") == []
    assert owners_on_gitea(before, "catalog/resources/zhengshu/x.yml") == ["@sz-zhengshu"]


def test_an_abolished_agency_leaves_its_folder_to_the_ones_after_it() -> None:
    gone = "title: 示例市统计局\nkind: organ\nlevel: city\nwithdrawn:\n  date: 2026-01-01\n  reason: 机构改革。\n  successors:\n    - minzheng\n"  # fmt: skip
    register, _ = register_of({**files(), "catalog/agencies/tongji.yml": gone.encode()})
    text = codeowners.render(register, TODAY, "gitea")
    assert owners_on_gitea(text, "catalog/resources/tongji/x.yml") == ["@Min.Zheng_2", "@sz-minzheng"]  # fmt: skip


def test_the_same_register_gives_the_same_text_in_any_order() -> None:
    turned = dict(reversed(files().items()))
    register, _ = register_of(turned)
    assert codeowners.render(register, TODAY, "gitea") == rendered("gitea")


@pytest.mark.parametrize("path", ["a b/", "a#b", "a\\b", "a.b+c(d)", "[x]{2}^$|?", "文件/"])
def test_gitea_reads_any_name_as_itself(path: str) -> None:
    pattern = codeowners._go_pattern(path)  # pyright: ignore[reportPrivateUsage]
    (expression, owner) = tokens(f"{pattern} @x")
    assert owner == "@x"
    assert re.fullmatch(expression, path + ("inside" if path.endswith("/") else ""))
    assert not re.fullmatch(expression, path.replace(".", "x").replace("a", "b") + "x\n")


@pytest.mark.parametrize("path", ["a b/", "a#b", "!a", "文件/", ""])
def test_what_a_forge_cannot_write_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no pattern"):
        codeowners._glob_pattern(path)  # pyright: ignore[reportPrivateUsage]
    if path.startswith("!") or not path:
        with pytest.raises(ValueError, match="no pattern"):
            codeowners._go_pattern(path)  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    shutil.copytree(EXAMPLES / "common", folder)
    for path, source in files().items():
        (folder / path).write_bytes(source)
    return folder


def run(register: Path, *arguments: str) -> tuple[int, str, str]:
    done = mulu("codeowners", "--root", str(register), "--today", str(TODAY), *arguments)
    return done.returncode, done.stdout, done.stderr


def test_check_says_what_is_stale(register: Path) -> None:
    code, out, _ = run(register, "--check", "--forge", "gitea")
    assert code == 1
    assert "还没有" in out
    (register / ".gitea").mkdir()
    (register / ".gitea/CODEOWNERS").write_text(run(register, "--forge", "gitea")[1], "utf-8")
    assert run(register, "--check", "--forge", "gitea") == (0, "", "")
    path = register / "catalog/agencies/minzheng.yml"
    path.write_text(path.read_text("utf-8").replace("sz-minzheng", "sz-mzj"), "utf-8")
    code, out, _ = run(register, "--check", "--forge", "gitea")
    assert code == 1
    assert "-catalog/resources/minzheng/.* @Min.Zheng_2 @sz-minzheng" in out
    assert "+catalog/resources/minzheng/.* @Min.Zheng_2 @sz-mzj" in out


def test_a_spoilt_kept_file_is_shown_safely(register: Path) -> None:
    (register / ".gitea").mkdir()
    (register / ".gitea/CODEOWNERS").write_bytes(b"\x1b[2J::error::\xff\n")
    code, out, _ = run(register, "--check", "--forge", "gitea")
    assert code == 1
    assert "\x1b" not in out


def test_without_a_forge_or_with_broken_records_it_says_so(register: Path) -> None:
    assert run(register)[0] == 2
    (register / "catalog/agencies/minzheng.yml").write_bytes(b"title: [\n")
    code, _, said = run(register, "--forge", "gitea")
    assert code == 1
    assert "mulu check" in said


def test_the_projects_own_file_is_fresh() -> None:
    done = mulu("codeowners", "--check", "--root", str(ROOT))
    assert (done.returncode, done.stdout) == (0, "")
