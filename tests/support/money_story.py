"""Stories for tests of the money rules: who there is, what happens, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.world import Actor, Logged, World, key
from verifier.base.private_keys import SigningKey
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, Record
from verifier.rules.model.results import Result, worst
from verifier.rules.money.money_rules import MoneyDecision, PayeeLine, judge_money
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.sections import Section


class Hiding:
    """A record with some lists and sections left out."""

    def __init__(self, record: Record, lists: Sequence[str], sections: Sequence[tuple[str, str]]) -> None:
        self.genesis, self.size, self.complete = record.genesis, record.size, False
        self._record, self._lists, self._sections = record, lists, sections

    def rows(self, subject: str) -> Sequence[int] | None:
        hidden = subject in self._lists or subject.partition(":")[0] in self._lists
        return None if hidden else self._record.rows(subject)

    def entry(self, index: int) -> Entry | None:
        return self._record.entry(index)

    def find(self, id: str) -> Sequence[int]:
        return self._record.find(id)

    def opened(self, entry: Entry, name: str) -> Section | None:
        hidden = (entry.statement.id, name) in self._sections
        return None if hidden else self._record.opened(entry, name)

    def assumed_good(self, index: int) -> bool:
        return self._record.assumed_good(index)


class Grown(Hiding):
    """A record as it was when it had so many entries."""

    def __init__(self, record: Record, size: int) -> None:
        super().__init__(record, (), ())
        self.size, self.complete = size, True

    def rows(self, subject: str) -> Sequence[int] | None:
        return [index for index in super().rows(subject) or () if index < self.size]

    def entry(self, index: int) -> Entry | None:
        return super().entry(index) if index < self.size else None

    def find(self, id: str) -> Sequence[int]:
        return [index for index in super().find(id) if index < self.size]


@dataclass
class Story:
    """Anna lets Brand use her twin for 100.00 a use; Bank and Post may attest, Gina is her agency, Crew a fund."""

    world: World = field(default_factory=World)
    hidden_lists: list[str] = field(default_factory=list)
    hidden_sections: list[tuple[str, str]] = field(default_factory=list)
    arbiter: Actor | None = None

    def __post_init__(self) -> None:
        w = self.world
        self.anna = w.party("anna", roles=["model"])
        self.holding = w.party("holding", roles=["holder"])
        self.brand = w.party("brand", roles=["licensee"], controller=self.holding)
        self.sub = w.party("sub", roles=["licensee"])
        self.gina = w.party("gina", roles=["agency"])
        self.crew = w.party("crew", roles=["fund"])
        self.bank = w.party("bank", roles=["provider"])
        self.post = w.party("post", roles=["provider"])
        self.house_bank = w.party("house bank", roles=["provider"], controller=self.holding)
        self.fees: list[dict[str, Any]] = [{"per": "use", "amount": 10_000}]
        self.splits: list[dict[str, Any]] = [{"payee": self.anna, "kind": "model", "parts": 1}]
        self.due: dict[str, Any] = {"from": "declared", "days": 30}
        self.consent_options: dict[str, Any] = {}
        self._consent: Logged | None = None
        self.usages: list[Logged] = []

    @property
    def consent(self) -> Logged:
        if self._consent is None:
            self._consent = self.world.consent(
                model=self.anna,
                licensee=self.brand,
                sublicensees=[self.sub],
                providers=[self.bank, self.post, self.house_bank],
                arbiter=self.arbiter,
                money={"fees": self.fees, "splits": self.splits, "due": self.due},
                **self.consent_options,
            )
            self.world.advance("1d")
        return self._consent

    def through_gina(self, *, parts: tuple[int, int] = (80, 20), **gina: Any) -> None:
        """The agency collects: her commission is 20 % and goes with Anna's share."""
        self.consent_options["under"] = self.world.mandate(model=self.anna, agency=self.gina)
        self.splits = [
            {"payee": self.anna, "kind": "model", "parts": parts[0], "via": self.gina},
            {"payee": self.gina, "kind": "agency", "parts": parts[1], **gina},
        ]

    def replace(self) -> None:
        """Make a new consent with what the story says by now, in place of the old one."""
        self.consent_options["replaces"], self._consent = self.consent, None

    def world_key(self, label: str) -> SigningKey:
        return key(label)

    def use(self, **more: Any) -> Logged:
        usage = self.world.usage(self.consent, **more)
        self.usages.append(usage)
        self.world.advance("1d")
        return usage

    def receipt(self, amount: int = 10_000, payee: Actor | None = None, **more: Any) -> Logged:
        made = self.world.receipt(self.consent, payee=payee or self.anna, amount=amount, **more)
        self.world.advance("1d")
        return made

    def payment(self, amount: int = 10_000, payee: Actor | None = None, **more: Any) -> Logged:
        made = self.world.payment(self.consent, payee=payee or self.anna, amount=amount, **more)
        self.world.advance("1d")
        return made

    def adjust(self, kind: str, amount: int = 10_000, payee: Actor | None = None, **more: Any) -> Logged:
        made = self.world.adjustment(self.consent, kind=kind, payee=payee or self.anna, amount=amount, **more)
        self.world.advance("1d")
        return made

    def hide(self, made: Logged, name: str) -> None:
        self.hidden_sections.append((made.id, name))

    def context(self, at: int | str | None = None, *, stale: bool = False) -> Context:
        record: Record = self.world.record()
        if self.hidden_lists or self.hidden_sections:
            record = Hiding(record, self.hidden_lists, self.hidden_sections)
        return JudgedContext(record, instant=self.world.time(at), as_of=self.world.now, stale=stale)

    def decide(self, place: int = 0, *, at: int | str | None = None, stale: bool = False) -> MoneyDecision:
        if not self.usages:
            self.use()
        decision = judge_money(self.context(at, stale=stale), self.world.entry(self.usages[place]))
        check_consistent(decision)
        return decision

    def name(self, id: str) -> str:
        return self.world.actors[id].name


