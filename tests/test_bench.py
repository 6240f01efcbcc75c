"""The pure parts of the site bench, on three records, so that it does not rot between its runs."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import bench_site
import hugo_site
import measure
import pytest
import synthesise
import yaml

from mulu.pages.shell import Frame
from mulu.pages.site import Constants, Renderer, Site
from mulu.pages.view import View
from registers import ROOT, TODAY, files_below, register_of

FRAME = '<html lang="zh"><head><meta name="description" content="MULU-DESCRIPTION"><title>MULU-TITLE</title></head><body><a href="..">首页</a><article id="main"><p>MULU-BODY</p></article></body></html>'
KEY = "danwei-0000/ziyuan-000001"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of three resources, and its site as far as the register's own pages go."""
    folder = tmp_path_factory.mktemp("bench")
    synthesise.write(folder / "register", 3)
    register, findings = register_of(files_below(folder / "register"))
    assert findings == []
    templates = {k: v.decode() for k, v in files_below(ROOT / "site/templates").items()}
    view = View(register, TODAY)
    renderer = Renderer(Frame(FRAME, view.language), templates, view)
    site = Site([(view, renderer)], Constants(b"", [], lambda _: (), [], ""), {}, {})
    for part in site.parts().made:
        for sheet in part():
            target = folder / "site" / sheet.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(sheet.make())
    return folder


@pytest.fixture(scope="module")
def hugo(here: Path) -> Path:
    """The Hugo site of the same three."""
    assert hugo_site.write(here / "hugo", here / "register", here / "site", str(TODAY)) == 3
    return here / "hugo"


def test_front_matter_is_the_record(here: Path, hugo: Path) -> None:
    front = json.loads((hugo / f"content/resources/{KEY}.md").read_text("utf-8"))
    own = yaml.safe_load((here / f"register/catalog/resources/{KEY}.yml").read_text("utf-8"))
    own = json.loads(json.dumps(own, default=str))
    assert front == {"title": own["title"], "params": {**own, "key": KEY, "agency": "danwei-0000"}}
    assert json.loads((hugo / "data/agencies.json").read_text("utf-8")) == {"danwei-0000": "第0示例单位"}  # fmt: skip


def test_the_frame_is_ours_with_slots_where_the_record_was(hugo: Path) -> None:
    assert (hugo / "layouts/baseof.html").read_text("utf-8") == (
        '<html lang="zh"><head><meta name="description" content="{{ .Params.abstract }}">'
        "<title>{{ .Title }} - 示例市政务信息资源目录</title></head><body>"
        '<a href="../../../">首页</a><article id="main">{{ block "main" . }}{{ end }}</article></body></html>'
    )


def test_hugos_layout_has_every_heading_of_our_page(here: Path, hugo: Path) -> None:
    page = hugo_site.page_of(here / "site", KEY).read_text("utf-8")
    headings = re.findall(r"<(?:h2|dt|th)\b[^>]*>([^<]+)<", page)
    layout = (hugo / "layouts/page.html").read_text("utf-8")
    assert len(headings) > 15
    assert [text for text in headings if f">{text}<" not in layout] == []


def test_hugos_words_are_the_schemas(hugo: Path) -> None:
    words: dict[str, dict[str, Any]] = json.loads((hugo / "data/words.json").read_text("utf-8"))
    pack = yaml.safe_load((ROOT / "schemas/policies/shenzhen-2015/pack.yml").read_text("utf-8"))
    titles = {term["word"]: term["title"] for term in pack["vocabularies"]["sharing-class"]}
    assert words.pop("declared") == titles
    assert words.pop("freshness") == pack["freshness_days"]
    schema = json.loads((ROOT / "schemas/records/resource.schema.json").read_text("utf-8"))
    properties = schema["properties"]
    places = {
        **properties,
        "method": properties["sharing"]["properties"]["method"]["items"],
        "class": properties["openness"]["properties"]["class"],
        "category": properties["formats"]["items"]["properties"]["category"],
        "type": properties["items"]["items"]["properties"]["type"],
    }
    for name, theirs in words.items():
        assert theirs.items() <= places[name]["x-titles"].items(), name


def test_pages_are_held_against_each_other(here: Path) -> None:
    page = hugo_site.page_of(here / "site", KEY).read_text("utf-8")
    same = hugo_site.likeness(page, page)
    assert same.rows[0] == same.rows[1] > 5
    assert (same.size, same.texts) == (1.0, 1.0)
    less = hugo_site.likeness(page, page[: page.rindex("<tr")])
    assert less.rows[1] == same.rows[1] - 1
    assert less.size < 1
    assert less.texts < 1


def test_an_edit_marks_one_title_and_one_item(tmp_path: Path) -> None:
    for name in ("a", "b"):
        synthesise.write(tmp_path / name, 3)
    assert measure.differences(tmp_path / "a", tmp_path / "b") == []
    stamp = measure.moment(tmp_path)
    key, title = bench_site.edited(tmp_path / "b", "（改）")
    file = f"catalog/resources/{key}.yml"
    assert measure.differences(tmp_path / "a", tmp_path / "b") == [file]
    assert measure.written_since(tmp_path / "b", stamp) == 1
    before, after = (yaml.safe_load((tmp_path / n / file).read_text("utf-8")) for n in ("a", "b"))
    assert (key, title) == (KEY, before["title"] + "（改）")
    before["title"] += "（改）"
    before["items"][0]["name"] += "（改）"
    assert after == before


def test_a_file_more_is_a_difference(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "below").mkdir(parents=True)
        (tmp_path / name / "below/x").write_bytes(b"12")
    (tmp_path / "b/y").write_bytes(b"")
    assert measure.differences(tmp_path / "a", tmp_path / "b") == ["y"]
    assert measure.size_of(tmp_path / "b") == measure.Size(2, 2e-6)


def test_memory_is_of_the_whole_tree() -> None:
    parent = "import subprocess, sys, time; x = b'1' * (40 << 20); subprocess.run([sys.executable, '-c', sys.argv[1]])"
    child = "import time; x = b'1' * (60 << 20); time.sleep(1)"
    taken = measure.run([sys.executable, "-c", parent, child])
    assert 100 <= taken.memory < 200
    assert taken.seconds >= 1 > taken.processor


def test_a_failed_run_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="a reason"):
        measure.run([sys.executable, "-c", "import sys; sys.exit('a reason')"])


def test_a_session_that_is_over_has_no_memory() -> None:
    start = time.perf_counter()
    assert measure.memory_of(2**22 + 1) == 0
    assert time.perf_counter() - start < 1


def test_mkdocs_gets_a_page_for_each_resource(here: Path, tmp_path: Path) -> None:
    bench_site.write_plain(tmp_path / "plain", here / "register", in_nav=True)
    settings = yaml.safe_load((tmp_path / "plain/mkdocs.yml").read_text("utf-8"))
    pages = settings["nav"][1]["danwei-0000"]
    assert len(pages) == 3
    page = (tmp_path / "plain/docs" / pages[0]).read_text("utf-8")
    own = next((here / "register/catalog/resources").rglob("*00000.yml"))
    record = yaml.safe_load(own.read_text("utf-8"))
    assert page.count("\n| ") == len(record["items"]) + 6 + 2 + 3
