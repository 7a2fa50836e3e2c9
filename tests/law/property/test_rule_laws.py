"""Laws of the rules: what can never happen, whatever is said and whoever signs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.law.happenings import draw
from tests.law.histories import Drawn
from tests.law.worlds import Stage, stage, stages
from tests.support.admitting import refused
from tests.support.world import DAY, Actor, Logged, World, key
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.strict import parse_b64
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.context import Standing
from verifier.rules.model.question import Question
from verifier.rules.model.record import MemoryRecord
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.use.exclusivity import Link, _places
from verifier.statements.parse import parse_statement
from verifier.statements.types import Usage

ORDER = {
    "NOT_AUTHORISED": 0, "NOT_IN_FORCE": 0, "CANNOT_TELL": 1, "AUTHORISED": 2, "IN_FORCE": 2, "COMPLETE": 2,
}  # fmt: skip
"""How much an answer lets happen."""


def facts(world: World, at: int | None = None, as_of: int | None = None) -> Facts:
    instant = world.now if at is None else at
    return Facts(instant=instant, as_of=world.now if as_of is None else as_of, basis="claimed", rules=2, max_age=DAY)


def decided(world: World, about: Any, at: int | None = None) -> Decision:
    return decide(world.record(), world.question(about), facts(world, at))


def lets(decision: Decision) -> int:
    answer = decision.authorised or decision.answer
    return ORDER[answer or "CANNOT_TELL"]


def at(decision: Decision, instant: int) -> int | None:
    """What is let happen at an instant; None outside the use's window."""
    found = [one.authorised for one in decision.segments if one.from_ <= instant < one.to]
    return ORDER[found[0]] if found else None


def never_more(before: Decision, after: Decision) -> None:
    """``after`` lets nothing happen that ``before`` did not, as a whole and at every instant."""
    assert lets(after) <= lets(before)
    for segment in (*before.segments, *after.segments):
        first, second = at(before, segment.from_), at(after, segment.from_)
        if first is not None and second is not None:
            assert second <= first, segment


class TestTerms:
    """Whatever is taken out of the terms, no verdict becomes wider."""

    WIDE: Mapping[str, Any] = {
        "rights": ["likeness", "voice"], "purposes": ["advertising", "editorial"], "categories": ["all"],
        "channels": ["display", "ooh", "print", "social"], "countries": ["WORLD"], "spill": 1_000,
        "late_window": 5 * DAY, "sell_off": 5 * DAY, "notice": 4 * DAY, "silence": DAY,
        "caps": {"days": 60, "images": 9, "uses": 3}, "overage": ["images"],
        "allow": ["garment", "hair"], "derivatives": "allow", "training": "allow",
    }  # fmt: skip
    NARROWER: tuple[dict[str, Any], ...] = (
        {"rights": ["likeness"]}, {"purposes": ["advertising"]}, {"products": ["Spring"]}, {"categories": ["1059"]},
        {"categories_denied": ["1067"]}, {"channels": ["print"]}, {"countries": ["DE"]}, {"countries_excluded": ["FR"]},
        {"spill": 0}, {"late_window": 0}, {"sell_off": 0}, {"caps": {"days": 5, "images": 1, "uses": 1}},
        {"allow": ["garment"]}, {"allow": None}, {"derivatives": "none"}, {"derivatives": "approve"},
        {"training": "none"}, {"approval": "each"}, {"label": "visible"}, {"profile": "eu"},
        {"starts": "2026-01-10T00:00:00Z"}, {"ends": "2026-02-01T00:00:00Z"}, {"allow": None, "approve": ["garment"]},
        {"caps": {"days": 60, "images": 9, "impressions": 150, "uses": 3}}, {"overage": None}, {"notice": 0},
        {"silence": None}, {"pay_first": "session"}, {"pay_first": "prepaid"}, {"overdue_limit": 1},
    )  # fmt: skip

    def tell(self, terms: Mapping[str, Any], story: list[tuple[str, Any]]) -> tuple[World, list[Logged]]:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        consent = world.consent(model=anna, licensee=brand, terms=terms)
        usages: list[Logged] = []
        for what, value in story:
            world.advance("1d")
            match what:
                case "use":
                    usages.append(world.usage(consent, terms={**value, "starts": world.now + value["starts"] * DAY,
                                                              "ends": world.now + 30 * DAY}))  # fmt: skip
                case "report" if usages:
                    lines = [{"channel": "print", "country": value, "impressions": 100}]
                    world.report(usages[-1], terms={"ends": world.now, "lines": lines})
                case "revoke":
                    world.revocation(consent=consent, effective=f"+{value}d")
                case "approve":
                    world.approval(consent, ["hero.jpg"])
                case "receipt":
                    world.receipt(consent, payee=anna, amount=value)
                case _:
                    pass
        return world, usages

    use = st.fixed_dictionaries(
        {
            "starts": st.sampled_from([-9, -3, 0, 3]),
            "channels": st.sampled_from([["print"], ["print", "social"]]),
            "countries": st.sampled_from([["DE"], ["FR"], ["WORLD"]]),
            "category": st.sampled_from(["1067", "1062"]),
            "purpose": st.sampled_from(["advertising", "editorial"]),
            "label": st.sampled_from(["none", "visible"]),
        },
        optional={
            "manipulations": st.sampled_from([["garment"], ["hair"], ["nudity"]]),
            "training": st.just(True),
            "derivative_of": st.just(["0" * 64]),
            "product": st.just("Spring"),
        },
    )
    story = st.lists(
        st.one_of(
            st.tuples(st.just("use"), use),
            st.tuples(st.just("report"), st.sampled_from(["DE", "FR"])),
            st.tuples(st.just("revoke"), st.integers(0, 9)),
            st.tuples(st.just("approve"), st.none()),
            st.tuples(st.just("receipt"), st.sampled_from([50_000, 100_000])),
        ),
        min_size=1,
        max_size=5,
    )

    @given(story, st.lists(st.sampled_from(NARROWER), max_size=3), st.lists(st.sampled_from(NARROWER), min_size=1))
    @settings(max_examples=150)
    def test_narrower_terms(
        self, story: list[tuple[str, Any]], before: list[dict[str, Any]], changes: list[dict[str, Any]]
    ) -> None:
        """Of members that are narrow already, no other is taken: it may be wider."""
        start = dict(self.WIDE)
        for change in before:
            start.update(change)
        narrow = dict(start)
        for change in changes:
            if all(narrow.get(name) == self.WIDE.get(name) for name in change):
                narrow.update(change)
        wide, usages = self.tell({name: one for name, one in start.items() if one is not None}, story)
        narrowed, same = self.tell({name: one for name, one in narrow.items() if one is not None}, story)
        for first, second in zip(usages, same, strict=True):
            never_more(decided(wide, first), decided(narrowed, second))


