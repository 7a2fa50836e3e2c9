"""Names that were confirmed once and short ids: what they stand for, and what they never stand for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.client import Client, Refusal
from registry.commands import logins
from registry.commands.naming import with_ids
from registry.drafting.drafts.reading import Draft
from registry.intake.submission import parse_submission
from tests.support.running import Running, running
from verifier.base.errors import KembarError


def run(*arguments: str | Path, input: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], input=input)


def done(*arguments: str | Path, input: str | None = None) -> str:
    result = run(*arguments, input=input)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("naming") / "registry"
    done("init", folder, "--origin", "registry.example/log")
    with running(folder) as server:
        yield server, folder


@pytest.fixture
def ids(server: tuple[Running, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two parties, whose signed files lie in the folder; logged in as the first."""
    process, folder = server
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = []
    for name in ("ayu", "brand"):
        for key in (f"{name}.key", f"{name}.recovery.key"):
            done("keygen", key, "--no-passphrase")
        done("draft", "party", "--registry", process.url, "--key", f"{name}.key",
             "--recovery", f"{name}.recovery.key", "-o", f"{name}.toml")  # fmt: skip
        text = Path(f"{name}.toml").read_text().replace('roles = [""]', 'roles = ["licensee"]')
        Path(f"{name}.toml").write_text(text.replace('name = ""', f'name = "{name}"'))
        done("sign", f"{name}.toml", "--key", f"{name}.key", "--key", f"{name}.recovery.key",
             "--key", folder / "keys" / "registrar.key", "--yes")  # fmt: skip
        found.append(json.loads(done("submit", process.url, f"{name}.signed.json", "--anyway", "--json"))["id"])
    done("login", process.url, "--key", "ayu.key")
    return found


def test_a_name_is_confirmed_once_and_taken_from_then_on(ids: list[str]) -> None:
    shown = run("name", "Ayu & Co", ids[0], input="y\n")
    assert shown.exit_code == 0 and ids[0] in shown.stderr, shown.output
    assert done("name", "Ayu & Co", ids[0]).strip() == f"Ayu & Co is {ids[0]}."  # no question any more
    done("evidence", "party", "Ayu & Co", "-o", "x.evidence.json")
    assert json.loads(done("name", "--json")) == [{"id": ids[0], "name": "Ayu & Co"}]


def test_names_in_a_list_stand_in_any_order(ids: list[str]) -> None:
    for name, id in zip(("Ayu", "Brand"), ids, strict=False):
        done("name", name, id, "--yes")
    for names in (["Ayu", "Brand"], ["Brand", "Ayu"]):
        draft = Draft(members={"parties": {"payees": names}, "providers": names}, sections={})
        found = with_ids(draft).members
        assert found == {"parties": {"payees": sorted(ids[:2])}, "providers": sorted(ids[:2])}
    with pytest.raises(KembarError, match="twice"):
        with_ids(Draft(members={"parties": {"payees": ["Ayu", ids[0]]}}, sections={}))


def test_not_confirmed_is_not_kept(ids: list[str]) -> None:
    assert run("name", "Ayu", ids[0], input="n\n").exit_code == 1
    assert run("evidence", "party", "Ayu", "-o", "x.evidence.json").exit_code == 2
    assert not Path("x.evidence.json").exists()


def test_another_id_under_that_name_is_refused_with_what_to_do(ids: list[str]) -> None:
    done("name", "Ayu", ids[0], "--yes")
    refused = run("name", "Ayu", ids[1], "--yes")
    assert refused.exit_code == 1
    assert ids[0] in refused.stderr and ids[1] in refused.stderr and "registry name Ayu --forget" in refused.stderr
    done("name", "Ayu", "--forget")
    done("name", "Ayu", ids[1], "--yes")


