"""The text of a checkpoint: three lines of ours; of other logs, extension lines after them."""

from __future__ import annotations

import pytest

from verifier.base.errors import Malformed
from verifier.base.strict import format_b64
from verifier.log.checkpoint import Checkpoint, parse_any_checkpoint, parse_checkpoint
from verifier.log.writing import format_checkpoint

TREE = Checkpoint(origin="log.example/a", size=7, root=bytes(range(32)))
TEXT = format_checkpoint(TREE)


def test_what_is_written_is_read() -> None:
    assert parse_checkpoint(TEXT) == parse_any_checkpoint(TEXT) == TREE


@pytest.mark.parametrize("lines", ["one\n", "one\ntwo\n", " \n"])
def test_extension_lines_are_passed_over_or_refused(lines: str) -> None:
    assert parse_any_checkpoint(TEXT + lines) == TREE
    with pytest.raises(Malformed, match="three lines"):
        parse_checkpoint(TEXT + lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "one",
        TEXT + "one\n\n",
        TEXT + "\none\n",
        TEXT + "one\ntwo",
        "\n" + TEXT,
        TEXT.replace("7", ""),
        TEXT.replace("7", "07"),
        TEXT.replace("7", str(2**63)),
        TEXT.replace(format_b64(TREE.root), ""),
        TEXT.replace("log.example/a", ""),
    ],
)
def test_neither_reads_anything_else(text: str) -> None:
    for read in (parse_checkpoint, parse_any_checkpoint):
        with pytest.raises(Malformed):
            read(text)
