"""What keeps a desk from being flooded, and who is not welcome at it."""

from __future__ import annotations

import pytest

from registry.desk.contact_store import REPORTS, REPORTS_KEPT
from registry.desk.desk_backup import DATABASE
from registry.desk.limits import PER_DAY
from tests.support.desk_clients import Deal, marks
from tests.support.served import Served
from tests.support.world import Actor, Logged

DAY = 86_400


@pytest.fixture
def suitor(deal: Deal) -> Actor:
    """A brand that has never signed anything with Anna."""
    return deal.stranger


def offer(deal: Deal, brand: Actor) -> Logged:
    return deal.served.world.consent(model=deal.anna, licensee=brand, twin=deal.twin)


class TestStrangers:
    def test_one_open_draft_at_a_time(self, deal: Deal, suitor: Actor) -> None:
        first = deal.desk.proposes(suitor, offer(deal, suitor))
        body = deal.desk.proposal(offer(deal, suitor))
        deal.desk.fails(429, "too_many_drafts", suitor, "POST", body=body)
        assert deal.states(deal.anna) == ["open"], "and nothing of the second came to her"
        deal.desk.does(suitor, "DELETE", f"/{first}")
        deal.desk.does(suitor, "POST", body=body)

    def test_the_same_again_is_no_second(self, deal: Deal, suitor: Actor) -> None:
        body = deal.desk.proposal(offer(deal, suitor))
        assert deal.desk.does(suitor, "POST", body=body) == deal.desk.does(suitor, "POST", body=body)

    def test_parties_under_one_controller_share_it(self, deal: Deal) -> None:
        world = deal.served.world
        holding = world.party("holding", roles=["holder"])
        brands = [world.party(name, roles=["licensee"], controller=holding) for name in ("north", "south")]
        deal.served.accept(holding, *brands)
        deal.desk.proposes(brands[0], offer(deal, brands[0]))
        deal.desk.fails(429, "too_many_drafts", brands[1], "POST", body=deal.desk.proposal(offer(deal, brands[1])))

    def test_who_has_signed_with_her_may_have_several(self, deal: Deal) -> None:
        for _ in range(3):
            deal.desk.proposes(deal.brand, offer(deal, deal.brand))
        assert deal.states(deal.anna) == ["open"] * 3

    def test_a_first_signature_together_ends_it(self, deal: Deal, suitor: Actor) -> None:
        id = deal.desk.proposes(suitor, offer(deal, suitor))
        for who in (suitor, deal.anna):
            deal.desk.signs(who, id)
        for _ in range(2):
            deal.desk.proposes(suitor, offer(deal, suitor))

    def test_a_guardian_who_signed_is_no_stranger(self, served: Served) -> None:
        """She is not named in what she signs for her ward."""
        world = served.world
        ward = world.party("ward", roles=["model"], keys=0)
        mother = world.party("mother", roles=["guardian"])
        brand, maker = world.party("brand", roles=["licensee"]), world.party("maker", roles=["maker"])
        served.accept(ward, mother, brand, maker, world.guardian(ward, mother))
        readers = served.service.readers
        assert not readers.have_dealt(mother.id, maker.id)
        served.accept(world.creation(model=ward, maker=maker))
        assert readers.have_dealt(mother.id, maker.id) and readers.have_dealt(maker.id, mother.id)
        assert not readers.have_dealt(mother.id, brand.id)


class TestAday:
    def test_as_many_drafts_as_may_be(self, deal: Deal) -> None:
        ids = [deal.desk.proposes(deal.brand, offer(deal, deal.brand)) for _ in range(PER_DAY)]
        body = deal.desk.proposal(offer(deal, deal.brand))
        deal.desk.fails(429, "too_many_drafts", deal.brand, "POST", body=body)
        deal.desk.does(deal.brand, "DELETE", f"/{ids[0]}")
        deal.desk.fails(429, "too_many_drafts", deal.brand, "POST", body=body)  # taking back makes no room
        for who in (deal.brand, deal.anna):
            said = deal.desk.signs(who, ids[1])
        assert said["state"] == "logged"
        deal.desk.does(deal.brand, "POST", body=body)  # but what was logged does
        body = deal.desk.proposal(offer(deal, deal.brand))
        deal.desk.fails(429, "too_many_drafts", deal.brand, "POST", body=body)
        deal.served.world.advance(DAY)
        deal.desk.does(deal.brand, "POST", body=deal.desk.proposal(offer(deal, deal.brand)))


