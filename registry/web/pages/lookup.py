"""Is a picture registered? Asked privately by the page's script; asked openly, answered here, with a public grade.

Everything rests on public headers and public names: a stranger is told this, and everybody alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import request

from registry.service import Service
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.statements.types import Approval, Revocation, Suspension, Usage

APPROVED, LICENSED, REGISTERED = "approved", "licensed", "registered"
"""The public grades of a use, best first (protocol, section 8.4)."""


@value
class PublicUse:
    """A use that names the file, as everybody may know it."""

    usage: str
    consent: str
    brand: Person | None
    grade: str
    declared: Instant


@value
class Lookup:
    """``sha256`` is what was asked about openly, None where nothing was; ``wrong``: so many characters of it are no
    SHA-256. ``uses`` are those of this exact file, ``others`` counts the other statements that name it."""

    sha256: str | None = None
    wrong: int | None = None
    uses: Part[PublicUse] | None = None
    others: int | None = None
    as_of: Instant
    size: int


def views(service: Service) -> Views:
    """``/lookup``."""

    def lookup() -> Lookup:
        view = ReaderView(service)
        size = view.record.size + 1
        given = request.args.get("sha256", "").strip().lower().removeprefix("sha256:")
        if not is_hex64(given):
            return Lookup(wrong=len(given) or None, as_of=view.as_of, size=size)
        found = [entry for entry in view.entries(f"asset:{given}") if _counts(view, entry)]
        uses = [entry for entry in found if holds(entry, Usage)]
        shown = part(uses[::-1])
        rows = tuple(public_use(view, given, entry) for entry in shown.rows)
        return Lookup(
            sha256=given,
            uses=Part(page=shown.page, pages=shown.pages, all=shown.all, rows=rows),
            others=len(found) - len(uses),
            as_of=view.as_of,
            size=size,
        )

    return page("lookup", lookup, scripted=True)


def uses_of(view: ReaderView, asset: str) -> Iterator[Entry[Usage]]:
    """The uses that name a file and count, in log order."""
    for entry in view.entries(f"asset:{asset}"):
        if holds(entry, Usage) and _counts(view, entry):
            yield entry


def _counts(view: ReaderView, entry: Entry) -> bool:
    return view.context.standing(entry).standing is not Standing.VOID


def public_use(view: ReaderView, asset: str, usage: Entry[Usage]) -> PublicUse:
    """A use of a file, as everybody may know it."""
    parties = usage.statement.parties
    role = "sublicensee" if parties.sublicensee else "licensee"
    return PublicUse(
        usage=usage.statement.id,
        consent=usage.statement.consent,
        brand=view.person(parties.role(role), role),
        grade=_grade(view, asset, usage),
        declared=Instant(usage.logged),
    )


def _grade(view: ReaderView, asset: str, usage: Entry[Usage]) -> str:
    """What the public headers show of a use."""
    context, id = view.context, usage.statement.consent
    consent = context.consent_of(usage)
    if consent is None or context.standing(consent).standing is not Standing.GOOD:
        return REGISTERED
    ends = [
        (end.index, end.statement.effective)
        for kind in (Revocation, Suspension)
        for end, _ in context.listed(f"consent:{id}", kind) or ()
        if isinstance(end.statement, Revocation | Suspension)
    ]
    if any(index < usage.index and effective <= usage.logged for index, effective in ends):
        return REGISTERED
    decisions = [
        entry.statement.decision
        for entry, judgement in context.listed(f"approval:{id}.{asset}", Approval) or ()
        if judgement.standing is Standing.GOOD
    ]
    return APPROVED if decisions and decisions[-1] == "approve" else LICENSED
