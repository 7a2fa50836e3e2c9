"""Long lists, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from flask import request

from registry.web.errors import fail
from verifier.base.errors import KembarError
from verifier.base.strict import parse_decimal
from verifier.base.values import value

AT_ONCE = 25
"""Rows of a part."""

T = TypeVar("T")


@value
class Part(Generic[T]):
    """Rows of a list: part ``page`` of ``pages`` (from 1 on), of ``all`` rows."""

    page: int
    pages: int
    all: int
    rows: tuple[T, ...]


def asked_part() -> int:
    """The part that the address asks for (``?page=``), from 1 on; the first where it says nothing."""
    try:
        return max(parse_decimal(request.args.get("page", "1")), 1)
    except KembarError as error:
        raise fail("question_malformed", error.message, "page") from None


def parts_of(count: int, at_once: int = AT_ONCE) -> int:
    """How many parts so many rows have: at least one."""
    return max(-(-count // at_once), 1)


def part(rows: Sequence[T], at_once: int = AT_ONCE, page: int | None = None) -> Part[T]:
    """A part of a list, that for which the address asks where none is named; beyond the end the last."""
    pages = parts_of(len(rows), at_once)
    page = min(asked_part() if page is None else page, pages)
    shown = tuple(rows[(page - 1) * at_once : page * at_once])
    return Part(page=page, pages=pages, all=len(rows), rows=shown)
