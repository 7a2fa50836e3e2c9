"""``registry clashes``: whether anybody's exclusivity is in the way of a plan, before anything is drafted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import click

from registry.client import Refusal
from registry.commands.answers import clash_lines, refusal_text
from registry.commands.common import Failure, Misused, answer, json_option, language_option
from registry.commands.connecting import AtRegistry, connect, key_option
from registry.commands.naming import as_id
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64, parse_instant
from verifier.programs.language import choose
from verifier.words.catalogue import Catalogue

EXIT = {"CLEAR": 0, "CLASH": 1, "CANNOT_TELL": 3}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


@click.command(cls=AtRegistry)
@click.argument("url", metavar="[URL]")
@click.option("--twin", required=True, help="The twin: the id of its statement. Any of hers will do.")
@click.option("--brand", required=True, help="The licensee who plans it: the id of its party.")
@click.option("--categories", help="Product categories, with commas; else all.")
@click.option("--countries", help="Countries, with commas (DE,FR), or WORLD; else the whole world.")
@click.option("--channels", help="Channels, with commas (social,print); else all.")
@click.option("--starts", required=True, help="From: 2026-12-01 (midnight UTC), or 2026-12-01T09:30:00Z.")
@click.option("--ends", required=True, help="Until, not included.")
@key_option
@language_option
@json_option
def clashes(
    url: str,
    twin: str,
    brand: str,
    categories: str | None,
    countries: str | None,
    channels: str | None,
    starts: str,
    ends: str,
    language: str | None,
    as_json: bool,
) -> None:
    """Ask the registry at URL whether any brand's exclusivity is in the way of a plan.

    All consents of the model count, on whichever twin of hers, also those that are suspended: exclusivity is hers to
    grant once. The answer holds as of the registry's last checkpoint; only a consent that is logged keeps the place.

    \b
    Exit codes:
      0  nothing is in the way
      1  something is; or the registry does not tell this caller
      2  the command is wrong: a code, an id, a date
      3  it cannot be told, or the registry cannot be reached
    """
    plan = {"brand": _id("--brand", brand), "twin": _id("--twin", twin)}
    for name, given in (("categories", categories), ("channels", channels), ("countries", countries)):
        if given is not None:
            plan[name] = ",".join(dict.fromkeys(one.strip() for one in given.split(",") if one.strip()))
    plan["starts"], plan["ends"] = _instant("--starts", starts), _instant("--ends", ends)
    with connect(url) as client:
        try:
            found = client.clashes(plan)
        except Refusal as refusal:
            if refusal.kind in ("not_found", "question_malformed"):
                words = choose(language)
                said = words.say("submit.registry_refused", message=refusal_text(refusal, words))
                raise Failure(said) from None
            raise
    if not isinstance(found, dict) or found.get("answer") not in EXIT:
        raise Failure(f"{url} answered something else: is it a Kembar registry of this version?")
    answer(found, "\n".join(_lines(found, choose(language))), as_json=as_json)
    if code := EXIT[found["answer"]]:
        raise click.exceptions.Exit(code)


def _lines(found: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    as_of = found["as_of"]
    said = words.say(f"clash.answer.{found['answer']}")
    yield words.say("clash.as_of", answer=said, at=as_of["at"], size=str(as_of["size"]))
    for clash in found["clashes"]:
        yield from clash_lines(clash, words)
    if found["answer"] == "CLEAR":
        return
    for span in found["free"]:
        yield words.say("clash.free", start=span["from"], end=span["to"])
    instead = found["instead"]
    if "window" in instead:
        yield words.say("clash.free_later", start=instead["window"]["from"], end=instead["window"]["to"])
    for name in ("countries", "countries_excluded", "channels", "categories"):
        if name in instead:
            yield words.say(f"clash.instead.{name}", codes=", ".join(instead[name]))
    yield words.say("clash.ask_model")


def _id(option: str, text: str) -> str:
    id = as_id(text)
    if not is_hex64(id):
        raise Misused(f"{option} {text[:80]}: an id is 64 lower-case hex digits.")
    return id


def _instant(option: str, text: str) -> str:
    try:
        return format_instant(parse_instant(text + "T00:00:00Z" if _DATE.match(text) else text))
    except KembarError as error:
        raise Misused(f"{option} {text[:40]}: {error.message}") from None
