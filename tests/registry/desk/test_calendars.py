"""A party's calendar, read by a program that did not write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import vobject

from registry.desk.calendar_store import CALENDARS
from registry.desk.desk_backup import DATABASE
from tests.support.asking import problem
from tests.support.desk_clients import Deal
from tests.support.signed_requests import asking_as
from tests.support.world import Actor, Logged, key
from verifier.base.strict import format_instant

DAY = 86_400


def made(deal: Deal, who: Actor, **body: Any) -> str:
    return str(deal.desk.does(who, "POST", "/calendars", body)["path"])


def data(deal: Deal, path: str) -> bytes:
    """As a calendar program asks: it signs nothing."""
    answer = asking_as(deal.desk.app, None).get(path)
    assert answer.status_code == 200, answer.data
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers
    return bytes(answer.data)


def events(deal: Deal, who: Actor, **body: Any) -> dict[str, Any]:
    """Event by the beginning of its UID: kind and the id's first digits."""
    calendar = vobject.readOne(data(deal, made(deal, who, **body)).decode("utf-8"))
    found = {}
    for event in calendar.contents.get("vevent", []):
        event.validate(raiseException=True)
        kind, _, rest = event.uid.value.partition("-")
        found[f"{kind}-{rest[:12]}"] = event
    return found


def at(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def exclusive(deal: Deal) -> Logged:
    scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
    made = deal.served.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, exclusive=scope)
    deal.served.accept(made)
    return made


class TestFile:
    def test_a_sub_licensee_has_the_consent_that_it_uses_and_its_own_uses(self, deal: Deal) -> None:
        world = deal.served.world
        consent = world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, sublicensees=[deal.stranger])
        own, other = world.usage(consent, ["a.jpg"], sublicensee=deal.stranger), world.usage(consent, ["b.jpg"])
        deal.served.accept(consent, own, other)
        assert set(events(deal, deal.stranger)) == {f"consent-{consent.id[:12]}", f"use-{own.id[:12]}"}

    def test_a_sub_licensee_has_a_consent_that_only_lists_it_while_it_runs(self, deal: Deal) -> None:
        world = deal.served.world
        scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
        consents = [
            world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, sublicensees=listed, exclusive=scope)
            for listed in ([deal.stranger], [deal.maker, deal.stranger], [deal.maker])
        ]
        other = world.usage(consents[0], ["b.jpg"])
        deal.served.accept(*consents, other)
        found = {f"consent-{one.id[:12]}" for one in consents[:2]}
        assert set(events(deal, deal.stranger)) == found, "terms alone: no exclusivity, and nobody else's use"
        later = world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, sublicensees=[deal.stranger])
        deal.served.accept(later)
        assert set(events(deal, deal.stranger)) == {*found, f"consent-{later.id[:12]}"}
        deal.served.accept(world.revocation(consent=later, effective=world.now + DAY))
        world.advance(40 * DAY)
        assert set(events(deal, deal.stranger)) == found, "what is revoked is no longer hers to read: she used nothing"

    def test_consents_exclusivity_and_uses(self, deal: Deal) -> None:
        world = deal.served.world
        consent = exclusive(deal)
        usage = world.usage(consent)
        deal.served.accept(usage)
        found = events(deal, deal.brand)
        terms = found[f"consent-{consent.id[:12]}"]
        shown = deal.served.service.readers
        assert terms.dtstart.value.tzinfo is not None and terms.dtend.value > terms.dtstart.value
        assert found[f"exclusive-{consent.id[:12]}"].dtend.value == at(world.now + 90 * DAY)
        use = found[f"use-{usage.id[:12]}"]
        assert use.dtstart.value == at(world.now + 30 * DAY) and not hasattr(use, "dtend")
        assert consent.id[:12] in use.summary.value and usage.id in use.description.value
        assert shown.store.reads_of(deal.anna.id, shown.now()), "that the brand's program read it is noted"

    def test_a_revocation_moves_the_end(self, deal: Deal) -> None:
        world = deal.served.world
        consent = exclusive(deal)
        effective = world.now + 20 * DAY
        deal.served.accept(world.revocation(consent=consent, effective=effective))
        found = events(deal, deal.anna)
        assert found[f"consent-{consent.id[:12]}"].dtend.value >= at(effective)
        assert found[f"consent-{consent.id[:12]}"].dtend.value == found[f"exclusive-{consent.id[:12]}"].dtend.value

    def test_options_with_their_rank(self, deal: Deal) -> None:
        now = deal.served.world.now
        body = {"about": "Bali", "ends": format_instant(now + 12 * DAY), "model": deal.anna.id,
                "starts": format_instant(now + 10 * DAY)}  # fmt: skip
        id = deal.desk.does(deal.brand, "POST", "/options", body)["id"]
        deal.desk.does(deal.gina, "POST", f"/options/{id}/grant")
        for who in (deal.brand, deal.gina, deal.anna):
            found = events(deal, who)
            option = found[f"option-{id[:12]}"]
            assert (option.dtstart.value, option.dtend.value) == (at(now + 10 * DAY), at(now + 12 * DAY))
            assert "rank 1" in option.summary.value and "Bali" not in option.serialize()
            assert found[f"lapse-{id[:12]}"].dtstart.value == at(now + 12 * DAY)
        assert f"option-{id[:12]}" not in events(deal, deal.maker)

    def test_it_is_what_rfc_5545_asks(self, deal: Deal) -> None:
        exclusive(deal)
        text = data(deal, made(deal, deal.brand, language="id"))
        assert text.startswith(b"BEGIN:VCALENDAR\r\n") and text.endswith(b"END:VCALENDAR\r\n")
        lines = text.split(b"\r\n")
        assert all(len(line) <= 75 and b"\n" not in line for line in lines)
        assert b"VERSION:2.0" in lines and any(line.startswith(b"PRODID:") for line in lines)
        calendar = vobject.readOne(text.decode("utf-8"))
        uids = [event.uid.value for event in calendar.contents["vevent"]]
        assert len(set(uids)) == len(uids)
        assert all(event.dtstamp.value.tzinfo is not None for event in calendar.contents["vevent"])
        assert "Persetujuan" in calendar.contents["vevent"][-1].summary.value

    def test_names_only_if_asked_and_only_readable_ones(self, deal: Deal) -> None:
        world = deal.served.world
        north = world.party("north", roles=["licensee"], called={"name": "North; \\n, Ltd", "public": False})
        deal.served.accept(north)
        consent = world.consent(model=deal.anna, licensee=north, twin=deal.twin)
        deal.served.accept(consent)
        plain = events(deal, deal.anna)[f"consent-{consent.id[:12]}"]
        assert "North" not in plain.serialize()
        named = events(deal, deal.anna, names=True)[f"consent-{consent.id[:12]}"]
        assert "North; \\n, Ltd" in named.summary.value

    def test_who_may_not_read_it_does_not_see_it(self, deal: Deal) -> None:
        consent = exclusive(deal)
        assert events(deal, deal.stranger) == {}
        world = deal.served.world
        assert f"consent-{consent.id[:12]}" in events(deal, deal.gina), "her agency"
        deal.served.accept(world.revocation(mandate=deal.mandate))
        world.advance(60)
        assert f"consent-{consent.id[:12]}" not in events(deal, deal.gina), "whose mandate is over"

    def test_what_is_erased_is_not_in_it(self, deal: Deal) -> None:
        consent = exclusive(deal)
        path = made(deal, deal.brand)
        assert consent.id.encode() in data(deal, path).replace(b"\r\n ", b"")
        deal.served.accept(deal.served.world.erasure(consent, erased=["terms"]))
        assert consent.id.encode() not in data(deal, path).replace(b"\r\n ", b"")


