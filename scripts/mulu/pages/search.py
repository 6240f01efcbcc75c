"""The search index as files: what a browser fetches, piece by piece, to find records by their words.

A text is found by its *terms*: every two neighbouring characters of which one is Chinese;
runs of letters and digits whole where short, else by their threes, so that a part of a code
finds it; of titles also single characters, all pairs, syllables of pinyin and initials.
A term stands in one *class*, the best it has: title, words, abstract.

``terms`` is the costly half, of one entry alone, so a caller can keep what it gave.
``sheets`` turns entries and their terms into files below ``search/``:

``meta.json``
    numbers, facet values, syllables.  The browser asks for ``columns.bin`` by the stamp
    ``columns`` and for all else by ``stamp``, which changes where the numbering does: files
    it kept from an earlier build may be old but never belong to other entries.
``columns.bin``
    five columns over all entries: kind, agency, library, state, length of the title.
    Each: form byte, then runs (0), bytes (1) or little-endian pairs of bytes (2) of indexes.
``terms/<n>.bin``
    one shard: number of terms; for each its length, UTF-8 and the length of its lists;
    then the lists: a byte that says which classes follow, and for each count × 2 + is-bitmap,
    then the gaps between entry numbers, or one bit for every entry, lowest first.
    Numbers are LEB128. A term's shard is its CRC-32 cut to as many bits as there are shards.
``rows/<n>.json``
    four entries as they are shown: [href, title, by, abstract, words, items, reading].
``traditional.json``
    the traditional characters whose simplified form occurs.

``site/theme/assets/search-core.js`` reads them and must fold a query as ``Folding`` does.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import re
import unicodedata
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate, chain, groupby, product
from operator import add, sub
from typing import NamedTuple

from mulu.pages.sheet import Sheet, key_of, ready

# The same ranges stand in search-core.js.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
LATIN = "0-9a-z\u00e0-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u052f\u3041-\u3096\u30a1-\u30fc"
_PAIR = re.compile(f"[{HAN}][{HAN}{LATIN}]|[{LATIN}][{HAN}]")
_RUNS = re.compile(f"[{HAN}{LATIN}]+")
_LATIN_RUNS = re.compile(f"[{LATIN}]+")
_HAN_RUNS = re.compile(f"[{HAN}]+")

# Readings that at least one in 25 of pypinyin's phrases gives beside the character's first one
# (counted over its 47,000 phrases), and those of common place names.
_ALSO: Mapping[str, str] = dict(re.findall(r"(.):(\S+)", (
    "行:hang 长:chang 重:chong 血:xie 乐:yue 恶:wu 度:duo 调:tiao 角:jue 和:huo 传:zhuan 朝:zhao 折:she "
    "露:lou 着:zhuo|zhao 没:mo 差:chai 弹:tan 藏:zang 称:chen 薄:bo 还:huan 了:liao 系:ji 参:can 便:pian "
    "塞:se 阿:e 率:shuai 校:jiao 降:xiang 劲:jing 省:xing 宿:xiu 属:zhu 似:shi 给:ji 都:du 模:mu 圈:juan "
    "削:xiao 朴:piao 屏:bing 畜:xu 卡:qia 否:pi 剥:bao 攒:cuan 贾:gu 卜:bu 泊:bo 勒:lei 曾:ceng 仔:zai "
    "会:kuai 单:shan 厦:xia 车:ju 盛:cheng 解:xie 番:pan 堡:pu 六:lu 涌:chong 埔:bu 大:dai 石:dan 壳:qiao"
)))  # fmt: skip

_CLASSES = 3  # title, words, abstract
_VERSION = 1
_PER_ROWS = 4  # twenty results lie in about twenty files
_BLOCK = 256  # entries, in the mean: an edit inverts so many again, in about 0.1 s
_BLOCK_UP_TO = 65_535  # a number in a block must fit into two bytes
_SHARDS_UP_TO = 1_024
_SHARD_SIZE = 7_000  # bytes: a query of two characters reads one, of a whole title about twelve
_ABSTRACT_UP_TO = 80
_LONGEST_TITLE = 255
_TEXTS = 7  # fields of an entry: kind, href, title, by, abstract, words, items


class Entry(NamedTuple):
    """One findable thing.

    ``href`` is relative to the site's root; ``by`` is who, or the title of the kind where
    nobody is; ``words`` are code, key and keywords; facet words are '' where there are none.
    """

    kind: str
    href: str
    title: str
    by: str
    abstract: str = ""
    words: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    agency: str = ""
    library: str = ""
    sharing: str = ""
    cycle: str = ""


Terms = tuple[Sequence[str], Sequence[str], Sequence[str]]


class Folding(dict[str, str]):
    """Brings texts into the form in which they are compared: one width, one case, simplified.

    Remembers each character, which is five times as fast as folding whole texts.
    """

    def __init__(self, pairs: str) -> None:
        """From lines of one traditional and one simplified character; # begins a remark."""
        rows = (line for line in pairs.splitlines() if line and not line.startswith("#"))
        self.simplified = {row[0]: row[1] for row in rows}

    def __missing__(self, character: str) -> str:
        # lower and not casefold: JavaScript has only that, and the two must agree
        lowered = unicodedata.normalize("NFKC", character).lower().replace("ς", "σ")
        self[character] = found = "".join(self.simplified.get(one, one) for one in lowered)
        return found

    def __call__(self, text: str) -> str:
        """The whole text, as NFKC of the whole would give it."""
        found = "".join(map(self.__getitem__, text))
        return found if found.isascii() else unicodedata.normalize("NFC", found)


