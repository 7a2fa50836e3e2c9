"""When the lines of a consent arise, and what keeps one from arising (rule M1).

Flat fees are no usage's: they arise with the consent's entry or an option's exercise (``signed``), on a date (``on``,
``every``), with the licensee's own revocation (``break``), or with the first usage that meets them (``use``, which is
the schedule's to find). Where a stop is doubtful there are two readings of what is due: in the *least* it stops, in the
*most* it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.base.values import field, value
from verifier.rules.model.calendar import DAY
from verifier.rules.model.context import Context, Judgement, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.timeline import FOREVER
from verifier.rules.money.fees import date_after, dates_of, owed_of
from verifier.rules.money.reasons import CannotTell, Reason
from verifier.rules.money.schedule import SCALE
from verifier.rules.standing.stops import ANYWHERE, Stops, exercises_of, stops_of
from verifier.statements.sections import ConsentMoney, CreateTerms, Exclusive, Fee, Terms
from verifier.statements.types import Consent, Revocation


@value(kw_only=False)
class FlatLine:
    """What a flat fee adds at one instant, exact.

    ``claim_at`` is when the claim arose that it belongs to: earlier than ``at`` for what falls away ``rata``. ``least``
    and ``most``: in which readings of what is due it counts. ``period``: the number of the date, of a fee with
    ``recoup: period``.
    """

    at: int
    claim_at: int
    index: int
    fee: Fee
    exact: int
    least: bool = True
    most: bool = True
    period: int = -1


@value(kw_only=False)
class Halt:
    """No date in [start, end) makes a line; for certain or not."""

    start: int
    end: int
    sure: bool


@value(frozen=False)
class Arising:
    """The lines of a consent that no usage makes, in the order in which they arise, and what they rest on.

    ``scale``: how much of ``exact`` is one minor unit. ``periods``: the dates of the fee with ``recoup: period``, and
    where the last one's ends. ``doubts``: why the least and the most may differ. ``hidden``: why there may be lines of
    which nothing can be told.
    """

    scale: int = SCALE
    lines: Sequence[FlatLine] = ()
    periods: Sequence[int] = ()
    released: Sequence[Halt] = ()
    doubts: list[Reason] = field(default_factory=list)
    hidden: list[Reason] = field(default_factory=list)

    def counts(self, fee: Fee, at: int) -> tuple[bool, bool]:
        """Whether a fee that arises at an instant does in the least, and in the most, for all that was released."""
        return _counted(self.released if fee.for_ else (), at)


def arising_of(context: Context, consent: Entry[Consent], money: ConsentMoney) -> Arising:
    """The lines of a good or doubtful consent, but for those owed by ``use``."""
    return _Finder(context, consent, money).find()


class _Finder:
    def __init__(self, context: Context, consent: Entry[Consent], money: ConsentMoney) -> None:
        self._context = context
        self._consent = consent
        self._money = money
        self._terms = context.section(consent, "terms", Terms, CreateTerms)
        self._stops = Stops()
        self._found = Arising()

    def find(self) -> Arising:
        found, terms = self._found, self._terms
        flat = [fee for fee in self._money.fees if fee.per == "flat" and owed_of(fee) != "use"]
        found.released = self._releases()
        if any(fee.rata for fee in flat) and not isinstance(terms, Unread):
            found.scale = SCALE * max(1, _days(terms.starts, terms.ends))
        if flat:
            self._stops = self._find_stops()
        begun, sure = self._begins()
        lines: list[FlatLine] = []
        for fee in flat:
            exact = found.scale * (fee.amount or 0)
            match owed_of(fee):
                case "signed":
                    if begun is not None and (counts := found.counts(fee, begun.logged))[1]:
                        signed = FlatLine(begun.logged, begun.logged, begun.index, fee, exact, sure and counts[0])
                        lines.extend([signed, *self._falls(signed)])
                case "break":
                    lines.extend(self._broken(fee, exact))
                case _:
                    if begun is not None:
                        lines.extend(self._dated(fee, exact, begun, sure))
        found.lines = sorted(lines, key=lambda line: (line.at, line.claim_at))
        return found

    def _begins(self) -> tuple[Entry | None, bool]:
        """The entry with which ``signed`` and dated lines may arise, the consent's or an option's exercise; and whether
        that is certain."""
        if self._consent.statement.exercise_by is None:
            return self._consent, True
        taken = exercises_of(self._context, self._consent)
        if taken is None:
            self._found.hidden.append(Reason("M1", "list_missing"))
            return None, False
        good = next((entry for entry, judgement in taken if judgement.standing is Standing.GOOD), None)
        if good is not None or not taken:
            return good, True
        self._doubt(taken[0][1], taken[0][0].index)
        return taken[0][0], False

    def _find_stops(self) -> Stops:
        """What stops the consent itself; hidden terms hide no more than from when on."""
        stops = stops_of(self._context, self._consent, self._terms, onward=False)
        if stops.missing is self._terms:
            stops.missing = None
        return stops

    # -- lines

    def _dated(self, fee: Fee, exact: int, begun: Entry, sure: bool) -> Iterator[FlatLine]:
        """One line a date, but where a stop holds at it; the later of its date and when it could begin."""
        terms = self._terms
        dates: list[int] = []
        if fee.owed == "on":
            dates = [] if fee.at is None else [fee.at]
        elif isinstance(terms, Unread):
            self._found.hidden.append(Reason("M1", terms.code, terms.entries or (self._consent.index,)))
        else:
            dates = list(dates_of(fee, terms))
        if fee.recoup == "period" and dates and not isinstance(terms, Unread):
            self._found.periods = [*dates, date_after(fee, terms, dates[-1])]
        halts = [*self._halts(), *(self._found.released if fee.for_ else ())]
        for place, date in enumerate(dates):
            least, most = _counted(halts, date)
            if most:
                at = max(date, begun.logged)
                period = place if fee.recoup == "period" else -1
                yield FlatLine(at, at, begun.index, fee, exact, least and sure, period=period)

    def _halts(self) -> Iterator[Halt]:
        """Where dates make no line: the union's suspensions and the licensee's own revocation, without ``break``, halt
        nothing."""
        stops = self._stops
        notice = None if self._money.break_ is None else self._money.break_.notice
        for stop in stops.revocations:
            self._doubt(stop.judgement, stop.index)
            if not stop.by_licensee:
                yield Halt(stop.start, FOREVER, stop.sure)
            elif notice is not None:
                yield Halt(stop.logged + notice, FOREVER, stop.sure)
        for stop in stops.suspensions:
            if stop.waits:  # the model's; of the union's nothing has to wait
                self._doubt(stop.judgement, stop.index)
                yield Halt(stop.start, stop.end, stop.sure)
        for entry, judgement in stops.replaced_by:
            self._doubt(judgement, entry.index)
            yield Halt(entry.logged, FOREVER, judgement.standing is Standing.GOOD)
        if stops.missing is not None:
            self._found.doubts.append(Reason("M1", stops.missing.code, stops.missing.entries))
            yield Halt(-FOREVER, FOREVER, False)

    def _falls(self, line: FlatLine) -> Iterator[FlatLine]:
        """What falls away of a ``signed`` line at the first stop, but the licensee's own: the share of the days that
        did not run. What may stop it lowers the least alone."""
        if not line.fee.rata:
            return
        terms, stops = self._terms, self._stops
        found = [(stop.start, stop.sure, stop.index) for stop in stops.revocations if not stop.by_licensee]
        for entry, judgement in stops.replaced_by:
            found.append((entry.logged, judgement.standing is Standing.GOOD, entry.index))
        if stops.missing is not None:
            found.append((line.at, False, ANYWHERE))
            self._found.doubts.append(Reason("M1", stops.missing.code, stops.missing.entries))
        if not found:
            return
        if isinstance(terms, Unread):
            self._found.hidden.append(Reason("M1", terms.code, terms.entries or (self._consent.index,)))
            return
        if terms.starts >= terms.ends:  # there are no days to share: nothing can be told of what comes with it or after
            raise CannotTell("M1", "bad_terms", (self._consent.index,))
        for stop in stops.revocations:
            self._doubt(stop.judgement, stop.index)
        first = min(found)
        certain = min((one for one in found if one[1]), default=None)
        for one in dict.fromkeys([first, certain]):
            if one is not None:
                whole = _days(terms.starts, terms.ends)
                run = _days(terms.starts, min(max(one[0], terms.starts), terms.ends))
                at = max(one[0], line.at)
                gone = line.exact // whole * (whole - run)
                index = one[2] if one[2] >= 0 else line.index
                least, most = line.least and one == first, one == certain
                if gone:
                    yield FlatLine(at, line.claim_at, index, line.fee, -gone, least, most)

    def _broken(self, fee: Fee, exact: int) -> Iterator[FlatLine]:
        """The kill fee: with the first good revocation by the licensee alone."""
        own = sorted((stop for stop in self._stops.revocations if stop.by_licensee), key=lambda stop: stop.index)
        good = next((stop for stop in own if stop.sure), None)
        for stop in [good] if good is not None else own[:1]:
            least, most = self._found.counts(fee, stop.logged)
            self._doubt(stop.judgement, stop.index)
            if most:
                yield FlatLine(stop.logged, stop.logged, stop.index, fee, exact, stop.sure and least)

    def _releases(self) -> Sequence[Halt]:
        """From when on fees for the exclusivity arise no more (T7)."""
        if "exclusive" not in self._consent.statement.sections or not any(fee.for_ for fee in self._money.fees):
            return ()
        section = self._context.section(self._consent, "exclusive", Exclusive)
        if isinstance(section, Unread):
            listed = self._context.listed(f"consent:{self._consent.statement.id}", Revocation)
            if listed is not None and all(entry.statement.part is None for entry, _ in listed):
                return ()
            self._found.doubts.append(Reason("M1", section.code, section.entries or (self._consent.index,)))
            return (Halt(-FOREVER, FOREVER, False),)
        stops = stops_of(self._context, self._consent, section, onward=False)
        for stop in stops.releases:
            self._doubt(stop.judgement, stop.index)
        return [Halt(stop.start, FOREVER, stop.sure) for stop in stops.releases]

    def _doubt(self, judgement: Judgement, index: int) -> None:
        if judgement.standing is not Standing.GOOD:
            entries = judgement.entries or ((index,) if index >= 0 else ())
            self._found.doubts.append(Reason("M1", judgement.code, entries))


def _counted(halts: Sequence[Halt], date: int) -> tuple[bool, bool]:
    """Whether a date makes a line in the least, and in the most."""
    met = [halt.sure for halt in halts if halt.start <= date < halt.end]
    return not met, not any(met)


def _days(start: int, end: int) -> int:
    """Days begun, at least one for a term that makes no sense."""
    return max(-((start - end) // DAY), 1) if end > start else 0 if end == start else 1
