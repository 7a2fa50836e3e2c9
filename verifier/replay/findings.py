"""What a replay finds: where, which rule, and a plain sentence. Findings are collected; none of them stops a replay."""

from __future__ import annotations

from enum import Enum

from verifier.base.canonical import Json
from verifier.base.values import value
from verifier.rules.model.codes import SENTENCES


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

    ``entries`` are the rising indices of others that it rests on.
    """

    index: int
    rule: str
    code: str
    severity: Severity
    sentence: str
    entries: tuple[int, ...] = ()


@value(kw_only=False)
class _Kind:
    rule: str
    sentence: str
    refused: bool  # whether an auditor who finds it does not cosign (protocol, section 9)


_KINDS = {
    "leaf_unreadable": _Kind("§3", "The leaf cannot be read.", False),
    "signature_wrong": _Kind("§3.1", "A signature on it does not verify.", True),
    "registry_wrong": _Kind("§3", "The statement is for another registry.", False),
    "genesis_wrong": _Kind("§5", "The log does not begin with its genesis, of the checkpoint's origin.", True),
    "genesis_repeated": _Kind("§5", "A genesis stands at another index than 0.", False),
    "digest_repeated": _Kind("§3.2", SENTENCES["digest_repeated"], False),
    "key_repeated": _Kind("§4.1", SENTENCES["key_repeated"], False),
    "seal_first": _Kind("§5", "The seal does not begin where the last one ended.", True),
    "seal_size": _Kind("§5", "The seal names another index than its own.", True),
    "batch_empty": _Kind("§5", "The seal covers nothing.", True),
    "seal_backwards": _Kind("§5", "The seal is earlier than the one before it.", True),
    "seal_back_dated": _Kind("§9", "The seal claims a time before one at which it was not there yet.", True),
    "seal_ahead": _Kind("§9", "The seal claims a time that has not come.", True),
    "seal_signer": _Kind("§4", "The seal is not signed by the registry's key in force, and by nobody else.", True),
    "order_wrong": _Kind("§5", "What stops something should come first in its batch.", True),
    "index_wrong": _Kind("§6", "The seal's index root is not that of the entries before it.", True),
    "list_incomplete": _Kind("§6", "The index has a list without this entry, which touches its subject.", True),
    "unsealed": _Kind("§5", "The checkpoint's tree does not end with a seal.", True),
    "checkpoint_signer": _Kind("§7.2", "The checkpoint is not signed by the registry's key in force.", True),
    "shrunk": _Kind("§5", "The source shows a smaller tree than one that was accepted before.", False),
    "fork": _Kind("§9", "The log signed two trees of which neither is the beginning of the other.", True),
}


def misbehaviour(index: int, code: str, detail: str = "", entries: tuple[int, ...] = ()) -> Finding:
    """A finding of the registry's fault; ``detail`` is a further sentence."""
    kind = _KINDS[code]
    sentence = f"{kind.sentence} {detail}" if detail else kind.sentence
    return Finding(
        index=index, rule=kind.rule, code=code, severity=Severity.MISBEHAVIOUR, sentence=sentence, entries=entries
    )


def void(index: int, rule: str, code: str, entries: tuple[int, ...] = ()) -> Finding:
    """An entry that should never have been admitted."""
    return Finding(
        index=index, rule=rule, code=code, severity=Severity.VOID, sentence=SENTENCES[code], entries=entries
    )


def judgement(index: int, rule: str, code: str, entries: tuple[int, ...] = ()) -> Finding:
    """What the contract says of an entry."""
    return Finding(
        index=index, rule=rule, code=code, severity=Severity.JUDGEMENT, sentence=SENTENCES[code], entries=entries
    )


def refuses(finding: Finding) -> bool:
    """Whether an auditor that has this finding does not cosign (protocol, section 9)."""
    return finding.severity is Severity.MISBEHAVIOUR and _KINDS[finding.code].refused


def format_finding(finding: Finding) -> Json:
    """A finding as JSON."""
    value: dict[str, Json] = {
        "code": finding.code,
        "index": finding.index,
        "rule": finding.rule,
        "sentence": finding.sentence,
        "severity": finding.severity.value,
    }
    if finding.entries:
        value["entries"] = list(finding.entries)
    return value
