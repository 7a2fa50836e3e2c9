"""Rendering a deal memo from the opened sections of a consent.

The memo is made from the terms *before* they carry its hash, so that ``terms.memo`` can be the SHA-256 of exactly the
file that she was shown. Country names are the Unicode CLDR's, by way of Babel.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, Literal

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, StrictUndefined

from verifier.base.currencies import EXPONENTS
from verifier.base.errors import Malformed
from verifier.base.strict import civil_from_days
from verifier.rules.money.allocation import PASS_ON_DAYS
from verifier.rules.money.splits import WHOLE_BP
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import ConsentMoney, CreateTerms, Exclusive, Fee, Section, Terms
from verifier.statements.types import Consent

Language = Literal["en", "id"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "id")
WIDTH = 100
"""Columns: longer lines are broken between words, under the text that they go on."""

_FOLDER = files("registry.drafting.memo")
_UNITS = {
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
    "id": (("hari", "hari"), ("jam", "jam"), ("menit", "menit"), ("detik", "detik")),
}
_ALL = {"en": "products of all kinds", "id": "produk dari semua jenis"}
_WORLD = {"en": "the whole world", "id": "seluruh dunia"}
_FROM_UNIT = {"en": "from number {} on", "id": "mulai dari nomor {}"}
_MINOR = {"en": "of the smallest unit of", "id": "satuan terkecil"}
_GROSS = {
    "en": " ({} is transferred for each {} of it, for taxes)",
    "id": " ({} ditransfer untuk setiap {} darinya, karena pajak)",
}
_PARTS = {
    "en": "{parts} of {total} parts ({share}) to {who}",
    "id": "{parts} dari {total} bagian ({share}) untuk {who}",
}
_VIA = {
    "en": ", by way of the agency, which passes it on within {} days",
    "id": ", melalui agensi, yang meneruskannya dalam {} hari",
}
_AND = {"en": " and ", "id": " dan "}
_ABOVE = {"en": ", for what goes beyond {}", "id": ", untuk yang melebihi {}"}
_ONCE = {
    "en": ", counted once where several uses run at a time",
    "id": ", dihitung sekali bila beberapa berjalan bersamaan",
}


def language_of(tag: str) -> Language:
    """The memo's language for a BCP 47 tag: Indonesian for ``id``, else English."""
    return "id" if tag.lower().split("-", 1)[0] == "id" else "en"


def render(consent: Consent, sections: Mapping[str, Section], language: Language) -> bytes:
    """The memo as UTF-8 text. Raises :class:`Malformed` where a section that it tells of is not there."""
    terms, money, exclusive = (sections.get(name) for name in ("terms", "money", "exclusive"))
    if isinstance(terms, CreateTerms):
        text = _environment(language).from_string(_template(f"create.{language}")).render(terms=terms, consent=consent)
        return _as_bytes(text)
    if not isinstance(terms, Terms) or not isinstance(money, ConsentMoney):
        raise Malformed("a deal memo is made from a consent, with its terms and, of a use, its money")
    text = _environment(language).from_string(_template(language)).render(
        terms=terms,
        money=money,
        exclusive=exclusive if isinstance(exclusive, Exclusive) else None,
        consent=consent,
        fee_words=lambda fee: _fee(fee, money.currency, language),
        shares=list(_shares(money, language)),
        flat=any(fee.per == "flat" for fee in money.fees),
    )
    return _as_bytes(text)


def _as_bytes(text: str) -> bytes:
    return (_wrapped(text).rstrip("\n") + "\n").encode("utf-8")


def digest(memo: bytes) -> str:
    """What a consent carries as ``terms.memo``."""
    return sha256(memo).hexdigest()


@cache
def _template(name: str) -> str:
    return (_FOLDER / f"{name}.txt.jinja").read_text(encoding="utf-8")


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))


@cache
def _environment(language: Language) -> Environment:
    """Plain text, not HTML: nothing is escaped, and control characters never get this far (:func:`flat`)."""
    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.filters["flat"] = flat
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    helpers: dict[str, Callable[..., str]] = {
        "words": lambda kind, codes: _listed((_words()[language][kind].get(code, code) for code in codes), language),
        "categories": lambda codes: _categories(codes, language),
        "countries": lambda codes: _countries(codes, language),
        "caps": lambda caps: _caps(caps, language),
        "duration": lambda seconds: _duration(seconds, language),
        "instant": lambda seconds: _instant(seconds, language),
        "language": lambda tag: _language(tag, language),
    }
    environment.globals.update(helpers)
    return environment


