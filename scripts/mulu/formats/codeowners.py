"""The register's ownership file: whom a forge asks to look at a change, from the register itself.

Every row comes from data: which kinds of record an agency keeps and which a role (the pack's
``keepers``), who holds the roles on a day, which account an agency has on the forge.  Nobody
without an account can be asked, so the authority answers for them (art. 5).

GitHub and GitLab read gitignore-like patterns of which the last that fits counts; Gitea and
Forgejo read Go regular expressions of which all that fit count, so there the rows exclude
each other and none stands for everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mulu.register import Register, is_withdrawn

FILES = {
    "github": ".github/CODEOWNERS",
    "gitlab": ".gitlab/CODEOWNERS",
    "gitea": ".gitea/CODEOWNERS",
}
"""Where each kind of forge looks for the file."""

AUTHORITY = "authority"
GOVERNANCE: tuple[str, ...] = (
    ".ci/",
    ".gitattributes",
    ".gitea/",
    ".github/",
    ".gitlab-ci.yml",
    ".gitlab/",
    "CODEOWNERS",
    "Makefile",
    "catalog/register.yml",
    "mkdocs.yml",
    "pyproject.toml",
    "requirements*.txt",
    "schemas/",
    "scripts/",
    "site/",
)
"""What decides how data is judged; a folder ends with a slash, a star stands inside one name."""

_HEAD = (
    "# 由 mulu codeowners 从单位账号、职责分工和规则包生成，不要手改。",
    "# 单位的账号写在 catalog/agencies/，职责分工写在 catalog/register.yml。",
)
_PATH = re.compile(r"[A-Za-z0-9._/*-]+")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GO_SPECIAL = re.compile(r"[.+*?()|\[\]{}^$\\]")


@dataclass(frozen=True, slots=True)
class Row:
    """One path and the accounts that answer for it."""

    path: str
    accounts: tuple[str, ...]


def render(register: Register, day: date, forge: str) -> str:
    """The whole file for a kind of forge, as of a day; the same text for the same register."""
    found = list(rows(register, day, forge))
    authority = _accounts(register, register.holders(AUTHORITY, day.isoformat()), forge)
    everything = [Row("*", authority)] if forge != "gitea" else []
    pattern = _go_pattern if forge == "gitea" else _glob_pattern
    lines = [*_HEAD, ""]
    for row in (*everything, *found):
        owners = " ".join(f"@{name}" for name in row.accounts)
        lines.append(f"{pattern(row.path)} {owners}" if owners else f"# 没有可用的账号：{row.path}")
    return "\n".join(lines) + "\n"


def rows(register: Register, day: date, forge: str) -> Iterator[Row]:
    """Every path with its accounts, sorted by path; no two paths overlap."""
    authority = _accounts(register, register.holders(AUTHORITY, day.isoformat()), forge)
    found: dict[str, tuple[str, ...]] = dict.fromkeys(GOVERNANCE, authority)
    for kind in register.schemas.kinds.values():
        for path, agencies in _kept(register, kind.name, kind.path, day):
            found[path] = _accounts(register, agencies, forge) or authority
    yield from (Row(path, accounts) for path, accounts in sorted(found.items()))


def _kept(
    register: Register, kind: str, path: str, day: date
) -> Iterator[tuple[str, Sequence[str]]]:
    """The paths of a kind of record with the agencies that keep the whole record."""
    if "{" not in path:
        return
    keepers = [row for row in register.pack.keepers if row.kind == kind and not row.fields]
    roles = dict.fromkeys(role for row in keepers for role in row.roles)
    if not roles:
        roles = dict.fromkeys([AUTHORITY])
    if not any(row.own for row in keepers):
        yield _fixed(path), [agency for role in roles for agency in register.holders(role, day.isoformat())]  # fmt: skip
        return
    for agency in _agencies(register):
        yield _own_path(path, agency), register.standing_for(agency)


def _fixed(path: str) -> str:
    """The deepest folder that all records of a kind lie in, with * for what varies above it."""
    parts = path.split("/")[:-1]
    while "{" in parts[-1]:
        parts.pop()
    return "/".join("*" if "{" in part else part for part in parts) + "/"


def _own_path(path: str, agency: str) -> str:
    """The part of a kind's paths that belongs to an agency: a folder, or its file of every year."""
    before, _, after = path.partition("{agency}")
    inside = before.replace("{year}", "*") + agency
    return f"{inside}/" if after.startswith("/") else f"{inside}{after}"


def _agencies(register: Register) -> list[str]:
    """Live agencies, and abolished ones that still have resources in their folder."""
    kept = {key for key, agency in register.of("agency").items() if not is_withdrawn(agency)}
    return sorted({str(key) for key in kept} | {str(key) for key in register.resources_by_agency})


def _accounts(register: Register, agencies: Iterable[str], forge: str) -> tuple[str, ...]:
    """The agencies' accounts on a forge, sorted; what is not an account's name is left out."""
    found: set[str] = set()
    for key in agencies:
        agency = register.find("agency", key)
        for row in agency.rows("accounts") if agency else ():
            name = str(row.get("name", ""))
            if row.get("forge") == forge and _ACCOUNT.fullmatch(name):
                found.add(name)
    return tuple(sorted(found))


def _glob_pattern(path: str) -> str:
    """A path as GitHub and GitLab read it: from the top, a folder with all below it.

    Raises ValueError for a path that these forges have no escape for.
    """
    if not _PATH.fullmatch(path):
        raise ValueError(f"no pattern for {path!r}")
    return path if path == "*" else f"/{path}"


def _go_pattern(path: str) -> str:
    """A path as a Go regular expression, escaped once more as the file wants it.

    Gitea puts ``^`` and ``$`` around it, takes one level of backslashes away and ends a
    pattern at a blank or ``#``.  Raises ValueError for a path that begins with ``!``.
    """
    if not path or path.startswith("!"):
        raise ValueError(f"no pattern for {path!r}")
    names = [_GO_SPECIAL.sub(r"\\\g<0>", part) for part in path.split("*")]
    expression = "[^/]*".join(names) + (".*" if path.endswith("/") else "")
    return re.sub(r"[\\# ]", r"\\\g<0>", expression)
