"""A part of the index over HTTP: proved, padded, the same for everybody; and lies about it are found at their step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.asking import problem, value
from tests.support.served import Served
from tests.support.signed_requests import app_at
from tests.support.world import file
from verifier.base import canonical
from verifier.evidence.file import Invalid
from verifier.evidence.index_answer import PAD, open_answer
from verifier.index.prefixes import find, number_of, prefix_hex
from verifier.index.proofs import subject_key
from verifier.index.shown import Absence, Presence
from verifier.log.proofs import ProofError

MANY = 130


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A log whose index has two parts; nobody adds to it."""
    served = Served(tmp_path_factory.mktemp("long") / "registry")
    world = served.world
    served.accept(*[world.party(f"party {number}", roles=["licensee"], recovery=0) for number in range(2 * MANY)])
    yield served
    served.service.close()


@pytest.fixture
def stranger(long: Served) -> FlaskClient:
    return app_at(long.service).test_client()


def asked(client: FlaskClient, subject: str) -> tuple[bytes, int, int]:
    bits = value(client.get("/index").data)["bits"]
    number = number_of(subject_key(subject), bits)
    answer = client.get(f"/index?bits={bits}&prefix={prefix_hex(number, bits)}")
    assert answer.status_code == 200
    return answer.data, bits, number


class TestParts:
    def test_presence_and_absence_follow(self, long: Served, stranger: FlaskClient) -> None:
        policy = long.service.config.policy
        for subject in [*(f"party:{one}" for one in list(long.world.actors)[:20]), f"asset:{file('nothing')}"]:
            data, bits, number = asked(stranger, subject)
            assert bits == 1
            answer = open_answer(data, policy, bits, number)
            found = find(answer.root, subject, answer.part)
            assert isinstance(found, Absence if subject.startswith("asset:") else Presence)
            assert answer.size == long.service.published.checkpoint.size

    def test_all_answers_have_one_length_and_may_be_kept(self, long: Served, stranger: FlaskClient) -> None:
        lengths = set()
        for prefix in ("0", "8"):
            answer = stranger.get(f"/index?bits=1&prefix={prefix}")
            lengths.add(len(answer.data))
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            assert "Content-Encoding" not in answer.headers and "Vary" not in answer.headers
        assert lengths == {PAD}

    @pytest.mark.parametrize(
        ("query", "where"),
        [
            ("bits=0&prefix=", "bits"), ("bits=2&prefix=0", "bits"), ("bits=1", "prefix"), ("prefix=0", "bits"),
            ("bits=1&prefix=1", "prefix"), ("bits=1&prefix=4", "prefix"), ("bits=1&prefix=00", "prefix"),
            ("bits=1&prefix=", "prefix"), ("bits=1&prefix=G", "prefix"), ("bits=01&prefix=0", "bits"),
            ("bits=999999999999&prefix=0", "prefix"), ("bits=-1&prefix=0", "bits"), ("bits=1&prefix=0&more=1", "more"),
        ],
    )  # fmt: skip
    def test_another_question_is_refused(self, long: Served, stranger: FlaskClient, query: str, where: str) -> None:
        assert problem(stranger.get(f"/index?{query}"), 400, "question_malformed")["where"] == where

    def test_what_is_crowded_is_refused(
        self, long: Served, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.index_view.MOST", 10)
        problem(stranger.get("/index?bits=1&prefix=0"), 413, "prefix_crowded")


Change = Callable[[dict[str, Any]], None]


def _set(name: str, to: object) -> Change:
    return lambda answer: answer.__setitem__(name, to)


def _seal(name: str, to: object) -> Change:
    return lambda answer: answer["seal"].__setitem__(name, to)


def _drop_entry(answer: dict[str, Any]) -> None:
    del answer["entries"][3]


def _forge_seal(answer: dict[str, Any]) -> None:
    signature = answer["seal"]["leaf"]["signatures"][0]
    signature["sig"] = "A" + signature["sig"][1:] if signature["sig"][0] != "A" else "B" + signature["sig"][1:]


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (_set("bits", 2), 2), (_set("prefix", "8"), 2), (_set("pad", 0), 2), (_set("more", 1), 2),
        (_set("entries", "none"), 2), (_set("other", {"k": "", "v": ""}), 2), (_seal("leaf", {"payload": ""}), 3),
        (_set("checkpoint", "nothing"), 4), (_seal("proof", []), 7), (_seal("index", 1), 7), (_forge_seal, 7),
        (_drop_entry, 11), (_set("path", []), 11), (_set("entries", []), None),
    ],
)  # fmt: skip
def test_a_lie_is_found(long: Served, stranger: FlaskClient, change: Change, step: int | None) -> None:
    subject = "party:" + next(one for one in long.world.actors if number_of(subject_key(f"party:{one}"), 1) == 0)
    data, bits, number = asked(stranger, subject)
    answer = value(data)
    change(answer)
    try:
        opened = open_answer(canonical.encode(answer), long.service.config.policy, bits, number)
    except Invalid as invalid:
        assert invalid.step == step
    else:
        assert step is None  # nothing is shown, and nothing follows
        with pytest.raises(ProofError):
            find(opened.root, subject, opened.part)


def test_what_is_no_json_is_found(long: Served) -> None:
    with pytest.raises(Invalid, match="canonical") as caught:
        open_answer(b"{}  ", long.service.config.policy, 1, 0)
    assert caught.value.step == 1
