"""``registry revoke``, ``registry clashes`` and dry runs, as commands against a registry that really runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.commands.revoke import GROUNDS
from registry.intake.submission import parse_submission
from registry.web.app import create_app
from tests.support.answering import answering
from tests.support.english import english_in
from tests.support.running import running
from tests.support.served import Served, raw
from tests.support.world import Actor, Logged
from verifier.base import canonical
from verifier.base.strict import format_instant, parse_instant
from verifier.programs.keys import format_key
from verifier.statements.types import Revocation

DAY = 86_400


class Stage:
    """A registry with a model, her guardian's ward, two brands and what they agreed, served on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served = Served(folder / "registry", start=int(time.time()) - 3600)
        world = self.served.world
        self.anna, self.ward = (world.party(name, roles=["model"]) for name in ("anna", "ward"))
        self.brand, self.other = (world.party(name, roles=["licensee"]) for name in ("brand", "other"))
        self.agency, self.mother = world.party("agency", roles=["agency"]), world.party("mother", roles=["guardian"])
        maker = world.party("maker", roles=["maker"])
        guarded = world.guardian(self.ward, self.mother)
        self.mandate = world.mandate(model=self.anna, agency=self.agency)
        self.twins: dict[str, Logged] = {}
        made: list[Logged | Actor] = [
            self.anna, self.ward, self.brand, self.other, self.agency, self.mother, maker, guarded, self.mandate,
        ]  # fmt: skip
        for model in (self.anna, self.ward):
            creation = world.creation(model=model, maker=maker)
            self.twins[model.name] = world.twin(model, creation=creation)
            made += [creation, self.twins[model.name]]
        self.served.accept(*made)

    def agree(self, model: Actor, **more: Any) -> Logged:
        consent = self.served.world.consent(model=model, licensee=self.brand, twin=self.twins[model.name], **more)
        self.served.accept(consent)
        return consent

    def key(self, actor: Actor) -> str:
        path = self.folder / f"{actor.name}.key"
        if not path.exists():
            path.write_bytes(format_key(actor.keys[0], None))
        return str(path)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str, dict[str, Logged]]]:
    folder = tmp_path_factory.mktemp("revoke")
    stage = Stage(folder)
    world = stage.served.world
    terms = {"notice": 2 * DAY, "sell_off": 5 * DAY}
    made: dict[str, Logged] = {}
    made["plain"] = stage.agree(stage.anna)
    made["notice"] = stage.agree(stage.anna, terms=terms)
    made["ward"] = stage.agree(stage.ward)
    made["agency"] = stage.agree(stage.anna, under=stage.mandate)
    scope: dict[str, Any] = {"countries": ["DE"], "categories": ["1067"], "channels": ["print"]}
    made["exclusive"] = stage.agree(stage.anna, exclusive={**scope, "ends": "+90d", "hold_off": 7 * DAY})
    made["released"] = stage.agree(stage.anna, exclusive={**scope, "countries": ["JP"], "release": 3 * DAY})
    made["broken"] = stage.agree(stage.anna, terms=terms)
    uses = [
        world.usage(made["notice"], ["hero.jpg"], terms={"ends": "+30d"}),
        world.usage(made["notice"], ["short.jpg"], terms={"ends": "+1d"}),
        world.usage(made["notice"], ["sold.jpg"], terms={"ends": "+4d"}),
    ]
    stage.served.accept(*uses)
    made.update(zip(("hero", "short", "sold"), uses, strict=True))
    draft = world.usage(made["plain"], ["x.jpg"], terms={"countries": ["DE"], "channels": ["tv"]})
    (folder / "draft.json").write_bytes(raw(draft))
    stage.served.service.close()
    with running(folder / "registry") as server:
        yield stage, server.url, made


