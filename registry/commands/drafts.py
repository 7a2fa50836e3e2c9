"""``registry draft`` and ``registry memo``: from a template to what a model reads before she signs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from registry.commands.common import (
    Failure,
    Misused,
    answer,
    json_option,
    language_option,
    read_bounded,
    write_whole,
)
from registry.commands.connecting import ask_with, at_hand, look_up, present, registry_option
from registry.commands.naming import as_id
from registry.commands.row_drafts import WITH_ASSETS, Basis, digests, draft_rows
from registry.commands.signed_files import MAX_FILE, SIGNED, from_draft, is_passed_on, passed_on
from registry.commands.signing import open_key
from registry.commands.targets import is_address, live_guardian, present_registrars, registry_of, target_submission
from registry.drafting.adapters.adcp import parse_acquire_rights
from registry.drafting.adapters.spelling import without_mark
from registry.drafting.drafts.profiles import Remarks, asked_for
from registry.drafting.drafts.reading import MAX_DRAFT
from registry.drafting.drafts.sources import flattened, from_adcp, from_earlier, money_under, owed_again, terms_under
from registry.drafting.drafts.templates import KINDS, prefill, template, with_value
from registry.drafting.memo.render import LANGUAGES, Language, language_of, render
from registry.drafting.memo.render import digest as memo_digest
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.printable import printable
from verifier.programs.keys import read_key, read_public
from verifier.programs.language import catalogue, choose, tell
from verifier.statements.sections import CreateTerms, Terms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import PROFILES
from verifier.words.catalogue import Catalogue

_CONSENTS = ("consent", "consent-create")
_FILES = click.Path(path_type=Path, dir_okay=False, exists=True)
_KEY_FILES = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("kind", metavar="TYPE", type=click.Choice(KINDS))
@registry_option("The registry: its id, its folder, or its address.")
@click.option("--on", metavar="FILE|ID", help="Stand on this statement: take over its id and whom it names.")
@click.option("--like", metavar="FILE|ID", help="A consent: copy this earlier deal, its terms and money too.")
@click.option("--replaces", is_flag=True, help="With --like: it amends that deal and takes its place; its caps go on.")
@click.option("--renews", is_flag=True, help="With --like: it takes that deal's place; its caps begin anew.")
@click.option("--adcp", type=_FILES, help="A consent: take the terms of this AdCP acquire_rights message.")
@click.option("--profile", type=click.Choice(PROFILES), help="A consent: ask for what this profile makes a duty.")
@click.option("--asset", "assets", multiple=True, type=_FILES, help="Name this file, by its hash; more may follow it.")
@click.option("--with", "agency", metavar="AGENCY", help="A mandate: yours, for this agency, by its id or name.")
@click.option("--csv", "table", type=_FILES, help="A usage: one draft for each row of this table; -o names the folder.")
@click.argument("more", metavar="", nargs=-1, type=_FILES)
@click.option("--key", "keys", multiple=True, type=_KEY_FILES,
              help="For a party: list this key file's public key. Else: ask the registry with it.")  # fmt: skip
@click.option("--recovery", multiple=True, type=_KEY_FILES, help="For a party: list it as a recovery key.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here, not to the screen.")
@language_option
def draft(
    kind: str,
    where: str | None,
    on: str | None,
    like: str | None,
    replaces: bool,
    renews: bool,
    adcp: Path | None,
    profile: str | None,
    assets: tuple[Path, ...],
    agency: str | None,
    table: Path | None,
    more: tuple[Path, ...],
    keys: tuple[Path, ...],
    recovery: tuple[Path, ...],
    output: Path | None,
    language: str | None,
) -> None:
    """Write an annotated draft of a statement, to be filled in with any editor and then signed.

    \b
    TYPE is one of: party key guardian mandate consent-create twin consent approval
    usage report payment receipt adjustment revocation suspension resumption
    dispute ruling erasure registry

    With --on, a usage takes over the parties of its consent, a report those of its usage, a consent those of its twin,
    a payment its consent's currency, payer and payee too, and so on: FILE is the signed file of that statement; an ID
    is fetched from the registry's address. There a draft also learns who is a ward's guardian now.

    A consent can be like an earlier one (--like), or take its terms from an AdCP message (--adcp); what they leave
    open, or cannot say, is told, and stays to be filled in. With --profile it asks for what a law or an agreement makes
    a duty, and says so beside each member; else for what the registry's own profile does, if --registry says where that
    is.

    --asset FILE... hashes the files that a usage, an approval or a twin names. With --csv every row becomes a draft of
    its own, NAME.toml in the folder -o: columns are members of the draft (starts, channels, terms.units.days), and
    asset (files, beside the table), on (the consent, else --on) and draft (its name). A bad row stops no other.
    """
    if profile is not None and kind not in _CONSENTS:
        raise Misused(f"--profile is for a consent, not for a {kind}.")
    if (like is not None or adcp is not None) and kind != "consent":
        raise Misused(f"--like and --adcp are for a consent, not for a {kind}.")
    if (replaces or renews) and (like is None or (replaces and renews)):
        raise Misused("--replaces and --renews go with --like, one of them.")
    if (assets or more) and (kind not in WITH_ASSETS or (more and not assets)):
        raise Misused("--asset FILE... is for a usage, an approval or a twin.")
    if agency is not None and kind != "mandate":
        raise Misused("--with is for a mandate.")
    if table is not None and (kind != "usage" or output is None or assets):
        raise Misused("--csv is for usages, with -o FOLDER, and names their files itself.")
    words = choose(language)
    where = at_hand(where, words)
    if keys and kind not in ("party", "key") and is_address(where):
        ask_with(open_key(read_key(keys[0]), keys[0], None, words))
        keys = keys[1:]
    own_id, registry_profile = (None, None) if where is None else registry_of(where)
    values, remarks = _by_profile(kind, profile, registry_profile)
    if like is not None:
        follows = "replaces" if replaces else "renews" if renews else None
        earlier = target_submission(like, where)
        values.update(flattened(from_earlier(earlier, follows)))
        if follows is not None:
            for warning in owed_again(earlier, int(time.time()), words):
                click.echo(words.say("draft.note", note=warning), err=True)
    if adcp is not None:
        values.update(_from_message(adcp, words))
    if table is not None:
        assert output is not None
        if not draft_rows(table, kind, on, output, lambda one: _basis(kind, one, where, own_id), words):
            raise click.exceptions.Exit(Failure.exit_code)
        return
    basis = _basis(kind, on, where, own_id)
    values.update(basis.values)
    remarks = {**remarks, **basis.remarks}
    if on is None and like is not None:
        values.update(_guardian(values, where))
    if assets:
        values["assets"] = digests([*assets, *more])
    if agency is not None:
        values["parties.agency"] = as_id(agency)
        login = present()
        if login is not None and login.registry == own_id and login.party not in ("", values["parties.agency"]):
            values["parties.model"] = login.party  # who logged in to draft a mandate for an agency is its model
    if kind == "registry" and where is not None and (registrars := present_registrars(where)) is not None:
        values["registrars"] = registrars
    if profile is not None:
        values["terms.profile"] = profile
    if keys:
        values["keys"] = tuple(sorted(read_public(file) for file in keys))
    if recovery:
        values["recovery.keys"] = tuple(sorted(read_public(file) for file in recovery))
    if (keys or recovery) and kind not in ("party", "key"):
        raise Misused(f"--key and --recovery are for a party or a key statement, not for a {kind}.")
    text = template(kind, values, remarks)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text.encode("utf-8"))
        click.echo(words.say("draft.fill_in", file=str(output)), err=True)


def _basis(kind: str, on: str | None, where: str | None, registry: str | None) -> Basis:
    """What a draft takes over from the statement that it stands on, and from its registry."""
    own: dict[str, Json] = {} if registry is None else {"registry": registry}
    if on is None:
        return Basis(values=own, remarks={})
    standing_on = target_submission(on, where)
    target = standing_on.statement()
    taken = prefill(kind, target)
    if not taken:
        raise Failure(f"A draft of type {kind} cannot stand on a statement of type {target.type}.")
    of_money, choices = money_under(kind, standing_on)
    of_terms, allowed = terms_under(kind, standing_on)
    values = {**taken, **of_money, **of_terms}
    return Basis(values={**values, **_guardian(values, where), **own}, remarks={**choices, **allowed})


def _guardian(values: Mapping[str, Json], where: str | None) -> dict[str, Json]:
    """Whoever is the guardian now of the model, or without one of the author, where the registry can be asked."""
    about = values.get("parties.model") or values.get("parties.author")
    if where is None or not is_address(where) or not isinstance(about, str) or not about:
        return {}
    with look_up(where) as client:
        return {"parties.guardian": live_guardian(client, about, int(time.time()))}


def _by_profile(kind: str, profile: str | None, registry: str | None) -> tuple[dict[str, Json], Remarks]:
    """What a consent's own profile asks for, or the registry's where it states none."""
    chosen = profile or registry
    if chosen is None or kind not in _CONSENTS or (profile is None and chosen == "open"):
        return {}, {}
    values, remarks = asked_for(chosen, kind)
    if profile is None:
        del values["terms.profile"]
    return values, remarks


def _from_message(file: Path, words: Catalogue) -> dict[str, Json]:
    """An AdCP message's values; what a person has to know or decide about it is told."""
    try:
        message = parse_acquire_rights(read_bounded(file, MAX_DRAFT), int(time.time()))
    except KembarError as error:
        raise Failure(f"{file}: {error}") from None
    for note in message.notes:
        click.echo(words.say("draft.note", note=printable(tell(str(note), words))), err=True)
    for path in message.missing:
        click.echo(words.say("draft.gap", path=path), err=True)
    gaps = {path: [""] for path in message.missing if path.startswith("exclusive.")}
    return {**flattened(from_adcp(message)), **gaps}


