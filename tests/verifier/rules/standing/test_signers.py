"""A1: the column "signers" of the protocol's table (section 4), row by row and key by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.cast import Cast, Logged, key
from tests.support.world import Actor
from verifier.base.private_keys import SigningKey

Signers = list[Actor | SigningKey]


@dataclass(frozen=True)
class Row:
    """One kind of statement: how it is made with certain signers, and whose signatures it needs."""

    name: str
    signers: str
    make: Callable[..., Logged]


def on_deal(name: str, signers: str, make: Callable[..., Logged]) -> Row:
    return Row(name, signers, lambda c, **o: make(c.world, c, c.deal, **o))


def simple(c: Cast, **options: Any) -> Logged:
    return c.consent(**options)


def creation(c: Cast, **options: Any) -> Logged:
    return c.world.creation(model=c.anna, maker=c.studio, **options)


def returned(w: Any, c: Cast, deal: Logged, **options: Any) -> Logged:
    made: Logged = w.adjustment(deal, kind="return", payee=c.anna, amount=1, of=[deal], **options)
    return made


def party(c: Cast, **options: Any) -> Logged:
    made = c.world.party("berta", roles=["model"], **options).entry
    assert made is not None
    return made


def pay(w: Any, c: Cast, deal: Logged, **options: Any) -> Logged:
    made: Logged = w.payment(deal, payee=c.anna, amount=1, **options)
    return made


ROWS = [
    Row("mandate", "anna gina", lambda c, **o: c.world.mandate(model=c.anna, agency=c.gina, **o)),
    Row("consent to create", "anna studio", creation),
    Row("twin", "anna studio", lambda c, **o: c.world.twin(c.anna, creation=creation(c), **o)),
    Row("consent", "anna brand", simple),
    Row("consent under a mandate", "anna brand gina", lambda c, **o: c.consent(under=c.mandate, **o)),
    on_deal("approval", "anna", lambda w, c, d, **o: w.approval(d, ["a"], **o)),
    on_deal("rejection", "anna", lambda w, c, d, **o: w.approval(d, ["a"], decision="reject", **o)),
    on_deal("approval under a mandate", "gina", lambda w, c, d, **o: w.approval(d, ["a"], under=c.mandate, **o)),
    on_deal("usage", "brand", lambda w, c, d, **o: w.usage(d, **o)),
    on_deal("usage of a sub-licensee", "sub", lambda w, c, d, **o: w.usage(d, sublicensee=c.sub, **o)),
    on_deal("report", "brand", lambda w, c, d, **o: w.report(w.usage(d), **o)),
    on_deal("sub-licensee's report", "sub", lambda w, c, d, **o: w.report(w.usage(d, sublicensee=c.sub), **o)),
    on_deal("payment", "brand", pay),
    on_deal("payment by a sub-licensee", "sub", lambda w, c, d, **o: pay(w, c, d, payer=c.sub, **o)),
    on_deal("payment by the agency", "gina", lambda w, c, d, **o: pay(w, c, d, payer=c.gina, **o)),
    on_deal("attestation", "bank", lambda w, c, d, **o: pay(w, c, d, provider=c.bank, **o)),
    on_deal("receipt", "anna", lambda w, c, d, **o: w.receipt(d, payee=c.anna, amount=1, **o)),
    on_deal("receipt of a fund", "crew", lambda w, c, d, **o: w.receipt(d, payee=c.crew, amount=1, **o)),
    on_deal("receipt of the agency", "gina", lambda w, c, d, **o: w.receipt(d, payee=c.gina, amount=1, **o)),
    on_deal("credit", "anna", lambda w, c, d, **o: w.adjustment(d, kind="credit", payee=c.anna, amount=1, **o)),
    on_deal("return by the payer", "brand", returned),
    on_deal("return by the provider", "bank", lambda w, c, d, **o: returned(w, c, d, provider=c.bank, **o)),
    on_deal("return by the payee", "anna", lambda w, c, d, **o: returned(w, c, d, by=c.anna, **o)),
    on_deal("revocation", "anna", lambda w, c, d, **o: w.revocation(consent=d, **o)),
    on_deal("revocation under a mandate", "gina", lambda w, c, d, **o: w.revocation(consent=d, under=c.mandate, **o)),
    on_deal("revocation of a mandate", "anna", lambda w, c, d, **o: w.revocation(mandate=c.mandate, **o)),
    on_deal("retirement of a twin", "anna", lambda w, c, d, **o: w.revocation(twin=w.twin_of(c.anna), **o)),
    on_deal("suspension", "anna", lambda w, c, d, **o: w.suspension(d, **o)),
    on_deal("suspension by the union", "ulla", lambda w, c, d, **o: w.suspension(d, **{"by": c.ulla, **o})),
    on_deal("resumption", "anna", lambda w, c, d, **o: w.resumption(d, **o)),
    on_deal("resumption by the union", "ulla", lambda w, c, d, **o: w.resumption(d, **{"by": c.ulla, **o})),
    on_deal("dispute", "brand", lambda w, c, d, **o: w.dispute(d, [d], author=c.brand, **o)),
    on_deal("ruling", "arno", lambda w, c, d, **o: w.ruling(d, [w.usage(d)], **o)),
    on_deal("erasure", "registrar", lambda w, c, d, **o: w.erasure(d, **o)),
    Row("registry", "log", lambda c, **o: c.world.registry(rules=2, **o)),
    Row("party", "own own-recovery registrar", party),
]  # fmt: skip


def signing(c: Cast, name: str) -> SigningKey:
    """The key with which one signs."""
    match name:
        case "registrar":
            return c.world.registrar
        case "log":
            return c.world.log_key
        case "own":
            return key(f"{c.world.origin} berta 0")
        case "own-recovery":
            return key(f"{c.world.origin} berta recovery 0")
        case _:
            return c.actor(name).keys[0]


def prepared(row: Row) -> tuple[Cast, list[SigningKey]]:
    """A cast in which everybody is enrolled who has to sign, and their keys."""
    c = Cast()
    if row.name not in ("mandate", "consent to create", "twin", "registry", "party"):
        c.enrol()
    return c, [signing(c, name) for name in row.signers.split()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_right_signers(row: Row) -> None:
    c, _ = prepared(row)
    assert c.standing(row.make(c)) == "good"


def each(*without: str) -> list[Any]:
    """Every row and place of a signer in it."""
    return [
        pytest.param(row, place, id=f"{row.name}-{name}")
        for row in ROWS
        for place, name in enumerate(row.signers.split())
        if name not in without
    ]


@pytest.mark.parametrize("row, place", each())
def test_one_is_missing(row: Row, place: int) -> None:
    c, keys = prepared(row)
    others = keys[:place] + keys[place + 1 :]
    assert c.standing(row.make(c, signers=others or [c.stranger])) == "void_signers"


@pytest.mark.parametrize("row, place", each())
def test_one_signs_with_a_strangers_key(row: Row, place: int) -> None:
    c, keys = prepared(row)
    keys[place] = c.stranger.keys[0]
    assert c.standing(row.make(c, signers=keys)) == "void_signers"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nobody_else_may_sign(row: Row) -> None:
    c, _ = prepared(row)
    assert c.standing(row.make(c, extra=[c.stranger])) == "void_signers"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_recovery_key_signs_nothing(row: Row) -> None:
    c, _ = prepared(row)
    assert c.standing(row.make(c, extra=c.anna.recovery)) == "void_signers"


@pytest.mark.parametrize("row, place", each("own", "own-recovery"))
def test_a_dead_key_signs_nothing(row: Row, place: int) -> None:
    c, keys = prepared(row)
    name, old = row.signers.split()[place], keys[place]
    if name == "registrar":
        c.world.registry(registrars=[key("new registrar")])
    elif name == "log":
        c.world.registry(log=key("new log"))
    else:
        c.world.key(c.actor(name), add=[key("new")], retire=[old])
    assert c.standing(row.make(c, signers=keys)) == "void_signers"
    keys[place] = signing(c, name)
    assert c.standing(row.make(c, signers=keys, nonce=b"another nonce...")) == "good"


@pytest.mark.parametrize("row, place", each("own", "own-recovery", "registrar", "log"))
def test_two_keys_of_one_signer(row: Row, place: int) -> None:
    """Each with a key of that party: a second one of hers is nobody else's."""
    c, _ = prepared(row)
    c.world.key(c.actor(row.signers.split()[place]), add=[key("second")])
    assert c.standing(row.make(c, extra=[key("second")])) == "good"


