"""Signing requests (RFC 9421) as a registry takes them (protocol, section 8.1), with a party's own key."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from hashlib import sha256

from verifier.base import private_keys
from verifier.base.errors import Malformed
from verifier.base.strict import format_b64

TAG = "kembar"
VALID = 60
"""Seconds for which a signature is good."""
FEW = 2
"""Seconds that two clocks may differ without being called different."""


class RequestSigner:
    """Signs with ``key``, whose public key is the ``keyid``. For one thread at a time.

    ``clock`` gives POSIX seconds; where a registry's clock says otherwise, :meth:`correct` goes by that.
    """

    def __init__(self, key: private_keys.SigningKey, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._offset = 0.0

    @property
    def public(self) -> str:
        """The public key, in hex."""
        return self._key.public.hex()

    def correct(self, date: str, sleep: Callable[[float], None] = time.sleep) -> bool:
        """After a refusal: go by the registry's clock from now on, ``date`` being its answer's ``Date``.

        Where the clocks agree, one second is waited: a registry that has just begun takes nothing of its first one.
        False where ``date`` is none.
        """
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return False
        ahead = theirs - self._clock()
        if abs(ahead) > FEW:
            self._offset = ahead
        else:
            sleep(1.0)
        return True

    def headers(
        self, method: str, authority: str, path: str, query: str, body: bytes | None = None, *, nonce: str | None = None
    ) -> dict[str, str]:
        """The header fields that sign a request.

        ``authority`` is host and, unless it is the scheme's own, port; ``path`` begins with a solidus; ``query`` is as
        sent, without its question mark; ``nonce`` is 128 bits in 32 hex digits, random ones if left out.
        """
        created = int(self._clock() + self._offset)
        covered = [("@method", method), ("@authority", authority.lower()), ("@path", path), ("@query", f"?{query}")]
        fields = {}
        if body:
            fields["Content-Digest"] = f"sha-256=:{format_b64(sha256(body).digest())}:"
            covered.append(("content-digest", fields["Content-Digest"]))
        names = " ".join(f'"{name}"' for name, _ in covered)
        parameters = (
            f"({names});created={created};expires={created + VALID}"
            f';nonce="{nonce or private_keys.random_bytes(16).hex()}";keyid="{self.public}";alg="ed25519";tag="{TAG}"'
        )
        base = "".join(f'"{name}": {value}\n' for name, value in covered) + f'"@signature-params": {parameters}'
        if not base.isascii():
            raise Malformed("an address that is signed is ASCII")
        fields["Signature-Input"] = f"{TAG}={parameters}"
        fields["Signature"] = f"{TAG}=:{format_b64(self._key.sign(base.encode('ascii')))}:"
        return fields