# ------------------------------------------------------------------ one entry


def terms(entry: Entry, fold: Folding) -> Terms:
    """The terms of an entry: of its title, further ones of its words, further ones of its abstract."""
    titles = dict.fromkeys(_title_terms(fold(entry.title)))
    words = dict.fromkeys(_terms(fold("\n".join((entry.by, *entry.words, *entry.items)))))
    abstract = dict.fromkeys(_terms(fold(entry.abstract)))
    others = [one for one in words if one not in titles]
    rest = [one for one in abstract if one not in titles and one not in words]
    return list(titles), others, rest


def _terms(text: str) -> list[str]:
    found: list[str] = []
    for run in _RUNS.findall(text):
        latin: list[str] = _LATIN_RUNS.findall(run)
        if latin:
            found += filter(_WITH_HAN.__getitem__, map(add, run, run[1:]))
        elif len(run) > 1:
            found += map(add, run, run[1:])
        else:
            found.append(run)
        for part in latin:
            found.append(part[:2])
            found += map("".join, zip(part, part[1:], part[2:], strict=False))
    return found


def _title_terms(text: str) -> list[str]:
    found = list("".join(_RUNS.findall(text)))
    for run in _LATIN_RUNS.findall(text):
        found += map(add, run, run[1:])
    found += _terms(text)
    for run in _HAN_RUNS.findall(text):
        found += _pinyin_terms(run)
    return found


class _Memory(dict[str, bool]):
    """Whether a pair of characters has a Chinese one, each worked out once."""

    def __missing__(self, pair: str) -> bool:
        self[pair] = found = _PAIR.fullmatch(pair) is not None
        return found


_WITH_HAN = _Memory()


def _pinyin_terms(run: str) -> Iterator[str]:
    """'hun 'hun'yin for syllables, :hy :hyd for initials."""
    pairs = list(map(add, run, run[1:]))
    return chain.from_iterable(
        chain(map(_one_read, run), map(_two_read, pairs), map(_initials, map(add, pairs, run[2:])))
    )


@cache
def _one_read(character: str) -> tuple[str, ...]:
    return tuple(f"'{one}" for one in syllables[character])


@cache
def _two_read(pair: str) -> tuple[str, ...]:
    left, right = map(syllables.__getitem__, pair)
    return (*(f"'{one}'{two}" for one in left for two in right), *_initials(pair))


@lru_cache(100_000)
def _initials(characters: str) -> tuple[str, ...]:
    letters = (dict.fromkeys(one[0] for one in syllables[ch]) for ch in characters)
    return tuple(":" + "".join(spelled) for spelled in product(*letters))


class Syllables(dict[str, tuple[str, ...]]):
    """How a Chinese character is commonly read, the most common reading first.

    Plain values, to be kept from run to run: asking for one that is not there takes the time
    of an import.
    """

    def __missing__(self, character: str) -> tuple[str, ...]:
        from pypinyin import lazy_pinyin  # a third of a second, and only where needed

        first: list[str] = lazy_pinyin(character, errors="ignore")
        found = dict.fromkeys([*first, *_ALSO.get(character, "").split("|")])
        made = tuple(one.replace("lve", "lue").replace("nve", "nue") for one in found if one)
        self[character] = made
        return made


syllables = Syllables()


def reading(name: str) -> str:
    """The syllables of a folded title's Chinese characters: blanks between, | between readings."""
    found = ("|".join(syllables[ch]) or "?" for run in _HAN_RUNS.findall(name) for ch in run)
    return " ".join(found)


# ------------------------------------------------------------------ blocks of entries


@dataclass(frozen=True, slots=True)
class Block:
    """Some neighbouring entries, each with its digest; equal keys mean an equal ``inverted``."""

    key: bytes
    entries: Sequence[Entry]
    digests: Sequence[bytes]


