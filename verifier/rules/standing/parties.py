"""A0: what a statement stands on exists and is good, and it names exactly those whom it concerns (protocol, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from verifier.base import strict
from verifier.base.values import field, value
from verifier.log.note import parse_vkey
from verifier.rules.model.context import GOOD, LIST_MISSING, Context, Judgement, Standing, void
from verifier.rules.model.record import Entry
from verifier.rules.standing.keys import key_state, registry_state
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Erasure,
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

S = TypeVar("S", bound=Statement)

WRONG = void("A0", "void_parties")


@value(frozen=False, kw_only=False)
class StandsOn:
    """What a statement stands on: the entries by their role in it, and the worst standing met on the way."""

    worst: Judgement = GOOD
    entries: dict[str, Entry] = field(default_factory=dict)

    def take(self, name: str, found: tuple[Entry | None, Judgement], kind: type[Statement]) -> Statement | None:
        """Note one of them; returns its statement if it is shown and of the right type."""
        entry, judgement = found
        if entry is not None and not isinstance(entry.statement, kind):
            judgement = WRONG
            entry = None
        if judgement.standing is Standing.VOID:
            # What stands on a void entry is void, whatever made that one so.
            self.worst = void("A0", "void_parties", *([entry.index] if entry else []))
        elif judgement.standing is Standing.DOUBTFUL and self.worst.standing is Standing.GOOD:
            self.worst = Judgement(Standing.DOUBTFUL, "A0", judgement.code, judgement.entries)
        if entry is None:
            return None
        self.entries[name] = entry
        return entry.statement


def ground(context: Context, entry: Entry) -> StandsOn:
    """The entries at lower indices that a statement stands on, signers aside."""
    statement, found = entry.statement, StandsOn()

    def need(name: str, subject: str, id: str | None, kind: type[Statement]) -> Statement | None:
        return found.take(name, context.named(subject, id or "", entry.index, ruled=False), kind)

    match statement:
        case Twin():
            need("creation", f"consent:{statement.creation}", statement.creation, Consent)
        case Consent(act="use"):
            need("twin", f"twin:{statement.twin}", statement.twin, Twin)
            if statement.replaces is not None:
                need("replaces", f"consent:{statement.replaces}", statement.replaces, Consent)
        case Revocation():
            kind, target = statement.target
            types: dict[str, type[Statement]] = {"consent": Consent, "mandate": Mandate, "twin": Twin}
            need(kind, f"{kind}:{target}", target, types[kind])
        case Erasure():
            need_erased(context, entry, found)
        case Report():
            need("consent", f"consent:{statement.consent}", statement.consent, Consent)
            need("usage", f"uses:{statement.consent}", statement.usage, Usage)
        case _ if (consent := getattr(statement, "consent", None)) is not None:
            need("consent", f"consent:{consent}", consent, Consent)
        case _:
            pass
    under = getattr(statement, "under", None)
    if under is not None:
        need("under", f"mandate:{under}", under, Mandate)
    return found


def need_erased(context: Context, entry: Entry, found: StandsOn) -> None:
    """An erasure stands on a statement of any type, in whatever list; a view of part of the log may not show it.

    Rulings are left aside: what was ruled void, or is disputed, can be erased all the same.
    """
    assert isinstance(entry.statement, Erasure)
    best: tuple[Entry, Judgement] | None = None
    for index in context.record.find(entry.statement.of):
        target = context.record.entry(index) if index < entry.index else None
        if target is None:
            continue
        judgement = context.judge_without_rulings(target)
        if best is None or best[1].standing is Standing.VOID:
            best = target, judgement
    if best is None:
        found.worst = WRONG if context.record.complete else LIST_MISSING
    else:
        found.take("of", best, Statement)


def judge_parties(context: Context, entry: Entry) -> Judgement:
    """A0 whole: relations in the header, what it stands on, whom it names."""
    statement = entry.statement
    if isinstance(statement, Genesis | Registry | Seal):
        return WRONG if statement.parties.ids() or not _same_log(context, entry) else GOOD
    if wrong_relation(statement) is not None:
        return WRONG
    base = ground(context, entry)
    if base.worst.standing is Standing.VOID:
        return base.worst
    expected, judgement = named(context, entry, base)
    if judgement.standing is Standing.VOID:
        return judgement
    if expected is not None:
        open_roles = set() if judgement.standing is Standing.GOOD else {"guardian", "author"} - _own(statement)
        roles = {role: party for role, party in statement.parties.roles().items() if role not in open_roles}
        if roles != {role: party for role, party in expected.roles.items() if role not in open_roles}:
            return WRONG
        if statement.parties.payees != expected.payees or not fits(statement, base):
            return WRONG
    if base.worst.standing is Standing.DOUBTFUL:
        return base.worst
    return judgement


def _own(statement: Statement) -> set[str]:
    """The roles that a statement has whoever is whose guardian."""
    if isinstance(statement, Guardian):
        return {"guardian"}
    return {"author"} if isinstance(statement, Key | Dispute) else set()


# -- relations in the header


def wrong_relation(statement: Statement) -> tuple[str, str] | None:
    """The member of a header that does not fit another, and how it would (protocol, section 4): a start before the end,
    a month's first instant, a threshold that the keys can reach."""
    match statement:
        case Mandate():
            return None if statement.starts < statement.ends else ("ends", "must be after starts")
        case Guardian():
            said = "must be the first instant of a month: of the one after the 18th birthday"
            return None if strict.format_instant(statement.until)[7:] == "-01T00:00:00Z" else ("until", said)
        case Party() | Key():
            recovery = statement.recovery
            if recovery is not None and not 1 <= recovery.threshold <= len(recovery.keys):
                return "recovery.threshold", "must be from 1 to the number of recovery keys"
    return None


