"""What an incremental build leaves is what a clean build would make, whatever was edited."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mulu.pages.site import Constants, Site, Told
from mulu.pages.view import View
from mulu.record import Data, Key, Record
from mulu.register import Register, index
from registers import ROOT, TODAY, files_below, register_of
from test_pages import renderer

_AGENCIES = ("minzheng", "gongan", "tongji", "guizi")


@cache
def whole() -> Register:
    """A part of the demonstration register: four agencies' resources and what is about them."""
    files = {
        path: source
        for folder in ("catalog", "negative-list")
        for path, source in files_below(ROOT / folder).items()
        for path in [f"{folder}/{path}"]
        if _is_wanted(path, source)
    }
    register, _ = register_of(files)
    assert len(register.of("resource")) > 20
    assert len(register.cases) > 20
    return register


def _is_wanted(path: str, source: bytes) -> bool:
    kind = path.split("/")[1]
    if kind in ("agencies", "libraries", "laws", "register.yml") or path.startswith("negative-list/laws"):  # fmt: skip
        return True
    about = [f"resource: {agency}/".encode() for agency in _AGENCIES] + [f"entry: {agency}/".encode() for agency in _AGENCIES]  # fmt: skip
    return any(f"/{agency}/" in path for agency in _AGENCIES) or any(one in source for one in about)


def site_of(register: Register, told: dict[str, Told]) -> Site:
    view = View(register, TODAY)
    return Site([(view, renderer(view))], Constants(b"", [], lambda _: (), [], ""), {}, {}, told)


@cache
def built() -> tuple[dict[str, tuple[bytes, bytes]], dict[str, Told]]:
    """The clean build of the unedited register: key and bytes by path, and what lists told."""
    told: dict[str, Told] = {}
    sheets = (sheet for part in site_of(whole(), told).parts().made for sheet in part())
    return {sheet.path: (sheet.key, sheet.make()) for sheet in sheets}, told


def clean(register: Register) -> dict[str, bytes]:
    sheets = (sheet for part in site_of(register, {}).parts().made for sheet in part())
    return {sheet.path: sheet.make() for sheet in sheets}


def again(register: Register, before: Mapping[str, Record | None]) -> dict[str, bytes]:
    """The site where only what is new is made, and all else is as it was built."""
    known, told = built()
    parts = site_of(register, dict(told)).parts(before, known)
    found = {path: known[path][1] for path in parts.standing}
    for part in parts.made:
        for sheet in part():
            key, source = known.get(sheet.path, (b"", b""))
            assert sheet.path not in found
            found[sheet.path] = source if sheet.key == key else sheet.make()
    return found


Edited = dict[tuple[str, str], Data | None]


def _resource_edit(draw: Any, edited: Edited) -> None:
    resources = sorted(whole().of("resource"))
    key, other = draw(st.sampled_from(resources)), draw(st.sampled_from(resources))
    data: Any = copy.deepcopy(edited.get(("resource", key)) or whole().of("resource")[key].data)
    rows = data.setdefault("items", [])
    theirs: Any = whole().of("resource")[other].data.get("items", [])
    name = draw(st.sampled_from([str(row["name"]) for row in theirs] or ["姓名"]))

    def rename() -> None:
        data["title"] = f"{data['title']}改"

    def take_item() -> None:
        if name not in [row["name"] for row in rows]:
            rows.append({"name": name, "from": f"{other}#{name}"})

    def drop_item() -> None:
        if rows:
            rows.pop(draw(st.integers(0, len(rows) - 1)))

    def new_item() -> None:
        rows.append({"name": "从前没有的信息项"})

    def relate() -> None:
        data["related"] = [other]

    def move() -> None:
        data["library"] = draw(st.sampled_from(sorted(whole().of("library"))))

    def age() -> None:
        data["refreshed_on"] = "2020-01-01"

    def withdraw() -> None:
        data["withdrawn"] = {"date": "2026-11-22", "reason": "合并。", "successors": [other]}

    def withhold() -> None:
        data["sharing"]["declared"] = "withheld"

    def license_() -> None:
        data["credential"] = "licence"

    edits: list[Callable[[], None]] = [rename, take_item, drop_item, new_item, relate, move, age, withdraw, withhold, license_]  # fmt: skip
    draw(st.sampled_from(edits))()
    edited["resource", key] = data


def _entry_edit(draw: Any, edited: Edited) -> None:
    key = draw(st.sampled_from(sorted(whole().of("entry"))))
    data: Any = copy.deepcopy(whole().of("entry")[key].data)
    match draw(st.integers(0, 3)):
        case 0:
            edited["entry", key] = None
            return
        case 1:
            data["delisted"] = {"date": "2026-11-22", "reason": "异议成立。"}
        case 2:
            data["reason"] = "另有理由。"
        case _:
            data["basis"][0]["law"] = draw(st.sampled_from(sorted(whole().of("law"))))
    edited["entry", key] = data


def _case_edit(draw: Any, edited: Edited) -> None:
    case = draw(st.sampled_from(sorted(whole().cases, key=lambda one: one.path)))
    data: Any = copy.deepcopy(case.data)
    match draw(st.integers(0, 3)):
        case 0:
            edited[case.kind, case.key] = None
            return
        case 1 if len(data["acts"]) > 1:
            data["acts"].pop()
        case 2:
            data["applicant"] = draw(st.sampled_from(sorted(whole().of("agency"))))
        case _:
            data["note"] = "补充说明。"
    edited[case.kind, case.key] = data


def _new_or_gone(draw: Any, edited: Edited) -> None:
    key = draw(st.sampled_from(sorted(whole().of("resource"))))
    if draw(st.booleans()):
        edited["resource", f"{key}-xin"] = copy.deepcopy(whole().of("resource")[key].data)
    else:
        edited["resource", key] = None


@st.composite
def edits(draw: Any) -> Edited:
    """One to three edits of records."""
    found: Edited = {}
    ways = [_resource_edit, _resource_edit, _entry_edit, _case_edit, _new_or_gone]
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(ways))(draw, found)
    return found


def after(edited: Edited) -> tuple[Register, dict[str, Record | None]]:
    """The register after the edits, and each changed file as it was."""
    old = whole()
    records = {(one.kind, str(one.key)): one for one in old}
    before: dict[str, Record | None] = {}
    for (kind, key), data in edited.items():
        path = old.schemas.kinds[kind].file(key)
        known = records.pop((kind, key), None)
        before[path] = known
        if data is not None:
            shape = known or next(one for one in old if one.kind == kind)
            records[kind, key] = replace(shape, key=Key(key), path=path, data=data)
    return index(records.values(), old.schemas, old.pack, (), old.policies), before


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
    phases=[Phase.explicit, Phase.generate],
)
@given(edits())
def test_an_incremental_build_leaves_what_a_clean_one_makes(edited: Edited) -> None:
    register, before = after(edited)
    wanted, found = clean(register), again(register, before)
    assert found.keys() == wanted.keys()
    for path, source in found.items():
        assert source == wanted[path], path


def test_most_pages_are_not_even_looked_at() -> None:
    key = sorted(whole().of("resource"))[0]
    data = {**whole().of("resource")[key].data, "abstract": "另一个摘要。"}
    register, before = after({("resource", key): data})
    known, told = built()
    standing = site_of(register, dict(told)).parts(before, known).standing
    pages = {path for path in known if path.startswith(("resources/", "cases/", "laws/"))}
    assert len(pages) // 2 < len(pages.intersection(standing)) < len(pages)
    assert f"resources/{key}/index.html" not in standing
