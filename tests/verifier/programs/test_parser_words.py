"""What argparse and click say themselves is said in the person's language; in English it stays as it is."""

from __future__ import annotations

import argparse
import ast
import os
import pkgutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from tests.support.root import ROOT
from verifier.programs.language import catalogue, english
from verifier.programs.parser_words import SENTENCES, named_in, told


@cache
def texts() -> frozenset[str]:
    """Every text in the sources of both libraries, without the white space around it."""
    names = ["argparse", *(f"click.{one.name}" for one in pkgutil.iter_modules(click.__path__))]
    found = set()
    for name in names:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        for node in ast.walk(ast.parse(Path(spec.origin).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.strip())
    return frozenset(found)


@pytest.mark.parametrize("text", sorted(SENTENCES))
def test_it_is_what_a_library_says_and_reads_the_same_in_english(text: str) -> None:
    assert text in texts()
    assert english().tell(SENTENCES[text]) == text


def test_the_white_space_around_a_text_stays() -> None:
    assert told("usage: ", catalogue("id")) == "cara pakai: "
    assert told("%(prog)s: error: %(message)s\n", catalogue("id")) == "%(prog)s: galat: %(message)s\n"
    assert told("what nobody translated", catalogue("id")) == "what nobody translated"


@pytest.mark.parametrize("words, language", [
    (["check", "--language", "id", "x"], "id"), (["check", "--language=id"], "id"), (["check", "--language"], None),
    (["check", "--language", "no"], None), (["--languages=id"], None), ([], None),
])  # fmt: skip
def test_the_language_is_known_before_anything_is_read(words: list[str], language: str | None) -> None:
    assert named_in(words) == language


def said(*command: str, locale: str = "C") -> str:
    environment = {**os.environ, "LC_ALL": locale, "COLUMNS": "300"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("program, english_words, indonesian", [
    ("verifier", ["usage:", "options:", "show this help message"], ["cara pakai:", "opsi:", "tampilkan bantuan ini"]),
    ("registry", ["Usage:", "Options:", "message and exit."], ["Cara pakai:", "Opsi:", "Tampilkan bantuan"]),
])  # fmt: skip
def test_help_is_in_the_persons_language(program: str, english_words: list[str], indonesian: list[str]) -> None:
    for locale, here, away in (("C", english_words, indonesian), ("id_ID.UTF-8", indonesian, english_words)):
        text = said(program, "--help", locale=locale)
        assert [one for one in here if one not in text] == []
        assert [one for one in away if one in text] == []


@pytest.mark.parametrize("command, found", [
    (["verifier", "check", "--language", "id"], "verifier check: galat: argumen ini wajib ada: --trust"),
    (["verifier", "check", "--language=id", "--ask", "x", "--trust", "p", "e"], "bukan pilihan (pilih dari"),
    (["registry", "sign", "--language", "id"], "Galat: Belum ada argumen 'FILE...'."),
    (["registry", "sign", "--no", "--language", "id"], "Galat: Tidak ada opsi '--no'."),
])  # fmt: skip
def test_so_is_what_is_wrong_with_a_command(command: list[str], found: str) -> None:
    assert found in said(*command)


def test_a_parser_without_a_word_of_its_own_says_nothing() -> None:
    assert argparse.ArgumentParser(prog="x", add_help=False).format_help().strip().endswith("x")
