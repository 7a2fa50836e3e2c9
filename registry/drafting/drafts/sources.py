"""Where a draft consent comes from, when not from an empty template: an earlier deal, or an AdCP message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.drafting.adapters.adcp import Drafted
from registry.drafting.drafts.currencies import with_currency
from registry.drafting.drafts.profiles import Remarks
from registry.drafting.drafts.words import fee_in_words
from registry.intake.submission import Submission
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import format_instant
from verifier.statements.sections import ConsentMoney, Exclusive, Terms
from verifier.statements.types import Consent
from verifier.words.catalogue import Catalogue

ANEW = {"delivered": "", "memo": None}
"""Members of an earlier deal's terms that are never true of a new one: handed over anew, in a memo of its own."""


def from_earlier(earlier: Submission, follows: str | None = None) -> dict[str, Json]:
    """"Copy last deal": everything that an earlier ``use`` consent says, but when its terms were handed over.

    Whose place the earlier one took is not taken over, nor until when it was an option: a draft that is like another
    is a deal of its own, unless it ``follows`` the other, which it then ``replaces`` or ``renews``.
    """
    statement = earlier.statement()
    if not isinstance(statement, Consent) or statement.act != "use":
        raise Malformed("is not a consent to a use: only such a deal can be copied")
    values: dict[str, Json] = {
        name: member
        for name in ("twin", "under", "sublicensees", "sublicense", "providers", "registry")
        if (member := getattr(statement, name)) is not None
    }
    if follows is not None:
        values[follows] = statement.id
    roles = {role: party for role, party in statement.parties.roles().items() if role != "guardian"}
    values["parties"] = {**roles, "payees": statement.parties.payees}
    for name, (disclosure, _) in earlier.opened().items():
        values[name] = dict(disclosure.value)
    terms = values.get("terms")
    if not isinstance(terms, dict) or "money" not in values:
        raise Malformed("does not show its terms and its money, so that they cannot be copied")
    terms.update({name: value for name, value in ANEW.items() if name in terms})
    values["money"] = with_currency(values["money"])
    return values


def renewing(earlier: Submission, until: int | None = None) -> dict[str, Json]:
    """The values of a deal that renews an earlier one: the same for as long again, or ``until`` then (POSIX seconds).

    It takes effect when it is logged, so it starts as the one that it renews does."""
    values = flattened(from_earlier(earlier, "renews"))
    for name, (_, section) in earlier.opened().items():
        if isinstance(section, Terms | Exclusive):
            ends = section.ends + (section.ends - section.starts if until is None else max(until - section.ends, 0))
            values[f"{name}.ends"] = format_instant(ends)
    return values


def owed_again(earlier: Submission, now: int, words: Catalogue) -> Iterator[str]:
    """What somebody should know who copies the money of a deal into one that replaces or renews it.

    Each consent owes its own lines (rule M1): what the earlier one owed is owed again, and what was advanced under it
    is not set off against what is earned under the new one. ``now``, POSIX seconds: dates before it are owed at once.
    """
    disclosure, money = earlier.opened()["money"]
    _, terms = earlier.opened()["terms"]
    assert isinstance(money, ConsentMoney) and isinstance(terms, Terms)
    for fee, value in zip(money.fees, disclosure.value["fees"], strict=True):
        if fee.per != "flat" or fee.owed == "break":
            continue
        said = fee_in_words(value, money.currency, words)
        first = fee.at if fee.owed == "on" else (fee.first or terms.starts) if fee.owed == "every" else None
        if first is not None and first <= now:
            yield words.say("draft.owed_at_once", fee=said, first=words.moment(first))
        else:
            yield words.say("draft.owed_again", fee=said)
        if fee.recoup is not None:
            yield words.say("draft.advance_lost", fee=said)


def money_under(kind: str, consent: Submission) -> tuple[dict[str, Json], Remarks]:
    """What a payment, receipt or adjustment takes from the money of its consent, and remarks on what is to be chosen.

    The currency, where the file shows it; the licensee as payer; the payee where only one is paid. Values and remarks
    by path, as :func:`registry.drafting.drafts.templates.template` takes them.
    """
    statement = consent.statement()
    if kind not in ("payment", "receipt", "adjustment") or not isinstance(statement, Consent):
        return {}, {}
    values: dict[str, Json] = {}
    remarks: dict[str, tuple[str, ...]] = {}
    parties = statement.parties
    if parties.licensee is not None:
        values["parties.payer"] = parties.licensee
    payees = dict.fromkeys(parties.payees or (), "payee")
    _, money = consent.opened().get("money", (None, None))
    if isinstance(money, ConsentMoney):
        values["money.currency"] = money.currency
        payees |= {split.payee: split.kind for split in money.splits}
        through = sorted({split.via for split in money.splits if split.via is not None})
        payees |= dict.fromkeys(through, "agency")
        if through:
            remarks["parties.payer"] = tuple(
                f"The licensee pays the agency {agency}, which then is the payer of what it passes on."
                for agency in through
            )
    if len(payees) == 1:
        [values["parties.payee"]] = payees
    elif payees:
        remarks["parties.payee"] = tuple(f"One of: {payee} ({role})" for payee, role in payees.items())
    return values, remarks


def terms_under(kind: str, consent: Submission) -> tuple[dict[str, Json], Remarks]:
    """What a usage takes from the terms of its consent, where the file shows them, as :func:`money_under` gives it.

    What only one thing is allowed for is that. Of several purposes one is to be chosen: a template's own would be
    declared by whoever leaves it standing.
    """
    _, terms = consent.opened().get("terms", (None, None))
    if kind != "usage" or not isinstance(terms, Terms):
        return {}, {}
    values: dict[str, Json] = {}
    if len(terms.rights) == 1:
        values["terms.rights"] = terms.rights
    if len(terms.categories) == 1:
        [values["terms.category"]] = terms.categories
    if len(terms.placements) == 1:
        [values["terms.placement"]] = terms.placements
    if len(terms.purposes) == 1:
        [values["terms.purpose"]] = terms.purposes
        return values, {}
    return {**values, "terms.purpose": ""}, {"terms.purpose": (f"The consent allows: {' '.join(terms.purposes)}",)}


def from_adcp(message: Drafted) -> dict[str, Json]:
    """What an ``acquire_rights`` message says of a consent."""
    values: dict[str, Json] = {"terms": dict(message.terms), "money": with_currency(message.money)}
    if message.exclusive is not None:
        values["exclusive"] = dict(message.exclusive)
    return values


def flattened(values: Mapping[str, Json], where: str = "") -> dict[str, Json]:
    """Tables in tables as paths, for :func:`registry.drafting.drafts.templates.template`: ``terms.caps.uses``."""
    found: dict[str, Json] = {}
    for name, value in values.items():
        path = f"{where}.{name}" if where else name
        if isinstance(value, Mapping):
            found.update(flattened(value, path))
        else:
            found[path] = value
    return found
