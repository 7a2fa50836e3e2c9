"""Random worlds: everything that parties can do to one another, honest or not, in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.support.world import Actor, Logged, World, key
from verifier.statements.types import Consent

ASSETS = ("a.jpg", "b.jpg", "c.jpg")
COUNTRIES = (["DE"], ["DE", "FR"], ["US"], ["WORLD"])
EARLY = {"starts": "-30d"}
TIMES = {**EARLY, "delivered": "-60d"}


@dataclass(kw_only=True, repr=False)
class Stage:
    """A world with a cast, and what has happened in it so far."""

    world: World
    model: Actor
    brand: Actor
    rival: Actor
    agency: Actor
    bank: Actor
    arbiter: Actor
    parent: Actor
    mandate: Logged
    consents: list[Logged] = field(default_factory=list)
    usages: list[Logged] = field(default_factory=list)
    papers: list[Logged] = field(default_factory=list)
    others: list[Logged] = field(default_factory=list)

    def __repr__(self) -> str:
        return ", ".join(map(repr, self.world.entries.values()))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As hypothesis prints it."""
        printer.text(repr(self))

    @property
    def everyone(self) -> list[Actor]:
        return [self.model, self.brand, self.rival, self.agency, self.bank, self.arbiter, self.parent]


def stage(**world: Any) -> Stage:
    """The cast is enrolled, and a first consent is given."""
    return stage_in(World(**world))


def stage_in(made: World) -> Stage:
    """The same in a world that is there already."""
    owner = made.party("owner", roles=["holder"])
    cast = Stage(
        world=made,
        model=made.party("model", roles=["model"]),
        brand=made.party("brand", roles=["licensee"], controller=owner),
        rival=made.party("rival", roles=["licensee"]),
        agency=made.party("agency", roles=["agency"]),
        bank=made.party("bank", roles=["provider"]),
        arbiter=made.party("arbiter", roles=["arbiter"]),
        parent=made.party("parent", roles=["guardian"]),
        mandate=made.genesis,
    )
    cast.mandate = made.mandate(model=cast.model, agency=cast.agency)
    cast.consents.append(_consent(cast, cast.brand))
    return cast


def _consent(s: Stage, licensee: Actor, **more: Any) -> Logged:
    more["terms"] = {**TIMES, **more.get("terms", {})}
    return s.world.consent(model=s.model, licensee=licensee, providers=[s.bank], arbiter=s.arbiter, **more)


def _dishonest(draw: DrawFn, s: Stage) -> dict[str, Any]:
    """Now and then the wrong party signs."""
    return {"signers": [draw(st.sampled_from(s.everyone))]} if draw(st.integers(0, 9)) == 0 else {}


def usage(draw: DrawFn, s: Stage) -> None:
    consent = draw(st.sampled_from(s.consents))
    starts = s.world.now + draw(st.sampled_from([0, 0, -3, 5])) * 86_400
    terms = {
        "countries": draw(st.sampled_from(COUNTRIES)),
        "starts": starts,
        "ends": starts + draw(st.sampled_from([1, 10, 20, 400])) * 86_400,
    }
    if draw(st.integers(0, 5)) == 0:
        terms["manipulations"] = [draw(st.sampled_from(["garment", "nudity"]))]
    assets = draw(st.lists(st.sampled_from(ASSETS), min_size=1, max_size=2, unique=True))
    sublicensees = getattr(consent.statement, "sublicensees", None)
    by = s.rival if sublicensees and draw(st.booleans()) else None
    s.usages.append(s.world.usage(consent, assets, terms=terms, sublicensee=by, **_dishonest(draw, s)))


def report(draw: DrawFn, s: Stage) -> None:
    if s.usages:
        lines = [{"channel": "print", "country": "DE", "impressions": draw(st.integers(0, 5_000))}]
        terms: dict[str, Any] = {"lines": draw(st.sampled_from([[], lines]))}
        if draw(st.booleans()):
            terms["ends"] = s.world.now
        s.others.append(s.world.report(draw(st.sampled_from(s.usages)), terms=terms, **_dishonest(draw, s)))


def money(draw: DrawFn, s: Stage) -> None:
    consent = draw(st.sampled_from(s.consents))
    amount = draw(st.sampled_from([1, 50_000, 100_000]))
    payee = draw(st.sampled_from([s.model, s.model, s.agency]))
    more: dict[str, Any] = {"reference": draw(st.sampled_from(["ONE", "TWO"])), **_dishonest(draw, s)}
    match draw(st.integers(0, 2)):
        case 0:
            s.papers.append(s.world.payment(consent, payee=payee, amount=amount, **more))
        case 1:
            s.papers.append(s.world.payment(consent, payee=payee, amount=amount, provider=s.bank, **more))
        case _:
            s.papers.append(s.world.receipt(consent, payee=payee, amount=amount, **more))


def adjustment(draw: DrawFn, s: Stage) -> None:
    consent = draw(st.sampled_from(s.consents))
    takes_back = draw(st.booleans())
    if s.papers and takes_back:
        of = [draw(st.sampled_from(s.papers))]
        by = draw(st.sampled_from([None, s.model, s.bank]))
        s.others.append(s.world.adjustment(consent, kind="return", payee=s.model, amount=50_000, of=of, by=by))
    else:
        s.others.append(s.world.adjustment(consent, kind="credit", payee=s.model, amount=50_000, **_dishonest(draw, s)))


