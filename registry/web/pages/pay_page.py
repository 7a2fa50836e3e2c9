"""A brand says that it paid: it chooses what, from what it owes, looks at what it would say, and hands that over to be
signed. Nothing is done here. The payee is asked then whether it arrived."""

from __future__ import annotations

from flask import Response, request

from registry.drafting.drafts.currencies import format_amount
from registry.drafting.drafts.references import spell
from registry.drafting.drafts.words import in_words
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.accounts import Accounts
from registry.web.pages.acts import Acts
from registry.web.pages.asked_first import AskedFirst, ask_about
from registry.web.pages.atoms import Act, Instant, Person, Sum
from registry.web.pages.claims import reference_of
from registry.web.pages.deals import Deal, deal_of
from registry.web.pages.downloads import file_answer
from registry.web.pages.form_fields import FormFields, sent, typed_amount, typed_day
from registry.web.pages.next_steps import completed, consent_of, payment_draft
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page
from registry.web.pages.transfers import Transfer, transfers
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant
from verifier.base.values import value
from verifier.rules.model.record import holds
from verifier.rules.money.splits import LegKind
from verifier.statements.types import Payment

FIELDS = ("amount", "paid", "reference")
"""Of the form; its address says what is paid."""


@value
class Paid:
    """What the brand would say; ``text`` is the statement in words."""

    amount: Sum
    at: Instant
    reference: str
    text: str
    answer: AskedFirst
    act: Act | None


@value
class PayPage:
    """``transfers`` are to choose from, ``transfer`` is the one that was made. ``given`` is what was filled in, or what
    the form begins with; ``wrong`` what is wrong with it by field. ``paid`` is there once everything is."""

    person: Person | None
    transfers: tuple[Transfer, ...]
    transfer: Transfer | None
    deal: Deal | None
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    paid: Paid | None
    as_of: Instant


def views(service: Service) -> Views:
    """``/brand/pay``, and what is said there as a draft."""
    accounts, acts = Accounts(service), Acts(service)

    def owed(view: ReaderView, party: str) -> tuple[Transfer, ...]:
        """All that it owes, or the one transfer that is asked for."""
        statement = accounts.owed_by(reader(), party).statement
        own = [line for line in statement.lines if line.leg != LegKind.FROM_AGENCY.value]
        asked = request.args
        if "consent" not in asked:
            return transfers(view, own)
        chosen = [
            one
            for one in own
            if (one.consent, one.payee, one.currency) == (asked["consent"], asked.get("payee"), asked.get("currency"))
        ]
        found = transfers(view, chosen)
        if not found:
            raise fail("not_found", "this party owes nothing to such a payee under such a consent", "consent")
        return found

    def pay() -> PayPage:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        found = owed(view, party)
        transfer = found[0] if "consent" in request.args else None
        fields = FormFields(sent(), viewing())
        said = None if transfer is None or not fields.given else _said(view, party, transfer, fields)
        paid = None
        if transfer is not None and said is not None and (submission := completed(said[3], view.now)) is not None:
            paid = Paid(
                amount=said[0],
                at=said[1],
                reference=said[2],
                text=in_words(submission, viewing().words),
                answer=ask_about(service, view, submission),
                act=acts.submit(submission, back="/brand/money"),
            )
        given = {} if transfer is None else fields.given or _first(transfer, view.now)
        made = PayPage(
            person=view.person(party, "licensee"),
            transfers=() if transfer else found,
            transfer=transfer,
            deal=None if transfer is None else _deal(view, transfer.consent),
            given={name: tuple(given[name]) for name in FIELDS if name in given},
            wrong=fields.wrong,
            paid=paid,
            as_of=view.as_of,
        )
        view.done()
        return made

    def draft() -> Response:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        if "consent" not in request.args:
            raise fail("bad_request", "the form is not filled in; look at it first", "consent")
        said = _said(view, party, owed(view, party)[0], FormFields(sent(), viewing()))
        view.done()
        if said is None:
            raise fail("bad_request", "the form is not filled in; look at it first")
        return file_answer("payment.toml", said[3])

    return {**form_page("brand_pay", pay, scripted=True), "brand_pay_draft": draft}


def _said(
    view: ReaderView, party: str, transfer: Transfer, fields: FormFields
) -> tuple[Sum, Instant, str, str] | None:
    """The amount, when it was sent, its reference, and the draft that says so; None where a field is wrong."""
    amount = fields.amount("amount", transfer.amount.currency)
    day = fields.day("paid")
    if day is not None and day.at > view.now:
        fields.fail("paid", "form.not_yet")
    typed = fields.needed("reference")
    try:
        reference = spell(typed) if typed else ""
    except KembarError:
        reference = ""
        fields.fail("reference", "form.no_reference")
    if reference in _said_before(view, transfer):
        fields.fail("reference", "form.used_reference")
    consent = consent_of(view, transfer.consent)
    if fields.wrong or amount is None or day is None or consent is None or transfer.payee is None:
        return None
    zone = viewing().zone
    is_today = zone.day(view.now) == zone.day(day.at)
    at = Instant(view.now) if is_today else day  # just now, so not before what it is for
    money: dict[str, Json] = {
        "currency": amount.currency,
        "amount": format_amount(amount.amount, amount.currency),
        "settled_at": format_instant(at.at),
    }
    return amount, at, reference, payment_draft(view, consent, party, transfer.payee.party, money, reference)


def _said_before(view: ReaderView, transfer: Transfer) -> set[str | None]:
    """The references of what was said to be paid under the same consent."""
    return {
        reference_of(view, entry)
        for entry in view.entries(f"account:{transfer.consent}")
        if holds(entry, Payment) and entry.statement.parties.provider is None
    }


def _first(transfer: Transfer, now: int) -> dict[str, list[str]]:
    """All that was not said before, today, with the protocol's reference."""
    left = transfer.left
    given = {
        "amount": [typed_amount(format_amount(left.amount, left.currency), viewing()) if left.amount else ""],
        "paid": [typed_day(now, viewing())],
    }
    return given if transfer.reference is None else {**given, "reference": [transfer.reference]}


def _deal(view: ReaderView, id: str) -> Deal | None:
    entry = consent_of(view, id)
    return None if entry is None else deal_of(view, entry)
