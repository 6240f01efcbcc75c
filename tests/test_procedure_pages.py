"""Pages made from the packs: nothing of a procedure is missing, nothing overlaps, nothing is trusted."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import replace

import pytest

from mulu.pages.diagram import Box, Diagram, Label, diagram, width_of
from mulu.pages.procedures import pages
from mulu.pages.view import View
from mulu.policy.load import Policies
from mulu.policy.pack import Pack
from mulu.policy.procedure import Procedure, State
from mulu.register import Register, index
from registers import EXAMPLES, TODAY, files_below, policies, register_of
from replaying import THOROUGH, packs_in
from test_pages import renderer

PACKS = [*policies().packs.values(), *packs_in(THOROUGH.parent).packs.values()]
ALL = [
    pytest.param(pack, procedure, id=f"{pack.name}-{procedure.name}")
    for pack in PACKS
    for procedure in pack.procedures.values()
]
REGISTER = register_of(files_below(EXAMPLES / "common"))[0]


def rendered(register: Register) -> dict[str, str]:
    """The pages of all packs as text."""
    view = View(register, TODAY)
    made = renderer(view)
    return {f"{at}index.html": made.make(build).decode() for at, build in pages(view, [])}


def under(*packs: Pack) -> Register:
    """The common register with other packs; the first is its own."""
    known = {pack.reference: pack for pack in packs}
    held = Policies(known, policies().calendar)
    return index(list(REGISTER), REGISTER.schemas, packs[0], (), held)


PAGES = rendered(REGISTER)


def drawn(pack: Pack, procedure: Procedure) -> Diagram:
    return diagram(procedure, lambda word: pack.capacity_title(procedure, word))


def apart(one: Box | Label, other: Box | Label) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize(("pack", "procedure"), ALL)
def test_no_words_lie_over_others_or_over_a_state(pack: Pack, procedure: Procedure) -> None:
    made = drawn(pack, procedure)
    things: list[Box | Label] = [*made.boxes, *made.labels]
    for one, other in itertools.combinations(things, 2):
        assert apart(one, other), (one, other)


@pytest.mark.parametrize(("pack", "procedure"), ALL)
def test_every_state_and_every_way_is_drawn_once(pack: Pack, procedure: Procedure) -> None:
    made = drawn(pack, procedure)
    assert sorted(box.title for box in made.boxes) == sorted(s.title for s in procedure.states.values())  # fmt: skip
    arcs = {(source, way.to) for way in procedure.ways for source in way.sources}
    assert len(made.edges) == len(arcs) + 1, "and one for the opening"
    words = {line.text for label in made.labels for line in label.lines}
    assert {way.title for way in procedure.ways} <= words


@pytest.mark.parametrize(("pack", "procedure"), ALL)
def test_everything_fits_the_drawing_and_is_large_enough_to_read(
    pack: Pack, procedure: Procedure
) -> None:
    made = drawn(pack, procedure)
    things: list[Box | Label] = [*made.boxes, *made.labels]
    for one in things:
        assert made.left <= one.x
        assert one.x + one.width <= made.left + made.width
        assert one.y >= 0
        assert one.y + one.height <= made.height
    assert all(line.size >= 12 for label in made.labels for line in label.lines)
    for box in made.boxes:
        assert width_of(box.title, 15) < box.width


def test_a_term_stands_only_at_the_act_it_runs_to() -> None:
    """The ten days run to the provider's act, not to what the authority provides itself."""
    pack = policies().packs["shenzhen-2015@1"]
    labels = [[line.text for line in label.lines] for label in drawn(pack, pack.procedures["request"]).labels]  # fmt: skip
    assert ["提供", "提供单位", "10 个工作日内"] in labels
    assert ["直接提供", "市电子政务主管部门"] in labels


@pytest.mark.parametrize("pack", policies().packs.values(), ids=lambda pack: pack.name)
def test_nothing_of_a_procedure_is_missing_from_its_page(pack: Pack) -> None:
    folder = "" if pack is REGISTER.pack else f"packs/{pack.name}/"
    for procedure in pack.procedures.values():
        page = html.unescape(PAGES[f"{folder}procedures/{procedure.name}/index.html"])
        for state in procedure.states.values():
            assert state.title in page
        for way in procedure.ways:
            assert way.title in page
            assert f'id="act-{way.act}"' in page
            assert all(guard.says in page for guard in way.guards)
        for clock in procedure.clocks.values():
            assert clock.title in page
            assert clock.term is None or f"{clock.term} 个工作日" in page
        assert all(step in page for step in procedure.how)
        assert "一件办完的例子" in page
        marked = procedure.unconfirmed or any(way.source.unconfirmed for way in procedure.ways)
        assert not marked or "未核实" in page


@pytest.mark.parametrize("pack", policies().packs.values(), ids=lambda pack: pack.name)
def test_every_duty_stands_on_the_articles_page(pack: Pack) -> None:
    folder = "" if pack is REGISTER.pack else f"packs/{pack.name}/"
    page = html.unescape(PAGES[f"{folder}articles/index.html"])
    for article in pack.articles.values():
        assert f'id="art-{article.number}"' in page
        assert article.says in page
        for duty in article.duties:
            assert f'id="{duty.number}"' in page
            assert duty.title in page
            assert duty.outside in page
            assert duty.pending in page


def test_the_overview_names_every_procedure_and_the_other_pack() -> None:
    page = PAGES["procedures/index.html"]
    for procedure in REGISTER.pack.procedures.values():
        assert f"procedures/{procedure.name}/" in page
    assert "packs/national-2025/procedures/" in page
    assert "没有采用这部规则" in PAGES["packs/national-2025/procedures/index.html"]


def test_two_renderings_are_the_same() -> None:
    assert rendered(REGISTER) == PAGES


def test_a_pack_is_untrusted_text() -> None:
    pack = policies().packs["shenzhen-2015@1"]
    request = pack.procedures["request"]
    evil = '"><script>alert(1)</script>'
    states = {name: State(name, evil, evil, state.outcome) for name, state in request.states.items()}  # fmt: skip
    ways = tuple(replace(way, title=evil, says=evil) for way in request.ways)
    bad = replace(request, title=evil, says=evil, how=(evil,), states=states, ways=ways)
    register = under(replace(pack, title=evil, short=evil, procedures={"request": bad}))
    for page in rendered(register).values():
        assert "<script>" not in page
        assert not re.search(r"=\"[^\"]*\"><script", page)


def test_a_pack_without_articles_or_examples_has_pages_too() -> None:
    pack = policies().packs["shenzhen-2015@1"]
    made = rendered(under(replace(pack, articles={}, examples={})))
    assert "还没有逐条整理" in made["articles/index.html"]
    assert "一件办完的例子" not in made["procedures/request/index.html"]
