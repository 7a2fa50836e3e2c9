"""``verifier check`` of misbehaviour files, ``verifier compare``, and who leaves such files behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.audited_logs import publish
from tests.support.lies import stage
from tests.support.misbehaviour_cases import hidden
from tests.support.misbehaviour_making import CASES, Case
from tests.support.witnessed_logs import MemoryLog, policy, witness
from tests.support.world import World
from verifier.base import canonical
from verifier.log.log_proof import format_log_proof
from verifier.log.trust import parse_policy
from verifier.misbehaviour.check import Proven, check
from verifier.misbehaviour.file import SHOWS, SUFFIX
from verifier.programs.cli import main


class Desk:
    """A folder to work in; the command is called within it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def put(self, name: str, data: bytes | str) -> str:
        (self.folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return name

    def case(self, case: Case) -> None:
        self.put("proof", case.data)
        self.put("policy", case.policy)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        told = self._capsys.readouterr()
        return status, told.out, told.err

    def check(self, *more: str) -> tuple[int, str, str]:
        return self.run("check", "proof", "--trust", "policy", *more)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


class TestCheck:
    def test_proven(self, desk: Desk) -> None:
        desk.case(CASES["omitted"]())
        status, out, err = desk.check()
        one, _, _ = hidden()
        assert (status, err) == (1, "")
        assert out == (
            f"THE LOG LIED\n  {SHOWS['omitted']}\n\n"
            f"Where\n  log: registry.example/log\n  tree of 20 entries\n  entries: 16 and 19\n"
            f"  list: consent:{one.consent.id}\n\n"
            "What this rests on\n"
            "  The log's own signatures prove it. Nobody else's word counts here, and anybody can check this file.\n\n"
        )

    def test_why_an_entry_is_void(self, desk: Desk) -> None:
        desk.case(CASES["void"]())
        status, out, _ = desk.check()
        assert status == 1
        assert "  A signature is missing, is by the wrong party or by a key that was not live.\n" in out

    @pytest.mark.parametrize(
        "name, status",
        [
            ("step1-white-space", 4),
            ("step2-format-1", 4),
            ("step3-checkpoint-not-a-note", 4),
            ("step4-log-that-the-policy-does-not-name", 3),
            ("step5-root-changed", 4),
            ("step6-proof-changed", 4),
            ("step7-row-changed", 4),
            ("step8-two-good-seals", 4),
        ],
    )
    def test_nothing_is_proven(self, desk: Desk, name: str, status: int) -> None:
        desk.case(CASES[name]())
        found, out, err = desk.check()
        assert (found, err) == (status, "")
        calls_itself_one = name != "step2-format-1"
        assert out.startswith("NOTHING IS PROVEN\n" if calls_itself_one else "INVALID EVIDENCE\n")

    def test_as_json(self, desk: Desk) -> None:
        case = CASES["rewritten"]()
        desk.case(case)
        status, out, _ = desk.check("--json")
        value = canonical.parse(out.removesuffix("\n").encode(), limit=1 << 16)
        assert status == 1
        assert {name: value[name] for name in case.expected} == case.expected

    def test_questions_are_for_evidence(self, desk: Desk) -> None:
        desk.case(CASES["rewritten"]())
        status, _, err = desk.check("--require", "audited")
        assert status == 2
        assert err == "verifier: --require is for evidence; a proof of misbehaviour answers no question\n"


class TestCompare:
    def test_two_readers(self, desk: Desk) -> None:
        one, other = stage(), stage(used=("other.jpg",))
        desk.put("mine", one.world.evidence(one.usage))
        desk.put("yours", other.world.evidence(other.usage))
        desk.put("policy", one.world.policy())
        status, out, _ = desk.run("compare", "mine", "yours", "--trust", "policy", "-o", "proofs")
        assert status == 1
        files = sorted(path.name for path in (desk.folder / "proofs").iterdir())
        assert [name.partition("-")[0] for name in files] == ["fork", "rewritten"]
        assert all(name.endswith(SUFFIX) for name in files)
        assert all(f"proofs/{name}: The log signed two trees" in out for name in files)
        for name in files:
            assert desk.run("check", f"proofs/{name}", "--trust", "policy")[0] == 1

    def test_her_log_proof_and_what_readers_are_shown(self, desk: Desk) -> None:
        one, proof, _ = hidden()
        desk.put("revocation", one.world.log.leaf(proof.index))
        desk.put("revocation.proof", format_log_proof(proof))
        desk.put("evidence", one.world.evidence(one.usage))
        desk.put("policy", one.world.policy())
        status, out, _ = desk.run("compare", "evidence", "revocation.proof", "revocation", "--trust", "policy")
        assert status == 1
        assert SHOWS["omitted"] in out

    def test_private_sections_stay_at_home(self, desk: Desk) -> None:
        one = stage()
        rival = one.world.party("rival", roles=["licensee"])
        one.world.revocation(consent=one.consent, signers=[rival])
        desk.put("evidence", one.world.evidence(one.usage))
        desk.put("policy", one.world.policy())
        assert desk.run("compare", "evidence", "--trust", "policy", "-o", "proofs")[0] == 1
        [path] = (desk.folder / "proofs").iterdir()
        terms = one.consent.disclosures["terms"]
        assert terms in (desk.folder / "evidence").read_text("utf-8")
        assert terms not in path.read_text("utf-8")

    def test_nothing_to_prove(self, desk: Desk) -> None:
        one = stage()
        desk.put("evidence", one.world.evidence(one.usage))
        desk.put("checkpoint", one.world.checkpoint())
        desk.put("policy", one.world.policy())
        status, out, err = desk.run("compare", "evidence", "checkpoint", "--trust", "policy", "-o", "proofs")
        assert (status, err) == (0, "")
        assert out.startswith("nothing is proven by these 1 checkpoints and ")
        assert not (desk.folder / "proofs").exists()

    @pytest.mark.parametrize("data", [b"hello", b"{}", b'{"payload":1}', b"c2sp.org/tlog-proof@v1\n", b"\xff"])
    def test_other_files_are_refused(self, desk: Desk, data: bytes) -> None:
        desk.put("file", data)
        desk.put("policy", World().policy())
        status, _, err = desk.run("compare", "file", "--trust", "policy")
        assert status == 2
        assert err.startswith("verifier: file is no evidence, checkpoint, log proof or envelope: ")


class TestWhoLeavesThem:
    def test_an_audit_without_a_store(self, desk: Desk) -> None:
        one = stage()
        bad = one.world.usage(one.consent, wrong_signatures=True)
        publish(one.world, desk.folder / "log")
        desk.put("policy", one.world.policy())
        audit = ("audit", "log", "--trust", "policy", "--quiet")
        status, out, _ = desk.run(*audit, "--misbehaviour", "proofs")
        name = f"proofs/signature_wrong-{bad.index}{SUFFIX}"
        assert status == 1
        assert f"proof: {name}\n" in out
        assert desk.run("check", name, "--trust", "policy")[0] == 1
        status, out, _ = desk.run(*audit)
        assert (status, "proof:" in out) == (1, False)

    def test_a_log_whose_wrong_index_is_found_once(self, desk: Desk) -> None:
        """One proof of a wrong index is enough, however many roots are wrong after it."""
        one, _, _ = hidden()
        publish(one.world, desk.folder / "log")
        desk.put("policy", one.world.policy())
        desk.run("audit", "log", "--trust", "policy", "--store", "store", "--quiet")
        assert len(list((desk.folder / "store" / "misbehaviour").iterdir())) == 1

    def test_a_witness(self, tmp_path: Path) -> None:
        log, kept = MemoryLog(), list[bytes]()
        one = witness(tmp_path, log)
        one._on_fork = kept.append
        assert one.add_checkpoint(log.request(0, 5)).status == 200
        other = MemoryLog(tale="x")
        assert one.add_checkpoint(other.request(5, 5)).status == 422
        outcome = check(kept[0], policy(log))
        assert isinstance(outcome, Proven)
        assert (outcome.kind, outcome.sizes) == ("fork", (5, 5))
        one.store.close()


def test_policies_of_other_logs_convict_nobody() -> None:
    policy_ = parse_policy(World(origin="other.example/log").policy())
    proofs = [make() for name, make in CASES.items() if not name.startswith("step")]
    assert not any(isinstance(check(one.data, policy_), Proven) for one in proofs)
