"""The program ``verifier``, also as ``python -m verifier``."""

from __future__ import annotations

import sys

from verifier.programs.entry import run_program


def main() -> int:
    """Run it; the exit status."""
    return run_program("verifier", _work, extra="witness")


def _work() -> object:
    from verifier.programs import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
