"""The demo's story in a registry's pages: where a registry tells one, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.demo.pictures import portrait
from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at
from verifier.base import canonical


@pytest.fixture
def telling(served: Served) -> FlaskClient:
    return teller(served)


def teller(served: Served) -> FlaskClient:
    """A reader of a registry that tells two scenes, one of them with a picture."""
    folder: Path = served.root / "story"
    folder.mkdir(exist_ok=True)
    (folder / "authorised-and-paid.png").write_bytes(portrait("somebody"))
    for name in ("authorised-and-paid", "revoked-midway"):
        (folder / f"{name}.evidence.json").write_bytes(b"{}")
    scenes = [
        {"name": "authorised-and-paid", "authorised": "AUTHORISED", "paid": "PAID", "sha256": "ab" * 32},
        {"name": "revoked-midway", "authorised": "NOT_AUTHORISED", "paid": "PAID"},
    ]
    (folder / "story.json").write_bytes(canonical.encode(scenes))
    return app_at(served.service).test_client()


def test_the_first_page_lists_the_scenes(telling: FlaskClient) -> None:
    scenes = value(telling.get("/home.json").data)["story"]
    assert [one["name"] for one in scenes] == ["authorised-and-paid", "revoked-midway"]
    assert 'href="story/revoked-midway"' in telling.get("/").get_data(as_text=True)


def test_a_scene_has_its_answers_its_picture_and_its_file(telling: FlaskClient) -> None:
    text = telling.get("/story/authorised-and-paid").get_data(as_text=True)
    assert 'class="verdict yes"' in text and 'src="../story/authorised-and-paid/picture"' in text
    assert 'class="verdict no"' in telling.get("/story/revoked-midway").get_data(as_text=True)
    assert "<img" not in telling.get("/story/revoked-midway").get_data(as_text=True)
    with telling.get("/story/authorised-and-paid/picture") as picture:
        assert (picture.mimetype, picture.headers["Content-Security-Policy"]) == ("image/png", "sandbox")
    with telling.get("/story/authorised-and-paid/evidence") as evidence:
        assert evidence.headers["Content-Disposition"].startswith("attachment")
    assert english_in(telling.get("/story/authorised-and-paid?language=id").get_data(as_text=True)) == {}


def test_a_registry_in_a_folder_below_this_one_shows_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    served = Served(Path("registry"))
    for what in ("picture", "evidence"):
        with teller(served).get(f"/story/authorised-and-paid/{what}") as file:
            assert file.status_code == 200, what
    served.end()


@pytest.mark.parametrize("name", ["nothing", "..", "story.json", "authorised-and-paid.png"])
def test_there_is_nothing_else(telling: FlaskClient, name: str) -> None:
    for path in (f"/story/{name}", f"/story/{name}/picture", f"/story/{name}/evidence"):
        assert telling.get(path).status_code == 404


def test_a_registry_without_a_story(stranger: FlaskClient) -> None:
    assert value(stranger.get("/home.json").data)["story"] == []
    problem(stranger.get("/story/authorised-and-paid"), 404, "not_found")
