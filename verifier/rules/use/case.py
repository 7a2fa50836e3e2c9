"""One declared use, opened for judging: its terms, its consent's, its reports, and the window that it runs in."""

from __future__ import annotations

from verifier.base.values import field, value
from verifier.rules.model.context import Context, Judgement, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.use.history import history_of
from verifier.statements.sections import ReportTerms, Terms, UsageTerms
from verifier.statements.types import Consent, Usage


@value
class Doubt:
    """Why something about the reports cannot be told: a reason code and the entries behind it."""

    code: str
    entries: tuple[int, ...] = ()


@value(frozen=False)
class UsageCase:
    """A usage with everything that its rules read. ``window`` is [start, end) or ``None`` where it is not known.

    ``doubt`` says that a report which is not shown, not disclosed or doubtful might have moved the end; ``unsure`` is
    the stretch in which an end that was reported late may or may not have been true.
    """

    context: Context
    usage: Entry
    statement: Usage
    standing: Judgement
    consent: Entry
    terms: Terms | Unread
    use: UsageTerms | Unread
    reports: list[tuple[Entry, ReportTerms]] = field(default_factory=list)
    window: tuple[int, int] | None = None
    window_code: str = "ok"
    doubt: Doubt | None = None
    unsure: tuple[int, int, int] | None = None

    @property
    def granted(self) -> Consent:
        """The consent's statement."""
        assert isinstance(self.consent.statement, Consent)
        return self.consent.statement

    @property
    def allowed(self) -> Terms:
        """The consent's terms, where they are known to be disclosed."""
        assert isinstance(self.terms, Terms)
        return self.terms

    @property
    def use_terms(self) -> UsageTerms:
        """The usage's terms, where they are known to be disclosed."""
        assert isinstance(self.use, UsageTerms)
        return self.use


def open_case(context: Context, usage: Entry, consent: Entry) -> UsageCase:
    """Gather what a usage's rules read, and work out when it runs."""
    assert isinstance(usage.statement, Usage)
    terms = context.section(consent, "terms")
    use = context.section(usage, "terms")
    assert isinstance(terms, Terms | Unread) and isinstance(use, UsageTerms | Unread)
    case = UsageCase(
        context=context,
        usage=usage,
        statement=usage.statement,
        standing=context.standing(usage),
        consent=consent,
        terms=terms,
        use=use,
    )
    _read_reports(case)
    _set_window(case)
    return case


def _read_reports(case: UsageCase) -> None:
    """The good reports on this usage, in log order; what is hidden among them becomes the case's doubt."""
    history = history_of(case.context, case.statement.consent)
    if history is None:
        case.doubt = Doubt(code="list_missing")
        return
    for report, judgement in history.reports(case.statement.id):
        section = case.context.section(report, "terms")
        if judgement.standing is not Standing.GOOD:
            case.doubt = Doubt(code=judgement.code, entries=(report.index,))
        elif isinstance(section, Unread):
            case.doubt = Doubt(code=section.code, entries=section.entries or (report.index,))
        else:
            assert isinstance(section, ReportTerms)
            case.reports.append((report, section))


def _set_window(case: UsageCase) -> None:
    use = case.use
    if isinstance(use, Unread):
        case.window_code = use.code
        return
    if use.starts >= use.ends:
        case.window_code = "bad_terms"
        return
    end = use.ends
    ended = [(report, section.ends) for report, section in case.reports if section.ends is not None]
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
