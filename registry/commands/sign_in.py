"""``registry sign-in``: sign for the code that a registry's page shows, so that the browser there may read."""

from __future__ import annotations

import re

import click

from registry.commands.common import Failure, answer, json_option, language_option
from registry.commands.connecting import AtRegistry, connect, key_option, own_key
from verifier.programs.http import parse_url
from verifier.programs.language import choose
from verifier.programs.request_signing import RequestSigner
from verifier.words.catalogue import Sentence

_CODE = re.compile("[0-9a-f]{32}")


@click.command("sign-in", cls=AtRegistry)
@click.argument("url")
@click.argument("code")
@key_option
@language_option
@json_option
def sign_in(url: str, code: str, language: str | None, as_json: bool) -> None:
    """Sign a browser in: print what the page at URL/sign-in asks for, signed for the CODE that it shows.

    What is printed holds for a minute, and for the browser that showed the code alone. With it that browser reads what
    you may read; it changes nothing. So sign only for a page that you opened yourself.
    """
    words = choose(language)
    address = parse_url(url)
    if address.prefix:
        raise Failure(Sentence("sign_in.has_path", url=url))
    if _CODE.fullmatch(code) is None:
        raise Failure(Sentence("sign_in.bad_code", code=code))
    with connect(url) as client:
        key = own_key()
        party = client.party()  # so that a key that is nobody's is told so here, and not in the browser
    fields = RequestSigner(key).headers("POST", address.authority, "/session", "", nonce=code)
    said = words.say("sign_in.for", url=url, id=party) if party else words.say("sign_in.for_registrar", url=url)
    click.echo(said, err=True)
    answer(dict(fields), "\n".join(f"{name}: {value}" for name, value in fields.items()), as_json=as_json)
