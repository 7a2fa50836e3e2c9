"""The demo from beginning to end: the story, its evidence, and what the verifier says about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from registry.commands.common import write_whole
from registry.demo import folder as names
from registry.demo.agreement import Agreement
from registry.demo.folder import fresh_folder
from registry.demo.javascript import find_node, verdicts_of_second
from registry.demo.offline import Check, Offline, find_offline, verdicts
from registry.demo.runner import CommandRunner
from registry.demo.server import serving
from registry.demo.stage import FIRST, Photo, Stage
from registry.demo.story import IN_FORCE, LEFT_OUT, RECORD_BOOK, SCENES, UNREGISTERED, VARIANTS, StoryQuestion
from registry.demo.told_again import leave_story
from registry.drafting.adapters.adcp import Drafted
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.evidence.file import MAX_EVIDENCE

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRow:
    """One evidence file: what happened, what the story expects, and what the verifier answered.

    ``second`` is what the verifier in JavaScript answered, where it was asked; ``same``: its verdict is the same.
    """

    question: StoryQuestion
    check: Check
    expected: dict[str, Json]
    answered: dict[str, Json]
    segments: list[Json]
    second: dict[str, Json] | None = None
    same: bool = True

    @property
    def file(self) -> str:
        return self.check.evidence.name

    @property
    def agrees(self) -> bool:
        return self.expected == self.answered and self.same


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A demo that has run: its rows, how the verifier was kept from the network, and what it took."""

    rows: tuple[DemoRow, ...]
    policy: Path
    offline: Offline
    agreement: Agreement
    commands: int
    seconds: float

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows)


def tell(main: click.Command, folder: Path, drafted: Drafted, photo: Photo | None, say: Say) -> Told:
    """Run the demo in ``folder``, which is made, or taken over from an earlier demo.

    ``main`` is the command line of the registry, whose commands tell the story.
    """
    began = time.monotonic()
    now = int(time.time())
    agreement = Agreement(drafted, now)
    with fresh_folder(folder):
        commands = CommandRunner(main, folder / names.TRANSCRIPT)
        stage = Stage(folder, commands, agreement, photo, now)
        write_whole(folder / names.NOTES, _notes(agreement).encode("utf-8"))
        stage.open_registry()
        with serving(stage.registry, folder / names.SERVER_LOG) as url:
            stage.be_served(url)
            say(f"a registry is served at {url}, and audited by an auditor of its own")
            checks = _perform(stage, say)
        expected = {check.evidence.name: agreement.expected(question) for question, check in checks}
        write_whole(folder / names.EXPECTED, canonical.encode(expected) + b"\n")
        offline = find_offline()
        say(f"the verifier checks {len(checks)} files {offline.how}")
        files = [check for _, check in checks]
        found = verdicts(offline, stage.policy, files)
        node = find_node()
        seconds: list[dict[str, Json]] | list[None] = [None] * len(files)
        if node is not None:
            seconds = verdicts_of_second(node, offline, stage.policy, files, found)
        rows = tuple(
            DemoRow(
                question=question,
                check=check,
                expected=expected[check.evidence.name],
                answered=_answers(verdict),
                segments=verdict.get("segments", []),
                second=None if second is None else _answers(second),
                same=second is None or second == verdict,
            )
            for (question, check), verdict, second in zip(checks, found, seconds, strict=True)
        )
        leave_story(stage.registry, [(one.question.name, one.check, one.answered) for one in rows], stage.digests)
    return Told(
        rows=rows,
        policy=stage.policy,
        offline=offline,
        agreement=agreement,
        commands=commands.count,
        seconds=time.monotonic() - began,
    )


def _answers(verdict: Json) -> dict[str, Json]:
    """What a verdict says, in the members of ``expected.json``; of invalid evidence its code."""
    if verdict.get("outcome") != "verdict":
        return {"invalid": verdict.get("code")}
    if "answer" in verdict:
        return {"answer": verdict["answer"]}
    return {"authorised": verdict["authorised"]} | ({"paid": verdict["paid"]["answer"]} if "paid" in verdict else {})


# ---- the story


def _perform(stage: Stage, say: Say) -> list[tuple[StoryQuestion, Check]]:
    """Everything that happens, and the evidence of it: each question with the file to be checked."""
    stage.hang_pictures()
    stage.enrol_all()
    say(f"{len(stage.ids)} parties are enrolled, each vouched for by the registrar")
    stage.make_twins()
    stage.let_read()
    say("two models have digital twins, one of them through her guardian; an agency has a mandate, a union may read")
    _first_use(stage, say)
    _other_uses(stage, say)
    say("the other uses are declared, paid or not; two consents are revoked")
    checks = _collect(stage)
    say(f"evidence is collected: {len(checks)} files")
    return checks


