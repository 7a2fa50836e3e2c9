"""``registry codes``: the vocabularies that terms are written in."""

from __future__ import annotations

import click

from registry.commands.common import Refused, answer, json_option, language_option
from registry.drafting.drafts.vocabularies import VOCABULARIES, search
from verifier.words.catalogue import Sentence


@click.command("codes")
@click.argument("word", required=False)
@language_option
@json_option
def codes(word: str | None, language: str | None, as_json: bool) -> None:
    """List the codes of all vocabularies, or search them for WORD.

    Rights, purposes, channels, manipulations, product categories, countries, profiles and currencies: what drafts of
    consents, usages and reports may say. WORD may be a piece of a code or of its name, or another word for it:
    instagram finds social. If nothing is found the exit code is 1.
    """
    if word is None:
        found = [(vocabulary, code, name) for vocabulary, names in VOCABULARIES.items() for code, name in names.items()]
    else:
        found = list(search(word))
    if not found and not as_json:
        raise Refused(Sentence("codes.none", word=repr(word)))
    rows = [f"{vocabulary:<14}{code:<24}{name}".rstrip() for vocabulary, code, name in found]
    value = [
        {"code": code, "vocabulary": vocabulary, **({"name": name} if name else {})} for vocabulary, code, name in found
    ]
    answer(value, "\n".join(rows), as_json=as_json)
    if not found:
        raise click.exceptions.Exit(Refused.exit_code)
