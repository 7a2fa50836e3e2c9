"""The public face: its example, README's five lines, what it costs to import, and that its names are what they say."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

import verifier
from tests.support.root import ROOT
from tests.support.world import World
from verifier.evidence import file, verdict, verify
from verifier.log import trust


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def evidence(world: World) -> bytes:
    """Of a use that is authorised and paid."""
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    usage = world.usage(consent)
    world.receipt(consent, payee=anna, amount=100_000)
    return world.evidence(usage)


def test_the_worked_example(world: World, evidence: bytes) -> None:
    given = {
        "POLICY": world.policy().encode(), "EVIDENCE": evidence, "INSTANT": world.now, "CHECKPOINT": world.checkpoint(),
    }  # fmt: skip
    result = doctest.testmod(verifier, extraglobs=given)
    assert result.attempted > 8
    assert result.failed == 0


def test_the_five_lines_of_the_readme(
    world: World, evidence: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [block] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(block.splitlines()) == 5
    (tmp_path / "trust.policy").write_text(world.policy(), "utf-8")
    (tmp_path / "FILE.evidence.json").write_bytes(evidence)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.time", lambda: world.now)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(block, "README.md", "exec"), {})
    assert out.getvalue().startswith("AUTHORISED")


def test_names() -> None:
    assert [getattr(verifier, name) for name in verifier.__all__] == [
        file.Invalid, verdict.Verdict, verifier.explain, trust.open_checkpoint, trust.parse_policy, verify.verify,
    ]  # fmt: skip
    assert set(verifier.__all__) <= set(dir(verifier))
    with pytest.raises(AttributeError, match="no attribute 'verfy'"):
        verifier.verfy  # type: ignore[attr-defined]  # noqa: B018


def test_it_explains_in_other_languages(world: World, evidence: bytes) -> None:
    outcome = verifier.verify(evidence, verifier.parse_policy(world.policy()), instant=world.now)
    english, indonesian = verifier.explain(outcome), verifier.explain(outcome, "id")
    assert len(english) == len(indonesian) and english != indonesian
    with pytest.raises(ValueError, match="none of the languages"):
        verifier.explain(outcome, "xx")


def test_import_loads_nothing_else() -> None:
    code = "import sys, verifier; print([m for m in sys.modules if m.startswith(('verifier.', 'nacl'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
