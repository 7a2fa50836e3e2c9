"""Forms of pages: each is sent from the registry's own pages alone, and may be seen again in another language."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from registry.web.pages import kept, rendering
from registry.web.pages.form_fields import MAX_FORM
from registry.web.pages.kept import KeptAnswers
from registry.web.routes import ROUTES, Caller, Route
from tests.support.asking import problem, value
from tests.support.desk_clients import Deal
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.session_browsers import SITE, signed_in
from tests.support.signed_requests import app_at, asking_as

SENT = [route for route in ROUTES if route.method == "POST" and route.caller is Caller.READER and not route.twin]


@pytest.mark.parametrize("route", SENT, ids=lambda route: route.name)
def test_another_sites_form_is_a_strangers(served: Served, route: Route) -> None:
    """Whoever is signed in: her session does not count there."""
    deal = Deal(served)
    browser = signed_in(app_at(served.service, SITE), deal.anna)
    path = route.path.replace("<id>", "ab" * 32)
    form = {"data": {"sent": "yes"}}
    assert browser.ask("POST", path, **form).status_code != 422
    browser.site = "cross-site"
    problem(browser.ask("POST", path, **form), 422, "refused")
    browser.site = "same-origin"
    problem(browser.ask("POST", path, {"Origin": "https://other.example"}, **form), 422, "refused")


def test_a_form_has_a_size(served: Served) -> None:
    client = asking_as(app_at(served.service), Deal(served).anna)
    for path in ("/model/mandates", "/model/mandates.json", "/model/mandates/draft"):
        problem(client.post(path, data={"commission": "1" * MAX_FORM}), 413, "too_large")


def test_what_was_filled_in_is_seen_again_in_another_language(served: Served) -> None:
    """An address says no more than it may, so that the form is sent again; what a link carries on stays chosen."""
    deal = Deal(served)
    client = asking_as(app_at(served.service), deal.anna)
    path, form = "/model/mandates?language=en&zone=Asia%2FTokyo", {"commission": "x <1>", "powers": ["approve"]}
    text = client.post(path, data=form).text
    chooser = text.partition('class="choose"')[0].rpartition("<form ")[2] + text.partition('class="choose"')[2]
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', chooser)
    again = {name: unescape(one) for name, one in hidden}
    assert 'method="post"' in chooser and again == {"commission": "x <1>", "powers": "approve"}
    [name] = re.findall(r'<select id="look-language" name="([^"]*)"', chooser)
    answer = client.post(path, data={**again, name: "id"})
    assert answer.headers["Content-Language"] == "id" and english_in(answer.text) == {}
    assert 'value="x &lt;1&gt;"' in answer.text and "language=id&amp;zone=Asia%2FTokyo" in answer.text
    twin = value(client.post(f"{path.replace('?', '.json?')}", data={**again, name: "id"}).data)
    assert twin["given"]["commission"] == ["x <1>"] and "look.language" not in twin["given"]


def test_a_page_that_is_only_looked_at_asks_by_its_address(served: Served) -> None:
    deal = Deal(served)
    text = asking_as(app_at(served.service), deal.anna).get("/model/mandates?zone=UTC").text
    assert '<form method="get" action="../model/mandates" class="choose">' in text


def test_a_form_waits_and_what_was_filled_in_is_not_lost(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that comes again by itself comes without its form."""
    deal = Deal(served)
    client = asking_as(app_at(served.service), deal.brand)
    monkeypatch.setattr(kept, "FEW", -1)
    monkeypatch.setattr(kept, "PATIENCE", 0)
    form = {"sent": "yes", "twin": "Nobody <1>"}
    assert client.post("/brand/may", data=form).status_code == 200, "it waits"
    monkeypatch.setattr(rendering, "WAITS", 0.0)
    monkeypatch.setattr(KeptAnswers, "_make", lambda self, *rest: time.sleep(0.2))
    for language in ("en", "id"):
        answer = client.post(f"/brand/may?language={language}", data={**form, "twin": f"Nobody {language}"})
        assert answer.status_code == 503 and "Refresh" not in answer.headers and "Retry-After" in answer.headers
        again = answer.text.partition("<main")[2].partition("</main>")[0]
        assert f'name="twin" value="Nobody {language}"' in again and 'method="post"' in again
        assert language == "en" or english_in(answer.text) == {}
