"""``registry revoke``: end a consent, a mandate or a twin, in one step."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from registry.client import Client, Refusal
from registry.commands.answers import dry_run_lines, effect_lines
from registry.commands.common import Failure, Misused, Refused, answer, json_option, language_option, passphrase_option
from registry.commands.connecting import AtRegistry, ask_with, connect, signing_keys_option, trust_of
from registry.commands.naming import as_id
from registry.commands.signing import open_key
from registry.commands.targets import live_guardian, target_submission
from registry.drafting.drafts.reading import Draft, complete
from registry.drafting.drafts.templates import prefill
from registry.drafting.drafts.words import in_words
from registry.intake.submission import Submission
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64, parse_instant
from verifier.programs.keys import read_key
from verifier.programs.language import choose
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import VERSION, Consent, Mandate, Statement, Twin
from verifier.words.catalogue import Catalogue

GROUNDS: Final = ("withdrawal", "breach", "unpaid", "strike", "other")
_KINDS: Final = {"consent": Consent, "mandate": Mandate, "twin": Twin}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


@click.command(cls=AtRegistry)
@click.argument("url", metavar="[URL]")
@click.argument("consent", required=False)
@click.option("--twin", help="Retire this twin instead: it ends every consent to its use.")
@click.option("--mandate", help="End this agency's mandate instead.")
@signing_keys_option
@click.option("--effective", help="From when on: 2026-12-01, or 2026-12-01T09:30:00Z; else at once.")
@click.option("--ground", type=click.Choice(GROUNDS), help="Else withdrawal; with --part, unpaid.")
@click.option("--part", type=click.Choice(["exclusive"]), help="End only its exclusivity, because it is unpaid.")
@click.option("--as-licensee", is_flag=True, help="The licensee ends its own uses of the consent, at once.")
@click.option("--under", metavar="MANDATE", help="For an agency that signs for the model: the id of its mandate.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: sign and log what is shown.")
@passphrase_option
@language_option
@json_option
def revoke(
    url: str,
    consent: str | None,
    twin: str | None,
    mandate: str | None,
    keys: tuple[Path, ...],
    effective: str | None,
    ground: str | None,
    part: str | None,
    as_licensee: bool,
    under: str | None,
    yes: bool,
    passphrase_file: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Withdraw the consent with this id at the registry at URL: draft, show, ask, sign and log, in one step.

    Shown are, before anything is signed: what it says, from when on it holds (a consent's notice counted), which uses
    are live then and have to be pulled, and what stays due for each. Nothing that was earned lapses.

    The model signs, or her guardian; or, with --under, the agency whose mandate has the power to revoke. A mandate may
    be ended by its agency too. With --part exclusive a consent's exclusivity alone ends, as long after it is logged as
    the consent says, because a fee is overdue; its uses go on. With --as-licensee the brand ends its own uses at once;
    what it owes stays owed, and so do fees on later dates, unless the consent lets a break end them.
    """
    targets = {kind: id for kind, id in (("consent", consent), ("twin", twin), ("mandate", mandate)) if id is not None}
    if len(targets) != 1:
        raise Misused("name one thing to end: a CONSENT, --twin ID or --mandate ID.")
    [(kind, id)] = targets.items()
    id, under = as_id(id), None if under is None else as_id(under)
    for option, given in ((kind, id), ("under", under)):
        if given is not None and not is_hex64(given):
            raise Misused(f"{option} {given[:80]}: an id is 64 lower-case hex digits.")
    if part is not None and (kind != "consent" or ground not in (None, "unpaid")):
        raise Misused("--part is of a consent, on the ground unpaid.")
    if as_licensee and (kind != "consent" or part is not None or under is not None):
        raise Misused("--as-licensee is for a whole consent, and for nobody who signs for the model.")
    ground = ground or ("withdrawal" if part is None else "unpaid")
    words = choose(language)
    holders = [read_key(file) for file in keys]
    now = int(time.time())
    since = now if effective is None else _instant(effective)
    first = open_key(holders[0], keys[0], passphrase_file, words)
    ask_with(first)
    believed = trust_of(url, None)
    with connect(url, policy=believed.policy) as client:
        target = target_submission(id, url)
        submission = _draft(client, kind, target, since, ground, part, under, now)
        click.echo(in_words(submission, words), err=as_json)
        asked = _asked(client, submission, words)
        said_before = _what_follows(target, asked, since, now, words)
        if as_licensee:
            said_before[:0] = ["", f"  {words.say('revoke.by_licensee', at=format_instant(max(since, now)))}"]
        click.echo("\n".join(said_before), err=as_json)
        click.echo("", err=as_json)
        if not yes:
            click.confirm(words.say("revoke.confirm", n=len(keys)), abort=True, err=True)
        others = [open_key(one, file, passphrase_file, words) for one, file in zip(holders[1:], keys[1:], strict=True)]
        for key in (first, *others):
            submission = submission.signed_by(key)
        [result] = client.submit([submission], require=False)
        if isinstance(result, Refusal):
            raise result
        logged = _logged(client, kind, id, int(result["index"]))
    value: dict[str, Json] = {"id": result["id"], "index": result["index"], kind: id}
    if believed.given_by is not None:
        value["policy"] = believed.given_by
    said = words.say("revoke.logged", index=str(result["index"]), id=result["id"])
    takes = None
    if logged is not None:
        takes = max(since, logged) if as_licensee else _takes_effect(target, kind, part, since, logged, asked)
    if takes is not None:
        value["takes_effect"] = format_instant(takes)
        said += f" {words.say('revoke.takes_effect', at=format_instant(takes))}"
    if asked is not None and "effects" in asked:
        value["effects"] = asked["effects"]
        if any("pull_at" in use for effect in asked["effects"] for use in effect["uses"]):
            said += f" {words.say('revoke.tell_licensees')}"
    answer(value, said, as_json=as_json)


