"""Running the public commands: as processes of their own, or, where many are needed, the same functions in this one."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click

from registry.commands.common import Unable

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie, installed or not."""

COMMAND_SECONDS = 60
"""Seconds for one command."""


def environment() -> dict[str, str]:
    """The environment in which a new process finds this same code, and speaks UTF-8."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


class CommandRunner:
    """Runs commands of ``main``, the command line of the registry, and keeps a transcript of them.

    ``as_process`` chooses how.
    """

    def __init__(self, main: click.Command, transcript: Path) -> None:
        self._main = main
        self._transcript = transcript
        self.as_process = False
        self.count = 0

    def run(self, *words: str | Path, status: int = 0) -> str:
        """The standard output of one command. :class:`Unable` if it ends with another status than expected."""
        arguments = [str(word) for word in words]
        with self._transcript.open("a", encoding="utf-8") as file:
            file.write(shlex.join(["registry", *arguments]) + "\n")
        self.count += 1
        ended, out, err = _process(arguments) if self.as_process else _function(self._main, arguments)
        if ended != status:
            said = f"{err}\n{out}".strip()[:2000]
            raise Unable(f"a command of the demo ended with {ended}: {shlex.join(['registry', *arguments])}\n{said}")
        return out


def _process(arguments: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "registry", *arguments],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _function(main: click.Command, arguments: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            ended = main.main(arguments, prog_name="registry", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            ended = error.exit_code
    return ended or 0, out.getvalue(), err.getvalue()
