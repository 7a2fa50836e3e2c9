"""``registry witness``: who cosigns this log; witnesses and auditors join and leave while it is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.commands.common import Command, Failure, answer, json_option, language_option
from registry.commands.operator import named_witness
from verifier.programs.language import choose
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from registry.witnesses.membership import AskedFor
    from verifier.log.trust import Policy

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def witness() -> None:
    """Show, add and remove the witnesses and auditors that cosign this log.

    They stand in DIR/trust.policy, which is also what readers are handed. A registry that is being served takes a
    change up within seconds, without a restart. Readers who have the old policy keep it until they fetch the new one.
    """


def _options(command: Command) -> Command:
    """What adding and removing take."""
    number = "How many cosignatures readers ask for from now on [default: as it was chosen]."
    quorum = click.option("--quorum", type=click.IntRange(1, 128), help=number)
    lower = "Fewer cosignatures may be enough from now on: for readers less is vouched for."
    fall = click.option("--lower-quorum", "may_fall", is_flag=True, help=lower)
    return quorum(fall(language_option(json_option(command))))


@witness.command("list")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@language_option
@json_option
def list_(folder: Path, language: str | None, as_json: bool) -> None:
    """Show who cosigns, and how many of them readers ask for. How it goes is shown at /witnesses."""
    from registry.config import load

    policy = load(folder).policy
    _show(policy, [], language, as_json)


@witness.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("who", metavar="VKEY=URL")
@_options
def add(
    folder: Path, who: str, quorum: int | None, may_fall: bool, language: str | None, as_json: bool
) -> None:
    """Have checkpoints cosigned by one more witness or auditor; of one that is there already, change the URL.

    VKEY is what `verifier witness vkey` prints, URL where it takes add-checkpoint. It must know this log's key: give
    its operator what `registry vkey DIR` prints.
    """
    from registry.witnesses.membership import joined

    verifier, url = named_witness(who, "VKEY=URL")
    _change(folder, lambda policy: joined(policy, verifier, url, quorum, may_fall=may_fall), language, as_json)


@witness.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("who", metavar="NAME|VKEY")
@_options
def remove(
    folder: Path, who: str, quorum: int | None, may_fall: bool, language: str | None, as_json: bool
) -> None:
    """Have checkpoints cosigned by one witness or auditor fewer.

    Where fewer cosignatures would then be enough, of all or of auditors, nothing is changed without --lower-quorum.
    """
    from registry.witnesses.membership import left

    _change(folder, lambda policy: left(policy, who, quorum, may_fall=may_fall), language, as_json)


def _change(folder: Path, change: Callable[[Policy], Policy], language: str | None, as_json: bool) -> None:
    from registry.config import load, write_policy
    from registry.witnesses.membership import QuorumFalls, asked_for

    before = load(folder).policy
    try:
        after = change(before)
    except QuorumFalls as error:
        raise Failure(_fall("witness.falls", error.before, error.after)) from None
    write_policy(folder, after)
    fell = asked_for(after).is_below(asked_for(before))
    said = [_fall("witness.fell", asked_for(before), asked_for(after))] if fell else []
    _show(after, [*said, Sentence("witness.changed")], language, as_json)


def _fall(id: str, before: AskedFor, after: AskedFor) -> Sentence:
    numbers = {
        "before": str(before.cosignatures), "before_auditors": str(before.auditors),
        "after": str(after.cosignatures), "after_auditors": str(after.auditors),
    }  # fmt: skip
    return Sentence(id, **numbers)


def _show(policy: Policy, remarks: list[Sentence], language: str | None, as_json: bool) -> None:
    from registry.witnesses.membership import asked_for, is_auditor

    words = choose(language)
    asked = asked_for(policy)
    lines = [words.tell(one) for one in remarks]
    if policy.quorum is None:
        lines.append(words.say("witness.no_quorum"))
    else:
        lines.append(words.say("witness.quorum", n=asked.cosignatures, auditors=str(asked.auditors)))
    shown = []
    for one in policy.witnesses:
        kind = words.say("witness.auditor" if is_auditor(one) else "witness.witness")
        lines.append(f"  {one.name}  {kind}  {one.url or '-'}  {one.verifier}")
        shown.append({"auditor": is_auditor(one), "name": one.name, "url": one.url or "", "vkey": str(one.verifier)})
    value = {"auditors": asked.auditors, "quorum": asked.cosignatures, "witnesses": shown}
    answer(value, "\n".join(lines), as_json=as_json)
