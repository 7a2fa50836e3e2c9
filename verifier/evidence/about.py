"""What a question is about, for people: who takes part, by the names that a registrar vouched for, and in what.

No rule reads any of it (protocol, 4.3 and 7.3).
"""

from __future__ import annotations

from verifier.base.values import value
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, entries_at, holds
from verifier.statements.sections import Name, UsageTerms
from verifier.statements.types import Consent, Key, Party, Usage


@value
class Participant:
    """A party in a ``role``. ``name`` is what it was called last, where the reader knows it; ``public``: everybody
    may."""

    role: str
    party: str
    name: str | None = None
    public: bool = False


@value
class About:
    """``parties`` rise by role, then id. Of a usage the number of ``files``, and its ``use`` where it is disclosed."""

    parties: tuple[Participant, ...]
    files: int | None = None
    use: UsageTerms | None = None


def about(context: Context, question: Question) -> About | None:
    """What a usage or a consent is about; None for other questions, and for what is not shown."""
    if question.kind not in ("usage", "consent"):
        return None
    entry = next(entries_at(context.record, context.record.find(question.id)), None)
    if not holds(entry, Usage, Consent):
        return None
    named = entry.statement.parties
    places = sorted([*named.roles().items(), *(("payee", payee) for payee in named.payees)])
    parties = tuple(_participant(context, role, party) for role, party in places)
    if not holds(entry, Usage):
        return About(parties=parties)
    use = context.section(entry, "terms")
    return About(parties=parties, files=len(entry.statement.assets), use=use if isinstance(use, UsageTerms) else None)


def _participant(context: Context, role: str, party: str) -> Participant:
    name = name_of(context, party)
    if name is None:
        return Participant(role=role, party=party)
    return Participant(role=role, party=party, name=name.name, public=name.public)


def name_of(context: Context, party: str) -> Name | None:
    """What a party was called last: in the last good ``key`` statement of its that names it, else in its enrolment.

    None where this reader does not know: the list of its keys is not shown, or the last name is not disclosed.
    """
    for entry in entries_at(context.record, reversed(context.record.rows(f"keys:{party}") or ())):
        if "name" not in entry.statement.sections or not _its_own(entry, party):
            continue
        standing = context.standing(entry).standing
        if standing is Standing.VOID:
            continue
        found = context.section(entry, "name")
        return found if isinstance(found, Name) and standing is Standing.GOOD else None
    return None


def _its_own(entry: Entry, party: str) -> bool:
    """Whether an entry in the list of a party's keys can name it: its own enrolment, or a change of its keys."""
    return entry.statement.id == party if holds(entry, Party) else holds(entry, Key)
