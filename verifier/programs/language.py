"""The catalogues of words on disk, and which of them is spoken: ``--language``, else the locale's, else English."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from verifier.words.catalogue import Catalogue, Sentence, parse_catalogue
from verifier.words.recognise import Recogniser, TellValue, as_it_is

DEFAULT: Final = "en"
"""What is spoken where nobody says otherwise, and what stands in every text that scripts read."""

_FOLDER: Final = Path(__file__).parents[1] / "words"
_SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)


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


def tell(said: str | Sentence, words: Catalogue, value: TellValue = as_it_is) -> str:
    """What was said before the language was known, in a person's language.

    Of a text, which is English, by the kernel or by a registry, it is the catalogue's sentence, or the text itself
    where the catalogue does not have it. Values of a sentence are told likewise; what a value of a text is called
    besides, ``value`` says.
    """
    if isinstance(said, str):
        is_told = words.language == DEFAULT and value is as_it_is
        return said if is_told else _recogniser().retell(said, words, value=value)
    values = {name: one if isinstance(one, int) else tell(one, words) for name, one in said.values.items()}
    return words.say(said.id, **values)


def speak(option: str | None) -> None:
    """From here on this program's complaints are in the language of an option, else in the locale's."""
    _SPOKEN.set(option)


def spoken() -> Catalogue:
    """The words of this program's complaints."""
    return choose(_SPOKEN.get())


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
