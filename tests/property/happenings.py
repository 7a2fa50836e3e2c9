"""What can happen in a random history: each function logs one thing that somebody says, rightly or not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.property.histories import (
    ASSETS,
    DAY,
    HOUR,
    LOG_KEY,
    MONTHS,
    ORIGIN,
    PEOPLE,
    PROFILES,
    VKEY,
    Drawn,
    Log,
    asset,
    key_of,
)
from verifier.statements.sections import (
    AdjustmentMoney,
    ApprovalTerms,
    BankEvidence,
    ConsentMoney,
    CreateTerms,
    Due,
    Exclusive,
    Fee,
    MandateMoney,
    MoneyLine,
    PaymentMoney,
    ReceiptMoney,
    ReportLine,
    ReportTerms,
    Split,
    Terms,
    Tier,
    UsageTerms,
)
from verifier.statements.statement import (
    Consent,
    Mandate,
    Party,
    Payment,
    Receipt,
    Recovery,
    Report,
    Statement,
    Twin,
    Usage,
)

# ---- what can happen


def advance(log: Log) -> None:
    log.now += log.one(1, HOUR, 6 * HOUR, DAY, DAY, 2 * DAY)


def twin(log: Log, model: str) -> None:
    maker = log.one("maker", "maker", "brand")
    guardian = {"guardian": log.guardian_of(model)}
    signers = [*log.hers(model), *log.keys[maker][:1]]
    terms = CreateTerms(description="x" * 20, methods=("scan",), starts=log.now, ends=log.now + 9 * DAY, language="en",
                        delivered=log.now, advice="none")  # fmt: skip
    parties = {"model": model, "maker": maker, **guardian}
    creation = log.log("consent", parties, signers, {"terms": terms}, act="create")
    if log.chance(30):
        advance(log)
    log.log("twin", {**parties, "guardian": log.guardian_of(model)}, signers, creation=creation.statement.id,
            assets=(asset(f"twin {len(log.entries)}"),), modality="image")  # fmt: skip


def mandate(log: Log) -> None:
    model = log.one("anna", "anna", "cleo")
    powers = log.one(("approve", "collect", "revoke"), ("approve", "collect", "revoke"), ("collect",), ("revoke",))
    starts = log.day(-2, -1, 0, 1)
    ends = starts + log.one(3 * DAY, 8 * DAY, 300 * DAY, 300 * DAY, 0)
    if log.chance(10):
        starts, ends = log.now - 1096 * DAY + log.one(-1, 0, 1, DAY, 2 * DAY), log.now + 300 * DAY
    parties = {"model": model, "agency": "gina", "guardian": log.guardian_of(model)}
    log.log("mandate", parties, [*log.hers(model), *log.keys["gina"][:1]], {"money": MandateMoney(commission_bp=2_000)},
            powers=powers, starts=starts, ends=ends)  # fmt: skip


def use_terms(log: Log) -> Terms:
    starts = log.day(-4, -4, -3, -3, -2, -1, 0, 1)
    more: dict[str, Any] = {}
    choices: dict[str, Callable[[], Any]] = {
        "products": lambda: ("Spring",),
        "categories": lambda: log.one(("1058",), ("1059",), ("1062",), ("1062", "1067"), ("no-such",)),
        "categories_denied": lambda: log.one(("1059",), ("1062",), ("1067",)),
        "channels": lambda: log.one(("print",), ("print", "social")),
        "countries": lambda: log.one(("DE",), ("DE", "FR"), ("FR",), ("US",)),
        "countries_excluded": lambda: log.one(("FR",), ("US",)),
        "spill": lambda: log.one(1_000, 5_000),
        "late_window": lambda: log.one(HOUR, DAY, 2 * DAY),
        "sell_off": lambda: log.one(HOUR, DAY, 2 * DAY),
        "notice": lambda: log.one(HOUR, DAY, 2 * DAY),
        "caps": lambda: {log.one("uses", "images", "impressions", "days"): log.one(0, 1, 2, 4)},
        "allow": lambda: log.one(("garment",), ("lingerie",), ("garment", "nudity")),
        "approve": lambda: log.one(("hair",), ("lighting",)),
        "derivatives": lambda: log.one("approve", "allow"),
        "training": lambda: log.one("own_twin", "allow"),
        "approval": lambda: "each",
        "silence": lambda: log.one(0, HOUR, DAY, 2 * DAY),
        "label": lambda: log.one("visible", "marked", "both"),
        "pay_first": lambda: log.one("session", "prepaid"),
        "overdue_limit": lambda: log.one(0, 1),
        "profile": lambda: log.one("eu", "ny", "sag-aftra", "open", "equity-uk"),
        "rights": lambda: ("likeness", "voice"),
        "purposes": lambda: log.one(("advertising", "editorial"), ("editorial",)),
    }
    likely = ("late_window", "sell_off", "notice", "approval", "silence", "caps", "pay_first", "overdue_limit", "spill")
    for name, choose in choices.items():
        if log.chance(15 if name in likely else 4):
            more[name] = choose()
    if "caps" in more and log.chance(20):
        more["overage"] = tuple(more["caps"])
    return Terms(**{
        "rights": ("likeness",), "purposes": ("advertising",), "description": "x" * 20, "categories": ("all",),
        "channels": ("display", "print", "social"), "countries": ("WORLD",), "starts": starts,
        "ends": starts + log.one(4, 8, 60, 60) * DAY, "approval": "none", "language": "en",
        "delivered": starts - log.one(7 * DAY, 7 * DAY, 48 * HOUR, 48 * HOUR - 1, DAY, DAY - 1), "advice": "none",
        **more,
    })  # fmt: skip


def exclusive(log: Log) -> Exclusive:
    starts = log.day(-3, -2, -1, 0, 1)
    return Exclusive(
        categories=log.one(("all",), ("1058",), ("1059",), ("1067",)),
        channels=log.one(("print",), ("print", "social"), ("ctv",)),
        countries=log.one(("WORLD",), ("WORLD",), ("DE",), ("DE", "US")), starts=starts,
        ends=starts + log.one(1, 3, 6, 12) * DAY, countries_excluded=log.one((), (), (), ("DE",)),
        except_=log.one((), (), (), (log.ids["rival"],), (log.ids["brand"],)), hold_off=log.one(0, 0, HOUR, 2 * DAY),
        notice=log.one(0, 0, HOUR, DAY),
    )  # fmt: skip


def fees(log: Log) -> tuple[Fee, ...]:
    found = []
    for per in log.random.sample(["flat", "flat", "use", "image", "day", "month", "mille"], log.one(1, 1, 2)):
        once = per in ("day", "month") and log.chance(40)
        if per in ("image", "day", "mille", "use") and log.chance(25):
            tiers = (Tier(from_=0, amount=log.one(0, 2, 5)), Tier(from_=2, amount=log.one(1, 3)))
            found.append(Fee(per=per, tiers=tiers, once=once))
        else:
            above = log.one(0, 0, 0, 1, 2) if per != "flat" else 0
            found.append(Fee(per=per, amount=log.one(0, 1, 5, 10), above=above, once=once))
    return tuple(found)


def money_of(log: Log, model: str, agency: str | None) -> ConsentMoney:
    bp = log.one(10_000, 10_000, 12_200, 7_000)
    via = log.ids[agency] if agency and log.chance(70) else None
    splits = [Split(payee=log.ids[model], kind="model", parts=log.one(1, 3, 9), gross_bp=bp, via=via)]
    if agency and log.chance(70):
        splits.append(Split(payee=log.ids[agency], kind="agency", parts=log.one(1, 2)))
    if log.chance(30):
        splits.append(Split(payee=log.ids["crew"], kind="crew", parts=1, via=log.one(None, via)))
    if model != "cleo" and log.chance(8):
        splits.append(Split(payee=log.ids["cleo"], kind="trust", parts=1))
    due = Due(from_=log.one("declared", "starts", "ends"), days=log.one(0, 1, 3))
    return ConsentMoney(currency="EUR", fees=fees(log), splits=tuple(splits), due=due)


def consent(log: Log, licensee: str = "", model: str = "") -> None:
    old = log.some(Consent, act="use") if log.chance(45) and not licensee else None
    model = model or (log.name(old.statement.parties.model) if old else log.one("anna", "anna", "anna", "cleo"))
    licensee = licensee or (log.name(old.statement.parties.licensee) if old else log.one("brand", "rival"))
    twins = [e for e in log.entries if isinstance(e.statement, Twin) and e.statement.parties.model == log.ids[model]]
    if not twins:
        return
    mandates = [
        e for e in log.entries if isinstance(e.statement, Mandate) and e.statement.parties.model == log.ids[model]
    ]
    under = log.one(*mandates).statement.id if mandates and log.chance(35) else None
    money = money_of(log, model, "gina" if under else None)
    parties = {
        "model": model, "licensee": licensee, "payees": [split.payee for split in money.splits],
        "agency": "gina" if under else None, "union": "union" if log.chance(40) else None,
        "arbiter": "judge" if log.chance(75) else None, "guardian": log.guardian_of(model),
    }  # fmt: skip
    sections: dict[str, Any] = {"terms": use_terms(log), "money": money}
    if log.chance(35):
        sections["exclusive"] = exclusive(log)
    if old is not None and "exclusive" in old.statement.sections and log.chance(60):
        sections["exclusive"] = log.sections.get((old.index, "exclusive")) or exclusive(log)
    if old is not None and log.chance(50) and isinstance(terms := log.sections.get((old.index, "terms")), Terms):
        sections["terms"] = terms
    signers = [*log.hers(model), *log.keys[licensee][:1], *(log.keys["gina"][:1] if under else [])]
    log.log("consent", parties, signers, sections, act="use", twin=log.one(*twins).statement.id, under=under,
            replaces=old.statement.id if old else None, sublicensees=(log.ids["sub"],) if log.chance(30) else None,
            providers=tuple(sorted([log.ids["bank"], log.ids["house bank"]])) if log.chance(80) else None)  # fmt: skip


def a_consent(log: Log) -> Consent | None:
    found = log.some(Consent, act="use")
    return found.statement if found is not None and isinstance(found.statement, Consent) else None


def usage(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    starts = log.day(-2, -1, 0, 0, 0, 1, 1, 2, 3)
    more: dict[str, Any] = {}
    choices: dict[str, Callable[[], Any]] = {
        "rights": lambda: ("likeness", "voice"),
        "channels": lambda: log.one(("social",), ("print", "social"), ("ctv",)),
        "countries": lambda: log.one(("DE", "FR"), ("FR",), ("US",), ("WORLD",)), "purpose": lambda: "editorial",
        "category": lambda: log.one("1062", "1059", "x-fur", "no-such"), "product": lambda: log.one("Spring", "Autumn"),
        "targeted": lambda: True, "manipulations": lambda: log.one(("garment",), ("hair",), ("lingerie",), ("nudity",)),
        "derivative_of": lambda: ("0" * 64,), "training": lambda: True,
        "label": lambda: log.one("visible", "marked", "both"),
        "units": lambda: {log.one("images", "impressions"): log.one(1, 2, 5)},
    }  # fmt: skip
    for name, choose in choices.items():
        if log.chance(4):
            more[name] = choose()
    length = log.one(1, 2, 3, 6, 6, 6, 6, 40) * DAY if log.chance(97) else 0
    terms = UsageTerms(**{
        "rights": ("likeness",), "channels": ("print",), "countries": ("DE",), "purpose": "advertising",
        "category": "1067", "starts": starts, "ends": starts + length, **more,
    })  # fmt: skip
    sub = "sub" if c.sublicensees and log.chance(50) else None
    signer = sub or log.name(c.parties.licensee)
    log.log("usage", {**log.on(c), "sublicensee": sub}, log.keys[signer][:1], {"terms": terms}, consent=c.id,
            twin=c.twin if log.chance(98) else "0" * 64,
            assets=log.one(ASSETS[:1], ASSETS[:1], ASSETS[1:], tuple(sorted(ASSETS))))  # fmt: skip


def report(log: Log) -> None:
    found = log.some(Usage)
    if found is None or not isinstance(found.statement, Usage):
        return
    parties = {**log.on(found.statement), "sublicensee": found.statement.parties.sublicensee}
    terms = log.sections.get((found.index, "terms"))
    ends = (
        log.one(log.now, log.now, log.day(-1, -2, 1), *([terms.ends, terms.ends + DAY] if terms else []))
        if log.chance(60)
        else None
    )
    lines = tuple(ReportLine(channel=channel, country=country, impressions=log.one(0, 1, 3, 2_000))
                  for channel in ("print", "social") for country in ("DE", "FR") if log.chance(30))  # fmt: skip
    signer = log.name(found.statement.parties.sublicensee or found.statement.parties.licensee)
    terms = ReportTerms(ends=ends, images=log.one(None, None, 1, 3), lines=lines)
    log.log("report", parties, log.keys[signer][:1], {"terms": terms},
            consent=found.statement.consent, usage=found.statement.id)  # fmt: skip


def for_the_model(log: Log, target: Statement, *, stops: bool) -> tuple[dict[str, Any], list[str], str | None]:
    """She signs, or her agency for her."""
    model = log.name(target.parties.model)
    parties = log.on(target)
    mandates = [
        e for e in log.entries if isinstance(e.statement, Mandate) and e.statement.parties.model == target.parties.model
    ]
    if mandates and not isinstance(target, Mandate) and log.chance(35):
        if target.parties.agency is None:
            parties["author"] = "gina"
        return parties, log.keys["gina"][:1], log.one(*mandates).statement.id
    return parties, log.hers(model, stops=stops), None


def approval(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    decision = log.one("approve", "approve", "approve", "reject")
    parties, signers, under = for_the_model(log, c, stops=decision == "reject")
    terms = {}
    if log.chance(25):
        terms["terms"] = log.one(
            ApprovalTerms(category="1067"), ApprovalTerms(category="1059"), ApprovalTerms(category="1062"),
            ApprovalTerms(channels=("print",)), ApprovalTerms(channels=("social",)), ApprovalTerms(countries=("DE",)),
            ApprovalTerms(countries=("FR", "US")), ApprovalTerms(countries=("WORLD",)),
        )  # fmt: skip
    assets = log.one(ASSETS[:1], ASSETS[:1], ASSETS[1:], tuple(sorted(ASSETS)))
    log.log("approval", parties, signers, terms, consent=c.id, assets=assets, decision=decision, under=under)


def stop(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    effective = log.day(-2, -1, 0, 0, 1, 2, 3)
    match log.one("revoke", "revoke", "suspend", "suspend", "resume", "resume", "twin", "creation", "mandate"):
        case "revoke":
            parties, signers, under = for_the_model(log, c, stops=True)
            log.log("revocation", parties, signers, consent=c.id, effective=effective, ground="withdrawal", under=under)
        case "suspend" | "resume" as what:
            kind = {"suspend": "suspension", "resume": "resumption"}[what]
            union = c.parties.union is not None and log.chance(40)
            signers = log.keys["union"][:1] if union else log.hers(log.name(c.parties.model), stops=what == "suspend")
            ground = {"ground": "strike"} if what == "suspend" else {}
            log.log(kind, log.on(c), signers, consent=c.id, effective=effective, **ground)
        case "twin" | "creation" as what:
            found = log.some(Twin) if what == "twin" else log.some(Consent, act="create")
            if found is not None:
                parties, signers, under = for_the_model(log, found.statement, stops=True)
                target = {"twin": found.statement.id} if what == "twin" else {"consent": found.statement.id}
                log.log("revocation", parties, signers, effective=effective, ground="withdrawal", under=under, **target)
        case _:
            found = log.some(Mandate)
            if found is not None:
                signers = log.one(log.hers(log.name(found.statement.parties.model), stops=True), log.keys["gina"][:1])
                log.log(
                    "revocation",
                    log.on(found.statement),
                    signers,
                    mandate=found.statement.id,
                    effective=effective,
                    ground="other",
                )


def quarrel(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    about = [e for e in log.entries if getattr(e.statement, "consent", None) == c.id or e.statement.id == c.id]
    of = tuple(sorted({log.one(*about).statement.id for _ in range(log.one(1, 1, 2))}))
    if c.parties.arbiter is not None and log.chance(60):
        log.log(
            "ruling", log.on(c), log.keys["judge"][:1], consent=c.id, of=of, outcome=log.one("void", "void", "stands")
        )
        return
    authors = [log.name(c.parties.model), log.name(c.parties.licensee), *(log.name(one) for one in c.parties.payees)]
    author = log.one(*authors)
    log.log("dispute", {**log.on(c), "author": author}, log.hers(author, stops=True), consent=c.id, of=of,
            tag=log.one("key", "unpaid", "quality"))  # fmt: skip


def stolen(log: Log) -> None:
    """Somebody retires a key and says that it was stolen."""
    c = a_consent(log)
    if c is None:
        return
    author = log.one(log.name(c.parties.model), log.name(c.parties.licensee))
    if not log.keys[author]:
        return
    old = log.keys[author][0]
    signed = [
        e
        for e in log.entries
        if old in e.signers and (getattr(e.statement, "consent", None) == c.id or e.statement.id == c.id)
    ]
    change_keys(log, author)
    if log.chance(20):
        log.now += log.one(28, 30, 31) * DAY
    if signed:
        of = tuple(sorted({log.one(*signed).statement.id}))
        log.log(
            "dispute", {**log.on(c), "author": author}, log.hers(author, stops=True), consent=c.id, of=of, tag="key"
        )


def change_keys(log: Log, author: str) -> None:
    new = key_of(f"{author} new {len(log.entries)}")
    if log.chance(4):
        new = log.keys[log.one("sub", "crew")][0]
    parties = {"author": author, "guardian": log.guardian_of(author)}
    mine = log.keys[author]
    match log.one("renew", "renew", "add", "retire", "recover"):
        case "renew" if mine:
            log.log("key", parties, [mine[0], new], add=(new,), retire=(mine[0],))
            log.keys[author], log.old_keys[author] = [new, *mine[1:]], [*log.old_keys[author], mine[0]]
        case "add" if mine:
            log.log("key", parties, [mine[0], new], add=(new,))
            log.keys[author] = [*mine, new]
        case "retire" if len(mine) > 1:
            log.log("key", parties, [log.one(mine[0], key_of(log.registrar))], retire=(mine[0],))
            log.keys[author], log.old_keys[author] = mine[1:], [*log.old_keys[author], mine[0]]
        case "recover":
            fresh = key_of(f"{author} recovery {len(log.entries)}")
            recovery = Recovery(keys=(fresh,), threshold=1) if not mine or log.chance(50) else None
            guardian = log.guardian_of(author)
            signers = [log.recovery[author]] if log.recovery[author] else [
                key_of(log.registrar), *(log.keys[guardian][:1] if guardian else [])]  # fmt: skip
            log.log("key", parties, [*signers, new, *([fresh] if recovery else [])], keys=(new,), recovery=recovery)
            log.keys[author], log.old_keys[author] = [new], [*log.old_keys[author], *mine]
            log.recovery[author] = fresh if recovery else log.recovery[author]
        case _:
            pass


def keys(log: Log) -> None:
    change_keys(log, log.one("anna", "cleo", "brand", "gina", "gus", "bank", "judge"))


def guardian(log: Log) -> None:
    model, who = log.one("anna", "cleo", "cleo"), log.one("gus", "gus", "ida")
    until = log.one(*MONTHS)
    former = log.guardian_of(model)
    signers = [log.keys[who][0], key_of(log.registrar)]
    if log.recovery[model]:
        signers += log.one(
            log.keys[model][:1], [log.recovery[model]], log.keys[former][:1] if former else log.keys[model][:1]
        )
    log.log("guardian", {"model": model, "guardian": who}, signers, until=until)
    log.guardians[model] = (who, until)


def payers(log: Log, c: Consent, payee: str) -> str:
    names = [log.name(c.parties.licensee), log.name(c.parties.licensee), *(["sub"] if c.sublicensees else []),
             *(["gina"] if c.parties.agency else [])]  # fmt: skip
    return str(log.one(*[name for name in names if name != payee] or ["rival"]))


def money(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    payees = [log.name(one) for one in c.parties.payees] + (["gina"] if c.parties.agency else [])
    if not payees:
        return
    payee = str(log.one(*payees))
    payer = payers(log, c, payee)
    amount = log.one(1, 2, 3, 5, 10, 10, 20)
    usages = [e.statement.id for e in log.entries if isinstance(e.statement, Usage) and e.statement.consent == c.id]
    lines: tuple[MoneyLine, ...] = ()
    if usages and log.chance(25):
        lines = (MoneyLine(usage=log.one(*usages), amount=amount),)
    currency = log.one(*["EUR"] * 12, "USD")
    when = log.day(-3, -1, 0, 0)
    parties = {**log.on(c), "payer": payer, "payee": payee}
    ward = log.guardian_of(payee)
    if ward and payee != log.name(c.parties.model) and ward != parties.get("guardian"):
        parties["author"] = ward
    bank = BankEvidence(reference=log.one("r", "s", "t", "u"))
    match log.one("receipt", "receipt", "payment", "attested", "attested", "return", "credit"):
        case "receipt":
            paper = ReceiptMoney(currency=currency, amount=amount, received_at=when, lines=lines)
            log.log("receipt", parties, log.hers(payee), {"money": paper, "evidence": bank}, consent=c.id)
        case "payment":
            sent = PaymentMoney(currency=currency, amount=amount, settled_at=when, lines=lines)
            log.log("payment", parties, log.keys[payer][:1], {"money": sent, "evidence": bank}, consent=c.id)
        case "attested":
            provider = log.one("bank", "bank", "house bank")
            sent = PaymentMoney(currency=currency, amount=amount, settled_at=when, lines=lines)
            signers = log.keys[provider][:1]
            log.log("payment", {**parties, "provider": provider}, signers, {"money": sent, "evidence": bank},
                    consent=c.id)  # fmt: skip
        case "credit":
            let_off = AdjustmentMoney(currency=currency, amount=amount, lines=lines)
            log.log("adjustment", parties, log.hers(payee), {"money": let_off},
                    consent=c.id, kind="credit")  # fmt: skip
        case _:
            of = log.some(Payment, Receipt, consent=c.id)
            if of is not None:
                back = {"money": AdjustmentMoney(currency="EUR", amount=amount, lines=lines)}
                named = of.statement.parties
                parties |= {"payer": named.payer, "payee": named.payee, "provider": named.provider}
                parties.pop("author", None)
                who = log.name(log.one(named.payer, named.payee, named.provider or named.payer))
                log.log("adjustment", parties, log.hers(who), back, consent=c.id, kind="return", of=(of.statement.id,))


def again(log: Log) -> None:
    """An old statement is logged once more, perhaps with other signatures."""
    found = log.one(*log.entries[1:])
    signers = found.signers if log.chance(70) else frozenset(log.keys[log.one(*log.ids)])
    kept = {
        name: log.sections[found.index, name]
        for name in found.statement.sections
        if (found.index, name) in log.sections
    }
    log.put(found.statement, signers or {LOG_KEY}, kept)


def erase(log: Log) -> None:
    found = log.some(Consent, Usage, Payment, Receipt, Party, Report)
    if found is None:
        return
    parties: dict[str, Any] = log.on(found.statement)
    if isinstance(found.statement, Party):
        guardian = log.guardian_of(log.name(found.statement.id))
        parties = {**parties, "author": found.statement.id, "guardian": guardian}
    names = sorted(set(found.statement.sections) - {"exclusive"})
    erased = (str(log.one(*names)),)
    log.log("erasure", parties, [key_of(log.registrar)], of=found.statement.id, erased=erased, ground="request")
    if log.chance(50):
        log.sections.pop((found.index, erased[0]), None)


def registry(log: Log) -> None:
    new = f"registrar {len(log.entries)}"
    log.log("registry", {}, [LOG_KEY], registrars=(key_of(new),))
    log.registrar = new


COMMON = (
    usage,
    usage,
    usage,
    usage,
    report,
    report,
    stop,
    stop,
    approval,
    approval,
    consent,
    consent,
    money,
    money,
    money,
)
SELDOM = (quarrel, stolen, keys, guardian, mandate, again, erase, registry)
ACTS: tuple[Callable[[Log], None], ...] = (*COMMON, *COMMON, *SELDOM)


def guardian_first(log: Log) -> None:
    """A ward without keys has a guardian from the beginning."""
    log.log("guardian", {"model": "cleo", "guardian": "gus"},
            [log.keys["gus"][0], key_of(log.registrar), *log.keys["cleo"][:1]], until=MONTHS[-1])  # fmt: skip
    log.guardians["cleo"] = ("gus", MONTHS[-1])


def draw(seed: int, acts: int = 12) -> Drawn:
    """The history of a number."""
    random = Random(seed)
    log = Log(seed, random)
    log.profile = random.choice(PROFILES)
    genesis = log.log("genesis", {}, [LOG_KEY], origin=ORIGIN, log=VKEY, registrars=(key_of("registrar"),),
                      rules=1, profile=log.profile)  # fmt: skip
    log.genesis = genesis.statement.id
    for name, roles in PEOPLE.items():
        log.enrol(name, roles, 0 if name == "cleo" and random.randrange(2) else 1)
    if random.randrange(4) == 0 or not log.keys["cleo"]:
        log.now -= 10 * DAY
        guardian_first(log)
        log.now += 10 * DAY
    twin(log, "anna")
    if random.randrange(3) == 0:
        twin(log, log.one("anna", "cleo"))
    if random.randrange(2):
        mandate(log)
    log.honest = random.randrange(3) == 0
    advance(log)
    log.honest = log.honest or bool(random.randrange(2))
    consent(log, "brand", "anna")
    if log.chance(50):
        advance(log)
        consent(log, "rival", "anna")
    usage(log)
    for _ in range(random.randrange(acts + 1)):
        log.random.choice(ACTS)(log)
        if log.chance(50):
            advance(log)
    as_of = log.now
    instant = as_of + random.choice([0, 0, 0, -DAY, HOUR, DAY, DAY + 1, 3 * DAY, 40 * DAY])
    return Drawn(seed=seed, genesis=log.genesis, entries=log.entries, sections=log.sections, instant=instant,
                 as_of=as_of,
                 max_age=random.choice([DAY, 10**9, 10**9]),
                 names={id: name for name, id in log.ids.items()})  # fmt: skip