class TestOtherEntries:
    """What one more entry can do, and what it cannot."""

    @given(stages(), st.data())
    @settings(max_examples=20)
    def test_an_unrelated_entry_changes_nothing(self, s: Stage, data: st.DataObject) -> None:
        questions: list[Logged] = [*s.usages, *s.consents]
        instant = s.world.now
        before = [decided(s.world, about, instant) for about in questions]
        for act in data.draw(st.lists(st.sampled_from(["party", "model", "deal", "keys", "registrar"]), min_size=1)):
            self.elsewhere(s.world, act)
        s.world.now = instant
        assert [decided(s.world, about, instant) for about in questions] == before

    def elsewhere(self, world: World, act: str) -> None:
        number = world.log.size
        match act:
            case "party":
                world.party(f"somebody {number}", roles=["licensee", "provider"])
            case "model":
                world.twin(world.party(f"model {number}", roles=["model"]))
            case "deal":
                model = world.party(f"model {number}", roles=["model"])
                rival = next(one for one in world.actors.values() if one.name == "rival")
                deal = world.consent(model=model, licensee=rival, exclusive={})
                world.usage(deal)
                world.revocation(consent=deal)
            case "keys":
                one = world.party(f"somebody {number}", roles=["agency"])
                world.key(one, add=[key(f"new {number}")])
            case _:
                world.registry(registrars=[world.registrar, key(f"registrar {number}")])

    @given(stages(), st.data())
    @settings(max_examples=50)
    def test_a_stop_lets_nothing_happen(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from([*s.usages, *s.consents]))
        before = decided(s.world, about)
        consent = next(one for one in s.consents if one.id == getattr(about.statement, "consent", about.id))
        twin = next(one for one in s.world.entries.values() if one.id == getattr(consent.statement, "twin"))  # noqa: B009
        creation = next(one for one in s.world.entries.values() if one.id == getattr(twin.statement, "creation"))  # noqa: B009
        effective = data.draw(st.sampled_from(["-9d", "+0d", "+3d"]))
        match data.draw(st.sampled_from(["consent", "twin", "creation", "suspension"])):
            case "consent":
                s.world.revocation(consent=consent, effective=effective)
            case "twin":
                s.world.revocation(twin=twin, effective=effective)
            case "creation":
                s.world.revocation(consent=creation, effective=effective)
            case _:
                s.world.suspension(consent, effective=effective)
        never_more(before, decided(s.world, about))


