"""What a party can do next, as a draft to be signed by her key: a page shows it and hands the file out, keys act."""

from __future__ import annotations

from collections.abc import Mapping

from registry.advice.effects import Effect
from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.templates import prefill, template
from registry.intake.submission import Submission, format_submission
from registry.service import DryRun, Service
from registry.web.pages.reader_view import ReaderView
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.keys import key_state
from verifier.statements.types import Consent, Payment


def receipt_draft(
    view: ReaderView, consent: Entry[Consent], payment: Entry[Payment], money: Mapping[str, Json], reference: str | None
) -> str:
    """That money arrived: ``money`` has ``currency``, ``amount`` (as text) and ``received_at``."""
    parties = payment.statement.parties
    values: dict[str, Json] = {
        **prefill("receipt", consent.statement),
        "parties.payer": parties.payer,
        "parties.payee": parties.payee,
        **guardian_now(view, consent),
        **{f"money.{name}": value for name, value in money.items()},
    }
    if reference is not None:
        values["evidence.reference"] = reference
    return template("receipt", values)


def payment_draft(
    view: ReaderView, consent: Entry[Consent], payer: str, payee: str, money: Mapping[str, Json], reference: str
) -> str:
    """That money was sent: ``money`` has ``currency``, ``amount`` (as text) and ``settled_at``."""
    values: dict[str, Json] = {
        **prefill("payment", consent.statement),
        "parties.payer": payer,
        "parties.payee": payee,
        **guardian_now(view, consent),
        **{f"money.{name}": value for name, value in money.items()},
        "evidence.reference": reference,
    }
    return template("payment", values)


def dispute_draft(view: ReaderView, consent: Entry[Consent], payment: Entry[Payment], author: str) -> str:
    """That it did not."""
    values: dict[str, Json] = {
        **prefill("dispute", payment.statement),
        "parties.author": author,
        "parties.payer": None,
        "parties.payee": None,
        "tag": "unpaid",
        **guardian_now(view, consent),
    }
    return template("dispute", values)


def revocation_draft(view: ReaderView, consent: Entry[Consent]) -> str:
    """That a consent ends, as soon as it may."""
    values: dict[str, Json] = {
        **prefill("revocation", consent.statement),
        "effective": format_instant(view.now),
        "ground": "withdrawal",
        **guardian_now(view, consent),
    }
    return template("revocation", values)


def suspension_draft(view: ReaderView, consent: Entry[Consent], ground: str) -> str:
    """That a consent is held, from now on, by the union that it names."""
    values: dict[str, Json] = {
        **prefill("suspension", consent.statement),
        "effective": format_instant(view.now),
        "ground": ground,
        **guardian_now(view, consent),
    }
    return template("suspension", values)


def completed(draft: str, now: int) -> Submission | None:
    """The statement that a draft describes, to be signed; None where it describes none."""
    try:
        return complete(parse_draft(draft), draft, now)
    except KembarError:
        return None


def effects_of(service: Service, view: ReaderView, submission: Submission | None) -> tuple[Effect, ...] | None:
    """What a statement would end if it were logged now, as far as this reader may know; None where it would not be."""
    found = None if submission is None else service.dry_run(format_submission(submission), view.rights, view.answering)
    return found.effects if isinstance(found, DryRun) else None


def guardian_now(view: ReaderView, consent: Entry[Consent]) -> dict[str, Json]:
    """Whoever is the model's guardian now signs for her."""
    model = consent.statement.parties.model
    return {} if model is None else {"parties.guardian": guardian_of(view, model)}


def guardian_of(view: ReaderView, model: str) -> str | None:
    """A model's guardian now."""
    return key_state(view.context, model, view.record.size + 1).guardian_at(view.now)


def consent_of(view: ReaderView, id: str) -> Entry[Consent] | None:
    """The consent with an id."""
    entry = view.statement(id, Consent)
    return entry if holds(entry, Consent) else None