def test_one_of_several_registrars() -> None:
    c = Cast()
    c.world.registry(registrars=[c.world.registrar, key("second registrar")])
    assert c.standing(c.actor("anna")) == "good"
    c.world.registrar = key("second registrar")
    assert c.standing(c.actor("brand")) == "good"


# ---- a key that is live for two signers counts for neither


def shared(c: Cast, *names: str) -> SigningKey:
    """A key that several have added; a dishonest registry let them."""
    for name in names:
        c.world.key(c.actor(name), add=[key("shared")])
    return key("shared")


@pytest.mark.parametrize("others, expected", [
    ((), "void_signers"), (("anna",), "void_signers"), (("brand",), "void_signers"), (("anna", "brand"), "good"),
])  # fmt: skip
def test_a_shared_key_counts_for_neither(others: tuple[str, ...], expected: str) -> None:
    c = Cast()
    both = shared(c, "anna", "brand")
    assert c.standing(c.consent(simple=True, signers=[both, *map(c.actor, others)])) == expected


def test_a_shared_key_counts_for_the_one_who_signs() -> None:
    """The other is none of this statement's signers."""
    c = Cast()
    both = shared(c, "anna", "rival")
    assert c.standing(c.consent(simple=True, signers=[both, c.brand])) == "good"


def test_a_partys_key_is_a_registrars() -> None:
    c = Cast()
    c.world.registry(registrars=[c.world.registrar, key(f"{c.world.origin} berta 0")])
    assert c.standing(party(c)) == "void_signers"


