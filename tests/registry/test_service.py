"""Submitting and reading, end to end without HTTP."""

from __future__ import annotations

from pathlib import Path
from shutil import copy
from threading import Thread

import pytest

from registry.fsck import fsck
from registry.log.log_error import LogError
from registry.log.published_log import SubjectProof
from registry.problems import Problem
from registry.sequencer import Logged, Outcome
from registry.service import DryRun, Service
from tests.support.outcomes import outcome, refused
from tests.support.served import Served, proved_list, raw
from tests.support.world import DAY, key
from tests.support.world import Logged as Made
from verifier.index.proofs import check_absence, check_presence, list_root, list_value
from verifier.index.shown import Absence, Presence
from verifier.log.consistency import check_consistency
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import check_log_proof, parse_log_proof
from verifier.log.proofs import check_inclusion
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Seal


def last_seal(served: Served) -> Seal:
    leaf = served.service.leaf(served.service.published.checkpoint.size - 1)
    assert leaf is not None
    seal = parse_statement(parse_envelope(leaf).payload)
    assert isinstance(seal, Seal)
    return seal


def test_ids_that_begin_alike(served: Served) -> None:
    parties = [served.world.party(name, roles=["model"]) for name in ("ayu", "ben")]
    served.accept(*parties)
    ids = [one.id for one in parties]
    assert served.service.beginning_with(ids[0][:16]) == [ids[0]] == served.service.beginning_with(ids[0][:17])
    assert served.service.beginning_with("") and len(served.service.beginning_with("")) == 2
    assert served.service.beginning_with("ab" * 20) == []
    seal = served.service.leaf(served.service.published.checkpoint.size - 1)
    assert seal is not None and served.service.beginning_with(parse_statement(parse_envelope(seal).payload).id) == []


