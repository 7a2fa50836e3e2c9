"""A small registry in memory, deterministic to the byte, for all tests of the kernel.

    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand, terms={"countries": ["DE"]})
    world.advance("3d")
    usage = world.usage(consent, assets=["hero.jpg"], terms={"countries": ["DE", "FR"]})
    verdict = world.check(usage)

Every maker has defaults that make a good statement and can be told otherwise: ``terms=``, ``money=`` and so on are laid
over the default section (None removes a member), and each takes the options of :class:`Options`. What it logs is never
judged, so a dishonest log is as easy to write as an honest one.

Times are POSIX seconds, instants ("2026-03-01T00:00:00Z") or distances from the world's clock ("+3d", "-90m"). Every
statement is a batch of its own, sealed at the clock, unless it is made inside ``with world.batch():``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.both import check_both
from tests.support.deal_maker import DealMaker
from tests.support.money_maker import MoneyMaker
from tests.support.statement_maker import DAY, Actor, Logged, Options, file, key, seconds
from tests.support.stop_maker import StopMaker
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, MemoryRecord
from verifier.statements.types import Seal, Statement

__all__ = ["DAY", "Actor", "Logged", "Options", "World", "file", "key"]


class World(DealMaker, MoneyMaker, StopMaker):
    """One log and everybody in it, and what is asked of it."""

    def record(self) -> MemoryRecord:
        """Everything, with every section that anybody kept."""
        record = MemoryRecord(self.genesis_id)
        for index in range(self.log.size - 1):
            made = self.entries.get(index)
            if made is None or isinstance(made.statement, Seal):
                record.skip(index)
                continue
            kept = self.log.disclosed[index]
            sections = {name: section for name, section in made.sections.items() if name in kept}
            record.fold(self.entry(made), sections)
        return record

    def entry(self, made: Logged) -> Entry:
        """A statement as the rules see it."""
        envelope = canonical.parse(made.leaf, limit=1 << 16)
        signers = frozenset(one["keyid"] for one in envelope["signatures"])
        return Entry(index=made.index, logged=made.logged, statement=made.statement, signers=signers)

    # ---- what it publishes

    def cosigner(self, name: str) -> Cosigner:
        """The key of a witness or auditor, by its name."""
        return Cosigner(name, key(f"{self.origin} cosigner {name}"))

    def checkpoint(
        self,
        *,
        cosigners: Sequence[str] | None = None,
        cosigned_at: int | str | None = None,
        signer: SigningKey | None = None,
        **members: Any,
    ) -> str:
        """The signed note of the log as it is now, cosigned at the clock by all witnesses and auditors.

        ``members`` (``origin``, ``size``, ``root``) are laid over the checkpoint's, for logs that lie.
        """
        honest: dict[str, Any] = {"origin": self.origin, "size": self.log.size, "root": self.log.root()}
        text = format_checkpoint(Checkpoint(**{**honest, **members}))
        names = [*self.witnesses, *self.auditors] if cosigners is None else cosigners
        signatures = [Signer(self.origin, signer or self.log_key).sign(text)]
        signatures += [self.cosigner(name).sign(text, self.time(cosigned_at)) for name in names]
        return format_note(text, signatures)

    def policy(self, *, quorum: str | None = None, logs: Sequence[str] | None = None) -> str:
        """A reader's trust policy: this log's key, every witness and auditor, and the quorum."""
        quorum = quorum or self.quorum
        names = [f"w{place}" for place in range(len(self.witnesses) + len(self.auditors))]
        cosigners = [*self.witnesses, *self.auditors]
        lines = [f"log {vkey}" for vkey in logs or [self.vkey()]]
        lines += [f"witness {name} {self.cosigner(one).verifier}" for name, one in zip(names, cosigners, strict=True)]
        if quorum != "none":
            lines.append(f"group enough {quorum} {' '.join(names)}")
            quorum = "enough"
        return "\n".join([*lines, f"quorum {quorum}", ""])

    def question(self, about: Any) -> Question:
        """A statement or a party as a question; a file is asked about by its digest or name."""
        if isinstance(about, Question):
            return about
        if isinstance(about, Actor):
            return Question(kind="party", id=about.id)
        if isinstance(about, Logged):
            kind = about.statement.type
            assert kind in ("usage", "consent", "party")
            return Question(kind=kind, id=about.id)  # type: ignore[arg-type]  # narrowed by the line above
        return Question(kind="asset", id=file(about))

    def evidence(
        self,
        about: Any,
        *,
        lists: Sequence[str] | None = None,
        more_lists: Sequence[str] = (),
        hide_lists: Sequence[str] = (),
        hide_sections: Sequence[tuple[Logged | Actor, str]] = (),
        only_sections: Sequence[str] | None = None,
        checkpoint: str | None = None,
    ) -> bytes:
        """The evidence file on a question, with what it needs or ``lists``, and without what is hidden.

        ``hide_lists`` may name a kind ("account") or one subject.
        """
        from verifier.evidence.build import build_evidence
        from verifier.rules.needs import lists_needed

        question = self.question(about)
        shown = set(lists_needed(self.record(), question) if lists is None else lists) | set(more_lists)
        hidden = {subject for subject in shown if subject in hide_lists or subject.partition(":")[0] in hide_lists}
        places = {(one.id, name) for one, name in hide_sections}

        def may_see(statement: Statement, name: str) -> bool:
            return (statement.id, name) not in places and (only_sections is None or name in only_sections)

        return build_evidence(
            question, self.log, checkpoint or self.checkpoint(), lists=sorted(shown - hidden), may_see=may_see
        )

    def check(
        self,
        about: Any,
        *,
        at: int | str | None = None,
        max_age: str | int = DAY,
        files: Sequence[str] = (),
        require_audited: bool = False,
        by_clock: bool = False,
        evidence: bytes | None = None,
        policy: str | None = None,
        **hiding: Any,
    ) -> dict[str, Any]:
        """The verdict on a question, as its decoded JSON, by way of an evidence file. ``at``: the clock's.

        Where there is Node, the verifier in JavaScript has to say the same, byte for byte: here, or as a vector.
        """

        evidence = self.evidence(about, **hiding) if evidence is None else evidence
        reader: dict[str, Any] = {
            "instant": self.time(at),
            "max_age": seconds(max_age),
            "files": tuple(file(name) for name in files),
            "require_audited": require_audited,
            "by_clock": by_clock,
        }
        said = check_both(evidence, policy or self.policy(), **reader)
        decoded: dict[str, Any] = canonical.parse(said, limit=1 << 28)
        return decoded
