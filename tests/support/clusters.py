"""Debian's PostgreSQL, in a private cluster on a socket in a temporary folder; nothing of the machine's own is touched.

It ends with the run, one that is killed too (:mod:`tests.support.kept`). Where it is absent the tests that want it are
skipped with one line; under CI they fail.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.support.root import ROOT

SUPERUSER = "kembar"
MAX_SOCKET = 107
"""Bytes of a socket's path (unix(7))."""
STARTING = 60.0
"""Seconds in which a server is there, on a busy machine."""


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, if they are installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    beside = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    return next((folder for folder in (*debian, *beside) if (folder / "initdb").exists()), None)


def needed() -> Path:
    """The same; skips the test where there is none."""
    found = programs()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: scripts/interop installs it")
        pytest.skip("PostgreSQL is not installed: what rests on it is not tried")
    return found


class Cluster:
    """A running server; ``folder`` is its own."""

    def __init__(self, bin: Path, folder: Path, *settings: str) -> None:
        self._bin, self._folder = bin, folder
        self._user: dict[str, Any] = {}
        if os.getuid() == 0:  # the server refuses to run as root
            owner = next(one for one in pwd.getpwall() if one.pw_name in ("postgres", "nobody"))
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        assert len(os.fsencode(self.socket)) <= MAX_SOCKET
        self._settings = settings
        self._log = folder / "log"
        self._databases = 0

    def make(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, "-A", "trust", "--no-sync", "-E", "UTF8")

    def copy(self, original: Cluster, standby: str = "") -> None:
        """Be a base backup of it; as its ``standby`` of this name, go on following it."""
        how = ["-X", "stream", "-c", "fast", "--no-sync", *(["-R"] if standby else [])]
        source = f"{original.url()}&application_name={standby}" if standby else original.url()
        self._run("pg_basebackup", "-D", str(self.data), "-d", source, *how)

    @property
    def data(self) -> Path:
        return self._folder / "data"

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    @property
    def socket(self) -> Path:
        return self._folder / ".s.PGSQL.5432"

    @property
    def pid(self) -> int:
        """The server's first process."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def promote(self) -> None:
        """Follow no more, and take writes."""
        with psycopg.connect(self.url(), autocommit=True) as conn:
            conn.execute("SELECT pg_promote()")

    def set(self, name: str, value: str) -> None:
        """One setting, from now on."""
        with psycopg.connect(self.url(), autocommit=True) as conn:
            query = psycopg.sql.SQL("ALTER SYSTEM SET {} = {}")
            conn.execute(query.format(psycopg.sql.Identifier(name), psycopg.sql.Literal(value)))
            conn.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """Nothing is synced: these tests end processes, not machines."""
        settings = (
            "listen_addresses=", f"unix_socket_directories={self._folder}", "fsync=off", "max_connections=300",
            *self._settings,
        )  # fmt: skip
        command = [str(self._bin / "postgres"), "-D", str(self.data), *(f"-c{one}" for one in settings)]
        keeper = [sys.executable, "-m", "tests.support.kept", str(self._folder), str(self._user.get("user", ""))]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*keeper, *command], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
            )
        until = time.monotonic() + STARTING
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError as error:
                assert self._process.poll() is None and time.monotonic() < until, (error, self._said())
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT ends it at once, SIGINT in good order."""
        if self._process.poll() is None:
            os.kill(self.pid, how)
        self._process.wait(STARTING)
        assert self._process.stdin is not None
        self._process.stdin.close()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql:///{database}?host={quote(str(self._folder))}&user={SUPERUSER}"

    def database(self) -> str:
        """The address of a new, empty one."""
        self._databases += 1
        name = f"registry{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as conn:
            conn.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            check=False,
            **self._user,
        )
        assert done.returncode == 0, (done.stdout, self._said())

    def _said(self) -> str:
        return self._log.read_text()[-2000:] if self._log.exists() else ""


@contextmanager
def cluster(*settings: str) -> Iterator[Cluster]:
    """One that lives as long as the context. Its path has a blank, as a checkout's may have."""
    bin = needed()
    with tempfile.TemporaryDirectory(prefix="kembar pg ", ignore_cleanup_errors=True) as folder:
        made = Cluster(bin, Path(folder), *settings)
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def copied(original: Cluster, standby: str = "") -> Iterator[Cluster]:
    """A server with all that ``original`` had committed by now; what goes on there it never hears of.

    As its ``standby`` of this name it does hear of it, until it is promoted.
    """
    bin = needed()
    with tempfile.TemporaryDirectory(prefix="kembar pg ", ignore_cleanup_errors=True) as folder:
        made = Cluster(bin, Path(folder))
        made.copy(original, standby)
        made.start()
        try:
            yield made
        finally:
            made.stop()
