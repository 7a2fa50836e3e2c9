"""The order within a batch, by the law that auditors check (:mod:`verifier.audit.order`)."""

from __future__ import annotations

from collections.abc import Container

from registry.checker import Checked
from verifier.audit.order import comes_first


def jumps(checked: Checked, earlier_ids: Container[bytes], earlier_keys: Container[bytes]) -> bool:
    """Whether a submission goes to the front of its batch; the containers hold what earlier batches do, as bytes."""
    if checked.type not in ("revocation", "suspension", "key"):
        return False  # without reading the statement, which most submissions never need
    return comes_first(
        checked.statement,
        checked.signers,
        lambda id: bytes.fromhex(id) in earlier_ids,
        lambda key: bytes.fromhex(key) in earlier_keys,
    )
