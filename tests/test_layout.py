"""The house: who may import whom, where each outside module has its place, and that a name stands for one thing.

All of it is read from the syntax of the files. ``LAYERS`` is the direction: a room imports itself and the rooms of the
rows above it. A room is a folder, or a file that has a row of its own. What breaks a law and is let stand has a line in
a list of exceptions; a line that nothing needs any more fails, so these lists only shrink.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import PurePosixPath

import pytest

from tests.support.sources import PACKAGES, ROOT, classes, files, imports, module, syntax

FILES = sorted(path for package in PACKAGES for path in files(package))
TESTS = files("tests")

MAX_LINES = 500

LAYERS = """
verifier.base
verifier.log, verifier.words
verifier.index, verifier.statements
verifier.rules.model
verifier.rules.standing
verifier.rules.money
verifier.rules.use
verifier.rules
verifier.evidence, verifier.replay
verifier.misbehaviour
verifier.programs.language
verifier
verifier.programs
verifier.programs.check, verifier.programs.audit, verifier.programs.page, verifier.programs.watch
verifier.programs.check.report, verifier.programs.witness
verifier.programs.check.batch_command
verifier.programs.cli
verifier.__main__

registry.look, registry.problems, registry.processes
registry.lateness
registry.intake
registry.log
registry.tables
registry.readers
registry.settings, registry.gate, registry.seal_clock, registry.log_files
registry.config
registry.drafting.adapters, registry.drafting.memo
registry.drafting.drafts, registry.paper
registry.advice
registry.advice.cures
registry.advice.dry_run
registry.sequencer, registry.witnesses, registry.fsck, registry.metering
registry.addresses, registry.answerer, registry.snapshot
registry.index_view
registry.service, registry.candidates
registry.front
registry.sequencing
registry.evidence, registry.desk
registry.listing, registry.enrolling
registry.answering, registry.backup, registry.evidence_offline, registry.recover
registry.recover_shared
registry.move
registry.web.auth
registry.web
registry.web.pages
registry.web.app
registry.web.serve
registry.client
registry.commands
registry.demo
registry.cli
registry.__main__
"""
"""From the ground up. Rooms of one row do not import each other."""

ROWS = [line.split(", ") for line in LAYERS.split("\n") if line]
RANKS = {room: rank for rank, row in enumerate(ROWS) for room in row}

LENT = {
    f"verifier.programs.{name}"
    for name in (
        *("collecting", "csv_lines", "entry", "files", "http", "keys", "language", "parser_words", "page.built"),
        *("request_signing", "rsgi", "serving"),
    )
}
"""All that the registry takes of ``verifier.programs``: the rest are the verifier's own commands."""

SHELLS = ("verifier.programs.", "verifier.__main__")
"""What of the verifier touches the world. All the rest of it is the kernel."""

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
"""All that the kernel imports: standard modules that read no clock, file, network, locale or environment, and answer
alike on every machine. A new one gets in only by somebody's adding it here."""

PLACES = {
    "argparse": ("verifier.programs",),
    "boto3": ("registry.log.bucket",),
    "botocore": ("registry.log.bucket",),
    "click": ("registry.commands", "registry.demo", "registry.cli"),
    "flask": ("registry.web",),
    "fontTools": ("registry.paper.fonts",),
    "fpdf": ("registry.paper",),
    "granian": ("verifier.programs.serving",),
    "http": ("verifier.programs.http",),
    "icalendar": ("registry.desk.calendar_file",),
    "http_message_signatures": ("registry.web.auth",),
    "http_sf": ("registry.web.auth",),
    "jinja2": ("registry.drafting.memo",),
    "nacl": ("verifier.base.crypto", "verifier.base.private_keys"),
    "prometheus_client": ("registry.web.metrics",),
    "psycopg": ("registry.log", "registry.tables.postgresql_tables"),
    "psycopg_pool": ("registry.log.postgresql",),
    "requests": (),
    "segno": ("registry.paper.sheet",),
    "socket": (
        "verifier.programs",
        "registry.answerer",
        "registry.answering",
        "registry.demo",
        "registry.log.postgresql",
        "registry.processes",
        "registry.web.metrics",
        "registry.witnesses",
    ),
    "sqlite3": (
        "verifier.programs",
        "registry.backup",
        "registry.log",
        "registry.tables.sqlite_tables",
    ),
    "sqlite_utils": ("registry.log",),
    "ssl": ("verifier.programs.http", "registry.desk.mail"),
    "subprocess": ("registry.demo", "registry.intake", "registry.processes", "registry.witnesses"),
    "typing_extensions": ("verifier.rules.model.record",),  # under TYPE_CHECKING: nothing imports it when it runs
    "urllib.error": (),
    "urllib.request": (),
    "markupsafe": ("registry.web.pages",),
    "werkzeug": ("registry.web",),
}
"""Where an outside module may be imported. What is not of the standard library has a line here, or is not imported."""

