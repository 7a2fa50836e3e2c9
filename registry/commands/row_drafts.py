"""``registry draft usage --csv``: one draft for each row of a table, and ``--asset``: the files that a draft names."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from registry.commands.common import Failure, read_bounded, write_whole
from registry.commands.naming import with_ids
from registry.drafting.drafts.profiles import Remarks
from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.rows import DRAFT, MAX_TABLE, ON, Row, members, parse_rows
from registry.drafting.drafts.templates import template
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import is_hex64
from verifier.programs.files import digest_input
from verifier.programs.language import tell
from verifier.words.catalogue import Catalogue, Sentence

WITH_ASSETS = ("usage", "approval", "twin")
_NAME = re.compile(r"[^\W.][\w. -]{0,99}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a draft takes over from what it stands on."""

    values: Mapping[str, Json]
    remarks: Remarks


def digests(files: Sequence[Path | str]) -> tuple[str, ...]:
    """The SHA-256 of each file, rising, each once; a digest stands for itself."""
    return tuple(sorted({file if isinstance(file, str) and is_hex64(file) else _digest(Path(file)) for file in files}))


def _digest(file: Path) -> str:
    try:
        return digest_input(str(file))
    except OSError as error:
        raise Failure(Sentence("failure.cannot_read", path=str(file), why=str(error.strerror))) from None


def draft_rows(table: Path, kind: str, on: str | None, folder: Path, basis: Callable[[str | None], Basis],
               words: Catalogue) -> bool:  # fmt: skip
    """Write a draft for each good row into ``folder``, and say of each other row what is wrong with it.

    A draft that is there already, and says the same, is left as it is: a table that was mended can be given again.
    False where some row is bad.
    """
    samples = members(kind)
    try:
        rows = parse_rows(read_bounded(table, MAX_TABLE), samples)
    except KembarError as error:
        raise Failure(f"{table}: {tell(str(error), words)}") from None
    is_shared = any(ON not in row.cells for row in rows)
    known: dict[str | None, Basis | Exception] = {on: basis(on)} if is_shared else {}  # said once if it cannot be
    folder.mkdir(parents=True, exist_ok=True)
    now, bad = int(time.time()), 0
    width = len(str(rows[-1].number)) if rows else 1
    for row in rows:
        try:
            stands_on = row.cells.get(ON, on)
            if stands_on not in known:
                known[stands_on] = _tried(basis, stands_on)
            if isinstance(found := known[stands_on], Exception):
                raise found
            text = _text(row, kind, samples, found, table.parent)
            complete(with_ids(parse_draft(text)), text, now)
            _write(folder / _name(row, table, width), text)
        except (KembarError, click.ClickException) as error:
            bad += 1
            why = error.message if isinstance(error, click.ClickException) else tell(str(error), words)
            click.echo(words.say("rows.bad", file=str(table), row=str(row.number), why=why), err=True)
    click.echo(words.say("rows.done", n=len(rows) - bad, folder=str(folder)))
    if bad:
        click.echo(words.say("rows.left_out", n=bad), err=True)
    return not bad


def _tried(basis: Callable[[str | None], Basis], on: str | None) -> Basis | Exception:
    """What rows stand on, or why it cannot be had: it is asked for once, however many rows name it."""
    try:
        return basis(on)
    except (KembarError, click.ClickException) as error:
        return error


def _text(row: Row, kind: str, samples: Mapping[str, str], basis: Basis, beside: Path) -> str:
    values = {**basis.values, **row.values(samples)}
    if files := row.files():
        values["assets"] = digests([one if is_hex64(one) else beside / one for one in files])
    return template(kind, values, basis.remarks)


def _name(row: Row, table: Path, width: int) -> str:
    name = row.cells.get(DRAFT, f"{table.stem}-{row.number:0{width}d}").removesuffix(".toml")
    if not _NAME.match(name):
        raise Malformed(f"{name[:40]!r} is no name for a file", DRAFT)
    return f"{name}.toml"


def _write(file: Path, text: str) -> None:
    data = text.encode("utf-8")
    if not file.exists() or file.read_bytes() != data:
        write_whole(file, data)
