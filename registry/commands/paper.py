"""``registry paper``: a certificate, a statement of account, an overdue notice, a deal memo, as PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import available_timezones

import click

from registry.commands.common import (
    Command,
    Failure,
    Misused,
    answer,
    json_option,
    language_option,
    read_bounded,
    write_whole,
)
from registry.commands.connecting import MAX_POLICY, present
from registry.commands.naming import as_id
from registry.commands.signed_files import read_signed
from registry.look import Look, Zone, zone_of
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, parse_instant
from verifier.evidence.file import MAX_EVIDENCE, Invalid
from verifier.evidence.pdf import is_pdf
from verifier.programs.language import choose, tell
from verifier.statements.types import Consent
from verifier.words.catalogue import Catalogue, Sentence

INVALID = 4
STATUS = {"no": 1, "cannot_tell": 3, "not_yet_due": 5}
"""As `verifier check` ends."""
EVIDENCE = b'{"checkpoint":'
"""How all evidence begins."""
_OUTPUT = click.Path(path_type=Path, dir_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


def _options(command: Command) -> Command:
    """What every paper takes."""
    for option in (
        json_option,
        language_option,
        click.option("--zone", help="In whose time, as Asia/Jakarta; else UTC, or that of the language."),
        click.option("--url", help="The registry's address, for a QR code to its page [default: the login's]."),
        click.option("--at", metavar="INSTANT", help="For this instant [default: the evidence's own]."),
        click.option("--trust", type=_FILE, help="Whom you trust: a C2SP tlog-policy file [default: the login's]."),
        click.option("--replace", is_flag=True, help="Overwrite a file that is there."),
        click.option("-o", "--output", type=_OUTPUT, required=True, help="Where it goes."),
    ):
        command = option(command)
    return command


class NotMade(Failure):
    """There is no such paper of this evidence: with the exit code that says why."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click's is a class's


@click.group("paper")
def paper() -> None:
    """Make a certificate, a statement, a notice or a memo as PDF, with the evidence in it.

    EVIDENCE is an evidence file, as `registry evidence` and `registry clear` write it, or a PDF that carries one. It is
    checked as `verifier check` does, without a network; what the paper says is the answer, and whoever gets the PDF
    checks it in the same way: `verifier check FILE.pdf`. The same evidence makes the same PDF, byte for byte.
    """


@paper.command("certificate")
@click.argument("evidence", type=_FILE)
@click.option("--ask", type=click.Choice(["authorised"]), help="Certify that alone, and nothing about money.")
@_options
def certificate_command(evidence: Path, ask: str | None, **given: object) -> None:
    """Certify that a use is authorised and paid: made only if that is the answer.

    \b
    Exit codes:
      0  it is written
      1  the answer is no, 3 it cannot be told, 5 more falls due later (--ask authorised); nothing is written
      4  the evidence is invalid
    """
    from registry.paper.certificate import certificate

    _make("paper.certificate", evidence, lambda basis: certificate(basis, ask=ask), **given)


@paper.command("statement")
@click.argument("evidence", type=_FILE)
@click.option("--payee", metavar="ID", help="What goes to this party [default: whose record book it is].")
@click.option("--from", "start", metavar="INSTANT", help="Only what arose at or after this instant.")
@click.option("--to", "end", metavar="INSTANT", help="Only what arose before this instant.")
@_options
def statement_command(
    evidence: Path, payee: str | None, start: str | None, end: str | None, **given: object
) -> None:
    """Draw up a statement of account: what is owed, what came and on whose word, what is late."""
    from registry.paper.account import statement

    _make(
        "paper.statement", evidence,
        lambda basis: statement(
            basis, None if payee is None else as_id(payee), start=_instant("--from", start), end=_instant("--to", end)
        ),
        **given,
    )  # fmt: skip