def _same_log(context: Context, entry: Entry) -> bool:
    """Whether a new registry key stands under the log's old name (protocol, section 4)."""
    log = entry.statement.log if isinstance(entry.statement, Registry) else None
    state = registry_state(context, entry.index) if log is not None else None
    return log is None or state is None or parse_vkey(log).name == parse_vkey(state.log).name


# -- whom it names


@value(frozen=False, kw_only=False)
class Expected:
    """The single roles and the payees that a statement must name, no more and no fewer."""

    roles: dict[str, str]
    payees: tuple[str, ...] = ()


def named(context: Context, entry: Entry, base: StandsOn) -> tuple[Expected | None, Judgement]:
    """Whom the statement must name; ``None`` with a doubtful judgement where the record does not show enough.

    With a doubtful judgement beside them they are all but the guardian, and the author for want of another role.
    """
    statement = entry.statement
    own = statement.parties
    roles: dict[str, str] = {}
    payees: tuple[str, ...] = ()

    def keep(*names: str) -> None:
        """Roles that the statement chooses freely: it names whom it names."""
        for name in names:
            if (party := own.role(name)) is not None:
                roles[name] = party

    def require(*names: str) -> bool:
        keep(*names)
        return all(name in roles for name in names)

    def inherit(target: Statement) -> None:
        nonlocal payees
        roles.update({n: p for n, p in target.parties.roles().items() if n != "guardian"})
        payees = target.parties.payees

    complete = True
    match statement:
        case Party():
            keep("controller")
            return Expected(roles), GOOD
        case Key():
            complete = require("author")
        case Guardian():
            return (Expected(roles), GOOD) if require("model", "guardian") else (None, WRONG)
        case Mandate():
            complete = require("model", "agency")
        case Consent(act="create") | Twin():
            complete = require("model", "maker")
        case Consent():
            complete = require("model", "licensee") and bool(own.payees)
            keep("union", "arbiter")
            payees = own.payees
            if statement.under is not None:
                complete = require("agency") and complete
        case Erasure():
            target = base.entries.get("of")
            if target is None:
                return None, base.worst
            inherit(target.statement)
            if isinstance(target.statement, Party):
                roles["author"] = target.statement.id
        case _:
            target = base.entries.get("consent") or base.entries.get("mandate") or base.entries.get("twin")
            if target is None:
                return None, base.worst
            inherit(target.statement)
            match statement:
                case Usage() | Report():
                    keep("sublicensee")
                case Payment() | Adjustment():
                    complete = require("payer", "payee")
                    keep("provider")
                case Receipt():
                    complete = require("payer", "payee")
                case Dispute():
                    complete = require("author")
                case _:
                    pass
    if not complete:
        return None, WRONG
    # A consent or revocation that cannot tell its model is one whose target is doubtful: judged above.
    judgement = _add_guardians(context, entry, base, roles, payees)
    return Expected(roles, payees), judgement


