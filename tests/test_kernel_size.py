"""The kernel stays small enough to be read, and starts fast: what checking an evidence file loads.

A line counts if some token stands on it that is neither a comment nor part of a docstring.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MOST = 8_633
"""Lines. It only ever falls while the law stays the same.

Version 2 of the protocol and the rules brought some 1,300: placements, terms from the first use, options, renewals,
releases, the consent's own lines of money, advances, shares, scopes, returned transfers, what falls away with a stop.
Evidence in a PDF brought 39. That a file, hostile or not, costs at most four times its bytes in memory brought
110: its entries, lists and paths are read by themselves. That a reported end brings a due date forward (M6) brought 7.

Where they are: money 2,330, uses 1,420, statements 1,230, standing 1,030, evidence 790, the rules' model 630 and table
340, the log 440, base 340, the index 60, the public face 30. What makes proofs, lists, files and a verdict's JSON, and
what categories are called, is not among them.
"""

NOT_NEEDED = {"asyncio", "base64", "dataclasses", "inspect", "logging", "nacl.pwhash", "nacl.secret", "nacl.signing"}
"""Modules that cost a check a millisecond or more each, and that nothing in it asks for."""

NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

LIST_NEW = """
import sys
before = set(sys.modules)
import verifier.evidence.verify
print(*set(sys.modules) - before, sep="\\n")
"""

LIST_LOADED = """
import sys, verifier.evidence.verify
print(*(module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "verifier"), sep="\\n")
"""


def lines_of_code(source: str) -> int:
    """How many lines of a module are code."""
    texts = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and type(node.value.value) is str
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {line for one in tokens if one.type not in NO_CODE for line in range(one.start[0], one.end[0] + 1)}
    return len(code - texts)


@pytest.mark.parametrize(
    "source, lines",
    [
        ("", 0),
        ('"""What it is for."""\n', 0),
        ("# a comment\n\nx = 1  # another\n", 1),
        ('x = 1\n"""What it is,\nin two lines."""\n', 1),
        ('x = """one\n\ntwo"""\n', 3),
        ("f(\n    1,\n    # not this one\n    2,\n)\n", 4),
        ('def f():\n    """Says so."""\n    return 1\n', 2),
    ],
)
def test_lines_are_counted(source: str, lines: int) -> None:
    assert lines_of_code(source) == lines


def _said_by(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_kernel_is_small() -> None:
    paths = [Path(line) for line in _said_by(LIST_LOADED)]
    assert len(paths) > 50 and all(path.is_relative_to(ROOT / "verifier") for path in paths)
    assert sum(lines_of_code(path.read_text("utf-8")) for path in paths) <= MOST


def test_the_kernel_loads_nothing_that_it_does_not_need() -> None:
    loaded = set(_said_by(LIST_NEW))
    assert "nacl.bindings" in loaded
    assert not loaded & NOT_NEEDED


def test_the_kernel_loads_nothing_that_has_a_private_key() -> None:
    assert "verifier.base.private_keys" not in set(_said_by(LIST_NEW))