@paper.command("overdue")
@click.argument("evidence", type=_FILE)
@click.option("--debtor", metavar="ID", help="Whom it is for, if several parties are late.")
@click.option("--payee", metavar="ID", help="Only what goes to this party.")
@_options
def overdue_command(evidence: Path, debtor: str | None, payee: str | None, **given: object) -> None:
    """Write an overdue notice to who is late: how much to whom, since when, under which consents."""
    from registry.paper.overdue import overdue

    _make(
        "paper.overdue", evidence,
        lambda basis: overdue(
            basis, debtor=None if debtor is None else as_id(debtor), payee=None if payee is None else as_id(payee)
        ),
        **given,
    )  # fmt: skip


@paper.command("memo")
@click.argument("file", type=_FILE)
@_options
def memo_command(file: Path, **given: object) -> None:
    """Set a consent's deal memo: of evidence about it, or of a draft or its signed file, of which there is none yet."""
    from registry.paper.memo import memo

    head = file.read_bytes()[: len(EVIDENCE)]
    if head == EVIDENCE or is_pdf(head):
        _make("paper.memo", file, memo, **given)
    else:
        _of_draft(file, **given)


def _make(title: str, evidence: Path, make: Callable[..., bytes], **given: object) -> None:
    from registry.paper.archive import TooMuchEvidence
    from registry.paper.basis import NoPaper, open_basis

    words, look = _look(given)
    data = read_bounded(evidence, MAX_EVIDENCE)
    try:
        basis = open_basis(data, _policy(given), look, at=_instant("--at", given["at"]), url=_url(given))
        made = make(basis)
    except Invalid as invalid:
        raise NotMade(words.say("paper.invalid", file=str(evidence), why=tell(str(invalid), words)), INVALID) from None
    except NoPaper as error:
        raise NotMade(words.tell(error.sentence), STATUS.get(error.conclusion, Failure.exit_code)) from None
    except TooMuchEvidence:
        raise Failure(Sentence("paper.too_much")) from None
    _write(title, made, look, basis.at, given)


def _of_draft(file: Path, **given: object) -> None:
    """It is dated as the statement is: a signed file makes the same paper always, a draft that of when it was read."""
    from registry.paper.basis import NoPaper
    from registry.paper.memo import draft_memo

    words, look = _look(given)
    _, submission = read_signed(file, words)
    consent = submission.statement()
    if not isinstance(consent, Consent):
        raise Failure(words.say("paper.not_a_consent", file=str(file), type=consent.type))
    at = _instant("--at", given["at"]) or consent.at
    try:
        made = draft_memo(consent, {name: one for name, (_, one) in submission.opened().items()}, look, at)
    except NoPaper as error:
        raise Failure(words.tell(error.sentence)) from None
    _write("paper.memo", made, look, at, given)


def _write(title: str, made: bytes, look: Look, at: int, given: dict[str, object]) -> None:
    output = given["output"]
    assert isinstance(output, Path)
    write_whole(output, made, replace=bool(given["replace"]))
    said = look.words.say("paper.written", file=str(output), title=look.words.say(title), at=look.moment(at))
    value = {"at": format_instant(at), "bytes": len(made), "file": str(output)}
    answer(value, said, as_json=bool(given["as_json"]))


def _look(given: dict[str, object]) -> tuple[Catalogue, Look]:
    language, zone = given["language"], given["zone"]
    assert language is None or isinstance(language, str)
    words = choose(language)
    if zone is None:
        return words, Look(words, zone_of(words.language))
    if zone not in available_timezones():
        raise Misused(Sentence("paper.no_zone", zone=str(zone)))
    return words, Look(words, Zone(str(zone)))


def _policy(given: dict[str, object]) -> bytes:
    file, login = given["trust"], present()
    if isinstance(file, Path):
        return read_bounded(file, MAX_POLICY)
    if login is None:
        raise Misused(Sentence("paper.no_policy"))
    return login.policy.encode("utf-8")


def _url(given: dict[str, object]) -> str | None:
    login = present()
    return str(given["url"]) if given["url"] else None if login is None else login.url


def _instant(option: str, text: object) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(str(text))
    except KembarError as error:
        raise Misused(Sentence("usage.option", option=option, text=str(text), why=str(error))) from None
