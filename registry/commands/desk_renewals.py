"""``registry desk renewals``: what ends soon, with a draft of what may follow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from registry.commands.common import answer, write_whole
from registry.commands.desk_call import as_party, asking, at_desk
from registry.commands.desk_shown import Shown, short
from verifier.base.canonical import Json
from verifier.programs.language import choose

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@at_desk()
@click.option("-o", "--output", metavar="FOLDER", type=_FOLDER, help="Write a draft for each into this folder.")
@as_party
def renewals(url: str, output: Path | None, language: str | None, as_json: bool) -> None:
    """List consents and options that end soon, and uses that run past the end of their consent.

    A draft is to be looked over with any editor, and then signed. It is the same deal for as long
    again, and takes the old one's place when it is logged.
    """
    words = choose(language)
    with asking(url) as client:
        found = client.desk("GET", f"/renewals?language={words.language}")
    said = Shown(found, words)
    lines = [words.say("renewal.all", n=len(found["renewals"]))]
    for one in found["renewals"]:
        lines.append(f"  {_row(one, said)}")
        if output is not None and one["draft"]:
            file = output / f"{one['kind']}-{short(str(one['id']))}.toml"
            write_whole(file, str(one["draft"]).encode("utf-8"))
            lines.append("    " + words.say("renewal.draft", file=str(file)))
    answer(found, "\n".join([*lines, *said.ids()]), as_json=as_json)


def _row(one: Mapping[str, Json], said: Shown) -> str:
    words, kind = said.words, str(one["kind"])
    id, ends = short(str(one["id"])), said.moment(str(one["ends"]))
    what = words.say(
        "renewal.what", kind=words.code("renewal_kind", kind), id=id, other=said.name(str(one["other"])),
        model=said.name(str(one["model"])),
    )  # fmt: skip
    if "runs_until" in one:
        return words.say("renewal.past", what=what, until=said.moment(str(one["runs_until"])), ends=ends)
    return words.say("renewal.ends", what=what, ends=ends)
