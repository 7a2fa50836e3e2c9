"""A consent from a form: an agency fills in what was agreed, reads the memo and what the registry would say of it, and
hands it over to be signed. Nothing is done here: it goes to the page that holds its key, or out as a draft.

The form is sent as a body, for it is long; the answer to it is a page like any other, and stands nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from registry.drafting.adapters.adcp import parse_acquire_rights
from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.sources import flattened, from_adcp, from_earlier, owed_again, renewing
from registry.drafting.drafts.templates import with_value
from registry.drafting.memo.render import Language, digest, language_of, render, unbroken
from registry.intake.submission import Submission
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts
from registry.web.pages.asked_first import AskedFirst, ask_about
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.deal_form import (
    FIRST,
    FOLLOWS,
    Base,
    TwinChoice,
    draft_of,
    earlier_deal,
    fields_from,
    kept_fees,
    twins_of,
)
from registry.web.pages.deals import Deal, deals_of
from registry.web.pages.downloads import file_answer
from registry.web.pages.form_fields import FormFields
from registry.web.pages.memo_text import named
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.base.values import replace, value
from verifier.programs.language import tell
from verifier.statements.sections import Section, Terms
from verifier.statements.types import Consent

MAX_FORM = 256 * 1024
"""Bytes of a form that is sent."""
EARLIER = 25
"""Earlier deals to begin with."""
BRANDS = 200
"""Brands to choose from, those of the newest deals."""


@value
class DealPage:
    """``twins`` and ``brands`` are to choose from, ``earlier`` are deals to begin with, ``like`` is the one that it
    began with. ``kept`` are fees that stay as they are there; ``notes`` are what somebody has to know or decide.

    ``memo`` and ``answer`` are there once everything is filled in. ``draft`` is then the text to be signed.
    """

    person: Person | None
    twins: tuple[TwinChoice, ...]
    brands: tuple[Person, ...]
    earlier: tuple[Deal, ...]
    like: str | None
    adcp: str
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    kept: tuple[str, ...]
    notes: tuple[str, ...]
    memo: str | None
    answer: AskedFirst | None
    draft: str | None
    act: Act | None
    as_of: Instant


def views(service: Service) -> Views:
    """``/agency/draft``: the form, and what is answered to it."""
    acts = Acts(service)

    def form() -> DealPage:
        view = ReaderView(service, reader())
        whose(view, "agency")
        if request.args.get("follows", FOLLOWS[0]) not in FOLLOWS:
            raise fail("question_malformed", f"is one of {', '.join(FOLLOWS)}", "follows")
        found = _page(service, view, None, request.args.get("like"), "")
        view.done()
        return found

    def preview() -> DealPage:
        sent = _sent()
        view = ReaderView(service, reader())
        whose(view, "agency")
        adcp = "".join(sent.get("adcp", ())).strip()
        found = _page(service, view, sent, next(iter(sent.get("like", ())), None) or None, adcp)
        if found.draft is not None:
            submission, text = _with_memo(found.draft, view.now)
            found = replace(
                found,
                memo=named(view, _memo(submission)),
                answer=ask_about(service, view, submission),
                draft=text,
                act=acts.submit(submission, back="/agency"),
            )
        view.done()
        return found

    def save() -> Response:
        found = preview()
        if found.draft is None or found.memo is None:
            raise fail("bad_request", "the form is not filled in; look at it first")
        return file_answer("consent.toml", found.draft)

    return {
        **page("agency_draft", form, scripted=True, sends=True),
        **page("agency_preview", preview, scripted=True, sends=True, template="agency_draft"),
        "agency_save": save,
    }


def _sent() -> dict[str, list[str]]:
    if (request.content_length or 0) > MAX_FORM:
        raise fail("too_large", f"the form is larger than {MAX_FORM} bytes")
    return request.form.to_dict(flat=False)


def _page(
    service: Service, view: ReaderView, sent: dict[str, list[str]] | None, like: str | None, adcp: str
) -> DealPage:
    """The form with what there is to choose from, and the draft where nothing is wrong; no answer yet."""
    look, party = viewing(), view.reader.party
    fields = FormFields(sent or {}, look)
    base, notes = _base(service, view, like, adcp, fields)
    twins = twins_of(service, view, party)
    deals = deals_of(view, party)
    draft = None
    is_sent = sent is not None and fields.text("step") != "read"
    if is_sent:
        draft = draft_of(view, fields, twins, base)
        if draft is not None:
            try:
                _with_memo(draft, view.now)
            except KembarError as error:
                fields.fail("all", "form.not_whole")
                notes, draft = (*notes, f"{error.where}: {tell(error.message, look.words)}"), None
    first = {**FIRST, "language": [language_of(look.words.language)]}
    given = fields.given if is_sent else {**first, **fields_from(base, look), "adcp": [adcp]}
    brands = {one.brand.party: one.brand for one in deals if one.brand is not None}
    return DealPage(
        person=view.person(party, "agency"),
        twins=twins,
        brands=tuple(brands.values())[:BRANDS],
        earlier=() if base else tuple(deals[:EARLIER]),
        like=like,
        adcp=adcp,
        given={name: tuple(texts) for name, texts in given.items()},
        wrong=fields.wrong,
        kept=kept_fees(base, look),
        notes=notes,
        memo=None,
        answer=None,
        draft=draft,
        act=None,
        as_of=view.as_of,
    )


def _base(
    service: Service, view: ReaderView, like: str | None, adcp: str, fields: FormFields
) -> tuple[Base, tuple[str, ...]]:
    """What a deal begins with, and what has to be known about it."""
    look = viewing()
    values: dict[str, Json] = {}
    notes: list[str] = []
    if like is not None:
        earlier = earlier_deal(service, view, like) if is_hex64(like) else None
        if earlier is None or not view.rights.is_party(earlier.statement()):
            raise fail("not_found", "no consent with this id names this party", "like")
        follows = fields.text("follows") or request.args.get("follows", "")
        try:
            values |= _followed(earlier, follows)
        except KembarError as error:
            raise fail("question_malformed", error.message, "like") from None
        notes += [] if follows == "new" else owed_again(earlier, view.now, look.words)
    if adcp:
        try:
            message = parse_acquire_rights(adcp.encode(), view.now)
        except KembarError as error:
            fields.fail("adcp", "form.no_adcp")
            told = tell(error.message, look.words)
            notes.append(f"{error.where}: {told}" if error.where else told)
        else:
            values |= flattened(from_adcp(message))
            notes += [tell(str(note), look.words) for note in message.notes]
    return values, tuple(notes)


def _followed(earlier: Submission, follows: str) -> dict[str, Json]:
    """What a deal takes over from an earlier one that it renews, replaces or is only like. Raises
    :class:`KembarError`."""
    if follows == "renews":
        return renewing(earlier)
    return flattened(from_earlier(earlier, "replaces" if follows == "replaces" else None))


def _with_memo(draft: str, now: int) -> tuple[Submission, str]:
    """What is signed: it says which memo was shown. Raises :class:`KembarError` for what is no consent."""
    statement, sections = _parts(complete(parse_draft(draft), draft, now))
    text = with_value(draft, "terms.memo", digest(render(statement, sections, _language(sections))))
    return complete(parse_draft(text), text, now), text


def _memo(submission: Submission) -> str:
    """In the language of the terms, which is the one that she is shown."""
    statement, sections = _parts(submission)
    return unbroken(statement, sections, _language(sections)).strip("\n")


def _parts(submission: Submission) -> tuple[Consent, Mapping[str, Section]]:
    statement = submission.statement()
    assert isinstance(statement, Consent)
    return statement, {name: section for name, (_, section) in submission.opened().items()}


def _language(sections: Mapping[str, Section]) -> Language:
    terms = sections["terms"]
    assert isinstance(terms, Terms)
    return language_of(terms.language)
