"""The log over HTTP as any C2SP client sees it."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

from registry.service import Service
from tests.support.asking import problem, value
from tests.support.served import Served, raw
from verifier.log.hashing import CompactTree, leaf_hash
from verifier.log.tiles import Tile, parse_entries, parse_hashes, tiles_for_size
from verifier.log.trust import open_checkpoint

MANY = 300


@pytest.fixture
def long(served: Served) -> Served:
    """A log with a full tile and a partial one."""
    world = served.world
    actors = [world.party(f"party {number}", roles=["licensee"], recovery=0) for number in range(MANY)]
    served.accept(*actors)
    return served


class TestTiles:
    def test_hold_the_tree_of_the_checkpoint(self, long: Served, client: FlaskClient) -> None:
        checkpoint = open_checkpoint(client.get("/checkpoint").data, long.service.config.policy).checkpoint
        assert checkpoint.size == MANY + 3
        tree = CompactTree()
        for tile in tiles_for_size(checkpoint.size):
            data = client.get("/" + tile.path).data
            assert len(parse_hashes(data, tile.width)) == tile.width
            if tile.level == 0:
                bundle = Tile(level=None, index=tile.index, width=tile.width)
                entries = parse_entries(client.get("/" + bundle.path).data, tile.width)
                assert [leaf_hash(entry) for entry in entries] == parse_hashes(data, tile.width)
                for entry in entries:
                    tree.append(leaf_hash(entry))
        assert tree.root() == checkpoint.root

    def test_what_never_changes_may_be_kept_for_ever(self, long: Served, client: FlaskClient) -> None:
        for path in ("tile/0/000", "tile/entries/000"):
            assert client.get(f"/{path}").headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for path in ("tile/0/001.p/47", "tile/1/000.p/1", "tile/entries/001.p/47"):
            assert client.get(f"/{path}").headers["Cache-Control"] == "public, max-age=60"
        assert client.get("/checkpoint").headers["Cache-Control"] == "no-cache"

    def test_bundles_are_compressed_for_those_who_ask(self, long: Served, client: FlaskClient) -> None:
        plain = client.get("/tile/entries/000")
        packed = client.get("/tile/entries/000", headers={"Accept-Encoding": "br, gzip;q=0.5"})
        assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        refused = client.get("/tile/entries/000", headers={"Accept-Encoding": "gzip;q=0"})
        assert refused.data == plain.data

    def test_media_types(self, client: FlaskClient) -> None:
        assert client.get("/checkpoint").content_type == "text/plain; charset=utf-8"
        assert client.get("/tile/0/000.p/2").content_type == "application/octet-stream"

    @pytest.mark.parametrize(
        "path",
        ["0/000", "0/001", "1/000.p/1", "0/000.p/3", "0/000.p/0", "0/000.p/256", "0/0", "0/x000/000", "00/000",
         "64/000", "entries/000", "entries/001.p/1", "entries/../0/000.p/2", "0/000.p/2/", "-1/000", "data/000",
         "0/x999/x999/999", "%2e%2e/registry.db", "0/000.p/2%00"],
    )  # fmt: skip
    def test_what_the_log_has_not(self, stranger: FlaskClient, path: str) -> None:
        problem(stranger.get(f"/tile/{path}"), 404, "not_found")

    def test_readers_are_shown_what_was_cosigned_and_auditors_what_is_to_be(
        self, served: Served, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = served.service.published
        monkeypatch.setattr(Service, "shown", shown)  # as of a moment before its successor has its quorum
        served.accept(served.world.party("anna", roles=["model"]))
        newest = served.service.published
        assert client.get("/checkpoint").data == shown.note.encode()
        response = client.get("/checkpoint/newest")
        assert response.data == newest.note.encode() != shown.note.encode()
        assert (response.content_type, response.headers["Cache-Control"]) == ("text/plain; charset=utf-8", "no-cache")
        assert value(client.get("/proofs/inclusion?index=0").data)["size"] == shown.checkpoint.size
        assert value(client.get("/proofs/consistency?old=1").data)["size"] == shown.checkpoint.size
        assert client.get(f"/tile/0/000.p/{newest.checkpoint.size}").status_code == 200

    def test_a_checkpoint_grows_with_the_log(self, served: Served, client: FlaskClient) -> None:
        before = client.get("/checkpoint").data
        served.service.submit([raw(served.entry(served.world.party("anna", roles=["model"])))])
        assert client.get("/checkpoint").data != before
