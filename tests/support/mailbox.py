"""A real mail server on this machine, and what came to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.running import free_port


class Mailbox:
    """Takes every mail, unless it is told not to. ``url`` is as the registry names it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False
        self.url = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Called by the server for each."""
        if self.refuses:
            return "451 4.3.0 not now"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def text(self) -> str:
        """What the last mail says."""
        return str(self.mails[-1].get_content()).replace("\r\n", "\n")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        box.url = f"smtp://127.0.0.1:{port}"
        yield box
    finally:
        controller.stop()
