"""Drafts like an earlier deal, and from AdCP messages, up to a registry's answer to them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.advice.dry_run import DryRun
from registry.cli import main
from registry.commands.answers import dry_run_lines
from registry.drafting.adapters.adcp import parse_acquire_rights
from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.sources import flattened, from_adcp, from_earlier, money_under, terms_under
from registry.drafting.drafts.templates import template
from registry.drafting.drafts.toml import fill_in
from registry.intake.submission import Submission, format_submission, parse_submission
from registry.web.entries import dry_run_json
from tests.support.samples import SAMPLES, needs_samples
from tests.support.served import Served, raw
from tests.support.world import Actor, Logged
from verifier.base.errors import KembarError, Malformed
from verifier.programs.language import english
from verifier.statements.types import Consent

MESSAGES = sorted((SAMPLES / "adcp").glob("acquire_rights-*.json")) if SAMPLES.is_dir() else []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry", start="2026-04-01T00:00:00Z")
    yield made
    made.service.close()


class Deal:
    """A model, her twin, an agency, a brand; an earlier deal with everything in it."""

    def __init__(self, served: Served) -> None:
        world = self.world = served.world
        self.served = served
        self.anna, self.brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        self.agency, maker = world.party("agency", roles=["agency"]), world.party("maker", roles=["maker"])
        creation = world.creation(model=self.anna, maker=maker)
        self.twin = world.twin(self.anna, creation=creation)
        self.mandate = world.mandate(model=self.anna, agency=self.agency)
        self.story: list[Logged | Actor] = [
            self.anna, self.brand, self.agency, maker, creation, self.twin, self.mandate,
        ]  # fmt: skip
        served.accept(*self.story)

    def earlier(self, **more: Any) -> Logged:
        made = self.world.consent(
            model=self.anna, licensee=self.brand, twin=self.twin, under=self.mandate, sublicensees=[self.agency],
            terms={"caps": {"images": 5}, "overage": ["images"], "memo": "7" * 64, "products": ["knit"]},
            money={
                "fees": [{"per": "use", "amount": 5_000}, {"per": "image", "above": 5, "tiers": [
                    {"from": 0, "amount": 100}, {"from": 10, "amount": 90}]}],
                "splits": [{"payee": self.anna, "kind": "model", "parts": 8, "via": self.agency},
                           {"payee": self.agency, "kind": "agency", "parts": 2}],
            },
            exclusive={"except": [self.agency.id], "hold_off": 86_400}, **more,
        )  # fmt: skip
        self.served.accept(made)
        return made

    def asked(self, submission: Submission) -> DryRun:
        found = self.served.service.dry_run(format_submission(submission), None)
        assert isinstance(found, DryRun), found
        return found


def drafted(values: dict[str, Any], **filled: Any) -> Submission:
    text = template("consent", flattened(values))
    text = fill_in(text, filled)
    return complete(parse_draft(text), text, 1_775_001_600)


class TestLikeAnEarlierDeal:
    def test_everything_is_copied_but_when_it_was_handed_over(self, served: Served) -> None:
        deal = Deal(served)
        earlier = deal.earlier()
        copied = drafted(from_earlier(parse_submission(raw(earlier))), terms={"delivered": "2026-03-20"})
        old, new = parse_submission(raw(earlier)).opened(), copied.opened()
        statement, before = copied.statement(), earlier.statement
        assert isinstance(statement, Consent) and isinstance(before, Consent)
        assert statement.id != before.id and statement.parties == before.parties
        for name in ("twin", "under", "sublicensees", "providers", "registry"):
            assert getattr(statement, name) == getattr(before, name)
        assert new["money"][0].value == old["money"][0].value
        assert new["exclusive"][0].value == old["exclusive"][0].value
        before_terms, after_terms = old["terms"][0].value, new["terms"][0].value
        changed = {name for name, said in before_terms.items() if after_terms.get(name) != said}
        assert changed == {"delivered", "memo"} and "memo" not in after_terms

    def test_a_copy_is_a_deal_of_its_own(self, served: Served) -> None:
        deal = Deal(served)
        first = deal.earlier()
        second = deal.earlier(replaces=first)
        copied = drafted(from_earlier(parse_submission(raw(second))), terms={"delivered": "2026-03-20"}).statement()
        assert isinstance(copied, Consent) and copied.replaces is None

    def test_a_copy_is_answered_like_the_first(self, served: Served) -> None:
        deal = Deal(served)
        copied = drafted(from_earlier(parse_submission(raw(deal.earlier()))), terms={"delivered": "2026-03-20"})
        found = deal.asked(copied)
        assert (found.admitted, found.opinion.answer) == (False, "IN_FORCE")

    def test_what_cannot_be_copied(self, served: Served) -> None:
        deal = Deal(served)
        with pytest.raises(Malformed, match="only such a deal"):
            from_earlier(parse_submission(raw(deal.twin)))
        whole = parse_submission(raw(deal.earlier()))
        bare = Submission(payload=whole.payload, signatures=whole.signatures, disclosures=())
        with pytest.raises(Malformed, match="does not show"):
            from_earlier(bare)


class TestCommand:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    def test_copy_last_deal(self, served: Served) -> None:
        Path("last.signed.json").write_bytes(raw(Deal(served).earlier()))
        result = self.run("draft", "consent", "--like", "last.signed.json", "--profile", "sag-aftra", "-o", "new.toml")
        assert result.exit_code == 0, result.output
        value = tomllib.loads(Path("new.toml").read_text())
        assert value["terms"]["profile"] == "sag-aftra"
        assert value["terms"]["delivered"] == "" and "memo" not in value["terms"]
        assert value["terms"]["products"] == ["knit"], "what is known is not asked again"
        assert value["terms"]["advice"] == "counsel"

    @pytest.mark.parametrize("follows", ["replaces", "renews"])
    def test_what_takes_its_place_owes_its_fees_again(self, served: Served, follows: str) -> None:
        """And what was advanced is lost. Dates that have passed are owed at once."""
        fees = [
            {"per": "use", "amount": 5_000},
            {"per": "flat", "amount": 100_000, "owed": "signed", "recoup": "all"},
            {"per": "flat", "amount": 7_000, "owed": "every", "months": 1, "first": "2026-04-02T00:00:00Z"},
            {"per": "flat", "amount": 900, "owed": "on", "at": "2096-04-02T00:00:00Z"},
            {"per": "flat", "amount": 800, "owed": "break"},
        ]
        deal = Deal(served)
        earlier = deal.world.consent(
            model=deal.anna, licensee=deal.brand, twin=deal.twin, money={"fees": fees}, sublicense="countersigned"
        )
        Path("last.signed.json").write_bytes(raw(earlier))
        result = self.run("draft", "consent", "--like", "last.signed.json", f"--{follows}", "-o", "new.toml")
        assert result.exit_code == 0, result.output
        value = tomllib.loads(Path("new.toml").read_text())
        assert value[follows] == earlier.id and len({"replaces", "renews"} & set(value)) == 1
        assert value["sublicense"] == "countersigned"
        told = result.stderr
        again = "owed again under the new consent"
        assert f"{again}: EUR 1,000.00 with this consent" in told and f"{again}: EUR 9.00 on 2 April 2096" in told
        since = "at once for each date from 2 April 2026, 00:00:00 UTC on that has passed"
        assert f"{again}, and {since}: EUR 70.00" in told
        assert told.count("is not set off under the new one") == 1
        assert "EUR 50.00" not in told and "EUR 8.00" not in told
        assert again not in self.run("draft", "consent", "--like", "last.signed.json").stderr

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("consent", "--replaces"), "go with --like"),
            (("consent", "--like", "x", "--replaces", "--renews"), "one of them"),
            (("usage", "--like", "x"), "for a consent"),
            (("usage", "--profile", "ny"), "for a consent"),
            (("consent", "--like", "nothing.json"), "cannot be read"),
            (("consent", "--like", "ab" * 32), "--registry URL"),
            (("consent", "--like", "bad.json"), "bad.json"),
            (("consent", "--adcp", "bad.json"), "bad.json"),
            (("consent", "--adcp", "nothing.json"), "nothing.json"),
            (("consent", "--profile", "mars"), "mars"),
        ],
    )
    def test_clumsy_ones(self, arguments: tuple[str, ...], said: str) -> None:
        Path("bad.json").write_text('{"terms": {"amount": "a lot"}, "rights_status": "acquired"}')
        result = self.run("draft", *arguments)
        assert result.exit_code == 2 and said in result.stderr
        assert "Traceback" not in result.output

    @pytest.mark.parametrize(
        "data",
        [b"", b"\xff\xfe", b"[]", b'{"a":1,"a":2}', b"{" * 10_000, b'{"campaign": {}}', b"null", b'{"terms": null}',
         json.dumps({"rights_status": "acquired", "terms": {"uses": ["\u001b[2J" * 50]}}).encode()],
    )  # fmt: skip
    def test_hostile_messages(self, data: bytes) -> None:
        Path("message.json").write_bytes(data)
        result = self.run("draft", "consent", "--adcp", "message.json")
        assert result.exit_code == 2
        assert "Traceback" not in result.output and "\x1b" not in result.output

    @needs_samples
    @pytest.mark.parametrize("name", [path.name for path in MESSAGES])
    def test_other_peoples_messages_make_drafts(self, name: str) -> None:
        path = SAMPLES / "adcp" / name
        result = self.run("draft", "consent", "--adcp", str(path), "-o", "draft.toml")
        try:
            message = parse_acquire_rights(path.read_bytes())
        except KembarError:
            assert result.exit_code == 2 and name in result.stderr
            return
        assert result.exit_code == 0, result.output
        value = tomllib.loads(Path("draft.toml").read_text())
        for member, said in message.terms.items():
            assert value["terms"][member] == said
        for path_of in message.missing:
            assert f"To be filled in: {path_of}" in result.stderr
        signed = self.run("sign", "draft.toml", "--key", "draft.toml", "--yes")
        assert signed.exit_code == 2 and "not filled in yet" in signed.stderr


@needs_samples
@pytest.mark.parametrize("name", [path.name for path in MESSAGES])
def test_other_peoples_messages_are_evaluated_and_explained(served: Served, name: str) -> None:
    """From a message to the registry's answer: filled in, asked about as a consent, and then a use under it."""
    try:
        message = parse_acquire_rights((SAMPLES / "adcp" / name).read_bytes())
    except KembarError as error:
        assert str(error)
        return
    deal = Deal(served)
    filled: dict[str, Any] = {
        "registry": served.service.genesis,
        "twin": deal.twin.id,
        "parties": {"model": deal.anna.id, "licensee": deal.brand.id, "payees": [deal.anna.id]},
        "terms": {"categories": ["all"], "channels": ["print", "social"], "purposes": ["advertising"],
                  "delivered": "2026-03-20", "approval": "none"},
        "money": {"splits": [{"payee": deal.anna.id, "kind": "model", "parts": 1}]},
    }  # fmt: skip
    if "fees" not in message.money:
        filled["money"] |= {"currency": "EUR", "fees": [{"per": "use", "amount": "50 EUR"}]}
    if message.exclusive is not None:
        filled["exclusive"] = {"categories": ["all"], "channels": ["print"]}
    values = from_adcp(message)
    try:
        submission = drafted(values, **filled)
    except KembarError as error:
        pytest.fail(f"what the message leaves open is not only what is told: {error}")
    found = deal.asked(submission)
    text = "\n".join(dry_run_lines(name, dry_run_json(found), english()))
    assert found.opinion.answer in ("IN_FORCE", "NOT_IN_FORCE"), text
    if found.opinion.answer == "NOT_IN_FORCE":
        assert "What to do:" in text
    terms = submission.opened()["terms"][0].value
    allowed = sorted(terms["countries"])
    for countries in (["AQ"], allowed):
        consent = deal.world.consent(
            model=deal.anna, licensee=deal.brand, twin=deal.twin, terms={**terms, "memo": None},
            money={**submission.opened()["money"][0].value}, parties={"payees": [deal.anna.id]},
        )  # fmt: skip
        served.accept(consent)
        usage = deal.world.usage(
            consent,
            terms={"countries": countries, "rights": terms["rights"], "starts": terms["starts"], "ends": terms["ends"],
                   "label": "visible"},
        )  # fmt: skip
        answer = served.service.dry_run(raw(usage), None)
        assert isinstance(answer, DryRun)
        said = "\n".join(dry_run_lines("use", dry_run_json(answer), english()))
        denied = {one.code for one in answer.cures}
        assert ("country_denied" in denied) == (countries == ["AQ"] and allowed != ["WORLD"]), said
        if answer.opinion.answer != "AUTHORISED":
            assert "What to do:" in said


