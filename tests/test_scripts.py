"""What a newcomer runs first: the scripts can be run, explain themselves, and refuse what they do not know."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [f"scripts/{name}" for name in ("bench", "demo", "env", "interop", "sbom", "test")] + [".ci/run"]


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_can_be_run_and_is_sound_shell(script: str, tmp_path: Path) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert run("sh", "-n", ROOT / script, folder=tmp_path).stderr == ""


@pytest.mark.parametrize("script", ["scripts/env", "scripts/interop", "scripts/sbom", "scripts/test"])
def test_script_explains_itself_from_any_folder(script: str, tmp_path: Path) -> None:
    result = run(ROOT / script, "--help", folder=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith(f"usage: {script}")
    assert list(tmp_path.iterdir()) == []


def test_env_refuses_arguments(tmp_path: Path) -> None:
    result = run(ROOT / "scripts" / "env", "everything", folder=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: scripts/env")
