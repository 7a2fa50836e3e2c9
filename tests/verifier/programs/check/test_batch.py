"""One file of many: it is judged as if it were alone, and what is told of it is what its verdict says."""

from __future__ import annotations

import pytest

from tests.support.check_desk import OUTCOMES, Desk, settings_of
from tests.support.world import World
from verifier.evidence.conclude import conclude
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.programs.check.batch import BatchTotals, Item, check_file, failed, unread
from verifier.rules.model.question import Ask, Question
from verifier.rules.model.results import Result


def items(desk: Desk, name: str, **settings: object) -> tuple[Item, ...]:
    return check_file(name, desk.files[name], desk.settings(**settings)).items


class TestCheck:
    @pytest.mark.parametrize("name", OUTCOMES)
    def test_conclusion(self, desk: Desk, name: str) -> None:
        assert check_file(name, desk.files[name], desk.settings()).conclusion == OUTCOMES[name]

    @pytest.mark.parametrize("ask", [None, "authorised", "paid"])
    @pytest.mark.parametrize("name", OUTCOMES)
    def test_the_verdict_is_that_of_a_check_alone(self, desk: Desk, name: str, ask: str | None) -> None:
        settings = desk.settings(ask=ask, keep_verdicts=True)
        checked = check_file(name, desk.files[name], settings)
        alone = verify(desk.files[name], settings.policy, instant=settings.instant, ask=ask)
        assert checked.verdict == format_verdict(alone)
        assert checked.conclusion == (conclude(alone, ask) if isinstance(alone, Verdict) else "invalid")

    @pytest.mark.parametrize("ask", ["authorised", "paid"])
    def test_a_file_that_was_made_for_one_answer(self, desk: Desk, ask: Ask) -> None:
        """The other is not doubted, for nobody asked."""
        question = Question(kind="usage", id=desk.paid.id, ask=ask)
        checked = check_file("one", desk.world.evidence(question), desk.settings())
        assert (checked.conclusion, checked.items) == ("yes", ())
        assert [answer for answer, _ in checked.answers] == [ask.upper()]

    @pytest.mark.parametrize("name", OUTCOMES)
    def test_every_no_and_every_doubt_has_an_item_with_a_reason(self, desk: Desk, name: str) -> None:
        checked = check_file(name, desk.files[name], desk.settings())
        if OUTCOMES[name] in ("no", "cannot_tell") and name != "unknown":
            assert checked.items
            for item in checked.items:
                assert item.reasons or item.kinds == ("late",)

    def test_a_file_that_is_not_registered_needs_no_reason(self, desk: Desk) -> None:
        [item] = items(desk, "unknown")
        assert (item.kinds, item.answer, item.reasons) == (("not_registered",), "NOT_REGISTERED", ())

    def test_an_unauthorised_use(self, desk: Desk) -> None:
        [item] = items(desk, "denied")
        assert item.kinds == ("unauthorised",)
        assert [(row.rule, row.result, row.code) for row in item.reasons] == [("A7", Result.FAIL, "purpose_denied")]
        assert {one.authorised for one in item.segments} == {"NOT_AUTHORISED"}

    def test_an_unpaid_use_is_late_too(self, desk: Desk) -> None:
        [item] = items(desk, "unpaid")
        assert item.kinds == ("unpaid", "late")
        assert {row.code for row in item.reasons} == {"unpaid"}
        assert item.segments == ()

    def test_a_use_that_was_paid_late_is_an_exception_though_its_answer_is_yes(self, desk: Desk) -> None:
        checked = check_file("late", desk.files["late"], desk.settings())
        assert (checked.conclusion, checked.is_exception) == ("yes", True)
        [item] = checked.items
        assert item.kinds == ("late",)
        assert item.paid is not None and item.paid.payees[0].days_late == 2

    def test_what_is_not_disclosed_cannot_be_told(self, desk: Desk) -> None:
        [item] = items(desk, "terms")
        assert item.kinds == ("cannot_tell",)
        assert (item.authorised, item.paid and item.paid.answer) == ("AUTHORISED", "CANNOT_TELL")
        assert all(row.rule.startswith("M") for row in item.reasons)
        assert {row.code for row in item.reasons} == {"not_disclosed"}

    def test_what_was_not_asked_is_no_exception(self, desk: Desk) -> None:
        assert items(desk, "terms", ask="authorised") == ()
        assert items(desk, "denied", ask="paid") == ()
        [item] = items(desk, "hidden", ask="authorised")
        assert item.paid is None

    def test_every_use_of_a_record_book_has_its_own_item_with_the_reasons_of_its_own_file(self, desk: Desk) -> None:
        """Asked one by one, the same uses give the same."""
        found = {item.question.id: item for item in items(desk, "party")}
        assert len(found) == 3
        consent = getattr(desk.unpaid.statement, "consent")  # noqa: B009 -- a Usage; its flat fee is the consent's
        for name, id in (("denied", desk.denied.id), ("unpaid", consent)):
            [alone] = items(desk, name)
            assert found[id].kinds == alone.kinds
            assert [row.code for row in found[id].reasons] == [row.code for row in alone.reasons]

    def test_a_record_book_without_the_money(self, desk: Desk) -> None:
        """Neither its exceptions nor its sums nor its verdict tell of it."""
        checked = check_file("party", desk.files["party"], desk.settings(ask="authorised", keep_verdicts=True))
        assert [(one.question.id, one.kinds) for one in checked.items] == [(desk.denied.id, ("unauthorised",))]
        assert checked.accounts == ()
        assert {answer for answer, _ in checked.answers} == {"COMPLETE", "AUTHORISED", "NOT_AUTHORISED"}
        assert checked.verdict is not None and b'"paid"' not in checked.verdict
        assert b'"question":{"ask":"authorised","party":' in checked.verdict

    def test_a_record_book_with_the_money_alone(self, desk: Desk) -> None:
        """Neither its exceptions nor its words nor its verdict say whether anything is authorised or in force."""
        checked = check_file("party", desk.files["party"], desk.settings(ask="paid", keep_verdicts=True))
        assert {one.authorised for one in checked.items} == {None} == {one.answer for one in checked.items}
        assert {answer for answer, _ in checked.answers} == {"COMPLETE", "PAID", "NOT_PAID"}
        assert checked.verdict is not None and b'"paid":{' in checked.verdict
        for word in (b'"authorised":', b"AUTHORISED", b"IN_FORCE", b'"segments"'):
            assert word not in checked.verdict
        assert b'"question":{"ask":"paid","party":' in checked.verdict

    def test_a_use_that_was_logged_twice_has_one_item(self) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        money = {"fees": [{"per": "use", "amount": 100}], "due": {"from": "declared", "days": 0}}
        usage = world.usage(world.consent(model=anna, licensee=brand, money=money))
        world.leaf(usage.leaf)
        [item] = check_file("book", world.evidence(anna), settings_of(world)).items
        assert (item.question.id, item.kinds) == (usage.id, ("unpaid",))

    def test_a_stale_checkpoint(self, desk: Desk) -> None:
        assert items(desk, "consent", max_age=0) == ()
        [item] = items(desk, "consent", max_age=0, instant=desk.world.now + 1)
        assert item.kinds == ("cannot_tell",)
        assert (item.reasons[0].rule, item.reasons[0].code) == ("T2", "stale")

    def test_a_reader_who_requires_an_audit(self, desk: Desk) -> None:
        checked = check_file(
            "paid",
            desk.world.evidence(desk.paid, checkpoint=desk.world.checkpoint(cosigners=desk.world.witnesses)),
            desk.settings(require_audited=True),
        )
        [item] = checked.items
        assert item.kinds == ("cannot_tell",)
        assert "not_audited" in {row.code for row in item.reasons}

    @pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000, b"null"])
    def test_rubbish_is_invalid(self, desk: Desk, data: bytes) -> None:
        checked = check_file("rubbish", data, desk.settings())
        assert (checked.conclusion, checked.items) == ("invalid", ())
        assert checked.code and checked.message and checked.step


