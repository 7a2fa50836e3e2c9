"""Names for ids: what a user has confirmed once stands for that id from then on, and for no other.

A short id is the first 16 digits or more of one that this machine knows, under a name or in a signed file of the folder
at hand, or else that the login's registry knows. What that answers is shown, whole and in words: a statement whose own
hash begins so, and the only one that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from registry.client import ClientError, Refusal
from registry.commands import logins
from registry.commands.common import (
    LANGUAGE,
    Failure,
    Misused,
    Refused,
    answer,
    json_option,
    language_option,
    shown,
)
from registry.commands.connecting import connect, key_option
from registry.commands.logins import Login
from registry.drafting.drafts.reading import Draft, ordered
from registry.intake.short_ids import is_short_id
from registry.intake.submission import MAX_SUBMISSION, parse_submission, submission_from_json
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.evidence.describe import describe
from verifier.programs.language import choose
from verifier.statements.sections import Name
from verifier.statements.types import Statement
from verifier.words.catalogue import Sentence

MAX_NAME, MAX_FILES = 60, 2_000
_FOUND = "kembar.short_ids"
_NAME = re.compile(r"[^\W_][^/\\\"]*\Z")
_IDS = frozenset({
    "consent", "creation", "mandate", "of", "payee", "payer", "providers", "renews", "replaces", "sublicensees", "twin",
    "under", "usage",
})  # fmt: skip
"""Members of a draft that hold an id, beside those of ``parties``."""


def as_id(text: str) -> str:
    """The id that a text stands for: an id for itself, a short one, a confirmed name. Of others, the text as it is."""
    if is_hex64(text):
        return text
    found = _confirmed().get(text)
    if found is not None:
        return found
    if not is_short_id(text):
        return text
    known = sorted({id for id in _known() if id.startswith(text)})
    if len(known) > 1:
        raise Misused(Sentence("naming.ambiguous", text=text, n=len(known)))
    return known[0] if known else _looked_up(text)


def _looked_up(digits: str) -> str:
    """The id of the one statement in the login's registry that begins so. It is shown: others chose what it says."""
    context = click.get_current_context()
    kept: dict[str, str] = context.meta.setdefault(_FOUND, {})
    login = logins.load().present()
    if digits not in kept:
        if login is None:
            raise Misused(Sentence("naming.strange", text=digits))
        try:
            statement, _ = _look(login, digits)
        except (ClientError, Refusal) as error:
            is_ambiguous = isinstance(error, Refusal) and error.kind == "bad_request"
            unknown = Sentence("naming.strange", text=digits)
            raise Misused(Sentence("naming.ambiguous", text=digits, n=2) if is_ambiguous else unknown) from None
        words = choose(context.meta.get(LANGUAGE))
        said = words.say("naming.looked_up", text=digits, id=statement.id, what=describe(statement, words))
        click.echo(shown(said), err=True)
        kept[digits] = statement.id
    return kept[digits]


def name_for(id: str) -> str | None:
    """The name that this user confirmed for an id, if any."""
    return next((name for name, one in _confirmed().items() if one == id), None)


def with_ids(draft: Draft) -> Draft:
    """A draft with ids where its author wrote names or short ids."""
    members = {name: _with_ids(name, value, name == "parties") for name, value in draft.members.items()}
    sections = {name: _with_ids(name, value, False) for name, value in draft.sections.items()}
    return Draft(members=members, sections=sections)


def _with_ids(name: str, value: Json, inside: bool) -> Json:
    if isinstance(value, Mapping):
        return {key: _with_ids(key, one, inside) for key, one in value.items()}
    if isinstance(value, list):
        return ordered(name, [_with_ids(name, one, inside) for one in value])
    return as_id(value) if isinstance(value, str) and (inside or name in _IDS) else value


def _confirmed() -> Mapping[str, str]:
    kept = logins.load()
    login = kept.present()
    return {} if login is None else kept.names.get(login.registry, {})


def _known() -> Iterator[str]:
    yield from _confirmed().values()
    for place, file in enumerate(sorted(Path().glob("*.signed.json"))):
        if place == MAX_FILES:
            return
        try:
            if file.stat().st_size <= MAX_SUBMISSION:
                statement = parse_submission(file.read_bytes().removesuffix(b"\n")).statement()
                yield statement.id
                yield from _named_in(statement)
        except (KembarError, OSError):  # not one of ours, or gone: it tells no id
            continue


def _named_in(statement: Statement) -> Iterator[str]:
    yield from statement.parties.ids()
    for name in _IDS:
        if isinstance(one := getattr(statement, name, None), str):
            yield one


@click.command("name")
@click.argument("name", required=False)
@click.argument("id", required=False)
@click.option("--forget", is_flag=True, help="Let the NAME stand for nothing any more.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: you have compared the id already.")
@key_option
@language_option
@json_option
def name_command(
    name: str | None, id: str | None, forget: bool, yes: bool, language: str | None, as_json: bool
) -> None:
    """Confirm once that NAME stands for ID; commands and drafts take the name from then on. Alone: list all names.

    Shown is what the registry of your login says of the id: compare the id itself with what its owner gave you. A name
    that stands for one id is never taken over by another; --forget it first, if the other is the right one.
    """
    words = choose(language)
    kept = logins.load()
    login = kept.present()
    if login is None:
        raise Failure(Sentence("login.none"))
    names = dict(kept.names.get(login.registry, {}))
    if name is None:
        lines = [f"{id}  {one}" for one, id in sorted(names.items())]
        answer([{"id": id, "name": one} for one, id in sorted(names.items())], "\n".join(lines), as_json=as_json)
        return
    if forget:
        if id is not None or name not in names:
            raise Misused(Sentence("naming.unknown", name=name))
        gone = names.pop(name)
        logins.store(kept.with_names(login.registry, names))
        answer({"forgotten": name, "id": gone}, words.say("naming.forgotten", name=name), as_json=as_json)
        return
    if id is None:
        raise Misused(Sentence("naming.no_id", name=name))
    if len(name) > MAX_NAME or not _NAME.match(name) or not name.isprintable() or is_short_id(name) or is_hex64(name):
        raise Misused(Sentence("naming.bad", n=MAX_NAME))
    whole = as_id(id)
    if not is_hex64(whole):
        raise Misused(Sentence("naming.strange", text=id[:80]))
    if (before := names.get(name)) is not None and before != whole:
        raise Refused(Sentence("naming.pinned", name=name, id=before, other=whole))
    if before is None:
        statement, called = _look(login, whole)
        lines = [describe(statement, words), *([words.say("naming.called", name=called)] if called else []), whole]
        click.echo("\n".join(lines), err=True)
        if not yes:
            click.confirm(words.say("naming.confirm", name=name), abort=True, err=True)
        logins.store(kept.with_names(login.registry, {**names, name: whole}))
    answer({"id": whole, "name": name}, words.say("naming.kept", name=name, id=whole), as_json=as_json)


def _look(login: Login, id: str) -> tuple[Statement, str]:
    """The statement with this id, and what it calls itself where this reader may see that."""
    with connect(login.url) as client:
        entry = client.entry(id)
    submission = submission_from_json({one: entry[one] for one in ("disclosures", "envelope")})
    statement = submission.statement()
    if not statement.id.startswith(id):
        raise Refused(Sentence("naming.another", id=statement.id))
    _, section = submission.opened().get("name", (None, None))
    return statement, section.name if isinstance(section, Name) else ""
