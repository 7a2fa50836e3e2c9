"""``registry submit`` and ``registry evidence``: the two commands that need a network."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.client import MAX_ANSWER, Client, Refusal
from registry.commands.answers import dry_run_lines, refusal_text, sentence_of
from registry.commands.common import (
    Failure,
    Refused,
    Unable,
    answer,
    json_option,
    language_option,
    read_bounded,
    shown,
    write_whole,
)
from registry.commands.connecting import (
    AtRegistry,
    AtRegistryOrFolder,
    Trust,
    connect,
    key_option,
    trust_itself,
    trust_of,
)
from registry.commands.given import given
from registry.commands.naming import as_id, with_ids
from registry.commands.new_key import new_key_lines
from registry.commands.signed_files import MAX_FILE
from registry.drafting.adapters.spelling import read_spelled, spelled_anew, split_lines, without_mark
from registry.drafting.drafts.reading import complete, parse_draft
from registry.intake.checks import read_submission
from registry.intake.submission import Submission, parse_submission
from registry.problems import Problem
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.printable import printable
from verifier.base.strict import format_instant, is_hex64
from verifier.evidence.file import Invalid, parse_evidence
from verifier.evidence.others import others_in, others_lines
from verifier.evidence.question_json import format_question
from verifier.evidence.verify import Opened, open_evidence
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.trust import Policy
from verifier.programs.files import digest_input
from verifier.programs.language import choose, tell
from verifier.rules.model.question import ANSWERS, Ask, Kind, Question
from verifier.statements.types import SECTION_NAMES
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from registry.evidence_offline import Made

UNAVAILABLE = 503
Item = tuple[str, Submission | Refusal]
"""What is sent, and its name for messages; a line that cannot be sent has its refusal already."""


@click.command(cls=AtRegistry)
@click.argument("url", metavar="[URL]")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help='"May I?": ask what would become of it, and append nothing.')
@click.option("--anyway", is_flag=True, help="Log it even if it is not authorised: evidence that nobody should lose.")
@click.option("--trust", type=click.Path(path_type=Path, dir_okay=False), help="Check log proofs by this trust policy.")
@click.option("--proofs", type=click.Path(path_type=Path, file_okay=False), help="Keep each log proof in this folder.")
@key_option
@language_option
@json_option
def submit(
    url: str,
    files: tuple[Path, ...],
    dry_run: bool,
    anyway: bool,
    trust: Path | None,
    proofs: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Send signed FILEs to the registry at URL (else the login's), many at once if need be.

    A FILE is what `registry sign` wrote, or NAME.ndjson with one such statement a line, or laid out over several as
    other programs write JSON: what is signed is not touched by that. For --dry-run it may also be a
    draft, and signatures may be missing. Without --anyway the registry is asked to refuse a use that would not be
    authorised and a consent that would not be in force. Submitting twice is harmless. A line that cannot be read does
    not stop the others.

    A dry run says for each rule that does not pass what to do about it, whose exclusivity is in the way, and what a use
    would cost. Whatever it answers, that the statement is logged already too, it is done and exits with 0; with 1 only
    where it does not answer: to a stranger, or because a statement cannot be read.

    With --json the answer is one line for each statement: the registry's result or problem, with "file", and with
    "policy": by whose trust policy log proofs were checked (own; or registry, which is its own word).
    """
    words = choose(language)
    items = [item for file in files for item in _read(file, dry_run)]
    if proofs is not None:
        proofs.mkdir(parents=True, exist_ok=True)
    refused: list[Refusal] = []
    believed = trust_of(url, trust)
    with connect(url, policy=believed.policy) as client:
        sent = (one for _, one in items if isinstance(one, Submission))
        results = client.submit(sent, require=not (anyway or dry_run), dry_run=dry_run)
        shown = len(items) > 1 and sys.stderr.isatty()
        label = words.say("submit.label")
        with click.progressbar(length=len(items), label=label, file=sys.stderr, hidden=not shown) as bar:
            for name, one in items:
                result = one if isinstance(one, Refusal) else next(results)
                bar.update(1)
                if isinstance(result, Refusal) and not (dry_run and result.kind == "logged_already"):
                    refused.append(result)
                _show(name, result, dry_run, believed, as_json, words)
                if proofs is not None and not isinstance(result, Refusal) and not dry_run:
                    proof = str(result["proof"]).encode("utf-8")
                    write_whole(proofs / f"{result['id']}.tlog-proof", proof, replace=True)
        if len(refused) < len(items) and not dry_run:
            _tell_clock(client, words)
    if len(items) > 1 and not as_json:
        done = "submit.done_answered" if dry_run else "submit.done_logged"
        good = len(items) - len(refused)
        click.echo(words.say(done, good=good, total=len(items), refused=len(refused)))
    if not anyway and _gave_no_reasons(refused):
        click.echo(words.say("submit.no_reasons"), err=True)
    if believed.policy is None and not dry_run and len(refused) < len(items):
        click.echo(words.say("submit.unchecked"), err=True)
    if any(one.problem.get("status") == UNAVAILABLE for one in refused):  # not a no: it could not be done, as yet
        raise click.exceptions.Exit(Unable.exit_code)
    if refused:
        raise click.exceptions.Exit(Refused.exit_code)


