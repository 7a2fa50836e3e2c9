"""The kernel's purity beyond its imports, by its syntax: no call reaches outside or answers differently elsewhere.

What it may import is in ``tests/test_layout.py``.
"""

from __future__ import annotations

import ast

import pytest

from tests.support.sources import files, syntax

KERNEL = [path for path in files("verifier") if not path.startswith(("verifier/programs/", "verifier/__main__"))]

FORBIDDEN_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "float", "hash", "input", "open", "print"}
"""Built-in functions that reach outside, run text, or answer differently elsewhere (floats, hashes of strings)."""

FORBIDDEN_METHODS = {
    "capitalize",
    "casefold",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "lower",
    "swapcase",
    "title",
    "upper",
}
"""Methods of strings that read Python's Unicode tables, which differ between its versions."""


def is_hash_method(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__hash__"


def use_faults(path: str, tree: ast.AST) -> list[str]:
    """What a kernel file does that may differ elsewhere or reach outside, as ``path:line: what``."""
    faults = []
    hashing = {id(node) for method in ast.walk(tree) if is_hash_method(method) for node in ast.walk(method)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="hash")) if id(node) in hashing:
                pass  # how a value sits in a set or dict; the number goes no further
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                faults.append(f"{path}:{node.lineno}: calls {name}()")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="__name__"))):
                pass  # the name of a class of ours, which is ASCII
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_METHODS:
                faults.append(f"{path}:{node.lineno}: calls .{name}(), which reads Unicode tables")
            case ast.Constant(value=float() | complex()):
                faults.append(f"{path}:{node.lineno}: has a fraction")
            case ast.ImportFrom(names=names) if "random_bytes" in {alias.name for alias in names}:
                faults.append(f"{path}:{node.lineno}: takes random_bytes")
            case ast.Attribute(attr="random_bytes"):
                faults.append(f"{path}:{node.lineno}: takes random_bytes")
            case _:
                pass
    return faults


@pytest.mark.parametrize("path", KERNEL)
def test_uses_are_pure(path: str) -> None:
    assert use_faults(path, syntax(path)) == []


@pytest.mark.parametrize(
    "line",
    [
        "open('x')",
        "print(1)",
        "__import__('os')",
        "eval('1')",
        "x = 0.5",
        "x = float(y)",
        "x = hash('subject')",
        "x = name.lower()",
        "x = text.isdigit()",
        "from verifier.base.private_keys import random_bytes",
        "private_keys.random_bytes(16)",
    ],
)
def test_a_wrong_use_is_seen(line: str) -> None:
    assert len(use_faults("verifier/x.py", ast.parse(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "isinstance(x, float)",
        "x = Fraction(1, 3) / 2",
        "x = y.isascii()",
        "x = cls.__name__.lower()",
        "from verifier.base.crypto import verify",
        "class X:\n    def __hash__(self):\n        return hash(self.id)",
    ],
)
def test_a_right_use_passes(line: str) -> None:
    assert use_faults("verifier/x.py", ast.parse(line)) == []
