"""Checks that need only bytes: the quick reading and the long one agree, and workers say what a check here says."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from registry.intake import workers as checking
from registry.intake.checks import CheckedSubmission, check_submission, match_submission, read_submission
from registry.problems import STATUSES, Problem
from tests.support.served import raw
from tests.support.world import World, key

FIELDS = "leaf leaf_hash id type at signers touches digests keys disclosures complete like".split()


@pytest.fixture(scope="module")
def samples() -> list[bytes]:
    """One of many types, with one and several signatures and disclosures."""
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    world.party("maker", roles=["maker"])
    consent = world.consent(model=anna, licensee=brand, exclusive={}, person={"note": "A “quoted” name \\ ü"})
    usage = world.usage(consent)
    many = world.party("many", roles=["licensee"], keys=8)
    made = [anna.entry, consent, usage, world.report(usage), world.revocation(consent=consent), many.entry]
    made += [world.payment(consent, payee=anna, amount=5), world.key(brand, add=[key("k")])]
    return [raw(one) for one in made if one is not None]


def mutations(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """``data`` with a byte changed, dropped, doubled or moved; often in the places where base64 ends."""
    chance = random.Random(seed)
    ends = [at for at in range(1, len(data)) if data[at : at + 1] == b'"'] + [len(data) - 1]
    for _ in range(count):
        at = max(0, chance.choice(ends) - chance.randrange(4)) if chance.random() < 0.7 else chance.randrange(len(data))
        kind = chance.randrange(4)
        byte = bytes([chance.choice(b'AQgw=+/-_"\\,{}[]:0aZ \n\x00\xff')])
        if kind == 0:
            yield data[:at] + byte + data[at + 1 :]
        elif kind == 1:
            yield data[:at] + data[at + 1 :]
        elif kind == 2:
            yield data[:at] + byte + data[at:]
        else:
            other = chance.randrange(len(data))
            yield data[:at] + data[other : other + 90] + data[at:]


def test_both_ways_to_read_agree(samples: list[bytes]) -> None:
    matched = 0
    for seed, data in enumerate(samples):
        for one in (data, data + b"\n", data + b"\n\n", *mutations(data, seed, 1500)):
            quick = match_submission(one)
            if quick is not None:
                assert quick == read_submission(one), one
                matched += 1
            else:
                # What only the long way reads is signed by nobody, or holds something that is no disclosure.
                assert isinstance(check_submission(one), Problem), one
    assert matched > 500


def test_every_sample_is_good(samples: list[bytes]) -> None:
    assert all(isinstance(check_submission(one), CheckedSubmission) for one in samples)


def test_a_name_has_one_spelling() -> None:
    world = World()
    good, apart = ("\u00c5ngstr\u00f6m", "A\u030angstro\u0308m")
    for number, (name, wrong) in enumerate(((good, None), (apart, "disclosure_wrong"))):
        actor = world.party(f"brand {number}", roles=["licensee"], called={"name": name})
        assert actor.entry is not None
        found = check_submission(raw(actor.entry))
        assert (found.code if isinstance(found, Problem) else None) == wrong
    assert isinstance(found, Problem) and found.where == "name.name" and found.detail.endswith(f"as here: {good}")


def test_workers_say_what_a_check_here_says(samples: list[bytes]) -> None:
    lines = [one for seed, data in enumerate(samples) for one in (data, *mutations(data, seed, 60))]
    lines += [b"", b"\n", samples[0] + b"\n", b"[" * 100_000, b"x" * 500_000]
    pool = checking.Pool()
    try:
        found = pool.check(lines)
    finally:
        pool.close()
    assert len(found) == len(lines) >= checking.WORTHWHILE
    for line, there in zip(lines, found, strict=True):
        here = check_submission(line)
        if isinstance(here, Problem):
            assert there == here and here.code in STATUSES
            continue
        assert isinstance(there, CheckedSubmission)
        assert [getattr(there, name) for name in FIELDS] == [getattr(here, name) for name in FIELDS]
        assert there.statement == here.statement and dict(there.sections) == dict(here.sections)


def test_a_worker_that_dies_is_replaced_and_its_work_done_here(samples: list[bytes]) -> None:
    lines = samples * 60
    expected = [isinstance(check_submission(one), CheckedSubmission) for one in lines]
    pool = checking.Pool()
    try:
        for pause in (0.0, 0.001, 0.004, 0.01, 0.02):  # between chunks, and in the middle of one
            pool.check(lines)
            killer = threading.Timer(pause, kill, [pool])
            killer.start()
            for _ in range(2):
                assert [isinstance(one, CheckedSubmission) for one in pool.check(lines)] == expected
            killer.join()
    finally:
        pool.close()


def kill(pool: checking.Pool) -> None:
    """Every worker that is there."""
    for worker in pool._workers:
        if worker._process is not None:
            worker._process.kill()
