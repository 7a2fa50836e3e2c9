"""``registry desk calendar``: addresses at which one's calendar program reads what is agreed."""

from __future__ import annotations

from collections.abc import Mapping

import click

from registry.commands.common import answer
from registry.commands.desk_call import as_party, asking, at_desk
from registry.commands.desk_shown import Shown
from verifier.base.canonical import Json
from verifier.programs.language import choose


@click.group()
def calendar() -> None:
    """Have your calendar program show consents, exclusivity, options, and when uses end.

    Calendar programs sign nothing: whoever knows the address reads the calendar. It names nobody unless you ask for
    that, and ends with the key that made it, or when you end it.
    """


@at_desk(calendar)
@click.option("--names", is_flag=True, help="Name the others in it.")
@as_party
def make(url: str, names: bool, language: str | None, as_json: bool) -> None:
    """Make an address, and show it this once."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("POST", "/calendars", {"language": words.language, "names": names})
        found["url"] = f"{client.url}{found['path']}"
    answer(found, f"{words.say('calendar.made')}\n{found['url']}", as_json=as_json)


@at_desk(calendar, "list")
@as_party
def list_(url: str, language: str | None, as_json: bool) -> None:
    """List your addresses, and when each was read last."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", "/calendars")
    said = Shown(found, words)
    rows = [f"  {_row(one, said)}" for one in found["calendars"]]
    answer(found, "\n".join([words.say("calendar.addresses", n=len(rows)), *rows]), as_json=as_json)


@at_desk(calendar)
@click.argument("id")
@as_party
def end(url: str, id: str, language: str | None, as_json: bool) -> None:
    """End the address with this ID: nobody reads your calendar at it any more."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("DELETE", f"/calendars/{id}")
    answer(found, words.say("calendar.ended", id=id), as_json=as_json)


def _row(one: Mapping[str, Json], said: Shown) -> str:
    words, made = said.words, said.moment(str(one["at"]))
    names = words.say("calendar.with_names") if one["names"] else ""
    used = words.say("calendar.unused")
    if "used" in one:
        used = words.say("calendar.used", at=said.moment(str(one["used"])))
    return words.say("calendar.address", id=str(one["id"]), at=made, names=names, used=used)
