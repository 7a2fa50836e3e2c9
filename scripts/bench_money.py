"""How long deciding one usage of a large consent takes, beside opening it.

    scripts/bench_money.py                                  10,000 usages and 30,000 payments
    scripts/bench_money.py --usages 1000

Made in memory first, which is not measured and takes a while. *Opening* is what is done once, by whoever checks an
evidence file (signatures and proofs aside) or by a registry that starts: judging the standing of every entry, and
folding the consent's book. *Deciding* is all rules on one usage after that. A registry that keeps the book *advances*
it by what was appended (here a usage and its payments); *growing* is to copy it for a usage that nobody has logged yet,
and to decide that.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.money_story import Grown, Story  # noqa: E402
from verifier.rules.decide import Facts, decide  # noqa: E402
from verifier.rules.kept_folds import KeptFolds  # noqa: E402
from verifier.rules.model.context import Context  # noqa: E402
from verifier.rules.model.question import Question  # noqa: E402
from verifier.rules.money.book import BOOKS, Book  # noqa: E402
from verifier.rules.standing.judged import JudgedContext  # noqa: E402


class Kept(Grown):
    """A registry's own log: what is in it was judged when it was appended."""

    def assumed_good(self, index: int) -> bool:
        return True

    def rows(self, subject: str) -> Sequence[int] | None:
        rows = self._record.rows(subject) or ()
        return rows[: bisect_left(rows, self.size)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--usages", type=int, default=10_000, metavar="N", help="with three payments each")
    options = parser.parse_args()
    print(json.dumps({"usages": options.usages, **decide_ms(options.usages)}))


def decide_ms(usages: int) -> dict[str, float]:
    """Milliseconds for opening, for deciding one usage after that, and for what a registry does as its log grows."""
    story = made(usages)
    record, now = story.world.record(), story.world.now
    facts = Facts(instant=now, as_of=now, basis="audited", rules=2, max_age=10**9)

    def ask(context: Context, place: int) -> Any:
        return decide(context.record, Question(kind="usage", id=story.usages[place].id), facts, context)

    def context_of(size: int) -> Context:
        return JudgedContext(Kept(record, size), instant=now, as_of=now)

    whole = JudgedContext(record, instant=now, as_of=now)
    found = {"open_ms": timed(lambda: ask(whole, 0))}
    step = max(1, usages // 20)
    found["decide_ms"] = statistics.median(
        timed(lambda place=place: ask(whole, place)) for place in range(0, usages, step)  # type: ignore[misc]
    )
    books = KeptFolds(BOOKS)

    def advance(size: int) -> None:
        context = context_of(size)
        _ = books.advance(context, story.consent.id, lambda: Book(context, story.consent.id)).legs

    def grow(ahead: Context, place: int) -> None:
        books.lend(ahead, story.consent.id)
        ask(ahead, place)

    advancing: list[float] = []
    growing: list[float] = []
    last = story.usages[-1].index
    advance(last - 40)
    for size in range(last - 36, last + 1, 4):  # a usage and its three payments at a time
        advancing.append(
            timed(lambda size=size: advance(size))  # type: ignore[misc]
        )
        ahead = context_of(size + 1)
        place = next(place for place, usage in enumerate(story.usages) if usage.index == size)
        growing.append(timed(lambda ahead=ahead, place=place: grow(ahead, place)))  # type: ignore[misc]
    found["advance_ms"] = statistics.median(advancing)
    found["growing_ms"] = statistics.median(growing)
    return {name: round(value, 1) for name, value in found.items()}


def timed(work: Callable[[], object]) -> float:
    """Milliseconds, without collecting what others left behind."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    work()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed * 1000


def made(usages: int) -> Story:
    """One consent for two payees; each usage is paid by three attested payments."""
    story = Story()
    story.fees = [{"per": "use", "amount": 1_000}]
    story.splits = [
        {"payee": story.anna, "kind": "model", "parts": 90},
        {"payee": story.crew, "kind": "crew", "parts": 10},
    ]
    consent, world = story.consent, story.world
    with world.batch():
        for number in range(usages):
            story.usages.append(world.usage(consent, [f"{number}.jpg"]))
            for payee, amount in ((story.anna, 600), (story.anna, 300), (story.crew, 100)):
                world.payment(consent, payee=payee, amount=amount, provider=story.bank)
    return story


if __name__ == "__main__":
    main()
