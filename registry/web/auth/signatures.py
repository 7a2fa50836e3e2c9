"""A signed request (RFC 9421), as this registry takes it (protocol, section 8.1): one shape, and no other.

``http-message-signatures`` makes the signature base (:mod:`registry.web.auth.signature_base`), and libsodium judges the
signature. All that the library would let pass besides (no expiry, no nonce, other components, old signatures) is
refused before it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from verifier.base.errors import KembarError
from verifier.base.strict import format_b64, is_hex64

TAG = "kembar"
LONGEST = 60
"""Seconds from ``created`` to ``expires``."""
AHEAD = 5
"""Seconds that ``created`` may be ahead of this machine's clock."""

COMPONENTS = ("@method", "@authority", "@path", "@query")
DIGEST = "content-digest"
_PARAMETERS = {"created", "expires", "keyid", "nonce", "tag"}
_NONCE = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9\-._~:/]*\Z", re.ASCII)
MAX_FIELD = 4096
"""Characters of ``Signature``, ``Signature-Input`` and ``Content-Digest``."""


class BadSignature(KembarError):
    """A signature that is not taken; the message is one sentence without its full stop."""


class BadPath(KembarError):
    """A signed request for a path that signed requests do not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What is signed of a request. ``query`` is as received, without its question mark; ``headers`` in small letters,
    of those that come twice joined with commas."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    has_body: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """A good signature. ``key`` is the public key (hex), ``nonce`` 32 hex digits, times are POSIX seconds; ``digest``
    is the SHA-256 that the body must have, None if there is none. ``url`` is the public URL that it was made for."""

    key: str
    nonce: str
    created: int
    expires: int
    digest: str | None
    url: str


def judge(request: HttpRequest, urls: Sequence[str], now: int, began: int) -> SignedBy | None:
    """Who signed a request; None where nobody did with ``tag="kembar"``.

    ``urls`` are the registry's public URLs: one of them must be what was signed for. ``began`` is the second from which
    on nonces are remembered. Raises :class:`BadSignature` and :class:`BadPath`.
    """
    label = _label(request)
    if label is None:
        return None
    if not _PATH.match(request.path):
        raise BadPath("the path of a signed request holds only A-Z a-z 0-9 - . _ ~ : and /", "path")
    components, parameters = label
    signed = _parameters(parameters, now, began)
    wanted = {*COMPONENTS, *([DIGEST] if request.has_body else [])}
    if len(components) != len(wanted) or set(components) != wanted:
        raise BadSignature(f"the signature must cover exactly {' '.join(sorted(wanted))}")
    digest = _digest(request.headers.get(DIGEST)) if request.has_body else None
    url = next((url for url in urls if _fits(request, url, wanted)), None)
    if url is None:
        places = " or ".join(urls) or "no address: its operator has not set a public URL"
        raise BadSignature(f"the signature does not verify for this request; this registry is {places}")
    return SignedBy(digest=digest, url=url, **signed)


def check_digest(body: IO[bytes], digest: str | None) -> None:
    """Whether a body, read from here on to its end, is the one that was signed. Raises :class:`BadSignature`."""
    found = sha256()
    while block := body.read(64 * 1024):
        found.update(block)
    if digest is not None and format_b64(found.digest()) != digest:
        raise BadSignature("the body is not the one whose Content-Digest was signed")


# ---- what the fields say


def _label(request: HttpRequest) -> tuple[list[str], Mapping[str, Any]] | None:
    """The covered components and the parameters of the one signature with our tag."""
    given, signatures = request.headers.get("signature-input"), request.headers.get("signature")
    if given is None and signatures is None:
        return None
    if given is None or signatures is None:
        raise BadSignature("Signature and Signature-Input come together")
    found = [one for one in _dictionary(given, "Signature-Input").values() if one[1].get("tag") == TAG]
    if not found:
        return None
    if len(found) > 1:
        raise BadSignature(f'more than one signature has tag="{TAG}"')
    [(items, parameters)] = found
    if not isinstance(items, list) or not all(isinstance(name, str) and not more for name, more in items):
        raise BadSignature("the covered components are names without parameters")
    return [name for name, _ in items], parameters


def _dictionary(text: str, field: str) -> dict[str, Any]:
    from registry.web.auth.signature_base import dictionary  # no start needs what it loads

    if len(text) > MAX_FIELD:
        raise BadSignature(f"{field} is longer than {MAX_FIELD} characters")
    try:
        return dictionary(text)
    except ValueError:
        raise BadSignature(f"{field} cannot be read (RFC 8941)") from None


def _parameters(given: Mapping[str, Any], now: int, began: int) -> dict[str, Any]:
    if given.get("alg", "ed25519") != "ed25519":
        raise BadSignature("the only algorithm is ed25519")
    if strays := given.keys() - _PARAMETERS - {"alg"}:
        raise BadSignature(f"the signature has another parameter: {min(strays)[:40]}")
    if missing := _PARAMETERS - given.keys():
        raise BadSignature(f"the signature has no {min(missing)}")
    key, nonce, created, expires = (given[name] for name in ("keyid", "nonce", "created", "expires"))
    if type(key) is not str or not is_hex64(key):
        raise BadSignature("keyid is the public key in 64 lower-case hex digits")
    if type(nonce) is not str or not _NONCE.match(nonce):
        raise BadSignature("nonce is 128 random bits in 32 lower-case hex digits")
    if type(created) is not int or type(expires) is not int:
        raise BadSignature("created and expires are whole seconds")
    if not created < expires <= created + LONGEST:
        raise BadSignature(f"expires is at most {LONGEST} seconds after created")
    if expires < now:
        raise BadSignature(f"the signature expired {now - expires} seconds ago by this registry's clock")
    if created > now + AHEAD:
        raise BadSignature(f"the signature was created {created - now} seconds ahead of this registry's clock")
    if created < began:
        raise BadSignature("the registry began to run after the signature was created: sign again")
    return {"key": key, "nonce": nonce, "created": created, "expires": expires}


def _digest(text: str | None) -> str:
    """The SHA-256 of a ``Content-Digest`` (RFC 9530) in base64."""
    if text is None:
        raise BadSignature("a signed request with a body has Content-Digest (RFC 9530)")
    value, _ = _dictionary(text, "Content-Digest").get("sha-256", (None, None))
    if not isinstance(value, bytes) or len(value) != 32:
        raise BadSignature("Content-Digest has no sha-256")
    return format_b64(value)


def _fits(request: HttpRequest, url: str, wanted: set[str]) -> bool:
    """Whether the signature is good for the request at ``url``."""
    from registry.web.auth.signature_base import is_good  # loaded already, for it is what read the fields

    query = f"?{request.query}" if request.query else ""
    return is_good(request.method, f"{url}{request.path}{query}", request.headers, TAG, sorted(wanted))
