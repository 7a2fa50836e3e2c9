"""Sections: the private parts of statements, member by member (protocol, section 4.3).

:func:`verifier.statements.parse.parse_section` is step 10 of a check: which members there are, their types and formats.
That takes in closed lists that the tables of section 4.3 spell out (purposes, labels, ``per``, ...), sets and the
arrays that must rise (a report's lines; tiers, from 0), numbers of items, ranges of single numbers, and alternatives (a
fee has ``amount`` or ``tiers``). Here is the line: what relates values to *other* values or to the header (starts <
ends, disjoint ``allow`` and ``approve``, ``overage`` within ``caps``, lines that add up, distinct payees that are the
header's, units that are too low), and whether a code of the rights, channels, categories, countries or manipulations is
a known one, is left to the rules that read it, which are UNKNOWN then (``bad_terms``).

Optional members have the protocol's defaults. Instants are POSIX seconds, amounts minor units, sets tuples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from verifier.base.errors import Malformed
from verifier.base.values import field, value
from verifier.statements.readers import (
    Code,
    Codes,
    Count,
    Countries,
    Country,
    Currency,
    Flag,
    Id,
    Ids,
    Instant,
    Positive,
    Reference,
    Territory,
    Text,
    Texts,
    array_of,
    choice,
    hex64,
    integer,
    map_of,
    matching,
    record,
    set_of,
    text_of,
)
from verifier.statements.vocabulary import PLACEMENTS, PROFILES, PURPOSES

MAX_PERIOD: Final = 31_536_000
"""Seconds (365 days) that ``late_window``, ``sell_off`` and ``notice`` may be long."""
MAX_FEES: Final = 32
MAX_AGAINST: Final = 64
MAX_DUE_DAYS: Final = 366
MAX_RUN_MONTHS: Final = 120
MAX_RUN_DAYS: Final = 3660
MAX_NAME: Final = 80
"""Code points of a party's name."""
MAX_PARTS: Final = 1_000_000
UNITS: Final = ("days", "images", "impressions", "uses")
"""What is counted: reported, and capped."""
FEES_PER: Final = ("day", "flat", "image", "mille", "month", "use", "value")
"""What a fee is charged for."""

_LANGUAGE = (  # RFC 5646, section 2.1: langtag or privateuse, without the irregular tags of old
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+)\Z"
)

Advice: TypeAlias = Annotated[str, choice(("counsel", "none", "union"))]
Description: TypeAlias = Annotated[str, text_of(20, 4000)]
Label: TypeAlias = Annotated[str, choice(("both", "marked", "none", "visible"))]
Language: TypeAlias = Annotated[
    str, matching(_LANGUAGE, "a language tag such as en or pt-BR (BCP 47)", re.ASCII | re.IGNORECASE)
]
Period: TypeAlias = Annotated[int, integer(0, MAX_PERIOD)]
Profile: TypeAlias = Annotated[str, choice(PROFILES)]
Training: TypeAlias = Annotated[str, choice(("allow", "none", "own_twin"))]
Numbers: TypeAlias = Annotated[Mapping[str, int], map_of(integer(), UNITS)]
DueDays: TypeAlias = Annotated[int, integer(0, MAX_DUE_DAYS)]
Placements: TypeAlias = Annotated[tuple[str, ...], set_of(choice(PLACEMENTS))]


@value
class Term:
    """How long: so many ``months`` (T5) or ``days``, one of them."""

    months: Annotated[int, integer(1, MAX_RUN_MONTHS)] | None = None
    days: Annotated[int, integer(1, MAX_RUN_DAYS)] | None = None

    def __post_init__(self) -> None:
        if (self.months is None) == (self.days is None):
            raise Malformed("has months or days, one of them")


# ---- terms


