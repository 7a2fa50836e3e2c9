"""Random histories, honest and not, for the differential test: a log as the rules see it, without bytes or signatures.

A history is a function of its number alone. Few people, and few instants close to each other, so that limits are hit
often. Everything that parties can say is said; now and then by the wrong one, to the wrong one, or too late.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from verifier.base.strict import parse_instant
from verifier.base.values import fields
from verifier.rules.model.record import Entry, MemoryRecord
from verifier.statements.parties import NOBODY, ROLES, Parties
from verifier.statements.types import (
    STATEMENT_TYPES,
    Consent,
    Recovery,
    Statement,
)

HOUR, DAY = 3_600, 86_400
BEGIN = parse_instant("2026-07-29T12:00:00Z")
"""Shortly before the EU's labels, and not at midnight."""
MONTHS = (
    *tuple(parse_instant(f"2026-{month:02}-01T00:00:00Z") for month in (8, 9)),
    parse_instant("2028-01-01T00:00:00Z"),
)
PEOPLE: dict[str, tuple[str, ...]] = {
    "top": ("holder",), "owner": ("holder",), "anna": ("model",), "cleo": ("model",), "gus": ("guardian",),
    "ida": ("guardian",), "brand": ("licensee", "maker"), "rival": ("licensee",), "sub": ("licensee",),
    "gina": ("agency",), "otto": ("agency",), "maker": ("maker",), "bank": ("provider",), "house bank": ("provider",),
    "union": ("union",), "judge": ("arbiter",), "crew": ("fund",),
}  # fmt: skip
CONTROLLED = {"brand": "owner", "house bank": "owner"}
"""Who is under whose control, most of the time."""
PROFILES = ("open",) * 6 + ("eu", "eu", "ny", "sag-aftra", "equity-uk")


@cache
def key_of(label: str) -> str:
    return sha256(f"key {label}".encode()).hexdigest()


@cache
def asset(name: str) -> str:
    return sha256(f"file {name}".encode()).hexdigest()


ASSETS = (asset("a"), asset("b"))
NONCE = "A" * 22
LOG_KEY = key_of("log")
ORIGIN = "registry.example/log"


def vkey(key: str, origin: str = ORIGIN) -> str:
    """A log's key as a note verifier has it."""
    material = b"\x01" + bytes.fromhex(key)
    key_id = sha256(origin.encode() + b"\n" + material).hexdigest()[:8]
    return f"{origin}+{key_id}+{b64encode(material).decode()}"


