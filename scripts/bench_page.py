"""How long the verifier's page takes for its first verdict, and for a record book, in Chromium.

    scripts/bench_page.py                       one use of 9 entries, a record book of 1,000 uses
    scripts/bench_page.py --uses 100 --runs 3

A run opens the page from a file in a new tab, hands it one file, and ends with the frame that shows the answer.
DevTools throttles the page, and not its worker; so the worker's time is measured apart, and its part of a throttled run
is multiplied. The best of the runs is told: what else the machine does only adds. Making the files is not measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.chromium import Chromium, chromium  # noqa: E402
from tests.support.record_books import record_book  # noqa: E402
from tests.support.verifier_page import write_page  # noqa: E402

SETTLED = 2.0
"""Seconds from opening the page to choosing a file."""

MARKS = """(() => {
  window.marks = {};
  document.addEventListener("change", () => { marks.chosen = performance.now(); }, true);
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (...said) {
    marks.asked = performance.now();
    this.addEventListener("message", ({data}) => { if ("checked" in data) marks.checked = performance.now(); });
    return post.apply(this, said);
  };
  new MutationObserver(() => {
    if (document.querySelector(".verdict") && !marks.shown) {
      requestAnimationFrame(() => setTimeout(() => { marks.shown = performance.now(); }));
      marks.shown = 0;
    }
  }).observe(document.body, {childList: true, subtree: true});
})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uses", type=int, default=1_000, metavar="N", help="of the record book")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    options = parser.parse_args()
    print(json.dumps(page_ms(options.uses, options.runs)))


def page_ms(uses: int, runs: int) -> dict[str, Any]:
    """Milliseconds; ``_throttled`` with the processor six times slower."""
    book = record_book(uses)
    small = record_book(10)
    found: dict[str, Any] = {}
    with TemporaryDirectory() as name, chromium(Path(name) / "profile") as browser:
        folder = Path(name)
        page = write_page(folder / "verifier.html", book.policy)
        for called, data in (("first_verdict", small.use), ("record_book", book.evidence)):
            file = folder / f"{called}.evidence.json"
            file.write_bytes(data)
            for suffix, rate in (("", 1), ("_throttled", 6)):
                taken = [_run(browser, page, file, rate) for _ in range(runs)]
                found[f"{called}{suffix}_ms"] = round(min(taken))
    return found


def _run(browser: Chromium, page: Path, file: Path, rate: int) -> float:
    tab = browser.page()
    tab.open(page.as_uri())
    tab.run(MARKS)
    time.sleep(SETTLED)  # a person looks for a file meanwhile
    tab.call("Emulation.setCPUThrottlingRate", rate=rate)
    tab.choose("input[type=file]", [file])
    tab.until("marks.shown", patience=300)
    marks = tab.run("marks")
    tab.close()
    whole: float = marks["shown"] - marks["chosen"]
    return whole + (rate - 1) * float(marks["checked"] - marks["asked"])


if __name__ == "__main__":
    main()
