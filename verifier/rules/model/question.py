"""What a reader asks about: one usage, consent, party or file; and perhaps for one of two answers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import is_hex64
from verifier.base.values import replace, value

Kind: TypeAlias = Literal["asset", "consent", "party", "usage"]

Ask: TypeAlias = Literal["authorised", "in_force", "paid"]

KINDS: Final[tuple[Kind, ...]] = ("asset", "consent", "party", "usage")

ANSWERS: Final[Mapping[Kind, tuple[Ask, ...]]] = {"usage": ("authorised", "paid"), "consent": ("in_force", "paid")}
"""What there is to ask for, of kinds of which there are two answers."""


@value
class Question:
    """``id`` is 64 hex digits: a statement's id, or for ``asset`` the SHA-256 of an exact file.

    ``ask``: the one answer that is wanted of :data:`ANSWERS`; None: both.
    """

    kind: Kind
    id: str
    ask: Ask | None = None

    @property
    def standing(self) -> bool:
        """Whether it asks if a usage is authorised, or a consent in force."""
        return self.ask != "paid"

    @property
    def money(self) -> bool:
        """Whether it asks what was paid."""
        return self.ask in (None, "paid")


def narrowed(question: Question, ask: str | None) -> Question:
    """The same question for the answer ``ask`` alone, where there is such a one about its kind.

    No file is made so of a ``party``, but who reads one may leave the money of all that it lists out: ``authorised``.
    """
    for one in ANSWERS.get(question.kind, ("authorised",) if question.kind == "party" else ()):
        if one == ask:
            return replace(question, ask=one)
    return question


def parse_question(value: Json) -> Question:
    """Read ``{"usage": "<id>"}`` and the like, perhaps with ``ask`` beside it. Raises :class:`Malformed`."""
    if type(value) is not dict or len(value.keys() - {"ask"}) != 1:
        raise Malformed(f"must be an object with exactly one member of {', '.join(KINDS)}, and perhaps ask")
    [name] = value.keys() - {"ask"}
    for kind in KINDS:
        if name == kind:
            id = value[name]
            if type(id) is not str or not is_hex64(id):
                raise Malformed("must be 64 lower-case hex digits", name)
            return Question(kind=kind, id=id, ask=parse_ask(kind, value["ask"]) if "ask" in value else None)
    raise Malformed(f"unknown member; allowed is one of {', '.join(KINDS)}", name)


def parse_ask(kind: Kind, value: Json) -> Ask:
    """Read which answer is asked for. Raises :class:`Malformed`."""
    answers = ANSWERS.get(kind, ())
    for one in answers:
        if value == one:
            return one
    allowed = f"must be one of {', '.join(answers)}" if answers else f"there is one answer about a {kind}"
    raise Malformed(allowed, "ask")


def format_question(question: Question) -> dict[str, Json]:
    """The inverse of :func:`parse_question`."""
    found: dict[str, Json] = {question.kind: question.id}
    if question.ask is not None:
        found["ask"] = question.ask
    return found
