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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.support.both import check_both
from tests.support.memory_log import MemoryLog, read_leaf
from verifier.base import canonical
from verifier.base.crypto import SigningKey
from verifier.base.strict import (
    civil_from_days,
    days_from_civil,
    format_b64,
    format_b64u,
    format_instant,
    parse_instant,
)
from verifier.log.checkpoint import Checkpoint, format_checkpoint
from verifier.log.cosignature import Cosigner
from verifier.log.note import Signer, format_note
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, MemoryRecord
from verifier.statements.disclosure import digest, format_disclosure
from verifier.statements.envelope import Signature, format_envelope, pae
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.sections import Section
from verifier.statements.types import Consent, Mandate, Seal, Statement, Twin

DAY = 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}

INSTANTS = frozenset(
    "starts ends delivered delete_by seen_at settled_at received_at effective until at exercise_by".split()
)
"""Members that hold an instant wherever they stand."""

COPIED_ROLES = ("model", "licensee", "maker", "agency", "union", "arbiter")


def key(label: str) -> SigningKey:
    """The same key for the same label, always."""
    return SigningKey(sha256(b"kembar test key " + label.encode()).digest())


def file(name: str) -> str:
    """The digest of the file that holds exactly its own name; a digest stays one."""
    return name if len(name) == 64 and "." not in name else sha256(name.encode()).hexdigest()


def seconds(span: str | int) -> int:
    """ "3d" or "90m" as seconds; a number is seconds already."""
    return span if isinstance(span, int) else int(span[:-1]) * UNITS[span[-1]]


@dataclass(kw_only=True, repr=False)
class Actor:
    """A party and the keys that it signs with: the first, unless told otherwise."""

    name: str
    id: str = ""
    keys: list[SigningKey] = field(default_factory=list)
    recovery: list[SigningKey] = field(default_factory=list)
    entry: Logged | None = None

    def __repr__(self) -> str:
        return self.name

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As hypothesis prints it."""
        printer.text(repr(self))


@dataclass(kw_only=True, repr=False)
class Logged:
    """A statement at its place. ``logged`` is 0 until its batch is sealed."""

    index: int
    statement: Statement
    sections: dict[str, Section]
    disclosures: dict[str, str]
    leaf: bytes
    logged: int = 0

    @property
    def id(self) -> str:
        return self.statement.id

    def __repr__(self) -> str:
        return f"{self.statement.type} at {self.index}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As hypothesis prints it."""
        printer.text(repr(self))


@dataclass(kw_only=True)
class Options:
    """What every maker takes besides its own arguments."""

    at: int | str | None = None
    """The claimed time; the clock's."""
    nonce: bytes | None = None
    registry: str | None = None
    """The id of another log's genesis."""
    parties: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the parties; None removes a role."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the header; None removes a member."""
    signers: Sequence[Actor | SigningKey] | None = None
    """Instead of the right ones."""
    drop: Sequence[Actor | SigningKey] = ()
    extra: Sequence[Actor | SigningKey] = ()
    undisclosed: Sequence[str] = ()
    """Sections whose disclosure nobody keeps."""
    wrong_signatures: bool = False
    """Signatures that do not verify."""


