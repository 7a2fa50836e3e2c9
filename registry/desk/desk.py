"""The desk: an enrolled party puts a draft up, those who must sign it see it, and the last signature submits it.

It gives out nobody's signature: until the entry is logged, others see only that, and when, somebody signed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256

from registry.desk.calendars import Calendars
from registry.desk.contact_store import BLOCKS, REPORTS, ContactStore, DeskReport
from registry.desk.desk_backup import PART
from registry.desk.desk_store import DeskStore
from registry.desk.limits import Limits
from registry.desk.needs import Groups, check_kind, groups_of, has_turn, is_complete, is_hopeless
from registry.desk.options import Options
from registry.desk.pending import DeskRefusal, Mark, PendingDraft
from registry.desk.picture_store import KeptPicture
from registry.desk.rasters import raster
from registry.desk.reminders import Reminders, WaitingFor
from registry.desk.renewals import Renewals
from registry.intake.submission import Submission, format_submission, parse_submission
from registry.problems import STATUSES, refusal
from registry.readers.reader import Reader
from registry.sequencer import Logged
from registry.service import DryRun, Problem, Service
from registry.snapshot import Submitted
from verifier.base.crypto import verify
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.rules.model.results import Result
from verifier.rules.standing.standing import LATE
from verifier.statements.envelope import Signature, pae
from verifier.statements.types import Approval, Party, Statement, Usage

AGAIN = 86_400
"""Seconds that are left of a deadline that passed while the registry was down."""
EVERY = 60.0
"""Seconds between two looks at the deadlines."""
LOOK = 0.1
"""Seconds between two looks at whether another front end is done with a draft."""
MAX_REASON = 1_000
"""Characters of a reason."""
_log = logging.getLogger(__name__)

NOT_ASKED = "your signature is not asked for: it would make the statement void"
NOT_FOUND = "there is no draft with this id on the desk that waits for you or comes from you"
NO_PICTURE = "no such picture lies with this draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A draft as one party may see it now. ``groups`` are empty once it is not open; ``waits``: for this party."""

    draft: PendingDraft
    groups: Groups
    signed: Collection[str]
    waits: bool

    @property
    def parties(self) -> frozenset[str]:
        """All who are named in what is shown of it."""
        return frozenset({self.draft.proposer, *self.draft.marks, *(one for group in self.groups for one in group)})


