"""Builds the wheel and installs it as a stranger would, for the tests that need Kembar away from this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.root import ROOT

PACKAGES = ("verifier", "registry")
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", *PACKAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An environment of its own with the wheel in it, and a folder to run in from which no checkout can be seen."""

    environment: Path
    folder: Path

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs ``command`` from the environment's ``bin``, where no variable leads Python back to the checkout."""
        return subprocess.run(
            [self.environment / "bin" / command, *arguments],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def build(folder: Path) -> Path:
    """Builds the wheel from a copy of the sources, so that nothing that an earlier build left can get into it."""
    sources = folder / "sources"
    sources.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(ROOT / name, sources / name)
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(sources))
    (wheel,) = folder.glob("kembar-*.whl")
    return wheel


def install(wheel: Path, folder: Path, *, extras: Sequence[str] = ()) -> Installation:
    """Installs ``wheel`` into a new environment in ``folder``, with the ``extras`` named and no others."""
    environment = folder / "environment"
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([sys.executable, "-I", "-m", "venv", str(environment)], check=True, stdin=subprocess.DEVNULL)
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    _pip(str(environment / "bin" / "python"), "install", wanted)
    return Installation(environment=environment, folder=elsewhere)


def _pip(python: str, action: str, *arguments: str) -> None:
    command = [python, "-I", "-m", "pip", action, "--quiet", "--no-input", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
