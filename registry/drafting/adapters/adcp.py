"""AdCP ``acquire_rights`` messages → members of a draft consent (Ad Context Protocol, Brand Protocol, Apache-2.0).

A response that says ``acquired`` has agreed ``terms`` and, mostly, a ``rights_constraint`` made from them; a request
has a ``campaign`` and no price. What both leave open (channels, product categories, who is paid) is for a person, and
so is whatever can only be said in words. Where a message says one thing twice, the draft takes the stricter.

    uses                      terms.rights
    countries, excluded_...   terms.countries, countries_excluded   (a constraint without countries: the whole world)
    start_date .. end_date    terms.starts, ends                    (the last day is included: ends is its midnight)
    amount, currency, period  money.currency, fees                  (weekly, monthly, quarterly, annual: flat, owed so
                              often; one_time and flat: flat, owed when it is signed; daily: day, counted once where
                              several uses run; cpm: mille; not told: to be filled in)
    impression_cap            terms.caps.impressions                (over the whole consent)
    overage_cpm               terms.overage, a fee per mille above the cap
    exclusivity               exclusive
    creative_approval_...     terms.approval
    disclosure.required       terms.label = visible
    descriptions, scope, restrictions, disclosure.text              word for word in terms.description
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from registry.drafting.adapters.foreign import ForeignError, MappingNote, Members, describe, parse_foreign
from registry.drafting.adapters.jcs import digest
from registry.drafting.adapters.wrappers import unwrap
from verifier.base.canonical import Json
from verifier.base.currencies import EXPONENTS
from verifier.base.errors import KembarError
from verifier.base.strict import MAX_INTEGER, format_instant, parse_instant
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, RIGHTS

DAY = 86_400
MAX_DESCRIPTION = 4_000

_SECRETS = "an address or a secret of the systems that talked: no part of a consent, not copied"
_ATTESTED = "AdCP's own attestation of the grant: not checked and not copied; a consent is signed by her own key"
_NOT_PINNED = ("content_digest", "attestation_refs", "verification_url")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))\Z", re.ASCII)
_EVERY = {
    "weekly": {"days": 7}, "monthly": {"months": 1}, "quarterly": {"months": 3}, "annual": {"months": 12},
}  # fmt: skip
"""Billing periods as a flat fee that is owed every so often: AdCP's price is for the grant, whatever runs under it."""
_UNIT = ("model", "pricing_model", "unit", "price_unit", "rate_type")
"""Members that say what a price is the price of."""
_PER_MILLE = frozenset({"cpm", "vcpm", "mille", "per_mille", "per_thousand", "thousand_impressions"})
_FLAT = frozenset({"flat", "flat_rate", "one_time"})


class AdcpError(ForeignError):
    """A message that cannot be read, or from which no consent can be drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a message gives for a draft consent to a use: members in the protocol's spelling (PROTOCOL, section 4.3).

    ``exclusive`` is ``None`` where nothing exclusive was agreed. ``missing`` names required members that the message
    does not give (``terms.channels``); ``notes`` say what was decided here or could not be mapped.
    """

    kind: Literal["request", "response"]
    terms: dict[str, Json]
    money: dict[str, Json]
    exclusive: dict[str, Json] | None
    missing: tuple[str, ...]
    notes: tuple[MappingNote, ...]


def parse_acquire_rights(data: bytes, now: int | None = None) -> Drafted:
    """Read a message, bare or wrapped (``wrappers.py``). ``now``, POSIX seconds, is for saying that its term is over.

    Raises :class:`AdcpError`.
    """
    try:
        value = unwrap(parse_foreign(data))
        if not isinstance(value, dict):
            raise ForeignError("must be an object")
        message = Members(value, "", [])
        if "campaign" in value:
            return _request(message, now)
        return _response(message, now)
    except KembarError as error:
        raise AdcpError(error.message, error.where) from None


# ---- the two messages


