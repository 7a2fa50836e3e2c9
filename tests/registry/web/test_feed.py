"""``/subjects/<subject>/feed``: valid Atom (RFC 4287), newest first, bounded, cached, and only what is public."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.problems import Problem
from registry.web.feed import ATOM, PAGE
from registry.web.questions import Questions
from tests.support.asking import problem
from tests.support.served import Served, proved_list
from tests.support.world import Actor, Logged, file

EMPTY = "asset:" + "0" * 64


@pytest.fixture
def story(served: Served) -> tuple[Actor, Logged, Logged]:
    """(the model, a consent, a use)."""
    consent, made = served.story()
    served.accept(*made)
    served.world.advance("1h")
    usage = served.world.usage(consent, ["hero.jpg"])
    served.accept(usage)
    model = made[0]
    assert isinstance(model, Actor)
    return model, consent, usage


def read(response: TestResponse) -> ElementTree.Element:
    assert (response.status_code, response.content_type) == (200, "application/atom+xml; charset=utf-8")
    return valid(ElementTree.fromstring(response.data))


def valid(feed: ElementTree.Element) -> ElementTree.Element:
    """What RFC 4287 demands of a feed and its entries."""
    assert feed.tag == f"{{{ATOM}}}feed"
    assert len(feed.findall(f"{{{ATOM}}}author")) == 1
    assert text(feed, "author/name")
    ids = []
    for part in (feed, *feed.findall(f"{{{ATOM}}}entry")):
        for name in ("id", "title", "updated"):
            assert len(part.findall(f"{{{ATOM}}}{name}")) == 1
            assert text(part, name)
        assert text(part, "id").startswith("urn:")
        assert datetime.fromisoformat(text(part, "updated")).tzinfo is not None
        links = [(link.get("rel"), link.get("type")) for link in part.findall(f"{{{ATOM}}}link")]
        assert len(set(links)) == len(links)
        assert all(link.get("href") for link in part.findall(f"{{{ATOM}}}link"))
        ids.append(text(part, "id"))
    assert len(set(ids)) == len(ids)
    assert text(feed, "updated") >= max([text(one, "updated") for one in entries(feed)], default="")
    return feed


def entries(feed: ElementTree.Element) -> list[ElementTree.Element]:
    return feed.findall(f"{{{ATOM}}}entry")


def text(part: ElementTree.Element, path: str) -> str:
    found = part.findtext("/".join(f"{{{ATOM}}}{step}" for step in path.split("/")))
    assert found is not None
    return found


def test_newest_first(served: Served, client: FlaskClient, story: tuple[Actor, Logged, Logged]) -> None:
    anna, consent, usage = story
    feed = read(client.get(f"/subjects/party:{anna.id}/feed"))
    found = [text(one, "id").rpartition(":")[2] for one in entries(feed)]
    rows = proved_list(served.service, f"party:{anna.id}").rows  # type: ignore[union-attr]
    assert found == [str(index) for index, _ in reversed(rows)]
    first = entries(feed)[0]
    assert text(first, "title").startswith("A use of the twin ")
    assert text(first, "summary").startswith(f"Entry {rows[-1][0]}, usage {usage.id}: A use of the twin ")
    category = first.find(f"{{{ATOM}}}category")
    assert category is not None and category.get("term") == "usage"
    assert text(feed, "updated") == text(first, "updated") == "2026-01-01T01:00:00Z"
    assert f"(consent {consent.id[:12]})" in text(entries(feed)[1], "title")


def test_links_lead_somewhere(client: FlaskClient, story: tuple[Actor, Logged, Logged]) -> None:
    anna, _, usage = story
    address = f"http://localhost/subjects/party:{anna.id}/feed"
    feed = read(client.get(f"/subjects/party:{anna.id}/feed"))
    for part in (feed, entries(feed)[0]):
        for link in part.findall(f"{{{ATOM}}}link"):
            target = resolve(address, str(link.get("href")))
            assert client.get(target).status_code == 200, target
    assert resolve(address, f"../../entries/{usage.id}").endswith(f"/entries/{usage.id}")


def resolve(base: str, reference: str) -> str:
    from urllib.parse import urljoin

    return urljoin(base, reference).removeprefix("http://localhost")


def test_older_entries_are_on_further_pages(
    served: Served, client: FlaskClient, story: tuple[Actor, Logged, Logged]
) -> None:
    """RFC 5005: what came between two looks is never out of a reader's reach."""
    anna, consent, _ = story
    made = [served.world.usage(consent, [f"{number}.jpg"]) for number in range(2 * PAGE + 5)]
    served.accept(*made)
    address: str | None = f"/subjects/party:{anna.id}/feed"
    found: list[str] = []
    sizes = []
    while address is not None:
        feed = read(client.get(address))
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{{{ATOM}}}link")}
        assert resolve(f"http://localhost{address}", str(links["self"])) == address
        sizes.append(len(entries(feed)))
        found += [text(one, "id").rpartition(":")[2] for one in entries(feed)]
        following = links.get("next")
        address = None if following is None else resolve(f"http://localhost{address}", following)
    rows = proved_list(served.service, f"party:{anna.id}").rows  # type: ignore[union-attr]
    assert found == [str(index) for index, _ in reversed(rows)]
    assert sizes == [PAGE, PAGE, len(rows) - 2 * PAGE]
    assert len(entries(read(client.get(f"/subjects/party:{anna.id}/feed?before=0")))) == 0


