"""What the benchmarks submit: a small cast of parties with their consents, and any number of signed usages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import urandom

from registry.intake.submission import Submission, format_submission
from registry.service import Logged, Service
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.crypto import SigningKey
from verifier.base.strict import format_b64u, format_instant
from verifier.statements.disclosure import digest
from verifier.statements.envelope import Signature, pae

DAY = 86_400


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
    parties: Mapping[str, Json]
    licensee: SigningKey


class Load:
    """Makes statements for one registry at its clock. ``models`` times ``brands`` deals are logged to begin with."""

    def __init__(
        self, service: Service, registrar: SigningKey, now: int, *, models: int = 10, brands: int = 10
    ) -> None:
        self._service = service
        self._registrar = registrar
        self._now = now
        self._genesis = service.genesis
        roles = ["maker", "fund", *["model"] * models, *["licensee"] * brands]
        [self._maker, self._fund, *others] = self._enrol(roles)
        cast, licensees = others[:models], others[models:]
        self.deals = self._agree([(model, brand) for model in cast for brand in licensees])

    def new_deal(self) -> Deal:
        """One more, between two parties who have no other."""
        [model, brand] = self._enrol(["model", "licensee"])
        return self._agree([(model, brand)])[0]

    def usages(self, count: int, start: int = 0) -> Iterator[bytes]:
        """Submissions of usages, each of one fresh file, one deal after the other."""
        for number in range(start, start + count):
            yield self.usage(self.deals[number % len(self.deals)])

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
        return self._make("usage", members, deal.parties, {"terms": terms}, [deal.licensee])[1]

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
            Deal(consent, twin, self._parties(model, brand), brand.keys[0])
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

    def _consent(self, model: Actor, brand: Actor, twin: str) -> tuple[str, bytes]:
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
        return self._make("consent", {"act": "use", "twin": twin}, parties, sections, [model.keys[0], brand.keys[0]])

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
