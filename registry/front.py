"""A front end: it reads, proves and answers as any registry does, and hands on what is submitted to the sequencer.

Any number of them run, each on a folder of its own machine, over one database and one bucket. A submission is checked
here as far as its bytes go, its sections are put into the bucket, and the rest into the queue; the answer waits until
what became of it stands in a checkpoint that this front end shows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from registry.config import Config
from registry.intake.checks import CheckedSubmission
from registry.log.followed_log import FollowedLog
from registry.log.log_error import LogError
from registry.log.publication import Published
from registry.log.published_log import PublishedLog
from registry.log.queue import Queue, Queued, QueueOutcome
from registry.problems import Problem
from registry.seal_clock import ClockState
from registry.sequencer import ErasureState, Logged, Outcome, Waiting
from registry.service import Service
from registry.snapshot import Found, Quorum, Submitted, Taken
from registry.witnesses.quorum_view import CosignedView
from registry.witnesses.rounds import waits_for_quorum
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.log.trust import open_checkpoint

LOOK = 0.02
"""Seconds between two looks for outcomes, while any are awaited."""
PATIENCE = 60.0
"""Seconds that an answer waits for its outcome; after that it is for whoever asks to ask again."""
SILENT = 10.0
"""Seconds without a look at the database that succeeded, or a beat of the sequencer, after which sealing is said to be
unavailable."""

_log = logging.getLogger(__name__)


class FrontService(Service):
    """One front end of the registry whose folder ``settings`` are of."""

    defers = True

    def _open(self) -> PublishedLog:
        self._followed = self.config.follow_log()
        return self._followed

    def _begin(self, boot: Callable[[], float] | None) -> None:
        self._cosigned = FollowedQuorum(self._followed, self.config)
        self._queue = self.config.queue()
        self._desk = _Awaiting(self._queue, self._followed)

    @property
    def _quorum(self) -> Quorum:
        return self._cosigned

    def _hush(self) -> None:
        self._desk.close()

    def _end(self) -> None:
        self._cosigned.close()
        self._queue.close()

    def _hand_over(self, checked: Sequence[CheckedSubmission], *, require: bool, sender: str) -> Waiting:
        return self._desk.submit(checked, require=require, sender=sender)

    def hand_in(self, raw: Sequence[bytes], *, require: bool = False, sender: str = "") -> list[Taken]:
        """Take submissions without waiting for what becomes of them: each one's id, or what is wrong with it."""
        found: list[Taken] = []
        good: list[CheckedSubmission] = []
        for one in self._pool.check(raw):
            if isinstance(one, CheckedSubmission):
                good.append(one)
            found.append(one if isinstance(one, Problem) else Submitted(id=one.id.hex()))
        said = self._desk.put(good, require=require, sender=sender)
        if isinstance(said, Problem):
            return [said if isinstance(one, Submitted) else one for one in found]
        return found

    def submission(self, id: str) -> Submitted | Outcome | None:
        """What became of a submission with this statement id within the last day: None if none is known."""
        raw = bytes.fromhex(id)
        for _ in range(2):  # between two looks it may leave the queue
            last, is_waiting = self._queue.last(raw), self._queue.is_waiting(raw)
            if is_waiting or (last is not None and last.size > self.published.checkpoint.size):
                return Submitted(id=id)
            if last is not None:
                return outcome_of(last, self._followed)
        return super().submission(id)

    def entry(self, id: str) -> Found | None:
        """As of any registry; one that is not known may be known to the sequencer already."""
        found = super().entry(id)
        if found is None:
            try:
                self._followed.catch_up()
            except (OSError, LogError, KembarError) as error:
                _log.warning("the log cannot be followed: %s", error)
            found = super().entry(id)
        return found

    def health(self) -> dict[str, Json]:
        """How the registry is: what the sequencer says, and whether it lives and this front end follows the log."""
        log, now = self._followed, time.monotonic()
        heard = log.sequencer
        said = {} if heard is None else heard.health
        is_there = now - log.looked_at < SILENT and now - log.heard_at < SILENT
        return {
            "clock": ClockState.STARTED.value,
            "damaged": [],
            "sealing": "yes",
            **said,
            "ok": is_there and said.get("ok", True),
            "questions": self.answerer.state,
            "queue": 0 if heard is None else heard.waiting,
            **({} if is_there else {"sealing": "unavailable"}),
        }


