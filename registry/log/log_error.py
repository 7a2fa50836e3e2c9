"""How a log says that it cannot go on."""

from __future__ import annotations


class LogError(Exception):
    """The log cannot go on as it lies on disk. The message says why and what an operator can do."""


class LogUnavailable(Exception):
    """A write failed half-way; nothing can be proved until it has been taken up again."""
