"""Which names could be taken for one another, and how a fingerprint is read out."""

from __future__ import annotations

import pytest

from registry.readers.look_alikes import look_alike


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
