"""What the parties of the story agree on: the terms of an AdCP message, its gaps filled, its dates moved to the run.

It also says what the message makes of the story's answers where a rule or a fee leaves them open.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, takewhile

from registry.demo.story import CANNOT_TELL, NOT_YET_DUE, PAID, SPLITS, Scene, StoryQuestion
from registry.drafting.adapters.adcp import AdcpError, Drafted
from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_instant, parse_instant
from verifier.rules.model.calendar import DAY, add_months
from verifier.statements.vocabulary import COUNTRIES

HALF_YEAR = 181 * DAY
MONTH = 30
CHANNELS = ["ctv", "display", "olv", "social"]
USED_CHANNELS = ["display", "social"]
CLOTHING, WOMENS_CLOTHING = "1058", "1067"
COUNTRIES_OF_STORY = ["DE", "FR", "NL"]
ELSEWHERE = ("US", "JP", "BR", "ZA", "AU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When things happen, in POSIX seconds. ``moved``: the message's own dates do not cover the run."""

    starts: int
    ends: int
    use_starts: int
    use_ends: int
    revoked: int
    ended: int
    moved: bool

    @property
    def length(self) -> int:
        """How long the consents run."""
        return self.ends - self.starts


def dates(now: int, starts: int | None, ends: int | None) -> Dates:
    """A term that covers the run, with the story's uses inside it.

    The message's own if it lies so; else as long a term that began yesterday, or, if it is shorter than a fortnight, a
    while ago.
    """
    today = now - now % DAY
    use_starts, use_ends, revoked = today + 2 * DAY, today + 12 * DAY, today + 7 * DAY
    known = starts is not None and ends is not None
    if starts is not None and ends is not None and starts <= now - DAY and ends >= use_ends:
        return Dates(starts=starts, ends=ends, use_starts=use_starts, use_ends=use_ends, revoked=revoked, ended=today,
                     moved=False)  # fmt: skip
    length = ends - starts if starts is not None and ends is not None else HALF_YEAR
    if length > MAX_INSTANT // 4:
        raise AdcpError("the term is too long for a story that is told today", "terms.end_date")
    begun = today - DAY
    if length < 15 * DAY:
        begun = now - length // 4
        use_starts, use_ends = begun + length // 2, begun + length
        revoked = begun + length * 3 // 4
    return Dates(starts=begun, ends=begun + length, use_starts=use_starts, use_ends=use_ends, revoked=revoked,
                 ended=today, moved=known)  # fmt: skip


