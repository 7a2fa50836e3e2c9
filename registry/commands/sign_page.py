"""``registry sign-page``: the page that holds keys, served alone."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.common import Unable, language_option, read_bounded
from verifier.words.catalogue import Sentence

MAX_POLICY = 65_536


@click.command("sign-page")
@click.option("--trust", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="The trust policy of the registry for which it is, as its trust.policy.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True)
@language_option
def sign_page(trust: Path, host: str, port: int, language: str | None) -> None:
    """Serve the page on which people open their keys, and nothing else.

    Give it a name of its own, which no other page shares, with a server that speaks TLS in front of it; a passkey is
    of that name for good. A registry's pages lead here with `registry serve --sign-url`. A union can serve the same
    page for its members: `verifier page --check URL` compares it with ours.

    The registry's folder is not needed, and best not on this machine.
    """
    from registry.web.sign_server import run
    from verifier.log.trust import parse_policy

    policy = read_bounded(trust, MAX_POLICY)
    parse_policy(policy)
    try:
        run(policy, host, port)
    except SystemExit as error:
        if error.code:
            raise Unable(Sentence("serve.died")) from None
