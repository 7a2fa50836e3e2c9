"""The page for everybody: both languages, every width, dark, on paper, without a mouse, read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.axe import open_details, violations
from tests.support.chromium import Chromium, Page, chromium, drop
from tests.support.money_story import Story
from tests.support.record_books import record_book
from tests.support.verifier_page import CAPTURE, MISSING, PRESENT, Case, at, check, vector, write_page
from tests.support.world import World

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

WIDTHS = (320, 360, 390, 480, 768, 1024, 1440)
LANGUAGES = ("en", "id")
USE = vector("verdict-what-was-paid")
CLIPPED = """[...document.querySelectorAll(".table")].filter((one) => one.querySelector("table.rows")
  && one.scrollWidth > one.clientWidth).map((one) => one.innerText)"""
"""Tables that stand row under row where it is narrow, and hide a part of themselves all the same."""


def through_an_agency() -> Case:
    """A use of which all came that is due, to the agency: what that passes on falls due later."""
    story = Story(world=World(witnesses=["ada"], quorum="1"))
    story.through_gina()
    usage = story.use()
    story.receipt(10_000, story.gina)
    world = story.world
    return Case(name="agency", evidence=world.evidence(usage), policy=world.policy(), instant=world.now)


@pytest.fixture(scope="module", params=LANGUAGES)
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile"), request.param) as made:
        yield made


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int, list[Path]]]:
    """Every state of the page: the page's file, the instant, and the files that are handed in."""
    folder = tmp_path_factory.mktemp("states")
    book = record_book(20)
    agency = through_an_agency()
    policies = {"use": USE.policy, "book": book.policy, "agency": agency.policy}
    pages = {name: write_page(folder / f"{name}.html", policy) for name, policy in policies.items()}
    files = {"use": USE.evidence, "book": book.evidence, "agency": agency.evidence, "empty": b""}
    for name, data in files.items():
        (folder / f"{name}.json").write_bytes(data)
    paths = {name: folder / f"{name}.json" for name in files}
    return {
        "start": (pages["use"], USE.instant, []),
        "use": (pages["use"], USE.instant, [paths["use"]]),
        "agency": (pages["agency"], agency.instant, [paths["agency"]]),
        "record book": (pages["book"], book.instant, [paths["book"]]),
        "unreadable": (pages["use"], USE.instant, [paths["empty"]]),
        "many": (pages["use"], USE.instant, [paths["use"], paths["empty"], paths["use"]]),
    }


STATES = ("start", "use", "agency", "record book", "unreadable", "many")


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    made = browser.page()
    made.before(CAPTURE)
    yield made
    made.settle(0.1)
    assert made.errors == []
    made.close()


def show(page: Page, state: tuple[Path, int, list[Path]]) -> None:
    path, instant, files = state
    at(page, instant)
    page.open(path.as_uri())
    if files:
        check(page, files)


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(page: Page, states: dict[str, Any], name: str, dark: bool) -> None:
    page.look(dark=dark)
    page.size(390)
    show(page, states[name])
    assert violations(page) == []


@pytest.mark.parametrize("name", STATES)
def test_nothing_sticks_out_at_any_width(page: Page, states: dict[str, Any], name: str) -> None:
    page.size(WIDTHS[0])
    show(page, states[name])
    open_details(page)
    for width in WIDTHS:
        page.size(width)
        assert page.run("document.documentElement.scrollWidth") <= width, width
        assert width > 800 or page.run(CLIPPED) == [], width
    page.size(640, 400)  # 1280 at 200 %
    assert page.run("document.documentElement.scrollWidth") <= 640
    page.size(800, 360)  # a phone on its side
    assert page.run("document.documentElement.scrollWidth") <= 800


def test_what_an_agency_passes_on_is_told_where_nothing_else_is_open(page: Page, states: dict[str, Any]) -> None:
    show(page, states["agency"])
    said, language = page.run("document.querySelector('.verdict').innerText"), page.run("document.documentElement.lang")
    assert {"en": "EUR\u00a080.00", "id": "EUR\u00a080,00"}[language] in said
    assert {"en": "Germany (DE)", "id": "Jerman (DE)"}[language] in page.run("document.body.innerText")


def test_buttons_are_large_enough_for_a_thumb(page: Page, states: dict[str, Any]) -> None:
    page.size(320)
    show(page, states["many"])
    small = page.run(
        "[...document.querySelectorAll('button')].filter((one) => one.getBoundingClientRect().height < 44)"
        ".map((one) => one.textContent)"
    )
    assert small == []


def test_on_paper_all_is_open_and_nothing_is_a_button(page: Page, states: dict[str, Any]) -> None:
    show(page, states["use"])
    page.look(dark=True, paper=True)
    seen = "(one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; }"
    assert page.run(f"[...document.querySelectorAll('button, .drop')].filter({seen}).length") == 0
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run(f"[...document.querySelectorAll('.card details ul')].every({seen})")
    assert page.call("Page.printToPDF")["data"]


def test_the_language_is_the_readers_and_can_be_changed(page: Page, states: dict[str, Any]) -> None:
    show(page, states["start"])
    own = page.run("document.documentElement.lang")
    assert own == page.run("navigator.language").partition("-")[0]
    title = page.run("document.title")
    page.run("document.querySelector('.foot button').click()")
    assert page.run("document.documentElement.lang") in {*LANGUAGES} - {own}
    assert page.run("document.title") != title
    check(page, [states["use"][2][0]])
    other = page.run("document.querySelector('.verdict').innerText")
    page.run("document.querySelector('.foot button').click()")
    assert page.run("document.querySelector('.verdict').innerText") != other
    assert page.run("checked.length") == 1  # nothing was checked again for it


def test_without_a_mouse(page: Page, states: dict[str, Any]) -> None:
    """Everything is reached by Tab, in reading order; what is pressed keeps the focus or hands it on."""
    show(page, states["start"])
    reached = []
    for _ in range(12):
        page.press("Tab")
        reached.append(page.run("document.activeElement.textContent || document.activeElement.tagName"))
    controls = page.run(
        "[...document.querySelectorAll('button, summary')].filter((one) => one.checkVisibility())"
        ".map((one) => one.textContent)"
    )
    order = [one for one in reached if one in controls]
    assert order[: len(controls)] == controls
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") in ("solid", "none")

    page.run("document.querySelector('.btn.go').focus()")
    check(page, states["use"][2])
    page.until("document.activeElement.tagName === 'H1'")
    page.press("Tab")
    page.run("document.querySelector('details > summary').focus()")
    before = page.run("document.querySelector('details').open")
    page.press("Enter")
    assert page.run("document.querySelector('details').open") is not before


def test_what_comes_is_read_aloud(page: Page, states: dict[str, Any]) -> None:
    show(page, states["use"])
    status = page.run("document.querySelector('[role=status]').textContent")
    assert page.run("document.querySelector('.verdict .kind').textContent") in status
    drop(page, "body", [("a.json", b"{}"), ("b.json", b"{}")])
    page.until("checked.length === 3")
    page.until("document.querySelector('[role=status]').textContent === document.querySelector('h1').textContent")
