"""What a registry says while it is served, as JSON lines for a collector: ``registry serve --log json``.

A line has ``at`` (UTC), ``level``, ``logger`` and ``message``, and the members that whoever logs it adds. Of an
exception its type and where it arose are told, never its text: that may hold what somebody sent.
"""

from __future__ import annotations

import json
import logging
import time
import traceback

MAX_MESSAGE = 2_000
"""Characters of a message."""

MAX_FRAMES = 30
"""The innermost places of a traceback that are told."""


class JsonLines(logging.Formatter):
    """One line of JSON a record; nothing in it ends the line or steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        value: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MAX_MESSAGE],
        }
        value.update(getattr(record, "members", {}))
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
            value["error"] = type(error).__name__
            value["trace"] = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(value, separators=(",", ":"), sort_keys=True)


def install() -> None:
    """Have everything that this process logs written so, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
