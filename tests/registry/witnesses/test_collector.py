"""What parties handed to an auditor and not to the registry: it is taken, and nobody's cosignatures stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from registry import config
from registry.witnesses.collector import HandedIn
from tests.support.running import dead_url
from tests.support.served import Served
from tests.support.witness_serving import eventually, saying, serving
from tests.support.world import Logged
from verifier.base.private_keys import SigningKey
from verifier.log.trust import Policy
from verifier.log.writing import Cosigner, format_policy
from verifier.programs.source import open_source
from verifier.programs.witness.app import App
from verifier.programs.witness.auditor import Auditor, Auditors
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer

NAME = "union.example/kembar-auditor"


def lines(*made: Logged) -> bytes:
    return b"".join(b'{"envelope":' + one.leaf + b"}\n" for one in made)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


def policy(served: Served, *urls: str, name: str = NAME) -> Policy:
    log = served.service.config.policy.logs[0]
    keys = [Cosigner(name, SigningKey(bytes([number + 1]) * 32)).verifier for number in range(len(urls))]
    return config.trust_policy(log, list(zip(keys, urls, strict=True)))


def look(served: Served, *bodies: bytes, status: int = 200, name: str = NAME) -> HandedIn:
    """One look at auditors that show this."""
    with ExitStack() as stack:
        urls = [stack.enter_context(serving(saying(status, body))) for body in bodies]
        one = HandedIn(policy(served, *urls, dead_url(), name=name), served.service.submit)
        one.look()
        one.close()
    return one


def test_an_auditor_and_a_registry(served: Served, tmp_path: Path) -> None:
    """Handed to the auditor alone; the log has it after the next look, and the auditor waits for nothing any more."""
    consent, story = served.story()
    served.accept(*story)
    revocation = served.world.revocation(consent=consent)
    log = served.service.config.policy
    store = WitnessStore(tmp_path / "witness.db")
    source = open_source(str(served.root))
    auditor = Auditor(tmp_path / "audit", served.world.origin, log, source, store, served.clock)
    auditors = Auditors({served.world.origin: auditor})
    cosigner = Cosigner(NAME, SigningKey(bytes([1]) * 32))
    app = App(WitnessServer(cosigner, log, store, served.clock, auditors.by_origin), auditors)
    with serving(app) as url:
        one = HandedIn(policy(served, url), served.service.submit)
        assert auditors.hand_in([b'{"envelope":' + revocation.leaf + b"}"])[0].status == 202
        assert auditors.waiting() == [revocation.leaf]
        one.look()
        found = served.service.entry(revocation.id)
        assert found is not None and found.leaf == revocation.leaf
        assert auditors.hand_in([b'{"envelope":' + revocation.leaf + b"}"])[0].index == found.entry.index
        assert auditors.waiting() == []
        one.look()
        one.close()
    auditors.close()
    store.close()


def test_what_cannot_be_taken_is_not_tried_again(served: Served) -> None:
    consent, story = served.story()
    served.accept(*story)
    good = served.world.revocation(consent=consent)
    bad = served.world.revocation(consent=consent, wrong_signatures=True)
    tried: list[int] = []

    def submit(raw: object) -> list[object]:
        assert isinstance(raw, list)
        tried.append(len(raw))
        return list(served.service.submit(raw))

    with serving(saying(200, lines(bad, good) + b'rubbish\n{"x":1}\n' + lines(bad) + b'{"envelope":')) as url:
        one = HandedIn(policy(served, url, url), submit)
        one.look()
        one.look()
        one.close()
    assert tried == [3]
    assert served.service.entry(good.id) is not None
    assert served.service.entry(bad.id) is None


@pytest.mark.parametrize("status, name", [(404, NAME), (302, NAME), (500, NAME), (200, "witness.example/ada")])
def test_who_shows_nothing(served: Served, status: int, name: str) -> None:
    """Another auditor's server; and a witness, who is not asked."""
    consent, story = served.story()
    served.accept(*story)
    revocation = served.world.revocation(consent=consent)
    look(served, lines(revocation), status=status, name=name)
    assert served.service.entry(revocation.id) is None


def test_all_auditors_are_looked_at(served: Served) -> None:
    consent, story = served.story()
    served.accept(*story)
    made = [served.world.revocation(consent=consent), served.world.suspension(consent)]
    look(served, *(lines(one) for one in made))
    assert [served.service.entry(one.id) is not None for one in made] == [True, True]


def test_a_registry_looks_by_itself(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.witnesses.collector.EVERY", 0.05)
    consent, story = served.story()
    served.accept(*story)
    revocation = served.world.revocation(consent=consent)
    with serving(saying(200, lines(revocation))) as url:
        (served.root / config.POLICY).write_text(format_policy(policy(served, url)))
        served.reopen()
        eventually(lambda: served.service.entry(revocation.id) is not None)