def _response(message: Members, now: int | None) -> Drafted:
    _check_acquired(message)
    agreed = message.members("terms")
    if agreed is None:
        raise ForeignError("is no acquire_rights message with terms: it has neither terms nor a campaign")
    constraint = message.members("rights_constraint") or Members({}, message.at("rights_constraint"), message.notes)
    _check_live(constraint)
    _check_digest(constraint)
    message.aside("who the model is: choose parties.model", "brand_id")
    message.aside(_SECRETS, "generation_credentials", "usage_reporting_url")
    draft = _Draft(message)
    draft.reference(message.text("rights_id"), agreed.text("pricing_option_id"))
    draft.rights(agreed, constraint)
    draft.territory(agreed, constraint)
    draft.term(agreed, constraint, now)
    draft.channels(agreed, constraint)
    draft.price(agreed, constraint)
    draft.exclusivity(agreed.members("exclusivity"))
    draft.conditions(message, constraint)
    constraint.aside(_ATTESTED, "rights_id", "rights_agent", "rights_holder", "attestation_refs", "verification_url")
    for one in (agreed, constraint, message):
        one.close()
    return draft.close("response")


def _request(message: Members, now: int | None) -> Drafted:
    campaign = message.members("campaign")
    if campaign is None:
        raise message.wrong("campaign", "must be an object")
    nothing = Members({}, "", message.notes)
    draft = _Draft(message)
    draft.say(campaign.text("description"))
    draft.reference(message.text("rights_id"), message.text("pricing_option_id"))
    draft.rights(campaign, nothing)
    draft.territory(campaign, nothing)
    draft.term(campaign, nothing, now)
    draft.channels(campaign, nothing)
    draft.missing.update({"money.currency", "money.fees", "terms.approval"})
    message.aside("who the licensee is: choose parties.licensee", "buyer")
    message.aside(_SECRETS, "revocation_webhook", "push_notification_config", "idempotency_key")
    campaign.aside("what is made: a hint for terms.channels, which AdCP does not name", "format_kinds", "format_ids")
    campaign.aside("an estimate, not a cap", "estimated_impressions")
    message.note("campaign", "a request names no price: money is to be filled in")
    for one in (campaign, message):
        one.close()
    return draft.close("request")


def _check_acquired(message: Members) -> None:
    """Terms are agreed only in a response that says so."""
    if message.value.get("errors"):
        raise message.wrong("errors", "the rights agent answered with errors: no terms were agreed")
    name = "rights_status" if message.value.get("rights_status") is not None else "status"
    said = message.text(name)
    if said not in (None, "acquired"):
        why = message.text("detail") or message.text("reason")
        more = f": {describe(why)}" if why else ""
        raise message.wrong(name, f"the rights were not acquired ({describe(said)}){more}. No terms were agreed yet")
    if said is None and message.value.get("terms") is not None:
        message.note("rights_status", "the message does not say that the rights were acquired")


def _check_live(constraint: Members) -> None:
    if (said := constraint.text("approval_status")) not in (None, "approved"):
        raise constraint.wrong("approval_status", f"the rights holder has not approved the grant ({describe(said)})")
    if (said := constraint.text("grant_status")) not in (None, "active"):
        raise constraint.wrong("grant_status", f"the grant is not active ({describe(said)})")
    if constraint.text("right_type") not in (None, "talent"):
        raise constraint.wrong("right_type", "only rights of a person (talent) can be drafted as her consent")


def _check_digest(constraint: Members) -> None:
    """The digest that pins a grant is of the grant that stands beside it (AdCP, rights-constraint)."""
    said = constraint.text("content_digest")
    if said is None:
        return
    found = digest(constraint.value, _NOT_PINNED)
    if said != found:
        raise constraint.wrong(
            "content_digest", f"is {describe(said)}, and that of this grant is {found}: something was changed"
        )
    constraint.note("content_digest", "is that of this grant: it was recomputed")


# ---- the draft