def digest(entry: Entry) -> bytes:
    """What an entry's terms and its row depend on: all but the facets."""
    return key_of(entry[:_TEXTS])


def blocks(
    entries: Iterable[Entry], fold: Folding, digest: Callable[[Entry], bytes] = digest
) -> list[Block]:
    """All entries in the order of their numbers, cut where their addresses say.

    So an added record changes one block; a changed facet word changes none.  ``digest`` may
    remember what the function of that name said.
    """
    table = key_of(sorted(fold.simplified.items()))
    ordered = sorted(entries, key=lambda entry: entry[:2])
    found: list[Block] = []
    start = 0
    for at, entry in enumerate(ordered, 1):
        ends = not zlib.crc32(entry.href.encode()) % _BLOCK or at - start == _BLOCK_UP_TO
        if ends or at == len(ordered):
            below = ordered[start:at]
            digests = list(map(digest, below))
            found.append(Block(key_of(_VERSION, table, digests), below, digests))
            start = at
    return found


def inverted(block: Block, fold: Folding) -> Inverted:
    """The terms of a block by shard, and of each entry its title's reading and length.

    The costly half: a plain value for ``marshal``, to be kept by the block's key.
    """
    postings = [_Postings() for _ in range(_CLASSES)]
    for number, entry in enumerate(block.entries):
        for found, below in zip(postings, terms(entry, fold), strict=True):
            for term in below:
                found[term].append(number)
    parts: list[dict[str, bytes]] = [{} for _ in range(_SHARDS_UP_TO)]
    for at, found in enumerate(postings):
        for term in sorted(found):
            part = zlib.crc32(term.encode()) % _SHARDS_UP_TO
            parts[part][f"{at}{term}"] = found[term].tobytes()
    names = [fold(entry.title) for entry in block.entries]
    lengths = bytes(min(_LONGEST_TITLE, sum(map(len, _RUNS.findall(name)))) for name in names)
    return (
        sum(sum(map(len, found.values())) for found in postings),
        [marshal.dumps(part, 2) for part in parts],
        [reading(name) for name in names],
        lengths,
        "".join(sorted(set("".join(chain.from_iterable(postings))))),
    )


class _Postings(dict[str, "array[int]"]):
    """The numbers of the entries that have a term."""

    def __missing__(self, term: str) -> array[int]:
        self[term] = made = array("H")
        return made


# number of postings, parts of shards, readings, lengths of titles, characters of the terms
Inverted = tuple[int, list[bytes], list[str], bytes, str]


# ------------------------------------------------------------------ all entries


def sheets(
    cut: Sequence[Block],
    found: Sequence[Inverted],
    agencies: Mapping[str, str],
    libraries: Mapping[str, str],
    fold: Folding,
) -> Iterator[Sheet]:
    """The files of the index; ``found`` gives each block ``inverted``, in order.

    ``agencies`` and ``libraries`` title the facet values.  A change of one entry that keeps
    its kind and href touches only the shards of its terms and its own rows.
    """
    ordered = [entry for block in cut for entry in block.entries]
    readings = [read for one in found for read in one[2]]
    count = _number_of_shards(sum(postings for postings, *_ in found))
    columns = [_column(values) for values in _facets(ordered)]
    lengths = b"".join(one[3] for one in found)
    packed = b"".join(map(_packed, (*(indexes for _, indexes in columns), lengths)))
    meta = {
        "stamp": _stamp(_VERSION, count, [(entry.kind, entry.href) for entry in ordered]),
        "columns": _stamp(packed),
        "entries": len(ordered),
        "shards": count,
        "rows": _PER_ROWS,
        "kinds": columns[0][0],
        "agencies": [[key, agencies.get(key, key)] for key in columns[1][0]],
        "libraries": [[key, libraries.get(key, key)] for key in columns[2][0]],
        "states": [state.split("\n") for state in columns[3][0]],
        "syllables": _all_syllables(readings),
    }
    yield ready("search/meta.json", _json(meta))
    yield ready("search/columns.bin", packed)
    yield from _shards(cut, found, count, len(ordered))
    yield from _rows(ordered, [one for block in cut for one in block.digests], readings)
    seen = set("".join(one[4] for one in found))
    kept = [pair for pair in sorted(fold.simplified.items()) if pair[1] in seen]
    known = ["".join(a for a, _ in kept), "".join(b for _, b in kept)]
    yield ready("search/traditional.json", _json(known))


