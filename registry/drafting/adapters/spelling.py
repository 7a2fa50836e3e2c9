"""Signed files as people and their programs save them: the same statement, laid out otherwise.

What is signed stands in strings: a payload, disclosures, signatures. The JSON around them binds nobody, so indentation,
Windows line ends, a byte order mark, blank lines and another order of members are taken, and spelled anew in canonical
JSON. Nothing else is: a member too many, a name that stands twice or another string is refused as ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.drafting.adapters.foreign import parse_foreign
from registry.intake.submission import MAX_SUBMISSION, Submission, parse_submission, submission_from_json
from verifier.base import canonical
from verifier.base.errors import KembarError

MAX_SPELLED = 2 * MAX_SUBMISSION
"""Bytes of one statement with the room that was left around it."""
_MARK = b"\xef\xbb\xbf"


def without_mark(data: bytes) -> bytes:
    """The bytes without the byte order mark that some editors put first."""
    return data.removeprefix(_MARK)


def spelled_anew(data: bytes) -> bytes:
    """The same JSON in canonical bytes; those that are no JSON, or none that can be canonical, as they are."""
    try:
        return canonical.encode(parse_foreign(data, MAX_SPELLED))
    except (KembarError, TypeError, ValueError):
        return data


def read_spelled(data: bytes) -> Submission:
    """One submission, however it is laid out; raises as :func:`parse_submission` does."""
    data = data.removesuffix(b"\n")
    try:
        return parse_submission(data)
    except KembarError:
        if (anew := spelled_anew(data)) == data:
            raise
    return submission_from_json(canonical.parse(anew, limit=MAX_SPELLED))


def split_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The statements of a file that has one a line, or each over several: the number of its first line, and its bytes.

    What goes on is indented, or closes a brace, and follows a line that has not closed its own. So one that cannot be
    read ends where the next begins.
    """
    first, held = 0, [b""]
    for number, line in enumerate(without_mark(data).split(b"\n"), start=1):
        line = line.rstrip()  # noqa: PLW2901 -- a Windows line end is no part of it
        if not line:
            continue
        if line[:1] in (b" ", b"\t", b"}") and held[0] and not held[0].endswith(b"}"):
            held.append(line)
            continue
        if held[0]:
            yield first, b"\n".join(held)
        first, held = number, [line]
    if held[0]:
        yield first, b"\n".join(held)
