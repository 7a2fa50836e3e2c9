"""Signing many files at once: one summary, one question, and each key opened once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import click

from registry.commands.common import Failure, answer, shown, write_whole
from registry.commands.connecting import at_hand, look_up
from registry.commands.naming import name_for
from registry.commands.signatories import PublicKeys, not_asked_for
from registry.commands.signed_files import read_signed, signed_name
from registry.commands.signing import open_key
from registry.commands.targets import is_address, registry_of
from registry.drafting.drafts.signer_warnings import warnings
from registry.drafting.drafts.words import in_words, title
from registry.intake.submission import Submission, format_submission
from verifier.base.errors import KembarError
from verifier.evidence.explain import short
from verifier.programs.keys import read_key
from verifier.programs.language import tell
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Registry, Usage
from verifier.words.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A file that can be signed, and where the signed one goes."""

    file: Path
    target: Path
    submission: Submission


class SignMany:
    """``where`` is the registry, as ``--registry`` has it; with ``force`` a signature need not be asked for."""

    def __init__(
        self, keys: Sequence[Path], *, where: str | None, force: bool, words: Catalogue, as_json: bool
    ) -> None:
        self._keys = keys
        self._force = force
        self._words = words
        self._as_json = as_json
        self._where = at_hand(where, words)
        self._registry: str | None = None
        self._profile: str | None = None
        if self._where is not None:
            self._registry, self._profile = registry_of(self._where)
        self._publics = [read_key(key).public for key in keys]

    def sign(self, files: Sequence[Path], passphrase_file: Path | None, *, yes: bool) -> bool:
        """Show, ask, sign; False where some file was left out."""
        words = self._words
        good, bad = self._prepare(files)
        for line in self._summary(good):
            click.echo(shown(line), err=self._as_json)
        for file, why in bad:
            click.echo(shown(words.say("many.left_out", file=str(file), why=why)), err=True)
        if not good:
            raise Failure(words.say("many.none"))
        if not yes:
            click.confirm(words.say("many.confirm", n=len(good)), abort=True, err=True)
        opened = [open_key(read_key(key), key, passphrase_file, words) for key in self._keys]
        for one in good:
            submission = one.submission
            for key in opened:
                submission = submission.signed_by(key)
            write_whole(one.target, format_submission(submission), replace=one.target == one.file)
            if self._as_json:
                statement = submission.statement()
                named = {"file": str(one.target), "id": statement.id, "type": statement.type}
                answer({**named, "signedNow": self._publics}, "", as_json=True)
        if self._as_json:
            for file, why in bad:
                answer({"error": why, "file": str(file)}, "", as_json=True)
        else:
            click.echo(words.say("many.done", n=len(good)))
        return not bad

    def _prepare(self, files: Sequence[Path]) -> tuple[list[Prepared], list[tuple[Path, str]]]:
        good: list[Prepared] = []
        bad: list[tuple[Path, str]] = []
        where = self._where if is_address(self._where) else None
        with nullcontext() if where is None else look_up(where) as client:
            known = None
            if client is not None and self._registry is not None:
                known = PublicKeys.now(client, self._registry)
            targets: set[Path] = set()
            for file in files:
                try:
                    one = self._one(file, known)
                    if one.target in targets:
                        raise Failure(self._words.say("sign.exists", file=str(one.target)))
                except (KembarError, click.ClickException) as error:
                    why = error.message if isinstance(error, click.ClickException) else tell(str(error), self._words)
                    bad.append((file, why.removeprefix(f"{file}: ")))
                else:
                    targets.add(one.target)
                    good.append(one)
        return good, bad

    def _one(self, file: Path, known: PublicKeys | None) -> Prepared:
        """What is told and asked of one file alone holds for one of many."""
        words = self._words
        is_signed, submission = read_signed(file, words)
        target = signed_name(file, is_signed)
        if target.exists() and target != file:
            raise Failure(words.say("sign.exists", file=str(target)))
        statement = submission.statement()
        if isinstance(statement, Registry):
            raise Failure(words.say("many.alone"))
        before = [one.keyid for one in submission.signatures if one.keyid not in self._publics]
        seen = known if statement.registry == self._registry else None
        strange = [one for one in not_asked_for(statement, [*before, *self._publics], seen) if one in self._publics]
        if strange and not self._force:
            raise Failure(words.say("sign.not_asked_for", keys=words.and_.join(strange), file=str(file)))
        return Prepared(file=file, target=target, submission=submission)

    def _summary(self, good: Sequence[Prepared]) -> Iterator[str]:
        """A line for each usage, the whole of all else, and how many there are of what."""
        words = self._words
        for one in good:
            statement = one.submission.statement()
            if isinstance(statement, Usage):
                yield words.say("many.row", file=str(one.file), said=self._usage(one.submission, statement))
            else:
                yield words.say("many.row", file=str(one.file), said=in_words(one.submission, words))
            profile = self._profile if statement.registry == self._registry else None
            for warning in warnings(one.submission, words, profile):
                yield f"  {words.say('sign.warning', warning=warning)}"
        counts = Counter(title(one.submission.statement(), words) for one in good)
        yield ""
        for said, times in counts.items():
            yield words.say("many.count", times=times, said=said)

    def _usage(self, submission: Submission, statement: Usage) -> str:
        """Who uses how many files under what, where, and from when until when."""
        words = self._words
        id = statement.parties.role("sublicensee") or statement.parties.role("licensee") or ""
        _, terms = submission.opened()["terms"]
        assert isinstance(terms, UsageTerms)
        return words.say(
            "many.usage",
            who=name_for(id) or short(id),
            files=words.say("describe.files", n=len(statement.assets)),
            consent=name_for(statement.consent) or short(statement.consent),
            placement=words.code("placement", terms.placement),
            channels=", ".join(words.code("channel", one) for one in terms.channels),
            countries=", ".join(terms.countries),
            start=words.moment(terms.starts),
            end=words.moment(terms.ends),
        )