# ---- alternatives


def test_the_agency_may_give_up_its_mandate() -> None:
    c = Cast()
    c.enrol()
    assert c.standing(c.world.revocation(mandate=c.mandate, signers=[c.gina])) == "good"


def test_the_agency_signs_instead_of_the_model() -> None:
    c = Cast()
    both: Signers = [c.anna, c.gina]
    for made in (
        c.world.approval(c.deal, ["a"], under=c.mandate, signers=both),
        c.world.approval(c.deal, ["a"], under=c.mandate, signers=[c.anna]),
        c.world.revocation(consent=c.deal, under=c.mandate, signers=both),
        c.world.approval(c.deal, ["a"], signers=[c.gina]),
        c.world.revocation(consent=c.deal, signers=[c.gina]),
        c.world.suspension(c.deal, signers=[c.gina]),
    ):
        assert c.standing(made) == "void_signers"


def test_the_arbiter_and_the_union_are_those_of_the_consent() -> None:
    c = Cast()
    other = c.world.party("other union", roles=["union"])
    assert c.standing(c.world.suspension(c.deal, by=other)) == "void_signers"
    judge = c.world.party("other arbiter", roles=["arbiter"])
    assert c.standing(c.world.ruling(c.deal, [c.deal], signers=[judge])) == "void_signers"


# ---- who signs in a role was enrolled with it


@pytest.mark.parametrize(
    "name, roles",
    [("anna", ["licensee"]), ("brand", ["model"]), ("gina", ["licensee"]), ("sub", ["fund"]), ("bank", ["holder"]),
     ("ulla", ["agency"]), ("arno", ["union"]), ("studio", ["licensee"])],
)  # fmt: skip
def test_a_role_that_one_was_not_enrolled_with(name: str, roles: list[str]) -> None:
    signing_in_it: dict[str, Callable[[Cast], Logged]] = {
        "anna": lambda c: c.world.mandate(model=c.anna, agency=c.gina),
        "brand": lambda c: c.consent(simple=True),
        "gina": lambda c: c.world.mandate(model=c.anna, agency=c.gina),
        "sub": lambda c: c.world.usage(c.deal, sublicensee=c.sub),
        "bank": lambda c: c.world.payment(c.deal, payee=c.anna, amount=1, provider=c.bank),
        "ulla": lambda c: c.world.suspension(c.deal, by=c.ulla),
        "arno": lambda c: c.world.ruling(c.deal, [c.deal]),
        "studio": creation,
    }
    c = Cast()
    c.actor(name, roles=roles)
    assert c.standing(signing_in_it[name](c)) == "void_parties"


def test_roles_in_which_nobody_signs_are_not_checked() -> None:
    c = Cast()
    c.actor("ulla", roles=["holder"])
    c.actor("arno", roles=["holder"])
    assert c.standing(c.deal) == "good"
    assert c.standing(c.world.usage(c.deal)) == "good"
