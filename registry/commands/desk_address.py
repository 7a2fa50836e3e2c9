"""``registry desk address``: where one is reminded by mail of what waits."""

from __future__ import annotations

from collections.abc import Mapping

import click

from registry.commands.common import answer
from registry.commands.desk_call import as_party, asking, at_desk
from registry.commands.desk_shown import Shown
from verifier.base.canonical import Json
from verifier.programs.language import choose
from verifier.words.catalogue import Catalogue


@click.group()
def address() -> None:
    """Be reminded by mail of drafts that have waited for you for 5 days, and then every 2.

    The mails say that something waits, and nothing of what it says.
    """


@at_desk(address)
@as_party
def show(url: str, language: str | None, as_json: bool) -> None:
    """Show where you are reminded."""
    with asking(url) as client:
        _tell(client.desk("GET", "/address"), choose(language), as_json)


@at_desk(address, "set")
@click.argument("mail")
@as_party
def set_(url: str, mail: str, language: str | None, as_json: bool) -> None:
    """Be reminded at MAIL, once you bring back the code that is sent there. Mails speak as this command does."""
    words = choose(language)
    with asking(url) as client:
        _tell(client.desk("POST", "/address", {"address": mail, "language": words.language}), words, as_json)


@at_desk(address)
@click.argument("code")
@as_party
def confirm(url: str, code: str, language: str | None, as_json: bool) -> None:
    """Bring back the CODE that was sent to you."""
    with asking(url) as client:
        _tell(client.desk("POST", "/address/confirm", {"code": code}), choose(language), as_json)


@at_desk(address)
@as_party
def remove(url: str, language: str | None, as_json: bool) -> None:
    """Have your address erased: no more mails come."""
    with asking(url) as client:
        _tell(client.desk("DELETE", "/address"), choose(language), as_json)


def _tell(found: Mapping[str, Json], words: Catalogue, as_json: bool) -> None:
    text = words.say("address.none")
    if "address" in found:
        id = "address.confirmed" if found["confirmed"] else "address.pending"
        text = words.say(id, address=str(found["address"]))
    if "reminded" in found:
        text += " " + words.say("address.reminded", at=Shown(found, words).moment(str(found["reminded"])))
    answer(found, text, as_json=as_json)
