"""What a payer says it paid, and nobody has confirmed: the question to the payee is whether it arrived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.web.pages.atoms import Instant, Person, Sum
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import BankEvidence, PaymentMoney
from verifier.statements.types import Dispute, Payment, Receipt


@value
class Claimed:
    """``payment`` is the payer's statement; ``reference`` the transfer's."""

    payment: str
    consent: str
    payer: Person | None
    amount: Sum
    settled: Instant
    reference: str | None


def claims_on(view: ReaderView, party: str) -> Iterator[Claimed]:
    """All to a payee, the oldest first. What the payee has receipted or disputed, or a provider attests, is no question
    any more."""
    yield from _open(view, view.but_uses(party), party)


def claims_under(view: ReaderView, consent: str, payee: str) -> Iterator[Claimed]:
    """Those under one consent."""
    yield from _open(view, [*view.entries(f"account:{consent}"), *view.entries(f"consent:{consent}")], payee)


def _open(view: ReaderView, entries: Iterable[Entry], payee: str) -> Iterator[Claimed]:
    payments: list[Entry[Payment]] = []
    settled: set[tuple[str, str | None]] = set()
    disputed: set[str] = set()
    for entry in entries:
        if holds(entry, Dispute) and _is_good(view, entry):
            disputed.update(entry.statement.of)
        elif entry.statement.parties.payee != payee or not _is_good(view, entry):
            continue
        elif holds(entry, Payment) and entry.statement.parties.provider is None:
            payments.append(entry)
        elif holds(entry, Payment) or holds(entry, Receipt):
            settled.add((entry.statement.consent, reference_of(view, entry)))
    for entry in payments:
        reference = reference_of(view, entry)
        claim = claim_of(view, entry)
        if claim is not None and entry.statement.id not in disputed and (claim.consent, reference) not in settled:
            yield claim


def claim_of(view: ReaderView, entry: Entry[Payment]) -> Claimed | None:
    """One of them; None where its amount cannot be read."""
    money = view.context.section(entry, "money")
    if not isinstance(money, PaymentMoney):
        return None
    return Claimed(
        payment=entry.statement.id,
        consent=entry.statement.consent,
        payer=view.party(entry.statement.parties.payer),
        amount=Sum(money.amount, money.currency),
        settled=Instant(money.settled_at),
        reference=reference_of(view, entry),
    )


def reference_of(view: ReaderView, entry: Entry) -> str | None:
    """The reference of a transfer, where it can be read."""
    evidence = view.context.section(entry, "evidence")
    return evidence.reference if isinstance(evidence, BankEvidence) else None


def _is_good(view: ReaderView, entry: Entry) -> bool:
    return view.context.standing(entry).standing is Standing.GOOD
