"""Against who is not welcome: what a reader can do about who put a draft up, and whose drafts she does not take."""

from __future__ import annotations

from registry.desk.desk import Desk, DraftView
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts, Involved, Step
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.values import value

REPORT, BLOCK = WHAT = ("report", "block")
"""What she may be about to do."""


@value
class Unwelcome:
    """``what`` she is about to do about ``who`` put a draft up, and the ``reason`` that the registrars read; ``act``
    does it. ``reported`` and ``blocked`` are when she did so before."""

    who: Person | None
    what: str | None
    reason: str
    act: Act | None
    reported: Instant | None
    blocked: Instant | None
    unblock: Act | None

    @property
    def is_ready(self) -> bool:
        """Whether what follows can be shown: a report without a reason is none yet."""
        return self.what == BLOCK or bool(self.reason)


@value
class BlockedParty:
    """Somebody whose drafts are not taken, since then."""

    party: Person | None
    since: Instant
    unblock: Act | None


@value
class BlockedPage:
    """All of them, in the order in which they were blocked."""

    blocked: tuple[BlockedParty, ...]
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/blocked``."""
    acts = Acts(service)

    def blocked() -> BlockedPage:
        view, party = ReaderView(service, reader()), reader().party
        if not party:
            raise fail("not_found", "only a party takes drafts, or takes none", "of")
        found = BlockedPage(
            blocked=tuple(
                BlockedParty(
                    party=view.party(one),
                    since=Instant(at),
                    unblock=unblocking(acts, view.party(one), back="/blocked"),
                )
                for one, at in desk.contacts.blocked_by(party)
            ),
            as_of=view.as_of,
        )
        view.done()
        return found

    return page("blocked", blocked, scripted=True)


def unwelcome(
    acts: Acts, view: ReaderView, desk: Desk, seen: DraftView, what: str | None, reason: str
) -> Unwelcome | None:
    """What can be done about a draft that somebody else put up; None of one's own."""
    party, draft = view.reader.party, seen.draft
    if draft.proposer == party:
        return None
    here, who = f"/drafts/{draft.id}", view.party(draft.proposer)
    blocked = dict(desk.contacts.blocked_by(party)).get(draft.proposer)
    reported = next((one.at for one in desk.contacts.reports(desk.now(), party) if one.draft == draft.id), None)
    act = None
    if what == REPORT and reason:
        act = acts.ask(Step("POST", f"/desk/{draft.id}/report", {"reason": reason}), back=here, people=involved(who))
    elif what == BLOCK:
        act = acts.ask(Step("POST", "/desk/blocks", {"party": draft.proposer}), back=here, people=involved(who))
    return Unwelcome(
        who=who,
        what=what,
        reason=reason if what == REPORT else "",
        act=act,
        reported=None if reported is None else Instant(reported),
        blocked=None if blocked is None else Instant(blocked),
        unblock=None if blocked is None else unblocking(acts, who, back=here),
    )


def unblocking(acts: Acts, who: Person | None, *, back: str) -> Act | None:
    """Takes somebody's drafts again."""
    if who is None:
        return None
    return acts.ask(Step("DELETE", f"/desk/blocks/{who.party}"), back=back, people=involved(who))


def involved(who: Person | None) -> tuple[Involved, ...]:
    """Whom an act is about, by name."""
    return () if who is None else (Involved(who.party, who.name, None),)