def _tell_clock(client: Client, words: Catalogue) -> None:
    """What was logged is dated by the registry's clock: say so if that is ahead of this one."""
    with suppress(KembarError):  # it is logged, whatever this reads
        ahead = client.sealed_at() - int(time.time())
        if ahead > 0:
            click.echo(words.say("submit.clock_ahead", seconds=ahead), err=True)


def _gave_no_reasons(results: list[Refusal]) -> bool:
    """A registry that gives no reasons gives no "only if" either."""
    return any(one.kind == "refused" and "rules" not in one.problem for one in results)


@click.command(cls=AtRegistryOrFolder)
@click.argument("url", metavar="[URL|DIR]")
@click.argument("kind", metavar="KIND", type=click.Choice(["usage", "party", "asset", "consent"]))
@click.argument("id")
@click.option("-o", "--output", metavar="FILE|FOLDER/", required=True, type=click.Path(),
              help="Write here; into a folder a party's record book, one file a consent.")  # fmt: skip
@click.option(
    "--ask", type=click.Choice(["authorised", "complete", "in_force", "paid"]),
    help="What one answer alone takes; of a usage a small file, however many others there are.",
)  # fmt: skip
@click.option("--consent", metavar="ID", help="Of a party's record book what is under this consent.")
@click.option("--sections", help=f"Disclose no more than these, with commas: {','.join(SECTION_NAMES)}.")
@click.option("--for", "reader", metavar="PARTY",
              help="For the registry's operator: out of DIR, the file that this party gets.")  # fmt: skip
