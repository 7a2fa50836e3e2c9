"""Looking at a log again and again: what is new is told once and proven, and no lie passes."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import pytest

from tests.support.watch_sources import WorldSource, answer_of
from tests.support.world import Actor, Logged, World, file
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.evidence.describe import describe
from verifier.log.trust import parse_policy
from verifier.misbehaviour.check import Proven, check
from verifier.programs.language import english
from verifier.programs.source import Broken, Unreachable
from verifier.programs.watch.known import WatchState, format_known, parse_known
from verifier.programs.watch.news import check_news, format_news
from verifier.programs.watch.watcher import Look, Watcher


class Story:
    """A model, a licensee and a consent, and a watcher of the model."""

    def __init__(self, *, lists: bool = True, read_all: bool = False) -> None:
        self.world = World(witnesses=["ada"], quorum="1")
        self.anna = self.world.party("anna", roles=["model"])
        self.brand = self.world.party("brand", roles=["licensee"])
        self.consent = self.world.consent(model=self.anna, licensee=self.brand)
        self.source = WorldSource(self.world, lists=lists)
        self.policy = parse_policy(self.world.policy())
        self.read_all = read_all
        self.subject = f"party:{self.anna.id}"
        self.watcher = self.make([self.subject])

    def make(self, subjects: Sequence[str], known: WatchState | None = None) -> Watcher:
        return Watcher(self.source, self.policy, subjects, known or WatchState(), read_all=self.read_all)

    def look(self, *, from_start: bool = False) -> Look:
        """Look, and go on from a state that was written and read."""
        look = self.watcher.look(from_start=from_start)
        look.known = parse_known(format_known(look.known))
        self.watcher.keep(look)
        return look

    def use(self, name: str = "hero.jpg") -> Logged:
        self.world.advance("1h")
        return self.world.usage(self.consent, [name])

    def proven(self, look: Look) -> list[str]:
        """The kinds of misbehaviour that the look's files prove, to anybody."""
        found = []
        for fault in look.faults:
            for data in fault.proofs:
                outcome = check(data, self.policy)
                assert isinstance(outcome, Proven), outcome
                found.append(outcome.kind)
        return found


def new(look: Look) -> list[int]:
    return [entry.index for news in look.news for entry in news.entries]


@pytest.fixture(params=[True, False], ids=["lists", "plain files"])
def story(request: pytest.FixtureRequest) -> Story:
    return Story(lists=request.param)


class TestHonest:
    def test_the_first_look_only_remembers(self, story: Story) -> None:
        look = story.look()
        assert (new(look), look.faults) == ([], [])
        assert look.news[0].rows == len(story.world.log.rows(story.subject))
        assert (look.as_of, look.basis) == (story.world.now, "witnessed")

    def test_or_tells_it_all(self, story: Story) -> None:
        look = story.look(from_start=True)
        assert new(look) == [at for at, _ in story.world.log.rows(story.subject)]

    def test_a_new_use_is_told_as_soon_as_its_batch_is_sealed_and_only_once(self, story: Story) -> None:
        story.look()
        usage = story.use()
        look = story.look()
        [entry] = look.news[0].entries
        assert (entry.index, entry.logged, entry.statement) == (usage.index, usage.logged, usage.statement)
        assert "was declared" in describe(entry.statement, english())
        assert new(story.look()) == []

    def test_nothing_is_asked_twice_of_a_log_that_did_not_grow(self, story: Story) -> None:
        story.look()
        story.source.asked.clear()
        assert story.look().news == []
        assert not [path for path in story.source.asked if path.startswith("subjects")]

    def test_what_concerns_others_is_no_news(self, story: Story) -> None:
        story.look()
        story.world.party("other", roles=["model"])
        look = story.look()
        assert (len(look.news), new(look)) == (1, [])

    def test_many_at_once_come_in_order(self, story: Story) -> None:
        story.look()
        uses = [story.use(f"{number}.jpg").index for number in range(300)]  # over two bundles
        assert new(story.look()) == uses

    def test_what_was_not_kept_is_told_again(self, story: Story) -> None:
        story.look()
        usage = story.use()
        assert new(story.watcher.look()) == [usage.index]
        assert new(story.look()) == [usage.index]

    def test_several_subjects(self, story: Story) -> None:
        consent = story.consent.id
        story.watcher = story.make([f"{kind}:{consent}" for kind in ("account", "consent", "uses")])
        story.look()
        usage = story.use()
        receipt = story.world.receipt(story.consent, payee=story.anna, amount=5)
        look = story.look()
        found = {news.subject.partition(":")[0]: [one.index for one in news.entries] for news in look.news}
        assert found == {"account": [receipt.index], "consent": [], "uses": [usage.index]}

    def test_a_file_that_nobody_has_named_yet(self, story: Story) -> None:
        story.watcher = story.make([f"asset:{file('later.jpg')}"])
        assert story.look().news[0].rows == 0
        usage = story.use("later.jpg")
        assert new(story.look()) == [usage.index]

    def test_a_later_cosignature_on_the_same_tree_is_a_later_time(self, story: Story) -> None:
        story.look()
        now = story.world.advance("5h")
        look = story.look()
        assert (look.as_of, look.faults, look.news) == (now, [], [])

    def test_the_log_may_grow_while_it_is_looked_at(self) -> None:
        story = Story()
        story.look()
        usage = story.use()
        late: list[Logged] = []

        def grow(data: bytes) -> bytes:
            if not late:
                late.append(story.use("late.jpg"))
            return data

        story.source.changes["checkpoint"] = grow
        assert new(story.look()) == [usage.index, late[0].index]
        assert new(story.look()) == []


