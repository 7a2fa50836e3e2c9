"""What a person filled in on a form of a page: read field by field, and what is wrong with each said beside it.

A form is sent as a body (POST): proxies and histories keep addresses, and an amount or a reason is nobody else's. What
answers it does nothing. A field that is wrong is named with the sentence of the catalogue that says so; the rest is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from flask import request

from registry.drafting.drafts.currencies import parse_amount
from registry.drafting.drafts.vocabularies import VOCABULARIES, meant
from registry.web.errors import fail
from registry.web.pages.atoms import Instant, Sum
from registry.web.pages.category_names import code_of
from registry.web.pages.viewing import CHANGED, Viewing
from verifier.base.errors import KembarError
from verifier.base.strict import civil_from_days, days_from_civil, is_hex64
from verifier.rules.model.scope import ALL, WORLD

MAX_FORM = 16 * 1024
"""Bytes of a form that is sent, unless its page has a bound of its own."""
MOST = 4_000
"""Characters of one field."""
ASKED_OF = "0" * 64
"""The picture that is asked about where none is given: one that nobody has."""
PER = ("flat", "use", "image", "day", "month", "mille")
"""What a fee may be for, in a form."""
_DATE = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z", re.ASCII)
_BETWEEN = re.compile(r"[,;\n]+")

Given = Mapping[str, Iterable[str]]
"""Field -> what was given for it, several times where it can be."""


def sent(limit: int = MAX_FORM) -> dict[str, list[str]]:
    """What the form says that is being answered; nothing where a page is only looked at. Raises a problem where it is
    longer than ``limit`` bytes."""
    if request.method != "POST":
        return {}
    if (request.content_length or 0) > limit:
        raise fail("too_large", f"the form is larger than {limit} bytes")
    return {name: texts for name, texts in request.form.to_dict(flat=False).items() if not name.startswith(CHANGED)}


def typed_day(at: int, look: Viewing) -> str:
    """The day of a moment as a form has it, in the zone of the page: ``2026-12-31``."""
    year, month, day = civil_from_days(look.zone.day(at))
    return f"{year:04d}-{month:02d}-{day:02d}"


def typed_countries(codes: Iterable[str], look: Viewing) -> str:
    """Countries as one types them."""
    return ", ".join(look.words.say("memo.world") if one == WORLD else look.words.code("country", one) for one in codes)


def typed_amount(text: str, look: Viewing) -> str:
    """An amount, as a draft writes it, with the marks of the page's language, unless it would be read as another."""
    try:
        amount, currency = parse_amount(text)
        shown = look.words.money(amount, currency)
        return shown if parse_amount(shown) == (amount, currency) else text
    except KembarError:
        return text


class FormFields:
    """``given`` is what came, ``wrong`` the fields that are not as they should be, with the id of what is said."""

    def __init__(self, given: Given, look: Viewing) -> None:
        self.given = {name: [one[:MOST] for one in texts] for name, texts in given.items()}
        self.wrong: dict[str, str] = {}
        self._look = look

    def text(self, name: str) -> str:
        """What was typed, without blanks at the ends."""
        return next(iter(self.given.get(name, ())), "").strip()

    def fail(self, name: str, id: str) -> None:
        """Say what is wrong with a field; the first word about it stays."""
        self.wrong.setdefault(name, id)

    def needed(self, name: str) -> str:
        """What was typed, which must be something."""
        text = self.text(name)
        if not text:
            self.fail(name, "form.needed")
        return text

    def chosen(self, name: str, among: Collection[str]) -> str:
        """One of several."""
        text = self.needed(name)
        if text and text not in among:
            self.fail(name, "form.not_offered")
        return text

    def several(self, name: str, among: Collection[str], *, least: int = 1) -> tuple[str, ...]:
        """Some of several, at least so many."""
        found = sorted(set(self.given.get(name, ())) - {""})
        if any(one not in among for one in found):
            self.fail(name, "form.not_offered")
        if len(found) < least:
            self.fail(name, "form.needed")
        return tuple(found)

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) == "yes"

    def id(self, name: str) -> str:
        """An id in 64 hex digits."""
        text = self.needed(name)
        if text and not is_hex64(text):
            self.fail(name, "form.no_id")
        return text

    def day(self, name: str) -> Instant | None:
        """The first moment of a day, in the zone of the page."""
        text = self.needed(name)
        match = _DATE.match(text)
        if match is None:
            if text:
                self.fail(name, "form.no_day")
            return None
        return Instant(self._look.zone.midnight(days_from_civil(int(match[1]), int(match[2]), int(match[3]))))

    def days(self, first: str, last: str) -> tuple[Instant, Instant] | None:
        """From a day (included) until another (not included)."""
        starts, ends = self.day(first), self.day(last)
        if starts is None or ends is None:
            return None
        if starts.at >= ends.at:
            self.fail(last, "form.ends_before")
        return starts, ends

    def amount(self, name: str, currency: str) -> Sum | None:
        """A sum of money in one currency, with its code or without."""
        text = self.needed(name)
        if not text:
            return None
        try:
            amount, written = parse_amount(text if re.search("[A-Za-z]{3}", text) else f"{currency} {text}")
        except KembarError:
            amount, written = 0, currency
        if amount <= 0 or written != currency:
            self.fail(name, "form.no_amount")
            return None
        return Sum(amount, currency)

    def countries(self, name: str) -> tuple[str, ...]:
        """Countries by their codes or names, with commas between them; or the whole world."""
        names = {self._look.words.code("country", code).casefold(): code for code in VOCABULARIES["countries"]}
        whole = {one.casefold() for one in (WORLD, self._look.words.say("memo.world"))}
        found = set()
        for word in self._words(name):
            code = names.get(word.casefold()) or next(iter(self._codes(word.upper(), "countries")), None)
            if word.casefold() in whole:
                found.add(WORLD)
            elif code is None:
                self.fail(name, "form.no_country")
            else:
                found.add(code)
        if WORLD in found and len(found) > 1:
            self.fail(name, "form.world_alone")
        return tuple(sorted(found))

    def categories(self, name: str) -> tuple[str, ...]:
        """Product categories by their codes or names, with commas between them; or all of them."""
        found = set()
        for word in self._words(name):
            codes = [ALL] if word.casefold() == ALL else self._categories(word)
            if not codes:
                self.fail(name, "form.no_category")
            found.update(codes[:1])
        return tuple(sorted(found))

    def _words(self, name: str) -> list[str]:
        found = [word for one in _BETWEEN.split(self.needed(name)) if (word := one.strip())]
        return list(dict.fromkeys(found))[:300]

    def _categories(self, word: str) -> list[str]:
        own = code_of(word, self._look.words.language)
        return [own] if own is not None else self._codes(word, "categories") or meant(word, "categories")

    @staticmethod
    def _codes(word: str, vocabulary: str) -> list[str]:
        return [word] if word in VOCABULARIES[vocabulary] else []
