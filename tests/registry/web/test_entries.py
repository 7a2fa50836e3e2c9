"""``/entries``: what is logged, what is refused and why, what a stranger is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry import service
from registry.evidence import Verdicts
from registry.intake.submission import MAX_SUBMISSION, Submission, format_submission, parse_submission
from registry.metering import OWN
from registry.web.request_limits import MAX_LINES
from tests.support.asking import post, post_lines, problem, value
from tests.support.served import Served, enrolment, raw
from tests.support.world import Actor, Logged, World
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import check_log_proof, parse_log_proof
from verifier.rules.table import RULE_IDS
from verifier.statements.types import SECTION_NAMES

DAY = 86_400


class TestSubmitting:
    def test_one_is_answered_with_its_log_proof(self, served: Served, client: FlaskClient) -> None:
        sent = enrolment(served)
        response = post(client, sent)
        assert response.status_code == 200
        result = value(response.data)
        proof = parse_log_proof(result["proof"])
        submission = parse_submission(sent)
        check_log_proof(proof, leaf_hash(submission.envelope().leaf), served.service.config.policy)
        assert result == {"id": submission.statement().id, "index": 2, "proof": result["proof"]}
        assert proof.index == 2

    def test_again_is_answered_with_the_first_place(self, served: Served, client: FlaskClient) -> None:
        sent = enrolment(served)
        first, again = value(post(client, sent).data), value(post(client, sent).data)
        assert (first["id"], first["index"]) == (again["id"], again["index"])
        assert served.service.published.checkpoint.size == 4

    def test_a_newline_at_the_end_is_no_harm(self, served: Served, client: FlaskClient) -> None:
        assert post(client, enrolment(served) + b"\n").status_code == 200

    def test_many_are_answered_in_order(self, served: Served, client: FlaskClient) -> None:
        _, story = served.story()
        sent = [raw(served.entry(one)) for one in story]
        results = post_lines(client, b"\n".join(sent))
        assert [result["id"] for result in results] == [served.entry(one).id for one in story]

    def test_a_consent_to_make_a_twin_carries_its_verdict(self, served: Served, client: FlaskClient) -> None:
        _, story = served.story()
        served.accept(*story[:3])
        result = value(post(client, raw(served.entry(story[3]))).data)
        assert (result["verdict"]["question"], result["verdict"]["answer"]) == ({"consent": result["id"]}, "IN_FORCE")

    def test_a_consent_and_a_usage_carry_their_verdict(self, served: Served, client: FlaskClient) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])
        result = value(post(client, raw(consent)).data)
        assert result["verdict"]["question"] == {"consent": consent.id}
        assert result["verdict"]["answer"] == "IN_FORCE"
        assert [one["role"] for one in result["verdict"]["about"]["parties"]] == ["licensee", "model", "payee"]
        usage = served.world.usage(consent, assets=["hero.jpg"])
        result = value(post(client, raw(usage)).data)
        assert result["verdict"]["authorised"] == "AUTHORISED"
        about = result["verdict"]["about"]
        assert (about["files"], about["purpose"], about["countries"]) == (1, "advertising", ["DE"])

    def test_a_use_that_is_not_authorised_is_logged_all_the_same(self, served: Served, client: FlaskClient) -> None:
        usage = unauthorised(served)
        result = value(post(client, raw(usage)).data)
        assert result["verdict"]["authorised"] == "NOT_AUTHORISED"

    def test_no_verdict_can_undo_what_was_logged(
        self, served: Served, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])

        def broken(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(Verdicts, "about", broken)
        result = value(post(client, raw(consent)).data)
        assert result["id"] == consent.id and "verdict" not in result


def unauthorised(served: Served) -> Logged:
    """A use in a country that the consent does not allow."""
    world = served.world
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    consent = world.consent(model=anna, licensee=brand, twin=twin, terms={"countries": ["DE"]})
    served.accept(anna, brand, maker, creation, twin, consent)
    return world.usage(consent, assets=["hero.jpg"], terms={"countries": ["FR"], "channels": ["print"]})


def made(world: World, type: str) -> Logged:
    """The last statement of a type."""
    return [one for one in world.entries.values() if one.statement.type == type][-1]


def actor(world: World, name: str) -> Actor:
    return next(one for one in world.actors.values() if one.name == name)


def changed(data: bytes, change: Callable[[Any], object]) -> bytes:
    decoded = canonical.parse(data, limit=1 << 20)
    change(decoded)
    return canonical.encode(decoded)


def _set(*path: str | int, to: Any) -> Callable[[Any], object]:
    def change(decoded: Any) -> None:
        for step in path[:-1]:
            decoded = decoded[step]
        decoded[path[-1]] = to

    return change


BAD_BYTES: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    # name: (what is done to a good submission, problem, where)
    "nothing": (lambda _: b"", "not_canonical", ""),
    "no JSON": (lambda _: b"anna", "not_canonical", ""),
    "JSON after JSON": (lambda good: good + good, "not_canonical", ""),
    "white space": (lambda good: good.replace(b'","', b'", "', 1), "not_canonical", ""),
    "a byte order mark": (lambda good: b"\xef\xbb\xbf" + good, "not_canonical", ""),
    "not UTF-8": (lambda good: good[:-2] + b"\xff" + good[-2:], "not_canonical", ""),
    "a fraction": (lambda _: b'{"disclosures":[],"envelope":1.0}', "not_canonical", ""),
    "null": (lambda _: b'{"disclosures":[],"envelope":null}', "not_canonical", ""),
    "a name twice": (lambda good: good[:-1] + b',"envelope":{}}', "not_canonical", ""),
    "a huge number": (lambda _: b'{"disclosures":[],"envelope":' + b"9" * 5000 + b"}", "not_canonical", ""),
    "deep nesting": (lambda _: b"[" * 100_000 + b"]" * 100_000, "not_canonical", ""),
    "deeper nesting": (lambda _: b'{"a":' * 60_000 + b"1" + b"}" * 60_000, "not_canonical", ""),
    "not an object": (lambda _: b"[]", "submission_malformed", ""),
    "a member more": (lambda good: changed(good, _set("note", to="x")), "submission_malformed", "note"),
    "a member less": (lambda _: b'{"envelope":{}}', "submission_malformed", "disclosures"),
    "disclosures that are no array": (
        lambda good: changed(good, _set("disclosures", to="x")), "submission_malformed", "disclosures",
    ),
    "too many disclosures": (
        lambda good: changed(good, _set("disclosures", to=["x"] * (len(SECTION_NAMES) + 1))),
        "submission_malformed", "disclosures",
    ),
    "another payload type": (
        lambda good: changed(good, _set("envelope", "payloadType", to="text/plain")),
        "leaf_malformed", "envelope.payloadType",
    ),
    "a payload that is no base64": (
        lambda good: changed(good, _set("envelope", "payload", to="*")), "leaf_malformed", "envelope.payload",
    ),
    "a payload that is no statement": (
        lambda good: changed(good, _set("envelope", "payload", to="e30=")), "leaf_malformed", "envelope.payload.type",
    ),
    "a short signature": (
        lambda good: changed(good, _set("envelope", "signatures", 0, "sig", to="AAAA")),
        "leaf_malformed", "envelope.signatures[0].sig",
    ),
    "a wrong signature": (
        lambda good: changed(good, _set("envelope", "signatures", 1, "sig", to="A" * 86 + "==")),
        "signature_wrong", "envelope.signatures[1].sig",
    ),
    "nobody's signature": (
        lambda good: changed(good, _set("envelope", "signatures", to=[])), "signatures_missing", "envelope.signatures",
    ),
    "a disclosure that is none": (
        lambda good: changed(good, _set("disclosures", 0, to="AAAA")), "disclosure_wrong", "disclosures[0]",
    ),
}  # fmt: skip


class TestBadBytes:
    @pytest.mark.parametrize("name", BAD_BYTES)
    def test_is_refused_with_where_and_why(self, served: Served, client: FlaskClient, name: str) -> None:
        spoil, kind, where = BAD_BYTES[name]
        found = problem(post(client, spoil(enrolment(served))), 400 if kind != "signatures_missing" else 422, kind)
        assert found.get("where", "") == where
        assert served.service.published.checkpoint.size == 2

    @pytest.mark.parametrize("name", BAD_BYTES)
    def test_a_stranger_is_told_the_same(self, served: Served, stranger: FlaskClient, name: str) -> None:
        spoil, kind, _ = BAD_BYTES[name]
        status = 400 if kind != "signatures_missing" else 422
        problem(post(stranger, spoil(enrolment(served))), status, kind)

    def test_one_that_is_too_large(self, client: FlaskClient) -> None:
        problem(post(client, b"[" + b"1," * MAX_SUBMISSION), 413, "too_large")

    def test_ten_thousand_bad_lines_and_one_good_one(self, served: Served, client: FlaskClient) -> None:
        bad = [b"{}", b"", b"\x00", b"[" * 500, b'{"disclosures":[],"envelope":{}}'] * 2000
        results = post_lines(client, b"\n".join([*bad[:7000], enrolment(served), *bad[7000:]]))
        assert len(results) == 10_001
        assert results[7000]["index"] == 2
        assert all("status" in result for place, result in enumerate(results) if place != 7000)

    def test_a_line_that_is_too_long_spoils_no_other(self, served: Served, client: FlaskClient) -> None:
        lines = [b"x" * (MAX_SUBMISSION + 10), enrolment(served), b"y" * (3 * MAX_SUBMISSION), b""]
        results = post_lines(client, b"\n".join(lines))
        assert [result.get("type", "")[-9:] for result in results] == ["too_large", "", "too_large"]
        assert results[1]["index"] == 2

    def test_more_lines_than_one_request_takes(self, client: FlaskClient) -> None:
        results = post_lines(client, b"{}\n" * (MAX_LINES + 5))
        assert len(results) == MAX_LINES + 1
        assert results[-1]["type"].endswith("too_many")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/xml"])
    def test_a_body_of_another_type(self, client: FlaskClient, content_type: str) -> None:
        problem(client.post("/entries", data=b"{}", content_type=content_type), 415, "media_type")

    def test_a_body_in_another_encoding(self, client: FlaskClient) -> None:
        problem(post(client, b"{}", headers={"Content-Encoding": "gzip"}), 415, "media_type")

    def test_a_charset_is_no_harm(self, served: Served, client: FlaskClient) -> None:
        answer = client.post("/entries", data=enrolment(served), content_type="application/json; charset=utf-8")
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "query", ["?require=no", "?require=true", "?dry_run=yes", "?dry_run=", "?require=yes&require=yes"]
    )
    def test_parameters_that_say_something_else(self, client: FlaskClient, query: str) -> None:
        problem(post(client, b"{}", query), 400, "bad_request")


def failing(rules: Any) -> set[str]:
    return {row["rule"] for row in rules if row["result"] == "FAIL"}


def _bare(world: World) -> tuple[Actor, Actor]:
    return world.party("anna", roles=["model"]), world.party("maker", roles=["maker"])


def _unknown_key(served: Served) -> Logged:
    model, maker = _bare(served.world)
    served.accept(model, maker)
    return served.world.creation(model=model, maker=maker, signers=[SigningKey(bytes(32)), maker])


def _missing_signer(served: Served) -> Logged:
    model, maker = _bare(served.world)
    served.accept(model, maker)
    return served.world.creation(model=model, maker=maker, drop=[model])


def _unknown_reference(served: Served) -> Logged:
    model, maker = _bare(served.world)
    served.accept(model, maker)
    return served.world.twin(model, creation=served.world.creation(model=model, maker=maker))


def _foreign(served: Served) -> Logged:
    actor = served.world.party("anna", roles=["model"], registry="ab" * 32)
    return served.entry(actor)


def _stale(served: Served) -> Logged:
    return served.entry(served.world.party("anna", roles=["model"], at=served.world.now - 31 * DAY))


def _ahead(served: Served) -> Logged:
    return served.entry(served.world.party("anna", roles=["model"], at=served.world.now + 301))


def _seen_key(served: Served) -> Logged:
    served.accept(served.world.party("anna", roles=["model"]))
    return served.entry(served.world.party("anna", roles=["model"]))


REFUSED: dict[str, tuple[Callable[[Served], Logged], str, str]] = {
    # name: (what is submitted, problem, the rule that fails)
    "an unknown key": (_unknown_key, "refused", "A1"),
    "a missing signer": (_missing_signer, "refused", "A1"),
    "an unknown reference": (_unknown_reference, "refused", "A0"),
    "a foreign registry": (_foreign, "wrong_registry", "A0"),
    "a paper that lay in wait": (_stale, "refused", "T8"),
    "a claim from the future": (_ahead, "refused", "T6"),
    "a key that was seen": (_seen_key, "key_seen", "A1"),
}


class TestRefusals:
    @pytest.mark.parametrize("name", REFUSED)
    def test_with_the_rule_report(self, served: Served, client: FlaskClient, name: str) -> None:
        make, kind, rule = REFUSED[name]
        found = problem(post(client, raw(make(served))), 422, kind)
        assert failing(found["rules"]) == {rule}

    @pytest.mark.parametrize("name", REFUSED)
    def test_in_a_line_as_in_a_body(self, served: Served, client: FlaskClient, name: str) -> None:
        make, kind, _ = REFUSED[name]
        [found] = post_lines(client, raw(make(served)))
        assert found["type"].endswith(kind)

    def test_a_section_that_a_rule_needs(self, served: Served, client: FlaskClient) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])
        submission = parse_submission(raw(consent))
        bare = Submission(payload=submission.payload, signatures=submission.signatures, disclosures=())
        problem(post(client, format_submission(bare)), 422, "section_missing")

    def test_what_only_the_registry_appends(self, served: Served, client: FlaskClient) -> None:
        leaf = served.service.leaf(1)
        assert leaf is not None
        sent = b'{"disclosures":[],"envelope":' + leaf + b"}"
        problem(post(client, sent), 422, "type_not_accepted")


class TestRequire:
    def test_refuses_what_would_not_be_authorised(self, served: Served, client: FlaskClient) -> None:
        usage = unauthorised(served)
        before = served.service.published.checkpoint.size
        found = problem(post(client, raw(usage), "?require=yes"), 422, "not_allowed")
        assert failing(found["rules"]) >= {"A9"}
        assert served.service.published.checkpoint.size == before

    def test_logs_what_is(self, served: Served, client: FlaskClient) -> None:
        _, story = served.story()
        parties, deal = story[:3], story[3:]
        results = post_lines(client, b"\n".join(raw(served.entry(one)) for one in parties), "?require=yes")
        results += post_lines(client, b"\n".join(raw(served.entry(one)) for one in deal), "?require=yes")
        assert [result["id"] for result in results] == [served.entry(one).id for one in story]


class TestDryRun:
    def test_answers_with_the_rules_and_appends_nothing(self, served: Served, client: FlaskClient) -> None:
        usage = unauthorised(served)
        before = served.service.checkpoint()
        result = value(post(client, raw(usage), "?dry_run=true").data)
        assert (result["admitted"], result["allowed"], result["answer"]) == (True, False, "NOT_AUTHORISED")
        assert failing(result["rules"]) >= {"A9"}
        assert {row["rule"] for row in result["admission"]} >= {"A0", "A1", "T6", "T8"}
        assert served.service.checkpoint() == before

    def test_signatures_may_be_missing(self, served: Served, client: FlaskClient) -> None:
        usage = unauthorised(served)
        unsigned = Submission(
            payload=parse_submission(raw(usage)).payload, signatures=(), disclosures=tuple(usage.disclosures.values())
        )
        result = value(post(client, format_submission(unsigned), "?dry_run=true").data)
        assert (result["admitted"], result["answer"]) == (False, "NOT_AUTHORISED")
        assert failing(result["admission"]) == {"A1"}

    def test_reads_no_more_than_one_answer_may(
        self, served: Served, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of several each is counted by itself."""
        usage = raw(unauthorised(served))
        monkeypatch.setattr(service, "OWN", replace(OWN, lists=1))
        problem(post(client, usage, "?dry_run=true"), 413, "evidence_too_large")
        found = post_lines(client, usage + b"\n" + usage, "?dry_run=true")
        assert [one["type"] for one in found] == ["urn:kembar:problem:evidence_too_large"] * 2

    def test_every_rule_has_its_row(self, served: Served, client: FlaskClient) -> None:
        usage = unauthorised(served)
        world = served.world
        anna, brand = actor(world, "anna"), actor(world, "brand")
        void = world.usage(made(world, "consent"), at="-31d")
        lacking = Submission(payload=parse_submission(raw(usage)).payload, signatures=(), disclosures=())
        for sent, failed in (
            (format_submission(lacking), "A1"),
            (raw(void), "T8"),
            (raw(world.consent(model=anna, licensee=brand, twin=made(world, "twin"))), None),
        ):
            result = value(post(client, sent, "?dry_run=true").data)
            assert [row["rule"] for row in result["rules"]] == list(RULE_IDS)
            assert failed is None or failed in failing(result["rules"])

    def test_what_would_be_void_is_not_allowed(self, served: Served, client: FlaskClient) -> None:
        unauthorised(served)
        void = served.world.usage(made(served.world, "consent"), at="-31d")
        result = value(post(client, raw(void), "?dry_run=true").data)
        assert (result["admitted"], result["allowed"], result["answer"]) == (False, False, "NOT_AUTHORISED")
        assert "paid" not in result

    def test_a_consent_to_make_a_twin_is_asked_about_too(self, served: Served, client: FlaskClient) -> None:
        unauthorised(served)
        anna, maker = actor(served.world, "anna"), actor(served.world, "maker")
        over = served.world.creation(model=anna, maker=maker, terms={"starts": "-9d", "ends": "-1d"})
        result = value(post(client, raw(over), "?dry_run=true").data)
        assert (result["admitted"], result["allowed"], result["answer"]) == (True, False, "NOT_IN_FORCE")
        assert "Its term is over" in result["cures"][0]["cure"]
        problem(post(client, raw(over), "?require=yes"), 422, "not_allowed")

    def test_but_wrong_ones_are_wrong(self, served: Served, client: FlaskClient) -> None:
        spoil, kind, _ = BAD_BYTES["a wrong signature"]
        problem(post(client, spoil(enrolment(served)), "?dry_run=true"), 400, kind)

    def test_of_many(self, served: Served, client: FlaskClient) -> None:
        results = post_lines(client, b"{}\n" + enrolment(served), "?dry_run=true")
        assert results[0]["status"] == 400
        assert results[1]["admitted"] is True


