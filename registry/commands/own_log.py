"""The registry of a folder, for its operator's commands: asked over HTTP where it is served, opened where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from registry import config
from registry.client import Client, Refusal
from registry.commands.common import Unable
from registry.config import Config, load, served_at
from registry.intake.submission import Submission, format_submission
from registry.log.own_statements import statement_bytes
from registry.problems import Problem
from registry.service import Service
from verifier.base import private_keys
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.log.note import parse_vkey
from verifier.statements.parse import parse_statement
from verifier.statements.types import Genesis, Registry, Statement
from verifier.words.catalogue import Sentence


class OwnLog(Protocol):
    """``registry`` is the genesis id."""

    registry: str
    is_served: bool

    def statements(self, subject: str) -> list[Statement]:
        """Those of a subject's list, in log order."""

    def submit(self, submission: Submission) -> int:
        """Log it; its index. Raises :class:`registry.client.Refusal` where the registry says no."""


class _Served:
    """A registry that another process serves on this machine."""

    is_served = True

    def __init__(self, client: Client) -> None:
        self._client = client
        self.registry = client.genesis()

    def statements(self, subject: str) -> list[Statement]:
        return [self._client.statement(index) for index, _ in self._client.subject(subject)]

    def submit(self, submission: Submission) -> int:
        [result] = self._client.submit([submission], require=False)
        if isinstance(result, Refusal):
            raise result
        return int(result["index"])


class _Opened:
    """A registry that nobody serves now."""

    is_served = False

    def __init__(self, service: Service) -> None:
        self._service = service
        self.registry = service.genesis

    def statements(self, subject: str) -> list[Statement]:
        record = self._service.record()
        entries = (record.entry(index) for index in record.rows(subject))
        return [entry.statement for entry in entries if entry is not None]

    def submit(self, submission: Submission) -> int:
        [outcome] = self._service.submit([format_submission(submission)])
        if isinstance(outcome, Problem):
            raise Refusal(outcome.to_json())
        return outcome.index


@contextmanager
def own_log(folder: Path) -> Iterator[OwnLog]:
    """The registry in ``folder``, whether it is served or not."""
    load(folder)
    address = served_at(folder)
    if address is None:
        with Service.open(folder, clock=config.clock) as service:
            yield _Opened(service)
    elif not address:
        raise Unable(Sentence("own.busy", folder=str(folder)))
    else:
        with Client(address) as client:
            yield _Served(client)


def own_statements(log: OwnLog) -> list[Genesis | Registry]:
    """What the registry has said of itself, in log order."""
    found = log.statements(f"registry:{log.registry}")
    return [one for one in found if isinstance(one, Genesis | Registry)]


def log_vkey(said: list[Genesis | Registry]) -> str:
    """The log's key in force."""
    return [one.log for one in said if one.log is not None][-1]


def registrars(said: list[Genesis | Registry]) -> tuple[str, ...]:
    """The registrars' keys in force."""
    return [one.registrars for one in said if one.registrars is not None][-1]


def log_change(
    log: OwnLog, own: Config, change: dict[str, Json], at: int, *, new_key: private_keys.SigningKey | None = None
) -> tuple[Statement, int]:
    """Log a ``registry`` statement with ``change``, signed with the log key in force: the statement and its index."""
    force = parse_vkey(log_vkey(own_statements(log))).key.hex()
    held = {key.public.hex(): key for key in own.log_keys}
    if force not in held:
        raise Unable(Sentence("own.key_missing", key=force, folder=str(own.root)))
    payload = statement_bytes({"at": format_instant(at), "type": "registry", **change}, log.registry)
    signed = Submission(payload=payload, signatures=(), disclosures=()).signed_by(held[force])
    if new_key is not None:
        signed = signed.signed_by(new_key)
    return parse_statement(payload), log.submit(signed)
