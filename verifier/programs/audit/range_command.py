"""``verifier audit --range A..B --partial FILE``: one machine's share of an audit (:mod:`.partial`)."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.programs.console import CANNOT_TELL, YES, print_lines

if TYPE_CHECKING:
    from verifier.log.trust import Policy
    from verifier.programs.source import Source
    from verifier.words.catalogue import Catalogue

ALONE = ("merge", "misbehaviour", "sample", "sections", "start_anew", "store")
"""Options of the audit itself."""


def parse_range(text: str) -> tuple[int, int]:
    """``A..B``: the entries A to B - 1."""
    first, dots, end = text.partition("..")
    good = dots and all(one.isascii() and one.isdecimal() and len(one) < 17 for one in (first, end))
    if not good or not int(first) < int(end):
        raise argparse.ArgumentTypeError(f"{text!r} is no range: write A..B for the entries A to B - 1")
    return int(first), int(end)


def refusal(options: argparse.Namespace) -> str | None:
    """What is wrong with the options that go together."""
    if (options.range is None) != (options.partial is None):
        return "--range and --partial go together"
    if options.range is not None and any(getattr(options, name) for name in ALONE):
        return "--range makes a part of an audit: give the other options to --merge"
    if options.merge and options.sample:
        return "--merge and --sample do not go together"
    return None


def run_range(
    options: argparse.Namespace, source: Source, policy: Policy, jobs: int, should_stop: Callable[[], bool],
    words: Catalogue,
) -> int:  # fmt: skip
    """Make the partial; the exit status. Raises as :func:`.partial.write_partial` does."""
    from verifier.programs.audit.partial import write_partial

    first, end = options.range
    path = Path(options.partial)
    is_done = write_partial(path, first, end, source, policy, jobs=jobs, should_stop=should_stop)
    said = "audit.partial_done" if is_done else "audit.partial_stopped"
    print_lines([words.say(said, path=str(path), first=str(first), last=str(end - 1))])
    return YES if is_done else CANNOT_TELL