@click.command()
@click.argument("file", type=_FILES)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the memo; else that of the terms, or English.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where the memo goes.")
@json_option
def memo(file: Path, language: Language | None, output: Path | None, as_json: bool) -> None:
    """Write a consent's deal memo: its terms in plain words, for the model to read before she signs.

    FILE is a draft consent or its signed file. Into a draft the memo's hash is written too (terms.memo), so that the
    consent says which memo she was shown; change the draft after that, and the memo has to be made again.
    """
    data = without_mark(read_bounded(file, MAX_FILE))
    is_signed = is_passed_on(file, data)
    submission = passed_on(file, data) if is_signed else from_draft(file, data)
    statement = submission.statement()
    sections = {name: section for name, (_, section) in submission.opened().items()}
    terms = sections.get("terms")
    if not isinstance(statement, Consent) or not isinstance(terms, Terms | CreateTerms):
        raise Failure(f"{file}: a deal memo is made of a consent, not of a {statement.type}.")
    chosen = language or language_of(terms.language)
    text = render(statement, sections, chosen)
    hashed = memo_digest(text)
    target = output or file.with_name(file.name.removesuffix(SIGNED).removesuffix(".toml") + f".memo.{chosen}.txt")
    write_whole(target, text, replace=True)
    if not is_signed:
        write_whole(file, with_value(data.decode("utf-8"), "terms.memo", hashed).encode("utf-8"), replace=True)
    carried = not is_signed or terms.memo == hashed
    id = "memo.made" if carried else "memo.made_other"
    said = catalogue(chosen).say(id, file=str(target), digest=hashed)
    answer({"carried": carried, "file": str(target), "language": chosen, "sha256": hashed}, said, as_json=as_json)
