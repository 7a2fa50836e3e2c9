"""Many hashes of 32 bytes and the place of each: some 40 bytes a hash, where a dictionary takes 150."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from secrets import randbits
from sys import byteorder

HASH = 32
_WORD = (1 << 64) - 1


class PackedHashes:
    """Hashes one after the other in ``column``; a hash's place is the number of those before it.

    A table of slots says where a hash stands: open addressing, at most half full, a hash's first slot by a secret
    multiplier, for whoever could choose that would make a look-up slow. For one writer and any number of readers.
    """

    __slots__ = ("_multiplier", "_table", "column")

    def __init__(self) -> None:
        self._multiplier = randbits(64) | 1
        self.column = bytearray()
        self._table = _slots(8), 61  # slots hold a place plus 1, or 0; the shift leaves as many bits as number them

    def __len__(self) -> int:
        return len(self.column) // HASH

    def get(self, hash: bytes) -> int | None:
        """The first place at which the hash stands, or None."""
        slots, shift = self._table
        at = (int.from_bytes(hash[:8], byteorder) * self._multiplier & _WORD) >> shift
        is_at = self.column.startswith
        while place := slots[at]:
            if is_at(hash, (place - 1) * HASH):
                return place - 1
            at = (at + 1) % len(slots)
        return None

    def __contains__(self, hash: object) -> bool:
        return isinstance(hash, bytes) and self.get(hash) is not None

    def __getitem__(self, hash: bytes) -> int:
        place = self.get(hash)
        if place is None:
            raise KeyError(hash.hex())
        return place

    def extend(self, hashes: bytes) -> None:
        """Append hashes, 32 bytes each."""
        start = len(self)
        self.column += hashes  # before the slots, for readers come meanwhile
        if 2 * len(self) > len(self._table[0]):
            self._grow()
        else:
            self._fill(*self._table, hashes, start)

    def beginning_with(self, first: bytes) -> Iterator[tuple[int, bytes]]:
        """All (place, hash) of which the hash begins so. Every one is looked at."""
        for place in range(len(self)):
            if self.column.startswith(first, place * HASH):
                yield place, bytes(self.column[place * HASH : place * HASH + HASH])

    # ---- what stands beside the column, kept over a restart

    def table(self) -> bytes:
        """A copy of the slots, behind the multiplier that they are by."""
        return self._multiplier.to_bytes(8, "big") + self._table[0].tobytes()

    def restore(self, table: bytes | bytearray) -> None:
        """Take slots that :meth:`table` gave, of what stands in ``column``."""
        slots = array("I", table[8:])
        self._multiplier = int.from_bytes(table[:8], "big")
        self._table = slots, 65 - len(slots).bit_length()

    def _grow(self) -> None:
        bits = (2 * len(self)).bit_length()
        slots, shift = _slots(1 << bits), 64 - bits
        for start in range(0, len(self), 1 << 15):
            self._fill(slots, shift, bytes(self.column[start * HASH : (start + (1 << 15)) * HASH]), start)
        self._table = slots, shift

    def _fill(self, slots: array[int], shift: int, hashes: bytes, start: int) -> None:
        multiplier, mask = self._multiplier, len(slots) - 1
        place = start
        for word in array("Q", hashes)[:: HASH // 8]:
            slot = (word * multiplier & _WORD) >> shift
            while slots[slot]:
                slot = slot + 1 & mask
            place += 1
            slots[slot] = place


def _slots(count: int) -> array[int]:
    return array("I", bytes(4 * count))
