"""Key files, by the name under which the registry knows them; witnesses have them too (:mod:`verifier.keys`)."""

from __future__ import annotations

from verifier.keys import (
    MAX_FILE,
    MAX_PASSPHRASE,
    KeyFileError,
    LockedKey,
    create_private,
    format_key,
    parse_key,
    public_path,
    read_key,
    read_public,
    write_key,
)

__all__ = [
    "MAX_FILE",
    "MAX_PASSPHRASE",
    "KeyFileError",
    "LockedKey",
    "create_private",
    "format_key",
    "parse_key",
    "public_path",
    "read_key",
    "read_public",
    "write_key",
]
