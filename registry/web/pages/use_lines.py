"""Uses as pages show them: each with the contract's answers, and one with all that they rest on."""

from __future__ import annotations

from collections.abc import Sequence

from registry.evidence import Verdicts
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.kept import kept_answers
from registry.web.pages.money_lines import Owing, of_usage
from registry.web.pages.paging import Part, asked_part, part, parts_of
from registry.web.pages.reader_view import ReaderView
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.evidence.verdict import Verdict
from verifier.rules.model.record import Entry, holds
from verifier.rules.money.statement import AccountStatement
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Usage

YES, DUE, NO, UNTOLD = "yes", "due", "no", "unk"
"""The four answers, by the class that pages draw them with."""


@value
class UseLine:
    """One use. ``kind`` is the answer in one word, ``authorised`` and ``paid`` are the contract's two; ``rule`` and
    ``code`` say why it is not a yes. What its reader may not know is None."""

    usage: str
    consent: str
    brand: Person | None
    model: Person | None
    declared: Instant
    files: int
    starts: Instant | None
    ends: Instant | None
    purpose: str | None
    category: str | None
    channels: tuple[str, ...] | None
    countries: tuple[str, ...] | None
    kind: str
    authorised: str
    paid: str | None
    rule: str | None
    code: str | None


@value
class RuleRow:
    """What one rule says of a use, and the entries that it rests on."""

    rule: str
    result: str
    code: str | None
    entries: tuple[int, ...]


@value
class UsePage:
    """One use with what it owes the party whose page it is, rule by rule, and its files by hash."""

    use: UseLine
    index: int
    owed: tuple[Owing, ...]
    rules: tuple[RuleRow, ...]
    assets: tuple[str, ...]
    as_of: Instant


def use_lines(service: Service, view: ReaderView, party: str) -> Part[UseLine]:
    """The uses that name a party, the newest first: the part that the address asks for."""
    entries = len(view.record.rows(f"party:{party}") or ())
    page = min(asked_part(), parts_of(entries))

    def make(own: ReaderView) -> Part[UseLine]:
        shown = part([one for one in own.entries(f"party:{party}") if holds(one, Usage)][::-1], page=page)
        rows = _lines(service, own, shown.rows)
        return Part(page=shown.page, pages=shown.pages, all=shown.all, rows=rows)

    return kept_answers(service).get(view.reader, ("uses of", party, page), entries, make)


def lines_of(service: Service, view: ReaderView, usages: Sequence[Entry[Usage]]) -> tuple[UseLine, ...]:
    """Each with its answers. Whatever is declared under its consent may bear on it."""
    families = {entry.statement.consent for entry in usages}
    entries = sum(len(view.record.rows(f"uses:{consent}") or ()) for consent in families)
    name = ("uses", tuple(entry.index for entry in usages))
    return kept_answers(service).get(view.reader, name, entries, lambda own: _lines(service, own, usages))


def _lines(service: Service, view: ReaderView, usages: Sequence[Entry[Usage]]) -> tuple[UseLine, ...]:
    with Verdicts(service, view.rights, view.answering) as verdicts:
        return tuple(line_of(view, entry, verdicts.about(entry.statement)) for entry in usages)


def use_page(service: Service, view: ReaderView, id: str, account: AccountStatement) -> UsePage:
    """One of them. Raises a problem where this reader may not ask about it, or there is none."""
    entry = view.statement(id, Usage) if is_hex64(id) else None
    if not holds(entry, Usage) or not view.rights.is_party(entry.statement):
        raise fail("not_found", "no use with this id is in the log that you may read", "id")

    def make(own: ReaderView) -> Verdict:
        with Verdicts(service, own.rights, own.answering) as verdicts:
            found = verdicts.about(usage)
        assert found is not None
        return found

    usage = entry.statement
    entries = len(view.record.rows(f"uses:{usage.consent}") or ())
    verdict = kept_answers(service).get(view.reader, ("use", id), entries, make)
    return UsePage(
        use=line_of(view, entry, verdict),
        index=entry.index,
        owed=of_usage(view, account.lines, id),
        rules=tuple(
            RuleRow(rule=one.rule, result=one.result.value, code=one.code or None, entries=tuple(one.entries))
            for one in verdict.decision.rules
        ),
        assets=entry.statement.assets,
        as_of=Instant(verdict.as_of.at),
    )


def line_of(view: ReaderView, entry: Entry[Usage], verdict: Verdict | None) -> UseLine:
    """One use with its answers."""
    usage, parties = entry.statement, entry.statement.parties
    role = "sublicensee" if parties.sublicensee else "licensee"
    use = terms_of(view, entry)
    assert verdict is not None
    decision = verdict.decision
    paid = None if decision.paid is None else decision.paid.answer
    why = next((one for one in decision.rules if one.result.value == "FAIL"), None) or next(
        (one for one in decision.rules if one.result.value == "UNKNOWN"), None
    )
    kind = _kind(str(decision.authorised), paid)
    return UseLine(
        usage=usage.id,
        consent=usage.consent,
        brand=view.person(parties.role(role), role),
        model=view.person(parties.model, "model"),
        declared=Instant(entry.logged),
        files=len(usage.assets),
        starts=None if use is None else Instant(use.starts),
        ends=None if use is None else Instant(use.ends),
        purpose=None if use is None else use.purpose,
        category=None if use is None else use.category,
        channels=None if use is None else use.channels,
        countries=None if use is None else use.countries,
        kind=kind,
        authorised=str(decision.authorised),
        paid=paid,
        rule=None if why is None or kind in (YES, DUE) else why.rule,
        code=None if why is None or kind in (YES, DUE) else why.code or None,
    )


def terms_of(view: ReaderView, entry: Entry[Usage]) -> UsageTerms | None:
    """What a use is, as far as its reader may know it."""
    terms = view.context.section(entry, "terms")
    return terms if isinstance(terms, UsageTerms) else None


def _kind(authorised: str, paid: str | None) -> str:
    """The four answers of two."""
    if authorised == "NOT_AUTHORISED" or paid == "NOT_PAID":
        return NO
    if authorised == "AUTHORISED" and paid in ("PAID", "NOT_YET_DUE"):
        return YES if paid == "PAID" else DUE
    return UNTOLD
