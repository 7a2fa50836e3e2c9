"""``registry draft`` and ``registry sign``: from a template to a file that every party has signed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from registry.commands.common import (
    Failure,
    Misused,
    answer,
    json_option,
    language_option,
    passphrase_option,
    read_bounded,
    write_whole,
)
from registry.commands.connecting import ask_with, at_hand, look_up, registry_option
from registry.commands.given import given
from registry.commands.naming import with_ids
from registry.commands.signatories import PublicKeys, SigningState, not_asked_for, signing_states
from registry.commands.signing import open_key
from registry.commands.targets import is_address, live_guardian, present_registrars, registry_of, target_submission
from registry.drafting.adapters.adcp import parse_acquire_rights
from registry.drafting.drafts.faults import check_codes
from registry.drafting.drafts.profiles import Remarks, asked_for
from registry.drafting.drafts.reading import MAX_DRAFT, complete, parse_draft
from registry.drafting.drafts.signer_warnings import warnings
from registry.drafting.drafts.sources import flattened, from_adcp, from_earlier, money_under, owed_again
from registry.drafting.drafts.templates import KINDS, prefill, template, with_value
from registry.drafting.drafts.words import in_words
from registry.drafting.memo.render import LANGUAGES, Language, language_of, render
from registry.drafting.memo.render import digest as memo_digest
from registry.intake.submission import MAX_SUBMISSION, Submission, format_submission, parse_submission
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.printable import printable
from verifier.base.strict import is_hex64
from verifier.programs.keys import read_key, read_public
from verifier.programs.language import catalogue, choose, english, tell
from verifier.statements.envelope import check_signatures
from verifier.statements.sections import CreateTerms, Terms
from verifier.statements.types import Consent, Registry, Statement
from verifier.statements.vocabulary import PROFILES
from verifier.words.catalogue import Catalogue

SIGNED = ".signed.json"
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
@click.option("--key", "keys", multiple=True, type=_KEY_FILES,
              help="For a party: list this key file's public key. Else: ask the registry with it.")  # fmt: skip
@click.option("--recovery", multiple=True, type=_KEY_FILES, help="For a party: list it as a recovery key.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here, not to the screen.")
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
    """
    if profile is not None and kind not in _CONSENTS:
        raise Misused(f"--profile is for a consent, not for a {kind}.")
    if (like is not None or adcp is not None) and kind != "consent":
        raise Misused(f"--like and --adcp are for a consent, not for a {kind}.")
    if (replaces or renews) and (like is None or (replaces and renews)):
        raise Misused("--replaces and --renews go with --like, one of them.")
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
    if on is not None:
        standing_on = target_submission(on, where)
        target = standing_on.statement()
        taken = prefill(kind, target)
        if not taken:
            raise Failure(f"A draft of type {kind} cannot stand on a statement of type {target.type}.")
        values.update(taken)
        of_money, choices = money_under(kind, standing_on)
        values.update(of_money)
        remarks = {**remarks, **choices}
    if on is not None or like is not None:
        values.update(_guardian(values, where))
    if own_id is not None:
        values["registry"] = own_id
    if kind == "registry" and where is not None and (present := present_registrars(where)) is not None:
        values["registrars"] = present
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
    data = read_bounded(file, max(MAX_DRAFT, MAX_SUBMISSION + 1))
    passed_on = _is_passed_on(file, data)
    submission = _passed_on(file, data) if passed_on else _from_draft(file, data)
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
    if not passed_on:
        write_whole(file, with_value(data.decode("utf-8"), "terms.memo", hashed).encode("utf-8"), replace=True)
    carried = not passed_on or terms.memo == hashed
    id = "memo.made" if carried else "memo.made_other"
    said = catalogue(chosen).say(id, file=str(target), digest=hashed)
    answer({"carried": carried, "file": str(target), "language": chosen, "sha256": hashed}, said, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--key", "keys", multiple=True, required=True, type=_KEY_FILES, help="A key file; may be repeated.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: sign what is shown.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where the signed file goes.")
@registry_option("Look up whose keys are live, and the registry's profile.", metavar="DIR|URL")
@click.option("--force", is_flag=True, help="Sign even if this signature is not asked for.")
@passphrase_option
@language_option
@json_option
def sign(
    file: Path,
    keys: tuple[Path, ...],
    yes: bool,
    output: Path | None,
    where: str | None,
    force: bool,
    passphrase_file: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Show in plain words what FILE says, and sign it.

    FILE is a filled-in draft, or the signed file of one that somebody passed on. From a draft NAME.toml comes
    NAME.signed.json, which holds the statement, its private sections and all signatures so far: it is what the next
    signer signs, in place, and what `registry submit` sends. A registrar signs an enrolment the same way. Whoever has
    the file can read the private sections in it.

    Of a consent it also warns, before it asks, of what form and notice lack under its profile, and of a deal memo that
    does not fit the terms.

    A signature that is not asked for makes a statement void for all, so it is refused. With the registry's address
    (--registry URL) every key is looked up: who has signed, and who is missing. `registry unsign` takes a signature
    out again.
    """
    words = choose(language)
    data = read_bounded(file, max(MAX_DRAFT, MAX_SUBMISSION + 1))
    passed_on = _is_passed_on(file, data)
    submission = _passed_on(file, data) if passed_on else _from_draft(file, data)
    target = output or (file if passed_on else file.with_name(file.name.removesuffix(".toml") + SIGNED))
    if target.exists() and target != file:
        raise Failure(words.say("sign.exists", file=str(target)))
    try:
        check_codes({name: section for name, (_, section) in submission.opened().items()})
    except KembarError as error:
        raise Failure(words.say("sign.unknown_code", file=str(file), error=tell(str(error), words))) from None
    where = at_hand(where, words, submission.statement().registry)
    click.echo(in_words(submission, words), err=as_json)
    click.echo("", err=as_json)
    profile = None if where is None else registry_of(where)[1]
    warned = list(warnings(submission, english(), profile))
    for warning in warnings(submission, words, profile):
        click.echo(words.say("sign.warning", warning=warning), err=True)
    publics = [read_key(key).public for key in keys]
    statement = submission.statement()
    if isinstance(statement, Registry) and statement.registrars is not None:
        _say_who_is_removed(statement.registrars, where, words)
    before = [one.keyid for one in submission.signatures if one.keyid not in publics]
    with _known(statement, where) as known:
        strange = [key for key in not_asked_for(statement, [*before, *publics], known) if key in publics]
        if strange and not force:
            raise Failure(words.say("sign.not_asked_for", keys=words.and_.join(strange), file=str(file)))
        signed_by = sorted({*before, *publics})
        states, shown = (signing_states(statement, signed_by, known, one) for one in (english(), words))
    if not yes:
        click.confirm(words.say("sign.confirm", n=len(keys)), abort=True, err=True)
    for key in keys:
        submission = submission.signed_by(open_key(read_key(key), key, passphrase_file, words))
    write_whole(target, format_submission(submission), replace=target == file)
    signed = [one.keyid for one in submission.signatures]
    value = {
        "file": str(target),
        "id": statement.id,
        "needed": [
            {"who": one.need.who}
            | ({"key": one.need.key} if one.need.key else {})
            | ({} if one.done is None else {"done": one.done})
            for one in states
        ],
        "signed": signed,
        "signedNow": publics,
        "type": statement.type,
        **({"warnings": warned} if warned else {}),
    }
    answer(value, _state(target, shown, signed, words), as_json=as_json)


def _is_passed_on(file: Path, data: bytes) -> bool:
    """Whether it is a signed file, and else a draft; what is neither is called by its name."""
    if (what := given(data)) is not None:
        raise Failure(f"{file}: is {what}.")
    return data[:1] == b"{"


def _from_draft(file: Path, data: bytes) -> Submission:
    try:
        text = data.decode("utf-8")
        return complete(with_ids(parse_draft(text)), text, int(time.time()))
    except UnicodeDecodeError as error:
        raise Failure(f"{file}: is not text in UTF-8 (byte {error.start}).") from None
    except KembarError as error:
        raise Failure(f"{file}: {error}") from None


def _passed_on(file: Path, data: bytes) -> Submission:
    """The file must be whole: every section there and fitting, every signature so far good."""
    try:
        submission = parse_submission(data.removesuffix(b"\n"))
        statement, opened = submission.statement(), submission.opened()
        for name in sorted(statement.sections.keys() - opened.keys()):
            raise Malformed("is not in the file, so nobody can see what they sign: ask whoever passed it on", name)
        if submission.signatures and (bad := check_signatures(submission.envelope())) is not None:
            raise Malformed("this signature is not one of these bytes", f"envelope.signatures[{bad}]")
    except KembarError as error:
        raise Failure(f"{file}: this signed file was damaged or changed: {error}") from None
    return submission


@contextmanager
def _known(statement: Statement, where: str | None) -> Iterator[PublicKeys | None]:
    """What the public log says of keys, where the registry's address is given."""
    if not is_address(where) or statement.registry is None:
        yield None
        return
    assert where is not None
    with look_up(where) as client:
        yield PublicKeys(client, statement.registry, int(time.time()))


def _say_who_is_removed(registrars: Sequence[str], where: str | None, words: Catalogue) -> None:
    """A list of registrars is the full new one: whoever is not in it is one no longer."""
    present = None if where is None else present_registrars(where)
    if present is None:
        click.echo(words.say("sign.warning", warning=words.say("sign.registrars_unknown")), err=True)
    for key in sorted(set(present or ()) - set(registrars)):
        click.echo(words.say("sign.warning", warning=words.say("sign.registrar_removed", key=key)), err=True)


def _state(file: Path, states: Sequence[SigningState], signed: list[str], words: Catalogue) -> str:
    """Who has signed and who is missing; whose a key is, only the registry can say."""
    lines = [words.say("sign.signed", file=str(file)), words.say("sign.signatures")]
    lines += [f"  {key}" for key in signed]
    lines.append(words.say("sign.needed"))
    for one in states:
        mark = "" if one.done is None else words.say("sign.has_signed" if one.done else "sign.missing")
        key = f" {one.need.key}" if one.need.key else "".join(f" ({key})" for key in one.signed)
        lines.append(f"  {one.need.who}{key}{mark}")
    if any(one.done is None for one in states):
        lines.append(words.say("sign.who_is_who"))
    missing = any(one.done is False for one in states)
    if missing or (len(signed) < len(states) and any(one.done is None for one in states)):
        lines.append(words.say("sign.pass_on", file=str(file)))
    else:
        lines.append(words.say("sign.submit", file=str(file)))
    return "\n".join(lines)


@click.command()
@click.argument("file", type=_FILES)
@click.option("--key", "key", metavar="KEY", required=True, help="A public key in hex, or a key file.")
@json_option
@language_option
def unsign(file: Path, key: str, as_json: bool, language: str | None) -> None:
    """Take a signature out of a signed FILE: one that was not asked for, or given too early.

    Whoever has a copy of the file still has the signature: it is taken out of this one.
    """
    words = choose(language)
    submission = _passed_on(file, read_bounded(file, MAX_SUBMISSION + 1))
    public = key if is_hex64(key) else read_public(Path(key))
    kept = tuple(one for one in submission.signatures if one.keyid != public)
    if len(kept) == len(submission.signatures):
        raise Failure(words.say("unsign.none", file=str(file), key=public))
    write_whole(file, format_submission(replace(submission, signatures=kept)), replace=True)
    value = {"file": str(file), "removed": public, "signed": [one.keyid for one in kept]}
    answer(value, words.say("unsign.done", file=str(file), key=public, n=len(kept)), as_json=as_json)
