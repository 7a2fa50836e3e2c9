"""``registry clear``: the answer about a photo, first and in one sentence, and the file that proves it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from tests.support.running import environment, running
from tests.support.served import Served
from verifier.programs.keys import format_key


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A brand's photos: used as allowed, used elsewhere too, used twice, and used by nobody."""
    folder = tmp_path_factory.mktemp("clear")
    served = Served(folder / "registry", start=int(time.time()) - 3600)
    world = served.world
    consent, everybody = served.story()
    served.accept(*everybody)
    good = {"ends": "+30d", "countries": ["DE"]}
    served.accept(
        world.usage(consent, ["hero.jpg"], terms=good),
        world.usage(consent, ["stray.jpg"], terms={"ends": "+30d", "countries": ["JP"]}),
        world.usage(consent, ["twice.jpg"], terms=good),
        world.usage(consent, ["twice.jpg"], terms={"ends": "+30d", "countries": ["JP"]}),
    )
    brand = everybody[1]
    (folder / "brand.key").write_bytes(format_key(brand.keys[0], None))  # type: ignore[union-attr]
    for name in ("hero.jpg", "stray.jpg", "twice.jpg", "nobody.jpg"):
        (folder / name).write_bytes(name.encode())
    served.service.close()
    with running(folder / "registry") as server:
        yield folder, server.url


@pytest.fixture(autouse=True)
def logged_in(stage: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, url = stage
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    login = run("login", url, "--key", folder / "brand.key", "--trust", folder / "registry" / "trust.policy")
    assert login.exit_code == 0, login.output


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def checked(file: Path, trust: Path, *more: str | Path) -> int:
    """How ``verifier check`` ends about it, in a process of its own."""
    command = [sys.executable, "-m", "verifier", "check", str(file), "--trust", str(trust), *map(str, more)]
    return subprocess.run(command, env=environment(), capture_output=True, check=False).returncode


@pytest.mark.parametrize("photo, status", [("hero.jpg", 5), ("stray.jpg", 1)])
def test_one_use(stage: tuple[Path, str], photo: str, status: int) -> None:
    folder, _ = stage
    said = run("clear", folder / photo)
    assert said.exit_code == status, said.output
    first = said.stdout.splitlines()[0]
    [use] = json.loads(run("clear", folder / photo, "-o", "json", "--json").stdout)["uses"]
    licensee = next(one["party"] for one in use["verdict"]["about"]["parties"] if one["role"] == "licensee")
    said_of = f"registered it as use {use['usage'][:12]} under consent {use['consent'][:12]}: "
    assert first.startswith(f"{folder / photo}: {licensee[:12]} (licensee) {said_of}"), first
    assert run("name", "My brand", licensee, "--yes").exit_code == 0
    named = run("clear", folder / photo, "--replace").stdout.splitlines()[0]
    assert named == first.replace(licensee[:12], "My brand")
    assert ("NOT AUTHORISED" in first) == (status == 1)
    if status == 1:
        assert "A country that is reached is not among those allowed" in first
    evidence = Path(f"{photo}.evidence.json")
    assert checked(evidence, folder / "registry" / "trust.policy", "--asset", folder / photo) == status


def test_for_scripts(stage: tuple[Path, str]) -> None:
    folder, _ = stage
    said = run("clear", folder / "stray.jpg", "--json")
    assert said.exit_code == 1
    value = json.loads(said.stdout)
    assert (value["conclusion"], value["policy"]) == ("no", "own")
    [use] = value["uses"]
    assert use["verdict"]["authorised"] == "NOT_AUTHORISED"
    assert use["evidence"] == "stray.jpg.evidence.json" and Path(use["evidence"]).exists()


def test_nobody_registered_it_is_proved_too(stage: tuple[Path, str]) -> None:
    folder, _ = stage
    said = run("clear", folder / "nobody.jpg")
    assert said.exit_code == 1
    assert "nobody had registered a use of this exact file" in said.stdout.splitlines()[0]
    assert checked(Path("nobody.jpg.evidence.json"), folder / "registry" / "trust.policy") == 1


def test_of_several_uses_each_is_told_and_the_worst_counts(stage: tuple[Path, str]) -> None:
    folder, _ = stage
    said = run("clear", folder / "twice.jpg", "--json")
    assert said.exit_code == 1
    uses = json.loads(said.stdout)["uses"]
    assert [one["verdict"]["authorised"] for one in uses] == ["AUTHORISED", "NOT_AUTHORISED"]
    assert len({one["evidence"] for one in uses}) == 2
    alone = run("clear", folder / "twice.jpg", "--use", uses[0]["usage"], "--json")
    assert alone.exit_code == 5
    assert json.loads(alone.stdout)["evidence"] == ["twice.jpg.evidence.json"]
    assert run("clear", folder / "hero.jpg", "--use", uses[0]["usage"]).exit_code == 2


def test_what_is_there_is_not_overwritten(stage: tuple[Path, str]) -> None:
    folder, _ = stage
    Path("hero.jpg.evidence.json").write_text("mine")
    assert run("clear", folder / "hero.jpg").exit_code == 2
    assert Path("hero.jpg.evidence.json").read_text() == "mine"
    assert run("clear", folder / "hero.jpg", "--replace").exit_code == 5


def test_what_is_no_file_is_said(stage: tuple[Path, str]) -> None:
    said = run("clear", "missing.jpg")
    assert said.exit_code == 2 and "missing.jpg" in said.stderr
