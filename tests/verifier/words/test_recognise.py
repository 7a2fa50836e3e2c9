"""English that is found again: every sentence that the sources make is in the catalogue, in every language."""

from __future__ import annotations

import re
import time
from functools import cache

import pytest

from tests.support.english_made import every_text, made
from verifier.programs.language import DEFAULT, catalogue, english, languages, tell
from verifier.words.catalogue import PLACEHOLDER, Sentence, placeholders
from verifier.words.recognise import ID, MAX_TEXT, Recogniser

OTHERS = [language for language in languages() if language != DEFAULT]
OWN = ("error.", "advice.")
"""What is said nowhere by its id."""

UNSEEN = {
    "stands there twice", "is not a plural rule about a whole number n", "is not JSON: x1",  # of a catalogue itself
    "another form", "an offset of days",  # taken up by another sentence
    "AdCP rights x1, pricing option x3",  # goes into the terms, in the contract's language
    "a row of registry/web/routes.py and its view are missed by one another: x1",  # of the sources
    "what has no row in registry/web/routes.py is not served: x1",
}  # fmt: skip
"""Sentences that no user sees. This list only shrinks."""


@cache
def recogniser() -> Recogniser:
    return Recogniser(english())


def samples() -> dict[str, dict[str, str]]:
    """Every sentence that is said by its text, with a value of its own for each place."""
    own = {id: one for id, one in english().templates.items() if id.startswith(OWN)}
    names = {id: sorted(placeholders(one)) for id, one in own.items()}
    return {
        id: {name: "ab" * 32 if name == ID else f"value{at}" for at, name in enumerate(its)}
        for id, its in names.items()
    }


def test_every_sentence_that_is_made_is_known() -> None:
    found = list(made())
    assert len({text for _, text in found}) > 500
    unknown = {text: where for where, text in found if recogniser().find(text) is None}
    assert {text: where for text, where in unknown.items() if text not in UNSEEN} == {}
    assert UNSEEN - unknown.keys() == set()


def test_no_sentence_is_unused() -> None:
    source = "\n".join(dict.fromkeys(every_text()))
    errors = {id: str(english().templates[id]) for id in samples() if id.startswith("error.")}
    whole = {id: [one.strip(" :") for one in re.split(r"\{[a-z_]+\}", text)] for id, text in errors.items()}
    assert sorted(id for id, pieces in whole.items() if not all(piece in source for piece in pieces)) == []


def test_each_is_found_with_its_values() -> None:
    for id, values in samples().items():
        text = english().say(id, **values)
        found = recogniser().find(text)
        assert found is not None and english().say(found[0], **found[1]) == text, id
        if found[0] != id:  # another that leaves no more to its values says the same
            assert sorted("".join(found[1].values())) == sorted("".join(values.values())), id


@pytest.mark.parametrize("language", OTHERS)
def test_each_is_said_in_every_language(language: str) -> None:
    words = catalogue(language)
    for id, values in samples().items():
        said = tell(english().say(id, **values), words)
        assert all(value in said for value in values.values()), id
        is_sentence = len(re.findall(r"[a-z]{2,}", PLACEHOLDER.sub("", str(english().templates[id])))) > 3
        assert said != english().say(id, **values) or not is_sentence, id


@pytest.mark.parametrize(
    "text, said",
    [
        ("must be a string", "harus berupa teks"),
        ("a.toml: terms.starts: must be a string", "a.toml: terms.starts: harus berupa teks"),
        ("rows[3]: has 3 items, at most 2 are allowed", "rows[3]: berisi 3 butir, paling banyak 2 yang diperbolehkan"),
        (
            "https://x/log cannot be reached: no answer for 60 seconds",
            "https://x/log tidak dapat dihubungi: tidak ada jawaban selama 60 detik",
        ),
        ("must be a string (entries[3].index)", "harus berupa teks (entries[3].index)"),
        ("Nobody has signed yet. is missing", "Belum ada yang menandatangani. tidak ada"),
        ("nobody knows this; keep to DE", "nobody knows this; keep to DE"),
        ("no sentence of ours: none at all", "no sentence of ours: none at all"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_told(text: str, said: str) -> None:
    assert tell(text, catalogue("id")) == said
    assert tell(text, english()) == text


def test_values_of_a_sentence_are_told_too() -> None:
    said = tell(
        Sentence("usage.not_a_policy", path="must be a string", why=Sentence("error.is_missing")), catalogue("id")
    )
    assert said == "harus berupa teks bukan kebijakan kepercayaan: tidak ada"


@pytest.mark.parametrize("piece", ["a", ": ", ". ", "; ", "is ", ", at most ", "has 3 items, ", "must be one of "])
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    began = time.process_time()
    tell(text, catalogue("id"))
    assert time.process_time() - began < 2
    assert tell(text * 2, catalogue("id")) == text * 2


def test_a_text_of_several_lines_is_told_line_by_line() -> None:
    said = "uses.toml: not filled in yet:\n  line 12: registry\n  line 20: consent"
    assert tell(said, catalogue("id")) == "uses.toml: belum diisi:\n  baris 12: registry\n  baris 20: consent"
