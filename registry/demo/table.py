"""What a demo came to, as a table for people and as JSON for scripts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from registry.demo.run import DemoRow, Told
from verifier.base.canonical import Json

_NAME, _ANSWER, _PAID = 29, 16, 12


def table(told: Told) -> str:
    """Each evidence file with its answers, whether they are the story's, and how to check one oneself."""
    return "\n".join(_lines(told))


def told_json(told: Told) -> Json:
    """One object; ``files`` maps names to question, expected and answered."""
    return {
        "agrees": told.agrees,
        "commands": told.commands,
        "files": {
            row.file: {
                "agrees": row.agrees,
                "answered": row.answered,
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
    yield _columns(f"{folder}/", "authorised", "paid", "as expected")
    for row in told.rows:
        yield ""
        yield _columns(
            row.file.removesuffix(".evidence.json"),
            str(row.answered.get("authorised") or row.answered.get("answer") or f"invalid: {row.answered['invalid']}"),
            str(row.answered.get("paid", "-")),
            _mark("✓", "yes") if row.agrees else _mark("✗", "NO"),
        )
        yield f"    {row.question.happened}"
        yield from _more(row)
    right = sum(row.agrees for row in told.rows)
    yield ""
    yield f"{right} of {len(told.rows)} as the story expects; {told.commands} commands in {told.seconds:.1f} s."
    yield from told.agreement.remarks
    yield f"The verifier ran once for each file, {told.offline.how}."
    yield "It was told to believe only what the auditor had replayed and cosigned (--require audited)."
    yield ""
    yield "Check one yourself; it needs no network and no registry:"
    yield f"  {_command(told.rows[0], told.policy)}"
    yield "Leave --asset out, give it another picture, change a byte of the file, or read how it is made up:"
    yield f"  {shlex.join([*_verifier(), 'inspect', str(told.rows[0].check.evidence)])}"


def _more(row: DemoRow) -> Iterator[str]:
    if len(row.segments) > 1:
        for one in row.segments:
            yield f"    {one['from']} to {one['to']}: {one['authorised']}"
    if not row.agrees:
        yield f"    expected: {', '.join(f'{name} {answer}' for name, answer in row.expected.items())}"


def _columns(name: str, answer: str, paid: str, mark: str) -> str:
    return f"{name:<{_NAME}} {answer:<{_ANSWER}} {paid:<{_PAID}} {mark}"


def _mark(sign: str, word: str) -> str:
    """The sign, where the terminal can show it."""
    try:
        sign.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return word
    return sign


def _command(row: DemoRow, policy: Path) -> str:
    return shlex.join([*_verifier(), *row.check.arguments(policy)])


def _verifier() -> list[str]:
    """The verifier as it is installed beside this Python, by the shortest path from here."""
    installed = Path(sys.executable).parent / "verifier"
    if not installed.is_file():
        return [sys.executable, "-m", "verifier"]
    here = Path.cwd()
    return [str(installed.relative_to(here) if installed.is_relative_to(here) else installed)]
