"""Key files: what is written can be read, a changed file cannot, and nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.private_keys import SigningKey
from verifier.programs.keys import KeyFileError, format_key, parse_key, public_path, read_key, read_public, write_key

KEY = SigningKey(bytes(range(32)))
CHEAP = {"passes": 1, "memory": 8 * 1024}


def locked() -> bytes:
    return format_key(KEY, b"correct horse battery", **CHEAP)


def changed(data: bytes, **members: Any) -> bytes:
    value = json.loads(data)
    value.update(members)
    return canonical.encode(value) + b"\n"


class TestFormat:
    def test_a_locked_key_opens_with_its_passphrase(self) -> None:
        key = parse_key(locked())
        assert key.locked and key.public == KEY.public.hex()
        assert key.open(b"correct horse battery").seed == KEY.seed

    def test_an_open_key_opens_without(self) -> None:
        assert parse_key(format_key(KEY, None)).open().seed == KEY.seed

    def test_the_private_key_is_not_in_a_locked_file_nor_in_a_repr(self) -> None:
        assert KEY.seed.hex().encode() not in locked()
        assert repr(KEY.seed)[2:-1] not in repr(parse_key(format_key(KEY, None)))

    def test_the_salt_is_fresh(self) -> None:
        assert json.loads(locked())["kdf"]["salt"] != json.loads(locked())["kdf"]["salt"]


class TestRefusals:
    @pytest.mark.parametrize("passphrase", [b"wrong", b"", None])
    def test_another_passphrase(self, passphrase: bytes | None) -> None:
        with pytest.raises(KeyFileError, match="passphrase"):
            parse_key(locked()).open(passphrase)

    def test_a_public_key_that_does_not_fit(self) -> None:
        other = SigningKey(bytes(32)).public.hex()
        for data, passphrase in ((locked(), b"correct horse battery"), (format_key(KEY, None), None)):
            with pytest.raises(KeyFileError, match="does not fit"):
                parse_key(changed(data, public=other)).open(passphrase)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"{}",
            b"[]",
            b'{"format":"kembar-key/2"}',
            b"x" * 5000,
            format_key(KEY, None) + b"\n",
            changed(format_key(KEY, None), seed="00"),
            changed(format_key(KEY, None), note="mine"),
            changed(locked(), box="AAAA="),
            changed(locked(), kdf={"memory": 8192, "name": "scrypt", "passes": 1, "salt": "A" * 22 + "=="}),
            changed(locked(), kdf={"memory": 2**40, "name": "argon2id", "passes": 1, "salt": "A" * 22 + "=="}),
            changed(locked(), kdf={"memory": 8192, "name": "argon2id", "passes": 1000, "salt": "A" * 22 + "=="}),
            changed(locked(), kdf={"memory": True, "name": "argon2id", "passes": 1, "salt": "A" * 22 + "=="}),
            changed(locked(), kdf={"memory": 8192, "name": "argon2id", "passes": 1, "salt": ""}),
        ],
    )
    def test_what_is_no_key_file(self, data: bytes) -> None:
        with pytest.raises(KembarError):
            parse_key(data)

    def test_a_bit_that_changed(self) -> None:
        box = json.loads(locked())["box"]
        flipped = ("A" if box[40] != "A" else "B").join((box[:40], box[41:]))
        with pytest.raises(KeyFileError, match="changed"):
            parse_key(changed(locked(), box=flipped)).open(b"correct horse battery")


class TestFiles:
    def test_private_for_its_owner_alone_public_beside_it(self, tmp_path: Path) -> None:
        path = tmp_path / "ayu.key"
        write_key(path, KEY, None)
        assert path.stat().st_mode & 0o777 == 0o600
        assert read_public(public_path(path)) == read_public(path) == read_key(path).public == KEY.public.hex()

    @pytest.mark.parametrize("taken", ["ayu.key", "ayu.key.pub"])
    def test_nothing_is_overwritten(self, tmp_path: Path, taken: str) -> None:
        (tmp_path / taken).write_text("mine")
        with pytest.raises(KeyFileError, match="never overwritten"):
            write_key(tmp_path / "ayu.key", KEY, None)
        assert [file.name for file in tmp_path.iterdir()] == [taken]
        assert (tmp_path / taken).read_text() == "mine"

    def test_errors_name_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "none.key"
        with pytest.raises(KeyFileError) as caught:
            read_key(path)
        assert caught.value.where == str(path)
        (tmp_path / "bad.pub").write_text("zz")
        with pytest.raises(KeyFileError, match="public key"):
            read_public(tmp_path / "bad.pub")
