"""What the verifier's commands have in common: reading what they are given, and printing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from verifier.base.errors import Malformed
from verifier.base.strict import parse_instant

if TYPE_CHECKING:
    from verifier.evidence.explain import Paragraph
    from verifier.log.trust import Policy

YES, NO, USAGE_ERROR, CANNOT_TELL, INVALID, OUR_BUG = 0, 1, 2, 3, 4, 70
"""Exit statuses."""


class Unusable(Exception):
    """What the command was given cannot be used: a plain sentence for the person who called it."""


def complain(sentence: str, status: int) -> int:
    """Say what is wrong; returns the exit status."""
    sys.stderr.write(f"verifier: {sentence}\n")
    return status


def read_file(path: str, limit: int) -> bytes:
    """A file's bytes, or standard input's for ``-``; of one beyond ``limit`` just enough to be seen as too large."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(limit + 1)
        with open(path, "rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from None


def read_policy(path: str) -> Policy:
    """A trust policy from its file."""
    from verifier.log.trust import MAX_POLICY_SIZE, parse_policy

    try:
        return parse_policy(read_file(path, MAX_POLICY_SIZE))
    except Malformed as error:
        raise Unusable(f"{path} is not a trust policy: {error}") from None


def read_instant(option: str, text: str) -> int:
    """An option's instant."""
    try:
        return parse_instant(text)
    except Malformed as error:
        raise Unusable(f"{option} {text}: {error}") from None


def hours(text: str) -> int:
    """The type of an option that is a number of hours."""
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of hours")
    return int(text)


def index(text: str) -> int:
    """The type of an option that is an index."""
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not an index")
    return int(text)


def indent(lines: Iterable[str]) -> list[str]:
    """Lines that stand under a heading."""
    return [f"  {line}" for line in lines]


def print_paragraphs(paragraphs: Iterable[Paragraph]) -> None:
    """Print paragraphs, an empty line after each."""
    print_lines(line for one in paragraphs for line in (one.heading, *indent(one.lines), ""))


def print_lines(lines: Iterable[str]) -> None:
    """Always UTF-8, whatever the locale says; nothing in it can steer a terminal."""
    text = "".join(f"{line}\n" for line in lines)
    safe = "".join(char if char == "\n" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    sys.stdout.buffer.write(safe.encode("utf-8", "replace"))
