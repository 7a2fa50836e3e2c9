"""Codes: what was meant by a word that is none, and what a search finds."""

from __future__ import annotations

import pytest

from registry.drafting.drafts.vocabularies import VOCABULARIES, meant, search
from verifier.statements.categories import CATEGORIES
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, MANIPULATIONS, RIGHTS


@pytest.mark.parametrize(
    "word, vocabulary, code",
    [
        ("instagram", "channels", "social"),
        ("Instagram", "channels", "social"),
        ("instagrm", "channels", "social"),
        ("tv", "channels", "linear_tv"),
        ("linear-tv", "channels", "linear_tv"),
        ("socal", "channels", "social"),
        ("clothing", "categories", "1059"),
        ("clothng", "categories", "1059"),
        ("fur", "categories", "x-fur"),
        ("body_shape", "manipulations", "body-shape"),
        ("likenes", "rights", "likeness"),
        ("motion-capture", "rights", "motion_capture"),
        ("ad", "purposes", "advertising"),
    ],
)
def test_what_was_meant(word: str, vocabulary: str, code: str) -> None:
    assert code in meant(word, vocabulary)


def test_nothing_is_made_up() -> None:
    assert meant("zzzzzz", "channels") == []
    for vocabulary, names in VOCABULARIES.items():
        assert len(meant("a", vocabulary)) <= 3
        assert set(meant("online", vocabulary)) <= names.keys()


def test_all_vocabularies_of_the_rules_are_listed() -> None:
    wanted = {"rights": RIGHTS, "channels": CHANNELS, "manipulations": MANIPULATIONS, "countries": COUNTRIES,
              "categories": CATEGORIES.keys()}  # fmt: skip
    for name, codes in wanted.items():
        assert VOCABULARIES[name].keys() == set(codes)


def test_a_search_goes_through_all_of_them() -> None:
    found = {(vocabulary, code) for vocabulary, code, _ in search("voice")}
    assert {("rights", "voice"), ("manipulations", "voice")} <= found
    assert ("channels", "social") in {(vocabulary, code) for vocabulary, code, _ in search("instagram")}
    names = [name for vocabulary, code, name in search("1067") if vocabulary == "categories"]
    assert names == ["Clothing and Accessories > Clothing > Women's Clothing"]
    assert not list(search("zzzzzz"))
