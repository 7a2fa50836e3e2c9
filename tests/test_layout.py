"""The kernel's purity, by its syntax: it computes, and that is all.

What is not in ``PURE`` may not be imported, so a new standard module gets in only by somebody's adding it here. The
command line and the other shells named in ``SHELLS`` talk to the world, and to nothing of the registry.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KERNEL = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "verifier").rglob("*.py"))

MAX_LINES = 500

SHELLS = {"verifier/__main__.py", *(path for path in KERNEL if path.startswith("verifier/programs/"))}
"""The kernel's own shells: they read files and the clock, serve and ask, and hand what they read to the rest."""

SERVING = "verifier/programs/serving.py"
"""The only file that imports granian, which the extra ``witness`` brings: nothing else needs it."""

CRYPTO = "verifier/base/crypto.py"
"""The only file that imports PyNaCl, and with it the only source of randomness."""

PURE = {
    "__future__",
    "abc",
    "array",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "html",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
}
"""Standard modules that read no clock, file, network, locale or environment, and answer alike on every machine."""

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


def imported_modules(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, full module name) of every import anywhere in the tree; ``package`` is where relative ones start."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield node.lineno, ".".join([*above, *([node.module] if node.module else [])])


def import_faults(path: str, source: str) -> list[str]:
    """What a kernel file imports that it should not, as ``path:line: what``."""
    package = path.rpartition("/")[0].replace("/", ".")
    faults = []
    for line, module in imported_modules(ast.parse(source), package):
        top = module.partition(".")[0]
        if path in SHELLS:
            allowed = top == "verifier" or top in sys.stdlib_module_names
        else:
            allowed = top in PURE or (top == "verifier" and f"{module.replace('.', '/')}.py" not in SHELLS)
        if not (allowed or (top == "nacl" and path == CRYPTO) or (top == "granian" and path == SERVING)):
            faults.append(f"{path}:{line}: imports {module or 'from outside the package'}")
    return faults


def is_hash_method(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__hash__"


def use_faults(path: str, source: str) -> list[str]:
    """What a kernel file outside the shells does that may differ elsewhere or reach outside, as ``path:line: what``."""
    faults = []
    tree = ast.parse(source)
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
def test_imports_are_pure(path: str) -> None:
    assert import_faults(path, (ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted(set(KERNEL) - SHELLS))
def test_uses_are_pure(path: str) -> None:
    assert use_faults(path, (ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("path", KERNEL)
def test_file_says_what_it_is_for(path: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))), f"{path} has no docstring"


@pytest.mark.parametrize("path", KERNEL)
def test_file_is_short_enough_to_read(path: str) -> None:
    lines = (ROOT / path).read_text("utf-8").count("\n")
    assert lines <= MAX_LINES


@pytest.mark.parametrize(
    "path, line",
    [
        ("verifier/x.py", "import os"),
        ("verifier/x.py", "import os.path as hidden"),
        ("verifier/x.py", "def f():\n    from time import time"),
        ("verifier/x.py", "import datetime"),
        ("verifier/x.py", "import json, socket"),
        ("verifier/x.py", "from nacl.signing import SigningKey"),
        ("verifier/x.py", "from registry.service import submit"),
        ("verifier/x.py", "from verifier.programs.cli import main"),
        ("verifier/log/x.py", "from ...registry import service"),
        ("verifier/log/x.py", "from ..programs.cli import main"),
        ("verifier/base/crypto.py", "import secrets"),
        ("verifier/programs/cli.py", "import registry.client"),
        ("verifier/programs/cli.py", "import nacl"),
        ("verifier/programs/cli.py", "import click"),
    ],
)
def test_a_wrong_import_is_seen(path: str, line: str) -> None:
    assert len(import_faults(path, line)) == 1


@pytest.mark.parametrize(
    "path, line",
    [
        ("verifier/x.py", "import json, re"),
        ("verifier/x.py", "from collections.abc import Iterator"),
        ("verifier/x.py", "from verifier.base.errors import Malformed"),
        ("verifier/log/x.py", "from .note import parse_note"),
        ("verifier/log/x.py", "from .. import strict"),
        ("verifier/base/crypto.py", "from nacl.bindings import crypto_sign"),
        ("verifier/programs/cli.py", "import argparse, pathlib, time"),
    ],
)
def test_a_right_import_passes(path: str, line: str) -> None:
    assert import_faults(path, line) == []


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
        "from verifier.base.crypto import random_bytes",
        "crypto.random_bytes(16)",
    ],
)
def test_a_wrong_use_is_seen(line: str) -> None:
    assert len(use_faults("verifier/x.py", line)) == 1


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
    assert use_faults("verifier/x.py", line) == []
