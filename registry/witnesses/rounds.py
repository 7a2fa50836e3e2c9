"""Asking witnesses for cosignatures (C2SP tlog-witness): beside the writer, in rounds, each within a time limit.

A round takes the newest published checkpoint to every witness at once, each through a thread of its own. What comes
back is published with the checkpoint while it is still the newest; and as soon as it makes the policy's quorum,
evidence can be built there (:mod:`registry.witnesses.quorum_view`). A witness that does not answer misses rounds;
nobody waits for it, and :meth:`Cosigning.report` says so. With nothing new a round comes again well within the hour,
so that evidence stays fresh; one that failed is asked again sooner.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from registry.config import Clock
from registry.log.image import Nodes
from registry.log.log import Log
from registry.log.log_error import LogError, LogUnavailable
from registry.log.publication import Publication, Published
from registry.witnesses.quorum_view import CosignedView
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.limits import LEEWAY
from verifier.base.strict import format_instant, parse_decimal
from verifier.log.note import NoteSignature, Verifier, parse_note
from verifier.log.trust import AUDITOR_SUFFIX, Policy, Witness, open_checkpoint
from verifier.log.witness_protocol import MAX_ANSWER, SIZE_TYPE, format_request, parse_cosignatures
from verifier.log.writing import format_note
from verifier.programs.http import HttpError, ask_once

TIMEOUT = 10.0
"""Seconds after which a witness is given up for this time; an auditor may have to replay first."""

ROUND = 5.0
"""Seconds that a round lasts at most: who has not answered by then misses it."""

PAUSE = 0.1
"""Seconds between rounds of a busy log."""

REFRESH = 45 * 60.0
"""Seconds after which the same checkpoint is cosigned anew."""

RETRY = (1.0, 300.0)
"""Seconds before a witness that failed is asked again: at first, and at most; each time twice as long."""

STARTING = 15.0
"""Seconds in which a witness that has not answered yet is not complained of: one that starts beside the registry waits
for the log to show its checkpoint."""

ATTEMPTS = 3
"""Requests to one witness in one round: it may have to tell first which size it knows."""

ROUNDS = 8
"""Checkpoints whose cosignatures are kept until the quorum of one is complete."""

AGENT = "kembar-registry"
_SHOWN = 300
_log = logging.getLogger(__name__)


def waits_for_quorum(policy: Policy) -> bool:
    """Whether readers are shown what met a quorum: the policy asks for one, and somebody can be asked."""
    return policy.quorum is not None and bool(_asked(policy))


def _asked(policy: Policy) -> list[tuple[Witness, str]]:
    return [
        (one, one.url) for one in policy.witnesses if one.url is not None and not one.verifier.is_passed_over
    ]


def cosigned_before(publication: Publication, policy: Policy, trees: Nodes) -> Published | None:
    """The newest checkpoint of a registry's that met the quorum: what is kept of it, or what is published."""
    found = []
    for name, read in (("kept", publication.read_quorum), ("published", publication.read_shown)):
        try:
            one = read()
            if one is not None:
                open_checkpoint(one.note, policy)
                found.append(one)
        except (LogError, KembarError) as error:  # no quorum, a policy that has changed since, a damaged file
            _log.info("the checkpoint that was %s is not shown to readers: %s", name, error)
    fitting = [
        one
        for one in found
        if one.checkpoint.size <= trees.size and trees.root(one.checkpoint.size) == one.checkpoint.root
    ]
    return max(fitting, key=lambda one: one.checkpoint.size, default=None)


class CosigningRefused(Exception):
    """A witness did not cosign; the message says what it answered."""


@dataclass(slots=True)
class _Asked:
    """One witness: what is known of it, and what it is doing."""

    witness: Witness
    url: str
    known: int = 0
    busy: bool = False
    size: int = 0
    at: int = 0
    milliseconds: int = 0
    failures: int = 0
    fault: str = ""
    told: str = ""
    next_try: float = 0.0
    refresh: float = 0.0
    job: Published | None = None
    wanted: float = 0.0  # when it was last to be asked at once
    tried: float = 0.0  # when it was asked what it has answered, or has not
    heard: float = 0.0  # when it was asked what told its time
    offset: int = 0


@dataclass(slots=True)
class _Round:
    """One checkpoint on its way round the witnesses."""

    published: Published
    lines: dict[Verifier, NoteSignature] = field(default_factory=dict)
    times: dict[Verifier, int] = field(default_factory=dict)
    waiting: int = 0
    met: bool = False


