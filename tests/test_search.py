"""The search index: its terms and bytes, and through search-core.js what it finds."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from mulu.pages import entries as register_entries
from mulu.pages import search
from mulu.pages.items import Holders
from mulu.pages.search import Entry
from mulu.pages.view import View
from registers import ROOT, TODAY, files_below, register_of
from searching import ask, call, naive, sheets_of, traditional, write

MARRIAGE = Entry("resource", "resources/minzheng/hunyin/", "婚姻登记信息", "市民政局", "全市结婚登记形成的信息。", ("308010/1",), ("证书字号", "性"), "minzheng", "renkou", "shared", "daily")  # fmt: skip


def demonstration() -> list[Entry]:
    files = {f"{folder}/{path}": source for folder in ("catalog", "negative-list") for path, source in files_below(ROOT / folder).items()}  # fmt: skip
    register, _ = register_of(files)
    return list(register_entries.entries(View(register, TODAY), Holders(register)))


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return demonstration()


@pytest.fixture(scope="module")
def folder(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("index"), entries)


plain = search.Folding("")

# ------------------------------------------------------------------ terms

TITLES: list[tuple[str, list[str]]] = [
    ("", []),
    ("——、·", []),
    ("水", ["水", "'shui"]),
    ("水文", ["水", "文", "水文", "'shui", "'wen", "'shui'wen", ":sw"]),
    ("人、口", ["人", "口", "'ren", "'kou"]),
    ("5月", ["5", "月", "5月", "'yue"]),
    ("ＭｙＳＱＬ", ["m", "y", "s", "q", "l", "my", "ys", "sq", "ql", "mys", "ysq", "sql"]),
    ("戶籍", ["户", "籍", "户籍", "'hu", "'ji", "'hu'ji", ":hj"]),
    ("Ⅳ级", ["i", "v", "级", "iv", "v级", "'ji"]),
    ("略女", ["略", "女", "略女", "'lue", "'nv", "'lue'nv", ":ln"]),
    (
        "银行",
        ["银", "行", "银行", "'yin", "'xing", "'hang", "'yin'xing", "'yin'hang", ":yx", ":yh"],
    ),
    ("\x00\x1b<b>", ["b"]),
    ("𠮷田", ["𠮷", "田", "𠮷田", "'tian"]),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
def test_terms_of_a_title(title: str, expected: list[str]) -> None:
    found, _, _ = search.terms(MARRIAGE._replace(title=title), traditional())
    assert sorted(found) == sorted(expected)


def test_a_term_stands_in_its_best_class_only() -> None:
    titles, words, abstract = search.terms(MARRIAGE, traditional())
    assert {"婚姻", "登记", "信息", "婚"} <= set(titles)
    assert set(words) == {"市民", "民政", "政局", "308", "080", "801", "010", "30", "1", "证书", "书字", "字号", "性"}  # fmt: skip
    assert set(abstract) == {"全市", "市结", "结婚", "婚登", "记形", "形成", "成的", "的信"}
    assert len({*titles, *words, *abstract}) == len(titles) + len(words) + len(abstract)


def test_texts_are_folded_alike_in_python_and_javascript() -> None:
    every = [chr(n) for n in range(0x20, 0x3000) if not 0x300 <= n < 0x370]
    every += [chr(n) for n in range(0x3000, 0x10000, 7) if not 0xD800 <= n < 0xE000]
    known = [one for one in every if unicodedata.category(one) != "Cn"]
    ours = [plain(one) for one in [*known, "ΟΔΟΣ", "İß"]]
    assert call("fold", [[one, None] for one in [*known, "ΟΔΟΣ", "İß"]]) == ours


def test_runs_are_cut_alike_in_python_and_javascript() -> None:
    texts = [
        "308023/17324",
        "MySQL 数据〇一、二々",
        "Ωμέγα-привет",
        "カタカナ ひらがな",
        "𠮷野家",
        "ａｂ１２",
    ]
    both = re.compile(f"[{search.HAN}{search.LATIN}]+")
    folded = [plain(text) for text in texts]
    assert call("runsOf", [[text] for text in folded]) == [both.findall(text) for text in folded]


# ------------------------------------------------------------------ bytes


def leb128(source: Iterator[int]) -> int:
    value = shift = 0
    for byte in source:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value
    raise AssertionError("cut off")


def decoded(shard: bytes, entries: int) -> dict[str, list[list[int]]]:
    """A shard's postings by class, read as the module's docstring says."""
    source = iter(shard)
    terms: list[str] = []
    for _ in range(leb128(source)):
        terms.append(bytes(islice(source, leb128(source))).decode())
        leb128(source)
    found = {term: lists(source, entries) for term in terms}
    assert next(source, None) is None
    return found


def lists(source: Iterator[int], entries: int) -> list[list[int]]:
    mask = next(source)
    return [numbers(source, entries) if mask & (1 << at) else [] for at in range(3)]


def numbers(source: Iterator[int], entries: int) -> list[int]:
    head = leb128(source)
    if head & 1:
        bits = [next(source) for _ in range((entries + 7) // 8)]
        return [n for n in range(entries) if bits[n // 8] >> (n % 8) & 1]
    found: list[int] = []
    for _ in range(head >> 1):
        found.append(leb128(source) + (found[-1] if found else 0))
    return found


def test_shards_give_back_every_posting(entries: list[Entry], folder: Path) -> None:
    ordered = sorted(entries, key=lambda entry: (entry.kind, entry.href))
    expected: dict[str, list[list[int]]] = defaultdict(lambda: [[], [], []])
    for number, entry in enumerate(ordered):
        for at, below in enumerate(search.terms(entry, traditional())):
            for term in below:
                expected[term][at].append(number)
    found: dict[str, list[list[int]]] = {}
    for path in (folder / "search/terms").iterdir():
        shard = decoded(path.read_bytes(), len(entries))
        assert not found.keys() & shard.keys()
        found |= shard
    assert found == expected


def test_one_changed_record_touches_little(entries: list[Entry]) -> None:
    at = next(n for n, entry in enumerate(entries) if entry.title == "婚姻登记信息")
    changed = list(entries)
    changed[at] = entries[at]._replace(abstract=entries[at].abstract + "鼹鼠。")
    before, after = sheets_of(entries), sheets_of(changed)
    assert [sheet.path for sheet in before] == [sheet.path for sheet in after]
    touched = [b.path for a, b in zip(before, after, strict=True) if a.key != b.key]
    assert {path.split("/")[1] for path in touched} <= {"rows", "terms", "traditional.json"}
    assert sum(path.startswith("search/rows/") for path in touched) == 1
    assert sum(path.startswith("search/terms/") for path in touched) <= 2
    for a, b in zip(before, after, strict=True):
        assert (a.key == b.key) == (a.make() == b.make()), a.path


def test_a_changed_class_inverts_nothing_again(entries: list[Entry]) -> None:
    changed = [entry._replace(sharing="withheld", library="x") for entry in entries]
    before, after = (search.blocks(one, traditional()) for one in (entries, changed))
    assert [block.key for block in before] == [block.key for block in after]


def many(count: int) -> list[Entry]:
    return [MARRIAGE._replace(href=f"resources/a{n % 7}/r{n:05}/", title=f"资源{n}", agency=f"a{n % 300:03}", library=f"l{n % 400:03}", cycle=f"c{n % 9}") for n in range(count)]  # fmt: skip


def test_an_added_record_changes_one_block() -> None:
    few = many(3_000)
    added = [*few, MARRIAGE._replace(href="resources/a3/r00003x/")]
    before, after = ({block.key for block in search.blocks(one, traditional())} for one in (few, added))  # fmt: skip
    assert len(before) > 5
    assert len(after - before) == 1


def test_the_order_of_entries_is_of_no_account(entries: list[Entry]) -> None:
    shuffled = random.Random(7).sample(entries, len(entries))
    first, second = ({s.path: (s.key, s.make()) for s in sheets_of(one)} for one in (entries, shuffled))  # fmt: skip
    assert first == second


def test_another_hash_seed_gives_the_same_bytes() -> None:
    code = "import hashlib; from test_search import many, sheets_of; print(hashlib.sha256(b''.join(s.key + s.make() for s in sheets_of(many(600)))).hexdigest())"
    path = os.pathsep.join([str(ROOT / "scripts"), str(ROOT / "tests")])
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_an_empty_register_has_an_index(tmp_path: Path) -> None:
    (answer,) = ask(write(tmp_path, []), [{"k": "婚姻"}])
    assert (answer.total, answer.hrefs) == (0, [])


# ------------------------------------------------------------------ what is found


def test_every_two_characters_of_every_title_find_it(entries: list[Entry], folder: Path) -> None:
    pieces = sorted({entry.title[at : at + 2] for entry in entries for at in range(len(entry.title) - 1) if " " not in entry.title[at : at + 2]})  # fmt: skip
    answers = ask(folder, [{"k": piece} for piece in pieces], rows=len(entries))
    for piece, answer in zip(pieces, answers, strict=True):
        missing = {e.href for e in entries if piece in e.title} - set(answer.hrefs)
        assert not missing, piece


def test_an_exact_title_comes_first(entries: list[Entry], folder: Path) -> None:
    titles = sorted({entry.title for entry in entries})
    answers = ask(folder, [{"k": title} for title in titles], rows=20)
    wrong = [t for t, answer in zip(titles, answers, strict=True) if answer.titles[:1] != [t]]
    assert wrong == []


def test_a_full_code_finds_its_one_record(entries: list[Entry], folder: Path) -> None:
    coded = {word: e.href for e in entries if e.kind == "resource" for word in e.words if re.fullmatch(r"\d+/\d+", word)}  # fmt: skip
    assert len(coded) > 100
    answers = ask(folder, [{"k": code} for code in coded], rows=40)
    for code, answer in zip(coded, answers, strict=True):
        assert coded[code] in answer.hrefs, code


WAYS = ["婚姻登记信息", "婚姻", "hunyindengjixinxi", "hunyin", "hunyind", "hunyindeng", "hydjxx", "hydj", "HYDJ", "婚姻登記信息", "婚姻登记 民政", "hunyin 信息", "ＨＹＤＪ", "hun yin", "308010/1", "婚姻证书字号", "hunyin登记"]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_the_marriage_register(folder: Path, way: str) -> None:
    (answer,) = ask(folder, [{"k": way}], rows=60)
    assert "resources/minzheng/hunyin-dengji/" in answer.hrefs


def test_a_word_of_very_many_readings_is_answered(folder: Path) -> None:
    queries = ["xian" * 50, "xian" * 49 + "v", "yuanan" * 33, "婚姻" * 100, "zz" * 100]
    assert len(ask(folder, [{"k": query} for query in queries])) == len(queries)


def test_full_pinyin_and_initials_of_every_title(entries: list[Entry], folder: Path) -> None:
    chosen = [e for e in entries if e.kind == "resource" and re.fullmatch(f"[{search.HAN}]+", e.title)]  # fmt: skip
    readings = [search.reading(e.title).split(" ") for e in chosen]
    plain = ["".join(one.split("|")[-1] for one in reading) for reading in readings]
    short = ["".join(one[0] for one in reading) for reading in readings]
    for queries in (plain, short):
        answers = ask(folder, [{"k": query} for query in queries], rows=60)
        for entry, query, answer in zip(chosen, queries, answers, strict=True):
            assert entry.href in answer.hrefs, query


def test_traditional_characters_of_every_title(entries: list[Entry], folder: Path) -> None:
    back = {simple: old for old, simple in traditional().simplified.items()}

    def translated(title: str) -> str:
        return "".join(back.get(one, one) for one in title)

    titles = [entry.title for entry in entries]
    answers = ask(folder, [{"k": translated(title)} for title in titles])
    assert sum(translated(title) != title for title in titles) > 300
    for title, answer in zip(titles, answers, strict=True):
        assert title in answer.titles


def queries(entries: Sequence[Entry], count: int) -> Iterator[dict[str, Any]]:
    """Pieces of real texts, one or two of them, under random facets."""
    chance = random.Random(20261123)
    runs = [run for e in entries for text in (e.title, e.abstract, e.by, *e.items) for run in re.findall(f"[{search.HAN}]{{2,}}", text)]  # fmt: skip
    for _ in range(count):
        words: list[str] = []
        for run in chance.choices(runs, k=chance.choice((0, 1, 1, 1, 2))):
            length = min(len(run), chance.randint(2, 6))
            start = chance.randint(0, len(run) - length)
            words.append(run[start : start + length])
        asked: dict[str, Any] = {"k": " ".join(words)}
        for name in ("kind", "agency", "library", "sharing", "cycle"):
            if chance.random() < 0.25:
                asked[name] = sorted({getattr(chance.choice(entries), name) for _ in range(2)} - {""})  # fmt: skip
        yield asked


def check_against_naive(entries: Sequence[Entry], folder: Path, count: int) -> None:
    asked = list(queries(entries, count))
    found = 0
    for one, answer in zip(asked, ask(folder, asked), strict=True):
        total, counts = naive(entries, one)
        assert answer.total == total, one
        assert answer.counts == {name: dict(count) for name, count in counts.items()}, one
        found += total > 0
    assert found > count // 2


def test_totals_and_facet_counts_are_those_of_a_naive_search(entries: list[Entry], folder: Path) -> None:  # fmt: skip
    check_against_naive(entries, folder, 300)


def test_more_than_255_agencies_and_libraries(tmp_path: Path) -> None:
    few = many(1_300)
    check_against_naive(few, write(tmp_path, few), 40)


def test_resources_come_before_agencies_before_laws_before_cases(tmp_path: Path) -> None:
    kinds = ["request", "law", "agency", "resource"]
    few = [MARRIAGE._replace(kind=kind, href=f"{kind}/a/", title="婚姻登记甲") for kind in kinds]
    few.append(MARRIAGE._replace(href="resource/b/", title="婚姻登记甲乙丙"))
    few.append(MARRIAGE._replace(href="resource/c/", title="结婚", items=("婚姻登记",)))
    (answer,) = ask(write(tmp_path, few), [{"k": "婚姻"}])
    assert answer.hrefs == ["resource/a/", "agency/a/", "law/a/", "resource/b/", "request/a/", "resource/c/"]  # fmt: skip


MARKS: list[tuple[str, list[str], dict[str, Any], list[str]]] = [
    ("婚姻登记信息", ["婚姻"], {}, ["婚姻"]),
    ("婚姻登记婚姻", ["婚姻", "姻登"], {}, ["婚姻登", "婚姻"]),
    ("ＭｙＳＱＬ库", ["sql"], {}, ["ＳＱＬ"]),
    ("婚姻登记", ["hunyin"], {"reading": "hun yin deng ji"}, ["婚姻"]),
    ("婚姻登记", ["hunyinde"], {"reading": "hun yin deng ji"}, ["婚姻登"]),
    ("婚姻登记", ["yd"], {"reading": "hun yin deng ji"}, ["姻登"]),
    ("婚姻登记", ["zz"], {"reading": "hun yin deng ji"}, []),
    ("𠮷田结婚", ["结婚"], {}, ["结婚"]),
    ("<b>结婚", ["b"], {}, ["b"]),
    ("㎡结", ["m2"], {}, ["㎡"]),
]


@pytest.mark.parametrize(("text", "runs", "options", "expected"), MARKS)
def test_what_is_marked(text: str, runs: list[str], options: dict[str, Any], expected: list[str]) -> None:  # fmt: skip
    (pieces,) = call("marks", [[text, runs, options]])
    units = text.encode("utf-16-le")
    assert [units[2 * start : 2 * end].decode("utf-16-le") for start, end in pieces] == expected


def test_no_file_of_the_index_is_large(folder: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (folder / "search").rglob("*.*")}
    assert max(sizes.values()) < 60_000
    meta: dict[str, Any] = json.loads((folder / "search/meta.json").read_text("utf-8"))
    assert set(meta) == {"stamp", "columns", "entries", "shards", "rows", "kinds", "agencies", "libraries", "states", "syllables"}  # fmt: skip
