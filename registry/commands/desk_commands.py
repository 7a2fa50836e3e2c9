"""``registry desk``: statements that wait at the registry for signatures."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import click

from registry.client import Client
from registry.commands.common import Failure, answer, read_bounded, shown, write_whole
from registry.commands.connecting import own_key
from registry.commands.desk_call import as_party, asking, at_desk, whole_id
from registry.commands.desk_shown import Shown
from registry.commands.lazy import LazyGroup
from registry.commands.naming import as_id
from registry.desk.desk import files_named
from registry.desk.limits import PICTURE
from registry.desk.rasters import PIXELS, raster
from registry.drafting.drafts.signer_warnings import warnings
from registry.drafting.drafts.words import in_words
from registry.intake.submission import (
    MAX_SUBMISSION,
    Submission,
    format_submission,
    parse_submission,
    submission_from_json,
    submission_to_json,
)
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_b64
from verifier.programs.language import choose
from verifier.statements.envelope import pae
from verifier.words.catalogue import Catalogue, Sentence

_FILE = click.Path(path_type=Path, dir_okay=False)


PARTS = {
    "option": "registry.commands.desk_options:option",
    "calendar": "registry.commands.desk_calendars:calendar",
    "renewals": "registry.commands.desk_renewals:renewals",
    "address": "registry.commands.desk_address:address",
    "grant": "registry.commands.desk_grants:grant",
    "reads": "registry.commands.desk_grants:reads",
    "block": "registry.commands.desk_contacts:block",
    "blocks": "registry.commands.desk_contacts:blocks",
    "report": "registry.commands.desk_contacts:report",
    "reports": "registry.commands.desk_contacts:reports",
}
"""Where the parts are that have a module of their own."""


@click.group(cls=LazyGroup, lazy=PARTS)
def desk() -> None:
    """See and sign what waits for you at the registry, and put up what waits for others.

    A draft is seen by those who must sign it. Nobody is given your signature before the statement is logged, which
    happens when the last has signed; until then you can take it back. A draft is named by its id, or by the first 16
    digits of it.
    """


@at_desk(desk)
@click.argument("file", type=_FILE)
@click.option("--deadline", metavar="TIME", help="Until when, such as 2026-12-24T18:00:00Z; else 30 days.")
@click.option("--first", "turns", metavar="PARTY", multiple=True, help="Who signs before the others see it; in order.")
@click.option("--anyway", is_flag=True, help="When all have signed, log it even if it would not be in force.")
@as_party
def propose(
    url: str, file: Path, deadline: str | None, turns: tuple[str, ...], anyway: bool, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Put FILE, which `registry sign` wrote, on the desk, for the others who must sign it.

    No signature but your own may be in it. It is checked as `registry submit --dry-run` checks it.
    """
    words = choose(language)
    submission = parse_submission(read_bounded(file, MAX_SUBMISSION + 1).removesuffix(b"\n"))
    body: dict[str, Json] = {"require": not anyway, "submission": submission_to_json(submission)}
    if deadline is not None:
        body["deadline"] = deadline
    if turns:
        body["turns"] = [[as_id(one)] for one in turns]
    with asking(url) as client:
        _tell(client.desk("POST", "", body), words, as_json)


@at_desk(desk)
@click.argument("id")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--undo", is_flag=True, help="Take them away again.")
@as_party
def attach(url: str, id: str, files: tuple[Path, ...], undo: bool, language: str | None, as_json: bool) -> None:
    """Have the pictures that a draft of yours names lie with it, for those who must look at them before they sign.

    They are erased with the draft: when it is logged, declined, withdrawn or past its deadline.
    """
    words = choose(language)
    with asking(url) as client:
        id = draft_id(client, id)
        named = files_named(_submission(_open(client, id, words), id).statement())
        found = {file: sha256(_picture(file)).hexdigest() for file in files}
        for file, digest in found.items():
            if digest not in named:
                raise Failure(Sentence("desk.not_named", file=str(file)))
        for file, digest in found.items():
            if undo:
                client.desk("DELETE", f"/{id}/files/{digest}")
            else:
                client.attach(id, digest, _picture(file))
        shown = client.desk("GET", f"/{id}")
    answer(shown, words.say("desk.attached", n=len(shown.get("files", ())), id=id), as_json=as_json)


