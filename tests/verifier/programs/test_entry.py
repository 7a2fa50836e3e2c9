"""How programs end when the world fails them: a full disk, closed streams, libraries that are broken or missing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.root import ROOT
from tests.support.running import environment
from tests.support.served import Served
from tests.support.world import World
from verifier.programs.entry import EXTRAS

FULL = "/dev/full"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy, evidence whose answer is yes, a state, a log and a registry's folder."""
    path = tmp_path_factory.mktemp("entry")
    served = Served(path / "registry")
    consent, everybody = served.story()
    served.accept(*everybody)
    served.accept(served.world.usage(consent))
    served.service.close()
    (path / "policy").write_text(served.world.policy(), "utf-8")
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    usage = world.usage(world.consent(model=anna, licensee=brand))
    (path / "e.evidence.json").write_bytes(world.evidence(usage))
    (path / "world.policy").write_text(world.policy(), "utf-8")
    return path


COMMANDS = {
    "check": ("verifier", "check e.evidence.json --trust world.policy"),
    "check --json": ("verifier", "check e.evidence.json --trust world.policy --json"),
    "check of many": ("verifier", "check e.evidence.json e.evidence.json --trust world.policy"),
    "inspect": ("verifier", "inspect e.evidence.json"),
    "export": ("verifier", "export e.evidence.json --tlog-proof 0"),
    "statement": ("verifier", "statement e.evidence.json --trust world.policy"),
    "statement --csv": ("verifier", "statement e.evidence.json --trust world.policy --csv"),
    "compare": ("verifier", "compare e.evidence.json --trust world.policy"),
    "audit": ("verifier", "audit registry --trust policy"),
    "audit --json": ("verifier", "audit registry --trust policy --json"),
    "audit --sample": ("verifier", "audit registry --trust policy --sample 3"),
    "watch": ("verifier", f"watch registry --trust policy --once --from-start --party {'ab' * 32}"),
    "witness vkey": ("verifier", "witness keygen w --name union.example/w"),
    "help": ("verifier", "--help"),
    "help of check": ("verifier", "check --help"),
    "fsck": ("registry", "fsck registry"),
    "fsck --json": ("registry", "fsck registry --json"),
    "registry help": ("registry", "--help"),
}


def run(
    program: str, line: str, folder: Path, redirection: str, code: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Through a shell, which can close streams before Python starts."""
    start = f"-c '{code}'" if code else f"-m {program}"
    return subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} {start} {line} {redirection}"],
        cwd=folder, env={**environment(), "PYTHONWARNINGS": "error"}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not os.path.exists(FULL), reason="this system has no /dev/full")
@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_that_cannot_be_written(name: str, folder: Path) -> None:
    program, line = COMMANDS[name]
    for redirection, said in (
        (f">{FULL}", "No space left on device"),
        (">&-", "it is closed"),
        (f">{FULL} 2>{FULL}", ""),
        (">&- 2>&-", ""),
    ):
        done = run(program, line.replace(" w ", f" w{len(redirection)} "), folder, redirection)
        assert done.returncode == 2, (redirection, done.stderr)
        assert said in done.stderr and "Traceback" not in done.stderr
        assert not said or done.stderr.startswith(f"{program}: the output cannot be written: ")


@pytest.mark.parametrize("redirection", [f"2>{FULL}", "2>&-", "<&-", "<&- 2>&-"])
def test_the_answer_is_not_lost_with_the_other_streams(redirection: str, folder: Path) -> None:
    """``inspect`` says yes however standard error is; a complaint that nobody hears keeps its status."""
    assert run("verifier", "inspect e.evidence.json", folder, redirection).returncode == 0
    assert run("verifier", "inspect nothing.json", folder, redirection).returncode == 2


def test_standard_input_that_is_closed(folder: Path) -> None:
    done = run("verifier", "inspect -", folder, "<&-")
    assert (done.returncode, done.stderr) == (2, "verifier: cannot read standard input: it is closed\n")


BROKEN = """
import importlib.abc, sys
class Broken(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "MODULE":
            raise ERROR
sys.meta_path.insert(0, Broken())
from PROGRAM.__main__ import main
sys.exit(main())
"""


def broken(program: str, module: str, error: str) -> str:
    return BROKEN.replace("MODULE", module).replace("ERROR", error).replace("PROGRAM", program)


@pytest.mark.parametrize("error", ['ImportError("undefined symbol")', 'OSError("cannot load")', 'ValueError("x")'])
@pytest.mark.parametrize("name", ["check", "inspect", "statement", "compare", "audit", "watch", "fsck"])
def test_a_broken_pynacl_is_a_fault(name: str, error: str, folder: Path) -> None:
    program, line = COMMANDS[name]
    for redirection in ("", f">{FULL} 2>{FULL}"):
        done = run(program, line, folder, redirection, broken(program, "nacl", error))
        assert done.returncode == 70, done.stderr
        assert "Traceback" not in done.stderr


def test_a_pynacl_that_is_missing_is_a_fault(folder: Path) -> None:
    error = 'ModuleNotFoundError("No module named nacl", name="nacl")'
    assert run("verifier", COMMANDS["check"][1], folder, "", broken("verifier", "nacl", error)).returncode == 70


@pytest.mark.parametrize(
    ("program", "module", "line", "extra"),
    [
        ("registry", "click", "fsck registry", "registry"),
        ("registry", "click", "--help", "registry"),
        ("registry", "sqlite_utils", "fsck registry", "registry"),
        ("verifier", "granian", "witness serve union --trust policy", "witness"),
    ],
)
def test_an_extra_that_is_missing(program: str, module: str, line: str, extra: str, folder: Path) -> None:
    if not (folder / "union").exists():
        assert run("verifier", "witness keygen union --name union.example/w", folder, "").returncode == 0
    error = f'ModuleNotFoundError("No module named {module}", name="{module}")'
    done = run(program, line, folder, "", broken(program, module, error))
    assert done.returncode == 2
    assert done.stderr == (
        f"{program}: {module} is missing: install Kembar with its extra '{extra}': pip install 'kembar[{extra}]'\n"
    )


def test_debug_tells_where(folder: Path) -> None:
    line = f"{COMMANDS['check'][1]} --debug"
    done = run("verifier", line, folder, "", broken("verifier", "nacl", 'ValueError("so it is")'))
    assert (done.returncode, "Traceback" in done.stderr) == (70, True)


def test_the_extras_are_those_of_the_installation() -> None:
    """Each names the packages that pyproject.toml does, and what those bring that is imported here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for extra, packages in EXTRAS.items():
        named = {re.split("[>=<]", one)[0].lower().replace("-", "_") for one in project["optional-dependencies"][extra]}
        assert named <= set(packages)
    assert project["scripts"] == {name: f"{name}.__main__:main" for name in ("verifier", "registry")}
