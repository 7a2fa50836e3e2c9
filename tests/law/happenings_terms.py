"""What can happen about terms in a random history: options, ways out, releases, and the terms that few deals have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.law.histories import DAY, HOUR, Log, a_consent, advance
from verifier.statements.sections import Term
from verifier.statements.types import Consent

PLACED = (("owned",), ("paid",), ("organic", "paid"), ("creator", "organic"), ("creator", "organic", "owned"))


def rare_terms(log: Log) -> dict[str, Callable[[], Any]]:
    """Members of a consent's terms, each with what may be drawn for it."""
    return {
        "placements": lambda: log.one(*PLACED),
        "run": lambda: log.one(Term(days=1), Term(days=2), Term(days=4), Term(days=9), Term(months=1)),
    }


def alone(log: Log) -> dict[str, Any]:
    """Whom an exclusivity shuts out, and how it is released."""
    rivals = [log.ids[name] for name in ("brand", "rival", "sub", "owner", "top")]
    against = tuple(sorted(log.random.sample(rivals, log.one(1, 1, 2)))) if log.chance(35) else None
    return {"against": against, "release": log.one(0, HOUR, DAY, 2 * DAY) if log.chance(60) else None}


def header(log: Log, old: str | None) -> dict[str, Any]:
    """How a consent follows another, whom it lets in, and whether it is an option."""
    found: dict[str, Any] = {}
    if old is not None:
        found["renews" if log.chance(35) else "replaces"] = old
    if log.chance(20):
        found["sublicense"] = log.one("countersigned", "countersigned", "listed")
    if log.chance(18):
        found["exercise_by"] = log.day(1, 2, 2, 5, 9, -1 / 24)
    return found


def exercise(log: Log, c: Consent | None = None) -> None:
    """The licensee takes an option; now and then one that there is not, or somebody else does."""
    options = [e.statement for e in log.entries if isinstance(e.statement, Consent) and e.statement.exercise_by]
    c = c or (log.one(*options) if options and log.chance(95) else a_consent(log))
    if c is None:
        return
    licensee = log.name(c.parties.licensee) if log.chance(95) else "rival"
    log.log("exercise", log.on(c), log.keys[licensee][:1], consent=c.id)


def maybe_exercise(log: Log, c: Consent) -> None:
    """Most options are taken, soon or late."""
    if c.exercise_by is not None and log.chance(60):
        if log.chance(50):
            advance(log)
        exercise(log, c)


def way_out(log: Log) -> None:
    """The licensee ends its own uses, alone or with the model."""
    c = a_consent(log)
    if c is None:
        return
    signers = log.keys[log.name(c.parties.licensee)][:1]
    if log.chance(25):
        signers = [*signers, *log.hers(log.name(c.parties.model), stops=True)]
    log.log("revocation", log.on(c), signers, consent=c.id, effective=log.day(-1, 0, 0, 1, 2, 3), ground="other")


def release(log: Log) -> None:
    """The model takes back the exclusivity for which she was not paid."""
    found = [
        e.statement for e in log.entries
        if isinstance(e.statement, Consent) and e.statement.act == "use" and "exclusive" in e.statement.sections
    ]  # fmt: skip
    c = log.one(*found) if found else a_consent(log)
    if not isinstance(c, Consent):
        return
    signers = log.hers(log.name(c.parties.model), stops=True)
    if log.chance(5):
        signers = log.keys[log.name(c.parties.licensee)][:1]
    log.log("revocation", log.on(c), signers, consent=c.id, effective=log.day(-1, 0, 0, 1, 2), ground="unpaid",
            part="exclusive")  # fmt: skip