class World:
    """One log and everybody in it. ``now`` is its clock (POSIX seconds)."""

    def __init__(
        self,
        *,
        origin: str = "registry.example/log",
        profile: str = "open",
        start: int | str = "2026-01-01T00:00:00Z",
        rules: int = 2,
        witnesses: Sequence[str] = (),
        auditors: Sequence[str] = (),
        quorum: str = "none",
        genesis: Mapping[str, Any] | None = None,
    ) -> None:
        """``quorum`` is "none", or how many of the witnesses and auditors, as in "2"; ``genesis`` holds its options."""
        self.origin = origin
        self.profile = profile
        self.now = start if isinstance(start, int) else parse_instant(start)
        self.log = MemoryLog()
        self.log_key = key(origin + " log")
        self.registrar = key(origin + " registrar")
        self.witnesses = [name if "/" in name else f"{name}.example/witness" for name in witnesses]
        self.auditors = [name if "/" in name else f"{name}.example/kembar-auditor" for name in auditors]
        self.quorum = quorum
        self.actors: dict[str, Actor] = {}
        self.entries: dict[int, Logged] = {}
        self.guardians: dict[str, tuple[Actor, int]] = {}
        self.genesis_id = ""
        self._count = 0
        self._batch: list[Logged] | None = None
        self._first = 0
        self.genesis = self._make(
            "genesis",
            {"origin": origin, "log": self.vkey(), "registrars": [self.registrar], "rules": rules, "profile": profile},
            {},
            {},
            [self.log_key],
            Options(**(genesis or {})),
        )

    # ---- time

    def time(self, when: int | str | None) -> int:
        """POSIX seconds of an instant, a distance from the clock, or (None) the clock."""
        if when is None:
            return self.now
        if isinstance(when, int):
            return when
        if when[0] in "+-":
            return self.now + seconds(when[1:]) * (1 if when[0] == "+" else -1)
        return parse_instant(when)

    def advance(self, span: int | str) -> int:
        """Move the clock on."""
        self.now += seconds(span)
        return self.now

    def set_clock(self, when: int | str) -> int:
        """Put the clock to an instant; backwards too, for logs that lie."""
        self.now = self.time(when)
        return self.now

    # ---- batches

    @contextmanager
    def batch(self, **seal: Any) -> Iterator[list[Logged]]:
        """Seal all that is logged inside as one batch. ``seal`` lays members over the seal's, for logs that lie."""
        assert self._batch is None, "batches do not nest"
        self._batch = []
        try:
            yield self._batch
        finally:
            batch, self._batch = self._batch, None
        self.seal(batch, **seal)

    def seal(
        self, batch: Iterable[Logged] = (), *, signers: Sequence[SigningKey] | None = None, **members: Any
    ) -> None:
        """Close the batch at the clock. ``members`` are laid over the seal's."""
        root = self.log.close_batch(self.now)
        for logged in batch:
            logged.logged = self.now
        size = self.log.size
        header = {"first": self._first, "size": size, "index": format_b64(root), **members}
        payload = self._payload("seal", header, {}, {}, Options())
        self.log.append_seal(self._leaf(payload, signers or [self.log_key]))
        self._first = self.log.size

    def leaf(self, leaf: bytes) -> int:
        """Log bytes as they are, readable or not; their index."""
        index = self.log.append(leaf)
        statement = read_leaf(leaf)
        made = []
        if statement is not None:
            made = [Logged(index=index, statement=statement, sections={}, disclosures={}, leaf=leaf)]
            self.entries[index] = made[0]
        if self._batch is None:
            self.seal(made)
        else:
            self._batch.extend(made)
        return index

    # ---- the registry and its parties

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

    # ---- twins and what is allowed with them

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

    def _countersigner(self, consent: Logged, sublicensee: Actor | None) -> list[Actor]:
        """The licensee, where a sub-licensee is not listed and the consent wants the licensee to sign too."""
        statement = consent.statement
        assert isinstance(statement, Consent)
        if sublicensee is None or statement.sublicense != "countersigned":
            return []
        listed = sublicensee.id in (statement.sublicensees or ())
        return [] if listed else [self.actors[str(statement.parties.licensee)]]

    # ---- money

    def payment(
        self,
        consent: Logged,
        *,
        payee: Actor,
        amount: int,
        payer: Actor | None = None,
        provider: Actor | None = None,
        settled_at: int | str | None = None,
        reference: str | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """The payer's word (the licensee's, if not told otherwise), or a provider's attestation."""
        payer = payer or self._payer(consent)
        parties = {**self._on(consent), "payer": payer, "payee": payee, "provider": provider}
        sections = {
            "money": {"currency": "EUR", "amount": amount, "settled_at": self.time(settled_at), **(money or {})},
            "evidence": {"reference": reference or self.reference(consent, payee, self._count), **(evidence or {})},
        }
        return self._make("payment", {"consent": consent}, parties, sections, [provider or payer], Options(**options))

    def receipt(
        self,
        consent: Logged,
        *,
        payee: Actor,
        amount: int,
        payer: Actor | None = None,
        received_at: int | str | None = None,
        reference: str | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """The payee's word."""
        payer = payer or self._payer(consent)
        parties = {**self._on(consent), "payer": payer, "payee": payee}
        sections = {
            "money": {"currency": "EUR", "amount": amount, "received_at": self.time(received_at), **(money or {})},
            "evidence": {"reference": reference or self.reference(consent, payee, self._count), **(evidence or {})},
        }
        return self._make("receipt", {"consent": consent}, parties, sections, self._model(payee), Options(**options))

    def adjustment(
        self,
        consent: Logged,
        *,
        kind: str,
        payee: Actor,
        amount: int,
        of: Sequence[Logged | str] = (),
        payer: Actor | None = None,
        provider: Actor | None = None,
        by: Actor | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A ``return``, by its provider or payer, or a ``credit``, by its payee; ``by`` signs instead."""
        payer = payer or self._payer(consent)
        signer = by or (payee if kind == "credit" else provider or payer)
        parties = {**self._on(consent), "payer": payer, "payee": payee, "provider": provider}
        members = {"consent": consent, "kind": kind, "of": sorted(self._id(one) for one in of) or None}
        sections = {"money": {"currency": "EUR", "amount": amount, **(money or {})}, "evidence": evidence}
        return self._make("adjustment", members, parties, sections, self._model(signer), Options(**options))

    def reference(self, consent: Logged, payee: Actor, number: int = 1) -> str:
        """The end-to-end reference of a bank transfer."""
        stem = sha256(f"kembar/ref\n{consent.id}\n{payee.id}".encode()).hexdigest()[:24].upper()
        return f"K{stem}{number}"

    # ---- stopping, disputing, erasing

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

    # ---- what can be asked of it

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

    def vkey(self, log: SigningKey | None = None) -> str:
        """The log's verifier key, as in policies and ``genesis``."""
        return str(Signer(self.origin, log or self.log_key).verifier)

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

    def _some(self, role: str) -> Actor:
        """The first party with a role, enrolled if there is none."""
        for actor in self.actors.values():
            if actor.entry is not None and role in getattr(actor.entry.statement, "roles"):  # noqa: B009
                return actor
        return self.party(role, roles=[role])

    def twin_of(self, model: Actor) -> Logged:
        for made in self.entries.values():
            if isinstance(made.statement, Twin) and made.statement.parties.model == model.id:
                return made
        return self.twin(model)

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

    def _payer(self, consent: Logged) -> Actor:
        """The licensee, or of a consent to create the maker."""
        return self.actors[str(consent.statement.parties.licensee or consent.statement.parties.maker)]

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

    # ---- making statements

    def _make(
        self,
        type: str,
        members: Mapping[str, Any],
        parties: Mapping[str, Any],
        sections: Mapping[str, Mapping[str, Any] | None],
        signers: Sequence[Actor | SigningKey],
        options: Options,
    ) -> Logged:
        """Build, sign and append one statement, and seal it unless a batch is open."""
        texts: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name, value in sections.items():
            if value is not None:
                values[name] = self._json({member: one for member, one in value.items() if one is not None})
                texts[name] = format_disclosure(name, values[name], self._salt(name))
        digests = {name: digest(text) for name, text in texts.items()}
        payload = self._payload(type, members, parties, digests, options)
        chosen = list(signers if options.signers is None else options.signers) + list(options.extra)
        dropped = {_signing_key(one).public for one in options.drop}
        keys = [one for one in map(_signing_key, chosen) if one.public not in dropped]
        leaf = self._leaf(payload, keys, wrong=options.wrong_signatures)
        statement = parse_statement(payload)
        self.genesis_id = self.genesis_id or statement.id
        parsed = {name: parse_section(statement, name, value) for name, value in values.items()}
        kept = {name: text for name, text in texts.items() if name not in options.undisclosed}
        index = self.log.append(leaf, kept)
        made = Logged(index=index, statement=statement, sections=parsed, disclosures=texts, leaf=leaf)
        self.entries[index] = made
        if self._batch is None:
            self.seal([made])
        else:
            self._batch.append(made)
        return made

    def _payload(
        self,
        type: str,
        members: Mapping[str, Any],
        parties: Mapping[str, Any],
        digests: Mapping[str, str],
        options: Options,
    ) -> bytes:
        self._count += 1
        everyone = {role: one for role, one in {**parties, **options.parties}.items() if one}
        value: dict[str, Any] = {
            "kembar": 2,
            "type": type,
            "registry": None if type == "genesis" else options.registry or self.genesis_id,
            "at": self.time(options.at),
            "nonce": format_b64u(options.nonce or self._salt("nonce")),
            "parties": everyone or None,
            "sections": dict(digests) or None,
            **members,
            **options.members,
        }
        return canonical.encode(self._json({name: one for name, one in value.items() if one is not None}))

    def _leaf(self, payload: bytes, signers: Iterable[SigningKey], *, wrong: bool = False) -> bytes:
        message = pae(payload + b" " if wrong else payload)
        unique = {one.public: one for one in signers}
        return format_envelope(
            payload, [Signature(keyid=one.public.hex(), sig=one.sign(message)) for one in unique.values()]
        )

    def _json(self, value: Any, member: str = "") -> Any:
        """Actors, statements and keys by their ids; times of members that hold instants as instants."""
        if isinstance(value, Actor | Logged):
            return value.id
        if isinstance(value, SigningKey):
            return value.public.hex()
        if isinstance(value, Mapping):
            return {name: self._json(one, name) for name, one in value.items()}
        if isinstance(value, list | tuple):
            items = [self._json(one) for one in value]
            return sorted(items) if value and isinstance(value[0], Actor | Logged | SigningKey) else items
        if member in INSTANTS and (isinstance(value, int) or (isinstance(value, str) and value[:1] in ("+", "-"))):
            return format_instant(self.time(value))
        return value

    def _id(self, thing: Actor | Logged | str) -> str:
        return thing if isinstance(thing, str) else thing.id

    def _salt(self, label: str) -> bytes:
        return sha256(f"{self.origin} {self._count} {label}".encode()).digest()[:16]


def _files(names: Sequence[str]) -> list[str]:
    return sorted({file(name) for name in names})


def _signing_key(one: Actor | SigningKey) -> SigningKey:
    return one if isinstance(one, SigningKey) else one.keys[0]
