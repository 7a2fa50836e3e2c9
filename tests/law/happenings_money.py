"""What can happen about money in a random history: what is asked for, what is said to have come, and taken back."""

from __future__ import annotations

from typing import Any

from tests.law.happenings_terms import PLACED
from tests.law.histories import (
    DAY,
    HOUR,
    Log,
    a_consent,
    advance,
)
from verifier.rules.model.record import Entry
from verifier.statements.sections import (
    AdjustmentMoney,
    BankEvidence,
    Break,
    ConsentMoney,
    Due,
    Fee,
    MoneyLine,
    PaymentMoney,
    ReceiptMoney,
    Split,
    Tier,
)
from verifier.statements.types import (
    Consent,
    Payment,
    Receipt,
    Usage,
)


def fees(log: Log) -> tuple[Fee, ...]:
    found = []
    kinds = ["flat", "flat", "flat", "flat", "use", "image", "day", "month", "mille", "value"]
    recoup = log.one(None, None, "all", "period")
    for per in log.random.sample(kinds, log.one(1, 1, 2, 2, 3)):
        if per == "flat":
            found.append(flat(log, recoup))
            continue
        if per == "value":
            found.append(Fee(per=per, bp=log.one(1_000, 2_500, 10_000), **scope(log)))
            continue
        once = per in ("day", "month") and log.chance(40)
        if per in ("image", "day", "mille", "use") and log.chance(25):
            tiers = (Tier(from_=0, amount=log.one(0, 2, 5)), Tier(from_=2, amount=log.one(1, 3)))
            found.append(Fee(per=per, tiers=tiers, once=once, **scope(log)))
        else:
            above = log.one(0, 0, 0, 1, 2)
            if log.chance(1):
                once, above = True, 1  # which only fit some fees
            found.append(Fee(per=per, amount=log.one(0, 1, 5, 10), above=above, once=once, **scope(log)))
    return tuple(found)


def scope(log: Log) -> dict[str, Any]:
    """For which usages a fee is charged; mostly for all."""
    found: dict[str, Any] = {}
    if log.chance(20):
        found["channels"] = log.one(*[("print",), ("social",), ("print", "social")] * 6, ("no-such", "print"))
    if log.chance(15):
        found["countries"] = log.one(*[("DE",), ("FR", "US"), ("WORLD",)] * 6, ("DE", "ZZ"))
    if log.chance(8):
        found["placements"] = log.one(*PLACED)
    if log.chance(8):
        found["purposes"] = log.one(("advertising",), ("editorial", "portfolio"))
    return found


def flat(log: Log, recoup: str | None) -> Fee:
    """A flat fee: when it arises, and what is set off against it."""
    more: dict[str, Any] = {}
    owed = log.one(None, "use", "signed", "signed", "on", "on", "every", "break")
    if recoup == "period" and log.chance(60):
        owed = "every"
    match owed:
        case None | "use":
            more |= scope(log)
        case "signed":
            more["rata"] = log.chance(35)
        case "on":
            more["at"] = log.day(-3, -1, 0, 1, 2, 5, 20)
        case "every":
            more |= log.one({"days": 1}, {"days": 2}, {"days": 3}, {"days": 7}, {"months": 1})
            if log.chance(50):
                more["first"] = log.day(-3, -1, 0, 1, 2, 2, 2, 50)
    if owed not in (None, "use") and recoup == "all" and log.chance(60):
        more["recoup"] = "all"
    if owed == "every" and recoup == "period":
        more["recoup"] = "period"
    if log.chance(25):
        more["due_days"] = log.one(0, 1, 4)
    if log.chance(12):
        more["for_"] = "exclusive"
    if log.chance(1):
        more |= log.one({"above": 1}, {"once": True}, {"rata": True}, {"recoup": "period"}, {"channels": ("print",)})
    return Fee(per="flat", amount=log.one(0, 1, 5, 10, 12), owed=owed, **more)


