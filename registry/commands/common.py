"""What the commands share: how they fail, how they ask for a passphrase, how they read and write files."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from getpass import GetPassWarning
from pathlib import Path
from typing import Any, TypeVar

import click

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.printable import printable
from verifier.programs.files import read_input, read_line
from verifier.programs.keys import MAX_PASSPHRASE
from verifier.programs.language import choose, languages, speak, tell
from verifier.programs.parser_words import named_in
from verifier.words.catalogue import Catalogue, Sentence

EXIT_CODES = """
\b
Exit codes:
  0  done
  1  refused: the registry said no, a check failed, or you did
  2  the command or a file that it reads is wrong
  3  it could not be done: the network, a file, the registry's machine
  70 a fault in this program
"""

MIN_PASSPHRASE = 12
LANGUAGE = "kembar.language"
"""Where a context remembers ``--language``."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Failure(click.ClickException):
    """Something in the command, or in a file that it reads, is wrong: says what, where and what to do."""

    exit_code = 2

    def __init__(self, message: str | Sentence) -> None:
        """It is said in the language of the command that runs."""
        super().__init__(_told(message))

    def format_message(self) -> str:
        """What is shown: others wrote parts of it, and none of it steers a terminal."""
        return shown(self.message)


class Misused(click.UsageError):
    """The command was called wrongly: says how, after the line on how to call it."""

    def __init__(self, message: str | Sentence) -> None:
        """It is said in the language of the command that runs."""
        super().__init__(shown(_told(message)))


def _told(message: str | Sentence) -> str:
    context = click.get_current_context(silent=True)
    return tell(message, choose(None) if context is None else spoken(context))


class Refused(Failure):
    """The registry said no, or a check failed."""

    exit_code = 1


class Unable(Failure):
    """It could not be done."""

    exit_code = 3


def json_option(command: Command) -> Command:
    """``--json``: the answer as one line of JSON, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Answer with one line of JSON, for scripts.")(command)


def guard_option(command: Command) -> Command:
    """``--guard``: where it stands, outside the folder."""
    text = "The file, outside DIR, that says what was signed last [default: in the user's state folder]."
    return click.option("--guard", metavar="PATH|none", help=text)(command)


def shared_options(command: Command) -> Command:
    """``--store``, ``--publish``, ``--single-database``: where a log is that several machines share."""
    for option in (
        click.option("--single-database", "single", is_flag=True, default=None,
                     help="You vouch for a database without a standby: what was answered goes with its machine."),
        click.option("--publish", metavar="s3://BUCKET", help="Publish in this bucket, of any store that speaks S3."),
        click.option("--store", metavar="postgresql://...", help="Keep the log in this database, not in DIR."),
    ):  # fmt: skip
        command = option(command)
    return command


def language_option(command: Command) -> Command:
    """``--language``: in which language the command speaks, of what is wrong with its other words too."""
    text = "What it speaks; else the locale's language, or English."
    return click.option("--language", type=click.Choice(languages()), help=text, callback=_remember, is_eager=True)(
        command
    )


def _remember(context: click.Context, option: click.Parameter | None, language: str | None) -> str | None:
    context.meta[LANGUAGE] = language
    speak(language)  # of what is served, in a process of its own
    return language


def listen(context: click.Context, args: Sequence[str]) -> None:
    """Take ``--language`` from a command's words before they are read, for whoever has to complain about them."""
    if (named := named_in(args)) is not None:
        _remember(context, None, named)


def spoken(context: click.Context) -> Catalogue:
    """The words for what is said outside a command about one that ran in ``context``."""
    return choose(context.meta.get(LANGUAGE))


def passphrase_option(command: Command) -> Command:
    """``--passphrase-file``: where a script reads it."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        help="Read the passphrase from the first line of this file (- is standard input) instead of asking.",
    )(command)


def answer(value: Json, text: str, *, as_json: bool) -> None:
    """Print an answer for a script or for a person."""
    click.echo(canonical.encode(value).decode("utf-8") if as_json else shown(text))


def shown(text: str) -> str:
    """Lines for a person's terminal: :func:`printable`, but that a line feed begins a new line."""
    return "\n".join(map(printable, text.split("\n")))


def read_passphrase(file: Path | None, prompt: str, *, confirm: bool = False) -> bytes:
    """The passphrase as UTF-8 bytes, from a file or asked for; a new one (``confirm``) has at least 12 characters."""
    text = _ask(prompt, confirm) if file is None else _first_line(file)
    if confirm and len(text) < MIN_PASSPHRASE:
        raise Failure(Sentence("failure.short_passphrase", n=MIN_PASSPHRASE))
    phrase = str(text).encode("utf-8")
    if not 0 < len(phrase) <= MAX_PASSPHRASE:
        raise Failure(Sentence("failure.passphrase_size", most=str(MAX_PASSPHRASE), size=str(len(phrase))))
    return phrase


def _first_line(file: Path) -> str:
    """Bounded, in time too where the file is a pipe; on standard input it is what somebody types."""
    if str(file) == "-":
        with click.open_file("-", encoding="utf-8") as stream:
            return str(stream.readline(MAX_PASSPHRASE + 2)).removesuffix("\n").removesuffix("\r")
    try:
        return read_line(str(file), MAX_PASSPHRASE).decode("utf-8")
    except OSError as error:
        raise Failure(Sentence("failure.cannot_read", path=str(file), why=str(error.strerror))) from None
    except UnicodeDecodeError:
        raise Failure(Sentence("failure.cannot_read", path=str(file), why="it is not UTF-8")) from None


def _ask(prompt: str, confirm: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would show what is typed
        try:
            return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))
        except GetPassWarning:
            raise Failure(Sentence("failure.no_terminal", prompt=prompt)) from None


def read_bounded(path: Path, limit: int) -> bytes:
    """A whole file of at most ``limit`` bytes; ``-`` is standard input."""
    try:
        data = read_input(str(path), limit)
    except OSError as error:
        raise Failure(Sentence("failure.cannot_read", path=str(path), why=str(error.strerror))) from None
    if len(data) > limit:
        raise Failure(Sentence("failure.too_large", path=str(path), n=limit))
    return data


def write_whole(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file so that it is there whole or not at all; an existing one only with ``replace``."""
    if path.exists() and not replace:
        raise Failure(Sentence("failure.exists", path=str(path)))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise Unable(Sentence("failure.cannot_write", path=str(path), why=str(error.strerror))) from None
