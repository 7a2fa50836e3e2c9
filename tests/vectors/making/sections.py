"""Files section-<kind>.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.vectors.making.examples import FULL
from tests.vectors.making.mutations import Json, h, hs, lean, mutated, text

DESCRIPTION = "Still pictures of the autumn denim line for the brand's own web shop."
USE_TERMS = {
    "rights": ["likeness", "name"], "purposes": ["advertising", "ecommerce"], "description": DESCRIPTION,
    "products": ["501", "Café crème"], "categories": ["1072", "1075"], "categories_denied": ["1002", "x-fur"],
    "channels": ["display", "social"], "countries": ["AT", "DE"], "countries_excluded": ["CH", "LI"], "spill": 100,
    "starts": "2026-12-01T00:00:00Z", "ends": "2027-06-01T00:00:00Z", "late_window": 86400, "sell_off": 604800,
    "notice": 31536000, "caps": {"days": 90, "images": 40, "impressions": 1000000, "uses": 12},
    "overage": ["images", "uses"], "allow": ["background", "lighting"], "approve": ["hair", "pose"],
    "derivatives": "approve", "training": "own_twin", "approval": "each", "silence": 172800, "label": "both",
    "pay_first": "session", "overdue_limit": 30, "profile": "sag-aftra", "language": "pt-BR",
    "delivered": "2026-11-20T00:00:00Z", "advice": "counsel", "memo": h("memo"),
}  # fmt: skip
USE_OPTIONAL = (
    "products categories_denied countries_excluded spill late_window sell_off notice caps caps.days caps.images "
    "caps.impressions caps.uses overage allow approve derivatives training silence label pay_first overdue_limit "
    "profile memo"
)
CREATE_TERMS = {
    "description": DESCRIPTION, "methods": ["photo", "scan"], "starts": "2026-12-01T00:00:00Z",
    "ends": "2027-06-01T00:00:00Z", "delete_by": "2030-01-01T00:00:00Z", "training": "allow", "language": "en",
    "delivered": "2026-11-20T00:00:00Z", "advice": "none", "profile": "eu", "memo": h("memo"),
}  # fmt: skip
EXCLUSIVE = {
    "categories": ["1072", "1075"], "channels": ["display", "social"], "countries": ["AT", "DE"],
    "countries_excluded": ["CH", "LI"], "starts": "2026-12-01T00:00:00Z", "ends": "2027-06-01T00:00:00Z",
    "except": hs("brand", 2), "hold_off": 31536001, "notice": 31536001,
}  # fmt: skip
USAGE_TERMS = {
    "rights": ["likeness", "name"], "channels": ["display", "social"], "countries": ["AT", "DE"],
    "purpose": "advertising", "category": "x-leather", "starts": "2026-12-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z",
    "product": "501", "targeted": True, "manipulations": ["background", "pose"], "derivative_of": hs("original", 2),
    "training": False, "label": "visible", "units": {"days": 31, "images": 2, "impressions": 5000, "uses": 1},
}  # fmt: skip
FEES = [
    {"per": "flat", "amount": 250000},
    {"per": "day", "amount": 5000, "above": 0, "once": True},
    {"per": "mille", "tiers": [{"from": 0, "amount": 300}, {"from": 1000000, "amount": 200}]},
]
SPLITS = [
    {"payee": h("crew fund"), "kind": "crew", "parts": 1},
    {"payee": h("anna"), "kind": "model", "parts": 1000000, "gross_bp": 12200, "via": h("agency")},
]
CONSENT_MONEY = {"currency": "EUR", "fees": FEES, "splits": SPLITS, "due": {"from": "declared", "days": 30}}
REFERENCES = {
    "one sign": "0", "as long as may be": "K" * 35, "every sign": "AZ09/-?:().,'+",
    "not only not provided": "NOTPROVIDED1",
}  # fmt: skip
LINES = [{"for": h("usage 2"), "amount": 60}, {"for": h("usage 1"), "amount": 40}]


@dataclass(frozen=True)
class SectionKind:
    """``full`` has every member; ``optional`` those that may be left out (paths without array places)."""

    file: str
    statement: str
    section: str
    full: dict[str, Json]
    optional: str = ""
    valid: tuple[tuple[str, Json], ...] = ()
    malformed: tuple[tuple[str, dict[str, Json], str], ...] = ()


def money(instant: str | None) -> dict[str, Json]:
    times = {instant: "2026-12-01T00:00:00Z"} if instant else {}
    return {"currency": "EUR", "amount": 100, "lines": LINES, **times}


def fee(**members: Json) -> dict[str, Json]:
    return {"fees": [members]}


def tiers(*rows: tuple[int, int]) -> dict[str, Json]:
    return fee(per="image", tiers=[{"from": start, "amount": amount} for start, amount in rows])


def report(*rows: tuple[str, str, int]) -> list[dict[str, Json]]:
    return [{"channel": channel, "country": country, "impressions": number} for channel, country, number in rows]


WORLD_OR_COUNTRIES = (
    ("world-among-countries", {"countries": ["DE", "WORLD"]}, "countries[1]"),
    ("country-lower-case", {"countries": ["de"]}, "countries[0]"),
    ("country-of-three-letters", {"countries": ["DEU"]}, "countries[0]"),
    ("world-as-string", {"countries": "WORLD"}, "countries"),
)

SECTIONS = [
    SectionKind(
        "terms-of-use", "consent to use", "terms", USE_TERMS, USE_OPTIONAL,
        valid=(
            ("all categories, the world", {"categories": ["all"], "countries": ["WORLD"]}),
            ("codes that nobody knows", {"rights": ["smell"], "channels": ["telepathy"], "categories": ["9999"],
             "allow": ["time_travel"], "countries": ["ZZ"]}),
            ("ends before it starts: for the rules", {"ends": "2026-01-01T00:00:00Z"}),
            ("allowed and to be approved: for the rules", {"allow": ["pose"], "approve": ["pose"]}),
            ("overage without a cap: for the rules", {"caps": {"days": 0}, "overage": ["images"]}),
            ("description of 20 code points beyond the BMP", {"description": "\U0001f45a" * 20}),
            ("description of 4,000", {"description": "x" * 4000}),
            ("products in order of code points", {"products": ["\uffee", "\U0001f45a"]}),
            ("language with script and region", {"language": "zh-Hant-TW"}),
            ("language with variants and extensions", {"language": "sl-rozaj-1994-u-co-phonebk-x-1"}),
            ("private language", {"language": "x-whistled"}),
            ("code of 64 characters", {"allow": ["a" * 64]}),
        ),
        malformed=(
            ("description-of-19", {"description": "\U0001f45a" * 19}, "description"),
            ("description-of-4001", {"description": "x" * 4001}, "description"),
            ("notice-over-a-year", {"notice": 31536001}, "notice"),
            ("late_window-over-a-year", {"late_window": 31536001}, "late_window"),
            ("sell_off-over-a-year", {"sell_off": 31536001}, "sell_off"),
            ("caps-of-clicks", {"caps": {"clicks": 1}}, "caps.clicks"),
            ("overage-of-clicks", {"overage": ["clicks"]}, "overage[0]"),
            ("code-of-65-characters", {"allow": ["a" * 65]}, "allow[0]"),
            ("code-with-capital", {"rights": ["Likeness"]}, "rights[0]"),
            ("code-that-starts-with-hyphen", {"rights": ["-likeness"]}, "rights[0]"),
            ("products-in-order-of-utf-16", {"products": ["\U0001f45a", "\uffee"]}, "products[1]"),
            ("products-with-empty-string", {"products": [""]}, "products[0]"),
            ("language-with-underscore", {"language": "pt_BR"}, "language"),
            ("language-of-one-letter", {"language": "e"}, "language"),
            ("language-that-ends-in-hyphen", {"language": "en-"}, "language"),
            ("purpose-unknown", {"purposes": ["advertising", "politics"]}, "purposes[1]"),
            ("world-excluded", {"countries_excluded": ["WORLD"]}, "countries_excluded[0]"),
            *WORLD_OR_COUNTRIES,
        ),
    ),
    SectionKind("terms-of-creation", "consent to create", "terms", CREATE_TERMS, "delete_by training profile memo"),
    SectionKind(
        "exclusive", "consent to use", "exclusive", EXCLUSIVE, "countries_excluded except hold_off notice",
        valid=(("all categories, the world", {"categories": ["all"], "countries": ["WORLD"]}),
               ("512 others", {"except": hs("brand", 512)})),
        malformed=(("513-others", {"except": hs("brand", 513)}, "except"), *WORLD_OR_COUNTRIES),
    ),
    SectionKind(
        "terms-of-usage", "usage", "terms", USAGE_TERMS,
        "product targeted manipulations derivative_of training label units units.days units.images units.impressions "
        "units.uses",
        valid=(("the world", {"countries": ["WORLD"]}),
               ("units that are too low: for the rules", {"units": {"uses": 0}})),
        malformed=(("category-as-set", {"category": ["1072"]}, "category"),
                   ("units-of-clicks", {"units": {"clicks": 1}}, "units.clicks"), *WORLD_OR_COUNTRIES),
    ),
    SectionKind(
        "terms-of-report", "report", "terms",
        {"ends": "2027-01-01T00:00:00Z", "images": 3, "lines": report(("display", "AT", 1), ("display", "DE", 0))},
        "ends images",
        valid=(("nothing counted", {"lines": []}),
               ("rising", {"lines": report(("display", "DE", 3), ("social", "AT", 1))})),
        malformed=(
            ("lines-falling-by-channel", {"lines": report(("social", "AT", 1), ("display", "DE", 3))}, "lines[1]"),
            ("lines-falling-by-country", {"lines": report(("social", "DE", 1), ("social", "AT", 3))}, "lines[1]"),
            ("lines-repeated", {"lines": report(("social", "DE", 1), ("social", "DE", 3))}, "lines[1]"),
            ("line-for-the-world", {"lines": report(("social", "WORLD", 1))}, "lines[0].country"),
        ),
    ),
    SectionKind(
        "terms-of-approval", "approval", "terms",
        {"category": "1072", "channels": ["display", "social"], "countries": ["AT", "DE"]},
        "category channels countries", valid=(("the world", {"countries": ["WORLD"]}),), malformed=WORLD_OR_COUNTRIES,
    ),
    SectionKind(
        "money-of-consent", "consent to use", "money", CONSENT_MONEY,
        "fees.above fees.once fees.amount fees.tiers splits.gross_bp splits.via",
        valid=(
            *((f"per {per}", fee(per=per, amount=0)) for per in ("flat", "use", "image", "day", "month", "mille")),
            ("an overage", fee(per="use", amount=7, above=12)), ("one tier", tiers((0, 5))),
            ("32 fees", {"fees": [FEES[0]] * 32}),
            ("a payee twice: for the rules", {"splits": [SPLITS[0], SPLITS[0]]}),
            ("nothing transferred for a part", {"splits": [{**SPLITS[0], "gross_bp": 0}]}),
            *((f"due from {start}", {"due": {"from": start, "days": 0}}) for start in ("declared", "starts", "ends")),
        ),
        malformed=(
            ("33-fees", {"fees": [FEES[0]] * 33}, "fees"),
            ("fee-without-price", fee(per="use"), "fees[0]"),
            ("fee-with-amount-and-tiers", fee(per="use", amount=1, tiers=[{"from": 0, "amount": 1}]), "fees[0]"),
            ("tiers-not-from-0", tiers((1, 5)), "fees[0].tiers[0].from"),
            ("tiers-falling", tiers((0, 5), (9, 4), (8, 3)), "fees[0].tiers[2].from"),
            ("tiers-repeated", tiers((0, 5), (0, 4)), "fees[0].tiers[1].from"),
            ("per-week", fee(per="week", amount=1), "fees[0].per"),
            ("parts-zero", {"splits": [{**SPLITS[0], "parts": 0}]}, "splits[0].parts"),
            ("parts-over-limit", {"splits": [{**SPLITS[0], "parts": 1000001}]}, "splits[0].parts"),
            ("kind-licensee", {"splits": [{**SPLITS[0], "kind": "licensee"}]}, "splits[0].kind"),
            ("due-from-ruling", {"due": {"from": "ruling", "days": 0}}, "due.from"),
            ("currency-of-two-letters", {"currency": "EU"}, "currency"),
            ("from-spelt-with-underscore", {"due": {"from_": "ends", "days": 0}}, "due.from_"),
        ),
    ),
    SectionKind("money-of-mandate", "mandate", "money", {"commission_bp": 2000}),
    SectionKind(
        "money-of-payment", "payment", "money", money("settled_at"), "lines",
        valid=(("lines that do not add up: for the rules", {"amount": 1}),),
        malformed=(("amount-zero", {"amount": 0}, "amount"),
                   ("received_at", {"received_at": "2026-12-01T00:00:00Z"}, "received_at")),
    ),
    SectionKind(
        "money-of-receipt", "receipt", "money", money("received_at"), "lines",
        malformed=(("amount-zero", {"amount": 0}, "amount"),
                   ("settled_at", {"settled_at": "2026-12-01T00:00:00Z"}, "settled_at")),
    ),
    SectionKind(
        "money-of-adjustment", "adjustment that returns", "money", money(None), "lines",
        malformed=(("settled_at", {"settled_at": "2026-12-01T00:00:00Z"}, "settled_at"),),
    ),
    *(
        SectionKind(
            f"evidence-of-{name}", statement, "evidence", {"reference": "K0123", "sha256": h("file")}, "sha256",
            valid=tuple((what, {"reference": reference}) for what, reference in REFERENCES.items()),
        )
        for name, statement in (
            ("payment", "payment"), ("receipt", "receipt"), ("adjustment", "adjustment that returns"),
        )
    ),
    SectionKind(
        "evidence-of-dispute", "dispute", "evidence",
        {"where": "Zürich main station", "seen_at": "2026-12-01T00:00:00Z", "note": "on a wall\n", "sha256": h("file")},
        "where seen_at note sha256",
    ),
    SectionKind(
        "person", "party", "person", {"name": "Änne 李", "contact": "a@b.example", "born": "2001", "note": "x"},
        "name contact born note",
    ),
]  # fmt: skip


def section_files() -> Iterator[tuple[str, Json]]:
    statements = {one.name: text(one.value) for one in FULL}
    for kind in SECTIONS:
        optional = tuple(kind.optional.split())
        bare = {name: item for name, item in kind.full.items() if name not in optional}
        bare = bare or dict([*kind.full.items()][:1])  # never empty
        valid = [("everything", kind.full), ("nothing optional", bare)]
        valid += [(name, {**kind.full, **change}) for name, change in kind.valid]
        malformed = [
            case for case in mutated(kind.full, optional, ()) if not is_allowed(kind, case[0])
        ]
        malformed += [(name, {**kind.full, **change}, place) for name, change, place in kind.malformed]
        malformed += [("array-instead", [kind.full], ""), ("empty", {}, "")]
        yield f"section-{kind.file}", {
            "malformed": [
                {
                    "name": name, "value": lean(value, kind.full, optional),
                    "where": f"{kind.section}.{place}" if place and value else kind.section,
                }
                for name, value, place in malformed
            ],
            "section": kind.section,
            "statement": statements[kind.statement],
            "valid": [{"name": name, "value": value} for name, value in valid],
        }  # fmt: skip


def is_allowed(kind: SectionKind, name: str) -> bool:
    """Mutations that break nothing: a report may count nothing; codes may be unknown; language tags know no case."""
    return (kind.file, name) in {("terms-of-report", "lines-empty"), ("terms-of-use", "language-other-case"),
                                 ("terms-of-creation", "language-other-case")}  # fmt: skip
