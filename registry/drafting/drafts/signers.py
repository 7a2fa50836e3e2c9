"""Who must sign a statement, in words (protocol, sections 4 and 4.1), read off the table of kinds.

A header does not tell all: whose keys are live only the registry can say (rule A1), and so for some parties whether
there is a guardian. A dry run knows, and hands in what it :class:`Known`; without that a need names its condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, assert_never

from verifier.log.note import parse_vkey
from verifier.statements.kinds import SignedBy, SignedInForms, SignedWith, SigningRole, kind_of, signing_roles
from verifier.statements.types import Guardian, Key, Statement


class Known(Protocol):
    """What a registry knows of its parties as an entry finds them."""

    def guardian_of(self, party: str) -> str | None:
        """The guardian who is live for a party."""

    def has_keys(self, party: str) -> bool:
        """Whether a party has live keys."""

    def agency_of(self, mandate: str) -> str | None:
        """The agency of a mandate, if there is such a one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Somebody who signs. ``party`` is None for the agency of a mandate that is not shown.

    Two conditions that the header leaves open: ``keyed``, she signs only if she has live keys; ``ward``, while a
    guardian is live for her, the guardian signs for her, and where all must sign so does she if she has keys.
    """

    role: str
    party: str | None
    keyed: bool = False
    ward: bool = False
    stops: bool = False

    def words(self) -> str:
        if self.party is None:
            return f"the {self.role}"
        said = f"the {self.role} {self.party}"
        if self.keyed:
            return f"{said}, if she has keys"
        if not self.ward:
            return said
        if self.stops:
            return f"{said}, or the guardian who is live for her"
        return f"{said} (of a ward: the guardian, and she if she has keys)"


Group = tuple[Signatory, ...]
"""Any one of them is enough."""
Side = tuple[Group, ...]
"""Each group signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One signature that is needed: ``who`` in words; ``key`` (hex) where the statement itself says which.

    ``office``: it is the registry's own key or one of its registrars'. ``sides`` say the same of parties: one side is
    enough, and of several more only where not ``either``.
    """

    who: str
    key: str | None = None
    office: Literal["registry", "registrar"] | None = None
    sides: tuple[Side, ...] = ()
    either: bool = False


def needed(statement: Statement, known: Known | None = None) -> tuple[Need, ...]:
    """Everyone who must sign, and nobody else may."""
    signed = kind_of(statement).signed
    match signed:
        case SignedBy():
            return tuple(_by_parties(statement, signed, known))
        case SignedWith():
            return tuple(_with_keys(statement, signed))
        case SignedInForms():
            return tuple(_in_forms(statement))
        case _:
            assert_never(signed)


# -- parties that sign by their live keys


def _by_parties(statement: Statement, signed: SignedBy, known: Known | None) -> Iterator[Need]:
    under: str | None = getattr(statement, "under", None)
    if under is not None and kind_of(statement).power is not None:
        yield _need((((_agency(statement, under, known),),),))
        return
    sides = [_side(statement, one, signed.how == "one", known) for one in signing_roles(statement)]
    match signed.how if len(sides) > 1 or signed.how == "one" else "all":
        case "all" | "first":
            for group in (group for side in sides for group in side):
                yield _need(((group,),))
        case "one":
            yield _need(((tuple(signatory for side in sides for group in side for signatory in group),),))
        case "some":
            yield _need(tuple(sides))
        case "side":
            yield _need(tuple(sides), either=True)
        case never:
            assert_never(never)


def _agency(statement: Statement, under: str, known: Known | None) -> Signatory:
    """The agency of the mandate, which is named as ``author`` where it has no other role."""
    agency = known.agency_of(under) if known is not None else statement.parties.author
    return Signatory(role="agency" if agency is not None else f"agency of the mandate {under}", party=agency)


def _side(statement: Statement, signer: SigningRole, stops: bool, known: Known | None) -> Side:
    """A party, with her guardian where there is one or may be one."""
    party = statement.parties.role(signer.role)
    alone = Signatory(role=signer.role, party=party)
    if party is None:
        return ((Signatory(role=f"{signer.role} (nobody is named)", party=None),),)
    if not signer.ward:
        return ((alone,),)
    if known is not None:
        guardian, keyed = known.guardian_of(party), not known.has_keys(party)
    else:
        guardian, keyed = _named_guardian(statement, party), True
        if guardian is None and party != statement.parties.model:
            return ((Signatory(role=signer.role, party=party, ward=True, stops=stops),),)
    if guardian is None:
        return ((alone,),)
    hers = Signatory(role="guardian", party=guardian)
    if stops:
        return ((alone, hers),)
    if known is not None:
        return ((hers,),) if keyed else ((hers,), (alone,))
    return ((hers,), (Signatory(role=signer.role, party=party, keyed=True),))


def _named_guardian(statement: Statement, party: str) -> str | None:
    """The guardian whom a statement names for a party: the model's, or as ``author`` a payee's (section 4.2)."""
    if party == statement.parties.model:
        return statement.parties.guardian
    if party == statement.parties.payee and "payee" in kind_of(statement).names:
        return statement.parties.author
    return None


def _need(sides: tuple[Side, ...], *, either: bool = False) -> Need:
    said = [" and ".join(", or ".join(one.words() for one in group) for group in side) for side in sides]
    if either and len(said) > 1:
        return Need(who=f"either {', or '.join(said)}; not both", sides=sides, either=True)
    return Need(who=", or ".join(said), sides=sides)


# -- keys that a statement itself names, the registry's and a registrar's

_NEW_KEYS = {"keys": "a key of the party", "recovery": "a recovery key"}


def _with_keys(statement: Statement, signed: SignedWith) -> Iterator[Need]:
    if signed.registry:
        yield Need(who="the registry's log key", office="registry")
    for member in signed.new:
        value = getattr(statement, member, None)
        if member == "log":
            if value is not None:
                yield Need(who="the new log key", key=parse_vkey(value).key.hex())
        elif value is not None:
            yield from _keys(_NEW_KEYS[member], value if member == "keys" else value.keys)
    if signed.registrar:
        yield Need(who="a registrar", office="registrar")


def _keys(what: str, keys: Iterable[str] | None) -> Iterator[Need]:
    return (Need(who=what, key=key) for key in keys or ())


# -- forms of section 4.1


def _in_forms(statement: Statement) -> Iterator[Need]:
    if isinstance(statement, Key):
        yield from _key_change(statement)
    elif isinstance(statement, Guardian):
        yield Need(who=f"the guardian {statement.parties.guardian or '(nobody is named)'}")
        yield Need(who="a registrar")
        yield Need(who=f"if the model {statement.parties.model} ever had a key: she, or the guardian until now")
    else:
        raise ValueError(f"a {statement.type} has no forms of signing")


def _key_change(statement: Key) -> Iterator[Need]:
    author, guardian = statement.parties.author, statement.parties.guardian
    if statement.keys is not None:
        first = "a registrar" + (f" and the guardian {guardian}" if guardian is not None else "")
        yield Need(who=f"enough recovery keys of {author}; or {first}, if it never had a key")
        yield from _keys("a new key", statement.keys)
    elif statement.add is not None:
        yield Need(who=f"a key that {author} has now")
        yield from _keys("an added key", [key for key in statement.add if key not in (statement.retire or ())])
    else:
        yield Need(who=f"a key that {author} has now, or a registrar")
    yield from _keys("a new recovery key", statement.recovery.keys if statement.recovery else None)