class TestNews:
    def told(self, story: Story) -> bytes:
        story.look()
        story.use()
        [news] = story.look().news
        return format_news(news)

    def test_it_proves_itself_to_whoever_gets_it(self) -> None:
        story = Story()
        check_news(self.told(story), story.policy)
        [first] = story.make([story.subject]).look(from_start=True).news
        check_news(format_news(first), story.policy)

    @pytest.mark.parametrize(
        "path, value",
        [
            (("entries",), []),
            (("entries", 0, "index"), 5),
            (("entries", 0, "logged"), "2026-01-01T00:00:00Z"),
            (("entries", 0, "describe"), "All is well."),
            (("entries", 0, "id"), "0" * 64),
            (("entries", 0, "type"), "receipt"),
            (("entries", 0, "proof"), []),
            (("entries", 0, "leaf"), {}),
            (("before", "list"), []),
            (("before", "size"), 3),
            (("consistency",), []),
            (("answer", "list"), []),
            (("subject",), "party:" + "0" * 64),
            (("format",), "kembar-news/2"),
            (("before",), 5),
            (("entries",), 5),
        ],
    )
    def test_and_nothing_in_it_can_be_changed(self, path: tuple[str | int, ...], value: object) -> None:
        story = Story()
        told = canonical.parse(self.told(story), limit=1 << 24)
        part = told
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
        with pytest.raises(KembarError):
            check_news(canonical.encode(told), story.policy)

    def test_what_was_read_entry_by_entry_proves_itself_only_to_its_reader(self) -> None:
        story = Story(lists=False)
        with pytest.raises(KembarError, match="only to its reader"):
            check_news(self.told(story), story.policy)


