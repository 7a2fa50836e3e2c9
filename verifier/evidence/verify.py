"""The check of an evidence file: the numbered steps of the protocol's section 7.2, and nothing else.

  1  size, of a PDF the evidence in it, canonical JSON                      not_canonical
  2  everything outside leaves, the checkpoint's text, opened disclosures   evidence_malformed
  3  all inside each leaf                                                   leaf_malformed
  4  the checkpoint's syntax                                                checkpoint_malformed
  5  origin and log signature under the reader's trust policy               log_untrusted
  6  quorum of cosignatures                                                 quorum_missing
  7  inclusion of every entry                                               not_included
  8  genesis and the last seal                                              seal_wrong
  9  every signature                                                        signature_wrong
 10  disclosures                                                            disclosure_wrong
 11  paths and list roots against the seal's index root                     list_wrong
 12  lists against entries                                                  list_incomplete
 13  the registry: its id in every statement, its keys                      registry_wrong
 14  the question                                                           question_wrong
 15  the rules                                                              a verdict

The first step that fails is the outcome. Nothing that a step reads has not been checked by the steps before it, or is
checked by that step itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from verifier.base.errors import Malformed
from verifier.base.limits import LEEWAY
from verifier.base.values import value
from verifier.evidence.about import about
from verifier.evidence.file import Evidence, Invalid, parse_evidence
from verifier.evidence.held import lay_in
from verifier.evidence.verdict import AsOf, Outcome, Verdict
from verifier.index import proofs as index
from verifier.log.hashing import leaf_hash
from verifier.log.note import parse_vkey
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.trust import (
    CheckpointMalformed,
    LogUntrusted,
    Policy,
    QuorumMissing,
    TrustedCheckpoint,
    open_checkpoint,
)
from verifier.rules.decide import Facts, decide
from verifier.rules.model.context import Context
from verifier.rules.model.question import BOOK_LISTS, Question, narrowed
from verifier.rules.model.record import Entry, ShownRecord
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import RegistryState, registry_state
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.envelope import check_signatures
from verifier.statements.parse import parse_section
from verifier.statements.sections import Section
from verifier.statements.subjects import subjects
from verifier.statements.types import Consent, Genesis, Party, Seal, Statement, Usage

DEFAULT_MAX_AGE = 86_400
"""Seconds past ``as_of`` after which what holds now cannot be told (``stale``)."""

NOTHING_HELD: Mapping[str, str] = MappingProxyType({})

LARGE = 400
"""Characters of a disclosure beyond which its text is kept: a section of short words takes ten times as much."""

ASKED_TYPES: Mapping[str, type[Statement]] = {"usage": Usage, "consent": Consent, "party": Party}


def verify(
    evidence: bytes,
    policy: Policy,
    *,
    instant: int,
    max_age: int = DEFAULT_MAX_AGE,
    files: Sequence[str] = (),
    require_audited: bool = False,
    by_clock: bool = False,
    ask: str | None = None,
    held: Mapping[str, str] = NOTHING_HELD,
) -> Outcome:
    """Check an evidence file under a trust policy, and answer its question for ``instant`` (POSIX seconds).

    ``files`` are the SHA-256 digests (hex) of files that the reader holds against the answer. ``by_clock``: the instant
    is what her clock shows, so that one before the checkpoint means that the clock is behind (``clock_behind``). With
    ``ask`` she is told that answer alone, where there is one of this name. ``held`` are disclosures by digest that she
    has from elsewhere: they count as if the file showed them. Never raises for what is in the file: the
    outcome is a :class:`Verdict`, or :class:`Invalid` with the first step that fails.
    """
    try:
        opened = open_evidence(
            evidence, policy, instant=instant, max_age=max_age, files=files, require_audited=require_audited,
            by_clock=by_clock, held=held,
        )  # fmt: skip
    except Invalid as invalid:
        return invalid

    # Step 15: the rules.
    return opened.ask(narrowed(opened.question, ask))


@value
class Opened:
    """Evidence that passed steps 1 to 14, for one instant. ``size`` is the tree's.

    What the rules work out for one answer is kept for the next in ``context``, so that asking about each of many
    usages costs little more than asking about one.
    """

    question: Question
    record: ShownRecord
    facts: Facts
    size: int
    context: Context

    @property
    def as_of(self) -> AsOf:
        """What answers hold for."""
        facts = self.facts
        return AsOf(size=self.size, at=facts.as_of, basis=facts.basis, rules=facts.rules)

    def ask(self, question: Question) -> Verdict:
        """Step 15, of the file's own question or of another about what it shows: the rules."""
        facts = self.facts
        return Verdict(
            question=question, instant=facts.instant, as_of=self.as_of, files=facts.files,
            decision=decide(self.record, question, facts, self.context), about=about(self.context, question),
        )  # fmt: skip


