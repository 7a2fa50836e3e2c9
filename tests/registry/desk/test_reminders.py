"""Reminders over a real mail server: when they go, to whom, what is in them, and what is not in the log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from registry.desk.address_store import CODES, TRIES
from registry.desk.mail import MailError, MailServer, is_address, read_mail, write_mail
from registry.desk.reminders import Reminders
from tests.support.desk_clients import Deal
from tests.support.mailbox import Mailbox, mailbox
from tests.support.world import Actor

DAY = 86_400
ANNA = "anna.k+sign@mail.example.org"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def reminders(deal: Deal, box: Mailbox) -> Reminders:
    write_mail(deal.served.root, MailServer(server=box.url, sender="registry@example.org"))
    return deal.reminders


def confirmed(deal: Deal, box: Mailbox, who: Actor, address: str = ANNA, **more: Any) -> None:
    said = deal.desk.does(who, "POST", "/address", {"address": address, **more})
    assert said["confirmed"] is False
    code = re.search(r": ([a-z2-7]{12})\n", box.text())
    assert code is not None
    assert deal.desk.does(who, "POST", "/address/confirm", {"code": code[1]})["confirmed"] is True
    box.mails.clear()


class TestWhen:
    def test_after_five_days_then_every_two_and_no_more_once_it_is_signed(
        self, deal: Deal, box: Mailbox, reminders: Reminders
    ) -> None:
        confirmed(deal, box, deal.anna)
        id = deal.proposed()
        sent = []
        for day in range(12):
            reminders.remind()
            reminders.remind()
            sent.append(len(box.mails))
            if day == 9:
                deal.desk.signs(deal.anna, id)
            deal.served.world.advance(DAY)
        assert sent == [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3]

    def test_one_mail_for_all_that_waits(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        confirmed(deal, box, deal.anna)
        for _ in range(3):
            deal.proposed()
        deal.served.world.advance(6 * DAY)
        reminders.remind()
        assert len(box.mails) == 1 and box.text().startswith("3 drafts have waited for you")

    def test_who_comes_later_has_waited_from_her_turn_on(
        self, deal: Deal, box: Mailbox, reminders: Reminders
    ) -> None:
        confirmed(deal, box, deal.anna)
        id = deal.proposed(turns=[[deal.gina.id]])
        deal.served.world.advance(6 * DAY)
        reminders.remind()
        deal.desk.signs(deal.gina, id)
        deal.served.world.advance(4 * DAY)
        reminders.remind()
        assert box.mails == []
        deal.served.world.advance(DAY)
        reminders.remind()
        assert len(box.mails) == 1

    def test_of_a_strangers_draft_only_once_she_opened_it(
        self, deal: Deal, box: Mailbox, reminders: Reminders
    ) -> None:
        confirmed(deal, box, deal.anna)
        made = deal.served.world.consent(model=deal.anna, licensee=deal.stranger, twin=deal.twin)
        id = deal.desk.proposes(deal.stranger, made)
        deal.served.world.advance(8 * DAY)
        reminders.remind()
        assert box.mails == []
        deal.desk.does(deal.anna, "POST", f"/{id}/read")
        reminders.remind()
        assert len(box.mails) == 1

    def test_a_server_that_does_not_take_it_is_asked_again_later(
        self, deal: Deal, box: Mailbox, reminders: Reminders, caplog: pytest.LogCaptureFixture
    ) -> None:
        confirmed(deal, box, deal.anna)
        deal.proposed()
        deal.served.world.advance(6 * DAY)
        box.refuses = True
        with caplog.at_level(logging.DEBUG):
            reminders.remind()
        box.refuses = False
        reminders.remind()
        assert box.mails == []
        deal.served.world.advance(3600)
        reminders.remind()
        assert len(box.mails) == 1
        logged = " ".join(one.getMessage() for one in caplog.records if one.name.startswith("registry"))
        assert "could not be sent" in logged and "anna" not in logged

    def test_nobody_is_mailed_who_did_not_confirm(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        deal.desk.does(deal.anna, "POST", "/address", {"address": ANNA})
        deal.proposed()
        deal.served.world.advance(6 * DAY)
        box.mails.clear()
        reminders.remind()
        assert box.mails == []


class TestWords:
    def test_no_word_of_a_draft_and_no_right(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        confirmed(deal, box, deal.anna, language="id")
        id = deal.proposed()
        deal.served.world.advance(6 * DAY)
        reminders.remind()
        [mail] = box.mails
        assert (mail["To"], mail["From"]) == (ANNA, "registry@example.org")
        assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"] and mail["Message-ID"]
        assert box.text().startswith("1 rancangan sudah menunggu Anda")
        whole = mail.as_string()
        for secret in (id[:12], deal.brand.id[:12], deal.gina.id[:12], deal.anna.id[:12]):
            assert secret not in whole

    def test_the_registrys_own_server_is_named_as_it_is(self, deal: Deal, box: Mailbox) -> None:
        with pytest.raises(MailError, match="server"):
            MailServer(server="https://mail.example.org", sender="a@example.org")
        for url in ("smtp://u:p@mail.example.org", "smtp://", "smtp://mail.example.org:x", "smtps://h/path"):
            with pytest.raises(MailError):
                MailServer(server=url, sender="a@example.org")
        with pytest.raises(MailError, match="from"):
            MailServer(server=box.url, sender="a@example.org\nBcc: b@example.org")


class TestAddress:
    def test_the_code_is_needed_and_tried_a_few_times_only(
        self, deal: Deal, box: Mailbox, reminders: Reminders
    ) -> None:
        deal.desk.does(deal.anna, "POST", "/address", {"address": ANNA})
        code = re.search(r": ([a-z2-7]{12})\n", box.text())
        assert code is not None
        assert code[1].encode() not in (deal.served.root / "desk.db").read_bytes()
        deal.desk.fails(422, "refused", deal.brand, "POST", "/address/confirm", {"code": code[1]})
        for _ in range(TRIES):
            deal.desk.fails(422, "refused", deal.anna, "POST", "/address/confirm", {"code": "aaaaaaaaaaaa"})
        deal.desk.fails(422, "refused", deal.anna, "POST", "/address/confirm", {"code": code[1]})
        assert deal.desk.does(deal.anna, "GET", "/address")["confirmed"] is False

    def test_a_code_is_good_for_three_days_and_once(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        deal.desk.does(deal.anna, "POST", "/address", {"address": ANNA})
        code = re.search(r": ([a-z2-7]{12})\n", box.text())
        assert code is not None
        deal.served.world.advance(3 * DAY)
        deal.desk.fails(422, "refused", deal.anna, "POST", "/address/confirm", {"code": code[1]})

    def test_nobody_is_flooded_with_codes(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        for _ in range(CODES):
            deal.desk.does(deal.anna, "POST", "/address", {"address": ANNA})
        for who in (deal.anna, deal.brand):
            deal.desk.fails(422, "refused", who, "POST", "/address", {"address": ANNA.upper()})
        assert len(box.mails) == CODES
        deal.served.world.advance(DAY)
        deal.desk.does(deal.brand, "POST", "/address", {"address": ANNA})

    def test_it_is_erased(self, deal: Deal, box: Mailbox, reminders: Reminders) -> None:
        confirmed(deal, box, deal.anna)
        assert deal.desk.does(deal.anna, "GET", "/address")["address"] == ANNA
        assert "address" not in deal.desk.does(deal.brand, "GET", "/address")
        deal.desk.does(deal.anna, "DELETE", "/address")
        deal.desk.fails(404, "not_found", deal.anna, "DELETE", "/address")
        deal.served.world.advance(DAY + 1)
        deal.desk.does(deal.brand, "POST", "/address", {"address": "brand@example.org"})
        assert ANNA.encode() not in (deal.served.root / "desk.db").read_bytes()

    @pytest.mark.parametrize(
        "text",
        ["", "anna", "anna@", "@mail.example", "a@b", "a b@mail.example", "a@mail.example\n", "a@mail.example,b@c.com",
         "a@mail..example", "a@-mail.example", "å@mail.example", "a" * 65 + "@mail.example", "<a@mail.example>"],
    )  # fmt: skip
    def test_what_is_no_address(self, deal: Deal, box: Mailbox, reminders: Reminders, text: str) -> None:
        assert not is_address(text)
        deal.desk.fails(400, "bad_request", deal.anna, "POST", "/address", {"address": text})
        assert box.mails == []

    def test_without_a_server_there_are_no_mails(self, deal: Deal) -> None:
        said = deal.desk.fails(422, "refused", deal.anna, "POST", "/address", {"address": ANNA})
        assert "sends no mails" in said["detail"]
        deal.reminders.remind()

    def test_a_server_that_is_gone(self, deal: Deal, box: Mailbox) -> None:
        write_mail(deal.served.root, MailServer(server="smtp://127.0.0.1:1", sender="registry@example.org"))
        said = deal.desk.fails(503, "unavailable", deal.anna, "POST", "/address", {"address": ANNA})
        assert ANNA not in said["detail"]

    def test_settings_that_cannot_be_read(self, deal: Deal) -> None:
        (deal.served.root / "mail.json").write_text("{}")
        with pytest.raises(MailError, match="set it anew"):
            read_mail(deal.served.root)
        deal.reminders.remind()
        deal.desk.fails(422, "refused", deal.anna, "POST", "/address", {"address": ANNA})
