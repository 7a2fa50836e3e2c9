"""Key files: an Ed25519 private key, locked with a passphrase unless its owner asks otherwise.

A key file is one line of canonical JSON. Locked, it holds ``{"box", "format", "kdf", "public"}``: the 32-byte seed in a
secretbox under the argon2id key of the passphrase. Open, it holds ``{"format", "public", "seed"}``. Beside it stands
``FILE.pub``, the public key in hex, which may be given to anyone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from verifier.base import canonical, crypto, private_keys
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64, parse_b64, parse_hex
from verifier.programs.files import read_input

FORMAT = "kembar-key/1"
_CRLF = "ends in CRLF: some program gave it Windows line ends on the way; copy the file again as it is (binary)"
PASSES, MEMORY = 3, 256 * 1024 * 1024
"""libsodium's "moderate" argon2id cost: about a second and 256 MiB for each guess."""
MAX_PASSES, MAX_MEMORY, MAX_FILE, MAX_PASSPHRASE = 16, 1024 * 1024 * 1024, 4096, 1024
WITNESS_KEY, WITNESS_VKEY = "witness.key", "witness.vkey"
"""What a witness's key file is called in its folder, and the file with its vkey."""
_LOCKED = {"box", "format", "kdf", "public"}
_OPEN = {"format", "public", "seed"}
_KDF = {"memory", "name", "passes", "salt"}


class KeyFileError(KembarError):
    """A key file that cannot be read, or not with this passphrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedKey:
    """A key file as it was read, before its passphrase is known. ``public`` is 64 hex digits."""

    public: str
    locked: bool
    _secret: bytes = field(repr=False)
    _salt: bytes = b""
    _passes: int = 0
    _memory: int = 0

    def open(self, passphrase: bytes | None = None) -> private_keys.SigningKey:
        """The private key. ``passphrase`` is needed exactly when ``locked``."""
        seed: bytes | None = self._secret
        if self.locked:
            if passphrase is None:
                raise KeyFileError("the key is locked with a passphrase, and none was given")
            key = private_keys.derive_key(passphrase, self._salt, passes=self._passes, memory=self._memory)
            seed = private_keys.unlock(key, self._secret)
        if seed is None:
            raise KeyFileError("the passphrase is wrong, or the file was changed")
        signing_key = private_keys.SigningKey(seed)
        if signing_key.public.hex() != self.public:
            raise KeyFileError("the private key does not fit the public key beside it: the file was changed")
        return signing_key


def format_key(
    key: private_keys.SigningKey, passphrase: bytes | None, *, passes: int = PASSES, memory: int = MEMORY
) -> bytes:
    """The bytes of a key file; without a passphrase the private key stands in it open."""
    if passphrase is None:
        value: dict[str, object] = {"format": FORMAT, "public": key.public.hex(), "seed": key.seed.hex()}
    else:
        salt = private_keys.random_bytes(private_keys.SALT_SIZE)
        kdf = {"memory": memory, "name": "argon2id", "passes": passes, "salt": format_b64(salt)}
        box = private_keys.lock(private_keys.derive_key(passphrase, salt, passes=passes, memory=memory), key.seed)
        value = {"box": format_b64(box), "format": FORMAT, "kdf": kdf, "public": key.public.hex()}
    return canonical.encode(value) + b"\n"


def parse_key(data: bytes) -> LockedKey:
    """Strict: the members and sizes that :func:`format_key` writes and no others."""
    value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_FILE)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Malformed(f"not a {FORMAT} file", "format")
    if set(value) == _OPEN:
        seed = parse_hex(_text(value, "seed"), private_keys.SEED_SIZE)
        return LockedKey(public=_public(value), locked=False, _secret=seed)
    if set(value) != _LOCKED or not isinstance(value["kdf"], dict) or set(value["kdf"]) != _KDF:
        raise Malformed("has other members than a key file")
    kdf = value["kdf"]
    if kdf["name"] != "argon2id":
        raise Malformed("only argon2id is known", "kdf.name")
    return LockedKey(
        public=_public(value),
        locked=True,
        _secret=parse_b64(_text(value, "box")),
        _salt=parse_b64(_text(kdf, "salt"), private_keys.SALT_SIZE),
        _passes=_between(kdf, "passes", 1, MAX_PASSES),
        _memory=_between(kdf, "memory", 8 * 1024, MAX_MEMORY),
    )


def write_key(path: Path, key: private_keys.SigningKey, passphrase: bytes | None) -> None:
    """Write ``path`` (readable by its owner alone) and ``path.pub``; neither may exist: a key is never overwritten."""
    public = public_path(path)
    for taken in (path, public):
        if taken.exists():
            raise KeyFileError(f"{taken} exists already, and a key file is never overwritten: choose another name")
    create_private(path, format_key(key, passphrase))
    public.write_text(key.public.hex() + "\n", encoding="ascii")


def read_key(path: Path) -> LockedKey:
    """The key file at ``path``; errors name it."""
    try:
        data = read_input(str(path), MAX_FILE)
    except OSError as error:
        raise KeyFileError(f"cannot read the key file: {error.strerror}", str(path)) from None
    if data.endswith(b"\r\n"):
        raise KeyFileError(_CRLF, str(path))
    try:
        return parse_key(data)
    except KembarError as error:
        raise KeyFileError(f"not a key file of Kembar: {error.message}", str(path)) from None


def read_public(path: Path) -> str:
    """The public key (64 hex digits) in a ``.pub`` file, or of a key file."""
    if path.suffix == ".pub":
        try:
            text = read_input(str(path), MAX_FILE).decode("ascii").removesuffix("\n")
            if text.endswith("\r"):
                raise KeyFileError(_CRLF, str(path))
            return parse_hex(text, crypto.PUBLIC_KEY_SIZE).hex()
        except (OSError, ValueError) as error:
            raise KeyFileError(f"cannot read a public key: {error}", str(path)) from None
    return read_key(path).public


def public_path(path: Path) -> Path:
    """``ayu.key`` → ``ayu.key.pub``."""
    return path.with_name(path.name + ".pub")


def create_private(path: Path, data: bytes) -> None:
    """Create a file that only its owner may read, and see it on disk; an existing one is an error."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _text(value: dict[str, object], name: str) -> str:
    member = value[name]
    if not isinstance(member, str):
        raise Malformed("must be a string", name)
    return member


def _public(value: dict[str, object]) -> str:
    return parse_hex(_text(value, "public"), crypto.PUBLIC_KEY_SIZE).hex()


def _between(value: dict[str, object], name: str, low: int, high: int) -> int:
    member = value[name]
    if type(member) is not int or not low <= member <= high:
        raise Malformed(f"must be a number from {low} to {high}", name)
    return member
