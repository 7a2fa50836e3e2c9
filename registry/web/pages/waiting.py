"""Drafts on the desk as pages show them: what waits for whom, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from registry.desk.desk import Desk, DraftView
from registry.intake.submission import parse_submission
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value
from verifier.statements.kinds import kind_name
from verifier.statements.types import Consent, Revocation


@value
class WaitingDraft:
    """A statement that waits for signatures. ``kind`` is its type, of a consent with its act, of a revocation with what
    it ends; ``waits``: for this reader. Of each of ``missing`` somebody has to sign."""

    draft: str
    kind: str
    brand: Person | None
    model: Person | None
    signed: tuple[Person, ...]
    missing: tuple[Person, ...]
    deadline: Instant
    waits: bool
    yours: bool


def waiting_drafts(view: ReaderView, desk: Desk, *, own: bool = False) -> Iterator[WaitingDraft]:
    """Those that wait for this reader, the most urgent first; ``own``: those that she put up too."""
    party = view.reader.party
    seen = [one for one in desk.drafts(party) if one.draft.state == "open"]
    for one in sorted(seen, key=lambda one: (not one.waits, one.draft.deadline)):
        if one.waits or (own and one.draft.proposer == party):
            yield waiting_draft(view, one)


def waiting_draft(view: ReaderView, seen: DraftView) -> WaitingDraft:
    """One of them."""
    draft = seen.draft
    statement = parse_submission(draft.text).statement()
    roles = {party: role for role, party in statement.parties.roles().items()}
    signed = [party for group in seen.groups for party in group if party in seen.signed]
    missing = [party for group in seen.groups if not any(one in seen.signed for one in group) for party in group]
    return WaitingDraft(
        draft=draft.id,
        kind=kind_name(statement).replace(" ", "_") if isinstance(statement, Consent | Revocation) else draft.type,
        brand=view.person(statement.parties.licensee, "licensee"),
        model=view.person(statement.parties.model, "model"),
        signed=tuple(one for party in signed if (one := view.person(party, roles.get(party, "payee")))),
        missing=tuple(one for party in missing if (one := view.person(party, roles.get(party, "payee")))),
        deadline=Instant(draft.deadline),
        waits=seen.waits,
        yours=draft.proposer == view.reader.party,
    )
