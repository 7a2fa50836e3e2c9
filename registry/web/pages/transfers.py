"""What a payer has to transfer, consent by consent and payee by payee, each with the reference that makes it count."""

from __future__ import annotations

from collections.abc import Iterable

from registry.drafting.drafts.references import end_to_end, next_number
from registry.web.pages.atoms import Instant, Person, Sum
from registry.web.pages.claims import Claimed, claims_under, reference_of
from registry.web.pages.money_lines import rank
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value
from verifier.rules.model.record import holds
from verifier.rules.money.statement import StatementLine
from verifier.statements.types import Payment, Receipt

MOST = 25
"""Transfers that are listed, the most late first."""


@value
class Transfer:
    """``amount`` is all that one consent owes one payee now; ``due_at`` is when the first of it is due. ``said`` is
    what the payer has said that it paid of it, and nobody has answered yet; ``left`` is the rest.

    ``reference`` is the protocol's, with the next free number (section 4.3); None where this reader may not know which
    are in use.
    """

    consent: str
    payee: Person | None
    amount: Sum
    due_at: Instant | None
    late: bool
    reference: str | None
    said: tuple[Claimed, ...]
    left: Sum


def transfers(view: ReaderView, lines: Iterable[StatementLine]) -> tuple[Transfer, ...]:
    """Those of some lines of money."""
    found: dict[tuple[str, str, str], list[StatementLine]] = {}
    for line in sorted(lines, key=rank):
        if line.outstanding:
            found.setdefault((line.consent, line.payee, line.currency), []).append(line)
    return tuple(_transfer(view, *key, alike) for key, alike in list(found.items())[:MOST])


def _transfer(view: ReaderView, consent: str, payee: str, currency: str, alike: list[StatementLine]) -> Transfer:
    amount = sum(line.outstanding for line in alike)
    said = tuple(one for one in claims_under(view, consent, payee) if one.amount.currency == currency)
    return Transfer(
        consent=consent,
        payee=view.person(payee, "payee"),
        amount=Sum(amount, currency),
        due_at=min((Instant(line.due_at) for line in alike if line.due_at is not None), key=_at, default=None),
        late=any(line.ages.late for line in alike),
        reference=_next(view, consent, payee),
        said=said,
        left=Sum(max(amount - sum(one.amount.amount for one in said), 0), currency),
    )


def _at(one: Instant) -> int:
    return one.at


def _next(view: ReaderView, consent: str, payee: str) -> str | None:
    """The reference of the next transfer to a payee under a consent."""
    used = []
    for entry in view.entries(f"account:{consent}"):
        if (holds(entry, Payment) or holds(entry, Receipt)) and entry.statement.parties.payee == payee:
            if (reference := reference_of(view, entry)) is None:
                return None
            used.append(reference)
    return end_to_end(consent, payee, next_number(consent, payee, used))
