"""Names that could be taken for one another: told to a registrar before she vouches for one more of them.

Two look alike where what the eye makes of them is equal or nearly so: without marks, case, spaces and the order of
words, with letters of other scripts and digits taken for those that they look like.
"""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_LOOKS = str.maketrans(
    "01357\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04cf\u03b1\u03bf\u03c1\u03bd\u03b9\u0131|",
    "olesyaeopcyxisjlaopvill",
)
"""Digits, and letters of Cyrillic and Greek, beside Latin ones."""
_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))
SHORT, LONG = 5, 9
"""Letters from which on one is passed over, and two are."""


def plain(name: str) -> str:
    """Without case and marks."""
    return "".join(one for one in normalize("NFKD", name.casefold()) if not combining(one))


def sight(name: str) -> str:
    """What the eye makes of a name."""
    words = sorted(re.findall(r"\w+", plain(name).translate(_LOOKS)))
    joined = "".join(words)
    for pair, one in _TOGETHER:
        joined = joined.replace(pair, one)
    return joined


def look_alike(one: str, other: str) -> bool:
    """Whether two names could be taken for one another."""
    first, second = sight(one), sight(other)
    shorter = min(len(first), len(second))
    allowed = 0 if shorter < SHORT else 1 if shorter < LONG else 2
    return _distance(first, second, allowed) <= allowed


def _distance(first: str, second: str, most: int) -> int:
    """Letters to change, add or leave out; more than ``most`` where it is more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        before, row = row, [at]
        for to, other in enumerate(second, 1):
            row.append(min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != other)))
        if min(row) > most:
            return most + 1
    return row[-1]
