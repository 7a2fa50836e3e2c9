"""One deal with each list as full as the rule set lets it be."""

from __future__ import annotations

from tests.support.cast import Cast, Logged, key
from verifier.rules.quotas import QUOTAS
from verifier.statements.types import Twin

FILES = 512


def full_deal(share: int) -> tuple[Cast, Logged]:
    """A log in which every list that a question about one use reads is at its limit, or a ``share``-th of it; that use.

    One consent with an agency, a union, an arbiter, a sub-licensee, a provider and two payees, where the licensee, the
    sub-licensee, the agency and the provider state payments; a use of 512 files, each with as many decisions of its own
    as there may be.
    """
    most = {place: max(2, number // share) for place, number in QUOTAS.items()}
    cast = Cast()
    world = cast.world
    deal = cast.consent(under=cast.mandate, terms={"approval": "each", "caps": {"uses": 2 * QUOTAS["uses", "usages"]}})
    crew, sub, bank = cast.crew, cast.sub, cast.bank
    files = [f"file {number}" for number in range(max(2, FILES // share))]
    for one in files:
        for _ in range(most["approval", "decisions"]):
            world.approval(deal, [one])
    usages = most["uses", "usages"]
    by_sub = most["uses", "usages of one sub-licensee"]
    uses = [world.usage(deal, files if n == 0 else [f"x{n}"], sublicensee=sub if n >= usages - by_sub else None)
            for n in range(usages)]  # fmt: skip
    for n in range(most["uses", "reports"]):
        world.report(uses[n % (usages - by_sub)])
    for use in uses:
        world.report(use)
    for n in range(most["account", "payments and returns"]):
        world.payment(deal, payee=cast.anna, amount=1, reference=f"B{n}")
        world.payment(deal, payee=cast.anna, amount=1, reference=f"P{n}", provider=bank)
        world.payment(deal, payer=sub, payee=crew, amount=1, reference=f"S{n}")
        world.payment(deal, payer=cast.gina, payee=crew, amount=1, reference=f"G{n}")
    for n in range(most["account", "receipts, credits and returns"]):
        world.receipt(deal, payee=cast.anna, amount=1, reference=f"R{n}")
        world.receipt(deal, payee=crew, amount=1, reference=f"R{n}")
    authors = [(deal, one) for one in (cast.anna, cast.brand, crew, cast.ulla, cast.gina)]
    made_by = world.twin_of(cast.anna).statement
    assert isinstance(made_by, Twin)
    creation = next(one for one in world.entries.values() if one.id == made_by.creation)
    for consent, author in [*authors, (creation, cast.anna), (creation, cast.studio)]:
        for _ in range(most["consent", "entries"] - 2):
            world.dispute(consent, [consent], author=author)
    for _ in range(most["consent", "entries"] - 2):
        world.ruling(deal, [deal], outcome="stands")
    for party in (cast.anna, cast.brand, sub, cast.gina, bank, crew, cast.ulla, cast.arno, cast.studio):
        spares = [key(f"{party.name} {n}") for n in range(most["keys", "by its own keys"])]
        by_others = most["keys", "by others"]
        for n, spare in enumerate(spares):
            world.key(party, add=[spare], retire=[] if n < by_others else [spare])
        for spare in spares[:by_others]:
            world.key(party, retire=[spare], by_registrar=True)
    return cast, uses[0]