# ---- statements that nobody would make


@st.composite
def wild(draw: DrawFn) -> Stage:
    """A stage after which statements are logged again with other ids, times, parties and signers in them."""
    s = draw(stages(acts=6))
    world = s.world
    made = [one for one in world.entries.values() if one.statement.type not in ("genesis", "seal")]
    ids = sorted({one.id for one in made} | {party for one in made for party in one.statement.parties.ids()})
    for _ in range(draw(st.integers(1, 8))):
        source = draw(st.sampled_from(made))
        value = json.loads(parse_b64(json.loads(source.leaf)["payload"]))
        for _ in range(draw(st.integers(0, 3))):
            value = draw(changed(value, ids))
        try:
            payload = canonical.encode(value)
            statement = parse_statement(payload)
        except KembarError:
            continue
        signers = [key for one in draw(st.lists(st.sampled_from(s.everyone), max_size=3)) for key in one.keys]
        signers += draw(st.sampled_from([[], [world.registrar], [world.log_key], [*s.model.recovery]]))
        leaf = world._leaf(payload, signers or s.model.keys)
        copy = world.entries[world.leaf(leaf)]
        if statement.sections == source.statement.sections and statement.type == source.statement.type:
            copy.sections = source.sections
            world.log.disclosed[copy.index].update(world.log.disclosed[source.index])
    return s


@st.composite
def changed(draw: DrawFn, value: dict[str, Any], ids: list[str]) -> dict[str, Any]:
    """A statement with one member other than it was."""
    value = json.loads(json.dumps(value))
    names = [name for name in value if name not in ("kembar", "registry", "sections", "type")]
    name = draw(st.sampled_from(names))
    match value[name]:
        case dict() as parties if name == "parties":
            role = draw(st.sampled_from([*parties, "model", "licensee", "author", "guardian", "payer", "payee"]))
            if role == "payees" or draw(st.booleans()):
                parties.pop(role, None)
            else:
                parties[role] = draw(st.sampled_from(ids))
        case str() as text if len(text) == 64:
            value[name] = draw(st.sampled_from(ids))
        case str() as text if text.endswith("Z"):
            value[name] = f"{draw(st.sampled_from(['2025-01-01', '2026-01-02', '2030-01-01']))}T00:00:00Z"
        case list() as items:
            more = ids if all(len(one) == 64 for one in items) else items
            value[name] = sorted(draw(st.sets(st.sampled_from(more), min_size=1, max_size=3)))
        case _:
            if draw(st.booleans()):
                del value[name]
    return value


def every_question(s: Stage) -> list[Any]:
    """Every usage, consent and party that there is now, and a file."""
    world = s.world
    made = [one for one in world.entries.values() if one.statement.type in ("usage", "consent")]
    distinct: dict[str, Logged | Actor] = {one.id: one for one in made}
    return [*distinct.values(), *s.everyone, "a.jpg"]


class TestWhateverIsSaid:
    """A log is at worst full of void entries."""

    @given(wild())
    @settings(max_examples=50)
    def test_there_is_a_decision_on_everything(self, s: Stage) -> None:
        record = s.world.record()
        for about in every_question(s):
            decision = decide(record, s.world.question(about), facts(s.world))
            assert decision.rules

    @given(wild(), st.data())
    @settings(max_examples=50)
    def test_the_file_answers_like_the_whole_log(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(every_question(s)))
        sealed = max(one.logged for one in s.world.entries.values())
        whole = decide(s.world.record(), s.world.question(about), facts(s.world, as_of=sealed))
        shown = self.read(s, about)
        assert shown is not None
        assert (shown.answer, shown.authorised, shown.segments) == (whole.answer, whole.authorised, whole.segments)
        assert [(row.rule, row.result, row.code) for row in shown.rules] == [
            (row.rule, row.result, row.code) for row in whole.rules
        ]
        assert [(id, one.authorised, one.segments) for id, one in shown.usages.items()] == [
            (id, one.authorised, one.segments) for id, one in whole.usages.items()
        ]

    @given(wild(), st.data())
    @settings(max_examples=80)
    def test_what_is_hidden_never_turns_an_answer_round(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(every_question(s)[:-1]))
        full = self.read(s, about)
        assert full is not None
        lists = data.draw(st.lists(st.sampled_from(self.lists(s, about)), max_size=2))
        places = [(one, name) for one in s.world.entries.values() for name in one.statement.sections]
        sections = data.draw(st.lists(st.sampled_from(places), max_size=2))
        less = self.read(s, about, hide_lists=lists, hide_sections=sections)
        if less is None:
            return
        self.same_or_untold(full, less)
        for id in full.usages.keys() & less.usages.keys():
            self.same_or_untold(full.usages[id], less.usages[id])

    def same_or_untold(self, full: Decision, less: Decision) -> None:
        assert lets(less) in (1, lets(full))
        for segment in (*full.segments, *less.segments):
            first, second = at(full, segment.from_), at(less, segment.from_)
            assert first == 1 or first is None or second in (None, 1, first)

    def read(self, s: Stage, about: Any, **hiding: Any) -> Decision | None:
        outcome = verify(s.world.evidence(about, **hiding), parse_policy(s.world.policy()), instant=s.world.now)
        return getattr(outcome, "decision", None)

    def lists(self, s: Stage, about: Any) -> list[str]:
        evidence = canonical.parse(s.world.evidence(about), limit=1 << 24)
        return [one["subject"] for one in evidence["subjects"]]


