"""What waits for the sequencer: bounded, fair, without private sections, answered before it is sealed if asked so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient

from registry import config
from registry.front import FrontService
from registry.log import queue as queues
from registry.log.queue import Queue, Queued
from registry.problems import Problem
from registry.web.app import create_app
from tests.support.asking import problem
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.served import Served, raw
from tests.support.shared_registry import SharedRegistry, until

ASYNC = {"Prefer": "wait=5, Respond-Async"}


@pytest.fixture
def registry(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> Iterator[SharedRegistry]:
    with closing(SharedRegistry(tmp_path, cluster, buckets)) as made:
        yield made


@pytest.fixture
def queue(registry: SharedRegistry) -> Iterator[Queue]:
    with closing(config.load(registry.first).queue()) as made:
        yield made


@pytest.fixture
def front(registry: SharedRegistry) -> Iterator[FrontService]:
    with registry.front(registry.machine(key=False)) as made:
        yield made


@pytest.fixture
def client(front: FrontService) -> FlaskClient:
    return create_app(front).test_client()


def waiting(sender: str, number: int) -> Queued:
    return Queued(id=b"%032d" % number, envelope=b"{}", sections="", require=False, sender=sender)


class TestQueue:
    def test_each_network_has_its_turn(self, queue: Queue) -> None:
        flood = queue.put([waiting("192.0.2.0/24", number) for number in range(50)])
        others = queue.put([waiting("198.51.100.0/24", 60)]) + queue.put([waiting("2001:db8::/48", 61)])
        taken = [one.ticket for one in queue.take(5)]
        assert taken[0] == flood[0] and set(taken[1:3]) == set(others) and taken[3:] == flood[1:3]

    def test_it_is_bounded(self, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queues, "MAX_QUEUE", 3)
        assert len(queue.put([waiting("a", 1), waiting("a", 2)])) == 2
        assert queue.put([waiting("a", 3), waiting("a", 4)]) == []
        assert len(queue.put([waiting("a", 3)])) == 1 and queue.depth() == 3

    def test_a_full_one_is_told_and_nothing_of_it_stays(
        self, registry: SharedRegistry, front: FrontService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queues, "MAX_QUEUE", 0)
        [found] = front.submit([raw(Served.entry(registry.world.party("anna", roles=["model"])))])
        assert isinstance(found, Problem) and found.code == "busy"
        assert list(registry.bucket.names("waiting/")) == []

    def test_private_sections_are_not_in_it(self, registry: SharedRegistry, front: FrontService) -> None:
        made = Served.entry(registry.world.party("anna", roles=["model"]))
        front.hand_in([raw(made)])
        texts = list(made.disclosures.values())
        with psycopg.connect(registry.store) as conn:
            rows = conn.execute("SELECT * FROM queue").fetchall()
        assert len(rows) == 1 and not any(text in repr(rows) for text in texts)
        [name] = registry.bucket.names("waiting/")
        stored = registry.bucket.get(name)
        assert stored is not None and not any(text.encode() in stored.data for text in texts)
        sequencer = registry.candidate(registry.first)
        until(lambda: front.entry(made.id), "it is not taken up")
        until(lambda: not list(registry.bucket.names("waiting/")), "the object stays")
        sequencer.kill()
        found = front.entry(made.id)
        assert found is not None and found.disclosures == made.disclosures

    def test_outcomes_are_kept_for_a_day(self, registry: SharedRegistry, queue: Queue) -> None:
        with psycopg.connect(registry.store) as conn:
            for ticket, age in ((1, "23 hours"), (2, "25 hours")):
                conn.execute(
                    "INSERT INTO outcomes (ticket, id, problem, size, came) "
                    "VALUES (%s, %s, '{}', 2, now() - %s::interval)",
                    (ticket, b"i", age),
                )
        queue.sweep()
        assert [one.ticket for one in queue.found([1, 2])] == [1]


class TestWithoutWaiting:
    def test_it_is_taken_and_what_becomes_of_it_is_asked_for(
        self, registry: SharedRegistry, client: FlaskClient, front: FrontService
    ) -> None:
        made = Served.entry(registry.world.party("anna", roles=["model"]))
        answer = client.post("/entries", data=raw(made), content_type="application/json", headers=ASYNC)
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "respond-async")
        assert answer.json == {"id": made.id, "state": "waiting"}
        place = answer.headers["Location"]
        assert client.get(place).json == {"id": made.id, "state": "waiting"}
        sequencer = registry.candidate(registry.first)
        until(lambda: client.get(place).json["state"] == "logged", "it stays in the queue")  # type: ignore[index]
        sequencer.kill()
        found = client.get(place).json
        entry = client.get(f"/entries/{made.id}").json
        assert found is not None and entry is not None
        assert (found["index"], found["proof"]) == (entry["index"], entry["proof"]) and found["index"] == 2

    def test_what_is_refused_is_told_without_what_only_parties_may_know(
        self, registry: SharedRegistry, client: FlaskClient
    ) -> None:
        anna, brand = (registry.world.party(name, roles=[role]) for name, role in (("a", "model"), ("b", "licensee")))
        twin = registry.world.twin(anna, creation=registry.world.creation(model=anna, maker=brand))
        consent = registry.world.consent(model=anna, licensee=brand, twin=twin)  # of parties that nobody has logged
        answer = client.post("/entries", data=raw(consent), content_type="application/json", headers=ASYNC)
        assert answer.status_code == 202
        sequencer = registry.candidate(registry.first)
        place = f"/submissions/{consent.id}"
        until(lambda: client.get(place).json["state"] != "waiting", "it stays in the queue")  # type: ignore[index]
        sequencer.kill()
        found = client.get(place).json
        assert found is not None and found["state"] == "refused"
        assert found["problem"]["detail"] == "refused" and "rules" not in found["problem"]

    def test_many_lines(self, registry: SharedRegistry, client: FlaskClient) -> None:
        made = [Served.entry(registry.world.party(f"p{number}", roles=["model"])) for number in range(3)]
        body = b"\n".join([*map(raw, made), b"{}"])
        answer = client.post("/entries", data=body, content_type="application/x-ndjson", headers=ASYNC)
        lines = answer.data.splitlines()
        assert answer.status_code == 202 and len(lines) == 4
        assert all(b'"state":"waiting"' in line for line in lines[:3]) and b"submission_malformed" in lines[3]

    def test_what_is_wrong_with_its_bytes_is_told_at_once(self, client: FlaskClient) -> None:
        answer = client.post("/entries", data=b"{}", content_type="application/json", headers=ASYNC)
        problem(answer, 400, "submission_malformed")

    @pytest.mark.parametrize("id", ["ab" * 32, "AB" * 32, "x"])
    def test_one_that_is_not_known(self, client: FlaskClient, id: str) -> None:
        problem(client.get(f"/submissions/{id}"), 404, "not_found")
