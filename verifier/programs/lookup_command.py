"""``verifier lookup``: is a file registered, asked of a registry without saying which file is meant."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    YES,
    Unusable,
    complain,
    digest_file,
    print_bytes,
    print_lines,
    read_policy,
)
from verifier.programs.language import add_option, choose
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.evidence.index_answer import IndexAnswer
    from verifier.log.trust import Policy
    from verifier.programs.http import HttpClient

AGENT = "kembar-lookup"
SECONDS = 30.0
"""For one answer."""
MAX_BITS = 64
"""More than any index has."""

HELP = """\
Says whether anybody has registered this exact file. The registry is asked for the part of its index that the file lies
in, with some two hundred subjects, and for another part that is drawn at random: it does not learn which file is meant.
The answer is proved, and checked here.

It hides one file among about two hundred. Whoever suspects a file already is nearly sure after the question; several
pictures of one campaign point to it. For many files, keep a mirror: verifier audit.
"""

END = """\
exit status:
  0   some statement names the file; who, and how, is another question, which says what is asked about:
      registry evidence URL asset SHA256
  1   nobody has registered this exact file
  2   the command was called wrongly, or a file of yours cannot be read
  3   it could not be asked without saying which file is meant
  4   the answer is invalid: it is not what the log signs
  70  a fault in this program
"""


class NotAsked(Exception):
    """It could not be asked, or not without saying too much; the sentence says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.id)
        self.sentence = sentence


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``lookup`` to the verifier's commands."""
    lookup = commands.add_parser(
        "lookup",
        help="ask a registry whether a file is registered, without saying which file",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lookup.add_argument("url", metavar="URL", help="the registry's URL")
    lookup.add_argument("file", metavar="FILE", help="the file, or sha256:DIGEST, or - for standard input")
    lookup.add_argument("--trust", metavar="POLICY", required=True, help="whom you trust: a C2SP tlog-policy file")
    lookup.add_argument("--json", action="store_true", help="print the answer as JSON")
    add_option(lookup)
    lookup.set_defaults(run=run)
    return lookup


def run(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit status."""
    from verifier.base.canonical import encode
    from verifier.base.strict import format_instant
    from verifier.evidence.file import Invalid
    from verifier.index.shown import Presence
    from verifier.programs.http import BadUrl, HttpClient, parse_url

    words = choose(options.language)
    policy = read_policy(options.trust)
    digest = _digest(options.file)
    try:
        client = HttpClient(parse_url(options.url), AGENT)
    except BadUrl as error:
        raise Unusable(str(error)) from None
    try:
        found, answer = ask(client, policy, f"asset:{digest}")
    except NotAsked as error:
        return complain(words.tell(error.sentence), CANNOT_TELL)
    except Invalid as invalid:
        said = f"step {invalid.step}: {invalid}"
        return complain(words.say("lookup.invalid", why=said), INVALID)
    finally:
        client.close()
    is_there = isinstance(found, Presence)
    among = len(answer.part.entries)
    if options.json:
        value = {
            "among": among,
            "as_of": {"at": format_instant(answer.at), "basis": answer.basis, "size": answer.size},
            "registered": is_there,
            "sha256": digest,
        }
        print_bytes(encode(value) + b"\n")
    else:
        at = words.moment(answer.at)
        sentence = "lookup.registered" if is_there else "lookup.nobody"
        print_lines([words.say(sentence, file=options.file, at=at), words.say("lookup.among", n=among)])
    return YES if is_there else NO


def ask(client: HttpClient, policy: Policy, subject: str) -> tuple[object, IndexAnswer]:
    """Whether the index has a list of a subject: a Presence or an Absence, and the answer that shows it.

    Raises :class:`NotAsked`, and :class:`~verifier.evidence.file.Invalid`.
    """
    from verifier.base.private_keys import random_bytes
    from verifier.evidence.file import Invalid
    from verifier.index.prefixes import FEW, find, number_of
    from verifier.index.proofs import subject_key
    from verifier.log.proofs import ProofError

    bits = _bits(client)
    drawn = _part(client, policy, bits, number_of(random_bytes(32), bits))
    if bits and len(drawn.part.entries) < FEW:
        raise NotAsked(Sentence("lookup.too_few", n=len(drawn.part.entries), least=FEW))
    answer = _part(client, policy, bits, number_of(subject_key(subject), bits))
    try:
        return find(answer.root, subject, answer.part), answer
    except ProofError as error:
        raise Invalid(11, str(error), "entries") from None


def _bits(client: HttpClient) -> int:
    from verifier.base.canonical import parse
    from verifier.base.errors import Malformed

    try:
        value = parse(_get(client, "/index", 1024), limit=1024)
    except Malformed:
        value = None
    bits = value.get("bits") if isinstance(value, dict) else None
    if type(bits) is not int or not 0 <= bits <= MAX_BITS:
        raise NotAsked(Sentence("lookup.no_such_call"))
    return bits


def _part(client: HttpClient, policy: Policy, bits: int, number: int) -> IndexAnswer:
    from verifier.evidence.index_answer import MAX_ANSWER, open_answer
    from verifier.index.prefixes import prefix_hex

    data = _get(client, f"/index?bits={bits}&prefix={prefix_hex(number, bits)}", MAX_ANSWER)
    return open_answer(data, policy, bits, number)


def _get(client: HttpClient, path: str, limit: int) -> bytes:
    from verifier.programs.http import HttpError

    try:
        answer = client.ask("GET", path, limit=limit, timeout=SECONDS)
    except HttpError as error:
        raise NotAsked(Sentence("lookup.unreachable", why=str(error))) from None
    if answer.status != 200:
        raise NotAsked(Sentence("lookup.refused", status=str(answer.status)))
    return answer.body


def _digest(given: str) -> str:
    from verifier.base.strict import is_hex64

    digest = given.removeprefix("sha256:")
    if digest == given:
        return digest_file(given)
    if not is_hex64(digest):
        raise Unusable(f"{given}: a digest is sha256: and 64 lower-case hex digits")
    return digest
