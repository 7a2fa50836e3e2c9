"""The catalogues of words on disk, and which of them is spoken: ``--language``, else the locale's, else English."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from verifier.words.catalogue import Catalogue, parse_catalogue
from verifier.words.recognise import Recogniser

DEFAULT: Final = "en"
"""What is spoken where nobody says otherwise, and what stands in every text that scripts read."""

_FOLDER: Final = files("verifier.words")


@cache
def languages() -> tuple[str, ...]:
    """The languages that there is a file of, in order."""
    return tuple(sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json")))


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of :func:`languages`."""
    if language not in languages():
        raise ValueError(f"{language!r} is none of the languages {', '.join(languages())}")
    return parse_catalogue((_FOLDER / f"{language}.json").read_bytes())


def english() -> Catalogue:
    """The words of what scripts read, whatever the person's language."""
    return catalogue(DEFAULT)


@cache
def _recogniser() -> Recogniser:
    return Recogniser(english())


def retell(text: str, words: Catalogue) -> str:
    """What was said in English before the language was known, by the kernel or by a registry, in a person's language;
    as it is where the catalogue does not have it."""
    return text if words.language == DEFAULT else _recogniser().retell(text, words)


def is_known(text: str) -> bool:
    """Whether an English text is a sentence of the catalogue."""
    return _recogniser().find(text) is not None


def language_of(tag: str) -> str:
    """The language for a BCP 47 tag or a POSIX locale, as ``id-ID`` or ``id_ID.UTF-8``; English if there is none."""
    primary = tag.replace("_", "-").split(".", 1)[0].split("@", 1)[0].split("-", 1)[0].lower()
    return primary if primary in languages() else DEFAULT


def choose(option: str | None, environment: Mapping[str, str] = os.environ) -> Catalogue:
    """The catalogue that an option names, else the locale's: the first of LC_ALL, LC_MESSAGES and LANG that is set."""
    if option is not None:
        return catalogue(option)
    variables = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return catalogue(language_of(next((one for one in variables if one), DEFAULT)))


def add_option(command: argparse.ArgumentParser) -> None:
    """Add ``--language`` to a command that speaks."""
    command.add_argument("--language", choices=languages(), help="what it speaks (default: the locale's, else English)")
