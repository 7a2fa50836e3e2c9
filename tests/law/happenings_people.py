"""What can happen to people and the registry in a random history: keys, guardians, erasures, old things again."""

from __future__ import annotations

from typing import Any

from tests.law.histories import (
    MONTHS,
    ORIGIN,
    Log,
    key_of,
    vkey,
)
from verifier.statements.sections import Name
from verifier.statements.types import (
    Consent,
    Party,
    Payment,
    Receipt,
    Recovery,
    Report,
    Usage,
)


def change_keys(log: Log, author: str) -> None:
    new = key_of(f"{author} new {len(log.entries)}")
    if log.chance(4):
        new = log.keys[log.one("sub", "crew")][0]
    parties = {"author": author, "guardian": log.guardian_of(author)}
    mine = log.keys[author]
    sections: dict[str, Any] = {}
    vouched: list[str] = []
    if log.chance(12):  # a new name, which a registrar vouches for; mostly he signs
        sections, vouched = {"name": Name(name=author)}, [key_of(log.registrar)][: log.one(1, 1, 1, 0)]
    match log.one("renew", "renew", "add", "retire", "recover", "recover"):
        case "renew" if mine:
            log.log("key", parties, [mine[0], new, *vouched], sections, add=(new,), retire=(mine[0],))
            log.keys[author], log.old_keys[author] = [new, *mine[1:]], [*log.old_keys[author], mine[0]]
        case "add" if mine:
            log.log("key", parties, [mine[0], new, *vouched], sections, add=(new,))
            log.keys[author] = [*mine, new]
        case "retire" if len(mine) > 1:
            log.log("key", parties, [log.one(mine[0], key_of(log.registrar)), *vouched], sections, retire=(mine[0],))
            log.keys[author], log.old_keys[author] = mine[1:], [*log.old_keys[author], mine[0]]
        case "recover":
            fresh = [key_of(f"{author} recovery {len(log.entries)}")] if not mine or log.chance(50) else []
            if fresh and log.recovery[author] and log.chance(50):
                fresh = sorted([*fresh, log.recovery[author][0]])  # one of them stays
            recovery = Recovery(keys=tuple(fresh), threshold=log.one(1, len(fresh))) if fresh else None
            guardian = log.guardian_of(author)
            signers = log.recovery[author] or [
                key_of(log.registrar), *(log.keys[guardian][:1] if guardian else [])]  # fmt: skip
            if log.chance(15):
                signers = signers[:1]
            kept = mine[:1] if log.chance(30) else []
            log.log("key", parties, [*signers, new, *fresh, *vouched], sections, keys=tuple(sorted({new, *kept})),
                    recovery=recovery)  # fmt: skip
            log.old_keys[author] = [*log.old_keys[author], *(one for one in mine if one not in kept)]
            log.keys[author] = [new, *kept]
            log.recovery[author] = fresh or log.recovery[author]
        case _:
            pass


def keys(log: Log) -> None:
    change_keys(log, log.one("anna", "cleo", "brand", "gina", "gus", "bank", "judge", "union"))


def guardian(log: Log) -> None:
    model, who = log.one("anna", "cleo", "cleo"), log.one("gus", "gus", "ida")
    until = log.one(*MONTHS)
    former = log.guardian_of(model)
    signers = [log.keys[who][0], key_of(log.registrar)]
    if log.recovery[model]:
        signers += log.one(
            log.keys[model][:1], log.recovery[model], log.keys[former][:1] if former else log.keys[model][:1]
        )
    log.log("guardian", {"model": model, "guardian": who}, signers, until=until)
    log.guardians[model] = (who, until)


def guardian_first(log: Log) -> None:
    """A ward without keys has a guardian from the beginning."""
    log.log("guardian", {"model": "cleo", "guardian": "gus"},
            [log.keys["gus"][0], key_of(log.registrar), *log.keys["cleo"][:1]], until=MONTHS[-1])  # fmt: skip
    log.guardians["cleo"] = ("gus", MONTHS[-1])


def again(log: Log) -> None:
    """An old statement is logged once more, perhaps with other signatures."""
    found = log.one(*log.entries[1:])
    signers = found.signers if log.chance(70) else frozenset(log.keys[log.one(*log.ids)])
    kept = {
        name: log.sections[found.index, name]
        for name in found.statement.sections
        if (found.index, name) in log.sections
    }
    log.put(found.statement, signers or {log.log_key}, kept)


def erase(log: Log) -> None:
    found = log.some(Consent, Usage, Payment, Receipt, Party, Report)
    if found is None:
        return
    parties: dict[str, Any] = log.on(found.statement)
    if isinstance(found.statement, Party):
        guardian = log.guardian_of(log.name(found.statement.id))
        parties = {**parties, "author": found.statement.id, "guardian": guardian}
    names = sorted(set(found.statement.sections) - {"exclusive"})
    erased = tuple(sorted({str(log.one(*names)), str(log.one(*names))}))
    log.log("erasure", parties, [key_of(log.registrar)], of=found.statement.id, erased=erased, ground="request")
    for name in erased:
        if log.chance(60):
            log.sections.pop((found.index, name), None)


def registry(log: Log) -> None:
    """Another registrar, another key of the log, or both."""
    members: dict[str, Any] = {}
    signers = [log.log_key]
    if what := log.one("registrar", "registrar", "key", "both"):
        if what != "key":
            log.registrar = f"registrar {len(log.entries)}"
            members["registrars"] = (key_of(log.registrar),)
        if what != "registrar":
            new = key_of(f"log {len(log.entries)}")
            members["log"] = vkey(new, log.one(*[ORIGIN] * 5, "another.example/log"))
            signers.append(new)
    log.log("registry", {}, signers, **members)
    if members.get("log", ORIGIN).startswith(ORIGIN):
        log.log_key = signers[-1]
