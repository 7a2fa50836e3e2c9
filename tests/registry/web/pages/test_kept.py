"""What rests on many entries: made once for a reader, beside the request, and no page of it is large or waited for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import pytest
from flask import Flask

from registry.log.published_log import PublishedLog
from registry.log.record import LogRecord
from registry.readers.leaf_walk import LeafWalk
from registry.readers.reader import Reader
from registry.web.pages import kept
from registry.web.pages.kept import FEW, KeptAnswers, StillWorking, in_short, kept_answers
from registry.web.pages.reader_view import ReaderView
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Actor

LARGEST = 100 * 1024
"""Bytes of a page."""
MANY = FEW + 100


class Busy:
    """A model with several consents and a great many uses, her agency, and the brand."""

    def __init__(self, served: Served, uses: int) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"], called={"name": "Anna Lestari"})
        self.agency = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
        self.brand = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
        self.union = world.party("union", roles=["union"], called={"name": "Serikat", "public": True})
        maker = world.party("maker", roles=["maker"])
        mandate = world.mandate(model=self.anna, agency=self.agency)
        creation = world.creation(model=self.anna, maker=maker)
        twin = world.twin(self.anna, creation=creation)
        self.consents = [
            world.consent(
                model=self.anna, licensee=self.brand, twin=twin, under=mandate, union=self.union,
                money={"fees": [{"per": "use", "amount": 1_000}]},
            )
            for _ in range(30)
        ]  # fmt: skip
        self.uses = [world.usage(self.consents[n % 30], assets=[f"{n}.jpg"]) for n in range(uses)]
        served.accept(self.anna, self.agency, self.brand, self.union, maker, mandate, creation, twin)
        served.accept(*self.consents, *self.uses)

    def paths(self) -> list[tuple[Actor, list[str]]]:
        consent, use = self.consents[0].id, self.uses[0].id
        return [
            (self.anna, [
                "/model", "/model/consents", "/model/uses", "/model/money", "/model/reads", f"/model/uses/{use}",
                f"/model/consents/{consent}", f"/model/consents/{consent}/withdraw",
            ]),
            (self.brand, [
                "/brand", "/brand/uses", "/brand/money", "/brand/clear", "/brand/may", f"/brand/may?consent={consent}",
                "/brand/declare", f"/brand/uses/{use}",
            ]),
            (self.agency, [
                "/agency", "/agency/mandates", "/agency/consents", "/agency/money", "/agency/draft", "/agency/declare",
            ]),
            (self.union, ["/union", "/union/consents", f"/union/consents/{consent}/suspend"]),
        ]  # fmt: skip


def test_no_page_is_large_or_reads_all_uses_while_it_is_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the first after a start, when nothing is at hand. What rests on all of them is made beside."""
    busy, here, leaf = Busy(served, MANY), threading.get_ident(), PublishedLog.leaf
    read: list[int] = []

    def counted(log: PublishedLog, index: int) -> bytes:
        if threading.get_ident() == here:
            read.append(index)
        return leaf(log, index)

    monkeypatch.setattr(PublishedLog, "leaf", counted)
    sizes, reads = {}, {}
    for who, paths in busy.paths():
        for path in paths:
            served.reopen()
            client = asking_as(app_at(served.service), who)
            read.clear()
            answer = client.get(path)
            reads[path] = len(read)
            while answer.status_code == 503:
                assert len(answer.data) < LARGEST
                time.sleep(0.1)
                answer = client.get(path)
            assert answer.status_code == 200, path
            sizes[path] = len(answer.data)
    assert {path: size for path, size in sizes.items() if size >= LARGEST} == {}
    assert {path: count for path, count in reads.items() if count >= MANY} == {}


