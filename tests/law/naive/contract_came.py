"""What came of what is due under a consent, cent by cent, by whose word: M4, M5, M7."""

from __future__ import annotations

from collections.abc import Iterable

from tests.law.naive.contract import History, Untold
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_fill import Cent, Tag
from tests.law.naive.contract_people import one_control
from tests.law.naive.contract_signers import guardian_of, live
from verifier.rules.model.record import Entry
from verifier.statements.sections import AdjustmentMoney, MoneyLine
from verifier.statements.types import (
    Adjustment,
    Dispute,
    Payment,
    Receipt,
    Ruling,
)


def grouped(tags: list[Tag]) -> list[Tag]:
    """The same tags, those that are alike together, in the order in which they first occur."""
    return [tag for one in dict.fromkeys(tags) for tag in tags if tag == one]


def grade(case: Case, paper: Entry) -> int:
    """How much a word is worth."""
    history, named = case.history, paper.statement.parties
    best = 4 if isinstance(paper.statement, Receipt) else 3 if named.provider is not None else 1
    if one_control(history, named.payer, [named.payee]):
        return 1
    if named.provider is not None:
        parties = case.consent.parties
        sides = [named.payer, parties.licensee, parties.maker, *(case.consent.sublicensees or ())]
        if case.consent.parties.agency != named.payee:
            sides.append(case.consent.parties.agency)
        if one_control(history, named.provider, sides) or claimed_unpaid(case, paper):
            return 1
    return best


def claimed_unpaid(case: Case, paper: Entry) -> bool:
    """Whether the payee says that the money did not arrive, and nobody ruled."""
    history = case.history
    return any(
        said.tag == "unpaid" and said.parties.author == paper.statement.parties.payee and paper.statement.id in said.of
        and not settled(history, entry, said)
        for entry, said in history.of(f"consent:{case.consent.id}", Dispute)
    )  # fmt: skip


def settled(history: History, entry: Entry, said: Dispute) -> bool:
    """By a ruling on the dispute, or by later ones on all that it names."""
    rulings = [one for other, one in history.of(f"consent:{said.consent}", Ruling)
               if other.index > entry.index and one.consent == said.consent]  # fmt: skip
    ruled = {id for one in rulings for id in one.of}
    return said.id in ruled or set(said.of) <= ruled


def papers_of(case: Case, payee: str) -> list[Entry]:
    found = []
    for entry in case.history.touching(f"account:{case.consent.id}"):
        said = entry.statement
        if isinstance(said, Payment | Receipt) and said.parties.payee == payee and case.history.good(entry):
            found.append(entry)
    return found


Sides = dict[str, dict[str, list[Cent]]]


def cents_of(case: Case, payee: str, currency: str, named: dict[str, Tag]) -> tuple[list[Cent], list[Cent]]:
    """The cents that surely came to a payee, and those that came at most. ``named``: what a statement id stands for."""
    history = case.history
    groups: dict[str, list[Entry]] = {}
    for paper in papers_of(case, payee):
        money = history.section(paper, "money")  # M4: while one is not disclosed nothing can be told
        if money.lines and sum(line.amount for line in money.lines) != money.amount:
            raise Untold("bad_terms")
        groups.setdefault(history.section(paper, "evidence").reference, []).append(paper)
    sides: Sides = {"least": {}, "most": {}}
    licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
    for reference, papers in groups.items():
        counted = first_of_each(papers)
        grades = {paper.index: grade(case, paper) for paper in counted}
        solid = max(grades.values()) > 1
        heard = [paper for paper in counted if grades[paper.index] > 1] if solid else counted
        amounts = {paper.index: history.section(paper, "money").amount for paper in heard}
        foreign = [paper for paper in heard if history.section(paper, "money").currency != currency]
        own = [paper for paper in heard if paper not in foreign]
        least = min((amounts[paper.index] for paper in own), default=0)
        most = max((amounts[paper.index] for paper in own), default=0)
        if foreign:
            receipts = [amounts[paper.index] for paper in own if isinstance(paper.statement, Receipt)]
            least, most = (receipts[0], receipts[0]) if receipts else (least, ENDLESS_MANY)
        words = {paper.index: word(paper) for paper in heard}
        payer = next(p.statement.parties.payer for p in heard if words[p.index] == max(words.values()))
        plain = [paper for paper in counted if history.section(paper, "money").currency == currency]
        sayers = [p for p in plain if isinstance(p.statement, Payment)] + [
            p for p in plain if isinstance(p.statement, Receipt)
        ]
        lines = next(
            (history.section(paper, "money").lines for paper in sayers if history.section(paper, "money").lines), ()
        )
        again = repeats(papers)
        payers = {payer, *(paper.statement.parties.payer for paper in again)}
        sides["least"][reference] = cents_for(
            least if solid else 0, tags_of(lines, least if solid else 0, named),
            max(when(history, paper) for paper in heard), papers[0], payer in licensees,
        )  # fmt: skip
        more, named_by = raised(history, again, most, currency)
        sides["most"][reference] = cents_for(
            most + more, tags_of(lines, most, named) + tags_of(named_by, more, named),
            min(when(history, paper) for paper in [*heard, *again]), papers[0], not payers.isdisjoint(licensees),
        )  # fmt: skip
    credits = adjust(case, payee, currency, sides, groups, named)
    found = {
        side: [cent for group in parts.values() for cent in group] + credits[side] for side, parts in sides.items()
    }
    return found["least"], found["most"]