MISPLACED: set[tuple[str, str]] = set()
"""Exceptions from :data:`PLACES`: (our module, the outside one)."""

TWICE = {
    "registry": {"clashes"},
    "verifier": {
        "command", "file", "keys", "parties", "proofs", "record", "store", "words",
    },
}  # fmt: skip
"""Names of files that stand in two folders of a package."""

CLASSES_TWICE: dict[str, set[str]] = {"registry": set(), "verifier": set()}
"""Names of classes that stand twice in a package."""


# ---- the direction of imports


def room(name: str) -> str | None:
    """The room of a module: its own row, or that of its folder. None if there is no such row."""
    return next((one for one in (name, name.rpartition(".")[0]) if one in RANKS), None)


def upward(path: str, tree: ast.AST) -> Iterator[str]:
    """What a file imports of a room that does not lie below its own, as ``path:line: what``."""
    here = room(module(path))
    for line, name in imports(tree, path):
        if name.partition(".")[0] not in PACKAGES:
            continue
        there = room(name)
        if here is None or there is None:
            stray = module(path) if here is None else name
            yield f"{path}:{line}: {stray} is in no room: give its folder a row in LAYERS"
        elif there != here and RANKS[there] >= RANKS[here]:
            yield f"{path}:{line}: {here} imports {name}, which does not lie below it"
        elif path.startswith("registry/") and f"{there}.".startswith(SHELLS) and name not in LENT:
            yield f"{path}:{line}: the registry imports {name}, of the verifier's programs"


@pytest.mark.parametrize("path", FILES)
def test_imports_go_down(path: str) -> None:
    assert list(upward(path, syntax(path))) == []


def test_every_room_is_there() -> None:
    paths = {room: ROOT / room.replace(".", "/") for room in RANKS}
    assert [room for room, path in paths.items() if not (path.is_dir() or path.with_suffix(".py").is_file())] == []


def test_no_file_lies_flat_that_has_no_row() -> None:
    """Else ``registry/`` fills with files that nobody can place."""
    flat = {module(path) for path in files("registry") if path.count("/") == 1}
    assert flat - RANKS.keys() == {"registry.__init__"}


def test_no_circle() -> None:
    """Of modules, and so of folders' files too: an import inside a function counts."""
    ours = {module(path): {name for _, name in imports(syntax(path), path)} for path in FILES}
    TopologicalSorter({name: taken & ours.keys() for name, taken in ours.items()}).prepare()


# ---- the kernel is pure, and outside modules have their place


def tops(name: str) -> list[str]:
    """The names by which :data:`PLACES` may know a module: ``urllib.request``, ``urllib``."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def misplaced(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of what a file imports from outside and should not."""
    here = module(path)
    pure = here.startswith("verifier.") and not here.startswith(SHELLS)
    for line, name in imports(tree, path):
        top = name.partition(".")[0]
        if top in PACKAGES:
            continue
        known = next((one for one in tops(name) if one in PLACES), None)
        if known is not None:
            if not any(f"{here}.".startswith(f"{place}.") for place in PLACES[known]):
                yield line, known
        elif top not in (PURE if pure else sys.stdlib_module_names):
            yield line, name


def faults(path: str, tree: ast.AST) -> list[str]:
    """What :func:`misplaced` and :func:`upward` find and no exception allows."""
    outside = [(line, name) for line, name in misplaced(path, tree) if (module(path), name) not in MISPLACED]
    return [*(f"{path}:{line}: imports {name}" for line, name in outside), *upward(path, tree)]


@pytest.mark.parametrize("path", FILES)
def test_outside_modules_are_in_their_place(path: str) -> None:
    found = [(line, name) for line, name in misplaced(path, syntax(path)) if (module(path), name) not in MISPLACED]
    assert found == []


def test_no_exception_is_left_that_nothing_needs() -> None:
    found = {(module(path), name) for path in FILES for _, name in misplaced(path, syntax(path))}
    assert MISPLACED - found == set()


