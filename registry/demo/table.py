"""What a demo came to, as a table for people and as JSON for scripts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from registry.demo.browser import PASSPHRASE
from registry.demo.folder import KEYS
from registry.demo.run import DemoRow, Told
from verifier.base.canonical import Json

_NAME, _ANSWER, _PAID = 29, 16, 12


def table(told: Told) -> str:
    """Each evidence file with its answers, whether they are the story's, and how to check one oneself."""
    return "\n".join(_lines(told))


def doors(folder: Path, browser_keys: Path, url: str) -> str:
    """How to see the pages of those in the story at ``url``, and to act there; the keys of a demo guard nothing."""
    people = {
        "a model": "ayu", "a child's guardian": "sari", "her agency": "senja", "a brand": "larasati",
        "another brand": "nordlicht", "her union": "laut", "the registrar": "registrar",
    }  # fmt: skip
    command = shlex.join([*_program("registry"), "sign-in", url, "CODE", "--key", str(folder / KEYS / "ayu.key")])
    return "\n".join([
        f"See the pages of those in the story, and act there: open {url}/sign-in, with a key file of whom you play.",
        f"All of them open with the passphrase {PASSPHRASE!r}; a browser profile for each is handy.",
        *(f"  {who:<20}{browser_keys / f'{name}.key'}" for who, name in people.items()),
        "The registrar invites whomever you make up. By a command instead, with the CODE that the page shows:",
        f"  {command}",
    ])  # fmt: skip


def told_json(told: Told) -> Json:
    """One object; ``files`` maps names to question, expected and answered."""
    return {
        "agrees": told.agrees,
        "commands": told.commands,
        "files": {
            row.file: {
                "agrees": row.agrees,
                "answered": row.answered,
                "answered_in_javascript": row.second,
                "expected": row.expected,
                "happened": row.question.happened,
            }
            for row in told.rows
        },
        "milliseconds": int(told.seconds * 1000),
        "offline": told.offline.how,
        "policy": str(told.policy),
    }


def _lines(told: Told) -> Iterator[str]:
    folder = told.rows[0].check.evidence.parent
    yield ""
    both = told.rows[0].second is not None
    if both:
        yield _columns("", "in Python", "", "in JavaScript")
    heads = ("authorised", "paid")
    yield _columns(f"{folder}/", *heads, *(heads if both else ()), "as expected")
    for row in told.rows:
        yield ""
        yield _columns(
            row.file.removesuffix(".evidence.json"),
            *_words(row.answered),
            *(() if row.second is None else _words(row.second)),
            _mark("✓", "yes") if row.agrees else _mark("✗", "NO"),
        )
        yield f"    {row.question.happened}"
        yield from _more(row)
    right = sum(row.agrees for row in told.rows)
    yield ""
    yield f"{right} of {len(told.rows)} as the story expects; {told.commands} commands in {told.seconds:.1f} s."
    yield from told.agreement.remarks
    yield f"The verifier ran once for each file, {told.offline.how}."
    if both:
        yield "So did the one in JavaScript; the mark says, too, that both verdicts are the same as a whole."
    else:
        yield "The one in JavaScript was not asked: Node, or the packages of verifier/browser, are not installed."
    yield "It was told to believe only what the auditor had replayed and cosigned (--require audited)."
    yield ""
    yield "Check one yourself; it needs no network and no registry:"
    yield f"  {_command(told.rows[0], told.policy)}"
    yield "Leave --asset out, give it another picture, change a byte of the file, or read how it is made up:"
    yield f"  {shlex.join([*_program('verifier'), 'inspect', str(told.rows[0].check.evidence)])}"


def _more(row: DemoRow) -> Iterator[str]:
    if len(row.segments) > 1:
        for one in row.segments:
            yield f"    {one['from']} to {one['to']}: {one['authorised']}"
    if not row.same:
        yield "    the two verifiers do not say the same"
    if not row.agrees:
        yield f"    expected: {', '.join(f'{name} {answer}' for name, answer in row.expected.items())}"


def _words(answered: Mapping[str, Json]) -> tuple[str, str]:
    """What stands under "authorised" and "paid"."""
    first = answered.get("authorised") or answered.get("answer") or f"invalid: {answered['invalid']}"
    return str(first), str(answered.get("paid", "-"))


def _columns(name: str, *answers: str) -> str:
    """The answers of one verifier or two, and the mark."""
    widths = (_ANSWER, _PAID, _ANSWER, _PAID)
    *shown, mark = answers
    cells = [f"{cell:<{width}}" for cell, width in zip(shown, widths, strict=False)]
    return " ".join([f"{name:<{_NAME}}", *cells, mark])


def _mark(sign: str, word: str) -> str:
    """The sign, where the terminal can show it."""
    try:
        sign.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return word
    return sign


def _command(row: DemoRow, policy: Path) -> str:
    return shlex.join([*_program("verifier"), *row.check.arguments(policy)])


def _program(name: str) -> list[str]:
    """A program as it is installed beside this Python, by the shortest path from here."""
    installed = Path(sys.executable).parent / name
    if not installed.is_file():
        return [sys.executable, "-m", name]
    here = Path.cwd()
    return [str(installed.relative_to(here) if installed.is_relative_to(here) else installed)]
