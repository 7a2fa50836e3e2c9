"""The one HTTP client: everything that asks somebody else's server asks through this file.

A request has a total deadline: name, connection, handshake, question and whole answer. A socket's own timeout begins
anew with every byte, so it stops only a server that falls silent, and not one that sends a byte at a time. Bytes are
bounded before and after they are unpacked. No redirect is followed: whoever is asked is whom the caller named. The
environment's proxies are not used.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from verifier.base.errors import Malformed
from verifier.base.printable import printable
from verifier.programs.request_signing import RequestSigner

if TYPE_CHECKING:
    from email.message import Message

SILENCE = 30.0
"""Seconds without a byte after which an attempt is given up."""

LONGEST_PAUSE = 60
"""Seconds that a server may ask for with Retry-After."""

IDLE = 3.0
"""Seconds after which a connection is not used again: a server may close it while a request is on its way."""

_BYTES_PER_SECOND = 128 * 1024
_BLOCK = 64 * 1024
_SHOWN = 200
_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)


class BadUrl(Malformed):
    """Not an address that can be asked."""


class HttpError(Exception):
    """There is no answer that can be used; the message says why, and not whom was asked.

    ``may_pass``: asking again may help.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class TimedOut(HttpError):
    """The deadline has passed, however many bytes have come."""

    def __init__(self, message: str) -> None:
        super().__init__(message, may_pass=True)


