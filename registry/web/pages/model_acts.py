"""What a model can do: say whether money arrived, and withdraw a consent. Each page shows first what follows from it,
then hands it over to the page that holds her key, or out as a draft for a command; nothing is done here."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request

from registry.advice.effects import Effect
from registry.drafting.drafts.currencies import format_amount, parse_amount
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.accounts import Accounts, is_late
from registry.web.pages.acts import Acts
from registry.web.pages.atoms import Act, Instant, Sum
from registry.web.pages.claims import Claimed, claim_of
from registry.web.pages.deals import Deal, deal_of
from registry.web.pages.downloads import file_answer
from registry.web.pages.form_fields import sent
from registry.web.pages.kept import kept_answers
from registry.web.pages.money_lines import Owing, counts, owing
from registry.web.pages.next_steps import (
    completed,
    consent_of,
    dispute_draft,
    effects_of,
    receipt_draft,
    revocation_draft,
)
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page, page
from registry.web.pages.use_lines import terms_of
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64
from verifier.base.values import value
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import Terms
from verifier.statements.types import Consent, Payment, Usage

ANSWERS = ("yes", "other", "no")
MOST_LINES = 50
"""Lines of money of a consent that its page shows."""


@value
class Arising:
    """What will fall due on a date, if nothing stops the consent before."""

    amount: Sum
    at: Instant


@value
class ConsentPage:
    """One consent: its terms, its money, and whether it can be withdrawn."""

    deal: Deal
    delivered: Instant | None
    rights: tuple[str, ...] | None
    caps: tuple[tuple[str, int], ...]
    training: str | None
    approval: str | None
    owed: tuple[Owing, ...]
    more: int
    upcoming: tuple[Arising, ...]
    may_withdraw: bool
    as_of: Instant


@value
class EndedUse:
    """A use that has to be pulled by ``pull_at``, or for which ``owed`` stays due, or both. What it is used for is None
    where its reader may not know it."""

    usage: str
    category: str | None
    channels: tuple[str, ...] | None
    countries: tuple[str, ...] | None
    pull_at: Instant | None
    owed: tuple[Sum, ...]


@value
class EndedDeal:
    """What a withdrawal does to one consent. ``already``: it ends no later anyhow; ``stays`` is what is owed by itself
    and for all its uses, ``later`` what arises or falls away on later dates; ``more`` uses are not listed."""

    deal: Deal | None
    takes_effect: Instant
    already: bool
    uses: tuple[EndedUse, ...]
    more: int
    stays: tuple[Sum, ...]
    later: tuple[Arising, ...]


@value
class WithdrawPage:
    """What follows from withdrawing a consent. ``ended`` is None where it cannot be withdrawn so."""

    deal: Deal
    ended: tuple[EndedDeal, ...] | None
    act: Act | None
    as_of: Instant


@value
class PaymentPage:
    """What the payer says it paid, and the answer that is being prepared. ``wrong``: what is ``given`` is none."""

    claim: Claimed
    deal: Deal | None
    answer: str | None
    amount: Sum | None
    given: str
    wrong: bool
    act: Act | None
    as_of: Instant


def views(service: Service) -> Views:
    """A consent, its withdrawal, a payment's answer, and their drafts."""
    accounts, acts = Accounts(service), Acts(service)

    def consent(id: str) -> ConsentPage:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        entry = _own_consent(view, id, party)
        statement = accounts.owed_to(reader(), party).statement
        lines = [line for line in statement.lines if line.consent == id and counts(line)]
        terms = view.context.section(entry, "terms")
        known = terms if isinstance(terms, Terms) else None
        deal = deal_of(view, entry, frozenset(line.consent for line in lines if is_late(line)))
        found = ConsentPage(
            deal=deal,
            delivered=None if known is None else Instant(known.delivered),
            rights=None if known is None else known.rights,
            caps=() if known is None else tuple(sorted(known.caps.items())),
            training=None if known is None else known.training,
            approval=None if known is None else known.approval,
            owed=tuple(owing(view, line) for line in lines[:MOST_LINES]),
            more=max(len(lines) - MOST_LINES, 0),
            upcoming=tuple(
                Arising(amount=Sum(one.amount, one.currency), at=Instant(one.due_at or one.at))
                for one in statement.upcoming
                if one.consent == id
            )[:12],
            may_withdraw=deal.state not in ("withdrawn", "ended", "replaced"),
            as_of=view.as_of,
        )
        view.done()
        return found

    def withdraw(id: str) -> WithdrawPage:
        view = ReaderView(service, reader())
        entry = _own_consent(view, id, whose(view, "model"))
        submission = completed(revocation_draft(view, entry), view.now)
        effects = _effects(service, view, entry)
        found = WithdrawPage(
            deal=deal_of(view, entry),
            ended=None
            if effects is None
            else tuple(
                EndedDeal(
                    deal=_deal(view, one.consent.id),
                    takes_effect=Instant(one.takes_effect),
                    already=one.already,
                    uses=tuple(
                        _ended_use(
                            view,
                            use.usage.id,
                            None if use.pull_at is None else Instant(use.pull_at),
                            _sums((line.outstanding, use.paid.currency) for line in use.paid.payees),
                        )
                        for use in one.uses[:25]
                    ),
                    more=one.more + max(len(one.uses) - 25, 0),
                    stays=_sums(
                        (line.outstanding, paid.currency)
                        for paid in (one.paid, *(use.paid for use in one.uses))
                        if paid is not None
                        for line in paid.payees
                    ),
                    later=tuple(
                        Arising(amount=Sum(line.amount, one.paid.currency), at=Instant(line.due_at or line.at))
                        for line in one.later[:25]
                        if one.paid is not None and one.paid.currency is not None
                    ),
                )
                for one in effects
            ),
            act=acts.submit(submission, back=f"/model/consents/{id}") if submission and effects is not None else None,
            as_of=view.as_of,
        )
        view.done()
        return found

    def payment(id: str) -> PaymentPage:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        entry, claim, agreed = _own_payment(view, id, party)
        answer = request.args.get("answer")
        if answer is not None and answer not in ANSWERS:
            raise fail("question_malformed", f"is an answer that there is: {', '.join(ANSWERS)}", "answer")
        amount, given = _amount(claim, answer)
        submission = None
        if answer == "no":
            submission = completed(dispute_draft(view, agreed, entry, party), view.now)
        elif amount is not None:
            submission = completed(receipt_draft(view, agreed, entry, _money(claim, amount), claim.reference), view.now)
        found = PaymentPage(
            claim=claim,
            deal=_deal(view, entry.statement.consent),
            answer=answer,
            amount=amount,
            given=given,
            wrong=answer == "other" and bool(given) and amount is None,
            act=acts.submit(submission, back=f"/model/payments/{id}") if submission else None,
            as_of=view.as_of,
        )
        view.done()
        return found

    def payment_draft(id: str) -> Response:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        entry, claim, consent = _own_payment(view, id, party)
        if request.args.get("answer") == "no":
            return file_answer("dispute.toml", dispute_draft(view, consent, entry, party))
        amount, _ = _amount(claim, request.args.get("answer"))
        if amount is None:
            raise fail("question_malformed", "is an amount in the currency of the payment", "amount")
        return file_answer("receipt.toml", receipt_draft(view, consent, entry, _money(claim, amount), claim.reference))

    def withdraw_draft(id: str) -> Response:
        view = ReaderView(service, reader())
        entry = _own_consent(view, id, whose(view, "model"))
        return file_answer("withdrawal.toml", revocation_draft(view, entry))

    return {
        **page("model_consent", consent, scripted=True),
        **page("model_withdraw", withdraw, scripted=True),
        **form_page("model_payment", payment, scripted=True),
        "payment_draft": payment_draft,
        "withdraw_draft": withdraw_draft,
    }


