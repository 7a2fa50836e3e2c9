"""``registry rotate-key``: the log gets a new key, and readers have time to follow it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.commands.common import Failure, answer, json_option, language_option
from verifier.base.limits import FOLLOW_AFTER
from verifier.base.strict import format_instant
from verifier.programs.language import choose
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from registry.commands.own_log import OwnLog
    from registry.config import Config
    from verifier.log.note import Verifier

OVERLAP = 30 * 86_400
"""Seconds for which both keys sign checkpoints at least: readers follow after :data:`FOLLOW_AFTER`, once they look."""

RETIRED = ".retired"


@click.command("rotate-key")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--end", "ending", is_flag=True, help="End the overlap: the earlier key signs nothing any more.")
@click.option("--now", "at_once", is_flag=True, help="With --end: though readers had less than 30 days to follow.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: do what is shown.")
@language_option
@json_option
def rotate_key(folder: Path, ending: bool, at_once: bool, yes: bool, language: str | None, as_json: bool) -> None:
    """Give the log in DIR a new key, whether it is being served or not.

    The change is a statement in the log, signed with both keys. From then on the new key signs seals and checkpoints,
    and the earlier one signs checkpoints beside it, so that readers whose policy names the earlier key read on. Their
    verifier tells them of the new key, and follows it (`verifier check --follow-keys`) under a checkpoint that their
    own quorum cosigned at least 7 days after the change was logged. Witnesses have to be told: send them what `registry
    vkey DIR` prints.

    After 30 days or more, --end takes the earlier key out of use. A reader who has not followed by then is told that
    the log is signed by a key that she does not know.
    """
    from registry.commands.own_log import own_log
    from registry.config import load

    words = choose(language)
    config = load(folder)
    with own_log(folder) as log:
        if ending:
            _end(log, config, at_once, yes, words, as_json)
        else:
            _rotate(log, config, yes, words, as_json)


def _rotate(log: OwnLog, config: Config, yes: bool, words: Catalogue, as_json: bool) -> None:
    from registry.commands.own_log import log_change, log_vkey, own_statements
    from registry.config import KEYS, clock
    from verifier.base.private_keys import SEED_SIZE, SigningKey, random_bytes
    from verifier.log.note import parse_vkey
    from verifier.log.writing import Signer
    from verifier.programs.keys import public_path, write_key

    force = parse_vkey(log_vkey(own_statements(log)))
    policy_keys = config.policy.log(config.origin)
    if force not in policy_keys:  # the change was logged, and then this command was cut short
        _trust(config, force)
        answer(_value(force, None), words.say("rotate.resumed", vkey=str(force)), as_json=as_json)
        return
    if len(policy_keys) > 1:
        raise Failure(Sentence("rotate.overlapping", folder=str(config.root)))
    click.echo(words.say("rotate.what", vkey=str(force)), err=as_json)
    if not yes:
        click.confirm(words.say("own.confirm"), abort=True, err=True)
    key = SigningKey(random_bytes(SEED_SIZE))
    new = Signer(config.origin, key).verifier
    path = config.root / KEYS / f"log-{new.key_id.hex()}.key"
    write_key(path, key, None)  # on the disk before anything is signed with it
    public_path(path).unlink(missing_ok=True)
    at = clock()
    _, index = log_change(log, config, {"log": str(new)}, at, new_key=key)
    _trust(config, new)
    value = _value(new, index)
    follow, end = format_instant(at + FOLLOW_AFTER), format_instant(at + OVERLAP)
    said = words.say("rotate.done", index=str(index), vkey=str(new), file=str(path), follow=follow, end=end)
    answer(value, said, as_json=as_json)


def _end(log: OwnLog, config: Config, at_once: bool, yes: bool, words: Catalogue, as_json: bool) -> None:
    from registry.commands.own_log import log_vkey, own_statements
    from registry.config import KEYS, clock, write_policy
    from verifier.base.values import replace
    from verifier.log.note import parse_vkey
    from verifier.programs.keys import read_key

    said = own_statements(log)
    force = parse_vkey(log_vkey(said))
    policy = config.policy
    if force not in policy.log(config.origin):
        raise Failure(Sentence("rotate.cut_short", folder=str(config.root)))
    earlier = [one for one in policy.log(config.origin) if one != force]
    if not earlier:
        raise Failure(Sentence("rotate.no_overlap"))
    since = [one for one in said if one.log is not None][-1].at
    if clock() < since + OVERLAP and not at_once:
        raise Failure(Sentence("rotate.too_soon", end=format_instant(since + OVERLAP)))
    gone = {one.key.hex() for one in earlier}
    files = [path for path in sorted((config.root / KEYS).glob("*.key")) if read_key(path).public in gone]
    click.echo(words.say("rotate.ending", vkey=words.and_.join(map(str, earlier))), err=as_json)
    if not yes:
        click.confirm(words.say("own.confirm"), abort=True, err=True)
    logs = tuple(one for one in policy.logs if one.verifier == force)
    write_policy(config.root, replace(policy, logs=logs))
    moved = [path.with_name(path.name + RETIRED) for path in files]
    for path, target in zip(files, moved, strict=True):
        os.replace(path, target)
    text = words.say("rotate.ended", vkey=str(force), files=", ".join(map(str, moved)))
    answer({"retired": [str(path) for path in moved], "vkey": str(force)}, text, as_json=as_json)


def _trust(config: Config, new: Verifier) -> None:
    """Hand readers a policy that names the new key beside the earlier one; a running registry signs with both then."""
    from registry.config import write_policy
    from verifier.base.values import replace
    from verifier.log.trust import TrustedLog

    policy = config.policy
    log = TrustedLog(verifier=new, url=policy.logs[0].url)
    write_policy(config.root, replace(policy, logs=(log, *policy.logs)))


def _value(key: Verifier, index: int | None) -> dict[str, str | int]:
    return {"vkey": str(key), **({} if index is None else {"index": index})}
