"""The desk from the command line, over a real server: three parties in three folders sign one consent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.demo.pictures import portrait
from tests.support.mailbox import mailbox
from tests.support.running import running

NOW = datetime.now(UTC).replace(microsecond=0)


def day(days: int) -> str:
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Folder:
    """One party's own folder, and what is typed in it; ``id`` is hers once she is enrolled."""

    path: Path
    url: str
    id: str = field(default="", kw_only=True)

    def run(self, *arguments: str | Path) -> Result:
        with chdir(self.path):
            return CliRunner().invoke(main, [str(one) for one in arguments], env={"KEMBAR_KEY": "own.key"})

    def does(self, *arguments: str | Path) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.stdout

    def desk(self, what: str, *arguments: str) -> dict[str, object]:
        """What is answered, as scripts read it."""
        found: dict[str, object] = json.loads(self.does("desk", what, self.url, *arguments, "--json"))
        return found

    def fills_in(self, draft: str, **values: str) -> None:
        path = self.path / draft
        text = path.read_text()
        for member, value in values.items():
            start = text.find("\n[person]") + 1 if member == "name" else 0  # [name] has one too
            place = re.compile(rf"^(?:# )?{member} = .*$", re.MULTILINE).search(text, start)
            assert place is not None, member
            text = f"{text[: place.start()]}{member} = {value}{text[place.end() :]}"
        path.write_text(text)

    def enrols(self, role: str, registrar: Path) -> None:
        for name in ("own.key", "recovery.key"):
            self.does("keygen", name, "--no-passphrase")
        self.does("draft", "party", "--registry", self.url, "--key", "own.key", "--recovery", "recovery.key.pub",
                  "-o", "me.toml")  # fmt: skip
        self.fills_in("me.toml", roles=f'["{role}"]', name=f'"{self.path.name} of 12 Long Street"')
        is_public = "true" if role in ("agency", "licensee") else "false"
        with (self.path / "me.toml").open("a") as file:
            file.write(f'\n[name]\nname = "{self.path.name.title()}"\npublic = {is_public}\n')
        self.does("sign", "me.toml", "--key", "own.key", "--key", "recovery.key", "--key", registrar, "--yes")
        self.id = self.submits("me.signed.json")

    def submits(self, file: str) -> str:
        """Its id. Who is not enrolled yet asks as a stranger."""
        with chdir(self.path):
            result = CliRunner().invoke(main, ["submit", self.url, file, "--json", "--anyway"], env={"KEMBAR_KEY": ""})
        assert result.exit_code == 0, result.output
        return str(json.loads(result.stdout)["id"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Folder]]:
    """The model's, the agency's, the brand's and a maker's; the maker signs the twin and need not sign a consent."""
    root = tmp_path_factory.mktemp("desk")
    registry = root / "registry"
    made = CliRunner().invoke(main, ["init", str(registry), "--origin", "registry.example/log"])
    assert made.exit_code == 0, made.output
    with running(registry) as server:
        found = {}
        for name, role in (("anna", "model"), ("gina", "agency"), ("brand", "licensee"), ("maker", "maker")):
            (root / name).mkdir()
            found[name] = Folder(root / name, server.url)
            found[name].enrols(role, registry / "keys" / "registrar.key")
        found["registrar"] = Folder(registry / "keys" / "registrar.key", server.url)
        yield found


@pytest.fixture(scope="module")
def consent(folders: dict[str, Folder]) -> str:
    """The id of a consent that Gina has drafted and put up, once mandate and twin went over the desk as well."""
    anna, gina, brand, maker = (folders[name] for name in ("anna", "gina", "brand", "maker"))
    gina.does("draft", "mandate", "--registry", gina.url, "-o", "mandate.toml")
    gina.fills_in("mandate.toml", starts=day(-1), ends=day(300), model=f'"{anna.id}"', agency=f'"{gina.id}"')
    mandate = over_the_desk(gina, "mandate", anna)
    maker.does("draft", "consent-create", "--registry", maker.url, "-o", "creation.toml")
    maker.fills_in("creation.toml", model=f'"{anna.id}"', maker=f'"{maker.id}"', starts=day(-1), ends=day(30),
                   description='"A scan of her face for pictures."', delivered=day(-10))  # fmt: skip
    creation = over_the_desk(maker, "creation", anna)
    (maker.path / "picture").write_bytes(b"a picture")
    maker.does("draft", "twin", "--on", creation, "--registry", maker.url, "-o", "twin.toml")
    digest = maker.does("hash", "picture").split()[0]
    maker.fills_in("twin.toml", assets=f'["{digest}"]')
    twin = over_the_desk(maker, "twin", anna)
    gina.does("draft", "consent", "--on", twin, "--registry", gina.url, "-o", "consent.toml")
    gina.fills_in("consent.toml", under=f'"{mandate}"', licensee=f'"{brand.id}"', payees=f'["{anna.id}"]',
                  agency=f'"{gina.id}"', description='"Pictures of knitwear in the shop."', categories='["all"]',
                  channels='["display"]',
                  countries='["DE"]', starts=day(-1), ends=day(200), approval='"none"', delivered=day(-10),
                  late_window='"2 days"', amount='"1250.00 EUR"', payee=f'"{anna.id}"')  # fmt: skip
    gina.does("sign", "consent.toml", "--key", "own.key", "--yes")
    return str(gina.desk("propose", "consent.signed.json")["id"])