class TestBlocking:
    def test_nothing_more_comes_from_it_and_what_waits_is_declined(self, deal: Deal) -> None:
        id = deal.desk.proposes(deal.brand, offer(deal, deal.brand))
        deal.desk.does(deal.anna, "POST", "/blocks", {"party": deal.brand.id})
        said = deal.desk.does(deal.brand, "GET", f"/{id}")
        assert said["state"] == "declined" and "reason" not in marks(said)[deal.anna.id]
        assert [one["party"] for one in deal.desk.does(deal.anna, "GET", "/blocks")["blocks"]] == [deal.brand.id]
        body = deal.desk.proposal(offer(deal, deal.brand))
        assert "takes no drafts" in deal.desk.fails(422, "refused", deal.brand, "POST", body=body)["detail"]
        deal.desk.does(deal.anna, "DELETE", f"/blocks/{deal.brand.id}")
        deal.desk.fails(404, "not_found", deal.anna, "DELETE", f"/blocks/{deal.brand.id}")
        deal.desk.does(deal.brand, "POST", body=body)

    def test_it_holds_for_its_sisters(self, deal: Deal) -> None:
        world = deal.served.world
        holding = world.party("holding", roles=["holder"])
        brands = [world.party(name, roles=["licensee"], controller=holding) for name in ("north", "south")]
        deal.served.accept(holding, *brands)
        deal.desk.does(deal.anna, "POST", "/blocks", {"party": brands[0].id})
        deal.desk.fails(422, "refused", brands[1], "POST", body=deal.desk.proposal(offer(deal, brands[1])))

    def test_who_can_be_blocked(self, deal: Deal) -> None:
        for party in (deal.anna.id, deal.twin.id, "ab" * 32, "brand"):
            said = deal.desk.fails(400, "bad_request", deal.anna, "POST", "/blocks", {"party": party})
            assert said["where"] == "party"

    def test_others_are_not_touched(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.does(deal.anna, "POST", "/blocks", {"party": deal.brand.id})
        assert deal.desk.does(deal.anna, "GET", f"/{id}")["state"] == "open", "it is her agency's draft"


class TestReporting:
    def test_registrars_are_told_and_no_word_of_it_is_kept(self, deal: Deal, suitor: Actor) -> None:
        id = deal.desk.proposes(suitor, offer(deal, suitor))
        text = deal.desk.does(deal.anna, "GET", f"/{id}")["submission"]["disclosures"][0][:200].encode()
        deal.desk.does(deal.anna, "POST", f"/{id}/report", {"reason": "it asks for things that no brand asks for"})
        registrar = deal.served.world.registrar
        [said] = deal.desk.does(registrar, "GET", "/reports")["reports"]
        assert (said["id"], said["proposer"], said["reporter"]) == (id, suitor.id, deal.anna.id)
        assert deal.desk.does(deal.anna, "GET", "/reports")["reports"] == [said]
        assert deal.desk.does(suitor, "GET", "/reports")["reports"] == []
        deal.desk.does(suitor, "DELETE", f"/{id}")
        assert deal.desk.does(registrar, "GET", "/reports")["reports"] == [said]
        assert text not in (deal.served.root / DATABASE).read_bytes()
        deal.served.world.advance(REPORTS_KEPT * DAY)
        assert deal.desk.does(registrar, "GET", "/reports")["reports"] == []

    def test_only_what_came_to_her(self, deal: Deal, suitor: Actor) -> None:
        id = deal.desk.proposes(suitor, offer(deal, suitor))
        for who, status, kind in ((deal.brand, 404, "not_found"), (suitor, 400, "bad_request")):
            deal.desk.fails(status, kind, who, "POST", f"/{id}/report", {"reason": "spam"})
        deal.desk.fails(400, "bad_request", deal.anna, "POST", f"/{id}/report", {"reason": ""})

    def test_reports_are_bounded(self, deal: Deal) -> None:
        ids = [deal.desk.proposes(deal.brand, offer(deal, deal.brand)) for _ in range(PER_DAY)]
        for id in ids[:REPORTS]:
            deal.desk.does(deal.anna, "POST", f"/{id}/report", {"reason": "no"})
        deal.desk.does(deal.anna, "POST", f"/{ids[0]}/report", {"reason": "no, again"})
        more = deal.proposed()
        deal.desk.fails(422, "refused", deal.anna, "POST", f"/{more}/report", {"reason": "no"})
