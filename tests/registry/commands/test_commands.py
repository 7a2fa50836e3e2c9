"""The commands one by one: what they write, what they refuse, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.config import create
from registry.intake.submission import parse_submission
from tests.support.answering import Answer, answering
from tests.support.running import PATIENCE, command, environment
from tests.support.served import raw
from tests.support.world import World
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.evidence.file import FORMAT as EVIDENCE
from verifier.programs import files
from verifier.programs.keys import format_key, read_key
from verifier.words.category_names import CATEGORY_NAMES

REGISTRY = "ab" * 32
AYU, RECOVERY, REGISTRAR, STRANGER = (
    SigningKey(sha256(name).digest()) for name in (b"ayu", b"recovery", b"registrar", b"stranger")
)


def run(*arguments: str | Path, input: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], input=input)


def done(*arguments: str | Path, input: str | None = None) -> str:
    """What a command that must succeed printed on standard output."""
    result = run(*arguments, input=input)
    assert result.exit_code == 0, result.output
    return result.stdout


def failed(code: int, *arguments: str | Path, input: str | None = None) -> str:
    """What a command that must fail with this exit code said on standard error: never a traceback."""
    result = run(*arguments, input=input)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three unlocked keys, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    for name, key in (("ayu", AYU), ("recovery", RECOVERY), ("registrar", REGISTRAR)):
        (tmp_path / f"{name}.key").write_bytes(format_key(key, None))
        (tmp_path / f"{name}.key.pub").write_text(key.public.hex() + "\n")
    return tmp_path


def filled(desk: Path) -> Path:
    """The draft of a party, filled in."""
    path = desk / "ayu.toml"
    done("draft", "party", "--registry", REGISTRY, "--key", "ayu.key", "--recovery", "recovery.key.pub", "-o", path)
    text = path.read_text().replace('roles = [""]', 'roles = ["model"]').replace('name = ""', 'name = "Ayu"')
    path.write_text(text)
    return path


class TestHelp:
    COMMANDS = (
        "backup", "clashes", "clear", "codes", "desk", "draft", "evidence", "fsck", "hash", "init", "keygen", "login",
        "logout", "memo", "name", "recover", "reference", "retire", "revoke", "serve", "sign", "submit", "unsign",
        "vkey", "whoami",
    )  # fmt: skip

    def test_names_every_command_and_exit_code(self) -> None:
        text = done("--help")
        for name in self.COMMANDS:
            assert name in text
        for number in range(4):
            assert f"\n    {number}  " in text

    @pytest.mark.parametrize("name", COMMANDS)
    def test_of_each_says_what_it_does(self, name: str) -> None:
        text = done(name, "--help")
        assert len(text.split("\n\n")[1].split()) > 5, text

    @pytest.mark.parametrize(
        "arguments",
        [["nothing"], ["sign"], ["draft", "seal"], ["keygen"], ["submit", "http://a"], ["serve", "x", "--port", "0"]],
    )
    def test_wrong_use_is_code_2(self, arguments: list[str]) -> None:
        failed(2, *arguments)


class TestKeygen:
    def test_a_locked_key(self, tmp_path: Path) -> None:
        (tmp_path / "phrase").write_text("correct horse battery staple\n")
        printed = done("keygen", tmp_path / "a.key", "--passphrase-file", tmp_path / "phrase").strip()
        key = read_key(tmp_path / "a.key")
        assert key.locked and key.public == printed
        assert key.open(b"correct horse battery staple").public.hex() == printed

    def test_asks_twice(self, tmp_path: Path) -> None:
        done("keygen", tmp_path / "a.key", input="correct horse battery\ncorrect horse battery\n")
        assert read_key(tmp_path / "a.key").locked

    def test_an_open_key_must_be_asked_for(self, tmp_path: Path) -> None:
        value = json.loads(done("keygen", tmp_path / "a.key", "--no-passphrase", "--json"))
        assert value["public"] == read_key(tmp_path / "a.key").public
        assert Path(value["publicFile"]).read_text() == value["public"] + "\n"

    def test_a_passphrase_is_not_asked_for_where_it_would_show(self, tmp_path: Path) -> None:
        """Without a terminal Python would read it from standard input and warn that it may be echoed."""
        asked = subprocess.run(
            command("keygen", tmp_path / "a.key"),
            input="correct horse battery\n", capture_output=True, text=True, timeout=PATIENCE, env=environment(),
            start_new_session=True, check=False,
        )  # fmt: skip
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "--passphrase-file" in asked.stderr and "Warning" not in asked.stderr
        assert not (tmp_path / "a.key").exists()

    def test_refusals(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "short").write_text("short\n")
        assert "too short" in failed(2, "keygen", tmp_path / "a.key", "--passphrase-file", tmp_path / "short")
        assert "exclude" in failed(
            2, "keygen", tmp_path / "a.key", "--no-passphrase", "--passphrase-file", tmp_path / "short"
        )
        os.mkfifo(tmp_path / "pipe")
        monkeypatch.setattr(files, "WAIT", 0.1)
        assert "nothing has come" in failed(2, "keygen", tmp_path / "a.key", "--passphrase-file", tmp_path / "pipe")
        done("keygen", tmp_path / "a.key", "--no-passphrase")
        assert "never overwritten" in failed(2, "keygen", tmp_path / "a.key", "--no-passphrase")
        assert failed(3, "keygen", tmp_path / "none" / "a.key", "--no-passphrase")


class TestHash:
    def test_prints_the_digest_of_each(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"a" * 100_000)
        (tmp_path / "b").write_bytes(b"")
        digests = [sha256(b"a" * 100_000).hexdigest(), sha256(b"").hexdigest()]
        printed = done("hash", tmp_path / "a", tmp_path / "b")
        assert printed == f"{digests[0]}  {tmp_path / 'a'}\n{digests[1]}  {tmp_path / 'b'}\n"
        value = json.loads(done("hash", "--json", tmp_path / "a", tmp_path / "b"))
        assert [one["sha256"] for one in value] == digests

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        failed(2, "hash", tmp_path / "none")


class TestDraft:
    def test_to_the_screen_or_to_a_file(self, desk: Path) -> None:
        assert done("draft", "mandate", "--registry", REGISTRY).count(REGISTRY) == 1
        done("draft", "mandate", "-o", "mandate.toml")
        assert 'type = "mandate"' in (desk / "mandate.toml").read_text()
        assert "not overwritten" in failed(2, "draft", "mandate", "-o", "mandate.toml")

    def test_lists_public_keys(self, desk: Path) -> None:
        text = filled(desk).read_text()
        assert f'keys = ["{AYU.public.hex()}"]' in text
        assert f'keys = ["{RECOVERY.public.hex()}"]' in text
        assert "for a party" in failed(2, "draft", "usage", "--key", "ayu.key")

    def test_takes_the_registry_from_its_folder(self, desk: Path) -> None:
        create(desk / "registry", "registry.example/log")
        id = json.loads(done("vkey", "registry", "--json"))["id"]
        assert id in done("draft", "mandate", "--registry", "registry")

    @pytest.mark.parametrize("where", ["nowhere", "AB" * 32, "http://127.0.0.1:1"])
    def test_a_registry_that_is_none(self, desk: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("registry.client.PAUSES", (0, 0, 0))
        failed(3 if ":" in where else 2, "draft", "mandate", "--registry", where)

    def test_stands_on_a_signed_file(self, desk: Path) -> None:
        signed = sign_party(desk)
        id = parse_submission(signed.read_bytes()).statement().id
        text = done("draft", "erasure", "--on", signed)
        assert f'of = "{id}"' in text and f'author = "{id}"' in text and REGISTRY in text
        assert "cannot stand on" in failed(2, "draft", "report", "--on", signed)
        assert "--registry URL" in failed(2, "draft", "erasure", "--on", id)
        (desk / "bad.json").write_text("{}")
        failed(2, "draft", "erasure", "--on", "bad.json")


def sign_party(desk: Path) -> Path:
    done("sign", filled(desk), "--key", "ayu.key", "--yes")
    return desk / "ayu.signed.json"


class TestCodes:
    def test_lists_and_searches(self, desk: Path) -> None:
        whole = done("codes")
        assert "channels      social" in whole and "Women's Clothing" in whole
        assert done("codes", "instagram").split() == ["channels", "social", "online"]
        assert json.loads(done("codes", "x-fur", "--json")) == [
            {"code": "x-fur", "name": CATEGORY_NAMES["x-fur"], "vocabulary": "categories"}
        ]

    def test_what_nothing_is_like(self, desk: Path) -> None:
        assert "registry codes lists them all" in failed(1, "codes", "zzzzzz")
        assert run("codes", "zzzzzz", "--json").stdout == "[]\n"


class TestSign:
    def test_one_after_the_other(self, desk: Path) -> None:
        signed = sign_party(desk)
        first = parse_submission(signed.read_bytes())
        text = done("sign", signed, "--key", "recovery.key", "--yes")
        assert "Ayu" in text and "a recovery key" in text and "MISSING" not in text
        value = json.loads(done("sign", signed, "--key", "registrar.key", "--yes", "--json"))
        last = parse_submission(signed.read_bytes())
        assert (last.payload, last.disclosures) == (first.payload, first.disclosures)
        assert {one.keyid for one in last.signatures} == {one.public.hex() for one in (AYU, RECOVERY, REGISTRAR)}
        assert value["id"] == last.statement().id
        assert value["signed"] == sorted(value["signed"])
        assert [need["who"] for need in value["needed"]] == ["a key of the party", "a recovery key", "a registrar"]

    def test_says_who_is_missing(self, desk: Path) -> None:
        text = done("sign", filled(desk), "--key", "ayu.key", "--yes")
        assert f"a key of the party {AYU.public.hex()} - signed" in text
        assert f"a recovery key {RECOVERY.public.hex()} - MISSING" in text

    def test_a_signature_that_is_not_asked_for(self, desk: Path) -> None:
        """A party is signed by the keys that it names and a registrar, and by nobody else."""
        signed = sign_party(desk)
        done("sign", signed, "--key", "recovery.key", "--key", "registrar.key", "--yes")
        (desk / "stranger.key").write_bytes(format_key(STRANGER, None))
        before = signed.read_bytes()
        said = failed(2, "sign", signed, "--key", "stranger.key", "--yes")
        assert STRANGER.public.hex() in said and "--force" in said and "not asked for" in said
        assert signed.read_bytes() == before
        done("sign", signed, "--key", "stranger.key", "--yes", "--force")
        assert STRANGER.public.hex() in signed.read_text()
        assert "was taken out; 3 are left" in done("unsign", signed, "--key", "stranger.key")
        assert signed.read_bytes() == before

    def test_unsign(self, desk: Path) -> None:
        signed = sign_party(desk)
        assert "holds no signature by" in failed(2, "unsign", signed, "--key", "recovery.key.pub")
        value = json.loads(done("unsign", signed, "--key", AYU.public.hex(), "--json"))
        assert (value["removed"], value["signed"]) == (AYU.public.hex(), [])
        done("sign", signed, "--key", "ayu.key", "--yes")

    def test_a_key_file_with_windows_line_ends(self, desk: Path) -> None:
        draft = filled(desk)
        for name in ("ayu.key", "ayu.key.pub"):
            path = desk / name
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert "Windows line ends" in failed(2, "sign", draft, "--key", "ayu.key", "--yes")
        assert "Windows line ends" in failed(2, "draft", "party", "--key", "ayu.key.pub")

    def test_is_private_for_its_owner(self, desk: Path) -> None:
        assert sign_party(desk).stat().st_mode & 0o777 == 0o600

    def test_with_a_locked_key(self, desk: Path) -> None:
        (desk / "locked.key").write_bytes(format_key(AYU, b"correct horse battery", passes=1, memory=8192))
        (desk / "phrase").write_text("correct horse battery\n")
        (desk / "wrong").write_text("wrong horse battery\n")
        draft = filled(desk)
        assert "passphrase is wrong" in failed(
            2, "sign", draft, "--key", "locked.key", "--yes", "--passphrase-file", "wrong"
        )
        assert not (desk / "ayu.signed.json").exists()
        done("sign", draft, "--key", "locked.key", "--yes", "--passphrase-file", "phrase")

    def test_shows_all_before_it_asks(self, desk: Path) -> None:
        result = run("sign", filled(desk), "--key", "ayu.key", input="n\n")
        assert result.exit_code == 1
        assert "Ayu" in result.stdout and "Sign this with this key?" in result.stderr
        assert not (desk / "ayu.signed.json").exists()
        done("sign", "ayu.toml", "--key", "ayu.key", input="y\n")
        assert (desk / "ayu.signed.json").exists()

    def test_a_draft_that_was_signed_is_not_signed_anew(self, desk: Path) -> None:
        before = sign_party(desk).read_bytes()
        assert "sign that file instead" in failed(2, "sign", "ayu.toml", "--key", "ayu.key", "--yes")
        assert (desk / "ayu.signed.json").read_bytes() == before

    def test_a_draft_that_is_not_filled_in(self, desk: Path) -> None:
        done("draft", "party", "-o", "empty.toml")
        said = failed(2, "sign", "empty.toml", "--key", "ayu.key", "--yes")
        assert "not filled in yet" in said and "person.name" in said and "line " in said

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda value: value["envelope"]["signatures"][0].update(sig="A" * 86 + "=="),
            lambda value: value.update(disclosures=[]),
            lambda value: value.update(disclosures=value["disclosures"] * 2),
            lambda value: value.update(note="x"),
            lambda value: value["envelope"].update(payload="e30="),
            lambda value: value["envelope"].update(payloadType="text/plain"),
        ],
    )
    def test_a_file_that_was_changed_on_the_way(self, desk: Path, spoil: Callable[[Any], object]) -> None:
        signed = sign_party(desk)
        value = json.loads(signed.read_bytes())
        spoil(value)
        changed = canonical.encode(value)
        signed.write_bytes(changed)
        assert str(signed) in failed(2, "sign", signed, "--key", "registrar.key", "--yes")
        assert signed.read_bytes() == changed

    def test_a_code_that_is_not_known_is_not_signed(self, desk: Path) -> None:
        """Of a file that was made elsewhere: a draft is refused before."""
        world = World()
        brand, anna = world.party("brand", roles=["licensee"]), world.party("anna", roles=["model"])
        consent = world.consent(model=anna, licensee=brand, terms={"channels": ["instagram"]})
        (desk / "consent.signed.json").write_bytes(raw(consent))
        said = failed(2, "sign", "consent.signed.json", "--key", "ayu.key", "--yes")
        assert "instagram is no channel (did you mean social?)" in said
        assert (desk / "consent.signed.json").read_bytes() == raw(consent)

    def test_what_is_neither(self, desk: Path) -> None:
        (desk / "picture").write_bytes(b"\xff\xd8\xff")
        assert "a JPEG picture" in failed(2, "sign", "picture", "--key", "ayu.key", "--yes")
        (desk / "noise").write_bytes(b"\xfe\xfe\xfe")
        assert "UTF-8" in failed(2, "sign", "noise", "--key", "ayu.key", "--yes")
        (desk / "huge").write_bytes(b"#" * 2_000_000)
        assert "larger than" in failed(2, "sign", "huge", "--key", "ayu.key", "--yes")
        assert "not a key file" in failed(2, "sign", filled(desk), "--key", "huge", "--yes")


class TestSubmit:
    def test_a_registry_that_gives_no_reasons(self, desk: Path) -> None:
        """Asked by a stranger for "only if authorised", it refuses whatever comes: which is no answer."""
        value = {"detail": "refused", "status": 422, "type": "urn:kembar:problem:refused"}
        line = canonical.encode(value) + b"\n"
        signed = sign_party(desk)
        with answering(lambda path, body: (200, "application/x-ndjson", line)) as url:
            assert "--anyway submits without asking" in failed(1, "submit", url, signed)
            assert "--anyway" not in failed(1, "submit", url, signed, "--anyway")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"\xff\xd8\xff\xe0", "is a JPEG picture: `registry hash FILE`"),
            (b"\x89PNG\r\n\x1a\n...", "is a PNG picture"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "is a WebP picture"),
            (b"\x00\x00\x00\x20ftypheic", "HEIC"),
            (b"%PDF-1.7", "is a PDF document"),
            (b"<!DOCTYPE html><p>", "is a web page"),
            (b"log registry.example/log+e8dd8fce+AUVm", "is a trust policy"),
            (b'{"kind":"invoice","total":5}', "is JSON of another program (kind, total)"),
            (b"[1,2]", "is JSON of another program."),
            (b'{"rights_status":"acquired","terms":{}}', "registry draft consent --adcp"),
            (b'{"result":{"terms":{}},"jsonrpc":"2.0"}', "registry draft consent --adcp"),
            (canonical.encode({"format": EVIDENCE}), "is an evidence file: `verifier check"),
            (format_key(AYU, None), "is A PRIVATE KEY"),
        ],
    )
    def test_what_is_no_statement_is_called_by_its_name(self, desk: Path, data: bytes, said: str) -> None:
        (desk / "given").write_bytes(data)
        for options in ([], ["--dry-run"]):
            assert said in failed(2, "submit", "http://127.0.0.1:1", "given", *options)
        assert said in failed(2, "sign", "given", "--key", "ayu.key", "--yes")

    def test_a_dry_run_of_what_is_logged_already_is_done(self, desk: Path) -> None:
        value = {"detail": "this statement is in the log already", "status": 409,
                 "type": "urn:kembar:problem:logged_already"}  # fmt: skip
        line = canonical.encode(value) + b"\n"
        signed = sign_party(desk)
        with answering(lambda path, body: (200, "application/x-ndjson", line)) as url:
            assert "already" in done("submit", url, signed, "--dry-run")
            assert "already" in run("submit", url, signed, "--anyway").output
            assert run("submit", url, signed, "--anyway").exit_code == 1

    def test_evidence_about_a_file(self, desk: Path) -> None:
        """Its digest is asked about; a digest may be given too."""
        (desk / "hero.jpg").write_bytes(b"a picture")
        asked: list[str] = []

        def answer(path: str, body: bytes) -> Answer:
            asked.append(path)
            return 200, "application/json", b"{}"

        with answering(answer) as url:
            for id in ("hero.jpg", sha256(b"a picture").hexdigest()):
                assert "not an evidence file" in failed(3, "evidence", url, "asset", id, "-o", "out.json")
                assert not Path("out.json").exists()
            assert "neither a SHA-256 nor a file" in failed(2, "evidence", url, "asset", "none.jpg", "-o", "x.json")
        assert [path.rpartition("/")[2] for path in asked] == [f"{sha256(b'a picture').hexdigest()}?newest=yes"] * 2

    def test_a_dry_run_of_what_signatures_do_not_mend(self, desk: Path) -> None:
        rows = [
            {"code": "digest_repeated", "result": "FAIL", "rule": "A0"},
            {"code": "void_signers", "result": "FAIL", "rule": "A1"},
        ]
        value = {"admission": rows, "admitted": False, "allowed": True, "rules": []}
        line = canonical.encode(value) + b"\n"
        with answering(lambda path, body: (200, "application/x-ndjson", line)) as url:
            assert ": no: it would not be logged as it is." in done("submit", url, filled(desk), "--dry-run")

    def test_a_dry_run_shows_the_rules_that_do_not_pass(self, desk: Path) -> None:
        rows = [
            {"code": "ok", "result": "PASS", "rule": "A0"},
            {"code": "void_signers", "result": "FAIL", "rule": "A1"},
        ]
        value = {"admission": rows, "admitted": False, "allowed": True, "rules": []}
        line = canonical.encode(value) + b"\n"
        with answering(lambda path, body: (200, "application/x-ndjson", line)) as url:
            said = done("submit", url, filled(desk), "--dry-run")
        assert "not yet: it would be logged once everybody has signed." in said
        assert "A1 FAIL void_signers: A signature is missing" in said and "A0" not in said


class TestOperator:
    def test_init_says_all_that_is_needed(self, tmp_path: Path) -> None:
        made = done("init", tmp_path / "r", "--origin", "registry.example/log", "--profile", "eu", "--json")
        value = json.loads(made)
        assert Path(value["policy"]).read_text().startswith(f"log {value['vkey']}\n")
        assert read_key(Path(value["registrar"])).public
        assert done("vkey", tmp_path / "r") == value["vkey"] + "\n"
        assert json.loads(done("vkey", tmp_path / "r", "--json"))["id"] == value["id"]

    def test_init_overwrites_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("x")
        assert "not empty" in failed(2, "init", tmp_path, "--origin", "registry.example/log")
        assert "https://" in failed(2, "init", tmp_path / "r", "--origin", "https://registry.example")

    def test_fsck(self, tmp_path: Path) -> None:
        create(tmp_path / "r", "registry.example/log")
        assert "all right" in done("fsck", tmp_path / "r")
        assert json.loads(done("fsck", tmp_path / "r", "--json"))["ok"] is True
        tile = tmp_path / "r" / "public" / "tile" / "0" / "000.p" / "2"
        tile.write_bytes(tile.read_bytes()[::-1])
        result = run("fsck", tmp_path / "r")
        assert result.exit_code == 1
        assert "tile/0/000.p/2" in result.stdout

    @pytest.mark.parametrize("name", ["vkey", "fsck", "serve"])
    def test_a_folder_that_is_none(self, tmp_path: Path, name: str) -> None:
        failed(2, name, tmp_path)


class TestModule:
    def test_python_m_registry(self) -> None:
        done = subprocess.run(
            command("--version"), capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=True
        )
        assert done.stdout.startswith("registry, version ")