def over_the_desk(proposer: Folder, name: str, *others: Folder) -> str:
    """Its proposer signs and puts it up, the others sign: its id."""
    proposer.does("sign", f"{name}.toml", "--key", "own.key", "--yes")
    found = proposer.desk("propose", f"{name}.signed.json")
    for other in others:
        found = json.loads(other.does("desk", "sign", other.url, str(found["id"]), "--yes", "--json"))
    assert found["state"] == "logged", found
    return str(found["id"])


CALLS = [
    ("desk", "list"), ("desk", "blocks"), ("desk", "reports"), ("desk", "reads"), ("desk", "renewals"),
    ("desk", "option", "list"), ("desk", "grant", "list"), ("desk", "calendar", "list"), ("desk", "address", "show"),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_whoever_is_no_party_is_told_what_the_desk_needs(
    folders: dict[str, Folder], call: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key, with the login's key that is nobody's yet, and with a registrar's."""
    url = folders["anna"].url
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KEMBAR_KEY", raising=False)

    def said(*more: str) -> str:
        result = CliRunner().invoke(main, [*call, url, *more, "--language", "en"])
        assert result.exit_code in (1, 2) and "Refused." not in result.output, result.output
        return result.output

    assert "The desk knows you by your key: give --key FILE" in said()
    assert CliRunner().invoke(main, ["keygen", "new.key", "--no-passphrase"]).exit_code == 0
    assert CliRunner().invoke(main, ["login", url, "--key", "new.key"]).exit_code == 0
    assert "No statement in this log names the key that signed" in said()
    if call != ("desk", "reports"):  # which are for registrars too
        assert "a registrar's key is no party's" in said("--key", str(folders["registrar"].path)).lower()


def test_three_folders_sign_one_consent(folders: dict[str, Folder], consent: str) -> None:
    anna, gina, brand, maker = (folders[name] for name in ("anna", "gina", "brand", "maker"))
    listed = anna.does("desk", "list", anna.url)
    assert listed.startswith("1 draft waits for you. 0 others are open.\n")
    assert f"Consent {consent[:16]} of Gina: open until " in listed and " UTC; it waits for you" in listed
    assert f"  Gina is {gina.id}" in listed.splitlines()
    assert "it waits for you" not in gina.does("desk", "list", gina.url)
    assert consent[:16] not in maker.does("desk", "list", maker.url)
    assert maker.run("desk", "show", maker.url, consent).exit_code == 1

    shown = anna.does("desk", "show", anna.url, consent[:16], "-o", "theirs.json")
    assert brand.id in shown and "Gina signed it " in shown and "Brand has not signed yet" in shown
    assert " Brand\n" in shown, "beside the id"
    theirs = brand.does("desk", "show", brand.url, consent)
    assert f"{anna.id[:16]} read it" in theirs, "her name is not the brand's to read yet"
    assert json.loads((anna.path / "theirs.json").read_text())["envelope"]["signatures"] == []
    assert "Anna read it" in gina.does("desk", "show", gina.url, consent)

    anna.does("desk", "sign", anna.url, consent, "--yes")
    anna.does("desk", "sign", anna.url, consent, "--undo")
    assert f"{anna.id[:16]} signed" not in brand.does("desk", "list", brand.url)
    anna.does("desk", "sign", anna.url, consent, "--yes")
    said = brand.does("desk", "sign", brand.url, consent, "--yes")
    assert "logged, entry" in said
    entry = json.loads(brand.does("evidence", brand.url, "consent", consent, "-o", "consent.evidence.json", "--json"))
    assert entry["question"] == f"consent {consent}" or consent in str(entry["question"])


def test_declined_and_withdrawn(folders: dict[str, Folder], consent: str) -> None:
    anna, gina = folders["anna"], folders["gina"]
    for name in ("one", "two"):
        gina.does("draft", "mandate", "--registry", gina.url, "-o", f"{name}.toml")
        gina.fills_in(f"{name}.toml", starts=day(1), ends=day(30), model=f'"{anna.id}"', agency=f'"{gina.id}"')
        gina.does("sign", f"{name}.toml", "--key", "own.key", "--yes")
    one, two = (str(gina.desk("propose", f"{name}.signed.json")["id"]) for name in ("one", "two"))
    assert "declined" in anna.does("desk", "decline", anna.url, one, "--reason", "not with this agency")
    assert "not with this agency" in gina.does("desk", "show", gina.url, one)
    assert "withdrawn" in gina.does("desk", "withdraw", gina.url, two)
    assert anna.run("desk", "sign", anna.url, two, "--yes").exit_code == 1
    assert anna.run("desk", "sign", anna.url, one, "--yes").exit_code == 2


def test_block_and_report(folders: dict[str, Folder], consent: str) -> None:
    anna, gina = folders["anna"], folders["gina"]
    gina.does("draft", "mandate", "--registry", gina.url, "-o", "three.toml")
    gina.fills_in("three.toml", starts=day(1), ends=day(30), model=f'"{anna.id}"', agency=f'"{gina.id}"')
    gina.does("sign", "three.toml", "--key", "own.key", "--yes")
    three = str(gina.desk("propose", "three.signed.json")["id"])
    assert "not passed on" in anna.does("desk", "report", anna.url, three[:16], "--reason", "again and again")
    assert "Gina: again and again" in anna.does("desk", "reports", anna.url)
    assert "No more drafts come to you" in anna.does("desk", "block", anna.url, gina.id)
    assert "You take no drafts from 1 party.\n  Gina, since " in anna.does("desk", "blocks", anna.url)
    assert "Anna declined it" in gina.does("desk", "show", gina.url, three)
    assert gina.run("desk", "propose", gina.url, "three.signed.json").exit_code == 1
    anna.does("desk", "block", anna.url, gina.id, "--undo")
    assert "Anda tidak menerima rancangan dari 0 pihak." in anna.does("desk", "blocks", anna.url, "--language", "id")


def test_options(folders: dict[str, Folder], consent: str) -> None:
    gina, brand = folders["gina"], folders["brand"]
    asked = json.loads(
        brand.does("desk", "option", "ask", brand.url, folders["anna"].id, "--starts", day(10), "--ends", day(12),
                   "--about", "two days in Bali", "--json")
    )  # fmt: skip
    id = str(asked["id"])
    listed = gina.does("desk", "option", "list", gina.url)
    assert listed.startswith("1 option waits for your answer.\n") and "two days in Bali" in listed
    assert f"Option {id[:16]} of Brand on Anna: asked for" in listed
    assert "granted, rank 1" in gina.does("desk", "option", "grant", gina.url, id[:16])
    assert "urutan 1" in brand.does("desk", "option", "list", brand.url, "--language", "id")
    assert "released" in brand.does("desk", "option", "release", brand.url, id)
    assert gina.run("desk", "option", "decline", gina.url, id).exit_code == 1


def test_calendar(folders: dict[str, Folder], consent: str) -> None:
    brand = folders["brand"]
    said = brand.does("desk", "calendar", "make", brand.url, "--names")
    with urlopen(said.splitlines()[-1]) as answer:
        assert answer.read().startswith(b"BEGIN:VCALENDAR")
    listed = brand.does("desk", "calendar", "list", brand.url)
    assert listed.startswith("Your calendar is read at 1 address.\n") and ", with names; last read " in listed
    id = listed.splitlines()[1].split(",")[0].strip()
    assert id in brand.does("desk", "calendar", "end", brand.url, id)
    assert "Kalender Anda dibaca di 0 alamat." in brand.does("desk", "calendar", "list", brand.url, "--language", "id")


def test_renewals_grants_and_reads(folders: dict[str, Folder], consent: str) -> None:
    anna, gina, brand, maker = (folders[name] for name in ("anna", "gina", "brand", "maker"))
    (gina.path / "next").mkdir()
    said = gina.does("desk", "renewals", gina.url, "-o", "next")
    assert said.startswith("0 things end soon.")
    given = brand.does("desk", "grant", "give", brand.url, maker.id, "--sections", "terms,money")
    assert given.startswith("Given. ") and "reads money and terms until " in given
    id = given.split()[1].rstrip(":")
    assert "You were given 1 grant." in maker.does("desk", "grant", "list", maker.url)
    assert brand.run("desk", "grant", "give", brand.url, maker.id, "--sections", "secrets").exit_code == 2
    assert id in brand.does("desk", "grant", "revoke", brand.url, id)
    assert "Anda memberi 0 izin baca." in brand.does("desk", "grant", "list", brand.url, "--language", "id")
    read = anna.does("desk", "reads", anna.url)
    assert "Gina read " in read and "0 questions about exclusivity" in read


def test_reminders(folders: dict[str, Folder], consent: str) -> None:
    anna = folders["anna"]
    registry = anna.path.parent / "registry"
    with mailbox() as box:
        assert "sends no mails" in anna.does("mail", registry)
        own = ("--server", box.url, "--from", "desk@example.org")
        said = anna.does("mail", registry, *own, "--test", "op@example.org")
        assert f"from desk@example.org by {box.url}" in said and box.mails[-1]["To"] == "op@example.org"
        assert anna.run("mail", registry, "--off", "--test", "op@example.org").exit_code == 2
        assert anna.run("mail", registry, "--server", box.url).exit_code == 2
        assert "not reminded" in anna.does("desk", "address", "show", anna.url)
        anna.does("desk", "address", "set", anna.url, "anna@example.org", "--language", "id")
        code = re.search(r"Kodenya: (\S+)", box.text())
        assert code is not None
        assert anna.run("desk", "address", "confirm", anna.url, "wrong").exit_code == 1
        assert "reminded at anna@example.org" in anna.does("desk", "address", "confirm", anna.url, code[1])
        assert "not reminded" in anna.does("desk", "address", "remove", anna.url)
    anna.does("mail", registry, "--off")
    assert anna.run("desk", "address", "set", anna.url, "anna@example.org").exit_code == 1


def test_pictures_lie_with_an_approval(folders: dict[str, Folder], consent: str) -> None:
    anna, brand = folders["anna"], folders["brand"]
    for who in (anna, brand):
        if who.desk("show", consent)["waits"]:
            who.does("desk", "sign", who.url, consent, "--yes")
    (brand.path / "hero.png").write_bytes(portrait("hero"))
    (brand.path / "small.png").write_bytes(portrait("small"))
    (brand.path / "note.txt").write_text("a note")
    hashes = [brand.does("hash", name).split()[0] for name in ("hero.png", "note.txt")]
    brand.does("draft", "approval", "--on", consent, "--registry", brand.url, "-o", "approval.toml")
    brand.fills_in("approval.toml", assets=json.dumps(sorted(hashes)), decision='"approve"')
    brand.does("sign", "approval.toml", "--key", "own.key", "--force", "--yes")  # it is hers to draft, not to sign
    brand.does("unsign", "approval.signed.json", "--key", "own.key")
    id = str(brand.desk("propose", "approval.signed.json")["id"])
    refused = brand.run("desk", "attach", brand.url, id, "hero.png", "small.png")
    assert refused.exit_code == 2 and "small.png is none of the files" in refused.output
    refused = brand.run("desk", "attach", brand.url, id, "hero.png", "note.txt")
    assert refused.exit_code == 2 and "note.txt is no picture" in refused.output
    assert "files" not in anna.desk("show", id), "nothing was sent"
    said = brand.does("desk", "attach", brand.url, id[:16], "hero.png")
    assert said.startswith(f"1 picture lies with draft {id} now")
    assert "It names 2 files, of which 1 lie with it" in anna.does("desk", "show", anna.url, id)
    assert anna.desk("show", id)["files"] == brand.desk("show", id)["files"] != []
    assert brand.does("desk", "attach", brand.url, id, "hero.png", "--undo").startswith("0 pictures lie")
    assert "files" not in anna.desk("show", id)
    found = json.loads(anna.does("desk", "list", anna.url, "--json"))["drafts"]
    assert id in {one["id"] for one in found if one["waits"]}
    refused = anna.run("desk", "attach", anna.url, id, "../brand/hero.png")
    assert refused.exit_code == 1 and "Only who put it up" in refused.output
