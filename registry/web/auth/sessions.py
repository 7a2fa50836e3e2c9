"""Browsers' sessions (protocol, section 8.1): a party's key signs in once, and the browser reads. Keys act.

A session is 256 random bits in a cookie, of which the registry keeps the hash (:mod:`registry.readers.reader_store`).
To begin one, a key signs a nonce that this registry gave to this very browser: nobody signs somebody else's browser in,
and a signature that was seen elsewhere signs in nobody.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from registry.readers.reader import Reader
from registry.readers.reader_store import ReaderStore
from registry.web.auth.authority import Authority
from registry.web.auth.signatures import SignedBy
from verifier.base import private_keys
from verifier.base.strict import is_hex64
from verifier.programs.http import is_loopback, parse_url

OFFER = 300
"""Seconds after which a browser is given another nonce. One is good for as long again."""
DRAWN = 4
"""Bytes of a nonce that are drawn; by the others the registry knows it as its own."""
SITE, ORIGIN = "sec-fetch-site", "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where sessions are: the ``origins`` of the registry's pages, as browsers write them.

    ``is_trial``: on this machine only, without TLS, so that its cookies cannot have the prefix that browsers protect.
    """

    origins: tuple[str, ...]
    is_trial: bool

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return "kembar-trial-session" if self.is_trial else "__Host-kembar-session"

    @property
    def offered(self) -> str:
        """The name of the cookie that a browser has before its session, which its nonce is made of."""
        return "kembar-trial-sign-in" if self.is_trial else "__Host-kembar-sign-in"


def place_of(urls: tuple[str, ...]) -> Place | None:
    """Where a registry with these public URLs has sessions. None where it has none: each of its URLs has a path.

    A web origin is one registry's alone, for browsers keep cookies by origin. The machine's own addresses count only
    where there are no others.
    """
    found = [parse_url(url) for url in urls]
    is_trial = all(not one.is_secure and is_loopback(one.host) for one in found)
    origins = tuple(one.url for one in found if not one.prefix and (one.is_secure or is_trial))
    return Place(origins=origins, is_trial=is_trial) if origins else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSession:
    """A session as its owner is shown it: ``id`` names it and opens nothing, times are POSIX seconds."""

    id: str
    began: int
    seen: int
    is_own: bool


class Sessions:
    """For any number of threads. Nothing of a session but its hash outlives a request.

    ``secret`` (32 bytes) makes the nonces: whoever has the same takes them.
    """

    def __init__(self, store: ReaderStore, authority: Authority, secret: bytes) -> None:
        self._store = store
        self._authority = authority
        self._secret = secret

    @property
    def place(self) -> Place | None:
        """Where sessions are now."""
        return place_of(self._authority.urls)

    # ---- before a session

    def offer(self, cookie: str | None) -> tuple[str, str]:
        """The cookie that a browser is to have before its session, and a nonce that a key signs for it: another one
        each time, for a nonce counts once, and what was answered to it may be lost.

        ``cookie`` is the one that it has, which stays: another of its windows may be about to sign in.
        """
        given = cookie if cookie is not None and is_hex64(cookie) else private_keys.random_bytes(32).hex()
        return given, self._nonce(given, private_keys.random_bytes(DRAWN).hex(), self._authority.now() // OFFER)

    def is_offered(self, cookie: str | None, nonce: str) -> bool:
        """Whether a nonce was given to the browser with this cookie, lately and with this secret."""
        if cookie is None or not is_hex64(cookie):
            return False
        period, drawn = self._authority.now() // OFFER, nonce[: 2 * DRAWN]
        good = [hmac.compare_digest(nonce, self._nonce(cookie, drawn, one)) for one in (period, period - 1)]
        return any(good)

    def _nonce(self, cookie: str, drawn: str, period: int) -> str:
        """128 bits: what was drawn, and by what this registry knows it again."""
        said = hmac.digest(self._secret, f"{cookie} {drawn} {period}".encode(), "sha256")
        return drawn + said[: 16 - DRAWN].hex()

    # ---- a session

    def begin(self, signed: SignedBy) -> str:
        """What the cookie of a new session holds. It is never one that a browser came with."""
        token = private_keys.random_bytes(32).hex()
        self._store.begin_session(_hash(token), signed.key, self._authority.now())
        return token

    def reader(self, token: str) -> Reader | None:
        """Whose session it is, which goes on from now; None where there is none, or its key is not live any more."""
        if not is_hex64(token):
            return None
        key = self._store.session_key(_hash(token), self._authority.now())
        if key is None:
            return None
        holder = self._authority.holder(key)
        if holder.refusal:
            self.end(token)
            return None
        return Reader(party=holder.party, key=key, is_registrar=holder.is_registrar)

    def end(self, token: str) -> None:
        """End a session. Again does nothing."""
        self._store.end_session(_hash(token))

    def of(self, keys: Iterable[str], token: str | None) -> list[SeenSession]:
        """Those of some keys, the one that was used last first; ``token`` is the cookie of the browser that asks."""
        own = None if token is None else _hash(token)
        found = self._store.sessions(keys, self._authority.now())
        return [
            SeenSession(id=_name(one.hash), began=one.began, seen=one.seen, is_own=one.hash == own) for one in found
        ]

    def end_one(self, keys: Iterable[str], id: str) -> bool:
        """End the session of some keys that is named so; False where there is none."""
        found = [one for one in self._store.sessions(keys, self._authority.now()) if _name(one.hash) == id]
        for one in found:
            self._store.end_session(one.hash)
        return bool(found)

    def end_others(self, keys: Iterable[str], token: str) -> None:
        """End all of some keys but the one with this cookie."""
        for one in self._store.sessions(keys, self._authority.now()):
            if one.hash != _hash(token):
                self._store.end_session(one.hash)


def may_read(headers: Mapping[str, str]) -> bool:
    """Whether a session's cookie counts in a request that reads: it came from a page of the same origin, or from
    nowhere (an address that a person typed). No other site, a sibling neither, reads with it."""
    return headers.get(SITE, "none") in ("same-origin", "none")


def is_own_page(headers: Mapping[str, str], place: Place) -> bool:
    """Whether a page of the registry's own sent a request: by what the browser says of it, one thing at least."""
    site, origin = headers.get(SITE), headers.get(ORIGIN)
    said = [site == "same-origin"] if site is not None else []
    said += [origin in place.origins] if origin is not None else []
    return bool(said) and all(said)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _name(hash: bytes) -> str:
    return sha256(b"kembar/session\n" + hash).hexdigest()[:32]
