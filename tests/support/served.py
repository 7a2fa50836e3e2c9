"""A real registry in a folder, and a :class:`tests.support.world.World` that makes statements for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from registry.config import create
from registry.intake.submission import Submission, format_submission
from registry.log.published_log import SubjectProof
from registry.problems import Problem
from registry.sequencer import Logged as Accepted
from registry.service import Service
from tests.support.world import Actor, Logged, World
from verifier.statements.envelope import parse_envelope


def raw(made: Logged) -> bytes:
    """What is sent for a statement that a world made."""
    envelope = parse_envelope(made.leaf)
    return format_submission(
        Submission(
            payload=envelope.payload, signatures=envelope.signatures, disclosures=tuple(made.disclosures.values())
        )
    )


def proved_list(service: Service, subject: str) -> SubjectProof | Problem:
    """A subject's complete list, and the proof of it, at the checkpoint that readers are shown."""
    found = service.snapshot(lambda record: [subject])
    return found if isinstance(found, Problem) else found.lists[subject]


class Served:
    """``world`` makes statements, ``service`` logs them; both go by the world's clock."""

    def __init__(self, root: Path, **world: Any) -> None:
        self.root = root
        self.world = World(**world)
        create(
            root,
            self.world.origin,
            profile=self.world.profile,
            now=self.clock,
            log_key=self.world.log_key,
            registrar_key=self.world.registrar,
        )
        self.service = Service.open(root, clock=self.clock)
        self.world.genesis_id = self.service.genesis

    def clock(self) -> int:
        return self.world.now

    def end(self) -> None:
        """Close it for good."""
        self.service.close()

    def open(self) -> None:
        """Open it, once it is closed or dead."""
        self.service = Service.open(self.root, clock=self.clock)

    def reopen(self) -> None:
        """Close the registry and open it again."""
        self.service.close()
        self.open()

    def accept(self, *made: Logged | Actor) -> list[Accepted]:
        """Submit what the world made; all of it must be taken."""
        outcomes = self.service.submit([raw(self.entry(one)) for one in made])
        for outcome in outcomes:
            assert isinstance(outcome, Accepted), outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Accepted)]

    @staticmethod
    def entry(made: Logged | Actor) -> Logged:
        if isinstance(made, Actor):
            assert made.entry is not None
            return made.entry
        return made

    def story(self) -> tuple[Logged, list[Logged | Actor]]:
        """Everybody and everything up to a consent: (the consent, all of it in order)."""
        world = self.world
        anna = world.party("anna", roles=["model"])
        brand = world.party("brand", roles=["licensee"])
        maker = world.party("maker", roles=["maker"])
        creation = world.creation(model=anna, maker=maker)
        twin = world.twin(anna, creation=creation)
        consent = world.consent(model=anna, licensee=brand, twin=twin, terms={"countries": ["DE", "FR"]})
        return consent, [anna, brand, maker, creation, twin, consent]


def submissions(made: Iterable[Logged]) -> list[bytes]:
    """The bytes of many."""
    return [raw(one) for one in made]


def enrolment(served: Served, name: str = "anna") -> bytes:
    """What is sent to enrol a model."""
    return raw(served.entry(served.world.party(name, roles=["model"])))
