"""An RSGI application over a WSGI one: the event loop reads bodies, and only a whole request takes a thread.

So a client that sends slowly holds up nobody: it has no thread, and its time, its bytes and its like are bounded here
(:class:`Limits`), because granian bounds heads alone. A body that is refused is still read on for a little, so that
whoever sends all before it reads gets its answer and not a broken pipe (RFC 9112, 9.6).

RSGI is granian's interface: ``scope`` is the request, ``protocol`` reads its body and sends the answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Protocol

from verifier.programs.answer_file import AnswerFile

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

HAS_LEFT = "kembar.has_left"
"""In the WSGI environment: a function without arguments that says whether the client has hung up."""

PROBLEMS = {
    # code: (status, title)
    "bad_request": (400, "The request cannot be read."),
    "busy": (503, "There is too much to do."),
    "internal": (500, "The server made a mistake."),
    "too_slow": (408, "The body came too slowly."),
}
"""What is said of requests that no application can tell of, for it never saw them (RFC 9457)."""

Headers = list[tuple[str, str]]

_LOOK = 0.5
"""Seconds between two looks whether a long answer has been read."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bodies may take; beyond ``bodies``, ``held`` and ``per_address`` requests get 503 and may come again."""

    body: int
    """Bytes of one body. A longer one is not handed on; the application sees its length, and refuses it."""
    grace: float = 5.0
    """Seconds that a body may take, and one more for each ``rate`` bytes that have come."""
    rate: int = 64 * 1024
    bodies: int = 512
    """Bodies at a time, from the first byte until they are answered."""
    held: int = 256 * 1024 * 1024
    """Bytes of all bodies at a time."""
    in_memory: int = 1024 * 1024
    """Bytes of one body, or of one answer, that are kept in memory; a longer one goes to a temporary file."""
    per_address: int = 0
    """Requests of one address at a time; 0 is no limit."""
    answered: int = 1024 * 1024 * 1024
    """Bytes of long answers that are being read; beyond them there is 503."""
    opening: float = 5.0
    """Seconds within which granian opens a file that it is told to send."""
    reading: float = 30.0
    """Seconds that a long answer may be read for, and one more for each ``rate`` bytes of it; then it is cut off."""
    linger: float = 10.0
    """Seconds for which the rest of a refused body is read, and thrown away."""


class RequestScope(Protocol):
    """What is read of granian's scope."""

    method: str
    path: str
    query_string: str
    client: str
    server: str
    http_version: str
    headers: Any


class Exchange(Protocol):
    """What is used of granian's protocol object."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def client_disconnect(self) -> None: ...
    def response_empty(self, status: int, headers: Headers) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_file(self, status: int, headers: Headers, file: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response; ``body`` is a file of ``size`` bytes where it is long, which whoever sends it closes."""

    status: int
    headers: Headers
    body: bytes | AnswerFile
    size: int = 0


class _Refused(Exception):
    """A body that is not taken, with what is said about it."""

    def __init__(self, answer: Answer, *, linger: bool = True) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.linger = linger


Watch = Callable[[RequestScope, int, float], None]
"""Is told of every request: its scope, the status of its answer (0: it had none) and the seconds that it took."""


