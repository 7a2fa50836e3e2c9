"""Drafts on the desk: who sees what, whose signature counts, when it is over, and that nothing of it is left then."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from registry.desk.desk import AGAIN, Desk
from registry.desk.desk_backup import DATABASE
from registry.desk.desk_store import KEPT
from registry.intake.submission import parse_submission, submission_to_json
from registry.problems import Problem
from tests.support.desk_clients import Deal, marks, unsigned
from tests.support.served import raw
from tests.support.world import key
from verifier.base.strict import format_instant

DAY = 86_400


class TestSigning:
    def test_the_last_signature_logs_it(self, deal: Deal) -> None:
        id = deal.proposed()
        for who in (deal.anna, deal.gina):
            said = deal.desk.signs(who, id)
            assert said["state"] == "open" and "index" not in said
            assert deal.served.service.entry(id) is None
        said = deal.desk.signs(deal.brand, id)
        found = deal.served.service.entry(id)
        assert found is not None and (said["state"], said["index"]) == ("logged", found.entry.index)
        assert len(found.entry.signers) == 3 and set(found.disclosures) == {"terms", "money"}

    def test_nobody_is_given_a_signature_before_it_is_logged(self, deal: Deal) -> None:
        id = deal.proposed()
        sent = deal.desk.signature(deal.anna, id)
        deal.desk.does(deal.anna, "POST", f"/{id}/signature", sent)
        for who in (deal.anna, deal.gina, deal.brand):
            for path in ("", f"/{id}"):
                answer = deal.desk.ask(who, "GET", path)
                assert sent["sig"].encode() not in answer.data and answer.headers["Cache-Control"] == "no-store"
            shown = deal.desk.does(who, "GET", f"/{id}")
            assert marks(shown)[deal.anna.id]["signed"] == format_instant(deal.served.world.now)
            assert shown["submission"]["envelope"]["signatures"] == []

    def test_a_proposer_brings_her_own_signature_and_no_others(self, deal: Deal) -> None:
        made = parse_submission(raw(deal.consent()))
        mine = tuple(one for one in made.signatures if one.keyid == deal.gina.keys[0].public.hex())
        whole = {"submission": submission_to_json(made)}
        assert "your own" in deal.desk.fails(400, "bad_request", deal.gina, "POST", body=whole)["detail"]
        body = {"submission": submission_to_json(replace(made, signatures=mine))}
        said = deal.desk.does(deal.gina, "POST", body=body)
        assert "signed" in marks(said)[deal.gina.id] and not said["waits"]
        assert deal.desk.does(deal.gina, "POST", body=body)["id"] == said["id"]
        for who in (deal.brand, deal.anna):
            said = deal.desk.signs(who, said["id"])
        assert said["state"] == "logged"

    def test_a_signature_is_judged_at_once(self, deal: Deal) -> None:
        id, other = deal.proposed(), deal.proposed()
        wrong = deal.desk.signature(deal.anna, other)
        deal.desk.fails(400, "signature_wrong", deal.anna, "POST", f"/{id}/signature", wrong)
        foreign = deal.desk.signature(deal.anna, id, deal.brand.keys[0])
        said = deal.desk.fails(422, "refused", deal.anna, "POST", f"/{id}/signature", foreign)
        assert said["where"] == "keyid"

    def test_she_takes_it_back(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.signs(deal.anna, id)
        said = deal.desk.does(deal.anna, "DELETE", f"/{id}/signature")
        assert said["waits"] and "signed" not in marks(said)[deal.anna.id]
        deal.desk.fails(404, "not_found", deal.anna, "DELETE", f"/{id}/signature")
        for who in (deal.gina, deal.brand):
            assert deal.desk.signs(who, id)["state"] == "open"
        assert deal.desk.signs(deal.anna, id)["state"] == "logged"
        deal.desk.fails(409, "draft_ended", deal.anna, "DELETE", f"/{id}/signature")

    def test_a_key_that_is_retired_meanwhile_counts_no_more(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.signs(deal.anna, id)
        fresh = key("anna's second")
        deal.served.accept(deal.served.world.key(deal.anna, add=[fresh], retire=[deal.anna.keys[0]]))
        deal.desk.signs(deal.gina, id)
        said = deal.desk.signs(deal.brand, id)
        assert said["state"] == "open" and marks(said)[deal.anna.id]["retired"]
        deal.anna.keys[:] = [fresh]
        assert deal.desk.signs(deal.anna, id)["state"] == "logged"

    def test_a_statement_of_one_is_logged_with_her_signature(self, deal: Deal) -> None:
        made = deal.served.world.revocation(mandate=deal.mandate)
        assert deal.desk.signs(deal.anna, deal.desk.proposes(deal.anna, made))["state"] == "logged"

    def test_what_require_refuses_stays_with_its_reason_in_one_word(self, deal: Deal) -> None:
        id, other = deal.proposed(), deal.proposed(require=False)
        for one in (id, other):
            for who in (deal.anna, deal.gina):
                deal.desk.signs(who, one)
        deal.served.accept(deal.served.world.revocation(twin=deal.twin))  # so that no consent to use it is in force
        said = deal.desk.signs(deal.brand, id)
        assert (said["state"], said["problem"], said["require"]) == ("open", "not_allowed", True)
        assert "index" not in said and deal.served.service.entry(id) is None
        assert deal.desk.does(deal.anna, "GET", f"/{id}")["problem"] == "not_allowed"
        said = deal.desk.signs(deal.brand, other)
        assert (said["state"], said["require"]) == ("logged", False)

    def test_it_was_handed_in_by_another_way(self, deal: Deal) -> None:
        made = deal.consent()
        id = deal.desk.proposes(deal.gina, made)
        deal.served.accept(made)
        assert deal.desk.signs(deal.anna, id)["state"] == "logged"


class TestWhoSees:
    def test_who_need_not_sign_sees_nothing(self, deal: Deal) -> None:
        id = deal.proposed()
        for who in (deal.stranger, deal.maker):
            assert deal.states(who) == []
            said = deal.desk.fails(404, "not_found", who, "GET", f"/{id}")
            assert said == deal.desk.fails(404, "not_found", who, "GET", f"/{'ab' * 32}")
            for method, path, body in [
                ("POST", "/read", None),
                ("POST", "/signature", {"keyid": who.keys[0].public.hex(), "sig": "A" * 86 + "=="}),
                ("DELETE", "/signature", None),
                ("POST", "/decline", {"reason": "no"}),
                ("DELETE", "", None),
            ]:
                deal.desk.fails(404, "not_found", who, method, f"/{id}{path}", body)
        assert deal.states(deal.anna) == deal.states(deal.brand) == deal.states(deal.gina) == ["open"]

    def test_a_stranger_and_a_registrar_are_no_party(self, deal: Deal) -> None:
        id = deal.proposed()
        for who in (None, deal.served.world.registrar):
            deal.desk.fails(422, "refused", who, "GET")
            deal.desk.fails(422, "refused", who, "GET", f"/{id}")

    def test_turns(self, deal: Deal) -> None:
        id = deal.proposed(turns=[[deal.gina.id], [deal.anna.id]])
        deal.desk.fails(404, "not_found", deal.anna, "GET", f"/{id}")
        deal.desk.signs(deal.gina, id)
        deal.desk.fails(404, "not_found", deal.brand, "GET", f"/{id}")
        deal.desk.signs(deal.anna, id)
        assert deal.desk.signs(deal.brand, id)["state"] == "logged"

    def test_read_is_marked_once(self, deal: Deal) -> None:
        id = deal.proposed()
        first = marks(deal.desk.does(deal.anna, "POST", f"/{id}/read"))[deal.anna.id]["read"]
        deal.served.world.advance("1h")
        assert marks(deal.desk.does(deal.anna, "POST", f"/{id}/read"))[deal.anna.id]["read"] == first
        assert marks(deal.desk.does(deal.gina, "GET", f"/{id}"))[deal.anna.id] == {"read": first}

    def test_what_is_not_for_the_desk(self, deal: Deal) -> None:
        fresh = deal.served.world.party("fresh", roles=["model"])
        body = {"submission": submission_to_json(unsigned(deal.served.entry(fresh)))}
        assert "pass its file on" in deal.desk.fails(400, "bad_request", deal.anna, "POST", body=body)["detail"]

    def test_what_would_never_be_logged_is_not_put_up(self, deal: Deal) -> None:
        made = replace(unsigned(deal.consent()), disclosures=())
        body = {"submission": submission_to_json(made)}
        deal.desk.fails(422, "section_missing", deal.gina, "POST", body=body)
        deal.desk.fails(400, "bad_request", deal.gina, "POST", body={"submission": 1})
        deal.desk.fails(400, "bad_request", deal.gina, "POST", body={"submission": 1, "deadlin": ""})


class TestTheEnd:
    def test_declining_ends_it_with_a_reason(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.signs(deal.gina, id)
        deal.desk.fails(400, "bad_request", deal.anna, "POST", f"/{id}/decline", {"reason": ""})
        deal.desk.does(deal.anna, "POST", f"/{id}/decline", {"reason": "no perfume, please"})
        said = deal.desk.does(deal.gina, "GET", f"/{id}")
        assert said["state"] == "declined" and "submission" not in said
        assert marks(said)[deal.anna.id]["reason"] == "no perfume, please"
        deal.desk.fails(404, "not_found", deal.brand, "GET", f"/{id}")

    def test_only_its_proposer_withdraws(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.signs(deal.anna, id)
        deal.desk.fails(422, "refused", deal.brand, "DELETE", f"/{id}")
        assert deal.desk.does(deal.gina, "DELETE", f"/{id}")["state"] == "withdrawn"
        assert deal.desk.does(deal.anna, "GET", f"/{id}")["state"] == "withdrawn"
        deal.desk.fails(404, "not_found", deal.brand, "GET", f"/{id}")
        deal.desk.fails(409, "draft_ended", deal.anna, "DELETE", f"/{id}/signature")

    @pytest.mark.parametrize("how", ["withdrawn", "declined", "expired", "logged"])
    def test_text_and_signatures_are_gone_from_the_file(self, deal: Deal, how: str) -> None:
        id = deal.proposed(deadline=format_instant(deal.served.world.now + DAY))
        file = deal.served.root / DATABASE
        submission = deal.desk.does(deal.anna, "GET", f"/{id}")["submission"]
        texts = [one[:200].encode() for one in submission["disclosures"]]
        deal.desk.signs(deal.anna, id)
        assert all(text in file.read_bytes() for text in texts)
        if how == "withdrawn":
            deal.desk.does(deal.gina, "DELETE", f"/{id}")
        elif how == "declined":
            deal.desk.does(deal.brand, "POST", f"/{id}/decline", {"reason": "no"})
        elif how == "expired":
            deal.served.world.advance("25h")
        else:
            deal.desk.signs(deal.gina, id)
            deal.desk.signs(deal.brand, id)
        assert deal.states(deal.gina) == [how]
        left = file.read_bytes()
        assert not any(text in left for text in texts) and deal.anna.keys[0].public.hex().encode() not in left
        journal = file.with_name(f"{DATABASE}-journal")
        assert not journal.exists() or not journal.stat().st_size

    def test_a_deadline_has_bounds(self, deal: Deal) -> None:
        made = deal.consent()
        body = {"submission": submission_to_json(unsigned(made))}
        at = deal.served.world.now
        for deadline in (at, at + 30 * DAY + 1):
            said = deal.desk.fails(400, "bad_request", deal.gina, "POST",
                                   body={**body, "deadline": format_instant(deadline)})  # fmt: skip
            assert said["where"] == "deadline"
        shown = deal.desk.does(deal.gina, "POST", body=body)
        assert shown["deadline"] <= format_instant(at + 30 * DAY)

    def test_thirty_days_after_its_time_nothing_of_it_is_left(self, deal: Deal) -> None:
        made = deal.consent()
        deal.served.world.advance("10d")
        id = deal.desk.proposes(deal.gina, made)
        deal.desk.signs(deal.anna, id)
        text = next(iter(made.disclosures.values()))[:200].encode()
        deal.served.world.advance(20 * DAY - 1)
        assert deal.states(deal.gina) == ["open"] and text in (deal.served.root / DATABASE).read_bytes()
        deal.served.world.advance(1)
        assert deal.states(deal.gina) == ["expired"] and text not in (deal.served.root / DATABASE).read_bytes()

    def test_what_is_over_is_forgotten(self, deal: Deal) -> None:
        deal.proposed(deadline=format_instant(deal.served.world.now + 600))
        deal.served.world.advance("1h")
        assert deal.states(deal.gina) == ["expired"] and deal.states(deal.anna) == []
        deal.served.world.advance(KEPT)
        assert deal.states(deal.gina) == []


class TestRestart:
    def test_a_deadline_that_passed_while_it_was_down_is_a_day_later(self, deal: Deal) -> None:
        world = deal.served.world
        id = deal.proposed(deadline=format_instant(world.now + DAY))
        late = deal.proposed(deadline=format_instant(world.now + 10 * DAY))
        deal.desk.signs(deal.anna, id)
        deal.served.service.close()
        world.advance("3d")
        deal.desk.reopen()
        shown = {one["id"]: one["deadline"] for one in deal.desk.does(deal.anna, "GET")["drafts"]}
        assert shown[id] == format_instant(world.now + AGAIN)
        assert shown[late] == format_instant(world.now + 7 * DAY)
        deal.desk.signs(deal.gina, id)
        assert deal.desk.signs(deal.brand, id)["state"] == "logged"

    def test_a_deadline_that_passed_while_it_was_up_stays(self, deal: Deal) -> None:
        id = deal.proposed(deadline=format_instant(deal.served.world.now + DAY))
        deal.served.world.advance("25h")
        assert deal.states(deal.gina) == ["expired"]
        deal.desk.reopen()
        assert deal.desk.does(deal.gina, "GET", f"/{id}")["state"] == "expired"

    def test_never_past_what_the_rules_allow(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.served.service.close()
        deal.served.world.advance("30d")
        deal.desk.reopen()
        assert deal.desk.does(deal.gina, "GET", f"/{id}")["state"] == "expired"

    def test_what_an_outage_held_up_is_submitted_later(self, deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
        id = deal.proposed()
        service = deal.served.service
        with monkeypatch.context() as down:
            down.setattr(service, "submit", lambda raw, require: [Problem(code="unavailable", detail="the disk")])
            for who in (deal.anna, deal.gina, deal.brand):
                said = deal.desk.signs(who, id)
            assert (said["state"], said["problem"]) == ("open", "unavailable")
        desk = Desk(service)
        desk.close()  # it has looked at them once by then
        assert deal.desk.does(deal.anna, "GET", f"/{id}")["state"] == "logged"
        assert json.loads(deal.desk.ask(deal.anna, "GET").data)["drafts"][0]["index"]
