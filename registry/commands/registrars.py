"""``registry registrar``: whose keys vouch for parties here, and who joins and leaves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from registry.commands.common import Command, Failure, answer, json_option, language_option
from verifier.base.strict import is_hex64
from verifier.programs.keys import read_public
from verifier.programs.language import choose
from verifier.words.catalogue import Sentence

_FOLDER = click.Path(path_type=Path, file_okay=False)
MAX_REGISTRARS = 8


@click.group()
def registrar() -> None:
    """Show, add and remove the registrars: whose keys vouch for who a party is.

    Each change is a statement in the log, signed with the log's key, for everybody to see. It works whether the
    registry in DIR is being served or not.
    """


def _options(command: Command) -> Command:
    """What adding and removing take."""
    yes = click.option("-y", "--yes", is_flag=True, help="Do not ask: log what is shown.")
    key = click.argument("key", metavar="KEY")
    folder = click.argument("folder", metavar="DIR", type=_FOLDER)
    return folder(key(yes(language_option(json_option(command)))))


@registrar.command("list")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@language_option
@json_option
def list_(folder: Path, language: str | None, as_json: bool) -> None:
    """Show whose keys are registrars' now."""
    from registry.commands.own_log import own_log, own_statements, registrars

    with own_log(folder) as log:
        found = registrars(own_statements(log))
    words = choose(language)
    lines = [words.say("registrar.now", n=len(found)), *(f"  {key}" for key in found)]
    answer({"registrars": list(found)}, "\n".join(lines), as_json=as_json)


@registrar.command()
@_options
def add(folder: Path, key: str, yes: bool, language: str | None, as_json: bool) -> None:
    """Add a registrar: KEY is her public key, 64 hex digits, or the file that `registry keygen` made of it.

    From then on statements that she signs are taken as a registrar's word. She makes the key herself and keeps it.
    """
    public = _public(key)

    def change(now: tuple[str, ...]) -> tuple[str, ...]:
        if public in now:
            raise Failure(Sentence("registrar.is_one", key=public))
        if len(now) >= MAX_REGISTRARS:
            raise Failure(Sentence("registrar.too_many", n=MAX_REGISTRARS))
        return (*now, public)

    _change(folder, change, "registrar.adding", public, yes, language, as_json)


@registrar.command()
@_options
def remove(folder: Path, key: str, yes: bool, language: str | None, as_json: bool) -> None:
    """Remove a registrar: KEY is her public key, 64 hex digits, or its file.

    What she vouched for before stays good. The last registrar cannot be removed: add another one first.
    """
    public = _public(key)

    def change(now: tuple[str, ...]) -> tuple[str, ...]:
        if public not in now:
            raise Failure(Sentence("registrar.is_none", key=public))
        if len(now) == 1:
            raise Failure(Sentence("registrar.last"))
        return tuple(one for one in now if one != public)

    _change(folder, change, "registrar.removing", public, yes, language, as_json)


def _change(
    folder: Path,
    change: Callable[[tuple[str, ...]], tuple[str, ...]],
    said: str,
    public: str,
    yes: bool,
    language: str | None,
    as_json: bool,
) -> None:
    from registry.commands.own_log import log_change, own_log, own_statements, registrars
    from registry.config import clock, load

    words = choose(language)
    with own_log(folder) as log:
        after = tuple(sorted(change(registrars(own_statements(log)))))
        lines = [words.say(said, key=public), words.say("registrar.then", n=len(after)), *(f"  {one}" for one in after)]
        click.echo("\n".join(lines), err=as_json)
        if not yes:
            click.confirm(words.say("own.confirm"), abort=True, err=True)
        statement, index = log_change(log, load(folder), {"registrars": list(after)}, clock())
    value = {"id": statement.id, "index": index, "registrars": list(after)}
    answer(value, words.say("own.logged", index=str(index), id=statement.id), as_json=as_json)


def _public(key: str) -> str:
    """A public key as it is given: its hex digits, or a file."""
    return key if is_hex64(key) else read_public(Path(key))