@dataclass(kw_only=True)
class Drawn:
    """What was drawn: entries by rising index with their sections, and when somebody asks."""

    seed: int
    genesis: str
    entries: list[Entry]
    sections: dict[tuple[int, str], Any]
    instant: int
    as_of: int
    max_age: int
    by_clock: bool
    """Whether the instant is what the reader's clock shows."""
    names: Mapping[str, str]
    """Id -> what a party is called."""

    def record(self) -> MemoryRecord:
        record = MemoryRecord(self.genesis)
        for entry in self.entries:
            names = entry.statement.sections
            shown = {name: self.sections[entry.index, name] for name in names if (entry.index, name) in self.sections}
            record.fold(entry, shown)
        record.skip(self.entries[-1].index + 1)
        return record

    def first_copies(self, kind: type[Statement]) -> list[Entry]:
        """One entry for each statement of a type."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            if isinstance(entry.statement, kind):
                found.setdefault(entry.statement.id, entry)
        return list(found.values())

    def renumbered(self, places: Mapping[int, int]) -> Drawn:
        """The same in the same order, at other places: as if the batches had been others."""
        return replace(
            self,
            entries=[
                Entry(index=places[one.index], logged=one.logged, statement=one.statement, signers=one.signers)
                for one in self.entries
            ],
            sections={(places[index], name): section for (index, name), section in self.sections.items()},
        )

    def without(self, index: int) -> Drawn:
        """The same but for one entry."""
        return replace(self, entries=[entry for entry in self.entries if entry.index != index])


@dataclass
class Log:
    """A log while it is drawn."""

    seed: int
    random: Random
    now: int = BEGIN
    genesis: str = ""
    entries: list[Entry] = field(default_factory=list)
    sections: dict[tuple[int, str], Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    old_keys: dict[str, list[str]] = field(default_factory=dict)
    recovery: dict[str, list[str]] = field(default_factory=dict)
    controllers: dict[str, str] = field(default_factory=dict)
    guardians: dict[str, tuple[str, int]] = field(default_factory=dict)
    registrar: str = "registrar"
    log_key: str = LOG_KEY
    profile: str = "open"
    honest: bool = True

    # -- choosing

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def day(self, *days: float) -> int:
        """An instant so many days from now."""
        return self.now + int(self.one(*days) * DAY)

    def some(self, *kinds: type[Statement], **has: Any) -> Entry | None:
        """An entry of a type that was logged."""
        found = [
            entry for entry in self.entries
            if isinstance(entry.statement, kinds)
            and all(getattr(entry.statement, name) == value for name, value in has.items())
        ]  # fmt: skip
        return self.random.choice(found) if found else None

    def name(self, id: str | None) -> str:
        return next((name for name, one in self.ids.items() if one == id), "owner")

    # -- logging

    def log(
        self,
        kind: str,
        parties: Mapping[str, Any] = {},
        signers: Iterable[str] = (),
        sections: Mapping[str, Any] | None = None,
        /,
        **members: Any,
    ) -> Entry:
        """Log a statement. Parties by role and name, signers by key."""
        signing = set(signers)
        at = self.now - self.one(0, 0, 0, HOUR, 3 * DAY)
        named: dict[str, Any] = {
            role: self.ids.get(one, one) for role, one in parties.items() if one and role != "payees"
        }
        if "payees" in parties:
            named["payees"] = tuple(sorted(self.ids.get(one, one) for one in parties["payees"]))
        if not self.honest and self.chance(7):
            at, named, signing, members = self.lie(at, named, signing, members)
        made = self.make(kind, at, named, sections or {}, members)
        return self.put(made, signing, sections or {})

    def make(
        self, kind: str, at: int, named: dict[str, Any], sections: Mapping[str, Any], members: dict[str, Any]
    ) -> Statement:
        id = sha256(f"{self.seed} {len(self.entries)}".encode()).hexdigest()
        made: Statement = STATEMENT_TYPES[kind](
            id=id, type=kind, registry=self.genesis or None, at=at, nonce=NONCE,
            parties=Parties(**named) if named else NOBODY,
            sections={name: NONCE for name in sorted(sections)},
            **{name: one for name, one in members.items() if one is not None},
        )  # fmt: skip
        return made

    def put(self, statement: Statement, signers: Iterable[str], sections: Mapping[str, Any]) -> Entry:
        index = 2 * len(self.entries)
        entry = Entry(index=index, logged=self.now, statement=statement, signers=frozenset(signers))
        self.entries.append(entry)
        for name, section in sections.items():
            self.sections[index, name] = section
        return entry

    def lie(
        self, at: int, named: dict[str, Any], signing: set[str], members: dict[str, Any]
    ) -> tuple[int, dict[str, Any], set[str], dict[str, Any]]:
        """Something about it is not as it should be."""
        someone = self.one(*self.ids)
        match self.one("at", "drop", "swap", "extra", "old", "role", "unnamed", "reference", "swap", "extra"):
            case "at":
                at = self.now + self.one(300, 301, 900, -30 * DAY, -30 * DAY - 1, -40 * DAY)
            case "drop" if len(signing) > 1:
                signing.discard(self.one(*sorted(signing)))
            case "swap":
                signing = set(self.keys[someone]) or signing
            case "extra":
                signing = signing | set(self.keys[someone])
            case "old":
                old = [one for keys in self.old_keys.values() for one in keys]
                signing = {self.one(*old)} if old else signing
            case "role":
                named[self.one(*sorted(ROLES))] = self.ids[someone]
            case "unnamed" if named:
                named.pop(self.one(*sorted(named)))
            case "reference":
                names = [
                    name for name in ("consent", "twin", "creation", "usage", "under", "replaces", "renews")
                    if members.get(name)
                ]
                if names:
                    members[self.one(*names)] = self.one(*self.entries).statement.id
        return at, named, signing, members

    # -- people

    def guardian_of(self, name: str) -> str | None:
        guardian, until = self.guardians.get(name, ("", 0))
        return guardian if self.now < until else None

    def hers(self, name: str, *, stops: bool = False) -> list[str]:
        """The keys with which a person signs."""
        guardian = self.guardian_of(name)
        if guardian is None:
            return self.keys[name][:1]
        both = [self.keys[guardian][:1], self.keys[name][:1]]
        return self.one(*both, both[0] + both[1]) if stops and self.keys[name] else both[0] + both[1]

    def enrol(self, name: str, roles: Iterable[str], keys: int = 1) -> None:
        self.keys[name] = [key_of(f"{name} {n}") for n in range(keys)]
        self.old_keys[name] = []
        spare = sorted(key_of(f"{name} recovery {n}") for n in range(self.one(1, 1, 2))) if keys else []
        recovery = Recovery(keys=tuple(spare), threshold=self.one(1, len(spare))) if keys else None
        self.recovery[name] = spare
        controller = {"controller": self.controllers.get(name, "")}
        signers = [*self.keys[name], *spare, key_of(self.registrar)]
        entry = self.log("party", controller, signers, {"person": None}, roles=tuple(sorted(roles)),
                         keys=tuple(sorted(self.keys[name])) or None, recovery=recovery)  # fmt: skip
        self.ids[name] = entry.statement.id

    def on(self, target: Statement) -> dict[str, Any]:
        """The parties of a statement on a consent, a mandate or a twin."""
        found: dict[str, Any] = {role: one for role, one in target.parties.roles().items() if role != "guardian"}
        if target.parties.payees:
            found["payees"] = target.parties.payees
        guardian = self.guardian_of(self.name(target.parties.model))
        return {**found, "guardian": guardian} if guardian else found


def advance(log: Log) -> None:
    log.now += log.one(1, HOUR, 6 * HOUR, DAY, DAY, 2 * DAY)


def a_consent(log: Log) -> Consent | None:
    found = log.some(Consent, act="use")
    return found.statement if found is not None and isinstance(found.statement, Consent) else None


def shrink(drawn: Drawn, fails: Callable[[Drawn], bool]) -> Drawn:
    """Without all entries that the failure does not need."""
    again = True
    while again:
        again = False
        for entry in reversed(drawn.entries[1:]):
            smaller = drawn.without(entry.index)
            if fails(smaller):
                drawn, again = smaller, True
    return drawn


def names_of(value: Any) -> list[str]:
    return [one.name for one in fields(value)]


def tell(drawn: Drawn) -> str:
    """A history in words, times in days after its beginning."""
    names = {e.statement.id: f"{e.statement.type} {e.index}" for e in reversed(drawn.entries)}
    names |= drawn.names

    def day(at: int) -> str:
        return f"{(at - BEGIN) / DAY:+.4g}d"

    def word(name: str, value: Any) -> str:
        if isinstance(value, int) and value > 10**9:
            return day(value)
        if isinstance(value, str):
            return names.get(value, value[:8] if len(value) == 64 else value)
        if isinstance(value, tuple):
            return "[" + " ".join(word(name, one) for one in value) + "]"
        return str(value)

    lines = [f"history {drawn.seed}, asked at {day(drawn.instant)}, as of {day(drawn.as_of)}, max age {drawn.max_age}"]
    for entry in drawn.entries:
        said = entry.statement
        skip = {"id", "type", "registry", "nonce", "parties", "sections", "keys", "recovery"}
        members = {name: getattr(said, name) for name in names_of(said) if name not in skip}
        told = " ".join(f"{name}={word(name, value)}" for name, value in members.items() if value is not None)
        roles = " ".join(f"{role}={word(role, one)}" for role, one in said.parties.roles().items())
        payees = " payees=" + word("", said.parties.payees) if said.parties.payees else ""
        signed = " ".join(sorted(one[:6] for one in entry.signers))
        lines.append(f"{entry.index:3} {day(entry.logged)} {said.type}: {told} | {roles}{payees} | by {signed}")
        for name in said.sections:
            if (section := drawn.sections.get((entry.index, name))) is not None:
                plain = {one: getattr(section, one) for one in names_of(section)}
                lines.append(
                    f"      {name}: " + " ".join(f"{one}={word(one, value)}" for one, value in plain.items() if value)
                )
    return "\n".join(lines)