class Agreement:
    """The sections of the story's statements. ``filled`` names what the booker had to decide; ``dates`` when."""

    def __init__(self, drafted: Drafted, now: int) -> None:
        self.drafted = drafted
        self._now = now
        terms, money = dict(drafted.terms), dict(drafted.money)
        self.dates = dates(now, _instant(terms.pop("starts", None)), _instant(terms.pop("ends", None)))
        for name, value in _DECIDED.items():
            terms.setdefault(name, value)
        money.setdefault("currency", "EUR")
        money.setdefault("fees", [{"per": "flat", "amount": 125_000}])
        self._terms, self._money = terms, money
        self.filled = drafted.missing
        allowed = set(terms["countries"])
        excluded = set(terms.get("countries_excluded", ()))
        everywhere = allowed == {"WORLD"} or allowed >= COUNTRIES
        scope = set((drafted.exclusive or {}).get("countries", allowed))
        exclusive = COUNTRIES if scope == {"WORLD"} else scope
        inside = ((COUNTRIES if everywhere else allowed) & exclusive) - excluded
        if not inside:
            raise AdcpError("the exclusivity is for countries outside the grant", "terms.exclusivity.countries")
        self.inside = next((one for one in COUNTRIES_OF_STORY if one in inside), min(inside))
        outside = excluded if everywhere else COUNTRIES - (allowed - excluded)
        self.outside = next((one for one in ELSEWHERE if one in outside), min(outside, default="US"))
        self._narrow = everywhere and not excluded
        """Nothing lies outside the world: the booker then takes one country out of all consents of the story."""
        if self._narrow:
            self.outside = "US" if self.inside != "US" else "JP"
            self._terms["countries_excluded"] = [self.outside]

    # ---- sections

    def consent_terms(self, scene: Scene) -> dict[str, Json]:
        starts, ends = self._term(scene)
        return {**self._terms, "starts": format_instant(starts), "ends": format_instant(ends),
                "delivered": format_instant(max(starts - 3 * DAY, 0))}  # fmt: skip

    def consent_money(self, scene: Scene, ids: dict[str, str]) -> dict[str, Json]:
        splits: list[Json] = []
        for payee, kind, parts in SPLITS[scene.model]:
            split = {"payee": ids[payee], "kind": kind, "parts": parts}
            if scene.via and kind == "model":
                split["via"] = ids["senja"]
            splits.append(split)
        due: dict[str, Json] = {"from": "declared", "days": 0 if scene.question.at_once else MONTH}
        return {**self._money, "splits": splits, "due": due}

    def exclusive(self, scene: Scene) -> dict[str, Json]:
        starts, ends = self._term(scene)
        found = dict(self.drafted.exclusive or {})
        found.setdefault("countries", self._terms["countries"])
        return {**found, "categories": [CLOTHING], "channels": CHANNELS,
                "starts": format_instant(starts), "ends": format_instant(ends)}  # fmt: skip

    def usage_terms(self, scene: Scene) -> dict[str, Json]:
        found: dict[str, Json] = {
            "rights": self._terms["rights"],
            "channels": USED_CHANNELS,
            "countries": [self.outside if scene.place == "outside" else self.inside],
            "targeted": True,
            "purpose": "advertising",
            "category": WOMENS_CLOTHING,
            "starts": format_instant(self.dates.use_starts),
            "ends": format_instant(self.dates.use_ends),
            "label": self._terms["label"],
        }
        cap = self._terms.get("caps", {}).get("impressions")
        if cap is not None:
            found["units"] = {"impressions": min(cap, 10_000)}
        return found

    @property
    def approves(self) -> bool:
        """Whether each file is approved before it is used."""
        return bool(self._terms["approval"] == "each")

    def _term(self, scene: Scene) -> tuple[int, int]:
        if scene.term == "ended":
            return max(self.dates.ended - self.dates.length, 0), self.dates.ended
        return self.dates.starts, self.dates.ends

    # ---- money

    @property
    def currency(self) -> str:
        return str(self._money["currency"])

    @property
    def price(self) -> int:
        """What one use of the story costs by now, in minor units, with what its consent owes whether it is used or not:
        nothing is used before it under the same consent."""
        total = 0
        for fee in self._money["fees"]:
            units = {"flat": self._times(fee), "day": self._days(), "mille": 0}[fee["per"]]
            total += fee["amount"] * units
        return total

    @property
    def open_ended(self) -> bool:
        """M1: until a report is logged at or after a use's end, what it costs per mille has no upper bound."""
        return any(fee["per"] == "mille" and fee["amount"] for fee in self._money["fees"])

    def _days(self) -> int:
        return (self.dates.use_ends - 1) // DAY - self.dates.use_starts // DAY + 1

    def _times(self, fee: dict[str, Json]) -> int:
        """How often a flat fee is owed by now: what is owed every so often from the term's start on (M1)."""
        if fee.get("owed") != "every":
            return 1
        starts = self.dates.starts
        dates = (
            add_months(starts, number * fee["months"]) if "months" in fee else starts + number * fee["days"] * DAY
            for number in count()
        )
        return sum(1 for _ in takewhile(lambda date: date <= self._now, dates))

    def parts(self, scene: Scene, ids: dict[str, str]) -> dict[str, int]:
        """Payee -> what has to come to her for one use; to the agency all that it collects (M2, M3)."""
        splits = SPLITS[scene.model]
        quotas = {payee: self.price * parts // 100 for payee, _, parts in splits}
        rests = {payee: self.price * parts % 100 for payee, _, parts in splits}
        left = self.price - sum(quotas.values())
        for payee in sorted(quotas, key=lambda payee: (-rests[payee], ids[payee]))[:left]:
            quotas[payee] += 1
        if scene.via:
            quotas["senja"] += quotas[scene.model]
        return quotas

    # ---- answers

    def expected(self, question: StoryQuestion) -> dict[str, str]:
        """The story's answers, as this message makes them."""
        if question.answer is not None:
            return {"answer": question.answer}
        assert question.authorised is not None and question.paid is not None
        return {"authorised": question.authorised, "paid": self._paid(question)}

    @property
    def remarks(self) -> list[str]:
        """What the message makes of the story's answers, in sentences."""
        found = []
        if self.open_ended:
            found.append("These terms price impressions: until a report after its end, no use can be told paid.")
        elif self.price == 0:
            found.append("These terms cost nothing: every use counts as paid.")
        if self._narrow:
            found.append(f"These terms are for the whole world: the booker took {self.outside} out of it.")
        return found

    def _paid(self, question: StoryQuestion) -> str:
        assert question.paid is not None
        if question.hidden:
            return CANNOT_TELL
        nothing_missing = self.price == 0 or question.paid == PAID
        if nothing_missing and self.open_ended:  # what is open is looked at from its due date on (M4)
            return CANNOT_TELL if question.at_once else NOT_YET_DUE
        return PAID if nothing_missing else question.paid


_DECIDED: dict[str, Json] = {
    "advice": "union",
    "approval": "none",
    "categories": [CLOTHING],
    "channels": CHANNELS,
    "countries": COUNTRIES_OF_STORY,
    "label": "none",
    "language": "en",
}
"""What the booker of the story decides where a message says nothing."""


def _instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)
