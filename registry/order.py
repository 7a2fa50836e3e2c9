"""The order within a batch: what stops something comes first (protocol, section 5).

A revocation, a suspension or a ``key`` statement that retires jumps to the front, in order of arrival, if everything
that it names and every key and mandate that it rests on was logged in an earlier batch. Auditors check the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from registry.checker import Checked
from verifier.statements.statement import Key, Revocation, Statement, Suspension


def jumps(checked: Checked, id_is_earlier: Callable[[bytes], bool], key_is_earlier: Callable[[bytes], bool]) -> bool:
    """Whether a submission goes to the front of its batch.

    ``id_is_earlier`` and ``key_is_earlier`` say whether a statement id, a key (32 bytes) stands in an earlier batch.
    """
    if checked.type not in ("revocation", "suspension", "key"):
        return False
    statement = checked.statement
    return (
        _stops(statement)
        and all(map(id_is_earlier, map(bytes.fromhex, _names(statement))))
        # A new key that signs here is this statement's own: it does not rest on it.
        and all(key_is_earlier(key) for key in map(bytes.fromhex, checked.signers) if key not in checked.keys)
    )


def _stops(statement: Statement) -> bool:
    """A full new set of keys retires all others."""
    return not isinstance(statement, Key) or statement.retire is not None or statement.keys is not None


def _names(statement: Statement) -> Iterator[str]:
    """The statement ids that it names: parties, and what it stops or acts under."""
    yield from statement.parties.ids()
    if isinstance(statement, Revocation):
        yield statement.target[1]
        if statement.under is not None:
            yield statement.under
    elif isinstance(statement, Suspension):
        yield statement.consent
