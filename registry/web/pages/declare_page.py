"""Uses are declared by dropping files: the browser hashes them, and what is prefilled is handed over to be signed.

A brand signs its own usages; its agency prepares them, as a table for ``registry draft usage --csv`` or as drafts. No
file is sent here, only hashes.
"""

from __future__ import annotations

import re

from flask import Response, request

from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.words import in_words
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts
from registry.web.pages.asked_first import AskedFirst, ask_about
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.deals import ENDED, REPLACED, WITHDRAWN, Deal, deal_of, deals_of
from registry.web.pages.downloads import csv_answer, file_answer
from registry.web.pages.form_fields import FormFields
from registry.web.pages.next_steps import consent_of
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.use_form import UNITS, consent_under, units_of, use_draft, use_values
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.statements.readers import MAX_IDS
from verifier.statements.sections import Terms

MAX_FORM = 512 * 1024
"""Bytes of a form that is sent."""
MAX_FILES = 5_000
"""Files of one form."""
MOST = 100
"""Consents to choose from, those that run first."""
COLUMNS = (
    "asset", "on", "draft", "channels", "countries", "placement", "targeted", "purpose", "category", "starts", "ends",
    "label",
)  # fmt: skip
"""Of the table, as ``registry draft usage --csv`` reads them."""


@value
class DeclaredBatch:
    """One usage: ``files`` of the form's are in it, ``text`` is what it says; the ``answer`` is what the registry would
    say of it, and ``act`` hands it over."""

    files: int
    text: str
    answer: AskedFirst
    act: Act | None


@value
class DeclarePage:
    """``deals`` are to choose from, ``deal`` is the one that the uses are under; ``units`` is what it counts, ``files``
    how many were given. ``batches`` are there once everything is filled in. ``signs``: it is this reader who signs."""

    place: str
    person: Person | None
    deals: tuple[Deal, ...]
    deal: Deal | None
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    units: tuple[str, ...]
    files: int
    signs: bool
    batches: tuple[DeclaredBatch, ...]
    as_of: Instant

    @property
    def is_counted(self) -> bool:
        """Whether it is said how many units the use takes up, which is of one use alone."""
        return any("".join(self.given.get(name, ())).strip() for name in self.units)


@value
class _Filled:
    """A form that is filled in: the values of every usage but for its files, and the files in batches."""

    values: dict[str, Json]
    batches: list[list[str]]


def views(service: Service) -> Views:
    """``/brand/declare`` and ``/agency/declare``, with what is answered to the form there."""
    return {**_views(service, "brand", "licensee"), **_views(service, "agency", "agency")}


def _views(service: Service, place: str, role: str) -> Views:
    acts = Acts(service)

    def form() -> DeclarePage:
        view = ReaderView(service, reader())
        party, id = whose(view, role), request.args.get("consent")
        deals = [one for one in deals_of(view, party) if one.state not in (ENDED, REPLACED, WITHDRAWN)]
        deal = None if id is None else deal_of(view, consent_under(view, id, party, role))
        found = DeclarePage(
            place=place,
            person=view.person(party, role),
            deals=() if deal else tuple(deals[:MOST]),
            deal=deal,
            given={},
            wrong={},
            units=_counted(view, deal),
            files=0,
            signs=place == "brand",
            batches=(),
            as_of=view.as_of,
        )
        view.done()
        return found

    def preview() -> DeclarePage:
        view = ReaderView(service, reader())
        party = whose(view, role)
        fields, deal, filled = _read(view, party, role)
        files = [] if filled is None else filled.batches
        found = DeclarePage(
            place=place,
            person=view.person(party, role),
            deals=(),
            deal=deal,
            given={name: tuple(texts) for name, texts in fields.given.items()},
            wrong=fields.wrong,
            units=_counted(view, deal),
            files=sum(map(len, files)),
            signs=place == "brand",
            batches=tuple(_batch(service, view, acts, place, filled, one) for one in files if filled is not None),
            as_of=view.as_of,
        )
        view.done()
        return found

    def table() -> Response:
        view = ReaderView(service, reader())
        _, deal, filled = _read(view, whose(view, role), role)
        view.done()
        if filled is None or deal is None:
            raise fail("bad_request", "the form is not filled in; look at it first")
        if any(path.startswith("terms.units.") for path in filled.values):
            raise fail("bad_request", "the units are of one use, and in a table each file is a use of its own", "units")
        files = [one for batch in filled.batches for one in batch]
        return csv_answer("uses.csv", COLUMNS, (_row(filled.values, deal.consent, one) for one in files))

    def save() -> Response:
        view = ReaderView(service, reader())
        _, _, filled = _read(view, whose(view, role), role)
        view.done()
        if filled is None or len(filled.batches) != 1:
            raise fail("bad_request", "the form is not filled in; look at it first")
        return file_answer("usage.toml", use_draft(filled.values, filled.batches[0]))

    return {
        **page(f"{place}_declare", form, scripted=True, sends=True, template="declare"),
        **page(f"{place}_declared", preview, scripted=True, sends=True, template="declare"),
        f"{place}_declare_table": table,
        f"{place}_declare_save": save,
    }


