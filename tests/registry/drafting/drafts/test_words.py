"""Plain words: everything that is signed is shown, defaults too, and nothing that is shown can fool a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from registry.drafting.drafts.reading import DRAFTABLE
from registry.drafting.drafts.signers import needed
from registry.drafting.drafts.templates import KINDS, template
from registry.drafting.drafts.words import CODED, in_words
from registry.intake.submission import format_submission
from tests.support.browser_verifier import MISSING, PRESENT, browser_verifier
from tests.support.draft_texts import MANDATE
from tests.support.every_draft import AGENCY, BRAND, CONSENT, CREW, MODEL, SECTIONS, TEXTS, made
from verifier.base.printable import printable
from verifier.programs.language import catalogue, english, languages
from verifier.statements.categories import CATEGORIES
from verifier.statements.kinds import KINDS as STATEMENT_KINDS
from verifier.statements.sections import UNITS
from verifier.statements.types import GROUNDS, PARTY_ROLES, SECTION_NAMES, STATEMENT_TYPES
from verifier.statements.vocabulary import (
    CHANNELS,
    COUNTRIES,
    MANIPULATIONS,
    PLACEMENTS,
    PROFILES,
    PURPOSES,
    RIGHTS,
)

SIGNERS = {
    "party": ["a key of the party", "a recovery key", "a registrar"],
    "add": [f"a key that {MODEL} has now", "an added key"],
    "retire": [f"a key that {MODEL} has now, or a registrar"],
    "recover": [f"enough recovery keys of {MODEL}; or a registrar, if it never had a key", "a new key"],
    "guardian": [
        f"the guardian {BRAND}", "a registrar", f"if the model {MODEL} ever had a key: she, or the guardian until now",
    ],
    "reject": [f"the model {MODEL}, or the guardian {AGENCY}"],
    "approve under a mandate": [f"the agency {AGENCY}"],
    "end a mandate": [f"the model {MODEL}, or the agency {AGENCY}"],
    "suspension": [f"the model {MODEL}, or the union {AGENCY}"],
    "return": [f"the payee {MODEL}, or the payer {BRAND} (of a ward: the guardian, and she if she has keys)"],
    "resumption of a ward's consent": [f"the guardian {CREW}", f"the model {MODEL}, if she has keys"],
    "resumption that a union may sign": [
        f"either the union {AGENCY}, or the guardian {CREW} and the model {MODEL}, if she has keys; not both",
    ],
    "ward's receipt": [f"the guardian {CREW}", f"the payee {MODEL}, if she has keys"],
    "receipt of another payee": [
        f"the payee {CREW} (of a ward: the guardian, and she if she has keys)",
    ],
    "ward's dispute": [f"the author {MODEL}, or the guardian {CREW}"],
    "dispute of another": [f"the author {CREW}, or the guardian who is live for her"],
    "ward's first keys": [
        f"enough recovery keys of {MODEL}; or a registrar and the guardian {AGENCY}, if it never had a key",
        "a new key", "a new recovery key",
    ],
    "erasure": ["a registrar"],
}  # fmt: skip


class TestConsent:
    def test_says_all_that_the_statement_says(self) -> None:
        shown = in_words(made(CONSENT), english())
        for line in (
            "A model lets a licensee use her digital twin.",
            "claimed time           24 November 2026, 09:00:00 UTC",
            f"under the mandate      {CREW}",
            f"licensee               {BRAND}",
            f"is paid                {MODEL}",
            "from                   1 December 2026, 00:00:00 UTC",
            "revoked with notice of 7 days",
            "caps: uses             10",
            "fee                    EUR 1,250.00 once, at the first use",
            "fee                    EUR 40.00 from 0 on, EUR 30.00 from 10 on per image, only above 5",
            f"share                  90 of 100 parts to model {MODEL}, 12,200 transferred for each 10,000, "
            f"through the agency {AGENCY}",
            "falls due              30 days after: it is declared",
            "rights                 likeness",
            "purposes               product pages in shops",
            "countries              Germany",
            "What nobody else may do (private)",
            f"may be let in still    {AGENCY}",
        ):
            assert line in shown, line

    def test_what_is_left_out_is_shown_as_what_then_holds(self) -> None:
        shown = in_words(made(CONSENT), english())
        for line in (
            "training               none (as nothing is said)",
            "silence approves after silence refuses (as nothing is said)",
            "products               any (as nothing is said)",
            "profile                the registry's (as nothing is said)",
            "allowed manipulations  none (as nothing is said)",
        ):
            assert line in shown, line

    def test_a_term_begins_before_it_ends(self) -> None:
        """As people read it, though its bytes have the end first."""
        shown = in_words(made(MANDATE), english())
        assert 0 < shown.index("\n  from  ") < shown.index("\n  until, not included")

    def test_fees_without_a_use(self) -> None:
        fees = """fees = [
  { per = "flat", amount = "EUR 500.00", owed = "every", days = "13 weeks", due_days = 14, recoup = "period" },
  { per = "flat", amount = "EUR 9.00", owed = "signed", rata = true, for = "exclusive" },
  { per = "value", bp = "7.5 %", channels = ["social"] },
"""
        text = CONSENT.replace("fees = [\n", fees) + '[money.break]\nnotice = "30 days"\n'
        shown = in_words(made(text), english())
        for line in (
            "fee                    EUR 500.00 every 91 days, first at the start of the term; due after 14 days; "
            "set off against what is earned until the next date",
            "fee                    EUR 9.00 with this consent, or of an option when it is taken; "
            "at a stop only the share of the days run; for the exclusivity",
            "fee                    7.5 % share of what is earned; only channels: social media",
            "break by the licensee: revoked with notice of 30 days",
        ):
            assert line in shown, line

    def test_a_section_that_is_not_there_is_said_to_be_missing(self) -> None:
        submission = made(CONSENT)
        shown = in_words(replace(submission, disclosures=submission.disclosures[1:]), english())
        assert "Do not sign what you cannot read" in shown

    def test_lines_of_a_description_stay_in_their_column(self) -> None:
        lines = in_words(made(CONSENT), english()).splitlines()
        first = next(number for number, line in enumerate(lines) if "Still pictures" in line)
        assert lines[first + 1] == " " * 25 + "for the shop's own pages."


CODES: dict[str, Iterable[str]] = {
    "act": ("create", "use"), "advice": ("counsel", "none", "union"), "approval": ("each", "none"),
    "derivatives": ("allow", "approve", "none"), "kind": ("credit", "return"),
    "label": ("both", "marked", "none", "visible"), "outcome": ("stands", "void"), "part": ("exclusive",),
    "pay_first": ("none", "prepaid", "session"), "sublicense": ("countersigned", "listed"),
    "training": ("allow", "none", "own_twin"), "from": ("declared", "ends", "starts"),
    "categories": ("all", *CATEGORIES), "category": CATEGORIES, "countries": ("WORLD", *COUNTRIES),
    "rights": RIGHTS, "manipulations": MANIPULATIONS, "allow": MANIPULATIONS, "channels": CHANNELS,
    "placement": PLACEMENTS, "purpose": PURPOSES, "methods": ("motion", "photo", "scan", "video", "voice"),
    "overage": UNITS, "profile": PROFILES, "erased": SECTION_NAMES, "sections": SECTION_NAMES,
    "decision": ("approve", "reject"), "ground": GROUNDS, "roles": PARTY_ROLES,
    "tag": ("identity", "key", "other", "quality", "unauthorised", "unpaid", "wrong_amount"),
    "modality": ("image", "motion", "scan", "video", "voice"), "powers": ("approve", "collect", "consent", "revoke"),
}  # fmt: skip
"""Members that hold codes of a closed list -> the codes."""


class TestCodes:
    @pytest.mark.parametrize("member", CODES)
    @pytest.mark.parametrize("language", languages())
    def test_each_has_a_word(self, member: str, language: str) -> None:
        words, families = catalogue(language), CODED[member]
        for code in CODES[member]:
            if code not in CATEGORIES:
                assert any(f"{family}.{code}" in words for family in families), code

    def test_no_word_is_of_no_code(self) -> None:
        codes = {code for member, codes in CODES.items() if "coded" in CODED[member] for code in codes}
        assert {id.removeprefix("coded.") for id in english().templates if id.startswith("coded.")} <= codes

    def test_fit_whoever_signs(self) -> None:
        """A brand signs no word that says "you" and means the model."""
        for code in {*RIGHTS, *MANIPULATIONS}:
            ids = (f"coded.{code}", f"memo.rights.{code}", f"memo.manipulations.{code}")
            said = next(english().say(id) for id in ids if id in english())
            assert not re.search(r"\byour?\b", said), code

    def test_a_text_that_is_a_code_stays_a_text(self) -> None:
        shown = in_words(made(TEXTS["party"].replace("Ayu", "own_twin")), english())
        assert "name                   own_twin" in shown


class TestName:
    def test_is_shown_before_it_is_signed(self) -> None:
        shown = in_words(made(TEXTS["party"] + '[name]\nname = "Ayu Models"\npublic = true\n'), english())
        for line in ("Name (read by those who sign with it)", "name                   Ayu Models", "public  "):
            assert line in shown, line


class TestHostileText:
    @pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "\r", "\u202e", "\u2066", "\x9b31m", "\u200b", "\ufeff"])
    def test_nothing_reaches_the_terminal_that_it_would_obey(self, text: str) -> None:
        assert text not in printable(f"a{text}b")
        assert printable(f"a{text}b").isprintable()

    def test_in_a_section_written_by_another(self) -> None:
        shown = in_words(made(TEXTS["party"].replace("Ayu", "Ayu\\u001b[2J\\u202e\\r")), english())
        assert r"Ayu\u{1b}[2J\u{202e}\u{d}" in shown

    def test_ordinary_names_are_left_alone(self) -> None:
        assert printable("Ni Ketut Ayu, アユ, O'Neil — 5 €") == "Ni Ketut Ayu, アユ, O'Neil — 5 €"


class TestEveryKind:
    """A statement type without its template or its sentence is forgotten."""

    def test_has_a_sentence(self) -> None:
        named = {f"title.{name.replace(' ', '_')}" for name in STATEMENT_KINDS if name not in ("genesis", "seal")}
        assert named == {id for id in english().templates if id.startswith("title.")}

    def test_has_a_template(self) -> None:
        types = set(STATEMENT_TYPES) - {"genesis", "seal"}
        assert {name.partition("-")[0] for name in KINDS} == set(DRAFTABLE) == types
        for name in KINDS:
            assert f'type = "{name.partition("-")[0]}"' in template(name)


class TestSigners:
    @pytest.mark.parametrize("name", TEXTS)
    def test_says_who_must_sign(self, name: str) -> None:
        assert [need.who for need in needed(made(TEXTS[name]).statement())] == SIGNERS[name]

    @pytest.mark.parametrize("name", TEXTS)
    def test_each_can_be_put_in_words(self, name: str) -> None:
        submission = made(TEXTS[name])
        assert submission.statement().id in in_words(submission, english())

    @pytest.mark.skipif(not PRESENT, reason=MISSING)
    @pytest.mark.parametrize("language", languages())
    def test_the_page_to_sign_on_says_the_same(self, language: str) -> None:
        other, words = browser_verifier(), catalogue(language)
        assert other is not None
        for text in (*TEXTS.values(), CONSENT, *SECTIONS):
            submission = made(text)
            assert other.shown(format_submission(submission), language) == in_words(submission, words)

    def test_a_consent_under_a_mandate_is_signed_by_three(self) -> None:
        whom = [need.who for need in needed(made(CONSENT).statement())]
        assert whom == [f"the model {MODEL}", f"the licensee {BRAND}", f"the agency {AGENCY}"]
