"""What stops, disputes and erases in a small world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.party_maker import PartyMaker
from tests.support.statement_maker import Actor, Logged, Options


class StopMaker(PartyMaker):
    """What ends a deal, holds it or is held against it."""

    def revocation(
        self,
        *,
        consent: Logged | None = None,
        mandate: Logged | None = None,
        twin: Logged | None = None,
        effective: int | str | None = None,
        ground: str = "withdrawal",
        part: str | None = None,
        under: Logged | None = None,
        by: Actor | None = None,
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """The end of a consent, a mandate or a twin, at the clock if not told otherwise; ``by`` the licensee alone."""
        target = consent or mandate or twin
        assert target is not None
        members = {
            "consent": consent,
            "mandate": mandate,
            "twin": twin,
            "effective": self.time(effective),
            "ground": ground,
            "part": part,
            "under": under,
        }
        parties, signers = self._for_model(target, under)
        return self._make(
            "revocation", members, parties, {"person": person}, [by] if by else signers, Options(**options)
        )

    def suspension(self, consent: Logged, *, effective: int | str | None = None, ground: str = "withdrawal",
                   by: Actor | None = None, **options: Any) -> Logged:  # fmt: skip
        """A consent held for a while, by the model or ``by`` the union."""
        members = {"consent": consent, "effective": self.time(effective), "ground": ground}
        parties, signers = self._for_model(consent, None)
        return self._make("suspension", members, parties, {}, [by] if by else signers, Options(**options))

    def resumption(self, consent: Logged, *, effective: int | str | None = None, by: Actor | None = None,
                   **options: Any) -> Logged:  # fmt: skip
        """The end of the signer's own suspensions."""
        parties, signers = self._for_model(consent, None)
        members = {"consent": consent, "effective": self.time(effective)}
        return self._make("resumption", members, parties, {}, [by] if by else signers, Options(**options))

    def dispute(
        self,
        consent: Logged,
        of: Sequence[Logged | str],
        *,
        author: Actor,
        tag: str = "quality",
        person: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A party's objection."""
        members = {"consent": consent, "of": sorted(self._id(one) for one in of), "tag": tag}
        parties = {**self._on(consent), "author": author}
        sections = {"person": person, "evidence": evidence}
        return self._make("dispute", members, parties, sections, self._model(author), Options(**options))

    def ruling(self, consent: Logged, of: Sequence[Logged | str], *, outcome: str = "void", **options: Any) -> Logged:
        """The arbiter's decision."""
        arbiter = self.actors[str(consent.statement.parties.arbiter)]
        members = {"consent": consent, "of": sorted(self._id(one) for one in of), "outcome": outcome}
        return self._make("ruling", members, self._on(consent), {}, [arbiter], Options(**options))

    def erasure(self, of: Logged, *, erased: Sequence[str] = ("terms",), ground: str = "request",
                **options: Any) -> Logged:  # fmt: skip
        """A registrar's word that sections were deleted; the log then has them no more."""
        members = {"of": of, "erased": sorted(erased), "ground": ground}
        if of.statement.type == "party":
            parties: dict[str, Any] = {"author": of.id}
        else:
            parties = {**of.statement.parties.roles(), "payees": list(of.statement.parties.payees), "guardian": None}
            parties |= self._guardian_of(of.statement.parties.model)
        for name in erased:
            self.log.disclosed[of.index].pop(name, None)
        return self._make("erasure", members, parties, {}, [self.registrar], Options(**options))
