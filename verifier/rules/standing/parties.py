"""A0: what a statement stands on exists and is good, and it names exactly those whom it concerns (protocol, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from verifier.base import strict
from verifier.base.values import field, value
from verifier.log.note import parse_vkey
from verifier.rules.model.context import GOOD, LIST_MISSING, Context, Judgement, Standing, void
from verifier.rules.model.record import Entry, entries_at
from verifier.rules.standing.keys import key_state, registry_state
from verifier.statements.kinds import On, kind_of
from verifier.statements.subjects import PAIRED, format_subject
from verifier.statements.types import (
    Adjustment,
    Consent,
    Dispute,
    Erasure,
    Exercise,
    Guardian,
    Key,
    Mandate,
    Party,
    Payment,
    Receipt,
    Registry,
    Report,
    Revocation,
    Ruling,
    Statement,
    Usage,
)  # fmt: skip

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
    if isinstance(statement, Erasure):
        need_erased(context, entry, statement, found)
    for on in kind_of(statement).on:
        id: str | None = getattr(statement, on.member)
        if id is not None:
            found.take(on.member, context.named(_list_of(statement, on, id), id, entry.index, ruled=False), on.make)
    return found


def _list_of(statement: Statement, on: On, id: str) -> str:
    """The subject in whose list stands what a statement stands on."""
    consent: str | None = getattr(statement, "consent", None) if on.list in PAIRED else None
    return format_subject(on.list, *[one for one in (consent, id) if one is not None])


def need_erased(context: Context, entry: Entry, statement: Erasure, found: StandsOn) -> None:
    """An erasure stands on a statement of any type, in whatever list; a view of part of the log may not show it.

    Rulings are left aside: what was ruled void, or is disputed, can be erased all the same.
    """
    best: tuple[Entry, Judgement] | None = None
    for target in entries_at(context.record, context.record.find(statement.of)):
        if target.index < entry.index and (best is None or best[1].standing is Standing.VOID):
            best = target, context.judge_without_rulings(target)
    if best is None:
        found.worst = WRONG if context.record.complete else LIST_MISSING
    else:
        found.take("of", best, Statement)


def judge_parties(context: Context, entry: Entry) -> Judgement:
    """A0 whole: relations in the header, what it stands on, whom it names."""
    statement = entry.statement
    if wrong_relation(statement) is not None or not _same_log(context, entry):
        return WRONG
    base = ground(context, entry)
    if base.worst.standing is Standing.VOID:
        return base.worst
    expected, judgement = named(context, entry, base)
    if judgement.standing is Standing.VOID:
        return judgement
    if expected is not None:
        row = kind_of(statement)
        maybe = {"guardian", "author"} if row.power is not None or "payee" in row.names else {"guardian"}
        open_roles = set() if judgement.standing is Standing.GOOD else maybe.difference(expected.roles)
        roles = {role: party for role, party in statement.parties.roles().items() if role not in open_roles}
        if roles != {role: party for role, party in expected.roles.items() if role not in open_roles}:
            return WRONG
        if statement.parties.payees != expected.payees or not fits(statement, base):
            return WRONG
    return judgement if base.worst.standing is Standing.GOOD else base.worst


# -- relations in the header


def wrong_relation(statement: Statement) -> tuple[str, str] | None:
    """The member of a header that does not fit another, and how it would (protocol, section 4): a start before the end,
    a month's first instant, a threshold that the keys can reach."""
    match statement:
        case Consent():
            by = statement.exercise_by
            return None if by is None or statement.at < by else ("exercise_by", "must be after at")
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

    With a doubtful judgement beside them they are all but a guardian, and an author for want of another role.
    """
    statement, row = entry.statement, kind_of(entry.statement)
    own = statement.parties
    roles: dict[str, str] = {}
    payees: tuple[str, ...] = ()
    if row.like is not None:
        target = base.entries.get(row.like)
        if target is None:
            return None, base.worst
        theirs = target.statement.parties
        roles = {role: party for role, party in theirs.roles().items() if role != "guardian"}
        payees = theirs.payees
        if isinstance(statement, Erasure) and isinstance(target.statement, Party):
            roles["author"] = target.statement.id
    required = set(row.names)
    if isinstance(statement, Consent) and statement.under is not None:
        required.add("agency")
    if isinstance(statement, Consent) and "money" in statement.sections:
        required.add("payees")
    if "payees" in required:
        payees = own.payees
    roles |= {role: party for role, party in own.roles().items() if role in required or role in row.may_name}
    if not required - ({"payees"} if payees else set()) <= roles.keys():
        return None, WRONG
    if isinstance(statement, Guardian):
        return Expected(roles), GOOD
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
        if state.guardian_unknown:
            return LIST_MISSING
        if (guardian := state.guardian_at(entry.logged)) is not None:
            roles["guardian"] = guardian
    extra, row = None, kind_of(entry.statement)
    if row.power is not None and getattr(entry.statement, "under", None) is not None:
        if "under" not in base.entries:
            return LIST_MISSING
        extra = base.entries["under"].statement.parties.agency
    elif "payee" in row.names and roles["payee"] != about:
        state = key_state(context, roles["payee"], entry.index)
        if state.guardian_unknown:
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

    for on in kind_of(statement).on:
        target = _statement(base, on.member, on.make)
        if target is not None:
            yield all(target.parties.role(role) == parties.role(role) for role in on.same)
            yield on.act is None or (isinstance(target, Consent) and target.act == on.act)
    if isinstance(statement, Revocation):
        # An agency that gives up a mandate signs for itself.
        yield statement.mandate is None or statement.under is None
    consent = _statement(base, "consent", Consent)
    if consent is not None:
        yield from _fit_consent(statement, consent, base)


def _fit_consent(statement: Statement, consent: Consent, base: StandsOn) -> Iterator[bool]:
    parties = statement.parties
    sublicensees, payees, agency = consent.sublicensees or (), consent.parties.payees, consent.parties.agency
    match statement:
        case Usage():
            yield statement.twin == consent.twin
            listed = parties.sublicensee is None or parties.sublicensee in sublicensees
            yield listed or consent.sublicense == "countersigned"
        case Report():
            usage = _statement(base, "usage", Usage)
            yield usage is None or usage.consent == statement.consent
        case Payment() | Receipt() | Adjustment():
            payers = (consent.parties.licensee, agency, *sublicensees, *payees)
            yield parties.payer in (payers if consent.act == "use" else (consent.parties.maker,))
            yield parties.payee in (*payees, agency)
            yield parties.provider is None or parties.provider in (consent.providers or ())
        case Dispute():
            roles = {party for role, party in consent.parties.roles().items() if role != "guardian"}
            yield parties.author in roles or parties.author in payees
        case Ruling():
            yield parties.arbiter is not None
        case Exercise():
            yield consent.exercise_by is not None
        case _:
            pass


def _statement(base: StandsOn, name: str, kind: type[S]) -> S | None:
    entry = base.entries.get(name)
    return entry.statement if entry is not None and isinstance(entry.statement, kind) else None

