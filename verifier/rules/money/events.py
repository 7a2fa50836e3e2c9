"""The usages and reports of a consent as its schedule takes them, read from the record (rule M1)."""

from __future__ import annotations

from verifier.base.values import replace, value
from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Standing, Unread, doubtful
from verifier.rules.model.record import Entry
from verifier.rules.model.scope import territory_of_known
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.units import Event
from verifier.rules.standing.stops import ANYWHERE, Stop, Stops, stops_of
from verifier.statements.sections import ReportTerms, Terms, UsageTerms
from verifier.statements.types import Report, Usage
from verifier.statements.vocabulary import CHANNELS


def chain(context: Context, consent: Entry) -> list[Entry]:
    """A consent, the one that it replaces, and so on; a replaced one that was ruled void has replaced nothing.

    :class:`CannotTell` where one of them is doubtful.
    """
    found = [consent]
    for _, older, judgement in replaced_as_judged(context, consent):
        if judgement.standing is Standing.DOUBTFUL or older is None:
            raise CannotTell("M1", judgement.code)
        found.append(older)
    return found


@value(kw_only=False)
class StopsOfUses:
    """What may have cut the uses under a consent short (T7, A6).

    What is said of a consent that replaced it at the index ``replaced`` counts for those that were declared ``before``
    that, and for none declared ``after`` (A5).
    """

    before: tuple[Stop, ...] = ()
    after: tuple[Stop, ...] = ()
    replaced: int | None = None

    def of(self, usage: int) -> tuple[Stop, ...]:
        """Those of the usage at an index."""
        return self.before if self.replaced is None or usage < self.replaced else self.after


def stops_of_uses(context: Context, consent: Entry) -> StopsOfUses:
    """What may have cut the uses under a consent short."""
    terms = context.section(consent, "terms", Terms)
    onward, own = (stops_of(context, consent, terms, onward=onward) for onward in (True, False))
    good = [entry.index for entry, judgement in own.replaced_by if judgement.standing is Standing.GOOD]
    return StopsOfUses(_by_terms(onward, terms), _by_terms(own, terms), min(good, default=None))


def _by_terms(stops: Stops, terms: Terms | Unread) -> tuple[Stop, ...]:
    """Stops with their sell-off; while the terms are hidden each is in doubt, for its notice is hidden as well."""
    found = [*stops.revocations, *stops.suspensions]
    if isinstance(terms, Unread):
        why = doubtful("M1", terms.code, *terms.entries)
        found = [replace(stop, judgement=why) for stop in found]
    else:
        found = [replace(stop, sell_off=terms.sell_off) for stop in found]
    if stops.missing not in (None, terms):
        why = doubtful("M1", stops.missing.code, *stops.missing.entries)
        found.append(Stop(index=ANYWHERE, start=0, judgement=why))
    return tuple(found)


def read_event(context: Context, entry: Entry, *, own: bool, stops: StopsOfUses) -> Event:
    """A usage or report as its schedule takes it; :class:`CannotTell` where its terms cannot be read."""
    terms = context.section(entry, "terms")
    if isinstance(terms, Unread):
        raise CannotTell("M1", terms.code, (entry.index,))
    statement = entry.statement
    if isinstance(terms, ReportTerms):
        assert isinstance(statement, Report)
        return Event(
            entry.index, entry.logged, statement.usage,
            declares=False,
            own=own,
            images=terms.images,
            impressions=sum([line.impressions for line in terms.lines]),
            ends=terms.ends,
            earned=terms.value,
            lines=terms.lines,
        )  # fmt: skip
    assert isinstance(terms, UsageTerms) and isinstance(statement, Usage)
    return Event(
        entry.index, entry.logged, statement.id,
        declares=True,
        own=own,
        images=max(terms.units.get("images", 0), len(statement.assets)),
        starts=terms.starts,
        ends=terms.ends,
        days=terms.units.get("days", 0),
        stops=stops.of(entry.index),
        channels=tuple([one for one in terms.channels if one in CHANNELS]),
        countries=territory_of_known(terms.countries),
        placement=terms.placement,
        purpose=terms.purpose,
    )  # fmt: skip