class _Draft:
    """Members as they are gathered; ``words`` end in the description."""

    def __init__(self, message: Members) -> None:
        self.notes = message.notes
        self.terms: dict[str, Json] = {}
        self.money: dict[str, Json] = {}
        self.exclusive: dict[str, Json] | None = None
        self.missing = {
            "money.due", "money.splits", "terms.advice", "terms.categories", "terms.channels", "terms.delivered",
            "terms.language",
        }  # fmt: skip
        self.words: list[str] = []
        self.starts: int | None = None
        self.ends: int | None = None

    def close(self, kind: Literal["request", "response"]) -> Drafted:
        self.terms["purposes"] = ["advertising"]
        self.notes.append(MappingNote(where="terms.purposes", text="AdCP is about advertising: drafted so"))
        description = " ".join(self.words)
        if len(description) > MAX_DESCRIPTION:
            description = description[: MAX_DESCRIPTION - 1] + "…"
            text = f"the message's words were cut to {MAX_DESCRIPTION:,} characters: say it shorter"
            self.notes.append(MappingNote(where="terms.description", text=text))
        self.terms["description"] = description
        return Drafted(
            kind=kind,
            terms=dict(sorted(self.terms.items())),
            money=dict(sorted(self.money.items())),
            exclusive=self.exclusive,
            missing=tuple(sorted(self.missing)),
            notes=tuple(self.notes),
        )

    def say(self, words: str | None, before: str = "") -> None:
        """Words that no code stands for: a person reads them in the description."""
        if words is not None and (plain := " ".join(words.split())):
            self.words.append(before + plain + ("" if plain[-1] in ".!?" else "."))

    def reference(self, rights_id: str | None, option: str | None) -> None:
        self.say(f"AdCP rights {rights_id or 'without an id'}, pricing option {option or 'not named'}")

    # -- what may be done

    def rights(self, agreed: Members, constraint: Members) -> None:
        said, bound = agreed.texts("uses"), constraint.texts("uses")
        if said is None:
            raise agreed.wrong("uses", "is missing: which rights were acquired?")
        wanted = set(said)
        if bound is not None and set(bound) != wanted:
            constraint.note("uses", "differs from terms.uses: only what stands in both is drafted")
            wanted &= set(bound)
        for unknown in sorted(wanted - RIGHTS):
            agreed.note("uses", f"{describe(unknown)} is not a right that Kembar knows: left out")
        if not wanted & RIGHTS:
            raise agreed.wrong("uses", "names no right that a consent can grant")
        self.terms["rights"] = sorted(wanted & RIGHTS)

    def territory(self, agreed: Members, constraint: Members) -> None:
        stated = [(one, found) for one in (agreed, constraint) if (found := one.texts("countries")) is not None]
        excluded = {country for one in (agreed, constraint) for country in one.texts("excluded_countries") or ()}
        for one in (agreed, constraint):
            if not set(one.texts("excluded_countries") or ()) <= COUNTRIES:
                raise one.wrong("excluded_countries", "names something that is no ISO 3166-1 country")
        if stated:
            allowed = set.intersection(*[set(_countries(one, found)) for one, found in stated])
            if not allowed - excluded:
                raise stated[-1][0].wrong("countries", "leave no country in which the rights could be used")
            self.terms["countries"] = sorted(allowed)
        elif constraint.value:
            self.terms["countries"] = ["WORLD"]
            constraint.note("countries", "is absent, which AdCP reads as the whole world: drafted so")
        else:
            self.missing.add("terms.countries")
        if excluded:
            self.terms["countries_excluded"] = sorted(excluded)

    def channels(self, agreed: Members, constraint: Members) -> None:
        """Channels where a message limits them: what stands in all lists, less what is excluded."""
        stated = [(one, found) for one in (agreed, constraint) if (found := one.texts("channels")) is not None]
        out = {channel for one in (agreed, constraint) for channel in one.texts("excluded_channels") or ()}
        if not stated:
            if out:
                agreed.note("excluded_channels", f"choose terms.channels without {describe([*sorted(out)])}")
            return
        wanted = set.intersection(*[set(found) for _, found in stated]) - out
        one = stated[0][0]
        for unknown in sorted(wanted - CHANNELS):
            one.note("channels", f"{describe(unknown)} is not a channel that Kembar knows: left out")
        if not wanted & CHANNELS:
            raise one.wrong("channels", "leave no channel in which the rights could be used")
        self.terms["channels"] = sorted(wanted & CHANNELS)
        self.missing.discard("terms.channels")

    def term(self, agreed: Members, constraint: Members, now: int | None) -> None:
        begun = (_date(agreed, "start_date"), _moment(constraint, "valid_from"))
        starts = [found for found in begun if found is not None]
        last = _date(agreed, "end_date")
        until = _moment(constraint, "valid_until")
        ends = [found + more for found, more in ((last, DAY), (until, 1)) if found is not None]
        self.starts, self.ends = max(starts, default=None), min(ends, default=None)
        if self.starts is not None and self.ends is not None and self.starts >= self.ends:
            raise agreed.wrong("end_date", "the term ends before it begins")
        if now is not None and self.ends is not None and self.ends <= now:
            over = f"the term is over since {format_instant(self.ends)}: a consent drafted so allows nothing any more"
            (agreed if last is not None else constraint).note("end_date" if last is not None else "valid_until", over)
        for name, instant in (("starts", self.starts), ("ends", self.ends)):
            if instant is None:
                self.missing.add(f"terms.{name}")
            else:
                self.terms[name] = format_instant(instant)
        if len(set(starts)) > 1 or len(set(ends)) > 1:
            constraint.note("valid_from", "the dates differ from those of the terms: the shorter term is drafted")

    def conditions(self, message: Members, constraint: Members) -> None:
        """Approval, label and restrictions, which a response states at its top, in its constraint, or in both."""
        asked = constraint.flag("creative_approval_required")
        hook = message.value.get("approval_webhook") is not None
        message.aside(_SECRETS, "approval_webhook")
        if asked or (asked is None and hook):
            self.terms["approval"] = "each"
            if asked is None:
                message.note("approval_webhook", "creatives are sent for approval: drafted as approval of each file")
        elif asked is None:
            self.missing.add("terms.approval")
        else:
            self.terms["approval"] = "none"
        restrictions: dict[str, None] = {}
        texts: dict[str, None] = {}
        required = False
        for one in (message, constraint):
            restrictions.update(dict.fromkeys(one.texts("restrictions") or ()))
            disclosure = one.members("disclosure")
            if disclosure is not None:
                required = bool(disclosure.flag("required")) or required
                text = disclosure.text("text")
                if text:
                    texts[text] = None
                disclosure.close()
        for restriction in restrictions:
            self.say(restriction, "Restriction: ")
        for text in texts:
            self.say(text, "Label to be shown: ")
        if restrictions:
            message.note("restrictions", "are words: they stand in the description, and no rule judges them")
        if required:
            self.terms["label"] = "visible"
            message.note("disclosure", "drafted as a visible label; its wording stands in the description")

    def exclusivity(self, said: Members | None) -> None:
        if said is None:
            return
        countries = said.texts("countries")
        self.exclusive = {}
        if countries is not None:
            self.exclusive["countries"] = sorted(_countries(said, countries))
        elif "countries" in self.terms:
            self.exclusive["countries"] = self.terms["countries"]
            if "countries_excluded" in self.terms:
                self.exclusive["countries_excluded"] = self.terms["countries_excluded"]
            said.note("countries", "is absent: drafted as the countries of the grant")
        else:
            self.missing.add("exclusive.countries")
        for name in ("starts", "ends"):
            if name in self.terms:
                self.exclusive[name] = self.terms[name]
            else:
                self.missing.add(f"exclusive.{name}")
        self.missing.update({"exclusive.categories", "exclusive.channels"})
        scope = said.text("scope")
        self.say(scope, "Exclusivity: ")
        words = f" ({describe(scope)})" if scope else ""
        said.note("scope", f"is in words{words}: choose exclusive.categories and exclusive.channels")
        said.close()

    # -- what is paid

    def price(self, agreed: Members, constraint: Members) -> None:
        amount, currency = agreed.number("amount"), agreed.text("currency")
        period = agreed.text("period")
        model = next((said for name in _UNIT if (said := agreed.text(name)) is not None), None)
        if amount is None or currency is None:
            raise agreed.wrong("amount" if amount is None else "currency", "is missing: terms without a price")
        if currency not in EXPONENTS:
            raise agreed.wrong("currency", f"{describe(currency)} is no currency of ISO 4217 that is known here")
        self.money["currency"] = currency
        minor = _minor(agreed, "amount", amount, currency)
        cap = self._cap(agreed, constraint)
        base = self._base_fee(agreed, minor, period, model)
        if base is None:
            self.missing.add("money.fees")
            return
        fees: list[Json] = [base]
        price = agreed.number("overage_cpm")
        if price is not None and cap is None:
            agreed.note("overage_cpm", "is a price for going over a cap, and there is none: left out")
        elif price is not None:
            self.terms["overage"] = ["impressions"]
            fees.append({"per": "mille", "amount": _minor(agreed, "overage_cpm", price, currency), "above": cap})
            agreed.note("overage_cpm", "the cap may be passed at this price per thousand impressions")
        self.money["fees"] = fees

    def _base_fee(self, agreed: Members, minor: int, period: str | None, model: str | None) -> Json:
        """The fee; ``None`` where it is not told what the amount is the price of."""
        if model in _PER_MILLE:
            agreed.note("model", f"{describe(model)}: drafted as a fee per thousand impressions, whatever the period")
            return {"per": "mille", "amount": minor}
        known = model is None or model in _FLAT or model == "time"
        if not known or (period is None and model not in _FLAT):
            why = f"the price is by {describe(model)}, which no fee of Kembar's is" if model else "is absent"
            agreed.note("model" if model else "period", f"{why}: what the amount is the price of is to be filled in")
            return None
        if period is None:
            agreed.note("period", "is absent, and the price is a flat rate: drafted as one fee, owed when it is signed")
            return {"per": "flat", "amount": minor, "owed": "signed"}
        if period == "one_time":
            return {"per": "flat", "amount": minor, "owed": "signed"}
        if period == "daily":
            agreed.note("period", "drafted as a fee for each day of the calendar in which anything runs, counted once")
            return {"per": "day", "amount": minor, "once": True}
        if period not in _EVERY:
            raise agreed.wrong("period", f"{describe(period)} is none of AdCP's billing periods")
        agreed.note("period", f"{period}: drafted as a fee that is owed so often from the term's start, used or not")
        return {"per": "flat", "amount": minor, "owed": "every", **_EVERY[period]}

    def _cap(self, agreed: Members, constraint: Members) -> int | None:
        said, bound = agreed.whole("impression_cap"), constraint.whole("impression_cap")
        cap = min((found for found in (said, bound) if found is not None), default=None)
        if cap is None:
            return None
        if cap > MAX_INTEGER:
            raise agreed.wrong("impression_cap", "is beyond 2^53 - 1")
        if said is not None and bound is not None and said != bound:
            constraint.note("impression_cap", "differs from that of the terms: the lower one is drafted")
        self.terms["caps"] = {"impressions": cap}
        agreed.note("impression_cap", "drafted as a cap over the whole consent, not per billing period")
        return cap


