"""The verifier in JavaScript, asked what the kernel is asked: a process of Node that answers line by line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tests.support.root import ROOT
from verifier.base import canonical
from verifier.base.values import fields
from verifier.evidence.question_json import format_question
from verifier.evidence.verdict_json import decision_json
from verifier.rules.decide import Decision, Facts
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry
from verifier.statements.parties import Parties
from verifier.statements.types import Consent, Statement

FOLDER = ROOT / "verifier" / "browser"
NODE = shutil.which("node")
PRESENT = os.environ.get("CI") == "true" or (
    NODE is not None and (FOLDER / "node_modules" / "@noble" / "curves").is_dir()
)
"""Whether there are Node and the packages that the lock file names; ``scripts/interop`` gets both. CI skips nothing."""
MISSING = "Node, or the packages of verifier/browser, are not installed: scripts/interop gets them"


class BrowserVerifier:
    """One process, for as long as the tests run."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(NODE), "tests/answer.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _ask(self, question: Mapping[str, Any]) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().removesuffix("\n")

    def verdict(self, evidence: bytes, policy: str, **reader: Any) -> str:
        """The verdict's canonical JSON, or ``crash:`` and why. ``reader``: what ``verify`` takes, but for a max age
        without which there would be none."""
        return self._ask({"evidence": b64encode(evidence).decode(), "policy": policy, **reader})

    def decisions(
        self,
        genesis: str,
        entries: Sequence[Entry],
        sections: Mapping[tuple[int, str], Any],
        facts: Facts,
        questions: Iterable[Question],
        hidden_lists: Iterable[str] = (),
    ) -> str:
        """What the rules say of a history: canonical JSON, an array with an answer to each question."""
        shown: dict[int, dict[str, Any]] = {}
        for (index, name), section in sections.items():
            if section is not None:
                shown.setdefault(index, {})[name] = plain(section)
        return self._ask(
            {
                "genesis": genesis,
                "entries": [
                    {
                        "index": one.index,
                        "logged": plain(one.logged),
                        "statement": plain(one.statement),
                        "signers": sorted(one.signers),
                        "sections": shown.get(one.index, {}),
                    }
                    for one in entries
                ],
                "hidden": sorted(hidden_lists),
                "facts": plain(facts),
                "questions": [{"kind": one.kind, "id": one.id, **_ask_of(one)} for one in questions],
            }
        )

    def holds(self, key: bytes, message: bytes, signature: bytes) -> str:
        """``true`` or ``false``: whether an Ed25519 signature verifies."""
        return self._ask({"key": key.hex(), "message": message.hex(), "signature": signature.hex()})

    def explained(self, verdict: bytes, language: str) -> str:
        """A verdict in sentences, as JSON: ``paragraphs`` with ``heading`` and ``lines``, and ``conclusion``."""
        return self._ask({"verdict": verdict.decode(), "language": language})

    def memo(self, consent: Consent, sections: Mapping[str, Any], language: str) -> bytes:
        """A deal memo."""
        asked = {"consent": plain(consent), "sections": {name: plain(one) for name, one in sections.items()}}
        made: str = json.loads(self._ask({"memo": asked, "language": language}))
        return made.encode()

    def shown(self, submission: bytes, language: str) -> str:
        """What a submission says, line by line, as the page to sign on shows it."""
        made: str = json.loads(self._ask({"submission": submission.decode(), "language": language}))
        return made

    def written(self, language: str, **asked: Any) -> list[Any]:
        """``numbers``, ``amounts``, ``times`` and ``lists`` as a language writes them."""
        found: list[Any] = json.loads(self._ask({"written": plain(asked), "language": language}))
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _ask_of(question: Question) -> dict[str, Any]:
    asked = format_question(question).get("ask")
    return {} if asked is None else {"ask": asked}


def plain(value: Any) -> Any:
    """A parsed value as the other implementation reads it: members by their JSON names, integers as ``{"i": "12"}``."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, Parties):
        return {**value.roles(), **({"payees": list(value.payees)} if value.payees else {})}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [plain(one) for one in value]
    said = [(field, getattr(value, field.name)) for field in fields(value)]
    found = {field.name.removesuffix("_"): plain(one) for field, one in said if one != field.default}
    if isinstance(value, Statement):
        found["v"] = 2
    return {name: one for name, one in found.items() if one is not None}


def decided(decisions: Iterable[Decision]) -> str:
    """What :meth:`BrowserVerifier.decisions` is to say, from the kernel's decisions.

    Without ``faults``, which are those of the entries that a file shows.
    """
    said = [decision_json(one) for one in decisions]
    return canonical.encode([{name: one[name] for name in one if name != "faults"} for one in said]).decode()


def told(verdict: str) -> str:
    """What both have to say: a verdict byte for byte; of a file that is not valid the failing step and its code.

    Where in the file it fails is for people.
    """
    if not verdict.startswith('{"code":'):
        return verdict
    found = json.loads(verdict)
    return f"step {found['step']}: {found['code']}"


@cache
def browser_verifier() -> BrowserVerifier | None:
    """The one that all tests share; ``None`` where it cannot run."""
    return BrowserVerifier() if PRESENT else None
