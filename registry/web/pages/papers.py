"""Papers, for whoever may read the evidence that they carry: it is made, checked as any reader would, and set.

What sets them is loaded with the first that is asked for: it takes a third of a second and 46 MiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from registry.config import POLICY
from registry.desk.desk import Desk
from registry.desk.pending import DeskRefusal
from registry.evidence import evidence_beside
from registry.intake.submission import parse_submission
from registry.metering import OWN
from registry.problems import Problem
from registry.service import Service
from registry.web.errors import ProblemError, fail
from registry.web.pages.memo_text import names_in
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.viewing import Viewing, viewing
from registry.web.proofs import not_cosigned
from registry.web.questions import HasClientLeft, Make, Questions
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import is_hex64
from verifier.evidence.file import Invalid
from verifier.programs.language import english
from verifier.programs.rsgi import HAS_LEFT
from verifier.rules.model.question import Kind, Question
from verifier.statements.types import Consent

if TYPE_CHECKING:
    from registry.paper.basis import PaperBasis

MAX_CARRIED = 8 << 20
"""Bytes of evidence of which a paper is made here; of more the commands make one."""
ASKED: dict[str, Kind] = {"certificate": "usage", "memo": "consent", "overdue": "consent", "statement": "party"}
"""What the evidence of each paper is about."""
TAKES = {"certificate": {"ask"}, "overdue": {"debtor", "payee"}}
"""What else may stand in its address."""


def views(service: Service, desk: Desk) -> Views:
    """``/paper/<kind>/<id>``."""
    questions = Questions()

    def paper(kind: str, id: str) -> Response:
        look = viewing()
        if kind != "draft" and kind not in ASKED:
            raise fail("question_malformed", f"a paper is one of {', '.join(sorted((*ASKED, 'draft')))}", "kind")
        if not is_hex64(id):
            raise fail("question_malformed", "an id is 64 lower-case hex digits", "id")
        _check(kind)
        make = _draft(service, desk, look, id) if kind == "draft" else _of_log(service, look, kind, id)
        asked = ("paper", kind, id, tuple(sorted(request.args.items())), look.words.language, look.zone, reader())
        made = questions.answer(asked, make, request.environ.get(HAS_LEFT, lambda: False), keep=False)
        if isinstance(made, Problem):
            raise ProblemError(made)
        response = Response(made, content_type="application/pdf")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{id[:16]}.pdf"'
        response.headers["Content-Language"] = look.words.language
        return response

    return {"paper": paper}


def _check(kind: str) -> None:
    """What the address may say depends on the paper."""
    for name in ("ask", "debtor", "payee"):
        text = request.args.get(name)
        if text is None:
            continue
        if name not in TAKES.get(kind, ()):
            raise fail("question_malformed", f"a paper of this kind takes no {name}", name)
        if name == "ask" and text != "authorised":
            raise fail("question_malformed", "is left out or says authorised", name)
        if name != "ask" and not is_hex64(text):
            raise fail("question_malformed", "an id is 64 lower-case hex digits", name)


def _of_log(service: Service, look: Viewing, kind: str, id: str) -> Make:
    """Makes the paper of what is in the log."""
    who, question, given = reader(), Question(kind=ASKED[kind], id=id), dict(request.args)
    url = next(iter(service.addresses.urls), None)

    def make(has_left: HasClientLeft) -> bytes | Problem:
        from registry.paper.archive import TooMuchEvidence
        from registry.paper.basis import NoPaper, open_basis

        data = evidence_beside(service, question, service.readers.permission(who), OWN, has_left)
        if isinstance(data, Problem):
            return data
        if len(data) > MAX_CARRIED:
            return Problem(code="evidence_too_large", detail=f"{len(data)} bytes, at most {MAX_CARRIED} are set here")
        try:
            basis = open_basis(data, (service.config.root / POLICY).read_bytes(), look, now=service.now(), url=url)
            return _made(kind, basis, given)
        except Invalid as invalid:  # no quorum has cosigned it yet
            return Problem(code="not_cosigned", detail=str(invalid))
        except NoPaper as error:
            return Problem(code="no_paper", detail=english().tell(error.sentence))
        except TooMuchEvidence:
            return Problem(code="evidence_too_large", detail=english().say("paper.too_much"))

    service.await_quorum()
    if (problem := not_cosigned(service, question)) is not None:
        raise ProblemError(problem)
    return make


def _made(kind: str, basis: PaperBasis, given: dict[str, str]) -> bytes:
    from registry.paper import account, certificate, memo, overdue

    match kind:
        case "certificate":
            return certificate.certificate(basis, ask=given.get("ask"))
        case "memo":
            return memo.memo(basis)
        case "overdue":
            return overdue.overdue(basis, debtor=given.get("debtor"), payee=given.get("payee"))
    return account.statement(basis)


def _draft(service: Service, desk: Desk, look: Viewing, id: str) -> Make:
    """Makes the memo of a consent that waits on the desk, for whom it is shown to."""
    try:
        seen = desk.show(reader().party, id)
    except DeskRefusal as refusal:
        raise ProblemError(refusal.problem) from None
    submission = parse_submission(seen.draft.text) if seen.draft.state == "open" else None
    consent = None if submission is None else submission.statement()
    if submission is None or not isinstance(consent, Consent):
        raise fail("not_found", "no consent with this id waits on the desk", "id")
    url = next(iter(service.addresses.urls), None)
    page = None if url is None else f"{url.rstrip('/')}/drafts/{id}"
    sections = {name: section for name, (_, section) in submission.opened().items()}
    view = ReaderView(service, reader())
    names = names_in(view, submission.payload.decode())
    view.done()

    def make(_: HasClientLeft) -> bytes | Problem:
        from registry.paper.basis import NoPaper
        from registry.paper.memo import draft_memo

        try:
            return draft_memo(consent, sections, look, consent.at, page, names)
        except NoPaper as error:
            return Problem(code="no_paper", detail=english().tell(error.sentence))

    return make
