"""What ``registry draft`` can be pointed at: a registry, and the statement that a draft stands on."""

from __future__ import annotations

from pathlib import Path

from registry.client import Client, read_genesis
from registry.commands.common import Failure, read_bounded
from registry.intake.submission import MAX_SUBMISSION, Submission, parse_submission, submission_from_json
from registry.log.log import PUBLIC
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.statements.types import Guardian, Statement


def registry_of(where: str) -> tuple[str, str | None]:
    """The id of a registry that is given as its id, its folder or its address, and its profile; by the id alone that is
    not known. Only an address needs the network."""
    if is_hex64(where):
        return where, None
    if is_address(where):
        with Client(where) as client:
            genesis = client.first()
            return genesis.id, genesis.profile
    if Path(where).is_dir():
        public = Path(where) / PUBLIC
        genesis = read_genesis(lambda path: (public / path).read_bytes())
        return genesis.id, genesis.profile
    raise Failure(f"--registry {where}: not an id of 64 hex digits, not a folder, not an address like https://...")


def is_address(where: str | None) -> bool:
    """Whether a registry is given as an address, where things can be looked up."""
    return where is not None and where.startswith(("http://", "https://"))


def live_guardian(client: Client, party: str, now: int) -> str | None:
    """The guardian of a party, if one is live now, as the public log says."""
    found: Guardian | None = None
    for index, _ in client.subject(f"keys:{party}"):
        statement = client.statement(index)
        if isinstance(statement, Guardian) and statement.parties.model == party:
            found = statement
    return found.parties.guardian if found is not None and now < found.until else None


def target_statement(on: str, registry: str | None) -> Statement:
    """The statement in a signed file, or with this id in the registry at an address."""
    return target_submission(on, registry).statement()


def target_submission(on: str, registry: str | None) -> Submission:
    """A signed file, or what the registry at an address shows of the statement with this id, sections too."""
    try:
        if not is_hex64(on):
            submission = parse_submission(read_bounded(Path(on), MAX_SUBMISSION + 1).removesuffix(b"\n"))
        elif registry is None or not is_address(registry):
            raise Failure("an ID is looked up at the registry's address: add --registry URL, or name a signed file.")
        else:
            with Client(registry) as client:
                found = client.entry(on)
            submission = submission_from_json({name: found[name] for name in ("disclosures", "envelope")})
        id = submission.statement().id
    except (KembarError, KeyError, TypeError) as error:
        raise Failure(f"{on}: {error}") from None
    if is_hex64(on) and id != on:
        raise Failure(f"{on}: the registry answered with another statement, {id}")
    return submission
