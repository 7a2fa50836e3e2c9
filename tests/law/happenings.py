"""What can happen in a random history: each function logs one thing that somebody says, rightly or not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.law.happenings_money import echo, give_back, money, money_of, money_of_scan, not_arrived
from tests.law.happenings_people import again, change_keys, erase, guardian, guardian_first, keys, registry
from tests.law.happenings_terms import (
    PLACED,
    alone,
    exercise,
    header,
    maybe_exercise,
    rare_terms,
    release,
    way_out,
)
from tests.law.histories import (
    ASSETS,
    CONTROLLED,
    DAY,
    HOUR,
    ORIGIN,
    PEOPLE,
    PROFILES,
    Drawn,
    Log,
    a_consent,
    advance,
    asset,
    key_of,
    vkey,
)
from verifier.statements.sections import (
    ApprovalTerms,
    CreateTerms,
    Exclusive,
    MandateMoney,
    ReportLine,
    ReportTerms,
    Terms,
    UsageTerms,
)
from verifier.statements.types import (
    Consent,
    Mandate,
    Statement,
    Twin,
    Usage,
)


def twin(log: Log, model: str) -> None:
    maker = log.one("maker", "maker", "brand")
    guardian = {"guardian": log.guardian_of(model)}
    signers = [*log.hers(model), *log.keys[maker][:1]]
    terms = CreateTerms(description="x" * 20, methods=("scan",), starts=log.now,
                        ends=log.now + log.one(4, 9, 60) * DAY, language="en", advice="none",
                        delivered=log.now - log.one(0, DAY, 3 * DAY),
                        profile=log.one(None, None, None, "ny", "sag-aftra"))  # fmt: skip
    parties = {"model": model, "maker": maker, **guardian}
    paid: dict[str, Any] = {}
    if log.chance(30):
        paid["money"] = money_of_scan(log, model)
    payees = {"payees": [split.payee for split in paid["money"].splits]} if paid else {}
    banks = tuple(sorted([log.ids["bank"], log.ids["house bank"]])) if paid and log.chance(80) else None
    creation = log.log("consent", {**parties, **payees}, signers, {"terms": terms, **paid}, act="create",
                       providers=banks)  # fmt: skip
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
    agency = log.one("gina", "gina", "otto")
    parties = {"model": model, "agency": agency, "guardian": log.guardian_of(model)}
    money = MandateMoney(commission_bp=log.one(1_000, 2_000, 5_000))
    log.log("mandate", parties, [*log.hers(model), *log.keys[agency][:1]], {"money": money},
            powers=powers, starts=starts, ends=ends)  # fmt: skip


def use_terms(log: Log) -> Terms:
    starts = log.day(-4, -4, -3, -3, -2, -1, 0, 1)
    more: dict[str, Any] = {}
    choices: dict[str, Callable[[], Any]] = {
        "products": lambda: ("Spring",),
        "categories": lambda: log.one(("1058",), ("1059",), ("1062",), ("1062", "1067"), ("no-such",)),
        "categories_denied": lambda: log.one(("1059",), ("1062",), ("1067",)),
        "channels": lambda: log.one(("print",), ("print", "social"), ("print", "social"), ("no-such", "print")),
        "countries": lambda: log.one(("DE",), ("DE", "FR"), ("FR",), ("US",), ("DE", "ZZ")),
        "countries_excluded": lambda: log.one(("FR",), ("US",)),
        "spill": lambda: log.one(1_000, 5_000),
        "late_window": lambda: log.one(HOUR, DAY, 2 * DAY),
        "sell_off": lambda: log.one(HOUR, DAY, 2 * DAY),
        "notice": lambda: log.one(HOUR, DAY, 2 * DAY),
        "caps": lambda: {
            name: log.one(0, 1, 2, 4)
            for name in sorted(log.random.sample(["uses", "images", "impressions", "days"], log.one(1, 1, 2)))
        },
        "allow": lambda: log.one(("garment",), ("lingerie",), ("garment", "nudity"), ("hair",), ("no-such",)),
        "approve": lambda: log.one(("hair",), ("hair",), ("lighting",), ("lingerie",)),
        "derivatives": lambda: log.one("approve", "allow"),
        "training": lambda: log.one("own_twin", "allow"),
        "approval": lambda: "each",
        "silence": lambda: log.one(0, HOUR, DAY, 2 * DAY),
        "label": lambda: log.one("visible", "marked", "both"),
        "pay_first": lambda: log.one("session", "prepaid"),
        "overdue_limit": lambda: log.one(0, 1),
        "profile": lambda: log.one("eu", "ny", "sag-aftra", "open", "equity-uk"),
        "rights": lambda: ("likeness", "voice"),
        "purposes": lambda: log.one(("advertising", "editorial"), ("editorial",), ("pitch", "portfolio")),
        **rare_terms(log),
    }
    likely = ("late_window", "sell_off", "notice", "approval", "silence", "caps", "pay_first", "overdue_limit", "spill",
              "allow", "approve", "derivatives", "run", "placements")  # fmt: skip
    for name, choose in choices.items():
        if log.chance(15 if name in likely else 4):
            more[name] = choose()
    if "caps" in more and log.chance(25):
        more["overage"] = log.one(tuple(more["caps"]), tuple(more["caps"])[:1], ("days",))
    if log.chance(2):
        more["ends"] = starts - log.one(0, DAY)
    return Terms(**{
        "rights": ("likeness",), "purposes": ("advertising",), "description": "x" * 20, "categories": ("all",),
        "channels": ("display", "print", "social"), "countries": ("WORLD",), "starts": starts,
        "ends": starts + log.one(4, 8, 60, 60) * DAY, "approval": "none", "language": "en",
        "delivered": starts - log.one(7 * DAY, 7 * DAY, 48 * HOUR, 48 * HOUR - 1, DAY, DAY - 1), "advice": "none",
        **more,
    })  # fmt: skip


def exclusive(log: Log) -> Exclusive:
    starts = log.day(-3, -2, -1, 0, 1)
    friends = tuple(sorted([log.ids["rival"], log.ids["sub"]]))
    return Exclusive(
        categories=log.one(("all",), ("all",), ("1058",), ("1059",), ("1067",), ("1062",), ("1062", "no-such")),
        channels=log.one(("print",), ("print",), ("print", "social"), ("ctv",), ("no-such", "print")),
        countries=log.one(("WORLD",), ("WORLD",), ("DE",), ("DE", "US"), ("DE", "ZZ")), starts=starts,
        ends=starts + log.one(1, 3, 6, 12, 12) * DAY if log.chance(97) else starts,
        countries_excluded=log.one((), (), (), (), ("DE",), ("FR",)),
        except_=log.one((), (), (), (), (log.ids["rival"],), (log.ids["brand"],), friends),
        hold_off=log.one(0, 0, HOUR, 2 * DAY), notice=log.one(0, 0, HOUR, DAY), **alone(log),
    )  # fmt: skip


def consent(log: Log, licensee: str = "", model: str = "") -> None:
    old = log.some(Consent, act="use") if log.chance(45) and not licensee else None
    model = model or (log.name(old.statement.parties.model) if old else log.one("anna", "anna", "anna", "cleo"))
    if not licensee:
        licensee = log.one("brand", "rival", "brand", "rival", "sub")
        licensee = log.name(old.statement.parties.licensee) if old else licensee
    twins = [e for e in log.entries if isinstance(e.statement, Twin) and e.statement.parties.model == log.ids[model]]
    if not twins:
        return
    mandates = [
        e for e in log.entries if isinstance(e.statement, Mandate) and e.statement.parties.model == log.ids[model]
    ]
    under = log.one(*mandates) if mandates and log.chance(45) else None
    agency = log.name(under.statement.parties.agency) if under else None
    money = money_of(log, model, agency)
    payees = [split.payee for split in money.splits]
    if log.chance(2):
        payees = [*payees[1:], log.ids["maker"]]
    parties = {
        "model": model, "licensee": licensee, "payees": payees, "agency": agency,
        "union": "union" if log.chance(40) else None,
        "arbiter": "judge" if log.chance(75) else None, "guardian": log.guardian_of(model),
    }  # fmt: skip
    sections: dict[str, Any] = {"terms": use_terms(log), "money": money}
    if log.chance(45):
        sections["exclusive"] = exclusive(log)
    if old is not None and "exclusive" in old.statement.sections and log.chance(60):
        sections["exclusive"] = log.sections.get((old.index, "exclusive")) or exclusive(log)
    if old is not None and log.chance(50) and isinstance(terms := log.sections.get((old.index, "terms")), Terms):
        sections["terms"] = terms
    signers = [*log.hers(model), *log.keys[licensee][:1], *(log.keys[agency][:1] if agency else [])]
    made = log.log("consent", parties, signers, sections, act="use", twin=log.one(*twins).statement.id,
            under=under.statement.id if under else None, **header(log, old.statement.id if old else None),
            sublicensees=(log.ids["sub"],) if log.chance(30) else None,
            providers=tuple(sorted([log.ids["bank"], log.ids["house bank"]])) if log.chance(80) else None)  # fmt: skip
    assert isinstance(made.statement, Consent)
    maybe_exercise(log, made.statement)


def allowed(log: Log, terms: Terms) -> dict[str, Any]:
    """A use that keeps to its consent's terms as far as this is easily done."""
    found: dict[str, Any] = {"purpose": terms.purposes[0], "label": log.one(terms.label, "both")}
    if terms.products is not None:
        found["product"] = terms.products[0]
    if "paid" not in terms.placements:
        found["placement"] = terms.placements[0]
    if terms.categories != ("all",):
        found["category"] = log.one(*terms.categories)
    if "WORLD" not in terms.countries:
        found["countries"] = terms.countries[:1]
    if (asked := terms.allow + terms.approve) and log.chance(70):
        found["manipulations"] = tuple(sorted({log.one(*asked), log.one(*asked)}))
    if terms.derivatives != "none" and log.chance(70):
        found["derivative_of"] = ("0" * 64,)
    if terms.training != "none" and log.chance(70):
        found["training"] = True
    return found


