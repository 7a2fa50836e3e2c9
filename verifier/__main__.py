"""``python -m verifier``: the same as the command ``verifier``."""

from __future__ import annotations

import sys

from verifier.programs.cli import main

if __name__ == "__main__":
    sys.exit(main())