def flat(text: str) -> str:
    """One line of somebody else's words: control characters and breaks become spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _listed(words: Iterable[str], language: Language) -> str:
    """With commas and an "and"; where a word of several has one in itself, with semicolons."""
    found = list(words)
    if len(found) > 1 and any(_AND[language] in word for word in found):
        return "; ".join(found)
    return str(format_list(found, locale=language))


def _categories(codes: Iterable[str], language: Language) -> str:
    names = [_ALL[language] if code == "all" else CATEGORIES[code][1] if code in CATEGORIES else code for code in codes]
    return _listed(names, language)


def _countries(codes: Iterable[str], language: Language) -> str:
    names = Locale(language).territories
    return _listed((_WORLD[language] if code == "WORLD" else names.get(code, code) for code in codes), language)


def _caps(caps: Mapping[str, int], language: Language) -> str:
    many, one = _words()[language]["caps"], _words()[language]["cap"]
    return _listed(
        (f"{_number(count, language)} {(one if count == 1 else many)[name]}" for name, count in sorted(caps.items())),
        language,
    )


def _number(value: int, language: Language) -> str:
    return format_decimal(value, locale=language)


def _duration(seconds: int, language: Language) -> str:
    """The largest unit that comes out even."""
    for (one, many), size in zip(_UNITS[language], (86_400, 3_600, 60, 1), strict=True):
        if seconds % size == 0 and (seconds >= size or size == 1):
            count = seconds // size
            return f"{_number(count, language)} {one if count == 1 else many}"
    raise AssertionError("every whole number is a number of seconds")


def _instant(seconds: int, language: Language) -> str:
    year, month, day = civil_from_days(seconds // 86_400)
    name = Locale(language).months["format"]["wide"][month]
    hours, minutes, rest = seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    clock = f" {hours:02d}:{minutes:02d}:{rest:02d}" if rest else f" {hours:02d}:{minutes:02d}"
    return f"{day} {name} {year}{clock if seconds % 86_400 else ''} (UTC)"


def _language(tag: str, language: Language) -> str:
    """The language that a tag begins with, by its name and, where it says more, the tag."""
    primary = tag.lower().split("-", 1)[0]
    name = Locale(language).languages.get(primary)
    return tag if name is None else name if tag.lower() == primary else f"{name} ({tag})"


def _money(amount: int, currency: str, language: Language) -> str:
    if currency not in EXPONENTS:
        return f"{_number(amount, language)} {_MINOR[language]} {currency}"
    exponent = EXPONENTS[currency]
    whole, rest = divmod(abs(amount), 10**exponent)
    point = "," if language == "id" else "."
    return f"{currency} {_number(whole, language)}" + (f"{point}{rest:0{exponent}d}" if exponent else "")


def _fee(fee: Fee, currency: str, language: Language) -> str:
    per = _words()[language]["per"][fee.per]
    above = _ABOVE[language].format(_number(fee.above, language)) if fee.above else ""
    once = _ONCE[language] if fee.once else ""
    if fee.amount is not None:
        return f"{_money(fee.amount, currency, language)} {per}{above}{once}."
    tiers = [
        f"{_money(tier.amount, currency, language)} {_FROM_UNIT[language].format(_number(tier.from_ + 1, language))}"
        for tier in fee.tiers or ()
    ]
    return f"{_listed(tiers, language)}, {per}{above}{once}."


def _shares(money: ConsentMoney, language: Language) -> Iterable[str]:
    total = sum(split.parts for split in money.splits)
    for split in money.splits:
        share = format_percent(Decimal(split.parts) / total, format="#,##0.##%", locale=language)
        who = _words()[language]["kind"][split.kind]
        via = _VIA[language].format(PASS_ON_DAYS) if split.via is not None else ""
        part = _PARTS[language].format(
            parts=_number(split.parts, language), total=_number(total, language), share=share, who=who
        )
        gross = ""
        if split.gross_bp != WHOLE_BP:
            gross = _GROSS[language].format(_number(split.gross_bp, language), _number(WHOLE_BP, language))
        yield f"{part}{via}{gross}: {split.payee}"


def _wrapped(text: str) -> str:
    """Lines of at most :data:`WIDTH`, each going on under its own beginning."""
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        room: list[str] = []
        used = 0
        for word in line.split():
            if room and used + 1 + len(word) > WIDTH - len(indent):
                lines.append(indent + " ".join(room))
                room, used = [], 0
            room.append(word)
            used += len(word) + (1 if len(room) > 1 else 0)
        lines.append((indent + " ".join(room)).rstrip())
    return "\n".join(lines)