class TestTermsUnderAConsent:
    def consent(self, served: Served, **terms: Any) -> Submission:
        deal = Deal(served)
        made = deal.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, terms=terms)
        return parse_submission(raw(made))

    def test_what_only_one_thing_is_allowed_for(self, served: Served) -> None:
        consent = self.consent(
            served, purposes=["editorial"], categories=["1067"], rights=["likeness"], placements=["owned"]
        )
        wanted = {"purpose": "editorial", "category": "1067", "rights": ("likeness",), "placement": "owned"}
        assert terms_under("usage", consent) == ({f"terms.{name}": value for name, value in wanted.items()}, {})
        assert terms_under("payment", consent) == ({}, {})

    def test_of_several_purposes_none_is_declared_unsaid(self, served: Served) -> None:
        """A template's own would be, by whoever leaves it standing: in a table nobody sees it."""
        values, remarks = terms_under("usage", self.consent(served, purposes=["advertising", "editorial"]))
        assert values["terms.purpose"] == ""
        text = template("usage", values, remarks)
        assert 'purpose = ""' in text and "# The consent allows: advertising editorial\n" in text

    def test_a_consent_that_does_not_show_its_terms(self, served: Served) -> None:
        whole = self.consent(served)
        hidden = Submission(payload=whole.payload, signatures=whole.signatures, disclosures=())
        assert terms_under("usage", hidden) == ({}, {})