@value
class Terms:
    """``terms`` of a ``use`` consent: what may be done."""

    rights: Codes
    purposes: Annotated[tuple[str, ...], set_of(choice(PURPOSES))]
    description: Description
    products: Texts | None = None
    categories: Codes
    categories_denied: Codes = ()
    channels: Codes
    placements: Placements = PLACEMENTS
    countries: Territory
    countries_excluded: Countries = ()
    spill: Count = 0
    starts: Instant
    ends: Instant
    run: Annotated[Term, record(Term)] | None = None
    late_window: Period = 0
    sell_off: Period = 0
    notice: Period = 0
    caps: Numbers = field(default_factory=dict, hash=False)
    overage: Annotated[tuple[str, ...], set_of(choice(UNITS))] = ()
    allow: Codes = ()
    approve: Codes = ()
    derivatives: Annotated[str, choice(("allow", "approve", "none"))] = "none"
    training: Training = "none"
    approval: Annotated[Literal["none", "each"], choice(("each", "none"))]
    silence: Count | None = None
    label: Label = "none"
    pay_first: Annotated[str, choice(("none", "prepaid", "session"))] = "none"
    overdue_limit: Count | None = None
    profile: Profile | None = None
    language: Language
    delivered: Instant
    advice: Advice
    memo: Id | None = None


@value
class CreateTerms:
    """``terms`` of a ``create`` consent: how the twin is made."""

    description: Description
    methods: Annotated[tuple[str, ...], set_of(choice(("motion", "photo", "scan", "video", "voice")))]
    starts: Instant
    ends: Instant
    delete_by: Instant | None = None
    training: Training = "none"
    language: Language
    delivered: Instant
    advice: Advice
    profile: Profile | None = None
    memo: Id | None = None


@value
class Exclusive:
    """``exclusive`` of a ``use`` consent: what nobody else may do."""

    categories: Codes
    channels: Codes
    countries: Territory
    countries_excluded: Countries = ()
    starts: Instant
    ends: Instant
    except_: Ids = ()
    against: Annotated[tuple[str, ...], set_of(hex64, MAX_AGAINST)] | None = None
    hold_off: Count = 0
    notice: Count = 0
    release: Period | None = None


@value
class UsageTerms:
    """``terms`` of a usage: what is being done."""

    rights: Codes
    channels: Codes
    countries: Territory
    purpose: Annotated[str, choice(PURPOSES)]
    placement: Annotated[str, choice(PLACEMENTS)] = "paid"
    category: Code
    starts: Instant
    ends: Instant
    product: Text | None = None
    targeted: Flag = False
    manipulations: Codes = ()
    derivative_of: Ids = ()
    training: Flag = False
    label: Label = "none"
    units: Numbers = field(default_factory=dict, hash=False)


@value
class ReportLine:
    """Impressions on one channel in one country, since the usage began."""

    channel: Code
    country: Country
    impressions: Count


@value
class ReportTerms:
    """``terms`` of a report. ``lines`` is always there, but empty where nothing was counted in impressions."""

    ends: Instant | None = None
    images: Count | None = None
    value: Count | None = None
    lines: Annotated[tuple[ReportLine, ...], array_of(record(ReportLine), 0)]

    def __post_init__(self) -> None:
        places = [(line.channel, line.country) for line in self.lines]
        for i in range(1, len(places)):
            if places[i - 1] >= places[i]:
                raise Malformed("lines must rise strictly by channel, then country", f"lines[{i}]")


@value
class ApprovalTerms:
    """``terms`` of an approval: what it is limited to. None: not limited in that."""

    category: Code | None = None
    channels: Codes | None = None
    countries: Territory | None = None


# ---- money


@value
class Tier:
    """A price for the units from ``from_`` on."""

    from_: Count
    amount: Count


@value
class Fee:
    """A price per unit: one ``amount``, or ``tiers``, or of ``per: value`` a share ``bp`` (per 10,000).

    ``channels`` to ``purposes`` are its scope; None: any. From ``owed`` on the members are a flat fee's: when it
    arises.
    """

    per: Annotated[str, choice(FEES_PER)]
    amount: Count | None = None
    bp: Annotated[int, integer(1, 10_000)] | None = None
    above: Count = 0
    tiers: Annotated[tuple[Tier, ...], array_of(record(Tier), 1)] | None = None
    once: Flag = False
    channels: Codes | None = None
    countries: Territory | None = None
    placements: Placements | None = None
    purposes: Annotated[tuple[str, ...], set_of(choice(PURPOSES))] | None = None
    for_: Annotated[str, choice(("exclusive",))] | None = None
    owed: Annotated[str, choice(("break", "every", "on", "signed", "use"))] | None = None
    at: Instant | None = None
    months: Annotated[int, integer(1, MAX_RUN_MONTHS)] | None = None
    days: Annotated[int, integer(1, MAX_RUN_DAYS)] | None = None
    first: Instant | None = None
    due_days: DueDays | None = None
    rata: Flag = False
    recoup: Annotated[str, choice(("all", "period"))] | None = None

    def __post_init__(self) -> None:
        if (self.amount is None) + (self.tiers is None) + (self.bp is None) != 2:
            raise Malformed("a fee has an amount, tiers or bp, one of them")
        if (self.per == "value") != (self.bp is not None):
            raise Malformed("bp is the price of a fee per value, and of no other", "bp")
        for i, tier in enumerate(self.tiers or ()):
            if i == 0 and tier.from_ != 0:
                raise Malformed("the first tier is from 0", "tiers[0].from")
            if i > 0 and self.tiers is not None and self.tiers[i - 1].from_ >= tier.from_:
                raise Malformed("tiers must rise strictly by from", f"tiers[{i}].from")


