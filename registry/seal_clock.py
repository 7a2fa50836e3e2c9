"""Whether this machine's clock may date a seal: a leap of it is a suspicion, and time from outside decides.

Seals never run backwards, so a clock that is ahead for one batch dates every later seal until that day; and no auditor
takes seals that are ahead of its own clock. So before a seal is dated, the system clock is compared with the time since
the machine was started (CLOCK_BOOTTIME, which no one sets and which goes on through a suspend). When the two part by
more than :data:`LEAP` seconds, and at every start, the witnesses are asked to cosign anew, and their times are the
judge:

===========================================  =======================================================================
half or more of those that answered agree    confirmed, and logged; nobody has to do anything
more of them are elsewhere                   nothing is sealed; they are asked again each minute
nobody answers, after a leap                 nothing is sealed until ``registry clock --accept``, or somebody answers
nobody answers, at a start                   sealed, and said: nobody checks this clock
===========================================  =======================================================================

A clock before the last seal is waited for: up to :data:`LEAP` seconds the seal takes the time of the last one, beyond
that nothing is sealed, unless the operator accepts it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from registry.log.durable import replace_file
from registry.problems import Problem
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant

LEAP = 120
"""Seconds by which clocks may part."""

PATIENCE = 10.0
"""Seconds that witnesses have to tell the time."""

AGAIN = 60.0
"""Seconds before they are asked again."""

EVERY = 2.0
"""Seconds between looks at whether that is due, or the operator has said so, while nothing is sealed."""

ACCEPTED = "clock-accepted"
"""The file by which the operator says that the clock is right."""

ACCEPTED_FOR = 600
"""Seconds of the machine's running for which it says so: a word that was not needed is not kept for the next leap."""

FORMAT = "kembar-clock/1"
MAX_ACCEPTED = 1024

_log = logging.getLogger(__name__)


class ClockState(Enum):
    """What is known of the clock. The values are what ``/healthz`` says."""

    STARTED = "not_asked"
    """Nothing was sealed since the start."""
    CONFIRMED = "confirmed"
    """By witnesses."""
    ACCEPTED = "accepted"
    """By the operator."""
    UNCHECKED = "unchecked"
    """Nobody checks this clock."""
    DOUBTED = "doubted"
    """Nothing is sealed."""
    BEHIND = "behind"
    """Nothing is sealed: it is before the last seal. Of :meth:`SealClock.told` alone."""


