"""All checks of a submission that need only its bytes: pure, and so fit to run in any process, before any queue.

What is left for the sequencer needs the log: which keys are live, what a statement stands on, what was seen before.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from registry.intake.submission import MAX_SUBMISSION, check_name, open_disclosures, submission_from_json
from registry.problems import Problem, problem
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.strict import parse_b64u
from verifier.index.proofs import subject_key
from verifier.log.hashing import leaf_hash
from verifier.rules.admit import keys_in, needed_sections, usage_like
from verifier.rules.batch_order import comes_first
from verifier.statements.envelope import Envelope, check_signatures, match_envelope, parse_envelope
from verifier.statements.expressions import match_disclosure, read_statement
from verifier.statements.leaf import parse_leaf
from verifier.statements.making import format_envelope, unsigned
from verifier.statements.sections import Section
from verifier.statements.subjects import subjects
from verifier.statements.types import Genesis, Seal, Statement


@dataclass(slots=True, kw_only=True)
class CheckedSubmission:
    """A submission whose bytes are right, with all that the writer needs of it; the statement is read when asked for.

    ``leaf`` is what would be logged (empty if nobody has signed), ``id`` the statement's (32 bytes), ``at`` the time
    that it claims. ``touches`` are the keys of its subjects in byte order of the subjects, ``digests`` those of all
    sections in the header in order of their names, ``keys`` the public keys that it makes known (32 bytes each).
    ``disclosures`` maps section names to disclosures; ``complete``: all that a rule needs are there. ``like`` is
    :func:`~verifier.rules.admit.usage_like`.
    """

    leaf: bytes
    leaf_hash: bytes
    id: bytes
    type: str
    at: int
    signers: frozenset[str]
    touches: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    keys: tuple[bytes, ...]
    disclosures: Mapping[str, str]
    complete: bool
    like: bytes | None
    _statement: Statement | None = None
    _sections: Mapping[str, Section] | None = None

    @property
    def statement(self) -> Statement:
        """The statement in the leaf."""
        if self._statement is None:
            self._statement = parse_leaf(self.leaf).statement
        return self._statement

    @property
    def sections(self) -> Mapping[str, Section]:
        """What the disclosures hold."""
        if self._sections is None:
            opened = open_disclosures(self.statement, tuple(self.disclosures.values()))
            self._sections = {name: section for name, (_, section) in opened.items()}
        return self._sections


def check_submission(raw: bytes, *, signed: bool = True) -> CheckedSubmission | Problem:
    """Check one submission (canonical JSON, a newline at its end aside). Never raises for what stands in ``raw``.

    With ``signed`` false, which is for dry runs, it may have any number of signatures, even none; those that it has
    are checked all the same.
    """
    return check_submissions([raw], signed=signed)[0]


def check_submissions(raw: Sequence[bytes], *, signed: bool = True) -> list[CheckedSubmission | Problem]:
    """Check many: each step is taken for all before the next, which keeps its code in the processor's caches."""
    read = [_read(one, signed) for one in raw]
    signatures = [None if isinstance(one, Problem) else _check_signatures(one) for one in read]
    opened = [
        one if isinstance(one, Problem) else wrong or _open(one) for one, wrong in zip(read, signatures, strict=True)
    ]
    results: list[CheckedSubmission | Problem] = []
    for one, sections in zip(read, opened, strict=True):
        if isinstance(one, Problem):
            results.append(one)
        else:
            results.append(sections if isinstance(sections, Problem) else checked(one[0], one[1], sections))
    return results


_Read = tuple[Envelope, Statement, tuple[str, ...]]


def _read(raw: bytes, signed: bool) -> _Read | Problem:
    if len(raw) > MAX_SUBMISSION + 1:
        return Problem(code="too_large", detail=f"{len(raw)} bytes, at most {MAX_SUBMISSION} are allowed")
    parts = match_submission(raw) or read_submission(raw)
    if isinstance(parts, Problem):
        return parts
    envelope, disclosures = parts
    if signed and not envelope.signatures:
        return Problem(code="signatures_missing", detail="nobody has signed it yet", where="envelope.signatures")
    try:
        statement = read_statement(envelope.payload)
    except KembarError as error:
        return problem("leaf_malformed", error, "envelope.payload")
    if isinstance(statement, Genesis | Seal):
        detail = f"a {statement.type} is appended by the registry alone"
        return Problem(code="type_not_accepted", detail=detail, where="envelope.payload.type")
    return envelope, statement, disclosures


