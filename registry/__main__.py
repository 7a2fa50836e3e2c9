"""The program ``registry``, also as ``python -m registry``; without the extra ``registry`` it says what to install."""

from __future__ import annotations

import sys

from verifier.programs.collecting import collect_rarely
from verifier.programs.entry import run_program


def main() -> int:
    """Run it; the exit status."""
    return run_program("registry", _work, extra="registry")


def _work() -> object:
    collect_rarely()  # what is loaded stays, and to look through it again and again was a twentieth of a start
    from registry import cli

    return cli.main(prog_name="registry")


if __name__ == "__main__":
    sys.exit(main())
