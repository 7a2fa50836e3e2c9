"""Verdicts in plain sentences: whole texts, so that a change of words is a change that somebody read."""

from __future__ import annotations

import pytest

from tests.support.evidence_making import base
from tests.support.world import World
from verifier.base.currencies import EXPONENTS
from verifier.evidence.explain import Paragraph, explain
from verifier.evidence.file import CODES, Invalid
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.programs.language import english
from verifier.rules.model.codes import CODES as REASONS
from verifier.rules.model.question import Question
from verifier.rules.table import RULE_IDS


def told(world: World, evidence: bytes, *, files: tuple[str, ...] = (), later: int = 0) -> str:
    """The text under its headings."""
    outcome = verify(evidence, parse_policy(world.policy()), instant=world.now + later, files=files)
    return text(explain(outcome, english()))


def text(paragraphs: list[Paragraph]) -> str:
    return "\n".join(line for one in paragraphs for line in (one.heading, *one.lines))


def test_a_use() -> None:
    b = base()
    said, rules = told(b.world, b.world.evidence(b.usage)).split("Every rule that was applied\n")
    assert said == f"""\
AUTHORISED
The question was whether the use {b.usage.id} is authorised.
Who takes part: licensee {b.brand.id[:12]}; model {b.anna.id[:12]}; payee {b.anna.id[:12]}.
What it is: advertising for Women's Clothing; paid placement; on print; in DE; 1 file.
From 4 January 2026, 00:00:00 UTC to 3 February 2026, 00:00:00 UTC: authorised.
No file was compared: whether what you look at is what was declared is for you to check.
NOT YET DUE
The question was whether everyone was paid for it.
To {b.anna.id[:12]} directly, for the consent itself: due EUR 1,000.00, received EUR 0.00, outstanding \
EUR 1,000.00, due at 3 February 2026, 00:00:00 UTC: not yet due.
To {b.anna.id[:12]} directly: due EUR 0.00, received EUR 0.00, outstanding EUR 0.00: paid.
What this rests on
The log as of 4 January 2026, 00:00:00 UTC, 18 entries, rule set 2.
Asked for the instant 4 January 2026, 00:00:00 UTC.
That nothing was left out: An auditor that you trust replayed the whole log and confirmed its index.
A registrar vouches for who the parties are; a use that nobody declared does not show.
"""
    assert rules.startswith("PASS: T2, T4, T6, T8, A0, A1, A3, ")


def test_one_answer_of_two() -> None:
    b = base()
    said = told(b.world, b.world.evidence(Question(kind="usage", id=b.usage.id, ask="authorised")))
    assert said.startswith("AUTHORISED\n") and "paid for it" not in said and "NO PAYMENT" not in said
    said = told(b.world, b.world.evidence(Question(kind="usage", id=b.usage.id, ask="paid")))
    assert said.startswith("NOT YET DUE\nWho takes part:") and "is authorised" not in said


def test_a_stale_answer_begins_with_now() -> None:
    """Nobody reads a yes of last week as one of today."""
    b = base()
    question = Question(kind="usage", id=b.usage.id, ask="authorised")
    lines = told(b.world, b.world.evidence(question), later=5 * 86_400).split("\n")
    assert lines[:4] == [
        "CANNOT TELL",
        "Whether it still is cannot be told: nobody has looked since 4 January 2026, 00:00:00 UTC.",
        "Then it was authorised.",
        f"Fetch a newer file: it is at /evidence/usage/{b.usage.id} of the registry.",
    ]
    lines = told(b.world, b.world.evidence(b.consent), later=5 * 86_400).split("\n")
    assert lines[0] == "CANNOT TELL" and lines[1].startswith("Whether it still is cannot be told: nobody has looked")
    assert lines[2].startswith("Then it was in force")


def test_names_stand_beside_ids_as_vouched_for() -> None:
    world = World()
    anna = world.party("anna", roles=["model"], called={"name": "Anna"})
    brand = world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    said = told(world, world.evidence(consent))
    who = f"licensee {brand.id[:12]}; model Anna ({anna.id[:12]}); payee Anna ({anna.id[:12]})"
    assert f"Who takes part, by the names that the registrar vouches for: {who}.\n" in said
    said = told(world, world.evidence(world.usage(consent)))
    assert f"To Anna ({anna.id[:12]}) directly" in said


def test_an_asset_that_nobody_named() -> None:
    b = base()
    lines = told(b.world, b.world.evidence("nowhere.jpg")).split("\n")
    assert lines[0] == "NOT REGISTERED"
    assert lines[2] == "This exact file is named by no statement. A file that differs in one byte is another file."
    assert lines[3] == "No file was compared: the answer is about the digest alone."


def test_an_asset_and_another_file() -> None:
    b = base()
    said = told(b.world, b.world.evidence("hero.jpg"), files=("0" * 64,))
    assert f"The answer is NOT about the file with SHA-256 {'0' * 64} that was compared." in said
    assert "1 entry names this exact file: entry 14." in said


