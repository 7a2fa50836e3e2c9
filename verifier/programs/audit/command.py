"""``verifier audit``: the one command of the verifier that uses a network, and that only if its source is a URL."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from verifier.programs import log_key
from verifier.programs.audit.range_command import parse_range, refusal, run_range
from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    USAGE_ERROR,
    YES,
    ProgressLine,
    complain,
    print_bytes,
    print_lines,
    read_policy,
)
from verifier.programs.language import add_option, choose, english

if TYPE_CHECKING:
    from verifier.log.trust import Policy
    from verifier.programs.audit.disclosed import Disclosed
    from verifier.programs.audit.replayer import AuditReport, Progress, Replayer
    from verifier.programs.source import Source
    from verifier.replay.findings import Finding
    from verifier.replay.judge import JudgedUses
    from verifier.words.catalogue import Catalogue

CLEAN, FOUND, UNFINISHED = YES, NO, CANNOT_TELL

SHOWN = 1_000
"""Findings that are printed one by one; --json prints all."""

HELP = """\
Replays a whole log and reports everything that is wrong with it: signatures, order, seals, lists and the root of the
index at every seal, entries that are void, and, with --sections, every rule that opened sections allow to judge.

SOURCE is the URL of a log, or a folder with its files: a mirror, a registry's own, another audit's store.
With --store the next audit goes on where this one ended, and proves that the log only grew: from every checkpoint that
was ever accepted. DIR/mirror is then a verified copy of the log, which can be served and audited like the log itself.
An audit can be shared: each machine checks the signatures of a --range, and --merge does all the rest. It says what one
machine alone would say, however the log was split; a partial is believed like the machine that made it.
What can be proved of the registry's misbehaviour is left in DIR/misbehaviour: files that anybody can check with
'verifier check', without the registry's help.
"""

END = """\
exit status:
  0   the whole log was replayed (or the sample looked at), and nothing is wrong
  1   something is wrong: misbehaviour of the registry, or void entries
  2   the command was called wrongly, or a file of yours cannot be read
  3   it could not be finished: the source cannot be reached, or the audit was interrupted; run it again to go on
  4   the log is not trusted by the policy, or what is served is not what its checkpoint signs
  70  a fault in this program
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``audit`` to the verifier's commands."""
    audit = commands.add_parser(
        "audit",
        help="replay a whole log and report everything that is wrong",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    audit.add_argument("source", metavar="SOURCE", help="the log's URL, or a folder")
    audit.add_argument("--trust", metavar="POLICY", required=True, help="whom you trust: a C2SP tlog-policy file")
    audit.add_argument("--store", metavar="DIR", help="where to remember what was audited (default: nowhere)")
    audit.add_argument(
        "--start-anew", action="store_true", help="the store's state is lost: replay everything, from its mirror on"
    )
    audit.add_argument(
        "--misbehaviour", metavar="DIR", help="where to write proofs of what is wrong (default: a folder in the store)"
    )
    audit.add_argument("--sections", metavar="FOLDER", help="open what any file in FOLDER discloses, and judge by it")
    audit.add_argument("--follow-keys", action="store_true", help=log_key.HELP)
    audit.add_argument("--jobs", metavar="N", type=_number, help="processes that check leaves (default: one a core)")
    audit.add_argument(
        "--sample",
        metavar="N",
        type=_number,
        help="only look at N random entries and subjects, and with --store, whether the log only grew since",
    )
    audit.add_argument(
        "--range", metavar="A..B", type=parse_range, help="only check the signatures of the entries A to B - 1"
    )
    audit.add_argument("--partial", metavar="FILE", help="with --range: where to write what came of it, for --merge")
    audit.add_argument(
        "--merge", metavar="FILE", nargs="+", default=(), help="check no signature that one of these partials has"
    )
    audit.add_argument("--json", action="store_true", help="print the report as JSON")
    audit.add_argument("--quiet", action="store_true", help="show no progress")
    add_option(audit)
    audit.set_defaults(run=run)
    return audit


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:7]) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100000")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit status."""
    import sqlite3
    import tempfile
    from pathlib import Path

    from verifier.base.errors import KembarError
    from verifier.programs.audit.partial import PartialError, Partials
    from verifier.programs.audit.replayer import Replayer
    from verifier.programs.audit.store import AuditStoreError
    from verifier.programs.audit.workers import usable_cores
    from verifier.programs.http import BadUrl
    from verifier.programs.section_folder import require_folder
    from verifier.programs.source import Broken, Unreachable, open_source
    from verifier.replay.replay import NotReplayable

    wrong = refusal(options)
    if wrong is not None:
        return complain(wrong, USAGE_ERROR)
    policy = read_policy(options.trust)
    require_folder(options.sections)  # it is read when all has been replayed
    words = choose(options.language)
    line = ProgressLine(is_quiet=options.quiet)
    jobs = 1 if options.sample else options.jobs or usable_cores()
    with contextlib.ExitStack() as stack:
        try:
            source = open_source(options.source)
            partials = Partials(list(map(Path, options.merge)), policy) if options.merge else None
            if options.range:
                with _stoppable() as asked:
                    return run_range(options, source, policy, jobs, asked, words)
            store = Path(options.store or stack.enter_context(tempfile.TemporaryDirectory(prefix="kembar-audit-")))
            should_stop = stack.enter_context(_stoppable())
            replayer = stack.enter_context(
                Replayer(
                    store,
                    policy,
                    jobs=jobs,
                    progress=lambda progress: line.show(_told(progress, words)),
                    should_stop=should_stop,
                    misbehaviour=Path(options.misbehaviour) if options.misbehaviour else None,
                    is_anew=options.start_anew,
                    partials=partials,
                )
            )
            if options.sample:
                return _sample(replayer, source, policy, options, words)
            report = replayer.advance(source)
            line.clear()
            return _report(replayer, source, report, options, words)
        except (AuditStoreError, BadUrl, PartialError) as error:
            return complain(str(error), USAGE_ERROR)
        except (Unreachable, NotReplayable) as error:
            line.clear()
            return complain(str(error), UNFINISHED)
        except (Broken, KembarError) as error:
            line.clear()
            return complain(str(error), INVALID)
        except (OSError, sqlite3.OperationalError) as error:  # the disk is full, a file of the store is gone
            line.clear()
            return complain(str(error), UNFINISHED)