def money_of(log: Log, model: str, agency: str | None) -> ConsentMoney:
    bp = log.one(10_000, 10_000, 12_200, 7_000)
    via = log.ids[agency] if agency and log.chance(70) else None
    splits = [Split(payee=log.ids[model], kind="model", parts=log.one(1, 3, 9), gross_bp=bp, via=via)]
    if agency and log.chance(70):
        splits.append(Split(payee=log.ids[agency], kind="agency", parts=log.one(1, 2)))
    if log.chance(30):
        splits.append(Split(payee=log.ids["crew"], kind="crew", parts=1, via=log.one(None, via)))
    if log.chance(8):
        splits.append(Split(payee=log.ids["union"], kind="levy", parts=2, gross_bp=log.one(10_000, 0, 3_333)))
    if model != "cleo" and log.chance(8):
        splits.append(Split(payee=log.ids["cleo"], kind="trust", parts=1))
    if via and log.chance(3):
        splits[0] = Split(payee=log.ids[model], kind="model", parts=1, via=log.ids["otto"])
    due = Due(from_=log.one("declared", "starts", "ends"), days=log.one(0, 1, 3))
    ends = Break(notice=log.one(0, HOUR, DAY, 2 * DAY)) if log.chance(30) else None
    return ConsentMoney(currency="EUR", fees=fees(log), splits=tuple(splits), due=due, break_=ends)


def money_of_scan(log: Log, model: str) -> ConsentMoney:
    """What the maker pays for the day of the scan."""
    found = []
    for _ in range(log.one(1, 1, 2)):
        on = {"owed": "on", "at": log.day(-1, 0, 1, 2, 5)} if log.chance(50) else {"owed": "signed"}
        found.append(Fee(per="flat", amount=log.one(1, 5, 10), **on))
    if log.chance(3):
        found.append(Fee(per="use", amount=1))
    splits = [Split(payee=log.ids[model], kind="model", parts=log.one(1, 3))]
    if log.chance(40):
        splits.append(Split(payee=log.ids["crew"], kind="crew", parts=1))
    return ConsentMoney(currency="EUR", fees=tuple(found), splits=tuple(splits),
                        due=Due(from_="declared", days=log.one(0, 1, 3)))  # fmt: skip


def payers(log: Log, c: Consent, payee: str) -> str:
    if c.act == "create" and log.chance(95):
        return log.name(c.parties.maker)
    names = [log.name(c.parties.licensee), log.name(c.parties.licensee), *(["sub"] if c.sublicensees else []),
             *([log.name(c.parties.agency)] if c.parties.agency else [])]  # fmt: skip
    if log.chance(5):
        names = [log.name(one) for one in c.parties.payees]
    return str(log.one(*[name for name in names if name != payee] or ["rival"]))


def about_money(log: Log, c: Consent, payer: str, payee: str, provider: str | None = None) -> dict[str, Any]:
    """Whom something about money names."""
    parties = {**log.on(c), "payer": payer, "payee": payee, "provider": provider}
    ward = log.guardian_of(payee)
    named = {*c.parties.roles().values(), *c.parties.payees, log.ids.get(parties.get("guardian") or "")}
    if ward and payee != log.name(c.parties.model) and log.ids[ward] not in named:
        parties["author"] = ward
    return parties


def for_uses(log: Log, c: Consent, amount: int) -> tuple[MoneyLine, ...]:
    """What an amount is for, where that is said."""
    ids = [e.statement.id for e in log.entries if isinstance(e.statement, Usage) and e.statement.consent == c.id]
    ids = [*ids, c.id]
    if not ids or log.chance(70):
        return ()
    if amount > 1 and len(ids) > 1 and log.chance(40):
        one, other = log.random.sample(ids, 2)
        first = log.random.randrange(amount + 1)
        return (MoneyLine(for_=one, amount=first), MoneyLine(for_=other, amount=amount - first))
    return (MoneyLine(for_=log.one(*ids), amount=amount + log.one(*[0] * 12, 1)),)


def say(log: Log, c: Consent, who: str, payer: str, payee: str, amount: int, reference: str, provider: str) -> None:
    """The payee, a provider or the payer says that money moved."""
    currency = log.one(*["EUR"] * 12, "USD")
    when = log.day(-3, -1, 0, 0, 1)
    lines = for_uses(log, c, amount)
    bank = BankEvidence(reference=reference)
    if who == "payee":
        paper = ReceiptMoney(currency=currency, amount=amount, received_at=when, lines=lines)
        parties = about_money(log, c, payer, payee)
        log.log("receipt", parties, log.hers(payee), {"money": paper, "evidence": bank}, consent=c.id)
        return
    sent = PaymentMoney(currency=currency, amount=amount, settled_at=when, lines=lines)
    attested = provider if who == "provider" else None
    signers = log.keys[provider][:1] if attested else log.hers(payer)
    log.log("payment", about_money(log, c, payer, payee, attested), signers, {"money": sent, "evidence": bank},
            consent=c.id)  # fmt: skip


