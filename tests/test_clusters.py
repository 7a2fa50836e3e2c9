"""The tests' own PostgreSQL ends with the run that started it, whatever becomes of that run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clusters import needed
from tests.support.root import ROOT

RUN = """
import sys, time
from tests.support.clusters import cluster
with cluster() as made:
    print((made.data / "postmaster.pid").read_text().splitlines()[0], made.data.parent, flush=True)
    sys.stdin.readline()
"""


def until(holds: Callable[[], bool], what: str) -> None:
    patience = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < patience, what
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_cluster_ends_with_its_run(how: signal.Signals | None) -> None:
    needed()
    run = subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert run.stdin is not None and run.stdout is not None
    pid, _, folder = run.stdout.readline().strip().partition(" ")
    assert Path(f"/proc/{pid}").exists() and Path(folder).is_dir()
    if how is None:
        run.stdin.write("\n")
    else:
        os.kill(run.pid, how)
    run.communicate()
    until(lambda: not Path(f"/proc/{pid}").exists(), "the server lives on")
    until(lambda: not Path(folder).exists(), "its folder is left")
