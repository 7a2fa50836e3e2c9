"""What ends soon, and the drafts of what may follow: all that they lack is when they were handed over."""

from __future__ import annotations

from typing import Any

import pytest

from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.toml import fill_in
from registry.intake.submission import submission_to_json
from tests.support.desk_clients import Deal, DeskCaller
from tests.support.world import Actor, Logged
from verifier.base.strict import format_instant, parse_instant
from verifier.statements.sections import Terms
from verifier.statements.types import Consent

DAY = 86_400


def ending(deal: Deal, days: int, **more: Any) -> Logged:
    """A consent that began five days ago and ends in so many."""
    world = deal.served.world
    made = world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin,
                         terms={"starts": world.now - 5 * DAY, "ends": world.now + days * DAY}, **more)  # fmt: skip
    deal.served.accept(made)
    return made


def told(deal: Deal, who: Actor) -> dict[tuple[str, str], Any]:
    found = deal.desk.does(who, "GET", "/renewals")["renewals"]
    assert [one["ends"] for one in found] == sorted(one["ends"] for one in found)
    return {(one["kind"], one["id"]): one for one in found}


@pytest.mark.parametrize(("days", "within"), [(3, 7), (7, 7), (8, 30), (30, 30), (59, 60), (61, 120), (120, 120)])
def test_the_nearest_step_is_told(deal: Deal, days: int, within: int) -> None:
    made = ending(deal, days)
    for who in (deal.brand, deal.anna):
        assert told(deal, who)["consent", made.id]["within"] == within


def test_what_is_far_or_over_is_not(deal: Deal) -> None:
    far, over = ending(deal, 121), ending(deal, 3)
    assert ("consent", far.id) not in told(deal, deal.brand) and ("consent", over.id) in told(deal, deal.brand)
    deal.served.world.advance(3 * DAY)
    assert ("consent", over.id) not in told(deal, deal.brand)
    assert ("consent", far.id) in told(deal, deal.brand)
    assert told(deal, deal.stranger) == {}


def test_the_draft_is_the_same_deal_for_as_long_again(deal: Deal) -> None:
    world = deal.served.world
    scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "starts": world.now,
             "ends": world.now + 10 * DAY}  # fmt: skip
    made = ending(deal, 20, exclusive=scope)
    draft = str(told(deal, deal.brand)["consent", made.id]["draft"])
    text = fill_in(draft, {"terms": {"delivered": format_instant(world.now - 10 * DAY)}})
    submission = complete(parse_draft(text), text, world.now)
    statement, opened = submission.statement(), submission.opened()
    assert isinstance(statement, Consent) and statement.renews == made.id
    assert statement.parties == made.statement.parties
    _, terms = opened["terms"]
    assert isinstance(terms, Terms)
    assert (terms.starts, terms.ends) == (world.now - 5 * DAY, world.now + 45 * DAY)
    id = deal.desk.does(deal.brand, "POST", body={"submission": submission_to_json(submission)})["id"]
    for who in (deal.brand, deal.anna):
        said = deal.desk.signs(who, id)
    assert said["state"] == "logged"
    assert ("consent", made.id) not in told(deal, deal.brand), "it was renewed"
    assert ("consent", id) in told(deal, deal.brand)


def test_who_may_not_read_the_money_gets_no_draft(deal: Deal) -> None:
    """Her agency reads the terms of a deal that does not name it."""
    made = ending(deal, 20)
    assert told(deal, deal.gina)["consent", made.id]["draft"] == ""
    assert told(deal, deal.anna)["consent", made.id]["draft"] != ""


def test_what_is_remarked_is_in_the_readers_words(deal: Deal) -> None:
    made = ending(deal, 20, money={"fees": [{"per": "flat", "owed": "signed", "amount": 5_000}]})

    def draft(query: str = "") -> str:
        found = deal.desk.does(deal.brand, "GET", f"/renewals{query}")["renewals"]
        return next(str(one["draft"]) for one in found if one["id"] == made.id)

    assert "owed again under the new consent" in draft() == draft("?language=en")
    assert "terutang lagi" in draft("?language=id") and "owed again under" not in draft("?language=id")
    deal.desk.fails(400, "bad_request", deal.brand, "GET", "/renewals?language=xx")


def test_uses_that_run_past_the_end(deal: Deal) -> None:
    world = deal.served.world
    made = ending(deal, 60)
    inside = world.usage(made, ["a.jpg"], terms={"ends": world.now + 50 * DAY})
    long = world.usage(made, ["b.jpg"], terms={"ends": world.now + 60 * DAY})
    deal.served.accept(inside, long)
    assert ("use", long.id) not in told(deal, deal.brand)
    deal.served.accept(world.revocation(consent=made, effective=world.now + 30 * DAY))
    found = told(deal, deal.brand)
    assert parse_instant(found["use", long.id]["runs_until"]) == world.now + 60 * DAY
    assert parse_instant(found["use", long.id]["ends"]) < world.now + 60 * DAY
    world.advance(40 * DAY)
    assert ("use", long.id) in told(deal, deal.brand), "its consent is over already"
    world.advance(21 * DAY)
    assert ("use", long.id) not in told(deal, deal.brand)


def test_a_sub_licensee_is_told_of_the_consent_that_it_uses(deal: Deal) -> None:
    """And gets no draft: the deal is not its own to renew, and it may not read the money."""
    world = deal.served.world
    made = ending(deal, 60, sublicensees=[deal.stranger])
    use = world.usage(made, ["a.jpg"], sublicensee=deal.stranger, terms={"ends": world.now + 60 * DAY})
    theirs = world.usage(made, ["b.jpg"], terms={"ends": world.now + 60 * DAY})
    deal.served.accept(use, theirs, world.revocation(consent=made, effective=world.now + 30 * DAY))
    found = told(deal, deal.stranger)
    assert set(found) == {("consent", made.id), ("use", use.id)}
    assert found["consent", made.id]["draft"] == "" and found["use", use.id]["draft"] == ""


def test_a_sub_licensee_is_told_of_a_consent_that_only_lists_it(deal: Deal) -> None:
    world = deal.served.world
    made = ending(deal, 60, sublicensees=[deal.maker, deal.stranger], exercise_by=world.now + 25 * DAY)
    found = told(deal, deal.stranger)
    assert set(found) == {("consent", made.id), ("exercise", made.id)} == set(told(deal, deal.maker))
    assert [one["draft"] for one in found.values()] == ["", ""], "it is not hers to take or to renew"
    deal.served.reopen()
    deal.desk = DeskCaller(deal.served)
    assert told(deal, deal.stranger) == found, "it is found anew after a restart"
    world.advance(61 * DAY)
    assert told(deal, deal.stranger) == {}


def test_options_of_both_kinds(deal: Deal) -> None:
    world = deal.served.world
    made = ending(deal, 200, exercise_by=world.now + 25 * DAY)
    body = {"about": "Bali", "ends": format_instant(world.now + 6 * DAY), "model": deal.anna.id,
            "starts": format_instant(world.now + 4 * DAY)}  # fmt: skip
    option = deal.desk.does(deal.brand, "POST", "/options", body)["id"]
    for who in (deal.brand, deal.anna):
        found = told(deal, who)
        exercise = found["exercise", made.id]
        assert exercise["within"] == 30 and f'consent = "{made.id}"' in exercise["draft"]
        assert f'model = "{deal.anna.id}"' in found["option", option]["draft"]
    deal.served.accept(world.exercise(made))
    assert ("exercise", made.id) not in told(deal, deal.brand)
