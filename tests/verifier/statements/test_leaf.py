"""A leaf is read whole: its envelope and the statement inside."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from verifier.base.errors import Malformed
from verifier.statements.envelope import Signature
from verifier.statements.leaf import parse_leaf, statement_in
from verifier.statements.making import format_envelope


def test_envelope_statement_and_signers() -> None:
    c = Cast()
    made = c.deal
    read = parse_leaf(made.leaf)
    assert (read.statement, read.envelope.leaf) == (made.statement, made.leaf)
    assert read.envelope.signers == {actor.keys[0].public.hex() for actor in (c.anna, c.brand, c.gina)}
    assert statement_in(made.leaf) == made.statement


@pytest.mark.parametrize("leaf", [b"", b"{}", format_envelope(b"{}", [Signature("00" * 32, bytes(64))])])
def test_one_that_cannot_be_read(leaf: bytes) -> None:
    with pytest.raises(Malformed):
        parse_leaf(leaf)
    assert statement_in(leaf) is None
