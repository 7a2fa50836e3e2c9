"""Which transfers there were, by whose word, and how much of them is left (rules M4, M5).

Payments and receipts of one payee with one reference are one transfer. What is certain of it is its *least*, what is
possible its *most*; each gap between the two has a reason. A signer who uses one reference twice may mean two
transfers: the first of her words counts in the least, all of them in the most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum

from verifier.base.values import field, value
from verifier.rules.money.amounts import Lines, within
from verifier.rules.money.reasons import Reason


class Grade(IntEnum):
    """Whose word a word is (M4). The payer's own proves nothing."""

    PAYER = 1
    PROVIDER = 3
    PAYEE = 4


@value
class TransferWord:
    """A good payment or receipt.

    ``author`` signed it, as payee, provider or payer (``grade``). In another currency than the consent's ``amount`` is
    ``None`` and ``lines`` are empty; they name each usage once. ``at`` is when the money moved by this word, never
    later than logged. ``lowered`` is the reason why the word counts no more than the payer's, if there is one.
    """

    index: int
    author: str
    grade: Grade
    payee: str
    payer: str
    reference: str
    amount: int | None
    at: int
    lines: Lines = ()
    lowered: Reason | None = None

    @property
    def solid(self) -> bool:
        """Whether it proves anything: the payee's or a provider's word, which nothing lowers."""
        return self.grade > Grade.PAYER and self.lowered is None

    @property
    def open(self) -> bool:
        """Whether it cannot be told if anything lowers it, because a list is not shown."""
        return self.lowered is not None and self.lowered.code == "list_missing"

    @property
    def plain(self) -> bool:
        """Whether it is enough by itself to know what came, and as much at least as at most."""
        return self.amount is not None and self.solid


@value(frozen=False, kw_only=False)
class TransferSum:
    """A transfer's money, when it came, and what it is for: ``lines`` within ``amount``; the rest is free.

    ``amount`` ``None``: there is no upper bound.
    """

    amount: int | None
    at: int
    lines: Lines

    def take(self, wanted: int, named: Lines) -> int:
        """Lower the sum by at most ``wanted``: first what is ``named``, then what is free, then the last lines."""
        if self.amount is None:
            return 0
        taken = min(wanted, self.amount)
        if not self.lines:
            self.amount -= taken
            return taken
        left = dict(self.lines)
        to_name = taken
        for usage, amount in named:
            back = min(amount, left.get(usage, 0), to_name)
            if back:
                left[usage] -= back
                to_name -= back
        self.amount -= taken
        self.lines = within(tuple(left.items()), self.amount)
        return taken


@value
class Transfer:
    """Money that came to ``payee`` under one reference. Returns lower its two sums; ``returned`` are their indices.

    ``least`` is dated by the later claim, ``most`` by the earlier. ``payer`` is whom the best word names, ``grade`` how
    good that word is, with what lowers it. ``payers`` are all whom the words behind the most name. ``entries`` are each
    signer's first words, ``repeated`` all words of those who have several.
    """

    payee: str
    payer: str
    payers: frozenset[str]
    least: TransferSum
    most: TransferSum
    entries: tuple[int, ...]
    grade: Grade
    repeated: tuple[int, ...] = ()
    reasons: list[Reason] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)


@value
class Return:
    """A good ``return`` of some transfers. ``amount`` is ``None`` in another currency than the consent's.

    Beside each transfer in ``of``: why the other side's word is missing, so that it does not re-open; ``None`` where it
    does.
    """

    index: int
    of: tuple[tuple[Transfer, Reason | None], ...]
    amount: int | None
    lines: Lines = ()


