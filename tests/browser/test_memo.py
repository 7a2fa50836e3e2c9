"""Deal memos in Python and in JavaScript: byte for byte the same, of every consent that histories draw."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from registry.drafting.memo.render import LANGUAGES, render
from scripts.memo_templates import NotKnown, made
from tests.law.happenings import draw
from tests.support.browser_verifier import MISSING, PRESENT, browser_verifier
from tests.support.root import ROOT
from verifier.base.values import replace
from verifier.statements.types import Consent

TEMPLATES = ROOT / "verifier" / "browser" / "memo" / "templates.js"
HISTORIES = 150
DESCRIPTIONS = (
    "Two lines of it\nAND A HEADING", "\u202ehidden\u200b\u00ad \u2003 and\u3000wide\x85 \U000e0041 of it all",
    "ﬁ Ǆ ß e\u0301 " * 40, "\ue000 private, \U00018cd6 unknown to some \ufffe", "\N{SLIGHTLY SMILING FACE}\ufe0f" * 60,
    "x" * 240,
)  # fmt: skip


def test_the_frames_are_those_of_the_templates() -> None:
    before = TEMPLATES.read_bytes()
    subprocess.run([sys.executable, "-P", str(ROOT / "scripts" / "memo_templates.py")], check=True, cwd=ROOT)
    assert TEMPLATES.read_bytes() == before, "scripts/memo_templates.py has written it anew: look, and commit it"


@pytest.mark.parametrize("text, where", [
    ("a\n{% set x = 1 %}", "line 2, Assign: "), ("{{ x | upper }}", "line 1, Filter("),
    ("a\n\n{% if %}", "line 3: Expected"),
])  # fmt: skip
def test_what_a_template_may_not_hold_is_told_with_file_and_line(text: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "use.xx.txt.jinja").write_text(text)
    with pytest.raises(NotKnown) as found:
        made(tmp_path)
    assert str(found.value).startswith(f"{tmp_path / 'use.xx.txt.jinja'}, {where}")


@pytest.mark.skipif(not PRESENT, reason=MISSING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_both_make_the_same_bytes(language: str) -> None:
    other = browser_verifier()
    assert other is not None
    seen, wrong = 0, []
    for seed in range(HISTORIES):
        drawn = draw(seed)
        for entry in drawn.entries:
            consent = entry.statement
            if not isinstance(consent, Consent):
                continue
            sections = {
                name: drawn.sections[entry.index, name]
                for name in consent.sections
                if (entry.index, name) in drawn.sections
            }
            if "terms" not in sections or (consent.act == "use" and "money" not in sections):
                continue
            seen += 1
            description = DESCRIPTIONS[seen % len(DESCRIPTIONS)]
            sections["terms"] = replace(sections["terms"], description=description)
            mine, his = render(consent, sections, language), other.memo(consent, sections, language)
            if mine != his:
                wrong.append((seed, entry.index, mine, his))
    assert wrong == []
    assert seen >= HISTORIES