def open_evidence(
    evidence: bytes | Evidence,
    policy: Policy,
    *,
    instant: int,
    max_age: int = DEFAULT_MAX_AGE,
    files: Sequence[str] = (),
    require_audited: bool = False,
    by_clock: bool = False,
    held: Mapping[str, str] = NOTHING_HELD,
) -> Opened:
    """Steps 1 to 14, as :func:`verify` takes them; raises :class:`Invalid` with the first that fails.

    Who has taken steps 1 to 3 with :func:`parse_evidence` gives what came of them, and need not keep the bytes.
    """
    # Steps 1 to 3: the file, what lies outside its leaves, its leaves; and beside it what the reader holds herself.
    evidence = lay_in(parse_evidence(evidence) if isinstance(evidence, bytes) else evidence, held)

    # Steps 4 to 6: the checkpoint's syntax, its log, its cosignatures.
    trusted = _open_checkpoint(evidence, policy)

    # Step 7: every entry is in the tree.
    _check_inclusion(evidence, trusted)

    # Step 8: the tree begins with its genesis and ends with a seal, which tells the time and the index.
    genesis, seal = _check_ends(evidence, trusted)
    as_of = seal.at if trusted.as_of is None else trusted.as_of

    # Step 9: every signature on every envelope.
    _check_signatures(evidence)

    # Step 10: disclosures are those whose digests were signed, and read as they must.
    sections = _open_disclosures(evidence)

    # Step 11: every list is the one that the seal's index has for its subject.
    _check_lists(evidence, seal)

    # Step 12: lists and entries say the same.
    logged = _check_complete(evidence, seal)

    # Step 13: one registry, and its own keys.
    record = _record(evidence, genesis, seal, logged, sections)
    registry = _check_registry(evidence, trusted, record, instant, as_of)

    # Step 14: what is asked about is there.
    _check_question(evidence)

    basis = "audited" if trusted.audited else "claimed" if trusted.quorum_none else "witnessed"
    facts = Facts(
        instant=instant, as_of=as_of, basis=basis, rules=registry.rules, max_age=max_age,
        require_audited=require_audited, files=tuple(sorted(set(files))), by_clock=by_clock,
    )  # fmt: skip
    context = JudgedContext(record, instant=instant, as_of=as_of, stale=facts.stale)
    size = trusted.checkpoint.size
    return Opened(question=evidence.question, record=record, facts=facts, size=size, context=context)


def _open_checkpoint(evidence: Evidence, policy: Policy) -> TrustedCheckpoint:
    try:
        return open_checkpoint(evidence.checkpoint, policy)
    except CheckpointMalformed as error:
        raise Invalid(4, error.message, error.at("checkpoint").where) from None
    except LogUntrusted as error:
        raise Invalid(5, error.message, "checkpoint") from None
    except QuorumMissing as error:
        raise Invalid(6, error.message, "checkpoint") from None


def _check_inclusion(evidence: Evidence, trusted: TrustedCheckpoint) -> None:
    size, root = trusted.checkpoint.size, trusted.checkpoint.root
    for place, entry in enumerate(evidence.entries):
        try:
            check_inclusion(leaf_hash(entry.envelope.leaf), entry.index, size, entry.proof, root)
        except ProofError as error:
            raise Invalid(7, error.message, f"entries[{place}].proof") from None


