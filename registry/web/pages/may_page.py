"""May we? What a brand has in mind under a consent is asked before it is made, and answered with what to do."""

from __future__ import annotations

from flask import request

from registry.service import Service
from registry.web.pages.asked_first import AskedFirst, ask_first
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.deals import ENDED, REPLACED, WITHDRAWN, Deal, deal_of, deals_of
from registry.web.pages.form_fields import ASKED_OF, FormFields, sent
from registry.web.pages.nothing_allows import WithoutConsent, models_called, without_consent
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page
from registry.web.pages.use_form import consent_under, units_of, use_draft, use_values
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.statements.sections import Terms

MOST = 100
"""Consents to choose from, those that run first."""


@value
class MayPage:
    """``deals`` are those to choose from, ``deal`` the one that is asked about. ``given`` is what was filled in,
    ``wrong`` what is wrong with it by field, ``units`` what the consent counts; ``answer`` is None until everything is
    there.

    ``without``: a twin is asked about for which there may be no consent; ``found``: the models of the name that was
    typed instead of an id, where there are several, as far as this reader may know names. ``approves``: she approves
    each file, so that the answer about one that she has not seen is never a yes.
    """

    person: Person | None
    deals: tuple[Deal, ...]
    deal: Deal | None
    without: WithoutConsent | None
    found: tuple[Person, ...]
    units: tuple[str, ...]
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
        entry = None if id is None else consent_under(view, id, party, "licensee")
        fields = FormFields(sent(), viewing())
        twin, found = _whom(service, view, fields) if entry is None else (None, ())
        terms = None if entry is None else view.context.section(entry, "terms")
        values = use_values(view, entry, terms, fields) if fields.given and entry and isinstance(terms, Terms) else None
        picture = fields.id("sha256") if fields.text("sha256") else ASKED_OF
        answer = None
        if values is not None and not fields.wrong:
            answer = ask_first(service, view, use_draft(values, [picture]))[0]
        deals = [one for one in deals_of(view, party) if one.state not in (ENDED, REPLACED, WITHDRAWN)]
        made = MayPage(
            person=view.person(party, "licensee"),
            deals=tuple(deals[:MOST]) if entry is None else (),
            deal=None if entry is None else deal_of(view, entry),
            without=without_consent(view, twin, party) if twin else None,
            found=found,
            units=units_of(view, entry, terms) if entry and isinstance(terms, Terms) else (),
            approves=isinstance(terms, Terms) and terms.approval == "each" and not fields.text("sha256"),
            given={name: tuple(texts) for name, texts in fields.given.items()},
            wrong=fields.wrong,
            answer=answer,
            as_of=view.as_of,
        )
        view.done()
        return made

    return form_page("brand_may", may)


def _whom(service: Service, view: ReaderView, fields: FormFields) -> tuple[str | None, tuple[Person, ...]]:
    """The twin or the model that is asked about without a consent, by its id or by a name that is one model's alone;
    else the models of that name."""
    typed = fields.text("twin")
    if not typed:
        if fields.given:
            fields.fail("twin", "form.needed")
        return request.args.get("twin"), ()
    if is_hex64(typed.lower().replace(" ", "")):
        return typed, ()
    found = models_called(service, view, typed)
    if not found:
        fields.fail("twin", "may.nobody")
    return (found[0].party, ()) if len(found) == 1 else (None, found)
