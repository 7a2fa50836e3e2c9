"""Checking many files in processes beside: their outcomes in order, and none that stops the others."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from verifier.base.printable import printable
from verifier.evidence.file import MAX_EVIDENCE
from verifier.programs.check.batch import CheckedFile, Settings, check_file, failed, unread
from verifier.programs.files import SUFFIX, read_input

TOGETHER = 4
"""Files that are handed to a process at a time."""


def shown(path: str) -> str:
    """A file's name as text that can be printed anywhere: bytes and signs that cannot are spelt out."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return printable(text)


def check_path(path: str, settings: Settings) -> CheckedFile:
    """Check a file. Never raises: whatever is wrong with it, or goes wrong here, is told of the file."""
    name = shown(path)
    try:
        if os.path.isdir(path):
            os.listdir(path)  # what stands in the way of that is said instead
            return unread(name, f"a folder that holds no *{SUFFIX}")
        read = [read_input(path, MAX_EVIDENCE)]
    except OSError as error:
        return unread(name, error.strerror or type(error).__name__)
    try:
        return check_file(name, read.pop(), settings)  # handed over: nobody keeps the bytes while it is checked
    except Exception as error:
        return failed(name, f"{type(error).__name__}; a check of this file alone, with --debug, tells more")


def check_all(paths: Sequence[str], settings: Settings, jobs: int) -> Iterator[CheckedFile]:
    """Check files in ``jobs`` processes; what comes of them, in their order."""
    if min(jobs, len(paths)) == 1:
        yield from (check_path(path, settings) for path in paths)
        return
    chunks = deque(paths[start : start + TOGETHER] for start in range(0, len(paths), TOGETHER))
    while chunks:
        under_way: deque[tuple[Sequence[str], Future[list[CheckedFile]]]] = deque()
        with _pool(min(jobs, len(chunks)), settings) as pool:
            try:
                while chunks or under_way:
                    while chunks and len(under_way) < 4 * jobs:
                        under_way.append((chunks[0], pool.submit(_check_here, chunks[0])))
                        chunks.popleft()
                    yield from under_way[0][1].result()
                    under_way.popleft()
                continue
            except BrokenProcessPool:
                pass
        # A process ended: killed, out of memory, or by a fault below Python. What was under way is checked again, each
        # file in a process of its own, so that only the one that does it is lost.
        for chunk, _ in under_way:
            for path in chunk:
                yield _check_apart(path, settings)


def _check_apart(path: str, settings: Settings) -> CheckedFile:
    with _pool(1, settings) as pool:
        try:
            return pool.submit(_check_here, [path]).result()[0]
        except BrokenProcessPool:
            return failed(shown(path), "the process that checked it was ended: by a lack of memory, perhaps")


@contextlib.contextmanager
def _pool(jobs: int, settings: Settings) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(os.getpid(), settings))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_settings: Settings


def _begin(parent: int, settings: Settings) -> None:
    """In a new process: an interrupt is for the one that started it, and without that one there is nothing to do."""
    global _settings  # noqa: PLW0603 -- what a process of a pool is told once
    _settings = settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _check_here(paths: Sequence[str]) -> list[CheckedFile]:
    return [check_path(path, _settings) for path in paths]


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