class FollowedQuorum:
    """What the sequencer had cosigned, for the readers of a front end (:class:`registry.service.Quorum`)."""

    def __init__(self, log: FollowedLog, config: Config) -> None:
        self._log = log
        self._config = config
        self.view: CosignedView | None = None
        if waits_for_quorum(config.policy):
            kept = log.publication.read_quorum()
            self.view = CosignedView(log, kept if kept is not None and self._is_met(kept) else None)
            log.follower = self.view
            self.view.begin()
            log.on_quorum = self._heard

    def cosigned(self, size: int, patience: float) -> Published | None:
        """The newest that met the quorum, once it is of ``size``; after ``patience`` seconds the one that there is."""
        if self.view is None:
            return None
        deadline = time.monotonic() + patience
        while (found := self.view.published) is None or found.checkpoint.size < size:
            if time.monotonic() >= deadline:
                break
            time.sleep(LOOK)
        return self.view.published

    def report(self) -> list[Json]:
        """The sequencer asks the witnesses."""
        return [
            {"name": one.name, "state": "elsewhere", "vkey": str(one.verifier)}
            for one in self._config.policy.witnesses
        ]

    def close(self) -> None:
        self._log.follower = None

    def _heard(self, kept: Published) -> None:
        assert self.view is not None
        now = self.view.published
        if (now is None or now.note != kept.note) and self._is_met(kept):
            self.view.met(kept)

    def _is_met(self, kept: Published) -> bool:
        try:
            open_checkpoint(kept.note, self._config.policy)
        except KembarError as error:
            _log.info("the checkpoint that was kept is not shown to readers: %s", error)
            return False
        return kept.checkpoint.size <= self._log.state.size


class _Awaiting:
    """Puts submissions into the queue, and wakes those who wait for what becomes of them."""

    def __init__(self, queue: Queue, log: FollowedLog) -> None:
        self._queue = queue
        self._log = log
        self._lock = threading.Lock()
        self._awaited: dict[int, tuple[Waiting, int, float]] = {}
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="outcomes", daemon=True)
        self._thread.start()

    def submit(self, checked: Sequence[CheckedSubmission], *, require: bool, sender: str) -> Waiting:
        """Hand over; the outcomes are there to be waited for."""
        group = Waiting(len(checked))
        said = self.put(checked, require=require, sender=sender)
        if isinstance(said, Problem):
            for place in range(len(checked)):
                group.resolve(place, said)
            return group
        until = time.monotonic() + PATIENCE
        with self._lock:
            self._awaited.update({ticket: (group, place, until) for place, ticket in enumerate(said)})
        self._wake.set()
        return group

    def put(self, checked: Sequence[CheckedSubmission], *, require: bool, sender: str) -> list[int] | Problem:
        """Their tickets; or why none of them was taken."""
        if self._closing:
            return Problem(code="unavailable", detail="the registry is shutting down")
        if not checked:
            return []
        places: list[str] = []
        try:
            places = self._queue.put_sections([list(one.disclosures.values()) for one in checked])
            rows = [
                Queued(id=one.id, envelope=one.leaf, sections=place, require=require, sender=sender)
                for one, place in zip(checked, places, strict=True)
            ]
            tickets = self._queue.put(rows)
        except (OSError, LogError) as error:  # it may be in the queue: its sections stay, and are swept in a day
            _log.warning("nothing is taken: %s", error)
            return Problem(code="unavailable", detail=f"the queue does not answer ({type(error).__name__})")
        if not tickets:
            self._queue.drop_sections(places)
            return Problem(code="busy", detail="too many submissions are waiting")
        return tickets

    def close(self) -> None:
        """Wait for those that wait, within bounds, and take no more."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                awaited = dict(self._awaited)
            if not awaited:
                if self._closing:
                    return
                self._wake.wait(1.0)
                self._wake.clear()
                continue
            time.sleep(LOOK)
            try:
                self._resolve(awaited)
            except (OSError, LogError) as error:
                _log.warning("outcomes cannot be read: %s", error)
                time.sleep(0.5)
            except Exception:  # whatever it is, those who wait are not left waiting for good
                _log.exception("outcomes cannot be told")
            self._give_up(awaited)

    def _resolve(self, awaited: Mapping[int, tuple[Waiting, int, float]]) -> None:
        shown = self._log.published.checkpoint.size
        for found in self._queue.found(list(awaited)):
            if found.size <= shown:
                group, place, _ = awaited[found.ticket]
                group.resolve(place, outcome_of(found, self._log))
                with self._lock:
                    del self._awaited[found.ticket]

    def _give_up(self, awaited: Mapping[int, tuple[Waiting, int, float]]) -> None:
        now = time.monotonic()
        for ticket, (group, place, until) in awaited.items():
            if now > until:
                detail = "it is taken, and what becomes of it is not known yet: ask for it by its id"
                group.resolve(place, Problem(code="unavailable", detail=detail))
                with self._lock:
                    self._awaited.pop(ticket, None)


def outcome_of(found: QueueOutcome, log: FollowedLog) -> Outcome:
    """What the queue says, as the sequencer would say it here."""
    if found.entry is None:
        assert found.problem is not None
        value = canonical.parse(found.problem, limit=len(found.problem))
        assert isinstance(value, dict)
        return Problem(code=str(value["code"]), detail=str(value["detail"]), where=str(value["where"]))
    erasure = None if found.erasure is None else ErasureState(pending=found.erasure)
    return Logged(
        id=found.id.hex(),
        index=found.entry,
        repeated=bool(found.repeated),
        published=log.published,
        log=log,
        erasure=erasure,
    )


def problem_bytes(problem: Problem) -> bytes:
    """A problem for the queue; the rule report is made anew for whoever may see it."""
    return canonical.encode({"code": problem.code, "detail": problem.detail, "where": problem.where})

