"""Admission: what a registry refuses before it logs anything (RULES, Admission). All else enters with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol

from verifier.rules.model.context import GOOD, Context, Judgement, Standing
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.results import Result, RuleResult
from verifier.rules.no_effect import changes_nothing, is_stop
from verifier.rules.quotas import beyond_quota
from verifier.rules.standing.keys import becoming, key_state, named_keys, registry_state, vkey_key
from verifier.rules.standing.rulings import rests_on
from verifier.rules.standing.standing import void_checks
from verifier.rules.use.alterations import FLOOR, is_minor
from verifier.rules.use.bad_terms import has_bad_terms
from verifier.statements.sections import Section, UsageTerms
from verifier.statements.types import Consent, Dispute, Key, Party, Registry, Statement, Usage

VOIDING_RULES = ("T6", "T8", "A0", "A1", "A2", "A5")
"""The rules that can void an entry, in the order in which they are asked."""


class UsedUp(Protocol):
    """What a log has already used up: section digests and keys, neither of which may come twice."""

    def digest_seen(self, digest: str) -> bool:
        """Whether a section digest (b64u) stands in any logged statement."""

    def key_seen(self, key: str) -> bool:
        """Whether a key (hex) stands in any logged statement, in whatever role (:func:`keys_in`)."""


def admit(context: Context, seen: UsedUp, entry: Entry, sections: Mapping[str, Section]) -> list[RuleResult]:
    """Judge a candidate at the place and logged time that it would get; it is refused if any finding is a FAIL.

    The record behind ``context`` shows everything below ``entry.index``. Where a list is missing it is a FAIL all the
    same: a registry that cannot tell whether an entry would be void must not log it.
    """
    statement = entry.statement
    if statement.registry != context.record.genesis:
        return [RuleResult(rule="A0", result=Result.FAIL, code="wrong_registry")]
    judgements = dict.fromkeys(VOIDING_RULES, GOOD)
    for judgement in (*void_checks(context, entry), rests_on(context, entry)):
        if judgement.standing is not Standing.GOOD and judgements[_rule(judgement)].standing is Standing.GOOD:
            judgements[_rule(judgement)] = judgement
    findings = [_finding(rule, judgement) for rule, judgement in judgements.items()]
    findings.extend(_floor(context, entry, sections))
    if isinstance(statement, Consent) and has_bad_terms(statement, sections):
        findings.append(RuleResult(rule="A0", result=Result.FAIL, code="bad_terms"))
    findings.extend(_number(context, entry, sections))
    missing = needed_sections(statement) - sections.keys()
    if missing:
        findings.append(RuleResult(rule="A0", result=Result.FAIL, code="section_needed"))
    digests = list(statement.sections.values())
    if len(set(digests)) < len(digests) or any(seen.digest_seen(digest) for digest in digests):
        findings.append(RuleResult(rule="A0", result=Result.FAIL, code="digest_repeated"))
    if any(seen.key_seen(key) for key in new_keys(context, entry)):
        findings.append(RuleResult(rule="A1", result=Result.FAIL, code="key_repeated"))
    return findings


def usage_like(statement: Statement, signers: frozenset[str], sections: Mapping[str, Section]) -> bytes | None:
    """The same 32 bytes for usages on which :func:`admit` comes out alike; None for what is not to be compared.

    Of a usage it reads, beside what is in these bytes, only whether its claimed time fits (T6, T8), whether every
    needed section is disclosed and whether its digests are fresh. A usage that the floor looks at is not compared.
    """
    if not isinstance(statement, Usage):
        return None
    use = sections.get("terms")
    if isinstance(use, UsageTerms) and not FLOOR.isdisjoint(use.manipulations):
        return None
    parties = statement.parties
    read = [statement.registry or "", statement.consent, statement.twin, "by", *sorted(signers), "payees"]
    read += parties.payees
    for role, party in parties.roles().items():
        read += role, party
    return sha256(" ".join(read).encode()).digest()


def _floor(context: Context, entry: Entry, sections: Mapping[str, Section]) -> list[RuleResult]:
    """A12's floor: nudity or lingerie of a minor is not even logged."""
    use = sections.get("terms")
    if not holds(entry, Usage) or not isinstance(use, UsageTerms) or FLOOR.isdisjoint(use.manipulations):
        return []
    consent = context.consent_of(entry)
    if consent is None:
        return []
    minor, entries = is_minor(context, consent, use.starts)
    return [RuleResult(rule="A12", result=Result.FAIL, code="minor", entries=entries)] if minor is Result.FAIL else []


def _number(context: Context, entry: Entry, sections: Mapping[str, Section]) -> list[RuleResult]:
    """What is one too many (Quotas), but for what stops something; and of that, what changes nothing."""
    if is_stop(entry):
        code = "no_effect" if changes_nothing(context, entry, sections) else None
    else:
        code = None if beyond_quota(context, entry) is None else "quota"
    return [] if code is None else [RuleResult(rule="A0", result=Result.FAIL, code=code)]


def _rule(judgement: Judgement) -> str:
    return judgement.rule if judgement.rule in VOIDING_RULES else "A0"


def _finding(rule: str, judgement: Judgement) -> RuleResult:
    """What may be void is refused like what is; what stands on a disputed key enters, and waits for the ruling."""
    result = Result.PASS if judgement.standing is Standing.GOOD else Result.FAIL
    if judgement.standing is Standing.DOUBTFUL and judgement.code == "key_disputed" and rule != "A5":
        result = Result.UNKNOWN
    return RuleResult(rule=rule, result=result, code=judgement.code, entries=judgement.entries)


def needed_sections(statement: Statement) -> frozenset[str]:
    """The sections of a statement that some rule reads: all but ``person`` and what a dispute tells of itself."""
    unread = {"person", "evidence"} if isinstance(statement, Dispute) else {"person"}
    return frozenset(statement.sections) - unread


def new_keys(context: Context, entry: Entry) -> frozenset[str]:
    """The keys that would become live with this entry."""
    statement = entry.statement
    if isinstance(statement, Party):
        return frozenset(statement.keys or ())
    if isinstance(statement, Key):
        return becoming(key_state(context, statement.parties.author or "", entry.index), statement)
    if isinstance(statement, Registry):
        state = registry_state(context, entry.index)
        assert state is not None
        keys = set(statement.registrars or ()) - state.registrars
        if statement.log is not None and (key := vkey_key(statement.log)) != state.key:
            keys.add(key)
        return frozenset(keys)
    return frozenset()


def keys_in(statement: Statement) -> frozenset[str]:
    """Every key that a statement brings into the log, for :meth:`UsedUp.key_seen` to know from then on."""
    return named_keys(statement, "keys", "add", "registrars", "recovery", "log")