def _read(view: ReaderView, party: str, role: str) -> tuple[FormFields, Deal | None, _Filled | None]:
    """The form that was sent, the deal that it is under, and what it comes to where nothing is wrong with it."""
    if (request.content_length or 0) > MAX_FORM:
        raise fail("too_large", f"the form is larger than {MAX_FORM} bytes")
    sent = request.form.to_dict(flat=False)
    files = _files("".join(sent.pop("assets", [])))
    fields = FormFields(sent, viewing())
    entry = consent_under(view, fields.text("consent"), party, role)
    terms = view.context.section(entry, "terms")
    if not isinstance(terms, Terms):
        raise fail("not_found", "no consent with this id names this party", "consent")
    if not files or not all(map(is_hex64, files)):
        fields.fail("assets", "form.no_files" if not files else "form.no_id")
    elif len(files) > MAX_FILES:
        fields.fail("assets", "form.too_many_files")
    fields.given["assets"] = ["\n".join(files)]
    values = use_values(view, entry, terms, fields)
    if len(files) > MAX_IDS:
        for name in filter(fields.text, UNITS):
            fields.fail(name, "form.units_of_one")
    deal = deal_of(view, entry)
    if values is None or fields.wrong:
        return fields, deal, None
    return fields, deal, _Filled(
        values=values, batches=[files[at : at + MAX_IDS] for at in range(0, len(files), MAX_IDS)]
    )


def _counted(view: ReaderView, deal: Deal | None) -> tuple[str, ...]:
    entry = None if deal is None else consent_of(view, deal.consent)
    terms = None if entry is None else view.context.section(entry, "terms")
    return units_of(view, entry, terms) if entry is not None and isinstance(terms, Terms) else ()


def _files(text: str) -> list[str]:
    """Each hash once, in order."""
    return list(dict.fromkeys(one.lower() for one in re.split(r"[\s,;]+", text) if one))


def _batch(
    service: Service, view: ReaderView, acts: Acts, place: str, filled: _Filled, files: list[str]
) -> DeclaredBatch:
    draft = use_draft(filled.values, files)
    submission = complete(parse_draft(draft), draft, view.now)
    return DeclaredBatch(
        files=len(files),
        text=in_words(submission, viewing().words),
        answer=ask_about(service, view, submission),
        act=acts.submit(submission, back="/brand/uses") if place == "brand" else None,
    )


def _row(values: dict[str, Json], consent: str, file: str) -> list[object]:
    terms = {path.removeprefix("terms."): one for path, one in values.items() if path.startswith("terms.")}
    cells = [" ".join(one) if isinstance(one, list | tuple) else one for one in map(terms.get, COLUMNS[3:])]
    shown = ["true" if one is True else "false" if one is False else one for one in cells]
    return [file, consent, f"usage-{file[:16]}", *shown]