class SealClock:
    """Of the registry in ``root``. ``clock`` is the system's (POSIX seconds), ``boot`` counts seconds and is never set.
    ``ask(patience)`` says by how many seconds each witness that answers is ahead of ``clock``.
    """

    def __init__(
        self, root: Path, clock: Callable[[], int], boot: Callable[[], float], ask: Callable[[float], list[int]]
    ) -> None:
        self._root = root
        self._clock = clock
        self._boot = boot
        self._ask = ask
        self._lock = threading.Lock()
        self._parted = 0.0  # clock minus boot, when it was last confirmed
        self._until = 0  # the last seal's time, of a clock before it that the operator accepted
        self._waited_for = 0  # the last seal's time, of a clock before it that was told
        self._next = 0.0
        self._ending = threading.Event()
        self.state = ClockState.STARTED

    def refusal(self, last_at: int) -> Problem | None:
        """Why no seal may be dated now; None if it may. ``last_at`` is the last seal's time. May take ``PATIENCE``."""
        with self._lock:
            is_accepted = not self._is_sure() and self._judge()
            if self.state is ClockState.DOUBTED or not self._is_sure():  # it may leap while witnesses are asked
                return Problem(code="clock", detail="the registry's clock has leapt, and nobody has confirmed it")
            if self.told(last_at) is ClockState.BEHIND:
                ahead = last_at - self._clock()
                if not is_accepted and not take_acceptance(self._root, self._boot()):
                    self._tell_behind(last_at, ahead)
                    detail = f"the registry's clock is {ahead} seconds before the last seal of its log"
                    return Problem(code="clock", detail=detail)
                self._until = last_at
                _log.warning(
                    "seals are dated %s, as the last one, until the clock is there: auditors refuse until then",
                    format_instant(last_at),
                )
            return None

    def told(self, last_at: int) -> ClockState:
        """What is known of the clock, beside the last seal's time; nobody is asked."""
        is_behind = last_at - self._clock() > LEAP and self._until != last_at
        return ClockState.BEHIND if is_behind and self.state is not ClockState.DOUBTED else self.state

    def look(self, last_at: int) -> None:
        """While nothing is sealed: whether it may be by now."""
        if self.told(last_at) in (ClockState.DOUBTED, ClockState.BEHIND):
            self.refusal(last_at)

    def watch(self, last_at: Callable[[], int]) -> None:
        """Have it looked every few seconds, for nobody may write to a registry that is known to refuse."""
        threading.Thread(target=self._watch, args=(last_at,), name="clock", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._ending.set()

    def _watch(self, last_at: Callable[[], int]) -> None:
        while not self._ending.wait(EVERY):
            try:
                self.look(last_at())
            except Exception:  # whatever it is, the next look may do better
                _log.exception("looking at the clock failed")

    def _tell_behind(self, last_at: int, ahead: int) -> None:
        if self._waited_for != last_at:
            self._waited_for = last_at
            _log.error(
                "the clock says %s, %d seconds before the last seal: nothing is sealed until then, or until you have "
                "seals go on at that time: registry clock %s --accept",
                format_instant(self._clock()), ahead, self._root,
            )  # fmt: skip

    def _is_sure(self) -> bool:
        """Whether the clock is where it was confirmed last, and went as the machine's own time did."""
        if self.state in (ClockState.STARTED, ClockState.DOUBTED):
            return False
        return abs(self._clock() - self._boot() - self._parted) <= LEAP

    def _judge(self) -> bool:
        """Find out what the clock is worth; whether the operator's word was it."""
        leapt = self.state is not ClockState.STARTED
        parted = self._clock() - self._boot()
        if leapt and take_acceptance(self._root, self._boot()):
            self._settle(ClockState.ACCEPTED, parted, "its operator accepts it", is_told=True)
            return True
        if self.state is ClockState.DOUBTED and self._boot() < self._next:
            return False
        offsets = self._ask(PATIENCE)
        agreeing = sum(abs(offset) <= LEAP for offset in offsets)
        if offsets and 2 * agreeing >= len(offsets):
            self._settle(ClockState.CONFIRMED, parted, f"{agreeing} of {len(offsets)} witnesses agree", is_told=leapt)
        elif not offsets and not leapt:
            self._settle(ClockState.UNCHECKED, parted, "nobody checks this clock", is_told=False)
        else:
            self.state = ClockState.DOUBTED
            self._next = self._boot() + AGAIN
            said = f"witnesses are {sorted(offsets)} seconds ahead of it" if offsets else "no witness answers"
            _log.error(
                "the clock says %s, and cannot be trusted: %s. Nothing is sealed. Set it right, or say that it is: "
                "registry clock %s --accept",
                format_instant(self._clock()), said, self._root,
            )  # fmt: skip
        return False

    def _settle(self, state: ClockState, parted: float, why: str, *, is_told: bool) -> None:
        self._parted = parted
        self.state = state
        level = logging.WARNING if is_told else logging.INFO
        _log.log(level, "seals are dated by this machine's clock, %s: %s", format_instant(self._clock()), why)


# ---- the operator's word


def boot_time() -> float:
    """Seconds since this machine was started, suspends included (Linux)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def accept(root: Path, boot: float) -> None:
    """Say that the clock is right, or that seals go on at the last one's time. ``boot`` is :func:`boot_time`."""
    value = {"boot": _boot_id(), "format": FORMAT, "uptime": int(boot)}
    replace_file(root / ACCEPTED, canonical.encode(value) + b"\n", durable=True)


def take_acceptance(root: Path, boot: float) -> bool:
    """Whether the operator has said so lately, and since the machine was started; the word is spent."""
    try:
        data = (root / ACCEPTED).read_bytes()[: MAX_ACCEPTED + 1]
        value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_ACCEPTED)
    except (FileNotFoundError, KembarError):
        return False
    if not isinstance(value, dict) or value.get("format") != FORMAT or value.get("boot") != _boot_id():
        return False
    uptime = value.get("uptime")
    (root / ACCEPTED).unlink(missing_ok=True)
    return isinstance(uptime, int) and 0 <= int(boot) - uptime <= ACCEPTED_FOR


def _boot_id() -> str:
    """Another one each time that the machine is started."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
