"""Delivery by webhook: one POST of JSON for each subject with news and each fault, tried again when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from verifier.programs.http import HttpError, ask_once, parse_url, persist

DEADLINE = 30.0
"""Seconds that a server may take to answer, all attempts together."""

PAUSES = (1.0, 3.0, 9.0)
"""Seconds between attempts, of which there is one more."""

READ = 64 * 1024
"""Bytes that are read of an answer, in which nobody is interested."""

AGENT, JSON = "kembar-watch", "application/json"


class NotDelivered(Exception):
    """The server did not take it. The message says what it said."""


class WebhookRefused(NotDelivered):
    """The server is there, and does not want this."""


class Webhook:
    """Posts to one URL. Every attempt is a connection of its own; redirections are not followed."""

    def __init__(self, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        """Raises :class:`verifier.programs.http.BadUrl`."""
        parse_url(url, with_query=True)
        self._pause = pause
        self.url = url

    def post(self, body: bytes) -> None:
        """Deliver ``body``. The same body may arrive twice, where an answer was lost. Raises :class:`NotDelivered`."""
        try:
            answer = persist(
                lambda left: ask_once(
                    "POST", self.url, AGENT, limit=READ, timeout=left, body=body, media_type=JSON, is_cut=True
                ),
                timeout=DEADLINE,
                pauses=PAUSES,
                pause=self._pause,
            )
        except HttpError as error:
            kind = NotDelivered if error.may_pass else WebhookRefused
            raise kind(f"{self.url}: {error}") from None
        if 200 <= answer.status < 300:
            return
        said = f"{self.url}: it answers {answer.status} {answer.reason}".rstrip()
        if answer.may_pass:
            raise NotDelivered(f"{said}; given up after {len(PAUSES) + 1} attempts")
        raise WebhookRefused(said)
