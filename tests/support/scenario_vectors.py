"""The scenarios as vectors, ``tests/vectors/scenarios``: what somebody asked of which file, and the verdict.

One gzipped JSON a module of scenarios: ``pieces``, texts of which the evidence files are made, since the files of one
story say much the same; and ``cases`` [{name, evidence, policy, instant, max_age, files, require_audited, by_clock,
verdict}]. ``evidence`` are numbers of pieces, and the file is those pieces one after another, in UTF-8; ``policy`` is
the number of one. ``instant`` and ``max_age`` are seconds, ``files`` digests, ``verdict`` its canonical JSON.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from tests.support.root import VECTORS

FOLDER = VECTORS / "scenarios"

_BORDER = re.compile(r'(?<=[,\[])(?=\{"(?:disclosures|list|other)")|(?<="leaf":)|(?=,"proof":)')
"""Where evidence files are cut: around entries, around the leaf in each, around lists."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One check. Its ``reader`` is what ``verify`` takes beside evidence and policy."""

    name: str
    evidence: bytes
    policy: str
    instant: int
    max_age: int
    files: tuple[str, ...]
    require_audited: bool
    by_clock: bool
    verdict: str

    @property
    def reader(self) -> dict[str, Any]:
        return {
            "instant": self.instant,
            "max_age": self.max_age,
            "files": self.files,
            "require_audited": self.require_audited,
            "by_clock": self.by_clock,
        }

    @property
    def asked(self) -> tuple[object, ...]:
        """All but what it is called."""
        return tuple(value for name, value in asdict(self).items() if name != "name")


def case(name: str, evidence: bytes, policy: str, reader: Mapping[str, Any], verdict: bytes) -> Case:
    """As a check is told of."""
    return Case(name=name, evidence=evidence, policy=policy, **reader, verdict=verdict.decode())


def written(cases: Sequence[Case]) -> bytes:
    """A file of vectors, the same bytes for the same cases wherever zlib is the same."""
    pieces: dict[str, int] = {}

    def number(piece: str) -> int:
        return pieces.setdefault(piece, len(pieces))

    rows = [
        {
            **asdict(one),
            "evidence": [number(piece) for piece in _BORDER.split(one.evidence.decode())],
            "policy": number(one.policy),
        }
        for one in cases
    ]
    text = json.dumps({"pieces": list(pieces), "cases": rows}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 9, mtime=0)


@cache
def read(module: str) -> tuple[Case, ...]:
    """The cases of one module of scenarios; none if there is no file."""
    path = FOLDER / f"{module}.json.gz"
    if not path.is_file():
        return ()
    found = json.loads(gzip.decompress(path.read_bytes()))
    pieces = found["pieces"]
    return tuple(
        Case(
            **{
                **row,
                "evidence": "".join(pieces[one] for one in row["evidence"]).encode(),
                "policy": pieces[row["policy"]],
                "files": tuple(row["files"]),
            }
        )
        for row in found["cases"]
    )


def modules() -> list[str]:
    """Those that there is a file of, in order."""
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))
