"""A0: what a statement stands on, whom it names, and who may hold which role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.support.cast import Actor, Cast, Logged, key
from tests.support.money_story import Hiding
from verifier.base.values import replace
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, MemoryRecord, Record
from verifier.rules.standing.judged import JudgedContext

Make = Callable[[Cast], Logged]

NOBODY = "0" * 64


def cases(**table: Make) -> list[Any]:
    return [pytest.param(make, id=name.replace("_", " ")) for name, make in table.items()]


def pay(c: Cast, *, on: Logged | None = None, **parties: Any) -> Logged:
    """A payment with other parties than the usual, signed by its payer or provider."""
    who = {"payer": c.brand, "payee": c.anna, "provider": None, **parties}
    return c.world.payment(on or c.deal, amount=1, **who)


def poly_consent(c: Cast, **parties: Any) -> Logged:
    """A consent of one who has every role, so that nothing but the roles is wrong."""
    return c.world.consent(model=c.poly, licensee=c.brand, parties=parties, extra=[c.poly])


def between(model: Actor, other: Actor) -> dict[str, Any]:
    """Money that goes half to one other."""
    return {"splits": [{"payee": model, "kind": "model", "parts": 1}, {"payee": other, "kind": "crew", "parts": 1}]}


def mixed(c: Cast, *, under: Logged | None = None, **parties: Any) -> Logged:
    """A consent of Anna in which one with every role holds some."""
    return c.consent(under=under, parties=parties, extra=[c.poly])


# ---- roles that may, and that may not, be held together

TOGETHER = cases(
    a_licensee_is_its_own_maker=lambda c: c.world.consent(
        model=c.anna, licensee=c.poly, twin=c.world.twin(c.anna, creation=c.world.creation(model=c.anna, maker=c.poly))
    ),
    the_model_is_payee=lambda c: c.deal,
    the_model_is_author=lambda c: c.world.dispute(c.deal, [c.deal], author=c.anna),
    the_licensee_is_payee=lambda c: c.consent(money=between(c.anna, c.brand)),
    a_licensee_is_its_own_sublicensee=lambda c: c.world.usage(c.consent(sublicensees=[c.brand]), sublicensee=c.brand),
    a_payee_pays=lambda c: pay(c, payer=c.crew),
    a_sublicensee_pays=lambda c: pay(c, payer=c.sub),
    the_agency_pays=lambda c: pay(c, payer=c.gina),
    the_provider_is_neither=lambda c: pay(c, on=c.consent(providers=[c.poly]), provider=c.poly),
    the_agency_is_paid=lambda c: c.world.receipt(c.deal, payee=c.gina, amount=1),
    the_union_is_payee=lambda c: c.consent(money=between(c.anna, c.ulla)),
)

APART = cases(
    the_model_is_licensee=lambda c: poly_consent(c, licensee=c.poly),
    the_model_is_union=lambda c: poly_consent(c, union=c.poly),
    the_model_is_arbiter=lambda c: poly_consent(c, arbiter=c.poly),
    the_model_is_maker=lambda c: c.world.creation(model=c.poly, maker=c.poly),
    the_model_is_agency=lambda c: c.world.mandate(model=c.poly, agency=c.poly),
    the_model_is_guardian=lambda c: c.world.guardian(c.poly, c.poly),
    the_model_pays=lambda c: pay(c, payer=c.anna, payee=c.crew),
    the_agency_is_licensee=lambda c: c.world.consent(
        model=c.anna, licensee=c.poly, under=c.world.mandate(model=c.anna, agency=c.poly)
    ),
    the_arbiter_is_licensee=lambda c: mixed(c, licensee=c.poly, arbiter=c.poly),
    the_arbiter_is_union=lambda c: mixed(c, union=c.poly, arbiter=c.poly),
    the_arbiter_is_payee=lambda c: mixed(c, payees=sorted([c.anna.id, c.poly.id]), arbiter=c.poly),
    the_arbiter_is_agency=lambda c: c.consent(
        under=c.world.mandate(model=c.anna, agency=c.poly), parties={"arbiter": c.poly}
    ),
    the_arbiter_disputes=lambda c: c.world.dispute(c.deal, [c.deal], author=c.arno),
    payer_and_payee_are_one=lambda c: pay(c, payer=c.crew, payee=c.crew),
    the_provider_is_payer=lambda c: pay(
        c, on=c.consent(licensee=c.poly, providers=[c.poly]), payer=c.poly, provider=c.poly
    ),
    the_provider_is_payee=lambda c: pay(
        c, on=c.consent(money=between(c.anna, c.poly), providers=[c.poly]), payee=c.poly, provider=c.poly
    ),
)


@pytest.mark.parametrize("make", TOGETHER)
def test_roles_that_go_together(make: Make) -> None:
    c = Cast()
    assert c.standing(make(c)) == "good"


@pytest.mark.parametrize("make", APART)
def test_roles_that_do_not_go_together(make: Make) -> None:
    c = Cast()
    assert c.standing(make(c)) == "void_parties"


# ---- whom the consent knows

UNKNOWN_TO_THE_CONSENT = cases(
    a_sublicensee=lambda c: c.world.usage(c.deal, sublicensee=c.stranger),
    a_provider=lambda c: pay(c, provider=c.world.party("post", roles=["provider"])),
    a_payer=lambda c: pay(c, payer=c.stranger),
    a_provider_as_payer=lambda c: pay(c, payer=c.bank),
    the_union_as_payer=lambda c: pay(c, payer=c.ulla),
    a_payee=lambda c: pay(c, payee=c.stranger),
    the_licensee_as_payee=lambda c: pay(c, payer=c.sub, payee=c.brand),
    a_payee_of_a_receipt=lambda c: c.world.receipt(c.deal, payee=c.stranger, amount=1),
    a_disputant=lambda c: c.world.dispute(c.deal, [c.deal], author=c.stranger),
    a_provider_as_disputant=lambda c: c.world.dispute(c.deal, [c.deal], author=c.bank),
    an_arbiter_where_there_is_none=lambda c: ruling_without(c, arbiter=c.arno),
    nobody_as_arbiter=lambda c: ruling_without(c, arbiter=None),
)


def ruling_without(c: Cast, **parties: Any) -> Logged:
    """A ruling on a consent that names no arbiter."""
    consent = c.consent(simple=True)
    others: dict[str, Any] = {"agency": None, "union": None, "payees": [c.anna.id], **parties}
    return c.world.ruling(c.deal, [consent], members={"consent": consent.id}, parties=others)


@pytest.mark.parametrize("make", UNKNOWN_TO_THE_CONSENT)
def test_whom_the_consent_does_not_know(make: Make) -> None:
    c = Cast()
    c.enrol()
    assert c.standing(make(c)) == "void_parties"


# ---- named too few or too many

MISNAMED = cases(
    consent_without_a_model=lambda c: c.consent(parties={"model": None}),
    consent_without_a_licensee=lambda c: c.consent(parties={"licensee": None}),
    consent_without_payees=lambda c: c.consent(parties={"payees": None}),
    consent_with_an_agency_but_no_mandate=lambda c: c.consent(agency=c.gina),
    consent_with_a_mandate_but_no_agency=lambda c: c.consent(under=c.mandate, parties={"agency": None}),
    consent_with_a_maker=lambda c: c.consent(parties={"maker": c.studio}),
    consent_with_an_author=lambda c: c.consent(parties={"author": c.anna}),
    consent_with_a_guardian_of_an_adult=lambda c: c.consent(parties={"guardian": c.mum}, extra=[c.mum]),
    creation_with_payees=lambda c: c.world.creation(model=c.anna, maker=c.studio, parties={"payees": [c.anna.id]}),
    creation_without_a_maker=lambda c: c.world.creation(model=c.anna, maker=c.studio, parties={"maker": None}),
    twin_with_a_licensee=lambda c: c.world.twin(c.anna, parties={"licensee": c.brand}),
    mandate_with_a_licensee=lambda c: c.world.mandate(model=c.anna, agency=c.gina, parties={"licensee": c.brand}),
    mandate_without_an_agency=lambda c: c.world.mandate(model=c.anna, agency=c.gina, parties={"agency": None}),
    key_with_a_model=lambda c: c.world.key(c.anna, add=[key("new")], parties={"model": c.anna}),
    key_without_an_author=lambda c: c.world.key(c.anna, add=[key("new")], parties={"author": None}),
    party_with_an_author=lambda c: enrolled(c, parties={"author": c.anna}),
    registry_with_an_author=lambda c: c.world.registry(rules=2, parties={"author": c.anna}),
    usage_without_the_arbiter=lambda c: c.world.usage(c.deal, parties={"arbiter": None}),
    usage_without_the_union=lambda c: c.world.usage(c.deal, parties={"union": None}),
    usage_without_the_agency=lambda c: c.world.usage(c.deal, parties={"agency": None}),
    usage_without_the_payees=lambda c: c.world.usage(c.deal, parties={"payees": None}),
    usage_with_fewer_payees=lambda c: c.world.usage(c.deal, parties={"payees": [c.anna.id]}),
    usage_with_more_payees=lambda c: c.world.usage(
        c.deal, parties={"payees": sorted([c.anna.id, c.crew.id, c.sub.id])}
    ),
    usage_with_an_author=lambda c: c.world.usage(c.deal, parties={"author": c.brand}),
    usage_with_a_payer=lambda c: c.world.usage(c.deal, parties={"payer": c.brand}),
    usage_for_another_licensee=lambda c: c.world.usage(c.deal, parties={"licensee": c.rival}, signers=[c.rival]),
    usage_of_another_model=lambda c: c.world.usage(c.deal, parties={"model": c.poly}),
    approval_with_a_sublicensee=lambda c: c.world.approval(c.deal, ["a"], parties={"sublicensee": c.sub}),
    approval_with_an_author_named_already=lambda c: c.world.approval(
        c.deal, ["a"], under=c.mandate, parties={"author": c.gina}
    ),
    payment_without_a_payee=lambda c: pay(c, parties={"payee": None}),
    payment_without_a_payer=lambda c: pay(c, provider=c.bank, parties={"payer": None}),
    receipt_without_a_payer=lambda c: c.world.receipt(c.deal, payee=c.anna, amount=1, parties={"payer": None}),
    receipt_with_a_provider=lambda c: c.world.receipt(c.deal, payee=c.anna, amount=1, parties={"provider": c.bank}),
    dispute_without_an_author=lambda c: c.world.dispute(c.deal, [c.deal], author=c.anna, parties={"author": None}),
    ruling_without_the_arbiter=lambda c: c.world.ruling(c.deal, [c.deal], parties={"arbiter": None}),
    erasure_without_the_licensee=lambda c: c.world.erasure(c.deal, parties={"licensee": None}),
    erasure_of_a_party_without_an_author=lambda c: c.world.erasure(
        entry_of(c.anna), erased=["person"], parties={"author": None}
    ),
)


def enrolled(c: Cast, **options: Any) -> Logged:
    return entry_of(c.world.party("berta", roles=["model"], **options))


def entry_of(actor: Any) -> Logged:
    entry: Logged | None = actor.entry
    assert entry is not None
    return entry


@pytest.mark.parametrize("make", MISNAMED)
def test_named_too_few_or_too_many(make: Make) -> None:
    c = Cast()
    assert c.standing(make(c)) == "void_parties"


# ---- what it stands on

def on_creation(c: Cast) -> Logged:
    creation = c.world.creation(model=c.anna, maker=c.studio)
    twin = c.world.twin(c.anna, creation=creation)
    parties = {role: None for role in ("licensee", "agency", "union", "arbiter", "payees")} | {"maker": c.studio}
    return c.world.usage(c.deal, members={"consent": creation.id, "twin": twin.id}, parties=parties)


WRONG_GROUND = cases(
    a_consent_on_no_twin=lambda c: c.consent(members={"twin": NOBODY}),
    a_consent_on_what_is_no_twin=lambda c: c.consent(members={"twin": c.mandate.id}),
    a_consent_on_another_models_twin=lambda c: c.consent(twin=c.world.twin(c.poly)),
    a_twin_on_no_creation=lambda c: c.world.twin(c.anna, members={"creation": NOBODY}),
    a_twin_on_a_use_consent=lambda c: c.world.twin(c.anna, members={"creation": c.deal.id}),
    a_twin_on_another_makers_creation=lambda c: c.world.twin(
        c.anna, creation=c.world.creation(model=c.anna, maker=c.studio),
        parties={"maker": c.poly}, signers=[c.anna, c.poly],
    ),
    a_twin_on_another_models_creation=lambda c: c.world.twin(
        c.anna, creation=c.world.creation(model=c.poly, maker=c.studio)
    ),
    a_usage_on_no_consent=lambda c: c.world.usage(c.deal, members={"consent": NOBODY}),
    a_usage_on_a_mandate=lambda c: c.world.usage(c.deal, members={"consent": c.mandate.id}),
    a_usage_whose_twin_is_not_the_consents=lambda c: c.world.usage(c.deal, twin=c.world.twin(c.anna)),
    a_usage_on_a_creation_consent=on_creation,
    a_report_on_no_usage=lambda c: c.world.report(c.world.usage(c.deal), members={"usage": NOBODY}),
    a_report_of_another_consents_usage=lambda c: c.world.report(
        c.world.usage(c.deal), members={"usage": c.world.usage(c.consent(under=c.mandate)).id}
    ),
    a_report_by_another_sublicensee=lambda c: c.world.report(
        c.world.usage(c.deal, sublicensee=c.sub), parties={"sublicensee": None}, signers=[c.brand]
    ),
    a_consent_that_replaces_nothing=lambda c: c.consent(members={"replaces": NOBODY}),
    a_consent_that_replaces_another_licensees=lambda c: c.world.consent(
        model=c.anna, licensee=c.rival, replaces=c.deal
    ),
    a_consent_that_replaces_a_creation=lambda c: c.consent(replaces=c.world.creation(model=c.anna, maker=c.studio)),
    a_consent_under_no_mandate=lambda c: c.consent(under=c.mandate, members={"under": NOBODY}),
    a_consent_under_another_models_mandate=lambda c: c.consent(
        under=c.world.mandate(model=c.poly, agency=c.gina)
    ),
    a_consent_under_another_agencys_mandate=lambda c: mixed(c, agency=c.poly, under=c.mandate),
    an_approval_under_another_models_mandate=lambda c: c.world.approval(
        c.deal, ["a"], under=c.world.mandate(model=c.poly, agency=c.gina)
    ),
    a_revocation_of_nothing=lambda c: c.world.revocation(consent=c.deal, members={"consent": NOBODY}),
    a_revocation_of_a_consent_as_a_twin=lambda c: c.world.revocation(
        consent=c.deal, members={"consent": None, "twin": c.deal.id}
    ),
    a_revocation_of_a_mandate_under_a_mandate=lambda c: c.world.revocation(mandate=c.mandate, under=c.mandate),
    an_erasure_of_nothing=lambda c: c.world.erasure(c.deal, members={"of": NOBODY}),
)  # fmt: skip


@pytest.mark.parametrize("make", WRONG_GROUND)
def test_what_it_stands_on(make: Make) -> None:
    c = Cast()
    c.enrol()
    assert c.standing(make(c)) == "void_parties"


def test_what_it_stands_on_comes_first() -> None:
    c = Cast()
    usage, whole = c.world.usage(c.deal), c.world.record()
    record = MemoryRecord(whole.genesis)
    for index in range(whole.size):
        entry = whole.entry(index)
        if entry is not None and index != c.deal.index:
            record.fold(entry)
    late = whole.entry(c.deal.index)
    assert late is not None
    record.fold(replace(late, index=whole.size))
    context = JudgedContext(record, instant=c.world.now, as_of=c.world.now)
    assert context.standing(c.world.entry(usage)).code == "void_parties"


@pytest.mark.parametrize("of", ["consent", "usage", "mandate", "twin"])
def test_what_stands_on_a_void_entry_is_void(of: str) -> None:
    c = Cast()
    w = c.world
    wrong: dict[str, Any] = {"signers": [c.stranger]}
    match of:
        case "consent":
            made = w.usage(c.consent(**wrong))
        case "usage":
            made = w.report(w.usage(c.deal, **wrong))
        case "mandate":
            made = c.consent(under=w.mandate(model=c.anna, agency=c.gina, **wrong))
        case _:
            made = c.consent(twin=w.twin(c.anna, **wrong))
    assert c.standing(made) == "void_parties"


def test_an_id_in_of_that_is_absent_voids_nothing() -> None:
    c = Cast()
    for made in (
        c.world.dispute(c.deal, [NOBODY], author=c.anna),
        c.world.ruling(c.deal, [NOBODY]),
        c.world.adjustment(c.deal, kind="return", payee=c.anna, amount=1, of=[NOBODY]),
    ):
        assert c.standing(made) == "good"


def test_an_erasure_of_a_repeated_statement_is_of_the_copy_that_counts() -> None:
    c = Cast()
    bad = c.world.usage(c.deal, signers=[c.stranger])
    assert c.standing(c.again(bad, c.brand)) == "good"
    assert c.standing(c.world.erasure(bad)) == "good"


# ---- relations in the header

RELATIONS = cases(
    a_mandate_that_ends_when_it_starts=lambda c: c.world.mandate(model=c.anna, agency=c.gina, ends="+0d"),
    a_guardian_until_another_day=lambda c: c.world.guardian(c.anna, c.mum, until="2028-01-02T00:00:00Z"),
    a_guardian_until_another_hour=lambda c: c.world.guardian(c.anna, c.mum, until="2028-01-01T00:00:01Z"),
    more_recovery_keys_asked_for_than_there_are=lambda c: entry_of(
        c.world.party("berta", roles=["model"], recovery=2, threshold=3)
    ),
    a_key_statement_with_too_high_a_threshold=lambda c: c.world.key(
        c.anna, keys=[key("n")], recovery=[key("r")], threshold=2
    ),
    a_log_key_under_another_name=lambda c: c.world.registry(
        members={"log": Cast(origin="other.example/log").world.vkey()}, signers=[c.world.log_key, other_log()]
    ),
)


def other_log() -> Any:
    return key("other.example/log log")


@pytest.mark.parametrize("make", RELATIONS)
def test_relations_in_the_header(make: Make) -> None:
    c = Cast()
    assert c.standing(make(c)) == "void_parties"


def test_relations_that_just_hold() -> None:
    c = Cast()
    assert c.standing(c.world.mandate(model=c.anna, agency=c.gina, ends="+1s")) == "good"
    assert c.standing(c.world.party("berta", roles=["model"], recovery=2, threshold=2)) == "good"
    assert c.standing(c.world.guardian(c.anna, c.mum, until="2028-01-01T00:00:00Z")) == "good"
    assert c.standing(c.world.registry(log=key("new log"))) == "good"


# ---- the author who is not named otherwise


def test_an_agency_that_the_consent_does_not_name_is_author() -> None:
    c = Cast()
    consent = c.consent(simple=True)
    assert c.standing(c.world.approval(consent, ["a"], under=c.mandate)) == "good"
    unnamed = c.world.approval(consent, ["a"], under=c.mandate, parties={"author": None})
    assert c.standing(unnamed) == "void_parties"
    assert c.standing(c.world.revocation(consent=consent, under=c.mandate)) == "good"


def test_the_union_is_no_author() -> None:
    c = Cast()
    assert c.standing(c.world.suspension(c.deal, by=c.ulla, parties={"author": c.ulla})) == "void_parties"


def test_a_disputant_is_one_of_them() -> None:
    c = Cast()
    for author in (c.anna, c.brand, c.gina, c.ulla, c.crew):
        assert c.standing(c.world.dispute(c.deal, [c.deal], author=author)) == "good"


# ---- where a file does not show everything


def seen(c: Cast, made: Logged, hidden: Sequence[str]) -> str:
    """The standing of an entry for a reader who is not shown some lists."""
    record = Hiding(c.world.record(), hidden, ())
    judgement = JudgedContext(record, instant=c.world.now, as_of=c.world.now).standing(c.world.entry(made))
    return f"{judgement.standing.value} {judgement.code}"


@pytest.mark.parametrize("role, expected", [
    (None, "doubtful list_missing"), ("model", "void void_parties"), ("agency", "void void_parties"),
    ("guardian", "doubtful list_missing"),
])  # fmt: skip
def test_a_name_that_is_missing_whoever_her_guardian_may_be(role: str | None, expected: str) -> None:
    """Her keys are not shown: she may be a ward. But a model she has, and this one names none."""
    c = Cast()
    c.world.guardian(c.anna, c.mum)
    wrong: dict[str, Any] = {} if role is None else {"parties": {role: None}}
    assert seen(c, c.world.revocation(mandate=c.mandate, **wrong), [f"keys:{c.anna.id}"]) == expected


def test_a_name_too_many_whoever_her_guardian_may_be() -> None:
    c = Cast()
    made = c.world.key(c.anna, add=[key("new")], parties={"model": c.brand})
    assert seen(c, made, [f"keys:{c.anna.id}"]) == "void void_parties"


def test_a_provider_who_is_not_listed_whoever_her_guardian_may_be() -> None:
    c = Cast()
    made = c.world.payment(c.deal, payee=c.crew, amount=1, provider=c.stranger)
    assert seen(c, made, [f"keys:{c.crew.id}"]) == "void void_parties"


@pytest.mark.parametrize("role, expected", [
    (None, "doubtful list_missing"), ("author", "doubtful list_missing"), ("licensee", "void void_parties"),
])  # fmt: skip
def test_an_author_whoever_the_mandate_may_name(role: str | None, expected: str) -> None:
    """The mandate is not shown, so its agency may be whoever this one names, or be a party of the consent already."""
    c = Cast()
    wrong: dict[str, Any] = {} if role is None else {"parties": {role: None}}
    made = c.world.revocation(consent=c.consent(simple=True), under=c.mandate, **wrong)
    record = Without(c.world.record(), c.mandate)
    judgement = JudgedContext(record, instant=c.world.now, as_of=c.world.now).standing(c.world.entry(made))
    assert f"{judgement.standing.value} {judgement.code}" == expected


def test_a_statement_without_a_model_on_something_that_is_not_shown() -> None:
    c = Cast()
    made = c.world.suspension(c.deal, parties={"model": None})
    record = Alone(c.world.record(), c.world.entry(made))
    judgement = JudgedContext(record, instant=c.world.now, as_of=c.world.now).standing(c.world.entry(made))
    assert (judgement.standing, judgement.code) == (Standing.DOUBTFUL, "list_missing")


class Without(Hiding):
    """A record in which a mandate is shown nowhere, and its list neither."""

    def __init__(self, record: Record, mandate: Logged) -> None:
        super().__init__(record, [f"mandate:{mandate.id}"], ())
        self.hidden = mandate

    def find(self, id: str) -> Sequence[int]:
        return () if id == self.hidden.id else super().find(id)

    def entry(self, index: int) -> Entry | None:
        return None if index == self.hidden.index else super().entry(index)


class Alone(Hiding):
    """A record in which one entry stands in one list, and nothing else is shown."""

    def __init__(self, record: Record, entry: Entry) -> None:
        super().__init__(record, (), ())
        self.one = entry

    def rows(self, subject: str) -> Sequence[int] | None:
        return [self.one.index] if subject == f"asset:{'0' * 64}" else None

    def entry(self, index: int) -> Entry | None:
        return self.one if index == self.one.index else None

    def find(self, id: str) -> Sequence[int]:
        return [self.one.index] if id == self.one.statement.id else []
