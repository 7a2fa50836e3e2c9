"""The story performed: every statement is drafted, signed and submitted by the public commands."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from registry.config import KEYS as REGISTRY_KEYS
from registry.config import POLICY as REGISTRY_POLICY
from registry.config import REGISTRAR_KEY
from registry.demo import folder as names
from registry.demo.agreement import Agreement
from registry.demo.pictures import portrait
from registry.demo.runner import CommandRunner
from registry.demo.story import AGENCY, CAST, GUARDIAN, SCENES, SPLITS, UNION, UNREGISTERED, Actor, Scene, Witness
from registry.drafting.drafts.currencies import with_currency
from registry.drafting.drafts.references import end_to_end
from registry.drafting.drafts.toml import fill_in
from verifier.base.canonical import Json
from verifier.base.strict import civil_from_days, format_instant
from verifier.rules.model.calendar import DAY, add_months

ORIGIN = "demo.kembar.example/log"
PROVIDER, MAKER = "tembaga", "kaca"
FIRST = SCENES[0].question.name
GRANTED = ("evidence", "money", "terms")
"""What a union needs to see whether its members' uses are allowed and paid."""
PRIVATE = ("guardian", "model")
"""Roles of people: everybody may know what a house is called, and nobody else what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement that all have signed: its id, the file that holds it, and the key of whoever hands it in."""

    id: str
    path: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """The bytes of a file that somebody gave for the first use, and how its name ends (``.jpg``, or nothing)."""

    data: bytes
    suffix: str


