"""Statements: the small public headers that parties sign (protocol, sections 3 and 4).

:func:`parse_statement` is strict: canonical JSON, a known type, exactly the members and section names that the table of
section 4 gives for it (and, for a consent, for its ``act``), right alphabets, vocabularies, order of sets, and limits.
Anything else is a leaf that cannot be read. What relates members to one another or to other statements (starts < ends,
a month's first instant, threshold <= number of keys, whom ``parties`` must name) is rule A0, not syntax.

Field names are the protocol's. Instants are POSIX seconds; ids, keys and digests of files are hex; sets are tuples; a
member that is absent is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.values import field, value
from verifier.log.note import ED25519, parse_vkey
from verifier.statements.parties import NOBODY, Parties
from verifier.statements.readers import (
    DIGEST_SIZE,
    NONCE_SIZE,
    Count,
    Id,
    Ids,
    Instant,
    Keys,
    Positive,
    Shape,
    b64_of,
    b64u_of,
    choice,
    line_of,
    record,
    set_of,
    text,
)
from verifier.statements.vocabulary import PROFILES

MAX_LEAF = 65535
"""Bytes of a leaf, and so of the statement inside it."""
MAX_LINE = 1024
"""Characters of ``origin`` and ``log``."""

SECTION_NAMES: Final = ("evidence", "exclusive", "money", "person", "terms")
PARTY_ROLES: Final = (
    "agency", "arbiter", "fund", "guardian", "holder", "licensee", "maker", "model", "provider", "union",
)  # fmt: skip
GROUNDS: Final = ("breach", "other", "strike", "unpaid", "withdrawal")

Ground: TypeAlias = Annotated[str, choice(GROUNDS)]


_line = line_of(MAX_LINE)


def _log_key(value: Json) -> str:
    written: str = _line(value)
    if parse_vkey(written).algorithm != ED25519:
        raise Malformed("the key of a log is an Ed25519 key (algorithm 1)")
    return written


LogKey: TypeAlias = Annotated[str, _log_key]


@value
class Recovery:
    """Keys that can replace all others, ``threshold`` of them together."""

    keys: Keys
    threshold: Positive


_digest = b64u_of(DIGEST_SIZE)


def _sections(value: Json) -> dict[str, str]:
    """Section name -> digest; which names a statement may have is seen once its type and act are read."""
    if type(value) is not dict:
        raise Malformed("must be an object")
    if not value:
        raise Malformed("is empty; a member that does not apply is left out")
    found = {}
    for name, digest in value.items():
        try:
            found[name] = _digest(digest)
        except Malformed as error:
            raise error.at(name) from None
    return found


@value(eq=False)
class Statement:
    """What every statement has. Its ``id`` is the hash of its bytes, so two are equal if their ids are."""

    REQUIRED_SECTIONS: ClassVar[frozenset[str]] = frozenset()
    OPTIONAL_SECTIONS: ClassVar[frozenset[str]] = frozenset()

    id: str
    type: str
    registry: Id | None
    at: Instant
    nonce: Annotated[str, b64u_of(NONCE_SIZE)]
    parties: Annotated[Parties, record(Parties)] = NOBODY
    sections: Annotated[Mapping[str, str], _sections] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Statement) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def section_names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The names of sections that this statement must have, and those that it may have besides."""
        return self.REQUIRED_SECTIONS, self.OPTIONAL_SECTIONS


# ---- the log and its parties


@value(eq=False)
class Genesis(Statement):
    """Entry 0: what the registry is, and whose key speaks for it."""

    registry: None = None
    origin: Annotated[str, _line]
    log: LogKey
    registrars: Keys
    rules: Positive
    profile: Annotated[str, choice(PROFILES)]


@value(eq=False)
class Registry(Statement):
    """A change of the registry's key, registrars or rule set."""

    log: LogKey | None = None
    registrars: Keys | None = None
    rules: Positive | None = None

    def __post_init__(self) -> None:
        if self.log is None and self.registrars is None and self.rules is None:
            raise Malformed("a registry statement has at least one of log, registrars and rules")


@value(eq=False)
class Party(Statement):
    """The enrolment of a party, whose id is this statement's."""

    REQUIRED_SECTIONS = frozenset({"person"})

    roles: Annotated[tuple[str, ...], set_of(choice(PARTY_ROLES))]
    keys: Keys | None = None
    recovery: Annotated[Recovery, record(Recovery)] | None = None

    def __post_init__(self) -> None:
        if "model" in self.roles and self.keys is not None and self.recovery is None:
            raise Malformed("is missing; a model with keys has recovery keys too", "recovery")


