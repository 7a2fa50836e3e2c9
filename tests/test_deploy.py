"""The files of docs/deploy: the systemd unit as systemd reads it, and the commands that unit and container start."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.root import ROOT
from tests.support.running import PATIENCE, environment, free_port

DEPLOY = ROOT / "docs" / "deploy"
UNIT = DEPLOY / "kembar-registry.service"
STATE = Path("/var/lib/kembar"), Path("/var/lib/kembar-guard"), Path("/run/kembar")

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None,
    reason="only root can make namespaces and be another user",
)


def started_by_the_unit() -> list[str]:
    text = UNIT.read_text("utf-8").replace("\\\n", " ")
    return shlex.split(re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0])


def started_by_the_container() -> list[str]:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lines = {word: re.findall(rf"^{word} (.*)$", text, re.MULTILINE)[0] for word in ("ENTRYPOINT", "CMD")}
    return [*json.loads(lines["ENTRYPOINT"]), *json.loads(lines["CMD"])]


@needs_systemd
class TestUnit:
    def test_systemd_reads_it(self, tmp_path: Path) -> None:
        text = UNIT.read_text("utf-8")
        program = started_by_the_unit()[0]
        unit = tmp_path / UNIT.name
        unit.write_text(text.replace(program, f'"{sys.executable}"').replace("User=kembar", f"User={_me()}")
                        .replace("Group=kembar\n", ""))  # fmt: skip
        command = ["systemd-analyze", "verify", "--man=no", str(unit)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
        assert done.returncode == 0 and ours == [], done.stderr

    def test_it_is_shut_in(self, tmp_path: Path) -> None:
        """systemd's own measure, from 0 (shut in) to 10."""
        command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(UNIT)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr


def _me() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Folders that stand for those in which the registry lives, owned by somebody who is not root."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent == Path("/tmp"):
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    for number, _ in enumerate(STATE):
        folder = tmp_path / f"state{number}"
        folder.mkdir(mode=0o700)
        os.chown(folder, UID, UID)
    yield tmp_path


UID = 10_001


def shut_in(root: Path, command: list[str]) -> list[str]:
    """The command as that user, without capabilities, where nothing but its own folders can be written to."""
    steps = ["mount -t tmpfs -o mode=0755 none /run", "mount -t tmpfs -o mode=0755 none /var/lib"]
    for number, place in enumerate(STATE):
        steps += [f"mkdir -p {place}", f"mount --bind {root}/state{number} {place}"]
    steps += ["mount -o bind,remount,ro /", f"exec {shlex.join(_as_user(command))}"]
    return ["unshare", "--mount", "--ipc", "--uts", "--propagation", "private", "sh", "-ec", "; ".join(steps)]


def _as_user(command: list[str]) -> list[str]:
    return ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
            "--inh-caps=-all", *command]  # fmt: skip


@needs_root
@pytest.mark.parametrize("started", [started_by_the_unit, started_by_the_container])
def test_what_is_started_runs_shut_in(root: Path, started: Callable[[], list[str]]) -> None:
    if subprocess.run(_as_user([sys.executable, "-c", "import registry"]), env=environment(), check=False).returncode:
        pytest.skip("another user than root cannot read this checkout or its Python")
    program, *arguments = started()
    assert Path(program).name == "registry" and arguments[0] == "serve"
    registry = [sys.executable, "-m", "registry"]
    clean = {**environment(), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    init = [*registry, "init", arguments[1], "--origin", "registry.example/log", *_guard(arguments)]
    made = subprocess.run(shut_in(root, init), capture_output=True, text=True, env=clean, timeout=PATIENCE, check=False)
    assert made.returncode == 0, made.stderr
    port = free_port()
    serve = shut_in(root, [*registry, *arguments, "--port", str(port)])
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "Serving" in line, process.communicate(timeout=PATIENCE)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
            client.request("GET", "/healthz")
            assert json.loads(client.getresponse().read())["ok"] is True
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert (root / "state1" / "guard.json").exists()


def _guard(arguments: list[str]) -> list[str]:
    place = arguments.index("--guard")
    return arguments[place : place + 2]
