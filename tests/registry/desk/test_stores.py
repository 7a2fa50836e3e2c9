"""All that the desk keeps, in a file and in a database that front ends share: what one puts, the other has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.desk import desk_store
from registry.desk.address_store import CODE_SECONDS, CODES, DAY, TRIES, AddressStore
from registry.desk.calendar_store import CALENDARS, CalendarStore
from registry.desk.contact_store import REPORTS, ContactStore, DeskReport
from registry.desk.desk_store import KEPT, DeskStore
from registry.desk.option_store import Option, OptionStore
from registry.desk.pending import Mark, PendingDraft
from registry.desk.picture_store import KeptPicture
from tests.support.kept_tables import KINDS, Opened, tables_of

DRAFT = PendingDraft(
    id="d1", proposer="gina", controller="gina", type="consent", proposed=100, deadline=200, latest=300, require=True,
    turns=[["anna"], ["brand"]], text=b'{"text": "\xc3\xa9"}', strangers=frozenset({"brand"}),
)  # fmt: skip
SIGNED = Mark(read=110, signed=111, keyid="ab" * 32, signature=b"\x00" * 63 + b"\xff")


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return tables_of(request.param, request)


class TestDrafts:
    def test_a_draft_and_its_marks(self, opened: Opened) -> None:
        one, other = DeskStore(opened()), DeskStore(opened())
        one.add(DRAFT, {"anna", "brand"})
        found = other.draft("d1")
        assert found == replace(DRAFT, marks={"anna": Mark(), "brand": Mark()})
        one.set_mark("d1", "anna", SIGNED)
        other.set_mark("d1", "gina", Mark(read=112, declined=113, reason="no, é"))
        marks = {"anna": SIGNED, "brand": Mark(), "gina": Mark(read=112, declined=113, reason="no, é")}
        [found] = one.open()
        assert found.marks == marks and one.concerning("anna") == one.concerning("gina") == [found]
        assert other.concerning("maker") == []
        other.set_mark("d1", "anna", Mark(read=110))
        found = one.draft("d1")
        assert found is not None and found.marks["anna"] == Mark(read=110)

    def test_its_end(self, opened: Opened) -> None:
        one, other = DeskStore(opened()), DeskStore(opened())
        one.add(DRAFT, {"anna"})
        one.set_mark("d1", "anna", SIGNED)
        one.set_problem("d1", "unavailable")
        other.end("d1", "logged", 7)
        found = one.draft("d1")
        assert found is not None and (found.state, found.entry, found.text, found.problem) == ("logged", 7, b"", "")
        assert found.marks["anna"] == Mark(read=110, signed=111) and one.open() == []
        one.set_mark("d1", "anna", SIGNED)
        assert other.draft("d1") == found, "nothing of it changes any more"

    def test_its_pictures_go_with_it(self, opened: Opened) -> None:
        one, other = DeskStore(opened()), DeskStore(opened())
        one.add(DRAFT, {"anna"})
        kept = KeptPicture(digest="ab" * 32, type="image/png", size=4)
        one.pictures.add("d1", kept, b"\x00\xff\x89P")
        assert other.pictures.of("d1") == [kept] and other.pictures.of("d2") == []
        assert other.pictures.read("d1", kept.digest) == b"\x00\xff\x89P"
        assert other.pictures.read("d1", "cd" * 32) is None
        assert (other.pictures.size_with("d1"), other.pictures.size_of("gina")) == (4, 4)
        assert (one.pictures.size_with("d2"), one.pictures.size_of("anna")) == (0, 0)
        other.end("d1", "declined")
        assert one.pictures.of("d1") == [] and one.pictures.read("d1", kept.digest) is None
        assert one.pictures.size_of("gina") == 0

    def test_counting(self, opened: Opened) -> None:
        store = DeskStore(opened())
        store.add(DRAFT, {"anna", "brand"})
        assert (store.put_up_since("gina", 99), store.put_up_since("gina", 100)) == (1, 0)
        assert (store.open_from_strangers("gina", "brand"), store.open_from_strangers("gina", "anna")) == (1, 0)

    def test_sweeping(self, opened: Opened) -> None:
        one, other = DeskStore(opened()), DeskStore(opened())
        one.add(DRAFT, {"anna"})
        one.add(replace(DRAFT, id="d2"), {"anna"})
        other.sweep(200, lambda id: id == "d2")
        states = {found.id: found.state for found in one.concerning("anna")}
        assert states == {"d1": "expired", "d2": "open"} and one.last_beat() == 200
        one.set_deadline("d2", 10_000_000)
        other.sweep(200 + KEPT, lambda id: False)
        assert [found.id for found in one.concerning("anna")] == ["d2"] and one.last_beat() == 200 + KEPT

    def test_one_process_at_a_time_has_it_logged(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        one, other = DeskStore(opened()), DeskStore(opened())
        assert one.claim("d1") and not other.claim("d1") and other.is_claimed("d1")
        one.release("d1")
        assert not other.is_claimed("d1") and other.claim("d1")
        monkeypatch.setattr(desk_store, "CLAIM", -1)
        assert one.claim("d2") and other.claim("d2"), "whoever had it is dead"


OPTION = Option(
    id="o1", asker="brand", controller="brand", model="anna", starts=10, ends=20, until=15, about="é", asked=1,
    answer_by=5,
)  # fmt: skip


def test_options(opened: Opened) -> None:
    one, other = OptionStore(opened()), OptionStore(opened())
    for id in ("o1", "o2", "o3"):
        one.add(replace(OPTION, id=id))
    assert other.option("o1") == OPTION and other.open_by("brand", "anna") == 3 and other.asked_since("brand", 0) == 3
    other.grant("o1", "anna", 2)
    one.grant("o2", "anna", 2)
    granted = [one.option("o1"), one.option("o2")]
    assert [found and other.rank(found) for found in granted] == [1, 2]
    one.end("o1", "released", 3, "brand")
    found = other.option("o1")
    assert found is not None and (found.state, found.about, found.answered_by, found.answered) == (
        "released", "", "anna", 2,
    )  # fmt: skip
    one.answer_later(4, 6, 8)
    other.sweep(8)
    assert {one.id: one.state for one in other.concerning("brand", [])} == {
        "o1": "released", "o2": "granted", "o3": "lapsed",
    }  # fmt: skip
    assert [one.id for one in other.concerning("x", ["anna"])] == ["o1", "o2", "o3"]
    one.sweep(100 + KEPT)
    assert [one.id for one in other.concerning("brand", ["anna"])] == ["o2"]


def test_addresses(opened: Opened) -> None:
    one, other = AddressStore(opened()), AddressStore(opened())
    code = one.set("anna", "Anna@example.org", "id", 100)
    assert code is not None and other.confirmed() == {}
    assert not other.confirm("anna", "wrong", 101) and other.confirm("anna", code.upper(), 102)
    [found] = one.confirmed().values()
    assert (found.address, found.language, found.confirmed, found.reminded) == ("Anna@example.org", "id", 102, None)
    assert one.note_reminder(found, 200), "it is this one's to send"
    assert not other.note_reminder(found, 200), "both have read it before"
    assert other.note_reminder(replace(found, reminded=200), None)
    assert [other.set("ben", "anna@EXAMPLE.org", "en", 100) is None for _ in range(CODES)] == [False] * 2 + [True]
    assert one.set("ben", "ben@example.org", "en", 100 + DAY) is not None
    assert not one.confirm("ben", "x", 100 + DAY + CODE_SECONDS)
    code = one.set("eve", "eve@example.org", "en", 100 + DAY)
    assert code is not None and [other.confirm("eve", "x", 100 + DAY) for _ in range(TRIES)] == [False] * TRIES
    assert not one.confirm("eve", code, 100 + DAY)
    assert other.remove("anna") and not one.remove("anna") and one.of("anna") is None


def test_calendars(opened: Opened) -> None:
    one, other = CalendarStore(opened()), CalendarStore(opened())
    made = one.make("anna", "key", 100, names=True, language="id")
    assert made is not None and other.by_token(made[1]) == made[0] and other.by_token("0" * 64) is None
    other.note_use(made[0], 160)
    assert one.of("anna") == [replace(made[0], used=160)]
    for at in range(1, CALENDARS):
        assert other.make("anna", "key", 100 + at, names=False, language="en") is not None
    assert one.make("anna", "key", 200, names=False, language="en") is None
    assert other.end("anna", made[0].id) and not one.end("anna", made[0].id)


def test_contacts(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = ContactStore(opened()), ContactStore(opened())
    assert one.block("anna", "brand", 100) and other.block("anna", "brand", 101)
    assert other.blocked_by("anna") == [("brand", 100)]
    monkeypatch.setattr("registry.desk.contact_store.BLOCKS", 1)
    assert not other.block("anna", "maker", 102)
    assert other.unblock("anna", "brand") and not one.unblock("anna", "brand")
    made = DeskReport(draft="d1", type="consent", proposer="brand", reporter="anna", at=100, reason="rude")
    assert one.report(made) and other.report(replace(made, at=101, reason="é"))
    assert one.reports(101) == other.reports(101, "anna") == [replace(made, at=101, reason="é")]
    assert [one.report(replace(made, draft=f"r{at}")) for at in range(REPORTS)] == [True] * (REPORTS - 1) + [False]
    assert other.reports(101, "brand") == []
