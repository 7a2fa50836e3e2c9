"""A7, A8, A9: what for, where and how, within what the terms allow; as declared and as reported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, Logged, row


def used(c: Cast, terms: dict[str, Any], use: dict[str, Any]) -> Logged:
    return c.world.usage(c.consent(simple=True, terms=terms), terms=use)


def says(rule: str, terms: dict[str, Any], use: dict[str, Any], lines: list[tuple[str, str, int]] | None = None) -> str:
    """What one rule says of a use under some terms, and of a report of it."""
    c = Cast()
    usage = used(c, terms, use)
    if lines is not None:
        report(c, usage, lines)
    return row(c.check(usage), rule)


def report(c: Cast, usage: Logged, lines: list[tuple[str, str, int]]) -> Logged:
    told = [{"channel": channel, "country": country, "impressions": count} for channel, country, count in lines]
    return c.world.report(usage, terms={"lines": told})


# ---- A7: 1058 clothing and accessories > 1059 clothing > 1067 women's clothing

CLOTHING, WOMENS, MENS = "1059", "1067", "1062"


@pytest.mark.parametrize("terms, use, expected", [
    ({}, {}, "PASS ok"),
    ({"purposes": ["advertising", "editorial"]}, {"purpose": "editorial"}, "PASS ok"),
    ({"purposes": ["editorial"]}, {"purpose": "advertising"}, "FAIL purpose_denied"),
    ({"products": ["Spring line"]}, {"product": "Spring line"}, "PASS ok"),
    ({"products": ["Spring line"]}, {"product": "spring line"}, "FAIL product_denied"),
    ({"products": ["Spring line"]}, {}, "FAIL product_denied"),
    ({}, {"product": "Whatever"}, "PASS ok"),
    ({"categories": [WOMENS]}, {"category": WOMENS}, "PASS ok"),
    ({"categories": [CLOTHING]}, {"category": WOMENS}, "PASS ok"),
    ({"categories": ["1058"]}, {"category": WOMENS}, "PASS ok"),
    ({"categories": [WOMENS]}, {"category": CLOTHING}, "FAIL category_denied"),
    ({"categories": [WOMENS]}, {"category": MENS}, "FAIL category_denied"),
    ({"categories": [CLOTHING], "categories_denied": [WOMENS]}, {"category": MENS}, "PASS ok"),
    ({"categories": [CLOTHING], "categories_denied": [WOMENS]}, {"category": WOMENS}, "FAIL category_denied"),
    ({"categories": [WOMENS], "categories_denied": [CLOTHING]}, {"category": WOMENS}, "FAIL category_denied"),
    ({"categories_denied": ["x-fur"]}, {"category": "x-fur"}, "FAIL category_denied"),
    ({"categories": ["x-fur"]}, {"category": "x-fur"}, "PASS ok"),
    ({"categories": ["nonsense"]}, {}, "UNKNOWN bad_terms"),
    ({"categories_denied": ["nonsense"]}, {}, "UNKNOWN bad_terms"),
    ({}, {"category": "nonsense"}, "UNKNOWN bad_terms"),
    ({}, {"category": "all"}, "UNKNOWN bad_terms"),
    ({"categories": [WOMENS, "all"]}, {}, "UNKNOWN bad_terms"),
    ({"purposes": ["editorial"], "categories": ["nonsense"]}, {}, "FAIL purpose_denied"),
])  # fmt: skip
def test_purpose_product_and_category(terms: dict[str, Any], use: dict[str, Any], expected: str) -> None:
    terms = {name: sorted(value) for name, value in terms.items()}
    assert says("A7", terms, use) == expected


# ---- A8


@pytest.mark.parametrize("terms, use, lines, expected", [
    ({}, {}, None, "PASS ok"),
    ({"rights": ["likeness", "voice"]}, {"rights": ["voice"]}, None, "PASS ok"),
    ({}, {"rights": ["likeness", "voice"]}, None, "FAIL right_denied"),
    ({"channels": ["print"]}, {}, None, "PASS ok"),
    ({"channels": ["print"]}, {"channels": ["ooh", "print"]}, None, "FAIL channel_denied"),
    ({"channels": ["print"]}, {}, [("print", "DE", 1)], "PASS ok"),
    ({"channels": ["print"]}, {}, [("ooh", "DE", 1)], "FAIL channel_denied"),
    ({"channels": ["print"]}, {}, [("ooh", "DE", 0)], "PASS ok"),
    ({}, {"rights": ["nonsense"]}, None, "UNKNOWN bad_terms"),
    ({"rights": ["likeness", "nonsense"]}, {}, None, "UNKNOWN bad_terms"),
    ({}, {"channels": ["nonsense"]}, None, "UNKNOWN bad_terms"),
    ({}, {}, [("nonsense", "DE", 1)], "UNKNOWN bad_terms"),
    ({}, {"rights": ["voice"], "channels": ["nonsense"]}, None, "FAIL right_denied"),
    ({"channels": ["print"]}, {"rights": ["nonsense"], "channels": ["ooh"]}, None, "FAIL channel_denied"),
])  # fmt: skip
def test_rights_and_channels(
    terms: dict[str, Any], use: dict[str, Any], lines: list[tuple[str, str, int]] | None, expected: str
) -> None:
    assert says("A8", terms, use, lines) == expected


# ---- A9

DE_FR = {"countries": ["DE", "FR"]}
NOT_FR = {"countries": ["WORLD"], "countries_excluded": ["FR"]}


@pytest.mark.parametrize("terms, use, expected", [
    (DE_FR, {"countries": ["DE"]}, "PASS ok"),
    (DE_FR, {"countries": ["DE", "FR"]}, "PASS ok"),
    (DE_FR, {"countries": ["DE", "IT"]}, "FAIL country_denied"),
    (DE_FR, {"countries": ["WORLD"]}, "FAIL country_denied"),
    ({"countries": ["WORLD"]}, {"countries": ["WORLD"]}, "PASS ok"),
    (NOT_FR, {"countries": ["DE"]}, "PASS ok"),
    (NOT_FR, {"countries": ["FR"]}, "FAIL country_denied"),
    (NOT_FR, {"countries": ["WORLD"]}, "FAIL country_denied"),
    ({**DE_FR, "countries_excluded": ["FR"]}, {"countries": ["FR"]}, "FAIL country_denied"),
    # what is online and not targeted is the whole world
    (DE_FR, {"countries": ["DE"], "channels": ["social"]}, "FAIL country_denied"),
    (DE_FR, {"countries": ["DE"], "channels": ["print", "social"]}, "FAIL country_denied"),
    (DE_FR, {"countries": ["DE"], "channels": ["social"], "targeted": True}, "PASS ok"),
    ({"countries": ["WORLD"]}, {"countries": ["DE"], "channels": ["social"]}, "PASS ok"),
    (NOT_FR, {"countries": ["DE"], "channels": ["social"]}, "FAIL country_denied"),
    (DE_FR, {"countries": ["DE"], "channels": ["ooh"]}, "PASS ok"),
    (DE_FR, {"countries": ["ZZ"]}, "UNKNOWN bad_terms"),
    (DE_FR, {"channels": ["nonsense"]}, "UNKNOWN bad_terms"),  # which may be online
    ({"countries": ["WORLD"], "countries_excluded": ["ZZ"]}, {}, "UNKNOWN bad_terms"),
])  # fmt: skip
def test_countries(terms: dict[str, Any], use: dict[str, Any], expected: str) -> None:
    assert says("A9", terms, use) == expected


@pytest.mark.parametrize(
    "channel", "affiliate display email gaming influencer olv podcast search social streaming_audio".split()
)
def test_online_channels(channel: str) -> None:
    terms = {"channels": [channel], "countries": ["DE"]}
    assert says("A9", terms, {"channels": [channel]}) == "FAIL country_denied"
    assert says("A9", terms, {"channels": [channel], "targeted": True}) == "PASS ok"


@pytest.mark.parametrize("spill, lines, expected", [
    (0, [("print", "DE", 10_000)], "PASS ok"),
    (0, [("print", "DE", 10_000), ("print", "IT", 0)], "PASS ok"),
    (0, [("print", "DE", 10_000), ("print", "IT", 1)], "FAIL country_denied"),
    (100, [("print", "DE", 9_900), ("print", "IT", 100)], "PASS ok"),
    (100, [("print", "DE", 9_899), ("print", "IT", 101)], "FAIL country_denied"),
    (100, [("print", "DE", 9_900), ("print", "IT", 50), ("print", "US", 50)], "PASS ok"),
    (100, [("print", "DE", 9_900), ("print", "IT", 50), ("print", "US", 51)], "FAIL country_denied"),
    (1, [("print", "DE", 9_999), ("print", "IT", 1)], "PASS ok"),
    (1, [("print", "DE", 9_998), ("print", "IT", 1)], "FAIL country_denied"),
    (10_000, [("print", "IT", 1)], "PASS ok"),
    (10_000, [("print", "ZZ", 1)], "UNKNOWN bad_terms"),
])  # fmt: skip
def test_reported_spill_is_exact(spill: int, lines: list[tuple[str, str, int]], expected: str) -> None:
    assert says("A9", {**DE_FR, "spill": spill}, {}, lines) == expected


def test_spill_never_covers_what_is_declared() -> None:
    assert says("A9", {**DE_FR, "spill": 10_000}, {"countries": ["DE", "IT"]}) == "FAIL country_denied"


def test_reports_are_cumulative() -> None:
    """The second says 101 in Italy in all, not 151."""
    for second, expected in ((100, "PASS ok"), (101, "FAIL country_denied")):
        c = Cast()
        usage = used(c, {**DE_FR, "spill": 100}, {})
        report(c, usage, [("print", "DE", 5_000), ("print", "IT", 50)])
        report(c, usage, [("print", "DE", 9_900), ("print", "IT", second)])
        assert row(c.check(usage), "A9") == expected


def test_a_later_report_takes_nothing_back() -> None:
    c = Cast()
    usage = used(c, DE_FR, {})
    report(c, usage, [("print", "IT", 50)])
    report(c, usage, [("print", "IT", 0)])
    assert row(c.check(usage), "A9") == "FAIL country_denied"


def test_a_void_report_reports_nothing() -> None:
    c = Cast()
    usage = used(c, DE_FR, {})
    told = [{"channel": "print", "country": "IT", "impressions": 1}]
    c.world.report(usage, terms={"lines": told}, signers=[c.stranger])
    assert row(c.check(usage), "A9") == "PASS ok"


# ---- what is not shown


@pytest.mark.parametrize("rule", ["A7", "A8", "A9"])
@pytest.mark.parametrize("whose", ["consent", "usage"])
def test_terms_that_are_not_disclosed(rule: str, whose: str) -> None:
    c = Cast()
    usage = used(c, {}, {})
    made = usage if whose == "usage" else c.world.entries[usage.index - 2]
    assert row(c.check(usage, hide_sections=[(made, "terms")]), rule) == "UNKNOWN not_disclosed"


@pytest.mark.parametrize("rule, expected", [
    ("A7", "PASS ok"), ("A8", "UNKNOWN not_disclosed"), ("A9", "UNKNOWN not_disclosed"),
])  # fmt: skip
def test_a_report_that_is_not_disclosed(rule: str, expected: str) -> None:
    c = Cast()
    usage = used(c, {}, {})
    hidden = report(c, usage, [("print", "DE", 1)])
    assert row(c.check(usage, hide_sections=[(hidden, "terms")]), rule) == expected


def test_what_is_declared_fails_whatever_is_not_disclosed() -> None:
    c = Cast()
    usage = used(c, DE_FR, {"countries": ["IT"]})
    hidden = report(c, usage, [("print", "DE", 1)])
    assert row(c.check(usage, hide_sections=[(hidden, "terms")]), "A9") == "FAIL country_denied"


def test_a_report_that_is_not_disclosed_may_hold_what_the_spill_is_measured_against() -> None:
    """One impression of five outside is too much; of a hundred it is not, which the second report may say."""
    for spill, expected in ((0, "FAIL country_denied"), (100, "UNKNOWN not_disclosed")):
        c = Cast()
        usage = used(c, {"countries": ["DE"], "spill": spill}, {})
        report(c, usage, [("print", "DE", 4), ("print", "FR", 1)])
        more = report(c, usage, [("print", "DE", 99), ("print", "FR", 1)])
        assert row(c.check(usage), "A9") == ("PASS ok" if spill else "FAIL country_denied")
        assert row(c.check(usage, hide_sections=[(more, "terms")]), "A9") == expected


@pytest.mark.parametrize("spill, shown, expected", [
    (0, True, "FAIL country_denied"),
    (0, False, "FAIL country_denied"),
    (100, True, "UNKNOWN bad_terms"),
    (100, False, "UNKNOWN not_disclosed"),
])  # fmt: skip
def test_a_country_that_is_reported_fails_whatever_another_report_says_in_codes_that_are_not_known(
    spill: int, shown: bool, expected: str
) -> None:
    """Where nothing may spill; what is hidden may be such codes."""
    c = Cast()
    usage = used(c, {**NOT_FR, "spill": spill}, {"category": "nonsense"})
    other = report(c, usage, [("print", "ZZ", 1)])
    report(c, usage, [("print", "FR", 1)])
    verdict = c.check(usage, hide_sections=[] if shown else [(other, "terms")])
    assert (row(verdict, "A7"), row(verdict, "A9")) == ("UNKNOWN bad_terms", expected)
    assert verdict["authorised"] == ("CANNOT_TELL" if spill else "NOT_AUTHORISED")


@pytest.mark.parametrize("rule, code", [("A8", "channel_denied"), ("A9", "country_denied")])
def test_what_is_reported_fails_whatever_was_declared(rule: str, code: str) -> None:
    c = Cast()
    usage = used(c, {"countries": ["DE"], "channels": ["print"]}, {})
    report(c, usage, [("ooh", "FR", 1)])
    assert row(c.check(usage, hide_sections=[(usage, "terms")]), rule) == f"FAIL {code}"
