"""From a draft, a TOML file that a person filled in, to a statement ready to be signed.

What a draft may write more comfortably than the protocol: lists in any order; dates and offsets for instants; lengths
of time in words; amounts in words. Whatever is not exactly clear is refused, with the line where it stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice, pairwise

from registry.drafting.drafts.currencies import HOW, parse_amount
from registry.drafting.drafts.faults import check_codes
from registry.drafting.drafts.references import spell
from registry.intake.submission import Submission, check_name
from verifier.base import canonical, private_keys
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64u, format_instant, parse_instant
from verifier.rules.standing.parties import wrong_relation
from verifier.statements.disclosure import SALT_SIZE, digest
from verifier.statements.making import format_disclosure
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.readers import NONCE_SIZE
from verifier.statements.types import SECTION_NAMES, STATEMENT_TYPES, VERSION

MAX_DRAFT = 1024 * 1024
MAX_GAPS = 30
DURATIONS = frozenset({"hold_off", "late_window", "notice", "release", "sell_off", "silence"})
INSTANTS = frozenset(
    {"at", "delete_by", "delivered", "effective", "ends", "exercise_by", "first", "received_at", "seen_at",
     "settled_at", "starts", "until"}
)
AMOUNTS = frozenset({"amount", "value"})
SHARES = frozenset({"bp", "commission_bp"})
"""Hundredths of a per cent, or "7.5 %"."""
DAYS = frozenset({"days", "due_days", "overdue_limit"})
"""Whole days, or "13 weeks"."""
DRAFTABLE = tuple(name for name in STATEMENT_TYPES if name not in ("genesis", "seal"))

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_DURATION = re.compile(r"(0|[1-9][0-9]{0,9}) (second|minute|hour|day|week)s?\Z", re.ASCII)
_TERM = re.compile(r"([1-9][0-9]{0,4}) (day|week|month|year)s?\Z", re.ASCII)
_SHARE = re.compile(r"(0|[1-9][0-9]{0,3})(?:[.,]([0-9]{1,2}))? ?%\Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_WITH_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-][0-9:]+)?\Z", re.ASCII)
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.]+)\s*\]")
_MEMBER = re.compile(r"\s*([A-Za-z0-9_]+)\s*=")


class DraftError(KembarError):
    """A draft that cannot be used as it stands; ``where`` begins with the line, if it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it was read: the statement's JSON members (``at`` may be absent) and its sections."""

    members: Mapping[str, Json]
    sections: Mapping[str, Json]


def parse_draft(text: str) -> Draft:
    """Read a draft; it has not been checked yet against the protocol's tables: :func:`complete` does that."""
    try:
        value = tomllib.loads(text.removeprefix("\ufeff"))  # which some editors put at the beginning
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise DraftError(f"not a draft that can be read: {error}") from None
    if value.get("kembar") != VERSION or type(value["kembar"]) is not int:
        raise DraftError(f"a draft says kembar = {VERSION}; `registry draft TYPE` writes one to fill in", "kembar")
    if value.get("type") not in DRAFTABLE:
        raise DraftError(f"must be one of {', '.join(DRAFTABLE)}", "type")
    for name in ("nonce", "sections"):
        if name in value:
            raise DraftError("is made when the draft is signed: delete it", name)
    if gaps := list(islice(_gaps("", value), MAX_GAPS)):
        raise DraftError("not filled in yet:" + "".join(f"\n  {_place(text, gap)}" for gap in gaps))
    try:
        plain = {name: _value(name, name, member, None) for name, member in value.items()}
    except KembarError as error:
        raise _located(text, error) from None
    sections: dict[str, Json] = {name: plain.pop(name) for name in SECTION_NAMES if name in plain}
    if plain["type"] == "report" and isinstance(sections.get("terms"), dict):
        sections["terms"].setdefault("lines", [])  # required, but empty where nothing was counted
    return Draft(members=plain, sections=sections)


def complete(draft: Draft, text: str, now: int) -> Submission:
    """The statement that the draft describes, with a fresh nonce and fresh salts, checked in full; nobody has signed.

    ``text`` is the draft's own, for naming the line of an error; ``now`` stands for an ``at`` that is left out.
    """
    names = sorted(draft.sections)
    members = {"at": format_instant(now), **draft.members, "nonce": format_b64u(private_keys.random_bytes(NONCE_SIZE))}
    try:
        disclosures = [_disclosure(name, draft.sections[name]) for name in names]
        if names:
            members["sections"] = {name: digest(one) for name, one in zip(names, disclosures, strict=True)}
        payload = canonical.encode(members)
        statement = parse_statement(payload)
        if (wrong := wrong_relation(statement)) is not None:
            member, said = wrong
            raise Malformed(said, member)
        sections = {name: parse_section(statement, name, draft.sections[name]) for name in names}
        check_name(sections.get("name"))
        check_codes(sections)
    except KembarError as error:
        raise _located(text, error) from None
    return Submission(payload=payload, signatures=(), disclosures=tuple(disclosures))


def _disclosure(name: str, section: Json) -> str:
    if not isinstance(section, dict):
        raise Malformed(f"must be a table: [{name}]", name)
    return format_disclosure(name, section, private_keys.random_bytes(SALT_SIZE))


# ---- values


