"""One draft on the desk, to be read before it is signed: who has signed, what it says, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import request

from registry.desk.desk import MAX_REASON, Desk, DraftView, files_named
from registry.desk.pending import DeskRefusal
from registry.drafting.drafts.words import SaidGroup, in_words, label, said
from registry.drafting.memo.render import unbroken
from registry.intake.submission import Submission, parse_submission
from registry.service import Service
from registry.web.errors import ProblemError, fail
from registry.web.pages.acts import SIGNATURE, Acts, Involved, Step
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.form_fields import FormFields, sent
from registry.web.pages.memo_text import named
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page
from registry.web.pages.unwelcome import WHAT, Unwelcome, unwelcome
from registry.web.pages.viewing import viewing
from registry.web.pages.waiting import WaitingDraft, waiting_draft
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.base.values import replace, value
from verifier.statements.types import Approval, Consent, Statement

WRITTEN = "{year}-{month}-{day}T{hour}:{minute}:{second}Z"
"""A moment as :meth:`~registry.web.pages.viewing.Viewing.timed` reads it."""


@value
class SignerRow:
    """Somebody who reads it, whether her signature is ``asked`` for, and when it came; ``declined`` with a reason."""

    person: Person | None
    asked: bool
    signed: Instant | None
    declined: Instant | None
    reason: str


@value
class Bringing:
    """Who put it up brings the files that it names (``named``, by their SHA-256), and takes them away, once her key
    has permitted it."""

    named: tuple[str, ...]
    permit: Act | None


@value
class DraftPage:
    """``text`` is what it says, in the language of the page: a deal memo, or what signing it says, which ``said`` has
    by its headings. ``draft`` is None once it is over. ``reason`` is why she is about to decline it. ``pictures`` are
    the files to look at, by their SHA-256, ``kept`` those that lie with it.
    """

    id: str
    state: str
    draft: WaitingDraft | None
    signers: tuple[SignerRow, ...]
    text: str
    said: tuple[SaidGroup, ...]
    pictures: tuple[str, ...]
    kept: tuple[str, ...]
    bringing: Bringing | None
    reason: str
    sign: Act | None
    decline: Act | None
    read: Act | None
    take_back: Act | None
    unwelcome: Unwelcome | None
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/drafts/<id>``."""
    acts = Acts(service)

    def draft(id: str) -> DraftPage:
        view = ReaderView(service, reader())
        if not is_hex64(id) or not reader().party:
            raise fail("not_found", "an id is 64 lower-case hex digits", "id")
        try:
            seen = desk.show(reader().party, id)
        except DeskRefusal as refusal:
            raise ProblemError(refusal.problem) from None
        is_open = seen.draft.state == "open"
        asked = {party for group in seen.groups for party in group}
        parties = sorted(asked | set(seen.draft.marks), key=lambda one: (one not in asked, one))
        fields = FormFields(sent(), viewing())
        what, said = fields.text("what") or request.args.get("what"), fields.text("reason")
        if len(said) > MAX_REASON:
            raise fail("question_malformed", f"is at most {MAX_REASON} characters", "reason")
        if what is not None and what not in WHAT:
            raise fail("question_malformed", f"is what can be done: {', '.join(WHAT)}", "what")
        reason = "" if what else said
        mine = seen.draft.mark(reader().party)
        submission = parse_submission(seen.draft.text) if is_open else None
        signing = submission if seen.waits else None
        here, call = f"/drafts/{id}", f"/desk/{id}"
        signers = tuple(
            SignerRow(
                person=view.party(one),
                asked=one in asked or not is_open,
                signed=_instant(seen.draft.mark(one).signed) if one in seen.signed or not is_open else None,
                declined=_instant(seen.draft.mark(one).declined),
                reason=seen.draft.mark(one).reason,
            )
            for one in parties
        )
        memo = _memo(submission) if submission else None
        text = "" if submission is None else in_words(submission, viewing().words) if memo is None else memo
        kept = tuple(one.digest for one in desk.pictures(seen))
        signs = Step("POST", f"{call}/signature", SIGNATURE)
        found = DraftPage(
            id=id,
            state=seen.draft.state,
            draft=waiting_draft(view, seen) if is_open else None,
            signers=signers,
            text=named(view, text),
            said=_said(view, submission) if submission and memo is None else (),
            pictures=_pictures(submission.statement(), kept) if submission else (),
            kept=kept,
            bringing=_bringing(acts, seen, submission, here) if seen.draft.proposer == reader().party else None,
            reason=reason,
            sign=acts.sign(signing, signs, back=here, people=_involved(signers)) if signing else None,
            decline=acts.ask(Step("POST", f"{call}/decline", {"reason": reason}), back=here)
            if seen.waits and reason
            else None,
            read=acts.ask(Step("POST", f"{call}/read"), back=here) if seen.waits and mine.read is None else None,
            take_back=acts.ask(Step("DELETE", f"{call}/signature"), back=here)
            if is_open and reader().party in seen.signed
            else None,
            unwelcome=unwelcome(acts, view, desk, seen, what, said),
            as_of=view.as_of,
        )
        view.done()
        return found

    return form_page("draft", draft, scripted=True, files=True)


def _pictures(statement: Statement, kept: tuple[str, ...]) -> tuple[str, ...]:
    """All that she approves, by looking at each; of a usage, which may name hundreds, those that lie with it."""
    return files_named(statement) if isinstance(statement, Approval) else kept


def _bringing(acts: Acts, seen: DraftView, submission: Submission | None, here: str) -> Bringing | None:
    named = files_named(submission.statement()) if submission else ()
    permit = acts.ask(Step("POST", f"/desk/{seen.draft.id}/files"), back=here) if named else None
    return Bringing(named=named, permit=permit) if named else None


def _involved(signers: Iterable[SignerRow]) -> Iterator[Involved]:
    for one in signers:
        if one.person is not None:
            yield Involved(one.person.party, one.person.name, one.signed.at if one.signed else None)


def _instant(at: int | None) -> Instant | None:
    return None if at is None else Instant(at)


def _memo(submission: Submission) -> str | None:
    """Of a consent the deal memo; None of the rest, and of a consent that lacks a section."""
    words, statement = viewing().words, submission.statement()
    if not isinstance(statement, Consent):
        return None
    try:
        sections = {name: section for name, (_, section) in submission.opened().items()}
        return unbroken(statement, sections, words.language).strip("\n")
    except KembarError:
        return None  # then its own words say which


def _said(view: ReaderView, submission: Submission) -> tuple[SaidGroup, ...]:
    """What signing it says, with names. What a person reads first is there; its id and the registry's are in the
    details. Moments are those of the page, as elsewhere on it; where she signs, they are in UTC."""
    look = viewing()
    words = replace(look.words, moment_form=WRITTEN)
    hidden = {label(name, words) for name in ("id", "registry")}
    return tuple(
        SaidGroup(
            group.heading,
            tuple((name, named(view, look.timed(text))) for name, text in group.rows if place or name not in hidden),
        )
        for place, group in enumerate(said(submission, words))
    )
