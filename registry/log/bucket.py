"""Objects in a bucket of any store that speaks S3, with the conditions on which a log rests there.

An object is *created* where there is none (``If-None-Match: *``) or *swapped* for the one that was read
(``If-Match``); both hold against every other process, wherever it runs. A store that ignores conditions would let two
sequencers publish, so :meth:`Bucket.prove_conditions` tries them before anything rests on them.

Where the store is and with what right it is asked is boto3's to find: ``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, a
profile, a machine's role.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from registry.log.log_error import LogError

SECONDS = 5
"""Seconds that one attempt may take; a request is tried three times."""
MAX_OBJECT = 32 * 1024 * 1024
"""Bytes of an object that is read; a bundle of the largest entries has half of it."""
RACE = 8
"""Requests that race when conditions are proved, and requests at a time otherwise."""
CONFLICTS = 5
"""Times that a request is sent again which the store could not decide (409)."""

_URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/((?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+))?/?")


class BucketError(LogError, OSError):
    """The store does not answer, or not as it should. It names no credentials."""


class BucketAway(BucketError):
    """The store does not answer now; it may do so again."""


class Taken(Exception):
    """There is another object than the one that was to be created or swapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object: its bytes, and the tag that says which ones they are."""

    data: bytes
    tag: str


class Bucket:
    """The objects under an address such as ``s3://bucket`` or ``s3://bucket/folder``. For any thread."""

    def __init__(self, url: str) -> None:
        found = _URL.fullmatch(url)
        if found is None:
            raise BucketError(f"{url[:200]!r} is no bucket: write s3://NAME or s3://NAME/FOLDER")
        self.url = url.rstrip("/")
        self._name, folder = found[1], found[2]
        self._prefix = f"{folder}/" if folder else ""
        config = Config(
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=2 * RACE,
            # What S3 itself has learnt since, not every store has: the tag and our own hashes tell enough.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._config = config
        self._pool = ThreadPoolExecutor(RACE, thread_name_prefix="bucket")  # which starts threads when they are needed

    def close(self) -> None:
        self._pool.shutdown()
        if "_s3" in self.__dict__:
            self._s3.close()

    @cached_property
    def _s3(self) -> Any:
        """Made when it is needed, for that takes a while, and many who read a log never ask for a section."""
        return boto3.client("s3", config=self._config)

    # ---- reading

    def get(self, name: str) -> Stored | None:
        """The object, or None where there is none."""
        answer = self._ask(name, lambda: self._s3.get_object(Bucket=self._name, Key=self._prefix + name))
        if answer is None:
            return None
        try:
            with answer["Body"] as body:
                data = body.read(MAX_OBJECT + 1)
        except (BotoCoreError, OSError) as error:
            raise BucketAway(f"{self.url}/{name} cannot be read ({type(error).__name__})") from None
        if len(data) > MAX_OBJECT:
            raise BucketError(f"{self.url}/{name} is larger than {MAX_OBJECT} bytes")
        return Stored(data=data, tag=answer["ETag"])

    def read(self, name: str, limit: int = MAX_OBJECT) -> bytes | None:
        """The first ``limit`` bytes of an object; None where there is none."""
        stored = self.get(name)
        return None if stored is None else stored.data[:limit]

    def names(self, start: str, older: float = 0.0) -> Iterator[str]:
        """The names that begin with ``start``, in order; of objects that are ``older`` than so many seconds."""
        before = datetime.now(UTC) - timedelta(seconds=older)
        token: dict[str, str] = {}
        while True:
            asked = {"Bucket": self._name, "Prefix": self._prefix + start, **token}
            page = self._ask(start, partial(self._s3.list_objects_v2, **asked)) or {}
            for one in page.get("Contents", ()):
                if not older or one["LastModified"] < before:
                    yield one["Key"].removeprefix(self._prefix)
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def keeps_versions(self) -> bool:
        """Whether the store keeps what was deleted or replaced, now or from before."""
        answer = self._ask("", lambda: self._s3.get_bucket_versioning(Bucket=self._name))
        return answer is not None and answer.get("Status") is not None

    # ---- writing

    def create(self, name: str, data: bytes, kind: str = "application/octet-stream") -> str:
        """Put an object where there is none; its tag. An equal one counts as ours. Raises :class:`Taken`."""
        return self._put(name, data, kind, {"IfNoneMatch": "*"})

    def create_within(self, seconds: float, name: str, data: bytes) -> None:
        """The same, waited for no longer, whatever the store does with its attempts. Raises :class:`BucketAway`; the
        object may be there later."""
        try:
            self._pool.submit(self.create, name, data).result(seconds)
        except TooLate:
            raise BucketAway(f"{self.url} does not answer within {seconds:g} s") from None

    def swap(self, name: str, tag: str, data: bytes, kind: str = "application/octet-stream") -> str:
        """Put an object in the place of the one with ``tag``; its tag. Raises :class:`Taken` as :meth:`create` does."""
        return self._put(name, data, kind, {"IfMatch": tag})

    def overwrite(self, name: str, data: bytes) -> None:
        """Put an object, whatever there is."""
        self._sent(name, data, "application/octet-stream", {})

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; one that is not there is no error."""
        self.each(self._delete, list(names))

    def each(self, do: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
        """``do`` for each of the values, some at a time; the results in order. The first error is raised."""
        return list(self._pool.map(do, values))

    def _delete(self, name: str) -> None:
        self._ask(name, lambda: self._s3.delete_object(Bucket=self._name, Key=self._prefix + name))

    def _put(self, name: str, data: bytes, kind: str, condition: dict[str, str]) -> str:
        tag = self._sent(name, data, kind, condition)
        if tag is None:  # perhaps by an attempt of our own whose answer was lost
            there = self.get(name)
            if there is None or there.data != data:
                raise Taken(f"{self.url}/{name} is another one by now")
            tag = there.tag
        return tag

    def _sent(self, name: str, data: bytes, kind: str, condition: dict[str, str]) -> str | None:
        """The tag; None where the condition does not hold."""
        asked = {"Bucket": self._name, "Key": self._prefix + name, "Body": data, "ContentType": kind, **condition}
        for _ in range(CONFLICTS):
            try:
                answer = self._ask(name, lambda: self._s3.put_object(**asked))
            except _Conflict:
                continue
            return None if answer is None else str(answer["ETag"])
        raise BucketError(f"{self.url}/{name}: the store could not decide who was first")

    def _ask(self, name: str, ask: Callable[[], Any]) -> Any:
        """What the store answers; None for 404 and 412."""
        try:
            return ask()
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            code = error.response.get("Error", {}).get("Code")
            if status == 412 or (status == 404 and code != "NoSuchBucket"):
                return None
            if status == 409:
                raise _Conflict from None
            kind = BucketAway if status is None or status >= 500 or status == 429 else BucketError
            raise kind(f"{self.url}/{name}: the store answers {status} ({code})") from None
        except BotoCoreError as error:
            raise BucketAway(f"{self.url} does not answer ({type(error).__name__})") from None

    # ---- conditions

    def prove_conditions(self) -> None:
        """Try what a log rests on, with an object of its own. Raises :class:`BucketError` if the store is not fit."""
        name = f"conditions/{secrets.token_hex(16)}"

        def put(data: bytes, condition: dict[str, str]) -> str | None:
            return self._sent(name, data, "text/plain", condition)

        try:
            first = put(b"one", {"IfNoneMatch": "*"})
            second = put(b"two", {"IfNoneMatch": "*"})
            if first is None or second is not None:
                raise self._unfit("creates an object twice (If-None-Match)")
            swapped = put(b"three", {"IfMatch": first})
            stale = put(b"four", {"IfMatch": first})
            if swapped is None or stale is not None:
                raise self._unfit("swaps an object that has changed meanwhile (If-Match)")
            won = self.each(lambda number: put(b"race %d" % number, {"IfMatch": swapped}), range(RACE))
            there = self.get(name)
            winners = [number for number, tag in enumerate(won) if tag is not None]
            if len(winners) != 1 or there is None or there.data != b"race %d" % winners[0]:
                raise self._unfit(f"lets {len(winners)} of {RACE} swap one object at a time")
        finally:
            with suppress(BucketError):
                self.delete([name])

    def _unfit(self, what: str) -> BucketError:
        return BucketError(f"{self.url}: the store {what}, so two registries could publish there: use another store")


class _Conflict(Exception):
    """The store says that another request came between (409)."""
