"""How a program of Kembar starts and ends: whatever fails, also before its commands are loaded, has its exit status.

1 means that an answer is no. So nothing else may end with 1: no fault, no library that cannot be loaded, and no answer
that could not be written, because the disk is full or the output is closed.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from verifier.base.printable import printable
from verifier.programs.console import INTERRUPTED, OUR_BUG, USAGE_ERROR
from verifier.programs.language import spoken, tell

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "registry": (
        "click",
        "flask",
        "fontTools",
        "fpdf",
        "fpdf2",
        "granian",
        "http_message_signatures",
        "http_sf",
        "icalendar",
        "prometheus_client",
        "jinja2",
        "segno",
        "sqlite_utils",
        "uharfbuzz",
        "werkzeug",
    ),
    "witness": ("granian",),
}
"""The packages that each extra of the installation brings."""

_SHOWN = 300


class Unwritten(Exception):
    """Standard output does not take what is written to it."""

    def __init__(self, error: OSError) -> None:
        is_closed = error.errno == errno.EBADF
        super().__init__("it is closed" if is_closed else error.strerror or str(error))
        self.has_left = error.errno == errno.EPIPE
        """Whoever read it has seen enough."""


def run_program(name: str, work: Callable[[], object], extra: str) -> int:
    """Do the work of the program ``name``, which loads what it needs first; its exit status."""
    _guard_streams()
    return conclude(name, work, extra)


def conclude(name: str, work: Callable[[], object], extra: str) -> int:
    """Do the work; the exit status that it gives, or that stands for what ended it, of which a sentence is said.

    ``extra`` is what the installation may lack.
    """
    try:
        try:
            ended = work()
        except SystemExit as ending:
            ended = ending.code
        sys.stdout.flush()
        return ended if isinstance(ended, int) else 0
    except Unwritten as error:
        return USAGE_ERROR if error.has_left else _complain(name, f"the output cannot be written: {error}", USAGE_ERROR)
    except KeyboardInterrupt:
        return _complain(name, "interrupted", INTERRUPTED)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in EXTRAS[extra]:
            how = f"install Kembar with its extra '{extra}': pip install 'kembar[{extra}]'"
            return _complain(name, f"{missing} is missing: {how}", USAGE_ERROR)
        return _fault(name, error)
    except Exception as error:
        return _fault(name, error)


def _fault(name: str, error: Exception) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
    if "--debug" in sys.argv:
        sys.stderr.write("".join(traceback.format_exception(error)))
    said = f"{type(error).__name__}: {error}"[:_SHOWN]
    return _complain(name, f"a fault in this program ({said}; {place})", OUR_BUG)


def _complain(name: str, sentence: str, status: int) -> int:
    sys.stderr.write(f"{name}: {printable(tell(sentence, spoken()))}\n")
    return status


# ---- standard streams


class _Output(io.FileIO):
    """Standard output; what it does not take raises :class:`Unwritten`, which no library takes for its own error."""

    is_lost = False

    def write(self, data: Any) -> int:
        if self.is_lost:
            return memoryview(data).nbytes  # of what is left in buffers when the program ends
        try:
            return super().write(data) or 0
        except OSError as error:
            self.is_lost = True
            raise Unwritten(error) from None


class _Errors(io.FileIO):
    """Standard error; where it takes nothing there is nobody to tell."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


def _guard_streams() -> None:
    """Put guarded streams in the place of standard output and standard error, which may be closed."""
    while (free := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass  # no file that is opened later may stand where a closed stream stood
    os.close(free)
    sys.stdout = _text(_Output(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Errors(2, "w", closefd=False), sys.stderr, errors="backslashreplace")


def _text(raw: io.FileIO, former: TextIO | None, errors: str | None = None) -> io.TextIOWrapper:
    """A stream like ``former``, which is None where it was closed; bytes and text written to it stay in order."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=former.encoding if former else "utf-8",
        errors=errors or (former.errors if former else None),
        line_buffering=raw.isatty() or errors is not None,
        write_through=True,
    )