@dataclass(slots=True)
class Stage:
    """The folder, the registry in it, and what has been signed so far."""

    folder: Path
    commands: CommandRunner
    agreement: Agreement
    photo: Photo | None
    now: int
    url: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    twins: dict[str, Signed] = field(default_factory=dict)
    mandates: dict[str, Signed] = field(default_factory=dict)
    consents: dict[str, Signed] = field(default_factory=dict)
    usages: dict[str, Signed] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    drafts: int = 0

    # ---- places

    @property
    def registry(self) -> Path:
        return self.folder / names.REGISTRY

    @property
    def policy(self) -> Path:
        return self.folder / names.POLICY

    def asset(self, title: str) -> Path:
        """The picture of a scene, of a twin (``ayu-twin``), or the one that nobody registers."""
        suffix = self.photo.suffix if self.photo is not None and title == FIRST else ".png"
        return self.folder / names.ASSETS / (title + suffix)

    def evidence(self, name: str) -> Path:
        return self.folder / names.EVIDENCE / f"{name}.evidence.json"

    def key(self, actor: str, kind: str = "") -> Path:
        return self.folder / names.KEYS / f"{actor}{kind}.key"

    # ---- before anybody signs

    def open_registry(self) -> None:
        """``registry init``."""
        self.commands.run("init", self.registry, "--origin", ORIGIN, "--guard", self.folder / names.GUARD)

    def be_served(self, url: str) -> None:
        """It is served at ``url``, with an auditor, who stands in the trust policy: that goes where readers find it."""
        self.url = url
        shutil.copyfile(self.registry / REGISTRY_POLICY, self.policy)

    def hang_pictures(self) -> None:
        """A picture for each use and each twin, and one that nobody registers."""
        titles = [*(f"{model}-twin" for model in SPLITS), *(scene.question.name for scene in SCENES), UNREGISTERED.name]
        for title in titles:
            given = self.photo if title == FIRST else None
            self.asset(title).write_bytes(portrait(f"Kembar demo: {title}") if given is None else given.data)
        rows = json.loads(self.commands.run("hash", *(self.asset(title) for title in titles), "--json"))
        self.digests.update((title, row["sha256"]) for title, row in zip(titles, rows, strict=True))

    # ---- enrolments, twins, mandates

    def enrol_all(self) -> None:
        self.submit(*[self.enrol(actor) for actor in CAST])

    def enrol(self, actor: Actor) -> Signed:
        """Keys and recovery keys (a ward has none), and a registrar who vouches for the name."""
        name: dict[str, Json] = {"name": actor.called.partition(",")[0], "public": actor.role not in PRIVATE}
        values: dict[str, Json] = {"roles": [actor.role], "name": name, "person": {"name": actor.called}}
        keys: list[Path] = []
        options: list[str | Path] = []
        if actor.keys:
            for kind, option in (("", "--key"), (".recovery", "--recovery")):
                key = self.key(actor.name, kind)
                self.commands.run("keygen", key, "--no-passphrase", "--json")
                keys.append(key)
                options += [option, key]
        else:
            values["recovery"] = None
        registrar = self.registry / REGISTRY_KEYS / REGISTRAR_KEY
        party = self.statement("party", actor.name, values, [*keys, registrar], *options)
        self.ids[actor.name] = party.id
        return party

    def make_twins(self) -> None:
        """Guardians and mandates, then for each model the consent to make a twin, and the twin."""
        waiting = [self.guard(ward, guardian) for ward, guardian in GUARDIAN.items()]
        for model, agency in AGENCY.items():
            terms = {"powers": ["approve", "collect", "revoke"], "starts": format_instant(self.now - DAY),
                     "ends": format_instant(add_months(self.now, 12)), "parties": self.model(model, agency=agency),
                     "money": {"commission_bp": 2000}}  # fmt: skip
            keys = [*self.model_keys(model), self.key(agency)]
            self.mandates[model] = self.statement("mandate", f"{model}-mandate", terms, keys)
            waiting.append(self.mandates[model])
        for model in SPLITS:
            keys = [*self.model_keys(model), self.key(MAKER)]
            creation = self.statement("consent-create", f"{model}-creation", self.creation(model), keys)
            values = {"assets": [self.digests[f"{model}-twin"]], "parties": self.model(model)}
            self.twins[model] = self.statement("twin", f"{model}-twin", values, keys, on=creation)
            waiting += [creation, self.twins[model]]
        self.submit(*waiting)

    def guard(self, ward: str, guardian: str) -> Signed:
        """Born 16 years ago on the first of this month."""
        year, month, _ = civil_from_days(self.now // DAY)
        until = f"{year + 2 + month // 12}-{month % 12 + 1:02d}-01T00:00:00Z"
        parties = {"model": self.ids[ward], "guardian": self.ids[guardian]}
        registrar = self.registry / REGISTRY_KEYS / REGISTRAR_KEY
        keys = [self.key(guardian), registrar]
        return self.statement("guardian", f"{ward}-guardian", {"until": until, "parties": parties}, keys)

    def let_read(self) -> None:
        """Members let their union read what is theirs, for half a year."""
        for model, union in UNION.items():
            until = format_instant(add_months(self.now, 6))
            what = ["--sections", ",".join(GRANTED), "--until", until, "--json"]
            self.commands.run("desk", "grant", "give", self.url, self.ids[union], *what, "--key", self.key(model))

    def creation(self, model: str) -> dict[str, Json]:
        return {
            "parties": self.model(model, maker=MAKER),
            "terms": {
                "description": "Photographs and a scan of the whole figure, to make a digital twin for still pictures.",
                "methods": ["photo", "scan"],
                "starts": format_instant(self.now - 30 * DAY),
                "ends": format_instant(self.now + 30 * DAY),
                "delivered": format_instant(self.now - 40 * DAY),
                "language": "en",
                "advice": "union",
            },
        }

    # ---- a scene

    def consent(self, scene: Scene) -> Signed:
        """The agreement's terms, signed by the model's side, the agency and the brand."""
        agency = AGENCY.get(scene.model)
        values: dict[str, Json] = {
            "providers": [self.ids[PROVIDER]],
            "parties": {
                **self.model(scene.model, licensee=scene.licensee, agency=agency, union=UNION.get(scene.model)),
                "payees": [self.ids[payee] for payee, _, _ in SPLITS[scene.model]],
            },
            "terms": self.agreement.consent_terms(scene),
            "money": self.agreement.consent_money(scene, self.ids),
        }
        keys = [*self.model_keys(scene.model), self.key(scene.licensee)]
        if agency is not None:
            values["under"] = self.mandates[scene.model].id
            keys.append(self.key(agency))
        if scene.exclusive:
            values["exclusive"] = self.agreement.exclusive(scene)
        name = scene.question.name
        consent = self.statement("consent", f"{name}-consent", values, keys, on=self.twins[scene.model])
        self.consents[name] = consent
        return consent

    def approval(self, scene: Scene) -> list[Signed]:
        """Hers of the use's file, where the terms want it."""
        if not self.agreement.approves:
            return []
        name = scene.question.name
        values = {"decision": "approve", "assets": [self.digests[name]], "parties": self.model(scene.model)}
        keys = self.model_keys(scene.model)
        return [self.statement("approval", f"{name}-approval", values, keys, on=self.consents[name])]

    def usage(self, scene: Scene) -> Signed:
        name = scene.question.name
        values = {"assets": [self.digests[name]], "parties": self.model(scene.model),
                  "terms": self.agreement.usage_terms(scene)}  # fmt: skip
        usage = self.statement("usage", f"{name}-use", values, [self.key(scene.licensee)], on=self.consents[name])
        self.usages[name] = usage
        return usage

    def money(self, scene: Scene) -> list[Signed]:
        """Who says that which payee was paid."""
        parts = self.agreement.parts(scene, self.ids)
        return [self.transfer(scene, payee, said, parts[payee]) for payee, said in scene.paid if parts[payee]]

    def transfer(self, scene: Scene, payee: str, said: Witness, amount: int) -> Signed:
        """A receipt of the payee, an attestation of the provider, or the payer's own word."""
        name, consent = scene.question.name, self.consents[scene.question.name]
        kind, when = ("receipt", "received_at") if said == "payee" else ("payment", "settled_at")
        parties = {**self.model(scene.model), "payer": self.ids[scene.licensee], "payee": self.ids[payee]}
        if said == "provider":
            parties["provider"] = self.ids[PROVIDER]
        values = {
            "parties": parties,
            "money": {"currency": self.agreement.currency, "amount": amount, when: format_instant(self.now)},
            "evidence": {"reference": end_to_end(consent.id, self.ids[payee], 1)},
        }
        signer = {"payee": GUARDIAN.get(payee, payee), "provider": PROVIDER, "payer": scene.licensee}[said]
        return self.statement(kind, f"{name}-{kind}-{payee}", values, [self.key(signer)], on=consent)

    def revocation(self, scene: Scene) -> Signed:
        name = scene.question.name
        effective = self.now if scene.revoked == "at once" else self.agreement.dates.revoked
        values = {"effective": format_instant(effective), "ground": "withdrawal", "parties": self.model(scene.model)}
        keys = self.model_keys(scene.model)
        return self.statement("revocation", f"{name}-revocation", values, keys, on=self.consents[name])

    # ---- statements

    def model(self, model: str, **others: str | None) -> dict[str, Json]:
        """The parties that a statement names: the model, her guardian if she has one, and others."""
        roles = {"model": model, "guardian": GUARDIAN.get(model), **others}
        return {role: self.ids[actor] for role, actor in roles.items() if actor is not None}

    def model_keys(self, model: str) -> list[Path]:
        """The keys that sign for her: a ward's guardian has them."""
        return [self.key(GUARDIAN.get(model, model))]

    def statement(
        self,
        kind: str,
        name: str,
        values: dict[str, Json],
        keys: list[Path],
        *options: str | Path,
        on: Signed | None = None,
    ) -> Signed:
        """Draft, fill in, sign. As processes of their own, the signers sign one after another, handing the file on."""
        self.drafts += 1
        path = self.folder / names.DRAFTS / f"{self.drafts:03d}-{name}.toml"
        standing: list[str | Path] = ["--on", on.path] if on is not None else []
        self.commands.run("draft", kind, "--registry", self.registry, *standing, *options, "-o", path)
        written = {name: with_currency(value) for name, value in values.items()}
        path.write_text(fill_in(path.read_text("utf-8"), written), "utf-8")
        hands = [[key] for key in keys] if self.commands.as_process else [keys]
        id = ""
        for hand in hands:
            using = [word for key in hand for word in ("--key", str(key))]
            said = json.loads(self.commands.run("sign", path, *using, "--yes", "--json"))
            id, path = said["id"], Path(said["file"])
        return Signed(id=id, path=path, key=keys[-1] if kind == "party" else keys[0])

    def submit(self, *signed: Signed, options: tuple[str, ...] = (), status: int = 0) -> None:
        """Hand statements in, each by the first who signed it, and have their log proofs checked."""
        for key, theirs in groupby(signed, lambda one: one.key):
            files = [one.path for one in theirs]
            how: list[str | Path] = ["--trust", self.policy, "--key", key, "--json", *options]
            self.commands.run("submit", self.url, *files, *how, status=status)

    def fetch(self, name: str, kind: str, id: str, reader: str, sections: str | None = None) -> None:
        """One evidence file, as ``reader`` gets it."""
        limited = ["--sections", sections] if sections is not None else []
        how: list[str | Path] = ["-o", self.evidence(name), "--key", self.key(reader), *limited, "--json"]
        self.commands.run("evidence", self.url, kind, id, *how)