def test_a_party() -> None:
    b = base()
    said = told(b.world, b.world.evidence(b.anna))
    assert said.startswith("COMPLETE\n")
    assert "Every entry that names this party is in the file; that is all that COMPLETE says." in said
    assert f"Use {b.usage.id[:12]}: AUTHORISED, PAID." in said
    assert f"Consent {b.consent.id[:12]}: IN FORCE, NOT YET DUE." in said


def test_a_party_without_the_money() -> None:
    b = base()
    outcome = verify(
        b.world.evidence(b.anna), parse_policy(b.world.policy()), instant=b.world.now, ask="authorised"
    )
    said = text(explain(outcome, english()))
    assert f"Use {b.usage.id[:12]}: AUTHORISED.\n" in said
    assert f"Consent {b.consent.id[:12]}: IN FORCE.\n" in said
    assert "EUR" not in said and "PAID" not in said and "DUE" not in said

def test_a_party_with_the_money_alone() -> None:
    """Nothing is said of whether a use is authorised, nor of a consent that it is in force."""
    b = base()
    outcome = verify(b.world.evidence(b.brand), parse_policy(b.world.policy()), instant=b.world.now, ask="paid")
    said = text(explain(outcome, english())).split("What this rests on")[0]
    assert f"Use {b.usage.id[:12]}: PAID.\n" in said and f"Consent {b.consent.id[:12]}: NOT YET DUE.\n" in said
    assert "AUTHORISED" not in said and "IN FORCE" not in said and "From 20" not in said


def test_parts_of_a_record_book() -> None:
    b = base()
    said = told(b.world, b.world.evidence(Question(kind="party", id=b.brand.id, ask="complete")))
    assert said.startswith(f"COMPLETE\nThe question was for all that the log holds about the party {b.brand.id}.\n")
    assert "shows them by their public headers" in said and "Uses among them" not in said
    said = told(b.world, b.world.evidence(Question(kind="party", id=b.brand.id, consent=b.consent.id)))
    assert f"about the party {b.brand.id} under the consent {b.consent.id}." in said
    assert "Every entry under this consent that names this party is in the file" in said
    assert "Uses among them: 2." in said


def test_a_consent_that_is_stale() -> None:
    b = base()
    said = told(b.world, b.world.evidence(b.consent), later=10**6)
    assert said.startswith("CANNOT TELL\n")
    assert "The checkpoint is too old to say what holds at this instant." in said
    assert "The log as of 4 January 2026, 00:00:00 UTC" in said
    assert "Asked for the instant 15 January 2026, 13:46:40 UTC." in said


def test_a_void_use() -> None:
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    void = world.usage(world.consent(model=anna, licensee=brand), signers=[anna])
    said = told(world, world.evidence(void))
    assert said.startswith("NOT AUTHORISED\n")
    assert "NO PAYMENT\nThe declaration has no effect, so nothing is owed for it." in said
    assert f"Entries without effect\n{english().say('code.void_signers')} (entry {void.index})" in said


@pytest.mark.parametrize(
    "quorum, sentence",
    [
        ("none", "Only the registry itself vouches for it: no witness was asked for, and the registry's index was not"),
        ("1", "Witnesses that you trust saw that the log only grew; the registry's index was not audited."),
    ],
)
def test_basis(quorum: str, sentence: str) -> None:
    world = World(witnesses=["ada"], quorum=quorum)
    assert sentence in told(world, world.evidence("hero.jpg"))


def test_invalid() -> None:
    said = text(explain(Invalid(12, "entry 7 stands in the list and is not shown", "subjects[2].list[0]"), english()))
    assert said == (
        "INVALID EVIDENCE\n"
        "Its lists and its log entries do not say the same: something was left out.\n"
        "Step 12, list_incomplete: entry 7 stands in the list and is not shown (subjects[2].list[0]).\n"
        "It answers nothing, neither yes nor no."
    )


def test_every_step_rule_and_code_has_words() -> None:
    ids = [*(f"step.{step}" for step in CODES), *(f"code.{code}" for code in REASONS)]
    assert all(english().say(id).endswith(".") for id in ids)
    assert all(f"rule.{rule}" in english() for rule in RULE_IDS)


@pytest.mark.parametrize(
    "amount, currency, written",
    [
        (0, "EUR", "EUR 0.00"),
        (5, "EUR", "EUR 0.05"),
        (100, "EUR", "EUR 1.00"),
        (-123_456_789, "USD", "USD -1,234,567.89"),
        (1_234, "JPY", "JPY 1,234"),
        (1_234, "KWD", "KWD 1.234"),
        (7, "CLF", "CLF 0.0007"),
        (1_234, "XXA", "1,234 minor units of XXA"),
        (1_234, None, "1,234 minor units"),
        (2**53 - 1, "EUR", "EUR 90,071,992,547,409.91"),
    ],
)
def test_money(amount: int, currency: str | None, written: str) -> None:
    assert english().money(amount, currency) == written


def test_currencies_are_codes() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
