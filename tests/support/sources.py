"""The source files of the packages as their syntax shows them: which module imports which, and who defines what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("registry", "verifier")


@cache
def files(package: str) -> tuple[str, ...]:
    """The Python files of a package, as paths from the project's root."""
    return tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.py")))


@cache
def syntax(path: str) -> ast.Module:
    """A file as a tree."""
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def module(path: str) -> str:
    """``verifier/log/note.py`` -> ``verifier.log.note``. A folder's own file is ``verifier.log.__init__``."""
    return path.removesuffix(".py").replace("/", ".")


def exists(name: str) -> bool:
    return (ROOT / f"{name.replace('.', '/')}.py").is_file()


def imports(tree: ast.AST, path: str) -> Iterator[tuple[int, str]]:
    """(line, full module name) of every import anywhere in the tree of the file ``path``.

    What is taken from a folder is the module of that name if there is one, else the folder's own file.
    """
    package = module(path).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, name) for name in {_found(source, alias.name) for alias in node.names})


def _found(source: str, name: str) -> str:
    if exists(f"{source}.{name}"):
        return f"{source}.{name}"
    folders = (f"{source}.{name}.__init__", f"{source}.__init__")
    return next((folder for folder in folders if exists(folder)), source)


def classes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of every class in the tree."""
    return ((node.lineno, node.name) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
