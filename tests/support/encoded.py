"""Statements from their JSON members."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.statements.parse import parse_statement


def encode_statement(members: Mapping[str, Json]) -> bytes:
    """The canonical bytes of a statement given as its JSON members, checked like anybody else's."""
    payload = canonical.encode(dict(members))
    parse_statement(payload)
    return payload
