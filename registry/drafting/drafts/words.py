"""What a statement says, in plain words, for the person who is about to sign it.

Every member is shown, known here or not, and what is left out is shown with the default that then holds: nobody signs
something that they could not read. Codes are shown by what they are called, where they have a word, in words that fit
whoever signs. Text written by others is made harmless for a terminal first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from registry.drafting.drafts.reading import DURATIONS, INSTANTS
from registry.intake.submission import Submission
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.printable import printable
from verifier.base.strict import parse_instant
from verifier.base.values import fields, value
from verifier.statements.kinds import kind_name
from verifier.statements.sections import Section
from verifier.statements.types import MAX_LEAF, Statement
from verifier.words.catalogue import Catalogue
from verifier.words.category_names import CATEGORY_NAMES

_WIDTH = 22

NO_NAMES: Mapping[str, str] = MappingProxyType({})

CODED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    **dict.fromkeys(
        (
            "act", "advice", "approval", "categories", "categories_denied", "category", "derivatives", "from", "kind",
            "label", "outcome", "part", "pay_first", "sublicense", "training",
        ),
        ("coded",),
    ),
    **dict.fromkeys(("allow", "approve", "manipulations"), ("coded", "memo.manipulations")),
    **dict.fromkeys(("channel", "channels"), ("memo.channels",)),
    **dict.fromkeys(("countries", "countries_excluded", "country"), ("coded", "country")),
    **dict.fromkeys(("placement", "placements"), ("memo.placements",)),
    **dict.fromkeys(("purpose", "purposes"), ("memo.purposes",)),
    **dict.fromkeys(("erased", "sections"), ("section",)),
    "decision": ("decision",), "ground": ("ground",), "language": ("language",), "methods": ("memo.methods",),
    "modality": ("modality",), "overage": ("memo.overage",), "powers": ("mandate_short", "power"),
    "profile": ("memo.profile",), "rights": ("coded", "memo.rights"), "roles": ("role",), "tag": ("tag",),
})  # fmt: skip
"""Members that hold codes -> the families of the catalogue in which those have their words, the first that has one."""

_SECTIONS = ("terms", "exclusive", "money", "name", "person", "evidence")
"""In the order in which they are shown."""


Row = tuple[str, str]
"""What a member is called, and what it says."""


@value(kw_only=False)
class SaidGroup:
    """What stands below one heading; the first is the statement's own sentence."""

    heading: str
    rows: tuple[Row, ...]


FIRST = ("model", "about", "starts", "ends")
"""What people read in this order, whatever the order of the bytes."""


def in_words(submission: Submission, words: Catalogue, names: Mapping[str, str] = NO_NAMES) -> str:
    """The whole statement with its opened sections, a line for each thing that it says. ``names`` are what parties are
    called, by their ids, for who is told beside the statement."""
    return "\n".join(line for group in said(submission, words, names) for line in _lines(group))


def said(submission: Submission, words: Catalogue, names: Mapping[str, str] = NO_NAMES) -> tuple[SaidGroup, ...]:
    """The same by its headings."""
    return tuple(SaidGroup(heading, tuple(rows)) for heading, rows in _groups(submission, words, names))


def title(statement: Statement, words: Catalogue) -> str:
    """One sentence."""
    return words.say(f"title.{kind_name(statement).replace(' ', '_')}")


def _groups(
    submission: Submission, words: Catalogue, names: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[Row]]]:
    statement = submission.statement()
    members = canonical.parse(submission.payload, limit=MAX_LEAF)
    for name in ("kembar", "type", "nonce", "sections", "parties"):
        members.pop(name, None)
    shown = dict.fromkeys(("registry", "at", *FIRST, *members))
    own = [row for name in shown if name in members for row in _member(name, members[name], None, words)]
    yield title(statement, words), [(label("id", words), statement.id), *own]
    parties = statement.parties
    if parties.roles() or parties.payees:
        roles = [(words.code("role", role), _called(party, names)) for role, party in parties.roles().items()]
        yield (
            words.say("shown.parties"),
            [*roles, *((words.say("shown.payee"), _called(payee, names)) for payee in parties.payees)],
        )
    opened = submission.opened()
    for name in sorted(statement.sections, key=_SECTIONS.index):
        if name not in opened:
            yield words.say("shown.missing_section", section=words.say(f"private.{name}")), ()
            continue
        is_declared = name == "terms" and statement.type != "consent"
        disclosure, section = opened[name]
        heading = words.say("private.declared" if is_declared else f"private.{name}")
        yield heading, _section(disclosure.value, section, words)


def _called(party: str, names: Mapping[str, str]) -> str:
    """A party's name, and below it the id, which is what is signed."""
    return f"{printable(names[party])}\n{party}" if party in names else party


def label(name: str, words: Catalogue) -> str:
    """What a member is called; one that has no word, by its own name."""
    return words.code("member", name).replace("_", " ")


def _section(value: Mapping[str, Json], section: Section, words: Catalogue) -> Iterator[Row]:
    """Its members in the protocol's order, and for those that are left out what then holds."""
    currency = value.get("currency")
    for field in fields(section):
        name = field.name.rstrip("_")
        default = getattr(section, field.name)
        if name in value:
            yield from _member(name, value[name], currency, words)
        elif f"shown.unsaid.{name}" in words or default is not None:
            if f"shown.unsaid.{name}" in words:
                shown = words.say(f"shown.unsaid.{name}")
            else:
                shown = words.say("shown.none") if default == () else _text(name, default, currency, words)
            yield label(name, words), words.say("shown.default", value=shown)


