"""``verifier witness``: the command, as people call it, and registry, witnesses and auditor together on loopback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from registry import config
from registry.client import Client
from registry.fsck import fsck
from registry.intake.submission import parse_submission
from registry.service import QUORUM_WAIT
from tests.support.running import PATIENCE, environment, free_port, running
from tests.support.served import raw
from tests.support.witness_serving import eventually
from tests.support.witnessed_logs import MemoryLog, policy
from tests.support.world import World
from verifier.evidence.verdict import Verdict
from verifier.evidence.verify import verify
from verifier.log.note import parse_vkey
from verifier.log.trust import QuorumMissing, open_checkpoint, parse_policy
from verifier.log.writing import format_policy
from verifier.programs.keys import read_key
from verifier.rules.model.question import Question


def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "verifier", "witness", *map(str, arguments)],
        capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False,
    )  # fmt: skip


def keygen(folder: Path, name: str) -> str:
    done = call("keygen", folder, "--name", name)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@contextmanager
def witnessing(folder: Path, trust: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """``verifier witness serve`` until the end of the block; entered once it answers."""
    command = ["witness", "serve", str(folder), "--trust", str(trust), "--port", str(port), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Serving "), line or process.communicate()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def is_open(port: int) -> bool:
    """Whether anybody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


class TestKeygen:
    def test_a_folder_with_a_key_that_only_its_owner_reads(self, tmp_path: Path) -> None:
        vkey = keygen(tmp_path / "new" / "w", "witness.example/ada")
        assert call("vkey", tmp_path / "new" / "w").stdout.strip() == vkey
        assert (tmp_path / "new/w/witness.key").stat().st_mode & 0o777 == 0o600
        assert read_key(tmp_path / "new/w/witness.key").public == parse_vkey(vkey).key.hex()

    def test_a_key_is_never_overwritten(self, tmp_path: Path) -> None:
        vkey = keygen(tmp_path, "witness.example/ada")
        done = call("keygen", tmp_path, "--name", "witness.example/ada")
        assert done.returncode == 2 and "never overwritten" in done.stderr
        assert call("vkey", tmp_path).stdout.strip() == vkey

    @pytest.mark.parametrize("name", ["", "a b", "a+b"])
    def test_a_name_that_is_none(self, tmp_path: Path, name: str) -> None:
        done = call("keygen", tmp_path, "--name", name)
        assert done.returncode == 2 and "cannot be the name of a key" in done.stderr

    def test_vkey_of_no_folder(self, tmp_path: Path) -> None:
        done = call("vkey", tmp_path)
        assert done.returncode == 2 and "keygen" in done.stderr


class TestMemory:
    def test_a_lost_database_is_no_first_start(self, tmp_path: Path) -> None:
        log = MemoryLog()
        (tmp_path / "logs.policy").write_text(format_policy(policy(log)))
        (tmp_path / "last").write_text(log.note(5))
        keygen(tmp_path / "w", "witness.example/ada")
        (tmp_path / "w" / "witness.db").unlink()
        serve: list[str | Path] = ["serve", tmp_path / "w", "--trust", tmp_path / "logs.policy"]
        done = call(*serve)
        assert done.returncode == 2 and "would cosign a fork" in done.stderr
        done = call(*serve, "--start-anew", tmp_path / "last")
        assert done.returncode == 2 and "--on-my-word" in done.stderr
        assert not (tmp_path / "w" / "witness.db").exists()


