"""Logs in memory whose checkpoints are proposed to witnesses, and a witness in a folder of a test's own."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash, root
from verifier.log.provers import prove_consistency
from verifier.log.trust import Policy, TrustedLog
from verifier.log.witness_protocol import format_request
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer

NOW = 1_800_000_000
WITNESS_KEY = SigningKey(bytes([5]) * 32)
WITNESS_NAME = "witness.example/ada"


class MemoryLog:
    """A C2SP log of any kind: its leaves are counted, and a fork counts differently."""

    def __init__(self, origin: str = "log.example/a", seed: int = 1, tale: str = "") -> None:
        self.signer = Signer(origin, SigningKey(bytes([seed]) * 32))
        self.origin = origin
        self._tale = tale

    def hashes(self, size: int) -> list[bytes]:
        return [leaf_hash(sha256(f"{self._tale}{number}".encode()).digest()) for number in range(size)]

    def text(self, size: int) -> str:
        checkpoint = Checkpoint(origin=self.origin, size=size, root=root(self.hashes(size)))
        return format_checkpoint(checkpoint)

    def note(self, size: int, *others: Signer) -> str:
        text = self.text(size)
        return format_note(text, [signer.sign(text) for signer in (self.signer, *others)])

    def proof(self, old: int, size: int) -> list[bytes]:
        hashes = self.hashes(size)

        def read_node(level: int, index: int) -> bytes:
            return root(hashes[index << level : (index + 1) << level])

        return prove_consistency(old, size, read_node)

    def request(self, old: int, size: int, proof: Sequence[bytes] | None = None) -> bytes:
        return format_request(old, self.proof(old, size) if proof is None else proof, self.note(size))


def policy(*logs: MemoryLog) -> Policy:
    named = tuple(TrustedLog(verifier=log.signer.verifier) for log in logs)
    return Policy(logs=named, witnesses=(), groups=(), quorum=None)


class Clock:
    """A clock that only tests move."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def witness(folder: Path, *logs: MemoryLog, clock: Clock | None = None) -> WitnessServer:
    cosigner = Cosigner(WITNESS_NAME, WITNESS_KEY)
    return WitnessServer(cosigner, policy(*logs), WitnessStore(folder / "witness.db"), clock or Clock())