@click.option("--trust", type=click.Path(path_type=Path, dir_okay=False), help="Look at it by this trust policy.")
@click.option("--replace", is_flag=True, help="Overwrite the file if it is there.")
@key_option
@language_option
@json_option
def evidence(
    url: str,
    kind: Kind,
    id: str,
    output: str,
    ask: Ask | None,
    consent: str | None,
    sections: str | None,
    reader: str | None,
    trust: Path | None,
    replace: bool,
    language: str | None,
    as_json: bool,
) -> None:
    """Fetch the evidence file for one question from the registry at URL.

    \b
    KIND is one of
      usage    was this use authorised, and is it paid?
      consent  is it in force?
      party    is this everything that names it?
      asset    who registered this exact file? (ID is its SHA-256, or the file itself)

    The file needs no network to be checked: verifier check FILE --trust POLICY.

    A party's record book that is too large for one file is made as a folder, with -o FOLDER/: its whole list by
    headers, and a file for each consent. verifier check FOLDER says whether together they are complete.

    It is looked at before anything is written: what the registry's own policy (or yours, --trust) calls invalid is held
    back, with exit code 3 and what to wait for. Where a file is replaced, the old one stays until the new one is good.

    With --for the registry's operator makes the file out of its folder DIR, while it is served or not: it is, byte for
    byte, what PARTY gets over HTTP with its own key, and that PARTY read those sections is kept as it is there.
    """
    names = None if sections is None else [name.strip() for name in sections.split(",") if name.strip()]
    for name in names or ():
        if name not in SECTION_NAMES:
            raise Failure(f"--sections: {name!r} is none of {', '.join(SECTION_NAMES)}")
    if kind == "asset" and not is_hex64(id):
        id = digest_of(Path(id))
    elif kind != "asset":
        id = as_id(id)
    if ask is not None and ask not in ANSWERS.get(kind, ()):
        allowed = " or ".join(ANSWERS.get(kind, ())) or "nothing: there is one answer"
        raise Failure(f"--ask: of a {kind} what can be asked for is {allowed}.")
    if consent is not None and kind != "party":
        raise Failure(Sentence("evidence.parts_of"))
    question = Question(kind=kind, id=id, ask=ask, consent=None if consent is None else as_id(consent))
    words = choose(language)
    is_folder = output.endswith(os.sep) or os.path.isdir(output)
    if is_folder and question != Question(kind="party", id=id):
        raise Failure(Sentence("evidence.folder_of", file=output))
    with ExitStack() as stack:
        client = None if reader is not None else stack.enter_context(connect(url))
        believed = trust_of(url, trust)

        def fetch(question: Question, file: Path) -> tuple[Opened, dict[str, Json], str]:
            nonlocal believed
            if file.exists() and not replace:
                raise Failure(f"{file} exists already: choose another name, or add --replace.")
            if client is not None:
                data = client.evidence(question, names)
                if believed.policy is None:
                    believed = trust_itself(client)
                size_now = parse_checkpoint(parse_note(client.get("/checkpoint/newest").body).text).size
            else:
                made = _for_reader(url, question, reader or "", names)
                data, size_now = made.data, made.size_now
                if believed.policy is None:
                    believed = Trust(policy=made.policy, given_by="registry")
            assert believed.policy is not None
            opened = good(data, question, believed.policy, size_now, words)
            write_whole(file, data, replace=replace)
            for line in new_key_lines(opened, believed.policy, str(file), words):
                click.echo(shown(line), err=True)
            told = _told(file, data, opened, size_now, believed, None if reader is None else as_id(reader), words)
            return opened, *told

        if is_folder:
            from registry.commands.book_folder import fetch_book

            fetch_book(fetch, id, Path(output), words, as_json=as_json)
        else:
            _, value, said = fetch(question, Path(output))
            answer(value, said, as_json=as_json)


def _told(
    file: Path, data: bytes, opened: Opened, size_now: int, believed: Trust, owner: str | None, words: Catalogue
) -> tuple[dict[str, Json], str]:
    """What is told of a file that was written, to scripts and to people."""
    as_of, others = opened.as_of, others_in(parse_evidence(data), owner)
    value: dict[str, Json] = {
        "as_of": {"at": format_instant(as_of.at), "basis": as_of.basis, "size": as_of.size},
        "bytes": len(data),
        "file": str(file),
        "log_size": size_now,
        "others": {} if others is None else {name: len(whose) for name, whose in others.sections.items()},
        "policy": believed.given_by,
        "question": format_question(opened.question),
    }
    stands = words.say(f"evidence_at.{as_of.basis}", size=as_of.size, at=words.moment(as_of.at), now=size_now)
    said = words.say("submit.evidence", file=str(file), size=len(data))
    told = () if others is None else others_lines(others, words)
    return value, "\n".join([said, stands, *told])


def _for_reader(folder: str, question: Question, reader: str, names: list[str] | None) -> Made:
    """The file that a party gets, out of the registry's own folder."""
    from registry.evidence_offline import evidence_for

    party = as_id(reader)
    if not is_hex64(party):
        raise Failure(Sentence("evidence.for_whom", text=repr(reader[:80])))
    if "://" in folder:
        raise Failure(Sentence("evidence.for_folder", text=folder[:200]))
    found = evidence_for(Path(folder), question, party, frozenset(SECTION_NAMES if names is None else names))
    if isinstance(found, Problem):
        raise Refusal(found.to_json())
    return found


