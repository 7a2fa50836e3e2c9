"""Copies of what grows while a log is read: a copy goes on by itself, and the other stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, TypeVar

from verifier.rules.model.context import Context, Growing

G = TypeVar("G", bound=Growing)


def fork(growing: G, context: Context | None = None) -> G:
    """A copy that goes on by itself; ``context`` is what it reads from then on, where it keeps one.

    What is :class:`Growing` is copied, and so are the dicts, lists and sets in it; all else is a value, which does not
    change. The items of one container are all of a kind.
    """
    copies: dict[int, Any] = {}

    def copied(one: Any) -> Any:
        match one:
            case Growing():
                if id(one) not in copies:
                    other = copies[id(one)] = copy(one)
                    for name in _members(one):
                        setattr(other, name, copied(getattr(one, name)))
                return copies[id(one)]
            case dict() if _changes(one.values()):
                return {key: copied(value) for key, value in one.items()}
            case list() if _changes(one):
                return [copied(value) for value in one]
            case dict() | list() | set():
                return one.copy()
            case Context():
                return context or one
        return one

    found: G = copied(growing)
    return found


def _members(growing: Growing) -> Iterable[str]:
    return getattr(growing, "__value_fields__", None) or vars(growing)


def _changes(values: Iterable[object]) -> bool:
    """Whether the items of a container are themselves such as change."""
    return isinstance(next(iter(values), None), Growing | dict | list | set)
