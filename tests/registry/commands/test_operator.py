"""What an operator chooses: where the guard stands, whom to ask, whom to disregard; and who may read the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry import config
from registry.cli import main
from registry.client import Client
from registry.log.guard import Guard
from registry.settings import NO_GUARD, SETTINGS, Settings, SettingsError, read_settings, write_settings
from tests.support.running import running
from tests.support.served import Served
from verifier.base.canonical import Json


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def made(root: Path, *options: str | Path) -> Result:
    return run("init", root, "--origin", "registry.example/log", *options)


@pytest.fixture
def open_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


class TestGuard:
    def test_stands_where_init_is_told(self, tmp_path: Path) -> None:
        result = made(tmp_path / "r", "--guard", tmp_path / "safe" / "guard.json")
        assert result.exit_code == 0 and str(tmp_path / "safe" / "guard.json") in result.stdout
        assert Guard(tmp_path / "safe" / "guard.json", is_made=True).read() is not None

    def test_is_a_new_file(self, tmp_path: Path) -> None:
        (tmp_path / "guard.json").write_text("another's")
        result = made(tmp_path / "r", "--guard", tmp_path / "guard.json")
        assert result.exit_code == 2 and "a new registry's guard is a new file" in result.stderr
        assert not (tmp_path / "r").exists()

    def test_none(self, tmp_path: Path) -> None:
        assert made(tmp_path / "r", "--guard", "none").exit_code == 0
        assert read_settings(tmp_path / "r") == Settings(guard=NO_GUARD)

    def test_goes_elsewhere_only_if_the_old_one_agrees(self, tmp_path: Path) -> None:
        served = Served(tmp_path / "r")
        served.accept(served.world.party("anna", roles=["model"]))
        served.service.close()
        old = Path(str(read_settings(served.root).guard))
        old.rename(tmp_path / "away")
        result = run("serve", served.root, "--guard", tmp_path / "new.json")
        assert result.exit_code == 3 and "is missing, and the settings say that it was made" in result.stderr
        assert read_settings(served.root).guard == str(old)
        (tmp_path / "away").rename(old)
        config.change_settings(served.root, guard=str(tmp_path / "new.json"))
        assert read_settings(served.root) == Settings(guard=str(tmp_path / "new.json"))

    def test_served_on_the_operators_word_it_is_made(self, tmp_path: Path) -> None:
        served = Served(tmp_path / "r")
        served.accept(served.world.party("anna", roles=["model"]))
        served.service.close()
        write_settings(served.root, Settings())
        options = ["--trust-this-folder", "--guard", str(tmp_path / "g.json"), "--mirror", "/m"]
        with running(served.root, *options) as process, Client(process.url) as client:
            assert client.checkpoint()
        found = read_settings(served.root)
        assert found == Settings(guard=str(tmp_path / "g.json"), guard_made=True, mirrors=("/m",))


class TestSettings:
    def test_are_added_to(self, tmp_path: Path) -> None:
        made(tmp_path / "r")
        config.change_settings(tmp_path / "r", mirrors=["https://a.example"], disregarded=["witness1"])
        config.change_settings(tmp_path / "r", mirrors=["https://a.example", "/b"])
        found = read_settings(tmp_path / "r")
        assert (found.mirrors, found.disregarded) == (("https://a.example", "/b"), ("witness1",))

    @pytest.mark.parametrize(
        "data",
        [b"", b"{}", b"[]", b'{"format":"kembar-settings/2"}',
         b'{"disregarded":[],"format":"kembar-settings/1","guard":1,"guard_made":true,"mirrors":[]}',
         b'{"disregarded":[2],"format":"kembar-settings/1","guard":"","guard_made":true,"mirrors":[]}',
         b'{"disregarded":{},"format":"kembar-settings/1","guard":"","guard_made":true,"mirrors":[]}'],
    )  # fmt: skip
    def test_that_are_damaged_are_named(self, tmp_path: Path, data: bytes) -> None:
        made(tmp_path / "r")
        (tmp_path / "r" / SETTINGS).write_bytes(data)
        with pytest.raises(SettingsError, match=f"{tmp_path}/r/{SETTINGS}: "):
            config.load(tmp_path / "r")


class TestModes:
    def test_whatever_the_umask(self, tmp_path: Path, open_umask: None) -> None:
        served = Served(tmp_path / "r")
        served.accept(served.world.party("anna", roles=["model"]))
        modes: dict[str, Json] = {}
        for path in sorted(served.root.rglob("*")):
            modes[str(path.relative_to(served.root))] = oct(path.stat().st_mode & 0o777)
        guard = Path(str(read_settings(served.root).guard))
        assert {guard.stat().st_mode & 0o777, guard.with_name(f"{guard.name}.lock").stat().st_mode & 0o777} == {0o600}
        served.service.close()
        public = {name: mode for name, mode in modes.items() if name.startswith("public") or name == config.POLICY}
        folders = {name for name in modes if (served.root / name).is_dir()}
        assert {public[name] for name in public if name not in folders} == {"0o640"}
        assert {public[name] for name in public if name in folders} == {"0o750"}
        private = {name: mode for name, mode in modes.items() if name not in public and not name.endswith(".pub")}
        assert private.pop("keys") == "0o700"
        assert set(private.values()) == {"0o600"}, private

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o602])
    def test_serve_refuses_a_key_that_others_can_read(self, tmp_path: Path, mode: int) -> None:
        made(tmp_path / "r")
        (tmp_path / "r" / "keys" / "registrar.key").chmod(mode)
        result = run("serve", tmp_path / "r")
        assert result.exit_code == 2 and f"chmod 600 {tmp_path}/r/keys/registrar.key" in result.stderr
