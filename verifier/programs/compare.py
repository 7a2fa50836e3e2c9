"""The commands about misbehaviour: ``verifier check`` of such a file, and ``verifier compare``, which makes them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    YES,
    ProgressLine,
    Unusable,
    print_bytes,
    print_lines,
    print_paragraphs,
    read_file,
    read_policy,
    unwritable,
)
from verifier.programs.language import add_option, choose
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.log.trust import Policy
    from verifier.misbehaviour.accuse import Heap
    from verifier.misbehaviour.file import Misbehaviour, NotProven

MAX_FILES = 100
"""Proofs that are written at once; more would convict nobody twice."""

HELP = """\
Compares what a log has shown, to you and to others, at different times, and looks for lies that can be proved by it.

FILE is an evidence file, a checkpoint (a signed note), a log proof (c2sp.org/tlog-proof@v1), or an envelope that a log
proof among the others is about. For each lie a file *.misbehaviour.json is written, which anybody can check with
'verifier check', without the log's help. Private sections do not get into it.
"""

END = """\
exit status:
  0   nothing is proven
  1   it is proven that the log lied
  2   the command was called wrongly, or a file cannot be read
  70  a fault in this program
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``compare`` to the verifier's commands."""
    compare = commands.add_parser(
        "compare",
        help="look for lies in what a log has shown",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("files", metavar="FILE", nargs="+", help="what the log has shown")
    compare.add_argument("--trust", metavar="POLICY", required=True, help="the log's key: a C2SP tlog-policy file")
    compare.add_argument("-o", "--output", metavar="DIR", help="where to write what is proven (default: here)")
    add_option(compare)
    compare.set_defaults(run=_compare)
    return compare


# ---- check


def check(claim: Misbehaviour | NotProven, policy: Policy, options: argparse.Namespace) -> int:
    """Carry out ``verifier check`` of a misbehaviour file that was read; returns the exit status."""
    from verifier.misbehaviour.check import format_outcome, judge
    from verifier.misbehaviour.file import NotProven

    given = [name for name in ("asset", "at", "ask", "require") if getattr(options, name)]
    if given:
        raise Unusable(Sentence("usage.not_evidence_option", option=given[0]))
    outcome = judge(claim, policy)
    if options.json:
        print_bytes(format_outcome(outcome) + b"\n")
    else:
        from verifier.misbehaviour.words import explain

        print_paragraphs(explain(outcome, choose(options.language)))
    if isinstance(outcome, NotProven):
        return CANNOT_TELL if outcome.code == "log_unknown" else INVALID
    return NO


# ---- compare


def _compare(options: argparse.Namespace) -> int:
    from verifier.misbehaviour.accuse import accuse

    words = choose(options.language)
    policy = read_policy(options.trust)
    line = ProgressLine(is_quiet=not sys.stderr.isatty())

    def told(step: str, done: int, total: int) -> None:
        line.show(lambda seconds: words.say(f"comparing.{step}", done=done, total=total))

    heap = _heap(options.files, lambda done: told("read", done, len(options.files)))
    found = accuse(heap, policy, lambda done, total: told("compared", done, total))
    written = write_all(Path(options.output or "."), found)
    line.clear()
    if not written:
        print_lines([words.say("compare.nothing", checkpoints=len(heap.notes), entries=len(heap.leaves))])
        return YES
    print_lines(f"{path}: {words.say(f'shows.{kind}')}" for path, kind in written)
    return NO


def _heap(paths: Iterable[str], told: Callable[[int], None]) -> Heap:
    """All that the files hold; ``told`` is called with how many were read."""
    from verifier.base.errors import Malformed
    from verifier.evidence.file import MAX_EVIDENCE, Invalid
    from verifier.log.log_proof import HEADER, parse_log_proof
    from verifier.misbehaviour.accuse import Heap
    from verifier.misbehaviour.check import read_signed
    from verifier.statements.envelope import parse_envelope

    heap = Heap()
    proofs, leaves = [], []
    for done, path in enumerate(paths):
        told(done)
        data = read_file(path, MAX_EVIDENCE)
        try:
            if data.startswith(HEADER.encode()):
                proofs.append(parse_log_proof(data))
            elif data.startswith(b'{"payload":'):
                leaves.append(parse_envelope(data.removesuffix(b"\n")).leaf)
            elif data.startswith(b"{"):
                heap.add_evidence(data)
            else:
                read_signed(text := data.decode("utf-8", "replace"))
                heap.add_note(text)
        except (Malformed, Invalid) as error:
            raise Unusable(Sentence("usage.not_comparable", path=path, why=str(error))) from None
    for proof in proofs:
        heap.add_note(proof.checkpoint)
        for leaf in dict.fromkeys((*leaves, *(one.leaf for one in heap.leaves))):
            heap.try_log_proof(proof, leaf)
    return heap


def write_all(folder: Path, proofs: Iterable[bytes]) -> list[tuple[Path, str]]:
    """Write misbehaviour files, named after their kinds; returns their paths and kinds."""
    from hashlib import sha256

    from verifier.misbehaviour.file import SUFFIX, parse_misbehaviour

    written = []
    for data in proofs:
        kind = parse_misbehaviour(data).kind
        path = folder / f"{kind}-{sha256(data).hexdigest()[:12]}{SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise unwritable(path, error) from None
        written.append((path, kind))
        if len(written) == MAX_FILES:
            break
    return written
