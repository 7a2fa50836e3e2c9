"""What a service refuses, and what the registry's own statements do to it."""

from __future__ import annotations

import pytest

from registry import config
from registry.fsck import fsck
from registry.problems import Problem
from registry.sequencer import Logged
from registry.service import Service
from tests.support.outcomes import outcome, refused
from tests.support.served import Served, raw
from tests.support.world import DAY, key
from verifier.programs.keys import write_key
from verifier.statements.envelope import parse_envelope


class TestRefusals:
    def test_many_bad_lines_do_not_spoil_a_good_one(self, served: Served) -> None:
        good = raw(served.entry(served.world.party("anna", roles=["model"])))
        deep = b"[" * 5000 + b"]" * 5000
        wrong = good.replace(b'keyid":"', b'keyid":"0')
        bad = [b"", b"{}", b"null", b'{"a":1', b"\xff\xfe", deep, good[:-9], b" " + good, wrong]
        lines = [bad[place % len(bad)] for place in range(10_000)]
        lines[7_777] = good
        found = served.service.submit(lines)
        assert [place for place, one in enumerate(found) if isinstance(one, Logged)] == [7_777]
        assert all(isinstance(one, Logged) or one.detail for one in found)
        assert served.service.published.checkpoint.size == 4

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"x" * 500_000, "too_large"),
            (b'{"disclosures":[],"envelope":[]}', "leaf_malformed"),
            (b'{"disclosures":[],"extra":1,"envelope":{}}', "not_canonical"),
            (b'{"disclosures":[],"envelope":{},"extra":1}', "submission_malformed"),
            (b'{"disclosures":["a","b","c","d","e","f","g"],"envelope":{}}', "submission_malformed"),
        ],
    )
    def test_bytes_that_are_no_submission(self, served: Served, data: bytes, code: str) -> None:
        [found] = served.service.submit([data])
        assert isinstance(found, Problem) and found.code == code

    def test_a_signature_that_does_not_verify(self, served: Served) -> None:
        assert refused(served, served.world.party("anna", roles=["model"], wrong_signatures=True)) == "signature_wrong"

    def test_another_registrys_statement(self, served: Served) -> None:
        foreign = served.world.party("anna", roles=["model"], registry="ab" * 32)
        assert refused(served, foreign) == "wrong_registry"

    def test_the_registrys_own_types(self, served: Served) -> None:
        with served.world.batch():
            served.world.party("anna", roles=["model"])
        seal = served.world.log.leaf(served.world.log.size - 1)
        submission = b'{"disclosures":[],"envelope":' + seal + b"}"
        [found] = served.service.submit([submission])
        assert isinstance(found, Problem) and found.code == "type_not_accepted"

    def test_a_key_that_nobody_knows(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        assert refused(served, served.world.usage(consent, signers=[key("stranger")])) == "refused"

    def test_a_reference_to_nothing(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])
        assert refused(served, served.world.usage(consent)) == "refused"

    def test_too_late_and_too_early(self, served: Served) -> None:
        world = served.world
        assert refused(served, world.party("a", roles=["model"], at=world.now - 31 * DAY)) == "refused"
        assert refused(served, world.party("b", roles=["model"], at=world.now + 301)) == "refused"
        served.accept(world.party("c", roles=["model"], at=world.now + 300))

    def test_a_section_that_a_rule_needs(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        usage = served.world.usage(consent)
        usage.disclosures.clear()
        assert refused(served, usage) == "section_missing"

    def test_a_section_seen_before(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        usage = served.world.usage(consent)
        served.accept(usage)
        copy = served.world.usage(consent, members={"sections": dict(usage.statement.sections)})
        copy.disclosures.clear()
        copy.disclosures.update(usage.disclosures)
        assert copy.id != usage.id
        assert refused(served, copy) == "section_repeated"
        # and within one batch
        third = served.world.usage(consent)
        twice = served.world.usage(consent, members={"sections": dict(third.statement.sections)})
        twice.disclosures.clear()
        twice.disclosures.update(third.disclosures)
        found = served.service.submit([raw(third), raw(twice)])
        assert isinstance(found[0], Logged) and isinstance(found[1], Problem)
        assert found[1].code == "section_repeated"

    def test_a_key_seen_before(self, served: Served) -> None:
        world = served.world
        anna, ben = world.party("anna", roles=["model"]), world.party("ben", roles=["model"])
        served.accept(anna, ben)
        assert refused(served, world.key(ben, add=[anna.keys[0]])) == "key_seen"
        ben.keys = ben.keys[:1]
        fresh = key("fresh")
        served.accept(world.key(ben, add=[fresh]))
        served.accept(world.key(ben, retire=[fresh]))
        assert refused(served, world.key(anna, add=[fresh])) == "key_seen"

    def test_a_log_key_that_the_registry_does_not_hold(self, served: Served) -> None:
        assert refused(served, served.world.registry(log=key("new log key"))) == "key_not_held"

    def test_a_rule_report_says_why(self, served: Served) -> None:
        found = outcome(served, served.world.party("anna", roles=["model"], drop=[served.world.registrar]))
        assert isinstance(found, Problem) and found.code == "refused"
        failed = [(one.rule, one.code) for one in found.rules if one.result.value == "FAIL"]
        assert failed == [("A1", "void_signers")]
        assert found.to_json()["type"] == "urn:kembar:problem:refused"


class TestRegistryStatements:
    def test_a_new_log_key_signs_from_its_own_seal_on(self, served: Served) -> None:
        new = key("new log key")
        served.service.close()
        write_key(served.root / config.KEYS / "second.key", new, None)
        served.service = Service.open(served.root, clock=served.clock)
        served.accept(served.world.registry(log=new))
        seal = served.service.leaf(3)
        assert seal is not None
        assert [one.keyid for one in parse_envelope(seal).signatures] == [new.public.hex()]
        with (served.root / config.POLICY).open("a") as file:
            file.write(f"log {served.world.vkey(new)}\n")
        served.reopen()
        served.accept(served.world.party("anna", roles=["model"]))
        assert fsck(served.root).faults == []

    def test_a_new_registrar_vouches_and_the_old_one_does_not(self, served: Served) -> None:
        old = served.world.registrar
        served.accept(served.world.registry(registrars=[key("second registrar")]))
        served.accept(served.world.party("anna", roles=["model"]))
        served.world.registrar = old
        assert refused(served, served.world.party("ben", roles=["model"])) == "refused"
