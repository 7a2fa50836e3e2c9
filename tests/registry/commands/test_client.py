"""The client against a server that misbehaves: what is tried again, what is believed, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry import client as client_module
from registry.client import CHUNK_ITEMS, Client, ClientError, Refusal
from registry.commands import remote
from registry.commands.answers import refusal_text
from registry.commands.connecting import Trust
from registry.intake.submission import Submission, parse_submission
from tests.support.answering import Answer, answering
from tests.support.served import Served, raw
from tests.support.world import World
from verifier.base import canonical
from verifier.base.errors import KembarError, Malformed
from verifier.evidence.file import MEDIA_TYPE as EVIDENCE
from verifier.log.trust import parse_policy
from verifier.programs.language import catalogue
from verifier.rules.model.question import Question


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.client.PAUSES", (0, 0, 0))


def submission(name: str = "anna") -> Submission:
    entry = World().party(name, roles=["model"]).entry
    assert entry is not None
    return parse_submission(raw(entry))


def problem(kind: str, status: int) -> Answer:
    value = {"detail": "so it is", "hint": "Do this.", "status": status, "type": f"urn:kembar:problem:{kind}"}
    return status, "application/problem+json", canonical.encode(value)


class TestTryingAgain:
    @pytest.mark.parametrize("failure", [problem("unavailable", 503), (502, "text/html", b"<p>"), (0, "", b"")])
    def test_until_it_works(self, failure: Answer) -> None:
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return failure if len(asked) < 3 else (200, "text/plain", b"checkpoint")

        with answering(answer) as url, Client(url) as client:
            assert client.checkpoint() == "checkpoint"
        assert asked == ["/checkpoint"] * 3

    def test_but_not_for_ever(self) -> None:
        with (
            answering(lambda path, body: problem("busy", 503)) as url,
            Client(url) as client,
            pytest.raises(ClientError, match="So it is"),
        ):
            client.checkpoint()

    def test_what_is_refused_is_not_asked_again(self) -> None:
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return problem("not_found", 404)

        with answering(answer) as url, Client(url) as client, pytest.raises(Refusal) as caught:
            client.entry("ab" * 32)
        assert (caught.value.kind, len(asked)) == ("not_found", 1)

    def test_nobody_is_there(self) -> None:
        with answering(lambda path, body: (200, "", b"")) as url:
            pass
        with Client(url) as client, pytest.raises(ClientError, match="cannot be reached"):
            client.checkpoint()


class TestSubmitting:
    def test_many_go_in_chunks_and_come_back_in_order(self) -> None:
        sizes: list[int] = []

        def answer(path: str, body: bytes) -> Answer:
            lines = body.splitlines()
            sizes.append(len(lines))
            results = [{"id": parse_submission(line).statement().id, "index": 1, "proof": "x"} for line in lines]
            return 200, "application/x-ndjson", b"".join(canonical.encode(one) + b"\n" for one in results)

        many = [submission()] * (CHUNK_ITEMS + 7)
        with answering(answer) as url, Client(url) as client:
            results = list(client.submit(many))
        assert sizes == [CHUNK_ITEMS, 7]
        assert {result["id"] for result in results if isinstance(result, dict)} == {many[0].statement().id}

    def test_large_ones_go_in_smaller_chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_module, "CHUNK_BYTES", 10)
        counts: list[int] = []

        def answer(path: str, body: bytes) -> Answer:
            counts.append(len(body.splitlines()))
            return 200, "application/x-ndjson", b'{"id":"a"}\n' * counts[-1]

        with answering(answer) as url, Client(url) as client:
            assert len(list(client.submit([submission()] * 3))) == 3
        assert counts == [1, 1, 1]

    @pytest.mark.parametrize(
        ("require", "dry_run", "path"),
        [
            (True, False, "/entries?require=yes"),
            (False, False, "/entries"),
            (False, True, "/entries?dry_run=true"),
            (True, True, "/entries?require=yes&dry_run=true"),
        ],
    )
    def test_says_what_it_wants(self, require: bool, dry_run: bool, path: str) -> None:
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return 200, "application/x-ndjson", b"{}\n"

        with answering(answer) as url, Client(url + "/") as client:
            list(client.submit([submission()], require=require, dry_run=dry_run))
        assert asked == [path]

    def test_wants_a_yes_unless_told_otherwise(self) -> None:
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return 200, "application/x-ndjson", b"{}\n"

        with answering(answer) as url, Client(url) as client:
            list(client.submit([submission()]))
        assert asked == ["/entries?require=yes"]

    @pytest.mark.parametrize(
        "data", [b"", b"{}\n{}\n", b"[]\n", b"{ }\n", b"<html>\n", b'{"a":1.5}\n', b"[" * 5000 + b"\n"]
    )
    def test_answers_that_are_none(self, data: bytes) -> None:
        with (
            answering(lambda path, body: (200, "application/x-ndjson", data)) as url,
            Client(url) as client,
            pytest.raises(ClientError),
        ):
            list(client.submit([submission()]))

    def test_a_page_instead_of_a_reason(self) -> None:
        with (
            answering(lambda path, body: (403, "text/html", b"<p>no")) as url,
            Client(url) as client,
            pytest.raises(ClientError, match="is it a Kembar registry"),
        ):
            list(client.submit([submission()]))


class TestProofs:
    """Given a trust policy, a result counts only with a log proof that holds."""

    def results(self, served: Served, change: Callable[[dict[str, Any]], object], policy: str) -> list[Any]:
        sent = submission_of(served)

        def answer(path: str, body: bytes) -> Answer:
            if path == "/checkpoint":
                return 200, "text/plain", served.service.checkpoint().encode()
            [outcome] = served.service.submit([body.removesuffix(b"\n")])
            value = {"id": outcome.id, "index": outcome.index, "proof": outcome.proof}  # type: ignore[union-attr]
            change(value)
            return 200, "application/x-ndjson", canonical.encode(value) + b"\n"

        with answering(answer) as url, Client(url, policy=parse_policy(policy)) as client:
            return list(client.submit([sent]))

    def test_that_hold(self, served: Served) -> None:
        [result] = self.results(served, lambda value: None, served.world.policy())
        assert result["index"] == 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda value: value.update(index=3),
            lambda value: value.update(id="ab" * 32),
            lambda value: value.update(proof="x"),
            lambda value: value.update(proof=value["proof"].replace("index 2", "index 1")),
            lambda value: value.pop("proof"),
        ],
    )
    def test_that_do_not(self, served: Served, change: Callable[[dict[str, Any]], object]) -> None:
        with pytest.raises(KembarError):
            self.results(served, change, served.world.policy())

    def test_of_a_log_that_is_not_trusted(self, served: Served) -> None:
        """Private sections are for no registry but the one that was meant."""
        before = served.service.checkpoint()
        with pytest.raises(Malformed, match="nothing was sent"):
            self.results(served, lambda value: None, World(origin="other.example/log").policy())
        assert served.service.checkpoint() == before


def submission_of(served: Served) -> Submission:
    return parse_submission(raw(served.entry(served.world.party("anna", roles=["model"]))))


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    registry = Served(tmp_path / "registry")
    yield registry
    registry.service.close()


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        ["", "registry.example", "ftp://registry.example", "http://", "http://a/?b", "http://a/#b", "http://u:p@a",
         "http://a:99999", "http://a:b"],
    )  # fmt: skip
    def test_that_are_none(self, url: str) -> None:
        with pytest.raises(Malformed):
            Client(url)

    def test_a_prefix_is_kept(self) -> None:
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return 200, EVIDENCE if "evidence" in path else "text/plain", b"x"

        with answering(answer) as url, Client(f"{url}/log/") as client:
            client.checkpoint()
            client.evidence(Question(kind="usage", id="ab" * 32), ["terms", "person"])
            client.evidence(Question(kind="usage", id="ab" * 32, ask="authorised"))
        use = f"/log/evidence/usage/{'ab' * 32}?newest=yes"
        assert asked == ["/log/checkpoint", f"{use}&sections=terms%2Cperson", f"{use}&ask=authorised"]

    def test_only_ids_are_asked_for(self) -> None:
        with Client("http://127.0.0.1:1") as client, pytest.raises(Malformed, match="64 hex digits"):
            client.entry("../checkpoint")


@pytest.mark.parametrize("language, said", [("en", "is not gone yet: another program"), ("id", "program lain sedang")])
def test_an_erasure_that_waits_says_so(language: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    reason = "another program is reading the database: process 7 (sqlite3)"
    result = {"erasure": {"reason": reason, "state": "pending"}, "id": "ab" * 32, "index": 9}
    remote._show("e.signed.json", result, False, Trust(), False, catalogue(language))
    assert said in capsys.readouterr().out
    remote._show("e.signed.json", {**result, "erasure": {"state": "done"}}, False, Trust(), False, catalogue("en"))
    assert "is gone from the registry" in capsys.readouterr().out


@pytest.mark.parametrize(
    "language, said", [("en", "This registry sends no mails."), ("id", "Registri ini tidak mengirim surel.")]
)
def test_a_reason_of_its_own_is_not_followed_by_what_to_do_about_rules(language: str, said: str) -> None:
    problem = {"type": "urn:kembar:problem:refused", "status": 422, "hint": "Those who may read the terms see."}
    mails = Refusal({**problem, "detail": "this registry sends no mails"})
    assert mails.message == "This registry sends no mails." and refusal_text(mails, catalogue(language)) == said
    assert Refusal({**problem, "detail": "refused"}).message == "Refused. Those who may read the terms see."
    assert "Those who" in Refusal({**problem, "detail": "A1 fails", "rules": []}).message