def _effects(service: Service, view: ReaderView, consent: Entry[Consent]) -> tuple[Effect, ...] | None:
    """What a withdrawal ends and leaves due: it looks at all that names the model, and judges the uses under it."""

    def make(own: ReaderView) -> tuple[Effect, ...] | None:
        return effects_of(service, own, completed(revocation_draft(own, consent), own.now))

    id = consent.statement.id
    entries = len(view.record.rows(f"party:{consent.statement.parties.model}") or ())
    return kept_answers(service).get(view.reader, ("withdraw", id), entries, make)


def _own_consent(view: ReaderView, id: str, party: str) -> Entry[Consent]:
    """A consent to a use that a model gave."""
    entry = consent_of(view, id) if is_hex64(id) else None
    if entry is None or entry.statement.parties.model != party or entry.statement.act != "use":
        raise fail("not_found", "no consent of this model has this id", "id")
    return entry


def _own_payment(view: ReaderView, id: str, party: str) -> tuple[Entry[Payment], Claimed, Entry[Consent]]:
    """What somebody says was paid to her."""
    entry = view.statement(id, Payment) if is_hex64(id) else None
    if not holds(entry, Payment) or entry.statement.parties.payee != party:
        raise fail("not_found", "no payment to this model has this id", "id")
    claim, consent = claim_of(view, entry), consent_of(view, entry.statement.consent)
    if claim is None or consent is None:
        raise fail("not_found", "no payment to this model has this id", "id")
    return entry, claim, consent


def _deal(view: ReaderView, id: str) -> Deal | None:
    entry = consent_of(view, id)
    return None if entry is None else deal_of(view, entry)


def _ended_use(view: ReaderView, usage: str, pull_at: Instant | None, owed: tuple[Sum, ...]) -> EndedUse:
    entry = view.statement(usage, Usage)
    terms = terms_of(view, entry) if holds(entry, Usage) else None
    return EndedUse(
        usage=usage,
        category=None if terms is None else terms.category,
        channels=None if terms is None else terms.channels,
        countries=None if terms is None else terms.countries,
        pull_at=pull_at,
        owed=owed,
    )


def _amount(claim: Claimed, answer: str | None) -> tuple[Sum | None, str]:
    """What arrived, by the answer, and what was typed."""
    if answer == "yes":
        return claim.amount, ""
    given = "".join(sent().get("amount", ())).strip()[:40] if answer == "other" else ""
    if not given:
        return None, given
    own = claim.amount.currency
    try:
        amount, currency = parse_amount(given if given[-1:].isalpha() or given[:1].isalpha() else f"{own} {given}")
    except KembarError:
        return None, given
    return (Sum(amount, own) if amount and currency == own else None), given


def _money(claim: Claimed, amount: Sum) -> dict[str, Json]:
    """What a receipt says of an amount, as a draft has it."""
    return {
        "currency": amount.currency,
        "amount": format_amount(amount.amount, amount.currency),
        "received_at": format_instant(claim.settled.at),
    }


def _sums(amounts: Iterable[tuple[int | None, str | None]]) -> tuple[Sum, ...]:
    """By currency, without what is nothing."""
    found: dict[str, int] = {}
    for amount, currency in amounts:
        if amount and currency is not None:
            found[currency] = found.get(currency, 0) + amount
    return tuple(Sum(amount, currency) for currency, amount in sorted(found.items()))
