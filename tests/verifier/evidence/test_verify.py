"""The check of a whole file: what its verdict says beside the rules' answers, and its limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.evidence_making import base
from tests.support.world import DAY, Actor, Logged, World, file
from verifier.base import canonical
from verifier.base.strict import format_instant
from verifier.evidence.build import TooLarge, build_evidence, format_evidence
from verifier.evidence.file import MAX_ENTRIES, MAX_EVIDENCE, MAX_SUBJECTS, Invalid, parse_evidence
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.rules.model.question import Question
from verifier.rules.needs import lists_needed


def cosigned() -> tuple[World, Logged]:
    """A usage in a log that two witnesses and an auditor cosign."""
    world = World(witnesses=["ada", "bob"], auditors=["union"], quorum="2")
    brand = world.party("brand", roles=["licensee"])
    consent = world.consent(model=world.party("anna", roles=["model"]), licensee=brand)
    return world, world.usage(consent)


class TestAsOf:
    def test_with_a_quorum_it_is_the_latest_instant_that_enough_cosigned_at_or_after(self) -> None:
        world, usage = cosigned()
        world.advance("1h")
        lines = [world.checkpoint(cosigners=[name]).split("\n")[-2] for name in world.witnesses]
        world.advance("1h")
        lines.append(world.checkpoint(cosigners=world.auditors).split("\n")[-2])
        note = world.checkpoint(cosigners=[]) + "\n".join(lines) + "\n"
        verdict = world.check(usage, checkpoint=note)
        assert verdict["as_of"]["at"] == format_instant(world.now - 3_600)
        verdict = world.check(usage, checkpoint=note, policy=world.policy(quorum="1"))
        assert verdict["as_of"]["at"] == format_instant(world.now)

    def test_without_a_quorum_it_is_the_last_seal(self) -> None:
        world, usage = cosigned()
        world.advance("1h")
        verdict = world.check(usage, policy=world.policy(quorum="none"))
        assert verdict["as_of"]["at"] == format_instant(usage.logged)

    def test_size_is_the_tree(self) -> None:
        world, usage = cosigned()
        assert world.check(usage)["as_of"]["size"] == world.log.size

    @pytest.mark.parametrize(
        "cosigners, quorum, basis",
        [
            (["ada", "bob", "union"], "2", "audited"),
            (["ada", "bob"], "2", "witnessed"),
            (["ada", "union"], "2", "audited"),
            ([], "none", "claimed"),
            (["ada"], "none", "claimed"),
            (["union"], "none", "audited"),
        ],
    )
    def test_basis(self, cosigners: list[str], quorum: str, basis: str) -> None:
        world, usage = cosigned()
        names = [name for name in (*world.witnesses, *world.auditors) if name.split(".")[0] in cosigners]
        verdict = world.check(usage, checkpoint=world.checkpoint(cosigners=names), policy=world.policy(quorum=quorum))
        assert verdict["as_of"]["basis"] == basis

    def test_an_auditor_whom_the_policy_does_not_name_is_none(self) -> None:
        world, usage = cosigned()
        policy = "".join(
            line.replace(" w2", "") + "\n" for line in world.policy().splitlines() if not line.startswith("witness w2")
        )
        assert world.check(usage, policy=policy)["as_of"]["basis"] == "witnessed"


class TestStale:
    """Too long past ``as_of``, what holds now cannot be told."""

    @pytest.mark.parametrize("age, stale", [("24h", False), ("86401s", True)])
    def test_a_consent(self, age: str, stale: bool) -> None:
        b = base()
        verdict = b.world.check(b.consent, at=b.world.now + int(age[:-1]) * (3_600 if age[-1] == "h" else 1))
        assert verdict["answer"] == ("CANNOT_TELL" if stale else "IN_FORCE")
        assert ("stale" in {row["code"] for row in verdict["rules"]}) is stale

    def test_max_age_is_the_readers(self) -> None:
        b = base()
        assert b.world.check(b.consent, at=b.world.now + 3 * DAY, max_age="3d")["answer"] == "IN_FORCE"
        assert b.world.check(b.consent, at=b.world.now + 1, max_age=0)["answer"] == "CANNOT_TELL"

    def test_a_use_is_told_up_to_as_of(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, at=b.world.now + 60 * DAY)
        assert [segment["authorised"] for segment in verdict["segments"]] == ["CANNOT_TELL"]
        assert verdict["paid"]["answer"] == "CANNOT_TELL"

    def test_a_consent_that_is_not_in_force_anyhow_stays_so(self) -> None:
        b = base()
        assert b.world.check(b.consent, at=b.world.now + 9_999 * DAY)["answer"] == "NOT_IN_FORCE"

    def test_an_asset_is_told_as_of_the_checkpoint(self) -> None:
        b = base()
        assert b.world.check("hero.jpg", at=b.world.now + 60 * DAY)["answer"] == "REGISTERED"


class TestRequired:
    def test_not_audited(self) -> None:
        world = World()
        anna = world.party("anna", roles=["model"])
        consent = world.consent(model=anna, licensee=world.party("brand", roles=["licensee"]))
        for about in (consent, anna, "hero.jpg", world.usage(consent)):
            verdict = world.check(about, require_audited=True)
            assert "CANNOT_TELL" in {verdict.get("answer"), verdict.get("authorised")}
            assert "not_audited" in {row["code"] for row in verdict["rules"]}

    def test_what_fails_anyhow_is_no_and_of_money_nothing_is_told(self) -> None:
        world = World()
        anna = world.party("anna", roles=["model"])
        consent = world.consent(model=anna, licensee=world.party("brand", roles=["licensee"]))
        verdict = world.check(world.usage(consent, terms={"purpose": "internal"}), require_audited=True)
        assert (verdict["authorised"], verdict["paid"]["answer"]) == ("NOT_AUTHORISED", "CANNOT_TELL")

    def test_audited(self) -> None:
        b = base()
        assert b.world.check(b.consent, require_audited=True)["answer"] == "IN_FORCE"


class TestFiles:
    """A file that the reader compares is named by its own digest."""

    def test_the_declared_one(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, files=["hero.jpg"])
        assert verdict["authorised"] == "AUTHORISED"
        assert verdict["files"] == [file("hero.jpg")]

    def test_another(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, files=["hero.jpg", "another.jpg"])
        assert verdict["authorised"] == "NOT_AUTHORISED"
        assert [row["code"] for row in verdict["rules"] if row["rule"] == "A3"] == ["asset_not_named"]

    def test_none(self) -> None:
        b = base()
        assert "files" not in b.world.check(b.usage)

    def test_they_rise_and_stand_once(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, files=["hero.jpg", "a.jpg", "hero.jpg"])
        assert verdict["files"] == sorted({file("hero.jpg"), file("a.jpg")})


class TestWhoIsAskedAbout:
    def test_a_party(self) -> None:
        b = base()
        verdict = b.world.check(b.anna)
        assert verdict["answer"] == "COMPLETE"
        assert b.usage.id in [usage["usage"] for usage in verdict["usages"]]

    def test_an_asset_counts_entries_good_or_not(self) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        consent = world.consent(model=anna, licensee=brand)
        void = world.usage(consent, ["hero.jpg"], signers=[anna])
        verdict = world.check("hero.jpg")
        assert verdict["answer"] == "REGISTERED"
        assert [row["entries"] for row in verdict["rules"] if row["rule"] == "T2"] == [[void.index]]

    def test_every_void_entry_that_is_shown_is_a_fault(self) -> None:
        """Whether or not the question turns on it; void only for what the file shows."""
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        consent = world.consent(model=anna, licensee=brand)
        world.advance("40d")
        late = [world.usage(consent, ["hero.jpg"], at=at).index for at in ("-31d", "-32d")]
        world.usage(consent, ["hero.jpg"], signers=[anna])
        assert world.check("hero.jpg")["faults"] == [{"code": "void_late", "entries": late}]


class TestMissing:
    """What a file leaves out makes answers uncertain and is no error (section 7.1)."""

    @pytest.mark.parametrize("kind", ["keys", "consent", "twin", "uses", "exclusive"])
    def test_a_list(self, kind: str) -> None:
        b = base()
        verdict = b.world.check(b.usage, hide_lists=[kind])
        if kind == "uses":
            assert (verdict["outcome"], verdict["step"]) == ("invalid", 14)
        else:
            assert verdict["authorised"] == "CANNOT_TELL"
            assert "list_missing" in {row["code"] for row in verdict["rules"]}

    def test_the_account_bears_on_payment_only(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, hide_lists=["account"])
        assert (verdict["authorised"], verdict["paid"]["answer"]) == ("AUTHORISED", "CANNOT_TELL")

    def test_money_that_is_not_disclosed(self) -> None:
        b = base()
        verdict = b.world.check(b.usage, only_sections=["terms"])
        assert (verdict["authorised"], verdict["paid"]["answer"]) == ("AUTHORISED", "CANNOT_TELL")
        assert "not_disclosed" in {row["code"] for row in verdict["rules"]}

    def test_terms_that_were_erased(self) -> None:
        world, _, _, consent, usage = _erasable()
        world.erasure(consent, erased=["terms"])
        codes = {row["code"] for row in world.check(usage)["rules"]}
        assert "erased" in codes
        assert "not_disclosed" not in codes

    def test_an_erasure_that_is_not_shown(self) -> None:
        world, _, _, consent, usage = _erasable()
        world.erasure(consent, erased=["terms"])
        codes = {row["code"] for row in world.check(usage, hide_lists=["erased"])["rules"]}
        assert "erased" not in codes
        assert "not_disclosed" in codes


def _erasable() -> tuple[World, Actor, Actor, Logged, Logged]:
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    return world, anna, brand, consent, world.usage(consent)


class TestLimits:
    """Section 2: evidence 128 MiB, 50,000 entries, 2,000 subjects, 1,000,000 list rows."""

    def check(self, change: dict[str, Any]) -> tuple[int, str]:
        value = canonical.parse(base().data, limit=MAX_EVIDENCE)
        value.update(change)
        with pytest.raises(Invalid) as caught:
            parse_evidence(canonical.encode(value))
        return caught.value.step, caught.value.where

    def test_bytes(self) -> None:
        with pytest.raises(Invalid, match="134217729 bytes") as caught:
            parse_evidence(bytes(MAX_EVIDENCE + 1))
        assert caught.value.code == "not_canonical"

    def test_entries(self) -> None:
        assert self.check({"entries": [0] * MAX_ENTRIES}) == (2, "entries[0]")
        assert self.check({"entries": [0] * (MAX_ENTRIES + 1)}) == (2, "entries")

    def test_subjects(self) -> None:
        assert self.check({"subjects": [0] * MAX_SUBJECTS}) == (2, "subjects[0]")
        assert self.check({"subjects": [0] * (MAX_SUBJECTS + 1)}) == (2, "subjects")

    def test_rows_of_all_lists_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With a smaller limit: a million takes its time. That it is a million, tests/test_docs_tables.py holds."""
        monkeypatch.setattr("verifier.evidence.file.MAX_ROWS", 10)
        lists = [
            {"list": [[index, 1] for index in range(5)], "path": [], "subject": f"{kind}:{'0' * 64}"}
            for kind in ("account", "asset")
        ]
        value = canonical.parse(base().data, limit=MAX_EVIDENCE)
        value.update(entries=[], subjects=lists)
        assert len(parse_evidence(canonical.encode(value)).subjects) == 2
        lists[1]["list"] = [[index, 1] for index in range(6)]
        assert self.check({"entries": [], "subjects": lists}) == (2, "subjects")

    def test_builder_says_what_is_too_much(self) -> None:
        b = base()
        lists = [f"asset:{number:064x}" for number in range(MAX_SUBJECTS + 1)]
        with pytest.raises(TooLarge, match="2001 lists"):
            build_evidence(b.world.question(b.usage), b.world.log, b.world.checkpoint(), lists=lists)


