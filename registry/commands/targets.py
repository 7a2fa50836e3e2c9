"""What ``registry draft`` can be pointed at: a registry, and the statement that a draft stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from registry.client import Client, read_genesis
from registry.commands.common import Failure, read_bounded
from registry.commands.connecting import connect, look_up
from registry.commands.naming import as_id
from registry.drafting.adapters.spelling import MAX_SPELLED, read_spelled
from registry.intake.submission import Submission, submission_from_json
from registry.log.publication import PUBLIC
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, entries_path, parse_entries
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Genesis, Guardian, Registry, Statement


def registry_of(where: str) -> tuple[str, str | None]:
    """The id of a registry that is given as its id, its folder or its address, and its profile; by the id alone that is
    not known. Only an address needs the network."""
    if is_hex64(where):
        return where, None
    if is_address(where):
        with look_up(where) as client:
            genesis = client.first()
            return genesis.id, genesis.profile
    if Path(where).is_dir():
        public = Path(where) / PUBLIC
        genesis = read_genesis(lambda path: (public / path).read_bytes())
        return genesis.id, genesis.profile
    raise Failure(f"--registry {where}: not an id of 64 hex digits, not a folder, not an address like https://...")


def is_address(where: str | None) -> bool:
    """Whether a registry is given as an address, where things can be looked up."""
    return where is not None and where.lower().startswith(("http://", "https://"))


def live_guardian(client: Client, party: str, now: int) -> str | None:
    """The guardian of a party, if one is live now, as the public log says."""
    found: Guardian | None = None
    for index, _ in client.subject(f"keys:{party}"):
        statement = client.statement(index)
        if isinstance(statement, Guardian) and statement.parties.model == party:
            found = statement
    return found.parties.guardian if found is not None and now < found.until else None


def registrars_of(listed: Iterable[Statement]) -> tuple[str, ...]:
    """The registrars' keys after a registry's own statements, which come in log order."""
    found: tuple[str, ...] = ()
    for statement in listed:
        if isinstance(statement, Genesis | Registry) and statement.registrars is not None:
            found = statement.registrars
    return found


def present_registrars(where: str) -> tuple[str, ...] | None:
    """The registrars' keys of a registry at an address or in a folder; None for one that is given by its id alone."""
    if is_address(where):
        with look_up(where) as client:
            subject = f"registry:{client.genesis()}"
            return registrars_of(client.statement(index) for index, _ in client.subject(subject))
    if is_hex64(where):
        return None
    return registrars_of(_published(Path(where) / PUBLIC))


def _published(public: Path) -> Iterator[Statement]:
    """Every statement in a registry's folder, in log order."""
    size = parse_checkpoint(parse_note((public / CHECKPOINT_PATH).read_bytes()).text).size
    for bundle in range(-(-size // WIDTH)):
        width = min(size - bundle * WIDTH, WIDTH)
        for leaf in parse_entries((public / entries_path(bundle, width)).read_bytes(), width):
            yield parse_statement(parse_envelope(leaf).payload)


def target_statement(on: str, registry: str | None) -> Statement:
    """The statement in a signed file, or with this id in the registry at an address."""
    return target_submission(on, registry).statement()


def target_submission(on: str, registry: str | None) -> Submission:
    """A signed file, or what the registry at an address shows of the statement with this id, sections too."""
    on = on if Path(on).is_file() else as_id(on)
    try:
        if not is_hex64(on):
            submission = read_spelled(read_bounded(Path(on), MAX_SPELLED))
        elif registry is None or not is_address(registry):
            raise Failure("an ID is looked up at the registry's address: add --registry URL, or name a signed file.")
        else:
            with connect(registry) as client:
                found = client.entry(on)
            submission = submission_from_json({name: found[name] for name in ("disclosures", "envelope")})
        id = submission.statement().id
    except (KembarError, KeyError, TypeError) as error:
        raise Failure(f"{on}: {error}") from None
    if is_hex64(on) and id != on:
        raise Failure(f"{on}: the registry answered with another statement, {id}")
    return submission
