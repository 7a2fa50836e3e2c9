"""What parties handed to this log's auditors and not to the log itself: it is taken like any other submission.

An auditor refuses to cosign once a revocation, a suspension or a retired key that it was handed is missing for a day
(protocol, section 9). Whoever hands one to an auditor alone, by mistake or to do harm, must not stop the cosignatures
of an honest registry; so the registry looks, well within that day.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from registry.problems import Problem
from registry.witnesses.rounds import AGENT
from verifier.base.errors import KembarError
from verifier.log.trust import AUDITOR_SUFFIX, Policy
from verifier.programs.http import HttpError, ask_once
from verifier.statements.types import MAX_LEAF

EVERY = 600.0
"""Seconds between looks."""

TIMEOUT = 10.0
"""Seconds after which an auditor is given up for this time."""

MAX_ANSWER = 4 * 1024 * 1024
"""Bytes that are read of what one auditor shows; what comes after is there at the next look, or the one after that."""

_log = logging.getLogger(__name__)


class HandedIn:
    """Looks at every auditor of ``policy`` whose URL it gives, until :meth:`close`; ``submit`` takes submissions."""

    def __init__(self, policy: Policy, submit: Callable[[Sequence[bytes]], Sequence[object]]) -> None:
        self._urls = [
            one.url for one in policy.witnesses if one.url is not None and one.verifier.name.endswith(AUDITOR_SUFFIX)
        ]
        self._submit = submit
        self._tried: frozenset[bytes] = frozenset()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="handed in", daemon=True)
        if self._urls:
            self._thread.start()

    def close(self) -> None:
        """Look no more. An auditor that is being asked is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            try:
                self.look()
            except Exception:  # whatever it is, the next look may do better
                _log.exception("looking at what auditors were handed failed")

    def look(self) -> None:
        """Look once. What was refused at the last look, and is shown still, is not tried again."""
        shown = [line for url in self._urls for line in _read(url)]
        fresh = list(dict.fromkeys(line for line in shown if line not in self._tried))
        self._tried = frozenset(shown)
        if not fresh or self._stopping.is_set():
            return
        outcomes = self._submit([b'{"disclosures":[],' + line[1:] for line in fresh])
        for outcome in outcomes:
            if isinstance(outcome, Problem):
                _log.warning("an auditor holds a statement that cannot be taken: %s", outcome.detail)


def _read(url: str) -> list[bytes]:
    """The statements that one auditor shows, a line each; none where it shows none, or does not answer."""
    try:
        answer = ask_once("GET", f"{url.rstrip('/')}/entries", AGENT, limit=MAX_ANSWER, timeout=TIMEOUT, is_cut=True)
    except (HttpError, KembarError) as error:
        _log.warning("%s does not show what it was handed: %s", url, error)
        return []
    if answer.status != 200:
        return []  # another maker's auditor may have no such call
    return [line for line in answer.body.split(b"\n")[:-1] if line.startswith(b"{") and len(line) <= MAX_LEAF + 16]
