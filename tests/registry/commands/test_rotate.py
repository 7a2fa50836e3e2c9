"""A log changes its key: the registry signs with both, readers follow when the law lets them, then the old one ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from registry import config
from registry.cli import main
from registry.client import Client
from registry.commands import rotate
from registry.evidence import evidence
from registry.fsck import fsck
from registry.listing import subject_answer
from registry.log.publication import PUBLIC
from registry.metering import STRANGER
from registry.problems import Problem
from registry.web.app import create_app
from tests.support.running import running
from tests.support.served import Served
from tests.support.witness_serving import eventually, serving
from verifier.base.limits import FOLLOW_AFTER
from verifier.base.private_keys import SigningKey
from verifier.base.values import replace
from verifier.evidence.following import MayNotFollow, followed, new_log_key
from verifier.evidence.verify import open_evidence
from verifier.log.trust import LogUntrusted, Policy, open_checkpoint, parse_policy
from verifier.log.writing import Cosigner, format_policy
from verifier.programs.cli import main as verify_main
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer
from verifier.rules.model.question import Question


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"LC_ALL": "C"}).invoke(main, [str(one) for one in arguments])


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A registry whose witness has the same clock; commands go by it too."""
    made = Served(tmp_path / "r")
    monkeypatch.setattr(config, "clock", made.clock)
    cosigner = Cosigner("w.example", SigningKey(b"\x42" * 32))
    store = WitnessStore(tmp_path / "witness.db")
    logs = Policy(logs=(replace(made.service.config.policy.logs[0], url=None),), witnesses=(), groups=(), quorum=None)
    with serving(App(WitnessServer(cosigner, logs, store, made.clock))) as url:
        log = made.service.config.policy.logs[0]
        config.write_policy(made.root, config.trust_policy(log, [(cosigner.verifier, url)]))
        made.reopen()
        yield made
        made.service.close()
    store.close()


def rotated(served: Served) -> Policy:
    """The policy that readers had before; then the key has changed, and one more batch is logged."""
    before = served.service.config.policy
    served.service.close()
    result = run("rotate-key", served.root, "--yes", "--json")
    assert result.exit_code == 0, result.output
    served.reopen()
    return before


def proof(served: Served) -> bytes:
    """Evidence at the newest checkpoint, which the witness has cosigned."""
    newest = served.service.published.checkpoint.size
    eventually(lambda: served.service.shown.checkpoint.size == newest)
    found = evidence(served.service, Question(kind="asset", id="00" * 32), None)
    assert not isinstance(found, Problem)
    return found


def enrolled(served: Served, name: str) -> None:
    served.accept(served.world.party(name, roles=["model"]))


def test_both_keys_sign_and_readers_of_either_policy_read_on(served: Served) -> None:
    before = rotated(served)
    enrolled(served, "anna")
    data = proof(served)
    after = parse_policy((served.root / config.POLICY).read_bytes())
    assert len(after.logs) == 2 and after.logs[1:] == before.logs
    only_new = replace(after, logs=after.logs[:1])
    for policy in (before, after, only_new):
        assert open_evidence(data, policy, instant=served.clock()).size == served.service.published.checkpoint.size
    served.service.close()
    assert fsck(served.root, lambda done, total: None).ok
    served.reopen()


def test_a_policy_follows_after_seven_days_under_its_own_quorum(served: Served) -> None:
    before = rotated(served)
    text = format_policy(before).encode()
    logged = served.clock()
    served.world.now = logged + FOLLOW_AFTER - 1
    enrolled(served, "anna")
    early = new_log_key(open_evidence(proof(served), before, instant=0), before)
    assert early is not None and not early.may_follow and early.follow_from == logged + FOLLOW_AFTER
    with pytest.raises(MayNotFollow):
        followed(text, early)

    served.world.now = logged + FOLLOW_AFTER
    enrolled(served, "brand")
    data = proof(served)
    late = new_log_key(open_evidence(data, before, instant=0), before)
    assert late is not None and late.may_follow
    more = parse_policy(followed(text, late))
    assert more.witnesses == before.witnesses and more.quorum == before.quorum
    assert new_log_key(open_evidence(data, more, instant=0), more) is None

    alone = replace(before, witnesses=(), groups=(), quorum=None)
    by_hand = new_log_key(open_evidence(data, alone, instant=0), alone)
    assert by_hand is not None and by_hand.by_hand and not by_hand.may_follow
    with pytest.raises(MayNotFollow):
        followed(format_policy(alone).encode(), by_hand)


