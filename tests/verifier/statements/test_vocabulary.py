"""The code lists, against the files that they come from."""

from __future__ import annotations

import csv
import json

import pytest

from tests.support.samples import SAMPLES, needs_samples
from verifier.rules.model.scope import category_within
from verifier.statements.categories import CATEGORIES, ancestors
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, EU_COUNTRIES, MANIPULATIONS, ONLINE_CHANNELS, RIGHTS
from verifier.words.category_names import CATEGORY_NAMES

CORRECTED = {"1000": None, "1426": "1425", **dict.fromkeys(("1037", "1038", "1039", "1040", "1041"), "1036")}
OWN = {"x-fur", "x-leather", "x-religion"}


@needs_samples
def test_rights_and_channels_are_adcps() -> None:
    for name, ours in (("right-use", RIGHTS), ("channels", CHANNELS)):
        schema = json.loads((SAMPLES / "adcp" / "schemas" / f"{name}.json").read_text("utf-8"))
        assert set(schema["enum"]) == ours


@needs_samples
def test_categories_are_iabs_with_the_corrections() -> None:
    path = SAMPLES / "iab-taxonomy" / "Ad Product Taxonomy 2.0.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row][1:]
    published = {code: (CORRECTED.get(code, parent or None), name.strip()) for code, parent, name, *_ in rows}
    ours = {code: (above, CATEGORY_NAMES[code]) for code, above in CATEGORIES.items() if code not in OWN}
    assert published == ours
    assert CATEGORY_NAMES.keys() == CATEGORIES.keys()


def test_every_category_is_in_a_tree_of_three_levels() -> None:
    for code in CATEGORIES:
        above = ancestors(code)
        assert len(above) <= 2
        assert category_within(code, [code])
        assert all(category_within(code, [one]) and not category_within(one, [code]) for one in above)


def test_own_categories() -> None:
    assert OWN.issubset(CATEGORIES)
    assert all(ancestors(code) == () for code in OWN)


def test_corrected_categories() -> None:
    assert ancestors("1000") == ()
    assert ancestors("1426") == ("1425", "1419")
    assert ancestors("1041") == ("1036", "1010")


def test_an_unknown_category_is_an_error() -> None:
    with pytest.raises(KeyError):
        ancestors("9999")


def test_countries() -> None:
    assert len(COUNTRIES) == 249
    assert len(EU_COUNTRIES) == 27
    assert EU_COUNTRIES < COUNTRIES
    assert COUNTRIES.isdisjoint({"EU", "UK", "XK", "EL", "AN"})


def test_other_lists() -> None:
    assert ONLINE_CHANNELS < CHANNELS
    assert len(MANIPULATIONS) == 13
