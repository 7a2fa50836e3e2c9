"""Mails that something waits, to who confirmed an address: fixed words, none of a draft, and no right in a link."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from registry.desk.address_store import CODES, AddressStore, MailAddress
from registry.desk.contact_store import DAY
from registry.desk.mail import MailError, MailServer, is_address, read_mail
from registry.desk.pending import DeskRefusal
from registry.service import Service
from registry.tables.tables import Tables
from verifier.programs.language import catalogue, languages

FIRST, THEN, LAST = 5 * DAY, 2 * DAY, 30 * DAY
"""Seconds that a draft waits for somebody before the first reminder, between two, and after which there is none."""
AGAIN = 3_600
"""Seconds after which a mail is tried again that could not be sent."""
AT_A_TIME = 20
"""Mails that are sent in one go."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFor:
    """A draft waits for ``party`` since then (POSIX seconds). ``hushed``: it is from a stranger, and was not opened."""

    party: str
    since: int
    hushed: bool


class Reminders:
    """Of one registry. ``waiting`` says what waits for those parties now; ``is_closing``: no more mails are begun."""

    def __init__(
        self,
        service: Service,
        tables: Tables,
        waiting: Callable[[Collection[str]], Iterable[WaitingFor]],
        is_closing: Callable[[], bool],
    ) -> None:
        self._service = service
        self._store = AddressStore(tables)
        self._waiting = waiting
        self._is_closing = is_closing

    # ---- addresses

    def address(self, party: str) -> MailAddress | None:
        """Where a party wants to be reminded."""
        return self._store.of(party)

    def set_address(self, party: str, address: str, language: str = "en") -> MailAddress:
        """Send a code there, which the party brings back: only then is it used. Raises :class:`DeskRefusal`."""
        server = self._server()
        if server is None:
            raise DeskRefusal("refused", "this registry sends no mails")
        if not is_address(address):
            raise DeskRefusal("bad_request", "is no mail address", "address")
        if language not in languages():
            raise DeskRefusal("bad_request", f"must be one of {', '.join(languages())}", "language")
        code = self._store.set(party, address, language, self._service.now())
        if code is None:
            raise DeskRefusal("refused", f"at most {CODES} codes in 24 hours are sent to one party or one address")
        words = catalogue(language)
        text = words.say("mail.code_text", origin=self._service.origin, code=code)
        try:
            server.send(address, words.say("mail.code_subject", origin=self._service.origin), text)
        except MailError as error:
            raise DeskRefusal("unavailable", error.message) from None
        found = self._store.of(party)
        assert found is not None
        return found

    def confirm(self, party: str, code: str) -> MailAddress:
        """The party has read the code there."""
        if not self._store.confirm(party, code, self._service.now()):
            raise DeskRefusal("refused", "this is not the code, or it is good no more: set the address again", "code")
        found = self._store.of(party)
        assert found is not None
        return found

    def remove_address(self, party: str) -> None:
        """No more mails go there; it is erased."""
        if not self._store.remove(party):
            raise DeskRefusal("not_found", "there is no address of this party")

    # ---- reminding

    def remind(self) -> None:
        """Send what is due."""
        server, addresses = self._server(), self._store.confirmed()
        if server is None or not addresses:
            return
        now, sent = self._service.now(), 0
        counts: dict[str, int] = {}
        for one in self._waiting(addresses):
            if not one.hushed and now - one.since < LAST:
                counts[one.party] = counts.get(one.party, 0) + (now - one.since >= FIRST)
        for party, count in counts.items():
            address = addresses[party]
            if not count or (address.reminded is not None and now - address.reminded < THEN):
                continue
            if sent >= AT_A_TIME or self._is_closing():
                return
            if not self._store.note_reminder(address, now):  # first: neither a crash nor another sends it twice
                continue
            sent += 1
            try:
                self._send(server, address, count)
            except MailError as error:
                self._store.note_reminder(replace(address, reminded=now), now - THEN + AGAIN)
                _log.warning("a reminder could not be sent: %s", error)

    def _send(self, server: MailServer, address: MailAddress, count: int) -> None:
        words, origin = catalogue(address.language), self._service.origin
        urls = self._service.addresses.urls
        text = words.say("mail.reminder_text", n=count, origin=origin, url=urls[0] if urls else origin)
        server.send(address.address, words.say("mail.reminder_subject", origin=origin), text)

    def _server(self) -> MailServer | None:
        try:
            return read_mail(self._service.config.root)
        except MailError as error:
            _log.error("no mails are sent: %s", error)
            return None