@pytest.mark.parametrize("before", ["", "x", "-1", "01", "1" * 30])
def test_what_is_no_page(client: FlaskClient, before: str) -> None:
    response = client.get(f"/subjects/{EMPTY}/feed?before={before}")
    assert problem(response, 400, "question_malformed")["where"] == "before"


def test_nothing_yet(client: FlaskClient) -> None:
    feed = read(client.get(f"/subjects/{EMPTY}/feed"))
    assert entries(feed) == []
    assert text(feed, "updated") == "2026-01-01T00:00:00Z"


def test_a_model_learns_of_a_use_with_the_next_batch(
    served: Served, client: FlaskClient, story: tuple[Actor, Logged, Logged]
) -> None:
    _, consent, _ = story
    address = f"/subjects/asset:{file('new.jpg')}/feed"
    assert entries(read(client.get(address))) == []
    served.accept(served.world.usage(consent, ["new.jpg"]))
    assert len(entries(read(client.get(address)))) == 1


def test_caches_keep_it_and_ask(served: Served, client: FlaskClient, story: tuple[Actor, Logged, Logged]) -> None:
    anna, consent, _ = story
    address = f"/subjects/party:{anna.id}/feed"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert "Last-Modified" not in first.headers
    tag = first.headers["ETag"]
    served.accept(served.world.party("other", roles=["model"]))
    same = client.get(address, headers={"If-None-Match": tag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    served.accept(served.world.usage(consent, ["more.jpg"]))
    changed = client.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_strangers_read_the_same(
    client: FlaskClient, stranger: FlaskClient, story: tuple[Actor, Logged, Logged]
) -> None:
    address = f"/subjects/party:{story[0].id}/feed"
    hers = client.get(address).data
    assert hers == stranger.get(address).data
    assert b"anna" not in hers and b"print" not in hers  # a name, a channel of the terms


@pytest.mark.parametrize("subject", ["x", "party:", "party:" + "0" * 63, "party:" + "G" * 64, "%3Cscript%3E"])
def test_what_is_no_subject(stranger: FlaskClient, subject: str) -> None:
    problem(stranger.get(f"/subjects/{subject}/feed"), 400, "question_malformed")


def test_whatever_stands_in_it_is_escaped(monkeypatch: pytest.MonkeyPatch, served: Served, client: FlaskClient,
                                          story: tuple[Actor, Logged, Logged]) -> None:  # fmt: skip
    hostile = "</title><script>alert(1)</script> & \"quotes\" 'too' ]]> é"
    monkeypatch.setattr("registry.web.feed.describe", lambda *_: hostile)
    response = client.get(f"/subjects/party:{story[0].id}/feed")
    assert b"<script>" not in response.data
    assert text(entries(read(response))[0], "title") == hostile


def test_few_are_made_at_a_time(served: Served, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of all questions: beyond those, a reader is told when to come again."""
    monkeypatch.setattr(Questions, "answer", lambda *_, **__: Problem(code="busy", detail="later"))
    answer = stranger.get(f"/subjects/{EMPTY}/feed")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"])
