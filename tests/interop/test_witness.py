"""The witness protocol, with either side another maker's: Go by the letter of C2SP, and aics-witness.

Two of its versions are met: v1.0.0, as ours and the one in Go speak it, and v1.1.0, which aics-witness speaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest

from registry import config
from registry.witnesses.rounds import post
from tests.interop.conftest import OurLog
from tests.support.interop_clients import (
    Go,
    Refused,
    aics_witness,
    go_witness,
    needs_aics,
    needs_go,
    our_witness,
    pypi,
)
from tests.support.running import free_port
from tests.support.served import Served
from tests.support.witness_serving import eventually
from tests.support.witnessed_logs import MemoryLog
from verifier.base.errors import KembarError
from verifier.log.note import parse_vkey
from verifier.log.trust import Policy, open_checkpoint, parse_policy
from verifier.log.witness_protocol import parse_cosignatures
from verifier.log.writing import Signer, format_policy

SEED = bytes([9]) * 32
NAME = "witness.example/ada"


class TestOurWitness:
    """``verifier witness serve``, asked by clients of others."""

    @pytest.fixture
    def witness(self, log: OurLog, tmp_path: Path) -> Iterator[dict[str, str]]:
        policy = f"log {log.key}\nlog {MemoryLog().signer.verifier}\nquorum none\n"
        with our_witness(tmp_path / "witness", NAME, policy, free_port()) as made:
            yield made

    @needs_go
    def test_go_has_our_log_cosigned_from_its_tiles(
        self, go: Go, log: OurLog, witness: dict[str, str], tmp_path: Path
    ) -> None:
        """The first time without a proof, then after a 409 that tells the size, then as it knows the size."""
        asked: dict[str, Any] = {"key": log.key, "url": witness["url"], "witness": witness["vkey"]}
        early = tmp_path / "early"
        early.mkdir()
        (early / "checkpoint").write_text(log.notes[8], encoding="utf-8")
        first = go("feed", folder=str(early), old=0, **asked)
        second = go("feed", folder=str(log.public), old=0, **asked)
        third = go("feed", folder=str(log.public), old=log.size, **asked)
        assert [fed["statuses"] for fed in (first, second, third)] == [[200], [409, 200], [200]]
        assert first["time"] <= second["time"] <= third["time"] <= time.time()
        assert third["time"] > time.time() - 120

    @needs_go
    def test_every_refusal_as_go_sees_it(self, go: Go, log: OurLog, witness: dict[str, str]) -> None:
        """In order: a later one meets what the earlier ones left."""
        ours, fork, stranger = MemoryLog(), MemoryLog(tale="x"), MemoryLog("log.example/unknown")
        forged = MemoryLog(seed=2)
        good = ours.request(5, 8).decode()
        cases: list[tuple[str, int, str]] = [
            (ours.request(0, 5).decode(), 200, ""),
            (ours.request(0, 8).decode(), 409, "5\n"),
            (ours.request(3, 8).decode(), 409, "5\n"),
            (stranger.request(0, 5).decode(), 404, ""),
            (forged.request(5, 8).decode(), 403, ""),
            (fork.request(5, 8).decode(), 422, ""),
            (fork.request(5, 5, []).decode(), 422, ""),
            (good.replace("old 5", "old 05"), 400, ""),
            (good.replace("old 5", "old 9"), 400, ""),
            (good.replace("\n\n", "\n", 1), 400, ""),
            ("", 400, ""),
            (good, 200, ""),
            (good, 409, "8\n"),
        ]
        answers = go("post", url=witness["url"], bodies=[body for body, _, _ in cases])
        for answer, (body, status, said) in zip(answers, cases, strict=True):
            assert answer["status"] == status, (body, answer)
            assert (answer["type"] == "text/x.tlog.size") == bool(said), answer
            assert not said or answer["body"] == said

    @needs_aics
    def test_aics_has_our_log_cosigned_from_its_tiles(
        self, log: OurLog, witness: dict[str, str], tmp_path: Path
    ) -> None:
        """Its own client, which remembers nothing the second time and is told the size by a 409."""
        notes = [log.notes[8], log.notes[8], log.notes[log.size]]
        cosigned = pypi(
            "feed", url=witness["url"], witness=witness["vkey"], folder=str(log.public), size=log.size, notes=notes
        )
        policy = parse_policy(f"log {log.key}\nwitness w {witness['vkey']}\nquorum w\n")
        assert [open_checkpoint(note, policy).checkpoint.size for note in cosigned] == [8, 8, log.size]

    @needs_aics
    def test_aics_is_refused_for_a_fork(self, witness: dict[str, str], log: OurLog, tmp_path: Path) -> None:
        ours, fork = MemoryLog(), MemoryLog(tale="x")
        asked: dict[str, Any] = {
            "url": witness["url"], "witness": witness["vkey"], "folder": str(log.public), "size": log.size
        }  # fmt: skip
        pypi("feed", **asked, notes=[ours.note(8)])
        with pytest.raises(Refused, match="422"):
            pypi("feed", **asked, notes=[fork.note(8)])


class Starts(Protocol):
    """Starts a witness of another maker for a log: its ``url`` and ``vkey``."""

    def __call__(self, origin: str, log: str) -> AbstractContextManager[dict[str, str]]: ...


@pytest.fixture(params=[pytest.param("go", marks=needs_go), pytest.param("aics", marks=needs_aics)])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Starts:
    if request.param == "go":
        go: Go = request.getfixturevalue("go")
        return lambda origin, log: go_witness(go, NAME, SEED, log)
    return lambda origin, log: aics_witness(tmp_path / "aics", NAME, origin, log)


class Asking:
    """A registry that has its checkpoints cosigned by one witness of another maker."""

    def __init__(self, root: Path) -> None:
        self.served = Served(root, start=int(time.time()))
        self.key = self.served.service.config.policy.logs[0]
        self._names = iter(range(100))

    def trust(self, witness: dict[str, str]) -> Policy:
        policy = config.trust_policy(self.key, [(parse_vkey(witness["vkey"]), witness["url"])])
        (self.served.root / config.POLICY).write_text(format_policy(policy), encoding="utf-8")
        self.served.reopen()
        return policy

    def grow(self) -> int:
        """One more batch; the size then."""
        self.served.accept(self.served.world.party(f"party {next(self._names)}", roles=["licensee"]))
        return self.served.service.published.checkpoint.size

    def state(self) -> Any:
        [witness] = self.served.service.witnesses()
        return witness

    def is_cosigned(self, policy: Policy) -> bool:
        """Whether the newest checkpoint is."""
        try:
            open_checkpoint(self.served.service.published.note, policy)
        except KembarError:
            return False
        return self.served.service.shown.checkpoint == self.served.service.published.checkpoint


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    made = Asking(tmp_path / "registry")
    yield made
    made.served.service.close()


class TestOurRegistry:
    """``registry`` asks, a witness of another maker answers."""

    def test_its_checkpoints_are_cosigned_as_it_grows(self, asking: Asking, theirs: Starts) -> None:
        with theirs(asking.served.service.origin, str(asking.key.verifier)) as witness:
            policy = asking.trust(witness)
            eventually(lambda: asking.is_cosigned(policy))
            for _ in range(3):
                size = asking.grow()
                eventually(lambda: asking.is_cosigned(policy))
                trusted = open_checkpoint(asking.served.service.checkpoint(), policy)
                assert trusted.checkpoint.size == size
                assert trusted.as_of is not None and abs(trusted.as_of - time.time()) < 120
            assert asking.state()["state"] == "cosigning"

    def test_it_learns_from_a_409_which_size_is_known(self, asking: Asking, theirs: Starts) -> None:
        """A registry that starts anew does not remember what the witness knows."""
        with theirs(asking.served.service.origin, str(asking.key.verifier)) as witness:
            policy = asking.trust(witness)
            eventually(lambda: asking.is_cosigned(policy))
            asking.served.reopen()
            asking.grow()
            eventually(lambda: asking.is_cosigned(policy))
            assert asking.state()["state"] == "cosigning"

    def test_it_says_so_where_the_witness_does_not_know_the_log(self, asking: Asking, theirs: Starts) -> None:
        stranger = MemoryLog("log.example/other")
        with theirs(stranger.origin, str(stranger.signer.verifier)) as witness:
            policy = asking.trust(witness)
            eventually(lambda: asking.state()["state"] == "failing")
            assert "does not know this log" in asking.state()["fault"]
            assert not asking.is_cosigned(policy)

    def test_a_witness_that_cosigned_a_fork_refuses_ours(self, asking: Asking, theirs: Starts) -> None:
        """Two trees under one key: whoever comes second gets nothing."""
        service = asking.served.service
        fork = MemoryLog(service.origin)
        fork.signer = Signer(service.origin, asking.served.world.log_key)
        with theirs(service.origin, str(asking.key.verifier)) as witness:
            size = asking.grow()
            status, _, body = post(witness["url"], fork.request(0, size - 1))
            assert status == 200
            parse_cosignatures(body, fork.text(size - 1), parse_vkey(witness["vkey"]))
            policy = asking.trust(witness)
            eventually(lambda: asking.state()["state"] == "failing")
            assert "422" in asking.state()["fault"]
            assert not asking.is_cosigned(policy)