def usage(log: Log, c: Consent | None = None) -> None:
    c = c or a_consent(log)
    if c is None:
        return
    starts = log.day(-2, -1, 0, 0, 0, 1, 1, 2, 3)
    more: dict[str, Any] = {}
    granted = next((log.sections.get((e.index, "terms")) for e in log.entries if e.statement.id == c.id), None)
    if isinstance(granted, Terms) and log.chance(60):
        more = allowed(log, granted)
        starts = max(starts, log.now, granted.starts)
    choices: dict[str, Callable[[], Any]] = {
        "rights": lambda: ("likeness", "voice"),
        "channels": lambda: log.one(("social",), ("print", "social"), ("ctv",), ("no-such", "print")),
        "countries": lambda: log.one(("DE", "FR"), ("FR",), ("US",), ("WORLD",), ("ZZ",)),
        "purpose": lambda: log.one("editorial", "portfolio"), "placement": lambda: log.one(*PLACED)[0],
        "category": lambda: log.one("1062", "1059", "x-fur", "no-such"), "product": lambda: log.one("Spring", "Autumn"),
        "targeted": lambda: True,
        "manipulations": lambda: log.one(
            ("garment",), ("hair",), ("lingerie",), ("nudity",), ("garment", "hair"), ("no-such",)
        ),
        "derivative_of": lambda: ("0" * 64,), "training": lambda: True,
        "label": lambda: log.one("visible", "marked", "both"),
        "units": lambda: {log.one("images", "impressions", "days"): log.one(1, 2, 5, 12)},
    }  # fmt: skip
    for name, choose in choices.items():
        if log.chance(12 if name == "units" else 4):
            more[name] = choose()
    length = log.one(1, 2, 3, 6, 6, 6, 6, 40) * DAY if log.chance(96) else log.one(0, 0, 366 * DAY, 366 * DAY + 1)
    terms = UsageTerms(**{
        "rights": ("likeness",), "channels": ("print",), "countries": ("DE",), "purpose": "advertising",
        "category": "1067", "starts": starts, "ends": starts + length, **more,
    })  # fmt: skip
    sub = "sub" if c.sublicensees and log.chance(50) else None
    if c.sublicense == "countersigned" and log.chance(40):
        sub = log.one("sub", "rival" if c.parties.licensee != log.ids["rival"] else "brand")
    log.log("usage", {**log.on(c), "sublicensee": sub}, users(log, c, sub), {"terms": terms}, consent=c.id,
            twin=c.twin if log.chance(98) else "0" * 64,
            assets=log.one(ASSETS[:1], ASSETS[:1], ASSETS[1:], tuple(sorted(ASSETS))))  # fmt: skip