class TestSubmitting:
    def test_a_whole_story_is_logged_in_order_and_survives_a_restart(self, served: Served) -> None:
        consent, story = served.story()
        logged = served.accept(*story)
        assert [one.index for one in logged] == [2, 3, 4, 5, 6, 7]
        usage = served.world.usage(consent)
        [first] = served.accept(usage)
        served.reopen()
        [again] = served.accept(usage)
        assert (again.index, again.repeated, first.repeated) == (first.index, True, False)
        assert fsck(served.root).faults == []

    def test_the_proof_holds_under_the_registrys_policy(self, served: Served) -> None:
        _, story = served.story()
        for made, logged in zip(story, served.accept(*story), strict=True):
            proof = parse_log_proof(logged.proof)
            trusted = check_log_proof(proof, leaf_hash(served.entry(made).leaf), served.service.config.policy)
            assert (proof.index, trusted.checkpoint.size) == (logged.index, 9)

    def test_a_lone_submission_is_a_batch_of_its_own(self, served: Served) -> None:
        served.accept(served.world.party("anna", roles=["model"]))
        seal = last_seal(served)
        assert (seal.first, seal.size, seal.at) == (2, 3, served.world.now)

    def test_nothing_to_do_seals_nothing(self, served: Served) -> None:
        before = served.service.checkpoint()
        assert served.service.submit([]) == []
        served.reopen()
        assert served.service.checkpoint() == before

    def test_one_statement_sent_twice_at_once_is_logged_once(self, served: Served) -> None:
        anna = served.world.party("anna", roles=["model"])
        first, second = served.accept(anna, anna)
        assert (first.index, second.index, second.repeated) == (2, 2, True)
        assert served.service.published.checkpoint.size == 4

    def test_a_second_try_in_one_batch_stands_for_itself(self, served: Served) -> None:
        # The first lacks its disclosure, the second is the same statement and whole.
        usage = served.entry(served.world.party("anna", roles=["model"]))
        consent, story = served.story()
        served.accept(*story)
        usage = served.world.usage(consent)
        bare = raw(usage).replace(b'"' + usage.disclosures["terms"].encode() + b'"', b"")
        first, second = served.service.submit([bare, raw(usage)])
        assert isinstance(first, Problem) and first.code == "section_missing"
        assert isinstance(second, Logged) and not second.repeated

    def test_time_never_runs_backwards(self, served: Served) -> None:
        served.accept(served.world.party("anna", roles=["model"]))
        before = last_seal(served).at
        served.world.advance(-100)
        served.accept(served.world.party("ben", roles=["model"]))
        assert last_seal(served).at == before
        assert fsck(served.root).faults == []

    def test_submitters_at_once_share_batches_and_each_get_their_own_answer(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        usages = [served.world.usage(consent, assets=[f"{i}.jpg"]) for i in range(64)]
        found: dict[int, Outcome] = {}

        def send(place: int) -> None:
            [found[place]] = served.service.submit([raw(usages[place])])

        threads = [Thread(target=send, args=(place,)) for place in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for place, usage in enumerate(usages):
            logged = found[place]
            assert isinstance(logged, Logged) and logged.id == usage.id
            assert served.service.leaf(logged.index) == usage.leaf
            check_log_proof(parse_log_proof(logged.proof), leaf_hash(usage.leaf), served.service.config.policy)
        assert fsck(served.root).faults == []


class TestDisclosures:
    def test_a_later_submission_adds_what_was_missing_and_nothing_else(self, served: Served) -> None:
        anna = served.entry(served.world.party("anna", roles=["model"]))
        bare = raw(anna).replace(b'"' + anna.disclosures["person"].encode() + b'"', b"")
        [first] = served.service.submit([bare])
        assert isinstance(first, Logged)
        size = served.service.published.checkpoint.size
        found = served.service.entry(anna.id)
        assert found is not None and found.disclosures == {}
        [again] = served.service.submit([raw(anna)])
        assert isinstance(again, Logged) and again.repeated
        found = served.service.entry(anna.id)
        assert found is not None and found.disclosures == anna.disclosures
        assert served.service.published.checkpoint.size == size

    def test_a_disclosure_that_is_not_the_statements_is_refused(self, served: Served) -> None:
        anna = served.entry(served.world.party("anna", roles=["model"]))
        ben = served.entry(served.world.party("ben", roles=["model"]))
        served.accept(anna)
        swapped = raw(anna).replace(anna.disclosures["person"].encode(), ben.disclosures["person"].encode())
        [found] = served.service.submit([swapped])
        assert isinstance(found, Problem) and found.code == "disclosure_wrong"
        kept = served.service.entry(anna.id)
        assert kept is not None and kept.disclosures == anna.disclosures

    def test_what_was_erased_is_gone_and_stays_gone(self, served: Served) -> None:
        anna = served.world.party("anna", roles=["model"])
        made = served.entry(anna)
        secret = made.disclosures["person"].encode()
        served.accept(anna)
        assert any(secret in path.read_bytes() for path in served.root.glob("registry.db*"))
        served.accept(served.world.erasure(made, erased=["person"]))
        found = served.service.entry(anna.id)
        assert found is not None and not found.disclosures and found.erased == frozenset({"person"})
        assert refused(served, anna) == "section_erased"
        assert not any(secret in path.read_bytes() for path in served.root.glob("registry.db*"))
        assert fsck(served.root).faults == []
        served.reopen()
        assert refused(served, anna) == "section_erased"


class TestOpinion:
    def test_require_takes_what_is_authorised_and_refuses_the_rest(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        assert isinstance(outcome(served, served.world.usage(consent), require=True), Logged)
        abroad = served.world.usage(consent, terms={"countries": ["DE", "US"]})
        found = outcome(served, abroad, require=True)
        assert isinstance(found, Problem) and found.code == "not_allowed"
        assert {one.code for one in found.rules if one.result.value == "FAIL"} == {"country_denied"}
        assert isinstance(outcome(served, abroad), Logged)

    def test_require_lets_nothing_in_that_would_be_void(self, served: Served) -> None:
        """Also where there is no question to ask: an enrolment that no registrar signed."""
        before = served.service.checkpoint()
        unvouched = served.world.party("anna", roles=["model"], drop=[served.world.registrar])
        assert refused(served, unvouched, require=True) == "refused"
        assert served.service.checkpoint() == before

    def test_require_on_a_consent_that_begins_later(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story[:-1])
        assert isinstance(outcome(served, consent, require=True), Logged)
        later = served.world.now + 10 * DAY
        model = served.world.actors[str(consent.statement.parties.model)]
        brand = served.world.actors[str(consent.statement.parties.licensee)]
        ahead = served.world.consent(
            model=model, licensee=brand, terms={"starts": later, "ends": later + 30 * DAY}
        )
        assert isinstance(outcome(served, ahead, require=True), Logged)

    def test_a_dry_run_appends_nothing_and_needs_no_signature(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        before = served.service.checkpoint()
        usage = served.world.usage(consent)
        whole = served.service.dry_run(raw(usage), None)
        assert isinstance(whole, DryRun) and whole.admitted and whole.opinion.allowed
        start = raw(usage).index(b'"signatures":[')
        unsigned = raw(usage)[:start] + b'"signatures":[]}}'
        found = served.service.dry_run(unsigned, None)
        assert isinstance(found, DryRun)
        assert (found.admitted, found.opinion.answer) == (False, "AUTHORISED")
        assert served.service.checkpoint() == before
        served.accept(usage)
        again = served.service.dry_run(raw(usage), None)
        assert isinstance(again, Problem) and again.code == "logged_already"


    def test_a_dry_run_says_that_a_signer_used_the_reference_before(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        world = served.world
        named = consent.statement.parties
        model, brand = (world.actors[str(party)] for party in (named.model, named.licensee))
        first = world.receipt(consent, payee=model, amount=6_000, reference="R1")
        served.accept(first)

        def warned(made: Made) -> list[tuple[int, ...]]:
            found = served.service.dry_run(raw(made), None)
            assert isinstance(found, DryRun) and found.admitted, found
            said = [note.entries for note in found.opinion.warnings if note.code == "reference_repeated"]
            cures = [cure.sentence for cure in found.cures if cure.code == "reference_repeated"]
            assert len(cures) == len(said) and all(f"Entry {said[0][0]} of the same signer" in cure for cure in cures)
            return said

        again = world.receipt(consent, payee=model, amount=4_000, reference="R1")
        [entries] = warned(again)
        assert len(entries) == 2
        assert not warned(world.receipt(consent, payee=model, amount=4_000, reference="R2"))
        assert not warned(world.payment(consent, payee=model, payer=brand, amount=6_000, reference="R1"))


class TestOrder:
    def test_what_stops_something_comes_first(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        usage = served.world.usage(consent)
        revocation = served.world.revocation(consent=consent)
        first, second = served.accept(usage, revocation)
        assert (first.index, second.index) == (10, 9)
        assert fsck(served.root).faults == []

    def test_but_not_before_what_it_names(self, served: Served) -> None:
        consent, story = served.story()
        revocation = served.world.revocation(consent=consent)
        logged = served.accept(*story, revocation)
        assert [one.index for one in logged] == [2, 3, 4, 5, 6, 7, 8]
        assert fsck(served.root).faults == []

    def test_nor_before_the_key_that_it_rests_on(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        world = served.world
        anna = world.actors[str(consent.statement.parties.model)]
        fresh = key("fresh")
        add = world.key(anna, add=[fresh])
        usage = world.usage(consent)
        revocation = world.revocation(consent=consent, signers=[fresh])
        logged = served.accept(usage, add, revocation)
        assert [one.index for one in logged] == [9, 10, 11]
        assert fsck(served.root).faults == []

    def test_nor_before_the_mandate_that_it_rests_on(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        world = served.world
        anna, agency = world.actors[str(consent.statement.parties.model)], world.party("agency", roles=["agency"])
        served.accept(agency)
        usage = world.usage(consent)
        mandate = world.mandate(model=anna, agency=agency, powers=["revoke"])
        revocation = world.revocation(consent=consent, under=mandate)
        logged = served.accept(usage, mandate, revocation)
        assert [one.index for one in logged] == [11, 12, 13]
        assert fsck(served.root).faults == []

    def test_lost_keys_are_replaced_before_they_sign_in_the_same_batch(self, served: Served) -> None:
        """A full new set of keys retires all others."""
        consent, story = served.story()
        served.accept(*story)
        world = served.world
        brand = world.actors[str(consent.statement.parties.licensee)]
        usage = world.usage(consent)
        recovery = world.key(brand, keys=[key("fresh")])
        found = served.service.submit([raw(usage), raw(recovery)])
        assert isinstance(found[1], Logged) and found[1].index == 9
        assert isinstance(found[0], Problem) and found[0].code == "refused"

    def test_a_stolen_key_is_retired_before_it_signs_in_the_same_batch(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        world = served.world
        brand = world.actors[str(consent.statement.parties.licensee)]
        usage = world.usage(consent)
        retire = world.key(brand, retire=[brand.keys[0]])
        found = served.service.submit([raw(usage), raw(retire)])
        assert isinstance(found[1], Logged) and found[1].index == 9
        assert isinstance(found[0], Problem) and found[0].code == "refused"


class TestReading:
    def test_lists_are_proved_under_the_last_seal(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        for name in ("a", "b", "c"):
            served.accept(served.world.usage(consent, assets=[name]))
        found = proved_list(served.service, f"uses:{consent.id}")
        assert isinstance(found, SubjectProof) and isinstance(found.proof, Presence)
        assert [index for index, _ in found.rows] == [9, 11, 13]
        root = last_seal(served).index
        assert found.proof.value == list_value(3, list_root(found.rows))
        check_presence(root, f"uses:{consent.id}", found.proof.value, found.proof.path)
        nothing = proved_list(served.service, f"account:{consent.id}")
        assert isinstance(nothing, SubjectProof) and isinstance(nothing.proof, Absence) and nothing.rows == ()
        check_absence(root, f"account:{consent.id}", nothing.proof.other_k, nothing.proof.other_v, nothing.proof.path)

    def test_inclusion_and_consistency_at_any_size(self, served: Served) -> None:
        sizes = [served.service.published.checkpoint]
        for name in "abcdefgh":
            served.accept(served.world.party(name, roles=["model"]))
            sizes.append(served.service.published.checkpoint)
        for old in sizes:
            for new in sizes:
                if old.size > new.size:
                    assert isinstance(served.service.consistency(old.size, new.size), Problem)
                    continue
                proof = served.service.consistency(old.size, new.size)
                assert not isinstance(proof, Problem)
                check_consistency(old.size, old.root, new.size, new.root, proof)
        last = sizes[-1]
        for index in range(last.size):
            leaf, proof = served.service.leaf(index), served.service.inclusion(index, last.size)
            assert leaf is not None and not isinstance(proof, Problem)
            check_inclusion(leaf_hash(leaf), index, last.size, proof, last.root)
        for index, size in ((last.size, last.size), (0, last.size + 1), (-1, 2), (0, 0)):
            assert isinstance(served.service.inclusion(index, size), Problem)

    def test_a_snapshot_keeps_to_its_checkpoint(self, served: Served) -> None:
        consent, story = served.story()
        served.accept(*story)
        subject = f"uses:{consent.id}"
        snapshot = served.service.snapshot(lambda record: [subject])
        assert not isinstance(snapshot, Problem)
        served.accept(served.world.usage(consent))
        assert (snapshot.size, snapshot.rows(subject)) == (9, ())
        assert list(snapshot.record.rows(subject)) == []
        assert snapshot.record.find(consent.id) == (7,)
        assert isinstance(snapshot.index_proof(subject), Absence)
        with pytest.raises(ValueError, match="no entry 9"):
            snapshot.leaf(9)

    def test_an_unknown_id(self, served: Served) -> None:
        assert served.service.entry("00" * 32) is None


class TestBackups:
    def test_an_older_database_is_not_signed_on(self, served: Served, tmp_path: Path) -> None:
        served.accept(served.world.party("anna", roles=["model"]))
        served.service.close()
        copy(served.root / "registry.db", tmp_path / "backup")
        served.service = Service.open(served.root, clock=served.clock)
        served.accept(served.world.party("ben", roles=["model"]))
        signed = served.service.checkpoint()
        served.service.close()
        newest = (served.root / "registry.db").read_bytes()
        for path in served.root.glob("registry.db*"):
            path.unlink()
        copy(tmp_path / "backup", served.root / "registry.db")
        with pytest.raises(LogError, match="backup was restored"):
            Service.open(served.root, clock=served.clock)
        assert any("older backup" in fault.what for fault in fsck(served.root).faults)
        for path in served.root.glob("registry.db*"):
            path.unlink()
        (served.root / "registry.db").write_bytes(newest)
        served.service = Service.open(served.root, clock=served.clock)
        assert served.service.checkpoint() == signed

    def test_without_the_signed_checkpoint_nothing_is_signed(self, served: Served) -> None:
        served.accept(served.world.party("anna", roles=["model"]))
        served.service.close()
        kept = (served.root / "signed-checkpoint").read_bytes()
        (served.root / "signed-checkpoint").unlink()
        with pytest.raises(LogError, match="signed-checkpoint is missing"):
            Service.open(served.root, clock=served.clock)
        (served.root / "signed-checkpoint").write_bytes(kept)
        served.service = Service.open(served.root, clock=served.clock)

    def test_another_registrys_database_is_refused(self, served: Served, tmp_path: Path) -> None:
        other = Served(tmp_path / "other")
        other.accept(other.world.party("anna", roles=["model"]))
        other.service.close()
        served.service.close()
        own = (served.root / "registry.db").read_bytes()
        for path in served.root.glob("registry.db*"):
            path.unlink()
        copy(other.root / "registry.db", served.root / "registry.db")
        with pytest.raises(LogError, match="another tree"):
            Service.open(served.root, clock=served.clock)
        (served.root / "registry.db").write_bytes(own)
        served.service = Service.open(served.root, clock=served.clock)
