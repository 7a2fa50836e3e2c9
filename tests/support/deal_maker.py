"""Twins of a small world, consents to use them, and uses: by default good ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.party_maker import PartyMaker
from tests.support.statement_maker import DAY, Actor, Logged, Options, file
from verifier.statements.types import Consent, Twin


class DealMaker(PartyMaker):
    """What is allowed with a twin, and what is done with it."""

    def creation(
        self,
        *,
        model: Actor,
        maker: Actor | None = None,
        providers: Sequence[Actor] = (),
        terms: Mapping[str, Any] | None = None,
        money: Mapping[str, Any] | None = None,
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A consent that a twin be made; with ``money`` (over the default, a fee owed ``signed``) for pay."""
        maker = maker or self._some("maker")
        default = {
            "description": "A scan of the face and body for fashion pictures.",
            "methods": ["photo", "scan"],
            "starts": self.now,
            "ends": self.now + 365 * DAY,
            "language": "en",
            "delivered": self.now - 7 * DAY,
            "advice": "counsel",
        }
        payment = None if money is None else {
            **self._money(model), "fees": [{"per": "flat", "amount": 100_000, "owed": "signed"}], **money,
        }  # fmt: skip
        payees = sorted({self._id(split["payee"]) for split in (payment or {}).get("splits", ())})
        parties = {"model": model, "maker": maker, "payees": payees, **self._guardian_of(model)}
        sections = {"terms": {**default, **(terms or {})}, "money": payment, "person": person}
        signers = [*self._model(model), maker]
        members = {"act": "create", "providers": sorted(one.id for one in providers) or None}
        return self._make("consent", members, parties, sections, signers, Options(**options))

    def twin(
        self,
        model: Actor,
        *,
        creation: Logged | None = None,
        assets: Sequence[str] | None = None,
        modality: str = "image",
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """Register a twin, with a creation consent made on the way unless one is given."""
        creation = creation or self.creation(model=model)
        maker = self.actors[str(creation.statement.parties.maker)]
        members = {
            "creation": creation,
            "assets": _files(assets or [f"{model.name} twin {self.log.size}"]),
            "modality": modality,
        }
        parties = {"model": model, "maker": maker, **self._guardian_of(model)}
        return self._make("twin", members, parties, {"person": person}, [*self._model(model), maker],
                          Options(**options))  # fmt: skip

    def consent(
        self,
        *,
        model: Actor,
        licensee: Actor,
        twin: Logged | None = None,
        agency: Actor | None = None,
        under: Logged | None = None,
        replaces: Logged | None = None,
        renews: Logged | None = None,
        sublicensees: Sequence[Actor] = (),
        sublicense: str | None = None,
        providers: Sequence[Actor] = (),
        exercise_by: int | str | None = None,
        union: Actor | None = None,
        arbiter: Actor | None = None,
        terms: Mapping[str, Any] | None = None,
        money: Mapping[str, Any] | None = None,
        exclusive: Mapping[str, Any] | None = None,
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A consent that the model's twin (her first, made if need be) be used; ``under`` brings in its agency."""
        twin = twin or self.twin_of(model)
        if under is not None and agency is None:
            agency = self.actors[str(under.statement.parties.agency)]
        members = {
            "act": "use",
            "twin": twin,
            "under": under,
            "replaces": replaces,
            "renews": renews,
            "sublicensees": sorted(one.id for one in sublicensees) or None,
            "sublicense": sublicense,
            "providers": sorted(one.id for one in providers) or None,
            "exercise_by": exercise_by,
        }
        payment = {**self._money(model), **(money or {})}
        splits = payment.get("splits") or ()
        parties = {
            "model": model,
            "licensee": licensee,
            "agency": agency,
            "union": union,
            "arbiter": arbiter,
            "payees": sorted({self._id(split["payee"]) for split in splits}),
            **self._guardian_of(model),
        }
        scope = None if exclusive is None else {**self._scope(), **exclusive}
        sections = {"terms": {**self._terms(), **(terms or {})}, "money": payment, "exclusive": scope, "person": person}
        signers = [*self._model(model), licensee, *([agency] if agency else [])]
        return self._make("consent", members, parties, sections, signers, Options(**options))

    def exercise(self, consent: Logged, **options: Any) -> Logged:
        """The licensee's word that it takes the option that a consent is."""
        licensee = self.actors[str(consent.statement.parties.licensee)]
        return self._make("exercise", {"consent": consent}, self._on(consent), {}, [licensee], Options(**options))

    def approval(
        self,
        consent: Logged,
        assets: Sequence[str],
        *,
        decision: str = "approve",
        under: Logged | None = None,
        terms: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A decision on files, by the model or, ``under`` a mandate, by its agency."""
        members = {"consent": consent, "assets": _files(assets), "decision": decision, "under": under}
        parties, signers = self._for_model(consent, under)
        return self._make("approval", members, parties, {"terms": terms}, signers, Options(**options))

    def usage(
        self,
        consent: Logged,
        assets: Sequence[str] = ("hero.jpg",),
        *,
        twin: Logged | None = None,
        sublicensee: Actor | None = None,
        terms: Mapping[str, Any] | None = None,
        person: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """Declare a use: by default an advertisement in German print for the next 30 days."""
        assert isinstance(consent.statement, Consent)
        members = {"consent": consent, "twin": twin or consent.statement.twin, "assets": _files(assets)}
        default = {
            "rights": ["likeness"],
            "channels": ["print"],
            "countries": ["DE"],
            "purpose": "advertising",
            "category": "1067",
            "starts": self.now,
            "ends": self.now + 30 * DAY,
        }
        sections = {"terms": {**default, **(terms or {})}, "person": person}
        signer = sublicensee or self.actors[str(consent.statement.parties.licensee)]
        parties = {**self._on(consent), "sublicensee": sublicensee}
        signers = [signer, *self._countersigner(consent, sublicensee)]
        return self._make("usage", members, parties, sections, signers, Options(**options))

    def report(self, usage: Logged, *, terms: Mapping[str, Any] | None = None, **options: Any) -> Logged:
        """How far a use went, by who declared it."""
        consent = self._entry(getattr(usage.statement, "consent"))  # noqa: B009 -- a Usage, or a test's lie
        sublicensee = usage.statement.parties.sublicensee
        parties = {**self._on(consent), "sublicensee": sublicensee}
        signer = self.actors[str(sublicensee or consent.statement.parties.licensee)]
        sections = {"terms": {"lines": [], **(terms or {})}}
        signers = [signer, *self._countersigner(consent, self.actors.get(str(sublicensee)))]
        return self._make("report", {"consent": consent, "usage": usage}, parties, sections, signers,
                          Options(**options))  # fmt: skip

    def twin_of(self, model: Actor) -> Logged:
        for made in self.entries.values():
            if isinstance(made.statement, Twin) and made.statement.parties.model == model.id:
                return made
        return self.twin(model)

    def _countersigner(self, consent: Logged, sublicensee: Actor | None) -> list[Actor]:
        """The licensee, where a sub-licensee is not listed and the consent wants the licensee to sign too."""
        statement = consent.statement
        assert isinstance(statement, Consent)
        if sublicensee is None or statement.sublicense != "countersigned":
            return []
        listed = sublicensee.id in (statement.sublicensees or ())
        return [] if listed else [self.actors[str(statement.parties.licensee)]]

    # ---- defaults

    def _terms(self) -> dict[str, Any]:
        return {
            "rights": ["likeness"],
            "purposes": ["advertising"],
            "description": "Advertising of women's clothing with pictures of the twin.",
            "categories": ["all"],
            "channels": ["display", "ooh", "print", "social"],
            "countries": ["WORLD"],
            "starts": self.now,
            "ends": self.now + 365 * DAY,
            "approval": "none",
            "language": "en",
            "delivered": self.now - 7 * DAY,
            "advice": "counsel",
        }

    def _scope(self) -> dict[str, Any]:
        return {
            "categories": ["all"],
            "channels": ["display", "ooh", "print", "social"],
            "countries": ["WORLD"],
            "starts": self.now,
            "ends": self.now + 365 * DAY,
        }

    def _money(self, model: Actor) -> dict[str, Any]:
        return {
            "currency": "EUR",
            "fees": [{"per": "flat", "amount": 100_000}],
            "splits": [{"payee": model, "kind": "model", "parts": 1}],
            "due": {"from": "declared", "days": 30},
        }


def _files(names: Sequence[str]) -> list[str]:
    return sorted({file(name) for name in names})
