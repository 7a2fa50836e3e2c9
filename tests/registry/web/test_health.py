"""``GET /healthz``: what is wrong here, for alarms; and what an erasure is answered."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from flask.testing import FlaskClient

from registry.seal_clock import ClockState
from tests.support.asking import value
from tests.support.served import Served, enrolment, raw


def test_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    well = {"clock": "not_asked", "damaged": [], "ok": True, "questions": "beside", "sealing": "yes"}
    assert (answer.status_code, value(answer.data)) == (200, well)


def test_nobody_checks_the_clock_of_a_registry_without_witnesses(served: Served, client: FlaskClient) -> None:
    served.accept(served.world.party("anna", roles=["model"]))
    assert value(client.get("/healthz").data)["clock"] == "unchecked"


def test_what_seals_nothing_is_an_alarm(served: Served, client: FlaskClient) -> None:
    served.service.seal_clock.state = ClockState.DOUBTED
    answer = client.get("/healthz")
    assert (answer.status_code, value(answer.data)["sealing"]) == (503, "clock")
    served.service._gate._stopped = True
    assert value(client.get("/healthz").data)["sealing"] == "stopped"


def test_who_writes_then_is_told_when_to_come_again(served: Served, client: FlaskClient) -> None:
    """When witnesses are asked again, and no sooner."""
    served.accept(served.world.party("anna", roles=["model"]))
    served.world.now -= 1_000
    answer = client.post("/entries", data=enrolment(served, "ben"), content_type="application/json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert value(answer.data)["type"].endswith(":clock")


def test_damage_is_an_alarm(served: Served, client: FlaskClient) -> None:
    served.service._scrubber.damaged = [3]
    answer = client.get("/healthz")
    assert (answer.status_code, value(answer.data)["damaged"]) == (503, [3])


def test_an_erasure_is_done_only_when_the_text_is_gone(served: Served, client: FlaskClient) -> None:
    consent, story = served.story()
    served.accept(*story)
    usages = [served.world.usage(consent, assets=[name]) for name in "ab"]
    served.accept(*usages)
    first, second = (raw(served.world.erasure(of=usage)) for usage in usages)
    done = client.post("/entries", data=first, content_type="application/json")
    assert value(done.data)["erasure"] == {"state": "done"}
    with closing(sqlite3.connect(served.root / "registry.db", isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM disclosures").fetchall()
        pending = value(client.post("/entries", data=second, content_type="application/json").data)
        assert pending["erasure"]["state"] == "pending" and pending["erasure"]["reason"]
        shown = value(client.get("/healthz").data)
        assert shown["erasure_pending"]["reason"] == pending["erasure"]["reason"]
        assert str(served.root) not in str(shown)
    deadline = time.monotonic() + 60
    while "erasure_pending" in value(client.get("/healthz").data):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    again = client.post("/entries", data=second, content_type="application/json")
    assert value(again.data)["erasure"] == {"state": "done"}
