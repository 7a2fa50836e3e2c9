"""What the writer remembers between its opinions changes none of them, and they cost no more as the log grows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.advice.cache import Cache
from registry.advice.opinion import Opinion, Opinions, on_top, opinion
from registry.evidence import Verdicts
from registry.log.log import Log
from registry.log.record import PendingRecord
from registry.problems import Problem
from registry.sequencer import Logged as Accepted
from tests.support.served import Served, raw
from tests.support.world import Actor, Logged
from verifier.base.strict import MAX_INTEGER
from verifier.base.values import replace
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, Record
from verifier.statements.sections import Section

TERMS: dict[str, dict[str, Any]] = {
    "no caps": {},
    "caps": {"caps": {"days": 60, "images": 40, "uses": 25}},
    "impressions": {"caps": {"impressions": 4_000}},
    "overage": {"caps": {"images": 5, "uses": 9}, "overage": ["images"]},
    "approvals": {"approval": "each"},
    "money first": {"pay_first": "session", "overdue_limit": 3},
}


class Watched(Opinions):
    """Compares each opinion with one that remembers nothing."""

    def __init__(self) -> None:
        super().__init__(Cache())
        self.given: list[str | None] = []

    def __call__(self, record: Record, entry: Entry, sections: dict[str, Section]) -> Opinion:  # type: ignore[override]
        found = super().__call__(record, entry, sections)
        assert found == opinion(on_top(record, entry, sections), entry, money=False)
        self.given.append(found.answer)
        return found


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, Watched]]:
    judge = Watched()

    def made(published: Cache) -> Watched:
        judge._published = published
        return judge

    monkeypatch.setattr("registry.service.Opinions", made)
    served = Served(tmp_path / "registry")
    yield served, judge
    served.service.close()


class Life:
    """A consent, and whatever may happen to it, at random."""

    def __init__(self, served: Served, terms: dict[str, Any], chance: random.Random) -> None:
        self.served, self.world, self.terms, self.chance = served, served.world, terms, chance
        world = self.world
        self.anna = world.party("anna", roles=["model"])
        self.brand, maker = world.party("brand", roles=["licensee"]), world.party("maker", roles=["maker"])
        self.arbiter = world.party("arbiter", roles=["arbiter"])
        creation = world.creation(model=self.anna, maker=maker)
        self.twin = world.twin(self.anna, creation=creation)
        served.accept(self.anna, self.brand, maker, self.arbiter, creation, self.twin)
        self.consent = self.agree()
        self.uses: list[Logged] = []
        self.made = 0

    def agree(self, replaces: Logged | None = None) -> Logged:
        consent = self.world.consent(
            model=self.anna, licensee=self.brand, twin=self.twin, arbiter=self.arbiter, replaces=replaces,
            terms={"countries": ["AT", "DE"], "late_window": 86_400, **self.terms},
        )  # fmt: skip
        self.served.accept(consent)
        return consent

    def usage(self) -> Logged:
        self.made += 1
        start = self.chance.randint(-3, 20)
        units = {"impressions": self.chance.randint(0, 900)} if "impressions" in self.terms.get("caps", {}) else None
        return self.world.usage(
            self.consent,
            [f"{self.made}-{n}.jpg" for n in range(self.chance.randint(1, 2))],
            terms={
                "countries": [self.chance.choice(["AT", "AT", "DE", "DE", "DE", "FR"])],
                "starts": self.world.now + start * 86_400,
                "ends": self.world.now + (start + self.chance.randint(1, 6)) * 86_400,
                "units": units,
            },
        )

    def declare(self) -> None:
        """Some at once, refused unless authorised, or logged anyway."""
        made = [self.usage() for _ in range(self.chance.randint(1, 4))]
        if self.chance.random() < 0.5:
            names = [f"{self.made}-{n}.jpg" for n in range(2)]
            self.served.accept(self.world.approval(self.consent, names))
        outcomes = self.served.service.submit([raw(one) for one in made], require=self.chance.random() < 0.8)
        self.uses += [one for one, outcome in zip(made, outcomes, strict=True) if isinstance(outcome, Accepted)]

    def step(self) -> None:
        self.declare()
        used = self.chance.choice(self.uses) if self.uses else None
        extras: list[Callable[[], Logged | Actor | None]] = [
            lambda: used and self.world.report(used, terms={"ends": "+1d", "images": self.chance.randint(1, 4)}),
            lambda: used and self.world.report(
                used, terms={"lines": [{"channel": "print", "country": "DE", "impressions": 500}]}
            ),
            lambda: self.world.approval(self.consent, [f"{self.made + 1}-0.jpg", f"{self.made + 1}-1.jpg"]),
            lambda: self.world.receipt(self.consent, payee=self.anna, amount=60_000),
            lambda: used and self.world.dispute(self.consent, author=self.anna, of=[used], tag="unauthorised"),
            lambda: used and self.world.ruling(self.consent, of=[used], outcome="void"),
            lambda: used and self.world.erasure(used),
            lambda: self.world.suspension(self.consent, effective="+60d"),
        ]  # fmt: skip
        if self.chance.random() < 0.6 and (made := self.chance.choice(extras)()) is not None:
            self.served.service.submit([raw(self.served.entry(made))])
        if self.chance.random() < 0.1:
            self.consent = self.agree(replaces=self.consent)
        self.world.advance(self.chance.choice([0, 0, 3_600, 86_400]))


def same_verdicts(life: Life) -> None:
    """The registry's answers about some uses are those that it would give if it remembered nothing."""
    service = life.served.service
    record, at = service.record(), service.logged(service.record().size)
    with Verdicts(service, None) as verdicts:
        for used in life.chance.sample(life.uses, min(2, len(life.uses))):
            found = verdicts.about(used.statement)
            facts = Facts(instant=at, as_of=at, basis="claimed", rules=2, max_age=MAX_INTEGER)
            fresh = decide(record, Question(kind="usage", id=used.id), facts)
            assert found is not None
            assert replace(found.decision, faults=()) == replace(fresh, faults=())
            # Evidence shows every void entry under the consent; one answer by itself need not come upon all of them.
            assert faults(fresh) <= faults(found.decision)


