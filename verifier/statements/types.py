"""Statements: the small public headers that parties sign (protocol, sections 3 and 4).

:func:`verifier.statements.parse.parse_statement` is strict: canonical JSON, a known type, exactly the members and
section names that the table of section 4 gives for it (and, for a consent, for its ``act``), right alphabets,
vocabularies, order of sets, and limits.
Anything else is a leaf that cannot be read. What relates members to one another or to other statements (starts < ends,
a month's first instant, threshold <= number of keys, whom ``parties`` must name) is rule A0, not syntax.

Field names are the protocol's. Instants are POSIX seconds; ids, keys and digests of files are hex; sets are tuples; a
member that is absent is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

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
    b64_of,
    b64u_of,
    choice,
    line_of,
    map_of,
    record,
    set_of,
)
from verifier.statements.vocabulary import PROFILES

VERSION: Final = 2
"""Of the protocol: it stands in every statement as ``kembar``."""

MAX_LEAF = 65535
"""Bytes of a leaf, and so of the statement inside it."""
MAX_LINE = 1024
"""Characters of ``origin`` and ``log``."""

SECTION_NAMES: Final = ("evidence", "exclusive", "money", "name", "person", "terms")
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


Digests: TypeAlias = Annotated[Mapping[str, str], map_of(b64u_of(DIGEST_SIZE))]
"""Section name -> digest; which names a statement may have is seen once its type and act are read."""


@value(eq=False)
class Statement:
    """What every statement has. Its ``id`` is the hash of its bytes, so two are equal if their ids are."""

    id: str
    type: str
    registry: Id | None
    at: Instant
    nonce: Annotated[str, b64u_of(NONCE_SIZE)]
    parties: Annotated[Parties, record(Parties)] = NOBODY
    sections: Digests = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Statement) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)


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
    renews: Id | None = None
    sublicensees: Ids | None = None
    sublicense: Annotated[Literal["countersigned", "listed"], choice(("countersigned", "listed"))] | None = None
    providers: Ids | None = None
    exercise_by: Instant | None = None

    def __post_init__(self) -> None:
        if self.act == "use":
            if self.twin is None:
                raise Malformed("is missing; a consent to a use names its twin", "twin")
            if self.replaces is not None and self.renews is not None:
                raise Malformed("a consent replaces an older one or renews it, not both", "renews")
        else:
            names = ["twin", "under", "replaces", "renews", "sublicensees", "sublicense", "exercise_by"]
            if "money" not in self.sections:
                names.append("providers")
            for name in names:
                if getattr(self, name) is not None:
                    raise Malformed("a consent to create has no such member", name)

    @property
    def follows(self) -> str | None:
        """The id of the older consent whose place it takes: that it replaces or renews."""
        return self.replaces if self.renews is None else self.renews


@value(eq=False)
class Exercise(Statement):
    """The licensee's word that it takes an option, a consent with ``exercise_by``."""

    consent: Id


@value(eq=False)
class Twin(Statement):
    """The registration of a twin: the exact files that are it."""

    creation: Id
    assets: Ids
    modality: Annotated[str, choice(("image", "motion", "scan", "video", "voice"))]


@value(eq=False)
class Approval(Statement):
    """A decision on exact files before they are used."""

    consent: Id
    assets: Ids
    decision: Annotated[Literal["approve", "reject"], choice(("approve", "reject"))]
    under: Id | None = None


@value(eq=False)
class Usage(Statement):
    """The declaration of a use."""

    consent: Id
    twin: Id
    assets: Ids


@value(eq=False)
class Report(Statement):
    """How far a declared use went."""

    consent: Id
    usage: Id


# ---- money


@value(eq=False)
class Payment(Statement):
    """A payer's word, or a provider's attestation, that money was sent."""

    consent: Id


@value(eq=False)
class Receipt(Statement):
    """A payee's word that money arrived."""

    consent: Id


@value(eq=False)
class Adjustment(Statement):
    """Money that went back (``return``, of earlier statements), or that is let off (``credit``)."""

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

    consent: Id | None = None
    mandate: Id | None = None
    twin: Id | None = None
    effective: Instant
    ground: Ground
    part: Annotated[Literal["exclusive"], choice(("exclusive",))] | None = None
    under: Id | None = None

    def __post_init__(self) -> None:
        if (self.consent is None) + (self.mandate is None) + (self.twin is None) != 2:
            raise Malformed("a revocation has exactly one of consent, mandate and twin")
        if self.part is not None and (self.consent is None or self.ground != "unpaid"):
            raise Malformed("is of a consent's exclusivity, on the ground unpaid", "part")

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

    consent: Id
    effective: Instant
    ground: Ground


@value(eq=False)
class Resumption(Statement):
    """The end of the signer's own suspensions."""

    consent: Id
    effective: Instant


@value(eq=False)
class Dispute(Statement):
    """A party's objection to entries of a consent."""

    consent: Id
    of: Ids
    tag: Annotated[
        str, choice(("identity", "key", "other", "quality", "unauthorised", "unpaid", "wrong_amount"))
    ]


@value(eq=False)
class Ruling(Statement):
    """An arbiter's decision on entries of a consent."""

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
        Genesis, Registry, Party, Key, Guardian, Mandate, Consent, Exercise, Twin, Approval, Usage, Report, Payment,
        Receipt, Adjustment, Revocation, Suspension, Resumption, Dispute, Ruling, Erasure, Seal,
    )
}  # fmt: skip
