"""``verifier lookup`` against a registry: what it says, what it hides, and what it does not take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from registry.web.app import create_app
from tests.support.served import Served
from tests.support.witness_serving import serving
from tests.support.world import file
from verifier.programs.cli import main


@dataclass
class Asked:
    """A registry that is being asked, and which addresses."""

    served: Served
    url: str
    policy: Path
    paths: list[str] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    """In place of the registry's own, by path."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Of an index with two parts."""
    folder = tmp_path_factory.mktemp("lookup")
    served = Served(folder / "registry")
    consent, everything = served.story()
    world = served.world
    served.accept(*everything, world.usage(consent, assets=["hero.jpg"]))
    served.accept(*[world.party(f"party {number}", roles=["licensee"], recovery=0) for number in range(250)])
    app, found = create_app(served.service), Asked(served, "", served.root / "trust.policy")

    def listening(environ: Any, start_response: Any) -> Any:
        found.paths.append(environ["PATH_INFO"] + ("?" + environ["QUERY_STRING"] if environ["QUERY_STRING"] else ""))
        if (answer := found.answers.get(found.paths[-1])) is not None:
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        return app(environ, start_response)

    with serving(listening) as url:
        found.url = url
        yield found
    served.service.close()


@pytest.fixture(autouse=True)
def anew(asked: Asked) -> None:
    asked.paths.clear()
    asked.answers.clear()


def run(asked: Asked, given: str, *options: str) -> int:
    return main(["lookup", asked.url, given, "--trust", str(asked.policy), *options])


def test_a_file_that_is_registered(asked: Asked, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    photo = tmp_path / "hero.jpg"
    photo.write_text("hero.jpg")
    assert run(asked, str(photo)) == 0
    said = capfd.readouterr().out
    assert "some statement names this exact file" in said and "The registry was not told which file" in said


def test_one_that_nobody_registered(asked: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(asked, f"sha256:{file('nothing')}", "--json") == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["registered"], said["sha256"]) == (False, file("nothing"))
    assert said["among"] >= 96


def test_the_registry_is_not_told_which(asked: Asked) -> None:
    run(asked, f"sha256:{file('hero.jpg')}")
    assert len(asked.paths) == 3 and asked.paths[0] == "/index"
    assert all(path in ("/index?bits=1&prefix=0", "/index?bits=1&prefix=8") for path in asked.paths[1:])


def test_where_a_part_would_be_too_small(asked: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    """A registry that says more bits than its index has: it does not answer, or with too few."""
    asked.answers["/index"] = b'{"bits":20}'
    assert run(asked, f"sha256:{file('hero.jpg')}") == 3
    assert "status 400" in capfd.readouterr().err
    assert len(asked.paths) == 2  # it was never asked about the file


def test_few_entries_are_too_few(
    asked: Asked, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.index.prefixes.FEW", 1_000)
    assert run(asked, f"sha256:{file('hero.jpg')}") == 3
    assert "too plain which one is meant" in capfd.readouterr().err
    assert len(asked.paths) == 2


def test_a_lie(asked: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    for prefix in ("0", "8"):
        asked.answers[f"/index?bits=1&prefix={prefix}"] = b"{}"
    assert run(asked, f"sha256:{file('hero.jpg')}") == 4
    assert "step 2" in capfd.readouterr().err


@pytest.mark.parametrize("answer", [b"{}", b"no", b'{"bits":-1}', b'{"bits":65}', b'{"bits":true}'])
def test_who_has_no_parts(asked: Asked, capfd: pytest.CaptureFixture[str], answer: bytes) -> None:
    asked.answers["/index"] = answer
    assert run(asked, f"sha256:{file('hero.jpg')}", "--language", "id") == 3
    assert "tidak dapat ditanyai" in capfd.readouterr().err


def test_what_is_no_digest(asked: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(asked, "sha256:12ab") == 2
    assert "64 lower-case hex digits" in capfd.readouterr().err