@pytest.fixture(autouse=True)
def asked_as_anna(stage: tuple[Stage, str, dict[str, Logged]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands without a key of their own ask as the model."""
    monkeypatch.setenv("KEMBAR_KEY", stage[0].key(stage[0].anna))


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=input)


class TestRevoke:
    def test_in_one_step(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        consent = made["notice"]
        result = run("revoke", url, consent.id, "--key", where.key(where.anna), input="y\n")
        assert result.exit_code == 0, result.output
        said = result.output
        assert "Ends a consent." in said and "It cannot be taken back." in said
        assert said.index("In all 2 uses to be pulled.") < said.index("It ends the consent")
        assert "outstanding: none of it lapses." in said
        assert "Uses to be pulled: 2:" in said and ", after a notice of 2 days." in said
        assert said.index(made["sold"].id) < said.index(made["hero"].id), "what is to be pulled first comes first"
        assert "EUR 1,000.00 to " + where.anna.id in said
        assert "Logged as entry" in said and "It takes effect at" in said

    def test_the_answer_for_scripts(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        result = run("revoke", url, made["plain"].id, "--key", where.key(where.anna), "--yes", "--json", "--ground",
                     "breach", "--effective", "2999-01-01")  # fmt: skip
        assert result.exit_code == 0, result.output
        value = json.loads(result.stdout)
        assert value["consent"] == made["plain"].id
        assert value["takes_effect"] == "2999-01-01T00:00:00Z"
        [effect] = value["effects"]
        assert (effect["consent"], effect["already"], effect["uses"]) == (made["plain"].id, False, [])

    def test_the_exclusivity_alone(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        key = where.key(where.anna)
        result = run("revoke", url, made["released"].id, "--key", key, "--part", "exclusive", "--yes", "--json")
        assert result.exit_code == 0, result.output
        value = json.loads(result.stdout)
        [effect] = value["effects"]
        assert (effect["part"], effect["notice"], effect["uses"]) == ("exclusive", 3 * DAY, [])
        assert value["takes_effect"] == effect["takes_effect"] or abs(
            parse_instant(value["takes_effect"]) - parse_instant(effect["takes_effect"])
        ) < 60
        assert "It ends only the exclusivity of the consent" in result.stderr and "unpaid" in result.stderr
        never = run("revoke", url, made["exclusive"].id, "--key", key, "--part", "exclusive", "--yes")
        assert never.exit_code == 1 and "change nothing" in never.output
        for wrong in ([made["plain"].id, "--ground", "strike"], ["--twin", where.twins["anna"].id]):
            told = run("revoke", url, *wrong, "--key", key, "--part", "exclusive")
            assert told.exit_code == 2 and "--part is of a consent" in told.output

    def test_the_licensee_ends_its_own_uses(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        """At once, whatever notice the model would have to give."""
        where, url, made = stage
        key = where.key(where.brand)
        result = run("revoke", url, made["broken"].id, "--key", key, "--as-licensee", "--yes", "--json")
        assert result.exit_code == 0, result.output
        value = json.loads(result.stdout)
        assert abs(parse_instant(value["takes_effect"]) - int(time.time())) < 60
        assert "no notice is needed" in result.stderr and "after a notice" not in result.stderr
        told = run("revoke", url, "--twin", where.twins["anna"].id, "--key", key, "--as-licensee")
        assert told.exit_code == 2 and "for a whole consent" in told.output

    def test_notice_and_sell_off_are_counted(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        result = run("revoke", url, "--twin", where.twins["anna"].id, "--key", where.key(where.anna), input="n\n")
        assert result.exit_code == 1, "she thought better of it"
        assert result.output.count("It ends the consent") == 6
        assert "An earlier revocation ends it no later." in result.output
        before = run("revoke", url, made["notice"].id, "--key", where.key(where.anna), "--json", input="n\n")
        assert before.exit_code == 1 and "Logged" not in before.output

    def test_a_guardian_signs_for_a_ward(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        result = run("revoke", url, made["ward"].id, "--key", where.key(where.mother), "--yes", "--json")
        assert result.exit_code == 0, result.output
        entry = json.loads(result.stdout)
        found = run("draft", "erasure", "--on", entry["id"], "--registry", url)
        assert where.mother.id in found.stdout or found.exit_code == 0

    @pytest.mark.parametrize("name", ["ward", "agency"])
    def test_a_draft_names_whoever_is_guardian_now(
        self, stage: tuple[Stage, str, dict[str, Logged]], name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where, url, made = stage
        monkeypatch.setenv("KEMBAR_KEY", where.key(where.mother if name == "ward" else where.anna))
        line = f'\nguardian = "{where.mother.id}"\n'
        for more in (("usage", "--on"), ("consent", "--like")):
            drafted = run("draft", *more, made[name].id, "--registry", url)
            assert drafted.exit_code == 0, drafted.output
            assert (line in drafted.stdout) == (name == "ward")

    def test_an_agency_with_the_power_signs_for_the_model(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        key = where.key(where.agency)
        alone = run("revoke", url, made["agency"].id, "--key", key, "--yes")
        assert alone.exit_code == 1 and "Still missing" not in alone.stdout
        done = run("revoke", url, made["agency"].id, "--key", key, "--yes", "--under", where.mandate.id)
        assert done.exit_code == 0, done.output

    def test_by_the_login_and_whose_word_it_is_told_by(
        self, stage: tuple[Stage, str, dict[str, Logged]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The login's key signs, and its policy checks that it was logged."""
        where, url, made = stage
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert run("login", url, "--key", where.key(where.anna)).exit_code == 0
        result = run("revoke", made["broken"].id, "--yes", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["policy"] == "registry"

    def test_a_mandate(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, _ = stage
        result = run("revoke", url, "--mandate", where.mandate.id, "--key", where.key(where.agency), input="n\n")
        assert "ends the agency's powers" in result.output

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("{consent}", "--twin", "ab" * 32), "name one thing"),
            ((), "name one thing"),
            (("AB" * 32,), "64 lower-case"),
            (("{consent}", "--under", "x"), "64 lower-case"),
            (("{consent}", "--effective", "tomorrow"), "--effective"),
            (("{consent}", "--ground", "spite"), "spite"),
            (("ab" * 32,), "no statement"),
            (("--twin", "{consent}"), "not a twin"),
            (("{consent}", "--under", "{consent}"), "not a mandate"),
        ],
    )
    def test_what_cannot_be_done_is_said(
        self, stage: tuple[Stage, str, dict[str, Logged]], arguments: tuple[str, ...], said: str
    ) -> None:
        where, url, made = stage
        result = run("revoke", url, *(one.format(consent=made["plain"].id) for one in arguments), "--key",
                     where.key(where.anna), "--yes")  # fmt: skip
        assert result.exit_code in (1, 2)
        assert said in result.stderr.lower() or said in result.stderr
        assert "Traceback" not in result.output

    def test_a_stranger_is_not_told_and_may_revoke(self, tmp_path: Path) -> None:
        """A registry that gives no reasons takes a withdrawal all the same."""
        served = Served(tmp_path / "registry", start=int(time.time()) - 60)
        consent, story = served.story()
        served.accept(*story)
        anna = next(one for one in story if isinstance(one, Actor))
        key = tmp_path / "anna.key"
        key.write_bytes(format_key(anna.keys[0], None))
        client = create_app(served.service).test_client()
        sent: list[bytes] = []

        def strange(path: str, body: bytes) -> tuple[int, str, bytes]:
            base: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
            if path.startswith("/entries?") or path == "/entries":
                sent.append(body)
                got = client.post(path, data=body, content_type="application/x-ndjson", **base)
            else:
                got = client.get(path, **base)
            return got.status_code, str(got.content_type), got.data

        with answering(strange) as url:
            result = run("revoke", url, consent.id, "--key", str(key), "--yes")
        served.service.close()
        assert result.exit_code == 0, result.output
        assert "tells only those who may read the terms" in result.output
        last = parse_submission(sent[-1].splitlines()[0]).statement()
        assert isinstance(last, Revocation) and last.consent == consent.id

    def test_grounds_are_the_protocols(self) -> None:
        assert set(GROUNDS) == {"withdrawal", "breach", "unpaid", "strike", "other"}


class TestClashes:
    def ask(self, stage: tuple[Stage, str, dict[str, Logged]], *more: str) -> Result:
        where, url, _ = stage
        return run("clashes", url, "--twin", where.twins["anna"].id, "--brand", where.other.id, *more)

    def test_a_clash(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        _, _, made = stage
        today = format_instant(int(time.time()))[:10]
        result = self.ask(stage, "--categories", "1067", "--countries", "AT,DE", "--starts", today, "--ends",
                          "2999-01-01")  # fmt: skip
        assert result.exit_code == 1, result.output
        assert "Something is in the way." in result.output and made["exclusive"].id in result.output
        assert "Free in these countries of yours: AT." in result.output
        assert "Z, and 7 days more" in " ".join(result.output.split())

    def test_nothing_in_the_way(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        result = self.ask(stage, "--channels", "social", "--starts", "2027-01-01", "--ends", "2027-02-01", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["answer"] == "CLEAR"

    @pytest.mark.parametrize(
        "more",
        [
            ("--starts", "soon", "--ends", "2027-01-01"),
            ("--starts", "2027-01-02", "--ends", "2027-01-01"),
            ("--starts", "2027-01-01", "--ends", "2027-01-02", "--countries", "Germany"),
            ("--starts", "2027-01-01", "--ends", "2027-01-02", "--categories", "shoes"),
            ("--starts", "2027-01-01", "--ends", "2027-01-02", "--channels", ""),
            ("--starts", "2027-01-01", "--ends", "2027-01-02", "--brand", "ab" * 32),
            ("--starts", "2027-01-01",),
        ],
    )
    def test_a_wrong_question_is_no_clash(
        self, stage: tuple[Stage, str, dict[str, Logged]], more: tuple[str, ...]
    ) -> None:
        result = self.ask(stage, *more)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output

    @pytest.mark.parametrize(("word", "code"), [("CLEAR", 0), ("CLASH", 1), ("CANNOT_TELL", 3)])
    def test_exit_codes(self, word: str, code: int) -> None:
        value = {"answer": word, "as_of": {"at": "2026-01-01T00:00:00Z", "size": 9}, "clashes": [], "free": [],
                 "instead": {}, "model": "ab" * 32}  # fmt: skip
        with answering(lambda path, body: (200, "application/json", canonical.encode(value))) as url:
            result = run("clashes", url, "--twin", "ab" * 32, "--brand", "cd" * 32, "--starts", "2027-01-01", "--ends",
                         "2027-01-02")  # fmt: skip
        assert result.exit_code == code

    def test_a_registry_that_says_something_else(self) -> None:
        with answering(lambda path, body: (200, "application/json", b'{"answer":"PERHAPS"}')) as url:
            result = run("clashes", url, "--twin", "ab" * 32, "--brand", "cd" * 32, "--starts", "2027-01-01", "--ends",
                         "2027-01-02")  # fmt: skip
        assert result.exit_code == 2 and "something else" in result.stderr


def test_a_dry_run_says_what_to_do(stage: tuple[Stage, str, dict[str, Logged]]) -> None:
    where, url, _ = stage
    result = run("submit", url, os.fspath(where.folder / "draft.json"), "--dry-run")
    assert result.exit_code == 0, result.output
    assert "cannot tell (CANNOT_TELL)" in result.stdout
    said = " ".join(result.stdout.split())
    assert "What to do: Correct terms.channels: tv is no channel (did you mean linear_tv or ctv?)." in said
    assert "What it costs:" in result.stdout
    value = json.loads(run("submit", url, os.fspath(where.folder / "draft.json"), "--dry-run", "--json").stdout)
    cure = "Correct terms.channels: tv is no channel (did you mean linear_tv or ctv?)."
    assert {"rule": "A8", "code": "bad_terms", "cure": cure} in value["cures"]
    assert parse_instant(value["paid"]["payees"][0]["due_at"]) > 0


class TestAnotherLanguage:
    """Nothing of it is left in English but what the registry itself says of a case, and that is marked."""

    LANGUAGE = ("--language", "id")

    def test_a_revocation(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, made = stage
        for what in ([made["exclusive"].id], ["--twin", where.twins["anna"].id], ["--mandate", where.mandate.id]):
            result = run("revoke", url, *what, "--key", where.key(where.anna), *self.LANGUAGE, input="n\n")
            assert result.exit_code == 1 and "Tanda tangani ini dengan 1 kunci dan catat?" in result.output
            assert english_in(result.output) == {}

    def test_clashes(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, _ = stage
        today = format_instant(int(time.time()))[:10]
        for more in (("--categories", "1067", "--countries", "AT,DE"), ("--channels", "social")):
            result = run("clashes", url, "--twin", where.twins["anna"].id, "--brand", where.other.id, *more, "--starts",
                         today, "--ends", "2999-01-01", *self.LANGUAGE)  # fmt: skip
            assert result.exit_code in (0, 1) and english_in(result.output) == {}

    def test_a_dry_run(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, _ = stage
        result = run("submit", url, os.fspath(where.folder / "draft.json"), "--dry-run", *self.LANGUAGE)
        said = " ".join(result.stdout.split())
        cure = "Perbaiki terms.channels: tv bukan kanal (apakah maksud Anda linear_tv atau ctv?)."
        assert f"Yang dapat dilakukan: {cure}" in said
        assert "Menurut registri" not in said and english_in(result.stdout) == {}

    def test_a_refusal(self, stage: tuple[Stage, str, dict[str, Logged]]) -> None:
        where, url, _ = stage
        result = run("evidence", url, "usage", "ab" * 32, "-o", os.fspath(where.folder / "no.json"), *self.LANGUAGE)
        assert result.exit_code == 1 and english_in(result.output) == {}
        assert "Registri menolak: Tidak ada penggunaan dengan id ini dalam log. Periksa id" in result.output

    def test_what_a_newer_registry_says_stands_beside_as_its_own_words(self) -> None:
        def answer(path: str, body: bytes) -> tuple[int, str, bytes]:
            kind = "urn:kembar:problem:not_found"
            problem = {"detail": "the moon is full", "status": 404, "title": "x", "type": kind}
            return 404, "application/problem+json", canonical.encode(problem)

        with answering(answer) as url:
            result = run("evidence", url, "usage", "ab" * 32, "-o", "no.json", *self.LANGUAGE)
        assert "Registri menolak: Log tidak memuat hal itu." in result.output
        assert "Menurut registri (dalam bahasa Inggris): the moon is full" in result.output

    def test_a_key_and_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        made = run("keygen", os.fspath(tmp_path / "mine.key"), "--no-passphrase", *self.LANGUAGE)
        assert made.exit_code == 0 and made.stderr.startswith("Kunci pribadi ada di ") and english_in(made.output) == {}
        missing = run("submit", "http://127.0.0.1:9", os.fspath(tmp_path / "missing.json"), *self.LANGUAGE)
        assert missing.exit_code == 2 and "missing.json: tidak dapat dibaca:" in missing.output
