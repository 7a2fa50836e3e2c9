"""Making a registry's folder, and who may write in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry import config
from registry.fsck import fsck
from registry.log.log_error import LogError
from registry.service import Service
from verifier.base.errors import KembarError
from verifier.log.trust import open_checkpoint


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
