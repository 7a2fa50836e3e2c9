"""Numbers for alarms: what they say, and that only this machine can ask."""

from __future__ import annotations

import http.client
import json
import socket
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import main
from registry.web.metrics import Metrics, MetricsError, where
from tests.support.running import PATIENCE, environment, free_port, running
from tests.support.running import command as command_of
from tests.support.served import Served
from tests.support.witness_serving import eventually


def numbers(text: str) -> dict[str, float]:
    """Every sample of the text format, by its name with its labels."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(number) for name, _, number in (line.rpartition(" ") for line in lines)}


def asked(connection: http.client.HTTPConnection) -> str:
    with closing(connection):
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()


@pytest.mark.parametrize("text", ["0.0.0.0:9100", "[::]:9100", "example.org:9100", "localhost:9100", "9100", "unix:",
                                  "192.0.2.1:9100", "127.0.0.1:99999", "127.0.0.1:\u0661"])  # fmt: skip
def test_nobody_else_can_ask(text: str, tmp_path: Path) -> None:
    with pytest.raises(MetricsError):
        where(text)
    CliRunner().invoke(main, ["init", str(tmp_path / "r"), "--origin", "registry.example/log"])
    refused = CliRunner().invoke(main, ["serve", str(tmp_path / "r"), "--metrics", text])
    assert refused.exit_code == 2 and "metrics are shown at 127.0.0.1:PORT" in refused.stderr


def test_where() -> None:
    assert where("127.0.0.1:9100") == ("127.0.0.1", 9100)
    assert where("[::1]:9100") == ("::1", 9100)
    assert where("unix:/run/kembar/metrics") == "/run/kembar/metrics"


def test_what_they_say(served: Served) -> None:
    metrics = Metrics(served.service)
    served.accept(served.world.party("anna", roles=["model"]))
    for status, seconds in ((200, 0.001), (401, 0.03), (418, 1.0)):
        metrics.add(status, seconds)
    from prometheus_client import generate_latest

    found = numbers(generate_latest(metrics.registry).decode())
    published = served.service.published.checkpoint.size
    assert found["kembar_entries"] == published and found["kembar_ok"] == found["kembar_sealing"] == 1
    assert found["kembar_seal_time_seconds"] == served.service.logged(published - 1)
    assert found['kembar_answers_total{status="401"}'] == found['kembar_answers_total{status="4xx"}'] == 1
    assert found["kembar_answer_seconds_count"] == 3 and found['kembar_answer_seconds_bucket{le="0.005"}'] == 1


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = CliRunner().invoke(main, ["init", str(tmp_path / "r"), "--origin", "registry.example/log"])
    assert made.exit_code == 0
    return tmp_path / "r"


def test_a_registry_that_is_served(folder: Path) -> None:
    port = free_port()
    with running(folder, "--metrics", f"127.0.0.1:{port}", "--log", "json") as process:
        mine = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)
        for path, status in (("/metrics", 404), ("/checkpoint", 200)):
            mine.request("GET", path)
            answer = mine.getresponse()
            answer.read()
            assert answer.status == status
        mine.request("DELETE", "/checkpoint")
        answer = mine.getresponse()
        answer.read()
        assert answer.status == 405
        mine.close()

        def is_counted() -> bool:
            found = numbers(asked(http.client.HTTPConnection("127.0.0.1", port, timeout=30)))
            return found.get('kembar_answers_total{status="405"}') == 1 and found["kembar_entries"] == 2

        eventually(is_counted)
        code, errors = process.stop()
    assert code == 0
    [line] = [json.loads(one) for one in errors.splitlines()]  # what was refused is told at the end, too
    assert line["prefix"] == "127.0.0.0/24" and line["refused"] == {"405": 1} and line["level"] == "warning"


def test_at_a_unix_socket_that_was_left_by_one_that_was_killed(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "metrics.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    with running(folder, "--metrics", f"unix:{place}") as process:
        assert "kembar_ok 1.0" in asked(_Unix(place)) and stat.S_IMODE(place.stat().st_mode) == 0o660
        assert process.stop()[0] == 0
    assert not place.exists()


def test_a_file_that_is_no_socket_is_left_alone(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "notes.txt"
    place.write_text("mine")
    command = [*command_of("serve", folder, "--port", str(free_port()), "--metrics", f"unix:{place}")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=False)
    assert done.returncode == 3 and place.read_text() == "mine"
