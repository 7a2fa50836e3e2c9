"""Mails over TLS: to a server whose certificate somebody vouches for, and to no other."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from registry.desk import mail
from registry.desk.mail import MailError, MailServer
from tests.support.mailbox import Mailbox
from tests.support.running import free_port

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl, which makes the certificates")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate authority of our own, which this process does not trust yet; the server's certificate is by it."""

    def openssl(*words: str | Path) -> None:
        subprocess.run(["openssl", *map(str, words)], cwd=tmp_path, check=True, capture_output=True)

    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=An authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(*new, "-subj", "/CN=mail", "-keyout", "server.key", "-out", "server.csr")
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
            "-extfile", "names", "-out", "server.pem")  # fmt: skip
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(mail, "is_loopback", lambda host: False)  # as any other machine's
    return tmp_path


@contextmanager
def served(folder: Path, scheme: str, *, tls: bool = True) -> Iterator[Mailbox]:
    """A mail server with that certificate: from the first byte (smtps), or once it was asked for (smtp)."""
    box, port = Mailbox(), free_port()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    more: dict[str, Any] = {"ssl_context": context} if scheme == "smtps" else {}
    if scheme == "smtp" and tls:
        more = {"tls_context": context, "require_starttls": True}
    controller = _Quiet(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        box.url = f"{scheme}://127.0.0.1:{port}"
        yield box
    finally:
        controller.stop()


class _Quiet(Controller):
    """When it starts it tries a connection of its own, which needs no certificate."""

    def _trigger_server(self) -> None:
        socket.create_connection((self.hostname, self.port), timeout=5).close()


def send(box: Mailbox) -> None:
    MailServer(server=box.url, sender="registry@example.org").send("anna@example.org", "Something waits", "Look.")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_is_vouched_for_is_taken_and_no_other(
    authority: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with served(authority, scheme) as box:
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            send(box)
        assert not box.mails
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
        send(box)
        assert box.text() == "Look.\n" and box.mails[0]["To"] == "anna@example.org"


def test_a_server_without_starttls_gets_nothing(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    with served(authority, "smtp", tls=False) as box:
        with pytest.raises(MailError, match="SMTPNotSupportedError"):
            send(box)
        assert not box.mails


def test_a_certificate_for_another_name_is_not_taken(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    with served(authority, "smtp") as box:
        box.url = box.url.replace("127.0.0.1", "localhost")
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            send(box)
        assert not box.mails
