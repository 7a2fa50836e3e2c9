"""Statements of the registry's own: its genesis and its seals."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.base import canonical, private_keys
from verifier.base.strict import format_b64u
from verifier.statements.envelope import Signature, pae
from verifier.statements.making import format_envelope
from verifier.statements.types import VERSION


def statement_bytes(members: Mapping[str, canonical.Json], registry: str | None) -> bytes:
    """A statement of the registry's own: version, nonce and ``registry`` are added."""
    nonce = format_b64u(private_keys.random_bytes(16))
    whole = {**members, "kembar": VERSION, "nonce": nonce}
    if registry is not None:
        whole["registry"] = registry
    return canonical.encode(whole)


def sign_leaf(payload: bytes, *keys: private_keys.SigningKey) -> bytes:
    """The leaf of a statement signed by these keys."""
    message = pae(payload)
    return format_envelope(payload, [Signature(keyid=key.public.hex(), sig=key.sign(message)) for key in keys])
