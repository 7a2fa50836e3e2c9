"""The English sentences that the sources make before a language is known: of errors, problems, faults and notes."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.support.root import ROOT

SAYING = {
    "Failure", "Unable", "Refused", "Unusable", "Misused", "Malformed", "BadUrl", "CheckpointMalformed",
    "LogUntrusted", "QuorumMissing", "NotProven", "NotReplayable", "WrongTile", "TooLarge", "Damaged",
    "LogUnavailable", "Unreachable",
    "Broken", "UnusableFile", "Invalid", "TimedOut", "_Stop", "say", "_say", "aside", "echo", "complain", "print_lines",
}  # fmt: skip
"""Calls that are given what a person reads as their first argument; an error of any other name is one too."""

SECOND = {"OSError", "DeskRefusal", "fail", "fault", "wrong", "note", "_complain", "Invalid"}
"""Calls that are given it as their second."""

NAMED = {"detail", "what", "text"}
"""Members of values that hold it."""

VALUES = {"Problem", "Damage", "MappingNote"}


def made() -> Iterator[tuple[str, str]]:
    """Each file, and a sentence that it makes, with ``x1``, ``x2``, ... for the values."""
    for folder in ("verifier", "registry"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from ((str(path.relative_to(ROOT)), text) for text in made_in(path))


def made_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    held: defaultdict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held[node.targets[0].id].append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in _given(node):
                for one in held.get(given.id, []) if isinstance(given, ast.Name) else [given]:
                    yield from (text for text in texts(one) if is_sentence(text))


def _given(call: ast.Call) -> Iterator[ast.expr]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in SAYING or (name.endswith("Error") and not hasattr(builtins, name) and name != "ArgumentTypeError"):
        yield from call.args[:1]
    if name in SECOND:
        yield from call.args[1:2]
    if name in VALUES:
        yield from (one.value for one in call.keywords if one.arg in NAMED)


def texts(node: ast.expr) -> Iterator[str]:
    """What an expression may say."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            numbered = enumerate(parts)
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else f"x{at}" for at, one in numbered)
        case ast.IfExp(body=first, orelse=second):
            yield from texts(first)
            yield from texts(second)
        case _:
            pass


def is_sentence(text: str) -> bool:
    """Whether it has two English words at least; an id of the catalogue has none beside it."""
    return len(re.findall(r"(?<![\w.])[A-Za-z]{2,}(?![\w.]*[._]\w)", re.sub(r"\bx\d+\b", "", text))) > 1


def every_text() -> Iterator[str]:
    """Every text that stands in the sources, whatever becomes of it."""
    for folder in ("verifier", "registry"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant | ast.JoinedStr):
                    yield from texts(node)
