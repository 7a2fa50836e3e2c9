"""``registry sign`` and ``registry unsign``: signatures into a file that is passed from one signer to the next."""

from __future__ import annotations

from collections.abc import Sequence
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
from registry.commands.connecting import at_hand, registry_option, signing_keys_option
from registry.commands.sign_many import SignMany
from registry.commands.signatories import SigningState, known_at, not_asked_for, signing_states
from registry.commands.signed_files import MAX_FILE, passed_on, read_signed, signed_name
from registry.commands.signing import open_key
from registry.commands.targets import present_registrars, registry_of
from registry.drafting.drafts.signer_warnings import warnings
from registry.drafting.drafts.words import in_words
from registry.intake.submission import format_submission
from verifier.base.strict import is_hex64
from verifier.programs.keys import read_key, read_public
from verifier.programs.language import choose, english
from verifier.statements.types import Registry
from verifier.words.catalogue import Catalogue

_FILES = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILES)
@signing_keys_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask: sign what is shown.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where the signed file goes.")
@registry_option("Look up whose keys are live, and the registry's profile.", metavar="DIR|URL")
@click.option("--force", is_flag=True, help="Sign even if this signature is not asked for.")
@passphrase_option
@language_option
@json_option
def sign(
    files: tuple[Path, ...],
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

    Of many FILEs usages are shown in a line each, all else in full; then it is asked once, and each key is opened once.
    A file that cannot be signed is told and left out, and stops no other. The answer for scripts is a line for each.
    """
    words = choose(language)
    if len(files) > 1:
        if output is not None:
            raise Misused("-o is for one file; of many each goes beside its own.")
        many = SignMany(keys, where=where, force=force, words=words, as_json=as_json)
        if not many.sign(list(dict.fromkeys(files)), passphrase_file, yes=yes):
            raise click.exceptions.Exit(Failure.exit_code)
        return
    [file] = files
    is_signed, submission = read_signed(file, words)
    target = output or signed_name(file, is_signed)
    if target.exists() and target != file:
        raise Failure(words.say("sign.exists", file=str(target)))
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
    with known_at(statement, where) as known:
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
    submission = passed_on(file, read_bounded(file, MAX_FILE))
    public = key if is_hex64(key) else read_public(Path(key))
    kept = tuple(one for one in submission.signatures if one.keyid != public)
    if len(kept) == len(submission.signatures):
        raise Failure(words.say("unsign.none", file=str(file), key=public))
    write_whole(file, format_submission(replace(submission, signatures=kept)), replace=True)
    value = {"file": str(file), "removed": public, "signed": [one.keyid for one in kept]}
    answer(value, words.say("unsign.done", file=str(file), key=public, n=len(kept)), as_json=as_json)
