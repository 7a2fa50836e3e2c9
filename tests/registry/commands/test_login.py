"""Logging in: what is kept, what the commands take from it, and whose word the trust policy is."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry.commands import logins
from tests.support.enrolling import done, enrolled, run
from tests.support.running import Running, dead_url, running
from verifier.programs.keys import read_public

ORIGIN = "registry.example/log"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("login") / "registry"
    done("init", folder, "--origin", ORIGIN)
    with running(folder) as server:
        yield server, folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one key, and no login yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KEMBAR_KEY", raising=False)
    monkeypatch.setattr("registry.client.PAUSES", (0, 0, 0))
    done("keygen", "ayu.key", "--no-passphrase")
    done("keygen", "recovery.key", "--no-passphrase")
    return tmp_path


def test_a_whole_enrolment_names_no_registry(server: tuple[Running, Path], desk: Path) -> None:
    process, folder = server
    said = json.loads(done("login", process.url, "--key", "ayu.key", "--json"))
    assert (said["live"], said["policy"], said["key"]) == (False, "registry", str(desk / "ayu.key"))
    party = enrolled(folder)
    assert json.loads(done("login", f"{process.url}/", "--key", "ayu.key", "--json"))["live"] is True
    assert party in done("whoami") and json.loads(done("whoami", "--json"))["party"] == party
    fetched = run("evidence", "party", party, "-o", "ayu.evidence.json", "--json")
    assert fetched.exit_code == 0, fetched.output
    assert json.loads(fetched.stdout)["policy"] == "registry"


def test_who_is_enrolled_signs_and_drafts_by_the_login(server: tuple[Running, Path], desk: Path) -> None:
    process, folder = server
    said = done("login", process.url, "--key", "ayu.key")
    assert "registry draft party" in said, "what to do about a key that is no party's yet"
    party, agency = enrolled(folder), "ab" * 32
    assert party in done("login", process.url, "--key", "ayu.key")
    done("draft", "mandate", "--with", agency, "-o", "mandate.toml")
    text = Path("mandate.toml").read_text()
    assert f'model = "{party}"' in text and f'agency = "{agency}"' in text
    text = text.replace('starts = ""', "starts = 2026-11-01").replace('ends = ""', "ends = 2027-11-01")
    Path("mandate.toml").write_text(text)
    signed = json.loads(done("sign", "mandate.toml", "--yes", "--json"))
    assert signed["signedNow"] == [read_public(Path("ayu.key.pub"))]
    assert "model =" in done("draft", "mandate", "--with", party) and f'model = "{party}"' not in done(
        "draft", "mandate", "--with", party
    ), "nobody is her own agency"
    done("logout")
    refused = run("sign", "mandate.toml", "--yes", "-o", "again.signed.json")
    assert refused.exit_code == 2 and "--key FILE" in refused.stderr


def test_every_answer_says_when_the_policy_is_the_registrys_own(server: tuple[Running, Path], desk: Path) -> None:
    process, folder = server
    done("login", process.url, "--key", "ayu.key")
    party = enrolled(folder)
    warning = "The trust policy is the registry's own word"
    assert warning in run("submit", "ayu.signed.json").stderr
    assert warning in run("evidence", "party", party, "-o", "1.evidence.json").stderr
    assert "the registry's own word" in done("whoami")
    # An option goes before the login.
    pinned = run("evidence", "party", party, "-o", "2.evidence.json", "--trust", folder / "trust.policy", "--json")
    assert json.loads(pinned.stdout)["policy"] == "own" and warning not in pinned.stderr
    done("login", process.url, "--key", "ayu.key", "--trust", folder / "trust.policy")
    assert warning not in run("submit", "ayu.signed.json").stderr
    assert "your own" in done("whoami")


def test_what_is_kept_is_no_secret_and_its_owners_alone(server: tuple[Running, Path], desk: Path) -> None:
    process, _ = server
    done("login", process.url, "--key", "ayu.key", "--as", "work")
    file = logins.path()
    assert file == desk / "config" / "kembar" / "logins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(Path("ayu.key").read_text())["seed"] not in file.read_text()
    assert logins.format_logins(logins.load()) == file.read_bytes()


def test_another_log_than_the_policy_names_is_not_kept(server: tuple[Running, Path], desk: Path) -> None:
    process, _ = server
    done("init", "other", "--origin", "other.example/log")
    refused = run("login", process.url, "--key", "ayu.key", "--trust", "other/trust.policy")
    assert refused.exit_code == 2
    assert "is not the log that this policy names" in refused.stderr
    assert not logins.path().exists()


def test_a_key_is_shown_to_its_own_registry_alone(server: tuple[Running, Path], desk: Path) -> None:
    """Elsewhere, the caller asks as a stranger: the key file, were it gone, is not even opened."""
    process, _ = server
    done("login", process.url, "--key", "ayu.key")
    Path("ayu.key").unlink()
    Path("ayu.toml").write_text("")
    elsewhere = run("evidence", dead_url(), "party", "ab" * 32, "-o", "x.json")
    assert elsewhere.exit_code == 3 and "cannot be reached" in elsewhere.stderr
    own = run("evidence", "party", "ab" * 32, "-o", "x.json")
    assert own.exit_code == 2 and "ayu.key" in own.stderr


def test_without_a_login_the_url_is_asked_for(desk: Path) -> None:
    refused = run("submit", "ayu.signed.json")
    assert refused.exit_code == 2
    assert "registry login URL --key FILE" in refused.stderr
    assert run("whoami").exit_code == 2
    assert "log in" not in run("submit", "--help").stderr


def test_logout(server: tuple[Running, Path], desk: Path) -> None:
    process, _ = server
    done("login", process.url, "--key", "ayu.key", "--as", "work")
    assert "work" in done("whoami")
    done("logout")
    assert run("whoami").exit_code == 2
    assert run("logout", "work").exit_code == 2
    assert Path("ayu.key").exists()


def test_what_is_offline_drafts_with_the_id_that_is_known(server: tuple[Running, Path], desk: Path) -> None:
    process, _ = server
    registry = json.loads(done("login", process.url, "--key", "ayu.key", "--json"))["registry"]
    kept = logins.load()
    login = kept.present()
    assert login is not None
    logins.store(kept.with_login("work", replace(login, url=dead_url())))
    drafted = run("draft", "mandate")
    assert drafted.exit_code == 0 and f'registry = "{registry}"' in drafted.stdout
    assert "was not asked" in drafted.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-20],
        lambda text: text.replace("kembar-logins/1", "kembar-logins/2"),
        lambda text: text.replace('"policy_from":"registry"', '"policy_from":"nobody"'),
        lambda text: text.replace('"names":[]', '"names":[{}]'),
        lambda text: text.replace("http://", "ftp://"),
    ],
)
def test_a_damaged_file_is_named(server: tuple[Running, Path], desk: Path, change: object) -> None:
    process, _ = server
    done("login", process.url, "--key", "ayu.key")
    assert callable(change)
    logins.path().write_text(change(logins.path().read_text()))
    refused = run("whoami")
    assert refused.exit_code == 2
    assert "logins.json" in refused.stderr and "Move it away" in refused.stderr


class TestSigningABrowserIn:
    CODE = "0123456789abcdef" * 2

    def test_what_is_printed_is_signed_for_the_code(self, server: tuple[Running, Path], desk: Path) -> None:
        process, folder = server
        done("login", process.url, "--key", "ayu.key")
        party = enrolled(folder)
        result = run("sign-in", process.url, self.CODE)
        assert result.exit_code == 0 and party in result.stderr
        names = [line.partition(": ")[0] for line in result.stdout.splitlines()]
        assert names == ["Signature-Input", "Signature"] and f'nonce="{self.CODE}"' in result.stdout
        assert json.loads(done("sign-in", self.CODE, "--json")).keys() == {"Signature-Input", "Signature"}

    def test_a_code_that_was_not_copied_whole(self, server: tuple[Running, Path], desk: Path) -> None:
        result = run("sign-in", server[0].url, self.CODE[1:], "--key", "ayu.key")
        assert result.exit_code == 2 and "32 digits" in result.stderr

    def test_an_address_that_has_no_sessions(self, server: tuple[Running, Path], desk: Path) -> None:
        result = run("sign-in", f"{server[0].url}/log", self.CODE, "--key", "ayu.key")
        assert result.exit_code == 2 and "has a path" in result.stderr

    def test_a_key_that_is_nobodys(self, server: tuple[Running, Path], desk: Path) -> None:
        result = run("sign-in", server[0].url, self.CODE, "--key", "ayu.key")
        assert result.exit_code == 1 and "Signature:" not in result.stdout
