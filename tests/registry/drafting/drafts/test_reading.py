"""Drafts: what a person may write, what becomes of it, and what is refused where."""

from __future__ import annotations

import re
from typing import Any

import pytest

from registry.drafting.drafts.currencies import format_amount, parse_amount
from registry.drafting.drafts.reading import DraftError, complete, line_of, parse_draft
from registry.drafting.drafts.templates import KINDS, template
from registry.intake.submission import Submission, format_submission, parse_submission
from tests.support.draft_texts import CONSENT, IDS, MANDATE, NOW, RECEIPT
from verifier.base import canonical
from verifier.base.errors import KembarError, Malformed
from verifier.base.values import fields
from verifier.statements import sections
from verifier.statements import types as statement
from verifier.statements.sections import BankEvidence, ConsentMoney, ReportTerms, Terms
from verifier.statements.types import SECTION_NAMES


def made(text: str) -> Submission:
    return complete(parse_draft(text), text, NOW)


def members(submission: Submission) -> dict[str, Any]:
    value: dict[str, Any] = canonical.parse(submission.payload, limit=65535)
    return value


class TestWhatMayBeWritten:
    def test_sets_are_sorted_and_dates_become_instants(self) -> None:
        value = members(made(MANDATE))
        assert value["powers"] == ["approve", "revoke"]
        assert value["starts"] == "2026-12-01T00:00:00Z"
        assert value["ends"] == "2028-11-30T22:30:00Z"

    @pytest.mark.parametrize(
        "written",
        ["2028-12-01T00:30:00+02:00", "2028-12-01 00:30:00+02:00", "2028-11-30T22:30:00Z", "2028-11-30T22:30:00.000Z"],
    )
    def test_quoted_instants_are_read_as_unquoted_ones(self, written: str) -> None:
        """With an offset too: one moment has one spelling in what is signed."""
        for spelt in (written, f'"{written}"'):
            text = MANDATE.replace("ends = 2028-12-01T00:30:00+02:00", f"ends = {spelt}")
            assert members(made(text))["ends"] == "2028-11-30T22:30:00Z"

    def test_the_moment_of_signing_stands_for_a_time_that_is_left_out(self) -> None:
        assert members(made(MANDATE))["at"] == "2026-11-24T09:00:00Z"
        assert members(made(CONSENT))["at"] == "2026-11-24T08:00:00Z"

    def test_lengths_of_time_and_amounts_in_words(self) -> None:
        opened = made(CONSENT).opened()
        terms, money = opened["terms"][1], opened["money"][1]
        assert isinstance(terms, Terms) and isinstance(money, ConsentMoney)
        assert (terms.late_window, terms.notice, terms.sell_off) == (2 * 86400, 36 * 3600, 3600)
        assert terms.caps == {"uses": 10}
        assert terms.ends - terms.starts == 365 * 86400
        assert money.fees[0].amount == 125000
        assert [tier.amount for tier in money.fees[1].tiers or ()] == [4000, 3050]

    @pytest.mark.parametrize(
        ("written", "member", "number"),
        [('"3 months"', "months", 3), ('"1 year"', "months", 12), ("{ months = 3 }", "months", 3),
         ('"13 weeks"', "days", 91), ('"90 days"', "days", 90), ('{ days = "2 weeks" }', "days", 14)],
    )  # fmt: skip
    def test_a_term_as_people_say_it(self, written: str, member: str, number: int) -> None:
        """Months stay months and days days: neither is so many of the other."""
        terms = made(CONSENT.replace("[terms]", f"[terms]\nrun = {written}")).opened()["terms"][1]
        assert isinstance(terms, Terms) and terms.run is not None
        assert getattr(terms.run, member) == number

    def test_fees_as_people_say_them(self) -> None:
        fees = """
[[money.fees]]
per = "flat"
owed = "every"
days = "13 weeks"
first = 2026-12-15
due_days = "2 weeks"
amount = "EUR 500"

[[money.fees]]
per = "value"
bp = "7.5 %"

[money.break]
notice = "30 days"
"""
        money = made(CONSENT + fees).opened()["money"][1]
        assert isinstance(money, ConsentMoney) and money.break_ is not None
        every, share = money.fees[-2:]
        assert (every.days, every.due_days, every.amount, every.first) == (91, 14, 50_000, 1797292800)
        assert share.bp == 750
        assert money.break_.notice == 30 * 86400

    def test_what_uses_earned_has_its_currency(self) -> None:
        text = (
            f'kembar = 2\ntype = "report"\nregistry = "{IDS["a"]}"\nconsent = "{IDS["b"]}"\nusage = "{IDS["c"]}"\n'
            f'[parties]\nmodel = "{IDS["d"]}"\n[terms]\nvalue = "12,500.00 EUR"\n'
        )
        terms = made(text).opened()["terms"][1]
        assert isinstance(terms, ReportTerms)
        assert terms.value == 1_250_000
        with pytest.raises(DraftError, match="says no currency"):
            made(text.replace('"12,500.00 EUR"', "1250000"))

    def test_a_reference_as_it_is_typed(self) -> None:
        _, evidence = made(RECEIPT).opened()["evidence"]
        assert isinstance(evidence, BankEvidence) and evidence.reference == "INVOICE2026/7"

    def test_a_report_without_lines_has_an_empty_array_of_them(self) -> None:
        text = f"""
kembar = 2
type = "report"
registry = "{IDS['a']}"
consent = "{IDS['b']}"
usage = "{IDS['c']}"
[parties]
model = "{IDS['d']}"
[terms]
ends = 2026-12-24
"""
        terms = made(text).opened()["terms"][1]
        assert isinstance(terms, ReportTerms)
        assert terms.lines == ()

    def test_report_lines_are_put_in_order(self) -> None:
        lines = "\n".join(
            f'[[terms.lines]]\nchannel = "{channel}"\ncountry = "{country}"\nimpressions = 5'
            for channel, country in (("social", "FR"), ("display", "FR"), ("display", "DE"))
        )
        text = (
            f'kembar = 2\ntype = "report"\nregistry = "{IDS["a"]}"\nconsent = "{IDS["b"]}"\nusage = "{IDS["c"]}"\n'
            f'[parties]\nmodel = "{IDS["d"]}"\n[terms]\nimages = 1\n{lines}\n'
        )
        terms = made(text).opened()["terms"][1]
        assert isinstance(terms, ReportTerms)
        assert [(line.channel, line.country) for line in terms.lines] == [
            ("display", "DE"), ("display", "FR"), ("social", "FR"),
        ]  # fmt: skip

    def test_every_signing_has_its_own_nonce_and_salts(self) -> None:
        one, two = made(CONSENT), made(CONSENT)
        assert one.payload != two.payload
        assert not set(one.disclosures) & set(two.disclosures)

    def test_what_was_made_is_what_is_passed_on(self) -> None:
        submission = made(CONSENT)
        assert parse_submission(format_submission(submission)) == submission
        assert sorted(submission.opened()) == ["money", "terms"]


