"""A20 on standing: what an arbiter's rulings and a disputed key do to an entry, over its standing without them."""

from __future__ import annotations

from verifier.base.values import value
from verifier.rules.model.calendar import DAY
from verifier.rules.model.context import GOOD, Context, Judgement, Kept, Standing, doubtful, void
from verifier.rules.model.record import Entry, entries_at, holds
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.signers import signer_groups
from verifier.rules.standing.standing import base_standing, first_of
from verifier.statements.types import Consent, Dispute, Report, Ruling, Statement

KEY_DISPUTE_WINDOW = 30 * DAY
"""Seconds after an entry within which its key may be disputed (A20)."""


@value(kw_only=False)
class Rulings:
    """What the list of one consent says about the entries on it: by the statement ids in ``of``, in log order."""

    by_id: dict[str, list[tuple[Entry[Ruling], Judgement]]]
    key_disputes: dict[str, list[tuple[Entry[Dispute], Judgement]]]

    def on(self, entry: Entry) -> list[tuple[Entry[Ruling], Judgement]]:
        """The rulings on an entry; what ``of`` named before it was there is ignored (protocol, section 4.2)."""
        return [pair for pair in self.by_id.get(entry.statement.id, ()) if pair[0].index > entry.index]

    def close(self, dispute: Entry) -> bool:
        """Whether a good ruling is on the dispute itself, whatever its outcome."""
        return any(judgement.standing is Standing.GOOD for _, judgement in self.on(dispute))


RULINGS: Kept[str, Rulings | None] = Kept()
"""By consent."""


def final_standing(context: Context, entry: Entry) -> Judgement:
    """The standing of an entry with everything counted: copies, rulings, disputed keys, what it stands on."""
    copies = GOOD
    for earlier in entries_at(context.record, context.record.find(entry.statement.id)):
        if earlier.index >= entry.index:
            break
        first = context.standing(earlier)
        if first.standing is Standing.GOOD:
            return void("A0", "repeated", earlier.index)
        if first.standing is Standing.DOUBTFUL:
            copies = doubtful("A0", first.code, earlier.index)
    base = base_standing(context, entry)
    if base.standing is Standing.VOID:
        return base
    if copies.standing is Standing.DOUBTFUL:
        # If the earlier copy is good, this one is void; if it is void, this one may count.
        return copies
    consent = consent_touched(entry.statement)
    if consent is None:
        return base
    ruled = _ruled(context, entry, consent)
    if ruled.standing is Standing.VOID:
        return ruled
    # An entry that rests on a consent or usage which was ruled void has never had effect either.
    return first_of([base, rests_on(context, entry), ruled])


def consent_touched(statement: Statement) -> str | None:
    """The use consent whose rulings can act on a statement: its own, or the one that it names."""
    if isinstance(statement, Consent):
        return statement.id if statement.act == "use" else None
    return getattr(statement, "consent", None)


def rests_on(context: Context, entry: Entry) -> Judgement:
    """Whether the consent, and the usage, that an entry stands on still have effect once rulings are counted."""
    statement = entry.statement
    consent: str | None = getattr(statement, "consent", None)
    if consent is None or isinstance(statement, Ruling):
        return GOOD
    found = [context.named(f"consent:{consent}", consent, entry.index)]
    if isinstance(statement, Report):
        found.append(context.named(f"usage:{consent}.{statement.usage}", statement.usage, entry.index))
    for below, judgement in found:
        if judgement.standing is Standing.VOID:
            return void("A0", "void_parties", *([below.index] if below else []))
    doubts = [judgement for _, judgement in found if judgement.standing is Standing.DOUBTFUL]
    if not doubts:
        return GOOD
    first = next((one for one in doubts if one.code != "key_disputed"), doubts[0])
    return doubtful("A20" if first.code == "key_disputed" else "A0", first.code, *first.entries)


def rulings_of(context: Context, consent: str) -> Rulings | None:
    """The rulings and key disputes on one consent, each by the ids in its ``of``; ``None``: its list is not shown."""
    return context.memo.recall(RULINGS, consent, lambda: _read(context, consent))


def _read(context: Context, consent: str) -> Rulings | None:
    rows = context.record.rows(f"consent:{consent}")
    if rows is None:
        return None
    rulings, counted = Rulings({}, {}), set[str]()
    for entry in entries_at(context.record, rows):
        if not holds(entry, Ruling, Dispute) or (holds(entry, Dispute) and entry.statement.tag != "key"):
            continue
        # A ruling is judged as if there were no rulings; a ruling on a dispute is looked at where the dispute is read.
        judgement = base_standing(context, entry)
        if judgement.standing is Standing.GOOD:
            if entry.statement.id in counted:
                continue  # repeated: an old ruling that is logged again does not become the last
            counted.add(entry.statement.id)
        if judgement.standing is Standing.VOID:
            continue
        if holds(entry, Ruling):
            for id in entry.statement.of:
                rulings.by_id.setdefault(id, []).append((entry, judgement))
        elif holds(entry, Dispute):
            for id in entry.statement.of:
                rulings.key_disputes.setdefault(id, []).append((entry, judgement))
    return rulings


def disputed(context: Context, entry: Entry) -> Judgement:
    """The doubt that a disputed key, or a ruling, casts on an entry or on the consent that it names."""
    consent = consent_touched(entry.statement)
    if consent is None:
        return GOOD
    found = [_ruled(context, entry, consent)]
    below, _ = context.named(f"consent:{consent}", consent, entry.index)
    if below is not None:
        found.append(_ruled(context, below, consent))
    return next((one for one in found if one.standing is Standing.DOUBTFUL), GOOD)


def _ruled(context: Context, entry: Entry, consent: str) -> Judgement:
    if isinstance(entry.statement, Ruling):
        return GOOD
    rulings = rulings_of(context, consent)
    if rulings is None:
        return doubtful("A20", "list_missing")
    on_it = rulings.on(entry)
    settled = -1
    if on_it:
        ruling, judgement = on_it[-1]
        if judgement.standing is Standing.DOUBTFUL:
            return doubtful("A20", judgement.code, ruling.index)
        if ruling.statement.outcome == "void":
            return void("A20", "void_ruling", ruling.index)
        settled = ruling.index
    for dispute, judgement in rulings.key_disputes.get(entry.statement.id, ()):
        closed = dispute.index < settled or rulings.close(dispute)
        if not closed and _key_disputed(context, entry, dispute):
            code = "key_disputed" if judgement.standing is Standing.GOOD else judgement.code
            return doubtful("A20", code, dispute.index)
    return GOOD


def _key_disputed(context: Context, entry: Entry, dispute: Entry) -> bool:
    """Whether a signer of the entry says in time, and after retiring the key, that it was not she who signed."""
    author = dispute.statement.parties.author or ""
    if dispute.index <= entry.index or dispute.logged > entry.logged + KEY_DISPUTE_WINDOW:
        return False
    then = key_state(context, author, entry.index)
    now = key_state(context, author, dispute.index)
    if then.unknown or now.unknown:
        # The dispute itself is doubtful then, and what it would do is UNKNOWN either way.
        return True
    if not any(now.is_retired(key) for key in entry.signers & then.live):
        return False
    groups = signer_groups(context, entry)
    return groups is None or any(signer.party == author for group in groups for signer in group)