def _check_ends(evidence: Evidence, trusted: TrustedCheckpoint) -> tuple[Genesis, Seal]:
    entries, size = evidence.entries, trusted.checkpoint.size
    if not entries or entries[0].index != 0:
        raise Invalid(8, "entry 0, the genesis, is not shown", "entries")
    genesis = entries[0].statement
    if not isinstance(genesis, Genesis):
        raise Invalid(8, f"entry 0 is a {genesis.type}, not a genesis", "entries[0]")
    if genesis.origin != trusted.checkpoint.origin:
        raise Invalid(8, "the genesis has another origin than the checkpoint", "entries[0]")
    last, where = entries[-1], f"entries[{len(entries) - 1}]"
    if last.index != size - 1:
        raise Invalid(8, f"entry {size - 1}, the last of the tree, is not shown", "entries")
    seal = last.statement
    if not isinstance(seal, Seal):
        raise Invalid(8, f"the last leaf of the tree is a {seal.type}, not a seal", where)
    if seal.size != last.index:
        raise Invalid(8, f"the last seal covers {seal.size} entries, but stands at index {last.index}", where)
    if trusted.as_of is not None and seal.at > trusted.as_of + LEEWAY:
        raise Invalid(8, "the last seal is later than the cosignatures on it", where)
    return genesis, seal


def _check_signatures(evidence: Evidence) -> None:
    for place, entry in enumerate(evidence.entries):
        bad = check_signatures(entry.envelope)
        if bad is not None:
            where = f"entries[{place}].leaf.signatures[{bad}]"
            raise Invalid(9, f"the signature does not verify: entry {entry.index} proves the registry's fault", where)


def _open_disclosures(evidence: Evidence) -> dict[int, dict[str, Section | str]]:
    """Opened sections by entry index and name; of a large one its disclosure, for the record to read again."""
    sections: dict[int, dict[str, Section | str]] = {}
    for place, entry in enumerate(evidence.entries):
        opened: dict[str, Section | str] = {}
        last = ""
        for i, text in enumerate(entry.disclosures):
            try:
                disclosure = parse_disclosure(text)
                name = disclosure.name
                if name <= last:
                    raise Malformed("disclosures must rise strictly by section name")
                if entry.statement.sections.get(name) != digest(text):
                    raise Malformed(f"its digest is not the one that the statement has for {name}")
                section = parse_section(entry.statement, name, disclosure.value)
                opened[name] = text if len(text) > LARGE else section
            except Malformed as error:
                raise Invalid(10, error.message, error.at(f"entries[{place}].disclosures[{i}]").where) from None
            last = name
        if opened:
            sections[entry.index] = opened
    return sections


def _check_lists(evidence: Evidence, seal: Seal) -> None:
    for place, shown in enumerate(evidence.subjects):
        try:
            if shown.other is None:
                value = index.list_value(len(shown.rows), index.list_root(shown.rows))
                index.check_presence(seal.index, shown.subject, value, shown.path)
            else:
                index.check_absence(seal.index, shown.subject, *shown.other, shown.path)
        except ProofError as error:
            raise Invalid(11, error.message, f"subjects[{place}]") from None


