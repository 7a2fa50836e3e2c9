"""Those who look at a registry, each with what it really runs: readers, a witness, an auditor, and who compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.views import Show, View
from tests.support.watch_sources import WorldSource
from tests.support.world import key
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.evidence.file import Invalid
from verifier.evidence.verify import verify
from verifier.log.note import parse_note
from verifier.log.provers import prove_consistency
from verifier.log.trust import parse_policy
from verifier.log.witness_protocol import format_request, parse_cosignatures
from verifier.log.writing import Cosigner, format_note
from verifier.misbehaviour.accuse import Heap, accuse
from verifier.programs.audit.replayer import Replayer
from verifier.programs.source import Broken, open_source
from verifier.programs.watch.known import WatchState
from verifier.programs.watch.watcher import Watcher
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer
from verifier.rules.model.results import Result

WITNESS = Cosigner("witness.example/ada", key("simulated witness"))
AUDITOR = Cosigner("union.example/kembar-auditor", key("simulated auditor"))


@dataclass(kw_only=True)
class Said:
    """What everybody came to."""

    reader: str
    careful: str
    witness: tuple[int, ...]
    watcher: frozenset[str]
    auditor: frozenset[str]
    proofs: list[bytes]
    compared: list[bytes]


def alone(show: Show) -> str:
    """The policy of a reader who trusts the log's key and asks for nobody else."""
    return f"log {show.origin.vkey()}\nquorum none\n"


def careful(show: Show) -> str:
    """The policy of a reader who wants the witness and the auditor."""
    lines = [f"log {show.origin.vkey()}", f"witness w {WITNESS.verifier}", f"witness a {AUDITOR.verifier}"]
    return "\n".join([*lines, "group both all w a", "quorum both", ""])


def watch(show: Show, folder: Path) -> Said:
    """Let everybody look at everything, in order."""
    clock = [0]
    witness = WitnessServer(WITNESS, parse_policy(alone(show)), WitnessStore(folder / "w.db"), lambda: clock[0])
    statuses, found, notes = [], set(), []
    with Replayer(folder / "audit", parse_policy(alone(show)), clock=lambda: clock[0]) as auditor:
        for place, view in enumerate(show.views):
            clock[0] = view.now
            text, lines = parse_note(view.note).text, list(parse_note(view.note).signatures)
            status, cosigned = _ask_witness(witness, view)
            statuses.append(status)
            report = auditor.advance(open_source(str(view.publish(folder / str(place), view.note))))
            found |= {one.code for one in report.now}
            if view.cosigned and cosigned is not None:
                lines += parse_note(text + "\n" + cosigned).signatures
            if view.cosigned and report.may_cosign:
                lines.append(AUDITOR.sign(text, view.now))
                auditor.cosigned(report.checkpoint.size, view.now)
            notes.append(format_note(text, lines))
        found |= {one.code for one in auditor.store.findings()}
        proofs = [path.read_bytes() for path in auditor.accuser.files()]
    witness.store.close()
    watcher, more = _watch(show)
    return Said(
        reader=_read(show, alone(show), [view.note for view in show.views]),
        careful=_read(show, careful(show), notes),
        witness=tuple(statuses),
        watcher=watcher,
        auditor=frozenset(found),
        proofs=[*proofs, *more],
        compared=list(accuse(heap(show), parse_policy(alone(show)))),
    )


def _watch(show: Show) -> tuple[frozenset[str], list[bytes]]:
    """A party looks at her subjects each time, and reads every entry besides; the faults she sees, and their proofs."""
    known, faults, proofs = WatchState(), set(), list[bytes]()
    for view in show.views:
        watcher = Watcher(WorldSource(view.world), parse_policy(alone(show)), show.watched, known, read_all=True)
        try:
            look = watcher.look()
        except (KembarError, Broken):
            faults.add("refused")
            continue
        faults |= {fault.kind for fault in look.faults}
        proofs += [proof for fault in look.faults for proof in fault.proofs]
        known = look.known
    return frozenset(faults), proofs


def _ask_witness(witness: WitnessServer, view: View) -> tuple[int, str | None]:
    """The registry proves to the witness what it can, from the log that it shows at this look."""
    size = view.tree.size
    old = min(witness.store.known(view.tree.origin).size, size)
    proof = prove_consistency(old, size, view.log.read_node)
    answer = witness.add_checkpoint(format_request(old, proof, view.note))
    if answer.status != 200:
        return answer.status, None
    parse_cosignatures(answer.body, parse_note(view.note).text, witness.verifier)
    return 200, answer.body.decode()


def _read(show: Show, policy: str, notes: Sequence[str]) -> str:
    """What the readers of the files find wrong, the last of them that finds anything."""
    said = ""
    for view, note in zip(show.views, notes, strict=True):
        value = canonical.parse(view.evidence, limit=1 << 24)
        value["checkpoint"] = note
        outcome = verify(canonical.encode(value), parse_policy(policy), instant=view.now + show.later)
        if isinstance(outcome, Invalid):
            said = outcome.code
        elif outcome.decision.faults:
            said = outcome.decision.faults[0].code
        elif any(row.rule == "T2" and row.result is not Result.PASS for row in outcome.decision.rules):
            said = next(row.code for row in outcome.decision.rules if row.rule == "T2")
    return said


def heap(show: Show) -> Heap:
    """All that anybody was handed, on one table."""
    made = Heap()
    for view in show.views:
        made.add_note(view.note)
        made.add_evidence(view.evidence)
        for proof, leaf in view.kept:
            assert made.try_log_proof(proof, leaf)
    return made