WRONG = {
    "a set that names something twice": (
        'powers = ["revoke", "approve"]', 'powers = ["revoke", "revoke"]', "line 5: powers", "twice",
    ),
    "a word that is not one": ('"revoke"', '"sell"', "line 5: powers[1]", "must be one of"),
    "a local time": ("starts = 2026-12-01", "starts = 2026-12-01T10:00:00", "line 6: starts", "time zone"),
    "a fraction of a second": ("starts = 2026-12-01", "starts = 2026-12-01T10:00:00.5Z", "line 6: starts", "second"),
    "a fraction": ("commission_bp = 2000", "commission_bp = 20.5", "line 14: money.commission_bp", "fractions"),
    "a quoted local time": ("starts = 2026-12-01", 'starts = "2026-12-01T10:00:00"', "line 6: starts", "time zone"),
    "no such day": ("starts = 2026-12-01", 'starts = "2026-02-30T10:00:00Z"', "line 6: starts", "instant"),
    "a time of day": ("starts = 2026-12-01", "starts = 10:00:00", "line 6: starts", "is a time of day"),
    "an end before the start": ("ends = 2028-12-01T00:30:00+02:00", "ends = 2026-12-01", "line 7: ends", "after"),
    "a member that is not known": ("commission_bp", "commission", "line 14: money.commission", "unknown member"),
    "a section that is missing": ("[money]\ncommission_bp = 2000", "", "money", "is missing"),
    "a section that the type lacks": ("[money]", '[evidence]\nnote = "x"\n[money]', "evidence", "no such section"),
    "no registry": (f'registry = "{IDS["a"]}"\n', "", "registry", "is missing"),
    "a nonce of its own": ("kembar = 2", 'kembar = 2\nnonce = "x"', "nonce", "delete it"),
    "another version": ("kembar = 2", "kembar = 1", "kembar", "kembar = 2"),
    "a seal": ('type = "mandate"', 'type = "seal"', "type", "must be one of"),
}  # fmt: skip


