"""``registry desk option``: options on a model, granted and not taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from registry.client import Client
from registry.commands.common import answer
from registry.commands.desk_call import as_party, asking, at_desk, whole_id
from registry.commands.desk_shown import Shown, short
from registry.commands.naming import as_id
from verifier.base.canonical import Json
from verifier.programs.language import choose
from verifier.words.catalogue import Catalogue


@click.group()
def option() -> None:
    """Ask for a model in a window of time, and answer for her.

    An option says who is asked first; it has no effect in the contract. The model, or who acts for her, grants it or
    it lapses after 24 hours. You see your own rank. It is named by its id, or by the first 16 digits of it.
    """


@at_desk(option)
@click.argument("model")
@click.option("--starts", metavar="TIME", required=True, help="When the window begins, such as 2026-12-24T08:00:00Z.")
@click.option("--ends", metavar="TIME", required=True, help="When it ends.")
@click.option("--until", metavar="TIME", help="When the option lapses once it is granted; else 30 days on.")
@click.option("--about", required=True, help="What it is about, in up to 200 characters: who answers reads it.")
@as_party
def ask(
    url: str, model: str, starts: str, ends: str, until: str | None, about: str, language: str | None, as_json: bool
) -> None:
    """Ask MODEL, by name or id, for an option."""
    body: dict[str, Json] = {"about": about, "ends": ends, "model": as_id(model), "starts": starts}
    if until is not None:
        body["until"] = until
    with asking(url) as client:
        _tell(client.desk("POST", "/options", body), choose(language), as_json)


@at_desk(option, "list")
@as_party
def list_(url: str, language: str | None, as_json: bool) -> None:
    """List the options that you asked for, and those on models that you act for."""
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", "/options")
    said, options = Shown(found, words), found["options"]
    waiting = sum(bool(one["answers"]) for one in options)
    lines = [words.say("option.waiting", n=waiting)] if options else [words.say("option.none")]
    lines += [line for one in options for line in ("", *_lines(one, said))]
    answer(found, "\n".join([*lines, *said.ids()]), as_json=as_json)


@at_desk(option)
@click.argument("id")
@as_party
def grant(url: str, id: str, language: str | None, as_json: bool) -> None:
    """Grant an option, for the model."""
    with asking(url) as client:
        _tell(client.desk("POST", f"/options/{_option_id(client, id)}/grant"), choose(language), as_json)


@at_desk(option)
@click.argument("id")
@as_party
def decline(url: str, id: str, language: str | None, as_json: bool) -> None:
    """Decline an option, for the model."""
    with asking(url) as client:
        _tell(client.desk("POST", f"/options/{_option_id(client, id)}/decline"), choose(language), as_json)


@at_desk(option)
@click.argument("id")
@as_party
def release(url: str, id: str, language: str | None, as_json: bool) -> None:
    """Give your option up, or take back one that was granted on a model of yours."""
    with asking(url) as client:
        _tell(client.desk("DELETE", f"/options/{_option_id(client, id)}"), choose(language), as_json)


def _option_id(client: Client, text: str) -> str:
    return whole_id(text, lambda: client.desk("GET", "/options")["options"], "option.no_such")


def _tell(found: Mapping[str, Json], words: Catalogue, as_json: bool) -> None:
    said = Shown(found, words)
    answer(found, "\n".join([*_lines(found, said), *said.ids()]), as_json=as_json)


def _lines(one: Mapping[str, Json], said: Shown) -> Iterator[str]:
    """One option: how it stands, its window, and what it is about."""
    words, state = said.words, str(one["state"])
    asker, model = said.name(str(one["asker"])), said.name(str(one["model"]))
    called = words.code("option_state", state)
    row = words.say("option.row", id=short(str(one["id"])), asker=asker, model=model, state=called)
    if "rank" in one:
        row += words.say("option.rank", rank=str(one["rank"]))
    if state in ("asked", "granted"):
        row += words.say("option.lapses", at=said.moment(str(one["until" if state == "granted" else "answer_by"])))
    yield row
    starts, ends = said.moment(str(one["starts"])), said.moment(str(one["ends"]))
    yield "  " + words.say("option.window", starts=starts, ends=ends)
    if "about" in one:
        yield f"  {one['about']}"
    if one["answers"]:
        yield "  " + words.say("option.answers")
