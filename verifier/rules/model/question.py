"""What a reader asks about: one usage, consent, party or file; and perhaps for one of its answers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import is_hex64
from verifier.base.values import replace, value

Kind: TypeAlias = Literal["asset", "consent", "party", "usage"]

Ask: TypeAlias = Literal["authorised", "complete", "in_force", "paid"]

KINDS: Final[tuple[Kind, ...]] = ("asset", "consent", "party", "usage")

ANSWERS: Final[Mapping[Kind, tuple[Ask, ...]]] = {
    "usage": ("authorised", "paid"), "consent": ("in_force", "paid"), "party": ("complete",),
}  # fmt: skip
"""The answers for which alone a file may be made."""

TO_CHOOSE: Final[Mapping[Kind, tuple[Ask, ...]]] = {**ANSWERS, "party": ("authorised", "paid")}
"""The answers of which a reader may choose one: of a party, about all that its record book lists."""

BOOK_LISTS: Final = ("account", "consent", "uses")
"""Kinds of the lists of one consent in which what a party's record book says of it stands."""


@value
class Question:
    """``id`` is 64 hex digits: a statement's id, or for ``asset`` the SHA-256 of an exact file.

    ``ask``: the one answer that is wanted of :data:`ANSWERS` or :data:`TO_CHOOSE`; None: all. ``consent``: of a party,
    what its record book says of this consent (an id) and of what is under it.
    """

    kind: Kind
    id: str
    ask: Ask | None = None
    consent: str | None = None

    @property
    def standing(self) -> bool:
        """Whether it asks if a usage is authorised, or a consent in force."""
        return self.ask != "paid"

    @property
    def money(self) -> bool:
        """Whether it asks what was paid."""
        return self.ask in (None, "paid")


def narrowed(question: Question, ask: str | None) -> Question:
    """The same question for the answer ``ask`` alone, where there is such a one to choose about its kind.

    A file that says only that a list is complete has no other answer.
    """
    for one in TO_CHOOSE.get(question.kind, ()):
        if one == ask and question.ask != "complete":
            return replace(question, ask=one)
    return question


def parse_question(value: Json) -> Question:
    """Read ``{"usage": "<id>"}`` and the like, perhaps with ``ask`` beside it, or ``{"consent": "<id>", "party":
    "<id>"}``. Raises :class:`Malformed`."""
    if type(value) is dict and value.keys() == {"consent", "party"}:
        return Question(kind="party", id=_id(value, "party"), consent=_id(value, "consent"))
    if type(value) is not dict or len(value.keys() - {"ask"}) != 1:
        raise Malformed(f"must be an object with exactly one member of {', '.join(KINDS)}, and perhaps ask")
    [name] = value.keys() - {"ask"}
    for kind in KINDS:
        if name == kind:
            id = _id(value, name)
            return Question(kind=kind, id=id, ask=parse_ask(kind, value["ask"]) if "ask" in value else None)
    raise Malformed(f"unknown member; allowed is one of {', '.join(KINDS)}", name)


def _id(value: Mapping[str, Json], name: str) -> str:
    id = value[name]
    if type(id) is not str or not is_hex64(id):
        raise Malformed("must be 64 lower-case hex digits", name)
    return id


def parse_ask(kind: Kind, value: Json) -> Ask:
    """Read which answer is asked for. Raises :class:`Malformed`."""
    answers = ANSWERS.get(kind, ())
    for one in answers:
        if value == one:
            return one
    allowed = f"must be one of {', '.join(answers)}" if answers else f"there is one answer about a {kind}"
    raise Malformed(allowed, "ask")