class Gate:
    """The RSGI application. One event loop calls it; ``app`` runs in ``threads`` threads."""

    def __init__(self, app: WSGIApplication, threads: int, limits: Limits, watch: Watch | None = None) -> None:
        self._watch = watch
        self._app = app
        self._limits = limits
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._bodies = 0
        self._held = 0
        self._answered = 0
        self._addresses: Counter[str] = Counter()

    def close(self) -> None:
        """Wait for the requests that are being answered."""
        self._pool.shutdown()

    async def __call__(self, scope: RequestScope, exchange: Exchange) -> None:
        if self._watch is None:
            await self._let_in(scope, exchange)
            return
        watched, began = _Watched(exchange), time.monotonic()
        try:
            await self._let_in(scope, watched)
        finally:
            self._watch(scope, watched.status, (watched.at or time.monotonic()) - began)

    async def _let_in(self, scope: RequestScope, exchange: Exchange) -> None:
        address = scope.client.rpartition(":")[0]
        most = self._limits.per_address
        if most and self._addresses[address] >= most:
            _send(exchange, scope, _busy(f"{most} requests of this address are being answered"), close=True)
            return
        self._addresses[address] += 1
        try:
            await self._exchange(scope, exchange)
        finally:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    async def _exchange(self, scope: RequestScope, exchange: Exchange) -> None:
        length = _length(scope)
        if length == 0:
            await self._send(exchange, scope, await self._answer(scope, exchange, None, 0))
            return
        if length is not None and length > self._limits.body:  # not read: the application refuses it by its length
            await self._send(exchange, scope, await self._answer(scope, exchange, None, length), close=True)
            await self._read_on(scope, _blocks(exchange))
            return
        blocks = _blocks(exchange)
        if self._bodies >= self._limits.bodies:
            _send(exchange, scope, _busy(f"{self._limits.bodies} bodies are being read"), close=True)
            await self._read_on(scope, blocks)
            return
        self._bodies += 1
        body = _Body(self._limits.in_memory)
        try:
            try:
                await self._read(blocks, body, length)
            except _Refused as refused:
                _send(exchange, scope, refused.answer, close=True)
                self._let_go(body)
                if refused.linger:
                    await self._read_on(scope, blocks)
                return
            too_long = body.size > self._limits.body  # in chunks: its length was not known before
            given = None if too_long else body.rewound()
            answer = await self._answer(scope, exchange, given, body.size)
            if not too_long:
                self._let_go(body)
            await self._send(exchange, scope, answer, close=too_long)
            self._let_go(body)
            if too_long:
                await self._read_on(scope, blocks)
        finally:
            self._let_go(body)
            self._bodies -= 1

    async def _read(self, blocks: AsyncIterator[bytes], body: _Body, length: int | None) -> None:
        """The whole body, or one byte more than may be; raises :class:`_Refused`."""
        loop = asyncio.get_running_loop()
        began, limits, ends = loop.time(), self._limits, 0
        try:
            async with asyncio.timeout_at(began + limits.grace) as deadline:
                async for block in blocks:
                    if not block:  # the end; after an error one more follows
                        ends += 1
                        continue
                    if self._held + len(block) > limits.held:
                        raise _Refused(_busy(f"{self._held} bytes of bodies are being read"))
                    body.write(block)
                    self._held += len(block)
                    if body.size > limits.body:
                        return
                    deadline.reschedule(began + limits.grace + body.size / limits.rate)
        except TimeoutError:
            detail = f"{body.size} bytes came in {loop.time() - began:.0f} s; at least {limits.rate} a second must"
            raise _Refused(_problem("too_slow", detail), linger=False) from None
        except OSError:
            _log.exception("a body could not be kept")
            raise _Refused(_busy("there is no room for the body", after=60)) from None
        if ends > 1 or (length is not None and body.size != length):
            detail = "the body ended early, and nothing was done with it"
            raise _Refused(_problem("bad_request", detail), linger=False)

    async def _read_on(self, scope: RequestScope, blocks: AsyncIterator[bytes]) -> None:
        """Throw the rest away, for a while: a connection closed with something unread may cost it its answer."""
        if scope.headers.get("expect") is not None:
            return  # it waits for leave to send, and has its answer instead
        try:
            async with asyncio.timeout(self._limits.linger):
                async for _ in blocks:
                    pass
        except TimeoutError:
            pass

    def _let_go(self, body: _Body) -> None:
        self._held -= body.size
        body.close()

    async def _answer(self, scope: RequestScope, exchange: Exchange, body: IO[bytes] | None, length: int) -> Answer:
        loop = asyncio.get_running_loop()
        leaving = _Leaving(loop, exchange)
        try:
            environ = _environ(scope, body or _Nothing(), length)
            environ[HAS_LEFT] = leaving.has_left
            return await loop.run_in_executor(self._pool, _call, self._app, environ, self._limits.in_memory)
        finally:
            leaving.stop()

    async def _send(self, exchange: Exchange, scope: RequestScope, answer: Answer, *, close: bool = False) -> None:
        """A long answer is a file, which granian reads as fast as the client does: it is in no memory meanwhile."""
        if isinstance(answer.body, bytes):
            _send(exchange, scope, answer, close=close)
            return
        if scope.method == "HEAD" or self._answered + answer.size > self._limits.answered:
            answer.body.close()
            if scope.method == "HEAD":
                exchange.response_empty(answer.status, answer.headers)
            else:
                _send(exchange, scope, _busy(f"{self._answered} bytes of answers are being read"), close=True)
            return
        headers = [*answer.headers, ("Connection", "close")] if close else answer.headers
        exchange.response_file(answer.status, headers, answer.body.name)
        self._answered += answer.size
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._limits.reading + answer.size / self._limits.rate
        loop.call_later(self._limits.opening, self._look_after, answer.body, answer.size, ends)

    def _look_after(self, file: AnswerFile, size: int, ends: float) -> None:
        """Of a file that granian has opened by now, and reads on without its name: until it was read, or too long."""
        loop = asyncio.get_running_loop()
        if loop.time() < ends and not file.is_read():
            file.unname()
            loop.call_later(_LOOK, self._look_after, file, size, ends)
            return
        file.cut_off()
        self._answered -= size


