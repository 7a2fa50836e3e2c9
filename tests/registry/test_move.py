"""A registry goes from its folder over to a database and a bucket: nothing is lost, and the folder signs no more."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner

from registry import config, move
from registry.cli import main
from registry.config import ConfigError
from registry.demo.pictures import portrait
from registry.front import FrontService
from registry.fsck import fsck
from registry.log.bucket import Bucket
from registry.log.log_error import LogError
from registry.log.publication import SIGNED_CHECKPOINT, parse_published
from registry.sequencer import Logged
from registry.service import Service
from registry.web.auth.nonces import KeptNonces
from tests.support.asking import value
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.desk_clients import Deal
from tests.support.running import command, environment
from tests.support.served import Served, raw
from tests.support.shared_registry import Candidate
from tests.support.signed_requests import app_at, asking_as
from verifier.base import canonical
from verifier.base.strict import format_instant

DAY = 86_400
HERO = portrait("hero")


class Moving:
    """A deal in a folder, with one section erased, a draft, a picture, a grant and an option; and where it goes."""

    def __init__(self, root: Path, cluster: Cluster, buckets: Buckets) -> None:
        self.served = Served(root)
        self.deal = Deal(self.served)
        world, deal = self.served.world, self.deal
        gone = world.party("gone", roles=["model"])
        self.served.accept(gone, world.erasure(Served.entry(gone), erased=["person"]))
        self.gone = gone.id
        self.draft = deal.proposed()
        deal.desk.signs(deal.anna, self.draft)
        self.wish = deal.desk.does(deal.brand, "POST", "/options", {
            "about": "Bali", "ends": format_instant(world.now + 2 * DAY), "model": deal.anna.id,
            "starts": format_instant(world.now + DAY)})["id"]  # fmt: skip
        body = {"sections": ["terms"], "to": deal.stranger.id, "until": format_instant(self.served.service.now() + DAY)}
        answer = asking_as(deal.desk.app, deal.anna).post(
            "/grants", data=canonical.encode(body), content_type="application/json"
        )
        assert answer.status_code == 200, answer.data
        agreed = world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin)
        self.served.accept(agreed)
        approval = deal.desk.proposes(deal.brand, world.approval(agreed, assets=[sha256(HERO).hexdigest()]))
        self.picture = f"/desk/{approval}/files/{sha256(HERO).hexdigest()}"
        put = asking_as(deal.desk.app, deal.brand).open(
            self.picture, method="PUT", data=HERO, content_type="application/octet-stream"
        )
        assert put.status_code == 200, put.data
        self.checkpoint = self.served.service.published.checkpoint
        self.served.end()
        self.store, self.publish = cluster.database(), buckets.bucket()

    def move(self) -> int:
        return move.move(self.served.root, self.store, self.publish, single=True)

    def front(self) -> FrontService:
        return FrontService(config.load(self.served.root), clock=self.served.clock)

    def check(self, candidate: Any) -> None:
        """All of it is there, and it goes on."""
        deal, world = self.deal, self.served.world
        with self.front() as front:
            assert front.published.checkpoint == self.checkpoint
            app = app_at(front, nonces=KeptNonces(front.readers.store.tables))
            deal.desk.app = app
            found = front.entry(self.gone)
            assert found is not None and not found.disclosures
            found = front.entry(deal.anna.id)
            assert found is not None and found.disclosures == Served.entry(deal.anna).disclosures
            assert len(value(asking_as(app, deal.stranger).get("/grants").data)["taken"]) == 1
            [option] = deal.desk.does(deal.gina, "GET", "/options")["options"]
            assert (option["id"], option["about"]) == (self.wish, "Bali")
            assert asking_as(app, deal.anna).get(self.picture).data == HERO
            candidate()
            for who in (deal.gina, deal.brand):
                said = deal.desk.signs(who, self.draft)
            assert said["state"] == "logged", "what anna signed in the folder counts"
            [outcome] = front.submit([raw(Served.entry(world.party("later", roles=["model"])))])
            assert isinstance(outcome, Logged)
            assert front._log.state.nodes.root(self.checkpoint.size) == self.checkpoint.root


@pytest.fixture
def moving(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> Moving:
    return Moving(tmp_path / "registry", cluster, buckets)


def test_it_goes_over_whole_and_on(moving: Moving, tmp_path: Path) -> None:
    before = tmp_path / "copy"
    copytree(moving.served.root, before)
    assert moving.move() == moving.checkpoint.size
    assert moving.move() == moving.checkpoint.size, "again changes nothing"
    left = sorted(one.name for one in (moving.served.root / move.LEFT).iterdir())
    assert {"registry.db", "desk.db", "readers.db", "signed-checkpoint", "public"} <= set(left)
    with pytest.raises(LogError, match=r"retired|ended"):
        Service.open(before, clock=moving.served.clock)
    started: list[Candidate] = []
    try:
        moving.check(lambda: started.append(Candidate(moving.served.root, str(moving.served.world.now))))
        assert started[0].end() == 0, started[0].said()
    finally:
        for one in started:
            one.kill()


STEPS = ["_copy_log", "_copy_part", "retire_open", "_put_signed", "_keep_quorum", "write_settings", "_put_away"]


@pytest.mark.parametrize("at", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_it_is_taken_up(moving: Moving, monkeypatch: pytest.MonkeyPatch, at: str, when: str) -> None:
    real = getattr(move, at)

    def struck(*given: Any, **named: Any) -> Any:
        if when == "after":
            real(*given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(move, at, struck)
        with pytest.raises(KeyboardInterrupt):
            moving.move()
    assert moving.move() == moving.checkpoint.size
    with moving.front() as front:
        assert front.published.checkpoint == moving.checkpoint
        tables = front.config.tables("desk", erasing=True)
        with closing(tables):
            assert [len(tables.rows(f"SELECT * FROM {name}")) for name in ("drafts", "options")] == [2, 1]
            held = tables.rows("SELECT count(*) FROM words WHERE held")
            assert held == [(5,)], "two drafts' texts, a picture, a signature, an option's words"


def test_up_to_the_guards_word_the_folder_goes_on(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt fails, the folder is served on and grows; the next attempt takes what came."""

    def struck(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(move, "_copy_part", struck)
        with pytest.raises(KeyboardInterrupt):
            moving.move()
    moving.served.open()
    moving.served.accept(moving.served.world.party("later", roles=["model"]))
    moving.checkpoint = moving.served.service.published.checkpoint
    moving.served.end()
    assert moving.move() == moving.checkpoint.size
    with moving.front() as front:
        assert front.published.checkpoint == moving.checkpoint


def test_what_is_no_place_to_go_to(moving: Moving, tmp_path: Path, cluster: Cluster, buckets: Buckets) -> None:
    other = Moving(tmp_path / "other", cluster, buckets)
    other.move()
    with pytest.raises(LogError, match="registry already"):
        move.move(moving.served.root, other.store, moving.publish, single=True)
    with pytest.raises(LogError, match="bucket already"):
        move.move(moving.served.root, moving.store, other.publish, single=True)
    with pytest.raises(ConfigError, match="already"):
        move.move(other.served.root, moving.store, moving.publish, single=True)
    moving.served.open()
    with pytest.raises(LogError, match="another process"):
        moving.move()
    moving.served.end()
    assert moving.move() == moving.checkpoint.size


def test_the_command(moving: Moving) -> None:
    made: list[str | Path] = ["move", moving.served.root, "--store", moving.store]
    made += ["--publish", moving.publish, "--single-database"]
    done = subprocess.run(command(*made, "--json"), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"left": str(moving.served.root / move.LEFT), "size": moving.checkpoint.size}
    stored = Bucket(moving.publish).get(SIGNED_CHECKPOINT)
    assert stored is not None
    assert parse_published(stored.data, SIGNED_CHECKPOINT).checkpoint == moving.checkpoint
    assert fsck(moving.served.root).faults == []
    shown = CliRunner().invoke(main, ["clock", str(moving.served.root), "--json"])
    assert json.loads(shown.stdout)["sealed"] == format_instant(moving.served.world.now)
