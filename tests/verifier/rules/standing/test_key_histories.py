"""Whoever has many keys makes nobody wait: the log reads an entry of hers a few times, however many she has."""

from __future__ import annotations

from typing import cast

from tests.support.cast import Cast, key
from tests.support.world import Logged
from verifier.rules.model.record import Entry, Record
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import KEY_HISTORIES, KeyHistory, key_state


class Counting:
    """A record that counts how often entries are read from it."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.reads = 0

    def entry(self, index: int) -> Entry | None:
        self.reads += 1
        return self._record.entry(index)

    def __getattr__(self, name: str) -> object:
        return getattr(self._record, name)


def rotated(times: int) -> tuple[Cast, list[Logged]]:
    """A cast whose Anna has changed her key so often, each time retiring the one before."""
    c = Cast()
    made, former = [], c.anna.keys[0]
    for number in range(times):
        new = key(f"rotation {number}")
        made.append(c.world.key(c.anna, add=[new], retire=[former]))
        former = new
    return c, made


def reads(times: int) -> int:
    """How often entries are read while all of her key statements are judged, in log order."""
    c, made = rotated(times)
    record = Counting(c.world.record())
    context = JudgedContext(cast(Record, record), instant=c.world.now, as_of=c.world.now)
    for one in made:
        assert context.standing(c.world.entry(one)).code == "ok"
    return record.reads


def test_reads_grow_with_the_number_of_keys_and_no_faster() -> None:
    few, many = reads(20), reads(80)
    assert many < 5 * few


def test_states_share_what_was_retired() -> None:
    c, made = rotated(30)
    context = c.context()
    states = [key_state(context, c.anna.id, one.index + 1) for one in made]
    assert len({id(state.retirements) for state in states}) == 1
    gone = [key(f"rotation {number}").public.hex() for number in range(29)]
    for place, state in enumerate(states):
        assert [state.is_retired(one) for one in gone] == [number < place for number in range(29)]


def test_histories_can_be_kept_for_the_next_contract() -> None:
    c, made = rotated(20)
    kept: dict[str, KeyHistory] = {}
    record = Counting(c.world.record())
    for one in made:
        context = JudgedContext(cast(Record, record), instant=c.world.now, as_of=c.world.now)
        context.memo.lend(KEY_HISTORIES, kept)
        before = record.reads
        after = one.index + 1
        assert key_state(context, c.anna.id, after).live == key_state(c.context(), c.anna.id, after).live
    assert record.reads - before < 20
