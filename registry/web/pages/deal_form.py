"""A deal as a form has it, and the draft of a consent that is made of it.

A deal begins empty, with an earlier one or with an AdCP message; what the form has no field for is kept as it is there
(``base``), and the form's own fields lie over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.drafting.drafts.currencies import format_amount, parse_amount
from registry.drafting.drafts.templates import template
from registry.drafting.drafts.words import fee_in_words
from registry.drafting.memo.render import LANGUAGES
from registry.intake.submission import Submission
from registry.readers.disclosing import Reading
from registry.service import Service
from registry.web.pages import category_names
from registry.web.pages.atoms import Person
from registry.web.pages.form_fields import PER, FormFields, typed_amount, typed_countries, typed_day
from registry.web.pages.next_steps import guardian_of
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.viewing import Viewing
from verifier.base.canonical import Json
from verifier.base.currencies import EXPONENTS
from verifier.base.strict import format_instant, parse_instant
from verifier.base.values import value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import holds
from verifier.statements.envelope import parse_envelope
from verifier.statements.types import Mandate, Twin
from verifier.statements.vocabulary import CHANNELS, PURPOSES, RIGHTS

ADVICE = ("counsel", "union", "none")
APPROVAL = ("each", "none")
FOLLOWS = ("new", "renews", "replaces")
SEVERAL = ("channels", "purposes", "rights")
"""Fields that may be given several times."""
FIRST = {
    "rights": ["likeness"], "approval": ["each"], "per": ["use"], "due_days": ["30"],
    "advice": ["none"], "currency": ["EUR"], "share": ["20"], "follows": ["new"],
}  # fmt: skip
"""What an empty form begins with, besides a memo in the language of the page."""
NUMBER = 6
"""Digits of a whole number."""

Base = Mapping[str, Json]
"""Values of a draft by path, as :func:`registry.drafting.drafts.templates.template` takes them."""


@value
class TwinChoice:
    """A twin of a model of this agency's; ``collects``: by the mandate it collects her money."""

    twin: str
    model: Person
    mandate: str
    collects: bool


def twins_of(service: Service, view: ReaderView, agency: str) -> tuple[TwinChoice, ...]:
    """The twins of all whose mandates with this agency are in force; the newest mandate of each counts."""
    models = view.rights.models()
    mandates: dict[str, Mandate] = {}
    for entry in service.readers.contracts(agency):
        statement, model = entry.statement, entry.statement.parties.model
        if not isinstance(statement, Mandate) or statement.parties.agency != agency or model not in models:
            continue
        if statement.starts <= view.now < statement.ends:
            mandates[str(model)] = statement
    found = []
    for model, mandate in mandates.items():
        for entry in view.but_uses(model):
            if holds(entry, Twin) and view.context.standing(entry).standing is Standing.GOOD:
                person = view.person(model, "model")
                assert person is not None
                collects = "collect" in mandate.powers
                found.append(
                    TwinChoice(twin=entry.statement.id, model=person, mandate=mandate.id, collects=collects)
                )
    return tuple(sorted(found, key=lambda one: (one.model.name or "", one.twin)))


def earlier_deal(service: Service, view: ReaderView, id: str) -> Submission | None:
    """A consent that was logged, with the sections that this reader may read."""
    found = service.entry(id)
    if found is None:
        return None
    reading = Reading(view.rights)
    names = [name for name in sorted(found.disclosures) if reading.gives(found.entry.statement, name)]
    reading.note(service.readers)
    shown = tuple(found.disclosures[name] for name in names)
    return Submission(payload=parse_envelope(found.leaf).payload, signatures=(), disclosures=shown)


# ---- from a draft's values to fields