def _check_complete(evidence: Evidence, seal: Seal) -> dict[int, int]:
    """The logged time of every entry that stands in a list."""
    names = {shown.subject: shown.subject for shown in evidence.subjects}
    touched = {
        entry.index: tuple([names[one] for one in subjects(entry.statement) if one in names])
        for entry in evidence.entries
    }
    logged: dict[int, int] = {}
    members: dict[str, set[int]] = {}
    for place, shown in enumerate(evidence.subjects):
        for i, (row, at) in enumerate(shown.rows):
            where = f"subjects[{place}].list[{i}]"
            if row not in touched:
                raise Invalid(12, f"entry {row} stands in the list and is not shown", where)
            if shown.subject not in touched[row]:
                raise Invalid(12, f"entry {row} stands in the list of a subject that it does not touch", where)
            if logged.setdefault(row, at) != at:
                raise Invalid(12, f"entry {row} has another logged time in an earlier list", where)
        members[shown.subject] = {row for row, _ in shown.rows}  # now that none is more than the entries
    last = 0
    for place, entry in enumerate(evidence.entries):
        where = f"entries[{place}]"
        for subject in touched[entry.index]:
            if entry.index not in members[subject]:
                raise Invalid(12, f"entry {entry.index} is not in the list of {subject}, which it touches", where)
        if entry.index in logged:
            if logged[entry.index] < last:
                raise Invalid(12, f"entry {entry.index} was logged before an earlier one", where)
            last = logged[entry.index]
        elif 0 < place < len(evidence.entries) - 1:
            raise Invalid(12, f"entry {entry.index} stands in no list that is shown", where)
    if seal.at < last:
        raise Invalid(12, "the last seal is older than an entry below it", f"entries[{len(evidence.entries) - 1}]")
    return logged


def _record(
    evidence: Evidence,
    genesis: Genesis,
    seal: Seal,
    logged: Mapping[int, int],
    sections: Mapping[int, Mapping[str, Section | str]],
) -> ShownRecord:
    """What the rules read."""
    shown = {one.subject: [row for row, _ in one.rows] for one in evidence.subjects}
    record = ShownRecord(genesis.id, shown)
    for entry in evidence.entries:
        if entry.index in logged:
            signers = entry.envelope.signers
            at = logged[entry.index]
            shown_entry = Entry(index=entry.index, logged=at, statement=entry.statement, signers=signers)
            record.fold(shown_entry, sections.get(entry.index))
    record.skip(seal.size - 1)
    return record


def _check_registry(
    evidence: Evidence, trusted: TrustedCheckpoint, record: ShownRecord, instant: int, as_of: int
) -> RegistryState:
    for place, entry in enumerate(evidence.entries):
        registry = entry.statement.registry
        if registry is not None and registry != record.genesis:
            raise Invalid(13, "the statement is for another registry", f"entries[{place}].leaf.payload")
    if record.rows(f"registry:{record.genesis}") is None:
        raise Invalid(13, "the list of the registry's own statements is not shown", "subjects")
    genesis, seal = evidence.entries[0], evidence.entries[-1]
    assert isinstance(genesis.statement, Genesis)
    if genesis.envelope.signers != {parse_vkey(genesis.statement.log).key.hex()}:
        raise Invalid(13, "the genesis is not signed by the key that it names, and by nobody else", "entries[0]")
    state = registry_state(JudgedContext(record, instant=instant, as_of=as_of), seal.index)
    assert state is not None  # its list is shown, and begins with the genesis
    if seal.envelope.signers != {state.key}:
        where = f"entries[{len(evidence.entries) - 1}]"
        raise Invalid(13, "the last seal is not signed by the registry's key in force, and by nobody else", where)
    if not trusted.signed_by(parse_vkey(state.log)):
        raise Invalid(13, "the checkpoint is not signed by the registry's key in force", "checkpoint")
    return state


def _check_question(evidence: Evidence) -> None:
    question = evidence.question
    asked: dict[str, str] = {question.kind: question.id}
    if question.consent is not None:
        asked["consent"] = question.consent
    for what, id in asked.items():
        wanted = ASKED_TYPES.get(what)
        if wanted is not None:
            found = [entry.statement for entry in evidence.entries if entry.statement.id == id]
            if not found:
                raise Invalid(14, "the statement that is asked about is not shown", "question")
            if not isinstance(found[0], wanted):
                raise Invalid(14, f"what is asked about is a {found[0].type}, not a {what}", "question")
    shown = {one.subject for one in evidence.subjects}
    if question.consent is not None:
        for kind in BOOK_LISTS:
            if f"{kind}:{question.consent}" not in shown:
                raise Invalid(14, "a list of the consent that is asked about is not shown", "question")
    elif question.kind in ("asset", "party") and f"{question.kind}:{question.id}" not in shown:
        raise Invalid(14, f"the list of the {question.kind} that is asked about is not shown", "question")
