"""What papers say: the verdict's and the account's own words and figures, and nothing where these are not so."""

from __future__ import annotations

import time

import pytest

from registry.paper.account import statement
from registry.paper.basis import NoPaper, open_basis
from registry.paper.certificate import certificate
from registry.paper.memo import draft_memo, memo
from registry.paper.overdue import overdue
from tests.support.papers import Deal, attached, text_of
from tests.support.world import DAY
from verifier.evidence.accounts import account_of
from verifier.evidence.file import Invalid
from verifier.evidence.pdf import evidence_in
from verifier.programs.language import catalogue, english
from verifier.statements.types import Consent

LATE = 70 * DAY


@pytest.fixture(scope="module")
def paid() -> Deal:
    deal = Deal()
    deal.used = deal.use("hero.jpg", "second.jpg")  # type: ignore[attr-defined]
    deal.pay(ayu=80_000, senja=20_000)
    return deal


@pytest.fixture(scope="module")
def late() -> Deal:
    """One use is paid for, one in part, one not at all; of the last a part is not late yet."""
    deal = Deal()
    deal.use("first.jpg")
    deal.pay(ayu=80_000, senja=20_000)
    deal.world.advance(5 * DAY)
    deal.use("second.jpg")
    deal.pay(ayu=30_000)
    deal.world.advance(LATE)
    deal.used = [deal.use("third.jpg")]  # type: ignore[attr-defined]
    return deal


def why(error: pytest.ExceptionInfo[NoPaper]) -> str:
    return english().tell(error.value.sentence)


class TestCertificate:
    def test_it_says_the_answer_for_when_and_on_what(self, paid: Deal) -> None:
        use = paid.used  # type: ignore[attr-defined]
        basis = paid.basis(use, url="https://registry.example")
        text = text_of(certificate(basis))
        assert "Authorised and paid" in text and "Everyone was paid." in text
        assert "Larasati may use 2 files until" in text
        assert "EUR 800.00" in text and "EUR 200.00" in text
        assert basis.look.moment(basis.at) in text and basis.origin in text and basis.policy[:4] in text
        assert "What this does not prove" in text and "What is logged later is not in it" in text
        for digest in use.statement.assets:
            assert digest[:8] in text
        assert f"https://registry.example/lookup?sha256={use.statement.assets[0]}" in text.replace(" ", "")

    def test_in_indonesian(self, paid: Deal) -> None:
        text = text_of(certificate(paid.basis(paid.used, "id")))  # type: ignore[attr-defined]
        assert "Sertifikat izin penggunaan" in text and "Certificate" not in text

    def test_there_is_none_of_what_is_not_paid(self) -> None:
        deal = Deal()
        use = deal.use()
        deal.world.advance(LATE)
        with pytest.raises(NoPaper) as error:
            certificate(deal.basis(use))
        assert error.value.conclusion == "no"
        assert why(error).startswith("No certificate: it is made only where the answer is yes.")

    def test_of_what_is_not_due_only_that_it_is_authorised(self) -> None:
        deal = Deal()
        basis = deal.basis(deal.use())
        with pytest.raises(NoPaper) as error:
            certificate(basis)
        assert error.value.conclusion == "not_yet_due"
        text = text_of(certificate(basis, ask="authorised"))
        assert "Whether everyone was paid is no part of this certificate." in text
        assert "Authorised and paid" not in text and "EUR" not in text

    def test_there_is_none_of_what_is_not_authorised(self) -> None:
        deal = Deal()
        consent = deal.world.consent(model=deal.ayu, licensee=deal.larasati, terms={"countries": ["DE"]})
        use = deal.world.usage(consent, terms={"countries": ["JP"]})
        with pytest.raises(NoPaper) as error:
            certificate(deal.basis(use), ask="authorised")
        assert error.value.conclusion == "no"

    def test_there_is_none_of_what_cannot_be_told(self, paid: Deal) -> None:
        use = paid.used  # type: ignore[attr-defined]
        hidden = paid.world.evidence(use, hide_sections=[(paid.consent, "terms")])
        basis = open_basis(hidden, paid.world.policy().encode(), paid.basis(use).look)
        with pytest.raises(NoPaper) as error:
            certificate(basis)
        assert error.value.conclusion == "cannot_tell"

    def test_the_file_of_an_answer_alone_certifies_no_more(self, paid: Deal) -> None:
        from verifier.rules.model.question import Question

        use = paid.used  # type: ignore[attr-defined]
        text = text_of(certificate(paid.basis(Question(kind="usage", id=use.id, ask="authorised"))))
        assert "Authorised and paid" not in text
        with pytest.raises(NoPaper) as error:
            certificate(paid.basis(Question(kind="usage", id=use.id, ask="paid")))
        assert error.value.conclusion == "cannot_tell"

    def test_it_is_of_a_use(self, paid: Deal) -> None:
        with pytest.raises(NoPaper) as error:
            certificate(paid.basis(paid.consent))
        assert why(error) == "A certificate is made of evidence about a usage; this is about a consent."


