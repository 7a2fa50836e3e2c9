"""Logs that lie, and entries that should not be there: each is found, with its index, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.audited_logs import publish, run, said, story
from tests.support.false_logs import LIES, last
from tests.support.world import World, key
from verifier.programs.language import english
from verifier.replay.findings import Finding, Severity, explain_finding


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found(name: str, tmp_path: Path) -> None:
    world = World()
    expected = LIES[name](world)
    _, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    assert sorted(said(found)) == sorted(expected)


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found_again_when_the_mirror_is_audited(name: str, tmp_path: Path) -> None:
    """What was wrong stays wrong: the mirror is the log, whole and unmended."""
    world = World()
    expected = LIES[name](world)
    report, _ = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    if report.finished:
        _, found = run(world, tmp_path / "store" / "mirror", tmp_path / "second")
        assert sorted(said(found)) == sorted(expected)


def outcome(tmp_path: Path, *names: str) -> tuple[bool, bool]:
    """Whether a log with these lies is clean, and whether an auditor may cosign it."""
    world = World()
    for name in names:
        LIES[name](world)
    report, _ = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    return report.is_clean, report.may_cosign


def test_an_honest_log_is_clean_and_may_be_cosigned(tmp_path: Path) -> None:
    world = World()
    story(world)
    report, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    assert (found, report.is_clean, report.may_cosign, report.size) == ([], True, True, world.log.size)


@pytest.mark.parametrize(
    "name",
    [
        "seal_that_leaves_a_gap",
        "seal_of_another_size",
        "seal_of_nothing",
        "seal_of_tomorrow",
        "index_root_of_nothing",
        "revocation_after_a_usage",
        "signature_that_does_not_verify",
        "tail_without_a_seal",
        "log_without_a_genesis",
    ],
)
def test_an_auditor_refuses(name: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, name) == (False, False)


@pytest.mark.parametrize("name", ["usage_by_the_wrong_party", "digest_of_another_section", "leaf_that_cannot_be_read"])
def test_an_auditor_reports_and_cosigns(name: str, tmp_path: Path) -> None:
    """Section 9 does not ask it to refuse: the tree and the index are right."""
    assert outcome(tmp_path, name) == (False, True)


def test_a_ruling_is_nobodys_fault(tmp_path: Path) -> None:
    world = World()
    anna, brand, judge = (world.party(name, roles=[role]) for name, role in
                          [("anna", "model"), ("brand", "licensee"), ("judge", "arbiter")])  # fmt: skip
    consent = world.consent(model=anna, licensee=brand, arbiter=judge)
    ruling = world.ruling(consent, [consent])
    report, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    assert report.is_clean
    assert [(one.index, one.severity, one.entries) for one in found] == [
        (consent.index, Severity.JUDGEMENT, (ruling.index,))
    ]


def test_checkpoint_signed_with_the_key_of_yesterday(tmp_path: Path) -> None:
    world = World()
    story(world)
    old, policy = world.log_key, world.policy()
    world.registry(log=key("new log key"))
    world.party("eve", roles=["licensee"])
    source = publish(world, tmp_path / "log", signer=old)
    report, found = run(world, source, tmp_path / "store", policy=policy)
    assert said(found) == [(world.log.size - 1, "checkpoint_signer")]
    assert not report.may_cosign


def test_last_seal_later_than_the_cosignatures(tmp_path: Path) -> None:
    world = World(witnesses=["w"], quorum="1")
    story(world)
    source = publish(world, tmp_path / "log", cosigned_at="-6m")
    _, found = run(world, source, tmp_path / "store")
    assert said(found) == [(world.log.size - 1, "seal_ahead")]


def test_findings_tell_rule_and_sentence(tmp_path: Path) -> None:
    world = World()
    consent, anna, _ = story(world)
    usage = world.usage(consent, signers=[anna])
    _, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    assert found == [
        Finding(
            index=usage.index,
            rule="A1",
            code="void_signers",
            severity=Severity.VOID,
        )
    ]
    said = [explain_finding(finding, english()) for finding in found]
    assert said == ["A signature is missing, is by the wrong party or by a key that was not live."]


def _back_dated(tmp_path: Path, **options: Any) -> list[tuple[int, str]]:
    world = World(**options)
    consent, _, _ = story(world)
    world.advance("2h")
    store, log = tmp_path / "store", tmp_path / "log"
    run(world, publish(world, log), store)
    world.advance("-1h")
    world.usage(consent)
    index = last(world)
    world.advance("2h")
    world.usage(consent)
    _, found = run(world, publish(world, log), store)
    assert found == [] or said(found) == [(index, "seal_back_dated")]
    return said(found)


def test_a_seal_that_was_not_there_when_the_log_was_cosigned_is_back_dated(tmp_path: Path) -> None:
    assert _back_dated(tmp_path, witnesses=["w"], quorum="1")


def test_without_cosignatures_nobody_knows_what_was_there_when(tmp_path: Path) -> None:
    assert not _back_dated(tmp_path)
