"""One declared use, opened for judging: its terms, its consent's, its reports, and the window that it runs in."""

from __future__ import annotations

from verifier.base.values import field, value
from verifier.rules.model.calendar import LONGEST_USE
from verifier.rules.model.context import Context, Judgement, Kept, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.timeline import CannotJudge, unread
from verifier.rules.standing.stops import Stops, stops_of
from verifier.statements.sections import CreateTerms, ReportTerms, Terms, UsageTerms
from verifier.statements.types import Consent, Report, Usage


@value(frozen=False)
class UsageCase:
    """A usage with everything that its rules read. ``window`` is [start, end) or ``None`` where it is not known.

    ``doubt`` says that a report which is not shown, not disclosed or doubtful might have moved the end; ``unsure`` is
    the stretch in which an end that was reported late may or may not have been true. ``files`` are the SHA-256 of those
    that the reader compared.
    """

    context: Context
    usage: Entry[Usage]
    standing: Judgement
    consent: Entry[Consent]
    terms: Terms | Unread
    use: UsageTerms | Unread
    reports: list[tuple[Entry, ReportTerms]] = field(default_factory=list)
    window: tuple[int, int] | None = None
    window_code: str = "ok"
    doubt: Unread | None = None
    unsure: tuple[int, int, int] | None = None
    files: tuple[str, ...] = ()

    @property
    def reach(self) -> tuple[int, int] | None:
        """When it may run at most: its window, or as long as any use while a report may have moved the end (A10)."""
        if self.window is None or self.doubt is None:
            return self.window
        return self.window[0], self.window[0] + LONGEST_USE

    @property
    def statement(self) -> Usage:
        """The usage's statement."""
        return self.usage.statement

    @property
    def allowed(self) -> Terms:
        """The consent's terms; :class:`CannotJudge` where they cannot be read."""
        if isinstance(self.terms, Unread):
            raise CannotJudge(unread(self.terms, self.consent))
        return self.terms

    @property
    def use_terms(self) -> UsageTerms:
        """The usage's terms; :class:`CannotJudge` where they cannot be read."""
        if isinstance(self.use, Unread):
            raise CannotJudge(unread(self.use, self.usage))
        return self.use

    @property
    def stops(self) -> Stops:
        """All that stops the consent, the same for every use under it."""

        def find() -> Stops:
            return stops_of(self.context, self.consent, self.terms, onward=True)

        return self.context.memo.recall(STOPS, self.consent.index, find)


STOPS: Kept[int, Stops] = Kept()
"""By a consent's index: what stops it, by its terms, and those that replaced it."""


@value
class ConsentCase:
    """A consent with everything that its rules read. ``notice`` are the terms whose notice a stop waits for: a creation
    has none."""

    context: Context
    consent: Entry[Consent]
    standing: Judgement
    terms: Terms | CreateTerms | Unread
    notice: Terms | CreateTerms | Unread | None
    stops: Stops


def open_case(context: Context, usage: Entry[Usage], consent: Entry[Consent], files: tuple[str, ...] = ()) -> UsageCase:
    """Gather what a usage's rules read, and work out when it runs."""
    terms = context.section(consent, "terms", Terms)
    use = context.section(usage, "terms", UsageTerms)
    case = UsageCase(
        context=context,
        usage=usage,
        standing=context.standing(usage),
        consent=consent,
        terms=terms,
        use=use,
        files=files,
    )
    _read_reports(case)
    _set_window(case)
    return case


def open_consent(context: Context, consent: Entry[Consent]) -> ConsentCase:
    """Gather what a consent's rules read."""
    terms = context.section(consent, "terms", Terms, CreateTerms)
    return ConsentCase(
        context=context,
        consent=consent,
        standing=context.standing(consent),
        terms=terms,
        notice=None if consent.statement.act == "create" else terms,
        stops=stops_of(context, consent, terms, onward=True),
    )


def _read_reports(case: UsageCase) -> None:
    """The good reports on this usage, in log order; what is hidden among them becomes the case's doubt."""
    listed = case.context.listed(f"usage:{case.statement.consent}.{case.statement.id}", Report)
    if listed is None:
        case.doubt = Unread("list_missing")
        return
    for report, judgement in listed:
        section = case.context.section(report, "terms", ReportTerms)
        if judgement.standing is not Standing.GOOD:
            case.doubt = Unread(judgement.code, (report.index,))
        elif isinstance(section, Unread):
            case.doubt = section
        else:
            case.reports.append((report, section))


def _set_window(case: UsageCase) -> None:
    use = case.use
    if isinstance(use, Unread):
        case.window_code = use.code
        return
    longest = use.starts + LONGEST_USE
    if not use.starts < use.ends <= longest:
        case.window_code = "bad_terms"
        return
    end = use.ends
    ended = [(report, min(section.ends, longest)) for report, section in case.reports if section.ends is not None]
    if ended:
        report, said = ended[-1]
        late_window = case.terms.late_window if isinstance(case.terms, Terms) else 0
        if said >= end or report.logged <= said + late_window:
            end = max(said, use.starts)
        else:
            # Reported late: it has stopped by now, but from when on cannot be told.
            end = min(end, max(report.logged, use.starts))
            case.unsure = (said, report.logged, report.index)
    case.window = (use.starts, end)