def test_a_name_outlives_its_login_and_is_of_one_registry(server: tuple[Running, Path], ids: list[str]) -> None:
    done("name", "Ayu", ids[0], "--yes")
    done("logout")
    done("login", server[0].url, "--key", "ayu.key", "--as", "again")
    assert json.loads(done("name", "--json"))[0]["id"] == ids[0]
    kept = logins.load()
    login = kept.present()
    assert login is not None
    logins.store(kept.with_login("again", logins.Login(
        url=login.url, registry="ab" * 32, key=login.key, public=login.public, party=login.party,
        policy=login.policy, policy_from=login.policy_from,
    )))  # fmt: skip
    assert json.loads(done("name", "--json")) == []


def test_a_short_id_has_sixteen_digits_and_is_known_here(ids: list[str]) -> None:
    done("evidence", "party", ids[1][:16], "-o", "x.evidence.json")
    assert run("evidence", "party", ids[1][:15], "-o", "y.evidence.json").exit_code == 2
    strange = run("evidence", "party", "ab" * 10, "-o", "y.evidence.json")
    assert strange.exit_code == 2 and "64 digits" in strange.stderr
    done("name", "Brand", ids[1], "--yes")
    Path("brand.signed.json").unlink()
    known = run("evidence", "party", ids[1][:16], "-o", "y.evidence.json")
    assert known.exit_code == 0 and "as your registry says" not in known.stderr


def test_a_short_id_that_is_not_known_here_is_looked_up_and_shown_whole(ids: list[str]) -> None:
    for file in Path().glob("*.signed.json"):
        file.unlink()
    found = run("evidence", "party", ids[1][:17], "-o", "x.evidence.json", "--language", "en")
    assert found.exit_code == 0, found.output
    assert f"{ids[1][:17]} is {ids[1]}, as your registry says:" in found.stderr
    done("name", "Brand", ids[1][:16], "--yes")
    assert json.loads(done("name", "--json")) == [{"id": ids[1], "name": "Brand"}]
    done("logout")
    assert run("evidence", "party", ids[0][:16], "-o", "y.evidence.json").exit_code == 2


def test_only_who_signs_is_told_what_a_short_id_stands_for(server: tuple[Running, Path], ids: list[str]) -> None:
    with Client(server[0].url) as stranger, pytest.raises(Refusal) as refused:
        stranger.entry(ids[1][:16])
    assert refused.value.kind == "not_found"


def test_an_answer_that_begins_otherwise_is_not_taken(ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Client.entry
    monkeypatch.setattr(Client, "entry", lambda client, id: ask(client, ids[0]))
    for file in Path().glob("*.signed.json"):
        file.unlink()
    refused = run("evidence", "party", ids[1][:16], "-o", "x.evidence.json")
    assert refused.exit_code == 1 and ids[0] in refused.stderr and not Path("x.evidence.json").exists()


def test_two_ids_that_begin_alike_are_not_told_apart(ids: list[str]) -> None:
    kept = logins.load()
    login = kept.present()
    assert login is not None
    logins.store(kept.with_names(login.registry, {"a": "ab" * 32, "b": "ab" * 31 + "00"}))
    refused = run("evidence", "party", "ab" * 8, "-o", "x.evidence.json")
    assert refused.exit_code == 2 and "2 ids" in refused.stderr


def test_drafts_take_names_and_signers_sign_ids(ids: list[str]) -> None:
    done("name", "Ayu", ids[0], "--yes")
    done("draft", "mandate", "-o", "m.toml")
    text = Path("m.toml").read_text()
    values = {"model": '"Ayu"', "agency": f'"{ids[1][:20]}"', "starts": "2026-12-01", "ends": "2027-12-01"}
    for member, value in values.items():
        text = text.replace(f'{member} = ""', f"{member} = {value}")
    Path("m.toml").write_text(text)
    done("sign", "m.toml", "--key", "ayu.key", "--yes")
    parties = parse_submission(Path("m.signed.json").read_bytes()).statement().parties
    assert (parties.model, parties.agency) == (ids[0], ids[1])


@pytest.mark.parametrize("name", ["", "a/b", "ab" * 16, "ab" * 32, "-x", "x" * 61, 'a"b', "a\nb"])
def test_what_is_no_name(ids: list[str], name: str) -> None:
    assert run("name", "--yes", "--", name, ids[0]).exit_code == 2
    assert json.loads(done("name", "--json")) == []