def faults(decision: Decision) -> set[tuple[str, int]]:
    return {(note.code, index) for note in decision.faults for index in note.entries}


def same_dry_run(life: Life) -> None:
    service, usage = life.served.service, life.usage()
    found = service.dry_run(raw(usage), None)
    remembered, service.memory = service.memory, Cache()
    assert found == service.dry_run(raw(usage), None)
    service.memory = remembered


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_remembered_changes_no_opinion(watched: tuple[Served, Watched], terms: str, seed: int) -> None:
    served, judge = watched
    life = Life(served, TERMS[terms], random.Random(f"{terms} {seed}"))
    for _ in range(14):
        life.step()
        same_verdicts(life)
        same_dry_run(life)
    assert len(set(judge.given)) > 1, "some are allowed, and some are not"


def test_what_was_taken_back_is_forgotten(
    watched: tuple[Served, Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that could not be written: its uses were judged, and never were."""
    served, judge = watched
    life = Life(served, {"caps": {"uses": 2}}, random.Random(1))
    good = {"countries": ["DE"]}
    lost = [life.world.usage(life.consent, [f"lost{n}"], terms=good) for n in range(2)]
    kept = [life.world.usage(life.consent, [f"kept{n}"], terms=good) for n in range(3)]

    def broken(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(Log, "commit", broken)
        outcomes = served.service.submit([raw(one) for one in lost], require=True)
    assert all(isinstance(one, Problem) and one.code == "unavailable" for one in outcomes)
    outcomes = served.service.submit([raw(one) for one in kept], require=True)
    assert [isinstance(one, Accepted) for one in outcomes] == [True, True, False]
    assert judge.given[-3:] == ["AUTHORISED", "AUTHORISED", "NOT_AUTHORISED"]


def test_reads_no_more_as_the_log_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hundredth use under a consent with caps looks at no more sections than the tenth did."""
    served = Served(tmp_path / "registry")
    life = Life(served, {"caps": {"days": 9_999, "images": 9_999, "uses": 9_999}}, random.Random(2))
    opened, original = 0, PendingRecord.opened
    reads: list[int] = []

    def counted(self: PendingRecord, entry: Entry, name: str) -> Section | None:
        nonlocal opened
        opened += 1
        return original(self, entry, name)

    monkeypatch.setattr(PendingRecord, "opened", counted)
    for number in range(100):
        before = opened
        usage = life.world.usage(life.consent, [f"{number}.jpg"], terms={"countries": ["DE"]})
        [outcome] = served.service.submit([raw(usage)], require=True)
        assert isinstance(outcome, Accepted)
        reads.append(opened - before)
    served.service.close()
    assert 0 < max(reads[50:]) <= max(reads[5:15])
