"""``verifier page``: writes a page with a policy in it, says its hash, and compares a page that somebody serves."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from verifier.base.errors import Malformed
from verifier.programs.console import (
    NO,
    YES,
    Unusable,
    print_lines,
    read_file,
    unwritable,
)
from verifier.programs.language import add_option, choose
from verifier.words.catalogue import Catalogue, Sentence

HELP = """\
Writes the verifier as one HTML file: it checks evidence in a browser, on a phone too, with the network off, under the
policy that is put into it. It sends nothing. The policy's fingerprint stands in it: tell it to whom you give the page.

The hash is of the page without a policy, so it is the same for everybody; a registry that serves the page says it at /.

With --sign it is the other page, on which people sign with keys of their own. It belongs alone on a web origin, and a
union or an agency can be its host: whoever serves it could sign as whoever opens a key there.
"""

END = """\
exit status:
  0   done; with --check: it is the page of this verifier, and holds the policy of --trust
  1   with --check: it is another page, or holds another policy
  2   the command was called wrongly, or the page or the policy cannot be read
  70  a fault in this program
"""

AGENT = "kembar-page"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``page`` to the verifier's commands."""
    page = commands.add_parser(
        "page",
        help="write the verifier, or the page to sign on, as one HTML file for a browser",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = page.add_mutually_exclusive_group(required=True)
    what.add_argument("-o", "--output", metavar="FILE", help="write the page, with the policy of --trust in it")
    what.add_argument("--hash", action="store_true", help="print the SHA-256 of the page without a policy")
    what.add_argument("--check", metavar="URL", help="compare the page at an address, or in a file, with our own")
    page.add_argument("--sign", action="store_true", help="the page on which people sign, instead of the verifier")
    page.add_argument("--trust", metavar="POLICY", help="whom the page's reader trusts: a C2SP tlog-policy file")
    add_option(page)
    page.set_defaults(run=_page)
    return page


def _page(options: argparse.Namespace) -> int:
    from verifier.programs.page.built import SIGN, VERIFIER, page_hash, shipped_page

    name = SIGN if options.sign else VERIFIER
    if options.hash:
        print_lines([page_hash(shipped_page(name))])
        return YES
    words = choose(options.language)
    policy = None if options.trust is None else _policy(options.trust)
    if options.check is not None:
        return _check(options.check, name, policy, words)
    if policy is None and name == VERIFIER:
        raise Unusable(Sentence("usage.page_needs_policy"))
    print_lines(_write(options.output, name, policy, words))
    return YES


def _policy(path: str) -> bytes:
    """A policy's bytes, once they can be read as one."""
    from verifier.log.trust import MAX_POLICY_SIZE, parse_policy

    data = read_file(path, MAX_POLICY_SIZE)
    try:
        parse_policy(data)
    except Malformed as error:
        raise Unusable(Sentence("usage.not_a_policy", path=path, why=str(error))) from None
    return data


def _write(path: str, name: str, policy: bytes | None, words: Catalogue) -> Iterable[str]:
    """All of the page or nothing of it is there: a page that was cut short might still open."""
    from verifier.programs.page.built import fingerprint, page_hash, shipped_page, with_policy

    page = shipped_page(name) if policy is None else with_policy(policy, name)
    beside = Path(f"{path}.part")
    try:
        beside.write_bytes(page)
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise unwritable(path, error) from None
    yield words.say("verifier_page.written", path=path, size=len(page) // 1024)
    if policy is not None:
        yield words.say("verifier_page.fingerprint", fingerprint=fingerprint(policy))
    yield words.say("verifier_page.hash", hash=page_hash(shipped_page(name)))


def _check(place: str, name: str, policy: bytes | None, words: Catalogue) -> int:
    from verifier.programs.page.built import fingerprint, page_hash, shipped_page, split_page

    try:
        found = split_page(_fetch(place))
    except Malformed as error:
        raise Unusable(Sentence("usage.cannot_read", path=place, why=str(error))) from None
    own, theirs = page_hash(shipped_page(name)), page_hash(found.bare)
    if own != theirs:
        print_lines([words.say("verifier_page.other", hash=theirs), words.say("verifier_page.own", hash=own)])
        return NO
    lines = [words.say("verifier_page.same", hash=own)]
    if found.policy is None:
        lines.append(words.say("verifier_page.without_policy"))
    else:
        lines.append(words.say("verifier_page.fingerprint", fingerprint=fingerprint(found.policy)))
    is_same = policy is None or found.policy == policy
    if policy is not None and not is_same:
        lines.append(words.say("verifier_page.policy_other", fingerprint=fingerprint(policy)))
    elif policy is not None:
        lines.append(words.say("verifier_page.policy_same"))
    print_lines(lines)
    return YES if is_same else NO


def _fetch(place: str) -> bytes:
    """A page from an address or a file."""
    from verifier.programs.page.built import MAX_PAGE

    if "://" not in place:
        page = read_file(place, MAX_PAGE)
        if len(page) > MAX_PAGE:
            raise Malformed(f"it has more than {MAX_PAGE} bytes")
        return page

    from verifier.programs.http import HttpError, ask_once, deadline_for

    try:
        answer = ask_once("GET", place, AGENT, limit=MAX_PAGE, timeout=deadline_for(MAX_PAGE))
    except HttpError as error:
        raise Malformed(str(error)) from None
    if answer.status != 200:
        raise Malformed(f"the server answers {answer.status}")
    return answer.body
