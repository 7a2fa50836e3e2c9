"""The kernel stays small enough to be read: what checking an evidence file loads, in lines of code.

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

MOST = 7_950
"""Lines. It only ever falls."""

NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

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


def test_the_kernel_is_small() -> None:
    loaded = subprocess.run([sys.executable, "-c", LIST_LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [Path(line) for line in loaded.stdout.split()]
    assert len(paths) > 50 and all(path.is_relative_to(ROOT / "verifier") for path in paths)
    assert sum(lines_of_code(path.read_text("utf-8")) for path in paths) <= MOST
