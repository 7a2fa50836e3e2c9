"""The wheel carries all that the packages need, and the verifier runs from it with PyNaCl alone."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.audited_logs import publish
from tests.support.root import ROOT
from tests.support.running import free_port
from tests.support.wheel import PACKAGES, Installation, install
from tests.support.world import World
from verifier.base.strict import format_instant
from verifier.log.note import parse_note, parse_vkey
from verifier.log.provers import prove_consistency
from verifier.log.witness_protocol import format_request, parse_cosignatures

BROWSER = ROOT / "verifier" / "browser"
"""The other implementation: people get it as a page, which the wheel carries built."""


def test_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.is_relative_to(BROWSER)
    }
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected


def test_wheel_carries_the_licence_and_the_notice(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {Path(name).name for name in archive.namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE"} <= names


def test_without_extras_only_pynacl_is_installed(bare_installation: Installation) -> None:
    listing = bare_installation.run("python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
    assert listing.returncode == 0, listing.stderr
    names = {row["name"].lower() for row in json.loads(listing.stdout)}
    assert names - {"pip", "setuptools"} == {"kembar", "pynacl", "cffi", "pycparser"}


def test_verifier_runs_without_extras(bare_installation: Installation) -> None:
    result = bare_installation.run("verifier", "--help")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: verifier")


def test_verifier_runs_as_a_module(bare_installation: Installation) -> None:
    result = bare_installation.run("python", "-m", "verifier", "--help")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: ")


@pytest.mark.parametrize(
    ("command", "arguments", "extra"),
    [
        ("registry", ["--help"], "registry"),
        ("registry", ["fsck", "folder"], "registry"),
        ("python", ["-m", "registry", "init", "folder"], "registry"),
        ("verifier", ["witness", "serve", "union", "--trust", "policy"], "witness"),
    ],
)
def test_without_extras_no_command_dies_with_a_traceback(
    bare_installation: Installation, command: str, arguments: list[str], extra: str
) -> None:
    world = World()
    (bare_installation.folder / "policy").write_text(world.policy())
    if not (bare_installation.folder / "union").exists():
        bare_installation.run("verifier", "witness", "keygen", "union", "--name", "union.example/w")
    result = bare_installation.run(command, *arguments)
    assert result.returncode == 2
    assert result.stderr.endswith(f"install Kembar with its extra '{extra}': pip install 'kembar[{extra}]'\n")
    assert "Traceback" not in result.stderr


WITHOUT_SOCKETS = """
import sys

def no_network(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError("the verifier used a socket")

sys.addaudithook(no_network)
from verifier.programs.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("countries", "paid", "status"),
    [(["DE"], True, 0), (["DE", "FR"], True, 1), (["DE"], False, 5)],
    ids=["yes", "not-authorised", "not-yet-due"],
)
def test_checks_evidence_with_pynacl_alone_and_sockets_closed(
    bare_installation: Installation, tmp_path: Path, countries: list[str], paid: bool, status: int
) -> None:
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand, terms={"countries": ["DE"]})
    usage = world.usage(consent, assets=["hero.jpg"], terms={"countries": countries})
    if paid:
        world.receipt(consent, payee=anna, amount=100_000)
    evidence, policy, picture = tmp_path / "e.json", tmp_path / "trust.policy", tmp_path / "hero.jpg"
    evidence.write_bytes(world.evidence(usage))
    policy.write_text(world.policy())
    picture.write_bytes(b"hero.jpg")
    arguments = ["check", str(evidence), "--trust", str(policy), "--asset", str(picture), "--json"]
    instant = ["--at", format_instant(world.now)]
    result = bare_installation.run("python", "-c", WITHOUT_SOCKETS, *arguments, *instant)
    assert result.returncode == status, result.stderr + result.stdout
    verdict = json.loads(result.stdout)
    assert verdict["authorised"] == ("AUTHORISED" if countries == ["DE"] else "NOT_AUTHORISED")
    assert verdict["paid"]["answer"] == ("PAID" if paid else "NOT_YET_DUE")


def test_a_union_serves_an_auditor_without_the_registrys_packages(wheel: Path, tmp_path: Path) -> None:
    """With the extra ``witness`` alone: it makes its key, replays a log and cosigns it."""
    world = World()
    installation = install(wheel, tmp_path, extras=["witness"])
    listing = installation.run("python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
    names = {row["name"].lower() for row in json.loads(listing.stdout)}
    assert "granian" in names and not names & {"flask", "sqlite-utils", "jinja2", "werkzeug"}
    world.party("anna", roles=["model"])
    log = publish(world, installation.folder / "log")
    (installation.folder / "policy").write_text(world.policy(), encoding="utf-8")
    made = installation.run("verifier", "witness", "keygen", "union", "--name", "union.example/kembar-auditor")
    assert made.returncode == 0, made.stderr
    port = free_port()
    process = subprocess.Popen(
        [installation.environment / "bin" / "verifier", "witness", "serve", "union", "--trust", "policy", "--audit",
         "--url", str(log), "--port", str(port)],
        cwd=installation.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Serving union.example/kembar-auditor at "), line or process.communicate()
        proof = prove_consistency(0, world.log.size, world.log.read_node)
        body = format_request(0, proof, world.checkpoint())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/add-checkpoint", body, timeout=60) as answer:
            key = parse_vkey(made.stdout.strip())
            parse_cosignatures(answer.read(), parse_note(world.checkpoint()).text, key)
    finally:
        process.terminate()
        process.communicate(timeout=60)