class TestFormat:
    def test_what_is_read_is_what_was_written(self) -> None:
        data = base().world.evidence(base().usage)
        evidence = parse_evidence(data)
        assert evidence.question == base().world.question(base().usage)
        assert [entry.index for entry in evidence.entries] == sorted(entry.index for entry in evidence.entries)
        assert canonical.encode(canonical.parse(data, limit=MAX_EVIDENCE)) == data

    def test_nothing_but_the_question_makes_a_file(self) -> None:
        question = base().world.question("hero.jpg")
        assert parse_evidence(format_evidence(question, "", [], [])).entries == ()

    def test_verdict_leaves_out_what_does_not_apply(self) -> None:
        b = base()
        verdict = b.world.check("hero.jpg")
        assert sorted(verdict) == ["answer", "as_of", "instant", "outcome", "question", "rules"]

    def test_invalid_has_no_answer(self) -> None:
        outcome = verify(b"{}", parse_policy(base().world.policy()), instant=0)
        assert isinstance(outcome, Invalid)
        decoded = canonical.parse(format_verdict(outcome), limit=1 << 20)
        assert decoded == {"outcome": "invalid", "step": 2, "code": "evidence_malformed", "where": "checkpoint"}

    def test_verdict_is_canonical(self) -> None:
        b = base()
        outcome = verify(b.world.evidence(b.anna), parse_policy(b.world.policy()), instant=b.world.now)
        assert isinstance(outcome, Verdict)
        data = format_verdict(outcome)
        assert canonical.encode(canonical.parse(data, limit=1 << 24)) == data


