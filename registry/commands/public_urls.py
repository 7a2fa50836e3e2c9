"""``registry url``: where the world asks this registry; addresses join and leave while it is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.commands.common import Command, Failure, answer, json_option, language_option
from registry.commands.operator import browser_url, public_url
from verifier.programs.language import choose
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from registry.settings import Settings

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def url() -> None:
    """Show, add and remove the addresses where the world asks this registry: what requests are signed for.

    They stand in DIR/settings.json. A registry that is being served goes by a change from the next request on. To move
    to another address, add it, have people sign in there (`registry login`), then remove the earlier one.
    """


def _options(command: Command) -> Command:
    """What changes them takes."""
    address = click.argument("address", metavar="URL")
    return _FOLDER(address(language_option(json_option(command))))


@url.command("list")
@_FOLDER
@language_option
@json_option
def list_(folder: Path, language: str | None, as_json: bool) -> None:
    """Show the public addresses, and where the page that holds keys is."""
    from registry.config import load

    _show(load(folder).settings, [], language, as_json)


@url.command()
@_options
def add(folder: Path, address: str, language: str | None, as_json: bool) -> None:
    """Take requests that are signed for URL too. Browsers sign in only where an address has no path."""
    public = public_url(address, "URL")

    def change(now: Settings) -> Settings:
        if public in now.urls:
            raise Failure(Sentence("url.is_one", url=public))
        return replace(now, urls=(*now.urls, public))

    _change(folder, change, language, as_json)


@url.command()
@_options
def remove(folder: Path, address: str, language: str | None, as_json: bool) -> None:
    """Take no more requests that are signed for URL. The last address cannot be removed: add another one first."""
    public = public_url(address, "URL")

    def change(now: Settings) -> Settings:
        if public not in now.urls:
            raise Failure(Sentence("url.is_none", url=public))
        if len(now.urls) == 1:
            raise Failure(Sentence("url.last"))
        return replace(now, urls=tuple(one for one in now.urls if one != public))

    _change(folder, change, language, as_json)


@url.command("sign-page")
@_options
def sign_page(folder: Path, address: str, language: str | None, as_json: bool) -> None:
    """Hand acts over to the page that holds keys at URL (registry sign-page); '' for nowhere."""
    where = address and browser_url(address, "URL")
    _change(folder, lambda now: replace(now, sign_url=where), language, as_json)


def _change(folder: Path, change: Callable[[Settings], Settings], language: str | None, as_json: bool) -> None:
    from registry.config import change_addresses, load

    load(folder)  # an error here is told better
    _show(change_addresses(folder, change), [Sentence("url.changed")], language, as_json)


def _show(settings: Settings, remarks: list[Sentence], language: str | None, as_json: bool) -> None:
    words = choose(language)
    lines = [words.tell(one) for one in remarks]
    lines += [words.say("url.now"), *(f"  {one}" for one in settings.urls)] if settings.urls else [words.say("url.own")]
    lines.append(words.say("url.sign_page", url=settings.sign_url) if settings.sign_url else words.say("url.no_page"))
    answer({"sign_url": settings.sign_url, "urls": list(settings.urls)}, "\n".join(lines), as_json=as_json)
