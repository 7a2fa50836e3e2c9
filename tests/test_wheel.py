"""The wheel carries all that the packages need, and the verifier runs from it with PyNaCl alone."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

from tests.wheel import PACKAGES, ROOT, Installation


def test_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
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