def _value(where: str, name: str, value: object, currency: str | None) -> Json:
    """One TOML value as the JSON that the protocol writes; ``name`` is the member's, ``currency`` its table's."""
    if isinstance(value, dict):
        own = value.get("currency", currency)
        return {key: _value(f"{where}.{key}", key, member, own) for key, member in value.items()}
    try:
        if isinstance(value, list):
            return ordered(name, [_value(f"[{i}]", name, item, currency) for i, item in enumerate(value)])
        return _scalar(name, value, currency)
    except KembarError as error:
        raise error.at(where) from None


def ordered(name: str, items: list[Json]) -> Json:
    """The list ``name``: sets in the protocol's order, a report's lines too; other lists of tables stay as they are."""
    if all(isinstance(item, str) for item in items):
        rising = sorted(items)
        for one, following in pairwise(rising):
            if one == following:
                raise Malformed(f"names {one!r} twice")
        return rising
    if name == "lines" and all(isinstance(item, dict) and "channel" in item for item in items):
        return sorted(items, key=lambda line: (str(line["channel"]), str(line.get("country"))))
    return items


def _scalar(name: str, value: object, currency: str | None) -> Json:
    if name in AMOUNTS and type(value) is int:
        raise Malformed(f"says no currency: {HOW}")
    if isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return _moment(datetime.combine(value, time(), UTC))
    if isinstance(value, time):
        raise Malformed("is a time of day: write the date too, 2026-12-01T09:30:00Z")
    if not isinstance(value, str):
        raise Malformed(
            f"says no currency: {HOW}" if name in AMOUNTS else "fractions are not used: write a whole number"
        )
    if name in INSTANTS and _DATE.match(value):
        return format_instant(parse_instant(value + "T00:00:00Z"))
    if name in INSTANTS and _WITH_TIME.match(value):
        return _quoted(value)
    if name in DURATIONS:
        return _duration(value)
    if name in DAYS:
        return _term(value, "days")
    if name == "months":
        return _term(value, "months")
    if name == "run":
        return {name: _term(value, name) for name in [_unit_of(value)]}
    if name in SHARES:
        return _share(value)
    if name == "reference":
        return spell(value)
    if name in AMOUNTS:
        amount, written = parse_amount(value)
        if currency is not None and written != currency:
            raise Malformed(f"is in {written}, but the money is in {currency}")
        return amount
    return value


def _duration(value: str) -> int:
    match = _DURATION.match(value)
    if not match:
        raise Malformed(f'{value[:40]!r} is no length of time: write "3 days", "24 hours", or seconds')
    return int(match[1]) * _UNITS[match[2]]


def _unit_of(value: str) -> str:
    """Whether a length is one of whole ``months`` or of ``days``."""
    match = _TERM.match(value)
    if not match:
        raise Malformed(f'{value[:40]!r} is no length of a term: write "3 months", "1 year", "90 days" or "13 weeks"')
    return "months" if match[2] in ("month", "year") else "days"


def _term(value: str, unit: str) -> int:
    """A length in whole months, or in whole days: months are not days, so that neither is made of the other."""
    if _unit_of(value) != unit:
        other = '"3 months" or "1 year"' if unit == "months" else '"90 days" or "13 weeks"'
        raise Malformed(f"{value[:40]!r} is no whole number of {unit}: write {other}")
    number, word = value.split(" ")
    return int(number) * {"week": 7, "year": 12}.get(word.removesuffix("s"), 1)


def _share(value: str) -> int:
    """"7.5 %" as hundredths of a per cent."""
    match = _SHARE.match(value)
    if not match:
        raise Malformed(f'{value[:40]!r} is no share: write "7.5 %", or 750 for hundredths of a per cent')
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _quoted(value: str) -> str:
    """A date with a time in quotes, read as it is without them."""
    try:
        return _moment(tomllib.loads(f"at = {value}")["at"])
    except tomllib.TOMLDecodeError:
        raise Malformed(f"{value[:40]!r} is no instant: write 2026-12-01T09:30:00Z, or +02:00 for Z") from None


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise Malformed(f"says no time zone: write {value.isoformat()}Z for UTC, or {value.isoformat()}+02:00")
    if value.microsecond:
        raise Malformed("goes to the second only")
    return format_instant(int(value.timestamp()))


# ---- where an error stands


def _gaps(where: str, value: object) -> Iterator[str]:
    """The places of empty strings, which the templates leave to be filled in."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _gaps(f"{where}.{name}" if where else name, member)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _gaps(f"{where}[{place}]", item)
    elif value == "":
        yield where


def _place(text: str, where: str) -> str:
    line = line_of(text, where)
    return f"line {line}: {where}" if line else where


def _located(text: str, error: KembarError) -> DraftError:
    """The same error with the number of the line that it is about, where one can be found."""
    return DraftError(error.message, _place(text, error.where.removeprefix("sections.")))


def line_of(text: str, where: str) -> int | None:
    """The line (from 1) of the member or table that ``where`` names, or of the nearest one around it."""
    found: dict[str, int] = {}
    table, counts = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2]
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{counts[table]}]"
            found.setdefault(table, number)
        elif member := _MEMBER.match(line):
            found.setdefault(f"{table}.{member[1]}" if table else member[1], number)
    while where:
        if where in found:
            return found[where]
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return None