class TestMoneyUnderAConsent:
    def test_one_payee(self, served: Served) -> None:
        deal = Deal(served)
        consent = deal.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, money={"currency": "IDR"})
        values, remarks = money_under("receipt", parse_submission(raw(consent)))
        assert values == {
            "money.currency": "IDR", "parties.payer": deal.brand.id, "parties.payee": deal.anna.id,
        }  # fmt: skip
        assert remarks == {}
        assert money_under("usage", parse_submission(raw(consent))) == ({}, {})

    def test_several_payees_are_named_to_choose_from(self, served: Served) -> None:
        deal = Deal(served)
        values, remarks = money_under("payment", parse_submission(raw(deal.earlier())))
        assert "parties.payee" not in values
        choices = {f"One of: {deal.anna.id} (model)", f"One of: {deal.agency.id} (agency)"}
        assert choices == set(remarks["parties.payee"])
        assert deal.agency.id in remarks["parties.payer"][0]
        text = template("payment", values, remarks)
        assert f'payer = "{deal.brand.id}"' in text and f"# One of: {deal.anna.id} (model)\n" in text

    def test_a_consent_that_does_not_show_its_money(self, served: Served) -> None:
        deal = Deal(served)
        whole = parse_submission(raw(deal.earlier()))
        values, _ = money_under(
            "payment", Submission(payload=whole.payload, signatures=whole.signatures, disclosures=())
        )
        assert values == {"parties.payer": deal.brand.id}

    def test_amounts_of_a_message_are_written_with_their_currency(self) -> None:
        message = {
            "rights_status": "acquired",
            "terms": {"amount": 2_000_000, "currency": "IDR", "uses": ["likeness"], "impression_cap": 10,
                      "overage_cpm": 5.5, "period": "one_time"},
        }  # fmt: skip
        money = from_adcp(parse_acquire_rights(json.dumps(message).encode()))["money"]
        assert [fee["amount"] for fee in money["fees"]] == ["IDR 2000000.00", "IDR 5.50"]
