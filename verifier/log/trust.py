"""Whom a reader trusts (C2SP tlog-policy), and the opening of a checkpoint under that policy.

A policy is a text file that names logs, witnesses, groups of them, and the quorum:

    log registry.example/log+97d01e2b+AQ...
    witness ada ada.example/w+5f30c9aa+BB...
    witness union union.example/kembar-auditor+03b4be2d+BC...
    group both all ada union
    quorum both

Witness and group names mean something in this file only. The protocol's *auditor* is a witness whose key's own name
ends in ``/kembar-auditor``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import parse_decimal
from verifier.base.values import value
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.cosignature import Cosignature, verify_cosignature
from verifier.log.note import (
    COSIGNATURE_V1,
    ED25519,
    Note,
    SignatureError,
    Verifier,
    by_known_keys,
    parse_note,
    parse_vkey,
    verify_ed25519,
)

MAX_POLICY_SIZE = 262_144
"""Bytes of a policy file: 32 logs and 32 witnesses with keys of ML-DSA-44, which the standard asks for, take half."""

MAX_DEFINITIONS = 128
"""Logs, witnesses and groups of a policy, each; the standard asks for at least 32."""

AUDITOR_SUFFIX = "/kembar-auditor"
NO_QUORUM = "none"


class CheckpointMalformed(KembarError):
    """Not a checkpoint in a signed note (step 4 of the protocol's section 7.2)."""

    code = "checkpoint_malformed"


class LogUntrusted(KembarError):
    """Not a log of the policy, or not signed by it (step 5)."""

    code = "log_untrusted"


class QuorumMissing(KembarError):
    """Too few cosignatures, or one of the policy's that does not verify (step 6)."""

    code = "quorum_missing"


@value
class TrustedLog:
    """A log's key, whose name is the log's origin, and perhaps where it is served."""

    verifier: Verifier
    url: str | None = None


@value
class Witness:
    """A witness's key under the name that this policy gives it."""

    name: str
    verifier: Verifier
    url: str | None = None


@value
class Group:
    """Has witnessed a checkpoint when ``threshold`` of its members, witnesses or groups, have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@value
class Policy:
    """A trust policy. Groups come after what they are made of; ``quorum`` is None for ``quorum none``."""

    logs: tuple[TrustedLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str | None

    def log(self, origin: str) -> tuple[Verifier, ...]:
        """The keys of the log named ``origin``: none, one, or several after a change of keys."""
        return tuple(one for log in self.logs if (one := log.verifier).name == origin and not one.is_passed_over)

    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key of the policy whose signatures can be verified here."""
        every = (*(log.verifier for log in self.logs), *(witness.verifier for witness in self.witnesses))
        return tuple(one for one in every if not one.is_passed_over)

    def passed_over(self) -> tuple[str, ...]:
        """The witnesses whose keys are of a kind that is not verified here: they never count towards the quorum."""
        return tuple(witness.name for witness in self.witnesses if witness.verifier.is_passed_over)

    def satisfied(self, verifiers: Collection[Verifier]) -> bool:
        """Whether these keys' cosignatures meet the quorum."""
        return self.quorum is None or self.as_of(dict.fromkeys(verifiers, 0)) is not None

    def as_of(self, timestamps: Mapping[Verifier, int]) -> int | None:
        """The latest instant t such that the cosignatures made at or after t meet the quorum.

        ``timestamps``: the last verified cosignature of each key. None if the quorum is not met, or none is asked for.
        """
        # A witness has signed at or after t for every t up to its time; a group of threshold k for every t up to the
        # k-th latest time among its members.
        times = {witness.name: timestamps.get(witness.verifier) for witness in self.witnesses}
        for group in self.groups:
            there = sorted((time for name in group.members if (time := times[name]) is not None), reverse=True)
            times[group.name] = there[group.threshold - 1] if len(there) >= group.threshold else None
        return None if self.quorum is None else times[self.quorum]


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK = re.compile(r"[ \t]+")


def parse_policy(text: bytes | str) -> Policy:
    """Read a policy file. Raises :class:`Malformed` with the line; a policy without a log or a quorum is refused.

    Bytes beyond ASCII are opaque, as the standard has it, valid UTF-8 or not: names are compared byte for byte.
    """
    try:
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate cannot be written in UTF-8") from None
    if len(raw) > MAX_POLICY_SIZE:
        raise Malformed(f"a policy of {len(raw)} bytes, at most {MAX_POLICY_SIZE} are allowed")
    reader = _PolicyReader()
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").split("\n"), 1):
        try:
            if control := _CONTROL.search(line):
                raise Malformed(f"control character U+{ord(control.group()):04X}")
            words = [word for word in _BLANK.split(line) if word]
            if words and not words[0].startswith("#"):
                reader.read(words)
        except Malformed as error:
            raise error.at(f"line {number}") from None
    return reader.policy()


class _PolicyReader:
    """What the lines so far define."""

    def __init__(self) -> None:
        self.logs: list[TrustedLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.names: set[str] = set()
        self.in_groups: set[str] = set()
        self.key_ids: set[tuple[str, bytes]] = set()

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                verifier = self._key(vkey, ED25519, [log.verifier for log in self.logs])
                self.logs.append(TrustedLog(verifier=verifier, url=url[0] if url else None))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._define(name)
                verifier = self._key(vkey, COSIGNATURE_V1, [witness.verifier for witness in self.witnesses])
                self.witnesses.append(Witness(name=name, verifier=verifier, url=url[0] if url else None))
            case ["group", name, threshold, *members] if members:
                for member in members:
                    if member not in self.names:
                        raise Malformed(f"{member!a} is not defined on a line before")
                    if member in self.in_groups:
                        raise Malformed(f"{member!a} is in a group already; it can count only once")
                    self.in_groups.add(member)
                self._define(name)
                self.groups.append(Group(name=name, threshold=_threshold(threshold, members), members=tuple(members)))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise Malformed("a second quorum line")
                if name != NO_QUORUM and name not in self.names:
                    raise Malformed(f"{name!a} is not defined on a line before")
                self.quorum = name
            case _:
                raise Malformed("not 'log KEY', 'witness NAME KEY', 'group NAME all|any|K NAME...' or 'quorum NAME'")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_DEFINITIONS:
            raise Malformed(f"more than {MAX_DEFINITIONS} of a kind")

    def _define(self, name: str) -> None:
        if name in self.names or name == NO_QUORUM:
            raise Malformed(f"{name!a} is defined already")
        self.names.add(name)

    def _key(self, vkey: str, algorithm: int, others: Iterable[Verifier]) -> Verifier:
        verifier = parse_vkey(vkey)
        if verifier.algorithm != algorithm and not verifier.is_passed_over:
            raise Malformed("a log's key is of algorithm 1 (Ed25519), a witness's of algorithm 4 (cosignature/v1)")
        if verifier.key in {other.key for other in others}:
            raise Malformed("this key stands on an earlier line")
        if (verifier.name, verifier.key_id) in self.key_ids:
            raise Malformed("another key has the same name and id")
        self.key_ids.add((verifier.name, verifier.key_id))
        return verifier

    def policy(self) -> Policy:
        if all(log.verifier.is_passed_over for log in self.logs):
            raise Malformed("a policy names at least one log, by an Ed25519 key")
        if self.quorum is None:
            raise Malformed("a policy has a quorum line; 'quorum none' asks for no witness")
        return Policy(
            logs=tuple(self.logs),
            witnesses=tuple(self.witnesses),
            groups=tuple(self.groups),
            quorum=None if self.quorum == NO_QUORUM else self.quorum,
        )


def _threshold(word: str, members: list[str]) -> int:
    if word in ("all", "any"):
        return len(members) if word == "all" else 1
    threshold = parse_decimal(word)
    if not 1 <= threshold <= len(members):
        raise Malformed(f"a threshold of {threshold} for {len(members)} members")
    return threshold


@value
class TrustedCheckpoint:
    """A checkpoint that a policy accepts, and why.

    ``log_vkey`` is the log's key whose line verified (the first of them), ``cosignatures`` are those of the policy's
    witnesses, the last of each. ``as_of`` is None with ``quorum_none``. ``audited``: an auditor is among them.
    """

    checkpoint: Checkpoint
    note: Note
    log_vkey: Verifier
    cosignatures: tuple[Cosignature, ...]
    as_of: int | None
    quorum_none: bool
    audited: bool

    def signed_by(self, verifier: Verifier) -> bool:
        """Whether a line of the note is a good plain signature by this key, which the policy need not know."""
        claimed, _ = by_known_keys(self.note, [verifier])
        return any(verify_ed25519(verifier, self.note.text, signature.signature) for _, signature in claimed)


def open_checkpoint(note_text: bytes | str, policy: Policy) -> TrustedCheckpoint:
    """Steps 4 to 6 of the protocol's section 7.2 on a checkpoint.

    Raises :class:`CheckpointMalformed`, :class:`LogUntrusted` or :class:`QuorumMissing`, the first that applies.
    Every line by a key of the policy must verify; lines by other keys are ignored.
    """
    # Step 4: the checkpoint's syntax.
    try:
        note = parse_note(note_text)
        checkpoint = parse_checkpoint(note.text)
    except Malformed as error:
        raise CheckpointMalformed(error.message, error.where) from None

    # Step 5: origin and log signature.
    log_keys = policy.log(checkpoint.origin)
    if not log_keys:
        raise LogUntrusted(f"the policy names no log {checkpoint.origin}")
    claimed, _ = by_known_keys(note, policy.verifiers())
    log_vkey = None
    for verifier, line in claimed:
        if verifier in log_keys:
            if not verify_ed25519(verifier, note.text, line.signature):
                raise LogUntrusted(f"the log's signature by {verifier} does not verify")
            log_vkey = log_vkey or verifier
    if log_vkey is None:
        raise LogUntrusted(f"not signed by a key that the policy gives for {checkpoint.origin}")

    # Step 6: the quorum of cosignatures.
    cosignatures: dict[Verifier, Cosignature] = {}
    for verifier, line in claimed:
        if verifier.algorithm == COSIGNATURE_V1:
            try:
                cosignature = verify_cosignature(verifier, note.text, line.signature)
            except SignatureError as error:
                raise QuorumMissing(error.message) from None
            former = cosignatures.get(verifier)
            if former is None or former.timestamp < cosignature.timestamp:
                cosignatures[verifier] = cosignature
        elif verifier not in log_keys and not verify_ed25519(verifier, note.text, line.signature):
            raise QuorumMissing(f"the signature by {verifier}, another log of the policy, does not verify")
    as_of = policy.as_of({verifier: cosignature.timestamp for verifier, cosignature in cosignatures.items()})
    if policy.quorum is not None and as_of is None:
        unread = ", ".join(policy.passed_over())
        passed_over = f"; passed over, for keys of ML-DSA-44 are not verified here: {unread}" if unread else ""
        raise QuorumMissing(f"the cosignatures do not meet the quorum {policy.quorum}{passed_over}")

    return TrustedCheckpoint(
        checkpoint=checkpoint,
        note=note,
        log_vkey=log_vkey,
        cosignatures=tuple(cosignatures.values()),
        as_of=as_of,
        quorum_none=policy.quorum is None,
        audited=any(verifier.name.endswith(AUDITOR_SUFFIX) for verifier in cosignatures),
    )
