"""How much of what a party puts up may wait for others: few drafts a day, one at a time for who does not know her, none
for who blocks her, and so many bytes of pictures."""

from __future__ import annotations

from collections.abc import Collection

from registry.desk.contact_store import DAY, ContactStore
from registry.desk.desk_store import DeskStore
from registry.desk.pending import DeskRefusal, PendingDraft
from registry.readers.readership import Readership

PER_DAY = 20
"""Drafts that all parties under one controller put up in a day, but for those that were logged."""
FROM_STRANGER = 1
"""Open drafts from those under one controller to a party with whom they never signed anything."""

PICTURE = 8 << 20
"""Bytes of one picture that lies with a draft."""
PICTURES = 64 << 20
"""Bytes of all that lie with one draft."""
PICTURES_OF_ALL = 256 << 20
"""Bytes of all that lie with the drafts of all parties under one controller."""


class Limits:
    """For any number of threads."""

    def __init__(self, readers: Readership, drafts: DeskStore, contacts: ContactStore) -> None:
        self._readers = readers
        self._drafts = drafts
        self._contacts = contacts

    def check_day(self, party: str, now: int) -> None:
        """Raises :class:`DeskRefusal` where this party and its like have put up enough today."""
        if self._drafts.put_up_since(self._readers.controller(party), now - DAY) >= PER_DAY:
            detail = f"at most {PER_DAY} drafts in 24 hours, but for logged ones, from all under one controller"
            raise DeskRefusal("too_many_drafts", detail)

    def check_blocks(self, party: str, recipients: Collection[str]) -> None:
        """Raises :class:`DeskRefusal` where one of those who must sign takes nothing from this party or its like."""
        if any(self.is_blocked(party, one) for one in recipients):
            raise DeskRefusal("refused", "one of those who must sign it takes no drafts from you")

    def check_pictures(self, draft: PendingDraft, size: int) -> None:
        """Raises :class:`DeskRefusal` where another picture of ``size`` bytes is too much."""
        kept = self._drafts.pictures
        if size > PICTURE or kept.size_with(draft.id) + size > PICTURES:
            detail = f"a picture has at most {PICTURE >> 20} MiB, and all with one draft {PICTURES >> 20} MiB"
            raise DeskRefusal("too_large", detail)
        if kept.size_of(draft.controller) + size > PICTURES_OF_ALL:
            detail = f"at most {PICTURES_OF_ALL >> 20} MiB of pictures lie with the drafts of all under one controller"
            raise DeskRefusal("too_large", detail)

    def is_blocked(self, party: str, by: str) -> bool:
        """Whether somebody blocks a party, or another one under its controller."""
        blocked = {one for one, _ in self._contacts.blocked_by(by)}
        if not blocked:
            return False
        return party in blocked or self._readers.controller(party) in map(self._readers.controller, blocked)

    def strangers(self, party: str, recipients: Collection[str]) -> frozenset[str]:
        """Those of them who never signed anything with this party. Raises :class:`DeskRefusal` where a draft of its, or
        of its like, waits for one of them already."""
        strangers = frozenset(one for one in recipients if not self._readers.have_dealt(party, one))
        controller = self._readers.controller(party)
        if any(self._drafts.open_from_strangers(controller, one) >= FROM_STRANGER for one in strangers):
            detail = "one draft at a time waits for somebody with whom you never signed anything, and one does"
            raise DeskRefusal("too_many_drafts", detail)
        return strangers