class TestServe:
    @pytest.fixture
    def trust(self, tmp_path: Path) -> Path:
        path = tmp_path / "logs.policy"
        path.write_text(format_policy(policy(MemoryLog())))
        return path

    @pytest.mark.parametrize(
        "name, options, said",
        [
            ("a.example/kembar-auditor", [], "serve it with --audit"),
            ("a.example", ["--audit"], "an auditor has a key of its own"),
            ("a.example/kembar-auditor", ["--audit"], "gives no URL for log.example/a"),
            ("a.example", ["--url", "http://x"], "--url says where an auditor reads"),
            ("a.example", ["--prefix", "x"], "--prefix"),
            ("a.example", ["--port", "0"], "is not a number"),
        ],
    )
    def test_called_wrongly(self, tmp_path: Path, trust: Path, name: str, options: list[str], said: str) -> None:
        keygen(tmp_path / "w", name)
        done = call("serve", tmp_path / "w", "--trust", trust, *options)
        assert done.returncode == 2 and said in done.stderr

    def test_a_locked_key(self, tmp_path: Path, trust: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("correct horse battery\n")
        assert call("keygen", tmp_path / "w", "--name", "a.example", "--passphrase-file", secret).returncode == 0
        done = call("serve", tmp_path / "w", "--trust", trust)
        assert done.returncode == 2 and "passphrase" in done.stderr
        with witnessing(tmp_path / "w", trust, free_port(), "--passphrase-file", str(secret)):
            pass

    def test_another_folders_key(self, tmp_path: Path, trust: Path) -> None:
        for one in ("v", "w"):
            keygen(tmp_path / one, "a.example")
        (tmp_path / "v/witness.vkey").replace(tmp_path / "w/witness.vkey")
        done = call("serve", tmp_path / "w", "--trust", trust)
        assert done.returncode == 2 and "is not the public key" in done.stderr

    def test_killed_between_two_requests(self, tmp_path: Path, trust: Path) -> None:
        """The whole server, kill -9: what it cosigned it knows, under a prefix of its own."""
        keygen(tmp_path / "w", "a.example")
        log = MemoryLog()

        def ask(port: int, old: int, size: int) -> int:
            url = f"http://127.0.0.1:{port}/deep/add-checkpoint"
            try:
                with urllib.request.urlopen(url, log.request(old, size), timeout=PATIENCE) as answer:
                    status: int = answer.status
                    return status
            except urllib.error.HTTPError as error:
                with error:
                    return error.code

        for old, size in ((0, 5), (5, 8), (8, 8)):
            port = free_port()
            with witnessing(tmp_path / "w", trust, port, "--prefix", "/deep") as process:
                assert ask(port, old, size) == 200
                assert ask(port, 0, 9) == 409
                process.send_signal(signal.SIGKILL)
                process.wait()


class TestTogether:
    def test_registry_two_witnesses_and_an_auditor(self, tmp_path: Path) -> None:
        """Each a process of its own. Evidence is audited; with one witness killed the rest is enough."""
        with ExitStack() as stack:
            ports = [free_port() for _ in range(3)]
            folders = [tmp_path / name for name in ("ada", "bob", "union")]
            names = ["ada.example", "bob.example", "union.example/kembar-auditor"]
            vkeys = [keygen(folder, name) for folder, name in zip(folders, names, strict=True)]
            world = World(start=int(time.time()))
            root = tmp_path / "registry"
            places = [(parse_vkey(vkey), f"http://127.0.0.1:{port}") for vkey, port in zip(vkeys, ports, strict=True)]
            made = config.create(
                root, world.origin, log_key=world.log_key, registrar_key=world.registrar, witnesses=places, quorum=2
            )
            trust = root / config.POLICY
            served = stack.enter_context(running(root))
            processes = [
                stack.enter_context(
                    witnessing(folder, trust, port, *(["--audit", "--url", served.url] if name == names[2] else []))
                )
                for folder, port, name in zip(folders, ports, names, strict=True)
            ]
            client = stack.enter_context(Client(served.url, policy=made.policy))
            world.genesis_id = client.genesis()

            def all_good(*wanted: str) -> bool:
                states = {one["name"]: one["state"] for one in json.loads(get(f"{served.url}/witnesses"))}
                return [states[name] for name in ("witness1", "witness2", "auditor1")] == list(wanted)

            eventually(lambda: all_good("cosigning", "cosigning", "cosigning"), PATIENCE)
            anna = world.party("anna", roles=["model"])
            assert anna.entry is not None
            [result] = client.submit([parse_submission(raw(anna.entry))])
            assert isinstance(result, dict)

            def basis() -> str:
                data = client.evidence(Question(kind="party", id=anna.id))
                said = verify(data, made.policy, instant=int(time.time()), max_age=86_400, files=[])
                # What the quorum has not cosigned yet is answered at once, and does not pass before it has.
                return said.as_of.basis if isinstance(said, Verdict) else said.code

            eventually(lambda: basis() == "audited", PATIENCE)
            processes[1].kill()
            processes[1].wait()
            eventually(lambda: not is_open(ports[1]), PATIENCE)  # its worker notices that it is alone
            brand = world.party("brand", roles=["licensee"])
            assert brand.entry is not None
            began = time.monotonic()
            [result] = client.submit([parse_submission(raw(brand.entry))])
            assert isinstance(result, dict) and time.monotonic() - began < QUORUM_WAIT - 0.5
            eventually(lambda: all_good("cosigning", "failing", "cosigning"), PATIENCE)
            strict = parse_policy(trust.read_text().replace("group quorum 2", "group quorum 3"))

            def published_without_the_third() -> bool:
                note = get(f"{served.url}/checkpoint")
                assert open_checkpoint(note, made.policy).audited
                try:
                    open_checkpoint(note, strict)
                except QuorumMissing:
                    return True
                return False

            eventually(published_without_the_third, PATIENCE)
            assert basis() == "audited"
            assert "cosigned" in get(f"http://127.0.0.1:{ports[2]}/")
            assert "does not cosign" in get(f"{served.url}/")
        assert fsck(root).ok


class TestDemoAuditor:
    def test_beside_a_registry(self, tmp_path: Path) -> None:
        root = tmp_path / "registry"
        config.create(root, "registry.example/log")
        for _ in range(2):  # the second time it is there already
            with running(root, "--demo-auditor") as served:
                made = config.load(root).policy
                eventually(lambda: _is_audited(served.url, made), PATIENCE)  # noqa: B023
                address = made.witnesses[0].url
                assert address is not None
                assert served.stop()[0] == 0
            with pytest.raises(OSError):
                get(address)
        [auditor] = config.load(root).policy.witnesses
        assert auditor.verifier.name == "registry.example/log/kembar-auditor"

    def test_not_beside_real_ones(self, tmp_path: Path) -> None:
        root = tmp_path / "registry"
        key = parse_vkey(keygen(tmp_path / "w", "a.example"))
        config.create(root, "registry.example/log", witnesses=[(key, "http://127.0.0.1:1")])
        done = subprocess.run(
            [sys.executable, "-m", "registry", "serve", str(root), "--demo-auditor"],
            capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False,
        )  # fmt: skip
        assert done.returncode == 2 and "names witnesses already" in done.stderr


def _is_audited(url: str, policy: Any) -> bool:
    try:
        return open_checkpoint(get(f"{url}/checkpoint"), policy).audited
    except QuorumMissing:
        return False


class TestInit:
    def call(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "registry", "init", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False)

    def test_writes_a_policy_with_a_quorum(self, tmp_path: Path) -> None:
        vkeys = [keygen(tmp_path / name, name) for name in ("a.example", "b.example", "c.example/kembar-auditor")]
        witnesses = [f"--witness={vkey}=https://{number}.example/w?" for number, vkey in enumerate(vkeys)]
        done = self.call(tmp_path / "r", "--origin", "r.example/log", *witnesses)
        assert done.returncode == 2 and "not an address" in done.stderr
        witnesses = [one.rstrip("?") for one in witnesses]
        done = self.call(tmp_path / "r", "--origin", "r.example/log", "--url", "https://r.example/log/", *witnesses)
        assert (done.returncode, done.stderr) == (0, "")
        made = parse_policy((tmp_path / "r/trust.policy").read_text())
        assert [log.url for log in made.logs] == ["https://r.example/log"]
        assert [one.url for one in made.witnesses] == [f"https://{number}.example/w" for number in range(3)]
        assert made.quorum == "both"

    @pytest.mark.parametrize(
        "witness, said",
        [
            ("nonsense", "is not VKEY=URL"),
            ("a+b+c=https://a.example", "--witness"),
            ("log.example/a+870806f8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c=https://a.example", "a log's key"),
        ],
    )
    def test_what_is_no_witness(self, tmp_path: Path, witness: str, said: str) -> None:
        done = self.call(tmp_path / "r", "--origin", "r.example/log", "--witness", witness)
        assert done.returncode == 2 and said in done.stderr
        assert not (tmp_path / "r").exists()

    def test_one_witness_twice(self, tmp_path: Path) -> None:
        witness = f"--witness={keygen(tmp_path / 'w', 'a.example')}=https://a.example"
        done = self.call(tmp_path / "r", "--origin", "r.example/log", witness, witness)
        assert done.returncode == 2 and "earlier line" in done.stderr
        assert not (tmp_path / "r").exists()
