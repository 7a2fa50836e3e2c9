"""A long answer on the disk, which granian reads as fast as its client does: it is in no memory meanwhile."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from tempfile import NamedTemporaryFile


class AnswerFile:
    """Granian opens it by its name, and does not say when it has read it."""

    def __init__(self) -> None:
        self._file = NamedTemporaryFile(prefix="kembar-", delete=False)  # noqa: SIM115 -- closed once it has been read
        self.name = self._file.name

    def write(self, blocks: Iterable[bytes]) -> None:
        self._file.writelines(blocks)

    def flush(self) -> None:
        self._file.flush()

    def is_read(self) -> bool:
        """Whether nobody else has it open: only then is there a lease to write it. (Elsewhere than on Linux: no.)"""
        try:
            fcntl.fcntl(self._file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except (AttributeError, OSError):
            return False
        return True

    def unname(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.name)

    def cut_off(self) -> None:
        """Whoever still reads it finds its end, and its place on the disk is free."""
        self._file.truncate(0)
        self.close()

    def close(self) -> None:
        self._file.close()
        self.unname()
