"""Who must sign a statement, in words (protocol, sections 4 and 4.1), read off the table of kinds.

A header does not tell all: whose keys are live only the registry can say (rule A1), and so for some parties whether
there is a guardian. A dry run knows, and hands in what it :class:`Known`; without that a need names its condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, assert_never

from verifier.log.note import parse_vkey
from verifier.programs.language import english
from verifier.statements.kinds import SignedBy, SignedInForms, SignedWith, SigningRole, kind_of, signing_roles
from verifier.statements.types import Guardian, Key, Statement
from verifier.words.catalogue import Catalogue


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
    """Somebody who signs. ``party`` is None where nobody is named, as for the agency of a ``mandate`` not shown.

    Two conditions that the header leaves open: ``keyed``, she signs only if she has live keys; ``ward``, while a
    guardian is live for her, the guardian signs for her, and where all must sign so does she if she has keys.
    """

    role: str
    party: str | None
    keyed: bool = False
    ward: bool = False
    stops: bool = False
    mandate: str | None = None

    def say(self, words: Catalogue) -> str:
        """Who it is, and on which condition."""
        role = words.code("role", self.role)
        if self.mandate is not None:
            return words.say("signer.agency_of", mandate=self.mandate)
        if self.party is None:
            return words.say("signer.nobody", role=role)
        who = words.say("signer.party", role=role, party=self.party)
        if self.keyed:
            return words.say("signer.if_keyed", who=who)
        if not self.ward:
            return who
        return words.say("signer.or_guardian" if self.stops else "signer.of_a_ward", who=who)


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


def needed(
    statement: Statement, known: Known | None = None, words: Catalogue | None = None
) -> tuple[Need, ...]:
    """Everyone who must sign, and nobody else may; in English, unless other ``words`` are given."""
    words = words or english()
    signed = kind_of(statement).signed
    match signed:
        case SignedBy():
            return tuple(_by_parties(statement, signed, known, words))
        case SignedWith():
            return tuple(_with_keys(statement, signed, words))
        case SignedInForms():
            return tuple(_in_forms(statement, words))
        case _:
            assert_never(signed)


# -- parties that sign by their live keys


def _by_parties(
    statement: Statement, signed: SignedBy, known: Known | None, words: Catalogue
) -> Iterator[Need]:
    under: str | None = getattr(statement, "under", None)
    if under is not None and kind_of(statement).power is not None:
        yield _need((((_agency(statement, under, known),),),), words)
        return
    sides = [_side(statement, one, signed.how == "one", known) for one in signing_roles(statement)]
    match signed.how if len(sides) > 1 or signed.how == "one" else "all":
        case "all" | "first":
            for group in (group for side in sides for group in side):
                yield _need(((group,),), words)
        case "one":
            every = tuple(signatory for side in sides for group in side for signatory in group)
            yield _need(((every,),), words)
        case "some":
            yield _need(tuple(sides), words)
        case "side":
            yield _need(tuple(sides), words, either=True)
        case never:
            assert_never(never)


def _agency(statement: Statement, under: str, known: Known | None) -> Signatory:
    """The agency of the mandate, which is named as ``author`` where it has no other role."""
    agency = known.agency_of(under) if known is not None else statement.parties.author
    return Signatory(role="agency", party=agency, mandate=under if agency is None else None)


def _side(statement: Statement, signer: SigningRole, stops: bool, known: Known | None) -> Side:
    """A party, with her guardian where there is one or may be one."""
    party = statement.parties.role(signer.role)
    alone = Signatory(role=signer.role, party=party)
    if party is None:
        return ((alone,),)
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


def _need(sides: tuple[Side, ...], words: Catalogue, *, either: bool = False) -> Need:
    or_ = words.say("signer.or")
    said = [words.and_.join(or_.join(one.say(words) for one in group) for group in side) for side in sides]
    if either and len(said) > 1:
        return Need(who=words.say("signer.either", sides=or_.join(said)), sides=sides, either=True)
    return Need(who=or_.join(said), sides=sides)


# -- keys that a statement itself names, the registry's and a registrar's


def _with_keys(statement: Statement, signed: SignedWith, words: Catalogue) -> Iterator[Need]:
    if signed.registry:
        yield Need(who=words.say("signer.log_key"), office="registry")
    for member in signed.new:
        value = getattr(statement, member, None)
        if member == "log":
            if value is not None:
                yield Need(who=words.say("signer.new_log_key"), key=parse_vkey(value).key.hex())
        elif value is not None:
            keys = value if member == "keys" else value.keys
            yield from _keys(words.say("signer.keys" if member == "keys" else "signer.recovery"), keys)
    if signed.registrar:
        yield Need(who=words.say("signer.registrar"), office="registrar")


def _keys(what: str, keys: Iterable[str] | None) -> Iterator[Need]:
    return (Need(who=what, key=key) for key in keys or ())


# -- forms of section 4.1


def _in_forms(statement: Statement, words: Catalogue) -> Iterator[Need]:
    if isinstance(statement, Key):
        yield from _key_change(statement, words)
    elif isinstance(statement, Guardian):
        yield Need(who=Signatory(role="guardian", party=statement.parties.guardian).say(words))
        yield Need(who=words.say("signer.registrar"))
        yield Need(who=words.say("signer.until_now", model=str(statement.parties.model)))
    else:
        raise ValueError(f"a {statement.type} has no forms of signing")


def _key_change(statement: Key, words: Catalogue) -> Iterator[Need]:
    author, guardian = str(statement.parties.author), statement.parties.guardian
    if statement.keys is not None:
        if guardian is None:
            yield Need(who=words.say("signer.recover", author=author))
        else:
            yield Need(who=words.say("signer.recover_ward", author=author, guardian=guardian))
        yield from _keys(words.say("signer.new_key"), statement.keys)
    elif statement.add is not None:
        yield Need(who=words.say("signer.key_now", author=author))
        added = [key for key in statement.add if key not in (statement.retire or ())]
        yield from _keys(words.say("signer.added_key"), added)
    else:
        yield Need(who=words.say("signer.key_now_or_registrar", author=author))
    yield from _keys(words.say("signer.new_recovery"), statement.recovery.keys if statement.recovery else None)