class TestNeeds:
    """Section 7.1's table, row by row."""

    def lists(self, world: World, about: Any) -> set[str]:
        return set(lists_needed(world.record(), world.question(about)))

    def test_an_asset_needs_its_list_and_the_registrys(self) -> None:
        b = base()
        assert self.lists(b.world, "hero.jpg") == {f"registry:{b.world.genesis.id}", f"asset:{file('hero.jpg')}"}

    def test_a_usage(self) -> None:
        b = base()
        kinds = {subject.split(":")[0] for subject in self.lists(b.world, b.usage)}
        assert kinds == {"account", "consent", "exclusive", "keys", "registry", "twin", "uses"}

    def test_approvals_where_the_terms_call_for_them(self) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        consent = world.consent(model=anna, licensee=brand, terms={"approval": "each"})
        usage = world.usage(consent, ["a.jpg", "b.jpg"])
        wanted = {f"approval:{consent.id}.{file(name)}" for name in ("a.jpg", "b.jpg")}
        assert wanted <= self.lists(world, usage)

    def test_approvals_where_the_use_was_declared_late(self) -> None:
        b = base()
        world, _, _, consent, _ = _erasable()
        world.advance("10d")
        late = world.usage(consent, terms={"starts": "-5d"})
        assert f"approval:{consent.id}.{file('hero.jpg')}" in self.lists(world, late)
        assert not any(subject.startswith("approval:") for subject in self.lists(b.world, b.usage))

    def test_only_exclusive_consents_that_may_stand_in_the_way(self) -> None:
        world = World()
        anna = world.party("anna", roles=["model"])
        brands = [world.party(name, roles=["licensee"]) for name in ("first", "second", "third", "brand")]
        meets = world.consent(model=anna, licensee=brands[0], exclusive={"countries": ["DE"]})
        elsewhere = world.consent(model=anna, licensee=brands[1], exclusive={"countries": ["US"]})
        consent = world.consent(model=anna, licensee=brands[3])
        later = world.consent(model=anna, licensee=brands[2], exclusive={"countries": ["DE"]})
        lists = self.lists(world, world.usage(consent))
        assert f"exclusive:{anna.id}" in lists
        assert f"consent:{meets.id}" in lists
        assert f"consent:{elsewhere.id}" not in lists
        assert f"consent:{later.id}" not in lists

    def test_what_a_reader_may_not_see_of_a_rival_is_not_given_away(self) -> None:
        world = World()
        anna = world.party("anna", roles=["model"])
        rival, brand = (world.party(name, roles=["licensee"]) for name in ("rival", "brand"))
        exclusive = world.consent(model=anna, licensee=rival, exclusive={"countries": ["DE"]})
        usage = world.usage(world.consent(model=anna, licensee=brand))
        lists = lists_needed(world.record(), world.question(usage), lambda statement, name: name != "exclusive")
        assert f"consent:{exclusive.id}" not in lists

    def test_the_family_of_a_consent(self) -> None:
        world, anna, brand, consent, usage = _erasable()
        newer = world.consent(model=anna, licensee=brand, replaces=consent)
        newest = world.consent(model=anna, licensee=brand, replaces=newer)
        lists = self.lists(world, usage)
        assert {f"consent:{one.id}" for one in (consent, newer, newest)} <= lists
        assert f"uses:{newest.id}" not in lists
        later = self.lists(world, world.usage(newest))
        assert {f"uses:{one.id}" for one in (consent, newer, newest)} <= later

    def test_a_mandate_and_its_agencys_keys(self) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        agency = world.party("agency", roles=["agency"])
        mandate = world.mandate(model=anna, agency=agency)
        consent = world.consent(model=anna, licensee=brand, under=mandate)
        assert {f"mandate:{mandate.id}", f"keys:{agency.id}"} <= self.lists(world, consent)

    def test_controllers_upward(self) -> None:
        world = World()
        top = world.party("top", roles=["holder"])
        holding = world.party("holding", roles=["holder"], controller=top)
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"], controller=holding)
        usage = world.usage(world.consent(model=anna, licensee=brand))
        assert {f"keys:{one.id}" for one in (brand, holding, top)} <= self.lists(world, usage)

    def test_a_party_book_stands_for_its_lists(self) -> None:
        b = base()
        kinds = {subject.split(":")[0] for subject in self.lists(b.world, b.anna)}
        assert kinds == {"keys", "party", "registry"}
        kinds = {subject.split(":")[0] for subject in self.lists(b.world, b.brand)}
        assert kinds == {"consent", "exclusive", "keys", "party", "registry", "twin"}

    def test_a_statement_that_is_not_there_needs_the_registrys_list(self) -> None:
        b = base()
        for question in (Question(kind="usage", id="0" * 64), Question(kind="consent", id="0" * 64)):
            assert lists_needed(b.world.record(), question) == (f"registry:{b.world.genesis.id}",)