def approval(draw: DrawFn, s: Stage) -> None:
    consent, asset = draw(st.sampled_from(s.consents)), draw(st.sampled_from(ASSETS))
    under = draw(st.sampled_from([None, s.mandate]))
    decision = draw(st.sampled_from(["approve", "reject"]))
    s.others.append(s.world.approval(consent, [asset], decision=decision, under=under, **_dishonest(draw, s)))


def stop(draw: DrawFn, s: Stage) -> None:
    consent = draw(st.sampled_from(s.consents))
    effective = draw(st.sampled_from(["-5d", "+0d", "+5d"]))
    match draw(st.integers(0, 4)):
        case 0:
            s.others.append(s.world.revocation(consent=consent, effective=effective, **_dishonest(draw, s)))
        case 1:
            s.others.append(s.world.revocation(consent=consent, effective=effective, under=s.mandate))
        case 2:
            s.others.append(s.world.suspension(consent, effective=effective, **_dishonest(draw, s)))
        case 3:
            s.others.append(s.world.resumption(consent, effective=effective, **_dishonest(draw, s)))
        case _:
            targets: list[dict[str, Any]] = [{"mandate": s.mandate}, {"twin": s.world.twin_of(s.model)}]
            target = draw(st.sampled_from(targets))
            s.others.append(s.world.revocation(effective=effective, **target))


def quarrel(draw: DrawFn, s: Stage) -> None:
    consent = draw(st.sampled_from(s.consents))
    of = [draw(st.sampled_from([*s.consents, *s.usages, *s.papers, *s.others]))]
    if draw(st.booleans()):
        tag = draw(st.sampled_from(["key", "unpaid", "quality"]))
        author = draw(st.sampled_from([s.model, s.brand]))
        s.others.append(s.world.dispute(consent, of, author=author, tag=tag))
    else:
        outcome = draw(st.sampled_from(["void", "stands"]))
        s.others.append(s.world.ruling(consent, of, outcome=outcome, **_dishonest(draw, s)))


def consent(draw: DrawFn, s: Stage) -> None:
    licensee = draw(st.sampled_from([s.brand, s.rival]))
    more: dict[str, Any] = _dishonest(draw, s)
    own = [one for one in s.consents if one.statement.parties.licensee == licensee.id]
    amends = draw(st.booleans())
    if own and amends:
        more["replaces"] = draw(st.sampled_from(own))
    if draw(st.booleans()):
        more["exclusive"] = {"countries": draw(st.sampled_from(COUNTRIES)), **EARLY}
    money: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        more["under"] = s.mandate
        money["splits"] = [
            {"payee": s.agency, "kind": "agency", "parts": 1},
            {"payee": s.model, "kind": "model", "parts": 4, "via": s.agency},
        ]
    if licensee is s.brand and draw(st.integers(0, 3)) == 0:
        more["sublicensees"] = [s.rival]
    if draw(st.integers(0, 3)) == 0:
        more["twin"] = s.world.twin(s.model)
    terms = draw(
        st.sampled_from(
            [
                {},
                {"approval": "each"},
                {"caps": {"uses": 1}},
                {"countries": ["DE"], "late_window": 86_400},
                {"pay_first": "session"},
                {"notice": 3 * 86_400, "sell_off": 2 * 86_400},
                {"approve": ["garment"], "training": "allow"},
            ]
        )
    )
    money["fees"] = draw(st.sampled_from([[{"per": "flat", "amount": 100_000}], [{"per": "mille", "amount": 500}]]))
    s.consents.append(_consent(s, licensee, terms=terms, money=money, **more))


def keys(draw: DrawFn, s: Stage) -> None:
    author = draw(st.sampled_from([s.model, s.brand, s.agency]))
    new = key(f"new {s.world.log.size}")
    s.others.append(s.world.key(author, add=[new], retire=[author.keys[0]]))


def guardian(draw: DrawFn, s: Stage) -> None:
    until = draw(st.sampled_from(["2026-02-01T00:00:00Z", "2030-01-01T00:00:00Z"]))
    s.others.append(s.world.guardian(s.model, s.parent, until=until))


def erase(draw: DrawFn, s: Stage) -> None:
    if draw(st.booleans()):
        return
    of = draw(st.sampled_from([*s.consents, *s.usages, *s.papers]))
    names = sorted(set(of.statement.sections) - {"exclusive", "person"})
    s.others.append(s.world.erasure(of, erased=[draw(st.sampled_from(names))]))


def wait(draw: DrawFn, s: Stage) -> None:
    s.world.advance(draw(st.sampled_from(["1h", "1d", "6d"])))


COMMON = (usage, usage, usage, report, money, money, money, consent, consent, wait, wait)
SELDOM = (adjustment, approval, stop, quarrel, keys, guardian, erase)
ACTS: tuple[Callable[[DrawFn, Stage], None], ...] = (*COMMON, *SELDOM)


@st.composite
def stages(draw: DrawFn, acts: int = 12) -> Stage:
    """A stage on which so many things happened at most, at least one usage among them."""
    made = stage()
    if draw(st.booleans()):
        consent(draw, made)
    usage(draw, made)
    for act in draw(st.lists(st.sampled_from(ACTS), max_size=acts)):
        act(draw, made)
    return made


def is_use(made: Logged) -> bool:
    return isinstance(made.statement, Consent) and made.statement.act == "use"
