"""A catalogue of words: one language's sentences by their ids, and how it writes numbers, amounts and times.

A catalogue is one JSON object, flat, so that any program can read it. What begins with ``@`` says how the language
writes; every other member is a sentence with ``{name}`` where a value goes, or an object of plural forms:

    {"@language":"en","@name":"English","@plural":{"one":"n = 1"},"@group":",","@decimal":".","@and":" and ",
     "@months":["January",...],"@moment":"{year}-{month}-{day} {hour}:{minute}:{second} {zone}",
     "code.unpaid":"What is due was not received.","explain.uses":{"one":"{n} use","other":"{n} uses"}}

Which form is taken goes by the value ``n``. ``@plural`` names every form but ``other`` with its rule, in the syntax of
Unicode's language plural rules (UTS #35, part 3, "Plural Rules Syntax") as far as it is about whole numbers. A brace
that does not stand around a name is a brace.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from verifier.base.currencies import EXPONENTS
from verifier.base.errors import Malformed
from verifier.base.strict import civil_from_days
from verifier.base.values import value

MAX_CATALOGUE: Final = 1 << 20
"""Bytes of a catalogue."""

MAX_LISTED: Final = 10
"""Items of a list that are said one by one; of more, the rest is counted."""

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")

_RELATION = r"n(?: % [1-9][0-9]{0,3})? (?:=|!=) [0-9]{1,4}(?:\.\.[0-9]{1,4})?(?:,[0-9]{1,4}(?:\.\.[0-9]{1,4})?){0,9}"
_CONDITION = re.compile(rf"{_RELATION}(?: (?:and|or) {_RELATION}){{0,9}}")
_FORMS: Final = frozenset({"zero", "one", "two", "few", "many"})
_STRINGS: Final = ("@language", "@name", "@group", "@decimal", "@and", "@moment", "@date")

Template = str | Mapping[str, str]


class Sentence:
    """A sentence before it is said: its id and its values, for whoever knows the language. Values may be sentences."""

    __slots__ = ("id", "values")

    def __init__(self, id: str, /, **values: int | str | Sentence) -> None:
        self.id = id
        self.values = values


@value
class Catalogue:
    """One language. ``templates`` are its sentences by id, ``plural`` its rules by the name of the form."""

    language: str
    name: str
    group: str
    decimal: str
    and_: str
    months: tuple[str, ...]
    moment_form: str
    date_form: str
    plural: Mapping[str, Callable[[int], bool]]
    templates: Mapping[str, Template]

    def __contains__(self, id: str) -> bool:
        return id in self.templates

    def say(self, id: str, /, **values: int | str) -> str:
        """The sentence; whole numbers are written as people write them. An id that is not there is a KeyError, and so
        is a placeholder without its value: both are mistakes of the program."""
        template = self.templates[id]
        if not isinstance(template, str):
            template = template[self._form(int(values["n"]))]
        return PLACEHOLDER.sub(lambda match: self._written(values[match[1]]), template)

    def tell(self, sentence: Sentence) -> str:
        """A sentence of a program that did not know the language."""
        values = {
            name: self.tell(one) if isinstance(one, Sentence) else one for name, one in sentence.values.items()
        }
        return self.say(sentence.id, **values)

    def code(self, family: str, code: str) -> str:
        """What a code of an open list is called: ``family.code``, or the code itself where it has no word."""
        id = f"{family}.{code}"
        return self.say(id) if id in self.templates else code

    def number(self, n: int) -> str:
        """As in ``1,234``."""
        digits = str(abs(n))
        head = len(digits) % 3 or 3
        parts = [digits[:head], *(digits[at : at + 3] for at in range(head, len(digits), 3))]
        return ("-" if n < 0 else "") + self.group.join(parts)

    def money(self, amount: int, currency: str | None) -> str:
        """Minor units as in ``EUR 1,234.50``; of a currency that is not in ISO 4217, the units themselves."""
        if currency is None:
            return self.say("money.units", n=amount)
        if currency not in EXPONENTS:
            return self.say("money.units_of", n=amount, currency=currency)
        exponent = EXPONENTS[currency]
        whole, rest = divmod(abs(amount), 10**exponent)
        sign = "-" if amount < 0 else ""
        return f"{currency} {sign}{self.number(whole)}" + (f"{self.decimal}{rest:0{exponent}d}" if exponent else "")

    def moment(self, instant: int, *, offset: int = 0, zone: str = "UTC") -> str:
        """Seconds since 1970 as date, time and zone; ``offset`` is how many seconds ``zone`` is ahead of UTC then."""
        return self._time(self.moment_form, instant + offset, zone)

    def date(self, instant: int, *, offset: int = 0) -> str:
        """The day alone."""
        return self._time(self.date_form, instant + offset, "")

    def listed(self, items: Iterable[str], limit: int = MAX_LISTED) -> str:
        """As in "3, 5 and 8"; of more than ``limit``, the first and how many more."""
        found = list(items)
        if len(found) > limit:
            return self.say("list.more", items=", ".join(found[:limit]), n=len(found) - limit)
        return self.and_.join([*([", ".join(found[:-1])] if len(found) > 1 else []), *found[-1:]])

    def _form(self, n: int) -> str:
        return next((form for form, holds in self.plural.items() if holds(abs(n))), "other")

    def _written(self, one: int | str) -> str:
        return self.number(one) if isinstance(one, int) else one

    def _time(self, form: str, instant: int, zone: str) -> str:
        year, month, day = civil_from_days(instant // 86_400)
        parts = {
            "year": f"{year:04d}",
            "month": f"{month:02d}",
            "month_name": self.months[month - 1],
            "day": f"{day:02d}",
            "day_number": str(day),
            "hour": f"{instant // 3600 % 24:02d}",
            "minute": f"{instant // 60 % 60:02d}",
            "second": f"{instant % 60:02d}",
            "zone": zone,
        }
        return PLACEHOLDER.sub(lambda match: parts[match[1]], form)


def capital(text: str) -> str:
    """``text`` as it begins a sentence. Only ASCII changes, so that it is the same on every machine."""
    return chr(ord(text[0]) - 32) + text[1:] if "a" <= text[:1] <= "z" else text


def placeholders(template: Template) -> frozenset[str]:
    """The names of the values that a sentence takes, in any of its forms."""
    forms = [template] if isinstance(template, str) else template.values()
    return frozenset(name for form in forms for name in PLACEHOLDER.findall(form))


def parse_catalogue(data: bytes) -> Catalogue:
    """A catalogue from the bytes of its file. Raises :class:`Malformed` with the id of what is wrong."""
    if len(data) > MAX_CATALOGUE:
        raise Malformed(f"more than {MAX_CATALOGUE:,} bytes")
    try:
        members = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Malformed(f"is not JSON: {error}") from None
    if type(members) is not dict:
        raise Malformed("must be an object")
    for name in _STRINGS:
        if type(members.get(name)) is not str:
            raise Malformed("must be a string", name)
    months, rules = members.get("@months"), members.get("@plural")
    if type(months) is not list or len(months) != 12 or not all(type(one) is str for one in months):
        raise Malformed("must be the names of the 12 months", "@months")
    if type(rules) is not dict:
        raise Malformed("must be an object of rules", "@plural")
    plural = {form: _rule(form, rule) for form, rule in rules.items()}
    templates = {id: one for id, one in members.items() if not id.startswith("@")}
    for id, one in templates.items():
        if type(one) is not str and not (_is_of_strings(one) and set(one) == {*plural, "other"}):
            raise Malformed(f"must be a string or an object of the forms {', '.join([*plural, 'other'])}", id)
    return Catalogue(
        language=members["@language"],
        name=members["@name"],
        group=members["@group"],
        decimal=members["@decimal"],
        and_=members["@and"],
        months=tuple(months),
        moment_form=members["@moment"],
        date_form=members["@date"],
        plural=plural,
        templates=templates,
    )


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise Malformed("stands there twice", next(one for one in names if names.count(one) > 1))
    return members


def _is_of_strings(forms: object) -> bool:
    return isinstance(forms, dict) and all(type(one) is str for one in forms.values())


def _rule(form: str, text: object) -> Callable[[int], bool]:
    """A plural rule as a function of a whole number that is not negative."""
    if form not in _FORMS or type(text) is not str or not _CONDITION.fullmatch(text):
        raise Malformed("is not a plural rule about a whole number n", f"@plural.{form}")
    ways = [[_relation(one) for one in way.split(" and ")] for way in text.split(" or ")]
    return lambda n: any(all(holds(n) for holds in way) for way in ways)


def _relation(text: str) -> Callable[[int], bool]:
    left, sign, right = re.split(r" (=|!=) ", text)
    modulus = int(left.removeprefix("n % ")) if "%" in left else 0
    spans = [(int(span.split("..")[0]), int(span.split("..")[-1])) for span in right.split(",")]

    def holds(n: int) -> bool:
        rest = n % modulus if modulus else n
        return any(first <= rest <= last for first, last in spans) == (sign == "=")

    return holds
