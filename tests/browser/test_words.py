"""Numbers, amounts, times in a zone, and lists: as the kernel writes them, in every language."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.browser_verifier import MISSING, PRESENT, browser_verifier
from verifier.base.currencies import EXPONENTS
from verifier.programs.language import catalogue, languages

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

LAST = 253_402_300_799
"""Of the year 9999."""


@pytest.mark.parametrize("language", languages())
def test_both_write_the_same(language: str) -> None:
    other, random, words = browser_verifier(), Random(13), catalogue(language)
    assert other is not None
    sizes = [random.randrange(10 ** random.randrange(1, 17)) for _ in range(400)]
    numbers = [0, 1, 999, 1_000, 2**53 - 1, *sizes, *(-one for one in sizes[:50])]
    amounts = [(one, random.choice([*EXPONENTS, "XXX", None])) for one in numbers]
    offsets = [0, 7 * 3_600, -12 * 3_600, 14 * 3_600, 20_700]
    instants = [0, 1, 86_399, 86_400, 951_782_400, LAST - 14 * 3_600, *(random.randrange(LAST) for _ in range(400))]
    times = [(max(one, 12 * 3_600), random.choice(offsets), random.choice(["UTC", "UTC+7", "WIB"])) for one in instants]
    lists = [[f"item {number}" for number in range(length)] for length in range(14)]
    assert other.written(language, numbers=numbers, amounts=amounts, times=times, lists=lists) == [
        [words.number(one) for one in numbers],
        [words.money(amount, currency) for amount, currency in amounts],
        [[words.moment(at, offset=offset, zone=zone), words.date(at, offset=offset)] for at, offset, zone in times],
        [words.listed(one) for one in lists],
    ]
