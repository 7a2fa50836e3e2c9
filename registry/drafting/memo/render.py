"""Rendering a deal memo from the opened sections of a consent.

The memo is made from the terms *before* they carry its hash, so that ``terms.memo`` can be the SHA-256 of exactly the
file that she was shown. Its frame is a template a language, its words are the catalogue's. The verifier in JavaScript
makes the same bytes of the same consent: ``scripts/memo_templates`` gives it the templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template

from registry.drafting.memo.code_words import categories, codes, countries, listed, percent, word
from registry.drafting.memo.fees import DATED, FeeWords
from verifier.base.errors import Malformed
from verifier.base.printable import flat
from verifier.base.strict import civil_from_days
from verifier.programs.language import DEFAULT, catalogue, languages
from verifier.programs.language import language_of as spoken
from verifier.rules.money.allocation import PASS_ON_DAYS
from verifier.rules.money.splits import WHOLE_BP
from verifier.statements.sections import ConsentMoney, CreateTerms, Exclusive, Section, Terms
from verifier.statements.types import Consent
from verifier.words.catalogue import capital

Language = str
_FOLDER = files("registry.drafting.memo")

LANGUAGES: Final[tuple[Language, ...]] = tuple(
    language for language in languages() if (_FOLDER / f"{language}.txt.jinja").is_file()
)
"""A memo is written in each language that has templates of its own here, beside its catalogue of words."""

WIDTH = 100
"""Columns: longer lines are broken between words, under the text that they go on."""

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def language_of(tag: str) -> Language:
    """The memo's language for a BCP 47 tag; English where there is no memo in it."""
    chosen = spoken(tag)
    return chosen if chosen in LANGUAGES else DEFAULT


def render(consent: Consent, sections: Mapping[str, Section], language: Language) -> bytes:
    """The memo as UTF-8 text. Raises :class:`Malformed` where a section that it tells of is not there."""
    return _as_bytes(unbroken(consent, sections, language))


def as_heading(line: str) -> str:
    """A heading of a memo, which stands in capitals, as it is set: of two words one keeps them all, one its first."""
    return re.sub(r"\banda\b", "Anda", re.sub(r"\bai\b", "AI", line.capitalize()))


def unbroken(consent: Consent, sections: Mapping[str, Section], language: Language) -> str:
    """The memo with each sentence on one line, for a screen that breaks lines itself. Raises as :func:`render` does."""
    terms, money, exclusive = (sections.get(name) for name in ("terms", "money", "exclusive"))
    if isinstance(terms, CreateTerms):
        paid = _paid(consent, terms, money, language) if isinstance(money, ConsentMoney) else {"money": None}
        return _template(f"create.{language}", language).render(terms=terms, consent=consent, **paid)
    if not isinstance(terms, Terms) or not isinstance(money, ConsentMoney):
        raise Malformed("a deal memo is made from a consent, with its terms and, of a use, its money")
    return _template(language, language).render(
        terms=terms,
        exclusive=exclusive if isinstance(exclusive, Exclusive) else None,
        consent=consent,
        **_paid(consent, terms, money, language),
    )


def _paid(consent: Consent, terms: Terms | CreateTerms, money: ConsentMoney, language: Language) -> dict[str, Any]:
    """What a template tells of money."""
    words = FeeWords(
        words=catalogue(language),
        currency=money.currency,
        starts=terms.starts,
        option=consent.exercise_by is not None,
        codes=lambda kind, given: codes(kind, given, language),
        instant=lambda seconds: _instant(seconds, language),
        listed=lambda items: listed(items, language),
    )
    owed = {fee.owed for fee in money.fees if fee.per == "flat"}
    return {
        "money": money,
        "fees": [words.fee(fee) for fee in money.fees],
        "span": words.span,
        "shares": list(_shares(money, language)),
        "flat": bool(owed),
        "signed": "signed" in owed,
        "rata": any(fee.rata for fee in money.fees),
        "dated": bool(owed & {*DATED}),
        "unused": bool(owed - {None, "use"}),
    }


def _as_bytes(text: str) -> bytes:
    return (_wrapped(text).rstrip("\n") + "\n").encode("utf-8")


def digest(memo: bytes) -> str:
    """What a consent carries as ``terms.memo``."""
    return sha256(memo).hexdigest()


@cache
def _template(name: str, language: Language) -> Template:
    return _environment(language).from_string((_FOLDER / f"{name}.txt.jinja").read_text(encoding="utf-8"))


@cache
def _environment(language: Language) -> Environment:
    """Plain text, not HTML: nothing is escaped, and control characters never get this far (:func:`flat`)."""
    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.filters["flat"] = flat
    environment.filters["sentence"] = capital
    helpers: dict[str, Callable[..., str]] = {
        "words": lambda kind, given: codes(kind, given, language),
        "categories": lambda given: categories(given, language),
        "countries": lambda given: countries(given, language),
        "caps": lambda caps: _caps(caps, language),
        "duration": lambda seconds: _duration(seconds, language),
        "instant": lambda seconds: _instant(seconds, language),
        "language": lambda tag: _language(tag, language),
    }
    environment.globals.update(helpers)
    return environment


def _caps(caps: Mapping[str, int], language: Language) -> str:
    words = catalogue(language)
    return listed((words.say(f"memo.cap.{name}", n=count) for name, count in sorted(caps.items())), language)


def _duration(seconds: int, language: Language) -> str:
    """The largest unit that comes out even."""
    for unit, size in _UNITS:
        if seconds % size == 0 and (seconds >= size or size == 1):
            return catalogue(language).say(f"memo.unit.{unit}", n=seconds // size)
    raise AssertionError("every whole number is a number of seconds")


def _instant(seconds: int, language: Language) -> str:
    year, month, day = civil_from_days(seconds // 86_400)
    name = catalogue(language).months[month - 1]
    hours, minutes, rest = seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    clock = f" {hours:02d}:{minutes:02d}:{rest:02d}" if rest else f" {hours:02d}:{minutes:02d}"
    return f"{day} {name} {year}{clock if seconds % 86_400 else ''} (UTC)"


def _language(tag: str, language: Language) -> str:
    """The language that a tag begins with, by its name and, where it says more, the tag."""
    primary = tag.lower().split("-", 1)[0]
    name = catalogue(language).code("language", primary)
    return tag if name == primary else name if tag.lower() == primary else f"{name} ({tag})"


def _shares(money: ConsentMoney, language: Language) -> Iterable[str]:
    words = catalogue(language)
    total = sum(split.parts for split in money.splits)
    for split in money.splits:
        share = percent(split.parts, total, language)
        via = words.say("memo.via", days=PASS_ON_DAYS) if split.via is not None else ""
        who = word("kind", split.kind, language)
        part = words.say("memo.parts", parts=split.parts, total=total, share=share, who=who)
        gross = ""
        if split.gross_bp != WHOLE_BP:
            gross = words.say("memo.gross", gross=split.gross_bp, whole=WHOLE_BP)
        yield f"{part}{via}{gross}: {split.payee}"


def _wrapped(text: str) -> str:
    """Lines of at most :data:`WIDTH`, each going on under its own beginning."""
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        room: list[str] = []
        used = 0
        for part in filter(None, line.split(" ")):
            if room and used + 1 + len(part) > WIDTH - len(indent):
                lines.append(indent + " ".join(room))
                room, used = [], 0
            room.append(part)
            used += len(part) + (1 if len(room) > 1 else 0)
        lines.append((indent + " ".join(room)).rstrip(" "))
    return "\n".join(lines)