AWAY = {"REMOTE_ADDR": "192.0.2.7"}
"""An address of the documentation's network."""

ELSEWHERE: dict[str, dict[str, Any]] = {
    "from this machine": {"environ_base": {"REMOTE_ADDR": "127.0.0.1"}, "headers": {"Host": "localhost"}},
    "from this machine, by its own name": {"environ_base": {"REMOTE_ADDR": "::1"}, "headers": {"Host": "[::1]:8080"}},
    "from another address": {"environ_base": AWAY},
    "from another address that claims to be local": {
        "environ_base": AWAY, "headers": {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    },
    "through a proxy on this machine": {"headers": {"X-Forwarded-For": "192.0.2.7"}},
    "through a proxy that says so otherwise": {"headers": {"Via": "1.1 proxy"}},
    "by a name that was rebound to this machine": {"headers": {"Host": "evil.example:8080"}},
    "with an address that is none": {"environ_base": {"REMOTE_ADDR": "localhost"}},
}  # fmt: skip


class TestStrangers:
    @pytest.mark.parametrize("how", ELSEWHERE)
    @pytest.mark.parametrize("query", ["?require=yes", "?dry_run=true", "?require=yes&dry_run=true"])
    def test_may_not_probe_terms(self, served: Served, stranger: FlaskClient, how: str, query: str) -> None:
        """Authorised or not: the answer is the same to the byte."""
        consent, story = served.story()
        served.accept(*story)
        usage = served.world.usage(consent, assets=["hero.jpg"])
        other = served.world.usage(consent, assets=["other.jpg"], terms={"countries": ["BR"]})
        answers = {post(stranger, raw(sent), query, **ELSEWHERE[how]).data for sent in (usage, other)}
        assert len(answers) == 1
        found = problem(post(stranger, raw(usage), query, **ELSEWHERE[how]), 422, "refused")
        assert "rules" not in found and found["detail"] == "refused"

    def test_are_told_who_has_not_signed_for_that_is_public(self, served: Served, stranger: FlaskClient) -> None:
        sent = raw(_missing_signer(served))
        [line] = post_lines(stranger, sent)
        for found in (problem(post(stranger, sent), 422, "refused"), line):
            assert [(one["rule"], one["result"]) for one in found["rules"]] == [("A1", "FAIL")]

    def test_learn_no_other_reason(self, served: Served, stranger: FlaskClient) -> None:
        sent = raw(_unknown_reference(served))
        found = problem(post(stranger, sent), 422, "refused")
        assert "rules" not in found and found["detail"] == "refused"
        [found] = post_lines(stranger, sent)
        assert "rules" not in found and found["detail"] == "refused"

    def test_learn_nothing_about_sections(self, served: Served, stranger: FlaskClient) -> None:
        """Neither that a rule needs one that they did not hand in, nor that one was erased."""
        consent, story = served.story()
        served.accept(*story)
        usage = served.entry(served.world.usage(consent, assets=["hero.jpg"]))
        submission = parse_submission(raw(usage))
        bare = Submission(payload=submission.payload, signatures=submission.signatures, disclosures=())
        anna = actor(served.world, "anna").entry
        assert anna is not None
        served.accept(served.world.erasure(anna, erased=["person"]))
        for sent in (format_submission(bare), raw(anna)):
            found = problem(post(stranger, sent), 422, "refused")
            assert (found["detail"], "where" in found) == ("refused", False)

    def test_may_submit_and_get_no_verdict(self, served: Served, stranger: FlaskClient) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])
        result = value(post(stranger, raw(consent)).data)
        assert set(result) == {"id", "index", "proof"}

    @pytest.mark.parametrize("how", ELSEWHERE)
    def test_read_no_sections(self, served: Served, stranger: FlaskClient, how: str) -> None:
        consent, story = served.story()
        served.accept(*story)
        assert value(stranger.get(f"/entries/{consent.id}", **ELSEWHERE[how]).data)["disclosures"] == []


class TestReading:
    def test_an_entry_with_its_proof_and_sections(self, served: Served, client: FlaskClient) -> None:
        consent, story = served.story()
        served.accept(*story)
        found = value(client.get(f"/entries/{consent.id}").data)
        assert found["envelope"] == canonical.parse(consent.leaf, limit=1 << 20)
        assert found["disclosures"] == [consent.disclosures[name] for name in sorted(consent.disclosures)]
        assert (found["id"], found["index"]) == (consent.id, parse_log_proof(found["proof"]).index)
        check_log_proof(parse_log_proof(found["proof"]), leaf_hash(consent.leaf), served.service.config.policy)

    @pytest.mark.parametrize("id", ["ab" * 32, "AB" * 32, "1", "%00"])
    def test_one_that_is_not_there(self, stranger: FlaskClient, id: str) -> None:
        problem(stranger.get(f"/entries/{id}"), 404, "not_found")
