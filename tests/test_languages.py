"""The other language: every word of the interface has its translation, with the same fields."""

from __future__ import annotations

import gettext
import importlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message

from mulu.pages.forms import TOLD
from registers import ROOT

LANGUAGES = ROOT / "site/languages"
sys.path.insert(0, str(LANGUAGES))
collect: Any = importlib.import_module("collect")
"""The tool beside the catalogs."""

CODES = [folder.name for folder in sorted(LANGUAGES.iterdir()) if (folder / "LC_MESSAGES").is_dir()]


def files(code: str) -> tuple[Path, Path]:
    folder = LANGUAGES / code / "LC_MESSAGES"
    return folder / "mulu.po", folder / "mulu.mo"


def messages(code: str) -> list[Message]:
    return [one for one in collect.read(files(code)[0]) if one.id]


def forms(message: Message) -> list[str]:
    """What a message says: one text, or one for each plural form."""
    said: Any = message.string
    return [said] if isinstance(said, str) else list(said)


def asked(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_there_is_a_language() -> None:
    assert CODES == ["en"]


@pytest.mark.parametrize("code", CODES)
def test_the_catalog_holds_the_words_of_the_interface_and_no_others(code: str) -> None:
    found = {asked(one): isinstance(one.id, tuple | list) for one in messages(code)}
    assert found == collect.words(), "run make words"


@pytest.mark.parametrize("code", CODES)
def test_every_word_is_translated_with_its_fields(code: str) -> None:
    for message in messages(code):
        fields = set(re.findall(r"{(\w+)}", asked(message)))
        for text in forms(message):
            assert text, asked(message)
            assert set(re.findall(r"{(\w+)}", text)) == fields, asked(message)
            assert not re.search(r"[一-鿿]", text), text


@pytest.mark.parametrize("code", CODES)
def test_the_compiled_catalog_is_that_of_the_text(code: str) -> None:
    text, compiled = files(code)
    assert compiled.read_bytes() == collect.mo(collect.read(text)), "run make words"
    spoken = gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    assert spoken.gettext("负面清单") != "负面清单"


def test_a_new_word_is_missed() -> None:
    known = Catalog(locale="en")
    known.add("单位", "Agency")
    made = collect.catalog("en", known)
    assert made.get("单位").string == "Agency"
    assert made.get("负面清单").string == ""


def test_what_the_script_of_forms_tells_is_known() -> None:
    source = (ROOT / "site/theme/assets/forms.js").read_text("utf-8")
    told = {
        text
        for line in source.splitlines()
        if "tell(" in line
        for text in re.findall(r'"([^"]*[一-鿿][^"]*)"', line)
    }
    assert told == set(TOLD)
    assert not set(re.findall(r'"([^"]*[一-鿿][^"]*)"', source.split("// ----", 3)[2])) - told
