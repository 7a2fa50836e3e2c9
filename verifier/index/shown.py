"""What an index says of a subject, as whoever keeps one hands it out: its list, or what stands in its place."""

from __future__ import annotations

from verifier.base.values import value


@value
class Presence:
    """``value`` is the subject's list; for :func:`check_presence`."""

    value: bytes
    path: tuple[tuple[int, bytes], ...]


@value
class Absence:
    """The entry in the subject's place, None in the empty index; for :func:`check_absence`."""

    other_k: bytes | None
    other_v: bytes | None
    path: tuple[tuple[int, bytes], ...]
