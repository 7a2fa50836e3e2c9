"""Who reads what: one table, role x section x moment (protocol, section 8.2). All that tells a reader anything asks it.

A role is one in which a statement names the reader, or a ward of hers; rows add up. Three rights are no row, for they
turn on other statements than the one that is read: ``name``, others' exclusivity, and what a grant passes on
(:mod:`registry.readers.rights`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from verifier.statements.types import Adjustment, Approval, Consent, Key, Mandate, Party, Payment, Receipt, Report

from verifier.statements.types import Statement, Twin, Usage  # isort: skip


class Column(Enum):
    """What sections are told apart by."""

    PERSON = "a party's own person"
    NAME = "a party's name"
    MANDATE = "a mandate's money and person"
    MAKING = "terms and person of the making of a twin"
    MAKING_PRICE = "the money of the making of a twin"
    TERMS = "a consent's terms"
    PRICE = "a consent's money"
    EXCLUSIVE = "a consent's exclusivity"
    USE = "terms of usages, reports and approvals"
    PAID = "money and evidence of payments, receipts and adjustments"
    ELSEWHERE = "person and evidence elsewhere"


class Moment(Enum):
    """When a right holds, and of which statements."""

    ALWAYS = auto()
    SIGNED = auto()
    """Of what it signed itself."""
    OWN_LEG = auto()
    """Of transfers that it pays or is paid."""
    CREATE = auto()
    """Of what is paid for the making of a twin."""
    DISPUTED = auto()
    """From the first dispute under the consent on."""
    IN_FORCE = auto()
    """While its mandate is in force: from ``starts`` to the end by A2, or its revocation."""
    MAY_APPROVE = auto()
    """While its mandate is in force, and has the power to approve."""
    CONSENT_RUNS = auto()
    """While the consent is in force; later too if it declared a use under it."""


_ALL = tuple(one for one in Column if one not in (Column.PERSON, Column.NAME))
_DEAL = (Column.TERMS, Column.PRICE, Column.EXCLUSIVE, Column.USE, Column.PAID, Column.ELSEWHERE)


def _row(*columns: Column, **more: Moment) -> Mapping[Column, Moment]:
    return {**dict.fromkeys(columns, Moment.ALWAYS), **{Column[name]: moment for name, moment in more.items()}}


SUBLICENSEES: Final = "sublicensees"
"""The role of those whom a consent lists as such."""
MANDATED: Final = "mandated agency"
"""The role of an agency whom a statement does not name, and whose mandate from its model is in force."""
SIGNER: Final = "signer"
"""The role of whoever signed."""

TABLE: Final[Mapping[str, Mapping[Column, Moment]]] = {
    "model": _row(*_ALL),
    "licensee": _row(*_DEAL),
    "agency": _row(Column.MANDATE, *_DEAL),
    MANDATED: _row(TERMS=Moment.IN_FORCE, EXCLUSIVE=Moment.IN_FORCE, USE=Moment.MAY_APPROVE),
    SUBLICENSEES: _row(TERMS=Moment.CONSENT_RUNS, USE=Moment.CONSENT_RUNS),
    "sublicensee": _row(Column.USE),
    "maker": _row(Column.MAKING, Column.MAKING_PRICE, Column.ELSEWHERE, PAID=Moment.CREATE),
    "payees": _row(Column.TERMS, Column.PRICE, Column.MAKING_PRICE, Column.USE, PAID=Moment.OWN_LEG),
    "payee": _row(Column.PAID),
    "payer": _row(Column.PAID),
    "provider": _row(Column.PAID),
    "union": _row(Column.TERMS, Column.EXCLUSIVE, Column.USE),
    "arbiter": _row(**{one.name: Moment.DISPUTED for one in _DEAL}),
    "guardian": {},
    "controller": {},
    "author": {},
    SIGNER: _row(ELSEWHERE=Moment.SIGNED),
}
"""Role -> what it reads of the statements that name it in that role, and when. A guardian reads as her ward does."""


def column(statement: Statement, section: str) -> Column:
    """The column of one section of a statement."""
    match statement:
        case Party() | Key():
            return Column.NAME if section == "name" else Column.PERSON
        case Mandate():
            return Column.MANDATE
        case Twin():
            return Column.MAKING
        case Consent(act="create"):
            return Column.MAKING_PRICE if section == "money" else Column.MAKING
        case Consent():
            named = {"terms": Column.TERMS, "money": Column.PRICE, "exclusive": Column.EXCLUSIVE}
            return named.get(section, Column.ELSEWHERE)
        case Usage() | Report() | Approval():
            return Column.USE if section == "terms" else Column.ELSEWHERE
        case Payment() | Receipt() | Adjustment():
            return Column.PAID
    return Column.ELSEWHERE
