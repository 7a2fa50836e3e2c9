"""Product categories in the reader's language, beside the name that the contract's memo has."""

from __future__ import annotations

import pytest

from registry.look import Zone
from registry.web.pages import category_names
from registry.web.pages.category_table import NAMES
from registry.web.pages.form_fields import FormFields
from registry.web.pages.viewing import Viewing
from verifier.programs.language import DEFAULT, catalogue, languages
from verifier.statements.categories import CATEGORIES


@pytest.mark.parametrize("language", [one for one in languages() if one != DEFAULT])
def test_every_category_has_a_name_and_no_two_the_same(language: str) -> None:
    names = NAMES[language]
    assert names.keys() == CATEGORIES.keys()
    assert len({name.casefold() for name in names.values()}) == len(names) and all(names.values())


def test_both_names_are_shown_and_the_standards_is_marked() -> None:
    assert str(category_names.shown(["1067"], "id")) == 'Pakaian wanita (<span lang="en">Women&#39;s Clothing</span>)'
    assert str(category_names.shown(["1067"], "en")) == "Women&#39;s Clothing"
    assert category_names.plain(["1067", "1064"], "id") == "Pakaian wanita dan Pakaian renang"
    assert category_names.plain(["1009", "1067"], "id") == "Museum dan galeri; Pakaian wanita"


def test_all_products_and_what_is_no_category() -> None:
    assert str(category_names.shown(["all"], "id")) == catalogue("id").say("memo.all_products")
    assert str(category_names.shown(["<b>"], "id")) == "&lt;b&gt;"


def test_what_is_typed_is_read_again() -> None:
    for language in languages():
        look = Viewing(words=catalogue(language), zone=Zone("UTC"))
        for code in CATEGORIES:
            fields = FormFields({"categories": [category_names.typed(code, language)]}, look)
            assert fields.categories("categories") == (code,) and not fields.wrong, (language, code)


def test_english_names_are_read_on_an_indonesian_page_too() -> None:
    look = Viewing(words=catalogue("id"), zone=Zone("UTC"))
    given = {"categories": ["women's clothing, pakaian renang, 1066"]}
    assert FormFields(given, look).categories("categories") == ("1064", "1066", "1067")
