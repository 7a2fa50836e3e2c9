"""Proofs, subjects and evidence over HTTP: each answer is checked from its own bytes and the trust policy alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.config import load, trust_policy, write_policy
from tests.support.asking import problem, value
from tests.support.running import dead_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, party_client
from tests.support.world import DAY, Logged, key
from verifier.base import canonical
from verifier.base.strict import parse_b64
from verifier.evidence.file import MEDIA_TYPE, Invalid
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import verdict_json
from verifier.evidence.verify import verify
from verifier.index.proofs import check_absence, check_presence, list_root, list_value
from verifier.log.consistency import check_consistency
from verifier.log.hashing import CompactTree, leaf_hash
from verifier.log.proofs import check_inclusion
from verifier.log.trust import open_checkpoint, parse_policy
from verifier.log.writing import Cosigner
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Seal


def hashes(texts: list[str]) -> list[bytes]:
    return [parse_b64(text, 32) for text in texts]


class TestInclusionAndConsistency:
    def test_every_entry_is_in_every_tree_that_has_it(self, served: Served, client: FlaskClient) -> None:
        _, story = served.story()
        served.accept(*story)
        roots = _roots(served)
        for size in range(1, len(roots)):
            for index in range(size):
                answer = value(client.get(f"/proofs/inclusion?index={index}&size={size}").data)
                leaf = served.service.leaf(index)
                assert leaf is not None
                check_inclusion(leaf_hash(leaf), index, size, hashes(answer["proof"]), roots[size])

    def test_every_tree_begins_with_every_smaller_one(self, served: Served, client: FlaskClient) -> None:
        _, story = served.story()
        served.accept(*story)
        roots = _roots(served)
        for size in range(1, len(roots)):
            for old in range(size + 1):
                answer = value(client.get(f"/proofs/consistency?old={old}&size={size}").data)
                check_consistency(old, roots[old], size, roots[size], hashes(answer["proof"]))

    def test_the_size_left_out_is_the_checkpoints(self, client: FlaskClient) -> None:
        assert value(client.get("/proofs/inclusion?index=0").data)["size"] == 2
        assert value(client.get("/proofs/consistency?old=1").data)["size"] == 2

    @pytest.mark.parametrize(
        "query",
        ["inclusion", "inclusion?index=", "inclusion?index=-1", "inclusion?index=0x0", "inclusion?index=00",
         "inclusion?index=1.0", "inclusion?index=%D9%A3", "inclusion?index=99999999999999999999",
         "inclusion?index=0&size=a", "consistency", "consistency?old=+1", "consistency?old=1&size=1_0"],
    )  # fmt: skip
    def test_numbers_are_read_strictly(self, client: FlaskClient, query: str) -> None:
        problem(client.get(f"/proofs/{query}"), 400, "question_malformed")

    @pytest.mark.parametrize(
        "query",
        ["inclusion?index=2", "inclusion?index=1&size=1", "inclusion?index=0&size=3", "consistency?old=3&size=2"],
    )
    def test_what_is_not_there(self, client: FlaskClient, query: str) -> None:
        problem(client.get(f"/proofs/{query}"), 404, "not_found")


def _roots(served: Served) -> list[bytes]:
    tree, roots = CompactTree(), []
    for index in range(served.service.published.checkpoint.size):
        roots.append(tree.root())
        leaf = served.service.leaf(index)
        assert leaf is not None
        tree.append(leaf_hash(leaf))
    return [*roots, tree.root()]


def check_subject(answer: Any, served: Served) -> None:
    """The list is complete, or nothing touches the subject: from the answer and the trust policy alone."""
    checkpoint = open_checkpoint(answer["checkpoint"], served.service.config.policy).checkpoint
    seal, leaf = answer["seal"], canonical.encode(answer["seal"]["leaf"])
    assert seal["index"] == checkpoint.size - 1
    check_inclusion(leaf_hash(leaf), seal["index"], checkpoint.size, hashes(seal["proof"]), checkpoint.root)
    statement = parse_statement(parse_envelope(leaf).payload)
    assert isinstance(statement, Seal)
    path = tuple((bit, parse_b64(sibling)) for bit, sibling in answer["path"])
    if answer["list"]:
        rows = [(index, logged) for index, logged in answer["list"]]
        check_presence(statement.index, answer["subject"], list_value(len(rows), list_root(rows)), path)
    else:
        other = answer["other"]
        check_absence(statement.index, answer["subject"], parse_b64(other["k"]), parse_b64(other["v"]), path)


class TestSubjects:
    def test_a_list_that_is_complete(self, served: Served, client: FlaskClient) -> None:
        consent, story = served.story()
        places = served.accept(*story)
        answer = value(client.get(f"/subjects/consent:{consent.id}").data)
        check_subject(answer, served)
        assert [index for index, _ in answer["list"]] == [places[-1].index]

    def test_nothing_touches_it(self, served: Served, client: FlaskClient) -> None:
        answer = value(client.get(f"/subjects/asset:{'ab' * 32}").data)
        check_subject(answer, served)
        assert answer["list"] == []

    def test_an_approval_is_named_by_two(self, client: FlaskClient) -> None:
        assert client.get(f"/subjects/approval:{'ab' * 32}.{'cd' * 32}").status_code == 200

    @pytest.mark.parametrize("subject", ["asset", "asset:", "asset:xyz", f"asset:{'AB' * 32}", f"nothing:{'ab' * 32}"])
    def test_what_is_no_subject(self, client: FlaskClient, subject: str) -> None:
        problem(client.get(f"/subjects/{subject}"), 400, "question_malformed")


class TestEvidence:
    def logged(self, served: Served) -> tuple[Logged, Logged]:
        consent, story = served.story()
        served.accept(*story)
        served.world.advance(DAY)
        usage = served.world.usage(consent, assets=["hero.jpg"])
        served.accept(usage)
        return consent, usage

    def check(self, served: Served, data: bytes) -> Any:
        policy, now = served.service.config.policy, served.world.now
        return verdict_json(verify(data, policy, instant=now, max_age=DAY, files=(), require_audited=False))

    def test_of_each_kind_yields_a_verdict(self, served: Served, client: FlaskClient) -> None:
        consent, usage = self.logged(served)
        statement = consent.statement
        answers = {}
        for kind, id in (
            ("usage", usage.id),
            ("consent", consent.id),
            ("party", str(statement.parties.model)),
            ("asset", usage.statement.assets[0]),  # type: ignore[attr-defined]
        ):
            response = client.get(f"/evidence/{kind}/{id}")
            assert response.content_type == MEDIA_TYPE
            found = self.check(served, response.data)
            assert found["question"] == {kind: id}, found
            answers[kind] = found.get("authorised") or found["answer"]
        assert answers == {
            "usage": "AUTHORISED", "consent": "IN_FORCE", "party": "COMPLETE", "asset": "REGISTERED",
        }  # fmt: skip

    def test_discloses_no_more_than_is_asked_for(self, served: Served, client: FlaskClient) -> None:
        _, usage = self.logged(served)
        response = client.get(f"/evidence/usage/{usage.id}?sections=terms")
        found = self.check(served, response.data)
        assert (found["authorised"], found["paid"]["answer"]) == ("AUTHORISED", "CANNOT_TELL")
        disclosed = {text for entry in value(response.data)["entries"] for text in entry["disclosures"]}
        assert usage.disclosures["terms"] in disclosed
        assert len(disclosed) == 3  # of the two consents and the usage

    def test_one_answer_of_two(self, served: Served, client: FlaskClient) -> None:
        consent, usage = self.logged(served)
        response = client.get(f"/evidence/usage/{usage.id}?ask=authorised")
        found = self.check(served, response.data)
        assert found["question"] == {"ask": "authorised", "usage": usage.id}
        assert found["authorised"] == "AUTHORISED" and "paid" not in found
        subjects = {one["subject"] for one in value(response.data)["subjects"]}
        assert f"usage:{consent.id}.{usage.id}" in subjects and f"uses:{consent.id}" not in subjects
        assert self.check(served, client.get(f"/evidence/usage/{usage.id}").data)["paid"]  # nobody is handed another's

    def test_discloses_nothing_to_a_stranger(self, served: Served, stranger: FlaskClient) -> None:
        _, usage = self.logged(served)
        response = stranger.get(f"/evidence/usage/{usage.id}?sections=terms")
        assert not any(entry["disclosures"] for entry in value(response.data)["entries"])
        assert self.check(served, response.data)["authorised"] == "CANNOT_TELL"

    def test_is_kept_by_nobody_on_the_way(self, served: Served, client: FlaskClient) -> None:
        _, usage = self.logged(served)
        assert client.get(f"/evidence/usage/{usage.id}").headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("path", "status", "kind"),
        [
            ("usage/" + "ab" * 32, 404, "not_found"),
            ("consent/" + "ab" * 32, 404, "not_found"),
            ("party/" + "ab" * 32, 404, "not_found"),
            ("model/" + "ab" * 32, 400, "question_malformed"),
            ("usage/xyz", 400, "question_malformed"),
            ("asset/" + "ab" * 32 + "?sections=secrets", 400, "question_malformed"),
            ("asset/" + "ab" * 32 + "?ask=paid", 400, "question_malformed"),
            ("usage/" + "ab" * 32 + "?ask=in_force", 400, "question_malformed"),
        ],
    )
    def test_what_cannot_be_asked(self, client: FlaskClient, path: str, status: int, kind: str) -> None:
        problem(client.get(f"/evidence/{path}"), status, kind)

    def test_about_a_statement_of_another_type(self, served: Served, client: FlaskClient) -> None:
        consent, _ = self.logged(served)
        problem(client.get(f"/evidence/usage/{consent.id}"), 404, "not_found")


class TestCosigned:
    """A registry whose policy asks for a witness that does not answer."""

    @pytest.fixture
    def alone(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> Logged:
        monkeypatch.setattr("registry.service.QUORUM_WAIT", 0.1)
        consent, story = served.story()
        served.accept(*story)
        served.service.close()
        config = load(served.root)
        witness = Cosigner("witness.example/ada", key("ada")).verifier
        write_policy(served.root, trust_policy(config.policy.logs[0], [(witness, dead_url())]))
        served.reopen()
        return consent

    def test_what_would_not_pass_says_so(self, served: Served, alone: Logged) -> None:
        app, path = app_at(served.service), f"/evidence/consent/{alone.id}"
        for client in (app.test_client(), party_client(served, app)):
            answer = client.get(path)
            assert "no quorum" in problem(answer, 503, "not_cosigned")["detail"]
            assert answer.headers["Retry-After"]
        data = app.test_client().get(f"{path}?newest=yes").data
        strict = verify(data, load(served.root).policy, instant=served.world.now)
        assert isinstance(strict, Invalid) and strict.code == "quorum_missing"
        own = verify(data, parse_policy(served.world.policy()), instant=served.world.now)
        assert isinstance(own, Verdict)

    def test_what_is_not_there_is_not_there(self, served: Served, alone: Logged) -> None:
        client = app_at(served.service).test_client()
        problem(client.get(f"/evidence/consent/{'ab' * 32}"), 404, "not_found")
        problem(client.get(f"/evidence/consent/{alone.id}?newest=true"), 400, "question_malformed")
