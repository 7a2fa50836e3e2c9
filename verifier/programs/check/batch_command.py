"""``verifier check`` of many files: finding them, checking them in processes beside, and writing the reports."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from verifier.programs import section_folder
from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    NOT_YET_DUE,
    OUR_BUG,
    YES,
    ProgressLine,
    Unusable,
    print_bytes,
    print_lines,
    read_file,
    read_instant,
    read_policy,
    unwritable,
)
from verifier.programs.files import SUFFIX
from verifier.programs.language import choose, tell
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.base.canonical import Json
    from verifier.programs.check.batch import BatchTotals, CheckedFile
    from verifier.programs.check.report.words import BatchQuestion
    from verifier.words.catalogue import Catalogue

MAX_LIST = 256 * 1024 * 1024
"""Bytes of a list of files."""

STATUS = {
    "fault": OUR_BUG, "invalid": INVALID, "no": NO, "cannot_tell": CANNOT_TELL, "unreadable": CANNOT_TELL,
    "not_yet_due": NOT_YET_DUE, "yes": YES,
}  # fmt: skip

HELP = """
Of many files, folders (every *.evidence.json below them, links not followed) or a --list, each gets a line, its verdict
is the one that a check of it alone gives, and none stops the others. Of a record book that is a folder (registry
evidence party ID -o FOLDER/) the last line says whether its files are complete together, and which consent's is missing
or older than the list. --report writes what somebody has to look at: what
is unauthorised, unpaid, late or cannot be told, and why. It may be given several times; FILE ends in .csv, .json or
.html.
"""

END = """
of many files, the worst of them: 70, 4, 1, 3, 5, 0. One that cannot be read counts as 3.
"""


def add_options(check: argparse.ArgumentParser) -> None:
    """Add what concerns many files to ``check``."""
    check.add_argument("--list", metavar="FILE", help="check the files that this one names, a path on each line")
    check.add_argument(
        "--report", metavar="FILE", action="append", default=[], help="write the exceptions to FILE.csv, .json or .html"
    )
    check.add_argument("--jobs", metavar="N", type=_number, help="processes that check files (default: one a core)")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:7]) <= 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)


def is_batch(options: argparse.Namespace) -> bool:
    """Whether ``check`` was called with more than one file, or for a report."""
    paths = options.evidence
    return bool(options.list is not None or options.report or len(paths) != 1 or os.path.isdir(paths[0]))


def run(options: argparse.Namespace) -> int:
    """Check all that is named; returns the exit status."""
    import pickle
    import tempfile

    from verifier.log.trust import MAX_POLICY_SIZE
    from verifier.programs.check.batch import BatchTotals, Settings
    from verifier.programs.check.batch_pool import check_all, usable_cores
    from verifier.programs.check.report.words import BatchQuestion

    words = choose(options.language)
    if options.asset:
        raise Unusable(Sentence("usage.asset_of_many"))
    settings = Settings(
        policy=read_policy(options.trust),
        instant=int(time.time()) if options.at is None else read_instant("--at", options.at),
        max_age=options.max_age * 3600,
        require_audited=options.require == "audited",
        by_clock=options.at is None,
        ask=options.ask,
        keep_verdicts=options.json,
        held=section_folder.held_in(options.sections),
    )
    asked = BatchQuestion(
        instant=settings.instant,
        policy=sha256(read_file(options.trust, MAX_POLICY_SIZE)).hexdigest(),
        max_age=settings.max_age,
        require_audited=settings.require_audited,
        ask=settings.ask,
    )
    paths = find(options.evidence, options.list)
    totals = BatchTotals()
    with contextlib.ExitStack() as stack:
        reports = [stack.enter_context(_Report(path, words)) for path in dict.fromkeys(options.report)]
        spool = stack.enter_context(tempfile.TemporaryFile(prefix="kembar-batch-")) if reports else None
        line = ProgressLine(is_quiet=not sys.stderr.isatty())
        checking = check_all(paths, settings, options.jobs or usable_cores())
        for checked in _books_last(checking):
            totals.add(checked)
            line.clear()
            _print_json(checked) if options.json else print_lines([_line(checked, words)])
            line.show(_progress(totals.checked, len(paths), words))
            if spool is not None and checked.is_exception:
                pickle.dump(checked, spool)
        line.clear()
        for report in reports:
            assert spool is not None
            report.write(asked, totals, _spooled(spool))
    if options.json:
        from verifier.base.canonical import encode
        from verifier.programs.check.report.as_json import totals_json

        print_bytes(encode({"totals": totals_json(totals)}) + b"\n")
    else:
        print_lines(["", *_summary(totals, words)])
    return STATUS[totals.conclusion]


def _books_last(checking: Iterable[CheckedFile]) -> Iterator[CheckedFile]:
    """The files as they come; lists of record books after all others, held against these."""
    from verifier.programs.check.batch import with_book

    lists, parts = [], []
    for checked in checking:
        if checked.part is not None and checked.part.consent is None:
            lists.append(checked)
            continue
        if checked.part is not None:
            parts.append(checked.part)
        yield checked
    for list_ in lists:
        yield with_book(list_, parts)


# ---- which files


def find(named: Sequence[str], listed: str | None) -> list[str]:
    """All files that are meant, each once: those of a folder in order of their names."""
    if "-" in named:
        raise Unusable(Sentence("usage.input_of_many"))
    found = []
    for path in named:
        if os.path.isdir(path):
            inside = list(_inside(path))
            if not inside and len(named) == 1 and listed is None:
                raise Unusable(Sentence("usage.empty_folder", path=path, pattern=f"*{SUFFIX}"))
            found += inside or [path]
        else:
            found.append(path)
    if listed is not None:
        data = read_file(listed, MAX_LIST)
        if len(data) > MAX_LIST:
            raise Unusable(Sentence("usage.list_too_large", path=listed, n=MAX_LIST))
        found += [os.fsdecode(line) for raw in data.split(b"\n") if (line := raw.removesuffix(b"\r"))]
    if not found:
        raise Unusable(Sentence("usage.nothing_named"))
    return list(dict.fromkeys(found))


def _inside(folder: str) -> Iterator[str]:
    """The evidence files below a folder. A folder that cannot be listed is given as it is, and told of like a file."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(entry.path)
        elif entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
            yield entry.path