# ---- values


def _countries(one: Members, found: Iterable[str]) -> list[str]:
    """Those that are countries; what is not gets a note, and none at all is an error."""
    known = [country for country in found if country in COUNTRIES]
    for stranger in found:
        if stranger not in COUNTRIES:
            one.note("countries", f"{describe(stranger)} is no ISO 3166-1 country: left out")
    if not known:
        raise one.wrong("countries", "names no country")
    return known


def _date(one: Members, name: str) -> int | None:
    """A date as the instant at which its day begins in UTC."""
    text = one.date(name)
    if text is None:
        return None
    try:
        return parse_instant(f"{text}T00:00:00Z")
    except KembarError:
        raise one.wrong(name, f"{describe(text)} is no date like 2026-12-01") from None


def _moment(one: Members, name: str) -> int | None:
    """An RFC 3339 date-time, to the second."""
    text = one.date(name)
    if text is None:
        return None
    match = _MOMENT.match(text)
    try:
        if match is None:
            raise ForeignError("another form")
        day, clock, sign, hours, minutes = match.groups()
        offset = (int(hours) * 60 + int(minutes)) * 60 if sign else 0
        if offset >= DAY:
            raise ForeignError("an offset of days")
        return parse_instant(f"{day}T{clock}Z") - (offset if sign == "+" else -offset)
    except KembarError:
        raise one.wrong(name, f"{describe(text)} is no moment like 2026-12-01T09:30:00Z") from None


def _minor(one: Members, name: str, amount: Decimal, currency: str) -> int:
    """An amount in minor units, exactly."""
    units = Fraction(amount) * 10 ** EXPONENTS[currency]
    if units.denominator != 1:
        raise one.wrong(name, f"{amount} has more than the {EXPONENTS[currency]} decimals of {currency}")
    if units > MAX_INTEGER:
        raise one.wrong(name, "is beyond 2^53 - 1 minor units")
    return int(units)
