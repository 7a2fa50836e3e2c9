"""Who is asking: a request's signature, the key behind it, and the party for which the log has that key live."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import IO

from registry.problems import Problem
from registry.readers.holders import Holder
from registry.readers.reader import STRANGER, Reader
from registry.web.auth.nonces import Nonces
from registry.web.auth.signatures import BadPath, BadSignature, HttpRequest, SignedBy, check_digest, judge


class Authority:
    """For any number of threads.

    ``holder`` says whose key one is (:meth:`registry.readers.holders.Holders.of`), ``urls`` are what requests may be
    signed for. ``began`` is the second from which on this process remembers nonces: left out, the next one.
    """

    def __init__(
        self,
        holder: Callable[[str], Holder],
        urls: Sequence[str],
        *,
        clock: Callable[[], float] = time.time,
        began: int | None = None,
    ) -> None:
        self._holder = holder
        self._urls = tuple(url.rstrip("/") for url in urls)
        self._clock = clock
        self._began = int(clock()) + 1 if began is None else began
        self._nonces = Nonces()

    def reader(self, request: HttpRequest, body: IO[bytes]) -> Reader | Problem:
        """Who signed a request, :data:`STRANGER` where nobody did, or why the signature is not taken.

        ``body`` is read to its end where one was signed, before anything else is made of it.
        """
        found = self.signed(request, body)
        return found[1] if isinstance(found, tuple) else found or STRANGER

    def signed(self, request: HttpRequest, body: IO[bytes]) -> tuple[SignedBy, Reader] | Problem | None:
        """The signature and its reader; None where nobody signed."""
        try:
            signed = judge(request, self._urls, int(self._clock()), self._began)
            if signed is None:
                return None
            holder = self._holder(signed.key)
            if holder.refusal:
                raise BadSignature(holder.refusal)
            if signed.digest is not None:
                check_digest(body, signed.digest)
        except BadPath as error:
            return Problem(code="bad_request", detail=error.message, where=error.where)
        except BadSignature as error:
            return Problem(code="not_authenticated", detail=error.message)
        is_first = self._nonces.use(signed.key, signed.nonce, time.monotonic())
        if is_first is None:
            return Problem(code="busy", detail="more signed requests came in a minute than are taken")
        if not is_first:
            return Problem(code="not_authenticated", detail="this signature was used already: each is good for once")
        return signed, Reader(party=holder.party, key=signed.key, is_registrar=holder.is_registrar)
