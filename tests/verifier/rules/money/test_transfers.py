"""M4 and M5: papers become transfers, and returns lower them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_values import transfers
from verifier.rules.money.reasons import Reason
from verifier.rules.money.transfers import (
    Grade,
    Return,
    Transfer,
    TransferSum,
    TransferWord,
    take_back,
)

CONTROL = Reason("M7", "same_control", (7,))


def receipt(index: int, amount: int | None, **more: Any) -> TransferWord:
    return paper(index, "anna", Grade.PAYEE, amount, **more)


def attest(index: int, amount: int | None, provider: str = "bank", **more: Any) -> TransferWord:
    return paper(index, provider, Grade.PROVIDER, amount, **more)


def word(index: int, amount: int | None, **more: Any) -> TransferWord:
    return paper(index, more.get("payer", "brand"), Grade.PAYER, amount, **more)


def paper(index: int, author: str, grade: Grade, amount: int | None, **more: Any) -> TransferWord:
    fields = {"payee": "anna", "payer": "brand", "reference": "r", "at": 1000 + index, **more}
    return TransferWord(index=index, author=author, grade=grade, amount=amount, **fields)


def one(*papers: TransferWord) -> Transfer:
    (transfer,) = transfers(papers).values()
    return transfer


CASES: dict[str, tuple[list[TransferWord], int, int | None, list[str]]] = {
    "the payee's receipt": ([receipt(1, 100)], 100, 100, []),
    "a provider's attestation": ([attest(1, 100)], 100, 100, []),
    "the payer's word": ([word(1, 100)], 0, 100, ["own_word"]),
    "attested and receipted: once": ([attest(1, 100), receipt(2, 100)], 100, 100, []),
    "attested 100, receipted 60": ([attest(1, 100), receipt(2, 60)], 60, 100, ["amounts_differ"]),
    "attested 60, receipted 100": ([attest(1, 60), receipt(2, 100)], 60, 100, ["amounts_differ"]),
    "two providers differ": ([attest(1, 60), attest(2, 100, "post")], 60, 100, ["amounts_differ"]),
    "the payer's word beside a receipt is not heard": ([word(1, 900), receipt(2, 60)], 60, 60, []),
    "two payers' words": ([word(1, 40), word(2, 60, payer="agency")], 0, 60, ["own_word"]),
    "one signer twice": ([receipt(1, 60), receipt(2, 100)], 60, 160, ["reference_repeated"]),
    "twice, and the provider once": (
        [attest(1, 60), receipt(2, 60), receipt(3, 100)], 60, 160, ["reference_repeated"]
    ),
    "twice both": (
        [attest(1, 60), receipt(2, 60), attest(3, 50), receipt(4, 50)], 60, 110, ["reference_repeated"]
    ),
    "twice, and less in all than the other says": (
        [receipt(1, 100), attest(2, 60, at=1001), attest(3, 40, at=1001)], 60, 100, ["amounts_differ"]
    ),
    "the payer twice, beside one receipt": (
        [word(1, 60), word(2, 40), receipt(3, 60)], 60, 100, ["reference_repeated"]
    ),
    "the payer's word only, twice": ([word(1, 60), word(2, 40)], 0, 100, ["own_word", "reference_repeated"]),
    "twice, the second in another currency": ([receipt(1, 60), receipt(2, None)], 60, None, ["reference_repeated"]),
    "twice, the first under control": (
        [attest(1, 60, lowered=CONTROL), attest(2, 40)], 0, 100, ["same_control", "reference_repeated"]
    ),
    "a provider under control": ([attest(1, 100, lowered=CONTROL)], 0, 100, ["same_control"]),
    "under control, but the payee has it": ([attest(1, 100, lowered=CONTROL), receipt(2, 60)], 60, 60, []),
    "payer and payee under control": ([receipt(1, 100, lowered=CONTROL)], 0, 100, ["same_control"]),
    "under control and the payer's word": ([word(1, 50), attest(2, 80, lowered=CONTROL)], 0, 80, ["same_control"]),
    "another currency": ([attest(1, None)], 0, None, ["other_currency"]),
    "a receipt in another currency": ([receipt(1, None)], 0, None, ["other_currency"]),
    "the payer's word in another currency": ([word(1, None)], 0, None, ["other_currency"]),
    "a receipt settles another currency": ([attest(1, None), receipt(2, 90)], 90, 90, []),
    "a receipt settles it even beside another provider": (
        [attest(1, None), attest(2, 100, "post"), receipt(3, 90)], 90, 90, [],
    ),
    "receipted in another currency, attested in ours": (
        [attest(1, 100), receipt(2, None)], 100, None, ["other_currency"],
    ),
    "the payer's other currency is not heard beside an attestation": ([word(1, None), attest(2, 90)], 90, 90, []),
}  # fmt: skip


@pytest.mark.parametrize("papers, least, most, codes", CASES.values(), ids=CASES.keys())
def test_transfer(papers: list[TransferWord], least: int, most: int | None, codes: list[str]) -> None:
    transfer = one(*papers)
    assert (transfer.least.amount, transfer.most.amount) == (least, most)
    assert [reason.code for reason in transfer.reasons] == codes
    authors = {paper.author for paper in papers}
    assert len(transfer.entries) == len(authors)


def test_one_transfer_per_payee_and_reference() -> None:
    found = transfers([receipt(1, 10), receipt(2, 10, reference="s"), receipt(3, 5, payee="carla", reference="r")])
    assert list(found) == [("anna", "r"), ("anna", "s"), ("carla", "r")]


def test_where_dates_differ_the_least_takes_the_later() -> None:
    transfer = one(attest(1, 100, at=500), receipt(2, 100, at=900))
    assert (transfer.least.at, transfer.most.at) == (900, 500)


def test_the_date_of_an_unheard_word_does_not_count() -> None:
    assert one(word(1, 100, at=1), receipt(2, 100, at=900)).most.at == 900


def test_the_payer_is_whom_the_best_word_names() -> None:
    assert one(attest(1, 100, payer="agency"), receipt(2, 100, payer="brand")).payer == "brand"


@pytest.mark.parametrize(
    "papers, lines",
    [
        ([receipt(1, 9, lines=(("u", 9),))], (("u", 9),)),
        ([receipt(1, 9, lines=(("u", 9),)), attest(2, 9, lines=(("v", 9),))], (("v", 9),)),
        ([receipt(1, 9, lines=(("u", 9),)), attest(2, 9)], (("u", 9),)),
        ([attest(1, 9), word(2, 9, lines=(("w", 9),)), receipt(3, 9, lines=(("u", 9),))], (("w", 9),)),
        ([attest(1, 9, lines=(("v", 9),)), word(2, 9, lines=(("w", 9),))], (("v", 9),)),
    ],
)
def test_whose_lines_count(papers: list[TransferWord], lines: tuple[tuple[str, int], ...]) -> None:
    transfer = one(*papers)
    assert transfer.least.lines == transfer.most.lines == lines


def test_lines_reach_no_further_than_the_amount() -> None:
    transfer = one(attest(1, 100, lines=(("u", 60), ("v", 40))), receipt(2, 70))
    assert transfer.least.lines == (("u", 60), ("v", 10))
    assert transfer.most.lines == (("u", 60), ("v", 40))


# -- returns

CONTESTED = Reason("M5", "return_contested", (9,))


def give_back(amount: int | None, *of: Transfer, doubt: Reason | None = None, lines: Any = ()) -> None:
    take_back([Return(index=9, of=tuple((transfer, doubt) for transfer in of), amount=amount, lines=lines)])


@pytest.mark.parametrize(
    "amount, doubt, least, most, codes",
    [
        (100, None, 0, 0, []),
        (30, None, 70, 70, []),
        (500, None, 0, 0, []),  # at most what was counted
        (100, CONTESTED, 0, 100, ["return_contested"]),
        (30, CONTESTED, 70, 100, ["return_contested"]),
        (None, None, 0, 100, ["other_currency"]),
        (None, CONTESTED, 0, 100, ["other_currency"]),
    ],
)
def test_returned(amount: int | None, doubt: Reason | None, least: int, most: int, codes: list[str]) -> None:
    transfer = one(attest(1, 100))
    give_back(amount, transfer, doubt=doubt)
    assert (transfer.least.amount, transfer.most.amount) == (least, most)
    assert [reason.code for reason in transfer.reasons] == codes


def test_a_return_of_several_takes_the_first_first() -> None:
    first, second = one(attest(1, 100)), one(attest(2, 100))
    give_back(130, first, second)
    assert (first.least.amount, second.least.amount) == (0, 70)
    assert (first.most.amount, second.most.amount) == (0, 70)


def test_two_returns_never_take_more_than_there_was() -> None:
    transfer = one(attest(1, 100))
    give_back(80, transfer)
    give_back(80, transfer)
    assert (transfer.least.amount, transfer.most.amount) == (0, 0)


def test_a_return_of_money_without_an_upper_bound() -> None:
    transfer = one(attest(1, None))
    give_back(50, transfer)
    assert (transfer.least.amount, transfer.most.amount) == (0, None)


@pytest.mark.parametrize(
    "amount, lines, wanted, named, left",
    [
        (100, (("u", 60),), 30, (), (("u", 60),)),  # what is free goes first
        (100, (("u", 60),), 50, (), (("u", 50),)),
        (100, (("u", 60), ("v", 40)), 50, (), (("u", 50),)),  # then the last line
        (100, (("u", 60), ("v", 40)), 50, (("u", 50),), (("u", 10), ("v", 40))),
        (100, (("u", 60), ("v", 40)), 50, (("u", 10),), (("u", 50),)),
        (100, (("u", 60), ("v", 40)), 10, (("u", 50),), (("u", 50), ("v", 40))),
        (100, (("u", 60),), 10, (("z", 10),), (("u", 60),)),
    ],
)
def test_what_a_return_takes(amount: int, lines: Any, wanted: int, named: Any, left: Any) -> None:
    money = TransferSum(amount, 0, lines)
    assert money.take(wanted, named) == wanted
    assert money.amount == amount - wanted
    assert money.lines == left
