"""What the commands of ``registry desk`` share: how they are called, as whom they ask, and ids by their beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from registry.client import Client
from registry.commands.common import Failure, json_option, language_option
from registry.commands.connecting import AtRegistry, connect, key_option
from registry.intake.short_ids import LEAST, is_short_id
from verifier.base.canonical import Json
from verifier.base.strict import is_hex64
from verifier.words.catalogue import Sentence


def at_desk(
    group: click.Group | None = None, name: str | None = None
) -> Callable[[Callable[..., None]], click.Command]:
    """A command at a registry's address, which a login may give instead; it stands in ``group``."""

    def make(run: Callable[..., None]) -> click.Command:
        run = click.argument("url", metavar="[URL]")(run)
        if group is None:
            return click.command(name, cls=AtRegistry)(run)
        return group.command(name, cls=AtRegistry)(run)

    return make


def as_party(run: Any) -> Any:
    """``--key``, ``--language`` and ``--json``: who asks, and how she is answered."""
    return key_option(language_option(json_option(run)))


def asking(url: str) -> Client:
    """A client of a call that a party makes with her key: without one there is nobody to answer."""
    return connect(url, as_party=True)


def whole_id(text: str, listed: Callable[[], Sequence[Json]], unknown: str) -> str:
    """The id of what is named by it, or by its beginning among those that are ``listed``; else ``unknown`` is said."""
    if is_hex64(text):
        return text
    found = [id for one in listed() if (id := str(one["id"])).startswith(text)] if is_short_id(text) else []
    if len(found) != 1:
        raise Failure(Sentence(unknown, id=text[:80], n=LEAST))
    return found[0]