class TestLies:
    def test_a_list_that_loses_an_entry(self) -> None:
        story = Story()
        usage = story.use()
        story.look()
        rows = list(story.world.log.rows(story.subject))
        story.world.log.lie(story.subject, rows[:-1])
        later = story.world.party("other", roles=["model"])
        assert isinstance(later, Actor)
        look = story.look()
        [fault] = look.faults
        assert english().tell(fault.sentence).startswith(f"SKIPPED: entry {usage.index} was in the list")
        assert story.proven(look) == ["omitted"]
        assert story.look().faults == []

    def test_a_list_that_kept_an_entry_back(self) -> None:
        """It is shown late, without which the lie would have stayed hidden; the old answer convicts the log."""
        story = Story()
        usage = story.use()
        rows = list(story.world.log.rows(story.subject))
        story.world.log.lie(story.subject, rows[:-1])
        story.world.party("other", roles=["model"])
        story.look()
        story.world.log.lie(story.subject, rows)
        story.world.party("third", roles=["model"])
        look = story.look()
        [fault] = look.faults
        assert "was kept out of its list until now" in english().tell(fault.sentence)
        assert fault.entries == (usage.index,)
        assert story.proven(look) == ["omitted"]

    @pytest.mark.parametrize("was_wrong", [False, True])
    def test_a_time_that_was_changed(self, was_wrong: bool) -> None:
        """Nothing was skipped: one of the two times is not that of the seal, and its list convicts the log."""
        story = Story()
        usage = story.use()
        right = list(story.world.log.rows(story.subject))
        wrong = [*right[:-1], (usage.index, usage.logged - 60)]
        for rows in (wrong, right) if was_wrong else (right, wrong):
            story.world.log.lie(story.subject, rows)
            story.world.advance("1h")
            story.world.party("another", roles=["model"])
            look = story.look()
        [fault] = look.faults
        assert (fault.kind, fault.entries) == ("logged_wrong", (usage.index,))
        times = ["2026-01-01T00:59:00Z", "2026-01-01T01:00:00Z"]
        then, now = times if was_wrong else reversed(times)
        said = english().tell(fault.sentence)
        assert said == f"The list of {story.subject} gave entry {usage.index} the time {then}, and now {now}."
        assert story.proven(look) == ["logged_wrong"]

    @pytest.mark.parametrize("is_last", [False, True])
    def test_a_wrong_time_is_found_by_who_reads_all(self, is_last: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        """Proven by the seal that covers the entry, be it that of the list or an earlier one."""
        story = Story(read_all=True)
        story.look()
        log = story.world.log
        close = log.close_batch

        def closing(logged: int) -> bytes:
            close(logged)
            rows = list(log.rows(story.subject))
            log.lie(story.subject, [*rows[:-1], (rows[-1][0], rows[-1][1] - 60)])
            return log.index_tree.root()

        if is_last:
            monkeypatch.setattr(log, "close_batch", closing)
        usage = story.use()
        if not is_last:
            monkeypatch.setattr(log, "close_batch", closing)
            story.world.party("later", roles=["model"])
        look = story.look()
        [fault] = look.faults
        said = english().tell(fault.sentence)
        assert said == f"The list of {story.subject} gives entry {usage.index} another time than its seal."
        assert (fault.kind, story.proven(look)) == ("logged_wrong", ["logged_wrong"])

    def test_an_entry_that_is_left_out_is_found_by_who_reads_all(self) -> None:
        lazy, careful = Story(), Story(read_all=True)
        for story in (lazy, careful):
            story.look()
            usage = story.use()
            rows = list(story.world.log.rows(story.subject))
            story.world.log.lie(story.subject, rows[:-1])
            story.world.party("other", roles=["model"])
        assert lazy.look().faults == []
        look = careful.look()
        [fault] = look.faults
        said = english().tell(fault.sentence)
        assert said == f"SKIPPED: entry {usage.index} touches {careful.subject} and is not in its list."
        assert careful.proven(look) == ["omitted"]

    def test_an_entry_that_has_no_place_in_the_list(self) -> None:
        story = Story()
        story.look()
        other = story.world.party("other", roles=["model"])
        assert other.entry is not None
        rows = list(story.world.log.rows(story.subject))
        story.world.log.lie(story.subject, [*rows, (other.entry.index, other.entry.logged)])
        story.world.party("third", roles=["model"])
        look = story.look()
        assert [(fault.kind, fault.entries) for fault in look.faults] == [("foreign", (other.entry.index,))]
        assert (story.proven(look), new(look)) == (["foreign"], [])

    def test_a_signature_that_does_not_verify(self, story: Story) -> None:
        story.look()
        usage = story.world.usage(story.consent, wrong_signatures=True)
        look = story.look()
        assert (new(look), story.proven(look)) == ([usage.index], ["bad_signature"])

    def test_a_leaf_that_cannot_be_read_is_no_news(self, story: Story) -> None:
        story.look()
        story.world.leaf(b"rubbish")
        assert (new(story.look()), story.look().faults) == ([], [])


class TestForks:
    def fork(self, story: Story, grow: int) -> World:
        """Another log under the same key, which parts before the last entries."""
        other = Story()
        for number in range(grow):
            other.use(f"other {number}.jpg")
        story.source.world = other.world
        return other.world

    @pytest.mark.parametrize("grow", [2, 3, 9])
    def test_two_trees_that_do_not_fit(self, story: Story, grow: int) -> None:
        for number in range(2):
            story.use(f"{number}.jpg")
        story.look()
        known = story.watcher.known.note
        other = self.fork(story, grow)
        look = story.look()
        [fault] = look.faults
        assert fault.kind == "fork"
        assert fault.notes == (known, other.checkpoint())
        assert story.proven(look) == ["fork"]
        assert (look.news, look.as_of) == ([], None)
        assert story.watcher.known.note == known

    def test_it_is_told_once_and_nothing_is_taken_from_the_fork(self, story: Story) -> None:
        story.use("mine.jpg")
        story.look()
        self.fork(story, 3)
        assert len(story.look().faults) == 1
        again = story.look()
        assert (again.faults, again.news, again.as_of) == ([], [], None)

    def test_a_smaller_tree(self, story: Story) -> None:
        old = deepcopy(story.world)
        for number in range(3):
            story.use(f"{number}.jpg")
        story.look()
        story.source.world = old
        look = story.look()
        [fault] = look.faults
        assert fault.kind == "shrunk"
        assert len(fault.notes) == 2
        story.source.world = story.world
        usage = story.use("more.jpg")
        assert new(story.look()) == [usage.index]

    def test_a_smaller_tree_that_is_a_fork(self) -> None:
        """The source still has the tiles of the larger one, which convict it."""
        story = Story()
        for number in range(3):
            story.use(f"{number}.jpg")
        story.look()
        other = Story()
        other.use("other.jpg")
        story.source.changes["checkpoint"] = lambda _: other.world.checkpoint().encode()
        real = story.source._get

        def both(path: str) -> bytes | None:
            story.source.world = other.world
            data = real(path)
            story.source.world = story.world
            return real(path) if data is None else data

        story.source._get = both  # type: ignore[method-assign]
        look = story.look()
        assert [fault.kind for fault in look.faults] == ["fork"]
        assert story.proven(look) == ["fork"]

    @pytest.mark.parametrize("grow", [2, 3])
    def test_an_answer_of_a_fork(self, grow: int) -> None:
        """The checkpoint is the honest log's, the answer about the subject another's."""
        story = Story()
        story.use()
        story.look()
        for number in range(2):
            story.use(f"{number}.jpg")
        other = Story()
        for number in range(grow):
            other.use(f"other {number}.jpg")
        data = canonical.encode(answer_of(other.world, story.subject))
        story.source.changes["subjects"] = lambda _: data
        look = story.look()
        assert ([fault.kind for fault in look.faults], new(look)) == (["fork"], [])
        assert story.proven(look) == ["fork"]


class TestBroken:
    @pytest.mark.parametrize("path", ["checkpoint", "subjects", "tile/0", "tile/entries"])
    @pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 64, None])
    def test_rubbish_is_refused_and_nothing_is_remembered(self, path: str, data: bytes | None) -> None:
        story = Story()
        story.look()
        story.use()
        before = format_known(story.watcher.known)
        if (path, data) == ("subjects", None):
            return  # such a source is read entry by entry
        story.source.changes[path] = lambda _: data
        with pytest.raises((KembarError, Broken, Unreachable)):
            story.watcher.look()
        assert format_known(story.watcher.known) == before
        story.source.changes.clear()
        assert len(new(story.look())) == 1

    def test_an_answer_that_is_older_than_the_last_one(self) -> None:
        story = Story()
        old = canonical.encode(answer_of(story.world, story.subject))
        story.use()
        story.look()
        story.use("more.jpg")
        story.source.changes["subjects"] = lambda _: old
        with pytest.raises(Unreachable, match="older than the last one"):
            story.watcher.look()

    def test_a_log_that_the_policy_does_not_name(self, story: Story) -> None:
        story.policy = parse_policy(World(origin="other.example/log").policy())
        with pytest.raises(KembarError, match="names no log"):
            story.make([story.subject]).look()

    def test_a_state_of_another_log(self, story: Story) -> None:
        other = World(origin="other.example/log")
        both = parse_policy(other.policy() + story.world.policy().replace("quorum enough", "").split("quorum")[0])
        known = WatchState(note=other.checkpoint())
        with pytest.raises(KembarError, match="what is remembered is about other"):
            Watcher(story.source, both, [story.subject], known).look()
