"""``verifier audit`` as people run it: what it prints, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.audited_logs import grow, publish, story
from tests.support.root import ROOT
from tests.support.world import World
from verifier.base import canonical
from verifier.programs.audit.command import CLEAN, FOUND, UNFINISHED
from verifier.programs.cli import main
from verifier.programs.console import INVALID, USAGE_ERROR


class Desk:
    """A folder with a log, a policy and some sections; the command is called within it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.world = World(witnesses=["w"], quorum="1")
        self.consent, self.anna, self.brand = story(self.world)
        self._capsys = capsys
        self.publish()

    def publish(self) -> None:
        publish(self.world, self.folder / "log")
        (self.folder / "policy").write_text(self.world.policy())

    def run(self, *arguments: str) -> tuple[int, str, str]:
        status = main(["audit", *arguments])
        told = self._capsys.readouterr()
        return status, told.out, told.err

    def json(self, *arguments: str) -> tuple[int, Any]:
        status, out, err = self.run(*arguments, "--json")
        assert err == ""
        return status, canonical.parse(out.rstrip("\n").encode(), limit=1 << 24)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_a_clean_log(desk: Desk) -> None:
    status, out, err = desk.run("log", "--trust", "policy")
    assert (status, err) == (CLEAN, "")
    assert out.startswith("registry.example/log, from log\ncheckpoint: 14 entries, cosigned at 2026-01-01T00:00:00Z\n")
    assert out.endswith("nothing is wrong\n")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["log", "policy"]


def test_findings_are_told_one_by_one(desk: Desk) -> None:
    bad = desk.world.usage(desk.consent, signers=[desk.anna])
    worse = desk.world.usage(desk.consent, wrong_signatures=True)
    desk.publish()
    status, out, _ = desk.run("log", "--trust", "policy", "--jobs", "2")
    assert status == FOUND
    told = [line for line in out.splitlines() if line.startswith("entry ")]
    assert told == [
        f"entry {bad.index}: void, A1 void_signers: A signature is missing, is by the wrong party or by a key that was"
        " not live.",
        f"entry {worse.index}: misbehaviour, §3.1 signature_wrong: A signature on it does not verify. (signatures[0])",
    ]
    assert out.endswith("SOMETHING IS WRONG: see above\n")


def test_the_report_as_json(desk: Desk) -> None:
    usage = desk.world.usage(desk.consent, signers=[desk.anna])
    desk.publish()
    status, value = desk.json("log", "--trust", "policy", "--store", "store")
    assert status == FOUND
    assert value.pop("milliseconds") >= 0
    assert value["checkpoint"].pop("root")
    assert value == {
        "checkpoint": {"as_of": "2026-01-01T00:00:00Z", "origin": "registry.example/log", "size": 16},
        "clean": False,
        "entries": 16,
        "findings": [
            {
                "code": "void_signers",
                "index": usage.index,
                "rule": "A1",
                "sentence": "A signature is missing, is by the wrong party or by a key that was not live.",
                "severity": "void",
            }
        ],
        "finished": True,
        "proofs": [f"store/misbehaviour/void_signers-{usage.index}.misbehaviour.json"],
        "signatures": 25,
        "size": 16,
    }
    status, value = desk.json("store", "--trust", "policy", "--store", "second")
    assert (status, len(value["findings"])) == (FOUND, 1)


def test_sections_are_judged(desk: Desk) -> None:
    desk.world.usage(desk.consent, terms={"rights": ["voice"]})
    desk.publish()
    (desk.folder / "sections").mkdir()
    texts = [text for made in desk.world.entries.values() for text in made.disclosures.values()]
    (desk.folder / "sections" / "all.txt").write_text("\n".join(texts))
    status, value = desk.json("log", "--trust", "policy", "--sections", "sections")
    assert status == CLEAN  # it is the use that is wrong, not the log
    assert value["uses"] == {"authorised": {"NOT_AUTHORISED": 1}, "judged": 1, "paid": {"NOT_YET_DUE": 1}}
    assert value["sections"] == {"opened": len(texts), "unknown": 0, "wrong": 0}
    assert ("A8", "right_denied") in [(one["rule"], one["code"]) for one in value["findings"]]
    status, out, _ = desk.run("log", "--trust", "policy", "--sections", "sections")
    assert status == CLEAN
    assert "uses judged: 1; NOT AUTHORISED 1; NOT YET DUE 1\n" in out
    assert out.endswith("nothing is wrong with the log; its uses were judged as above\n")