class TestBatches:
    """At equal order and logged times it does not matter in which batches things were logged."""

    @given(st.integers(0, 10**9), st.randoms())
    @settings(max_examples=150)
    def test_other_batches_change_nothing(self, number: int, random: Random) -> None:
        drawn, place, places = draw(number), 0, dict[int, int]()
        for entry in drawn.entries:
            places[entry.index] = place
            place += random.randint(1, 3)
        assert self.told(drawn, places) == self.told(drawn.renumbered(places), {place: place for place in range(place)})

    def told(self, drawn: Drawn, places: dict[int, int]) -> list[Any]:
        """All that is said of each usage, with the entries by the places given."""
        record = drawn.record()
        said: list[Any] = []
        for usage in drawn.first_copies(Usage):
            when = Facts(instant=drawn.instant, as_of=drawn.as_of, basis="claimed", rules=2, max_age=drawn.max_age)
            decision = decide(record, Question(kind="usage", id=usage.statement.id), when)
            for note in (*decision.warnings, *decision.faults):
                said.append((note.code, [places[index] for index in note.entries]))
            for row in decision.rules:
                said.append((row.rule, row.result, row.code, [places[index] for index in row.entries]))
            said.append((decision.authorised, decision.segments, decision.paid))
        return said


class TestAdmission:
    """The registry's judgement before it logs, and everybody's after, are one."""

    FOR_OTHER_REASONS = frozenset(
        {"A12 minor", "A0 section_needed", "A0 digest_repeated", "A1 key_repeated", "A5 key_disputed"}
    )

    @given(wild())
    @settings(max_examples=10)
    def test_what_is_let_in_is_not_void_and_what_is_refused_is(self, s: Stage) -> None:
        whole = s.world.record()
        for index in range(len(s.world.entries)):
            made = s.world.entries.get(index)
            if made is None or made.statement.type in ("genesis", "seal"):
                continue
            record = MemoryRecord(whole.genesis)
            for below in range(index + 1):
                entry = whole.entry(below)
                if entry is not None:
                    record.fold(entry)
            context = JudgedContext(record, instant=made.logged, as_of=made.logged)
            judgement = context.standing(s.world.entry(made))
            why = set(refused(s, made)) - self.FOR_OTHER_REASONS
            if judgement.code != "repeated":
                assert (judgement.standing is Standing.VOID) == bool(why), (made, judgement, why)


# ---- pieces of the rules against slow readings


class TestPlaces:
    """A16's places over time, against a walk down the chain at each instant."""

    links = st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 9), st.sampled_from([Result.PASS, Result.UNKNOWN, Result.FAIL])),
        max_size=5,
    )

    @given(links)
    def test_a_chain(self, links: list[tuple[int, int, Result]]) -> None:
        chain = [
            Link(index=99 - place, start=start, end=start + length, result=result, code="list_missing")
            for place, (start, length, result) in enumerate(links)
        ]
        places = _places(100, iter(chain), 0, 12)
        for instant in range(12):
            low = high = 100
            sure = True
            for link in chain:
                if link.result is Result.FAIL or not link.start <= instant < link.end:
                    break
                low = link.index
                sure = sure and link.result is Result.PASS
                high = link.index if sure else high
            found = [(one.low, one.high) for one in places if one.start <= instant < one.end]
            assert found == [(low, high)]


def test_the_stage_is_honest_to_begin_with() -> None:
    s = stage()
    usage = s.world.usage(s.consents[0])
    assert decided(s.world, usage).authorised == "AUTHORISED"
