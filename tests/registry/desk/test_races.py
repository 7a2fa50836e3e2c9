"""Hostile and hasty clients over HTTP at once: a draft ends in one way, and nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from registry.desk.desk_backup import DATABASE
from registry.problems import Problem
from tests.support.at_once import at_once
from tests.support.desk_clients import Deal, marks
from verifier.base import canonical
from verifier.base.strict import format_instant

DAY = 86_400


def value(answer: Any) -> Any:
    return canonical.parse(answer.data, limit=1 << 20)


class TestAtOnce:
    def test_the_last_signature_twice(self, deal: Deal) -> None:
        id = deal.proposed()
        for who in (deal.anna, deal.gina):
            deal.desk.signs(who, id)
        before = deal.served.service.record().size
        body = deal.desk.signature(deal.brand, id)
        answers = at_once([lambda: deal.desk.ask(deal.brand, "POST", f"/{id}/signature", body)] * 6)
        again = deal.desk.ask(deal.brand, "POST", f"/{id}/signature", body)  # as who lost the answer does
        assert {answer.status_code for answer in (*answers, again)} == {200}
        assert {value(answer)["state"] for answer in (*answers, again)} == {"logged"}
        assert deal.served.service.record().size == before + 2, "one entry and its seal"

    @pytest.mark.parametrize("how", ["declined", "withdrawn"])
    def test_an_end_again(self, deal: Deal, how: str) -> None:
        """As who lost the answer does: the first reason stays, and others are told that it is over."""
        id = deal.proposed()
        who, other = (deal.anna, deal.gina) if how == "declined" else (deal.gina, deal.anna)
        call = ("POST", f"/{id}/decline") if how == "declined" else ("DELETE", f"/{id}")
        bodies = [{"reason": one} for one in ("no", "never")] if how == "declined" else [None, None]
        for body in bodies:
            assert deal.desk.does(who, *call, body)["state"] == how
        assert "never" not in str(deal.desk.does(who, "GET", f"/{id}"))
        deal.desk.fails(
            404 if other is deal.anna else 409,
            "not_found" if other is deal.anna else "draft_ended",
            other,
            "DELETE",
            f"/{id}/signature",
        )

    def test_two_last_signatures(self, deal: Deal) -> None:
        id = deal.proposed()
        deal.desk.signs(deal.gina, id)
        bodies = {who.id: deal.desk.signature(who, id) for who in (deal.anna, deal.brand)}
        answers = at_once(
            [partial(deal.desk.ask, who, "POST", f"/{id}/signature", bodies[who.id]) for who in (deal.anna, deal.brand)]
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        assert "logged" in {value(answer)["state"] for answer in answers}

    @pytest.mark.parametrize("how", ["withdraw", "take back", "decline", "deadline"])
    def test_signing_and_the_end_at_once(self, deal: Deal, how: str) -> None:
        """Either it is logged, or there is nothing of it in the log and no signature on the desk."""
        world, service = deal.served.world, deal.served.service
        for _ in range(3):
            id = deal.proposed(deadline=format_instant(world.now + DAY))
            for who in (deal.anna, deal.gina):
                deal.desk.signs(who, id)
            body = deal.desk.signature(deal.brand, id)
            others: dict[str, Callable[[], Any]] = {
                "withdraw": partial(deal.desk.ask, deal.gina, "DELETE", f"/{id}"),
                "take back": partial(deal.desk.ask, deal.anna, "DELETE", f"/{id}/signature"),
                "decline": partial(deal.desk.ask, deal.anna, "POST", f"/{id}/decline", {"reason": "no"}),
                "deadline": partial(world.advance, DAY),
            }
            signing = partial(deal.desk.ask, deal.brand, "POST", f"/{id}/signature", body)
            sign, end = at_once([signing, others[how]])
            state = deal.desk.does(deal.gina, "GET", f"/{id}")
            is_logged = service.entry(id) is not None
            assert is_logged == (state["state"] == "logged")
            if how != "deadline" and end.status_code == 200:
                assert not is_logged, "she was told that it is undone"
            if sign.status_code == 200 and value(sign)["state"] == "logged":
                assert is_logged
            if state["state"] not in ("open", "logged"):
                assert bytes(body["sig"], "ascii") not in (deal.served.root / DATABASE).read_bytes()
                assert deal.brand.keys[0].public.hex().encode() not in (deal.served.root / DATABASE).read_bytes()
            if state["state"] == "open":
                deal.desk.does(deal.gina, "DELETE", f"/{id}")

    def test_more_drafts_than_may_be_at_once(self, deal: Deal) -> None:
        """A stranger who asks from many places at once has one open draft all the same."""
        world = deal.served.world
        bodies = [
            deal.desk.proposal(world.consent(model=deal.anna, licensee=deal.stranger, twin=deal.twin)) for _ in range(6)
        ]
        answers = at_once([partial(deal.desk.ask, deal.stranger, "POST", "", body) for body in bodies])
        assert sorted(answer.status_code for answer in answers) == [200, *[429] * 5]
        assert deal.states(deal.anna) == ["open"]

    def test_more_options_than_may_be_at_once(self, deal: Deal) -> None:
        now = deal.served.world.now
        wish = {"about": "Bali", "ends": format_instant(now + 2 * DAY), "model": deal.anna.id,
                "starts": format_instant(now + DAY)}  # fmt: skip
        answers = at_once([lambda: deal.desk.ask(deal.brand, "POST", "/options", wish)] * 6)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429, 429]
        ids = [value(one)["id"] for one in answers if one.status_code == 200]
        granted = at_once([partial(deal.desk.ask, deal.gina, "POST", f"/options/{id}/grant") for id in ids])
        assert {answer.status_code for answer in granted} == {200}
        ranks = [one["rank"] for one in deal.desk.does(deal.gina, "GET", "/options")["options"]]
        assert sorted(ranks) == [1, 2, 3]


class TestReplays:
    def test_a_signature_that_was_taken_back_is_not_put_there_by_others(self, deal: Deal) -> None:
        id = deal.proposed()
        body = deal.desk.signature(deal.anna, id)
        deal.desk.does(deal.anna, "POST", f"/{id}/signature", body)
        deal.desk.does(deal.anna, "DELETE", f"/{id}/signature")
        for who in (deal.gina, deal.brand):
            deal.desk.fails(422, "refused", who, "POST", f"/{id}/signature", body)
        assert "signed" not in marks(deal.desk.does(deal.gina, "GET", f"/{id}"))[deal.anna.id]

    def test_one_partys_signature_is_not_anothers(self, deal: Deal) -> None:
        id = deal.proposed()
        body = deal.desk.signature(deal.anna, id)
        stolen = {"keyid": deal.brand.keys[0].public.hex(), "sig": body["sig"]}
        deal.desk.fails(400, "signature_wrong", deal.brand, "POST", f"/{id}/signature", stolen)

    def test_what_was_withdrawn_is_not_put_up_by_others(self, deal: Deal) -> None:
        made = deal.consent()
        id = deal.desk.proposes(deal.gina, made)
        deal.desk.does(deal.gina, "DELETE", f"/{id}")
        for who in (deal.brand, deal.anna, deal.gina):
            deal.desk.fails(409, "draft_ended", who, "POST", body=deal.desk.proposal(made))

    def test_who_is_not_named_learns_nothing_by_putting_it_up(self, deal: Deal) -> None:
        made = deal.consent()
        deal.desk.proposes(deal.gina, made)
        deal.desk.fails(422, "refused", deal.stranger, "POST", body=deal.desk.proposal(made))
        other = deal.consent()
        deal.desk.fails(422, "refused", deal.stranger, "POST", body=deal.desk.proposal(other))

    @pytest.mark.parametrize(
        "body",
        [
            None, [], {}, {"keyid": 1, "sig": "AA=="}, {"keyid": "ab" * 32, "sig": "AA=="},
            {"keyid": "AB" * 32, "sig": "A" * 86 + "=="}, {"keyid": "ab" * 32, "sig": "A" * 86 + "==", "more": 1},
            {"keyid": "ab" * 32, "sig": "é"},
        ],
    )  # fmt: skip
    def test_what_is_no_signature(self, deal: Deal, body: Any) -> None:
        id = deal.proposed()
        answer = deal.desk.ask(deal.anna, "POST", f"/{id}/signature", body)
        assert answer.status_code in (400, 415, 422), answer.data
        assert "signed" not in marks(deal.desk.does(deal.anna, "GET", f"/{id}"))[deal.anna.id]


def test_the_deadline_passes_while_it_is_being_logged(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another look at the desk at that moment must not erase what is with the writer."""
    service, world = deal.served.service, deal.served.world
    id = deal.proposed(deadline=format_instant(world.now + DAY))
    for who in (deal.anna, deal.gina):
        deal.desk.signs(who, id)
    real, seen = service.submit, list[Any]()

    def slow(raw: Sequence[bytes], *, require: bool = False) -> Any:
        world.advance(DAY)
        seen.append(deal.states(deal.gina))
        seen.append(deal.desk.ask(deal.anna, "DELETE", f"/{id}/signature").status_code)
        return real(raw, require=require)

    monkeypatch.setattr(service, "submit", slow)
    assert deal.desk.signs(deal.brand, id)["state"] == "logged"
    assert seen == [["open"], 409]
    assert service.entry(id) is not None


def test_the_deadline_passes_while_the_log_is_down(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all have signed and nobody could log is erased in its time, too."""
    service, world = deal.served.service, deal.served.world
    id = deal.proposed(deadline=format_instant(world.now + DAY))
    with monkeypatch.context() as down:
        down.setattr(service, "submit", lambda raw, require: [Problem(code="unavailable", detail="the disk")])
        for who in (deal.anna, deal.gina, deal.brand):
            deal.desk.signs(who, id)
        world.advance(DAY)
        assert deal.states(deal.gina) == ["expired"]
    assert deal.anna.keys[0].public.hex().encode() not in (deal.served.root / DATABASE).read_bytes()
