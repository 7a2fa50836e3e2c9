"""M1, A18, M4 together with what deals have: stops in doubt, options, releases, months, and books with money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.money_story import Story
from tests.support.world import Logged
from verifier.base.strict import format_instant, parse_instant
from verifier.log.trust import parse_policy
from verifier.programs.check.batch import Settings, check_file
from verifier.programs.cli import main
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Kind, Question
from verifier.rules.model.results import Result
from verifier.rules.money.statement import make_statement
from verifier.rules.standing.judged import JudgedContext

DAY = 86_400
START = parse_instant("2026-01-01T00:00:00Z")

SIGNED: dict[str, Any] = {"per": "flat", "amount": 1_000, "owed": "signed", "due_days": 0}
EVERY: dict[str, Any] = {"per": "flat", "amount": 100, "owed": "every", "days": 30, "due_days": 0}


def day(number: int) -> int:
    return START + number * DAY


def owing(*fees: dict[str, Any], exercise_by: int | None = None, exclusive: dict[str, Any] | None = None,
          money: dict[str, Any] | None = None, **terms: Any) -> tuple[Story, Logged]:  # fmt: skip
    """A consent that is logged on day 0 and runs for a year."""
    s = Story()
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    consent = s.world.consent(
        model=s.anna, licensee=s.brand, providers=[s.bank], arbiter=s.arbiter, exclusive=exclusive,
        exercise_by=exercise_by, terms={"starts": day(0), "ends": day(365), **terms},
        money={"fees": list(fees), "splits": s.splits, "due": s.due, **(money or {})},
    )  # fmt: skip
    return s, consent


def asked(s: Story, made: Logged, at: int, kind: Kind = "consent") -> Decision:
    s.world.set_clock(max(s.world.now, at))
    facts = Facts(instant=at, as_of=at, basis="audited", rules=2, max_age=DAY)
    return decide(s.world.record(), Question(kind=kind, id=made.id), facts)


def paid(s: Story, consent: Logged, at: int) -> tuple[str, int]:
    found = asked(s, consent, at).paid
    assert found is not None
    return found.answer, sum(line.due for line in found.payees)




# ---- stops that are in doubt


def in_doubt(s: Story, consent: Logged) -> Logged:
    """A revocation on day 45 whose signer disputes her key."""
    s.world.set_clock(day(45))
    revocation = s.world.revocation(consent=consent)
    s.world.key(s.anna, add=[s.world_key("after the theft")], retire=[s.anna.keys[0]])
    s.world.dispute(consent, [revocation], author=s.anna, tag="key")
    return revocation


@pytest.mark.parametrize("at, answer", [(44, "NOT_PAID"), (50, "NOT_PAID"), (70, "NOT_PAID")])
def test_dates_before_a_stop_in_doubt_are_owed(at: int, answer: str) -> None:
    s, consent = owing(EVERY)
    in_doubt(s, consent)
    assert paid(s, consent, day(at))[0] == answer


def test_dates_after_a_stop_in_doubt_count_in_the_most_alone() -> None:
    """200 fell due before it, and are paid; what day 60 owes nobody can tell."""
    s, consent = owing(EVERY)
    s.world.receipt(consent, payee=s.anna, amount=100)
    s.world.set_clock(day(31))
    s.world.receipt(consent, payee=s.anna, amount=100)
    in_doubt(s, consent)
    assert [paid(s, consent, day(at))[0] for at in (50, 59, 61)] == ["PAID", "PAID", "CANNOT_TELL"]
    s.world.receipt(consent, payee=s.anna, amount=10_000)
    assert paid(s, consent, day(62))[0] == "PAID"  # the most of all that will ever be


@pytest.mark.parametrize("outcome, due", [("void", 300), ("stands", 200)])
def test_a_ruling_ends_the_doubt_about_dates(outcome: str, due: int) -> None:
    s, consent = owing(EVERY)
    revocation = in_doubt(s, consent)
    s.world.ruling(consent, [revocation], outcome=outcome)
    assert paid(s, consent, day(61))[1] == due


def test_what_may_have_fallen_away_leaves_what_was_signed_open() -> None:
    s, consent = owing({**SIGNED, "rata": True})
    in_doubt(s, consent)
    assert paid(s, consent, day(46))[0] == "NOT_PAID"  # 45 of 365 days ran at least
    s.world.receipt(consent, payee=s.anna, amount=500)
    assert paid(s, consent, day(47))[0] == "CANNOT_TELL"


# ---- A18 over dated lines


@pytest.mark.parametrize("received, result", [(0, Result.FAIL), (100, Result.PASS)])
def test_a_date_that_is_overdue_stops_a_use(received: int, result: Result) -> None:
    s, consent = owing({**EVERY, "first": format_instant(day(30))}, overdue_limit=5)
    if received:
        s.world.set_clock(day(31))
        s.world.receipt(consent, payee=s.anna, amount=received)
    s.world.set_clock(day(40))
    usage = s.world.usage(consent, terms={"starts": day(40), "ends": day(50)})
    (row,) = [row for row in asked(s, usage, day(45), "usage").rules if row.rule == "A18"]
    assert row.result is result


@pytest.mark.parametrize("starts, result", [(25, Result.PASS), (35, Result.FAIL)])
def test_a_session_waits_for_dates_that_fell_due_before_it(starts: int, result: Result) -> None:
    s, consent = owing({**EVERY, "first": format_instant(day(30))}, pay_first="session")
    s.world.set_clock(day(20))
    usage = s.world.usage(consent, terms={"starts": day(starts), "ends": day(60)})
    (row,) = [row for row in asked(s, usage, day(50), "usage").rules if row.rule == "A18"]
    assert row.result is result


def test_a_date_that_the_model_suspended_over_stops_no_use() -> None:
    s, consent = owing({**EVERY, "first": format_instant(day(30))}, overdue_limit=5)
    s.world.set_clock(day(20))
    s.world.suspension(consent)
    s.world.set_clock(day(31))
    s.world.resumption(consent)
    usage = s.world.usage(consent, terms={"starts": day(35), "ends": day(50)})
    (row,) = [row for row in asked(s, usage, day(45), "usage").rules if row.rule == "A18"]
    assert row.result is Result.PASS


# ---- options with money


@pytest.mark.parametrize("exercised, due", [(None, [0, 0, 0]), (10, [0, 1_100, 1_200])])
def test_what_an_option_owes_arises_with_its_exercise(exercised: int | None, due: list[int]) -> None:
    s, consent = owing(SIGNED, EVERY, exercise_by=day(20))
    if exercised is not None:
        s.world.set_clock(day(exercised))
        s.world.exercise(consent)
    assert [paid(s, consent, day(at))[1] for at in (9, 25, 35)] == due


def test_an_option_that_may_still_be_taken_owes_nothing_yet() -> None:
    s, consent = owing(SIGNED, exercise_by=day(20))
    assert paid(s, consent, day(5)) == ("PAID", 0)


def test_the_days_of_what_was_signed_with_an_option_count_from_its_exercise() -> None:
    s, consent = owing({**SIGNED, "due_days": 7}, exercise_by=day(20))
    s.world.set_clock(day(10))
    s.world.exercise(consent)
    assert [paid(s, consent, day(at))[0] for at in (16, 18)] == ["NOT_YET_DUE", "NOT_PAID"]


def test_a_license_fee_for_an_exclusivity_that_was_released_before_the_exercise_is_not_owed() -> None:
    s, consent = owing({**SIGNED, "for": "exclusive"}, exclusive={"release": 0}, exercise_by=day(20))
    s.world.set_clock(day(5))
    s.world.revocation(consent=consent, ground="unpaid", part="exclusive")
    s.world.set_clock(day(10))
    s.world.exercise(consent)
    assert paid(s, consent, day(30)) == ("PAID", 0)


# ---- a release, and what is for the exclusivity


@pytest.mark.parametrize("release, due", [(0, 200), (20 * DAY, 300)])
def test_dates_for_the_exclusivity_end_with_its_release(release: int, due: int) -> None:
    """Released on day 45, at once or after 20 days: days 0 and 30 are owed, 60 only in the second case."""
    s, consent = owing({**EVERY, "for": "exclusive"}, EVERY, exclusive={"release": release})
    s.world.set_clock(day(45))
    s.world.revocation(consent=consent, ground="unpaid", part="exclusive")
    assert paid(s, consent, day(95))[1] == due + 400


# ---- every so many months


def test_every_month_is_the_same_day_or_the_last() -> None:
    """From 31 January: 28 February, 31 March, 30 April; always counted from the first."""
    first = parse_instant("2026-01-31T00:00:00Z")
    s, consent = owing({"per": "flat", "amount": 1, "owed": "every", "months": 1, "first": format_instant(first)})
    dates = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-12-31"]
    instants = [parse_instant(f"{one}T00:00:00Z") for one in dates]
    found = [(paid(s, consent, at - 1)[1], paid(s, consent, at)[1]) for at in instants]
    assert found == [(0, 1), (1, 2), (2, 3), (3, 4), (11, 12)]


# ---- what makes no sense


@pytest.mark.parametrize(
    "fee",
    [
        {"per": "flat", "amount": 1, "owed": "on"},
        {"per": "flat", "amount": 1, "owed": "signed", "at": day(5)},
        {"per": "flat", "amount": 1, "owed": "every"},
        {"per": "flat", "amount": 1, "owed": "every", "days": 1, "months": 1},
        {"per": "flat", "amount": 1, "owed": "every", "days": 30, "first": format_instant(day(365))},
        {"per": "flat", "amount": 1, "owed": "signed", "days": 30},
        {"per": "flat", "amount": 1, "owed": "signed", "first": format_instant(day(5))},
        {"per": "flat", "amount": 1, "owed": "signed", "recoup": "period"},
        {"per": "flat", "amount": 1, "owed": "use", "recoup": "all"},
        {"per": "flat", "amount": 1, "owed": "on", "at": day(5), "rata": True},
        {"per": "use", "amount": 1, "owed": "signed"},
        {"per": "use", "amount": 1, "due_days": 3},
    ],
    ids=str,
)
def test_a_fee_that_contradicts_itself(fee: dict[str, Any]) -> None:
    s, consent = owing(fee)
    found = asked(s, consent, day(10)).paid
    assert found is not None and found.answer == "CANNOT_TELL"


# ---- a record book, a statement, and many files


def book(s: Story) -> Decision:
    facts = Facts(instant=s.world.now, as_of=s.world.now, basis="audited", rules=2, max_age=DAY)
    return decide(s.world.record(), Question(kind="party", id=s.anna.id), facts)


def test_a_record_book_lists_consents_with_their_own_money() -> None:
    s, consent = owing(SIGNED, {"per": "use", "amount": 7})
    usage = s.world.usage(consent)
    s.world.receipt(consent, payee=s.anna, amount=1_000)
    s.world.set_clock(day(3))
    found = book(s)
    whole = found.consents[consent.id]
    assert whole.answer == "IN_FORCE" and whole.paid is not None and whole.paid.answer == "PAID"
    assert {line.of for line in whole.paid.payees} == {"consent"}
    [(id, use)] = found.usages.items()
    assert id == usage.id and use.paid is not None and use.paid.answer == "NOT_YET_DUE"
    assert {line.of for line in use.paid.payees} == {"usage"}


def test_a_statement_shows_dates_to_come_and_what_was_returned() -> None:
    s, consent = owing(EVERY, SIGNED)
    receipt = s.world.payment(consent, payee=s.anna, amount=1_000, provider=s.bank)
    s.world.adjustment(consent, kind="return", payee=s.anna, amount=1_000, of=[receipt], provider=s.bank)
    s.world.set_clock(day(10))
    context = JudgedContext(s.world.record(), instant=s.world.now, as_of=s.world.now)
    found = make_statement(context, [], consents=[s.world.entry(consent)])
    assert [(one.at, one.amount) for one in found.upcoming[:2]] == [(day(30), 100), (day(60), 100)]
    assert len(found.upcoming) == 12 and found.totals["EUR"].upcoming == 1_200
    assert [(one.payee, one.amount) for one in found.returned] == [(s.anna.id, 1_000)]
    assert found.totals["EUR"].late == 1_100


@pytest.mark.parametrize("paid_first, status", [(True, 5), (False, 1)])
def test_many_files_end_with_5_where_more_falls_due_later(
    paid_first: bool, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not yet due is no exception, and is told apart."""
    s, consent = owing(SIGNED, {"per": "use", "amount": 7})
    usage = s.world.usage(consent, terms={"starts": day(1), "ends": day(9)})
    if paid_first:
        s.world.receipt(consent, payee=s.anna, amount=1_000)
    s.world.set_clock(day(3))
    s.world.party("somebody", roles=["holder"])  # so that the log was looked at today
    (tmp_path / "policy").write_text(s.world.policy())
    for name, about in (("consent", consent), ("usage", usage)):
        (tmp_path / f"{name}.evidence.json").write_bytes(s.world.evidence(about))
    given = ["--trust", str(tmp_path / "policy"), "--at", format_instant(s.world.now), "--language", "en"]
    assert main(["check", str(tmp_path), *given]) == status
    said = capsys.readouterr().out
    assert ("Exceptions" in said) is not paid_first
    settings = Settings(policy=parse_policy(s.world.policy()), instant=s.world.now)
    checked = check_file("usage", (tmp_path / "usage.evidence.json").read_bytes(), settings)
    assert checked.conclusion == ("not_yet_due" if paid_first else "no")
    assert checked.is_exception is not paid_first
