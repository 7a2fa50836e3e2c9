"""``registry evidence`` looks at what it fetched before it writes it; ``submit`` tells a no from an outage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.config import trust_policy
from registry.web.app import create_app
from tests.support.breaking import Faults
from tests.support.served import Served, raw
from tests.support.witness_serving import saying, serving
from tests.support.world import DAY, Logged, key
from verifier.evidence.file import MEDIA_TYPE
from verifier.log.writing import Cosigner, format_policy


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


@pytest.fixture
def usage(served: Served) -> Logged:
    consent, story = served.story()
    served.accept(*story)
    served.world.advance(DAY)
    made = served.world.usage(consent, assets=["hero.jpg"])
    served.accept(made)
    return made


@pytest.fixture
def url(served: Served) -> Iterator[str]:
    with serving(create_app(served.service)) as url:
        yield url


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


class TestEvidence:
    def test_it_says_where_it_stands_and_how_far_the_log_is(
        self, served: Served, usage: Logged, url: str, tmp_path: Path
    ) -> None:
        size = served.service.published.checkpoint.size
        done = run("evidence", url, "usage", usage.id, "-o", tmp_path / "file.json")
        assert done.exit_code == 0, done.output
        assert f"It stands at {size} entries" in done.stdout and f"The log has {size} by now" in done.stdout
        assert "asks for no quorum" in done.stdout and "UTC" in done.stdout
        told = json.loads(run("evidence", url, "usage", usage.id, "-o", tmp_path / "other.json", "--json").stdout)
        assert (told["as_of"]["size"], told["as_of"]["basis"], told["log_size"]) == (size, "claimed", size)

    @pytest.fixture
    def strict(self, served: Served, tmp_path: Path) -> Path:
        """A policy that asks for a witness who has cosigned nothing."""
        [log] = served.service.config.policy.logs
        witness = Cosigner("witness.example/ada", key("ada")).verifier
        path = tmp_path / "strict.policy"
        path.write_text(format_policy(trust_policy(log, [(witness, "http://127.0.0.1:1")])))
        return path

    def test_one_answer_of_two(self, usage: Logged, url: str, tmp_path: Path) -> None:
        file = tmp_path / "file.json"
        told = json.loads(run("evidence", url, "usage", usage.id, "-o", file, "--ask", "authorised", "--json").stdout)
        assert told["question"] == {"usage": usage.id, "ask": "authorised"}
        assert json.loads(file.read_text())["question"] == told["question"]
        refused = run("evidence", url, "consent", usage.id, "-o", tmp_path / "none.json", "--ask", "authorised")
        assert refused.exit_code == 2, refused.output
        assert "--ask: of a consent what can be asked for is in_force or paid." in refused.stderr

    def test_without_its_quorum_it_is_held_back(self, usage: Logged, url: str, strict: Path, tmp_path: Path) -> None:
        file = tmp_path / "file.json"
        file.write_text("the old one")
        held = run("evidence", url, "usage", usage.id, "-o", file, "--replace", "--trust", strict)
        assert held.exit_code == 3
        assert "Held back" in held.stderr and "Wait until enough witnesses" in held.stderr
        assert file.read_text() == "the old one"

    @pytest.mark.parametrize(
        ("kind", "body", "said"),
        [
            ("text/html", b"<h1>Welcome to our hotel</h1>", "not an evidence file"),
            (MEDIA_TYPE, b"<h1>Welcome to our hotel</h1>", "not an evidence file"),
            (MEDIA_TYPE, b"{}", "invalid, at step 2"),
        ],
    )
    def test_what_is_none_replaces_nothing(
        self, served: Served, usage: Logged, tmp_path: Path, kind: str, body: bytes, said: str
    ) -> None:
        whole, other = create_app(served.service), saying(200, body, kind)

        def app(environ, start_response):  # type: ignore[no-untyped-def]
            chosen = other if environ["PATH_INFO"].startswith("/evidence/") else whole
            return chosen(environ, start_response)

        file = tmp_path / "file.json"
        file.write_text("the old one")
        with serving(app) as url:
            done = run("evidence", url, "usage", usage.id, "-o", file, "--replace")
        assert (done.exit_code, file.read_text()) == (3, "the old one")
        assert said in done.stderr

    def test_the_answer_to_another_question_is_none(self, served: Served, usage: Logged, tmp_path: Path) -> None:
        whole = create_app(served.service)
        with serving(whole) as url:
            done = run("evidence", url, "usage", usage.id, "-o", tmp_path / "usage.json")
        assert done.exit_code == 0
        other = saying(200, (tmp_path / "usage.json").read_bytes(), MEDIA_TYPE)

        def app(environ, start_response):  # type: ignore[no-untyped-def]
            chosen = other if environ["PATH_INFO"].startswith("/evidence/") else whole
            return chosen(environ, start_response)

        with serving(app) as url:
            done = run("evidence", url, "party", "ab" * 32, "-o", tmp_path / "party.json")
        assert done.exit_code == 3 and "another question" in done.stderr
        assert not (tmp_path / "party.json").exists()


class TestFullDisk:
    @pytest.fixture
    def faults(self, monkeypatch: pytest.MonkeyPatch) -> Faults:
        return Faults(monkeypatch)

    def test_submit_says_that_it_could_not_be_done(
        self, served: Served, usage: Logged, url: str, tmp_path: Path, faults: Faults
    ) -> None:
        more = tmp_path / "more.ndjson"
        more.write_bytes(raw(served.entry(served.world.party("ben", roles=["model"]))) + b"\n")
        faults.fail_at(*range(100), kept=False)
        done = run("submit", url, more, "--anyway")
        assert done.exit_code == 3, done.output
        assert str(served.root) not in done.output
        read = run("evidence", url, "usage", usage.id, "-o", tmp_path / "file.json")  # and reading goes on
        assert read.exit_code == 0, read.output
        faults.heal()
        assert run("submit", url, more, "--anyway").exit_code == 0