# ---- printing

def _line(checked: CheckedFile, words: Catalogue) -> str:
    """One file in one line."""
    if checked.question is None:
        meaning = f"{words.say(f'step.{checked.step}')} " if checked.step else ""
        said = f"{meaning}{tell(checked.message, words)}"
    else:
        many = checked.question.kind == "party"
        answers = []
        for answer, count in checked.answers:
            what = words.say(f"answer.{answer}")
            counted = many and answer != "COMPLETE"
            answers.append(words.say("batch.counted", what=what, count=count) if counted else what)
        said = ", ".join(answers)
        if any("late" in item.kinds for item in checked.items):
            said = words.say("batch.with_late", said=said)
        if checked.part is not None and checked.part.consent is None:
            said = " ".join([said + ".", *_whole_book(checked, words)])
        if checked.is_pdf:
            said = f"{said}. {words.say('explain.pdf_text')}"
    width = max(len(words.say(f"label.{one}")) for one in STATUS)
    label = words.say(f"label.{checked.conclusion}")
    return words.say("batch.line", label=f"{label:<{width}}", file=checked.file, said=said)


def _whole_book(checked: CheckedFile, words: Catalogue) -> Iterator[str]:
    """Whether the files of its consents are all there, after the list of a record book."""
    assert checked.part is not None
    for kind in ("missing", "behind"):
        ids = [item.question.id[:12] for item in checked.items if kind in item.kinds]
        if ids:
            yield words.say(f"book.{kind}", n=len(ids), consents=words.listed(ids))
    if not checked.items:
        yield words.say("batch.whole_book", n=len(checked.part.entries))


