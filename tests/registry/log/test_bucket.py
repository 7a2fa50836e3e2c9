"""Objects in a bucket, and that a store which ignores conditions is found out before anything rests on them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from registry.log.bucket import Bucket, BucketError, Taken
from registry.log.bucket_sections import refuse_versions
from tests.support.buckets import Buckets


@pytest.fixture
def bucket(buckets: Buckets) -> Iterator[Bucket]:
    with closing(Bucket(f"{buckets.bucket()}/one folder".replace(" ", "-"))) as made:
        yield made


def test_an_object_is_created_once(bucket: Bucket) -> None:
    tag = bucket.create("a/b", b"one")
    assert bucket.create("a/b", b"one") == tag, "an equal one counts as ours: an answer may be lost"
    with pytest.raises(Taken):
        bucket.create("a/b", b"two")
    stored = bucket.get("a/b")
    assert stored is not None and (stored.data, stored.tag) == (b"one", tag)


def test_an_object_is_swapped_for_the_one_that_was_read(bucket: Bucket) -> None:
    first = bucket.create("a", b"one")
    second = bucket.swap("a", first, b"two")
    assert bucket.swap("a", first, b"two") == second
    with pytest.raises(Taken):
        bucket.swap("a", first, b"three")
    with pytest.raises(Taken):
        bucket.swap("b", first, b"nothing was there")
    assert bucket.swap("a", second, b"three")


def test_names_and_what_is_gone(bucket: Bucket) -> None:
    for number in range(3):
        bucket.create(f"x/{number}", b"")
    bucket.create("y", b"")
    assert list(bucket.names("x/")) == ["x/0", "x/1", "x/2"]
    bucket.delete(["x/0", "x/1", "x/7"])
    assert list(bucket.names("")) == ["x/2", "y"] and bucket.get("x/0") is None


def test_whoever_stands_still_while_it_sends_holds_up_nobody(bucket: Bucket, buckets: Buckets) -> None:
    """The stand-in of these tests, as a real store does: a sequencer that is stopped may stop there."""
    address = urlsplit(buckets.address)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as half:
        half.sendall(b"PUT /b/a HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\nhalf")
        bucket.create("a", b"one")
        assert bucket.get("a") is not None


@pytest.mark.parametrize("url", ["http://bucket", "s3://", "s3://A", "s3://bucket/a b", "s3://bucket//x", "bucket"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BucketError, match="is no bucket"):
        Bucket(url)


def test_one_that_is_not_there(buckets: Buckets) -> None:
    with closing(Bucket("s3://nowhere-at-all")) as bucket, pytest.raises(BucketError, match="NoSuchBucket"):
        bucket.get("a")


def test_one_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, buckets: Buckets) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with closing(Bucket("s3://nowhere")) as bucket, pytest.raises(BucketError, match="does not answer"):
        bucket.get("a")


def test_a_store_that_keeps_conditions_is_taken(bucket: Bucket) -> None:
    bucket.prove_conditions()
    assert list(bucket.names("conditions/")) == []


@pytest.mark.parametrize(
    ("ignored", "why"), [("IfNoneMatch", "creates an object twice"), ("IfMatch", "swaps an object that has changed")]
)
def test_a_store_that_ignores_one_is_refused(bucket: Bucket, ignored: str, why: str) -> None:
    put = bucket._s3.put_object

    def ignoring(**asked: Any) -> Any:
        asked.pop(ignored, None)
        return put(**asked)

    bucket._s3.put_object = ignoring
    with pytest.raises(BucketError, match=why):
        bucket.prove_conditions()


def test_a_store_whose_conditions_do_not_hold_in_a_race_is_refused(bucket: Bucket) -> None:
    put = bucket._s3.put_object

    def ignoring(**asked: Any) -> Any:
        if asked["Body"].startswith(b"race"):
            asked.pop("IfMatch")
        return put(**asked)

    bucket._s3.put_object = ignoring
    with pytest.raises(BucketError, match="lets 8 of 8"):
        bucket.prove_conditions()


def test_one_that_keeps_versions_is_refused(buckets: Buckets) -> None:
    url = buckets.bucket()
    with closing(Bucket(url)) as bucket:
        refuse_versions(bucket)
        for status in ("Enabled", "Suspended"):
            boto3.client("s3").put_bucket_versioning(
                Bucket=url.removeprefix("s3://"), VersioningConfiguration={"Status": status}
            )
            with pytest.raises(BucketError, match="keeps old versions"):
                refuse_versions(bucket)
