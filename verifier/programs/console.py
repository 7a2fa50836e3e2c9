"""What the verifier's commands have in common: reading what they are given, and printing."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from verifier.base.canonical import Json, pieces
from verifier.base.errors import Malformed
from verifier.base.printable import printable
from verifier.base.strict import parse_instant
from verifier.programs.files import digest_input, read_input
from verifier.programs.language import english, spoken, tell
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from verifier.evidence.explain import Paragraph
    from verifier.evidence.verdict import Outcome
    from verifier.log.trust import Policy

YES, NO, USAGE_ERROR, CANNOT_TELL, INVALID, NOT_YET_DUE, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130
"""Exit statuses."""


class Unusable(Exception):
    """What the command was given cannot be used: a plain sentence for the person who called it."""

    def __init__(self, sentence: Sentence | str) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    def __str__(self) -> str:
        return self.say(english())

    def say(self, words: Catalogue) -> str:
        """The sentence in a language."""
        return tell(self._sentence, words)


def complain(sentence: Sentence | str, status: int) -> int:
    """Say what is wrong, in the language of the command that runs; returns the exit status."""
    sys.stderr.write(f"verifier: {printable(tell(sentence, spoken()))}\n")
    return status


def read_file(path: str, limit: int) -> bytes:
    """A file's bytes, or standard input's for ``-``; of one beyond ``limit`` just enough to be seen as too large."""
    try:
        return read_input(path, limit)
    except OSError as error:
        raise _unreadable(path, error) from None


def digest_file(path: str) -> str:
    """SHA-256 (hex) of a file of any size, with progress on a terminal."""
    line = ProgressLine(is_quiet=not sys.stderr.isatty())

    def told(done: int, size: int) -> None:
        line.show(
            lambda seconds: spoken().say(
                "files.digested", path=path, done=done >> 20, size=size >> 20, speed=int(done / seconds) >> 20
            )
        )

    try:
        return digest_input(path, told)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        line.clear()


def _unreadable(path: str, error: OSError) -> Unusable:
    named = Sentence("usage.standard_input") if path == "-" else path
    return Unusable(Sentence("usage.cannot_read", path=named, why=str(error.strerror)))


def unwritable(path: object, error: OSError) -> Unusable:
    """That a file cannot be written, and why."""
    return Unusable(Sentence("usage.cannot_write", path=str(path), why=str(error.strerror)))


def read_policy(path: str) -> Policy:
    """A trust policy from its file."""
    from verifier.log.trust import MAX_POLICY_SIZE, parse_policy

    try:
        return parse_policy(read_file(path, MAX_POLICY_SIZE))
    except Malformed as error:
        raise Unusable(Sentence("usage.not_a_policy", path=path, why=str(error))) from None


def read_instant(option: str, text: str) -> int:
    """An option's instant."""
    try:
        return parse_instant(text)
    except Malformed as error:
        raise Unusable(Sentence("usage.option", option=option, text=text, why=str(error))) from None


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


def in_words(outcome: Outcome, words: Catalogue) -> Outcome:
    """An outcome to be explained: of an invalid file, what is wrong with it in a person's language."""
    from verifier.evidence.file import Invalid

    if not isinstance(outcome, Invalid):
        return outcome
    return Invalid(outcome.step, tell(outcome.message, words), outcome.where)


def pdf_text(in_pdf: bool, words: Catalogue) -> Iterator[str]:
    """Of evidence in a PDF, that nobody has checked what its pages say."""
    if in_pdf:
        yield words.say("explain.pdf_text")


def indent(lines: Iterable[str]) -> list[str]:
    """Lines that stand under a heading."""
    return [f"  {line}" for line in lines]


def print_paragraphs(paragraphs: Iterable[Paragraph]) -> None:
    """Print paragraphs, an empty line after each."""
    print_lines(line for one in paragraphs for line in (one.heading, *indent(one.lines), ""))


def print_lines(lines: Iterable[str]) -> None:
    """Always UTF-8, whatever the locale says; nothing in it can steer a terminal. A line feed begins a new line."""
    for line in lines:
        for one in line.split("\n"):
            print_bytes(f"{printable(one)}\n".encode())


def print_bytes(data: bytes) -> None:
    """Print what is meant for a program, as it is."""
    sys.stdout.buffer.write(data)


def print_json(value: Json) -> None:
    """Print canonical JSON on a line, piece by piece: a long answer is never kept as text."""
    for piece in pieces(value):
        print_bytes(piece.encode("utf-8"))
    print_bytes(b"\n")


class ProgressLine:
    """Progress on standard error: one line that is written anew on a terminal; elsewhere, unless ``is_quiet`` there, a
    line every ten seconds.
    """

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._is_quiet = is_quiet
        self._started = self._last = time.monotonic()
        self._is_shown = False

    def show(self, text: Callable[[float], str]) -> None:
        """Told often, written seldom; ``text`` is given the seconds since the start."""
        now = time.monotonic()
        if self._is_quiet or now - self._last < (0.2 if self._is_terminal else 10):
            return
        self._last = now
        line = printable(text(now - self._started))
        sys.stderr.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()
        self._is_shown = self._is_terminal

    def clear(self) -> None:
        """Before anything else is printed."""
        if self._is_shown:
            sys.stdout.flush()
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_shown = False