class TestWhatIsRefused:
    @pytest.mark.parametrize("name", WRONG)
    def test_says_where_and_why(self, name: str) -> None:
        old, new, where, why = WRONG[name]
        assert old in MANDATE
        with pytest.raises(KembarError) as caught:
            made(MANDATE.replace(old, new))
        assert where in caught.value.where
        assert why in caught.value.message

    def test_everything_that_is_not_filled_in_is_named_at_once(self) -> None:
        with pytest.raises(DraftError) as caught:
            parse_draft(template("mandate"))
        for member in ("registry", "starts", "ends", "parties.model", "parties.agency"):
            assert re.search(rf"line \d+: {member}\b", caught.value.message)

    def test_more_signatures_than_recovery_keys(self) -> None:
        keys = f'keys = ["{IDS["b"]}"]'
        party = f"""kembar = 2\ntype = "party"\nregistry = "{IDS['a']}"\nroles = ["model"]\n{keys}
[recovery]\n{keys}\nthreshold = 2\n[person]\nname = "Anna"\n"""
        with pytest.raises(DraftError, match=r"recovery\.threshold: must be from 1 to the number of recovery keys"):
            made(party)
        made(party.replace("threshold = 2", "threshold = 1"))

    def test_a_guardian_until_the_middle_of_a_month(self) -> None:
        guardian = f"""kembar = 2\ntype = "guardian"\nregistry = "{IDS['a']}"\nuntil = 2030-05-14
[parties]\nmodel = "{IDS['b']}"\nguardian = "{IDS['c']}"\n"""
        with pytest.raises(DraftError, match="line 4: until: must be the first instant of a month"):
            made(guardian)
        made(guardian.replace("05-14", "06-01"))

    def test_a_byte_order_mark_is_no_harm(self) -> None:
        assert parse_draft("\ufeff" + MANDATE) == parse_draft(MANDATE)

    def test_an_amount_in_another_currency(self) -> None:
        with pytest.raises(DraftError, match=r"line 43: money.fees\[0\].amount.* is in USD, but the money is in EUR"):
            made(CONSENT.replace("1250.00 EUR", "1250.00 USD"))

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"social"', '"instagram"', r"line \d+: terms.channels.*instagram is no channel .did you mean social"),
            ('["all"]', '["clothing"]', r"terms.categories.*clothing is no category .did you mean 1059 .Clothing"),
            ('["FR", "DE"]', '["FR", "XX"]', r"terms.countries.*XX is no country"),
            ('["likeness"]', '["likenes"]', r"terms.rights.*did you mean likeness"),
            ('approval = "none"', 'approval = "none"\nallow = ["weight"]', r"terms.allow.*did you mean body-shape"),
        ],
    )
    def test_a_code_that_is_not_known(self, old: str, new: str, said: str) -> None:
        assert old in CONSENT
        with pytest.raises(DraftError, match=said):
            made(CONSENT.replace(old, new))

    @pytest.mark.parametrize("amount", ["48000", "480.00", '"480.00"'])
    def test_an_amount_without_its_currency(self, amount: str) -> None:
        with pytest.raises(DraftError, match=r"line 16: money.amount.*(says no currency|is no amount)"):
            made(RECEIPT.replace('"480.00 EUR"', amount))

    @pytest.mark.parametrize("typed", ["invoice_7", "NOT PROVIDED", "x" * 36])
    def test_a_reference_that_has_no_spelling(self, typed: str) -> None:
        with pytest.raises(DraftError, match=r"line 20: evidence.reference"):
            made(RECEIPT.replace("invoice 2026/7", typed))

    @pytest.mark.parametrize(
        ("typed", "said"),
        [('run = "soon"', r"terms.run.*write \"3 months\""), ('run = "1.5 months"', r"terms.run.*no length of a term"),
         ('run = { months = "90 days" }', r"terms.run.months.*no whole number of months"),
         ('run = { days = "1 year" }', r"terms.run.days.*no whole number of days"),
         ('run = { days = 4000 }', r"terms.run.days"),
         ('run = { days = 4, months = 1 }', r"terms.run.*one of them")],
    )  # fmt: skip
    def test_a_term_that_is_none(self, typed: str, said: str) -> None:
        with pytest.raises(DraftError, match=said):
            made(CONSENT.replace("[terms]", f"[terms]\n{typed}"))

    @pytest.mark.parametrize("typed", ['"7.555 %"', '"7.5"', '"-1 %"', '"a tenth"', '"05 %"', '"120 %"', "0.075"])
    def test_a_share_that_is_none(self, typed: str) -> None:
        with pytest.raises(DraftError, match=r"money.fees.*bp.*(no share|fractions|allowed is)"):
            made(CONSENT + f'\n[[money.fees]]\nper = "value"\nbp = {typed}\n')

    def test_a_length_of_time_that_is_none(self) -> None:
        with pytest.raises(DraftError, match=r'terms.late_window.*write "3 days"'):
            made(CONSENT.replace('"2 days"', '"soon"'))

    @pytest.mark.parametrize("text", ["", "kembar", "\x00", "a = [" * 5000, 'kembar = 2\ntype = ["mandate"]'])
    def test_what_is_no_draft(self, text: str) -> None:
        with pytest.raises(DraftError):
            parse_draft(text)

    def test_a_table_where_a_section_was_meant(self) -> None:
        with pytest.raises(DraftError, match="must be a table"):
            made(MANDATE.replace("[money]\ncommission_bp = 2000", "").replace("kembar = 2", 'kembar = 2\nmoney = "x"'))


