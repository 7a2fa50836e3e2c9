"""Mandates: a model gives an agency the right to sign some things for her, reads first what that allows, and ends it.

Nothing is done here: it goes to the page that holds her key, or out as a draft. A new mandate waits on the desk for the
agency's signature too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Response, request

from registry.drafting.drafts.templates import prefill, template
from registry.drafting.drafts.words import in_words
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts
from registry.web.pages.asked_first import AskedFirst, ask_about
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.downloads import file_answer
from registry.web.pages.form_fields import FormFields, sent, typed_day
from registry.web.pages.mandate_lines import ENDED, MandateLine, mandate_lines
from registry.web.pages.next_steps import completed, guardian_of
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import format_instant, is_hex64
from verifier.base.values import value
from verifier.rules.model.calendar import add_months
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.power import LONGEST_MANDATE
from verifier.statements.types import Consent, Mandate

FIELDS = ("agency", "commission", "ends", "other", "powers", "starts")
"""Of the form."""
POWERS = ("approve", "collect", "revoke")
FIRST = {"commission": ["20"], "powers": ["approve"]}
"""What an empty form begins with, besides a year from today."""
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\Z", re.ASCII)


@value
class NewMandate:
    """What she would sign; ``text`` is the statement in words, ``answer`` what the registry would say of it."""

    agency: Person
    powers: tuple[str, ...]
    starts: Instant
    ends: Instant
    commission: int
    text: str
    answer: AskedFirst
    act: Act | None


@value
class EndedMandate:
    """One that she is about to end, at once."""

    line: MandateLine
    act: Act | None


@value
class MandatePage:
    """``mandates`` are those that she gave, ``known`` agencies to choose from. ``given`` is what was filled in, or what
    the form begins with; ``wrong`` what is wrong with it by field. ``new`` is there once everything is."""

    person: Person | None
    mandates: tuple[MandateLine, ...]
    known: tuple[Person, ...]
    powers: tuple[str, ...]
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    new: NewMandate | None
    ending: EndedMandate | None
    as_of: Instant


@value
class _Meant:
    """A form that is filled in, and the draft that it comes to."""

    agency: str
    powers: tuple[str, ...]
    starts: Instant
    ends: Instant
    commission: int
    draft: str


def views(service: Service) -> Views:
    """``/model/mandates``, and what is said there as a draft."""
    acts = Acts(service)

    def mandates() -> MandatePage:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        fields = FormFields(sent(), viewing())
        lines = mandate_lines(view, party, "model")
        new, ending = None, None
        if "ending" in request.args:
            entry, line = _ended(view, lines)
            submission = completed(_revocation(view, entry), view.now)
            ending = EndedMandate(
                line=line, act=acts.submit(submission, back="/model/mandates") if submission else None
            )
        elif fields.given and (filled := _filled(view, party, fields)) is not None:
            new = _new(service, view, acts, filled)
        given = fields.given or {**FIRST, **_a_year(view.now)}
        made = MandatePage(
            person=view.person(party, "model"),
            mandates=tuple(line for _, line in lines),
            known=tuple(_known(view, party)),
            powers=POWERS,
            given={name: tuple(given[name]) for name in FIELDS if name in given},
            wrong=fields.wrong,
            new=new,
            ending=ending,
            as_of=view.as_of,
        )
        view.done()
        return made

    def draft() -> Response:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        if "ending" in request.args:
            entry, _ = _ended(view, mandate_lines(view, party, "model"))
            view.done()
            return file_answer("end.toml", _revocation(view, entry))
        filled = _filled(view, party, FormFields(sent(), viewing()))
        view.done()
        if filled is None:
            raise fail("bad_request", "the form is not filled in; look at it first")
        return file_answer("mandate.toml", filled.draft)

    return {**form_page("model_mandates", mandates, scripted=True, template="mandates"), "model_mandates_draft": draft}


def _ended(view: ReaderView, lines: list[tuple[Entry[Mandate], MandateLine]]) -> tuple[Entry[Mandate], MandateLine]:
    """The one that the address says she is about to end."""
    for entry, line in lines:
        if line.mandate == request.args["ending"] and line.state != ENDED:
            return entry, line
    raise fail("not_found", "this model gave no mandate with this id that could be ended", "ending")


def _revocation(view: ReaderView, entry: Entry[Mandate]) -> str:
    """That a mandate ends, at once."""
    model = entry.statement.parties.model
    return template(
        "revocation",
        {
            **prefill("revocation", entry.statement),
            "effective": format_instant(view.now),
            "ground": "withdrawal",
            "parties.guardian": None if model is None else guardian_of(view, model),
        },
    )


def _filled(view: ReaderView, model: str, fields: FormFields) -> _Meant | None:
    """What the form says; None where a field is wrong, which ``fields`` then says."""
    agency = fields.text("other").lower().replace(" ", "") or fields.text("agency")
    if not is_hex64(agency) or "agency" not in view.roles(agency):
        fields.fail("agency", "mandate.no_agency")
    powers = fields.several("powers", POWERS)
    window = fields.days("starts", "ends")
    commission = _percent(fields)
    if window is not None and window[1].at > add_months(window[0].at, LONGEST_MANDATE):
        fields.fail("ends", "mandate.too_long")
    if window is not None and window[1].at <= view.now:
        fields.fail("ends", "mandate.over")
    if fields.wrong or window is None or commission is None:
        return None
    draft = template(
        "mandate",
        {
            "registry": view.record.genesis,
            "powers": powers,
            "starts": format_instant(window[0].at),
            "ends": format_instant(window[1].at),
            "parties.model": model,
            "parties.agency": agency,
            "parties.guardian": guardian_of(view, model),
            "money.commission_bp": commission,
        },
    )
    return _Meant(agency=agency, powers=powers, starts=window[0], ends=window[1], commission=commission, draft=draft)


def _percent(fields: FormFields) -> int | None:
    """A commission as one types it, in hundredths of a per cent."""
    text = fields.needed("commission").removesuffix("%").strip()
    match = _PERCENT.match(text)
    found = None if match is None else int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
    if text and (found is None or found > 10_000):
        fields.fail("commission", "mandate.no_commission")
        return None
    return found


def _new(service: Service, view: ReaderView, acts: Acts, filled: _Meant) -> NewMandate | None:
    submission = completed(filled.draft, view.now)
    agency = view.person(filled.agency, "agency")
    if submission is None or agency is None:
        return None
    return NewMandate(
        agency=agency,
        powers=filled.powers,
        starts=filled.starts,
        ends=filled.ends,
        commission=filled.commission,
        text=in_words(submission, viewing().words),
        answer=ask_about(service, view, submission),
        act=acts.submit(submission, back="/model/mandates"),
    )


def _a_year(now: int) -> dict[str, list[str]]:
    """From today on."""
    return {"starts": [typed_day(now, viewing())], "ends": [typed_day(add_months(now, 12), viewing())]}


def _known(view: ReaderView, model: str) -> Iterator[Person]:
    """Agencies that she has to do with, by name."""
    found: dict[str, Person] = {}
    for entry in view.contracts(model):
        if holds(entry, Consent) or holds(entry, Mandate):
            agency = entry.statement.parties.agency
            if agency is not None and (person := view.person(agency, "agency")) is not None:
                found[agency] = person
    yield from sorted(found.values(), key=lambda one: (one.name or "\uffff", one.party))
