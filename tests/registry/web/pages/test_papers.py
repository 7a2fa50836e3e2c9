"""Papers over HTTP: for whom they are, what they carry, when there is none, and that pages lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from registry.problems import Problem
from registry.web.pages import papers
from registry.web.questions import Questions
from tests.support.asking import problem, value
from tests.support.desk_clients import DeskCaller
from tests.support.papers import attached, text_of
from tests.support.served import Served
from tests.support.signed_requests import SigningClient, app_at, asking_as
from tests.support.world import Actor, Logged
from verifier.evidence.conclude import conclude
from verifier.evidence.verdict import Verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass(kw_only=True)
class Site:
    """One use that is paid for, one that is late; a draft that waits for the model."""

    served: Served
    app: Flask
    anna: Actor
    agency: Actor
    brand: Actor
    rival: Actor
    consent: Logged
    paid: Logged
    late: Logged
    draft: str

    def client(self, who: Actor | None) -> SigningClient:
        return asking_as(self.app, who)

    def get(self, path: str, who: Actor) -> bytes:
        answer = self.client(who).get(path)
        assert answer.status_code == 200, answer.data[:300]
        assert answer.content_type == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
        return bytes(answer.data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    served = Served(tmp_path_factory.mktemp("papers") / "registry")
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna Lestari"})
    agency = world.party("agency", roles=["agency"], called={"name": "Senja", "public": True})
    brand = world.party("brand", roles=["licensee"], called={"name": "Larasati", "public": True})
    rival = world.party("rival", roles=["licensee"])
    mandate = world.mandate(model=anna, agency=agency)
    creation = world.creation(model=anna, maker=world.party("maker", roles=["maker"]))
    twin = world.twin(anna, creation=creation)
    money = {"fees": [{"per": "use", "amount": 100_000}]}
    consent = world.consent(model=anna, licensee=brand, twin=twin, under=mandate, money=money)
    paid = world.usage(consent, ["paid.jpg"])
    receipt = world.receipt(consent, payee=anna, amount=100_000)
    late = world.usage(consent, ["late.jpg"])
    maker = world.actors[str(creation.statement.parties.maker)]
    served.accept(anna, agency, brand, rival, maker, mandate, creation, twin, consent, paid, receipt, late)
    world.advance("70d")
    served.accept(world.report(paid))
    waiting = world.consent(model=anna, licensee=brand, twin=twin, under=mandate, money=money)
    draft = DeskCaller(served).proposes(agency, waiting)
    yield Site(
        served=served, app=app_at(served.service), anna=anna, agency=agency, brand=brand, rival=rival, consent=consent,
        paid=paid, late=late, draft=draft,
    )  # fmt: skip
    served.service.close()


def test_each_for_whom_it_concerns(site: Site) -> None:
    certificate = site.get(f"/paper/certificate/{site.paid.id}?language=en", site.brand)
    assert "Authorised and paid" in text_of(certificate)
    statement = site.get(f"/paper/statement/{site.anna.id}?language=en&zone=Asia/Jakarta", site.anna)
    assert "EUR 1,000.00" in text_of(statement) and "UTC+7" in text_of(statement)
    notice = site.get(f"/paper/overdue/{site.consent.id}?language=en&payee={site.anna.id}", site.anna)
    assert "Larasati owes EUR 1,000.00" in text_of(notice)
    memo = site.get(f"/paper/memo/{site.consent.id}?language=id", site.anna)
    assert "Memo kesepakatan" in text_of(memo)
    draft = site.get(f"/paper/draft/{site.draft}?language=en", site.anna)
    assert "there is no evidence of it" in text_of(draft) and attached(draft) == {}
    assert "Larasati (" in text_of(draft) and "Senja (" in text_of(draft)


def test_what_it_carries_passes_under_the_registrys_own_policy(site: Site) -> None:
    certificate = site.get(f"/paper/certificate/{site.paid.id}", site.brand)
    policy = parse_policy(site.client(None).get("/trust.policy").data)
    outcome = verify(certificate, policy, instant=site.served.clock())
    assert isinstance(outcome, Verdict) and conclude(outcome) == "yes"


def test_there_is_no_certificate_of_a_no(site: Site) -> None:
    answer = site.client(site.brand).get(f"/paper/certificate/{site.late.id}")
    assert "No certificate" in problem(answer, 409, "no_paper")["detail"]
    authorised = site.get(f"/paper/certificate/{site.late.id}?ask=authorised&language=en", site.brand)
    assert "Whether everyone was paid is no part of this certificate." in text_of(authorised)


def test_there_is_no_notice_to_who_is_not_late(site: Site) -> None:
    answer = site.client(site.anna).get(f"/paper/overdue/{site.consent.id}?debtor={site.agency.id}")
    problem(answer, 409, "no_paper")


@pytest.mark.parametrize("kind", ["certificate", "statement", "overdue", "memo", "draft"])
def test_few_are_made_at_a_time(site: Site, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Questions, "answer", lambda *_, **__: Problem(code="busy", detail="later"))
    id = {"certificate": site.paid.id, "statement": site.anna.id, "draft": site.draft}.get(kind, site.consent.id)
    more = f"?debtor={site.brand.id}&payee={site.anna.id}" if kind == "overdue" else ""
    problem(site.client(site.anna).get(f"/paper/{kind}/{id}{more}"), 503, "busy")


@pytest.mark.parametrize("kind", ["certificate", "statement", "overdue", "memo", "draft"])
def test_strangers_get_none_and_others_none_that_says_anything(site: Site, kind: str) -> None:
    id = {"certificate": site.paid.id, "statement": site.anna.id, "draft": site.draft}.get(kind, site.consent.id)
    problem(site.client(None).get(f"/paper/{kind}/{id}"), 422, "refused")
    answer = site.client(site.rival).get(f"/paper/{kind}/{id}?language=en")
    if kind == "statement":  # it is what a rival may know: nothing
        assert "1,000.00" not in text_of(answer.data) and "Anna" not in text_of(answer.data)
    else:
        assert answer.status_code in (404, 409, 422), answer.data


@pytest.mark.parametrize(
    "path, code",
    [
        ("/paper/poem/{use}", "question_malformed"), ("/paper/certificate/12ab", "question_malformed"),
        ("/paper/certificate/{use}?ask=paid", "question_malformed"),
        ("/paper/memo/{use}?ask=authorised", "question_malformed"),
        ("/paper/overdue/{use}?debtor=x", "question_malformed"), ("/paper/memo/{use}?zone=Mars", "question_malformed"),
        ("/paper/memo/{use}?of=1", "question_malformed"), ("/paper/memo/{use}", "not_found"),
        ("/paper/draft/{use}", "not_found"), ("/paper/certificate/{consent}", "not_found"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told(site: Site, path: str, code: str) -> None:
    answer = site.client(site.anna).get(path.format(use=site.paid.id, consent=site.consent.id))
    assert value(answer.data)["type"] == f"urn:kembar:problem:{code}"


def test_a_record_book_that_is_too_large_is_left_to_the_command(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MAX_CARRIED", 1_000)
    problem(site.client(site.anna).get(f"/paper/statement/{site.anna.id}"), 413, "evidence_too_large")


LINKS = {
    "/model/money": ("anna", ("/paper/statement/{anna}", "/paper/overdue/{consent}")),
    "/model/consents/{consent}": ("anna", ("/paper/memo/{consent}",)),
    "/brand/uses/{paid}": ("brand", ("/paper/certificate/{paid}",)),
    "/drafts/{draft}": ("anna", ("/paper/draft/{draft}",)),
}


@pytest.mark.parametrize("page", LINKS)
def test_pages_lead_to_them(site: Site, page: str) -> None:
    who, paths = LINKS[page]
    ids = {"anna": site.anna.id, "consent": site.consent.id, "paid": site.paid.id, "draft": site.draft}
    actor: Actor = getattr(site, who)
    html = site.client(actor).get(f"{page.format_map(ids)}?language=en", headers=BROWSER).data.decode()
    for path in paths:
        start = html.index(path.format_map(ids).lstrip("/"))
        link = html[start : html.index('"', start)].replace("&amp;", "&")
        assert "language=en" in link
        site.get(f"/{link}", actor)


def test_a_use_that_is_not_in_order_leads_to_no_certificate(site: Site) -> None:
    html = site.client(site.brand).get(f"/brand/uses/{site.late.id}", headers=BROWSER).data.decode()
    assert "/paper/certificate" not in html


def test_the_notices_of_a_page_are_those_that_can_be_made(site: Site) -> None:
    [one] = value(site.client(site.anna).get("/model/money.json").data)["notices"]
    assert (one["consent"], one["payee"]) == (site.consent.id, site.anna.id)
    assert one["debtor"]["party"] == site.brand.id and one["amounts"] == [{"amount": 100_000, "currency": "EUR"}]