def _first_use(stage: Stage, say: Say) -> None:
    """The main job, with each command as a process of its own, as people would run them."""
    scene = SCENES[0]
    stage.commands.as_process = True
    stage.submit(stage.consent(scene))
    say("a consent is drafted, signed by model, agency and brand one after another, and logged")
    stage.commands.as_process = False
    approval = stage.approval(scene)
    stage.submit(*approval)
    stage.commands.as_process = True
    usage = stage.usage(scene)
    stage.submit(usage, options=("--dry-run",))
    stage.submit(usage)
    say('the brand asked "may I?", then declared its use; both are answered by the rules')
    stage.commands.as_process = False
    stage.submit(*stage.money(scene))


def _other_uses(stage: Stage, say: Say) -> None:
    others = SCENES[1:]
    running = [stage.consent(scene) for scene in others if scene.term == "running"]
    ended = [stage.consent(scene) for scene in others if scene.term == "ended"]
    stage.submit(*running)
    stage.submit(*ended, options=("--anyway",))
    stage.submit(*[one for scene in others for one in stage.approval(scene)])
    stage.submit(*[stage.usage(scene) for scene in others if not scene.refused])
    refused = [stage.usage(scene) for scene in others if scene.refused]
    stage.submit(*refused, status=1)
    say(f"the registry refuses {len(refused)} uses that would not be authorised; they are logged anyway, as evidence")
    stage.submit(*refused, options=("--anyway",))
    stage.submit(*[one for scene in others for one in stage.money(scene)])
    stage.submit(*[stage.revocation(scene) for scene in others if scene.revoked is not None])


# ---- the evidence


def _collect(stage: Stage) -> list[tuple[StoryQuestion, Check]]:
    found: list[tuple[StoryQuestion, Check]] = []
    brands = {scene.question.name: scene.licensee for scene in SCENES}

    def take(question: StoryQuestion, kind: str, id: str, reader: str, *assets: Path) -> None:
        stage.fetch(question.name, kind, id, reader, question.sections)
        found.append((question, Check(evidence=stage.evidence(question.name), assets=assets)))

    for scene in SCENES:
        name = scene.question.name
        stage.commands.as_process = name == FIRST
        take(scene.question, "usage", stage.usages[name].id, scene.licensee, stage.asset(name))
    for name, question in VARIANTS:
        take(question, "usage", stage.usages[name].id, brands[name], stage.asset(name))
    name, question = LEFT_OUT
    whole = canonical.parse(stage.evidence(name).read_bytes(), limit=MAX_EVIDENCE)
    cut = without_list(whole, f"consent:{stage.consents[name].id}")
    write_whole(stage.evidence(question.name), canonical.encode(cut))
    found.append((question, Check(evidence=stage.evidence(question.name), assets=(stage.asset(name),))))
    asset = stage.asset(UNREGISTERED.name)
    take(UNREGISTERED, "asset", stage.digests[UNREGISTERED.name], brands[FIRST], asset)
    take(IN_FORCE, "consent", stage.consents[FIRST].id, brands[FIRST])
    take(RECORD_BOOK, "party", stage.ids["ayu"], "ayu")
    return found


def without_list(evidence: dict[str, Json], subject: str) -> dict[str, Json]:
    """An evidence file without one list and the entries that stand in no other: still valid, as it says less."""
    subjects = [one for one in evidence["subjects"] if one["subject"] != subject]
    shown = {index for one in subjects for index, _ in one["list"]}
    ends = {evidence["entries"][0]["index"], evidence["entries"][-1]["index"]}
    entries = [one for one in evidence["entries"] if one["index"] in shown | ends]
    return {**evidence, "entries": entries, "subjects": subjects}


# ---- the terms, in words


def _notes(agreement: Agreement) -> str:
    """What the message said, what the booker decided, what was moved."""
    drafted, dates = agreement.drafted, agreement.dates
    lines = [f"The terms come from an AdCP acquire_rights {drafted.kind}.", "", "What it says, and what became of it:"]
    lines += [f"  {note}" for note in drafted.notes]
    lines += ["", "What it leaves open, and the booker of the story decided:"]
    lines += [f"  {name}" for name in agreement.filled]
    moved = "moved to the run" if dates.moved else "chosen" if "terms.ends" in drafted.missing else "as they are"
    lines += ["", f"Its dates, {moved}: {format_instant(dates.starts)} until {format_instant(dates.ends)}"]
    lines += ["", *agreement.remarks] if agreement.remarks else []
    lines.append("")
    return "\n".join(lines)
