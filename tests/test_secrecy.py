"""The secrecy scanner: what is found however it is written, what passes, and at what cost.

Nothing found is written out here: values are put together when the tests run, so that the
scanner that reads this file too has nothing to find.
"""

from __future__ import annotations

import base64
import html
import time
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from mulu.trust import secrecy
from mulu.trust.secrecy import WHATS, Hit, scan, scan_bytes

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data" / "secrecy"
PORTALS = ROOT.parent / "shared" / "data" / "portals"
PASSES = (DATA / "passes.txt").read_text("utf-8").splitlines()

J, M, S = ("绝" + "密", "机" + "密", "秘" + "密")
LEVELS = (J, M, S)
WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


def id_number(region: str = "1101" + "05", day: str = "1949" + "1231", place: str = "002") -> str:
    """A number whose check digit is right (ISO 7064 MOD 11-2)."""
    body = region + day + place
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def card(body: str = "6222" + "0202" + "0001" + "123") -> str:
    """A card number whose last digit makes it pass Luhn."""
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in body[::-2])
    return body + str(-(doubled + sum(map(int, body[-2::-2]))) % 10)


def credit_code(head: str, body: str) -> str:
    """A code of digits only whose two check digits are right; '' where one would be a letter."""
    inner = -sum(int(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    code = f"{head}{body}{inner}"
    check = -sum(int(digit) * pow(3, place, 31) for place, digit in enumerate(code)) % 31
    return f"{code}{check}" if inner < 10 and check < 10 else ""


ID = id_number(place="013")
ID_X = next(n for n in (id_number(place=f"{k:03}") for k in range(1, 99)) if n[-1] == "X")
MOBILE = "138" + "0013" + "8000"
CARD = card()
OLD_ID = "1101" + "05" + "4912" + "31002"
LETTERS = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
PEM = "-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----\n"
BODY = base64.b64encode(bytes(range(250))).decode()
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
MATHEMATICAL = str.maketrans({str(n): chr(0x1D7CE + n) for n in range(10)})
ARABIC = str.maketrans({str(n): chr(0x660 + n) for n in range(10)})


def u_escaped(text: str) -> str:
    """As JSON writes it."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


def in_base64(text: str) -> str:
    """Base64 of enough letters."""
    return base64.b64encode(f"某某事项清单 {text} 共三份".encode()).decode()


Row = tuple[str, str, bool]
MARK, FIELD, IDN, TEL, BANK, KEY, TOKEN, PASSWORD = WHATS

POSITIVES: list[Row] = [
    # classification marks: star and term
    (f"{J}★", MARK, True),
    (f"{M}★10年", MARK, True),
    (f"{S}☆长期", MARK, True),
    (f"{S}*5年", MARK, True),
    (f"{M} ★ 20 年", MARK, True),
    (f"{J}★启用前", MARK, True),
    (f"{S}★6个月", MARK, True),
    (f"title: 关于调整的通知 {M}★10年", MARK, True),
    (f"附件{M}★10年", MARK, True),
    (f"★{M}", MARK, True),
    (f"{M}10年", MARK, True),
    (f"- {S} 长期", MARK, True),
    (f"{J}级★30年", MARK, True),
    (f"{M}★十年", MARK, True),
    # spaced, folded, disguised
    (f"{J[0]} {J[1]}★", MARK, True),
    (f"{J[0]}　{J[1]}　★　10年", MARK, True),
    (f"{J[0]}\u200b{J[1]}★", MARK, True),
    (f"{M[0]}\u0336{M[1]}\u0336★10年", MARK, True),
    (f"{M[0]}\ufe00{M[1]}★", MARK, True),
    (f"title: 甲\n  {M[0]}\n  {M[1]}★10年", MARK, True),
    (f"# {M[0]}\n# {M[1]}★\n", MARK, True),
    (f"{M[0]}·{M[1]}★", MARK, True),
    (f"**{M[0]}** **{M[1]}**★", MARK, True),
    ("絕" + f"{J[1]}★30年", MARK, True),
    ("機" + f"{M[1]}★", MARK, True),
    ("祕" + f"{S[1]}★", MARK, True),
    (f"{M}⭐10年", MARK, True),
    (f"{M}＊１０年", MARK, True),
    (f"{u_escaped(J)}★", MARK, True),
    (f'title: "{u_escaped(M + "★10年")}"', MARK, True),
    (f"&#{ord(J[0])};&#x{ord(J[1]):x};&starf;10年", MARK, True),
    (f"{urllib.parse.quote(M + '★')}", MARK, True),
    (f"{J[0]}<b>{J[1]}</b>★", MARK, True),
    (f"{J[0]}\\\n  {J[1]}★", MARK, True),
    ("".join(f"\\{byte:03o}" for byte in M.encode()) + "★", MARK, True),
    ("".join(f"\\x{byte:02x}" for byte in f"{M}★".encode()), MARK, True),
    (f"\\\\{u_escaped(J).replace(chr(92), chr(92) * 2)}★", MARK, True),
    (f"note: {in_base64(M + '★10年')}", MARK, True),
    (f"path/{in_base64(M + '★10年')}", MARK, True),
    # alone, in brackets
    (S, MARK, True),
    (f"title: {M}", MARK, True),
    (f"title: '{M}'  # 注", MARK, True),
    (f"- {J}\n", MARK, True),
    (f'{{"a": "{M}", "b": 1}}', MARK, True),
    (f"【{M}】某某清单", MARK, True),
    (f"[{M}] 某某清单", MARK, True),
    (f"title: （{S}）某某清单", MARK, True),
    (f"某某方案（{M}）", MARK, True),
    (f"catalog/x/{M}.yml", MARK, True),
    (f"{M}级", MARK, True),
    # may be marks
    (f"商业{S}★3年", MARK, False),
    (f"本件为{M}★", MARK, False),
    (f"甲,{M},乙", MARK, False),
    (f"期限：{J}30年、{M}20年", MARK, False),
    (f"- {J}\n- {M}\n- {S}\n", MARK, False),
    # a field
    (f"密级：{M}", FIELD, True),
    (f"密 级 : {S}", FIELD, True),
    (f'"密级": "{J}"', FIELD, True),
    (f"密级:\n  - {M}\n", FIELD, True),
    (f"保密等级为{M}。", FIELD, True),
    (f"| 密级 | {S} |", FIELD, True),
    (f"密級：機{M[1]}", FIELD, True),
    (f"【密级】{M}", FIELD, True),
    (f"密级：{J}/{M}/{S}", FIELD, False),
    # persons' numbers
    (ID, IDN, True),
    (ID_X, IDN, True),
    (ID_X.lower(), IDN, True),
    (f"证号{ID}号", IDN, True),
    (f"{ID[:6]} {ID[6:14]} {ID[14:]}", IDN, True),
    (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", IDN, True),
    (" ".join(ID), IDN, True),
    (ID.translate(WIDE), IDN, True),
    (ID.translate(MATHEMATICAL), IDN, True),
    (ID.translate(ARABIC), IDN, True),
    ("\u200d".join(ID), IDN, True),
    (f"note: {ID[:9]}\n  {ID[9:]}", IDN, True),
    (u_escaped(ID), IDN, True),
    (in_base64(ID), IDN, True),
    (ID_X[:17] + "Х", IDN, True),
    (f"2023 {ID[:6]} {ID[6:14]} {ID[14:]}", IDN, True),
    (id_number("4403" + "01", "2003" + "0229".replace("29", "28")), IDN, True),
    (id_number("8100" + "00", "1990" + "0101"), IDN, True),
    (id_number("9111" + "56", "1990" + "0101"), IDN, True),
    (f"身份证 {OLD_ID}", IDN, True),
    (f"身份证号：{ID[:17]}{'10'[ID[17] == '1']}", IDN, False),
    # mobile numbers
    (MOBILE, TEL, True),
    (f"电话{MOBILE}，张", TEL, True),
    (f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}", TEL, True),
    (f"{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}", TEL, True),
    (f"+86{MOBILE}", TEL, True),
    (f"+86 {MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}", TEL, True),
    (f"0086-{MOBILE}", TEL, True),
    (f"(+86){MOBILE}", TEL, True),
    (f"86{MOBILE}", TEL, False),
    (MOBILE.translate(WIDE), TEL, True),
    (" ".join(MOBILE), TEL, True),
    (f"tel:{MOBILE}", TEL, True),
    (f"{MOBILE[:3]}&nbsp;{MOBILE[3:7]}&nbsp;{MOBILE[7:]}", TEL, True),
    (f"{MOBILE[:3]} {MOBILE[3:]}", TEL, False),
    # cards
    (f"银行卡号：{CARD}", BANK, True),
    (f"账号 {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}", BANK, True),
    (f"帳號：{CARD.translate(WIDE)}", BANK, True),
    # keys, tokens, passwords
    (PEM.format("PRIVATE", BODY, "PRIVATE"), KEY, True),
    (PEM.format("OPENSSH PRIVATE", BODY, "OPENSSH PRIVATE"), KEY, True),
    (PEM.format("RSA PRIVATE", BODY, "RSA PRIVATE").replace("\n", "\\n"), KEY, True),
    (PEM.format("ENCRYPTED PRIVATE", BODY, "ENCRYPTED PRIVATE").replace("\n", " "), KEY, True),
    (PEM.format("PRIVATE", "…", "PRIVATE"), KEY, True),
    ("b3BlbnNzaC1rZXkt" + "djEA" + LETTERS, KEY, True),
    ("gh" + "p_" + (LETTERS + "abcd")[:36], TOKEN, True),
    ("github" + "_pat_" + LETTERS, TOKEN, True),
    ("token=" + "gl" + "pat-" + LETTERS[:20], TOKEN, True),
    ("AK" + "IA" + "Q3W5E7R9T2Y4U6P8", TOKEN, True),
    ("AK" + "IA" + "IOSFODNN7EXAMPLE", TOKEN, False),
    (".".join("eyJ" + LETTERS for _ in range(2)) + "." + LETTERS, TOKEN, True),
    ("xo" + "xb-" + "12345678-" + LETTERS, TOKEN, True),
    ("LT" + "AI" + LETTERS[:20], TOKEN, True),
    ("pass" + "word: " + "Tr0ub4dor&3", PASSWORD, False),
    ("初始密" + "码为 " + "Abc@12345", PASSWORD, False),
    ("DB_PASS" + "WORD=" + "s3cr3t-9x", PASSWORD, False),
    ("https://deploy:" + "s3cr3t9" + "@git.example.gov.cn/x", PASSWORD, False),
]


def kinds(hits: list[Hit]) -> set[tuple[str, bool]]:
    return {(hit.what, hit.certain) for hit in hits}


@pytest.mark.parametrize(("text", "what", "certain"), POSITIVES)
def test_found(text: str, what: str, certain: bool) -> None:
    assert kinds(scan(text)) == {(what, certain)}
    assert scan_bytes(text.encode()) == scan(text)


KEY_LINE = "-----BEGIN " + "OPENSSH PRIVATE KEY-----"
NUMBER = id_number("4403" + "00", "1990" + "0307", "123")
MORE_CERTAIN = {
    "classification-mark": [
        f"{J}★10年", f"{M}★长期", f"{S}★", f"{S}★1年", f"★{S}",
        f"{J} ★ 30年", f"{M}☆", f"{M}*10年", f"{J[0]} {J[1]}★", f"機{M[1]}★", f"絕{J[1]}★長期",
        f"【{M}】", f"（{S}）", f"[{J}]", f"title: {M}", f"# {J}",
        f"- {S}", f"note: {J}文件", f"{S}10年", f"文头：{J}（长期）", f"{J}\u200b★",
        f"{J[0]}\u200b\u200b{J[1]}★", f"{J[0]}\u0301{J[1]}★", f"{M[0]}\n  {M[1]}★", f'note: "{M}"', f"{u_escaped(J)}★",
        f"&#{ord(J[0])};&#{ord(J[1])};★", f"{urllib.parse.quote(J)}★", base64.b64encode(f"本件为{J}★长期保存".encode()).decode(),
    ],
    "secrecy-field": [
        f"密级：{S}", f"密级: {J}", f"密级为{M}", f"保密等级：{S}", f"定密：{J}",
        f"密级={M}", f'"密级": "{S}"', f"密级是{S}",
    ],
    "id-number": [
        NUMBER, f"号码{NUMBER}。", id_number(place="001"), id_number("110101", "20001231", "077"),
        " ".join([NUMBER[:6], NUMBER[6:14], NUMBER[14:]]),
        "-".join([NUMBER[:6], NUMBER[6:14], NUMBER[14:]]),
        NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "身份证 4403009" + "00307123", f"\\x{ord(NUMBER[0]):02x}{NUMBER[1:]}",
        f'key: "{NUMBER}"', f"<p>{NUMBER}</p>", f"{NUMBER},{ID}",
        "\u200b".join(NUMBER), base64.b64encode(f"持证人 {NUMBER} 张三".encode()).decode(),
    ],
    "mobile-number": [
        MOBILE, f"电话：{MOBILE}", f"+86 {MOBILE}", f"86-{MOBILE}", f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
        f"{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}", f'phone: "{MOBILE}"', f"张三{MOBILE}，", "\u200b".join(MOBILE),
        MOBILE.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
    "bank-card": [f"卡号 {CARD}", f"银行账号：{CARD}", f"开户行某某，{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}"],
    "private-key": [KEY_LINE, f"x\n{KEY_LINE}\ny", "-----BEGIN " + "PRIVATE KEY-----", "-----BEGIN " + "RSA PRIVATE KEY-----"],
    "access-token": [
        "ghp_" + "a1B2" * 9, "github_pat_" + "a1B2c" * 14, "glpat-" + "a1B2c" * 4, "AKIA" + "ABCDEFGH" * 2,
        "xoxb-" + "123456789012-abcdef", "eyJ" + "hbGciOiJI" * 2 + ".eyJ" + "zdWIiOiIx" * 2 + "." + "SflKxwRJSM" * 2,
    ],
}  # fmt: skip

MORE_PASSING = [
    "涉及国家秘密的信息不得发布", "依法保守国家秘密", "商业秘密", "工作秘密", "保护商业秘密和个人隐私", "市国家密码管理局", "保密局",
    "机密性、完整性和可用性", "秘密级以下", "本资源不涉及国家秘密", "保密审查", "密级：非密", "密级：无", "密级：内部", "密级：公开",
    "绝密级、机密级和秘密级三级", "国家秘密分为绝密、机密、秘密三级", "秘密调查", "密码", "密云水库", "机密封", "保密办公室", "秘书处",
    "涉密人员管理", "定密责任人", "商业秘密（含技术秘密）", "个人信息、商业秘密", "五星★★★★★饭店", "机要室★", "★级饭店",
    "0755-82000000", "(0755) 8800 1234", "12345", "电话：0755-00001170", "2026-11-23", "20261123", "2026年11月23日至2027年1月1日",
    "91440300MA5DA1234X", "11440300MX000107T", "440300", "308010/1", "深府〔2015〕99号", "GB/T 2261.1", "主席令第15号",
    "a" * 40, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "114.057868, 22.543099", "3214077", "100000000000", "13.80013800", "v1.13800138000.2", f"ziyuan-{MOBILE}-hao",
    "catalog/resources/minzheng/hunyin-dengji.yml", NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2"),
    id_number(day="19901340"), id_number(region="990000"), "9" * 18, CARD, f"流水号{CARD}", f"卡号 {CARD[:-1]}{(int(CARD[-1]) + 1) % 10}",
    "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExample", "ghp_short",
    "password: example", "密码：请咨询管理员", "口令由管理员分配", "https://git.example.cn/shenzhen/mulu/src/branch/main/catalog",
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "text"), [(what, text) for what, texts in MORE_CERTAIN.items() for text in texts]
)
def test_what_must_not_be_public_is_found(what: str, text: str) -> None:
    assert (what, True) in kinds(scan(text))


@pytest.mark.parametrize("text", MORE_PASSING)
def test_what_may_be_public_is_not_blocked(text: str) -> None:
    assert [hit for hit in scan(text) if hit.certain] == []


@pytest.mark.parametrize("text", PASSES)
def test_passes(text: str) -> None:
    assert scan(text) == []


def test_tables_are_long_enough() -> None:
    assert len(POSITIVES) >= 60
    assert len(PASSES) >= 60
    assert {what for _, what, _ in POSITIVES} == set(WHATS)


def test_lists_of_passes_pass_together() -> None:
    assert scan_bytes((DATA / "passes.txt").read_bytes()) == []


def test_this_file_passes() -> None:
    assert [hit for hit in scan_bytes(Path(__file__).read_bytes()) if hit.certain] == []


def test_records_pass() -> None:
    folders = (ROOT / "catalog", ROOT / "negative-list")
    paths = [path for folder in folders for path in folder.rglob("*.yml")]
    assert paths
    assert [path for path in paths if scan_bytes(path.read_bytes())] == []


def test_titles_of_portals_pass() -> None:
    if not PORTALS.exists():
        pytest.skip("the lists of portals are not here")
    lists = [path.read_bytes() for path in sorted(PORTALS.glob("*.json"))]
    lines = [line for content in lists for line in content.splitlines()]
    certain = sum(hit.certain for line in lines for hit in scan_bytes(line))
    assert len(lines) > 16_000
    assert certain * 1_000 <= len(lines)


# -------------------------------------------------------------------- places and digests


def test_place_is_that_of_the_source() -> None:
    text = f"a: 甲\nb: 乙 {u_escaped('丙丁')} {ID}\n"
    (hit,) = scan(text)
    assert hit.line == 2
    assert text.splitlines()[hit.line - 1][hit.column - 1 :].startswith(ID)


@pytest.mark.parametrize("before", ["\u200b\u200b", "㎡ﬁ", "%E4%B8%AD", "&amp;&#20013;", "<b>"])
def test_place_behind_what_was_read_otherwise(before: str) -> None:
    (hit,) = scan(f"\n\n{before} {ID}")
    assert (hit.line, hit.column) == (3, len(before) + 2)


def test_place_of_an_escaped_value() -> None:
    (hit,) = scan(f"x\n  a: {u_escaped(M)}★")
    assert (hit.line, hit.column) == (2, 6)


def test_place_inside_base64_is_where_it_begins() -> None:
    (hit,) = scan(f"x\nnote: {in_base64(ID)}")
    assert (hit.line, hit.column) == (2, 7)


def test_each_value_once_at_its_first_place() -> None:
    hits = scan(f"{ID}\n{ID.translate(WIDE)}\n{MOBILE}\n")
    assert [(hit.what, hit.line) for hit in hits] == [(IDN, 1), (TEL, 3)]


def test_digest_is_that_of_the_normalised_value() -> None:
    written = [ID, " ".join(ID), ID.translate(WIDE), u_escaped(ID), in_base64(ID)]
    assert len({scan(text)[0].digest for text in written}) == 1
    assert scan(ID)[0].digest != scan(ID_X)[0].digest


def test_an_exception_for_one_mark_is_none_for_another() -> None:
    here, there = scan(f"密级：{M}，甲文"), scan(f"密级：{M}，乙文")
    assert here[0].digest != there[0].digest


def test_what_is_found_is_not_told() -> None:
    for text, _, _ in POSITIVES:
        for hit in scan(text):
            shown = repr(hit) + "".join(map(str, (hit.what, hit.digest, hit.line, hit.column)))
            assert not any(value in shown for value in (*LEVELS, ID, MOBILE, CARD, LETTERS[:12]))


# -------------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])  # fmt: skip
@pytest.mark.parametrize("value", [f"{M}★10年", f"\n密级：{S}\n", MOBILE.translate(WIDE), ID])
def test_encodings(encoding: str, value: str) -> None:
    hits = scan_bytes(f"单位：某局，{value}，共三份".encode(encoding))
    assert [hit.certain for hit in hits] == [True]


def test_path_of_other_bytes() -> None:
    path = f"catalog/{M}★".encode("gb18030").decode("utf-8", "surrogateescape")
    assert kinds(scan(path)) == {(MARK, True)}


# -------------------------------------------------------------------- numbers against oracles

DAYS = st.dates(date(1900, 1, 1), date(2049, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
REGIONS = st.sampled_from(["110105", "440305", "310115", "650100", "820000", "512023", "429004"])
IDS = st.builds(id_number, REGIONS, DAYS, st.integers(0, 999).map(lambda n: f"{n:03}"))


@given(IDS)
def test_numbers_that_are_right_are_found(number: str) -> None:
    assert ric.calc_check_digit(number) == number[-1]
    assert (IDN, True) in kinds(scan(number))


@given(IDS, st.integers(1, 10))
def test_numbers_with_a_wrong_check_digit_pass(number: str, step: int) -> None:
    wrong = number[:17] + "0123456789X"[("0123456789X".index(number[17]) + step) % 11]
    assert (IDN, True) not in kinds(scan(wrong))


CREDIT_CODES = st.builds(
    credit_code,
    st.builds(
        str.__add__,
        st.sampled_from(["11", "12", "13", "51", "52", "53", "91", "92", "93"]),
        st.sampled_from(["110105", "120119", "310120", "440305", "440000", "500119", "130120"]),
    ),
    DAYS.map(lambda day: day[2:]).flatmap(lambda day: st.sampled_from([day + "00", day + "17"])),
).filter(bool)


@given(CREDIT_CODES)
def test_credit_codes_are_no_persons(code: str) -> None:
    assert uscc.is_valid(code)
    assert (IDN, True) not in kinds(scan(code))
    assert IDN not in {what for what, _ in kinds(scan(f"统一社会信用代码：{code}"))}


def test_days_are_those_of_the_calendar() -> None:
    days = {(date(2000, 1, 1) + timedelta(days=n)).strftime("%Y%m%d") for n in range(366)}
    written = {f"2000{month:02}{day:02}" for month in range(14) for day in range(34)}
    assert {day for day in written if (IDN, True) in kinds(scan(id_number(day=day)))} == days


@pytest.mark.parametrize(
    "number",
    [
        id_number(day="1949" + "1331"),
        id_number(day="1949" + "0230"),
        id_number(day="1849" + "1231"),
        id_number("9999" + "99"),
        id_number("1175" + "05"),
        f"1{ID}",
        f"{ID}1",
    ],
)
def test_numbers_of_nobody(number: str) -> None:
    assert IDN not in {what for what, _ in kinds(scan(number))}


@pytest.mark.parametrize(
    "text", [f"1{MOBILE}", f"{MOBILE}1", f"a{MOBILE}", f"{MOBILE}b", f"3.{MOBILE}", "12" + MOBILE[2:]]
)  # fmt: skip
def test_numbers_that_are_no_mobile_numbers(text: str) -> None:
    assert scan(text) == []


def test_cards_need_a_word_and_the_check_digit() -> None:
    assert scan(f"编号 {CARD}") == []
    assert scan(f"卡号 {CARD[:-1]}{(int(CARD[-1]) + 1) % 10}") == []


def test_old_numbers_need_a_word() -> None:
    assert scan(f"编号 {OLD_ID}") == []


# -------------------------------------------------------------------- laws

WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "wide": lambda text: text.translate(WIDE),
    "json": u_escaped,
    "html": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "percent": lambda text: urllib.parse.quote(text.encode()).replace("★", "%E2%98%85"),
    "every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "zero width": "\u200b".join,
    "soft hyphens": "\xad".join,
    "struck": lambda text: "".join(f"{character}\u0336" for character in text),
    "twice": lambda text: html.escape(u_escaped(text)),
    "base64": in_base64,
}
GAPS = st.sampled_from(["", " ", "  ", "\u3000", "\u200b", " \u2060 ", "\n  ", "\n# ", "-", "·"])


@given(IDS, st.sampled_from(sorted(WRITINGS)))
def test_a_number_is_found_in_all_writings(number: str, writing: str) -> None:
    assert scan(WRITINGS[writing](number))[0].digest == scan(number)[0].digest


@given(
    IDS, st.lists(GAPS, min_size=17, max_size=17), st.sampled_from(["as it is", "wide", "struck"])
)
def test_a_number_is_found_with_gaps(number: str, gaps: list[str], writing: str) -> None:
    text = "".join(digit + gap for digit, gap in zip(number, [*gaps, ""], strict=True))
    hits = [hit for hit in scan(WRITINGS[writing](text)) if hit.what == IDN]
    assert [hit.digest for hit in hits if hit.certain] == [scan(number)[0].digest]


@given(st.sampled_from(LEVELS), GAPS, GAPS, st.sampled_from(sorted(WRITINGS)))
def test_a_mark_is_found_in_all_writings(level: str, gap: str, other: str, writing: str) -> None:
    gap = "" if writing in ("percent", "every byte") and gap == "-" else gap
    text = WRITINGS[writing](f"{level[0]}{gap}{level[1]}{other.strip('-·#')}★10年")
    assert (MARK, True) in kinds(scan(text))


@given(st.binary(max_size=400))
@example(b"\\ud800\\udc00\\ud800 \\U7fffffff &#1114112; &#xffffff; \\u{110000} %u00 %f")
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\0\0\0")
@settings(max_examples=1_000)
def test_any_bytes_are_read(source: bytes) -> None:
    hits = scan_bytes(source)
    assert hits == scan_bytes(source)
    assert all(hit.line >= 1 and hit.column >= 1 and hit.what in WHATS for hit in hits)


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all(hit.line <= text.count("\n") + 1 for hit in scan(text))


PIECES = st.sampled_from([*(text for text, _, _ in POSITIVES), *PASSES, *"密级★绝机秘*:：,、\n \"'-#0123456789X\\%&<>（）【】"])  # fmt: skip


def always(*_: object) -> bool:
    """A first look that lets everything through."""
    return True


@given(st.lists(PIECES, max_size=6), st.sampled_from(["", " ", "\n", "，"]))
@settings(max_examples=500)
def test_the_first_look_misses_nothing(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    fast = scan(text)
    with pytest.MonkeyPatch.context() as patch:
        for gate in ("_suspicious", "_may_be_marked", "_may_number", "_may_open", "_may_assign"):
            patch.setattr(secrecy, gate, always)
        assert scan(text) == fast


@given(st.lists(PIECES, max_size=4), st.sampled_from(POSITIVES), st.lists(PIECES, max_size=4))
def test_neighbours_on_other_lines_hide_nothing(
    before: list[str], row: Row, after: list[str]
) -> None:
    text, what, certain = row
    found = kinds(scan("\n\n".join([*before, "甲乙丙", text, "甲乙丙", *after])))
    assert (what, True) in found or (what, certain) in found


# -------------------------------------------------------------------- cost

SIZE = 64 * 1024


def noise() -> Iterator[int]:
    """Bytes without a pattern, the same each time."""
    state = 1
    while True:
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        yield state >> 16 & 0xFF


NOISE = bytes(byte for byte, _ in zip(noise(), range(3 * SIZE), strict=False))
HOSTILE: dict[str, str | bytes] = {
    "digits": "1",
    "numbers": "138",
    "spaced digits": "1 ",
    "digits on lines": "1\n",
    "many persons": " ".join(ID[:17]) + " ",
    "密": "密",
    "levels": J,
    "level marks": f"{J}★",
    "half levels": "秘" + " " * 23,
    "fields": "密级" + " " * 20 + S,
    "quotes": "密级" + '"' * 30,
    "stars": "★",
    "brackets": "【",
    "colons": ":",
    "backslashes": "\\",
    "newline escapes": "\\n",
    "escapes": u_escaped(J),
    "percents": "%41",
    "ampersands": "&",
    "entities": "&lt;",
    "tags": "<a",
    "base64": base64.b64encode(NOISE),
    "lines of base64": b"\n".join(base64.b64encode(NOISE[k : k + 57]) for k in range(0, SIZE, 57)),
    "noise": NOISE,
    "wide digits": "１",
    "zero width": "\u200b",
    "rare characters": "".join(map(chr, range(0x10000, 0x10000 + SIZE))),
    "passwords": "password=",
    "keys": "-----BEGIN " + "PRIVATE KEY-----",
    "tokens": "eyJ-",
    "addresses": "://a:",
    "cards": "卡号" + "4 " * 19,
    "utf-16": f"{J}★".encode("utf-16-le"),
    "gb18030": f"{J} ".encode("gb18030"),
}


def seconds(source: bytes) -> float:
    """Processor time, the best of three."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        scan_bytes(source)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_only(name: str) -> None:
    part = HOSTILE[name]
    unit = part.encode() if isinstance(part, str) else part
    long = (unit * (SIZE // len(unit) + 1))[:SIZE]
    short, whole = seconds(long[: SIZE // 4]), seconds(long)
    assert whole < 10 * short + 0.01, f"{short:.4f} s for a quarter, {whole:.4f} s for all"
    assert whole < 0.5
