"""``registry clear``: may this photo be shown? Who registered it, under which consent, and was everybody paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from registry.client import Client
from registry.commands.common import Failure, answer, json_option, language_option, write_whole
from registry.commands.connecting import AtRegistry, connect, key_option, trust_itself, trust_of
from registry.commands.naming import as_id, name_for
from registry.commands.remote import digest_of, good
from verifier.base.canonical import Json
from verifier.evidence.conclude import conclude
from verifier.evidence.explain import explain, explain_code, short
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import verdict_json
from verifier.evidence.verify import Opened
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.trust import Policy
from verifier.programs.language import choose
from verifier.rules.model.question import Question
from verifier.rules.model.results import Result
from verifier.statements.types import Usage
from verifier.words.catalogue import Catalogue

MOST = 100
"""Uses of one file that are looked at; of more, one is to be named."""
STATUS = {"yes": 0, "no": 1, "cannot_tell": 3, "not_yet_due": 5}
"""As `verifier check` ends."""
_WORST = ("no", "cannot_tell", "not_yet_due", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """One use of the photo: its verdict, its statement, and the file that proves it."""

    usage: Usage
    verdict: Verdict
    evidence: bytes
    file: Path

    @property
    def conclusion(self) -> str:
        return conclude(self.verdict)


@click.command("clear", cls=AtRegistry)
@click.argument("url", metavar="[URL]")
@click.argument("photo", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--use", help="Of several uses of the photo, this one alone: its id, or its name.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=".",
              help="The folder for the evidence [default: this one].")  # fmt: skip
@click.option("--trust", type=click.Path(path_type=Path, dir_okay=False), help="Check by this trust policy.")
@click.option("--replace", is_flag=True, help="Overwrite evidence that is there.")
@key_option
@language_option
@json_option
def clear(
    url: str, photo: Path, use: str | None, output: Path, trust: Path | None, replace: bool, language: str | None,
    as_json: bool,
) -> None:
    """Say of PHOTO who registered it, under which consent, and whether that is authorised and paid, or why not.

    The first sentence is the answer, for each use of this exact file; details follow. The evidence is checked here, by
    your login's trust policy or --trust, and written: PHOTO.evidence.json, or where there are several uses
    PHOTO.<first digits of the use>.evidence.json. `verifier check` says the same of it, without a network.

    \b
    Exit codes, as `verifier check` has them:
      0  every use of it is authorised and paid
      1  some use is not, or nobody registered one
      3  it cannot be told, or it could not be asked; nothing is written then
      5  all that has fallen due is paid, more falls due later
    """
    words = choose(language)
    digest = digest_of(photo)
    with connect(url) as client:
        believed = trust_of(url, trust)
        if believed.policy is None:
            believed = trust_itself(client)
        assert believed.policy is not None
        registered = _fetch(client, Question(kind="asset", id=digest), believed.policy, digest, words)
        found = list(_uses(registered[0], digest))
        if use is not None:
            wanted = as_id(use)
            found = [one for one in found if one.id == wanted]
            if not found:
                raise Failure(words.say("clear.no_such_use", file=str(photo), use=use[:80]))
        if len(found) > MOST:
            raise Failure(words.say("clear.too_many", n=len(found)))
        files = [output / f"{photo.name}.{f'{one.id[:16]}.' if len(found) > 1 else ''}evidence.json" for one in found]
        files = files or [output / f"{photo.name}.evidence.json"]
        for file in files:
            if file.exists() and not replace:
                raise Failure(words.say("clear.exists", file=str(file)))
        cleared = []
        for usage, file in zip(found, files, strict=False):
            question = Question(kind="usage", id=usage.id)
            opened, data = _fetch(client, question, believed.policy, digest, words)
            cleared.append(Cleared(usage=usage, verdict=opened.ask(question), evidence=data, file=file))
    output.mkdir(parents=True, exist_ok=True)
    for file, data in [(one.file, one.evidence) for one in cleared] or [(files[0], registered[1])]:
        write_whole(file, data, replace=replace)
    nobody = registered[0].ask(registered[0].question)
    conclusions = {one.conclusion for one in cleared} or {"no" if conclude(nobody) != "cannot_tell" else "cannot_tell"}
    conclusion = next(one for one in _WORST if one in conclusions)
    value: dict[str, Json] = {
        "conclusion": conclusion,
        "evidence": [str(file) for file in files],
        "file": str(photo),
        "policy": believed.given_by,
        "sha256": digest,
        "uses": [
            {"consent": one.usage.consent, "evidence": str(one.file), "usage": one.usage.id,
             "verdict": verdict_json(one.verdict)}
            for one in cleared
        ],
    }  # fmt: skip
    lines = list(_said(str(photo), cleared, nobody, words))
    written = [words.say("clear.written", file=str(one)) for one in files]
    answer(value, "\n".join([*lines, "", *written]), as_json=as_json)
    if status := STATUS[conclusion]:
        raise click.exceptions.Exit(status)


def _fetch(client: Client, question: Question, policy: Policy, digest: str, words: Catalogue) -> tuple[Opened, bytes]:
    """One evidence file, checked; what this policy does not take is held back, and says why."""
    data = client.evidence(question)
    size = parse_checkpoint(parse_note(client.get("/checkpoint/newest").body).text).size
    return good(data, question, policy, size, words, files=(digest,)), data


def _uses(opened: Opened, digest: str) -> Iterator[Usage]:
    """Every use that names the file, in log order: the list of the file is proved to be complete."""
    for index in opened.record.rows(f"asset:{digest}") or ():
        entry = opened.record.entry(index)
        if entry is not None and isinstance(entry.statement, Usage):
            yield entry.statement


def _said(photo: str, cleared: list[Cleared], nobody: Verdict, words: Catalogue) -> Iterator[str]:
    if not cleared:
        known = conclude(nobody) != "cannot_tell"
        yield words.say("clear.nobody" if known else "clear.untold", file=photo, at=words.moment(nobody.as_of.at))
    for one in cleared:
        yield _sentence(photo, one, words)
    for verdict in [one.verdict for one in cleared] or [nobody]:
        for paragraph in explain(verdict, words):
            yield ""
            yield paragraph.heading
            yield from (f"  {line}" for line in paragraph.lines)


def _sentence(photo: str, one: Cleared, words: Catalogue) -> str:
    """Who, under what, the two answers, and of a no the reason."""
    decision = one.verdict.decision
    answers = [str(decision.authorised), *([] if decision.paid is None else [decision.paid.answer])]
    said = words.say(
        "clear.use", file=photo, who=_who(one, words), usage=short(one.usage.id),
        consent=name_for(one.usage.consent) or short(one.usage.consent),
        answers=words.listed(words.say(f"answer.{answer}") for answer in answers),
    )  # fmt: skip
    reason = _reason(one.verdict, words)
    return f"{said} {reason}" if reason else said


def _who(one: Cleared, words: Catalogue) -> str:
    """Whoever makes the use: by the name that this user confirmed, else the one that a registrar vouched for."""
    parties = one.usage.parties
    role = "sublicensee" if parties.role("sublicensee") else "licensee"
    id = str(parties.role(role))
    vouched = next((p.name for p in one.verdict.about.parties if p.party == id), None) if one.verdict.about else None
    return words.say("clear.who", name=name_for(id) or vouched or short(id), role=words.say(f"role.{role}"))


def _reason(verdict: Verdict, words: Catalogue) -> str:
    """Why it is not a yes: what is wrong first, else what is not known."""
    for result in (Result.FAIL, Result.UNKNOWN):
        for row in verdict.decision.rules:
            if row.result is result:
                return explain_code(row.rule, row.code, words)
    return ""
