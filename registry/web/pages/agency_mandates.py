"""An agency's mandates: whom it acts for, what each lets it do, until when, and which of them end soon."""

from __future__ import annotations

from registry.service import Service
from registry.web.pages.agency import SOON
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.kept import kept_answers
from registry.web.pages.mandate_lines import RUNNING, MandateLine, mandate_lines
from registry.web.pages.month_grid import DAY
from registry.web.pages.paging import AT_ONCE, Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.values import value


@value
class AgencyMandates:
    """``running`` counts the models for whom it may act now. ``soon`` are the mandates that end within
    :data:`agency.SOON` days, the first to end first, at most one part of them."""

    person: Person | None
    running: int
    soon: tuple[MandateLine, ...]
    mandates: Part[MandateLine]
    as_of: Instant


def views(service: Service) -> Views:
    """``/agency/mandates``."""

    def mandates() -> AgencyMandates:
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        entries = len(view.record.rows(f"party:{party}") or ())
        lines = kept_answers(service).get(reader(), ("mandates", party), entries, lambda own: _lines(own, party))
        by = view.now + SOON * DAY
        running = [one for one in lines if one.state == RUNNING]
        soon = sorted((one for one in running if _end(one) < by), key=_end)
        found = AgencyMandates(
            person=view.person(party, "agency"),
            running=len({one.model.party for one in running if one.model is not None}),
            soon=tuple(soon[:AT_ONCE]),
            mandates=part(lines),
            as_of=view.as_of,
        )
        view.done()
        return found

    return page("agency_mandates", mandates)


def _lines(view: ReaderView, party: str) -> tuple[MandateLine, ...]:
    return tuple(line for _, line in mandate_lines(view, party, "agency"))


def _end(line: MandateLine) -> int:
    return (line.ended_at or line.ends).at