HIDDEN = {"id", "nonce", "sections", "parties"}
NOT_TO_CREATE = {"break", "via"}
"""Members of a consent's money that make no sense in one to create (protocol, section 4.3)."""
SHAPES: dict[str, dict[str, Any]] = {
    "party": {"": statement.Party, "recovery": statement.Recovery, "person": sections.Person,
              "name": sections.Name},
    "key": {"": statement.Key, "recovery": statement.Recovery, "name": sections.Name},
    "guardian": {"": statement.Guardian},
    "mandate": {"": statement.Mandate, "money": sections.MandateMoney},
    "consent-create": {
        "terms": sections.CreateTerms,
        "money": sections.ConsentMoney,
        "money.splits": sections.Split,
        "money.due": sections.Due,
    },
    "exercise": {"": statement.Exercise},
    "twin": {"": statement.Twin},
    "consent": {
        "": statement.Consent,
        "terms": sections.Terms,
        "exclusive": sections.Exclusive,
        "money": sections.ConsentMoney,
        "money.fees": sections.Fee,
        "money.splits": sections.Split,
        "money.due": sections.Due,
        "money.break": sections.Break,
    },
    "approval": {"": statement.Approval, "terms": sections.ApprovalTerms},
    "usage": {"": statement.Usage, "terms": sections.UsageTerms},
    "report": {"": statement.Report, "terms": sections.ReportTerms, "terms.lines": sections.ReportLine},
    "payment": {"": statement.Payment, "money": sections.PaymentMoney, "evidence": sections.BankEvidence},
    "receipt": {"": statement.Receipt, "money": sections.ReceiptMoney, "evidence": sections.BankEvidence},
    "adjustment": {"": statement.Adjustment, "money": sections.AdjustmentMoney, "evidence": sections.BankEvidence},
    "revocation": {"": statement.Revocation},
    "suspension": {"": statement.Suspension},
    "resumption": {"": statement.Resumption},
    "dispute": {"": statement.Dispute, "evidence": sections.DisputeEvidence},
    "ruling": {"": statement.Ruling},
    "erasure": {"": statement.Erasure},
    "registry": {"": statement.Registry},
}