def users(log: Log, c: Statement, sub: str | None) -> list[str]:
    """Who signs a usage or report: of a sub-licensee who is not listed, the licensee too."""
    licensee = log.keys[log.name(c.parties.licensee)][:1]
    if sub is None:
        return licensee
    listed = isinstance(c, Consent) and log.ids[sub] in (c.sublicensees or ())
    return log.keys[sub][:1] if listed or log.chance(8) else [*log.keys[sub][:1], *licensee]


def report(log: Log) -> None:
    found = log.some(Usage)
    if log.chance(15):
        log.now += log.one(2, 2, 3, 3, 3, 370) * DAY  # of what may have ended long ago
    if found is None or not isinstance(found.statement, Usage):
        return
    parties = {**log.on(found.statement), "sublicensee": found.statement.parties.sublicensee}
    terms = log.sections.get((found.index, "terms"))
    told = [terms.starts + DAY, terms.ends, terms.ends + DAY, terms.starts + 400 * DAY] if terms else []
    ends = log.one(log.now, log.now, log.day(-1, -2, 1), *told) if log.chance(60) else None
    rare = ("ctv", "no-such", "US", "ZZ")
    lines = tuple(ReportLine(channel=channel, country=country, impressions=log.one(0, 1, 3, 2_000))
                  for channel in ("ctv", "no-such", "print", "social") for country in ("DE", "FR", "US", "ZZ")
                  if log.chance(1 if channel in rare or country in rare else 30))  # fmt: skip
    signers = found.signers
    if log.chance(95):
        sub = found.statement.parties.sublicensee
        consents = [e.statement for e in log.entries if e.statement.id == found.statement.consent]
        if consents:
            signers = frozenset(users(log, consents[0], log.name(sub) if sub else None))
    terms = ReportTerms(ends=ends, images=log.one(None, None, 1, 3), lines=lines, value=log.one(None, None, 3, 40))
    log.log("report", parties, signers, {"terms": terms},
            consent=found.statement.consent, usage=found.statement.id)  # fmt: skip


