"""What ``registry draft`` can be pointed at: a registry, and the statement that a draft stands on."""

from __future__ import annotations

from pathlib import Path

from registry.client import Client, genesis_of
from registry.commands.common import Failure, read_bounded
from registry.log import PUBLIC
from registry.submission import MAX_SUBMISSION, parse_submission
from verifier.errors import KembarError
from verifier.statements.envelope import envelope_from_json
from verifier.statements.statement import Statement, parse_statement
from verifier.strict import is_hex64


def registry_id(where: str) -> str:
    """The id of a registry that is given as its id, its folder or its address; only an address needs the network."""
    if is_hex64(where):
        return where
    if where.startswith(("http://", "https://")):
        with Client(where) as client:
            return client.genesis()
    if Path(where).is_dir():
        public = Path(where) / PUBLIC
        return genesis_of(lambda path: (public / path).read_bytes())
    raise Failure(f"--registry {where}: not an id of 64 hex digits, not a folder, not an address like https://...")


def target_statement(on: str, registry: str | None) -> Statement:
    """The statement in a signed file, or with this id in the registry at an address."""
    try:
        if not is_hex64(on):
            return parse_submission(read_bounded(Path(on), MAX_SUBMISSION + 1).removesuffix(b"\n")).statement()
        if registry is None or not registry.startswith(("http://", "https://")):
            raise Failure("--on ID is looked up at the registry's address: add --registry URL, or name a signed file.")
        with Client(registry) as client:
            statement = parse_statement(envelope_from_json(client.entry(on)["envelope"]).payload)
    except (KembarError, KeyError, TypeError) as error:
        raise Failure(f"--on {on}: {error}") from None
    if statement.id != on:
        raise Failure(f"--on {on}: the registry answered with another statement, {statement.id}")
    return statement