def fields_from(base: Base, look: Viewing) -> dict[str, list[str]]:
    """What the form is filled in with, of a deal that is like another."""
    found: dict[str, list[str]] = {}
    for field, path in (
        ("twin", "twin"), ("brand", "parties.licensee"), ("description", "terms.description"),
        ("approval", "terms.approval"), ("language", "terms.language"), ("advice", "terms.advice"),
        ("currency", "money.currency"), ("due_days", "money.due.days"),
    ):  # fmt: skip
        if path in base:
            found[field] = [str(base[path])]
    for follows in FOLLOWS:
        if follows in base:
            found["follows"] = [follows]
    for name in SEVERAL:
        if f"terms.{name}" in base:
            found[name] = [str(one) for one in _listed(base, f"terms.{name}")]
    if "terms.countries" in base:
        found["countries"] = [typed_countries(map(str, _listed(base, "terms.countries")), look)]
    if "terms.categories" in base:
        typed = (category_names.typed(str(one), look.words.language) for one in _listed(base, "terms.categories"))
        found["categories"] = [", ".join(typed)]
    for name in ("starts", "ends"):
        if base.get(f"terms.{name}"):
            found[name] = [typed_day(parse_instant(str(base[f"terms.{name}"])), look)]
    if any(path.startswith("exclusive.") for path in base):
        found["exclusive"] = ["yes"]
    fees = _listed(base, "money.fees")
    if len(fees) == 1 and fees[0].keys() == {"per", "amount"} and fees[0]["per"] in PER:
        found |= {"per": [str(fees[0]["per"])], "amount": [typed_amount(str(fees[0]["amount"]), look)]}
    splits = _listed(base, "money.splits")
    total = sum(int(one["parts"]) for one in splits)
    shares = [int(one["parts"]) for one in splits if one["kind"] == "agency"]
    if total and sum(shares) * 100 % total == 0:
        found["share"] = [str(sum(shares) * 100 // total)]
    return found


def _listed(base: Base, path: str) -> list[Any]:
    value = base.get(path)
    return list(value) if isinstance(value, list | tuple) else []


def kept_fees(base: Base, look: Viewing) -> tuple[str, ...]:
    """The fees of an earlier deal that the form's fields cannot say, in words: they stay where no amount is given."""
    fees = _listed(base, "money.fees")
    if len(fees) == 1 and fees[0].keys() == {"per", "amount"}:
        return ()
    currency = str(base.get("money.currency", ""))
    return tuple(fee_in_words(_in_minor(fee), currency, look.words) for fee in fees)


def _in_minor(fee: Mapping[str, Any]) -> dict[str, Any]:
    """A fee with its amounts as a statement has them."""
    found = {name: parse_amount(one)[0] if name == "amount" else one for name, one in fee.items()}
    return {**found, "tiers": [_in_minor(tier) for tier in fee["tiers"]]} if "tiers" in fee else found


# ---- from fields to a draft


def draft_of(view: ReaderView, fields: FormFields, twins: tuple[TwinChoice, ...], base: Base) -> str | None:
    """The draft; None where a field is wrong, which ``fields`` then says."""
    chosen = fields.chosen("twin", [one.twin for one in twins])
    twin = next((one for one in twins if one.twin == chosen), None)
    brand = fields.id("brand")
    values = {**_parties(view, twin, brand), **_terms(view, fields), **_money(fields, twin, view, base)}
    if fields.wrong or twin is None:
        return None
    kept = {path: one for path, one in base.items() if not path.startswith(("exclusive.", "parties."))}
    if fields.is_ticked("exclusive"):
        kept |= {path: one for path, one in base.items() if path.startswith("exclusive.")}
        values |= {f"exclusive.{name}": values[f"terms.{name}"] for name in ("starts", "ends")}
        for name in ("categories", "channels", "countries"):
            if f"exclusive.{name}" not in base:
                values[f"exclusive.{name}"] = values[f"terms.{name}"]
    if "terms.memo" in kept:
        del kept["terms.memo"]
    return template("consent", {**kept, **values})


def _parties(view: ReaderView, twin: TwinChoice | None, brand: str) -> dict[str, Json]:
    if twin is None:
        return {}
    return {
        "registry": view.record.genesis,
        "twin": twin.twin,
        "under": twin.mandate,
        "parties.model": twin.model.party,
        "parties.agency": view.reader.party,
        "parties.licensee": brand,
        "parties.guardian": guardian_of(view, twin.model.party),
    }


def _terms(view: ReaderView, fields: FormFields) -> dict[str, Json]:
    window = fields.days("starts", "ends")
    description = fields.needed("description")
    if description and len(description) < 20:
        fields.fail("description", "form.too_short")
    found: dict[str, Json] = {
        "terms.description": description,
        "terms.rights": fields.several("rights", RIGHTS),
        "terms.purposes": fields.several("purposes", PURPOSES),
        "terms.categories": fields.categories("categories"),
        "terms.channels": fields.several("channels", CHANNELS),
        "terms.countries": fields.countries("countries"),
        "terms.approval": fields.chosen("approval", APPROVAL),
        "terms.language": fields.chosen("language", LANGUAGES),
        "terms.advice": fields.chosen("advice", ADVICE),
        "terms.delivered": format_instant(view.now),
    }
    if window is not None:
        found["terms.starts"], found["terms.ends"] = (format_instant(one.at) for one in window)
    return found


def _money(fields: FormFields, twin: TwinChoice | None, view: ReaderView, base: Base) -> dict[str, Json]:
    currency = fields.chosen("currency", EXPONENTS)
    found: dict[str, Json] = {
        "money.currency": currency, "money.due.from": "declared", "money.due.days": _number(fields, "due_days", 3_650),
    }  # fmt: skip
    if "money.due.from" in base:
        found["money.due.from"] = base["money.due.from"]
    if fields.text("amount") or not base.get("money.fees"):
        amount = fields.amount("amount", currency) if currency in EXPONENTS else None
        per = fields.chosen("per", PER)
        if amount is not None:
            found["money.fees"] = [{"per": per, "amount": format_amount(amount.amount, currency)}]
    share = _number(fields, "share", 99)
    if twin is not None:
        found |= _splits(twin, share, view.reader.party)
    return found


def _splits(twin: TwinChoice, share: int, agency: str) -> dict[str, Json]:
    """Who is paid: the model, and the agency its share of a hundred."""
    via = {"via": agency} if twin.collects else {}
    hers = {"payee": twin.model.party, "kind": "model", "parts": 100 - share, **via}
    theirs = [{"payee": agency, "kind": "agency", "parts": share}] if share else []
    return {
        "money.splits": [hers, *theirs],
        "parties.payees": sorted({twin.model.party, *([agency] if share else [])}),
    }


def _number(fields: FormFields, name: str, most: int) -> int:
    text = fields.needed(name)
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or len(text) > NUMBER or int(text) > most:
        fields.fail(name, "form.no_number")
        return 0
    return int(text)
