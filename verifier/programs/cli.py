"""The command line: check, inspect or export from an evidence file. It reads files and the clock, and no network.

``audit``, ``lookup``, ``watch``, ``witness`` and ``page --check`` are the exceptions: what they ask may be elsewhere.

This is the kernel's shell: whatever it is told, it hands to the rest as bytes and numbers, and prints what comes back.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from verifier.base.errors import KembarError, Malformed
from verifier.evidence.file import MAX_EVIDENCE, Evidence, Invalid, parse_evidence
from verifier.programs import compare as misbehaviour_command
from verifier.programs import log_key, section_folder
from verifier.programs.audit.command import add_command
from verifier.programs.check import batch_command, statement_command
from verifier.programs.console import (
    INVALID,
    USAGE_ERROR,
    YES,
    Unusable,
    complain,
    digest_file,
    hours,
    in_words,
    indent,
    index,
    pdf_text,
    print_bytes,
    print_json,
    print_lines,
    print_paragraphs,
    read_file,
    read_instant,
    read_policy,
    unwritable,
)
from verifier.programs.entry import conclude
from verifier.programs.language import add_option, choose, speak
from verifier.programs.lookup_command import add_command as lookup
from verifier.programs.page.command import add_command as page
from verifier.programs.parser_words import speak_for
from verifier.programs.watch.command import add_command as watch
from verifier.programs.witness.command import add_command as witness
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from verifier.evidence.verify import Opened

CHECK_HELP = """\
Checks an evidence file and answers its question, without a network. What is trusted is only what the policy names.
Of a PDF the evidence in it is checked, and not what its pages say.
Checks a *.misbehaviour.json too: does it prove that the log lied?

The question is in the file:
  a use         is it authorised, and was everyone paid for it? (--ask leaves one of the two out)
  a consent     is it in force, and was everyone paid what it owes itself?
  a file        does any statement name it?
  a party       what is there about it? Its answer is yes if the file is complete and the answers about every use in
                it, and what every consent in it owes itself, are yes.
"""

CHECK_END = """\
exit status:
  0   every answer that was asked for is yes
  1   some answer is no; of a misbehaviour file: it is proven that the log lied
  2   the command was called wrongly, or a file of yours cannot be read
  3   no answer is no, but some cannot be told; a misbehaviour file is about a log that the policy does not name
  4   the file is invalid: forged, broken or not what it says
  5   what has fallen due is paid, more falls due later
  70  a fault in this program
"""


ASKS = {"consent": ("in_force", "paid"), "usage": ("authorised", "paid"), "party": ("authorised", "paid")}
"""Which answers there are to choose from, by what the evidence is about."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    return conclude("verifier", lambda: _run(arguments), extra="witness")