class TestTotals:
    def test_counts(self, desk: Desk) -> None:
        totals = BatchTotals()
        for name, data in desk.files.items():
            totals.add(check_file(name, data, desk.settings()))
        counts = {"invalid": 1, "no": 4, "cannot_tell": 2, "yes": 5}
        assert totals.files == {"fault": 0, "unreadable": 0, "not_yet_due": 0, **counts}
        assert totals.checked == len(desk.files)
        assert totals.exceptions == 8
        assert totals.items["unauthorised"] == 2
        assert (totals.items["unpaid"], totals.items["late"]) == (2, 4)
        assert totals.conclusion == "invalid"

    def test_a_use_that_two_files_are_about_is_owed_for_once(self, desk: Desk) -> None:
        totals = BatchTotals()
        for name in ("unpaid", "party", "unpaid"):
            totals.add(check_file(name, desk.files[name], desk.settings()))
        money = totals.money()["EUR"]
        assert (money.owed, money.owed_late, money.held) == (100_000, 100_000, 0)

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_the_latest_checkpoint_counts(self, newest_first: bool) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        consent = world.consent(model=anna, licensee=brand)
        usage = world.usage(consent)
        files = [world.evidence(usage)]
        world.advance("1h")
        world.receipt(consent, payee=anna, amount=100_000)
        files.append(world.evidence(usage))
        totals = BatchTotals()
        for data in reversed(files) if newest_first else files:
            totals.add(check_file("use", data, settings_of(world)))
        assert totals.money() == {}
        assert totals.files["not_yet_due"] == 1

    def test_what_an_agency_has_to_pass_on_is_a_sum_of_its_own(self) -> None:
        world = World()
        anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        agency = world.party("agency", roles=["agency"])
        mandate = world.mandate(model=anna, agency=agency)
        splits = [
            {"payee": agency, "kind": "agency", "parts": 20},
            {"payee": anna, "kind": "model", "parts": 80, "via": agency},
        ]
        splits.sort(key=lambda split: split["payee"].id)  # type: ignore[attr-defined]
        consent = world.consent(model=anna, licensee=brand, under=mandate, money={"splits": splits})
        usage = world.usage(consent)
        totals = BatchTotals()
        checked = check_file("use", world.evidence(usage), settings_of(world))
        totals.add(checked)
        money = totals.money()["EUR"]
        assert (money.owed, money.held, money.owed_late, money.not_yet_due) == (0, 0, 0, 100_000)
        world.advance("80d")
        world.party("somebody", roles=["fund"])  # a checkpoint that is not too old
        totals = BatchTotals()
        totals.add(check_file("use", world.evidence(usage), settings_of(world)))
        money = totals.money()["EUR"]
        assert (money.owed, money.held, money.owed_late, money.not_yet_due) == (100_000, 80_000, 100_000, 0)

    def test_the_worst_comes_first(self, desk: Desk) -> None:
        totals = BatchTotals()
        assert totals.conclusion == "yes"
        for checked, worst in [
            (check_file("paid", desk.files["paid"], desk.settings()), "yes"),
            (unread("gone", "No such file"), "unreadable"),
            (check_file("terms", desk.files["terms"], desk.settings()), "cannot_tell"),
            (check_file("denied", desk.files["denied"], desk.settings()), "no"),
            (check_file("invalid", desk.files["invalid"], desk.settings()), "invalid"),
            (failed("odd", "KeyError"), "fault"),
            (check_file("paid", desk.files["paid"], desk.settings()), "fault"),
        ]:
            totals.add(checked)
            assert totals.conclusion == worst


def test_the_policy_is_the_readers(desk: Desk) -> None:
    other = parse_policy(World(origin="other.example/log").policy())
    assert check_file("paid", desk.files["paid"], desk.settings(policy=other)).code == "log_untrusted"
