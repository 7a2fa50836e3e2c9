"""An approval's pictures are shown to whoever approves them, if they are exactly the files, and go nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk_clients import unsigned
from tests.support.people import town
from tests.support.session_browsers import signed_in
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import Actor

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