@value(eq=False)
class Key(Statement):
    """A change of a party's keys: ``add`` and ``retire``, or the full new ``keys`` and ``recovery``."""

    add: Keys | None = None
    retire: Keys | None = None
    keys: Keys | None = None
    recovery: Annotated[Recovery, record(Recovery)] | None = None

    def __post_init__(self) -> None:
        changes = self.add is not None or self.retire is not None
        if changes == (self.keys is not None):
            raise Malformed("a key statement has either add, retire or both, or the full new keys")
        if changes and self.recovery is not None:
            raise Malformed("stands only beside keys", "recovery")


@value(eq=False)
class Guardian(Statement):
    """Who signs with a minor until she is of age."""

    until: Instant


@value(eq=False)
class Mandate(Statement):
    """What an agency may sign for a model."""

    REQUIRED_SECTIONS = frozenset({"money"})
    OPTIONAL_SECTIONS = frozenset({"person"})

    powers: Annotated[tuple[str, ...], set_of(choice(("approve", "collect", "revoke")))]
    starts: Instant
    ends: Instant


# ---- twins and what is allowed with them


@value(eq=False)
class Consent(Statement):
    """A model's consent that a twin of her be made (``create``) or used (``use``)."""

    act: Annotated[Literal["create", "use"], choice(("create", "use"))]
    twin: Id | None = None
    under: Id | None = None
    replaces: Id | None = None
    sublicensees: Ids | None = None
    providers: Ids | None = None

    def __post_init__(self) -> None:
        if self.act == "use":
            if self.twin is None:
                raise Malformed("is missing; a consent to a use names its twin", "twin")
        else:
            for name in ("twin", "under", "replaces", "sublicensees", "providers"):
                if getattr(self, name) is not None:
                    raise Malformed("a consent to create has no such member", name)

    def section_names(self) -> tuple[frozenset[str], frozenset[str]]:
        return _CONSENT_SECTIONS[self.act]


_CONSENT_SECTIONS = {
    "create": (frozenset({"terms"}), frozenset({"person"})),
    "use": (frozenset({"terms", "money"}), frozenset({"person", "exclusive"})),
}


@value(eq=False)
class Twin(Statement):
    """The registration of a twin: the exact files that are it."""

    OPTIONAL_SECTIONS = frozenset({"person"})

    creation: Id
    assets: Ids
    modality: Annotated[str, choice(("image", "motion", "scan", "video", "voice"))]


@value(eq=False)
class Approval(Statement):
    """A decision on exact files before they are used."""

    OPTIONAL_SECTIONS = frozenset({"terms"})

    consent: Id
    assets: Ids
    decision: Annotated[Literal["approve", "reject"], choice(("approve", "reject"))]
    under: Id | None = None


@value(eq=False)
class Usage(Statement):
    """The declaration of a use."""

    REQUIRED_SECTIONS = frozenset({"terms"})
    OPTIONAL_SECTIONS = frozenset({"person"})

    consent: Id
    twin: Id
    assets: Ids


@value(eq=False)
class Report(Statement):
    """How far a declared use went."""

    REQUIRED_SECTIONS = frozenset({"terms"})

    consent: Id
    usage: Id


# ---- money


@value(eq=False)
class Payment(Statement):
    """A payer's word, or a provider's attestation, that money was sent."""

    REQUIRED_SECTIONS = frozenset({"money", "evidence"})

    consent: Id


@value(eq=False)
class Receipt(Statement):
    """A payee's word that money arrived."""

    REQUIRED_SECTIONS = frozenset({"money", "evidence"})

    consent: Id


@value(eq=False)
class Adjustment(Statement):
    """Money that went back (``return``, of earlier statements), or that is let off (``credit``)."""

    REQUIRED_SECTIONS = frozenset({"money"})
    OPTIONAL_SECTIONS = frozenset({"evidence"})

    consent: Id
    kind: Annotated[Literal["return", "credit"], choice(("return", "credit"))]
    of: Ids | None = None

    def __post_init__(self) -> None:
        if self.kind == "return" and self.of is None:
            raise Malformed("is missing; a return names the statements that it takes back", "of")
        if self.kind == "credit" and self.of is not None:
            raise Malformed("stands only in a return", "of")


# ---- stopping, disputing, erasing


