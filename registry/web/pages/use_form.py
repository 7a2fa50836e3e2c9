"""A use as a form has it: what somebody has in mind under a consent, and the draft of a usage that is made of it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.drafting.drafts.templates import prefill, template
from registry.web.errors import fail
from registry.web.pages.form_fields import FormFields
from registry.web.pages.next_steps import consent_of, guardian_now
from registry.web.pages.reader_view import ReaderView
from verifier.base.canonical import Json
from verifier.base.strict import format_instant, is_hex64
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney, Terms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import CHANNELS, PLACEMENTS, PURPOSES

UNITS = ("images", "impressions", "days")
"""What a use may take up more of than its files and its dates say by themselves."""
_UNIT_OF = {"image": "images", "mille": "impressions", "day": "days"}
MOST_UNITS = 2**53 - 1


def units_of(view: ReaderView, consent: Entry[Consent], terms: Terms) -> tuple[str, ...]:
    """Those that a consent counts: it has a cap on them, or a fee for them that this reader may read."""
    money = view.context.section(consent, "money")
    priced = {_UNIT_OF.get(fee.per) for fee in money.fees} if isinstance(money, ConsentMoney) else set()
    return tuple(one for one in UNITS if one in terms.caps or one in priced)


def consent_under(view: ReaderView, id: str, party: str, role: str) -> Entry[Consent]:
    """The consent to a use with an id, which names a party in a role. Raises a problem."""
    entry = consent_of(view, id) if is_hex64(id) else None
    if entry is None or entry.statement.parties.role(role) != party or entry.statement.act != "use":
        raise fail("not_found", "no consent with this id names this party", "consent")
    return entry


def use_values(
    view: ReaderView, consent: Entry[Consent], terms: Terms, fields: FormFields
) -> dict[str, Json] | None:
    """The draft's values but for its files; None where a field is wrong, which ``fields`` then says."""
    window = fields.days("starts", "ends")
    values: dict[str, Json] = {
        **prefill("usage", consent.statement),
        **guardian_now(view, consent),
        "terms.rights": terms.rights,
        "terms.channels": fields.several("channels", CHANNELS),
        "terms.countries": fields.countries("countries"),
        "terms.placement": fields.chosen("placement", PLACEMENTS),
        "terms.purpose": fields.chosen("purpose", PURPOSES),
        "terms.targeted": fields.is_ticked("targeted"),
        "terms.label": terms.label,
    }
    categories = fields.categories("category")
    if len(categories) > 1:
        fields.fail("category", "form.one_category")
    units = {name: _units(fields, name) for name in units_of(view, consent, terms)}
    if fields.wrong or window is None:
        return None
    values |= {f"terms.units.{name}": count for name, count in units.items() if count is not None}
    values["terms.category"] = categories[0]
    values["terms.starts"], values["terms.ends"] = (format_instant(one.at) for one in window)
    return values


def _units(fields: FormFields, name: str) -> int | None:
    """How many, where something was typed: else its files and dates say it."""
    text = fields.text(name)
    if text and not (text.isascii() and text.isdecimal() and 0 < len(text) <= 16 and int(text) <= MOST_UNITS):
        fields.fail(name, "form.no_number")
        return None
    return int(text) if text else None


def use_draft(values: dict[str, Json], assets: Sequence[str]) -> str:
    """The draft of a usage of some files (SHA-256 in hex)."""
    return template("usage", {**values, "assets": sorted(assets)})
