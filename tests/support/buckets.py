"""A store that speaks S3, in this process (moto), for tests; other processes find it by their environment."""

from __future__ import annotations

import io
import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

_numbers = itertools.count()


class Buckets:
    """``bucket()`` makes one. ``refuse`` has every request fail, ``before`` is called ahead of each that is taken."""

    def __init__(self, address: str) -> None:
        self.address = address

    def bucket(self) -> str:
        """The address of a new, empty one."""
        name = f"kembar-{next(_numbers)}"
        boto3.client("s3").create_bucket(Bucket=name)
        return f"s3://{name}"


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def store() -> Iterator[Buckets]:
    """One that lives as long as the context, to which boto3 is pointed meanwhile."""
    app = DomainDispatcherApplication(create_backend_app)
    deciding = Lock()

    def one_at_a_time(environ: Any, start_response: Any) -> Any:
        """A store decides conditions one request at a time; moto leaves that to its caller.

        What is sent is read before: a client that was stopped while it sends holds up nobody else.
        """
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        with deciding:
            return app(environ, start_response)

    logging.getLogger("botocore").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=_Quiet)
    Thread(target=server.serve_forever, name="moto", daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        try:
            yield Buckets(address)
        finally:
            server.shutdown()
            server.server_close()
