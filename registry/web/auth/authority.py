"""Who is asking: a request's signature, the key behind it, and the party for which the log has that key live."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import IO

from registry.problems import Problem
from registry.readers.holders import Holder
from registry.readers.reader import Reader
from registry.web.auth.nonces import Nonces, OwnNonces
from registry.web.auth.signatures import BadPath, BadSignature, HttpRequest, SignedBy, check_digest, judge


class Authority:
    """For any number of threads.

    ``holder`` says whose key one is (:meth:`registry.readers.holders.Holders.of`), ``urls`` what requests may be signed
    for now. ``nonces`` are those that were used: left out, this process remembers them, from the second ``began`` on,
    or else from the next.
    """

    def __init__(
        self,
        holder: Callable[[str], Holder],
        urls: Callable[[], Sequence[str]],
        *,
        clock: Callable[[], float] = time.time,
        began: int | None = None,
        nonces: Nonces | None = None,
    ) -> None:
        self.holder = holder
        self._urls = urls
        self._clock = clock
        self._nonces = nonces or OwnNonces()
        since = int(clock()) + 1 if self._nonces.began is None else self._nonces.began
        self._began = since if began is None else began

    @property
    def urls(self) -> tuple[str, ...]:
        """What requests may be signed for now."""
        return tuple(self._urls())

    def now(self) -> int:
        """The time by which signatures and sessions are judged, in POSIX seconds."""
        return int(self._clock())

    def signed(self, request: HttpRequest, body: IO[bytes]) -> tuple[SignedBy, Reader] | Problem | None:
        """The signature of a request and its reader, or why it is not taken; None where nobody signed.

        ``body`` is read to its end where one was signed, before anything else is made of it.
        """
        try:
            signed = judge(request, self.urls, self.now(), self._began)
            if signed is None:
                return None
            holder = self.holder(signed.key)
            if holder.refusal:
                raise BadSignature(holder.refusal)
            if signed.digest is not None:
                check_digest(body, signed.digest)
        except BadPath as error:
            return Problem(code="bad_request", detail=error.message, where=error.where)
        except BadSignature as error:
            return Problem(code="not_authenticated", detail=error.message)
        is_first = self._nonces.use(signed.key, signed.nonce)
        if is_first is None:
            return Problem(code="busy", detail="more signed requests came in a minute than are taken")
        if not is_first:
            return Problem(code="not_authenticated", detail="this signature was used already: each is good for once")
        return signed, Reader(party=holder.party, key=signed.key, is_registrar=holder.is_registrar)