def test_check_tells_and_follows_with_a_flag(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rotated(served)
    policy, file = tmp_path / "mine.policy", tmp_path / "f.evidence.json"
    written = "# mine\n" + format_policy(before).rstrip("\n")  # without a newline at its end
    policy.write_text(written)
    policy.chmod(0o640)
    enrolled(served, "anna")
    file.write_bytes(proof(served))

    def check(*options: str, trust: Path = policy) -> str:
        verify_main(["check", str(file), "--trust", str(trust), "--language", "en", *options])
        return capsys.readouterr().err

    said = check("--follow-keys")
    assert "has a new key since" in said and "can follow it under evidence that your quorum cosigned after" in said
    assert policy.read_text() == written

    served.world.now += FOLLOW_AFTER
    enrolled(served, "brand")
    file.write_bytes(proof(served))
    assert "--follow-keys adds it" in check() and policy.read_text() == written

    alone = tmp_path / "alone.policy"
    alone.write_text(format_policy(replace(before, witnesses=(), groups=(), quorum=None)))
    assert "asks for no quorum" in check("--follow-keys", trust=alone) and alone.read_text().count("log ") == 1

    assert "It was added to" in check("--follow-keys")
    assert policy.read_text().startswith(written + "\nlog ") and policy.stat().st_mode & 0o777 == 0o640
    assert check("--follow-keys") == ""


def test_an_audit_tells_and_follows_with_a_flag(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By what it replayed itself, under the same law."""
    before = rotated(served)
    policy = tmp_path / "mine.policy"
    policy.write_text(format_policy(before))

    def audit(*options: str, trust: Path = policy) -> str:
        newest = served.service.published.checkpoint.size
        eventually(lambda: served.service.shown.checkpoint.size == newest)
        source = tmp_path / "log"
        copytree(served.root / PUBLIC, source, dirs_exist_ok=True)
        (source / "checkpoint").write_text(served.service.shown.note)
        words = ["audit", str(source), "--trust", str(trust), "--quiet", "--language", "en", *options]
        assert verify_main(words) == 0
        return capsys.readouterr().err

    enrolled(served, "anna")
    assert "can follow it under evidence that your quorum cosigned after" in audit("--follow-keys")
    assert policy.read_text() == format_policy(before)
    served.world.now += FOLLOW_AFTER
    enrolled(served, "brand")
    assert "--follow-keys adds it" in audit()
    alone = tmp_path / "alone.policy"
    alone.write_text(format_policy(replace(before, witnesses=(), groups=(), quorum=None)))
    assert "asks for no quorum" in audit("--follow-keys", trust=alone) and alone.read_text().count("log ") == 1
    assert "It was added to" in audit("--follow-keys")
    assert len(parse_policy(policy.read_text()).logs) == 2 and audit("--follow-keys") == ""


@pytest.mark.parametrize("lists", [True, False], ids=["a registry", "a mirror without lists"])
def test_a_watcher_tells_once_and_follows_with_a_flag(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str], lists: bool
) -> None:
    """By the registry's own list, or by reading; what it reads next it reads under the new key too."""
    before = rotated(served)
    policy, party = tmp_path / "mine.policy", "ab" * 32
    policy.write_text(format_policy(before))
    source = tmp_path / "log"

    def show() -> None:
        newest = served.service.published.checkpoint.size
        eventually(lambda: served.service.shown.checkpoint.size == newest)
        copytree(served.root / PUBLIC, source, dirs_exist_ok=True)
        (source / "checkpoint").write_text(served.service.shown.note)
        if lists:
            (source / "subjects").mkdir(exist_ok=True)
            for subject in (f"registry:{served.service.genesis}", f"party:{party}"):
                found = subject_answer(served.service, subject, STRANGER, lambda: False)
                assert not isinstance(found, Problem)
                (source / "subjects" / subject).write_bytes(found)

    def watch(*options: str) -> str:
        show()
        words = ["watch", str(source), "--trust", str(policy), "--party", party, "--once", "--language", "en"]
        assert verify_main([*words, *options]) in (0, 3)  # 3: this clock is not the registry's
        return capsys.readouterr().err

    enrolled(served, "anna")
    assert "can follow it under evidence that your quorum cosigned after" in watch("--follow-keys")
    assert policy.read_text() == format_policy(before)
    served.world.now += FOLLOW_AFTER
    enrolled(served, "brand")
    assert "--follow-keys adds it" in watch()
    assert "It was added to" in watch("--follow-keys")
    assert len(parse_policy(policy.read_text()).logs) == 2 and "new key" not in watch("--follow-keys")


def test_registry_evidence_tells(served: Served, tmp_path: Path) -> None:
    """It leaves the policy as it is: ``verifier check`` keeps the law of following."""
    before = rotated(served)
    (tmp_path / "mine.policy").write_text(format_policy(before))

    def fetch() -> str:
        newest = served.service.published.checkpoint.size
        eventually(lambda: served.service.shown.checkpoint.size == newest)
        arguments = ("asset", "00" * 32, "-o", tmp_path / "f.json", "--replace", "--trust", tmp_path / "mine.policy")
        with serving(create_app(served.service)) as url:
            result = run("evidence", url, *arguments, "--language", "en")
        assert result.exit_code == 0, result.output
        return result.stderr

    assert "can follow it under evidence that your quorum cosigned after" in fetch()
    served.world.now += FOLLOW_AFTER
    enrolled(served, "anna")
    said = fetch()
    assert "has a new key since" in said and "f.json --trust POLICY --follow-keys adds it" in said
    assert (tmp_path / "mine.policy").read_text() == format_policy(before)


def test_the_overlap_ends_after_thirty_days(served: Served) -> None:
    before = rotated(served)
    served.service.close()
    early = run("rotate-key", served.root, "--end", "--yes")
    assert early.exit_code == 2 and "--now ends it all the same" in early.stderr
    again = run("rotate-key", served.root, "--yes")
    assert again.exit_code == 2 and "The earlier key still signs" in again.stderr
    served.world.now += rotate.OVERLAP
    ended = run("rotate-key", served.root, "--end", "--yes")
    assert ended.exit_code == 0, ended.output
    assert (served.root / "keys" / "log.key.retired").exists() and not (served.root / "keys" / "log.key").exists()
    served.reopen()
    enrolled(served, "anna")
    note = served.service.published.note
    with pytest.raises(LogUntrusted):
        open_checkpoint(note, before)
    open_checkpoint(note, replace(served.service.config.policy, quorum=None))
    served.service.close()
    assert fsck(served.root, lambda done, total: None).ok
    nothing = run("rotate-key", served.root, "--end", "--yes")
    assert nothing.exit_code == 2 and "there is nothing to end" in nothing.stderr
    served.reopen()


def test_cut_short_after_the_change_was_logged_it_is_finished(served: Served) -> None:
    before = rotated(served)
    served.service.close()
    config.write_policy(served.root, before)
    refused = run("rotate-key", served.root, "--end", "--yes", "--now")
    assert refused.exit_code == 2 and "was cut short" in refused.stderr
    assert run("rotate-key", served.root, "--yes").exit_code == 0
    assert len(config.load(served.root).policy.logs) == 2
    served.reopen()


def test_while_it_is_served(tmp_path: Path) -> None:
    root = tmp_path / "r"
    assert run("init", root, "--origin", "registry.example/log").exit_code == 0
    before = config.load(root).policy
    with running(root) as process, Client(process.url) as client:
        result = run("rotate-key", root, "--yes", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["index"] == 2
        assert client.checkpoint().count("\n— ") == 2  # at once: the earlier key signs as long as the policy names it
        key = tmp_path / "anna.key"
        assert run("keygen", key, "--no-passphrase").exit_code == 0
        assert run("registrar", "add", root, tmp_path / "anna.key.pub", "--yes").exit_code == 0
        for policy in (before, config.load(root).policy):
            open_checkpoint(client.checkpoint(), policy)
    assert before.logs[0] in config.load(root).policy.logs