class Desk:
    """Of one registry, for any number of threads. ``party`` is everywhere the id of who asks."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._readers = service.readers
        self._closing = threading.Event()
        self._tables = service.config.tables(PART, erasing=True)
        self._store = DeskStore(self._tables)
        self.contacts = ContactStore(self._tables)
        self.limits = Limits(service.readers, self._store, self.contacts)
        self.options = Options(service, self._tables, self.limits)
        self.calendars = Calendars(service, self._tables, self.options)
        self.renewals = Renewals(service, self.options)
        self.reminders = Reminders(service, self._tables, self._waiting, self._closing.is_set)
        self._lock = threading.RLock()
        self._logged = threading.Condition(self._lock)
        self._move_deadlines()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._thread.start()
        service.before_close(self.close)

    def close(self) -> None:
        """Let go of what it keeps."""
        self._closing.set()
        self._thread.join()
        self._tables.close()

    def now(self) -> int:
        """The time that the desk goes by (POSIX seconds)."""
        return self._service.now()

    def names(self, reader: Reader, parties: Iterable[str]) -> dict[str, str]:
        """What those of them are called whose names this reader may read, by their ids; that she read them is noted."""
        return self._readers.names(reader, parties)

    # ---- for who puts one up

    def propose(
        self,
        party: str,
        submission: Submission,
        *,
        deadline: int | None = None,
        require: bool = True,
        turns: Sequence[Sequence[str]] = (),
    ) -> DraftView:
        """Put a draft up; signatures in it must be the proposer's own. Doing it again changes nothing."""
        raw = format_submission(submission)
        with suppress(KembarError):  # whose bytes are wrong is told so by the dry run
            check_kind(submission.statement())
        found = self._service.dry_run(raw, self._service.readers.rights(Reader(party=party)))
        if isinstance(found, Problem):
            raise DeskRefusal(found.code, found.detail, found.where)
        self._check_admission(found)
        statement, now = submission.statement(), self._service.now()
        latest = statement.at + LATE
        deadline = latest if deadline is None else deadline
        if not now < deadline <= latest:
            detail = "the deadline is later than now, and at most 30 days after the time in the statement (rule T8)"
            raise DeskRefusal("bad_request", detail, "deadline")
        for one in submission.signatures:
            if self._party_of(one.keyid) != party:
                detail = "bring no signature but your own: whoever else has signed gives hers to the desk herself"
                raise DeskRefusal("bad_request", detail, "submission.envelope.signatures")
        groups = self._groups(statement, [one.keyid for one in submission.signatures])
        mine = [one for one in submission.signatures if any(party in group for group in groups)]
        if submission.signatures and not mine:
            raise DeskRefusal("bad_request", NOT_ASKED, "submission.envelope.signatures")
        asked = {one for group in groups for one in group}
        with self._changing():
            there = self._store.draft(statement.id)
            if there is not None and (there.proposer != party or there.state != "open"):
                raise DeskRefusal("draft_ended", "this statement was put on the desk before: draft it anew")
            if there is None:
                self.limits.check_day(party, now)
                self.limits.check_blocks(party, asked - {party})
                draft = PendingDraft(
                    id=statement.id, proposer=party, controller=self._readers.controller(party), type=statement.type,
                    proposed=now, deadline=deadline, latest=latest, require=require, turns=turns,
                    text=format_submission(replace(submission, signatures=())),
                    strangers=self.limits.strangers(party, asked - {party}),
                )  # fmt: skip
                self._store.add(draft, {*statement.parties.ids(), *asked})
                for one in mine[:1]:
                    mark = Mark(read=now, signed=now, keyid=one.keyid, signature=one.sig)
                    self._store.set_mark(draft.id, party, mark)
        self._finish(statement.id)
        return self.show(party, statement.id)

    def attach(self, party: str, id: str, digest: str, data: bytes) -> None:
        """Have a picture that a draft names lie with it, where those who may see it see it; its proposer does. Doing it
        again changes nothing."""
        found = raster(data)
        if found is None:
            raise DeskRefusal("media_type", "it is no PNG, JPEG, WebP, GIF or AVIF of at most 100 million pixels")
        if sha256(data).hexdigest() != digest:
            raise DeskRefusal("bad_request", "is not the SHA-256 of these bytes", "sha256")
        with self._changing():
            seen = self.check_pictures(party, id)
            if digest not in files_named(parse_submission(seen.draft.text).statement()):
                raise DeskRefusal("refused", "the draft names no such file", "sha256")
            if all(one.digest != digest for one in self._store.pictures.of(id)):
                self.limits.check_pictures(seen.draft, len(data))
                self._store.pictures.add(id, KeptPicture(digest=digest, type=found.type, size=len(data)), data)

    def detach(self, party: str, id: str, digest: str) -> None:
        """Have a picture lie with a draft no more."""
        with self._changing():
            seen = self.check_pictures(party, id)
            if all(one.digest != digest for one in self.pictures(seen)):
                raise DeskRefusal("not_found", NO_PICTURE, "sha256")
            self._store.pictures.remove(id, digest)

    def check_pictures(self, party: str, id: str) -> DraftView:
        """The draft, if this party may bring pictures to it, and take them away."""
        seen = self._open(party, id)
        if seen.draft.proposer != party:
            raise DeskRefusal("refused", "only who put it up attaches pictures")
        return seen

    def withdraw(self, party: str, id: str) -> DraftView:
        """Its proposer takes a draft back: text, pictures and signatures go at once. Doing it again changes nothing."""
        with self._changing():
            there = self.show(party, id).draft
            if (there.state, there.proposer) != ("withdrawn", party):
                seen = self._open(party, id)
                if seen.draft.proposer != party:
                    raise DeskRefusal("refused", "only who put it up withdraws it; you can decline it")
                self._store.end(id, "withdrawn")
        return self.show(party, id)

    # ---- for whom it waits

    def drafts(self, party: str) -> list[DraftView]:
        """All that a party may see, the newest first."""
        self._sweep()
        found = [self._seen(party, draft) for draft in self._store.concerning(party)]
        return [seen for seen in found if seen is not None]

    def show(self, party: str, id: str) -> DraftView:
        """One draft; :class:`DeskRefusal` where it is not for this party, as if there were none."""
        self._sweep()
        draft = self._store.draft(id)
        seen = None if draft is None else self._seen(party, draft)
        if seen is None:
            raise DeskRefusal("not_found", NOT_FOUND, "id")
        return seen

    def pictures(self, seen: DraftView) -> list[KeptPicture]:
        """Those that lie with a draft that is shown to somebody."""
        return self._store.pictures.of(seen.draft.id)

    def picture(self, party: str, id: str, digest: str) -> tuple[KeptPicture, bytes]:
        """One of them, for whoever may see the draft."""
        found = next((one for one in self.pictures(self.show(party, id)) if one.digest == digest), None)
        data = None if found is None else self._store.pictures.read(id, digest)
        if found is None or data is None:
            raise DeskRefusal("not_found", NO_PICTURE, "sha256")
        return found, data

    def read(self, party: str, id: str) -> DraftView:
        """Mark it read; the first time counts."""
        with self._changing():
            mark = self._open(party, id).draft.mark(party)
            if mark.read is None:
                self._store.set_mark(id, party, replace(mark, read=self._service.now()))
        return self.show(party, id)

    def sign(self, party: str, id: str, signature: Signature) -> DraftView:
        """Give the desk one's signature; if it is the last, the statement is submitted before this returns. Doing it
        again, whose answer was lost, changes nothing."""
        with self._changing():
            if not self._is_taken(party, id):
                self._sign(party, self._open(party, id), signature)
        self._finish(id)
        return self.show(party, id)

    def _is_taken(self, party: str, id: str) -> bool:
        """Whether one's signature is in the log, or on its way there."""
        draft = self.show(party, id).draft
        is_going = draft.state == "logged" or (draft.state == "open" and self._is_logging(id))
        return is_going and draft.mark(party).signed is not None

    def _sign(self, party: str, seen: DraftView, signature: Signature) -> None:
        if not any(party in group for group in seen.groups):
            raise DeskRefusal("refused", NOT_ASKED)
        if self._party_of(signature.keyid) != party:
            raise DeskRefusal("refused", "this key is not live for you", "keyid")
        payload = parse_submission(seen.draft.text).payload
        if not verify(bytes.fromhex(signature.keyid), pae(payload), signature.sig):
            raise DeskRefusal("signature_wrong", "it is not this key's signature over this statement", "sig")
        now, mark = self._service.now(), seen.draft.mark(party)
        new = Mark(read=mark.read or now, signed=now, keyid=signature.keyid, signature=signature.sig)
        self._store.set_mark(seen.draft.id, party, new)
        self._store.set_problem(seen.draft.id, "")

    def take_back(self, party: str, id: str) -> DraftView:
        """Take one's signature back, as long as the statement is not being logged."""
        with self._changing():
            mark = self._open(party, id).draft.mark(party)
            if mark.signed is None:
                raise DeskRefusal("not_found", "you have not signed it", "id")
            self._store.set_mark(id, party, Mark(read=mark.read))
        return self.show(party, id)

    def decline(self, party: str, id: str, reason: str) -> DraftView:
        """Say no. Where nobody is left who could sign instead, the draft is over, and its text and signatures go; doing
        it again then changes nothing."""
        _check_reason(reason)
        with self._changing():
            there = self.show(party, id).draft
            if there.state != "declined" or there.mark(party).declined is None:
                seen = self._open(party, id)
                if not any(party in group for group in seen.groups):
                    raise DeskRefusal("refused", "who need not sign has nothing to decline")
                self._decline(party, seen, reason)
        return self.show(party, id)

    def _decline(self, party: str, seen: DraftView, reason: str) -> None:
        now, id = self._service.now(), seen.draft.id
        mark = Mark(read=seen.draft.mark(party).read or now, declined=now, reason=reason)
        self._store.set_mark(id, party, mark)
        draft = self._store.draft(id)
        if draft is not None and is_hopeless(draft, seen.groups):
            self._store.end(id, "declined")

    # ---- against who is not welcome

    def block(self, party: str, other: str) -> None:
        """Take no more drafts from another party or those under its controller; what waits of theirs is declined."""
        found = self._service.entry(other) if is_hex64(other) else None
        if party == other or found is None or not isinstance(found.entry.statement, Party):
            raise DeskRefusal("bad_request", "is no other party of this log", "party")
        with self._changing():
            if not self.contacts.block(party, other, self._service.now()):
                raise DeskRefusal("refused", f"a party blocks at most {BLOCKS} others")
            for seen in self.drafts(party):
                draft = seen.draft
                if draft.state == "open" and seen.waits and self.limits.is_blocked(draft.proposer, party):
                    self._decline(party, seen, "")

    def report(self, party: str, id: str, reason: str) -> None:
        """Tell the registrars about a draft that came to this party. Of the draft itself no word is kept."""
        _check_reason(reason)
        draft = self.show(party, id).draft
        if draft.proposer == party:
            raise DeskRefusal("bad_request", "it is your own draft: withdraw it")
        one = DeskReport(
            draft=id, type=draft.type, proposer=draft.proposer, reporter=party, at=self._service.now(), reason=reason
        )
        if not self.contacts.report(one):
            raise DeskRefusal("refused", f"a party makes at most {REPORTS} reports in 24 hours")

    # ---- what goes on by itself

    def tick(self) -> None:
        """Erase what is past its deadline, and submit what all have signed and a restart or an outage held up."""
        self._sweep()
        for draft in self._store.open():
            if not draft.problem or STATUSES.get(draft.problem, 0) == 503:
                self._finish(draft.id, patient=False)
        self._tables.tidy()

    def _run(self) -> None:
        while True:
            for act in (self.tick, self.reminders.remind):
                try:
                    act()
                except Exception:
                    _log.exception("the desk could not look at its deadlines, or not remind")
            if self._closing.wait(EVERY):
                return

    def _waiting(self, parties: Collection[str]) -> Iterator[WaitingFor]:
        """For which of these parties each open draft waits now, and since when."""
        for draft in self._store.open():
            for party, mark in draft.marks.items():
                seen = self._seen(party, draft) if party in parties else None
                if seen is not None and seen.waits:
                    earlier = [one.signed for other, one in draft.marks.items()
                               if one.signed is not None and draft.turn(other) < draft.turn(party)]  # fmt: skip
                    hushed = party in draft.strangers and mark.read is None
                    yield WaitingFor(party=party, since=max([draft.proposed, *earlier]), hushed=hushed)

    def _move_deadlines(self) -> None:
        """A deadline that passed while nobody could sign is a day from now, as far as rule T8 lets it."""
        last, now = self._store.last_beat(), self._service.now()
        if last is None:
            return
        with self._store.transaction():
            for draft in self._store.open():
                if last < draft.deadline <= now:
                    self._store.set_deadline(draft.id, min(now + AGAIN, draft.latest))
            self.options.answer_later(last, now)

    def _finish(self, id: str, *, patient: bool = True) -> None:
        """Submit a draft that all have signed. If another is at it, a ``patient`` caller's is answered after that."""
        taken = self._take(id, patient)
        if taken is None:
            return
        raw, require = taken
        try:
            [outcome] = self._service.submit([raw], require=require)
            if isinstance(outcome, Logged):
                self._store.end(id, "logged", outcome.index)
            else:
                self._store.set_problem(id, outcome.code)
        finally:
            self._store.release(id)
            with self._lock:
                self._logged.notify_all()

    def _take(self, id: str, patient: bool) -> tuple[bytes, bool] | None:
        """Be the one who has a draft logged: what is to be submitted, and whether only if it is valid."""
        with self._lock:
            while True:
                with self._store.transaction():
                    draft = self._store.draft(id)
                    if draft is None or draft.state != "open":
                        return None
                    if not self._is_logging(id):
                        return self._ready(draft)
                if not patient:
                    return None
                self._logged.wait(LOOK)

    def _ready(self, draft: PendingDraft) -> tuple[bytes, bool] | None:
        for index in self._service.record().find(draft.id):  # somebody handed it in by another way
            self._store.end(draft.id, "logged", index)
            return None
        submission = parse_submission(draft.text)
        keys = self._live_keys(draft)
        if not is_complete(self._groups(submission.statement(), keys.values()), keys):
            return None
        self._store.claim(draft.id)
        signatures = sorted(
            (Signature(keyid=key, sig=draft.mark(party).signature) for party, key in keys.items()),
            key=lambda one: one.keyid,
        )
        return format_submission(replace(submission, signatures=tuple(signatures))), draft.require

    def _is_logging(self, id: str) -> bool:
        """Whether somebody has a draft logged, or has left it with the sequencer."""
        return self._store.is_claimed(id) or isinstance(self._service.submission(id), Submitted)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """All that is looked at and changed within goes together: no deadline passes, and nobody else acts, between."""
        with self._lock, self._store.transaction():
            yield

    def _sweep(self) -> None:
        with self._lock:
            self._store.sweep(self._service.now(), self._is_logging)

    # ---- who sees what

    def _seen(self, party: str, draft: PendingDraft) -> DraftView | None:
        """None for whom it is not."""
        mark, is_proposer = draft.mark(party), draft.proposer == party
        if draft.state != "open":
            took_part = (mark.read, mark.signed, mark.declined) != (None, None, None)
            return DraftView(draft=draft, groups=(), signed=(), waits=False) if is_proposer or took_part else None
        keys = self._live_keys(draft)
        groups = self._groups(parse_submission(draft.text).statement(), keys.values())
        turn = has_turn(draft, groups, keys, party)
        if not turn and not is_proposer:
            return None
        waits = turn and party not in keys and mark.declined is None
        return DraftView(draft=draft, groups=groups, signed=frozenset(keys), waits=waits)

    def _open(self, party: str, id: str) -> DraftView:
        """One that can still be changed."""
        seen = self.show(party, id)
        if seen.draft.state != "open" or self._is_logging(id):
            how = "being logged" if seen.draft.state == "open" else seen.draft.state
            raise DeskRefusal("draft_ended", f"the draft is {how}: nothing of it changes any more", "id")
        return seen

    def _groups(self, statement: Statement, keys: Collection[str]) -> Groups:
        return groups_of(self._service.record(), statement, self._service.now(), keys)

    def _live_keys(self, draft: PendingDraft) -> dict[str, str]:
        """Who has signed -> the key, as far as that is still hers: a signature by a retired key counts no more."""
        signed = {party: mark.keyid for party, mark in draft.marks.items() if mark.signature}
        return {party: key for party, key in signed.items() if self._party_of(key) == party}

    def _party_of(self, key: str) -> str | None:
        holder = self._service.readers.holders.of(key)
        return None if holder.refusal else holder.party

    def _check_admission(self, found: DryRun) -> None:
        """That it would be logged once all have signed, as far as the proposer may know."""
        failed = [one for one in found.admission if one.result is Result.FAIL and one.code != "void_signers"]
        if failed:
            problem = refusal(failed)
            raise DeskRefusal(problem.code, problem.detail, problem.where)


def _check_reason(reason: str) -> None:
    if not 0 < len(reason) <= MAX_REASON:
        raise DeskRefusal("bad_request", f"a reason has 1 to {MAX_REASON} characters", "reason")


def files_named(statement: Statement) -> tuple[str, ...]:
    """The files that are to be looked at before this is signed, by their SHA-256 (hex)."""
    return statement.assets if isinstance(statement, Approval | Usage) else ()


def check_turns(turns: object) -> tuple[tuple[str, ...], ...]:
    """Turns as they came in JSON: lists of party ids; raises KembarError."""
    if not isinstance(turns, list) or len(turns) > 16:
        raise KembarError("is a list of at most 16 turns", "turns")
    for turn in turns:
        if not isinstance(turn, list) or len(turn) > 64 or not all(isinstance(one, str) for one in turn):
            raise KembarError("a turn is a list of at most 64 party ids", "turns")
    return tuple(tuple(turn) for turn in turns)
