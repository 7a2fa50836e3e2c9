"""The recipes of docs/scale.md for an audit on many machines, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.audited_logs import grow, publish, story
from tests.support.root import ROOT
from tests.support.world import World
from verifier.programs.audit.command import FOUND

STEP = 100


class Recipes:
    """A log, and a ``verifier`` on the path, in a folder whose name has a blank."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        world = World()
        story(world)
        grow(world, 300, batch=10, wrong=97)
        publish(world, folder / "log")
        (folder / "trust.policy").write_text(world.policy())
        self.size = world.log.size
        (folder / "bin").mkdir()
        script = folder / "bin" / "verifier"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
        script.chmod(0o755)
        self.env = {
            **os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LOG": "log",
            "SIZE": str(self.size), "STEP": str(STEP),
        }  # fmt: skip
        done = self.run("verifier", "audit", "log", "--trust", "trust.policy", "--json", status=FOUND)
        self.plain = _timeless(done)

    def run(self, *command: str, status: int = 0, **env: str) -> bytes:
        everything = {**self.env, **env}
        done = subprocess.run(command, cwd=self.folder, env=everything, capture_output=True, check=False)
        assert done.returncode == status, done.stderr.decode()
        return done.stdout


def _timeless(report: bytes) -> bytes:
    return re.sub(rb'"milliseconds":\d+', b"", report)


def recipe(language: str) -> str:
    """The block of docs/scale.md in this language."""
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def recipes(tmp_path: Path) -> Recipes:
    folder = tmp_path / "a blank"
    folder.mkdir()
    return Recipes(folder)


def test_make(recipes: Recipes) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed: its recipe is not tried")
    (recipes.folder / "Makefile").write_text(recipe("make"))
    recipes.run("make", "-j2")
    assert _timeless((recipes.folder / "report.json").read_bytes()) == recipes.plain


def test_slurm(recipes: Recipes) -> None:
    """Its tasks as Slurm starts them, one after the other; the merge after them."""
    (recipes.folder / "part.sh").write_text(recipe("sh"))
    tasks = range(-(-recipes.size // STEP))
    for task in tasks:
        recipes.run("sh", "part.sh", SLURM_ARRAY_TASK_ID=str(task))
    parts = [f"{task * STEP}.partial" for task in tasks]
    merged = recipes.run(
        "verifier", "audit", "log", "--trust", "trust.policy", "--json", "--merge", *parts, status=FOUND
    )
    assert _timeless(merged) == recipes.plain


def test_dask(recipes: Recipes) -> None:
    (recipes.folder / "shared_audit.py").write_text(recipe("python"))
    merged = recipes.run(
        sys.executable, "-W", "ignore", "shared_audit.py", "log", str(recipes.size), str(STEP), status=FOUND
    )
    assert _timeless(merged) == recipes.plain
