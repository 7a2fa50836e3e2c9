"""Which names could be taken for one another, and how a fingerprint is read out."""

from __future__ import annotations

import pytest

from registry.enrolling.fingerprint import fingerprint, is_read_out
from registry.enrolling.look_alikes import look_alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ayu Lestari", "ayu  lestari"), ("Ayu Lestari", "Lestari Ayu"), ("Ayu Lestari", "Áyu Lestàri"),
        ("Ayu Lestari", "\u0410yu L\u0435stari"), ("Ayu Lestari", "Ayu Lestarl"), ("Ayu Lestari", "Ayu L3stari"),
        ("Ayu Lestari", "Ayu Lestari Dw"), ("Kaca", "KACA"), ("Nordlicht", "Nordlieht"), ("Marni", "Mami"),
    ],
)  # fmt: skip
def test_alike(one: str, other: str) -> None:
    assert look_alike(one, other) and look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ayu", "Ayi Dewi"), ("Kaca", "Baca"), ("Ayu Lestari", "Budi Santoso"), ("Senja Models", "Hutan Models"),
        ("A", "B"),
    ],
)  # fmt: skip
def test_not_alike(one: str, other: str) -> None:
    assert not look_alike(one, other) and not look_alike(other, one)


def test_a_fingerprint() -> None:
    key = "c6d2a6f5470ceeac47adbd980a8d5b19a100909b8f304c0eb5c3435f5cea28d9"
    said = fingerprint(key)
    assert len(said) == 14 and said.count("-") == 2 and said == said.upper()
    assert is_read_out(said, key) and is_read_out(said.lower().replace("-", " "), key)
    assert is_read_out(said.translate(str.maketrans("OIB", "018")), key)
    for wrong in ("", said[:-1], f"{said}A", fingerprint("ab" * 32)):
        assert not is_read_out(wrong, key)
