"""What the replay says of entries and uses is what the rules say of the whole log."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.audited_logs import publish, run, said, story
from tests.support.world import Logged, World, key
from verifier.log.trust import parse_policy
from verifier.programs.audit.disclosed import Disclosed
from verifier.programs.audit.replayer import Replayer
from verifier.programs.console import Unusable
from verifier.programs.language import english
from verifier.programs.source import open_source
from verifier.replay.findings import Finding, Severity, explain_finding, refuses
from verifier.replay.judge import JudgedUses
from verifier.rules import quotas
from verifier.rules.model.context import Standing
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.parties import ROLES


def mixed(seed: int) -> World:
    """A log of many kinds of entry, a good part of them void, in batches of one to four."""
    random = Random(seed)
    world = World()
    models = [world.party(f"model {n}", roles=["model"]) for n in range(2)]
    brands = [world.party(f"brand {n}", roles=["licensee"]) for n in range(2)]
    agency, judge = world.party("agency", roles=["agency"]), world.party("judge", roles=["arbiter"])
    guardian = world.party("guardian", roles=["guardian"])
    mandates = [world.mandate(model=one, agency=agency, powers=["approve", "revoke"]) for one in models]
    consents: list[Logged] = []
    usages: list[Logged] = []
    for _ in range(25):
        with world.batch():
            for _ in range(random.randrange(1, 5)):
                place = random.randrange(2)
                model, brand = models[place], random.choice(brands)
                wrong: dict[str, Any] = {}
                if random.random() < 0.15:
                    wrong["signers"] = [random.choice(brands)]
                elif random.random() < 0.15:
                    wrong["parties"] = {random.choice(ROLES): random.choice([None, agency, *models, *brands])}
                kind = random.randrange(11)
                if kind < 2 or not consents:
                    old = random.choice(consents) if consents and random.random() < 0.5 else None
                    under = mandates[place] if random.random() < 0.5 else None
                    consents.append(
                        world.consent(model=model, licensee=brand, replaces=old, under=under, arbiter=judge, **wrong)
                    )
                elif kind < 5 or not usages:
                    name = f"file {random.randrange(9)}"
                    usages.append(world.usage(random.choice(consents), assets=[name], **wrong))
                elif kind == 5:
                    world.report(random.choice(usages), **wrong)
                elif kind == 6:
                    under = mandates[place] if random.random() < 0.7 else None
                    world.revocation(consent=random.choice(consents), under=under, **wrong)
                elif kind == 7:
                    world.payment(random.choice(consents), payee=model, amount=100, **wrong)
                elif kind == 8:
                    world.key(brand, add=[key(f"{seed} {world.log.size}")], retire=brand.keys[:1])
                elif kind == 9:
                    world.guardian(model, guardian)
                else:
                    world.leaf(random.choice([b"hello", *(made.leaf for made in world.entries.values())]))
        world.advance(random.choice(["1m", "2h", "40d"]))
    return world


@pytest.mark.parametrize("seed", range(8))
def test_void_entries_are_those_that_the_rules_void(seed: int, tmp_path: Path) -> None:
    """Judged one by one as the log grows, from disk, with what was good before taken for granted; or all at once."""
    world = mixed(seed)
    _, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store", commit_seconds=0)
    record = world.record()
    context = JudgedContext(record, instant=world.now, as_of=world.now)
    expected = []
    for index in range(world.log.size):
        entry = record.entry(index)
        if entry is not None:
            judgement = context.standing(entry)
            if judgement.standing is Standing.VOID:
                expected.append((index, judgement.rule, judgement.code))
    void = [(one.index, one.rule, one.code) for one in found if one.severity is Severity.VOID]
    assert void == expected
    assert len(void) > 5


# ---- opened sections


def judged(world: World, tmp_path: Path) -> tuple[JudgedUses, list[tuple[int, str, str]], Disclosed]:
    """The uses of a log that the sections in a folder bear on: counts, and what fails."""
    source = publish(world, tmp_path / "log")
    with Replayer(tmp_path / "store", parse_policy(world.policy()), clock=lambda: world.now) as replayer:
        assert replayer.advance(open_source(str(source))).is_clean
        disclosed = Disclosed()
        counted, found = replayer.judge(tmp_path / "sections", disclosed)
        failed = [(one.index, one.rule, one.code) for one in found]
        disclosed.close()
        return counted, failed, disclosed


def write(folder: Path, name: str, *texts: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(texts) + "\n\n")


def test_uses_are_judged_as_far_as_sections_allow(tmp_path: Path) -> None:
    world = World()
    consent, _, _ = story(world)
    good = world.usage(consent, assets=["a"])
    bad = world.usage(consent, assets=["b"], terms={"rights": ["voice"]})
    hidden = world.usage(consent, assets=["c"], terms={"rights": ["voice"]})
    sections = tmp_path / "sections"
    write(sections, "terms.txt", consent.disclosures["terms"], good.disclosures["terms"], bad.disclosures["terms"])
    counted, failed, disclosed = judged(world, tmp_path)
    assert failed == [(bad.index, "A8", "right_denied")]
    assert counted.authorised == {"AUTHORISED": 1, "NOT_AUTHORISED": 1, "CANNOT_TELL": 1}
    assert counted.paid == {"CANNOT_TELL": 3}
    assert hidden.index not in [index for index, _, _ in failed]
    assert (disclosed.counts.opened, disclosed.counts.unknown, disclosed.counts.wrong) == (3, 0, 0)


def test_evidence_files_are_opened_too(tmp_path: Path) -> None:
    world = World()
    consent, _, _ = story(world)
    usage = world.usage(consent)
    world.advance("31d")  # its fee falls due after 30
    world.party("somebody", roles=["fund"])
    sections = tmp_path / "sections"
    write(sections, "x.txt")
    (sections / "usage.evidence.json").write_bytes(world.evidence(usage))
    counted, failed, disclosed = judged(world, tmp_path)
    assert counted.authorised == {"AUTHORISED": 1}
    assert counted.paid == {"NOT_PAID": 1}
    assert {rule for _, rule, _ in failed} == {"M4", "M8"}
    assert disclosed.counts.opened >= 3


def test_disclosures_that_are_nothing_are_counted(tmp_path: Path) -> None:
    world, other = World(), World(origin="other.example/log")
    consent, _, _ = story(world)
    elsewhere, _, _ = story(other)
    usage = world.usage(consent, members={"sections": {"terms": consent.statement.sections["money"]}})
    sections = tmp_path / "sections"
    write(sections, "a", consent.disclosures["terms"], consent.disclosures["terms"], elsewhere.disclosures["money"])
    write(sections, "b", "hello", "\u00e9", "AAAA" * 40_000)  # no disclosure begins like that
    text = consent.disclosures["money"]
    write(sections, "c", f"{text}AAAA", f"{text[:-4]}", "WyJ" + "A" * 100)
    source = publish(world, tmp_path / "log")
    with Replayer(tmp_path / "store", parse_policy(world.policy()), clock=lambda: world.now) as replayer:
        report = replayer.advance(open_source(str(source)))
        disclosed = Disclosed()
        counted, found = replayer.judge(sections, disclosed)
        assert [one.index for one in found] == []
        disclosed.close()
    assert (usage.index, "digest_repeated") in said(_findings(tmp_path, world))
    assert report.finished and counted.usages == 1
    assert (disclosed.counts.opened, disclosed.counts.unknown) == (1, 1)
    assert disclosed.counts.wrong == 3


def _findings(tmp_path: Path, world: World) -> list[Finding]:
    with Replayer(tmp_path / "store", parse_policy(world.policy())) as replayer:
        return list(replayer.store.findings())


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    world = World()
    story(world)
    with pytest.raises(Unusable, match="is not a folder"):
        judged(world, tmp_path)


# ---- quotas


def test_what_a_log_holds_beyond_a_quota_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts all the same, and an auditor goes on to cosign."""
    monkeypatch.setitem(quotas.QUOTAS, ("uses", "usages"), 3)
    world = World()
    consent, _, _ = story(world)
    uses = [world.usage(consent) for _ in range(5)]
    _, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    told = [one for one in found if one.code == "quota"]
    assert {one.index for one in told} >= {uses[3].index, uses[4].index}
    assert not {one.index for one in told} & {uses[0].index, uses[1].index}
    assert not any(refuses(one) for one in found)
    assert explain_finding(told[0], english()) == (
        "One side has more entries in a list than the 3 that the rule set allows."
    )