def money(log: Log) -> None:
    c = a_consent(log)
    scans = [e.statement for e in log.entries if isinstance(e.statement, Consent) and e.statement.act == "create"]
    if log.chance(12):
        c = log.one(*scans)
    if c is None:
        return
    if not c.parties.payees:
        return
    payee = log.name(log.one(*c.parties.payees, *([c.parties.agency] if c.parties.agency else [])))
    payer = payers(log, c, payee)
    amount = log.one(1, 2, 3, 5, 10, 10, 20)
    match log.one("payee", "payee", "payer", "provider", "provider", "credit"):
        case "credit":
            let_off = AdjustmentMoney(currency=log.one(*["EUR"] * 12, "USD"), amount=log.one(0, 1, 2, amount),
                                      lines=for_uses(log, c, amount))  # fmt: skip
            log.log("adjustment", about_money(log, c, payer, payee), log.hers(payee), {"money": let_off},
                    consent=c.id, kind="credit")  # fmt: skip
        case who:
            reference = log.one("R", "S", "T", "U", "V", "W")
            say(log, c, who, payer, payee, amount, reference, log.one("bank", "bank", "house bank"))


def paper(log: Log) -> tuple[Consent, Entry] | None:
    """A payment or receipt, and its consent."""
    found = log.some(Payment, Receipt)
    if found is None:
        return None
    consents = [e.statement for e in log.entries if e.statement.id == getattr(found.statement, "consent", None)]
    return (consents[0], found) if consents and isinstance(consents[0], Consent) else None


def echo(log: Log) -> None:
    """Somebody else says what he knows of a transfer; perhaps something else."""
    if (found := paper(log)) is None:
        return
    c, first = found
    named = first.statement.parties
    told = log.sections.get((first.index, "money"))
    bank = log.sections.get((first.index, "evidence"))
    if told is None or bank is None or named.payer is None or named.payee is None:
        return
    amount = max(1, told.amount + log.one(0, 0, 0, -1, 1, 5))
    payer, payee = log.name(named.payer), log.name(named.payee)
    if log.chance(15):
        payer = payers(log, c, payee)
    who = log.one("payee", "payee", "provider", "provider", "payer")
    provider = log.one("bank", "house bank")
    if log.chance(30):  # the same signer says it again, or uses the reference for something else
        amount = max(1, told.amount + log.one(0, -1, 5))
        who = "payee" if isinstance(first.statement, Receipt) else "provider" if named.provider else "payer"
        provider = log.name(named.provider) if named.provider else provider
    say(log, c, who, payer, payee, amount, bank.reference, provider)


def give_back(log: Log) -> None:
    """Money is returned, by the word of one or more of those whom it concerns."""
    if (found := paper(log)) is None:
        return
    c, first = found
    named = first.statement.parties
    if named.payer is None or named.payee is None:
        return
    more = [e for e in log.entries if isinstance(e.statement, Payment | Receipt) and e.statement.consent == c.id]
    of = {first.statement.id, *([log.one(*more).statement.id] if log.chance(25) else [])}
    amount = log.one(0, 1, 2, 5, 10, 20)
    back = AdjustmentMoney(currency=log.one(*["EUR"] * 9, "USD"), amount=amount, lines=for_uses(log, c, amount))
    payer, payee, provider = (log.name(one) if one else None for one in (named.payer, named.payee, named.provider))
    if log.chance(10):
        provider = log.one("bank", "house bank", None)
    who = log.one(payer, payee, provider or payer, provider or payee)
    signers = [*log.hers(who), *(log.hers(log.one(payer, payee)) if log.chance(15) else [])]
    parties = about_money(log, c, payer or "", payee or "", provider)
    log.log("adjustment", parties, signers, {"money": back}, consent=c.id, kind="return", of=tuple(sorted(of)))


def not_arrived(log: Log) -> None:
    """The payee says that what was attested did not come; perhaps somebody rules on that."""
    if (found := paper(log)) is None:
        return
    c, first = found
    payee = log.name(first.statement.parties.payee)
    if payee not in (log.name(c.parties.model), *(log.name(one) for one in c.parties.payees)) and log.chance(90):
        return
    dispute = log.log("dispute", {**log.on(c), "author": payee}, log.hers(payee, stops=True), consent=c.id,
                      of=(first.statement.id,), tag="unpaid")  # fmt: skip
    if c.parties.arbiter is not None and log.chance(50):
        advance(log)
        on = log.one(first, dispute).statement.id
        log.log("ruling", log.on(c), log.keys["judge"][:1], consent=c.id, of=(on,),
                outcome=log.one("void", "stands", "stands"))  # fmt: skip
