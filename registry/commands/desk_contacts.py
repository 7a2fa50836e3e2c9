"""``registry desk block``, ``blocks``, ``report`` and ``reports``: against who is not welcome at one's desk."""

from __future__ import annotations

import click

from registry.commands.common import answer
from registry.commands.desk_call import as_party, asking, at_desk
from registry.commands.desk_commands import draft_id
from registry.commands.desk_shown import Shown, short
from registry.commands.naming import as_id
from verifier.programs.language import choose


@at_desk()
@click.argument("party")
@click.option("--undo", is_flag=True, help="Take its drafts again.")
@as_party
def block(url: str, party: str, undo: bool, language: str | None, as_json: bool) -> None:
    """Take no more drafts from PARTY, nor from those under its controller; what waits of theirs is declined."""
    words, id = choose(language), as_id(party)
    with asking(url) as client:
        found = client.desk("DELETE", f"/blocks/{id}") if undo else client.desk("POST", "/blocks", {"party": id})
    said = "desk.unblocked" if undo else "desk.blocked"
    answer(found, words.say(said, party=Shown(found, words).name(id)), as_json=as_json)


@at_desk()
@as_party
def blocks(url: str, language: str | None, as_json: bool) -> None:
    """List whose drafts you do not take."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", "/blocks")
    said = Shown(found, words)
    rows = [
        "  " + words.say("desk.blocked_since", party=said.name(str(one["party"])), at=said.moment(str(one["at"])))
        for one in found["blocks"]
    ]
    answer(found, "\n".join([words.say("desk.blocks", n=len(rows)), *rows, *said.ids()]), as_json=as_json)


@at_desk()
@click.argument("id")
@click.option("--reason", required=True, help="What is wrong with it: the registrars read it.")
@as_party
def report(url: str, id: str, reason: str, language: str | None, as_json: bool) -> None:
    """Tell the registrars about a draft that came to you: who put it up, and not what it says."""
    words = choose(language)
    with asking(url) as client:
        id = draft_id(client, id)
        found = client.desk("POST", f"/{id}/report", {"reason": reason})
    answer(found, words.say("desk.reported", id=short(id)), as_json=as_json)


@at_desk()
@as_party
def reports(url: str, language: str | None, as_json: bool) -> None:
    """List the drafts that you reported; with a registrar's key, all that were."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", "/reports")
    said = Shown(found, words)
    rows = [
        "  " + words.say(
            "desk.report", type=words.code("draft_type", str(one["type"])), id=short(str(one["id"])),
            proposer=said.name(str(one["proposer"])), reporter=said.name(str(one["reporter"])),
            at=said.moment(str(one["at"])), reason=str(one["reason"]),
        )
        for one in found["reports"]
    ]  # fmt: skip
    answer(found, "\n".join([words.say("desk.reports", n=len(rows)), *rows, *said.ids()]), as_json=as_json)
