"""A party's calendar, at an address that is a secret: its consents, exclusivity, options, and the ends of uses.

Calendar programs sign nothing, so who knows the address reads it; it therefore names nobody unless its owner asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from registry.desk.calendar_file import Appointment, format_calendar
from registry.desk.calendar_store import CALENDARS, CalendarAddress, CalendarStore
from registry.desk.contact_store import DAY
from registry.desk.dates import AgreedDates, ConsentDates
from registry.desk.options import Options, OptionView
from registry.desk.pending import DeskRefusal
from registry.readers.names import Names
from registry.readers.reader import Reader
from registry.service import Service
from registry.tables.tables import Tables
from verifier.base.strict import is_hex64
from verifier.evidence.explain import short
from verifier.programs.language import catalogue, languages
from verifier.words.catalogue import Catalogue

PAST = 90 * DAY
"""Seconds since its end for which something is still shown."""
AT_ONCE, PATIENCE = 2, 5.0
"""Calendars that are made at a time, and seconds that another waits."""
NOT_FOUND = "there is no calendar at this address, or not any more"


class Calendars:
    """Of one registry, for any number of threads."""

    def __init__(self, service: Service, tables: Tables, options: Options) -> None:
        self._service = service
        self._store = CalendarStore(tables)
        self._options = options
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def make(self, reader: Reader, *, names: bool = False, language: str = "en") -> tuple[CalendarAddress, str]:
        """A new address, with its token, which is told this once. It ends with the reader's key."""
        if language not in languages():
            raise DeskRefusal("bad_request", f"must be one of {', '.join(languages())}", "language")
        found = self._store.make(reader.party, reader.key, self._service.now(), names=names, language=language)
        if found is None:
            raise DeskRefusal("refused", f"a party has at most {CALENDARS} calendars: end one")
        return found

    def addresses(self, party: str) -> list[CalendarAddress]:
        """A party's, with when each was read last. What ended with its key is not among them."""
        return [one for one in self._store.of(party) if self._is_live(one)]

    def end(self, party: str, id: str) -> None:
        """Nobody reads it at this address any more."""
        if not self._store.end(party, id):
            raise DeskRefusal("not_found", NOT_FOUND, "id")

    def file(self, token: str) -> bytes:
        """The calendar (RFC 5545) at the address with this token; :class:`DeskRefusal` where there is none."""
        one = self._store.by_token(token) if is_hex64(token) else None
        if one is None or not self._is_live(one):
            raise DeskRefusal("not_found", NOT_FOUND)
        if not self._places.acquire(timeout=PATIENCE):
            raise DeskRefusal("busy", "other calendars are being made; ask again in a moment")
        try:
            self._store.note_use(one, self._service.now())
            return self._file(one)
        finally:
            self._places.release()

    def _is_live(self, one: CalendarAddress) -> bool:
        holder = self._service.readers.holders.of(one.key)
        if not holder.refusal and holder.party == one.party:
            return True
        self._store.end(one.party, one.id)
        return False

    def _file(self, one: CalendarAddress) -> bytes:
        dates = AgreedDates(self._service, Reader(party=one.party, key=one.key))
        page = _Page(self._service, dates, catalogue(one.language), with_names=one.names)
        data = format_calendar(page.name, page.appointments(self._options.options(one.party)), dates.now)
        dates.note()
        return data


class _Page:
    """What stands in one calendar."""

    def __init__(self, service: Service, dates: AgreedDates, words: Catalogue, *, with_names: bool) -> None:
        self._dates = dates
        self._words = words
        self._registry = service.genesis
        self._names = Names(service.record(), dates.rights, dates.now) if with_names else None
        self.name = words.say("calendar.name", origin=service.origin)

    def appointments(self, options: list[OptionView]) -> Iterator[Appointment]:
        since = self._dates.now - PAST
        for dates in self._dates.consents(since=since):
            yield from self._consent(dates)
            for use in self._dates.uses(dates, since=since):
                id = use.usage.id
                title = self._words.say("calendar.use_ends", usage=short(id), consent=self._deal(dates))
                yield self._at("use", id, use.ends, use.ends, title, id)
        for seen in options:
            option = seen.option
            if option.is_open and option.ends > since:
                title = self._words.say(
                    "calendar.option", id=short(option.id), who=self._pair(option.asker, option.model),
                    state=self._words.code("option_state", option.state),
                    rank="" if seen.rank is None else self._words.say("option.rank", rank=str(seen.rank)),
                )  # fmt: skip
                yield self._at("option", option.id, option.starts, option.ends, title, option.id)
                lapses = option.until if option.state == "granted" else option.answer_by
                title = self._words.say("calendar.option_lapses", id=short(option.id))
                yield self._at("lapse", option.id, lapses, lapses, title, option.id)

    def _consent(self, dates: ConsentDates) -> Iterator[Appointment]:
        id, deal = dates.consent.id, self._deal(dates)
        title = self._words.say("calendar.consent", consent=deal)
        if dates.starts < dates.ends:
            yield self._at("consent", id, dates.starts, dates.ends, title, id)
        if dates.exclusive is not None:
            yield self._at("exclusive", id, *dates.exclusive, self._words.say("calendar.exclusive", consent=deal), id)
        if dates.exercise_by is not None:
            title = self._words.say("calendar.exercise", consent=deal)
            yield self._at("exercise", id, dates.exercise_by, dates.exercise_by, title, id)

    def _at(self, kind: str, id: str, starts: int, ends: int, title: str, details: str) -> Appointment:
        uid = f"{kind}-{id}@{self._registry}"
        return Appointment(uid=uid, kind=kind, starts=starts, ends=ends, title=title, details=details)

    def _deal(self, dates: ConsentDates) -> str:
        parties = dates.consent.parties
        return short(dates.consent.id) + self._pair(parties.licensee or "", parties.model or "")

    def _pair(self, licensee: str, model: str) -> str:
        """Who with whom, where names were asked for and may be known; else nothing."""
        if self._names is None:
            return ""
        licensee, model = (self._names.of(one) or short(one) for one in (licensee, model))
        return self._words.say("calendar.pair", licensee=licensee, model=model)
