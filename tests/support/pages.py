"""The pages of docs/."""

from __future__ import annotations

import re

from tests.support.root import ROOT

DOCS = ROOT / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- example: ([a-z-]+) -->\n```[a-z]*\n(.*?)\n```", re.DOTALL)
BLOCKS = dict(BLOCK.findall(PROTOCOL))


def block(name: str) -> str:
    return str(BLOCKS[name])


def line(name: str) -> bytes:
    """A block that is one line, broken to be read."""
    return block(name).replace("\n", "").encode()