class TestAddress:
    def test_only_its_hash_is_kept_and_its_use_is_shown(self, deal: Deal) -> None:
        path = made(deal, deal.brand)
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        assert len(token) == 64
        file = (deal.served.root / DATABASE).read_bytes()
        assert token.encode() not in file and bytes.fromhex(token) not in file
        [one] = deal.desk.does(deal.brand, "GET", "/calendars")["calendars"]
        assert "used" not in one and "path" not in one
        data(deal, path)
        [one] = deal.desk.does(deal.brand, "GET", "/calendars")["calendars"]
        assert one["used"] == format_instant(deal.served.world.now)

    def test_its_owner_ends_it(self, deal: Deal) -> None:
        path = made(deal, deal.brand)
        [one] = deal.desk.does(deal.brand, "GET", "/calendars")["calendars"]
        deal.desk.fails(404, "not_found", deal.anna, "DELETE", f"/calendars/{one['id']}")
        deal.desk.does(deal.brand, "DELETE", f"/calendars/{one['id']}")
        problem(asking_as(deal.desk.app, None).get(path), 404, "not_found")

    def test_it_ends_with_the_key_that_made_it(self, deal: Deal) -> None:
        path = made(deal, deal.brand)
        world, fresh = deal.served.world, key("brand's second")
        deal.served.accept(world.key(deal.brand, add=[fresh], retire=[deal.brand.keys[0]]))
        problem(asking_as(deal.desk.app, None).get(path), 404, "not_found")
        deal.brand.keys[:] = [fresh]
        assert deal.desk.does(deal.brand, "GET", "/calendars")["calendars"] == []

    @pytest.mark.parametrize("token", ["ab" * 32, "AB" * 32, "x", "%00"])
    def test_no_other_address_answers(self, deal: Deal, token: str) -> None:
        problem(asking_as(deal.desk.app, None).get(f"/calendar/{token}.ics"), 404, "not_found")

    def test_so_many_and_no_more(self, deal: Deal) -> None:
        for _ in range(CALENDARS):
            made(deal, deal.brand)
        deal.desk.fails(422, "refused", deal.brand, "POST", "/calendars", {})
        deal.desk.fails(400, "bad_request", deal.anna, "POST", "/calendars", {"language": "tlh"})
        deal.desk.fails(400, "bad_request", deal.anna, "POST", "/calendars", {"names": "yes"})