def _member(name: str, value: Json, currency: str | None, words: Catalogue) -> Iterator[Row]:
    called = label(name, words)
    if name == "fees":
        for fee in value:
            yield words.say("shown.fee"), fee_in_words(fee, str(currency), words)
    elif name == "splits":
        total = sum(split["parts"] for split in value)
        for split in value:
            yield words.say("shown.share"), _split(split, total, words)
    elif name == "due":
        event = _text("from", value["from"], None, words)
        yield called, words.say("shown.due", n=value["days"], event=event)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            parts = (f"{label(key, words)} {_text(key, one, currency, words)}" for key, one in item.items())
            yield called, "; ".join(parts)
    elif isinstance(value, list) and len(value) > 1 and len(str(value[0])) == 64:
        for item in value:
            yield called, printable(str(item))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield f"{called}: {label(key, words)}", _text(key, one, currency, words)
    else:
        yield called, _text(name, value, currency, words)


def _lines(group: SaidGroup) -> Iterator[str]:
    """In two columns, the heading at the edge."""
    yield group.heading
    for label, text in group.rows:
        first, *more = text.split("\n")
        yield f"  {label:<{_WIDTH}} {first}"
        for line in more:
            yield f"  {'':<{_WIDTH}} {line}"


def _text(name: str, value: Json, currency: str | None, words: Catalogue) -> str:
    if isinstance(value, bool):
        return words.say("shown.yes" if value else "shown.no")
    if isinstance(value, list | tuple):  # a tuple is what holds where nothing is said
        return ", ".join(_text(name, item, currency, words) for item in value) or words.say("shown.none")
    if isinstance(value, Mapping):
        parts = (f"{label(key, words)} {_text(key, one, currency, words)}" for key, one in value.items())
        return ", ".join(parts) or words.say("shown.none")
    if isinstance(value, int):
        return _number(name, value, currency, words)
    if name in INSTANTS:
        return words.moment(parse_instant(value))
    if (word := _word(name, str(value), words)) is not None:
        return word
    return "\n".join(printable(line) for line in str(value).split("\n"))


def _word(name: str, code: str, words: Catalogue) -> str | None:
    """What a code is called; None of what is no code, or has no word."""
    found = next((id for family in CODED.get(name, ()) if (id := f"{family}.{code}") in words), None)
    if found is not None:
        return words.say(found)
    return CATEGORY_NAMES.get(code) if name.startswith("categor") else None


def _number(name: str, value: int, currency: str | None, words: Catalogue) -> str:
    if name == "amount" and currency is not None:
        return words.money(value, currency)
    if name in DURATIONS:
        return words.say("span.days", n=value // 86400) if value % 86400 == 0 else words.say("span.seconds", n=value)
    if name == "commission_bp":
        return _per_cent(value, words)
    return words.number(value)


def fee_in_words(fee: Mapping[str, Json], currency: str, words: Catalogue) -> str:
    """One fee of a consent, as its section writes it."""
    if "tiers" in fee:
        amount = ", ".join(
            words.say("shown.tier", amount=words.money(tier["amount"], currency), start=int(tier["from"]))
            for tier in fee["tiers"]
        )
    elif "bp" in fee:
        amount = _per_cent(fee["bp"], words)
    else:
        amount = words.money(fee["amount"], currency)
    above = words.say("shown.above", count=int(fee["above"])) if fee.get("above") else ""
    once = words.say("shown.once") if fee.get("once") else ""
    owed = _owed(fee, words)
    per = words.code("shown.per", fee["per"]) if owed is None else owed
    price = words.say("shown.price", amount=amount, per=per, above=above, once=once)
    return "; ".join([price, *_conditions(fee, words)])


def _owed(fee: Mapping[str, Json], words: Catalogue) -> str | None:
    """When a flat fee arises that does not wait for the first use."""
    owed = fee.get("owed", "use")
    if owed == "use":
        return None
    if owed == "every":
        unit = "months" if "months" in fee else "days"
        span = words.say(f"shown.span.{unit}", n=int(fee.get(unit, 0)))
        if "first" not in fee:
            return words.say("shown.owed.every_from_start", span=span)
        return words.say("shown.owed.every_from", span=span, first=words.moment(parse_instant(fee["first"])))
    if owed == "on" and "at" in fee:
        return words.say("shown.owed.on_date", at=words.moment(parse_instant(fee["at"])))
    return words.code("shown.owed", owed)


def _conditions(fee: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    """For which uses a fee is, and what else is agreed of it."""
    for name in ("channels", "countries", "placements", "purposes"):
        if name in fee:
            yield words.say("shown.only", member=label(name, words), codes=_text(name, fee[name], None, words))
    if "due_days" in fee:
        yield words.say("shown.due_days", n=int(fee["due_days"]))
    if fee.get("rata"):
        yield words.say("shown.rata")
    if "recoup" in fee:
        yield words.say(f"shown.recoup.{fee['recoup']}")
    if "for" in fee:
        yield words.say(f"shown.for.{fee['for']}")


def _per_cent(bp: int, words: Catalogue) -> str:
    return words.say("shown.share_of", share=f"{bp / 100:g}".replace(".", words.decimal))


def _split(split: Mapping[str, Json], total: int, words: Catalogue) -> str:
    gross = int(split.get("gross_bp", 10_000))
    return words.say(
        "shown.parts",
        parts=int(split["parts"]),
        total=total,
        kind=words.code("payee_kind", split["kind"]),
        payee=split["payee"],
        gross=words.say("shown.gross", gross=gross) if gross != 10_000 else "",
        via=words.say("shown.via", agency=split["via"]) if "via" in split else "",
    )