def cents_for(amount: int, tags: list[Tag], at: int, first: Entry, licensee: bool) -> list[Cent]:
    """So many cents, the first of them for what is named."""
    free = [None] * (amount - len(tags))
    return [Cent(at, first.index, tag, licensee) for tag in [*grouped(tags), *free]]


def signer_of(paper: Entry) -> str | None:
    """Whose word a payment or receipt is."""
    named = paper.statement.parties
    return named.payee if isinstance(paper.statement, Receipt) else named.provider or named.payer


def repeats(papers: list[Entry]) -> list[Entry]:
    """The entries of signers who used this reference more than once."""
    signers = [signer_of(paper) for paper in papers]
    return [paper for paper in papers if signers.count(signer_of(paper)) > 1]


def raised(history: History, again: list[Entry], most: int, currency: str) -> tuple[int, list[MoneyLine]]:
    """How much more may have come, if all that one signer says counts; and what her further entries are for."""
    more, lines = 0, []
    for signer in dict.fromkeys(signer_of(paper) for paper in again):
        own = [history.section(paper, "money") for paper in again if signer_of(paper) == signer]
        total = sum(money.amount if money.currency == currency else ENDLESS_MANY for money in own)
        if most < ENDLESS_MANY and total - most > more:
            more = min(total, ENDLESS_MANY) - most
            lines = [line for money in own[1:] if money.currency == currency for line in money.lines]
    return more, lines


def repeated(case: Case) -> set[int]:
    """The entries of which a reader is warned: a signer's under one reference, where she has several.

    There is no account of a consent whose money is not shown; that its fees make no sense hides nothing that came.
    """
    history = case.history
    if (case.c.index, "money") not in history.sections:
        return set()
    groups: dict[tuple[str | None, str], list[Entry]] = {}
    for entry in history.touching(f"account:{case.consent.id}"):
        readable = {(entry.index, name) in history.sections for name in ("money", "evidence")} == {True}
        if not (isinstance(entry.statement, Payment | Receipt) and readable and history.good(entry)):
            continue
        money = history.section(entry, "money")
        if not money.lines or sum(line.amount for line in money.lines) == money.amount:
            key = entry.statement.parties.payee, history.section(entry, "evidence").reference
            groups.setdefault(key, []).append(entry)
    return {paper.index for papers in groups.values() for paper in repeats(papers)}


def tags_of(lines: Iterable[MoneyLine], amount: int, named: dict[str, Tag]) -> list[Tag]:
    """For what the cents of an amount are, line by line as far as it reaches; a name of nothing good is one too."""
    return [named.get(line.for_, line.for_) for line in lines for _ in range(line.amount)][:amount]


