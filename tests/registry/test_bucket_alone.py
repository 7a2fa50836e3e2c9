"""What a mirror, an auditor and a database that lost commits get from the bucket alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import psycopg
import pytest

from registry import config
from registry.fsck import fsck
from registry.log.log_error import LogError
from registry.log_files import LogFiles
from registry.recover_shared import recover_shared
from registry.settings import read_settings, write_settings
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster, copied
from tests.support.running import environment
from tests.support.shared_served import SharedServed
from verifier.programs.http import ask_once


@pytest.fixture
def served(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> Iterator[SharedServed]:
    made = SharedServed(tmp_path / "registry", cluster, buckets)
    yield made
    made.end()


def publish(served: SharedServed, buckets: Buckets) -> str:
    """Let the world read what docs/scale.md says; the bucket's public address."""
    name = read_settings(served.root).publish.removeprefix("s3://")
    rows = [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/{path}"}
            for path in ("checkpoint", "tile/*")]  # fmt: skip
    boto3.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": rows}))
    return f"{buckets.address}/{name}"


def test_an_auditor_replays_the_log_from_its_public_address(
    served: SharedServed, buckets: Buckets, tmp_path: Path
) -> None:
    consent, story = served.story()
    served.accept(*story, *[served.world.usage(consent, assets=[str(number)]) for number in range(300)])
    address = publish(served, buckets)
    policy, mirror = served.root / "trust.policy", tmp_path / "audit"
    for source, kept in ((address, mirror), (str(mirror / "mirror"), tmp_path / "again")):
        audit = [sys.executable, "-m", "verifier", "audit", source, "--trust", str(policy), "--store", str(kept)]
        done = subprocess.run(audit, capture_output=True, env=environment(), check=False)
        assert done.returncode == 0, (done.stdout, done.stderr)


def test_nobody_reads_what_is_private_there(served: SharedServed, buckets: Buckets) -> None:
    served.accept(served.world.party("anna", roles=["model"]))
    address, name = publish(served, buckets), read_settings(served.root).publish
    files = LogFiles(name)
    private = [one for one in boto3.client("s3").list_objects_v2(Bucket=name.removeprefix("s3://"))["Contents"]
               if not one["Key"].startswith(("checkpoint", "tile/"))]  # fmt: skip
    assert any(one["Key"].startswith("sections/") for one in private)
    for one in private:
        assert ask_once("GET", f"{address}/{one['Key']}", "test", limit=1 << 20, timeout=10.0).status == 403
    assert ask_once("GET", f"{address}/checkpoint", "test", limit=1 << 20, timeout=10.0).status == 200
    assert list(files.entries(0, 2)) == [served.service.leaf(0), served.service.leaf(1)]


def test_full_tiles_stand_for_their_partial_ones(served: SharedServed) -> None:
    consent, story = served.story()
    for number in range(3):
        served.accept(*(story if not number else []), served.world.usage(consent, assets=[str(number)]))
    served.accept(*[served.world.usage(consent, assets=[str(number)]) for number in range(10, 300)])
    files = boto3.client("s3").list_objects_v2(Bucket=read_settings(served.root).publish.removeprefix("s3://"))
    names = [one["Key"] for one in files["Contents"] if one["Key"].startswith("tile/")]
    assert "tile/0/000" in names and not [one for one in names if one.startswith("tile/0/000.p/")]
    assert fsck(served.root).faults == []


def test_a_database_that_lost_commits_goes_on_from_the_bucket(served: SharedServed, cluster: Cluster) -> None:
    served.accept(served.world.party("ben", roles=["model"]))
    with copied(cluster) as behind:
        consent, story = served.story()
        served.accept(*story)
        before = served.service.published
        served.service.close()
        name = psycopg.conninfo.conninfo_to_dict(read_settings(served.root).store)["dbname"]
        write_settings(served.root, replace(read_settings(served.root), store=behind.url(str(name))))
        with pytest.raises(LogError, match="the database ends at size 4, but a checkpoint of size"):
            served.open()
        served.let_go()
        found = recover_shared(config.load(served.root), [], lambda line: None)
        assert (found.size, found.sections) == (before.checkpoint.size, ())
        served.open()
        assert served.service.published.checkpoint == before.checkpoint
        entry = served.service.entry(consent.id)
        assert entry is not None and entry.disclosures == consent.disclosures
        served.accept(served.world.usage(consent, assets=["a"]))
        assert fsck(served.root).faults == []
        served.end()


def test_a_second_registry_in_one_database_or_one_bucket_is_refused(
    served: SharedServed, tmp_path: Path, cluster: Cluster, buckets: Buckets
) -> None:
    own = read_settings(served.root)
    for store, publish in ((own.store, buckets.bucket()), (cluster.database(), own.publish)):
        with pytest.raises(LogError, match=r"already: a new one has its own"):
            config.create(tmp_path / "second", "other.example/log", store=store, publish=publish, single=True)
        assert not (tmp_path / "second").exists()


def test_a_database_without_a_standby_is_refused_unless_vouched_for(
    tmp_path: Path, cluster: Cluster, buckets: Buckets
) -> None:
    with pytest.raises(LogError, match="names no synchronous standby"):
        config.create(tmp_path / "r", "other.example/log", store=cluster.database(), publish=buckets.bucket())


