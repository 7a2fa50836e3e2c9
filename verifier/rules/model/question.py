"""What a reader asks about: one usage, consent, party or file."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import is_hex64
from verifier.base.values import value

Kind: TypeAlias = Literal["asset", "consent", "party", "usage"]

KINDS: Final[tuple[Kind, ...]] = ("asset", "consent", "party", "usage")


@value
class Question:
    """``id`` is 64 hex digits: a statement's id, or for ``asset`` the SHA-256 of an exact file."""

    kind: Kind
    id: str


def parse_question(value: Json) -> Question:
    """Read ``{"usage": "<id>"}`` and the like: exactly one member."""
    if type(value) is not dict or len(value) != 1:
        raise Malformed(f"must be an object with exactly one member of {', '.join(KINDS)}")
    [(name, id)] = value.items()
    for kind in KINDS:
        if name == kind:
            if type(id) is not str or not is_hex64(id):
                raise Malformed("must be 64 lower-case hex digits", name)
            return Question(kind=kind, id=id)
    raise Malformed(f"unknown member; allowed is one of {', '.join(KINDS)}", name)


def format_question(question: Question) -> dict[str, str]:
    """The inverse of :func:`parse_question`."""
    return {question.kind: question.id}
