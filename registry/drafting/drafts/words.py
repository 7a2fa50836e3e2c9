"""What a statement says, in plain English, for the person who is about to sign it.

Every member is shown, known here or not, and what is left out is shown with the default that then holds: nobody signs
something that they could not read. Text written by others is made harmless for a terminal first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.drafting.drafts.reading import DURATIONS, INSTANTS
from registry.intake.submission import Submission
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.currencies import format_money
from verifier.base.values import fields
from verifier.statements.kinds import kind_name
from verifier.statements.sections import Section
from verifier.statements.types import MAX_LEAF, Statement

_WIDTH = 22

_TITLES = {
    "registry": "Changes the registry itself.",
    "party": "Enrols a party.",
    "key": "Changes the keys of a party.",
    "guardian": "Names the guardian of a model who is a minor.",
    "mandate": "Lets an agency act for a model.",
    "twin": "Registers a model's digital twin: the exact files that are it.",
    "usage": "Declares a use of a twin.",
    "report": "Reports how far a declared use went.",
    "payment": "Says that money was sent.",
    "receipt": "Says that money arrived.",
    "suspension": "Holds a consent for a while.",
    "resumption": "Lifts one's own suspensions of a consent.",
    "dispute": "Objects to entries of a consent.",
    "ruling": "Decides a dispute.",
    "erasure": "Says in public that private sections of a statement were deleted.",
    "consent create": "A model lets a maker make her digital twin.",
    "consent use": "A model lets a licensee use her digital twin.",
    "approval approve": "Approves files before they are used.",
    "approval reject": "Rejects files before they are used.",
    "adjustment return": "Says that money went back.",
    "adjustment credit": "Lets off a debt, or part of one.",
    "revocation consent": "Ends a consent.",
    "revocation mandate": "Ends an agency's mandate.",
    "revocation twin": "Retires a twin: no consent to its use goes on.",
}

_LABELS = {
    "at": "claimed time",
    "under": "under the mandate",
    "of": "about",
    "creation": "consent to make it",
    "until": "guardian until",
    "starts": "from",
    "ends": "until, not included",
    "late_window": "may be declared late by",
    "sell_off": "may sell off for",
    "notice": "revoked with notice of",
    "spill": "spill, per 10,000",
    "overage": "may be passed at a price",
    "allow": "allowed manipulations",
    "approve": "only if approved",
    "approval": "approval of each file",
    "silence": "silence approves after",
    "pay_first": "to be paid before use",
    "overdue_limit": "overdue limit, days",
    "delivered": "terms handed over",
    "advice": "how she was advised",
    "memo": "deal memo, SHA-256",
    "sha256": "document, SHA-256",
    "due": "falls due",
    "commission_bp": "commission",
    "except": "may be let in still",
}

_UNSAID = {
    "products": "any",
    "caps": "no cap",
    "silence": "silence refuses",
    "overdue_limit": "no limit",
    "profile": "the registry's",
}

_SECTIONS = {
    "terms": "What may be done (private)",
    "exclusive": "What nobody else may do (private)",
    "money": "Money (private)",
    "person": "Who it is (private)",
    "evidence": "Evidence (private)",
}


def words(submission: Submission) -> str:
    """The whole statement with its opened sections, a line for each thing that it says."""
    return "\n".join(_lines(submission))


def title(statement: Statement) -> str:
    """One sentence."""
    return _TITLES[kind_name(statement)]


def printable(text: str) -> str:
    """``text`` without anything that a terminal would obey or that would reorder what is read."""
    return "".join(one if one.isprintable() else f"\\u{{{ord(one):x}}}" for one in text)


def _lines(submission: Submission) -> Iterator[str]:
    statement = submission.statement()
    members = canonical.parse(submission.payload, limit=MAX_LEAF)
    yield title(statement)
    yield from _row("id", statement.id)
    for name in ("kembar", "type", "nonce", "sections", "parties"):
        members.pop(name, None)
    for name in ("registry", "at", *members):
        if name in members:
            yield from _member(name, members.pop(name), None)
    parties = statement.parties
    if parties.roles() or parties.payees:
        yield "Whom it concerns"
        for role, party in parties.roles().items():
            yield from _row(role, party)
        for payee in parties.payees:
            yield from _row("is paid", payee)
    opened = submission.opened()
    for name in sorted(statement.sections, key=list(_SECTIONS).index):
        if name not in opened:
            yield f"{_SECTIONS[name]}: IT IS NOT HERE. Do not sign what you cannot read."
            continue
        heading = "What is declared (private)" if name == "terms" and statement.type != "consent" else _SECTIONS[name]
        yield heading
        disclosure, section = opened[name]
        yield from _section(disclosure.value, section)


def _section(value: Mapping[str, Json], section: Section) -> Iterator[str]:
    """Its members in the protocol's order, and for those that are left out what then holds."""
    currency = value.get("currency")
    for field in fields(section):
        name = field.name.rstrip("_")
        if name in value:
            yield from _member(name, value[name], currency)
        elif (unsaid := _UNSAID.get(name)) or getattr(section, field.name) is not None:
            default = getattr(section, field.name)
            shown = unsaid or ("none" if default == () else _text(name, default, currency))
            yield from _row(_LABELS.get(name, name), f"{shown} (as nothing is said)")