@contextlib.contextmanager
def _stoppable() -> Iterator[StopSignal]:
    """The first interrupt lets the run end in good order; the second ends it as usual."""
    stop = StopSignal()
    signals = [signal.SIGINT, signal.SIGTERM]
    former = {one: signal.signal(one, stop.ask) for one in signals}
    try:
        yield stop
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)


class StopSignal:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        return self._asked

    def ask(self, *_: object) -> None:
        """A signal's handler."""
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


def _told(progress: Progress, words: Catalogue) -> Callable[[float], str]:
    def text(seconds: float) -> str:
        rate = progress.entries / seconds
        left = (progress.total - progress.size) / rate if rate else 0
        return words.say(
            "audit.progress",
            size=progress.size,
            total=progress.total,
            percent=100 * progress.size // progress.total,
            entry_rate=round(rate),
            signature_rate=round(progress.signatures / seconds),
            left=_span(left, words),
        )

    return text


def _span(seconds: float, words: Catalogue) -> str:
    whole = int(seconds)
    if whole < 60:
        return words.say("audit.seconds", count=whole)
    if whole < 7_200:
        return words.say("audit.minutes", count=whole // 60)
    return words.say("audit.hours", count=whole // 3_600)


# ---- reports


def _report(
    replayer: Replayer, source: Source, report: AuditReport, options: argparse.Namespace, words: Catalogue
) -> int:
    from itertools import chain

    from verifier.programs.audit.disclosed import Disclosed

    judged: JudgedUses | None = None
    are_kept = options.store or options.misbehaviour
    proofs = [str(path) for path in replayer.accuser.files()] if are_kept else []
    with contextlib.closing(Disclosed()) as disclosed:
        found: Iterator[Finding] = chain(replayer.store.findings(), report.now)
        if options.sections and report.finished:
            from pathlib import Path

            judged, judgements = replayer.judge(Path(options.sections), disclosed)
            found = chain(found, judgements)
        if options.json:
            _print_json(report, judged, disclosed, found, proofs)
        else:
            _print_text(source, report, judged, disclosed, found, proofs, words)
    if report.finished and not report.has_misbehaviour and (new := replayer.new_log_key(report.as_of)) is not None:
        log_key.say(new, options)
    if not report.is_clean:
        return FOUND
    return CLEAN if report.finished else UNFINISHED


def _print_text(
    source: Source,
    report: AuditReport,
    judged: JudgedUses | None,
    disclosed: Disclosed,
    found: Iterator[Finding],
    proofs: Sequence[str],
    words: Catalogue,
) -> None:
    from verifier.base.strict import format_instant

    checkpoint = report.checkpoint
    seconds = max(report.seconds, 0.001)
    _say(words, "audit.source", origin=checkpoint.origin, source=source.name)
    if report.as_of is None:
        _say(words, "audit.checkpoint", size=checkpoint.size)
    else:
        _say(words, "audit.checkpoint_cosigned", size=checkpoint.size, at=format_instant(report.as_of))
    _say(
        words,
        "audit.replayed",
        size=report.size,
        entries=report.entries,
        signatures=report.signatures,
        seconds=f"{seconds:.1f}".replace(".", words.decimal),
        entry_rate=round(report.entries / seconds),
        signature_rate=round(report.signatures / seconds),
    )
    shown = 0
    for finding in found:
        shown += 1
        if shown <= SHOWN:
            _print_finding(finding, words)
    if shown > SHOWN:
        _say(words, "audit.more_findings", n=shown - SHOWN)
    if judged is not None:
        counts = disclosed.counts
        _say(words, "audit.sections", opened=counts.opened, unknown=counts.unknown, wrong=counts.wrong)
        authorised, paid = _counted(judged.authorised, words), _counted(judged.paid, words)
        _say(words, "audit.uses", count=judged.usages, authorised=authorised, paid=paid)
    for path in proofs:
        _say(words, "audit.proof", path=path)
    if not report.finished:
        _say(words, "audit.unfinished_go_on" if report.is_clean else "audit.unfinished")
    elif report.is_clean:
        _say(words, "audit.clean" if judged is None else "audit.clean_log")
    else:
        _say(words, "audit.wrong")


def _say(words: Catalogue, id: str, **values: int | str) -> None:
    print_lines([words.say(id, **values)])


def _counted(answers: Mapping[str, int], words: Catalogue) -> str:
    if not answers:
        return words.say("audit.no_answers")
    return ", ".join(
        words.say("audit.answer_count", answer=words.say(f"answer.{answer}"), count=count)
        for answer, count in sorted(answers.items())
    )


def _print_finding(finding: Finding, words: Catalogue) -> None:
    from verifier.replay.findings import explain_finding

    text = words.say(
        "audit.finding",
        index=str(finding.index),
        severity=words.say(f"severity.{finding.severity.value}"),
        rule=finding.rule,
        code=finding.code,
        sentence=explain_finding(finding, words),
    )
    if finding.entries:
        text += words.say("audit.see", entries=", ".join(map(str, finding.entries)))
    print_lines([text])


def _print_json(
    report: AuditReport,
    judged: JudgedUses | None,
    disclosed: Disclosed,
    found: Iterator[Finding],
    proofs: Sequence[str],
) -> None:
    """One canonical JSON text; the findings one by one, for there may be very many."""
    from verifier.base import canonical
    from verifier.base.strict import format_b64, format_instant
    from verifier.replay.findings import format_finding

    checkpoint = report.checkpoint
    head: dict[str, canonical.Json] = {
        "checkpoint": {
            "origin": checkpoint.origin,
            "root": format_b64(checkpoint.root),
            "size": checkpoint.size,
            **({} if report.as_of is None else {"as_of": format_instant(report.as_of)}),
        },
        "clean": report.is_clean,
        "entries": report.entries,
    }
    write = print_bytes
    write(canonical.encode(head)[:-1] + b',"findings":[')
    for place, finding in enumerate(found):
        write((b"," if place else b"") + canonical.encode(format_finding(finding, english())))
    tail: dict[str, canonical.Json] = {
        "finished": report.finished,
        "milliseconds": int(report.seconds * 1000),
        **({"proofs": list(proofs)} if proofs else {}),
        "signatures": report.signatures,
        "size": report.size,
    }
    if judged is not None:  # counted while the findings were made
        counts = disclosed.counts
        tail["sections"] = {"opened": counts.opened, "unknown": counts.unknown, "wrong": counts.wrong}
        tail["uses"] = {"authorised": dict(judged.authorised), "judged": judged.usages, "paid": dict(judged.paid)}
    write(b"]," + canonical.encode(tail)[1:] + b"\n")


# ---- the quick look


def _sample(
    replayer: Replayer, source: Source, policy: Policy, options: argparse.Namespace, words: Catalogue
) -> int:
    import secrets

    from verifier.base import canonical
    from verifier.base.strict import format_b64
    from verifier.programs.audit.sample import take_sample
    from verifier.replay.findings import Severity, format_finding

    sample = take_sample(replayer, source, policy, options.sample, secrets.randbelow)
    kept = [*replayer.store.findings(Severity.MISBEHAVIOUR), *sample.findings]
    checkpoint = sample.checkpoint
    if options.json:
        value: dict[str, canonical.Json] = {
            "checkpoint": {
                "origin": checkpoint.origin,
                "root": format_b64(checkpoint.root),
                "size": checkpoint.size,
            },
            "clean": not kept,
            "findings": [format_finding(finding, english()) for finding in kept],
            "sample": {"entries": sample.entries, "lists": sample.lists or 0},
        }
        if sample.grew_from is not None:
            value["grew_from"] = sample.grew_from
        print_bytes(canonical.encode(value) + b"\n")
        return FOUND if kept else CLEAN
    _say(words, "audit.source", origin=checkpoint.origin, source=source.name)
    _say(words, "audit.checkpoint", size=checkpoint.size)
    if sample.grew_from is not None:
        _say(words, "audit.grew_from", entries=sample.grew_from)
    _say(words, "audit.looked_at", entries=len(sample.entries))
    if sample.lists is None:
        _say(words, "audit.no_lists")
    else:
        _say(words, "audit.looked_at_lists", lists=sample.lists)
    for finding in kept:
        _print_finding(finding, words)
    _say(words, "audit.wrong" if kept else "audit.clean_sample")
    return FOUND if kept else CLEAN
