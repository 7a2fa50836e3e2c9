"""A folder of sections that somebody holds (``--sections``): every file in it that discloses any, whatever its kind.

Evidence files, signed files, lines of them and plain text are read alike (:mod:`verifier.evidence.held`). How many
files, how deep, how many bytes and how many disclosures is bounded; links are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from verifier.evidence.file import MAX_EVIDENCE
from verifier.programs.console import Unusable, complain
from verifier.programs.files import read_input
from verifier.words.catalogue import Sentence

HELP = "open what any file in FOLDER discloses too: signed files, evidence, text"

MAX_FILES = 20_000
MAX_DEPTH = 16
"""Folders in folders."""
MAX_BYTES = 1024 * 1024 * 1024
"""Of all files together."""
MAX_HELD = 64 * 1024 * 1024
"""Characters of all disclosures that are kept in memory together."""


def held_in(folder: str | None) -> dict[str, str]:
    """The disclosures in a folder, by digest; none where there is no folder. Raises :class:`Unusable`."""
    from verifier.statements.disclosure import digest

    held: dict[str, str] = {}
    size = 0
    for text in texts_in(folder) if folder is not None else ():
        name = digest(text)
        if name not in held:
            held[name] = text
            size += len(text)
            if size > MAX_HELD:
                raise Unusable(Sentence("usage.sections_too_many", path=str(folder), n=MAX_HELD))
    if folder is not None and not held:
        complain(Sentence("usage.sections_none", path=folder), 0)
    return held


def require_folder(folder: str | None) -> None:
    """Raises :class:`Unusable` where what was named is no folder."""
    if folder is not None and not os.path.isdir(folder):
        raise Unusable(Sentence("usage.sections_no_folder", path=folder))


def texts_in(folder: str) -> Iterator[str]:
    """What looks like a disclosure in the files of a folder, in order of their names. Raises :class:`Unusable`."""
    from verifier.evidence.find_disclosures import disclosures_in

    require_folder(folder)
    size = 0
    for number, path in enumerate(_files(folder, 0)):
        try:
            data = read_input(path, MAX_EVIDENCE)
        except OSError as error:
            raise Unusable(Sentence("usage.cannot_read", path=path, why=str(error.strerror))) from None
        size += len(data)
        if number >= MAX_FILES or size > MAX_BYTES or len(data) > MAX_EVIDENCE:
            raise Unusable(Sentence("usage.sections_too_large", path=path, files=MAX_FILES, n=MAX_BYTES))
        yield from disclosures_in(data)


def _files(folder: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise Unusable(Sentence("usage.sections_too_deep", path=folder, n=MAX_DEPTH))
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise Unusable(Sentence("usage.cannot_read", path=folder, why=str(error.strerror))) from None
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield entry.path
