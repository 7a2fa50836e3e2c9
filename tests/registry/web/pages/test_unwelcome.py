"""Who put up an unwelcome draft is reported and blocked from its page, once what follows was shown; and unblocked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import opened, problem, value
from tests.support.desk_clients import Deal
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Actor


class Draft:
    """The agency put a draft up, which waits for the brand and the model."""

    def __init__(self, served: Served) -> None:
        self.deal = Deal(with_sign_url(served))
        self.id = self.deal.proposed()
        self.path = f"/drafts/{self.id}"
        self.app = app_at(served.service)

    def page(self, query: str = "", who: Actor | None = None) -> str:
        answer = opened(asking_as(self.app, who or self.deal.brand), f"{self.path}{query}")
        assert answer.status_code == 200, answer.data
        return answer.text

    def told(self, query: str = "", who: Actor | None = None) -> Any:
        return value(opened(asking_as(self.app, who or self.deal.brand), f"{self.path}.json{query}").data)["unwelcome"]

    def does(self, act: Any) -> None:
        """Carry an act out; it must be taken."""
        [answer] = carry_out(self.app, self.deal.brand, act)
        assert answer.status_code == 200, answer.data


@pytest.fixture
def draft(served: Served) -> Draft:
    return Draft(served)


def about(text: str, id: str) -> list[Any]:
    """The acts of a page that go to a path which begins so."""
    return [one for one in acts_in(text) if one["steps"][0]["path"].startswith(id)]


def test_is_reported_with_the_reason_that_was_shown(draft: Draft) -> None:
    assert not about(draft.page(), f"/desk/{draft.id}/report")
    text = draft.page("?what=report&reason=not+%3Cours%3E")
    [act] = acts_in(text)
    assert "not &lt;ours&gt;" in text and act["steps"][0]["body"] == {"reason": "not <ours>"}
    assert [one["party"] for one in act["people"]] == [draft.deal.gina.id]
    draft.does(act)
    assert tells_what_came_back(asking_as(draft.app, draft.deal.brand), act)
    [report] = draft.deal.desk.does(draft.deal.brand, "GET", "/reports")["reports"]
    assert (report["reason"], report["proposer"]) == ("not <ours>", draft.deal.gina.id)
    assert "reported" in draft.told() and "blocked" not in draft.told()
    assert "reported" not in draft.told(who=draft.deal.anna)


def test_is_blocked_and_taken_again(draft: Draft) -> None:
    [act] = acts_in(draft.page("?what=block"))
    draft.does(act)
    text = draft.page()
    assert draft.told()["blocked"] == draft.deal.desk.does(draft.deal.brand, "GET", "/blocks")["blocks"][0]["at"]
    brand = asking_as(draft.app, draft.deal.brand)
    [listed] = value(opened(brand, "/blocked.json").data)["blocked"]
    assert listed["party"]["party"] == draft.deal.gina.id
    [undo] = about(text, "/desk/blocks/")
    assert undo["steps"] == acts_in(opened(brand, "/blocked").text)[0]["steps"]
    draft.does(undo)
    assert value(opened(brand, "/blocked.json").data)["blocked"] == [] and "blocked" not in draft.told()


def test_a_block_declines_without_a_reason(draft: Draft) -> None:
    draft.does(acts_in(draft.page("?what=block"))[0])
    found = value(asking_as(draft.app, draft.deal.brand).get(f"{draft.path}.json").data)
    [mine] = [one for one in found["signers"] if one["person"]["party"] == draft.deal.brand.id]
    assert found["state"] == "declined" and mine["reason"] == "" and "declined" in mine


def test_ones_own_draft_is_neither(draft: Draft) -> None:
    for query in ("", "?what=block", "?what=report&reason=x"):
        text = draft.page(query, draft.deal.gina)
        assert not about(text, "/desk/blocks") and not about(text, f"/desk/{draft.id}/report")
    found = value(asking_as(draft.app, draft.deal.gina).get(f"{draft.path}.json").data)
    assert "unwelcome" not in found


def test_says_what_it_does_not_take(draft: Draft) -> None:
    brand = asking_as(draft.app, draft.deal.brand)
    assert problem(opened(brand, f"{draft.path}?what=burn"), 400, "question_malformed")["where"] == "what"
    answer = opened(brand, f"{draft.path}?what=report&reason={'x' * 1001}")
    assert problem(answer, 400, "question_malformed")["where"] == "reason"
    assert acts_in(draft.page("?what=report")) == acts_in(draft.page()), "without a reason nothing is told"
    registrar = asking_as(draft.app, draft.deal.served.world.registrar)
    problem(registrar.get("/blocked"), 404, "not_found")


def test_speaks_indonesian(draft: Draft) -> None:
    brand = asking_as(draft.app, draft.deal.brand)
    for query in ("?", "?what=block&", "?what=report&", "?what=report&reason=1&"):
        assert english_in(opened(brand, f"{draft.path}{query}language=id").text) == {}, query
    draft.does(acts_in(draft.page("?what=block"))[0])
    for path in (f"{draft.path}?language=id", "/blocked?language=id"):
        assert english_in(opened(brand, path).text) == {}, path


def test_without_a_page_that_holds_keys_it_is_a_command(served: Served) -> None:
    deal = Deal(served)
    id = deal.proposed()
    brand = asking_as(app_at(served.service), deal.brand)
    assert f"registry desk block {deal.gina.id}" in opened(brand, f"/drafts/{id}?what=block").text
    assert f"registry desk report {id}" in opened(brand, f"/drafts/{id}?what=report&reason=x").text
