"""A way to a server that can be cut without a word: nothing passes on it any more, and nothing is closed."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.support.clusters import SUPERUSER


class Line:
    """A TCP port of ``host``, an address of this machine, that leads to a port of 127.0.0.1 or to a socket's path."""

    def __init__(self, end: int | str, host: str = "127.0.0.1") -> None:
        self._end = end
        self._host = host
        self._listener = socket.create_server((host, 0))
        self._passes = threading.Event()
        self._passes.set()
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def authority(self) -> str:
        return f"{self._host}:{self._listener.getsockname()[1]}"

    def url(self, database: str) -> str:
        """The address of a cluster's database, if it leads there."""
        return f"postgresql://{SUPERUSER}@{self.authority}/{database}"

    def cut(self) -> None:
        """From now on nothing passes."""
        self._passes.clear()

    def mend(self) -> None:
        """All that came meanwhile passes, and whatever comes."""
        self._passes.set()

    def close(self) -> None:
        self.mend()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX if isinstance(self._end, str) else socket.AF_INET)
                self._open += [near, far]
                threading.Thread(target=self._join, args=(near, far), daemon=True).start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        self._passes.wait()
        with suppress(OSError):
            far.connect(self._end if isinstance(self._end, str) else ("127.0.0.1", self._end))
            threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
            self._pump(near, far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._passes.wait()
                target.sendall(data)
        self._passes.wait()  # that one has gone is not told either
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
