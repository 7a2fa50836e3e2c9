"""Registrars and witnesses change while a registry is served; a registrar is told what she vouches for."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.client import Client
from registry.config import KEYS, REGISTRAR_KEY, load
from registry.witnesses.membership import AskedFor, asked_for
from tests.support.running import PATIENCE, Running, dead_url, running
from tests.support.witness_serving import eventually
from verifier.base.private_keys import SigningKey
from verifier.log.writing import Cosigner
from verifier.programs.request_signing import RequestSigner

DRAFT = """kembar = 2
type = "party"
registry = "{registry}"
at = 2026-11-29T12:00:00Z
roles = ["model"]
keys = ["{key}"]
[recovery]
keys = ["{recovery}"]
threshold = 1
[name]
name = "Anna M."
[person]
name = "Anna \\u001b[31mMeier"
born = "1999-04-01"
"""


def run(*arguments: str | Path, **options: str) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], **options)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("init", tmp_path / "r", "--origin", "registry.example/log").exit_code == 0
    return tmp_path / "r"


@pytest.fixture
def process(folder: Path) -> Iterator[Running]:
    with running(folder) as one:
        yield one


def key(path: Path) -> str:
    result = run("keygen", path, "--no-passphrase")
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def listed(folder: Path) -> list[str]:
    found: list[str] = json.loads(run("registrar", "list", folder, "--json").stdout)["registrars"]
    return found


class TestRegistrars:
    def test_join_and_leave_a_registry_that_is_served(self, folder: Path, process: Running, tmp_path: Path) -> None:
        first = listed(folder)
        new = key(tmp_path / "new.key")
        added = run("registrar", "add", folder, tmp_path / "new.key.pub", "--yes", "--language", "en")
        assert added.exit_code == 0 and "Logged as entry 2" in added.output, added.output
        assert listed(folder) == sorted([*first, new])
        assert run("registrar", "add", folder, new, "--yes").exit_code == 2  # she is one already
        assert run("registrar", "remove", folder, first[0], "--yes").exit_code == 0
        last = run("registrar", "remove", folder, new, "--yes", "--language", "en")
        assert last.exit_code == 2 and "This is the last registrar" in last.stderr
        assert listed(folder) == [new]

    def test_and_one_that_is_not(self, folder: Path, tmp_path: Path) -> None:
        new = key(tmp_path / "new.key")
        assert run("registrar", "add", folder, new, "--yes", "--json").exit_code == 0
        assert new in listed(folder)

    def test_nobody_is_asked_for_nothing(self, folder: Path, tmp_path: Path) -> None:
        first = listed(folder)
        new = key(tmp_path / "new.key")
        no = run("registrar", "add", folder, new, input="n\n")
        assert no.exit_code == 1 and listed(folder) == first

    def test_a_key_that_was_removed_does_not_come_back(self, folder: Path, tmp_path: Path) -> None:
        [first], new = listed(folder), key(tmp_path / "new.key")
        assert run("registrar", "add", folder, new, "--yes").exit_code == 0
        assert run("registrar", "remove", folder, first, "--yes").exit_code == 0
        again = run("registrar", "add", folder, first, "--yes")
        assert again.exit_code == 1 and listed(folder) == [new]

    def test_it_speaks_indonesian(self, folder: Path, tmp_path: Path) -> None:
        stranger = key(tmp_path / "x.key")
        said = run("registrar", "remove", folder, stranger, "--yes", "--language", "id").output
        assert f"{stranger} bukan kunci registrar" in said


class TestAddresses:
    FIRST, SECOND = "https://registry.example/log", "https://log.example"

    def test_join_and_leave_a_registry_that_is_served(self, folder: Path, process: Running, tmp_path: Path) -> None:
        def refusal() -> str:
            """What is said to a key that nobody knows: where it should have signed for comes first."""
            key = SigningKey(bytes([7] * 32))
            headers = RequestSigner(key, lambda: time.time() + 3).headers("GET", "elsewhere.example", "/grants", "")
            request = urllib.request.Request(f"{process.url}/grants", headers=headers)
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(request, timeout=PATIENCE)
            assert error.value.code == 401 and error.value.headers["Date"]
            return str(json.loads(error.value.read())["detail"])

        assert process.url in refusal()
        for one in (self.FIRST, f"{self.SECOND}/"):
            added = run("url", "add", folder, one, "--language", "en")
            assert added.exit_code == 0 and "from the next request on" in added.output, added.output
        said = refusal()
        assert f"{self.FIRST} or {self.SECOND}" in said and process.url not in said
        assert run("url", "remove", folder, self.FIRST).exit_code == 0
        assert self.FIRST not in refusal()
        last = run("url", "remove", folder, self.SECOND, "--language", "en")
        assert last.exit_code == 2 and "This is the last public address" in last.stderr
        assert self.SECOND in refusal()
        assert json.loads(run("url", "list", folder, "--json").stdout) == {"sign_url": "", "urls": [self.SECOND]}

    @pytest.mark.parametrize(("arguments", "says"), [
        (("add", FIRST), "is a public address already"),
        (("add", "registry.example"), "URL: "),
        (("remove", SECOND), "is no public address"),
        (("sign-page", "http://sign.example/"), "URL"),
        (("sign-page", "https://registry.example/"), "an origin of its own"),
    ])  # fmt: skip
    def test_what_changes_nothing(self, folder: Path, arguments: tuple[str, str], says: str) -> None:
        assert run("url", "add", folder, self.FIRST).exit_code == 0
        command, address = arguments
        refused = run("url", command, folder, address, "--language", "en")
        assert refused.exit_code == 2 and says in refused.stderr, refused.output
        assert json.loads(run("url", "list", folder, "--json").stdout) == {"sign_url": "", "urls": [self.FIRST]}

    def test_the_page_that_holds_keys(self, folder: Path) -> None:
        assert run("url", "sign-page", folder, "https://sign.example/").exit_code == 0
        said = run("url", "list", folder, "--language", "id").output
        assert "Halaman yang memegang kunci: https://sign.example/" in said and "Belum ada alamat publik" in said
        assert run("url", "sign-page", folder, "").exit_code == 0
        assert json.loads(run("url", "list", folder, "--json").stdout)["sign_url"] == ""


class TestEnrolment:
    def party(self, folder: Path, tmp_path: Path) -> Path:
        """What Anna has signed."""
        public, recovery = key(tmp_path / "anna.key"), key(tmp_path / "anna-recovery.key")
        registry = json.loads(run("vkey", folder, "--json").stdout)["id"]
        draft = tmp_path / "anna.toml"
        draft.write_text(DRAFT.format(registry=registry, key=public, recovery=recovery))
        keys: list[str | Path] = ["--key", tmp_path / "anna.key", "--key", tmp_path / "anna-recovery.key"]
        signed = run("sign", draft, *keys, "--yes")
        assert signed.exit_code == 0, signed.output
        return tmp_path / "anna.signed.json"

    def test_says_what_is_vouched_for_and_logs_it(self, folder: Path, process: Running, tmp_path: Path) -> None:
        file = self.party(folder, tmp_path)
        own: list[str | Path] = ["--key", folder / KEYS / REGISTRAR_KEY, "--registry", process.url, "--language", "en"]
        before = file.read_bytes()
        no = run("enrol", file, *own, input="n\n")
        assert no.exit_code == 1 and file.read_bytes() == before
        told = ("You know who this is", "Meier; 1999-04-01", "Anna M.", "It may act as: model", "1 of them can replace")
        for line in (*told, "It may be called so", "She is of age"):
            assert line in no.stdout, line
        assert "\x1b" not in no.stdout
        yes = run("enrol", file, *own, "--yes")
        assert yes.exit_code == 0 and "Enrolled, as entry 2" in yes.stdout, yes.output
        with Client(process.url) as client:
            assert client.statement(2).type == "party"

    def test_what_a_registrar_must_not_vouch_for(self, folder: Path, tmp_path: Path) -> None:
        file = self.party(folder, tmp_path)
        own = run("enrol", file, "--key", tmp_path / "anna.key", "--yes", "--language", "en")
        assert own.exit_code == 2 and "one of the party's own keys" in own.stderr
        whole = file.read_bytes()
        recovery = json.loads((tmp_path / "anna-recovery.key").read_text())["public"]
        assert run("unsign", file, "--key", recovery).exit_code == 0
        registrar = folder / KEYS / REGISTRAR_KEY
        short = run("enrol", file, "--key", registrar, "--yes", "--language", "en")
        assert short.exit_code == 2 and f"Missing: {recovery}" in short.stderr
        file.write_bytes(whole)
        key(tmp_path / "other.key")
        assert run("enrol", file, "--key", tmp_path / "other.key", "--yes").exit_code == 0
        second = run("enrol", file, "--key", registrar, "--yes", "--language", "en")
        assert second.exit_code == 2 and "by somebody else already" in second.stderr


class TestWitnesses:
    def vkey(self, number: int) -> str:
        return str(Cosigner(f"w{number}.example", SigningKey(bytes([number]) * 32)).verifier)

    def test_join_and_leave_a_registry_that_is_served(self, folder: Path, process: Running) -> None:
        added = run("witness", "add", folder, f"{self.vkey(2)}={dead_url()}", "--language", "en")
        assert added.exit_code == 0 and "Readers ask for 1 cosignature at least" in added.stdout, added.output
        assert run("witness", "add", folder, f"{self.vkey(3)}={dead_url()}").exit_code == 0
        with Client(process.url) as client:
            eventually(lambda: [one["name"] for one in json.loads(client.get("/witnesses").body)]
                       == ["witness1", "witness2"])  # fmt: skip
        kept = (folder / "trust.policy").read_bytes()
        falls = run("witness", "remove", folder, "witness1", "--language", "en")
        assert falls.exit_code == 2 and "would ask for 1 cosignatures instead of 2" in falls.stderr
        assert (folder / "trust.policy").read_bytes() == kept
        fell = run("witness", "remove", folder, "witness1", "--lower-quorum", "--language", "en")
        assert fell.exit_code == 0 and "THE QUORUM FALLS" in fell.stdout
        assert asked_for(load(folder).policy) == AskedFor(1, 0)
        found = json.loads(run("witness", "list", folder, "--json").stdout)
        assert (found["quorum"], [one["name"] for one in found["witnesses"]]) == (1, ["witness2"])

    @pytest.mark.parametrize("who", ["nobody", "registry.example/log+9c2dabef+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c=https://x"])
    def test_what_is_no_witness(self, folder: Path, who: str) -> None:
        assert run("witness", "add", folder, who).exit_code == 2