ENDLESS_MANY = 12_000
"""More cents than are due in any history: a use of 366 days makes 4,465."""


def word(paper: Entry) -> int:
    """How good a word is before anything lowers it: whose naming of the payer is heard."""
    return 4 if isinstance(paper.statement, Receipt) else 3 if paper.statement.parties.provider else 1


def first_of_each(papers: list[Entry]) -> list[Entry]:
    """Of several entries of one signer the first counts in the least."""
    found: dict[str | None, Entry] = {}
    for paper in papers:
        found.setdefault(signer_of(paper), paper)
    return sorted(found.values(), key=lambda paper: paper.index)


def when(history: History, paper: Entry) -> int:
    """M6: never later than logged."""
    money = history.section(paper, "money")
    said: int = money.received_at if isinstance(paper.statement, Receipt) else money.settled_at
    return min(said, paper.logged)


def adjust(
    case: Case, payee: str, currency: str, sides: Sides, groups: dict[str, list[Entry]], named: dict[str, Tag]
) -> dict[str, list[Cent]]:
    """Take back what was returned; the cents that are let off, on both sides."""
    history = case.history
    credits: dict[str, list[Cent]] = {"least": [], "most": []}
    for entry, said in history.of(f"account:{case.consent.id}", Adjustment):
        if said.parties.payee != payee:
            continue
        money: AdjustmentMoney = history.section(entry, "money")
        tags = tags_of(money.lines, money.amount, named)
        if not money.amount:
            continue
        if said.kind == "credit":
            licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
            by_licensee = said.parties.payer in licensees
            own = money.currency == currency
            amount = money.amount if own else ENDLESS_MANY
            for tag in [*tags, *[None] * (amount - len(tags))]:
                cent = Cent(entry.logged, entry.index, tag, by_licensee, credit=True)
                credits["most"].append(cent)
                if own:
                    credits["least"].append(cent)
            continue
        touched: dict[str, list[str]] = {"least": [], "most": []}
        for paper in sorted((one for papers in groups.values() for one in papers), key=lambda paper: paper.index):
            if paper.statement.id in (said.of or ()) and paper.index < entry.index:
                for side in returned(history, entry, said, paper):
                    touched[side].append(history.section(paper, "evidence").reference)
        if money.currency != currency:  # nobody knows how much of it: perhaps all, perhaps nothing
            for reference in touched["least"]:
                sides["least"][reference] = []
            continue
        order = dict.fromkeys(touched["least"])
        for side, references in touched.items():
            left = money.amount
            for reference in order:
                if reference in references:
                    before = len(sides[side][reference])
                    take_back(sides[side][reference], left, list(tags))
                    left -= before - len(sides[side][reference])
    return credits


def returned(history: History, entry: Entry, said: Adjustment, paper: Entry) -> list[str]:
    """What a return lowers: both sides if it re-opens, the least alone if only she says so, nothing if it fits none."""
    theirs, named = paper.statement.parties, said.parties

    def signed(party: str | None) -> bool:
        """She did, or her guardian and, if she has keys, she."""
        guardian = guardian_of(history, party, entry)
        whole = [one for one in (party, guardian) if one and (one == guardian or live(history, one, entry.index))]
        return bool(whole) and all(entry.signers & live(history, one, entry.index) for one in whole)

    by_provider = signed(named.provider) and named.provider == theirs.provider
    by_payer = signed(named.payer) and named.payer == theirs.payer
    if by_payer or (by_provider and not one_control(history, named.provider, [named.payee])):
        return ["least", "most"]
    return ["least"] if by_provider or signed(named.payee) else []


def take_back(group: list[Cent], amount: int, named: list[Tag]) -> None:
    for _ in range(min(amount, len(group))):
        wanted = next((tag for tag in named if any(cent.tag == tag for cent in group)), None)
        if wanted is not None:
            named.remove(wanted)
            del group[max(i for i, cent in enumerate(group) if cent.tag == wanted)]
        else:
            named = []
            free = [i for i, cent in enumerate(group) if cent.tag is None]
            del group[free[-1] if free else -1]
