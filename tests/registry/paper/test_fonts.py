"""Names in many scripts: set as they are where a font has their letters, else spelt out, and the paper says so."""

from __future__ import annotations

import unicodedata

import pytest

from registry.paper.account import statement
from registry.paper.fonts import BOLD, FOLDER, OTHERS, REGULAR, font_of, legible
from registry.paper.sheet import Sheet
from tests.support.papers import Deal, text_of

NAMES = (
    "Ayu Lestari", "Zoë Łukasiewicz-Ørsted", "Жанна Иванова", "Ελένη Παππά", "Nguyễn Thị Hoa", "محمد علي", "דוד כהן",
    "अनन्या शर्मा",
    "ณัฐธิดา สุขใจ", "陳美玲", "佐藤さくら", "김지민", "தமிழ்", "მარიამ", "Արմեն", "አበበ", "ব্রিষ্টি", "မေသူ", "ສົມ",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_set_as_it_is(name: str) -> None:
    assert legible(name) == name
    sheet = Sheet("Name", "en", 0)
    sheet.paragraph(sheet.said(name))
    assert not sheet.is_spelt
    assert b"%PDF-" in sheet.finish(None, "")[:8]


@pytest.mark.parametrize("name", ["Жанна Иванова", "Nguyễn Thị Hoa", "陳美玲", "김지민", "მარიამ"])
def test_a_name_can_be_copied_out_again(name: str) -> None:
    deal = Deal(model_name=name)
    deal.use()
    assert name in unicodedata.normalize("NFC", text_of(statement(deal.basis(deal.ayu))))


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Ayu 😀", "Ayu \\u{1f600}"), ("𒀀", "\\u{12000}"), ("a\u202eb", "a\\u{202e}b"), ("\u0007", "\\u{7}"),
        ("ᏣᎳ", "\\u{13e3}\\u{13b3}"),
    ],
)
def test_what_no_font_has_or_nobody_sees_is_spelt_out(name: str, shown: str) -> None:
    assert legible(name) == shown


@pytest.mark.parametrize(
    "language, words", [("en", "are spelt out by their number"), ("id", "ditulis dengan nomornya")]
)
def test_the_paper_says_that_letters_are_spelt(language: str, words: str) -> None:
    for name, is_spelt in (("Ayu 😀", True), ("Ayu", False)):
        deal = Deal(model_name=name)
        deal.use()
        assert (words in text_of(statement(deal.basis(deal.ayu, language)))) is is_spelt


def test_every_font_is_in_the_table_and_every_row_has_its_font() -> None:
    files = {one.name for one in FOLDER.iterdir() if one.name.endswith(".ttf")}
    assert files == {f"{name}.ttf" for name in (REGULAR, BOLD, *(name for name, _ in OTHERS))}
    for name, spans in OTHERS:
        assert any(font_of(chr(one)) == name for first, last in spans for one in range(first, last + 1)), name


def test_what_the_catalogues_say_can_be_set() -> None:
    from verifier.programs.language import catalogue, languages

    for language in languages():
        for id, template in catalogue(language).templates.items():
            if id.startswith(("paper.", "money.", "account.", "view.", "memo.", "leg.", "basis.", "page.")):
                for text in [template] if isinstance(template, str) else template.values():
                    assert legible(text) == text, id
