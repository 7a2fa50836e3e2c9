"""kill -9 at random moments under load: what was answered is there once, and the log never forked."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from registry.config import create
from registry.fsck import fsck
from registry.log.guard import Guard, default_path
from registry.problems import Problem
from registry.sequencer import Logged
from registry.service import Service
from scripts.bench_load import Load
from tests.support.crash_writer import DIED
from tests.support.fault_writer import NOW
from tests.support.root import ROOT
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.note import parse_note

ROUNDS = 14
USAGES = 6_000


def test_kills_under_load(tmp_path: Path) -> None:
    root, file = tmp_path / "registry", tmp_path / "usages"
    made = create(root, "registry.example/log", now=lambda: NOW)
    with Service(made, clock=lambda: NOW) as service:
        load = Load(service, made.registrar_key(), NOW, models=2, brands=2)
    lines = list(load.usages(USAGES))
    file.write_bytes(b"\n".join(lines))
    chance = random.Random(20260101)
    answered: dict[str, int] = {}
    published: list[str] = []
    for _ in range(ROUNDS):
        # Some lines are sent again on purpose: the last answers before a kill are lost on the way as often as not.
        skip = max(0, min(len(answered) - 20, USAGES - 200))
        with subprocess.Popen(
            [sys.executable, "-m", "tests.support.fault_writer", str(root), str(file), str(skip), "8"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        ) as process:
            before = (root / "public" / "checkpoint").read_text()
            deadline = time.monotonic() + 60
            while process.poll() is None and (root / "public" / "checkpoint").read_text() == before:
                assert time.monotonic() < deadline, "the writer never wrote"
                time.sleep(0.005)
            end = time.monotonic() + chance.random() * 0.4
            while time.monotonic() < end:
                published.append((root / "public" / "checkpoint").read_text())
                time.sleep(0.01)
            process.kill()
            out, err = process.communicate()
        assert b"Problem" not in err and b"Error" not in err, err.decode()
        for line in out.decode().splitlines():
            id, _, place = line.partition(" ")
            if place and len(id) == 64:
                assert answered.setdefault(id, int(place)) == int(place)
    assert len(answered) > 200

    assert not [fault for fault in fsck(root).faults if not is_only_behind(fault.where)]
    with Service.open(root, clock=lambda: NOW) as service:
        last = service.published
        seen = [parse_checkpoint(parse_note(note).text) for note in dict.fromkeys(published)]
        for older, newer in pairwise([*sorted(seen, key=lambda one: one.size), last.checkpoint]):
            proof = service.consistency(older.size, newer.size)
            assert not isinstance(proof, Problem)
            check_consistency(older.size, older.root, newer.size, newer.root, proof)
        for id, index in answered.items():
            found = service.entry(id)
            assert found is not None and found.entry.index == index
        outcomes = service.submit(lines)
        places = [one.index for one in outcomes if isinstance(one, Logged)]
        assert len(set(places)) == len(lines)
    assert fsck(root).faults == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", ["append", "guard", "signed-checkpoint", "checkpoint"])
def test_death_at_each_write(tmp_path: Path, point: str, when: str) -> None:
    """After it guard, signed checkpoint and log are one tree again, and what was sent twice is there once."""
    root, file = tmp_path / "registry", tmp_path / "usages"
    made = create(root, "registry.example/log", now=lambda: NOW)
    with Service(made, clock=lambda: NOW) as service:
        load = Load(service, made.registrar_key(), NOW, models=1, brands=1)
        before = service.published
    lines = list(load.usages(3))
    file.write_bytes(b"\n".join(lines))
    writer = [sys.executable, "-m", "tests.support.crash_writer", str(root), str(file), point, when]
    died = subprocess.run(writer, capture_output=True, cwd=ROOT, check=False)
    assert died.returncode == DIED, died.stderr.decode()
    with Service.open(root, clock=lambda: NOW) as service:
        outcomes = service.submit(lines)
        was_logged = (point, when) != ("append", "before")
        assert [isinstance(one, Logged) and one.repeated for one in outcomes] == [was_logged] * 3
        last = service.published.checkpoint
        proof = service.consistency(before.checkpoint.size, last.size)
        assert not isinstance(proof, Problem)
        check_consistency(before.checkpoint.size, before.checkpoint.root, last.size, last.root, proof)
        guarded = Guard(default_path(service.genesis), is_made=True).read()
        assert guarded is not None and guarded.note == (root / "signed-checkpoint").read_text()
        assert guarded.checkpoint == last
    assert fsck(root).faults == []


def is_only_behind(where: str) -> bool:
    """After a kill the published tiles may be those of an older checkpoint or a newer one: only files are."""
    return where.startswith(("tile/", "public/"))
