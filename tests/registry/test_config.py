"""Making a registry's folder, and who may write in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from registry import config
from registry.backup import backup
from registry.fsck import fsck
from registry.log.log_error import LogError
from registry.service import Service
from tests.support.served import Served
from verifier.base.errors import KembarError
from verifier.base.private_keys import SigningKey
from verifier.log.trust import open_checkpoint
from verifier.programs.keys import format_key


def test_makes_a_registry_that_fsck_and_its_own_policy_accept(tmp_path: Path) -> None:
    made = config.create(tmp_path / "r", "registry.example/log", profile="eu", now=lambda: 1_800_000_000)
    report = fsck(tmp_path / "r")
    assert (report.faults, report.size, report.batches) == ([], 2, 1)
    with Service(made) as service:
        trusted = open_checkpoint(service.checkpoint(), made.policy)
        assert (trusted.checkpoint.origin, trusted.checkpoint.size) == ("registry.example/log", 2)


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    config.create(tmp_path / "r", "registry.example/log")
    for name in (config.LOG_KEY, config.REGISTRAR_KEY):
        assert (tmp_path / "r" / config.KEYS / name).stat().st_mode & 0o777 == 0o600


def test_two_registries_of_one_name_are_two_registries(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "b"):
        config.create(tmp_path / name, "registry.example/log", now=lambda: 1_800_000_000)
        with Service.open(tmp_path / name) as service:
            ids.add(service.genesis)
    assert len(ids) == 2


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    assert config.create(tmp_path / "r", "registry.example/log").origin == "registry.example/log"


def test_refuses_a_folder_that_holds_anything(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "note").write_text("mine")
    with pytest.raises(config.ConfigError, match="not empty"):
        config.create(tmp_path / "r", "registry.example/log")
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["note"]


@pytest.mark.parametrize("origin", ["", "https://registry.example", "a b", "/log", "log/", "regístry.example", "a+b"])
def test_refuses_what_is_no_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(config.ConfigError):
        config.create(tmp_path / "r", origin)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> int:
        raise OSError("no clock")

    with pytest.raises(OSError, match="no clock"):
        config.create(tmp_path / "r", "registry.example/log", now=broken)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="not a registry's folder"):
        config.load(tmp_path)


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("keys/log.key", None, "keys/log.key: the log's key is missing: put its copy back"),
        ("keys/log.key", b"rubbish", "keys/log.key: not a key file of Kembar"),
        ("trust.policy", None, "trust.policy: cannot be read: No such file or directory"),
        ("trust.policy", b"rubbish\n", "trust.policy: is not a trust policy: line 1: not 'log KEY'"),
        ("trust.policy", b"\xff", "trust.policy: is not a trust policy: line 1"),
    ],
)
def test_a_file_that_is_damaged_is_named(tmp_path: Path, path: str, data: bytes | None, said: str) -> None:
    root = config.create(tmp_path / "r", "registry.example/log").root
    (root / path).unlink()
    if data is not None:
        (root / path).write_bytes(data)
    with pytest.raises(KembarError, match=re.escape(f"{root}/{said}")):
        config.load(root)


def test_a_log_has_one_writer(tmp_path: Path) -> None:
    made = config.create(tmp_path / "r", "registry.example/log")
    with Service(made), pytest.raises(LogError, match="another process is writing"):
        Service(made)
    with Service(made) as service:
        assert service.published.checkpoint.size == 2


class TestKeys:
    def test_another_log_key_stops_at_start_with_its_reason(self, tmp_path: Path) -> None:
        root = config.create(tmp_path / "r", "registry.example/log").root
        own = (root / "keys" / "log.key").read_bytes()
        signer = config.load(root).log_keys[0].public.hex()
        (root / "keys" / "log.key").write_bytes(format_key(SigningKey(bytes([7]) * 32), None))
        with pytest.raises(LogError, match=f"signed the last seal .{signer}. is not in the folder of keys: put"):
            Service.open(root)
        (root / "keys" / "older.key").write_bytes(own)  # under whatever name
        Service.open(root).close()


class TestPublishedCheckpoint:
    @pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"rubbish", b"\n\n\n"])
    def test_one_that_cannot_be_read_is_made_anew(
        self, tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        root = config.create(tmp_path / "r", "registry.example/log").root
        path = root / "public" / "checkpoint"
        whole = path.read_bytes()
        path.write_bytes(data)
        with Service.open(root) as service:
            assert service.checkpoint().encode() == whole == path.read_bytes()
        assert str(path) in caplog.text and "made anew" in caplog.text

    def test_a_signed_one_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        root = config.create(tmp_path / "r", "registry.example/log").root
        (root / "signed-checkpoint").write_bytes(b"")
        with pytest.raises(LogError, match=re.escape(f"{root}/signed-checkpoint cannot be read")):
            Service.open(root)


class TestReaders:
    """fsck and backups look, and write nothing."""

    @staticmethod
    def files(root: Path) -> dict[str, tuple[bytes, int]]:
        paths = [path for path in root.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    def test_of_a_registry_at_rest(self, tmp_path: Path) -> None:
        root = config.create(tmp_path / "r", "registry.example/log").root
        before = self.files(root)
        assert fsck(root).ok
        backup(root, tmp_path / "copy")
        assert self.files(root) == before
        assert not list(root.glob("registry.db-*"))

    def test_of_one_that_was_killed(self, tmp_path: Path) -> None:
        """What stands in its journal alone is read, and stays there for the next writer."""
        served = Served(tmp_path / "r")
        for name in ("anna", "ben"):
            served.accept(served.world.party(name, roles=["model"]))
        shutil.copytree(served.root, tmp_path / "killed")
        served.service.close()
        assert (tmp_path / "killed" / "registry.db-wal").stat().st_size
        before = self.files(tmp_path / "killed")
        report = fsck(tmp_path / "killed")
        assert (report.faults, report.size) == ([], 6)
        assert self.files(tmp_path / "killed") == before
