"""Statements of a small registry in memory: its clock, its batches, and how one is built, signed and logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.support.memory_log import MemoryLog, read_leaf
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_b64, format_b64u, format_instant, parse_instant
from verifier.log.writing import Signer
from verifier.statements.disclosure import digest
from verifier.statements.envelope import Signature, pae
from verifier.statements.making import format_disclosure, format_envelope
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.sections import Section
from verifier.statements.types import Statement

DAY = 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}

INSTANTS = frozenset(
    "starts ends delivered delete_by seen_at settled_at received_at effective until at exercise_by".split()
)
"""Members that hold an instant wherever they stand."""


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


class StatementMaker:
    """One log, and all that is logged in it. ``now`` is its clock (POSIX seconds)."""

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

    # ---- making statements

    def vkey(self, log: SigningKey | None = None) -> str:
        """The log's verifier key, as in policies and ``genesis``."""
        return str(Signer(self.origin, log or self.log_key).verifier)

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


def _signing_key(one: Actor | SigningKey) -> SigningKey:
    return one if isinstance(one, SigningKey) else one.keys[0]
