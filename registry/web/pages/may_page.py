"""May we? What a brand has in mind under a consent is asked before it is made, and answered with what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from registry.drafting.drafts.templates import prefill, template
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.asked_first import AskedFirst, ask_first
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.deals import ENDED, REPLACED, WITHDRAWN, Deal, deal_of, deals_of
from registry.web.pages.form_fields import FormFields
from registry.web.pages.next_steps import consent_of, guardian_now
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import format_instant, is_hex64
from verifier.rules.model.record import Entry
from verifier.statements.sections import Terms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import CHANNELS, PLACEMENTS, PURPOSES

MOST = 100
"""Consents to choose from, those that run first."""
ASKED_OF = "0" * 64
"""The picture that is asked about where none is given: one that nobody has."""
FIELDS = ("category", "countries", "ends", "placement", "purpose", "sha256", "starts", "targeted")
"""Of the form, besides those that may be given several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MayPage:
    """``deals`` are those to choose from, ``deal`` the one that is asked about. ``given`` is what was filled in,
    ``wrong`` what is wrong with it by field; ``answer`` is None until everything is there.

    ``approves``: she approves each file, so that the answer about one that she has not seen is never a yes.
    """

    person: Person | None
    deals: tuple[Deal, ...]
    deal: Deal | None
    approves: bool
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    answer: AskedFirst | None
    as_of: Instant


def views(service: Service) -> Views:
    """``/brand/may``."""

    def may() -> MayPage:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        id = request.args.get("consent")
        entry = None if id is None else _own_consent(view, id, party)
        fields = FormFields(request.args.to_dict(flat=False), viewing())
        terms = None if entry is None else view.context.section(entry, "terms")
        is_asked = any(name in fields.given for name in FIELDS)
        draft = _draft(view, entry, terms, fields) if is_asked and entry and isinstance(terms, Terms) else None
        answer = None if draft is None or fields.wrong else ask_first(service, view, draft)[0]
        deals = [one for one in deals_of(view, party) if one.state not in (ENDED, REPLACED, WITHDRAWN)]
        found = MayPage(
            person=view.person(party, "licensee"),
            deals=tuple(deals[:MOST]) if entry is None else (),
            deal=None if entry is None else deal_of(view, entry),
            approves=isinstance(terms, Terms) and terms.approval == "each" and not fields.text("sha256"),
            given={name: tuple(texts) for name, texts in fields.given.items()},
            wrong=fields.wrong,
            answer=answer,
            as_of=view.as_of,
        )
        view.done()
        return found

    return page("brand_may", may)


def _own_consent(view: ReaderView, id: str, party: str) -> Entry[Consent]:
    entry = consent_of(view, id) if is_hex64(id) else None
    if entry is None or entry.statement.parties.licensee != party or entry.statement.act != "use":
        raise fail("not_found", "no consent with this id names this party", "consent")
    return entry


def _draft(view: ReaderView, consent: Entry[Consent], terms: Terms, fields: FormFields) -> str | None:
    """The use that is asked about, as a draft; None where a field is wrong."""
    window = fields.days("starts", "ends")
    values: dict[str, Json] = {
        **prefill("usage", consent.statement),
        **guardian_now(view, consent),
        "assets": [fields.id("sha256") if fields.text("sha256") else ASKED_OF],
        "terms.rights": terms.rights,
        "terms.channels": fields.several("channels", CHANNELS),
        "terms.countries": fields.countries("countries"),
        "terms.placement": fields.chosen("placement", PLACEMENTS),
        "terms.purpose": fields.chosen("purpose", PURPOSES),
        "terms.targeted": fields.is_ticked("targeted"),
        "terms.label": terms.label,
    }
    categories = fields.categories("category")
    if len(categories) > 1:
        fields.fail("category", "form.one_category")
    if fields.wrong or window is None:
        return None
    values["terms.category"] = categories[0]
    values["terms.starts"], values["terms.ends"] = (format_instant(one.at) for one in window)
    return template("usage", values)
