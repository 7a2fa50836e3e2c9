"""``verifier statement``: a statement of account from an evidence file, for people, spreadsheets or programs."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from verifier.programs import section_folder
from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    NOT_YET_DUE,
    YES,
    Unusable,
    hours,
    in_words,
    pdf_text,
    print_bytes,
    print_json,
    print_lines,
    print_paragraphs,
    read_file,
    read_instant,
    read_policy,
)
from verifier.programs.language import add_option, choose
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.evidence.file import Evidence
    from verifier.rules.money.statement import AccountStatement
    from verifier.words.catalogue import Catalogue

HELP = """\
What every use and every consent owes and to whom, what came in and on whose word, what is late and how old, what comes
on later dates; and what it all adds up to. Anybody who has the same evidence gets the same figures, to the last minor
unit: due + overpaid = received + outstanding.

RECORD is evidence about a party (its whole record book), a consent or one use. The file is checked as 'verifier check'
does.
"""

END = """\
The grade of evidence: 4 the payee's own receipt, 3 the attestation of a provider that the consent lists. The payer's
own word shows nothing, and is not in it.

exit status:
  0   everything in it is paid
  1   something is not paid
  2   the command was called wrongly, or a file of yours cannot be read
  3   nothing is known to be unpaid, but something cannot be told
  4   the evidence is invalid: forged, broken or not what it says
  5   what has fallen due is paid, more falls due later
  70  a fault in this program
"""

COLUMNS = (
    "of", "usage", "consent", "arose_at", "payee", "leg", "currency", "answer", "due", "received", "outstanding",
    "overpaid", "due_at", "days_late", "evidence",
)  # fmt: skip


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``statement`` to the verifier's commands."""
    command = commands.add_parser(
        "statement",
        help="draw up a statement of account from an evidence file",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("evidence", metavar="RECORD", help="the evidence file; - reads standard input")
    command.add_argument("--trust", metavar="POLICY", required=True, help="whom you trust: a C2SP tlog-policy file")
    command.add_argument("--sections", metavar="FOLDER", help=section_folder.HELP)
    command.add_argument("--payee", metavar="ID", help="only what goes to this party")
    command.add_argument("--from", dest="start", metavar="INSTANT", help="only uses declared at or after this instant")
    command.add_argument("--to", dest="end", metavar="INSTANT", help="only uses declared before this instant")
    command.add_argument("--at", metavar="INSTANT", help="what is late at this instant (default: now)")
    command.add_argument(
        "--max-age", metavar="HOURS", type=hours, default=24, help="how old the checkpoint may be (default: 24)"
    )
    command.add_argument("--require", choices=["audited"], help="tell only if a trusted auditor confirmed the index")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print the lines as CSV, amounts in minor units")
    form.add_argument("--json", action="store_true", help="print canonical JSON, amounts in minor units")
    add_option(command)
    command.set_defaults(run=run)
    return command


def run(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit status."""
    from verifier.base.strict import is_hex64
    from verifier.evidence.accounts import NoAccount, account_of
    from verifier.evidence.file import MAX_EVIDENCE, Invalid, parse_evidence
    from verifier.evidence.pdf import is_pdf
    from verifier.evidence.verify import open_evidence
    from verifier.rules.money.statement import statement_json

    words = choose(options.language)
    if options.payee is not None and not is_hex64(options.payee):
        raise Unusable(Sentence("usage.payee", id=options.payee))
    data = read_file(options.evidence, MAX_EVIDENCE)
    policy = read_policy(options.trust)
    instant = int(time.time()) if options.at is None else read_instant("--at", options.at)
    held = section_folder.held_in(options.sections)
    in_pdf = is_pdf(data)
    try:
        evidence = parse_evidence(data)
        del data  # what is read is not kept beside what it says
        opened = open_evidence(
            evidence,
            policy,
            instant=instant,
            max_age=options.max_age * 3600,
            require_audited=options.require == "audited",
            by_clock=options.at is None,
            held=held,
        )
        is_named = options.payee is None or _is_named(evidence, options.payee)
        del evidence
    except Invalid as invalid:
        from verifier.evidence.explain import explain
        from verifier.evidence.verdict_json import verdict_json

        if options.json:
            print_json(verdict_json(invalid))
        else:
            print_paragraphs(explain(in_words(invalid, words), words))
        return INVALID
    try:
        statement = account_of(
            opened,
            payee=options.payee,
            start=None if options.start is None else read_instant("--from", options.start),
            end=None if options.end is None else read_instant("--to", options.end),
        )
    except NoAccount as error:
        raise Unusable(error.sentence) from None
    if not is_named and not statement.lines and not statement.untold:
        # A mistyped id must not look as if everything were paid.
        raise Unusable(f"--payee {options.payee}: no entry of this evidence is about that party")
    if options.json:
        print_json(statement_json(statement))
    elif options.csv:
        print_bytes(_csv(statement, words).encode("utf-8"))
    else:
        from verifier.evidence.explain_statement import explain_statement

        print_paragraphs(explain_statement(statement, opened, words, options.payee))
        print_lines(pdf_text(in_pdf, words))
    return exit_status(statement)


def _is_named(evidence: Evidence, id: str) -> bool:
    """Whether an entry is about a party."""
    from verifier.statements.subjects import subjects

    statements = (entry.statement for entry in evidence.entries)
    return any(one.id == id or f"party:{id}" in subjects(one) for one in statements)


def exit_status(statement: AccountStatement) -> int:
    """1 if anything is not paid, else 3 if anything cannot be told, else 5 if anything is not due yet, else 0."""
    answers = statement.answers
    if "NOT_PAID" in answers:
        return NO
    if "CANNOT_TELL" in answers:
        return CANNOT_TELL
    return NOT_YET_DUE if "NOT_YET_DUE" in answers else YES


# ---- for spreadsheets


def _csv(statement: AccountStatement, words: Catalogue) -> str:
    """One row a line; what shows the money as ``kind grade amount entries``, apart by semicolons."""
    from verifier.programs.csv_lines import csv_line
    from verifier.rules.money.statement import line_json

    rows: list[list[object]] = [[words.say(f"column.{name}") for name in COLUMNS]]
    for line in statement.lines:
        members = line_json(line)
        members["evidence"] = "; ".join(
            f"{one.kind} {one.grade} {one.amount} {'+'.join(map(str, one.entries))}".rstrip() for one in line.evidence
        )
        rows.append([members[name] for name in COLUMNS])
    return "".join(map(csv_line, rows))