class Cosigning:
    """Has the checkpoints of ``log`` cosigned by those witnesses of ``policy`` whose URL it gives, until :meth:`close`.

    ``view`` is there where the policy asks for a quorum. ``on_confirmed`` is told when enough of them know no more than
    the log holds, ``on_larger`` when one (its name) says that it knows more (how many entries).
    """

    def __init__(
        self,
        log: Log,
        policy: Policy,
        clock: Clock,
        on_confirmed: Callable[[str], None] = lambda who: None,
        on_larger: Callable[[str, int], None] = lambda name, size: None,
    ) -> None:
        self._log = log
        self._on_confirmed = on_confirmed
        self._on_larger = on_larger
        self._policy = policy
        self._clock = clock
        self._asked = [_Asked(one, url) for one, url in _asked(policy)]
        self._wake = threading.Condition()
        self._stopping = False
        self._began = time.monotonic()
        self._rounds: dict[int, _Round] = {}  # the last few, by size: an answer may come late
        self._tried = 0  # the largest size of which a round has ended
        self.view: CosignedView | None = None
        if waits_for_quorum(policy):
            self.view = CosignedView(log, cosigned_before(log.publication, policy, log.state.nodes), self._keep)
        self._threads = [
            threading.Thread(target=self._serve, args=(one,), name=f"witness {one.witness.name}", daemon=True)
            for one in self._asked
        ]
        if self._asked:
            self._threads.append(threading.Thread(target=self._run, name="cosigning", daemon=True))
        log.follower = self if self._asked else None  # before the view begins: what is logged meanwhile is not missed
        if self.view is not None:
            self.view.begin()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ask nobody any more. Who is being asked is not waited for."""
        if self._log.follower is self:
            self._log.follower = None
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    # ---- the log's follower: called while the log is held, so they only leave word

    def grew(self, size: int, keys: list[bytes]) -> None:
        """There is a new checkpoint."""
        if self.view is not None:
            self.view.grew(size, keys)
        with self._wake:
            self._wake.notify_all()

    def restarted(self) -> None:
        """The log was taken up again."""
        if self.view is not None:
            self.view.restarted()

    # ---- for readers

    def cosigned(self, size: int, patience: float) -> Published | None:
        """The newest checkpoint with a quorum, once it is of ``size`` or more.

        If that is not to be had now, or not within ``patience`` seconds, the newest that there is; None without any.
        """
        if self.view is None:
            return None
        with suppress(LogUnavailable):
            self.view.begin()  # a no-op, unless the log was taken up again meanwhile
        deadline = time.monotonic() + patience
        with self._wake:
            while not self._stopping:
                found = self.view.published
                left = deadline - time.monotonic()
                if (found is not None and found.checkpoint.size >= size) or self._tried >= size or left <= 0:
                    break
                self._wake.wait(left)
        return self.view.published

    def offsets(self, patience: float) -> list[int]:
        """Ask every witness now: by how many seconds each is ahead of this machine's clock, of those that answer.

        That is over as soon as all have answered or failed, or ``patience`` seconds are. Who is being asked already is
        asked once more: that answer may have been dated before the clock was set.
        """
        with self._wake:
            began = time.monotonic()
            for one in self._asked:
                one.wanted = began
            self._wake.notify_all()
            while not self._stopping and any(one.tried < began for one in self._asked):
                left = began + patience - time.monotonic()
                if left <= 0:
                    break
                self._wake.wait(left)
            return [one.offset for one in self._asked if one.heard >= began]

    def report(self) -> list[Json]:
        """Of each witness: its key, since when it has cosigned what, how long that took, and what is wrong with it."""
        with self._wake:
            return [self._said(one) for one in self._asked]

    @staticmethod
    def _said(one: _Asked) -> Json:
        value: dict[str, Json] = {"name": one.witness.name, "vkey": str(one.witness.verifier)}
        value["auditor"] = one.witness.verifier.name.endswith(AUDITOR_SUFFIX)
        if one.at:
            value |= {"size": one.size, "at": format_instant(one.at), "milliseconds": one.milliseconds}
        if one.fault:
            value |= {"failures": one.failures, "fault": one.fault}
        value["state"] = "failing" if one.fault else "cosigning" if one.at else "asked" if one.busy else "new"
        return value

    # ---- rounds

    def _keep(self, published: Published) -> None:
        """For the next start."""
        try:
            self._log.publication.keep_quorum(published)
        except OSError as error:
            _log.warning("the checkpoint that met the quorum could not be kept: %s", error.strerror or error)

    def _run(self) -> None:
        """The coordinator's thread."""
        while True:
            with self._wake:
                while not self._stopping and not self._is_due():
                    self._wake.wait(self._idle())
                if self._stopping:
                    return
            try:
                self._go_round()
                if self.view is not None:
                    self.view.trim()
            except Exception:  # whatever it is, the next round may do better
                _log.exception("a round of cosigning failed")
            time.sleep(PAUSE)

    def _is_due(self) -> bool:
        newest = self._log.published.checkpoint.size
        return newest > self._tried or any(self._may_ask(one, newest) for one in self._asked)

    def _may_ask(self, one: _Asked, newest: int) -> bool:
        now = time.monotonic()
        is_due = now >= one.next_try and (one.size < newest or now >= one.refresh)
        return not one.busy and (is_due or one.tried < one.wanted)

    def _idle(self) -> float:
        """Seconds until something may be due though nobody says so."""
        soonest = min(max(one.next_try, 0.0 if one.fault else one.refresh) for one in self._asked)
        return max(0.01, min(60.0, soonest - time.monotonic()))

    def _go_round(self) -> None:
        published = self._log.published
        size = published.checkpoint.size
        deadline = time.monotonic() + ROUND
        with self._wake:
            this = self._rounds.setdefault(size, _Round(published))
            for old in sorted(self._rounds)[:-ROUNDS]:
                del self._rounds[old]
            for one in self._asked:
                if self._may_ask(one, size):
                    one.busy, one.job = True, published
                    this.waiting += 1
            self._wake.notify_all()
            while this.waiting and not self._stopping and (left := deadline - time.monotonic()) > 0:
                if this.met and self._log.published.checkpoint.size > size:
                    break  # whoever is slow misses this one
                self._wake.wait(left)
            self._tried = max(self._tried, size)
            self._wake.notify_all()

    # ---- one witness

    def _serve(self, one: _Asked) -> None:
        """The thread that talks to one witness and to nobody else."""
        while True:
            with self._wake:
                while one.job is None and not self._stopping:
                    self._wake.wait()
                if self._stopping or one.job is None:
                    return
                published, one.job = one.job, None
                began = time.monotonic()
            try:
                line, at = self._ask(one, published)
            except (CosigningRefused, KembarError, HttpError, OSError) as error:
                self._failed(one, published, _sentence(error))
            except Exception as error:
                _log.exception("asking %s failed", one.witness.name)
                self._failed(one, published, f"a fault of this registry's own: {type(error).__name__}")
            else:
                self._answered(one, published, line, at, int(1000 * (time.monotonic() - began)))
            self._done(one, published, began)

    def _failed(self, one: _Asked, published: Published, fault: str) -> None:
        with self._wake:
            is_starting = one.size == 0 and time.monotonic() - self._began < STARTING
            if fault != one.told and not is_starting:
                _log.warning("witness %s does not cosign: %s", one.witness.name, fault)
                one.told = fault
            one.fault = fault
            one.next_try = time.monotonic() + min(RETRY[1], RETRY[0] * 2 ** min(one.failures, 20))
            one.failures += 1

    def _answered(self, one: _Asked, published: Published, line: NoteSignature, at: int, milliseconds: int) -> None:
        size = published.checkpoint.size
        made: Published | None = None
        is_confirmed = False
        with self._wake:
            if one.told:
                _log.warning("witness %s cosigns again", one.witness.name)
            one.fault, one.told, one.failures, one.next_try = "", "", 0, 0.0
            one.size, one.at, one.milliseconds = size, at, milliseconds
            one.refresh = time.monotonic() + REFRESH
            this = self._rounds.get(size)
            if this is not None:
                this.lines[one.witness.verifier], this.times[one.witness.verifier] = line, at
                is_confirmed = self._is_enough(this)
                if self._policy.as_of(this.times) is not None:
                    made = Published(checkpoint=published.checkpoint, note=_with_lines(published.note, this.lines))
        try:
            self._log.add_cosignatures(size, [line])
        except (LogUnavailable, OSError) as error:
            _log.warning("a cosignature could not be published: %s", error)
        if is_confirmed and size == self._log.published.checkpoint.size:
            self._on_confirmed("a quorum of witnesses")
        is_met = made is not None and self.view is not None and self._meet(made)
        with self._wake:
            if this is not None:
                this.met = this.met or is_met

    def _is_enough(self, this: _Round) -> bool:
        """Whether a quorum cosigned in this round, so that none of it knows more; without one, most of all."""
        if self._policy.quorum is not None:
            return self._policy.satisfied(this.times)
        return 2 * len(this.times) > len(self._asked)

    def _meet(self, made: Published) -> bool:
        assert self.view is not None
        try:
            return self.view.met(made)
        except LogUnavailable:
            return False

    def _done(self, one: _Asked, published: Published, began: float) -> None:
        with self._wake:
            one.busy, one.tried = False, began
            this = self._rounds.get(published.checkpoint.size)
            if this is not None and this.waiting:
                this.waiting -= 1
            self._wake.notify_all()

    def _ask(self, one: _Asked, published: Published) -> tuple[NoteSignature, int]:
        """The witness's cosignature of a checkpoint and its time."""
        text = parse_note(published.note).text
        size = published.checkpoint.size
        for _ in range(ATTEMPTS):
            old = one.known
            proof = self._log.consistency(old, size)
            began, before = time.monotonic(), self._clock()
            status, kind, body = post(one.url, format_request(old, proof, published.note))
            if status == 200:
                line, cosignature = parse_cosignatures(body, text, one.witness.verifier)
                one.known = size
                one.heard, one.offset = began, _offset(cosignature.timestamp, before, self._clock())
                if abs(one.offset) > LEEWAY:
                    at = format_instant(cosignature.timestamp)
                    raise CosigningRefused(f"its cosignature is dated {at}: one of the two clocks is wrong")
                return line, cosignature.timestamp
            told = _told_size(kind, body) if status == 409 else None
            if told is None or told == old:
                raise CosigningRefused(_explain(status, body, old == size))
            if told > size:
                if told > self._log.published.checkpoint.size:
                    self._on_larger(one.witness.name, told)
                    raise CosigningRefused(
                        f"it knows this log with {told} entries, and the log has {size}: an old backup?"
                    )
                raise CosigningRefused(f"it knows {told} entries already")  # another asked it for a newer checkpoint
            one.known = told
        raise CosigningRefused("it changes its mind about the size that it knows")