def check_consistent(decision: MoneyDecision) -> None:
    """What holds of every decision: eight rules in order, and an answer that is theirs and the payees'."""
    assert [finding.rule for finding in decision.findings] == [f"M{n}" for n in range(1, 9)]
    paid = decision.paid
    words = {Result.FAIL: "NOT_PAID", Result.UNKNOWN: "CANNOT_TELL"}
    whole = words.get(worst(f.result for f in decision.findings))
    assert paid.answer == whole if whole else paid.answer in ("PAID", "NOT_YET_DUE")
    said = {line.answer for line in paid.payees}
    if said:
        order = ("NOT_PAID", "CANNOT_TELL", "NOT_YET_DUE", "PAID")
        assert paid.answer == next(one for one in order if one in said)
    for line in paid.payees:
        assert line.outstanding == line.due - line.received >= 0
        assert (line.answer == "PAID") <= (line.outstanding == 0)
        assert (line.answer in ("NOT_PAID", "NOT_YET_DUE")) <= (line.outstanding > 0 or line.answer == "NOT_YET_DUE")
    for finding in decision.findings:
        assert list(finding.entries) == sorted(set(finding.entries))


def figures(story: Story, decision: MoneyDecision, of: str = "usage") -> list[str]:
    """What is owed by leg: of the usage, or of its consent."""
    return sorted(
        f"{story.name(line.payee)} {line.leg}: {line.answer} {line.due} {line.received}"
        for line in decision.paid.payees
        if line.of == of
    )


def codes(decision: MoneyDecision) -> set[str]:
    return {f"{f.rule} {f.code}" for f in decision.findings if f.result in (Result.FAIL, Result.UNKNOWN)}


def own(decision: MoneyDecision, of: str = "usage") -> tuple[PayeeLine, ...]:
    """The lines of the usage itself, or of its consent."""
    return tuple(line for line in decision.paid.payees if line.of == of)
