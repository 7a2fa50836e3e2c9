"""``registry keygen``: a key pair for a party."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.common import (
    MIN_PASSPHRASE,
    Misused,
    answer,
    json_option,
    language_option,
    passphrase_option,
    read_passphrase,
)
from verifier.base.private_keys import SEED_SIZE, SigningKey, random_bytes
from verifier.programs.keys import public_path, write_key
from verifier.programs.language import choose


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--no-passphrase", is_flag=True, help="Leave the private key unlocked: whoever has the file can sign.")
@passphrase_option
@language_option
@json_option
def keygen(
    file: Path, no_passphrase: bool, passphrase_file: Path | None, language: str | None, as_json: bool
) -> None:
    """Make a key pair: FILE (private, locked with a passphrase) and FILE.pub.

    The public key is printed; it goes into the draft of a party, or of a key statement. Make recovery keys as well, and
    keep them where a thief who has the others does not find them: who has lost all keys can no longer act.
    """
    if no_passphrase and passphrase_file is not None:
        raise Misused("--no-passphrase and --passphrase-file exclude one another.")
    words = choose(language)
    prompt = words.say("keygen.passphrase", file=str(file), n=MIN_PASSPHRASE)
    passphrase = None if no_passphrase else read_passphrase(passphrase_file, prompt, confirm=True)
    key = SigningKey(random_bytes(SEED_SIZE))
    write_key(file, key, passphrase)
    public = public_path(file)
    value = {"file": str(file), "public": key.public.hex(), "publicFile": str(public)}
    answer(value, key.public.hex(), as_json=as_json)
    if not as_json:
        click.echo(words.say("keygen.made", file=str(file), public=str(public)), err=True)