def for_the_model(log: Log, target: Statement, *, stops: bool) -> tuple[dict[str, Any], list[str], str | None]:
    """She signs, or her agency for her."""
    model = log.name(target.parties.model)
    parties = log.on(target)
    mandates = [
        e for e in log.entries if isinstance(e.statement, Mandate) and e.statement.parties.model == target.parties.model
    ]
    if mandates and not isinstance(target, Mandate) and log.chance(35):
        under = log.one(*mandates)
        agency = log.name(under.statement.parties.agency)
        if log.ids.get(agency) not in {*target.parties.roles().values(), *target.parties.payees}:
            parties["author"] = agency
        return parties, log.keys[agency][:1], under.statement.id
    return parties, log.hers(model, stops=stops), None


def approval(log: Log) -> None:
    c = a_consent(log)
    used = log.some(Usage) if log.chance(50) else None
    assets = log.one(ASSETS[:1], ASSETS[:1], ASSETS[1:], tuple(sorted(ASSETS)))
    if used is not None and isinstance(used.statement, Usage):  # of what somebody does already
        consents = [e.statement for e in log.entries if e.statement.id == used.statement.consent]
        if consents and isinstance(consents[0], Consent):
            c, assets = consents[0], used.statement.assets
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
            ApprovalTerms(category="1067", channels=("print", "social"), countries=("DE", "FR")),
            ApprovalTerms(category="no-such"), ApprovalTerms(countries=("DE", "ZZ")),
        )  # fmt: skip
    log.log("approval", parties, signers, terms, consent=c.id, assets=assets, decision=decision, under=under)


def race(log: Log) -> None:
    """Somebody declares a use once he has heard that it will be stopped."""
    c = a_consent(log)
    stop(log, c)
    usage(log, c)


def stop(log: Log, c: Consent | None = None) -> None:
    c = c or a_consent(log)
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
                signers = log.one(log.hers(log.name(found.statement.parties.model), stops=True),
                                  log.keys[log.name(found.statement.parties.agency)][:1])  # fmt: skip
                log.log("revocation", log.on(found.statement), signers, mandate=found.statement.id,
                        effective=effective, ground="other")  # fmt: skip


def quarrel(log: Log) -> None:
    c = a_consent(log)
    if c is None:
        return
    about = [e for e in log.entries if getattr(e.statement, "consent", None) == c.id or e.statement.id == c.id]
    if log.chance(5):
        about = log.entries  # what is not its business too
    of = tuple(sorted({log.one(*about).statement.id for _ in range(log.one(1, 1, 2))}))
    if c.parties.arbiter is not None and log.chance(60):
        log.log(
            "ruling", log.on(c), log.keys["judge"][:1], consent=c.id, of=of, outcome=log.one("void", "void", "stands")
        )
        return
    authors = [c.parties.model, c.parties.licensee, *c.parties.payees]
    author = log.name(log.one(*authors, *(one for one in (c.parties.agency, c.parties.union) if one)))
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
    echo,
)
SELDOM = (
    quarrel, stolen, keys, guardian, mandate, again, erase, registry, race, give_back, give_back, not_arrived,
    not_arrived, exercise, exercise, way_out, way_out, release, release,
)  # fmt: skip
ACTS: tuple[Callable[[Log], None], ...] = (*COMMON, *COMMON, *SELDOM)


def draw(seed: int, acts: int = 12) -> Drawn:
    """The history of a number."""
    random = Random(seed)
    log = Log(seed, random)
    log.profile = random.choice(PROFILES)
    log.controllers = dict(CONTROLLED)
    if log.chance(50):
        under = ("brand", "house bank", "gina", "crew", "rival", "sub", "union")
        log.controllers = {name: log.one("owner", "top") for name in under if log.chance(35)} | {"owner": "top"}
    genesis = log.log("genesis", {}, [log.log_key], origin=ORIGIN, log=vkey(log.log_key),
                      registrars=(key_of("registrar"),), rules=2, profile=log.profile)  # fmt: skip
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
    first = log.one("brand", "brand", "rival")
    consent(log, first, "anna")
    if log.chance(50):
        advance(log)
        consent(log, "rival" if first == "brand" else "brand", "anna")
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
                 by_clock=random.choice([False, False, True]),
                 names={id: name for name, id in log.ids.items()})  # fmt: skip