class TestStatement:
    def test_its_figures_are_the_accounts(self, late: Deal) -> None:
        basis = late.basis(late.ayu)
        text, words = text_of(statement(basis)), basis.words
        account = account_of(basis.opened, payee=late.ayu.id)
        [(currency, totals)] = account.totals.items()
        assert words.money(totals.late, currency) in text
        assert words.money(totals.not_yet_due, currency) in text
        for line in account.lines:
            assert basis.look.day(line.due_at or 0) in text
        assert "by the payee's own receipt" in text
        assert "Ayu Lestari" in text and "Larasati" in text

    def test_a_span_of_time(self, late: Deal) -> None:
        basis = late.basis(late.ayu)
        text = text_of(statement(basis, start=basis.at - DAY))
        assert "late" not in text.split("How to read this")[0].replace("As of", "")
        assert "EUR 800.00" in text

    def test_of_a_use_it_is_what_everybody_is_owed(self, late: Deal) -> None:
        [*_, use] = late.used  # type: ignore[attr-defined]
        text = text_of(statement(late.basis(use)))
        assert "Larasati to Ayu Lestari" in text and "Larasati to Senja Models" in text

    def test_a_party_that_nothing_is_owed_to(self, late: Deal) -> None:
        assert "Nothing is owed to this party" in text_of(statement(late.basis(late.larasati)))

    def test_what_cannot_be_told_is_not_late(self) -> None:
        deal = Deal()
        deal.use()
        deal.world.payment(deal.consent, payee=deal.ayu, amount=80_000)
        deal.world.advance(LATE)
        basis = deal.basis(deal.ayu)
        text = text_of(statement(basis))
        assert "Cannot be told EUR 800.00" in text and "late" not in text
        with pytest.raises(NoPaper):
            overdue(basis, payee=deal.ayu.id)
        assert "To Ayu Lestari" not in text_of(overdue(basis))

    def test_of_what_is_hidden_it_says_so(self, late: Deal) -> None:
        hidden = late.world.evidence(late.ayu, hide_sections=[(late.consent, "money")])
        basis = open_basis(hidden, late.world.policy().encode(), late.basis(late.ayu).look)
        text = text_of(statement(basis))
        assert "What cannot be told" in text and basis.words.say("code.not_disclosed") in text

    def test_many_lines_take_many_pages_and_little_time(self) -> None:
        deal = Deal()
        with deal.world.batch():
            for number in range(300):
                deal.use(f"{number}.jpg")
        started = time.monotonic()
        made = statement(deal.basis(deal.ayu))
        assert time.monotonic() - started < 60
        text = text_of(made)
        assert text.count("Who owes it, and for what") > 20, "each page has the head of the table"
        assert "Page 1 of " in text and "EUR 240,000.00" in text

    def test_it_is_of_no_file(self, late: Deal) -> None:
        with pytest.raises(NoPaper):
            statement(late.basis("first.jpg"))


