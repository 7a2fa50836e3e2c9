"""Long lists, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from registry.web.errors import fail
from verifier.base.errors import KembarError
from verifier.base.strict import parse_decimal

AT_ONCE = 25
"""Rows of a part."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[T]):
    """Rows of a list: part ``page`` of ``pages`` (from 1 on), of ``all`` rows."""

    page: int
    pages: int
    all: int
    rows: tuple[T, ...]


def part(rows: Sequence[T], at_once: int = AT_ONCE) -> Part[T]:
    """The part of a list that the address asks for (``?page=``), the first where it says nothing; beyond the end the
    last."""
    text = request.args.get("page", "1")
    try:
        page = parse_decimal(text)
    except KembarError as error:
        raise fail("question_malformed", error.message, "page") from None
    pages = max(-(-len(rows) // at_once), 1)
    page = min(max(page, 1), pages)
    shown = tuple(rows[(page - 1) * at_once : page * at_once])
    return Part(page=page, pages=pages, all=len(rows), rows=shown)