@at_desk(desk, "list")
@as_party
def list_(url: str, language: str | None, as_json: bool) -> None:
    """List what waits for you, and what you put up."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", "")
    answer(found, "\n".join(Shown(found, words).drafts(found["drafts"])), as_json=as_json)


@at_desk(desk)
@click.argument("id")
@click.option("-o", "--output", type=_FILE, help="Write the statement here too, as `memo` and `submit` read it.")
@as_party
def show(url: str, id: str, output: Path | None, language: str | None, as_json: bool) -> None:
    """Show in plain words what a draft says, and who has signed; its proposer is told that you have read it."""
    words = choose(language)
    with asking(url) as client:
        id = draft_id(client, id)
        found = client.desk("GET", f"/{id}")
        if found["state"] == "open":
            kept = {name: found[name] for name in ("submission", "files") if name in found}
            found = {**client.desk("POST", f"/{id}/read"), **kept}
    said = Shown(found, words)
    lines = list(said.draft(found))
    if "submission" in found:
        submission = _submission(found, id)
        lines += ["", in_words(submission, words, said.names(submission.statement().parties.ids()))]
        if named := files_named(submission.statement()):
            lines += ["", words.say("desk.pictures", n=len(named), kept=len(found.get("files", ())))]
        if output is not None:
            write_whole(output, format_submission(submission))
    answer(found, "\n".join([*lines, *said.ids()]), as_json=as_json)


@at_desk(desk)
@click.argument("id")
@click.option("--undo", is_flag=True, help="Take your signature back.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: sign what is shown.")
@as_party
def sign(url: str, id: str, undo: bool, yes: bool, language: str | None, as_json: bool) -> None:
    """Show what a draft says, and sign it with your key; the last signature logs it."""
    words = choose(language)
    with asking(url) as client:
        id = draft_id(client, id)
        if undo:
            _tell(client.desk("DELETE", f"/{id}/signature"), words, as_json)
            return
        found = _open(client, id, words)
        submission = _submission(found, id)
        names = Shown(found, words).names(submission.statement().parties.ids())
        click.echo(shown(in_words(submission, words, names)), err=as_json)
        for warning in warnings(submission, words, client.first().profile):
            click.echo(shown(words.say("sign.warning", warning=warning)), err=True)
        if not yes:
            click.confirm(words.say("sign.confirm", n=1), abort=True, err=True)
        key = own_key()
        sig = format_b64(key.sign(pae(submission.payload)))
        _tell(client.desk("POST", f"/{id}/signature", {"keyid": key.public.hex(), "sig": sig}), words, as_json)


@at_desk(desk)
@click.argument("id")
@click.option("--reason", required=True, help="Why: the others read it.")
@as_party
def decline(url: str, id: str, reason: str, language: str | None, as_json: bool) -> None:
    """Say no to a draft that waits for you; where nobody else can sign instead, it is over."""
    words = choose(language)
    with asking(url) as client:
        _tell(client.desk("POST", f"/{draft_id(client, id)}/decline", {"reason": reason}), words, as_json)


@at_desk(desk)
@click.argument("id")
@as_party
def withdraw(url: str, id: str, language: str | None, as_json: bool) -> None:
    """Take back a draft that you put up; what it says and all signatures are erased."""
    words = choose(language)
    with asking(url) as client:
        _tell(client.desk("DELETE", f"/{draft_id(client, id)}"), words, as_json)


def draft_id(client: Client, text: str) -> str:
    """The whole id of a draft that is named by it, or by its beginning."""
    return whole_id(text, lambda: client.desk("GET", "")["drafts"], "desk.no_such")


def _open(client: Client, id: str, words: Catalogue) -> Mapping[str, Json]:
    """A draft that still waits for signatures."""
    found: Mapping[str, Json] = client.desk("GET", f"/{id}")
    if "submission" not in found:
        raise Failure(Sentence("desk.over", state=words.code("draft_state", str(found["state"]))))
    return found


def _picture(file: Path) -> bytes:
    data = read_bounded(file, PICTURE)
    if raster(data) is None:
        raise Failure(Sentence("desk.no_picture", file=str(file), n=PIXELS))
    return data


def _submission(found: Mapping[str, Json], id: str) -> Submission:
    """What the registry shows must be what the id stands for, whole: it is not believed."""
    try:
        submission = submission_from_json(found["submission"])
        statement, opened = submission.statement(), submission.opened()
    except KembarError as error:
        raise Failure(Sentence("desk.wrong", why=str(error))) from None
    if statement.id != id or statement.sections.keys() != opened.keys():
        raise Failure(Sentence("desk.another"))
    return submission


def _tell(found: Mapping[str, Json], words: Catalogue, as_json: bool) -> None:
    said = Shown(found, words)
    answer(found, "\n".join([*said.draft(found), *said.ids()]), as_json=as_json)
