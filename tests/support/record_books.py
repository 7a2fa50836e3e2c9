"""A model's record book with many uses in it, for whatever has to be fast."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice, product

from tests.support.world import World

BRANDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBook:
    """Evidence about a party, and about one use in it; the policy that both are under, and when they are checked."""

    evidence: bytes
    use: bytes
    policy: str
    instant: int


def wordy_book(number: int) -> RecordBook:
    """As many consents, each of 32 fees, and half as many uses of the first, each on 1,500 channels that nobody knows.

    Nothing but short words, of which hardly one stands there twice.
    """
    world = World(witnesses=["ada"], quorum="1")
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = map("".join, cycle(product(letters, letters, letters)))
    with world.batch():
        for _ in range(number):
            fees = [{"per": "use", "amount": 1_000 + n, "channels": sorted(islice(words, 4))} for n in range(32)]
            consent = world.consent(model=anna, licensee=brand, money={"fees": fees})
    use = consent
    for n in range(number // 2):
        with world.batch():
            use = world.usage(consent, [f"{n}.jpg"], terms={"channels": sorted(islice(words, 1_500))})
    return RecordBook(
        evidence=world.evidence(anna), use=world.evidence(use), policy=world.policy(), instant=world.now
    )


def record_book(uses: int) -> RecordBook:
    """As many uses under consents of ten brands, each with a fee; half the brands have paid."""
    world = World(witnesses=["ada"], quorum="1")
    anna = world.party("anna", roles=["model"], called={"name": "Anna Arden"})
    brands = [world.party(f"brand {n}", roles=["licensee"]) for n in range(BRANDS)]
    money = {"fees": [{"per": "use", "amount": 10_000}]}
    consents = [world.consent(model=anna, licensee=brand, money=money) for brand in brands]
    made = []
    for start in range(0, uses, 100):
        world.advance("1d")
        with world.batch():
            for n in range(start, min(start + 100, uses)):
                made.append(world.usage(consents[n % BRANDS], [f"{n}.jpg"]))
    world.advance("2d")
    for consent in consents[::2]:
        world.receipt(consent, payee=anna, amount=uses // BRANDS * 10_000)
    return RecordBook(
        evidence=world.evidence(anna), use=world.evidence(made[-1]), policy=world.policy(), instant=world.now
    )