@pytest.mark.parametrize(
    "path, line",
    [
        ("verifier/log/x.py", "import os"),
        ("verifier/log/x.py", "import os.path as hidden"),
        ("verifier/log/x.py", "def f():\n    from time import time"),
        ("verifier/log/x.py", "import datetime"),
        ("verifier/log/x.py", "import json, socket"),
        ("verifier/log/x.py", "from nacl.signing import SigningKey"),
        ("verifier/log/x.py", "from registry.service import Service"),
        ("verifier/log/x.py", "from verifier.programs.cli import main"),
        ("verifier/log/x.py", "from verifier.evidence.verify import verify"),
        ("verifier/log/x.py", "from ...registry import service"),
        ("verifier/log/x.py", "from ..programs.cli import main"),
        ("verifier/base/crypto.py", "import secrets"),
        ("verifier/rules/model/x.py", "from verifier.rules.standing import keys"),
        ("verifier/replay/x.py", "from verifier.evidence.file import list_json"),
        ("verifier/elsewhere/x.py", "from verifier.base.errors import Malformed"),
        ("verifier/programs/cli.py", "import registry.client"),
        ("verifier/programs/cli.py", "import nacl"),
        ("verifier/programs/cli.py", "import click"),
        ("verifier/programs/source.py", "import ssl"),
        ("registry/x.py", "from registry.problems import Problem"),
        ("registry/log/x.py", "from registry.config import load"),
        ("registry/service.py", "from registry.evidence import evidence"),
        ("registry/service.py", "import flask"),
        ("registry/commands/x.py", "import numpy"),
        ("registry/commands/x.py", "from registry.demo.run import tell"),
        ("registry/commands/x.py", "from verifier.programs.source import open_source"),
        ("registry/web/x.py", "import sqlite3"),
        ("registry/web/x.py", "import urllib.request"),
    ],
)  # fmt: skip
def test_a_wrong_import_is_seen(path: str, line: str) -> None:
    assert len(faults(path, ast.parse(line))) == 1


@pytest.mark.parametrize(
    "path, line",
    [
        ("verifier/log/x.py", "import json, re"),
        ("verifier/log/x.py", "from collections.abc import Iterator"),
        ("verifier/log/x.py", "from verifier.base.errors import Malformed"),
        ("verifier/log/x.py", "from .note import parse_note"),
        ("verifier/log/x.py", "from ..base import strict"),
        ("verifier/base/crypto.py", "from nacl.bindings import crypto_sign"),
        ("verifier/programs/x.py", "import argparse, pathlib, time"),
        ("registry/web/x.py", "from flask import Blueprint"),
        ("registry/web/x.py", "from verifier.programs import serving"),
        ("registry/web/x.py", "from urllib.parse import urlsplit"),
    ],
)
def test_a_right_import_passes(path: str, line: str) -> None:
    assert faults(path, ast.parse(line)) == []


# ---- names


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_name_stands_twice(package: str) -> None:
    places = defaultdict(list)
    for path in files(package):
        places[PurePosixPath(path).stem].append(path)
    places.pop("__init__")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in TWICE[package]} == {}
    assert TWICE[package] - set(twice) == set(), "no exception any more: take it off the list"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_class_name_stands_twice(package: str) -> None:
    places = defaultdict(list)
    for path in files(package):
        for line, name in classes(syntax(path)):
            places[name].append(f"{path}:{line}")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in CLASSES_TWICE[package]} == {}
    assert CLASSES_TWICE[package] - set(twice) == set(), "no exception any more: take it off the list"


# ---- files


@pytest.mark.parametrize("path", FILES)
def test_file_says_what_it_is_for(path: str) -> None:
    assert ast.get_docstring(syntax(path)), f"{path} has no docstring"


@pytest.mark.parametrize("path", FILES)
def test_file_is_short_enough_to_read(path: str) -> None:
    assert (ROOT / path).read_text("utf-8").count("\n") <= MAX_LINES


# ---- tests


@pytest.mark.parametrize("path", TESTS)
def test_no_test_module_is_imported_by_another(path: str) -> None:
    """What two of them need is in ``tests/support/``."""
    taken = [(line, name) for line, name in imports(syntax(path), path) if name.startswith("tests.")]
    assert [one for one in taken if one[1].rpartition(".")[2].startswith("test_")] == []
