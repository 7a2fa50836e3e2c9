"""What the fees of a deal are, in a memo's words: a price, for what, when it arises, and what is set off against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from registry.drafting.memo.code_words import percent
from verifier.base.currencies import EXPONENTS
from verifier.rules.money.splits import WHOLE_BP
from verifier.statements.sections import Fee, Term
from verifier.words.catalogue import Catalogue

SCOPES: Final = ("channels", "countries", "placements", "purposes")
"""Members of a fee that say for which uses it is charged."""
DATED: Final = ("every", "on")
"""``owed`` of the fees that arise at dates (M1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeWords:
    """The words of one memo: ``codes`` names the codes of a fee's scope, ``instant`` and ``listed`` write as it does.

    ``starts`` is the beginning of the term (POSIX seconds); ``option``: the deal is one that the licensee takes later.
    """

    words: Catalogue
    currency: str
    starts: int
    option: bool
    codes: Callable[[str, Iterable[str]], str]
    instant: Callable[[int], str]
    listed: Callable[[Iterable[str]], str]

    def fee(self, fee: Fee) -> str:
        """One fee, in a sentence or more."""
        say = self.words.say
        above = say("memo.above", count=fee.above) if fee.above else ""
        once = say("memo.once") if fee.once else ""
        price, form = self._price(fee)
        first = say(form, price=price, per=self._when(fee), above=above, once=once, only=self._only(fee))
        return " ".join([first, *self._more(fee)])

    def money(self, amount: int) -> str:
        """An amount with its currency."""
        if self.currency not in EXPONENTS:
            return self.words.say("memo.minor_units", amount=amount, currency=self.currency)
        return self.words.money(amount, self.currency)

    def span(self, term: Term | Fee) -> str:
        """So many months or days."""
        unit, number = ("month", term.months) if term.months is not None else ("day", term.days)
        return self.words.say(f"memo.unit.{unit}", n=number or 0)

    def _price(self, fee: Fee) -> tuple[str, str]:
        if fee.bp is not None:
            return percent(fee.bp, WHOLE_BP, self.words.language), "memo.price"
        if fee.amount is not None:
            return self.money(fee.amount), "memo.price"
        tiers = [
            self.words.say("memo.tier", amount=self.money(tier.amount), start=tier.from_ + 1)
            for tier in fee.tiers or ()
        ]
        return self.listed(tiers), "memo.price_in_tiers"

    def _when(self, fee: Fee) -> str:
        match fee.owed:
            case "signed":
                return self.words.say("memo.owed.option" if self.option else "memo.owed.signed")
            case "on":
                return self.words.say("memo.owed.on", at=self.instant(fee.at or 0))
            case "every":
                first = self.starts if fee.first is None else fee.first
                return self.words.say("memo.owed.every", span=self.span(fee), first=self.instant(first))
            case "break":
                return self.words.say("memo.owed.break")
        return self.words.code("memo.per", fee.per)

    def _only(self, fee: Fee) -> str:
        said = [
            self.words.say(f"memo.scope.{name}", what=self.codes(name, codes))
            for name in SCOPES
            if (codes := getattr(fee, name)) is not None
        ]
        return self.words.say("memo.only", what=", ".join(said)) if said else ""

    def _more(self, fee: Fee) -> Iterator[str]:
        if fee.due_days is not None:
            yield self.words.say("memo.fee_due", n=fee.due_days)
        if fee.rata:
            yield self.words.say("memo.fee_rata")
        if fee.recoup == "period":
            yield self.words.say("memo.fee_period")
        elif fee.recoup == "all":
            yield self.words.say("memo.fee_guarantee" if fee.owed == "on" else "memo.fee_advance")
        if fee.for_ == "exclusive":
            yield self.words.say("memo.fee_exclusive")