def deadline_for(size: int) -> float:
    """Seconds that a file of at most ``size`` bytes may take in whole: 30, and one for each 128 KiB."""
    return SILENCE + size / _BYTES_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``prefix`` has no solidus at its end, and may be empty; ``query`` has no question mark."""

    is_secure: bool
    host: str
    port: int | None
    prefix: str
    query: str

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port (RFC 9421, section 2.2.3)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (None, 443 if self.is_secure else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority, as a browser writes them (RFC 6454)."""
        return f"{'https' if self.is_secure else 'http'}://{self.authority}"

    @property
    def url(self) -> str:
        """The same with the prefix."""
        return f"{self.origin}{self.prefix}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself: what goes there passes no network."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def parse_url(text: str, *, with_query: bool = False) -> Address:
    """An http or https URL in ASCII, without user name, password or fragment. Raises :class:`BadUrl`."""
    fault = BadUrl(f"{printable(text[:_SHOWN])!r} is not an address like https://HOST/PATH")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise fault
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # brackets that do not close, ports that are none, names that no resolver takes
        raise fault from None
    if parts.scheme not in ("http", "https") or not host or "#" in text or ("?" in text and not with_query):
        raise fault
    if parts.username is not None or parts.password is not None:
        raise BadUrl("an address with a user name or password in it is not used here")
    return Address(
        is_secure=parts.scheme == "https", host=host, port=port, prefix=parts.path.rstrip("/"), query=parts.query
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole answer. ``media_type`` is in lower case and without its parameters; ``body`` is unpacked; ``date`` is
    when the server says that it is."""

    status: int
    reason: str = ""
    media_type: str = ""
    retry_after: int = 0
    date: str = ""
    body: bytes = field(repr=False)

    @property
    def may_pass(self) -> bool:
        """Whether the server may answer otherwise when it is asked again."""
        return self.status in _TRY_AGAIN


class HttpClient:
    """Asks one server and keeps the connection. For one thread at a time.

    Every request is signed by ``signer``, where there is one. Then the address must be https, or of this machine:
    raises :class:`BadUrl`.
    """

    def __init__(self, address: Address, agent: str, signer: RequestSigner | None = None) -> None:
        if signer is not None and not (address.is_secure or is_loopback(address.host)):
            raise BadUrl(f"requests to {printable(address.host)} are not signed over http://: use https://")
        self._address = address
        self._agent = agent
        self._signer = signer
        self._connection: _Connection | None = None
        self._used = 0.0  # when the connection was last

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        limit: int,
        timeout: float,
        silence: float = SILENCE,
        body: bytes | None = None,
        media_type: str = "",
        is_cut: bool = False,
    ) -> HttpAnswer:
        """One attempt at ``path``, which is put behind the address's prefix; ``media_type`` is the body's.

        The answer has at most ``limit`` bytes (a longer one is an error, or cut where ``is_cut``) and is there in whole
        after ``timeout`` seconds; it never pauses for more than ``silence`` seconds. Raises :class:`HttpError`, for a
        redirect too; any other status is the caller's to judge.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": self._agent}
        if media_type:
            headers["Content-Type"] = media_type
        target = self._address.prefix + path or "/"
        if self._signer is not None:
            plain, _, query = target.partition("?")
            headers |= self._signer.headers(method, self._address.authority, plain, query, body)
        if time.monotonic() - self._used > IDLE:
            self.close()
        if self._connection is None:
            self._connection = _Connection(self._address)
        connection = self._connection
        connection.limit_time(timeout, silence)
        is_done = False
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has read enough, and its answer may be there
                connection.request(method, target, body=body, headers=headers)
            with connection.getresponse() as response:
                answer = _read(response, limit, is_cut)
                is_done = response.isclosed() and not response.will_close
                self._used = time.monotonic()
            return answer
        except TimeoutError:
            if connection.left() > 0:
                raise HttpError(f"no answer for {silence:g} seconds", may_pass=True) from None
            raise TimedOut(f"the answer was not there in whole within {timeout:g} seconds") from None
        except ssl.SSLCertVerificationError as error:
            raise HttpError(f"its certificate is not trusted: {error.verify_message}") from None
        except (OSError, http.client.HTTPException) as error:
            raise HttpError(_reason(error), may_pass=True) from None
        finally:
            if not is_done:
                self.close()


def ask_once(
    method: str,
    url: str,
    agent: str,
    *,
    limit: int,
    timeout: float,
    body: bytes | None = None,
    media_type: str = "",
    is_cut: bool = False,
) -> HttpAnswer:
    """One attempt over a connection of its own; see :meth:`HttpClient.ask`. Raises :class:`BadUrl` too."""
    address = parse_url(url, with_query=True)
    client = HttpClient(address, agent)
    target = f"?{address.query}" if address.query else ""
    try:
        return client.ask(method, target, limit=limit, timeout=timeout, body=body, media_type=media_type, is_cut=is_cut)
    finally:
        client.close()


def persist(
    attempt: Callable[[float], HttpAnswer],
    *,
    timeout: float,
    pauses: Sequence[float],
    pause: Callable[[float], None] = time.sleep,
) -> HttpAnswer:
    """Ask again, after each of ``pauses``, for as long as it may help.

    All attempts together last ``timeout`` seconds, the pauses between them not counted: ``attempt`` is given what is
    left. An answer that stays "try again later" is given as it is. Raises :class:`HttpError`.
    """
    left = timeout
    for at in range(len(pauses) + 1):
        asked_for = 0
        began = time.monotonic()
        try:
            answer = attempt(left)
            if not answer.may_pass or at == len(pauses):
                return answer
            asked_for = answer.retry_after
        except HttpError as error:
            if not error.may_pass or isinstance(error, TimedOut):
                raise
            if at == len(pauses):
                raise HttpError(f"{error}; given up after {at + 1} attempts") from None
        left = max(left - (time.monotonic() - began), 0.001)
        pause(max(pauses[at], min(asked_for, LONGEST_PAUSE)))
    raise AssertionError("the last attempt returns or raises")


# ---- the connection


class _Connection(http.client.HTTPConnection):
    """A connection every step of which ends at the deadline of the request it is for."""

    def __init__(self, address: Address) -> None:
        if address.is_secure:
            self.default_port = http.client.HTTPS_PORT
        super().__init__(address.host, address.port)
        self._is_secure = address.is_secure
        self._until, self._silence = 0.0, 0.0

    def limit_time(self, timeout: float, silence: float) -> None:
        """From now on, for one request."""
        self._until, self._silence = time.monotonic() + timeout, silence

    def left(self) -> float:
        """Seconds to the deadline."""
        return self._until - time.monotonic()

    def next_wait(self) -> float:
        """Seconds that the next step may wait."""
        left = self.left()
        if left <= 0:
            raise TimeoutError
        return min(left, self._silence)

    def connect(self) -> None:
        fault: OSError = OSError("the name has no address")
        for family, kind, protocol, _, place in _resolve(self.host, self.port, self.next_wait):
            opened = socket.socket(family, kind, protocol)
            try:
                opened.settimeout(self.next_wait())
                opened.connect(place)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._is_secure:
                    opened.settimeout(self.next_wait())
                    opened = ssl.create_default_context().wrap_socket(opened, server_hostname=self.host)
            except OSError as error:
                opened.close()
                fault = error
                continue
            self.sock = cast("socket.socket", _TimedSocket(opened, self.next_wait))
            return
        raise fault


class _TimedSocket:
    """What http.client asks of a socket; each step waits no longer than ``wait`` says at that moment."""

    def __init__(self, opened: socket.socket, wait: Callable[[], float]) -> None:
        self._socket = opened
        self._wait = wait

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._wait())
            view = view[self._socket.send(view[:_BLOCK]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket, self._wait), _BLOCK)

    def close(self) -> None:
        self._socket.close()


