"""The order within a batch: what stops something comes first (protocol, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from verifier.rules.admit import keys_in
from verifier.statements.types import Key, Revocation, Statement, Suspension


def comes_first(
    statement: Statement,
    signers: frozenset[str],
    id_is_earlier: Callable[[str], bool],
    key_is_earlier: Callable[[str], bool],
) -> bool:
    """Whether an entry belongs before all others of its batch.

    So do revocations, suspensions and ``key`` statements that retire (a full new set of keys retires all others), if
    what they name and every key that they rest on stood in an earlier batch: ``id_is_earlier`` and ``key_is_earlier``
    tell that of a statement id and of a key (hex).
    """
    if isinstance(statement, Key):
        stops = statement.retire is not None or statement.keys is not None
    else:
        stops = isinstance(statement, Revocation | Suspension)
    # A new key that signs here is this statement's own: it does not rest on it.
    return (
        stops
        and all(map(id_is_earlier, _named(statement)))
        and all(map(key_is_earlier, signers - keys_in(statement)))
    )


def _named(statement: Statement) -> Iterator[str]:
    """The statement ids that it names: parties, and what it stops or acts under."""
    yield from statement.parties.ids()
    if isinstance(statement, Revocation):
        yield statement.target[1]
        if statement.under is not None:
            yield statement.under
    elif isinstance(statement, Suspension):
        yield statement.consent