def _stamp(*parts: object) -> str:
    return key_of(*parts).hex()[:12]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _number_of_shards(postings: int) -> int:
    """A power of two for about ``_SHARD_SIZE`` bytes each; a posting takes a byte and an eighth."""
    wanted = postings * 9 // 8 // _SHARD_SIZE
    return min(_SHARDS_UP_TO, max(16, 1 << (wanted * 4 // 3).bit_length() - 1 if wanted else 0))


def _facets(entries: Sequence[Entry]) -> list[Sequence[str]]:
    return [
        [entry.kind for entry in entries],
        [entry.agency for entry in entries],
        [entry.library for entry in entries],
        [f"{entry.sharing}\n{entry.cycle}" for entry in entries],
    ]


def _column(values: Sequence[str]) -> tuple[list[str], list[int]]:
    """The different values in order, and of each row its value's index."""
    different = sorted(set(values))
    at = {value: index for index, value in enumerate(different)}
    return different, [at[value] for value in values]


def _all_syllables(readings: Iterable[str]) -> list[str]:
    found = set(" ".join(readings).replace("|", " ").split(" "))
    return sorted(found - {"", "?"})


# ------------------------------------------------------------------ bytes


class _Leb128(dict[int, bytes]):
    """Numbers as LEB128, each worked out once."""

    def __missing__(self, number: int) -> bytes:
        made = bytes([number]) if number < 128 else bytes([number & 127 | 128]) + self[number >> 7]
        self[number] = made
        return made


_LEB128 = _Leb128()


def _packed(indexes: Sequence[int]) -> bytes:
    """A column in the shortest of its forms."""
    runs = [(index, sum(1 for _ in below)) for index, below in groupby(indexes)]
    packed = b"".join(_LEB128[index] + _LEB128[length] for index, length in runs)
    wide = max(indexes, default=0) > 255
    if len(packed) < len(indexes) * (1 + wide):
        return b"\0" + _LEB128[len(runs)] + packed
    return (
        b"\2" + b"".join(i.to_bytes(2, "little") for i in indexes)
        if wide
        else b"\1" + bytes(indexes)
    )


def _shards(
    cut: Sequence[Block], found: Sequence[Inverted], count: int, entries: int
) -> Iterator[Sheet]:
    bases = [0, *accumulate(len(block.entries) for block in cut)]
    for number in range(count):
        parts = [
            (base, parts[at])
            for base, (_, parts, *_) in zip(bases, found, strict=False)
            for at in range(number, _SHARDS_UP_TO, count)
            if parts[at] != _NOTHING
        ]
        whole = hashlib.blake2b(b"".join(part for _, part in parts)).digest()
        key = key_of(_VERSION, entries, [base for base, _ in parts], whole)
        yield Sheet(f"search/terms/{number}.bin", key, partial(_shard, parts, entries))


_NOTHING = marshal.dumps({}, 2)


def _shard(parts: Sequence[tuple[int, bytes]], entries: int) -> bytes:
    postings: dict[str, tuple[list[int], ...]] = {}
    for base, part in parts:
        below: dict[str, bytes] = marshal.loads(part)  # noqa: S302  made by inverted
        for name, raw in below.items():
            at, term = int(name[0]), name[1:]
            if term not in postings:
                postings[term] = tuple([] for _ in range(_CLASSES))
            postings[term][at].extend([base + number for number in memoryview(raw).cast("H")])
    head, body = [_LEB128[len(postings)]], list[bytes]()
    for term in sorted(postings):
        raw, packed = term.encode(), _lists(postings[term], entries)
        head += [_LEB128[len(raw)], raw, _LEB128[len(packed)]]
        body.append(packed)
    return b"".join((*head, *body))


def _lists(classes: Sequence[Sequence[int]], entries: int) -> bytes:
    mask = sum(1 << at for at, numbers in enumerate(classes) if numbers)
    return bytes([mask]) + b"".join(_numbers(one, entries) for one in classes if one)


def _numbers(numbers: Sequence[int], entries: int) -> bytes:
    if len(numbers) * 8 > entries:
        bits = bytearray((entries + 7) // 8)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return _LEB128[len(numbers) << 1 | 1] + bytes(bits)
    gaps = (numbers[0], *map(sub, numbers[1:], numbers))
    return _LEB128[len(numbers) << 1] + b"".join(map(_LEB128.__getitem__, gaps))


def _rows(
    entries: Sequence[Entry], digests: Sequence[bytes], readings: Sequence[str]
) -> Iterator[Sheet]:
    for number, start in enumerate(range(0, len(entries), _PER_ROWS)):
        end = start + _PER_ROWS
        below, read = entries[start:end], readings[start:end]
        key = key_of(_VERSION, digests[start:end], read)
        yield Sheet(f"search/rows/{number}.json", key, partial(_row_file, below, read))


def _row_file(entries: Sequence[Entry], readings: Sequence[str]) -> bytes:
    return _json(
        [
            (e.href, e.title, e.by, e.abstract[:_ABSTRACT_UP_TO], e.words, e.items, read)
            for e, read in zip(entries, readings, strict=True)
        ]
    )