def _member(name: str, value: Json, currency: str | None) -> Iterator[str]:
    label = _LABELS.get(name, name.replace("_", " "))
    if name == "fees":
        for fee in value:
            yield from _row("fee", _fee(fee, str(currency)))
    elif name == "splits":
        total = sum(split["parts"] for split in value)
        for split in value:
            yield from _row("share", _split(split, total))
    elif name == "due":
        yield from _row(label, f"{value['days']} days after: {value['from']}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from _row(label, "; ".join(f"{key} {_text(key, one, currency)}" for key, one in item.items()))
    elif isinstance(value, list) and len(value) > 1 and len(str(value[0])) == 64:
        for item in value:
            yield from _row(label, printable(str(item)))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _row(f"{label}: {key}", _text(key, one, currency))
    else:
        yield from _row(label, _text(name, value, currency))


def _row(label: str, text: str) -> Iterator[str]:
    first, *more = text.split("\n")
    yield f"  {label:<{_WIDTH}} {first}"
    for line in more:
        yield f"  {'':<{_WIDTH}} {line}"


def _text(name: str, value: Json, currency: str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_text(name, item, currency) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(key, one, currency)}" for key, one in value.items()) or "none"
    if isinstance(value, int):
        return _number(name, value, currency)
    if name in INSTANTS:
        return str(value).replace("T", " ").replace("Z", " UTC")
    return "\n".join(printable(line) for line in str(value).split("\n"))


def _number(name: str, value: int, currency: str | None) -> str:
    if name == "amount" and currency is not None:
        return format_money(value, currency)
    if name in DURATIONS:
        return f"{value // 86400} days" if value % 86400 == 0 else f"{value:,} seconds"
    if name == "commission_bp":
        return f"{value / 100:g} %"
    return f"{value:,}"


def _fee(fee: Mapping[str, Json], currency: str) -> str:
    per = {"flat": "once, at the first use", "mille": "for each 1,000 impressions"}.get(fee["per"], f"per {fee['per']}")
    if "tiers" in fee:
        prices = [f"{format_money(tier['amount'], currency)} from {tier['from']:,} on" for tier in fee["tiers"]]
        price = ", ".join(prices)
    else:
        price = format_money(fee["amount"], currency)
    above = f", only above {fee['above']:,}" if fee.get("above") else ""
    return f"{price} {per}{above}" + (", shared days count once" if fee.get("once") else "")


def _split(split: Mapping[str, Json], total: int) -> str:
    gross = split.get("gross_bp", 10_000)
    more = f", {gross:,} transferred for each 10,000" if gross != 10_000 else ""
    via = f", through the agency {split['via']}" if "via" in split else ""
    return f"{split['parts']:,} of {total:,} parts to {split['kind']} {split['payee']}{more}{via}"
