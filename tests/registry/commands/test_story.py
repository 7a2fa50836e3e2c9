"""A whole story told by commands alone: from keys to a verdict that needs no registry, over a real server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main as registry_main
from registry.fsck import fsck
from tests.support.running import Running, running
from verifier.programs.cli import main as verifier_main

NOW = datetime.now(UTC).replace(microsecond=0)


def day(days: int) -> str:
    """A moment so many days from now, as a draft writes it."""
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Desk:
    """A booker's folder and what is typed in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(registry_main, list(arguments))

    def does(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.stdout

    def fills_in(self, draft: str, **values: str) -> str:
        """Edit a draft as a person would: each value where its member first stands, switched off or not."""
        text = Path(draft).read_text()
        for member, value in values.items():
            start = text.find("\n[person]") + 1 if member == "name" else 0  # [name] has one too
            place = re.compile(rf"^(?:# )?{member} = .*$", re.MULTILINE).search(text, start)
            assert place is not None, member
            text = f"{text[: place.start()]}{member} = {value}{text[place.end() :]}"
        Path(draft).write_text(text)
        return draft

    def signs(self, draft: str, *keys: str) -> str:
        """All sign, one after the other, passing one file on; its name."""
        file = draft
        for key in keys:
            self.does("sign", file, "--key", key, "--yes")
            file = draft.replace(".toml", ".signed.json")
        return file

    def submits(self, *files: str, by: str = "ayu") -> list[str]:
        """All are logged, handed in by a party; their ids, in order."""
        how = ("--trust", "registry/trust.policy", "--json", "--key", f"{by}.key")
        printed = self.does("submit", self.url, *files, *how)
        return [json.loads(line)["id"] for line in printed.splitlines()]

    def enrols(self, name: str, role: str) -> str:
        for key in (f"{name}.key", f"{name}.recovery.key"):
            self.does("keygen", key, "--no-passphrase")
        draft = f"{name}.toml"
        self.does("draft", "party", "--registry", self.url, "--key", f"{name}.key",
                  "--recovery", f"{name}.recovery.key.pub", "-o", draft)  # fmt: skip
        self.fills_in(draft, roles=f'["{role}"]', name=f'"{name}"')
        [id] = self.submits(self.signs(draft, f"{name}.key", f"{name}.recovery.key", "registry/keys/registrar.key"),
                            by="registry/keys/registrar")  # fmt: skip
        return id

    def asks(self, kind: str, id: str, *more: str) -> str:
        file = f"{kind}-{id[:8]}.evidence.json"
        self.does("evidence", self.url, kind, id, "-o", file, "--replace", "--key", "ayu.key", *more)
        return file


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("a desk") / "registry"
    made = CliRunner().invoke(registry_main, ["init", str(folder), "--origin", "registry.example/log"])
    assert made.exit_code == 0, made.output
    (folder.parent / "picture").write_bytes(b"a picture")
    with running(folder) as server:
        yield server, folder


@pytest.fixture
def desk(server: tuple[Running, Path], monkeypatch: pytest.MonkeyPatch) -> Desk:
    running_server, folder = server
    monkeypatch.chdir(folder.parent)
    desk = Desk(folder.parent, running_server.url)
    if not Path("someone.signed.json").exists():
        desk.enrols("someone", "provider")
    return desk


def test_from_keys_to_a_verdict(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    model, brand = desk.enrols("ayu", "model"), desk.enrols("brand", "licensee")
    maker, agency = desk.enrols("maker", "maker"), desk.enrols("agency", "agency")

    # The model and her agency.
    desk.does("draft", "mandate", "--registry", "registry", "-o", "mandate.toml")
    desk.fills_in("mandate.toml", starts=day(-1), ends=day(300), model=f'"{model}"', agency=f'"{agency}"')
    [mandate] = desk.submits(desk.signs("mandate.toml", "ayu.key", "agency.key"))

    # Her twin.
    desk.does("draft", "consent-create", "--registry", desk.url, "-o", "create.toml")
    desk.fills_in("create.toml", model=f'"{model}"', maker=f'"{maker}"', starts=day(-1), ends=day(30),
                  description='"A scan of her face for pictures of knitwear."', delivered=day(-10))  # fmt: skip
    [creation] = desk.submits(desk.signs("create.toml", "ayu.key", "maker.key"))
    Path("scan.bin").write_bytes(b"her twin")
    scan = desk.does("hash", "scan.bin")[:64]
    desk.does("draft", "twin", "--on", creation, "--registry", desk.url, "--key", "ayu.key", "-o", "twin.toml")
    desk.fills_in("twin.toml", assets=f'["{scan}"]')
    [twin] = desk.submits(desk.signs("twin.toml", "ayu.key", "maker.key"))

    # What a brand may do with it: first asked, unsigned, then signed by three.
    desk.does("draft", "consent", "--on", "twin.signed.json", "-o", "consent.toml")
    desk.fills_in("consent.toml", under=f'"{mandate}"', licensee=f'"{brand}"', payees=f'["{model}"]',
                  agency=f'"{agency}"', description='"Pictures of knitwear in the brand\'s own shop."',
                  categories='["all"]', channels='["display"]', countries='["DE", "AT"]', starts=day(-1),
                  ends=day(200), approval='"none"', delivered=day(-10), late_window='"2 days"',
                  amount='"1250.00 EUR"', payee=f'"{model}"')  # fmt: skip
    assert f'twin = "{twin}"' in Path("consent.toml").read_text()
    asked = json.loads(desk.does("submit", desk.url, "consent.toml", "--dry-run", "--json", "--key", "brand.key"))
    assert (asked["admitted"], asked.get("answer")) == (False, "IN_FORCE"), asked
    [consent] = desk.submits(desk.signs("consent.toml", "ayu.key", "brand.key", "agency.key"))

    # A use that is allowed, and one that is not.
    Path("hero.jpg").write_bytes(b"a picture")
    picture = desk.does("hash", "hero.jpg")[:64]
    for name, country in (("good", "DE"), ("bad", "FR")):
        desk.does("draft", "usage", "--on", "consent.signed.json", "-o", f"{name}.toml")
        desk.fills_in(f"{name}.toml", assets=f'["{picture}"]', channels='["display"]', countries=f'["{country}"]',
                      targeted="true", category='"1093"', starts=day(0), ends=day(30))  # fmt: skip
        desk.signs(f"{name}.toml", "brand.key")
    [good] = desk.submits("good.signed.json", by="brand")
    refused = desk.run("submit", desk.url, "bad.signed.json", "--key", "brand.key")
    assert refused.exit_code == 1
    assert "A9 FAIL country_denied: A country that is reached is not among those allowed." in refused.stdout
    assert desk.run("submit", desk.url, "bad.signed.json").exit_code == 1  # a stranger is told no reason
    logged = desk.run("submit", desk.url, "bad.signed.json", "--anyway", "--key", "brand.key")
    assert "NOT_AUTHORISED" in logged.stdout
    bad = json.loads(desk.does("submit", desk.url, "bad.signed.json", "--anyway", "--json"))["id"]

    # It is paid, and she says so.
    desk.does("draft", "receipt", "--on", "consent.signed.json", "-o", "receipt.toml")
    desk.fills_in("receipt.toml", payer=f'"{brand}"', payee=f'"{model}"', amount='"2500 EUR"', received_at=day(0),
                  reference='"KAYU1"')  # fmt: skip
    desk.submits(desk.signs("receipt.toml", "ayu.key"))

    # Anyone can check it, without the registry and without trusting it.
    capsys.readouterr()
    trust = ("--trust", "registry/trust.policy")
    assert verifier_main(["check", desk.asks("usage", good), *trust, "--asset", "hero.jpg"]) == 0
    assert verifier_main(["check", desk.asks("usage", bad), *trust, "--ask", "authorised"]) == 1
    assert verifier_main(["check", desk.asks("consent", consent), *trust]) == 0
    assert verifier_main(["check", desk.asks("asset", picture), *trust]) == 0
    assert verifier_main(["check", desk.asks("party", model), *trust, "--ask", "authorised"]) == 1
    assert verifier_main(["check", desk.asks("usage", good, "--sections", "terms"), *trust]) == 3
    assert "CANNOT" in capsys.readouterr().out.upper()

    # What is not there, and what is there already.
    absent = desk.run("evidence", desk.url, "usage", consent, "-o", "none.json")
    assert (absent.exit_code, Path("none.json").exists()) == (1, False)
    assert "--replace" in desk.run("evidence", desk.url, "usage", good, "-o", "hero.jpg").stderr
    assert desk.submits("good.signed.json", "consent.signed.json") == [good, consent]
    assert fsck(Path("registry")).ok


def test_many_at_once_with_a_bad_one_among_them(desk: Desk) -> None:
    ids = []
    for number in range(3):
        desk.does("keygen", f"many{number}.key", "--no-passphrase")
        desk.does("draft", "party", "--registry", desk.url, "--key", f"many{number}.key", "-o", f"many{number}.toml")
        text = Path(f"many{number}.toml").read_text()
        text = re.sub(r"\[recovery\]\nkeys.*\nthreshold.*\n", "", text)  # a brand may do without
        Path(f"many{number}.toml").write_text(text)
        desk.fills_in(f"many{number}.toml", roles='["licensee"]', name=f'"many {number}"')
        keys = [f"many{number}.key", "registry/keys/registrar.key"][: 1 if number == 1 else 2]
        ids.append(desk.signs(f"many{number}.toml", *keys))
    lines = b"\n".join(Path(file).read_bytes() for file in ids)
    Path("many.ndjson").write_bytes(lines + b"\n")
    result = desk.run("submit", desk.url, "many.ndjson", "--trust", "registry/trust.policy", "--proofs", "proofs")
    assert result.exit_code == 1
    assert "many.ndjson:2: refused" in result.stdout and "2 of 3 logged, 1 refused." in result.stdout
    proofs = list(Path("proofs").iterdir())
    assert len(proofs) == 2
    assert all(proof.read_text().startswith("c2sp.org/tlog-proof@v1\n") for proof in proofs)
    shutil.rmtree("proofs")

    # Lines that are no statements at all stop nobody either.
    Path("many.ndjson").write_bytes(b"{\n" * 300 + lines + b"\n\n{}\n")
    result = desk.run("submit", desk.url, "many.ndjson", "--json")
    assert result.exit_code == 1
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["file"] for answer in answers] == [f"many.ndjson:{number}" for number in (*range(1, 304), 305)]
    assert ["id" in answer for answer in answers] == [*[False] * 300, True, False, True, False]
    for answer in answers:
        assert "id" in answer or all(answer[name] for name in ("type", "detail", "hint")), answer


def test_a_registry_that_the_policy_does_not_trust(desk: Desk) -> None:
    other = desk.folder / "other"
    desk.does("init", str(other), "--origin", "other.example/log")
    result = desk.run("submit", desk.url, "someone.signed.json", "--trust", str(other / "trust.policy"))
    assert result.exit_code == 2
    assert f"nothing was sent to {desk.url}: the policy names no log" in result.stderr


def test_nobody_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.client.PAUSES", (0, 0, 0))
    result = desk.run("submit", "http://127.0.0.1:1", "someone.signed.json")
    assert result.exit_code == 3
    assert "cannot be reached" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("submit", "{url}", "someone.toml"), "nobody signed yet"),
        (("submit", "{url}", "picture"), "nobody signed yet"),
        (("submit", "{url}", "nothing.json"), "cannot be read"),
        (("submit", "not a url", "someone.signed.json"), "name the registry's URL"),
        (("submit", "{url}", "someone.signed.json", "--trust", "picture"), "not a trust policy"),
        (("evidence", "{url}", "usage", "xyz", "-o", "x.json"), "64 hex digits"),
        (("evidence", "{url}", "usage", "ab" * 32, "-o", "x.json", "--sections", "secrets"), "none of"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = desk.run(*(one.format(url=desk.url) for one in arguments))
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
