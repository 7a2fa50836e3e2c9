"""Mails, by the SMTP server that the operator named in ``mail.json`` in the registry's folder, one line of JSON.

    from           whom the mails are from, such as registry@example.org
    password_file  the file that holds the password on its first line; "" without one
    server         smtps://HOST[:PORT], or smtp://HOST[:PORT], which has to offer STARTTLS unless it is on this machine
    user           whom to sign in as; "" without

No address, no text and no password is logged.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import urlsplit

from registry.log.durable import replace_file
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.programs.files import read_line
from verifier.programs.http import is_loopback

MAIL = "mail.json"
MAX_FILE = 65_536
TIMEOUT = 15.0
"""Seconds for each step of talking to the server."""
MAX_ADDRESS = 254
MAX_PASSWORD = 1_024
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9._%+\-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}\Z", re.ASCII)
_MEMBERS = {"from", "password_file", "server", "user"}


class MailError(KembarError):
    """What was configured cannot be read, or a mail cannot be sent. It says no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed in, and whom they are from."""

    server: str
    sender: str
    user: str = ""
    password_file: str = ""

    def __post_init__(self) -> None:
        url = urlsplit(self.server)
        try:
            good = url.scheme in ("smtp", "smtps") and bool(url.hostname) and (url.port is None or url.port > 0)
        except ValueError:
            good = False
        if not good or url.path.strip("/") or url.query or url.username is not None:
            raise MailError("is smtps://HOST[:PORT] or smtp://HOST[:PORT], and nothing else", "server")
        if not is_address(self.sender):
            raise MailError("is no mail address", "from")

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand one mail in. Raises :class:`MailError`."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        message.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(f"the mail server does not take it: {type(error).__name__}") from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        url, context = urlsplit(self.server), ssl.create_default_context()
        host = url.hostname or ""
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT)
        with server:
            if url.scheme == "smtp" and not is_loopback(host):
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self._password())
            yield server

    def _password(self) -> str:
        return read_line(self.password_file, MAX_PASSWORD).decode("utf-8") if self.password_file else ""


def is_address(text: str) -> bool:
    """Whether mails may be sent there: one plain address, in ASCII."""
    return len(text) <= MAX_ADDRESS and _ADDRESS.match(text) is not None


def read_mail(root: Path) -> MailServer | None:
    """The server for the registry in ``root``; None where there is none. Raises :class:`MailError`."""
    path = root / MAIL
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return None
    try:
        value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_FILE)
    except KembarError as error:
        raise MailError(f"cannot be read: {error}. Set it anew with `registry mail`.", str(path)) from None
    if not isinstance(value, dict) or set(value) != _MEMBERS or not all(isinstance(one, str) for one in value.values()):
        raise MailError("is not what `registry mail` writes: set it anew.", str(path))
    return MailServer(
        server=value["server"], sender=value["from"], user=value["user"], password_file=value["password_file"]
    )


def write_mail(root: Path, server: MailServer | None) -> None:
    """Put it in the place of the one that is there; None: no mails are sent. A registry that runs takes it up."""
    if server is None:
        (root / MAIL).unlink(missing_ok=True)
        return
    value = {
        "from": server.sender, "password_file": server.password_file, "server": server.server, "user": server.user,
    }  # fmt: skip
    replace_file(root / MAIL, canonical.encode(value) + b"\n", durable=True)
