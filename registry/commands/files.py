"""``registry hash``: the digests by which statements name files."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.common import Failure, answer, json_option, language_option
from verifier.programs.files import digest_input


@click.command("hash")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@language_option
@json_option
def hash_files(files: tuple[Path, ...], language: str | None, as_json: bool) -> None:
    """Print the SHA-256 of each FILE, by which statements name it.

    It names these exact bytes: a file that was saved anew, resized or converted has another.
    """
    digests = [(_digest(file), str(file)) for file in files]
    value = [{"file": name, "sha256": digest} for digest, name in digests]
    answer(value, "\n".join(f"{digest}  {name}" for digest, name in digests), as_json=as_json)


def _digest(path: Path) -> str:
    try:
        return digest_input(str(path))
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from None