def _check_signatures(read: _Read) -> Problem | None:
    wrong = check_signatures(read[0])
    if wrong is None:
        return None
    where = f"envelope.signatures[{wrong}].sig"
    return Problem(code="signature_wrong", detail="the signature does not verify", where=where)


Opened = Mapping[str, tuple[str, Section]]
"""The disclosures of a statement and what they hold, by the names of the sections."""


def _open(read: _Read) -> Opened | Problem:
    _, statement, disclosures = read
    try:
        opened = _match_all(statement, disclosures) or {
            name: (disclosure.text, section)
            for name, (disclosure, section) in open_disclosures(statement, disclosures).items()
        }
        if "name" in opened:
            check_name(opened["name"][1])
    except KembarError as error:
        return problem("disclosure_wrong", error)
    return opened


def _match_all(statement: Statement, disclosures: Sequence[str]) -> Opened | None:
    """None unless each is spelled as most are, and none has the name of another."""
    opened = {}
    for text in disclosures:
        match = match_disclosure(statement, text)
        if match is None or match[0] in opened:
            return None
        opened[match[0]] = text, match[1]
    return dict(sorted(opened.items()))


Parts = tuple[Envelope, tuple[str, ...]]
"""The envelope and the disclosures of a submission."""


def read_submission(raw: bytes) -> Parts | Problem:
    """By way of JSON: slower than :func:`match_submission`, but it can say what is wrong."""
    try:
        value = canonical.parse(raw.removesuffix(b"\n"), limit=MAX_SUBMISSION)
    except KembarError as error:
        return problem("not_canonical", error)
    try:
        submission = submission_from_json(value)
    except KembarError as error:
        return problem("leaf_malformed" if error.where.startswith("envelope") else "submission_malformed", error)
    if not submission.signatures:
        return unsigned(submission.payload), submission.disclosures
    return parse_envelope(format_envelope(submission.payload, submission.signatures)), submission.disclosures


_DISCLOSURES = re.compile(rb'\{"disclosures":\[((?:"[A-Za-z0-9_-]+"(?:,"[A-Za-z0-9_-]+"){0,4})?)\],"envelope":')


def match_submission(raw: bytes) -> Parts | None:
    """The parts of a submission that is signed and spelled as it must be; None if it has to be read the long way."""
    match, end = _DISCLOSURES.match(raw), len(raw) - (2 if raw.endswith(b"\n") else 1)
    if match is None or not raw.startswith(b"}", end):
        return None
    envelope = match_envelope(raw, match.end(), end)
    if envelope is None:
        return None
    return envelope, tuple(match[1].decode("ascii")[1:-1].split('","')) if match[1] else ()


def checked(envelope: Envelope, statement: Statement, opened: Opened) -> CheckedSubmission:
    """Put together what was found right."""
    sections = {name: section for name, (_, section) in opened.items()}
    keyids = envelope.signers
    leaf = envelope.leaf if envelope.signatures else b""
    return CheckedSubmission(
        leaf=leaf,
        leaf_hash=leaf_hash(leaf),
        id=bytes.fromhex(statement.id),
        type=statement.type,
        at=statement.at,
        signers=keyids,
        touches=tuple([subject_key(subject) for subject in subjects(statement)]),
        digests=tuple([parse_b64u(statement.sections[name]) for name in sorted(statement.sections)]),
        keys=tuple([bytes.fromhex(key) for key in sorted(keys_in(statement))]),
        disclosures={name: text for name, (text, _) in opened.items()},
        complete=needed_sections(statement) <= opened.keys(),
        like=usage_like(statement, keyids, sections),
        _statement=statement,
        _sections=sections,
    )


def jumps(checked: CheckedSubmission, earlier_ids: Container[bytes], earlier_keys: Container[bytes]) -> bool:
    """Whether a submission goes to the front of its batch, by the law that auditors check.

    The containers hold what earlier batches do, as bytes.
    """
    if checked.type not in ("revocation", "suspension", "key"):
        return False  # without reading the statement, which most submissions never need
    return comes_first(
        checked.statement,
        checked.signers,
        lambda id: bytes.fromhex(id) in earlier_ids,
        lambda key: bytes.fromhex(key) in earlier_keys,
    )