@value(eq=False)
class Revocation(Statement):
    """The end of a consent, a mandate or a twin."""

    OPTIONAL_SECTIONS = frozenset({"person"})

    consent: Id | None = None
    mandate: Id | None = None
    twin: Id | None = None
    effective: Instant
    ground: Ground
    under: Id | None = None

    def __post_init__(self) -> None:
        if (self.consent is None) + (self.mandate is None) + (self.twin is None) != 2:
            raise Malformed("a revocation has exactly one of consent, mandate and twin")

    @property
    def target(self) -> tuple[Literal["consent", "mandate", "twin"], str]:
        """What is revoked: its kind and its id."""
        if self.consent is not None:
            return "consent", self.consent
        if self.mandate is not None:
            return "mandate", self.mandate
        assert self.twin is not None
        return "twin", self.twin


@value(eq=False)
class Suspension(Statement):
    """A consent held for a while."""

    OPTIONAL_SECTIONS = frozenset({"person"})

    consent: Id
    effective: Instant
    ground: Ground


@value(eq=False)
class Resumption(Statement):
    """The end of the signer's own suspensions."""

    OPTIONAL_SECTIONS = frozenset({"person"})

    consent: Id
    effective: Instant


@value(eq=False)
class Dispute(Statement):
    """A party's objection to entries of a consent."""

    OPTIONAL_SECTIONS = frozenset({"person", "evidence"})

    consent: Id
    of: Ids
    tag: Annotated[
        str, choice(("identity", "key", "other", "quality", "unauthorised", "unpaid", "wrong_amount"))
    ]


@value(eq=False)
class Ruling(Statement):
    """An arbiter's decision on entries of a consent."""

    OPTIONAL_SECTIONS = frozenset({"person"})

    consent: Id
    of: Ids
    outcome: Annotated[Literal["stands", "void"], choice(("stands", "void"))]


@value(eq=False)
class Erasure(Statement):
    """A registrar's word that sections of one statement were deleted."""

    of: Id
    erased: Annotated[tuple[str, ...], set_of(choice(("evidence", "money", "person", "terms")))]
    ground: Annotated[str, choice(("order", "request", "retention", "withdrawal"))]


@value(eq=False)
class Seal(Statement):
    """The end of a batch: entries ``first`` to ``size`` - 1, and the root of the index over all before it."""

    first: Count
    size: Count
    index: Annotated[bytes, b64_of(DIGEST_SIZE)]


STATEMENT_TYPES: Final[dict[str, type[Statement]]] = {
    make.__name__.lower(): make
    for make in (
        Genesis, Registry, Party, Key, Guardian, Mandate, Consent, Twin, Approval, Usage, Report, Payment, Receipt,
        Adjustment, Revocation, Suspension, Resumption, Dispute, Ruling, Erasure, Seal,
    )
}  # fmt: skip


# ---- parsing and building


def _version(value: Json) -> None:
    if type(value) is not int or value != 1:
        raise Malformed("must be 1, the version of the protocol")


_SHAPES = {name: Shape(make, {"kembar": _version, "type": text}) for name, make in STATEMENT_TYPES.items()}


def parse_statement(payload: bytes) -> Statement:
    """Read one statement; :class:`Malformed` says where and why it cannot be read."""
    value = canonical.parse(payload, limit=MAX_LEAF)
    kind = value.get("type") if type(value) is dict else None
    shape = _SHAPES.get(kind) if type(kind) is str else None
    if type(kind) is not str or shape is None:
        raise Malformed(f"a statement is an object whose type is one of {', '.join(STATEMENT_TYPES)}", "type")
    members = shape.members(value)
    del members["kembar"]
    statement = STATEMENT_TYPES[kind](id=sha256(payload).hexdigest(), **members)
    _check_sections(statement)
    return statement


def encode_statement(members: Mapping[str, Json]) -> bytes:
    """The canonical bytes of a statement given as its JSON members, checked like anybody else's."""
    payload = canonical.encode(dict(members))
    parse_statement(payload)
    return payload


def _check_sections(statement: Statement) -> None:
    required, optional = statement.section_names()
    names = statement.sections.keys()
    if not required <= names:
        raise Malformed("is missing", f"sections.{min(required - names)}")
    if not names <= required | optional:
        place = min(names - required - optional)
        allowed = ", ".join(sorted(required | optional)) or "none"
        raise Malformed(f"a {statement.type} has no such section; allowed are {allowed}", f"sections.{place}")
