"""Whom a statement names: role -> party id (protocol, section 3). Who *must* be named is rule A0."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Final

from verifier.base.values import fields, value
from verifier.statements.readers import MAX_PAYEES, Id, hex64, set_of


@value
class Parties:
    """Role -> party id: everyone whom a statement concerns."""

    model: Id | None = None
    guardian: Id | None = None
    licensee: Id | None = None
    sublicensee: Id | None = None
    agency: Id | None = None
    maker: Id | None = None
    payer: Id | None = None
    payee: Id | None = None
    provider: Id | None = None
    union: Id | None = None
    arbiter: Id | None = None
    controller: Id | None = None
    author: Id | None = None
    payees: Annotated[tuple[str, ...], set_of(hex64, MAX_PAYEES)] = ()

    def role(self, name: str) -> str | None:
        """The party in one of the single roles."""
        if name not in ROLES:
            raise ValueError(f"{name} is not a role")
        party: str | None = getattr(self, name)
        return party

    def roles(self) -> dict[str, str]:
        """The single roles that are filled."""
        return {name: party for name, party in zip(ROLES, _SINGLE(self), strict=True) if party is not None}

    def ids(self) -> frozenset[str]:
        """Everyone named, payees too."""
        return frozenset((*_SINGLE(self), *self.payees)) - {None}


ROLES: Final = tuple(one.name for one in fields(Parties) if one.name != "payees")
_SINGLE: Final = attrgetter(*ROLES)
NOBODY: Final = Parties()
