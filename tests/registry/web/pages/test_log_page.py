"""How the log is: who watches it, and what is wrong, as the registry itself knows it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.web.pages.atoms import Instant
from registry.web.pages.log_page import Watcher, _kind
from tests.support.asking import value
from tests.support.english import english_in
from tests.support.served import Served


def watcher(fault: str | None = None) -> Watcher:
    return Watcher(name="w", auditor=False, size=4, at=Instant(0), behind=0, fault=fault)


@pytest.mark.parametrize("kind, sealing, damaged, watchers, has_quorum", [
    ("yes", "yes", 0, (watcher(),), True),
    ("due", "yes", 0, (watcher(), watcher("timeout")), True),
    ("no", "stopped", 0, (watcher(),), True),
    ("no", "yes", 1, (watcher(),), True),
    ("unk", "yes", 0, (), False),
    ("unk", "yes", 0, (watcher(),), False),
])  # fmt: skip
def test_the_answer(kind: str, sealing: str, damaged: int, watchers: tuple[Watcher, ...], has_quorum: bool) -> None:
    assert _kind(sealing, damaged, watchers, has_quorum=has_quorum) == kind


def test_a_log_that_nobody_watches(served: Served, stranger: FlaskClient) -> None:
    found = value(stranger.get("/log.json").data)
    size = served.service.published.checkpoint.size
    assert (found["size"], found["shown"], found["sealing"], found["watchers"]) == (size, size, "yes", [])
    page = stranger.get("/log").text
    assert "Nobody but this registry vouches" in page


def test_speaks_indonesian(stranger: FlaskClient) -> None:
    assert english_in(stranger.get("/log?language=id").text) == {}
