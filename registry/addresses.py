"""Where the world asks a registry, and where the page that holds keys is: as its settings say now."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from registry.config import Config
from registry.settings import SETTINGS, Settings, SettingsError, read_settings
from verifier.base.errors import KembarError
from verifier.programs.http import parse_url

_log = logging.getLogger(__name__)


class Addresses:
    """Of one registry; for any number of threads, which all go by the same ones.

    The file is looked at whenever somebody asks, so that a change counts for the next request. What cannot be taken up
    is told once, and what was in force stays.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._path = config.root / SETTINGS
        self._seen = _mark(self._path)
        self._take(config.settings)

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses that requests may be signed for, without a slash at their end: its public URLs. The machine's
        own count only where it has no others, for a local program could hand on what was signed for them."""
        self._look()
        return self._urls

    @property
    def sign_url(self) -> str:
        """Where the page that holds keys is; empty where there is none."""
        self._look()
        return self._sign_url

    def _look(self) -> None:
        mark = _mark(self._path)
        if mark == self._seen:
            return
        with self._lock:
            if mark == self._seen:
                return
            before = self._urls, self._sign_url
            try:
                if not self._path.exists():
                    raise SettingsError("is missing", str(self._path))
                self._take(read_settings(self._config.root))
            except KembarError as error:
                _log.error("%s was changed and is not taken up; the addresses that were in force stay", error)
            self._seen = mark
            if (self._urls, self._sign_url) != before:
                _log.warning("requests are signed for %s from now on, and keys are at %s",
                             " or ".join(self._urls) or "no address", self._sign_url or "no page")  # fmt: skip

    def _take(self, settings: Settings) -> None:
        self._urls = tuple(parse_url(url).url for url in settings.urls or self._config.served)
        self._sign_url = settings.sign_url


def _mark(path: Path) -> tuple[int, int, int]:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns
