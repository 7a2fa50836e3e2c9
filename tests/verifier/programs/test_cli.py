"""The command as people run it: a process of its own, with files, an exit status, and no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.evidence_making import edit, put
from tests.support.root import ROOT
from tests.support.world import DAY, Actor, Logged, World, file
from verifier.base import canonical
from verifier.base.strict import format_instant
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import parse_log_proof
from verifier.log.note import parse_note
from verifier.log.proofs import check_inclusion

NO_SOCKETS = """
import socket, sys
def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
sys.argv = ["verifier", *sys.argv[1:]]
from verifier.programs.cli import main
sys.exit(main())
"""
"""Runs the command in a process where whoever wants the network fails loudly."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder with a world's evidence files, its policy, and the files that it is about."""

    folder: Path
    world: World
    anna: Actor
    brand: Actor
    usage: Logged

    @property
    def now(self) -> str:
        return format_instant(self.world.now)

    def run(self, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", NO_SOCKETS, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )

    def check(self, name: str, *more: str) -> subprocess.CompletedProcess[bytes]:
        return self.run("check", name, "--trust", "policy", "--at", self.now, *more)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    world = World(witnesses=["ada"], quorum="1")
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    usage = world.usage(consent)
    world.receipt(consent, payee=anna, amount=100_000)
    denied = world.usage(consent, ["denied.jpg"], terms={"purpose": "editorial"})
    files = {
        "usage": world.evidence(usage),
        "terms-only": world.evidence(usage, only_sections=["terms"]),
        "nothing": world.evidence(usage, only_sections=[]),
        "denied": world.evidence(denied),
        "consent": world.evidence(consent),
        "party": world.evidence(anna),
        "maker": world.evidence(world.party("maker", roles=["maker"])),
        "asset": world.evidence("hero.jpg"),
        "unknown": world.evidence("unknown.jpg"),
        "invalid": edit(put("entries.1.index", 10**6), world.evidence(usage)),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "policy").write_text(world.policy(), "utf-8")
    for name in ("hero.jpg", "other.jpg"):
        (folder / name).write_bytes(name.encode())
    return Desk(folder=folder, world=world, anna=anna, brand=brand, usage=usage)


class TestExitStatus:
    @pytest.mark.parametrize(
        "arguments, status, first",
        [
            (["usage"], 0, "AUTHORISED"),
            (["usage", "--asset", "hero.jpg"], 0, "AUTHORISED"),
            (["usage", "--asset", "other.jpg"], 1, "NOT AUTHORISED"),
            (["denied"], 1, "NOT AUTHORISED"),
            (["denied", "--ask", "authorised"], 1, "NOT AUTHORISED"),
            (["denied", "--ask", "paid"], 0, "PAID"),
            (["terms-only"], 3, "AUTHORISED"),
            (["terms-only", "--ask", "authorised"], 0, "AUTHORISED"),
            (["terms-only", "--ask", "paid"], 3, "CANNOT TELL"),
            (["nothing"], 3, "CANNOT TELL"),
            (["usage", "--require", "audited"], 3, "CANNOT TELL"),
            (["consent"], 0, "IN FORCE"),
            (["party"], 1, "COMPLETE"),
            (["party", "--ask", "paid"], 0, "COMPLETE"),
            (["maker"], 0, "COMPLETE"),
            (["asset"], 0, "REGISTERED"),
            (["asset", "--asset", "hero.jpg"], 0, "REGISTERED"),
            (["asset", "--asset", "other.jpg"], 3, "REGISTERED"),
            (["unknown"], 1, "NOT REGISTERED"),
            (["invalid"], 4, "INVALID EVIDENCE"),
        ],
    )
    def test_check(self, desk: Desk, arguments: list[str], status: int, first: str) -> None:
        done = desk.check(*arguments)
        assert (done.returncode, done.stdout.decode().split("\n")[0]) == (status, first), done.stderr.decode()
        assert done.stderr == b""

    def test_max_age(self, desk: Desk) -> None:
        at = format_instant(desk.world.now + 2 * DAY)
        arguments = ("check", "consent", "--trust", "policy", "--at", at)
        assert desk.run(*arguments).returncode == 3
        assert desk.run(*arguments, "--max-age", "48").returncode == 0

    @pytest.mark.parametrize(
        ("late", "hours", "status"), [(86_400, "24", 0), (86_401, "24", 3), (3_600, "1", 0), (3_601, "1", 3)]
    )
    def test_max_age_is_in_hours(self, desk: Desk, late: int, hours: str, status: int) -> None:
        at = format_instant(desk.world.now + late)
        done = desk.run("check", "consent", "--trust", "policy", "--at", at, "--max-age", hours)
        assert done.returncode == status

    def test_now_is_the_clock(self, desk: Desk) -> None:
        done = desk.run("check", "consent", "--trust", "policy", "--json")
        assert done.returncode in (1, 3)
        assert json.loads(done.stdout)["instant"] > desk.now


class TestOutput:
    def test_json_is_the_canonical_verdict(self, desk: Desk) -> None:
        done = desk.check("usage", "--json", "--asset", "hero.jpg")
        verdict = canonical.parse(done.stdout.removesuffix(b"\n"), limit=1 << 20)
        assert verdict["authorised"] == "AUTHORISED"
        assert verdict["paid"]["answer"] == "PAID"
        assert verdict["files"] == [file("hero.jpg")]

    def test_json_of_the_invalid(self, desk: Desk) -> None:
        verdict = json.loads(desk.check("invalid", "--json").stdout)
        assert (verdict["outcome"], verdict["step"], verdict["code"]) == ("invalid", 2, "evidence_malformed")

    def test_same_bytes_whatever_the_locale_and_the_hash_seed(self, desk: Desk) -> None:
        runs = [
            desk.run(
                "check", "party", "--trust", "policy", "--at", desk.now,
                PYTHONHASHSEED=seed, LC_ALL=locale, TZ=zone, PYTHONIOENCODING=encoding,
            ).stdout
            for seed, locale, zone, encoding in (
                ("1", "C", "UTC", "ascii"), ("2", "C.UTF-8", "Asia/Jakarta", "utf-8"), ("3", "POSIX", "", "latin-1"),
            )
        ]  # fmt: skip
        assert runs[0] == runs[1] == runs[2] != b""

    def test_standard_input(self, desk: Desk) -> None:
        evidence = (desk.folder / "asset").read_bytes()
        assert desk.run("check", "-", "--trust", "policy", "--at", desk.now, stdin=evidence).returncode == 0

    def test_module(self, desk: Desk) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "verifier", "check", "asset", "--trust", "policy", "--at", desk.now],
            cwd=desk.folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0

    def test_nothing_in_a_file_can_steer_the_terminal(self, desk: Desk) -> None:
        value = json.loads((desk.folder / "asset").read_bytes())
        value["checkpoint"] += "\u001b[2Jcleared \u202egnihtemos\n"
        (desk.folder / "hostile").write_bytes(canonical.encode(value))
        shown = desk.run("inspect", "hostile").stdout
        assert b"\x1b" not in shown
        assert "\u202e".encode() not in shown


class TestCalledWrongly:
    @pytest.mark.parametrize(
        "arguments, sentence",
        [
            (["check", "absent", "--trust", "policy"], "cannot read absent: No such file or directory"),
            (["check", ".", "--trust", "policy"], ". holds no *.evidence.json"),
            (["check", "usage", "--trust", "absent"], "cannot read absent: No such file or directory"),
            (["check", "usage", "--trust", "hero.jpg"], "hero.jpg is not a trust policy: line 1: "),
            (["check", "usage", "--trust", "usage"], "usage is not a trust policy: line 1: "),
            (["check", "usage"], "the following arguments are required: --trust"),
            (["check", "usage", "--trust", "policy", "--asset", "absent"], "cannot read absent: No such file"),
            (["check", "usage", "--trust", "policy", "--at", "now"], "--at now: not an instant like 2026-11-23T18:05"),
            (["check", "usage", "--trust", "policy", "--at", "2026-02-29T00:00:00Z"], "not a real date"),
            (["check", "usage", "--trust", "policy", "--max-age", "1.5"], "'1.5' is not a whole number of hours"),
            (["check", "usage", "--trust", "policy", "--max-age", "-1"], "'-1' is not a whole number of hours"),
            (["check", "usage", "--trust", "policy", "--require", "x"], "invalid choice"),
            (["check", "consent", "--trust", "policy", "--ask", "authorised"], "this evidence is about: consent"),
            (["check", "usage", "--trust", "policy", "--ask", "in_force"], "this evidence is about: usage"),
            (["check", "asset", "--trust", "policy", "--ask", "paid"], "this evidence is about: asset"),
            (["check", "consent", "--trust", "policy", "--asset", "hero.jpg"], "this evidence is about: consent"),
            (["export", "usage", "--tlog-proof", "999"], "entry 999 is not in this evidence; there are 0, "),
            (["export", "usage", "--tlog-proof", "x"], "'x' is not an index"),
            (["export", "usage", "--tlog-proof", "0", "-o", "absent/x"], "cannot write absent/x: No such file"),
            (["inspect", "absent"], "cannot read absent: No such file or directory"),
            (["nonsense"], "invalid choice"),
            ([], "the following arguments are required: COMMAND"),
        ],
    )
    def test_status_2_and_a_sentence(self, desk: Desk, arguments: list[str], sentence: str) -> None:
        done = desk.run(*arguments)
        assert done.returncode == 2
        assert sentence in done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
        assert done.stdout == b""

    def test_a_fault_of_ours_is_70_and_no_traceback(self, desk: Desk) -> None:
        breaking = "import verifier.evidence.verify\nverifier.evidence.verify.open_evidence = None\n"
        broken = NO_SOCKETS.replace("from verifier.programs.cli", breaking + "from verifier.programs.cli")
        arguments = ["check", "usage", "--trust", "policy"]
        for more, text in (([], "a fault in this program (TypeError: "), (["--debug"], "Traceback")):
            done = subprocess.run(
                [sys.executable, "-c", broken, *arguments, *more],
                cwd=desk.folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
            )  # fmt: skip
            assert done.returncode == 70
            assert text in done.stderr.decode()


class TestInspect:
    def test_says_loudly_that_it_checks_nothing(self, desk: Desk) -> None:
        done = desk.run("inspect", "usage")
        assert done.returncode == 0
        assert done.stdout.startswith(b"NOTHING BELOW HAS BEEN CHECKED.")

    def test_shows_what_is_there(self, desk: Desk) -> None:
        shown = desk.run("inspect", "terms-only").stdout.decode()
        assert f"Question: usage {desk.usage.id}" in shown
        assert "registry.example/log" in shown
        assert "disclosed: terms; hidden: money" in shown
        assert f"uses:{getattr(desk.usage.statement, 'consent')}:" in shown  # noqa: B009

    def test_needs_no_trust_and_forgives_what_only_a_check_sees(self, desk: Desk) -> None:
        value = json.loads((desk.folder / "asset").read_bytes())
        value["checkpoint"] = "not a checkpoint"
        (desk.folder / "untrusted").write_bytes(canonical.encode(value))
        assert desk.run("inspect", "untrusted").returncode == 0

    def test_what_cannot_be_read(self, desk: Desk) -> None:
        done = desk.run("inspect", "hero.jpg")
        assert done.returncode == 4
        assert b"invalid evidence, step 1 (not_canonical)" in done.stderr


class TestExport:
    def test_a_log_proof(self, desk: Desk) -> None:
        index = str(desk.usage.index)
        done = desk.run("export", "usage", "--tlog-proof", index)
        proof = parse_log_proof(done.stdout)
        assert done.returncode == 0
        assert proof.index == desk.usage.index
        checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
        check_inclusion(leaf_hash(desk.usage.leaf), proof.index, checkpoint.size, proof.proof, checkpoint.root)
        assert desk.run("export", "usage", "--tlog-proof", index, "-o", "proof").returncode == 0
        assert (desk.folder / "proof").read_bytes() == done.stdout

    def test_a_proof_that_does_not_fit_is_not_exported(self, desk: Desk) -> None:
        value = json.loads((desk.folder / "usage").read_bytes())
        value["entries"][0]["proof"].reverse()
        (desk.folder / "unproven").write_bytes(canonical.encode(value))
        done = desk.run("export", "unproven", "--tlog-proof", "0")
        assert (done.returncode, done.stdout) == (4, b"")


@pytest.mark.parametrize("command", [[], ["check"], ["inspect"], ["export"]])
def test_help(desk: Desk, command: list[str]) -> None:
    done = desk.run(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(b"usage: verifier")
    if command == ["check"]:
        for status in ("0 ", "1 ", "2 ", "3 ", "4 ", "70 "):
            assert f"\n  {status}" in done.stdout.decode()
