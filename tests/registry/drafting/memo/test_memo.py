"""Deal memos: two languages, nothing left out, and a hash that holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.drafting.memo.render import LANGUAGES, WIDTH, Language, digest, language_of, render
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.printable import flat, printable
from verifier.base.values import fields
from verifier.programs.language import catalogue
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.sections import FEES_PER, UNITS, Exclusive, Fee, Section, Terms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import CHANNELS, MANIPULATIONS, PLACEMENTS, PROFILES, PURPOSES, RIGHTS

HERE = Path(__file__).parent
MODEL, BRAND, AGENCY, CREW, OTHER, UNION, ARBITER = (character * 64 for character in "abcdef1")

TERMS: dict[str, Any] = {
    "rights": ["likeness"],
    "purposes": ["advertising", "ecommerce"],
    "description": "Pictures of knitwear in the brand's own shop and in its newsletter.",
    "categories": ["1067"],
    "channels": ["display", "email"],
    "countries": ["AT", "DE"],
    "starts": "2026-12-01T00:00:00Z",
    "ends": "2027-06-01T00:00:00Z",
    "approval": "none",
    "language": "en",
    "delivered": "2026-11-20T09:30:00Z",
    "advice": "counsel",
}
EVERYTHING: dict[str, Any] = {
    **TERMS,
    "products": ["knit, \"warm\"", "socks"],
    "categories_denied": ["x-fur"],
    "countries": ["WORLD"],
    "countries_excluded": ["US"],
    "spill": 250,
    "placements": ["owned", "paid"],
    "run": {"months": 3},
    "late_window": 7_200,
    "sell_off": 1_209_600,
    "notice": 86_401,
    "caps": {"days": 90, "images": 1_000, "impressions": 2_500_000, "uses": 1},
    "overage": ["images"],
    "allow": ["background", "lighting"],
    "approve": ["hair"],
    "derivatives": "approve",
    "training": "own_twin",
    "approval": "each",
    "silence": 259_200,
    "label": "both",
    "pay_first": "session",
    "overdue_limit": 30,
    "profile": "sag-aftra",
    "language": "pt-BR",
    "advice": "union",
}
MONEY: dict[str, Any] = {
    "currency": "EUR",
    "fees": [{"per": "use", "amount": 125_050}],
    "splits": [{"payee": MODEL, "kind": "model", "parts": 1}],
    "due": {"from": "declared", "days": 30},
}
ALL_MONEY: dict[str, Any] = {
    "currency": "IDR",
    "fees": [
        {"per": "flat", "amount": 1_000_000_00},
        {"per": "image", "above": 1_000, "tiers": [{"from": 0, "amount": 4_000_000}, {"from": 10, "amount": 300}]},
        {"per": "day", "amount": 7, "once": True},
        {"per": "value", "bp": 750, "channels": ["social"], "countries": ["DE"], "placements": ["paid"],
         "purposes": ["advertising"]},
        {"per": "flat", "amount": 9_000_000_00, "owed": "signed", "rata": True, "recoup": "all"},
        {"per": "flat", "amount": 500_000_00, "owed": "every", "days": 91, "first": "2026-12-15T00:00:00Z",
         "due_days": 14},
        {"per": "flat", "amount": 8_000_00, "owed": "every", "months": 1, "for": "exclusive"},
        {"per": "flat", "amount": 2_000_000_00, "owed": "on", "at": "2027-05-31T00:00:00Z", "recoup": "all"},
        {"per": "flat", "amount": 600_000_00, "owed": "break"},
    ],
    "splits": [
        {"payee": MODEL, "kind": "model", "parts": 790, "gross_bp": 12_200, "via": AGENCY},
        {"payee": AGENCY, "kind": "agency", "parts": 200},
        {"payee": CREW, "kind": "crew", "parts": 10},
    ],
    "due": {"from": "ends", "days": 1},
    "break": {"notice": 2_592_000},
}
SCOPE: dict[str, Any] = {
    "categories": ["all"],
    "channels": ["print"],
    "countries": ["DE"],
    "countries_excluded": ["AT"],
    "starts": "2026-12-01T00:00:00Z",
    "ends": "2027-12-01T00:00:00Z",
    "except": [OTHER],
    "hold_off": 2_592_000,
    "notice": 604_800,
    "against": ["e1" * 32],
    "release": 1_209_600,
}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, dict[str, Any]]] = {
    "simple": (TERMS, MONEY, None, {}),
    "everything": (
        EVERYTHING, ALL_MONEY, SCOPE,
        {"under": "2" * 64, "replaces": "3" * 64, "sublicensees": [OTHER], "providers": ["4" * 64],
         "sublicense": "countersigned", "exercise_by": "2027-01-31T00:00:00Z",
         "parties": {"agency": AGENCY, "union": UNION, "arbiter": ARBITER, "guardian": "5" * 64}},
    ),
}  # fmt: skip


def consent(terms: Mapping[str, Any], money: Mapping[str, Any], scope: Mapping[str, Any] | None = None,
            members: Mapping[str, Any] | None = None) -> tuple[Consent, dict[str, Section]]:  # fmt: skip
    values = {"terms": dict(terms), "money": dict(money), **({"exclusive": dict(scope)} if scope else {})}
    more = dict(members or {})
    header = {
        "act": "use", "at": "2026-11-24T00:00:00Z", "kembar": 2, "nonce": "A" * 22, "registry": "9" * 64,
        "twin": "8" * 64, "type": "consent", "sections": {name: "A" * 43 for name in values}, **more,
        "parties": {
            "model": MODEL, "licensee": BRAND, **more.get("parties", {}),
            "payees": sorted({split["payee"] for split in money["splits"]}),
        },
    }  # fmt: skip
    statement = parse_statement(canonical.encode(header))
    assert isinstance(statement, Consent)
    return statement, {name: parse_section(statement, name, value) for name, value in values.items()}


def memo(terms: Mapping[str, Any] | None = None, money: Mapping[str, Any] | None = None,
         scope: Mapping[str, Any] | None = None, members: Mapping[str, Any] | None = None,
         language: Language = "en") -> str:  # fmt: skip
    return render(*consent({**TERMS, **(terms or {})}, {**MONEY, **(money or {})}, scope, members), language).decode()


def words(language: Language) -> dict[str, dict[str, Any]]:
    """What codes are called in a memo, by family."""
    found: dict[str, dict[str, Any]] = {}
    for id, template in catalogue(language).templates.items():
        if id.startswith("memo.") and id.count(".") == 2:
            _, kind, code = id.split(".")
            found.setdefault(kind, {})[code] = template
    return found


class TestGolden:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", CASES)
    def test_is_word_for_word_what_was_read_and_approved(self, name: str, language: Language) -> None:
        golden = HERE / f"{name}.{language}.txt"
        assert render(*consent(*CASES[name]), language) == golden.read_bytes()

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", CASES)
    def test_is_text_for_people(self, name: str, language: Language) -> None:
        text = render(*consent(*CASES[name]), language).decode()
        assert text.endswith(".\n") and "\r" not in text and "\t" not in text
        assert all(len(line) <= WIDTH or len(line.split()) == 1 for line in text.split("\n"))
        assert not any(mark in text for mark in ("None", "True", "False", "{", "}", "[", "..", " ,", "\n\n\n"))


class TestWords:
    VOCABULARY: Mapping[str, Any] = {
        "rights": RIGHTS, "purposes": PURPOSES, "channels": CHANNELS, "manipulations": MANIPULATIONS, "overage": UNITS,
        "cap": UNITS, "profile": PROFILES, "per": FEES_PER,
        "kind": ("model", "agency", "trust", "levy", "crew", "maker"), "placements": PLACEMENTS,
        "owed": ("break", "every", "on", "option", "signed"),
        "scope": ("channels", "countries", "placements", "purposes"),
        "methods": ("motion", "photo", "scan", "video", "voice"), "unit": ("month", "day", "hour", "minute", "second"),
    }  # fmt: skip

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("kind", VOCABULARY)
    def test_every_code_has_one_and_no_other_has(self, language: str, kind: str) -> None:
        assert set(words(language)[kind]) == set(self.VOCABULARY[kind])

    def test_the_languages_have_the_same_kinds_of_them(self) -> None:
        assert all(set(words(language)) == set(self.VOCABULARY) for language in LANGUAGES)

    @pytest.mark.parametrize("kind", VOCABULARY)
    def test_none_is_the_same_word_for_two_things(self, kind: str) -> None:
        for language in LANGUAGES:
            said = list(map(str, words(language)[kind].values()))
            assert len(set(said)) == len(said)


TOLD: dict[str, Any] = {
    # member of the terms: another value of it than in EVERYTHING
    "rights": ["likeness", "voice"], "purposes": ["internal"], "products": ["hats"], "categories": ["1070"],
    "description": "Something else that is long enough.", "categories_denied": ["x-leather"], "channels": ["radio"],
    "countries": ["FR"], "countries_excluded": ["CA"], "spill": 7, "starts": "2026-12-02T00:00:00Z",
    "ends": "2027-06-02T00:00:00Z", "late_window": 60, "sell_off": 61, "notice": 62, "caps": {"uses": 2, "images": 3},
    "overage": ["uses"], "allow": ["age"], "approve": ["pose"], "derivatives": "allow", "training": "allow",
    "approval": "none", "silence": 63, "label": "visible", "pay_first": "prepaid", "overdue_limit": 31,
    "placements": ["organic"], "run": {"days": 90}, "profile": "ny", "language": "id",
    "delivered": "2026-11-19T00:00:00Z", "advice": "none",
}  # fmt: skip
SCOPE_TOLD: dict[str, Any] = {
    "categories": ["1067"], "channels": ["social"], "countries": ["FR"], "countries_excluded": ["CH"],
    "starts": "2026-12-02T00:00:00Z", "ends": "2027-12-02T00:00:00Z", "except": ["6" * 64], "hold_off": 64,
    "notice": 65, "against": ["e2" * 32], "release": 66,
}
FEE_TOLD: dict[str, tuple[int, Any]] = {
    # member of a fee: which of ALL_MONEY's has it, and another value of it
    "per": (0, "use"), "amount": (0, 1), "bp": (3, 751), "above": (1, 7), "tiers": (1, [{"from": 0, "amount": 1}]),
    "once": (2, False), "channels": (3, ["print"]), "countries": (3, ["WORLD"]), "placements": (3, ["owned"]),
    "purposes": (3, ["pitch"]), "for": (6, None), "owed": (4, "break"), "at": (7, "2027-05-30T00:00:00Z"),
    "months": (6, 2), "days": (5, 92), "first": (5, "2026-12-16T00:00:00Z"), "due_days": (5, 15), "rata": (4, False),
    "recoup": (4, None),
}  # fmt: skip


class TestNothingIsLeftOut:
    def test_every_member_is_tried(self) -> None:
        assert {field.name for field in fields(Terms)} == set(TOLD) | {"memo"}
        assert {field.name.rstrip("_") for field in fields(Exclusive)} == set(SCOPE_TOLD)
        assert {field.name.rstrip("_") for field in fields(Fee)} == set(FEE_TOLD)

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("member", FEE_TOLD)
    def test_of_a_fee(self, member: str, language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        place, other = FEE_TOLD[member]
        fees = [dict(fee) for fee in money["fees"]]
        assert member in fees[place]
        if other is None:
            del fees[place][member]
        else:
            fees[place][member] = other
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent(terms, {**money, "fees": fees}, scope, members), language) != before

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("member", TOLD)
    def test_of_the_terms(self, member: str, language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent({**terms, member: TOLD[member]}, money, scope, members), language) != before

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("member", [name for name in EVERYTHING if name not in TERMS])
    def test_that_an_optional_one_is_there(self, member: str, language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        without = {name: value for name, value in terms.items() if name != member}
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent(without, money, scope, members), language) != before

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("member", SCOPE_TOLD)
    def test_of_the_exclusivity(self, member: str, language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        assert scope is not None
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent(terms, money, {**scope, member: SCOPE_TOLD[member]}, members), language) != before

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        "change",
        [
            {"currency": "USD"},
            {"fees": MONEY["fees"]},
            {"due": {"from": "starts", "days": 1}},
            {"due": {"from": "ends", "days": 2}},
            {"splits": [{**ALL_MONEY["splits"][0], "parts": 1}, *ALL_MONEY["splits"][1:]]},
            {"splits": [{**ALL_MONEY["splits"][0], "gross_bp": 7_000}, *ALL_MONEY["splits"][1:]]},
            {"splits": [{**ALL_MONEY["splits"][0], "kind": "trust"}, *ALL_MONEY["splits"][1:]]},
            {"splits": [{**ALL_MONEY["splits"][0], "payee": OTHER}, *ALL_MONEY["splits"][1:]]},
            {"splits": [{"payee": MODEL, "kind": "model", "parts": 790, "gross_bp": 12_200}, *ALL_MONEY["splits"][1:]]},
            {"fees": [{**ALL_MONEY["fees"][0], "amount": 1}, *ALL_MONEY["fees"][1:]]},
            {"fees": [ALL_MONEY["fees"][0], {**ALL_MONEY["fees"][1], "above": 5}, ALL_MONEY["fees"][2]]},
            {"fees": [*ALL_MONEY["fees"][:2], {"per": "day", "amount": 7}]},
            {"break": {"notice": 0}},
            {"break": {"notice": 60}},
        ],
    )
    def test_of_the_money(self, change: dict[str, Any], language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent(terms, {**money, **change}, scope, members), language) != before

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        "member", "replaces sublicensees sublicense providers exercise_by agency union arbiter guardian".split()
    )
    def test_of_whom_it_is_with(self, member: str, language: Language) -> None:
        terms, money, scope, members = CASES["everything"]
        without = {name: value for name, value in members.items() if name != member}
        without["parties"] = {name: one for name, one in members["parties"].items() if name != member}
        before = render(*consent(terms, money, scope, members), language)
        assert render(*consent(terms, money, scope, without), language) != before


class TestTruth:
    def test_the_hash_in_the_terms_changes_nothing(self) -> None:
        """It is made before they carry it."""
        assert memo() == memo({"memo": "7" * 64})
        assert digest(memo().encode()) != digest(memo(language="id").encode())

    def test_under_the_law_of_the_european_union_a_withdrawal_needs_no_notice(self) -> None:
        said = "It takes effect 2 days after it is logged (at once, if this registry follows the law of the European"
        assert said in " ".join(memo({"notice": 172_800}).split())
        assert "It takes effect at once when it is logged." in memo({"notice": 172_800, "profile": "eu"})

    def test_a_fixed_fee_is_owed_again_where_there_is_one(self) -> None:
        terms, money, scope, members = CASES["everything"]
        said = "A fixed fee is owed again."
        assert said in " ".join(render(*consent(terms, money, scope, members), "en").decode().split())
        daily = {**money, "fees": [{"per": "day", "amount": 7}]}
        assert said not in " ".join(render(*consent(terms, daily, scope, members), "en").decode().split())

    def test_a_renewal_begins_anew(self) -> None:
        said = " ".join(memo(members={"renews": "3" * 64}).split())
        assert f"This renews an earlier consent and takes its place as soon as it is logged: {'3' * 64}." in said
        assert "What was counted under that begins anew." in said

    def test_what_the_signatures_made_stays_owed(self) -> None:
        signed = {"per": "flat", "amount": 5, "owed": "signed"}
        said = "What was owed with the signatures stays owed after a withdrawal."
        assert said in " ".join(memo(money={"fees": [signed]}).split())
        assert "only the share of the days run" in " ".join(memo(money={"fees": [{**signed, "rata": True}]}).split())
        assert "with the signatures" not in memo()
        option = " ".join(memo(money={"fees": [signed]}, members={"exercise_by": "2027-01-01T00:00:00Z"}).split())
        assert "What the option brought when it was taken stays owed after a withdrawal." in option
        assert "EUR 0.05 once, when the brand takes the option." in option
        assert "If it does not, this ends then and nothing is owed." in option

    @pytest.mark.parametrize(
        ("way_out", "said"),
        [
            (None, "Fees on later dates are owed to you all the same."),
            ({"notice": 2_592_000}, "Fees on dates up to 30 days after that are still owed to you, later ones not."),
            ({"notice": 0}, "Fees on later dates are not owed then."),
        ],
    )
    def test_the_brands_way_out(self, way_out: dict[str, int] | None, said: str) -> None:
        """Without `break` dated fees go on; with it none arises at or after logged + notice (M1)."""
        dated = {"fees": [{"per": "flat", "amount": 5, "owed": "every", "months": 1}]}
        told = " ".join(memo(money={**dated, **({"break": way_out} if way_out else {})}).split())
        assert f"at any time and at once: then it may not use your twin any longer. {said}" in told
        assert "Fees on a date after that are not owed any more." in told  # her own withdrawal
        assert "later dates" not in memo()

    def test_an_advance_and_a_guarantee(self) -> None:
        fee = {"per": "flat", "amount": 100_000, "recoup": "all"}
        advance = " ".join(memo(money={"fees": [{**fee, "owed": "signed"}]}).split())
        assert "EUR 1,000.00 once, with the signatures. It is an advance" in advance
        least = " ".join(memo(money={"fees": [{**fee, "owed": "on", "at": "2027-05-31T00:00:00Z"}]}).split())
        assert "EUR 1,000.00 once, on 31 May 2027 (UTC). It is a guaranteed minimum" in least

    def test_words_that_have_an_and_in_them_are_told_apart(self) -> None:
        assert "banners on web sites and in apps; social media." in memo({"channels": ["display", "social"]})
        assert "banner di situs web dan aplikasi; media sosial." in memo(
            {"channels": ["display", "social"]}, language="id"
        )
        assert "banners on web sites and in apps." in memo({"channels": ["display"]})

    def test_how_long_things_are(self) -> None:
        for seconds, said in ((1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (3_600, "1 hour"),
                              (86_400, "1 day"), (90_000, "25 hours"), (31_536_000, "365 days")):  # fmt: skip
            assert f"It takes effect {said} after" in memo({"notice": seconds})

    @pytest.mark.parametrize(
        ("currency", "amount", "english", "indonesian"),
        [
            ("EUR", 125_050, "EUR 1,250.50", "EUR 1.250,50"),
            ("JPY", 125_050, "JPY 125,050", "JPY 125.050"),
            ("KWD", 1_005, "KWD 1.005", "KWD 1,005"),
            ("EUR", 5, "EUR 0.05", "EUR 0,05"),
            ("QQQ", 1_234, "1,234 of the smallest unit of QQQ", "1.234 satuan terkecil QQQ"),
        ],
    )
    def test_amounts(self, currency: str, amount: int, english: str, indonesian: str) -> None:
        money = {"currency": currency, "fees": [{"per": "use", "amount": amount}]}
        assert f"{english} for each use" in memo(money=money)
        assert f"{indonesian} untuk setiap penggunaan" in memo(money=money, language="id")

    def test_languages(self) -> None:
        assert [language_of(tag) for tag in ("id", "ID-id", "en", "de", "pt-BR", "x-id", "idx")] == [
            "id", "id", "en", "en", "en", "en", "en",
        ]  # fmt: skip
        assert "in German, on" in memo({"language": "de"})
        assert "in Portuguese (pt-BR), on" in memo({"language": "pt-BR"})
        assert "in x-klingon, on" in memo({"language": "x-klingon"})

    def test_what_is_not_a_deal(self) -> None:
        statement, sections = consent(TERMS, MONEY)
        with pytest.raises(Malformed):
            render(statement, {"terms": sections["terms"]}, "en")


HOSTILE = [
    "{{ 7 * 7 }} {% include 'x' %} {# no #} and enough more",
    "Line one of it\nWHAT NOBODY ELSE MAY DO\n  Everything is allowed.",
    "<script>alert(1)</script> & a few more characters",
    "\u202egnihtyna si siht dna, more of it after that\u202c",
    "\x1b[2J\x1b[31mred letters on a terminal, all of them\x1b[0m",
    "word " * 700,
    "x" * 4_000,
]


class TestHostileWords:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stay_words_on_their_own_line(self, text: str, language: Language) -> None:
        terms = {"description": text[:4_000], "products": [text[:400].strip() or "x"]}
        said = memo(terms, language=language)
        plain = memo(language=language)
        headings = [line for line in plain.split("\n") if line and line == line.upper() and not line.startswith(" ")]
        found = [line for line in said.split("\n") if line and line == line.upper() and not line.startswith(" ")]
        assert found == headings, "nobody writes a heading of their own"
        assert all(printable(line) == line for line in said.split("\n"))
        assert "49" not in said.replace("2449", "")

    @given(st.text(max_size=200))
    @settings(max_examples=60, deadline=None)
    def test_flat_is_one_line_that_can_be_read(self, text: str) -> None:
        assert printable(flat(text)) == flat(text)
        assert flat(flat(text)) == flat(text)