def good(
    data: bytes, question: Question, policy: Policy, size_now: int, words: Catalogue, files: Sequence[str] = ()
) -> Opened:
    """The file, if this policy takes it and it answers this; else it is not there yet, or is none: nothing is written.

    ``files`` are digests that are held against it.
    """
    try:
        opened = open_evidence(data, policy, instant=int(time.time()), files=files, by_clock=True)
    except Invalid as error:
        if error.step == 1:
            raise Unable(words.say("evidence.none", message=printable(error.message))) from None
        if error.code == "quorum_missing":
            raise Unable(words.say("evidence.waits", message=printable(error.message), now=size_now)) from None
        raise Unable(words.say("evidence.held", step=error.step, message=printable(error.message))) from None
    if opened.question != question:
        raise Unable(words.say("evidence.another", said=opened.question.kind))
    return opened


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, which is the id of an asset; the file itself goes nowhere."""
    try:
        return digest_input(str(file))
    except OSError as error:
        raise Failure(f"{file}: is neither a SHA-256 nor a file that can be read ({error.strerror}).") from None


def _read(file: Path, dry_run: bool) -> Iterator[Item]:
    """The submissions in one file, each with a name for messages."""
    if file.suffix == ".ndjson":
        for number, line in split_lines(read_bounded(file, MAX_ANSWER)):
            yield f"{file}:{number}", _line(line)
        return
    data = without_mark(read_bounded(file, MAX_FILE))
    if (what := given(data)) is not None:
        raise Failure(f"{file}: is {what}.")
    if data[:1] == b"{":
        try:
            yield str(file), read_spelled(data)
        except KembarError as error:
            raise Failure(f"{file}: not a file that `registry sign` wrote: {error}") from None
    elif dry_run:
        try:
            text = data.decode("utf-8")
            yield str(file), complete(with_ids(parse_draft(text)), text, int(time.time()))
        except (KembarError, UnicodeDecodeError) as error:
            raise Failure(f"{file}: {error}") from None
    else:
        raise Failure(f"{file}: is a draft that nobody signed yet: registry sign {file} --key YOUR.key")


def _line(data: bytes) -> Submission | Refusal:
    """One of many: what is wrong with it is said as the registry would, and not sent."""
    found = read_submission(data)
    if isinstance(found, Problem) and (anew := spelled_anew(data)) != data:
        data, found = anew, read_submission(anew)
    return Refusal(found.to_json()) if isinstance(found, Problem) else parse_submission(data)


def _show(
    name: str, result: Json | Refusal, dry_run: bool, believed: Trust, as_json: bool, words: Catalogue
) -> None:
    if as_json:
        value = dict(result.problem) if isinstance(result, Refusal) else result
        by = {} if believed.given_by is None else {"policy": believed.given_by}
        click.echo(canonical.encode({**value, "file": name, **by}).decode("utf-8"))
        return
    if isinstance(result, Refusal):
        where = words.say("explain.where", where=result.where) if result.where else ""
        click.echo(shown(words.say("submit.refused", name=name, where=where, message=refusal_text(result, words))))
        if result.kind == "not_allowed":  # what else is refused says so in its own sentence
            _rules(result.problem.get("rules"), words)
        return
    if dry_run:
        click.echo(shown("\n".join(dry_run_lines(name, result, words))))
        return
    verdict = result.get("verdict") or {}
    said = verdict.get("authorised") or verdict.get("answer")
    index, id = str(result["index"]), str(result["id"])
    if said:
        click.echo(shown(words.say("submit.logged_and", name=name, index=index, id=id, answer=str(said))))
    else:
        click.echo(shown(words.say("submit.logged", name=name, index=index, id=id)))
    if "erasure" in result:
        why = tell(str(result["erasure"].get("reason", "")), words)
        click.echo(shown("  " + (words.say("erasure.pending", why=why) if why else words.say("erasure.done"))))


def _rules(rules: Json, words: Catalogue) -> None:
    """The rules that did not pass, each with its sentence."""
    for row in rules or ():
        if row.get("result") in ("FAIL", "UNKNOWN"):
            code = str(row.get("code"))
            text = words.say(
                "submit.row",
                rule=str(row.get("rule")),
                result=words.code("result", str(row.get("result"))),
                code=code,
                sentence=sentence_of(code, words),
            )
            click.echo(shown(f"  {text}"))