@value
class Split:
    """A payee's parts of every fee; ``gross_bp`` is what is transferred for each 10,000 of them."""

    payee: Id
    kind: Annotated[str, choice(("agency", "crew", "levy", "maker", "model", "trust"))]
    parts: Annotated[int, integer(1, MAX_PARTS)]
    gross_bp: Count = 10_000
    via: Id | None = None


@value
class Due:
    """When a line falls due: ``days`` from an instant."""

    from_: Annotated[str, choice(("declared", "ends", "starts"))]
    days: DueDays


@value
class Break:
    """What the licensee's own revocation does: no dated line arises ``notice`` seconds after it was logged, or
    later.
    """

    notice: Period


@value
class ConsentMoney:
    """``money`` of a consent."""

    currency: Currency
    fees: Annotated[tuple[Fee, ...], array_of(record(Fee), 1, MAX_FEES)]
    splits: Annotated[tuple[Split, ...], array_of(record(Split), 1)]
    due: Annotated[Due, record(Due)]
    break_: Annotated[Break, record(Break)] | None = None


@value
class MandateMoney:
    """``money`` of a mandate: the agency's commission in hundredths of a per cent."""

    commission_bp: Count


@value
class MoneyLine:
    """The part of an amount that is for one usage, or for what the consent itself owes."""

    for_: Id
    amount: Count


MoneyLines: TypeAlias = Annotated[tuple[MoneyLine, ...], array_of(record(MoneyLine), 1)]


@value
class PaymentMoney:
    """``money`` of a payment."""

    currency: Currency
    amount: Positive
    settled_at: Instant
    lines: MoneyLines = ()


@value
class ReceiptMoney:
    """``money`` of a receipt."""

    currency: Currency
    amount: Positive
    received_at: Instant
    lines: MoneyLines = ()


@value
class AdjustmentMoney:
    """``money`` of an adjustment."""

    currency: Currency
    amount: Count
    lines: MoneyLines = ()


# ---- evidence, name and person


_SPACE = "\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
_NOT_IN_NAMES = (  # spelled out: what a library calls a control character may change
    "\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef\\ufeff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
)
_NAME = f"(?![{_SPACE}])[^{_NOT_IN_NAMES}]{{1,{MAX_NAME}}}(?<![{_SPACE}])\\Z"


@value
class Name:
    """``name`` of a party or key statement: what a party is called; ``public``: everybody may know it."""

    name: Annotated[
        str, matching(_NAME, f"1 to {MAX_NAME} code points without control or direction characters", re.UNICODE)
    ]
    public: Flag = False




@value
class BankEvidence:
    """``evidence`` of a payment, receipt or adjustment: the ``reference`` of one transfer."""

    reference: Reference
    sha256: Id | None = None


@value
class DisputeEvidence:
    """``evidence`` of a dispute."""

    where: Text | None = None
    seen_at: Instant | None = None
    note: Text | None = None
    sha256: Id | None = None


@value
class Person:
    """``person`` of any statement: all that identifies. No rule reads it."""

    name: Text | None = None
    contact: Text | None = None
    born: Text | None = None
    note: Text | None = None


Section: TypeAlias = (
    Terms | CreateTerms | Exclusive | UsageTerms | ReportTerms | ApprovalTerms | ConsentMoney | MandateMoney
    | PaymentMoney | ReceiptMoney | AdjustmentMoney | BankEvidence | DisputeEvidence | Name | Person
)  # fmt: skip
