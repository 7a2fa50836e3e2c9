"""A witness: it cosigns a log's checkpoint if the log only grew since the last one that it cosigned. No HTTP here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Protocol

from verifier.log.note import parse_note
from verifier.log.trust import Policy
from verifier.log.witness_protocol import format_cosignature
from verifier.log.writing import Cosigner, format_note
from verifier.misbehaviour.accuse import convict, fork_by_notes
from verifier.programs.witness.decision import Proposal, Reply, is_fork, judge, read_proposal, refuse, stale
from verifier.programs.witness.memory_check import UntilCompared
from verifier.programs.witness.store import WitnessStore


class Approver(Protocol):
    """Who has to agree before a checkpoint of one log is cosigned: an auditor that replays it."""

    def approve(self, proposal: Proposal) -> Reply | None:
        """None if it may be cosigned; may take a while."""


class WitnessServer:
    """Answers ``add-checkpoint`` for the logs of a policy. For any number of threads.

    ``approvers``: who has to agree, by the log's origin; an auditor has one for every log. ``on_fork`` is handed a
    misbehaviour file when a log is caught signing two trees of one size. ``hold`` keeps back logs that could not be
    compared with what this witness knows.
    """

    def __init__(
        self,
        cosigner: Cosigner,
        logs: Policy,
        store: WitnessStore,
        clock: Callable[[], int],
        approvers: Mapping[str, Approver] | None = None,
        on_fork: Callable[[bytes], None] | None = None,
        hold: UntilCompared | None = None,
    ) -> None:
        self.verifier = cosigner.verifier
        self.logs = logs
        self.store = store
        self._cosigner = cosigner
        self._clock = clock
        self._approvers = approvers
        self._on_fork = on_fork
        self._hold = hold

    def add_checkpoint(self, body: bytes) -> Reply:
        """The answer to a request's body; with status 200 the checkpoint was made durable before it was signed."""
        proposal = read_proposal(body, self.logs)
        if isinstance(proposal, Reply):
            return proposal
        origin = proposal.checkpoint.origin
        kept_back = self._hold.refusal(origin) if self._hold is not None else None
        if kept_back is not None:
            return kept_back
        known = self.store.known(origin)
        refused = judge(proposal, known)
        if refused is not None:
            if is_fork(proposal, known):
                self.store.add_fork(known.note, proposal.note)
                proved = convict(fork_by_notes(known.note, proposal.note), self.logs)
                if self._on_fork is not None and proved is not None:
                    self._on_fork(proved[0])
            return refused
        clock = self._clock
        if self._approvers is not None:
            began = clock()  # what the auditor is about to see is the log as of now, however long it takes to replay
            refused = self._approvers[origin].approve(proposal)
            if refused is not None:
                return refused
            clock = lambda: began  # noqa: E731
        at = self.store.advance(known, proposal, clock)
        if at is None:
            return stale(self.store.known(origin).size)
        return Reply(status=200, body=format_cosignature(self._cosigner.sign(proposal.text, at)))

    def kept_back(self, origin: str) -> str:
        """Why nothing is cosigned for a log at the moment, or ""."""
        return self._hold.reason(origin) if self._hold is not None else ""

    def newest(self, origin_hash: str) -> Reply:
        """The newest checkpoint that was cosigned of a log, with that cosignature, for whoever compares what it shows.

        ``origin_hash`` is SHA-256 of the log's origin, 64 hex digits.
        """
        for origin in {log.verifier.name for log in self.logs.logs}:
            if sha256(origin.encode("utf-8")).hexdigest() == origin_hash:
                known = self.store.known(origin)
                if not known.note:
                    return refuse(404, "no checkpoint of this log was cosigned here yet")
                note, at = parse_note(known.note), self.store.cosigned_at(origin)
                if not at:  # it was handed in when this witness started anew: it knows it, and never cosigned it
                    return Reply(status=200, body=known.note.encode("utf-8"))
                line = self._cosigner.sign(note.text, at)
                others = [one for one in note.signatures if (one.name, one.key_id) != (line.name, line.key_id)]
                return Reply(status=200, body=format_note(note.text, [*others, line]).encode("utf-8"))
        return refuse(404, "this witness does not watch a log of this origin")
