"""Delivery by webhook: one POST of JSON for each subject with news and each fault, tried again when it fails."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

TIMEOUT = 30
"""Seconds that a server may take to answer."""

PAUSES = (1.0, 3.0, 9.0)
"""Seconds between attempts, of which there is one more."""

_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_ANSWER = 64 * 1024


class NotDelivered(Exception):
    """The server did not take it. The message says what it said."""


class WebhookRefused(NotDelivered):
    """The server is there, and does not want this."""


class BadUrl(Exception):
    """Not the URL of a webhook."""


class Webhook:
    """Posts to one URL. Every attempt is a connection of its own; redirections are not followed."""

    def __init__(self, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or port == -1:
            raise BadUrl(f"{url} is not the URL of a webhook: https://HOST/PATH, without a name and password")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._pause = pause
        self.url = url

    def post(self, body: bytes) -> None:
        """Deliver ``body``. The same body may arrive twice, where an answer was lost. Raises :class:`NotDelivered`."""
        for pause in (*PAUSES, None):
            try:
                status, reason = self._try(body)
                if 200 <= status < 300:
                    return
                said = f"it answers {status} {reason}".rstrip()
                if status not in _TRY_AGAIN:
                    raise WebhookRefused(f"{self.url}: {said}")
            except (OSError, http.client.HTTPException) as error:
                said = str(error) or type(error).__name__
            if pause is None:
                raise NotDelivered(f"{self.url}: {said}; given up after {len(PAUSES) + 1} attempts")
            self._pause(pause)

    def _try(self, body: bytes) -> tuple[int, str]:
        connection = self._connect(self._host, self._port, timeout=TIMEOUT)
        try:
            headers = {"Content-Type": "application/json", "User-Agent": "kembar-watch", "Connection": "close"}
            connection.request("POST", self._target, body, headers)
            answer = connection.getresponse()
            answer.read(_ANSWER)
            return answer.status, answer.reason
        finally:
            connection.close()
