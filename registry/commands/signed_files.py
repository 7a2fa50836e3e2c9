"""Reading what is to be signed: a draft, or the signed file of one that somebody passed on."""

from __future__ import annotations

import time
from pathlib import Path

from registry.commands.common import Failure, read_bounded
from registry.commands.given import given
from registry.commands.naming import with_ids
from registry.drafting.adapters.spelling import MAX_SPELLED, read_spelled, without_mark
from registry.drafting.drafts.faults import check_codes
from registry.drafting.drafts.reading import MAX_DRAFT, complete, parse_draft
from registry.intake.submission import Submission
from verifier.base.errors import KembarError, Malformed
from verifier.programs.language import tell
from verifier.statements.envelope import check_signatures
from verifier.words.catalogue import Catalogue

SIGNED = ".signed.json"
MAX_FILE = max(MAX_DRAFT, MAX_SPELLED)


def read_signed(file: Path, words: Catalogue) -> tuple[bool, Submission]:
    """What stands in a file, and whether somebody passed it on; a code that nobody knows is refused before it binds."""
    data = without_mark(read_bounded(file, MAX_FILE))
    is_signed = is_passed_on(file, data)
    submission = passed_on(file, data) if is_signed else from_draft(file, data)
    try:
        check_codes({name: section for name, (_, section) in submission.opened().items()})
    except KembarError as error:
        raise Failure(words.say("sign.unknown_code", file=str(file), error=tell(str(error), words))) from None
    return is_signed, submission


def signed_name(file: Path, is_signed: bool) -> Path:
    """Where its signed file goes: a file that was passed on is signed in place."""
    return file if is_signed else file.with_name(file.name.removesuffix(".toml") + SIGNED)


def is_passed_on(file: Path, data: bytes) -> bool:
    """Whether it is a signed file, and else a draft; what is neither is called by its name."""
    if (what := given(data)) is not None:
        raise Failure(f"{file}: is {what}.")
    return data[:1] == b"{"


def from_draft(file: Path, data: bytes) -> Submission:
    try:
        text = data.decode("utf-8")
        return complete(with_ids(parse_draft(text)), text, int(time.time()))
    except UnicodeDecodeError as error:
        raise Failure(f"{file}: is not text in UTF-8 (byte {error.start}).") from None
    except KembarError as error:
        raise Failure(f"{file}: {error}") from None


def passed_on(file: Path, data: bytes) -> Submission:
    """The file must be whole: every section there and fitting, every signature so far good."""
    try:
        submission = read_spelled(data)
        statement, opened = submission.statement(), submission.opened()
        for name in sorted(statement.sections.keys() - opened.keys()):
            raise Malformed("is not in the file, so nobody can see what they sign: ask whoever passed it on", name)
        if submission.signatures and (bad := check_signatures(submission.envelope())) is not None:
            raise Malformed("this signature is not one of these bytes", f"envelope.signatures[{bad}]")
    except KembarError as error:
        raise Failure(f"{file}: this signed file was damaged or changed: {error}") from None
    return submission