def names(make: Any) -> set[str]:
    """The members of a dataclass, by the protocol's names."""
    return {field.name.rstrip("_") for field in fields(make)}


class TestTemplates:
    @pytest.mark.parametrize("kind", KINDS)
    def test_reads_as_toml_and_is_unfinished(self, kind: str) -> None:
        with pytest.raises(KembarError):
            made(template(kind, {"registry": IDS["a"]}))

    @pytest.mark.parametrize("kind", KINDS)
    def test_shows_every_member_that_the_protocol_knows(self, kind: str) -> None:
        """What a template does not show, a booker does not find: switched on or off, every member stands in it."""
        text = template(kind)
        shown = set(re.findall(r"^(?:# )?([a-z0-9_]+) = ", text, re.MULTILINE))
        tables = set(re.findall(r"^(?:# )?\[\[?([a-z_.]+)\]", text, re.MULTILINE))
        for place, make in SHAPES[kind].items():
            for member in names(make) - HIDDEN - (NOT_TO_CREATE if kind == "consent-create" else set()):
                assert member in shown | tables or f"{place}.{member}" in tables, f"{place}.{member}"
            assert not place or place in tables

    def test_only_sections_and_members_that_are_known(self) -> None:
        for kind in KINDS:
            for table in re.findall(r"^(?:# )?\[\[?([a-z]+)[a-z_.]*\]", template(kind), re.MULTILINE):
                assert table in {*SECTION_NAMES, "parties", "recovery"}


class TestLines:
    def test_the_line_of_a_member_in_a_repeated_table(self) -> None:
        assert CONSENT.splitlines()[line_of(CONSENT, "money.splits[1].parts") - 1] == "parts = 10"  # type: ignore[operator]

    def test_the_nearest_line_around_it(self) -> None:
        assert line_of(MANDATE, "powers[1]") == 5
        assert line_of(MANDATE, "money.nothing") == 13
        assert line_of(MANDATE, "nowhere") is None


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "amount", "currency"),
        [
            ("1250.00 EUR", 125000, "EUR"),
            ("1250 EUR", 125000, "EUR"),
            ("0.05 EUR", 5, "EUR"),
            ("1250 JPY", 1250, "JPY"),
            ("1.250 KWD", 1250, "KWD"),
            ("IDR 2.000.000", 200_000_000, "IDR"),
            ("IDR 500.000", 50_000_000, "IDR"),
            ("EUR 480.00", 48_000, "EUR"),
            ("480,00 EUR", 48_000, "EUR"),
            ("1,250.00 EUR", 125_000, "EUR"),
            ("EUR 1.250.000,05", 125_000_005, "EUR"),
            ("JPY 1,250", 1_250, "JPY"),
            ("KWD 1,250.000", 1_250_000, "KWD"),
            ("1.250.000 KWD", 1_250_000_000, "KWD"),
            ("1,250,000 KWD", 1_250_000_000, "KWD"),
            ("0 EUR", 0, "EUR"),
            ("125000 minor units of ZZZ", 125_000, "ZZZ"),
        ],
    )
    def test_read_by_the_currencys_decimals(self, text: str, amount: int, currency: str) -> None:
        assert parse_amount(text) == (amount, currency)
        assert parse_amount(format_amount(amount, currency)) == (amount, currency)

    @pytest.mark.parametrize(
        "text",
        ["1250.0 EUR", "1250.000 EUR", "12.5 JPY", "EUR 5 EUR", "5", "EUR", "1,250 KWD", "1.25.000 EUR", "1,250,00 EUR",
         "1.250.00 EUR", "0.250 IDR", "12,50.00 EUR", "1.,250 EUR", ".50 EUR", "5. EUR", "EUR5", "EUR -5",
         "5 EURO", "-5 EUR", "5 eur", "05 EUR", "5 ZZZ",
         "٣ EUR", "90071992547409.92 EUR", "5.00  EUR", " 5.00 EUR"],
    )  # fmt: skip
    def test_what_is_not_clear_is_refused(self, text: str) -> None:
        with pytest.raises(Malformed):
            parse_amount(text)