class _TimedReader(io.RawIOBase):
    """The reading end; it keeps the socket open until it is closed itself."""

    def __init__(self, opened: socket.socket, wait: Callable[[], float]) -> None:
        self._socket, self._wait = opened, wait
        self._file = opened.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._wait())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


_Place = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]


def _resolve(host: str, port: int, wait: Callable[[], float]) -> Sequence[_Place]:
    """The places of a name. The system's resolver knows no deadline: it is left behind where it takes too long."""
    found: list[Sequence[_Place] | OSError] = []

    def look(flags: int) -> None:
        try:
            found.append(cast("Sequence[_Place]", socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags)))
        except OSError as error:
            found.append(error)

    look(socket.AI_NUMERICHOST)
    if isinstance(found[0], OSError):
        found.clear()
        thread = threading.Thread(target=look, args=(0,), daemon=True)
        thread.start()
        thread.join(wait())
        if not found:
            raise TimeoutError
    result = found[0]
    if isinstance(result, OSError):
        raise result
    return result


# ---- the answer


def _read(response: http.client.HTTPResponse, limit: int, is_cut: bool) -> HttpAnswer:
    headers = response.headers
    if response.status in _REDIRECTS:
        target = printable(headers.get("Location", "")[:_SHOWN])
        elsewhere = f" to {target}" if target else ""
        raise HttpError(f"it redirects{elsewhere} ({response.status}), which is not followed: give the final address")
    length = response.length
    too_large = HttpError(f"more than {limit} bytes")
    if length is not None and length > limit and not is_cut:
        raise too_large
    body = response.read(limit + 1)
    if length is not None and len(body) < min(length, limit + 1):
        raise http.client.IncompleteRead(body, length - len(body))
    is_part = len(body) > limit
    if is_part and not is_cut:
        raise too_large
    data = _unpack(body, headers, limit, is_part)
    if len(data) > limit and not is_cut:
        raise too_large
    return HttpAnswer(
        status=response.status,
        reason=printable(response.reason),
        media_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        retry_after=_number(headers.get("Retry-After", "")) or 0,
        date=headers.get("Date", ""),
        body=data[:limit],
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _unpack(body: bytes, headers: Message, limit: int, is_part: bool) -> bytes:
    """What an answer, or its first part, holds, whose packing it names: up to ``limit`` + 1 bytes."""
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise HttpError(f"the answer is packed with {printable(encoding[:_SHOWN])}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise HttpError(f"the answer cannot be unpacked: {error}", may_pass=True) from None
    if len(data) <= limit and not unpacker.eof and not is_part:
        raise HttpError("the packed answer ends early", may_pass=True)
    return data


def _reason(error: Exception) -> str:
    """What went wrong on the way, in a few words."""
    if isinstance(error, http.client.IncompleteRead):
        return "the answer ends early"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it hangs up without an answer"
    if isinstance(error, http.client.HTTPException):
        return f"what comes back is no HTTP ({type(error).__name__})"
    return printable((getattr(error, "strerror", None) or str(error) or type(error).__name__)[:_SHOWN])
