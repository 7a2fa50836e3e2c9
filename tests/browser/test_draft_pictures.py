"""An approval's pictures are shown to whoever approves them, if they are exactly the files; what she chooses stays."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from registry.demo.pictures import portrait
from registry.desk.desk_backup import DATABASE
from tests.support.asking import value
from tests.support.desk_clients import unsigned
from tests.support.handing_over import acts_in
from tests.support.people import town
from tests.support.session_browsers import signed_in
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import Actor
from verifier.base import canonical
from verifier.base.strict import format_b64u
from verifier.programs.http import parse_url
from verifier.programs.request_signing import RequestSigner

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="50"><circle cx="20" cy="20" r="9"/></svg>'


def test_exactly_this_file_or_none(tmp_path: Path) -> None:
    hero, other = tmp_path / "hero.svg", tmp_path / "other.svg"
    hero.write_text(PICTURE)
    other.write_text(PICTURE.replace("9", "8"))
    with town(tmp_path / "town") as place:
        served = place.served
        consent, made = served.story()
        served.accept(*made)
        anna, brand = made[0], made[1]
        assert isinstance(anna, Actor) and isinstance(brand, Actor)
        approval = served.world.approval(consent, assets=[PICTURE])
        place.desk.propose(brand.id, unsigned(approval))
        person = place.person("Anna", passkeys=False)
        [(cookie, token)] = signed_in(place.app, anna, place.url).cookies.items()
        person.page.call("Network.setCookie", name=cookie, value=token, url=place.url, httpOnly=True, sameSite="Strict")
        person.opens(f"/drafts/{approval.id}")
        row = "document.querySelector('[data-sha256]')"
        assert person.page.run(f"{row}.querySelector('img').hidden")

        person.page.choose("#picture", [other])
        person.page.until("!document.querySelector('#other').hidden")
        assert person.page.run(f"{row}.querySelector('img').hidden && {row}.querySelector('[data-same]').hidden")

        person.page.settle()
        before = len(person.page.requests)
        person.page.choose("#picture", [hero])
        person.page.until(f"{row}.querySelector('img').naturalWidth === 40")
        assert person.page.run("document.querySelector('#other').hidden")
        assert person.page.run(f"{row}.querySelector('[data-not-yet]').hidden")
        person.page.settle()
        assert [one for one in person.page.requests[before:] if not one.startswith("blob:")] == []
        assert person.page.errors == []


def test_what_lies_with_the_draft_is_shown_if_it_is_exactly_the_file(tmp_path: Path) -> None:
    hero, swapped, lost = portrait("hero"), portrait("swapped"), portrait("lost")
    with town(tmp_path / "town") as place:
        served = place.served
        consent, made = served.story()
        served.accept(*made)
        anna, brand = made[0], made[1]
        assert isinstance(anna, Actor) and isinstance(brand, Actor)
        names = [sha256(one).hexdigest() for one in (hero, swapped, lost)]
        approval = served.world.approval(consent, assets=names)
        place.desk.propose(brand.id, unsigned(approval))
        for name, data in zip(names, (hero, swapped, lost), strict=True):
            place.desk.attach(brand.id, approval.id, name, data)
        with sqlite3.connect(served.root / DATABASE) as kept:  # what a registry that lies would do
            kept.execute("UPDATE pictures SET data = ? WHERE digest = ?", (portrait("another"), names[1]))
        kept.close()
        person = place.person("Anna", passkeys=False)
        [(cookie, token)] = signed_in(place.app, anna, place.url).cookies.items()
        person.page.call("Network.setCookie", name=cookie, value=token, url=place.url, httpOnly=True, sameSite="Strict")
        person.page.call("Network.setBlockedURLs", urls=[f"*{names[2]}"])
        person.opens(f"/drafts/{approval.id}")
        rows = [f"document.querySelector('[data-sha256=\"{name}\"]')" for name in names]
        person.page.until(f"{rows[0]}.querySelector('img').naturalWidth > 0")
        assert person.page.run(f"{rows[0]}.querySelector('[data-not-yet]').hidden")
        assert not person.page.run(f"{rows[0]}.querySelector('[data-same]').hidden")
        person.page.until(f"!{rows[1]}.querySelector('[data-wrong]').hidden")
        assert person.page.run(f"{rows[1]}.querySelector('img').hidden")
        person.page.until(f"!{rows[2]}.querySelector('[data-failed]').hidden")
        assert person.page.run(f"{rows[2]}.querySelector('img').hidden")


def test_pictures_are_brought_and_taken_away_once_the_key_permits_it(tmp_path: Path) -> None:
    hero, other = portrait("hero"), portrait("other")
    names = [sha256(one).hexdigest() for one in (hero, other)]
    files = [tmp_path / "hero.png", tmp_path / "foreign.png"]
    files[0].write_bytes(hero)
    files[1].write_bytes(portrait("foreign"))
    with town(tmp_path / "town") as place:
        served = place.served
        consent, made = served.story()
        served.accept(*made)
        brand = made[1]
        assert isinstance(brand, Actor)
        approval = served.world.approval(consent, assets=names)
        place.desk.propose(brand.id, unsigned(approval))
        place.desk.attach(brand.id, approval.id, names[1], other)
        person = place.person("Larasati", passkeys=False)
        browser = signed_in(place.app, brand, place.url)
        [(cookie, token)] = browser.cookies.items()
        person.page.call("Network.setCookie", name=cookie, value=token, url=place.url, httpOnly=True, sameSite="Strict")
        person.opens(f"/drafts/{approval.id}")
        assert person.page.run("document.getElementById('bring-choose').hidden")
        acts = acts_in(person.page.run("document.documentElement.outerHTML"), place.sign)
        [permit] = [one for one in acts if one["steps"][0]["path"].endswith("/files")]
        path = permit["steps"][0]["path"]
        signed = RequestSigner(brand.keys[0]).headers("POST", parse_url(place.url).authority, path, "")
        answer = place.app.test_client().post(path, headers=signed)
        assert answer.status_code == 200, answer.data
        came = canonical.encode({"act": "request", "answer": value(answer.data), "status": "done"})
        person.page.open("about:blank")
        person.page.open(f"{permit['back']}#done={format_b64u(came)}")
        person.page.until("!document.getElementById('bring-choose').hidden")
        person.page.choose("#bring-files", files)
        person.page.until("!document.getElementById('bring-brought').hidden")
        assert person.page.run("document.querySelector('#bring-brought [data-n]').textContent") == "1"
        assert person.page.run("document.querySelector('#bring-others [data-n]').textContent") == "1"
        assert person.page.run("document.getElementById('bring-refused').hidden")
        shown = place.desk.show(brand.id, approval.id)
        assert {one.digest for one in place.desk.pictures(shown)} == set(names)
        person.page.run(f"document.querySelector('[data-file=\"{names[1]}\"] button').click()")
        person.page.until(f"!document.querySelector('[data-file=\"{names[1]}\"]')")
        assert [one.digest for one in place.desk.pictures(shown)] == [names[0]]
        assert person.page.errors == []
