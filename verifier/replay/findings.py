"""What a replay finds: where, which rule, and which values. Findings are collected; none of them stops a replay."""

from __future__ import annotations

from enum import Enum

from verifier.base.canonical import Json
from verifier.base.values import value
from verifier.words.catalogue import Catalogue


class Severity(Enum):
    """*Misbehaviour* is the registry's provable fault; a *void* entry was logged although it has no effect; a
    *judgement* is what the contract says of an entry, and nobody's fault in keeping the log.
    """

    MISBEHAVIOUR = "misbehaviour"
    VOID = "void"
    JUDGEMENT = "judgement"


@value
class Finding:
    """``index`` is the entry's (for a fork the smaller tree's size), ``rule`` a rule's id or the protocol's section.

    ``entries`` are the rising indices of others that it rests on; ``values`` what its sentence names, by name.
    """

    index: int
    rule: str
    code: str
    severity: Severity
    entries: tuple[int, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


@value(kw_only=False)
class _Kind:
    rule: str
    refused: bool  # whether an auditor who finds it does not cosign (protocol, section 9)


_KINDS = {
    "leaf_unreadable": _Kind("§3", False),
    "signature_wrong": _Kind("§3.1", True),
    "registry_wrong": _Kind("§3", False),
    "genesis_wrong": _Kind("§5", True),
    "genesis_repeated": _Kind("§5", False),
    "digest_repeated": _Kind("§3.2", False),
    "key_repeated": _Kind("§4.1", False),
    "quota": _Kind("A0", False),
    "seal_first": _Kind("§5", True),
    "seal_size": _Kind("§5", True),
    "batch_empty": _Kind("§5", True),
    "seal_backwards": _Kind("§5", True),
    "seal_back_dated": _Kind("§9", True),
    "seal_ahead": _Kind("§9", True),
    "seal_signer": _Kind("§4", True),
    "order_wrong": _Kind("§5", True),
    "index_wrong": _Kind("§6", True),
    "list_incomplete": _Kind("§6", True),
    "unsealed": _Kind("§5", True),
    "checkpoint_signer": _Kind("§7.2", True),
    "shrunk": _Kind("§5", False),
    "fork": _Kind("§9", True),
}


def misbehaviour(index: int, code: str, entries: tuple[int, ...] = (), **values: int | str) -> Finding:
    """A finding of the registry's fault."""
    named = tuple((name, str(one)) for name, one in values.items())
    return Finding(
        index=index,
        rule=_KINDS[code].rule,
        code=code,
        severity=Severity.MISBEHAVIOUR,
        entries=entries,
        values=named,
    )


def void(index: int, rule: str, code: str, entries: tuple[int, ...] = ()) -> Finding:
    """An entry that should never have been admitted."""
    return Finding(index=index, rule=rule, code=code, severity=Severity.VOID, entries=entries)


def judgement(index: int, rule: str, code: str, entries: tuple[int, ...] = ()) -> Finding:
    """What the contract says of an entry."""
    return Finding(index=index, rule=rule, code=code, severity=Severity.JUDGEMENT, entries=entries)


def refuses(finding: Finding) -> bool:
    """Whether an auditor that has this finding does not cosign (protocol, section 9)."""
    return finding.severity is Severity.MISBEHAVIOUR and _KINDS[finding.code].refused


def explain_finding(finding: Finding, words: Catalogue) -> str:
    """A finding in plain words."""
    if finding.severity is not Severity.MISBEHAVIOUR:
        return words.say(f"code.{finding.code}")
    values = dict(finding.values)
    if finding.code == "seal_ahead" and "as_of" in values:
        return words.say("finding.seal_ahead_of_cosignatures", **values)
    return words.say(f"finding.{finding.code}", **values)


def format_finding(finding: Finding, english: Catalogue) -> Json:
    """A finding as JSON. Its ``sentence`` is English whoever reads it, so that scripts find it the same everywhere."""
    members: dict[str, Json] = {
        "code": finding.code,
        "index": finding.index,
        "rule": finding.rule,
        "sentence": explain_finding(finding, english),
        "severity": finding.severity.value,
    }
    if finding.entries:
        members["entries"] = list(finding.entries)
    return members
