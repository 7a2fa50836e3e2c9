"""``registry desk grant`` and ``reads``: who else may read what one may, and who has read what is one's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click

from registry.commands.common import answer
from registry.commands.desk_call import as_party, asking, at_desk
from registry.commands.desk_shown import Shown
from registry.commands.naming import as_id
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.programs.language import choose
from verifier.statements.types import SECTION_NAMES


@click.group()
def grant() -> None:
    """Let another party read what you may read: a union its members' money, an accountant a brand's.

    A grant names sections, lasts at most twelve months, is not passed on, and can be taken back at once.
    """


@at_desk(grant, "list")
@as_party
def list_(url: str, language: str | None, as_json: bool) -> None:
    """List the grants that you gave, and those that you were given."""
    words = choose(language)
    with asking(url) as client:
        found = client.own("GET", "/grants")
    said = Shown(found, words)
    lines = []
    for side, other in (("given", "to"), ("taken", "by")):
        lines.append(words.say(f"grants.{side}", n=len(found[side])))
        lines += [f"  {_row(one, other, said)}" for one in found[side]]
    answer(found, "\n".join([*lines, *said.ids()]), as_json=as_json)


@at_desk(grant)
@click.argument("party")
@click.option("--sections", metavar="LIST", required=True, help="Which, with commas: terms, exclusive, money, ...")
@click.option("--until", metavar="TIME", help="Until when, such as 2027-06-30T00:00:00Z; else 30 days.")
@as_party
def give(url: str, party: str, sections: str, until: str | None, language: str | None, as_json: bool) -> None:
    """Let PARTY, by name or id, read these sections of what you may read."""
    words = choose(language)
    names = [one.strip() for one in sections.split(",")]
    if unknown := [one for one in names if one not in SECTION_NAMES]:
        raise click.UsageError(words.say("grant.no_section", name=unknown[0][:40], names=", ".join(SECTION_NAMES)))
    end = until or format_instant(int((datetime.now(UTC) + timedelta(days=30)).timestamp()))
    body: dict[str, Json] = {"sections": sorted(set(names)), "to": as_id(party), "until": end}
    with asking(url) as client:
        found = client.own("POST", "/grants", body)
    said = Shown(found, words)
    answer(found, "\n".join([words.say("grant.made", grant=_row(found, "to", said)), *said.ids()]), as_json=as_json)


@at_desk(grant)
@click.argument("id")
@as_party
def revoke(url: str, id: str, language: str | None, as_json: bool) -> None:
    """Take the grant with this ID back, at once."""
    words = choose(language)
    with asking(url) as client:
        found = client.own("DELETE", f"/grants/{id}")
    answer(found, words.say("grant.revoked", id=id), as_json=as_json)


@at_desk()
@as_party
def reads(url: str, language: str | None, as_json: bool) -> None:
    """List who read sections of statements that name you, by day, and who asked about models of yours."""
    words = choose(language)
    with asking(url) as client:
        found = client.own("GET", "/reads")
    said = Shown(found, words)
    lines = [words.say("reads.days", n=len(found["reads"]))]
    for one in found["reads"]:
        by, day = said.name(str(one["by"])), str(one["day"])
        lines.append("  " + words.say("reads.day", day=day, by=by, n=int(one["sections"])))
    lines.append(words.say("reads.questions", n=len(found["questions"])))
    for one in found["questions"]:
        by, model = said.name(str(one["by"])), said.name(str(one["model"]))
        lines.append("  " + words.say("reads.question", at=said.moment(str(one["at"])), by=by, model=model))
    answer(found, "\n".join([*lines, *said.ids()]), as_json=as_json)


def _row(one: Mapping[str, Json], other: str, said: Shown) -> str:
    words = said.words
    sections = words.listed(words.code("section", str(name)) for name in one["sections"])
    until, party = said.moment(str(one["until"])), said.name(str(one[other]))
    return words.say("grant.row", id=str(one["id"]), party=party, sections=sections, until=until)
