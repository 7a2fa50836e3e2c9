"""Pictures of the verifier's page, to be looked at: every state, both languages, narrow, wide, light, dark, on paper.

scripts/page_pictures.py FOLDER                        PNGs of the page as it is built now
scripts/page_pictures.py FOLDER --demo demo            of the evidence files that scripts/demo left there
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.chromium import chromium  # noqa: E402
from tests.support.record_books import record_book  # noqa: E402
from tests.support.verifier_page import at, check, write_page  # noqa: E402

LANGUAGES = ("en", "id")
LOOKS = ((320, True, False), (390, False, False), (1280, False, False), (1280, True, False), (800, False, True))
"""Width, whether it is dark, whether it is on paper."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--demo", type=Path, metavar="DIR", help="what scripts/demo left")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        policy, files, instant = _story(Path(name), options.demo)
        page = write_page(Path(name) / "verifier.html", policy)
        for language in LANGUAGES:
            with chromium(Path(name) / language, language) as browser:
                tab = browser.page()
                if instant is not None:
                    at(tab, instant)
                for called, given in _states(files):
                    for width, dark, paper in LOOKS:
                        tab.size(width)
                        tab.look(dark=dark, paper=paper)
                        tab.open(page.as_uri())
                        if given:
                            check(tab, given)
                        look = "paper" if paper else "dark" if dark else "light"
                        tab.picture(options.folder / f"{called}-{language}-{width}-{look}.png")


def _story(folder: Path, demo: Path | None) -> tuple[str, list[Path], int | None]:
    """A policy, the evidence files under it, and when they are checked; None is now."""
    if demo is not None:
        return (demo / "trust.policy").read_text(), sorted((demo / "evidence").glob("*.json")), None
    book = record_book(20)
    files = {"book": book.evidence, "use": book.use, "unreadable": b"{}"}
    for name, data in files.items():
        (folder / f"{name}.evidence.json").write_bytes(data)
    return book.policy, [folder / f"{name}.evidence.json" for name in files], book.instant


def _states(files: list[Path]) -> Iterator[tuple[str, list[Path]]]:
    yield "start", []
    for file in files:
        yield file.name.removesuffix(".evidence.json"), [file]
    yield "many", files


if __name__ == "__main__":
    main()