def transfer_of(words: Sequence[TransferWord]) -> Transfer:
    """The transfer that words of one payee with one reference are about, in log order.

    It counts once at its best grade: by the payee's and the providers' words, else by the payer's; of a signer's, by
    the first. What the others may add raises the most. Beside words that prove something, those of which it cannot be
    told whether they do count where they make it less certain: less shown never proves more.
    """
    authors: defaultdict[str, list[TransferWord]] = defaultdict(list)
    for word in words:
        authors[word.author].append(word)
    firsts = [own[0] for own in authors.values()]
    solid = [word for word in firsts if word.solid]
    unsure = [word for word in firsts if word.open] if solid else []
    counted = [word for word in firsts if word.solid or word.open] if solid else firsts
    amounts, foreign = _amounts(counted)
    lines = _lines(firsts)
    least_amount = min(amounts, default=0) if solid else 0
    most_amount = None if foreign else max(amounts)
    least = TransferSum(least_amount, max(word.at for word in counted), within(lines, least_amount))
    most = TransferSum(most_amount, min(word.at for word in counted), within(lines, most_amount))
    best = max(solid or firsts, key=lambda word: (word.grade, -word.index))
    repeats = [own for own in authors.values() if len(own) > 1]
    repeated = tuple(sorted(word.index for own in repeats for word in own))
    transfer = Transfer(
        payee=best.payee,
        payer=best.payer,
        payers=frozenset({best.payer, *(word.payer for word in (*unsure, *(one for own in repeats for one in own)))}),
        least=least,
        most=most,
        entries=tuple(word.index for word in firsts),
        grade=best.grade if solid else Grade.PAYER,
        repeated=repeated,
    )
    if foreign:
        transfer.reasons.append(Reason("M5", "other_currency", foreign))
    elif solid and least.amount != most.amount:
        transfer.reasons.append(Reason("M5", "amounts_differ", tuple(word.index for word in counted)))
        transfer.reasons.extend(word.lowered for word in unsure if word.lowered is not None)
    elif not solid:
        lowered = [word.lowered for word in firsts if word.lowered is not None]
        transfer.reasons.extend(lowered or [Reason("M4", "own_word", transfer.entries)])
    if repeats and _raise_most(most, repeats):
        transfer.reasons.append(Reason("M5", "reference_repeated", repeated))
    return transfer


def _raise_most(most: TransferSum, repeats: Sequence[Sequence[TransferWord]]) -> bool:
    """Whether the most grows, or is earlier, once all words of a signer count: they may be of as many transfers.

    Of several such signers the one counts whose words come to most. What she adds is for the lines of all her words
    but the first.
    """
    before = most.amount, most.at
    most.at = min(most.at, *(word.at for own in repeats for word in own))
    if most.amount is not None:
        total, own = max(((_total(own), own) for own in repeats), key=lambda pair: (pair[0] is None, pair[0] or 0))
        if total is None or total > most.amount:
            added = None if total is None else total - most.amount
            more = within(tuple(line for word in own[1:] for line in word.lines), added)
            most.amount, most.lines = total, within((*most.lines, *more), total)
    return (most.amount, most.at) != before


def _total(words: Sequence[TransferWord]) -> int | None:
    """What they come to; ``None``: one is in another currency, and there is no bound."""
    amounts = [word.amount for word in words if word.amount is not None]
    return sum(amounts) if len(amounts) == len(words) else None


def _amounts(words: Sequence[TransferWord]) -> tuple[list[int], tuple[int, ...]]:
    """The amounts that were stated in the consent's currency, and the indices of words in another.

    A receipt in the consent's currency settles what money in another is worth: it alone gives the amount then.
    """
    foreign = tuple(word.index for word in words if word.amount is None)
    settled = [word.amount for word in words if word.grade is Grade.PAYEE and word.amount is not None]
    if foreign and settled:
        return settled, ()
    return [word.amount for word in words if word.amount is not None], foreign


def _lines(words: Sequence[TransferWord]) -> Lines:
    """What a transfer is for: as the first payer or provider who says so has it, else as the payee has it."""
    for word in sorted(words, key=lambda word: word.grade is Grade.PAYEE):
        if word.lines:
            return word.lines
    return ()


def take_back(returns: Iterable[Return]) -> None:
    """Lower the transfers by what was returned, in log order, at most by what they counted.

    Every return lowers the least; only one that re-opens lowers the most. How much one in another currency took is not
    known: perhaps all, perhaps nothing.
    """
    for one in returns:
        left_least = left_most = one.amount
        for transfer, doubt in one.of:
            counted = transfer.least.amount or 0
            taken = transfer.least.take(counted if left_least is None else left_least, one.lines)
            if taken:
                transfer.returned.append(one.index)
            if left_least is not None:
                left_least -= taken
            if left_most is None:
                transfer.reasons.append(Reason("M5", "other_currency", (one.index,)))
            elif doubt is not None:
                transfer.reasons.append(doubt)
            else:
                left_most -= transfer.most.take(left_most, one.lines)
