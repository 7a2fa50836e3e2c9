"""The registry of a small world, its parties and their keys, guardians and mandates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.statement_maker import DAY, Actor, Logged, Options, StatementMaker, key
from verifier.base.private_keys import SigningKey
from verifier.base.strict import civil_from_days, days_from_civil
from verifier.statements.types import Mandate

COPIED_ROLES = ("model", "licensee", "maker", "agency", "union", "arbiter")


class PartyMaker(StatementMaker):
    """Who there is, and who signs for whom."""

    def registry(self, *, log: SigningKey | None = None, registrars: Sequence[SigningKey] | None = None,
                 rules: int | None = None, **options: Any) -> Logged:  # fmt: skip
        """A change of the registry's key (in force for the next seal), registrars or rule set."""
        members = {"log": self.vkey(log) if log else None, "registrars": registrars, "rules": rules}
        signers = [self.log_key, *([log] if log else [])]
        before, batch = self._batch, self._batch if self._batch is not None else []
        self._batch = batch
        made = self._make("registry", members, {}, {}, signers, Options(**options))
        self._batch = before
        if log:
            self.log_key = log
        if registrars:
            self.registrar = registrars[0]
        if before is None:
            self.seal(batch)
        return made

    def party(
        self,
        name: str,
        *,
        roles: Sequence[str],
        keys: int = 1,
        recovery: int = 1,
        threshold: int = 1,
        controller: Actor | str | None = None,
        person: Mapping[str, Any] | None = None,
        called: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Actor:
        """Enrol a party with so many keys and recovery keys. Models have both unless ``keys`` is 0 (a ward). ``called``
        is its section ``name``."""
        actor = Actor(
            name=name,
            keys=[key(f"{self.origin} {name} {i}") for i in range(keys)],
            recovery=[key(f"{self.origin} {name} recovery {i}") for i in range(recovery if keys else 0)],
        )
        members = {
            "roles": sorted(roles),
            "keys": actor.keys or None,
            "recovery": {"keys": actor.recovery, "threshold": threshold} if actor.recovery else None,
        }
        signers = [*actor.keys, *actor.recovery, self.registrar]
        sections: dict[str, Any] = {"person": {"name": name, **(person or {})}, "name": called}
        actor.entry = self._make("party", members, {"controller": controller}, sections, signers, Options(**options))
        actor.id = actor.entry.id
        self.actors[actor.id] = actor
        return actor

    def key(
        self,
        author: Actor,
        *,
        add: Sequence[SigningKey] = (),
        retire: Sequence[SigningKey] = (),
        keys: Sequence[SigningKey] = (),
        recovery: Sequence[SigningKey] = (),
        threshold: int = 1,
        by_registrar: bool = False,
        called: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """Change a party's keys; afterwards the actor signs with what is then live.

        With ``called``, its new section ``name``, the registrar signs too.

        ``keys`` states the full new set, signed by recovery keys (by the registrar if there are none).
        """
        members = {
            "add": list(add) or None,
            "retire": list(retire) or None,
            "keys": list(keys) or None,
            "recovery": {"keys": list(recovery), "threshold": threshold} if recovery else None,
        }
        if by_registrar or (keys and not author.recovery):
            signers = [self.registrar]
        else:
            signers = [*author.recovery] if keys else [author.keys[0]]
        signers += [*add, *keys, *recovery, *([self.registrar] if called else [])]
        made = self._make("key", members, {"author": author, **self._guardian_of(author)}, {"name": called}, signers,
                          Options(**options))  # fmt: skip
        retired = {one.public for one in retire}
        author.keys = [one for one in [*(keys or author.keys), *add] if one.public not in retired]
        author.recovery = list(recovery) or author.recovery
        return made

    def guardian(self, model: Actor, guardian: Actor, *, until: int | str | None = None, **options: Any) -> Logged:
        """Put a guardian beside a minor, by default for some two years."""
        if until is None:
            year, month, _ = civil_from_days(self.now // DAY)
            until = days_from_civil(year + 2, month, 1) * DAY
        until = self.time(until)
        former = self._live_guardian(model.id)
        signers: list[Actor | SigningKey] = [guardian, self.registrar]
        signers += [model] if model.keys else [former] if former and former is not guardian else []
        self.guardians[model.id] = (guardian, until)
        return self._make(
            "guardian", {"until": until}, {"model": model, "guardian": guardian}, {}, signers, Options(**options)
        )

    def mandate(
        self,
        *,
        model: Actor,
        agency: Actor,
        powers: Sequence[str] = ("approve", "collect", "revoke"),
        starts: int | str | None = None,
        ends: int | str | None = None,
        money: Mapping[str, Any] | None = None,
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """What an agency may sign for a model: by default everything, for a year."""
        begins = self.time(starts)
        members = {
            "powers": sorted(powers),
            "starts": begins,
            "ends": begins + 365 * DAY if ends is None else self.time(ends),
        }
        sections = {"money": {"commission_bp": 2_000, **(money or {})}, "person": person}
        parties = {"model": model, "agency": agency, **self._guardian_of(model)}
        return self._make("mandate", members, parties, sections, [*self._model(model), agency], Options(**options))

    # ---- who signs

    def _some(self, role: str) -> Actor:
        """The first party with a role, enrolled if there is none."""
        for actor in self.actors.values():
            if actor.entry is not None and role in getattr(actor.entry.statement, "roles"):  # noqa: B009
                return actor
        return self.party(role, roles=[role])

    def _live_guardian(self, ward: str | None) -> Actor | None:
        guardian, until = self.guardians.get(ward or "", (None, 0))
        return guardian if self.now < until else None

    def _guardian_of(self, ward: Actor | str | None) -> dict[str, Any]:
        """The role that a live guardian has in every statement about her ward."""
        guardian = self._live_guardian(ward.id if isinstance(ward, Actor) else ward)
        return {"guardian": guardian} if guardian else {}

    def _model(self, model: Actor) -> list[Actor | SigningKey]:
        """Who signs for a person: the guardian while one is live, and she if she has keys."""
        guardian = self._live_guardian(model.id)
        return [*([guardian] if guardian else []), *([model] if model.keys or not guardian else [])]

    def _on(self, target: Logged) -> dict[str, Any]:
        """The parties of a statement on a consent, mandate or twin."""
        theirs = target.statement.parties
        parties: dict[str, Any] = {name: theirs.role(name) for name in COPIED_ROLES}
        return {**parties, "payees": list(theirs.payees), **self._guardian_of(theirs.model)}

    def _for_model(self, target: Logged, under: Logged | None) -> tuple[dict[str, Any], list[Actor | SigningKey]]:
        """Parties and signers of what the model signs, or her agency for her ``under`` a mandate."""
        parties = self._on(target)
        if under is None:
            return parties, self._model(self.actors[str(target.statement.parties.model)])
        assert isinstance(under.statement, Mandate)
        agency = self.actors[str(under.statement.parties.agency)]
        if agency.id not in target.statement.parties.ids():
            parties["author"] = agency
        return parties, [agency]

    def _entry(self, id: str) -> Logged:
        return next(made for made in self.entries.values() if made.id == id)
