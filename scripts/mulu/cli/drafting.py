"""A record before there is a file: filled with what follows from the register, keyed, and loaded.

What ``mulu new`` and ``mulu intake`` share.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from mulu.cli.shell import Shell, Stop


def derive(register: Any, kind: str, data: dict[str, Any], agency: str | None) -> None:
    """Fill what follows from the register: the default class, the applicant, the undertaking."""
    properties = register.schemas.kinds[kind].schema["properties"]
    if kind == "resource":
        default = register.pack.class_word(withheld=False)
        data.setdefault("sharing", {}).setdefault("declared", default)
    if "applicant" in properties:
        data.setdefault("applicant", agency or "")
    if "undertaking" in properties:
        data.setdefault("undertaking", True)


def open_case(
    register: Any, kind: str, data: dict[str, Any], given: dict[str, Any], shell: Shell
) -> None:
    """Begin a case: its pack, and the act that opens it, with what follows from the parties.

    Raises Stop where the register's pack has no procedure of this kind.
    """
    from mulu.procedures import Context, replay

    procedure = register.pack.procedures.get(kind)
    if procedure is None or not procedure.opening:
        raise Stop(f"{register.pack.title}没有“{register.schemas.kinds[kind].title}”这一程序；有：{'、'.join(register.pack.procedures)}")  # fmt: skip
    data.setdefault("pack", register.pack.reference)
    if "acts" in data:
        return
    day = shell.today.isoformat()
    world = register.world(register.pack)
    nothing = replay(procedure, (), Context(shell.today, register.policies.calendar, data, world))
    way = procedure.opening[0]
    act = {"act": way.act, "date": day, "by": data["applicant"]}
    roles = [by for by in way.by if by not in procedure.parties]
    act |= {"as": roles[0]} if roles else {}
    for guard in way.guards:
        if guard.name == "addressed-to" and "to" in way.carries:
            act["to"] = nothing.agency(guard.words[0], shell.today)
    data["acts"] = [{**act, **given}]


def free_key(register: Any, kind: str, key: str) -> str:
    """The key, numbered where a case of that name exists: a second case about one thing is usual."""
    if "acts" not in register.schemas.kinds[kind].schema["properties"]:
        return key
    numbered = itertools.chain([key], (f"{key}-{n}" for n in itertools.count(2)))
    return next(name for name in numbered if not register.is_known(kind, name))


def prefill(register: Any, data: dict[str, Any], key: str, shell: Shell) -> None:
    """Fill an annual return with what the register knows; what was given stays (art. 33)."""
    from mulu.indicators import Year, period_of

    year, _, agency = key.partition("/")
    if not year.isdigit() or not agency:
        raise Stop("请写年份和单位，例如：mulu new return 2025 minzheng")
    if register.find("agency", agency) is None:
        raise Stop(f"没有单位 {agency!r}")
    try:
        measured = Year(register, period_of(int(year), shell.today))
    except ValueError as error:
        raise Stop(str(error)) from None
    if not measured.period.is_over:
        raise Stop(f"{year} 年还没有过完（截至 {shell.today}），年后再报")
    data.setdefault("submitted_on", str(shell.today))
    for pointer, number in measured.return_of(agency).items():
        group, _, name = pointer.partition("/")
        data.setdefault(group, {}).setdefault(name, number)


def draft_chapter(register: Any, data: dict[str, Any], words: Sequence[str]) -> str:
    """Put the pack's sentences of a chapter into its text, to be rewritten; returns its key (art. 33)."""
    from mulu.policy.indicator import OVERVIEW

    chapters = register.pack.chapters
    known = "、".join([OVERVIEW, *chapters])
    if len(words) != 2 or words[1] not in (OVERVIEW, *chapters):
        raise Stop(f"请写年份和章节，例如：mulu new chapter 2025 {OVERVIEW}；可用的章节：{known}")
    year, name = words
    plans = chapters.values() if name == OVERVIEW else [chapters[name]]
    says = [plan.says[:1] if name == OVERVIEW else plan.says for plan in plans]
    title = "总体情况" if name == OVERVIEW else chapters[name].title
    data["lines"] = [f"# {title}", *(line for row in says for text in row for line in ("", text))]
    return f"{year}/report/{name}"


def key_of(kind: str, data: Mapping[str, Any], agency: str | None, shell: Shell) -> str:
    """Where a record belongs by what it says.  Raises Stop where it does not say enough."""
    if "acts" in data:
        about = data.get("resource") or data.get("entry") or data.get("against") or ""
        subject = str(about).rpartition("/")[2]
        return f"{shell.today.year}/{data.get('applicant')}--{subject}"
    from mulu.loading.slugs import slug_of

    slug = slug_of(str(data.get("title", "")))
    if not slug:
        raise Stop("请写代号，或用 --set title=名称")
    if kind in ("resource", "entry"):
        if not agency:
            raise Stop("请写代号，或用 --agency 写明单位")
        return f"{agency}/{slug}"
    return slug


def loaded(path: str, source: bytes, register: Any) -> tuple[Any, list[Any]]:
    """A file as a record (None where it is refused), and what loading found."""
    from mulu.loading import records

    loaded = records.load([(path, source)], register.schemas)
    return (loaded.records[0] if loaded.records else None), loaded.findings
