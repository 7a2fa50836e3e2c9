"""What an entry says in public, in one sentence. What was allowed or paid is private, and not here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from verifier.evidence.explain import short
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Erasure,
    Exercise,
    Genesis,
    Guardian,
    Key,
    Mandate,
    Party,
    Payment,
    Receipt,
    Registry,
    Report,
    Resumption,
    Revocation,
    Ruling,
    Seal,
    Statement,
    Suspension,
    Twin,
    Usage,
)
from verifier.words.catalogue import Catalogue, capital


def describe(statement: Statement, words: Catalogue) -> str:
    """One plain sentence; ids by their first 12 digits."""
    return capital(_SENTENCES[type(statement)](statement, words))


def _files(statement: Twin | Usage | Approval, words: Catalogue) -> str:
    return words.say("describe.files", n=len(statement.assets))


def _who(statement: Statement, words: Catalogue, *roles: str) -> str:
    """The first of these roles that is filled, as in "the licensee 3f0c..."."""
    for role in roles:
        party = statement.parties.role(role)
        if party is not None:
            return words.say("describe.who", role=words.say(f"role.{role}"), id=short(party))
    return words.say("describe.somebody")


def _codes(family: str, codes: Iterable[str], words: Catalogue) -> str:
    return ", ".join(words.code(family, code) for code in codes)


def _consent(statement: Consent, words: Catalogue) -> str:
    id = short(statement.id)
    if statement.act == "create":
        model, maker = _who(statement, words, "model"), _who(statement, words, "maker")
        return words.say("describe.consent_create", model=model, maker=maker, id=id)
    licensee, twin = _who(statement, words, "licensee"), short(statement.twin or "")
    replacing = words.say("describe.replacing", id=short(statement.replaces)) if statement.replaces else ""
    if statement.renews is not None:
        replacing = words.say("describe.renewing", id=short(statement.renews))
    if "exclusive" in statement.sections:
        return words.say("describe.consent_use_exclusive", licensee=licensee, twin=twin, id=id, replacing=replacing)
    return words.say("describe.consent_use", licensee=licensee, twin=twin, id=id, replacing=replacing)


def _usage(statement: Usage, words: Catalogue) -> str:
    return words.say(
        "describe.usage",
        twin=short(statement.twin),
        files=_files(statement, words),
        who=_who(statement, words, "sublicensee", "licensee"),
        consent=short(statement.consent),
    )


def _approval(statement: Approval, words: Catalogue) -> str:
    decided = "approved" if statement.decision == "approve" else "rejected"
    by = "_by_agency" if statement.under else ""
    return words.say(f"describe.approval.{decided}{by}", n=len(statement.assets), consent=short(statement.consent))


def _payment(statement: Payment, words: Catalogue) -> str:
    word, payee = _who(statement, words, "provider", "payer"), _who(statement, words, "payee")
    return words.say("describe.payment", word=word, payee=payee, consent=short(statement.consent))


def _adjustment(statement: Adjustment, words: Catalogue) -> str:
    if statement.kind == "credit":
        payee = _who(statement, words, "payee")
        return words.say("describe.credit", payee=payee, consent=short(statement.consent))
    return words.say("describe.return", consent=short(statement.consent))


def _revocation(statement: Revocation, words: Catalogue) -> str:
    kind, target = statement.target
    done = "describe.retired" if kind == "twin" else "describe.released" if statement.part else "describe.revoked"
    return words.say(
        done,
        kind=words.say(f"kind.{kind}"),
        id=short(target),
        at=words.moment(statement.effective),
        ground=words.code("ground", statement.ground),
    )


def _suspension(statement: Suspension, words: Catalogue) -> str:
    return words.say(
        "describe.suspension",
        consent=short(statement.consent),
        at=words.moment(statement.effective),
        ground=words.code("ground", statement.ground),
    )


def _key(statement: Key, words: Catalogue) -> str:
    who = _who(statement, words, "author")
    if statement.keys is not None:
        return words.say("describe.keys_replaced", who=who)
    changes = []
    if statement.add:
        changes.append(words.say("describe.keys_added", n=len(statement.add)))
    if statement.retire:
        changes.append(words.say("describe.keys_retired", n=len(statement.retire)))
    return words.say("describe.key", who=who, changes=", ".join(changes))


def _dispute(statement: Dispute, words: Catalogue) -> str:
    return words.say(
        "describe.dispute",
        who=_who(statement, words, "author"),
        about=words.say("describe.statements", n=len(statement.of)),
        consent=short(statement.consent),
        tag=words.code("tag", statement.tag),
    )


def _ruling(statement: Ruling, words: Catalogue) -> str:
    about, consent = words.say("describe.statements", n=len(statement.of)), short(statement.consent)
    id = "describe.ruling_stands" if statement.outcome == "stands" else "describe.ruling_void"
    return words.say(id, about=about, consent=consent)


def _registry(statement: Registry, words: Catalogue) -> str:
    changed = [name for name in ("log", "registrars", "rules") if getattr(statement, name) is not None]
    return words.say("describe.registry", what=", ".join(words.say(f"describe.registry.{name}") for name in changed))


def _guardian(statement: Guardian, words: Catalogue) -> str:
    guardian, model = _who(statement, words, "guardian"), _who(statement, words, "model")
    return words.say("describe.guardian", guardian=guardian, model=model, until=words.moment(statement.until))


def _mandate(statement: Mandate, words: Catalogue) -> str:
    return words.say(
        "describe.mandate",
        agency=_who(statement, words, "agency"),
        model=_who(statement, words, "model"),
        powers=_codes("power", statement.powers, words),
        start=words.moment(statement.starts),
        end=words.moment(statement.ends),
        id=short(statement.id),
    )


def _twin(statement: Twin, words: Catalogue) -> str:
    return words.say(
        "describe.twin",
        id=short(statement.id),
        model=_who(statement, words, "model"),
        modality=words.code("modality", statement.modality),
        files=_files(statement, words),
    )


def _party(statement: Party, words: Catalogue) -> str:
    return words.say("describe.party", id=short(statement.id), roles=_codes("role", statement.roles, words))


def _receipt(statement: Receipt, words: Catalogue) -> str:
    payee = _who(statement, words, "payee")
    return words.say("describe.receipt", payee=payee, consent=short(statement.consent))


def _resumption(statement: Resumption, words: Catalogue) -> str:
    return words.say(
        "describe.resumption", consent=short(statement.consent), at=words.moment(statement.effective)
    )


def _erasure(statement: Erasure, words: Catalogue) -> str:
    return words.say("describe.erasure", of=short(statement.of), erased=_codes("section", statement.erased, words))


_SENTENCES: Final[dict[type[Statement], Callable[[Any, Catalogue], str]]] = {
    Genesis: lambda one, words: words.say("describe.genesis", origin=one.origin),
    Registry: _registry,
    Party: _party,
    Key: _key,
    Guardian: _guardian,
    Mandate: _mandate,
    Consent: _consent,
    Exercise: lambda one, words: words.say("describe.exercise", consent=short(one.consent)),
    Twin: _twin,
    Approval: _approval,
    Usage: _usage,
    Report: lambda one, words: words.say("describe.report", usage=short(one.usage)),
    Payment: _payment,
    Receipt: _receipt,
    Adjustment: _adjustment,
    Revocation: _revocation,
    Suspension: _suspension,
    Resumption: _resumption,
    Dispute: _dispute,
    Ruling: _ruling,
    Erasure: _erasure,
    Seal: lambda one, words: words.say("describe.seal", n=one.size - one.first),
}
