"""Opening key files for signing."""

from __future__ import annotations

from pathlib import Path

from registry.commands.common import Failure, read_passphrase
from verifier.base.errors import KembarError
from verifier.base.private_keys import SigningKey
from verifier.programs.keys import LockedKey
from verifier.words.catalogue import Catalogue


def open_key(key: LockedKey, file: Path, passphrase_file: Path | None, words: Catalogue) -> SigningKey:
    """The key in a file that was read; asks for its passphrase where it has one."""
    passphrase = read_passphrase(passphrase_file, words.say("sign.passphrase", file=str(file))) if key.locked else None
    try:
        return key.open(passphrase)
    except KembarError as error:
        raise Failure(f"{file}: {error.message}") from None
