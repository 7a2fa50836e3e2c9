"""The order within a batch: what stops something comes first (protocol, section 5).

A revocation, a suspension or a ``key`` statement that retires jumps to the front, in order of arrival, if everything
that it names and every key and mandate that it rests on was logged in an earlier batch. Auditors check the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from registry.checker import Checked
from verifier.statements.statement import Key, Revocation, Statement, Suspension


def stops(statement: Statement) -> bool:
    """Whether it is of a kind that may jump. A full new set of keys retires all others."""
    if isinstance(statement, Key):
        return statement.retire is not None or statement.keys is not None
    return isinstance(statement, Revocation | Suspension)


def names(statement: Revocation | Suspension | Key) -> Iterator[str]:
    """The statement ids that it names: parties, and what it stops or acts under."""
    yield from statement.parties.ids()
    if isinstance(statement, Revocation):
        yield statement.target[1]
        if statement.under is not None:
            yield statement.under
    elif isinstance(statement, Suspension):
        yield statement.consent


def jumps(checked: Checked, id_is_earlier: Callable[[bytes], bool], key_is_earlier: Callable[[bytes], bool]) -> bool:
    """Whether a submission goes to the front of its batch.

    ``id_is_earlier`` and ``key_is_earlier`` say whether a statement id, a key (32 bytes) stands in an earlier batch.
    """
    statement = checked.statement
    return (
        stops(statement)
        and isinstance(statement, Revocation | Suspension | Key)
        and all(map(id_is_earlier, map(bytes.fromhex, names(statement))))
        # A new key that signs here is this statement's own: it does not rest on it.
        and all(key_is_earlier(key) for key in map(bytes.fromhex, checked.signers) if key not in checked.keys)
    )
