"""A registry with witnesses of its own, for tests of how it asks them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from registry import config
from registry.evidence import evidence
from registry.problems import Problem
from registry.service import Service
from tests.support.served import Served
from tests.support.witness_serving import serving
from verifier.base.private_keys import SigningKey
from verifier.evidence.verdict import Verdict
from verifier.evidence.verify import verify
from verifier.log.note import Verifier
from verifier.log.trust import Policy, QuorumMissing, TrustedLog, open_checkpoint
from verifier.log.writing import Cosigner, format_policy
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer
from verifier.rules.model.question import Question

LONG = 120.0
"""Seconds that nobody takes who waits for nothing, however busy the machine is."""


class Scene:
    """A registry, and witnesses for it that run in threads; ``stack`` ends them all."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root = root
        self.stack = stack
        self.served = Served(root / "registry")
        self.stores: list[WitnessStore] = []
        self.keys: list[Verifier] = []

    @property
    def service(self) -> Service:
        return self.served.service

    def witness(
        self, change: Callable[[Any], Any] = lambda app: app, name: str = "", late: int = 0
    ) -> tuple[Verifier, str]:
        """One more witness: its key and URL. Its clock is ``late`` seconds behind."""
        number = len(self.keys)
        cosigner = Cosigner(name or f"w{number}.example", SigningKey(bytes([100 + number]) * 32))
        store = WitnessStore(self.root / f"witness{number}.db")
        self.stack.callback(store.close)
        self.stores.append(store)
        log = TrustedLog(verifier=self.served.service.config.policy.logs[0].verifier)
        logs = Policy(logs=(log,), witnesses=(), groups=(), quorum=None)
        app = App(WitnessServer(cosigner, logs, store, lambda: self.served.clock() - late))
        self.keys.append(cosigner.verifier)
        return cosigner.verifier, self.stack.enter_context(serving(change(app)))

    def stub(self, app: Any) -> tuple[Verifier, str]:
        """Something that is no witness, and a key for it."""
        number = len(self.keys)
        self.keys.append(Cosigner(f"w{number}.example", SigningKey(bytes([100 + number]) * 32)).verifier)
        return self.keys[-1], self.stack.enter_context(serving(app))

    def trust(self, *witnesses: tuple[Verifier, str], quorum: int | None = None) -> Policy:
        """Write these into the policy, and begin anew."""
        log = self.service.config.policy.logs[0]
        policy = config.trust_policy(log, witnesses, quorum)
        (self.served.root / config.POLICY).write_text(format_policy(policy))
        self.served.reopen()
        return policy

    def states(self) -> dict[str, str]:
        return {one["name"]: one["state"] for one in self.service.witnesses()}

    def verdict(self, policy: Policy, asset: str = "00" * 32) -> Verdict:
        data = evidence(self.service, Question(kind="asset", id=asset), None)
        assert not isinstance(data, Problem)
        outcome = verify(data, policy, instant=self.served.clock(), max_age=86_400, files=[], require_audited=False)
        assert isinstance(outcome, Verdict), outcome
        return outcome


def met(scene: Scene, policy: Policy) -> bool:
    """Whether the checkpoint that is served has its quorum."""
    try:
        open_checkpoint(scene.service.checkpoint(), policy)
    except QuorumMissing:
        return False
    return True
