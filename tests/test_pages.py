"""Pages of records: compared whole, and safe whatever a record says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from goldens import compare
from mulu.history import Landing
from mulu.pages.language import Language
from mulu.pages.shell import Frame, root_of
from mulu.pages.site import Constants, Renderer, Site
from mulu.pages.view import View
from registers import EXAMPLES, ROOT, TODAY, files_below, register_of

FRAME = '<html><title>MULU-TITLE</title><meta content="MULU-DESCRIPTION">\n<a href="..">首页</a><link href="../a.css"><a href="../MULU-OTHER">English</a>\n<p>MULU-BODY</p>\n</html>'
CHINESE = Language()
COMMON = files_below(EXAMPLES / "common")
REQUEST = b"""pack: shenzhen-2015@1
applicant: gongan
resource: minzheng/hunyin-dengji
duty: \xe6\x88\xb7\xe7\xb1\x8d\xe7\x99\xbb\xe8\xae\xb0
purpose: \xe6\xa0\xb8\xe5\xaf\xb9\xe5\xa9\x9a\xe5\xa7\xbb\xe7\x8a\xb6\xe5\x86\xb5
undertaking: true
acts:
  - act: submit
    date: 2026-03-02
    by: gongan
  - act: list
    date: 2026-03-04
    by: zhengshu
    as: authority
  - act: notify
    date: 2026-03-05
    by: zhengshu
    as: authority
    received_on: 2026-03-06
    to: minzheng
"""
CASE = "catalog/requests/2026/gongan--hunyin-dengji.yml"


def renderer(view: View) -> Renderer:
    templates = files_below(ROOT / "site/templates")
    words = {path: source.decode() for path, source in templates.items()}
    return Renderer(Frame(FRAME, CHINESE), words, view)


def site_of(sources: Mapping[str, bytes], *, internal: bool = False) -> dict[str, bytes]:
    register, findings = register_of(dict(sources))
    assert findings == []
    landing = Landing("c0ffee" * 6, "2026-03-05", "示例市民政局", "改 <b>摘要</b>")
    history = {"catalog/resources/minzheng/hunyin-dengji.yml": [landing]}
    view = View(register, TODAY, internal, history)
    site = Site([(view, renderer(view))], Constants(b"", [], lambda _: (), [], ""), {}, {})
    return {sheet.path: sheet.make() for part in site.parts().made for sheet in part()}


def test_golden_pages() -> None:
    pages = site_of({**COMMON, CASE: REQUEST})
    wanted = ["items/index.html", "browse/index.html", "objections/index.html", "no-originals/index.html", "downloads/resources.csv", "index.html", "resources/minzheng/hunyin-dengji/index.html", "resources/tongji/dan-ge-diaocha-duixiang/index.html", "agencies/minzheng/index.html", "negative-list/index.html", "laws/tongjifa/index.html", "requests/index.html", "cases/request/2026/gongan--hunyin-dengji/index.html"]  # fmt: skip
    compare("pages", {path: pages[path] for path in wanted})


def test_every_record_of_every_kind_with_a_page_has_one() -> None:
    pages = site_of({**COMMON, CASE: REQUEST})
    for path in [*COMMON, CASE]:
        kind, _, key = path.removesuffix(".yml").removeprefix("catalog/").removeprefix("negative-list/").partition("/")  # fmt: skip
        if kind in ("agencies", "resources", "laws"):
            assert f"{kind}/{key}/index.html" in pages


def test_two_renderings_are_the_same_bytes() -> None:
    shuffled = dict(reversed(list({**COMMON, CASE: REQUEST}.items())))
    assert site_of(shuffled) == site_of({**COMMON, CASE: REQUEST})


class Elements(HTMLParser):
    """Collects tags and attribute names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, value in attrs:
            self.found.add(f"@{name}")
            if name in ("href", "src") and value:
                assert not re.match(r"\s*(javascript|data):", value, re.IGNORECASE), value


PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", "</title><script>alert(1)</script>", "{{ 7919*7907 }}", "{% raw %}", "javascript:alert(1)", "<!--", "]]>", "&lt;script&gt;", "MULU-BODY", "MULU-TITLE"]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_text(payload: str) -> None:
    quoted = "'" + payload.replace("'", "''") + "'"
    resource = COMMON["catalog/resources/minzheng/hunyin-dengji.yml"].decode()
    for old in (
        "婚姻登记信息",
        "婚姻登记机关办理结婚、离婚登记形成的信息。",
        "登记机关\n",
        "保密办公室",
    ):
        resource = resource.replace(old, quoted + ("\n" if old.endswith("\n") else ""), 1)
    sources = {
        **COMMON,
        "catalog/resources/minzheng/hunyin-dengji.yml": resource.encode(),
        CASE: REQUEST,
    }
    clean, hostile = Elements(), Elements()
    for path, source in site_of({**COMMON, CASE: REQUEST}).items():
        if path.endswith(".html"):
            clean.feed(source.decode())
    for path, source in site_of(sources).items():
        if path.endswith(".html"):
            hostile.feed(source.decode())
            assert b"62615533" not in source, "a template was evaluated"
    assert hostile.found <= clean.found | {"@id"}


def test_a_frame_without_its_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="MULU-TITLE"):
        Frame("<p>MULU-BODY</p>", CHINESE)


def test_links_are_relative_to_the_page() -> None:
    frame = Frame(FRAME, CHINESE)
    deep = frame.page("a/b/index.html", "甲 & 乙", '"', "<p>x</p>").decode()
    assert '<a href="../../">首页</a><link href="../../a.css"><a href="../../en/a/b/">' in deep
    assert "<title>甲 &amp; 乙</title>" in deep
    assert 'content="&quot;"' in deep
    assert '<a href="./">首页</a>' in frame.page("index.html", "t", "d", "").decode()
    assert (root_of("index.html"), root_of("a/index.html")) == ("./", "../")
