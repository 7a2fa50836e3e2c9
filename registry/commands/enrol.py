"""``registry enrol``: a registrar vouches for a party, after she was told in words what her signature says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.commands.common import (
    Failure,
    Refused,
    answer,
    json_option,
    language_option,
    passphrase_option,
    read_bounded,
    write_whole,
)
from verifier.base.printable import printable
from verifier.base.strict import format_instant
from verifier.programs.language import choose
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from registry.intake.submission import Submission
    from verifier.statements.types import Party

_FILES = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("file", type=_FILES)
@click.option("--key", required=True, type=_FILES, help="The registrar's key file.")
@click.option("--registry", "url", metavar="URL", help="Log it there once it is signed.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: vouch for what is shown.")
@passphrase_option
@language_option
@json_option
def enrol(
    file: Path, key: Path, url: str | None, yes: bool, passphrase_file: Path | None, language: str | None, as_json: bool
) -> None:
    """Vouch for a party, as a registrar: FILE is what the party has signed, from `registry draft party`.

    It says in words what you vouch for before you sign: who this is, that she herself holds the keys, which roles she
    has, who controls her. Sign only what you have seen or been shown. Everybody may see that you vouched; who she is
    stays with her and the registrars.
    """
    from registry.commands.signatories import signing_states
    from registry.commands.signing import open_key
    from registry.drafting.drafts.words import in_words
    from registry.intake.submission import MAX_SUBMISSION, format_submission, parse_submission
    from verifier.base.errors import KembarError
    from verifier.programs.keys import read_key
    from verifier.statements.types import Party

    words = choose(language)
    try:
        submission = parse_submission(read_bounded(file, MAX_SUBMISSION + 1).removesuffix(b"\n"))
        statement = submission.statement()
        submission.opened()
    except KembarError as error:
        raise Failure(f"{file}: {error}") from None
    if not isinstance(statement, Party):
        raise Failure(Sentence("enrol.no_party", file=str(file), type=statement.type))
    locked = read_key(key)
    own = {*(statement.keys or ()), *(statement.recovery.keys if statement.recovery else ())}
    if locked.public in own:
        raise Failure(Sentence("enrol.own_key", key=locked.public))
    signed = [one.keyid for one in submission.signatures]
    missing = [one.need.key for one in signing_states(statement, signed, None, words) if one.done is False]
    if missing:
        raise Failure(Sentence("enrol.unsigned", file=str(file), keys=words.and_.join(map(str, missing))))
    strange = sorted({*signed} - own - {locked.public})
    if strange:
        raise Failure(Sentence("enrol.signed_already", file=str(file), keys=words.and_.join(strange)))
    click.echo(in_words(submission, words), err=as_json)
    click.echo("", err=as_json)
    for line in vouched(submission, statement, words):
        click.echo(line, err=as_json)
    if not yes:
        click.confirm(words.say("enrol.confirm"), abort=True, err=True)
    done = submission.signed_by(open_key(locked, key, passphrase_file, words))
    write_whole(file, format_submission(done), replace=True)
    value: dict[str, str | int] = {"file": str(file), "id": statement.id, "registrar": locked.public}
    if url is None:
        answer(value, words.say("enrol.signed", file=str(file), id=statement.id), as_json=as_json)
        return
    index = _submit(url, done)
    value["index"] = index
    answer(value, words.say("enrol.logged", index=str(index), id=statement.id), as_json=as_json)


def vouched(submission: Submission, party: Party, words: Catalogue) -> Iterator[str]:
    """What a registrar's signature under an enrolment says, a line for each thing."""
    from verifier.statements.sections import Name, Person

    sections = {name: section for name, (_, section) in submission.opened().items()}
    person, name = sections.get("person"), sections.get("name")
    yield words.say("enrol.vouch")
    if isinstance(person, Person):
        known = [one for one in (person.name, person.contact, person.born, person.note) if one]
        yield words.say("enrol.who", who=printable("; ".join(known)))
    else:
        yield words.say("enrol.nobody")
    if isinstance(name, Name):
        yield words.say("enrol.called", name=printable(name.name))
    yield words.say("enrol.roles", roles=words.and_.join(words.code("role", role) for role in party.roles))
    for key in party.keys or ():
        yield words.say("enrol.key", key=key)
    if not party.keys:
        yield words.say("enrol.no_keys")
    if party.recovery is not None:
        yield words.say("enrol.recovery", n=party.recovery.threshold, all=str(len(party.recovery.keys)))
    if party.parties.controller is not None:
        yield words.say("enrol.controller", controller=party.parties.controller)
    if "model" in party.roles:
        yield words.say("enrol.model")
    yield words.say("enrol.stays", at=format_instant(party.at))


def _submit(url: str, submission: Submission) -> int:
    from registry.client import Client, Refusal

    with Client(url) as client:
        [result] = client.submit([submission], require=False)
    if isinstance(result, Refusal):
        raise Refused(str(result))
    return int(result["index"])
