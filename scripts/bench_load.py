"""What the benchmarks submit: a small cast of parties with their consents, and any number of signed usages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import urandom

from registry.service import Logged, Service
from registry.submission import Submission, format_submission
from verifier import canonical
from verifier.canonical import Json
from verifier.crypto import SigningKey
from verifier.statements.disclosure import digest
from verifier.statements.envelope import Signature, pae
from verifier.strict import format_b64u, format_instant

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
        maker = self._party("maker")
        fund = self._party("fund")
        cast = [self._party("model", recovery=True) for _ in range(models)]
        licensees = [self._party("licensee") for _ in range(brands)]
        self.deals = [self._deal(model, brand, maker, fund) for model in cast for brand in licensees]

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

    def _party(self, role: str, *, recovery: bool = False) -> Actor:
        keys = [SigningKey(urandom(32)) for _ in range(1 + recovery)]
        members: dict[str, Json] = {"keys": [keys[0].public.hex()], "roles": [role]}
        if recovery:
            members["recovery"] = {"keys": [keys[1].public.hex()], "threshold": 1}
        id = self._log("party", members, {}, {"person": {"name": role}}, [*keys, self._registrar])
        return Actor(id, tuple(keys))

    def _deal(self, model: Actor, brand: Actor, maker: Actor, fund: Actor) -> Deal:
        scan = {
            "advice": "counsel",
            "delivered": format_instant(self._now - 7 * DAY),
            "description": "A scan of the face and body for fashion pictures.",
            "ends": format_instant(self._now + 365 * DAY),
            "language": "en",
            "methods": ["photo", "scan"],
            "starts": format_instant(self._now),
        }
        both = {"model": model.id, "maker": maker.id}
        signers = [model.keys[0], maker.keys[0]]
        creation = self._log("consent", {"act": "create"}, both, {"terms": scan}, signers)
        asset = sha256(urandom(16)).hexdigest()
        twin = self._log("twin", {"assets": [asset], "creation": creation, "modality": "image"}, both, {}, signers)
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
        splits = [{"kind": "model", "parts": 99, "payee": model.id}, {"kind": "crew", "parts": 1, "payee": fund.id}]
        money = {
            "currency": "EUR",
            "due": {"days": 30, "from": "declared"},
            "fees": [{"amount": 4000, "per": "use"}],
            "splits": splits,
        }
        parties = {"licensee": brand.id, "model": model.id, "payees": sorted([model.id, fund.id])}
        signers = [model.keys[0], brand.keys[0]]
        consent = self._log(
            "consent", {"act": "use", "twin": twin}, parties, {"money": money, "terms": terms}, signers
        )
        return Deal(consent, twin, parties, brand.keys[0])

    def _log(
        self,
        type: str,
        members: Mapping[str, Json],
        parties: Mapping[str, Json],
        sections: Mapping[str, Json],
        keys: Sequence[SigningKey],
    ) -> str:
        id, raw = self._make(type, members, parties, sections, keys)
        [outcome] = self._service.submit([raw])
        if not isinstance(outcome, Logged):
            raise SystemExit(f"the registry refused a {type} of the benchmark: {outcome}")
        return id

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
            "kembar": 1,
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
