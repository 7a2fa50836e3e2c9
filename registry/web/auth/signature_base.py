"""What the libraries know of signed requests: fields with structure (RFC 8941), and the signature base (RFC 9421).

It is loaded with the first request that is signed: ``cryptography``, which comes with it though libsodium judges, was a
twentieth of a start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from verifier.base import crypto


def dictionary(text: str) -> dict[str, Any]:
    """The members of a field that is a dictionary. Raises ValueError, also where one stands twice."""
    try:
        parsed: Any = http_sf.parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=_twice)
    except (TypeError, KeyError) as error:
        raise ValueError("it is none") from error
    return dict(parsed)


def _twice(key: str, context: str) -> None:
    raise ValueError(f"{key} stands twice")


def is_good(method: str, url: str, headers: Mapping[str, str], tag: str, covered: list[str]) -> bool:
    """Whether the one signature with this tag is good for a request at ``url``. Its times are judged by the caller."""
    try:
        results = _VERIFIER.verify(
            _Message(method, url, headers), max_age=None, expect_tag=tag, require_components=covered
        )
    except HTTPMessageSignaturesException:
        return False
    return len(results) == 1


class Libsodium(algorithms.ED25519):
    """The library's Ed25519, as libsodium judges it (protocol, section 3.1)."""

    def __init__(self, public_key: Any = None, private_key: Any = None, password: bytes | None = None) -> None:
        self._public = public_key

    def verify(self, signature: bytes, message: bytes) -> None:
        if len(signature) != crypto.SIGNATURE_SIZE or not crypto.verify(self._public, message, signature):
            raise InvalidSignature("the signature does not verify")


class NamedKeys(HTTPSignatureKeyResolver):
    """A key is its own name. Whose it is, is asked of the log once the signature has been judged."""

    def resolve_public_key(self, key_id: str) -> Any:
        return bytes.fromhex(key_id)


@dataclass(frozen=True, slots=True)
class _Message:
    """A request in the library's words."""

    method: str
    url: str
    headers: Mapping[str, str]


class _Verifier(HTTPMessageVerifier):
    """The library, but that the times have been judged already, by this registry's clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Nothing is left to say."""


_VERIFIER = _Verifier(signature_algorithm=Libsodium, key_resolver=NamedKeys())
