"""Whether the two verifiers say the same: ``scripts/differential [--count N] [--seed S]``.

Both are asked about mutants of evidence files, hostile signatures, and random histories. The last line says how many
there were, and on how many they disagree; the exit status is 1 if on any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.browser_verifier import MISSING, browser_verifier  # noqa: E402
from tests.support.differential import on_histories, on_mutants, on_signatures  # noqa: E402

SHARES = (
    (on_mutants, "mutants of evidence files", 20),
    (on_signatures, "signatures", 3),
    (on_histories, "histories", 2),
)
"""What is asked, and its share of the whole, in 25ths."""
STEP = 100


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/differential", description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=25_000, help="questions in all (default: 25000)")
    parser.add_argument("--seed", type=int, default=0, help="from which number on (default: 0)")
    asked = parser.parse_args()
    other = browser_verifier()
    if other is None:
        sys.exit(f"scripts/differential: {MISSING}")
    total = disagree = 0
    for compare, what, share in SHARES:
        number = asked.count * share // 25
        for done in range(0, number, STEP):
            step = min(STEP, number - done)
            for told in compare(other, asked.seed + done, step):
                disagree += 1
                print(told)
            print(f"\r{done + step} of {number} {what}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        total += number
    print(f"{total} asked, {disagree} disagree")
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
