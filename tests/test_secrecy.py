"""What the secrecy scan finds, what it lets pass, and that it says neither more nor slower than it may.

Numbers that would be found are put together here from parts, so that this file holds none.
"""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from mulu.trust.secrecy import WHATS, Hit, scan, scan_bytes
from registers import ROOT, files_below

PORTALS = ROOT.parent / "shared" / "data" / "portals"


def id_number(region: str = "440300", born: str = "19900307", serial: str = "123") -> str:
    """A number with a right check digit that stands for nobody we know of."""
    body = region + born + serial
    return body + ric.calc_check_digit(body + "0")


MOBILE = "138" + "0013" + "8000"
CARD = "6222" + "0212" + "3456" + "7894"
KEY = "-----BEGIN " + "OPENSSH PRIVATE KEY-----"
SECRET, TOP, CONFIDENTIAL = "秘" + "密", "绝" + "密", "机" + "密"

CERTAIN = {
    "classification-mark": [
        f"{TOP}★10年", f"{CONFIDENTIAL}★长期", f"{SECRET}★", f"{SECRET}★1年", f"★{SECRET}",
        f"{TOP} ★ 30年", f"{CONFIDENTIAL}☆", f"{CONFIDENTIAL}*10年", "绝 密★", "機密★", "絕密★長期",
        f"【{CONFIDENTIAL}】", f"（{SECRET}）", f"[{TOP}]", f"title: {CONFIDENTIAL}", f"# {TOP}",
        f"- {SECRET}", f"note: {TOP}文件", f"{SECRET}10年", f"文头：{TOP}（长期）", f"{TOP}\u200b★",
        f"绝\u200b{'密'}★", "绝\u0301密★", "机\n  密★", f'note: "{CONFIDENTIAL}"', "\\u7edd\\u5bc6★",
        "&#32477;&#23494;★", "%E7%BB%9D%E5%AF%86★", base64.b64encode(f"本件为{TOP}★长期保存".encode()).decode(),
    ],
    "secrecy-field": [
        f"密级：{SECRET}", f"密级: {TOP}", f"密级为{CONFIDENTIAL}", f"保密等级：{SECRET}", f"定密：{TOP}",
        f"密级={CONFIDENTIAL}", f'"密级": "{SECRET}"', f"密级是{SECRET}",
    ],
    "id-number": [
        id_number(), f"号码{id_number()}。", id_number(serial="02"[:1] + "01"), id_number("110101", "20001231", "077"),
        " ".join([id_number()[:6], id_number()[6:14], id_number()[14:]]),
        "-".join([id_number()[:6], id_number()[6:14], id_number()[14:]]),
        id_number().translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "身份证 4403009" + "00307123", f"\\x{ord(id_number()[0]):02x}{id_number()[1:]}",
        f'key: "{id_number()}"', f"<p>{id_number()}</p>", f"{id_number()},{id_number(serial='456')}",
        "\u200b".join(id_number()), base64.b64encode(f"持证人 {id_number()} 张三".encode()).decode(),
    ],
    "mobile-number": [
        MOBILE, f"电话：{MOBILE}", f"+86 {MOBILE}", f"86-{MOBILE}", f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
        f"{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}", f'phone: "{MOBILE}"', f"张三{MOBILE}，", "\u200b".join(MOBILE),
        MOBILE.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
    "bank-card": [f"卡号 {CARD}", f"银行账号：{CARD}", f"开户行某某，{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}"],
    "private-key": [KEY, f"x\n{KEY}\ny", "-----BEGIN " + "PRIVATE KEY-----", "-----BEGIN " + "RSA PRIVATE KEY-----"],
    "access-token": [
        "ghp_" + "a1B2" * 9, "github_pat_" + "a1B2c" * 14, "glpat-" + "a1B2c" * 4, "AKIA" + "ABCDEFGH" * 2,
        "xoxb-" + "123456789012-abcdef", "eyJ" + "hbGciOiJI" * 2 + ".eyJ" + "zdWIiOiIx" * 2 + "." + "SflKxwRJSM" * 2,
    ],
}  # fmt: skip

PASSING = [
    "涉及国家秘密的信息不得发布", "依法保守国家秘密", "商业秘密", "工作秘密", "保护商业秘密和个人隐私", "市国家密码管理局", "保密局",
    "机密性、完整性和可用性", "秘密级以下", "本资源不涉及国家秘密", "保密审查", "密级：非密", "密级：无", "密级：内部", "密级：公开",
    "绝密级、机密级和秘密级三级", "国家秘密分为绝密、机密、秘密三级", "秘密调查", "密码", "密云水库", "机密封", "保密办公室", "秘书处",
    "涉密人员管理", "定密责任人", "商业秘密（含技术秘密）", "个人信息、商业秘密", "五星★★★★★饭店", "机要室★", "★级饭店",
    "0755-82000000", "(0755) 8800 1234", "12345", "电话：0755-00001170", "2026-11-23", "20261123", "2026年11月23日至2027年1月1日",
    "91440300MA5DA1234X", "11440300MX000107T", "440300", "308010/1", "深府〔2015〕99号", "GB/T 2261.1", "主席令第15号",
    "a" * 40, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "114.057868, 22.543099", "3214077", "100000000000", "13.80013800", "v1.13800138000.2", "ziyuan-13800138000-hao",
    "catalog/resources/minzheng/hunyin-dengji.yml", id_number()[:17] + ("1" if id_number()[17] != "1" else "2"),
    id_number(born="19901340"), id_number(region="990000"), "9" * 18, CARD, f"流水号{CARD}", f"卡号 {CARD[:-1]}{(int(CARD[-1]) + 1) % 10}",
    "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExample", "ghp_short",
    "password: example", "密码：请咨询管理员", "口令由管理员分配", "https://git.example.cn/shenzhen/mulu/src/branch/main/catalog",
]  # fmt: skip


@pytest.mark.parametrize(("what", "text"), [(w, t) for w, texts in CERTAIN.items() for t in texts])
def test_what_must_not_be_public_is_found(what: str, text: str) -> None:
    found = scan(text)
    assert (what, True) in {(hit.what, hit.certain) for hit in found}


@pytest.mark.parametrize("text", PASSING)
def test_what_may_be_public_passes(text: str) -> None:
    assert [hit for hit in scan(text) if hit.certain] == []


def test_there_are_sixty_of_each() -> None:
    assert sum(map(len, CERTAIN.values())) >= 60
    assert len(PASSING) >= 60


def test_a_password_is_only_suspected() -> None:
    hits = scan("password: " + "Tr0ub4dor&3")
    assert [(hit.what, hit.certain) for hit in hits] == [("password", False)]


def test_where_it_stands() -> None:
    text = f"title: 一\nnote: 联系 {MOBILE}\n# {TOP}★\n"
    assert [(hit.what, hit.line, hit.column) for hit in scan(text)] == [
        ("mobile-number", 2, 10),
        ("classification-mark", 3, 3),
    ]


def test_the_digest_is_of_the_value_however_it_is_written() -> None:
    number = id_number()
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    assert {hit.digest for hit in scan(number)} == {hit.digest for hit in scan(spaced)}
    assert scan(number)[0].digest != scan(id_number(serial="456"))[0].digest


def test_no_hit_holds_what_was_matched() -> None:
    for text in (id_number(), MOBILE, f"{TOP}★10年", "ghp_" + "a1B2" * 9):
        shown = repr(scan(text))
        assert text not in shown
        assert all(text[at : at + 6] not in shown for at in range(len(text) - 6))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_other_encodings(encoding: str) -> None:
    source = f"说明：{TOP}★10年，{MOBILE}".encode(encoding)
    assert {hit.what for hit in scan_bytes(source)} == {"classification-mark", "mobile-number"}


SEPARATED = st.lists(st.sampled_from(["", "\u200b", "\u200d", "\ufeff", "\u2060"]), min_size=17, max_size=17)  # fmt: skip


@given(SEPARATED, st.booleans())
def test_invisible_characters_and_widths_hide_nothing(between: list[str], wide: bool) -> None:
    number = id_number()
    text = "".join(a + b for a, b in zip(number, [*between, ""], strict=True))
    if wide:
        text = text.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    assert "id-number" in {hit.what for hit in scan(f"号{text}。")}


@given(st.binary(max_size=400))
def test_any_bytes_are_scanned(source: bytes) -> None:
    for hit in scan_bytes(source):
        assert isinstance(hit, Hit)
        assert hit.what in WHATS
        assert hit.line >= 1
        assert hit.column >= 1


@pytest.mark.parametrize("text", ["1", "密", "★", "A", "aB3_", "\\", "绝密", "%41", " ", "密\n", "1 ", "&#32477;", "eyJ", "-----BEGIN ", "\u200b", "１", "ghp_", "password:"])  # fmt: skip
def test_time_is_linear(text: str) -> None:
    start = time.perf_counter()
    scan(text * (65_536 // len(text)))
    assert time.perf_counter() - start < 1, "0.01 to 0.1 s here; a runner may be slow"


def test_the_demonstration_register_holds_nothing() -> None:
    for folder in ("catalog", "negative-list"):
        for path, source in files_below(ROOT / folder).items():
            assert [hit.what for hit in scan_bytes(source) if hit.certain] == [], path


@pytest.mark.parametrize("city", ["hangzhou", "shanghai", "suzhou", "guiyang"])
def test_at_most_one_blocking_hit_in_a_thousand_real_titles(city: str) -> None:
    source: Path = PORTALS / f"{city}.json"
    if not source.exists():
        pytest.skip("the lists of real portals are not on this machine")
    rows = json.loads(source.read_text("utf-8"))
    hits = [
        hit for row in rows for text in row.values() if isinstance(text, str) for hit in scan(text)
    ]
    assert sum(hit.certain for hit in hits) * 1000 <= len(rows)