def _summary(totals: BatchTotals, words: Catalogue) -> Iterator[str]:
    from verifier.programs.check.batch import CONCLUSIONS, KINDS

    def counted(family: str, counts: Mapping[str, int], names: Iterable[str]) -> str:
        return "; ".join(
            words.say("batch.counted", what=words.say(f"{family}.{one}"), count=counts[one])
            for one in names
            if counts[one]
        )

    conclusions = counted("conclusion", totals.files, reversed(CONCLUSIONS))
    yield words.say("batch.files", count=totals.checked, conclusions=conclusions)
    kinds = counted("exception", totals.items, KINDS)
    if kinds:
        yield words.say("batch.exceptions", kinds=kinds)
    sums = totals.money()
    for currency, money in sums.items():
        owed, late = words.money(money.owed, currency), words.money(money.owed_late, currency)
        if money.held:
            held, held_late = words.money(money.held, currency), words.money(money.held_late, currency)
            yield words.say("batch.unpaid_and_held", owed=owed, late=late, held=held, held_late=held_late)
        else:
            yield words.say("batch.unpaid", owed=owed, late=late)
    if sums:
        yield words.say("batch.once")


def _print_json(checked: CheckedFile) -> None:
    """A canonical JSON text in one line: the name, the conclusion, and the verdict that a check of it alone prints."""
    from verifier.base.canonical import encode

    value: dict[str, Json] = {"conclusion": checked.conclusion, "file": checked.file}
    for kind in ("behind", "missing"):
        if ids := [item.question.id for item in checked.items if kind in item.kinds]:
            value[kind] = list(ids)
    if checked.verdict is None:
        value["message"] = checked.message
    text = encode(value)
    if checked.verdict is None:
        print_bytes(text + b"\n")
        return
    for part in (text[:-1], b',"verdict":', checked.verdict, b"}\n"):
        print_bytes(part)


def _progress(done: int, total: int, words: Catalogue) -> Callable[[float], str]:
    def text(seconds: float) -> str:
        rate = done / seconds
        left = round((total - done) / rate)
        return words.say(
            "batch.progress", done=done, total=total, percent=100 * done // total, rate=round(rate), left=left
        )

    return text


# ---- reports


class _Report(contextlib.AbstractContextManager["_Report"]):
    """A report on disk: begun at once, so that what cannot be written is told before the work; put in place whole."""

    def __init__(self, path: str, words: Catalogue) -> None:
        self._path = path
        self._part = f"{path}.part"
        self._render = _renderer(path, words)
        try:
            self._file: IO[bytes] = open(self._part, "wb")  # noqa: SIM115 -- closed when the command ends
        except OSError as error:
            raise unwritable(path, error) from None

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._part)

    def write(self, asked: BatchQuestion, totals: BatchTotals, exceptions: Iterable[CheckedFile]) -> None:
        """Write it whole, and put it in place."""
        try:
            for text in self._render(asked, totals, exceptions):
                self._file.write(text.encode("utf-8"))
            self._file.flush()
            os.fsync(self._file.fileno())
            os.replace(self._part, self._path)
        except OSError as error:
            raise unwritable(self._path, error) from None


def _renderer(
    path: str, words: Catalogue
) -> Callable[[BatchQuestion, BatchTotals, Iterable[CheckedFile]], Iterator[str]]:
    from verifier.programs.check.report import as_csv, as_html, as_json

    match os.path.splitext(path)[1].lower():
        case ".csv":
            return lambda asked, totals, exceptions: as_csv.render(exceptions, words)
        case ".json":
            return as_json.render
        case ".html" | ".htm":
            return lambda asked, totals, exceptions: as_html.render(asked, totals, exceptions, words)
    raise Unusable(Sentence("usage.report_name", path=path))


def _spooled(spool: IO[bytes]) -> Iterator[CheckedFile]:
    """The exceptions that were put aside in this process's own file, in order."""
    import pickle

    spool.seek(0)
    while True:
        try:
            checked: CheckedFile = pickle.load(spool)
        except EOFError:
            return
        yield checked
