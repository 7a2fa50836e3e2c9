"""A brand says that it paid: chosen from what it owes, looked at, then handed over, or saved for a command."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.references import end_to_end
from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from verifier.base.strict import format_instant
from verifier.statements.types import Payment


class Debt:
    """A brand has declared a use, and owes for it."""

    def __init__(self, served: Served) -> None:
        self.served = served
        consent, everything = served.story()
        served.accept(*everything, served.world.usage(consent, assets=["hero.jpg"]))
        self.consent, self.made = consent.id, consent
        self.payer = served.world.actors[str(consent.statement.parties.licensee)]
        self.open()
        [self.owed] = self.ask("/brand/pay.json")["transfers"]
        self.payee = served.world.actors[self.owed["payee"]["party"]]

    def open(self) -> None:
        self.app = app_at(self.served.service)
        self.brand = asking_as(self.app, self.payer)

    def ask(self, path: str) -> Any:
        return value(opened(self.brand, path).data)

    def path(self, what: str = "/brand/pay", **more: str) -> str:
        sum = self.owed["amount"]
        given = {"consent": self.consent, "payee": self.payee.id, "currency": sum["currency"], **more}
        return f"{what}?{urlencode(given)}"

    def filled(self, what: str = "/brand/pay", **changed: str) -> str:
        today = format_instant(self.served.world.now)[:10]
        return self.path(what, **{"amount": "12.50", "paid": today, "reference": "kaca 0912", **changed})


@pytest.fixture
def debt(served: Served) -> Debt:
    return Debt(served)


def test_begins_with_all_of_it_today(debt: Debt) -> None:
    found = debt.ask(debt.path("/brand/pay.json"))
    assert found["transfer"] == debt.owed and "paid" not in found and found["wrong"] == {}
    assert found["given"]["reference"] == [end_to_end(debt.consent, debt.payee.id, 1)]
    assert found["given"]["paid"] == [format_instant(debt.served.world.now)[:10]]
    whole, sum = debt.filled("/brand/pay.json", amount=found["given"]["amount"][0]), debt.owed["amount"]
    assert debt.ask(whole)["paid"]["amount"] == sum


def test_is_handed_over_and_asked_of_the_payee(debt: Debt) -> None:
    with_sign_url(debt.served)
    debt.open()
    [act] = acts_in(opened(debt.brand, debt.filled()).text)
    [answer] = carry_out(debt.app, debt.payer, act)
    assert answer.status_code == 200, answer.data
    [claim] = value(opened(asking_as(debt.app, debt.payee), "/model.json").data)["claims"]
    assert claim["amount"] == {"amount": 1250, "currency": debt.owed["amount"]["currency"]}
    assert (claim["reference"], claim["payer"]["party"]) == ("KACA0912", debt.payer.id)
    assert tells_what_came_back(debt.brand, act)
    assert debt.ask(debt.filled("/brand/pay.json"))["wrong"] == {"reference": "form.used_reference"}


def test_what_was_said_is_told_before_it_is_said_again(debt: Debt) -> None:
    """A payment that nobody has answered settles nothing, and would be asked for once more."""
    with_sign_url(debt.served)
    debt.open()
    whole = debt.ask(debt.path("/brand/pay.json"))["given"]["amount"][0]
    assert debt.owed["said"] == [] and debt.owed["left"] == debt.owed["amount"]

    def says(amount: str, reference: str) -> None:
        [act] = acts_in(opened(debt.brand, debt.filled(amount=amount, reference=reference)).text)
        [answer] = carry_out(debt.app, debt.payer, act)
        assert answer.status_code == 200, answer.data

    says("12.50", "first")
    sum, found = debt.owed["amount"], debt.ask(debt.path("/brand/pay.json"))
    assert found["transfer"]["amount"] == sum and found["transfer"]["left"]["amount"] == sum["amount"] - 1250
    [said] = found["transfer"]["said"]
    assert (said["amount"]["amount"], said["reference"]) == (1250, "FIRST")
    assert found["given"]["amount"] != [whole]
    for path in ("/brand/pay", debt.path(), "/brand/money"):
        assert "has not answered yet" in opened(debt.brand, path).text, path
    says(found["given"]["amount"][0], "second")
    found = debt.ask(debt.path("/brand/pay.json"))
    assert len(found["transfer"]["said"]) == 2 and found["given"]["amount"] == [""]
    assert "I have paid this" not in opened(debt.brand, "/brand/pay").text

    world = debt.served.world
    debt.served.accept(world.receipt(debt.made, payee=debt.payee, amount=1250, reference="FIRST"))
    [said] = debt.ask(debt.path("/brand/pay.json"))["transfer"]["said"]
    assert said["reference"] == "SECOND"


def test_it_lies_under_money(debt: Debt) -> None:
    for path in ("/brand/pay", debt.path(), "/brand/money"):
        [current] = re.findall(r'<a href="([^"]*)" aria-current="page">', opened(debt.brand, path).text)
        assert current.endswith("/money"), path


def test_says_what_is_wrong(debt: Debt) -> None:
    wrong = {"amount": "0", "paid": "2999-01-01", "reference": "é"}
    found = debt.ask(debt.filled("/brand/pay.json", **wrong))
    assert found["wrong"] == {
        "amount": "form.no_amount", "paid": "form.not_yet", "reference": "form.no_reference",
    }  # fmt: skip
    assert found["given"] == {name: [text] for name, text in wrong.items()} and "paid" not in found
    assert set(debt.ask(debt.path("/brand/pay.json", amount=""))["wrong"]) == {"amount", "paid", "reference"}
    for path in (debt.path(payee="ab" * 32), debt.path(currency="JPY"), "/brand/pay?consent=x"):
        problem(opened(debt.brand, path), 404, "not_found")
    problem(opened(debt.brand, "/brand/pay/draft"), 400, "bad_request")
    problem(opened(debt.brand, debt.path("/brand/pay/draft")), 400, "bad_request")


def test_is_saved_as_a_draft(debt: Debt) -> None:
    answer = opened(debt.brand, debt.filled("/brand/pay/draft"))
    assert "payment.toml" in answer.headers["Content-Disposition"]
    statement = complete(parse_draft(answer.text), answer.text, debt.served.world.now).statement()
    assert isinstance(statement, Payment)
    assert (statement.parties.payer, statement.parties.payee) == (debt.payer.id, debt.payee.id)


def test_speaks_indonesian(debt: Debt) -> None:
    wrong = debt.filled(amount="0", paid="2999-01-01", reference="é")
    for path in ("/brand/pay?", debt.path(), debt.filled(), wrong):
        answer = opened(debt.brand, f"{path}&language=id")
        assert answer.status_code == 200 and english_in(answer.text) == {}, path


def test_is_nobody_elses(debt: Debt) -> None:
    for path in ("/brand/pay", debt.filled(), debt.filled("/brand/pay/draft")):
        problem(opened(asking_as(debt.app, debt.payee), path), 404, "not_found")
        problem(opened(debt.app.test_client(), path), 422, "refused")
