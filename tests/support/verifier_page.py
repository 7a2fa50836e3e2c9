"""The verifier's page as a test uses it: built from the sources, with a policy in it, open in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.chromium import CHROMIUM, Page, chromium
from tests.support.root import ROOT, VECTORS
from verifier.base.strict import parse_instant
from verifier.programs.page.built import SIGN, VERIFIER

PRESENT = os.environ.get("CI") == "true" or (
    CHROMIUM is not None
    and shutil.which("node") is not None
    and (ROOT / "verifier" / "browser" / "node_modules" / "esbuild").is_dir()
)
MISSING = "Chromium, Node or the packages of verifier/browser are not installed: scripts/interop gets them"

"""CI skips nothing: where something is absent there, tests fail."""

EMPTY = '<script id="policy" type="text/plain"></script>'


CAPTURE = """
window.checked = [];
const post = Worker.prototype.postMessage;
const plain = (value) => value instanceof Map ? Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]))
  : Array.isArray(value) ? value.map(plain) : value;
const heard = new WeakSet();
Worker.prototype.postMessage = function (...said) {
  if (!heard.has(this)) {
    heard.add(this);
    this.addEventListener("message", ({data}) => {
      if ("checked" in data) checked.push({verdict: plain(data.checked.verdict), sha256: data.checked.sha256});
    });
  }
  return post.apply(this, said);
};
"""
"""Keeps in ``checked`` what the page's worker answers, as JSON."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An evidence file, the policy that it is checked under, and when."""

    name: str
    evidence: bytes
    policy: str
    instant: int


def vector(name: str) -> Case:
    """One of ``tests/vectors/evidence``."""
    one = json.loads((VECTORS / "evidence" / f"{name}.json").read_text())
    text = one.get("evidence")
    evidence = b64decode(one["evidence_b64"]) if text is None else text.encode()
    return Case(name=name, evidence=evidence, policy=one["policy"], instant=parse_instant(one["instant"]))


@cache
def built(name: str = VERIFIER) -> str:
    """A page as the sources make it, without a policy."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / name
        which = ["--sign"] if name == SIGN else []
        subprocess.run([ROOT / "scripts" / "page", *which, made], check=True, timeout=120)
        return made.read_text("utf-8")


def write_page(path: Path, policy: str | None, name: str = VERIFIER) -> Path:
    """A page as a reader gets it."""
    text = b64encode(policy.encode()).decode() if policy is not None else ""
    path.write_text(built(name).replace(EMPTY, EMPTY.replace("><", f">{text}<")), "utf-8")
    return path


def at(page: Page, instant: int) -> None:
    """From the next document on, the page's clock stands at ``instant``."""
    page.before(f"Date.now = () => {instant} * 1000;")


def check(page: Page, files: Sequence[Path]) -> None:
    """Choose evidence files, as with the first button, and wait until all are answered."""
    page.choose("input[type=file]", files)
    page.until("document.querySelector('.verdict, .list .badge svg')")
    page.until("!document.querySelector('.progress')")


@contextmanager
def opened(folder: Path, policy: str | None, language: str = "en", instant: int | None = None) -> Iterator[Page]:
    """The page from a file, in a browser of its own."""
    path = write_page(folder / "verifier.html", policy)
    with chromium(folder / "profile", language) as browser:
        page = browser.page()
        page.before(CAPTURE)
        if instant is not None:
            at(page, instant)
        page.open(path.as_uri())
        yield page