def test_a_quick_look(desk: Desk) -> None:
    status, out, _ = desk.run("log", "--trust", "policy", "--sample", "5")
    assert status == CLEAN
    assert out.endswith("nothing is wrong with what was looked at\n")
    status, value = desk.json("log", "--trust", "policy", "--sample", "100", "--store", "store")
    assert status == CLEAN
    assert value["sample"] == {"entries": value["sample"]["entries"], "lists": 0}
    size = value["checkpoint"]["size"]
    assert "grew_from" not in value
    _, out, _ = desk.run("log", "--trust", "policy", "--sample", "1", "--store", "store")
    assert f"it begins with the {size} entries that were seen before\n" in out
    desk.world.leaf(b"hello")
    desk.publish()
    status, value = desk.json("log", "--trust", "policy", "--sample", "1000", "--store", "store")
    assert (status, value["findings"][0]["code"]) == (FOUND, "leaf_unreadable")


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["log", "--trust", "nothing"], USAGE_ERROR, "cannot read nothing: No such file or directory"),
        (["log", "--trust", "log/checkpoint"], USAGE_ERROR, "log/checkpoint is not a trust policy"),
        (["nowhere", "--trust", "policy"], UNFINISHED, "nowhere holds no log"),
        (["ftp://example/log", "--trust", "policy"], USAGE_ERROR, "is not an address like"),
        (["log", "--trust", "stranger"], INVALID, "the policy names no log registry.example/log"),
        (["log", "--trust", "policy", "--store", "policy"], USAGE_ERROR, "policy cannot be used as a folder"),
        (["log", "--trust", "policy", "--sections", "nothing"], USAGE_ERROR, "nothing is not a folder"),
        (["broken", "--trust", "policy"], INVALID, "do not make the checkpoint's root"),
        (["torn", "--trust", "policy"], UNFINISHED, "has no tile/entries/000.p/14, which its checkpoint calls for"),
    ],
)
def test_how_it_ends(desk: Desk, arguments: list[str], status: int, sentence: str) -> None:
    (desk.folder / "stranger").write_text(World(origin="other.example/log").policy())
    for name in ("broken", "torn"):
        publish(desk.world, desk.folder / name)
    (desk.folder / "broken/tile/0/000.p/14").write_bytes(bytes(14 * 32))
    (desk.folder / "torn/tile/entries/000.p/14").unlink()
    got, out, err = desk.run(*arguments)
    assert (got, out) == (status, "")
    assert sentence in err and err.startswith("verifier: ") and err.count("\n") == 1


@pytest.mark.parametrize("option", [["--jobs", "0"], ["--jobs", "x"], ["--sample", "-1"], ["--sample", "٣"]])
def test_numbers_are_numbers(desk: Desk, option: list[str]) -> None:
    assert desk.run("log", "--trust", "policy", *option)[0] == USAGE_ERROR


def test_an_interrupt_ends_it_in_good_order(desk: Desk) -> None:
    grow(desk.world, 1_900, batch=100)  # a consent takes 2,000 usages
    desk.publish()
    command = [sys.executable, "-m", "verifier", "audit", "log", "--trust", "policy", "--store", "store", "--jobs", "2"]
    process = subprocess.Popen(
        command, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (desk.folder / "store/mirror/tile/entries/001").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err) == (UNFINISHED, "")
    assert out.endswith("NOT FINISHED: run it again to go on\n")
    status, value = desk.json("log", "--trust", "policy", "--store", "store")
    assert (status, value["finished"]) == (CLEAN, True)
    assert 0 < value["entries"] < value["size"] == desk.world.log.size