def _run(arguments: Sequence[str] | None) -> int:
    speak_for(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    speak(options.language)
    try:
        status: int = options.run(options)
        return status
    except Unusable as error:
        return complain(error.say(choose(options.language)), USAGE_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verifier",
        description="Checks evidence of rights to digital twins, and whole registries. "
        "Only audit, lookup, watch, witness and page --check use a network.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        help="check an evidence file and answer its question",
        description=CHECK_HELP + batch_command.HELP,
        epilog=CHECK_END + batch_command.END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument(
        "evidence", metavar="EVIDENCE", nargs="*", help="the evidence file (- is standard input), or many, or folders"
    )
    check.add_argument(
        "--trust", metavar="POLICY", required=True, help="whom you trust: a C2SP tlog-policy file"
    )
    check.add_argument(
        "--asset", metavar="FILE", action="append", default=[],
        help="a file to compare, or sha256:DIGEST, or - for standard input; may be given several times",
    )
    check.add_argument("--sections", metavar="FOLDER", help=section_folder.HELP)
    check.add_argument("--at", metavar="INSTANT", help="answer for this instant, like 2026-11-23T18:05:15Z")
    check.add_argument(
        "--max-age", metavar="HOURS", type=hours, default=24, help="how old the checkpoint may be (default: 24)"
    )
    check.add_argument("--require", choices=["audited"], help="answer only if a trusted auditor confirmed the index")
    check.add_argument(
        "--ask", choices=["authorised", "in_force", "paid"],
        help="which answer about a use or a consent sets the exit status (default: both)",
    )
    check.add_argument("--json", action="store_true", help="print the verdict as canonical JSON, of many one a line")
    check.add_argument(
        "--follow-keys", action="store_true",
        help=log_key.HELP,
    )
    batch_command.add_options(check)
    check.set_defaults(run=_check)

    inspect = commands.add_parser(
        "inspect", help="show what an evidence file holds, without checking it", description="Shows, checks nothing."
    )
    inspect.add_argument("evidence", metavar="EVIDENCE", help="the evidence file; - reads standard input")
    inspect.set_defaults(run=_inspect)

    export = commands.add_parser(
        "export",
        help="take one entry's proof out of an evidence file",
        description="Writes the proof that one entry is in the log as a c2sp.org/tlog-proof@v1 file.",
    )
    export.add_argument("evidence", metavar="EVIDENCE", help="the evidence file; - reads standard input")
    export.add_argument("--tlog-proof", metavar="INDEX", type=index, required=True, help="the entry's index")
    export.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: standard output)")
    export.set_defaults(run=_export)

    add_option(check)
    add_option(inspect)
    add_option(export)
    compare = misbehaviour_command.add_command(commands)
    audits = (add_command(commands), watch(commands), witness(commands), lookup(commands), page(commands))
    added = (statement_command.add_command(commands), compare, *audits)
    for command in (check, inspect, export, *added):
        command.add_argument("--debug", action="store_true", help="show where in the program a fault of its own arose")
    return parser


# ---- check


def _check(options: argparse.Namespace) -> int:
    from verifier.evidence.conclude import conclude
    from verifier.evidence.following import new_log_key
    from verifier.evidence.pdf import is_pdf
    from verifier.evidence.verdict import Outcome
    from verifier.evidence.verdict_json import verdict_json
    from verifier.evidence.verify import open_evidence
    from verifier.rules.model.question import narrowed

    if batch_command.is_batch(options):
        return batch_command.run(options)
    data = read_file(options.evidence[0], MAX_EVIDENCE)
    policy = read_policy(options.trust)
    if not data.startswith(b'{"checkpoint":'):  # as all evidence begins
        from verifier.misbehaviour.file import is_misbehaviour

        if is_misbehaviour(data):
            from verifier.misbehaviour.check import read

            claim = read(data)
            del data  # what is read is not kept beside what it says
            return misbehaviour_command.check(claim, policy, options)
    compared = _compared(options)
    instant = int(time.time()) if options.at is None else read_instant("--at", options.at)
    held = section_folder.held_in(options.sections)
    words = choose(options.language)
    in_pdf = is_pdf(data)
    outcome: Outcome
    try:
        evidence = parse_evidence(data)
        del data  # what is read is not kept beside what it says
        opened = open_evidence(
            evidence,
            policy,
            instant=instant,
            max_age=options.max_age * 3600,
            files=[digest for _, digest in compared],
            require_audited=options.require == "audited",
            by_clock=options.at is None,
            held=held,
        )
        del evidence
    except Invalid as invalid:
        outcome, new_key, differing = invalid, None, []
    else:
        kind = opened.question.kind
        if options.asset and kind not in ("usage", "asset"):
            raise Unusable(Sentence("usage.asset_of", kind=Sentence(f"question.{kind}")))
        if options.ask and options.ask not in ASKS.get(kind, ()):
            raise Unusable(Sentence("usage.ask_of", kind=Sentence(f"question.{kind}")))
        outcome = opened.ask(narrowed(opened.question, options.ask))
        new_key = new_log_key(opened, policy)
        differing = list(_differing(opened, compared, words)) if kind == "usage" else []
        del opened
    if options.json:
        print_json(verdict_json(outcome))
    else:
        from verifier.evidence.explain import explain

        print_paragraphs(explain(in_words(outcome, words), words))
        print_lines(differing)
        print_lines(pdf_text(in_pdf, words))
    if isinstance(outcome, Invalid):
        return INVALID
    if new_key is not None:
        log_key.say(new_key, options)
    return batch_command.STATUS[conclude(outcome, options.ask)]


def _compared(options: argparse.Namespace) -> list[tuple[str, str]]:
    """What is held against the evidence, each with its SHA-256."""
    from verifier.base.strict import is_hex64

    if "-" in options.asset and (options.asset.count("-") > 1 or "-" in options.evidence):
        raise Unusable("standard input (-) can be read only once")
    found = []
    for given in options.asset:
        digest = given.removeprefix("sha256:")
        if digest != given and not is_hex64(digest):
            raise Unusable(f"--asset {given}: a digest is sha256: and 64 lower-case hex digits")
        found.append((given, digest if digest != given else digest_file(given)))
    return found


def _differing(opened: Opened, compared: Iterable[tuple[str, str]], words: Catalogue) -> Iterable[str]:
    """Of each file that the use does not name: its digest, and those that the use names."""
    from verifier.rules.model.record import holds
    from verifier.statements.types import Usage

    entries = [opened.record.entry(index) for index in opened.record.find(opened.question.id)]
    named = sorted({digest for one in entries if holds(one, Usage) for digest in one.statement.assets})
    for given, digest in compared:
        if digest not in named:
            yield words.say("check.file_differs", file=given, digest=digest)
            yield from indent(words.say("check.use_names", digest=one) for one in named)


# ---- inspect


def _inspect(options: argparse.Namespace) -> int:
    evidence = _evidence(options.evidence)
    if isinstance(evidence, Invalid):
        return complain(f"invalid evidence, step {evidence.step} ({evidence.code}): {evidence}", INVALID)
    print_lines(_inventory(evidence, choose(options.language)))
    return YES


def _inventory(evidence: Evidence, words: Catalogue) -> Iterable[str]:
    from verifier.base.strict import format_instant
    from verifier.evidence.others import others_in, others_lines
    from verifier.statements.disclosure import parse_disclosure

    yield words.say("inspect.unchecked")
    yield ""
    kind = words.say(f"question.{evidence.question.kind}")
    yield words.say("inspect.question", kind=kind, id=evidence.question.id)
    yield ""
    yield words.say("inspect.checkpoint")
    yield from indent(line for line in evidence.checkpoint.split("\n") if line)
    yield ""
    yield words.say("inspect.entries", count=len(evidence.entries))
    for entry in evidence.entries:
        statement = entry.statement
        yield f"  {entry.index:>8}  {format_instant(statement.at)}  {statement.type:<12} {statement.id}"
        if statement.sections:
            opened = []
            for text in entry.disclosures:
                try:
                    opened.append(parse_disclosure(text).name)
                except Malformed:
                    opened.append(words.say("inspect.unreadable"))
            hidden = sorted(set(statement.sections) - set(opened))
            none = words.say("inspect.no_section")
            said = words.say("inspect.sections", opened=", ".join(opened) or none, hidden=", ".join(hidden) or none)
            yield f"            {said}"
    others = others_in(evidence)
    if others is not None and others.sections:
        yield ""
        yield from others_lines(others, words)
    yield ""
    yield words.say("inspect.lists", count=len(evidence.subjects))
    for shown in evidence.subjects:
        rows = [str(index) for index, _ in shown.rows]
        said = ", ".join(rows) if len(rows) <= 12 else words.listed(rows, 12)
        yield f"  {shown.subject}: {said or words.say('inspect.empty')}"


# ---- export


def _export(options: argparse.Namespace) -> int:
    from verifier.log.checkpoint import parse_checkpoint
    from verifier.log.hashing import leaf_hash
    from verifier.log.log_proof import LogProof, format_log_proof
    from verifier.log.note import parse_note
    from verifier.log.proofs import check_inclusion

    evidence = _evidence(options.evidence)
    if isinstance(evidence, Invalid):
        return complain(f"invalid evidence, step {evidence.step} ({evidence.code}): {evidence}", INVALID)
    entry = next((one for one in evidence.entries if one.index == options.tlog_proof), None)
    if entry is None:
        there = ", ".join(str(one.index) for one in evidence.entries)
        raise Unusable(Sentence("usage.no_such_entry", index=str(options.tlog_proof), there=there))
    try:
        checkpoint = parse_checkpoint(parse_note(evidence.checkpoint).text)
        check_inclusion(leaf_hash(entry.envelope.leaf), entry.index, checkpoint.size, entry.proof, checkpoint.root)
    except KembarError as error:
        return complain(f"invalid evidence: {error}", INVALID)
    proof = LogProof(index=entry.index, proof=entry.proof, checkpoint=evidence.checkpoint)
    text = format_log_proof(proof)
    if options.output is None:
        print_bytes(text.encode("utf-8"))
    else:
        try:
            with open(options.output, "wb") as file:
                file.write(text.encode("utf-8"))
        except OSError as error:
            raise unwritable(options.output, error) from None
    return YES


# ---- reading and printing


def _evidence(path: str) -> Evidence | Invalid:
    try:
        return parse_evidence(read_file(path, MAX_EVIDENCE))
    except Invalid as invalid:
        return invalid