def _draft(
    client: Client, kind: str, target: Submission, since: int, ground: str, part: str | None, under: str | None,
    now: int,
) -> Submission:
    """The statement, naming whom it must name: its target's parties, a live guardian, the agency that signs."""
    statement = target.statement()
    if not isinstance(statement, _KINDS[kind]) or (isinstance(statement, Consent) and kind != "consent"):
        raise Failure(f"{statement.id} is a statement of type {statement.type}, not a {kind}.")
    values = {name: value for name, value in prefill("revocation", statement).items() if value is not None}
    parties: dict[str, Json] = {
        name.removeprefix("parties."): values.pop(name) for name in list(values) if name.startswith("parties.")
    }
    model = statement.parties.model
    if model is not None and (guardian := live_guardian(client, model, now)) is not None:
        parties["guardian"] = guardian
    if under is not None:
        agency = _mandate(client, under).parties.agency
        if agency not in statement.parties.ids():
            parties["author"] = agency
        values["under"] = under
    if part is not None:
        values["part"] = part
    members: dict[str, Json] = {
        **values, "kembar": VERSION, "type": "revocation", "effective": format_instant(since), "ground": ground,
        "parties": {name: list(one) if isinstance(one, tuple) else one for name, one in parties.items()},
    }  # fmt: skip
    return complete(Draft(members=members, sections={}), "", now)


def _mandate(client: Client, id: str) -> Statement:
    statement = target_submission(id, client.url).statement()
    if not isinstance(statement, Mandate):
        raise Failure(f"--under {id}: is a statement of type {statement.type}, not a mandate.")
    return statement


def _asked(client: Client, submission: Submission, words: Catalogue) -> Mapping[str, Json] | None:
    """What a dry run says, unsigned; None where the registry does not tell this caller."""
    try:
        [found] = client.submit([submission], require=False, dry_run=True)
        if isinstance(found, Refusal):
            raise found
    except Refusal as refusal:
        if refusal.kind == "refused" and "rules" not in refusal.problem:
            return None
        raise
    wrong = [row for row in found["admission"] if row["result"] == "FAIL" and row["rule"] != "A1"]
    if wrong:
        raise Refused("\n".join(dry_run_lines(words.say("revoke.name"), found, words)))
    return found if isinstance(found, dict) else None


def _what_follows(
    target: Submission, asked: Mapping[str, Json] | None, since: int, now: int, words: Catalogue
) -> list[str]:
    """What the dry run says of the consequences, or what can be said without it."""
    if asked is None:
        return [
            "",
            words.say("revoke.untold"),
            words.say("revoke.at_or_later", at=format_instant(max(since, now))),
        ]
    if "effects" in asked:
        return list(effect_lines(asked["effects"], words))
    if isinstance(target.statement(), Mandate):
        at = format_instant(max(since, now))
        return ["", f"  {words.say('revoke.mandate', at=at)}"]
    return ["", f"  {words.say('revoke.no_consent')}"]


def _takes_effect(
    target: Submission, kind: str, part: str | None, since: int, logged: int, asked: Mapping[str, Json] | None
) -> int | None:
    """When it holds (T7), now that its logged time is known; None where the notice cannot be read."""
    statement = target.statement()
    notice = 0
    if kind == "consent" and isinstance(statement, Consent) and statement.act == "use":
        section = target.opened().get("terms" if part is None else "exclusive")
        own = [effect["notice"] for effect in (asked or {}).get("effects", ()) if effect["consent"] == statement.id]
        if own:
            notice = int(own[0])
        elif section is not None and isinstance(section[1], Terms):
            notice = section[1].notice
        elif section is not None and isinstance(section[1], Exclusive) and section[1].release is not None:
            notice = section[1].release
        else:
            return None
    return max(since, logged + notice)


def _logged(client: Client, kind: str, id: str, index: int) -> int | None:
    """The logged time of the revocation, from its target's public list."""
    return next((logged for place, logged in client.subject(f"{kind}:{id}") if place == index), None)


def _instant(text: str) -> int:
    try:
        return parse_instant(text + "T00:00:00Z" if _DATE.match(text) else text)
    except KembarError as error:
        raise Misused(f"--effective {text[:40]}: {error.message}") from None


