"""Options: who would like to have a model in a window of time, in the order in which her side agreed.

They say who is asked first, and have no effect in the contract: a consent with ``exercise_by`` has.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.desk.contact_store import DAY
from registry.desk.limits import Limits
from registry.desk.option_store import Option, OptionStore
from registry.desk.pending import DeskRefusal
from registry.readers.reader import Reader
from registry.readers.rights import Rights
from registry.service import Service
from registry.tables.tables import Tables
from verifier.base.private_keys import random_bytes
from verifier.base.strict import is_hex64
from verifier.statements.types import Party

ANSWER = DAY
"""Seconds in which an option is answered."""
LONGEST = 366 * DAY
"""Seconds that its window may be long."""
HELD, HELD_LONGEST = 30 * DAY, 90 * DAY
"""Seconds after which a granted option lapses if nothing else was said, and at the latest."""
OPEN = 3
"""Open options on one model, for all parties under one controller."""
PER_DAY = 20
"""Options that all parties under one controller ask for in a day."""
MAX_ABOUT = 200
"""Characters of what it is about."""
NOT_FOUND = "there is no option with this id that you asked for or that is on a model of yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An option as one party may see it now. ``rank`` is None while it is not granted; ``answers``: it is hers to
    answer, for ``is_model_side``."""

    option: Option
    rank: int | None
    is_model_side: bool

    @property
    def answers(self) -> bool:
        """Whether it waits for this party's answer."""
        return self.is_model_side and self.option.state == "asked"


class Options:
    """Of one registry, for any number of threads. ``party`` is everywhere the id of who asks."""

    def __init__(self, service: Service, tables: Tables, limits: Limits) -> None:
        self._service = service
        self._store = OptionStore(tables)
        self._limits = limits

    def ask(
        self, party: str, model: str, *, starts: int, ends: int, until: int | None = None, about: str
    ) -> OptionView:
        """Ask a model, or who acts for her, for an option. Raises :class:`DeskRefusal`."""
        now = self._service.now()
        until = min(now + HELD, ends) if until is None else until
        self.check(party, model, starts=starts, ends=ends, until=until, about=about)
        controller = self._service.readers.controller(party)
        with self._store.transaction():
            self._store.sweep(now)
            self._limits.check_blocks(party, self._service.readers.side(model))
            if self._store.open_by(controller, model) >= OPEN:
                detail = f"at most {OPEN} options on one model are open for all parties under one controller"
                raise DeskRefusal("too_many_drafts", detail)
            if self._store.asked_since(controller, now - DAY) >= PER_DAY:
                detail = f"at most {PER_DAY} options in 24 hours are asked for by all parties under one controller"
                raise DeskRefusal("too_many_drafts", detail)
            option = Option(
                id=random_bytes(32).hex(), asker=party, controller=controller, model=model, starts=starts, ends=ends,
                until=until, about=about, asked=now, answer_by=now + ANSWER,
            )  # fmt: skip
            self._store.add(option)
        return self.show(party, option.id)

    def check(self, party: str, model: str, *, starts: int, ends: int, until: int, about: str) -> None:
        """Raises :class:`DeskRefusal`, which says where, unless a party may ask for such an option."""
        now = self._service.now()
        found = self._service.entry(model) if is_hex64(model) else None
        statement = None if found is None else found.entry.statement
        if not isinstance(statement, Party) or "model" not in statement.roles:
            raise DeskRefusal("bad_request", "is no model of this log", "model")
        if not (starts < ends and now < ends and ends - starts <= LONGEST):
            raise DeskRefusal("bad_request", "its window ends later than now, and lasts at most 366 days", "ends")
        if not now < until <= min(now + HELD_LONGEST, ends):
            detail = "a granted option lapses at most 90 days on, and no later than its window ends"
            raise DeskRefusal("bad_request", detail, "until")
        if not 0 < len(about) <= MAX_ABOUT:
            raise DeskRefusal("bad_request", f"say in 1 to {MAX_ABOUT} characters what it is about", "about")
        if self._rights(party).is_model_side(model):
            raise DeskRefusal("bad_request", "you act for this model yourself", "model")

    def options(self, party: str) -> list[OptionView]:
        """Those that a party asked for, and those on herself and on whom she acts for, by when they begin."""
        self._store.sweep(self._service.now())
        rights = self._rights(party)
        return [self._seen(rights, one) for one in self._store.concerning(party, rights.acting_for())]

    def show(self, party: str, id: str) -> OptionView:
        """One of them."""
        self._store.sweep(self._service.now())
        option, rights = self._store.option(id), self._rights(party)
        if option is None or (option.asker != party and not rights.is_model_side(option.model)):
            raise DeskRefusal("not_found", NOT_FOUND, "id")
        return self._seen(rights, option)

    def grant(self, party: str, id: str) -> OptionView:
        """Agree to it, for the model: from now on it has a rank."""
        with self._store.transaction():
            self._to_answer(party, id)
            self._store.grant(id, party, self._service.now())
        return self.show(party, id)

    def decline(self, party: str, id: str) -> OptionView:
        """Say no to it, for the model."""
        with self._store.transaction():
            self._to_answer(party, id)
            self._store.end(id, "declined", self._service.now(), party)
        return self.show(party, id)

    def release(self, party: str, id: str) -> OptionView:
        """Give it up, or, for the model, take it back: those behind it move up."""
        with self._store.transaction():
            if not self.show(party, id).option.is_open:
                raise _over()
            self._store.end(id, "released", self._service.now())
        return self.show(party, id)

    def answer_later(self, last: int, now: int) -> None:
        """What lapsed unanswered while the registry was down may be answered for another while."""
        self._store.answer_later(last, now, now + ANSWER)

    def _to_answer(self, party: str, id: str) -> None:
        seen = self.show(party, id)
        if not seen.is_model_side:
            raise DeskRefusal("refused", "the model answers it, or who acts for her")
        if not seen.answers:
            raise _over()

    def _seen(self, rights: Rights, option: Option) -> OptionView:
        rank = self._store.rank(option) if option.state == "granted" else None
        return OptionView(option=option, rank=rank, is_model_side=rights.is_model_side(option.model))

    def _rights(self, party: str) -> Rights:
        return self._service.readers.rights(Reader(party=party))


def _over() -> DeskRefusal:
    return DeskRefusal("draft_ended", "the option was answered before, or is over", "id")
