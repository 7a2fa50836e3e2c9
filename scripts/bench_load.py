"""What the benchmarks submit: a small cast of parties with their consents, and any number of signed usages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import cycle, islice
from os import urandom

from registry.intake.submission import Submission, format_submission
from registry.service import Logged, Service
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_b64u, format_instant
from verifier.rules.quotas import QUOTAS
from verifier.statements.disclosure import digest
from verifier.statements.envelope import Signature, pae

DAY = 86_400
FULL = QUOTAS["uses", "usages"]
"""Usages that one consent takes."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A party and its one key (and recovery key, for a model)."""

    id: str
    keys: tuple[SigningKey, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """A consent to use a twin, and who declares uses under it."""

    consent: str
    twin: str
    model: Actor
    brand: Actor


class Load:
    """Makes statements for one registry at its clock. ``models`` times ``brands`` deals are logged to begin with, and
    more models where they would not take ``room`` usages.
    """

    def __init__(
        self,
        service: Service,
        registrar: SigningKey,
        now: int,
        *,
        models: int = 10,
        brands: int = 10,
        room: int = 0,
    ) -> None:
        models = max(models, room // (brands * FULL) + 1)
        self._service = service
        self._registrar = registrar
        self._now = now
        self._genesis = service.genesis
        roles = ["maker", "fund", *["model"] * models, *["licensee"] * brands]
        [self._maker, self._fund, *others] = self._enrol(roles)
        cast, licensees = others[:models], others[models:]
        self.deals = self._agree([(model, brand) for model in cast for brand in licensees])
        self._turns = cycle(self.deals)

    def new_deal(self) -> Deal:
        """One more, between two parties who have no other."""
        [model, brand] = self._enrol(["model", "licensee"])
        return self._agree([(model, brand)])[0]

    def renewed(self, deal: Deal) -> Deal:
        """The same for as long again: a consent that renews the old one, and takes as many usages anew."""
        id, raw = self._consent(deal.model, deal.brand, deal.twin, renews=deal.consent)
        self._log([raw])
        return replace(deal, consent=id)

    def usages(self, count: int) -> Iterator[bytes]:
        """Submissions of usages, each of one fresh file, one deal after the other."""
        return (self.usage(deal) for deal in islice(self._turns, count))

    def usage(self, deal: Deal) -> bytes:
        """One usage, signed."""
        terms = {
            "category": "1067",
            "channels": ["display", "social"],
            "countries": ["DE", "FR"],
            "ends": format_instant(self._now + 30 * DAY),
            "purpose": "advertising",
            "rights": ["likeness"],
            "starts": format_instant(self._now),
            "targeted": True,
        }
        members = {"assets": [sha256(urandom(16)).hexdigest()], "consent": deal.consent, "twin": deal.twin}
        parties = self._parties(deal.model, deal.brand)
        return self._make("usage", members, parties, {"terms": terms}, [deal.brand.keys[0]])[1]

    def _enrol(self, roles: Sequence[str]) -> list[Actor]:
        """Parties of these roles, logged together."""
        actors, raw = [], []
        for role in roles:
            keys = [SigningKey(urandom(32)) for _ in range(2 if role == "model" else 1)]
            members: dict[str, Json] = {"keys": [keys[0].public.hex()], "roles": [role]}
            if role == "model":
                members["recovery"] = {"keys": [keys[1].public.hex()], "threshold": 1}
            id, data = self._make("party", members, {}, {"person": {"name": role}}, [*keys, self._registrar])
            actors.append(Actor(id, tuple(keys)))
            raw.append(data)
        self._log(raw)
        return actors

    def _agree(self, pairs: Sequence[tuple[Actor, Actor]]) -> list[Deal]:
        """For each model and brand a creation consent, a twin and a consent, those of a kind logged together."""
        creations = [self._creation(model) for model, _ in pairs]
        self._log([raw for _, raw in creations])
        twins = [self._twin(model, creation) for (model, _), (creation, _) in zip(pairs, creations, strict=True)]
        self._log([raw for _, raw in twins])
        consents = [self._consent(model, brand, twin) for (model, brand), (twin, _) in zip(pairs, twins, strict=True)]
        self._log([raw for _, raw in consents])
        return [
            Deal(consent, twin, model, brand)
            for (model, brand), (twin, _), (consent, _) in zip(pairs, twins, consents, strict=True)
        ]

    def _creation(self, model: Actor) -> tuple[str, bytes]:
        terms = {
            "advice": "counsel",
            "delivered": format_instant(self._now - 7 * DAY),
            "description": "A scan of the face and body for fashion pictures.",
            "ends": format_instant(self._now + 365 * DAY),
            "language": "en",
            "methods": ["photo", "scan"],
            "starts": format_instant(self._now),
        }
        both = {"model": model.id, "maker": self._maker.id}
        return self._make("consent", {"act": "create"}, both, {"terms": terms}, [model.keys[0], self._maker.keys[0]])

    def _twin(self, model: Actor, creation: str) -> tuple[str, bytes]:
        members = {"assets": [sha256(urandom(16)).hexdigest()], "creation": creation, "modality": "image"}
        both = {"model": model.id, "maker": self._maker.id}
        return self._make("twin", members, both, {}, [model.keys[0], self._maker.keys[0]])

    def _consent(self, model: Actor, brand: Actor, twin: str, *, renews: str | None = None) -> tuple[str, bytes]:
        terms = {
            "advice": "counsel",
            "approval": "none",
            "categories": ["all"],
            "channels": ["display", "print", "social"],
            "countries": ["WORLD"],
            "delivered": format_instant(self._now - 7 * DAY),
            "description": "Advertising pictures of the model wearing the brand's clothes.",
            "ends": format_instant(self._now + 365 * DAY),
            "language": "en",
            "purposes": ["advertising"],
            "rights": ["likeness"],
            "starts": format_instant(self._now),
        }
        splits = [
            {"kind": "model", "parts": 99, "payee": model.id},
            {"kind": "crew", "parts": 1, "payee": self._fund.id},
        ]
        money = {
            "currency": "EUR",
            "due": {"days": 30, "from": "declared"},
            "fees": [{"amount": 4000, "per": "use"}],
            "splits": splits,
        }
        parties, sections = self._parties(model, brand), {"money": money, "terms": terms}
        members: dict[str, Json] = {"act": "use", "twin": twin} | ({} if renews is None else {"renews": renews})
        return self._make("consent", members, parties, sections, [model.keys[0], brand.keys[0]])

    def _parties(self, model: Actor, brand: Actor) -> dict[str, Json]:
        return {"licensee": brand.id, "model": model.id, "payees": sorted([model.id, self._fund.id])}

    def _log(self, raw: Sequence[bytes]) -> None:
        for outcome in self._service.submit(raw):
            if not isinstance(outcome, Logged):
                raise SystemExit(f"the registry refused a statement of the benchmark: {outcome}")

    def _make(
        self,
        type: str,
        members: Mapping[str, Json],
        parties: Mapping[str, Json],
        sections: Mapping[str, Json],
        keys: Sequence[SigningKey],
    ) -> tuple[str, bytes]:
        """(the statement's id, the submission)."""
        disclosures = {
            name: format_b64u(canonical.encode([format_b64u(urandom(16)), name, value]))
            for name, value in sections.items()
        }
        header = {
            **members,
            "at": format_instant(self._now),
            "kembar": 2,
            "nonce": format_b64u(urandom(16)),
            "parties": parties,
            "registry": self._genesis,
            "sections": {name: digest(text) for name, text in disclosures.items()},
            "type": type,
        }
        payload = canonical.encode({name: value for name, value in header.items() if value != {}})
        message = pae(payload)
        signatures = tuple(
            Signature(keyid=key.public.hex(), sig=key.sign(message)) for key in sorted(keys, key=lambda key: key.public)
        )
        submission = Submission(payload=payload, signatures=signatures, disclosures=tuple(disclosures.values()))
        return sha256(payload).hexdigest(), format_submission(submission)