class TestOverdue:
    def test_amounts_by_payee_since_when_under_which_consent_and_how_to_check(self, late: Deal) -> None:
        basis = late.basis(late.consent)
        text = text_of(overdue(basis))
        account = account_of(basis.opened)
        for payee, name in ((late.ayu, "Ayu Lestari"), (late.senja, "Senja Models")):
            lines = [one for one in account.lines if one.payee == payee.id and one.ages.late]
            assert f"To {name}" in text
            assert basis.words.money(sum(one.ages.late for one in lines), "EUR") in text
            assert all(basis.look.day(one.due_at or 0) in text for one in lines)
        assert late.consent.id[:8] in text and "Between Larasati and Ayu Lestari" in text
        assert "What settles it" in text and "verifier check" in text
        assert "It is no decision of a court" in text

    def test_to_one_payee_alone(self, late: Deal) -> None:
        text = text_of(overdue(late.basis(late.consent), payee=late.ayu.id))
        assert "To Ayu Lestari" in text and "To Senja Models" not in text

    def test_of_what_is_not_late_there_is_none(self, paid: Deal) -> None:
        with pytest.raises(NoPaper) as error:
            overdue(paid.basis(paid.consent))
        assert why(error) == "There is nothing late in this evidence: no notice."

    def test_it_has_one_debtor(self) -> None:
        deal = Deal()
        other = deal.world.party("kaca", roles=["licensee"], called={"name": "Kaca"})
        for brand in (deal.larasati, other):
            consent = deal.world.consent(model=deal.ayu, licensee=brand)
            deal.world.usage(consent)
        deal.world.advance(LATE)
        basis = deal.basis(deal.ayu)
        with pytest.raises(NoPaper) as error:
            overdue(basis)
        assert other.id in why(error) and deal.larasati.id in why(error)
        text = text_of(overdue(basis, debtor=other.id))
        assert "Kaca owes" in text and "Larasati" not in text

    def test_what_the_agency_has_to_pass_on_is_owed_by_it(self) -> None:
        deal = Deal()
        splits = [{"payee": deal.ayu, "kind": "model", "parts": 1, "via": deal.senja}]
        mandate = deal.world.mandate(model=deal.ayu, agency=deal.senja)
        consent = deal.world.consent(
            model=deal.ayu, licensee=deal.larasati, under=mandate,
            money={"fees": [{"per": "use", "amount": 100_000}], "splits": splits},
        )  # fmt: skip
        deal.world.usage(consent)
        deal.world.receipt(consent, payee=deal.senja, amount=100_000)
        deal.world.advance(LATE)
        assert "Senja Models owes EUR 1,000.00" in text_of(overdue(deal.basis(deal.ayu)))


class TestMemo:
    @pytest.mark.parametrize("language, heading", [("en", "What nobody else may do"), ("id", "Apa yang tidak")])
    def test_it_says_the_terms(self, paid: Deal, language: str, heading: str) -> None:
        basis = paid.basis(paid.consent, language)
        text = text_of(memo(basis))
        assert heading in text or language == "id"
        assert "Larasati (" in text and basis.words.number(paid.consent.index) in text
        assert basis.words.say("paper.memo_none") in text

    @pytest.mark.parametrize("section", ["terms", "money", "exclusive"])
    def test_of_what_is_hidden_there_is_none(self, paid: Deal, section: str) -> None:
        hidden = paid.world.evidence(paid.consent, hide_sections=[(paid.consent, section)])
        basis = open_basis(hidden, paid.world.policy().encode(), paid.basis(paid.consent).look)
        with pytest.raises(NoPaper) as error:
            memo(basis)
        assert "not all shown" in why(error)

    def test_it_is_of_a_consent(self, paid: Deal) -> None:
        with pytest.raises(NoPaper):
            memo(paid.basis(paid.ayu))

    def test_of_a_draft_there_is_no_evidence_and_it_says_so(self, paid: Deal) -> None:
        basis = paid.basis(paid.consent)
        entry = basis.consent(paid.consent.id)
        assert entry is not None and isinstance(entry.statement, Consent)
        sections = {name: basis.opened.context.section(entry, name) for name in ("terms", "money", "exclusive")}
        made = draft_memo(entry.statement, sections, basis.look, basis.at, "https://registry.example/drafts/1")  # type: ignore[arg-type]
        assert "there is no evidence of it" in text_of(made) and attached(made) == {}


class TestBasis:
    def test_what_a_pdf_carries_makes_the_same_paper(self, paid: Deal) -> None:
        basis = paid.basis(paid.ayu)
        made = statement(basis)
        again = open_basis(made, paid.world.policy().encode(), basis.look)
        assert statement(again) == made and evidence_in(made, len(made)) == basis.evidence

    def test_its_instant_is_the_evidences_own(self, paid: Deal) -> None:
        basis = paid.basis(paid.ayu)
        assert basis.at == basis.opened.facts.as_of
        assert paid.basis(paid.ayu, at=basis.at + LATE).at == basis.at + LATE

    def test_what_is_forged_makes_no_paper(self, paid: Deal) -> None:
        evidence = paid.world.evidence(paid.ayu)[:-1] + b"]"
        with pytest.raises(Invalid):
            open_basis(evidence, paid.world.policy().encode(), paid.basis(paid.ayu).look)


@pytest.mark.parametrize("language", ["en", "id"])
def test_other_peoples_words_stand_as_they_are(language: str) -> None:
    """None of them is taken for markup, a mark of evidence, or the end of anything."""
    name = "**Ayu** (\\) endstream /KembarEvidence ( <b> __x__ {nb}"
    deal = Deal(model_name=name)
    deal.use()
    made = statement(deal.basis(deal.ayu, language))
    assert evidence_in(made, len(made)) == deal.world.evidence(deal.ayu)
    assert name.replace(" ", "") in text_of(made).replace(" ", "")
    assert catalogue(language).say("paper.statement") in text_of(made)
