"""A list that was answered, and what became of it: pure, with a world's log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.watch_sources import answer_of
from tests.support.world import Actor, Logged, World
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.log.trust import Policy, parse_policy
from verifier.programs.watch.lists import Change, compare, format_answer, open_answer, parse_answer

ROWS = st.lists(st.integers(0, 60), unique=True).map(lambda places: tuple((at, 1_000 + at) for at in sorted(places)))


def policy(world: World) -> Policy:
    return parse_policy(world.policy())


@pytest.fixture
def world() -> World:
    return World(witnesses=["ada"], quorum="1")


@pytest.fixture
def anna(world: World) -> Actor:
    return world.party("anna", roles=["model"])


def usage(world: World, anna: Actor) -> Logged:
    return world.usage(world.consent(model=anna, licensee=world.party("brand", roles=["licensee"])))


class TestAnswer:
    def test_presence(self, world: World, anna: Actor) -> None:
        made = usage(world, anna)
        subject = f"party:{anna.id}"
        answer = parse_answer(canonical.encode(answer_of(world, subject)), subject, policy(world))
        assert answer.rows == tuple(world.log.rows(subject))
        assert answer.rows[-1] == (made.index, made.logged)
        assert (answer.checkpoint.size, answer.as_of) == (world.log.size, world.now)

    def test_absence(self, world: World, anna: Actor) -> None:
        subject = f"asset:{'0' * 64}"
        assert open_answer(answer_of(world, subject), subject, policy(world)).rows == ()

    def test_it_is_written_as_it_was_read(self, world: World, anna: Actor) -> None:
        for subject in (f"party:{anna.id}", f"asset:{'0' * 64}"):
            value = answer_of(world, subject)
            assert format_answer(open_answer(value, subject, policy(world))) == value

    @pytest.mark.parametrize(
        "change",
        [
            lambda value: value["list"].pop(),
            lambda value: value["list"].append([10**6, 10**10]),
            lambda value: value["list"][0].__setitem__(1, 7),
            lambda value: value["path"].pop(),
            lambda value: value["seal"]["proof"].pop(),
            lambda value: value["seal"].__setitem__("index", value["seal"]["index"] - 1),
            lambda value: value["seal"].__setitem__("index", True),
            lambda value: value["seal"].__setitem__("proof", "x"),
            lambda value: value["seal"].__setitem__("leaf", None),
            lambda value: value.__setitem__("seal", []),
            lambda value: value.__setitem__("list", []),
            lambda value: value.__setitem__("checkpoint", value["checkpoint"].replace("registry", "registri")),
            lambda value: value.__setitem__("checkpoint", 5),
            lambda value: value.__setitem__("subject", f"party:{'0' * 64}"),
            lambda value: value.__setitem__("more", 1),
            lambda value: value.pop("seal"),
        ],
    )
    def test_whatever_is_changed_is_refused(self, world: World, anna: Actor, change: Any) -> None:
        usage(world, anna)
        subject = f"party:{anna.id}"
        value: Any = answer_of(world, subject)
        change(value)
        with pytest.raises(KembarError):
            open_answer(value, subject, policy(world))

    @pytest.mark.parametrize("value", [None, [], "x", 5, {}])
    def test_rubbish(self, world: World, value: Json) -> None:
        with pytest.raises(KembarError):
            open_answer(value, "party:" + "0" * 64, policy(world))

    def test_a_quorum_is_asked_of_it(self, world: World, anna: Actor) -> None:
        subject = f"party:{anna.id}"
        with pytest.raises(KembarError, match="quorum"):
            open_answer(answer_of(world, subject, cosigners=[]), subject, policy(world))

    def test_a_seal_that_is_not_the_last_entry(self, world: World, anna: Actor) -> None:
        """The answer of an older tree under the checkpoint of a newer one."""
        subject = f"party:{anna.id}"
        value = answer_of(world, subject)
        usage(world, anna)
        value["checkpoint"] = world.checkpoint()
        with pytest.raises(KembarError, match="not the last"):
            open_answer(value, subject, policy(world))


class TestCompare:
    def test_first(self) -> None:
        assert compare((), 0, ((3, 5),)) == Change(fresh=((3, 5),))

    def test_it_went_on(self) -> None:
        assert compare(((3, 5),), 6, ((3, 5), (6, 7))) == Change(fresh=((6, 7),))

    def test_an_entry_is_gone(self) -> None:
        change = compare(((3, 5), (4, 5)), 6, ((3, 5), (6, 7)))
        assert (change.lost, change.slipped_in, change.fresh) == (((4, 5),), (), ((6, 7),))

    def test_an_entry_was_kept_back(self) -> None:
        change = compare(((3, 5),), 6, ((3, 5), (4, 5)))
        assert (change.lost, change.slipped_in, change.fresh) == ((), ((4, 5),), ())

    def test_a_time_was_changed(self) -> None:
        change = compare(((3, 5),), 6, ((3, 6),))
        assert (change.lost, change.slipped_in) == (((3, 5),), ((3, 6),))

    @given(ROWS, st.integers(0, 60))
    def test_every_list_that_only_grew_is_honest(self, rows: tuple[tuple[int, int], ...], size: int) -> None:
        old = tuple(row for row in rows if row[0] < size)
        change = compare(old, size, rows)
        assert change.is_honest
        assert (*old, *change.fresh) == rows

    @given(ROWS, ROWS, st.integers(0, 60))
    def test_no_other_is(self, old: tuple[tuple[int, int], ...], new: tuple[tuple[int, int], ...], size: int) -> None:
        """And what differs is what is told."""
        old = tuple(row for row in old if row[0] < size)
        change = compare(old, size, new)
        below = {row for row in new if row[0] < size}
        assert change.is_honest == (below == set(old))
        assert (set(old) - set(change.lost)) | set(change.slipped_in) == below