def _add_guardians(
    context: Context, entry: Entry, base: StandsOn, roles: dict[str, str], payees: tuple[str, ...]
) -> Judgement:
    """Add the guardian who is live, and the ``author`` who signs without being named otherwise."""
    about = roles.get("model") or roles.get("author")
    if about is not None:
        state = key_state(context, about, entry.index)
        if state.unknown:
            return LIST_MISSING
        if (guardian := state.guardian_at(entry.logged)) is not None:
            roles["guardian"] = guardian
    extra: str | None = None
    if getattr(entry.statement, "under", None) is not None and not isinstance(entry.statement, Consent):
        if "under" not in base.entries:
            return LIST_MISSING
        extra = base.entries["under"].statement.parties.agency
    elif isinstance(entry.statement, Payment | Receipt | Adjustment) and roles["payee"] != about:
        state = key_state(context, roles["payee"], entry.index)
        if state.unknown:
            return LIST_MISSING
        extra = state.guardian_at(entry.logged)
    if extra is not None and extra not in roles.values() and extra not in payees:
        roles["author"] = extra
    return GOOD


# -- relations between the roles and to what it stands on


def fits(statement: Statement, base: StandsOn) -> bool:
    """The rest of A0 and of the table "stands on": who may hold which role, and that the targets belong together."""
    return all(_fit(statement, base))


def _fit(statement: Statement, base: StandsOn) -> Iterator[bool]:
    parties = statement.parties
    roles = parties.roles()
    if parties.model is not None:
        others = {party for role, party in roles.items() if role not in ("model", "payee", "author")}
        yield parties.model not in others
    if parties.arbiter is not None:
        others = {party for role, party in roles.items() if role != "arbiter"}
        yield parties.arbiter not in others and parties.arbiter not in parties.payees
    if parties.payer is not None:
        yield parties.payer != parties.payee
        yield parties.provider not in (parties.payer, parties.payee)
    if parties.agency is not None:
        yield parties.agency != parties.licensee

    match statement:
        case Twin():
            creation = _statement(base, "creation", Consent)
            yield creation is None or (creation.act == "create" and _same(creation, statement, "model", "maker"))
        case Consent(act="use"):
            twin = _statement(base, "twin", Twin)
            yield twin is None or _same(twin, statement, "model")
            under = _statement(base, "under", Mandate)
            yield under is None or _same(under, statement, "model", "agency")
            old = _statement(base, "replaces", Consent)
            yield old is None or (old.act == "use" and _same(old, statement, "model", "licensee"))
        case Revocation() | Approval():
            under = _statement(base, "under", Mandate)
            yield under is None or _same(under, statement, "model")
            if isinstance(statement, Revocation):
                # An agency that gives up a mandate signs for itself.
                yield statement.mandate is None or statement.under is None
        case _:
            pass

    consent = _statement(base, "consent", Consent)
    if consent is not None:
        yield consent.act == "use" or isinstance(statement, Revocation | Suspension | Resumption | Dispute)
        yield from _fit_consent(statement, consent, base)


def _fit_consent(statement: Statement, consent: Consent, base: StandsOn) -> Iterator[bool]:
    parties = statement.parties
    sublicensees = consent.sublicensees or ()
    match statement:
        case Usage():
            yield statement.twin == consent.twin
            yield parties.sublicensee is None or parties.sublicensee in sublicensees
        case Report():
            usage = _statement(base, "usage", Usage)
            yield usage is None or (
                usage.consent == statement.consent and usage.parties.sublicensee == parties.sublicensee
            )
        case Payment() | Receipt() | Adjustment():
            yield parties.payer in (
                consent.parties.licensee,
                consent.parties.agency,
                *sublicensees,
                *consent.parties.payees,
            )
            yield parties.payee in (*consent.parties.payees, consent.parties.agency)
            yield parties.provider is None or parties.provider in (consent.providers or ())
        case Dispute():
            roles = {party for role, party in consent.parties.roles().items() if role != "guardian"}
            yield parties.author in roles or parties.author in consent.parties.payees
        case Ruling():
            yield parties.arbiter is not None
        case _:
            pass


def _statement(base: StandsOn, name: str, kind: type[S]) -> S | None:
    entry = base.entries.get(name)
    return entry.statement if entry is not None and isinstance(entry.statement, kind) else None


def _same(one: Statement, other: Statement, *roles: str) -> bool:
    return all(one.parties.role(role) == other.parties.role(role) for role in roles)