def test_a_page_is_not_waited_for_longer_for_resting_on_several_answers(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(served, 1)
    waited: list[float] = []

    def result(making: Future[object], timeout: float) -> object:
        waited.append(timeout)
        return in_time(making, timeout if len(waited) == 1 else 0)

    in_time = Future.result
    monkeypatch.setattr(Future, "result", result)
    answers, reader = kept_answers(served.service), Reader(party=busy.anna.id, key=busy.anna.keys[0].public.hex())
    with app_at(served.service).test_request_context():
        in_short()
        assert answers.get(reader, "at hand", FEW + 1, lambda _: time.sleep(0.1)) is None
        with pytest.raises(StillWorking):
            answers.get(reader, "long", FEW + 1, lambda _: time.sleep(1))
    first, second = waited
    assert first <= kept.PATIENCE and second <= first - 0.1, "some of it was spent before"


def test_a_page_that_would_be_waited_for_says_so_and_comes_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(served, MANY)
    monkeypatch.setattr(kept, "PATIENCE", 0)
    client = asking_as(app_at(served.service), busy.anna)
    for language in ("en", "id"):
        answer = client.get(f"/model/money?language={language}")
        if answer.status_code == 503:
            assert (answer.headers["Refresh"], answer.headers["Retry-After"]) == ("1", "1")
            assert language == "en" or english_in(answer.text) == {}
            assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/model/money.json").status_code == 200, "a program waits"
    assert client.get("/model/money").status_code == 200, "it is kept"


def test_nobody_waits_while_the_log_is_looked_through_for_sublicenses(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No list of the index tells them, so that the first to ask after a start has the whole log looked through."""
    busy, here, read_on = Busy(served, 1), threading.get_ident(), LeafWalk._read_on
    served.accept(*(served.world.party(f"somebody {n}", roles=["model"]) for n in range(FEW)))
    other = served.world.party("sub", roles=["licensee"])
    listed = served.world.consent(model=busy.anna, licensee=busy.brand, sublicensees=[other])
    served.accept(other, listed)
    threads: set[int] = set()

    def looked(self: LeafWalk, record: LogRecord) -> None:
        threads.add(threading.get_ident())
        read_on(self, record)

    monkeypatch.setattr(LeafWalk, "_read_on", looked)
    served.reopen()
    client = asking_as(app_at(served.service), busy.brand)
    while (answer := client.get("/brand")).status_code == 503:
        time.sleep(0.1)
    assert answer.status_code == 200 and threads and here not in threads


def test_files_and_what_a_withdrawal_ends_are_not_waited_for_either(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person is shown the page that comes again by itself; a program waits, and gets the file at once."""
    busy = Busy(served, 60)
    monkeypatch.setattr(kept, "PATIENCE", 0)
    monkeypatch.setattr(kept, "FEW", 1)
    app = app_at(served.service)
    asked = [(busy.agency, f"/agency/{name}.csv") for name in ("consents", "money", "uses")]
    asked.append((busy.anna, f"/model/consents/{busy.consents[0].id}/withdraw"))
    for who, path in asked:
        client = asking_as(app, who)
        answer = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert answer.status_code == 503 and answer.headers["Refresh"] == "1", path
        if path.endswith(".csv"):
            answer = client.get(path)
            assert answer.status_code == 200 and answer.mimetype == "text/csv", path
            assert answer.text.count("\n") > (0 if "money" in path else 30), "no money goes to the agency"
        else:
            while (answer := client.get(path)).status_code == 503:
                time.sleep(0.1)
            assert answer.status_code == 200


class TestKept:
    def counted(self, answers: KeptAnswers, reader: Reader, party: str, app: Flask) -> int:
        """How often it was made, by what came of asking twice."""
        made: list[int] = []

        def make(view: ReaderView) -> int:
            made.append(len(view.record.rows(f"party:{party}") or ()))
            return made[-1]

        with app.test_request_context():
            first = answers.get(reader, "what", FEW + 1, make)
            assert answers.get(reader, "what", FEW + 1, make) == first
        return len(made)

    def test_once_until_a_list_that_it_rests_on_grows(self, served: Served) -> None:
        busy = Busy(served, 1)
        answers, app = kept_answers(served.service), app_at(served.service)
        reader = Reader(party=busy.anna.id, key=busy.anna.keys[0].public.hex())
        assert self.counted(answers, reader, busy.anna.id, app) == 1
        assert self.counted(answers, reader, busy.anna.id, app) == 0
        served.accept(served.world.party("somebody", roles=["model"]))
        assert self.counted(answers, reader, busy.anna.id, app) == 0, "that is none of hers"
        served.accept(served.world.usage(busy.consents[0], assets=["new.jpg"]))
        assert self.counted(answers, reader, busy.anna.id, app) == 1

    def test_each_reader_has_her_own(self, served: Served) -> None:
        busy = Busy(served, 1)
        answers, app = kept_answers(served.service), app_at(served.service)
        for who in (busy.anna, busy.brand):
            reader = Reader(party=who.id, key=who.keys[0].public.hex())
            assert self.counted(answers, reader, busy.anna.id, app) == 1

    def test_what_fails_is_tried_again(self, served: Served) -> None:
        busy = Busy(served, 1)
        answers, app = kept_answers(served.service), app_at(served.service)
        reader = Reader(party=busy.anna.id, key=busy.anna.keys[0].public.hex())

        def fails(view: ReaderView) -> int:
            raise ValueError(view.now)

        for _ in range(2):
            with app.test_request_context(), pytest.raises(ValueError, match=r"\d+"):
                answers.get(reader, "what", FEW + 1, fails)
        assert self.counted(answers, reader, busy.anna.id, app) == 1
