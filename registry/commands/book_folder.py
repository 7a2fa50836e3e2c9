"""``registry evidence party ID -o FOLDER/``: a record book as a folder, its list by headers and one file a consent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from registry.client import Refusal
from registry.commands.answers import refusal_text
from registry.commands.common import Refused, Unable, answer
from verifier.base.canonical import Json
from verifier.evidence.record_book import part_of
from verifier.evidence.verify import Opened
from verifier.rules.model.question import Question
from verifier.words.catalogue import Catalogue, Sentence

SUFFIX: Final = ".evidence.json"
"""What the names of the files end in that ``verifier check`` of a folder looks at."""

Fetch = Callable[[Question, Path], tuple[Opened, dict[str, Json], str]]
"""Fetches one file and writes it: what it holds, and what is told of it, to scripts and to people."""


def fetch_book(fetch: Fetch, party: str, folder: Path, words: Catalogue, *, as_json: bool) -> None:
    """The list first: it names the consents. One that is refused stops no other, and the check of the folder misses it.

    Raises :class:`~registry.client.Refusal` where the list itself is refused.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Unable(Sentence("failure.cannot_write", path=str(folder), why=str(error.strerror))) from None
    opened, value, said = fetch(Question(kind="party", id=party, ask="complete"), folder / f"party-{party}{SUFFIX}")
    list_ = part_of(opened)
    assert list_ is not None
    files: list[Json] = [value]
    _say(said, as_json)
    refused: list[Json] = []
    for consent, _ in list_.entries:
        try:
            question = Question(kind="party", id=party, consent=consent)
            _, value, said = fetch(question, folder / f"consent-{consent}{SUFFIX}")
        except Refusal as error:
            refused.append({"consent": consent, "problem": error.problem})
            why = refusal_text(error, words)
            click.echo(words.say("evidence.part_refused", consent=consent[:12], why=why), err=True)
        else:
            files.append(value)
            _say(said, as_json)
    whole: dict[str, Json] = {"files": files, "folder": str(folder), "refused": refused}
    answer(whole, words.say("evidence.folder", folder=str(folder), n=len(files) - 1), as_json=as_json)
    if refused:
        raise click.exceptions.Exit(Refused.exit_code)


def _say(said: str, as_json: bool) -> None:
    if not as_json:
        click.echo(said)
