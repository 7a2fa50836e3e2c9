"""Those who watch a log, as its trust policy and its settings name them now: both may change while it is served.

The two files are looked at every few seconds. What cannot be taken up (a file that cannot be read, another log's
policy) is told once, and what was in force stays. A policy whose quorum is lower is taken up too, for it is what the
operator hands out, and told as a warning: it is never lowered in silence.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from registry.config import POLICY, Clock, Config
from registry.gate import Gate
from registry.log.log import Log
from registry.settings import SETTINGS, Settings, read_settings
from registry.witnesses.asking import Asking, everybody
from registry.witnesses.collector import HandedIn
from registry.witnesses.membership import asked_for
from registry.witnesses.rounds import Cosigning
from verifier.base.errors import KembarError
from verifier.log.trust import Policy

EVERY = 2.0
"""Seconds between looks at the two files."""

_log = logging.getLogger(__name__)


class Circle:
    """Asks all whom ``config`` names about ``log``, until :meth:`close`; ``submit`` takes what auditors were handed."""

    def __init__(
        self, log: Log, gate: Gate, clock: Clock, config: Config, submit: Callable[[Sequence[bytes]], Sequence[object]]
    ) -> None:
        self._log, self._gate, self._clock, self._submit = log, gate, clock, submit
        self._config = config
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._seen = self._marks()
        self._begin(config.policy, config.settings)
        self._thread = threading.Thread(target=self._watch, name="circle", daemon=True)
        self._thread.start()

    def _begin(self, policy: Policy, settings: Settings) -> None:
        self._policy, self._settings = policy, settings
        sources = everybody(self._config.origin, policy, (*settings.mirrors, *self._config.asked))
        self.asking = Asking(self._gate, sources, settings.disregarded)
        self.cosigning = Cosigning(self._log, policy, self._clock, self._gate.confirmed, self.asking.larger)
        self._handed = HandedIn(policy, self._submit)

    def hush(self) -> None:
        """Ask no more questions; what is being written can still be cosigned."""
        self._ending.set()
        with self._lock:
            self._handed.close()
            self.asking.close()

    def close(self) -> None:
        """Ask nobody any more."""
        self.hush()
        with self._lock:
            self.cosigning.close()

    def look(self) -> bool:
        """Take up what has changed in the two files since the last look; whether anything was."""
        marks = self._marks()
        if marks == self._seen:
            return False
        self._seen = marks
        try:
            policy, settings = self._config.policy, read_settings(self._config.root)
            if {one.verifier.name for one in policy.logs} != {self._config.origin}:
                raise KembarError(f"{POLICY} names another log than {self._config.origin}")
        except KembarError as error:
            _log.error("%s was changed and is not taken up; what was in force stays", error)
            return False
        if policy == self._policy and _heard(settings) == _heard(self._settings):
            return False
        return self._adopt(policy, settings)

    def _adopt(self, policy: Policy, settings: Settings) -> bool:
        before, after = asked_for(self._policy), asked_for(policy)
        if after.is_below(before):
            _log.warning("the quorum of %s falls from %s to %s cosignatures", POLICY, before, after)
        with self._lock:
            if self._ending.is_set():
                return False
            self._handed.close()
            self.asking.close()
            self.cosigning.close()
            self._gate.know(policy.log(self._config.origin))
            self._log.keys.cosigning = frozenset(one.key.hex() for one in policy.log(self._config.origin))
            self._begin(policy, settings)
        names = ", ".join(one.name for one in policy.witnesses) or "nobody"
        _log.warning("%s was changed, and is in force: %s cosign, %s at least", POLICY, names, after)
        return True

    def _watch(self) -> None:
        while not self._ending.wait(EVERY):
            try:
                self.look()
            except Exception:  # whatever it is, the next look may do better
                _log.exception("looking at %s and %s failed", POLICY, SETTINGS)

    def _marks(self) -> list[tuple[int, int, int]]:
        """What changes when one of the two files does."""
        found = []
        for name in (POLICY, SETTINGS):
            try:
                one = (self._config.root / name).stat()
                found.append((one.st_ino, one.st_size, one.st_mtime_ns))
            except FileNotFoundError:
                found.append((0, 0, 0))
        return found


def _heard(settings: Settings) -> Settings:
    """The settings that say whom to ask, and what their word is worth."""
    return replace(Settings(), mirrors=settings.mirrors, disregarded=settings.disregarded)