class _Watched:
    """An exchange that remembers the status of its answer, and when it was sent."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.status = 0
        self.at = 0.0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._exchange.__aiter__()

    async def client_disconnect(self) -> None:
        await self._exchange.client_disconnect()

    def response_empty(self, status: int, headers: Headers) -> None:
        self.status, self.at = status, time.monotonic()
        self._exchange.response_empty(status, headers)

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        self.status, self.at = status, time.monotonic()
        self._exchange.response_bytes(status, headers, body)

    def response_file(self, status: int, headers: Headers, file: str) -> None:
        self.status, self.at = status, time.monotonic()
        self._exchange.response_file(status, headers, file)


async def _blocks(exchange: Exchange) -> AsyncGenerator[bytes, None]:
    """The body as it comes, to be read on after a break; granian lets it be begun once."""
    async for block in exchange:
        yield block


class _Body:
    """What has come of a body: in memory, or in a temporary file where it is long."""

    def __init__(self, in_memory: int) -> None:
        self.size = 0
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115 -- closed by close()

    def write(self, block: bytes) -> None:
        self._file.write(block)
        self.size += len(block)

    def rewound(self) -> IO[bytes]:
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Forget it. Again does nothing."""
        self._file.close()
        self.size = 0


class _Nothing:
    """The body of a request that has none, or whose body is not taken."""

    def read(self, size: int = -1) -> bytes:
        return b""

    def readline(self, size: int = -1) -> bytes:
        return b""

    def __iter__(self) -> _Nothing:
        return self

    def __next__(self) -> bytes:
        raise StopIteration


class _Leaving:
    """Whether a client has hung up; looked at only once somebody asks, for most answers are quick."""

    def __init__(self, loop: asyncio.AbstractEventLoop, exchange: Exchange) -> None:
        self._loop = loop
        self._exchange = exchange
        self._left = threading.Event()
        self._watching = False
        self._task: asyncio.Task[None] | None = None

    def has_left(self) -> bool:
        """For the thread that answers."""
        if not self._watching:
            self._watching = True
            self._loop.call_soon_threadsafe(self._watch)
        return self._left.is_set()

    def _watch(self) -> None:
        self._task = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        await self._exchange.client_disconnect()
        self._left.set()

    def stop(self) -> None:
        """For the event loop, once there is an answer."""
        if self._task is not None:
            self._task.cancel()


def _length(scope: RequestScope) -> int | None:
    """The body's length in bytes; None if it comes in chunks."""
    text = scope.headers.get("content-length")
    if text is not None and text.isascii() and text.isdecimal():
        return int(text[:20])
    return None if scope.headers.get("transfer-encoding") is not None else 0


def _environ(scope: RequestScope, body: Any, length: int) -> WSGIEnvironment:
    """The request as PEP 3333 wants it; of a body that is not handed on, ``length`` alone."""
    name, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header, text in scope.headers.items():
        if header == "content-type":
            environ["CONTENT_TYPE"] = text
        elif header not in ("content-length", "transfer-encoding"):
            key = f"HTTP_{header.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    if length or scope.headers.get("content-length") is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _call(app: WSGIApplication, environ: WSGIEnvironment, in_memory: int) -> Answer:
    """In a thread: the whole response of a WSGI application, in a file where it has more than ``in_memory`` bytes."""
    said: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        said[:] = [(int(status[:3]), headers)]
        return _no_write

    try:
        blocks: Iterable[bytes] = app(environ, start_response)
        try:
            body = _gather(blocks, in_memory)
        finally:
            if (close := getattr(blocks, "close", None)) is not None:
                close()
    except _NoRoom:
        return _busy("there is no room for the answer", after=60)
    except Exception:
        _log.exception("a request failed")
        return _problem("internal", "the request was understood, and its answer failed")
    [(status, headers)] = said
    return Answer(status, headers, *body)


class _NoRoom(Exception):
    """An answer that could not be kept until it is read."""


def _gather(blocks: Iterable[bytes], in_memory: int) -> tuple[bytes | AnswerFile, int]:
    """All that an application answers, and its length; a file with a name where it is long."""
    parts: list[bytes] = []
    size = 0
    file: AnswerFile | None = None
    try:
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > in_memory:
                file = file or AnswerFile()
                file.write(parts)
                parts.clear()
        if file is None:
            return b"".join(parts), size
        file.flush()
    except BaseException as error:
        if file is not None:
            file.close()
        if isinstance(error, OSError):
            _log.exception("an answer could not be kept")
            raise _NoRoom from None
        raise
    return file, size


def _no_write(data: bytes) -> object:
    raise NotImplementedError("responses are what an application returns")


def _send(exchange: Exchange, scope: RequestScope, answer: Answer, *, close: bool = False) -> None:
    headers = [*answer.headers, ("Connection", "close")] if close else answer.headers
    if isinstance(answer.body, bytes) and answer.body and scope.method != "HEAD":
        exchange.response_bytes(answer.status, headers, answer.body)
    else:
        exchange.response_empty(answer.status, headers)


def _busy(detail: str, *, after: int = 5) -> Answer:
    answer = _problem("busy", f"{detail}; come again in {after} s")
    return Answer(answer.status, [*answer.headers, ("Retry-After", str(after))], answer.body)


def _problem(code: str, detail: str) -> Answer:
    status, title = PROBLEMS[code]
    value = {"detail": detail, "status": status, "title": title, "type": f"urn:kembar:problem:{code}"}
    body = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    return Answer(status, [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")], body)
