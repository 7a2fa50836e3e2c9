"""``registry invite``: a registrar invites somebody, and gets the link that is handed over."""

from __future__ import annotations

import click

from registry.commands.common import answer, json_option, language_option
from registry.commands.connecting import AtRegistry, connect, key_option
from verifier.base.private_keys import random_bytes
from verifier.base.strict import parse_instant
from verifier.programs.language import choose
from verifier.statements.types import PARTY_ROLES


@click.command(cls=AtRegistry)
@click.argument("url", metavar="[URL]")
@click.option("--name", required=True, help="What you call the person; she sees it, and may spell it herself.")
@click.option("--role", required=True, type=click.Choice(sorted(PARTY_ROLES)), help="What she may act as.")
@key_option
@language_option
@json_option
def invite(url: str, name: str, role: str, language: str | None, as_json: bool) -> None:
    """Invite somebody, as a registrar: prints a link, which is good once and for 72 hours.

    Hand the link over yourself. Whoever opens it first makes keys with it, and signs her own enrolment. That waits at
    /registrar until you have heard from her the characters that her device shows, and have signed.
    """
    from registry.enrolling.invitations import invitation_id

    words, code = choose(language), random_bytes(16).hex()
    with connect(url) as client:
        found = client.own("POST", "/invitations", {"id": invitation_id(code), "name": name, "role": role})
        link = f"{client.url}/invited#{code}"
    said = words.say("invite.made", name=name, link=link, until=words.moment(parse_instant(str(found["until"]))))
    answer({**found, "link": link}, said, as_json=as_json)
