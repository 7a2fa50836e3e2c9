"""The index by its definition: a map, and a recursion over the bits of its keys. Slow, clear, and for tests only."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from verifier.index.shown import Absence, Presence


def uv(number: int) -> bytes:
    """Unsigned LEB128."""
    out = b""
    while number >= 128:
        out += bytes([number % 128 + 128])
        number //= 128
    return out + bytes([number])


@cache
def bits(key: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in key)


def split(items: dict[bytes, bytes]) -> tuple[int, dict[bytes, bytes], dict[bytes, bytes]]:
    """The first bit in which the keys differ, and the items on either side of it."""
    bit = next(i for i in range(256) if len({bits(key)[i] for key in items}) == 2)
    left = {key: value for key, value in items.items() if bits(key)[bit] == "0"}
    right = {key: value for key, value in items.items() if bits(key)[bit] == "1"}
    return bit, left, right


def index_root(items: dict[bytes, bytes]) -> bytes:
    if not items:
        return sha256(b"").digest()
    if len(items) == 1:
        [(key, value)] = items.items()
        return sha256(b"\x00" + uv(len(key)) + key + uv(len(value)) + value).digest()
    bit, left, right = split(items)
    return sha256(b"\x01" + uv(bit) + index_root(left) + index_root(right)).digest()


class NaiveIndex:
    """What ``verifier.index.tree.IndexTree`` must agree with."""

    def __init__(self) -> None:
        self.map: dict[bytes, bytes] = {}

    def update(self, changes: dict[bytes, bytes | None]) -> None:
        for key, value in changes.items():
            if value is None:
                self.map.pop(key, None)
            else:
                self.map[key] = value

    def root(self) -> bytes:
        return index_root(self.map)

    def prove(self, key: bytes) -> Presence | Absence:
        if not self.map:
            return Absence(other_k=None, other_v=None, path=())
        path: list[tuple[int, bytes]] = []
        items = self.map
        while len(items) > 1:
            bit, left, right = split(items)
            items, others = (left, right) if bits(key)[bit] == "0" else (right, left)
            path.insert(0, (bit, index_root(others)))
        [(found, value)] = items.items()
        if found == key:
            return Presence(value=value, path=tuple(path))
        return Absence(other_k=found, other_v=value, path=tuple(path))
