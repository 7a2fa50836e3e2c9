"""What a new draft takes over from the statement that it is about."""

from __future__ import annotations

from registry.drafting.drafts.signers import needed
from registry.drafting.drafts.templates import prefill, template
from tests.support.every_draft import AGENCY, BRAND, CONSENT, CREW, HEAD, MODEL, REGISTRY, TEXTS, TWIN, made
from verifier.statements.types import Statement


class TestPrefill:
    def statement(self) -> Statement:
        return made(CONSENT).statement()

    def test_a_usage_takes_over_consent_twin_and_parties(self) -> None:
        target = self.statement()
        text = template("usage", prefill("usage", target))
        assert f'consent = "{target.id}"' in text
        assert f'twin = "{TWIN}"' in text
        assert f'\nagency = "{AGENCY}"' in text
        assert f'payees = ["{MODEL}", "{CREW}"]' in text
        assert f'registry = "{REGISTRY}"' in text

    def test_the_exercise_of_an_option_takes_over_consent_and_parties(self) -> None:
        target = self.statement()
        text = template("exercise", prefill("exercise", target))
        assert f'consent = "{target.id}"' in text and f'licensee = "{BRAND}"' in text
        assert [need.who for need in needed(made(text).statement())] == [f"the licensee {BRAND}"]

    def test_a_guardian_is_not_taken_over(self) -> None:
        target = made(TEXTS["reject"]).statement()
        assert "parties.guardian" not in prefill("dispute", target)

    def test_a_consent_takes_over_the_model_but_not_the_maker_of_her_twin(self) -> None:
        text = f"""{HEAD}type = "twin"
creation = "{CREW}"
assets = ["{TWIN}"]
modality = "image"
parties = {{ model = "{MODEL}", maker = "{BRAND}" }}
"""
        target = made(text).statement()
        assert prefill("consent", target) == {"twin": target.id, "registry": REGISTRY, "parties.model": MODEL}
        assert prefill("revocation", target)["parties.maker"] == BRAND
        ended = template("revocation", prefill("revocation", target))
        assert f'\ntwin = "{target.id}"\n' in ended and "\nconsent = " not in ended

    def test_the_enrolment_of_a_party_makes_it_the_author_of_its_erasure(self) -> None:
        target = made(TEXTS["party"]).statement()
        assert prefill("erasure", target)["parties.author"] == target.id

    def test_what_cannot_stand_on_it_takes_nothing(self) -> None:
        assert prefill("report", self.statement()) == {}
        assert prefill("twin", self.statement()) == {}
        assert prefill("party", self.statement()) == {}