def _offset(at: int, before: int, after: int) -> int:
    """By how many seconds a time is ahead of a clock that said ``before`` before it was asked for and ``after`` then.

    0 between the two, also where the clock was set meanwhile.
    """
    first, last = sorted((before, after))
    return max(0, at - last) + min(0, at - first)


def _with_lines(note: str, cosignatures: Mapping[Verifier, NoteSignature]) -> str:
    """A note with further lines, each in the place of an earlier one by the same key."""
    parsed = parse_note(note)
    lines = {(line.name, line.key_id): line for line in (*parsed.signatures, *cosignatures.values())}
    return format_note(parsed.text, lines.values())


def post(url: str, body: bytes) -> tuple[int, str, bytes]:
    """``POST <url>/add-checkpoint``: status, media type, body. Raises HttpError."""
    answer = ask_once(
        "POST",
        f"{url.rstrip('/')}/add-checkpoint",
        AGENT,
        limit=MAX_ANSWER,
        timeout=TIMEOUT,
        body=body,
        media_type="text/plain; charset=utf-8",
    )
    return answer.status, answer.media_type, answer.body


def _told_size(kind: str, body: bytes) -> int | None:
    """The size in a 409, whatever its media type: versions of the standard and their servers differ."""
    text = body.decode("ascii", "replace")
    try:
        return parse_decimal(text.removesuffix("\n") if kind == SIZE_TYPE else text.strip())
    except Malformed:
        return None


def _explain(status: int, body: bytes, is_same_size: bool) -> str:
    """What an answer that is not 200 means; the versions of the standard differ on some statuses.

    For the same size and another root it is 409 or 422, for a log that the witness does not know 404 or 403.
    """
    said = "".join(char if char.isprintable() else " " for char in body[:_SHOWN].decode("utf-8", "replace")).strip()
    if status in (409, 422) and is_same_size:
        meaning = "it knows another tree of this size, or refuses this one"
    else:
        meaning = {
            400: "it cannot read the request",
            403: "it does not know this log or its key",
            404: "it does not know this log, or is not at this address",
            409: "it knows another size, and does not say which",
            422: "it refuses the checkpoint",
            429: "it is asked too often",
        }.get(status, "it is out of order" if status >= 500 else "it answers something else")
    return f"{meaning} ({status}{': ' + said if said else ''})"


def _sentence(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:_SHOWN]
