"""Evidence files that are wrong in one thing each, and some that are right: what tests/vectors/evidence is made of.

A case is a function named after its vector; it returns a :class:`Case`. Wrong files fail at the step in their name and
at no earlier one. Where a registry has to lie for that, it does: everything up to that step is properly signed.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.world import Actor, Logged, World, file, key
from verifier.base import canonical
from verifier.base.crypto import SigningKey
from verifier.base.strict import format_b64u, format_instant
from verifier.index.proofs import subject_key
from verifier.rules.model.question import Question
from verifier.statements.disclosure import digest, format_disclosure
from verifier.statements.envelope import Signature, format_envelope, pae

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's group: S and S + ORDER satisfy the same equation, and only the first is canonical."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An evidence file, the reader's policy and instant, and what must come of it (``step`` 0: a verdict)."""

    evidence: bytes
    policy: str
    instant: int
    step: int
    files: tuple[str, ...] = ()
    max_age: int = 86_400
    expected: dict[str, Any] | None = None


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Register a case under its vector's name: ``step07_proof_short`` is ``step07-proof-short.json``."""
    CASES[make.__name__.replace("_", "-")] = make
    return make


# ---- the log that most cases are cut from


@dataclass(frozen=True, kw_only=True)
class Base:
    world: World
    anna: Actor
    brand: Actor
    consent: Logged
    usage: Logged
    data: bytes


@cache
def base() -> Base:
    """One use, cosigned by a witness and an auditor, whose file shows few lists, to be short."""
    world = World(witnesses=["ada"], auditors=["union"], quorum="2")
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    world.advance("3d")
    usage = world.usage(consent)
    world.usage(consent, ["other.jpg", "third.jpg"])
    data = world.evidence(usage, lists=short_lists(world, usage))
    return Base(world=world, anna=anna, brand=brand, consent=consent, usage=usage, data=data)


def short_lists(world: World, usage: Logged) -> list[str]:
    consent = getattr(usage.statement, "consent", "")
    return [
        f"registry:{world.genesis.id}", f"consent:{consent}", f"uses:{consent}", f"account:{consent}",
    ]  # fmt: skip


def wrong(step: int, evidence: bytes, *, policy: str | None = None, world: World | None = None) -> Case:
    """A case under the base's policy, or ``world``'s."""
    world = world or base().world
    return Case(evidence=evidence, policy=policy or world.policy(), instant=world.now, step=step)


def edit(change: Callable[[Any], object], data: bytes | None = None) -> bytes:
    """The base's file with one change, still canonical JSON."""
    value = json.loads(data or base().data)
    change(value)
    return canonical.encode(value)


def add(name: str, step: int, change: Callable[[Any], object]) -> None:
    """A case that is one edit of the base's file."""

    def make() -> Case:
        return wrong(step, edit(change))

    CASES[f"step{step:02d}-{name}"] = make


def put(path: str, item: Any) -> Callable[[Any], None]:
    """Set a member, as in ``entries.1.proof.0``."""

    def change(value: Any) -> None:
        *inner, last = [int(one) if one.lstrip("-").isdigit() else one for one in path.split(".")]
        for one in inner:
            value = value[one]
        value[last] = item(value[last]) if callable(item) else item

    return change


def delete(path: str) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        *inner, last = [int(one) if one.lstrip("-").isdigit() else one for one in path.split(".")]
        for one in inner:
            value = value[one]
        del value[last]

    return change


def list_at(value: Any, kind: str) -> Any:
    """The shown list of the first subject of a kind."""
    return next(one for one in value["subjects"] if one["subject"].startswith(f"{kind}:"))


def entry_at(value: Any, index: int) -> Any:
    """The shown entry at an index of the log."""
    return next(one for one in value["entries"] if one["index"] == index)


def flip(text: str, place: int = 0, bit: int = 0) -> str:
    """Base64 text with one bit of its bytes flipped."""
    data = bytearray(b64decode(text))
    data[place] ^= 1 << bit
    return b64encode(data).decode()


def spare(text: str) -> str:
    """Base64 text of the same bytes with a spare bit set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    assert body != text
    return body[:-1] + alphabet[alphabet.index(body[-1]) + 1] + text[len(body) :]


# ---- step 1: not_canonical


def _bytes_case(name: str, change: Callable[[bytes], bytes]) -> None:
    def make() -> Case:
        return wrong(1, change(base().data))

    CASES[f"step01-{name}"] = make


_bytes_case("empty", lambda data: b"")
_bytes_case("byte-order-mark", lambda data: b"\xef\xbb\xbf" + data)
_bytes_case("newline-at-the-end", lambda data: data + b"\n")
_bytes_case("white-space", lambda data: data.replace(b'"format":', b'"format": ', 1))
_bytes_case("two-values", lambda data: data + data)
_bytes_case("cut-short", lambda data: data[:-1])
_bytes_case("utf-16", lambda data: data.decode().encode("utf-16"))
_bytes_case("not-utf-8", lambda data: data.replace("—".encode(), b"\xe2\x80", 1))
_bytes_case("overlong-utf-8", lambda data: data.replace(b"kembar-evidence/2", b"kembar-evidence\xc0\xaf1", 1))
_bytes_case("member-twice", lambda data: data.replace(b'"format":', b'"format":"kembar-evidence/2","format":', 1))
_bytes_case("members-out-of-order", lambda data: b'{"format":"x",' + data[1:])
_bytes_case("fraction", lambda data: data.replace(b'"index":0,', b'"index":0.0,', 1))
_bytes_case("exponent", lambda data: data.replace(b'"index":0,', b'"index":0e0,', 1))
_bytes_case("minus-zero", lambda data: data.replace(b'"index":0,', b'"index":-0,', 1))
_bytes_case("leading-zero", lambda data: data.replace(b'"index":0,', b'"index":00,', 1))
_bytes_case("integer-beyond-2-53", lambda data: data.replace(b'"index":0,', b'"index":9007199254740992,', 1))
_bytes_case("nan", lambda data: data.replace(b'"index":0,', b'"index":NaN,', 1))
_bytes_case("null", lambda data: data.replace(b'"index":0,', b'"index":null,', 1))
_bytes_case("lone-surrogate", lambda data: data.replace(b"kembar-evidence/2", b"\\ud800", 1))
_bytes_case("escaped-solidus", lambda data: data.replace(b"kembar-evidence/2", b"kembar-evidence\\/1", 1))
_bytes_case("escaped-letter", lambda data: data.replace(b"kembar-evidence/2", b"\\u006bembar-evidence/1", 1))
_bytes_case("member-name-not-ascii", lambda data: data.replace(b'"format":', '"formät":'.encode(), 1))
_bytes_case("depth-17", lambda data: data.replace(b'"index":0,', b'"index":' + b"[" * 15 + b"]" * 15 + b",", 1))

# ---- step 2: evidence_malformed

for _name in ("checkpoint", "entries", "format", "question", "subjects"):
    add(f"without-{_name}", 2, delete(_name))
for _name in ("disclosures", "index", "leaf", "proof"):
    add(f"entry-without-{_name}", 2, delete(f"entries.1.{_name}"))
for _name in ("list", "path", "subject"):
    add(f"list-without-{_name}", 2, delete(f"subjects.1.{_name}"))
add("unknown-member", 2, put("extra", 1))
CASES["step02-an-array"] = lambda: wrong(2, b"[]")
add("format-1", 2, put("format", "kembar-evidence/1"))
add("checkpoint-not-a-string", 2, put("checkpoint", ["x"]))
add("question-of-two", 2, put("question.party", "0" * 64))
add("question-empty", 2, put("question", {}))
add("question-unknown", 2, put("question", {"twin": "0" * 64}))
add("question-upper-case", 2, put("question.usage", "A" * 64))
add("question-short", 2, put("question.usage", "0" * 63))
add("question-ask-unknown", 2, put("question.ask", "in_force"))
add("question-ask-not-a-string", 2, put("question.ask", ["paid"]))
add("question-ask-of-a-file", 2, put("question", {"asset": "0" * 64, "ask": "paid"}))
add("question-ask-alone", 2, put("question", {"ask": "paid"}))
add("question-ask-complete-of-a-usage", 2, put("question.ask", "complete"))
add("question-ask-paid-of-a-party", 2, put("question", {"party": "0" * 64, "ask": "paid"}))
add("question-ask-under-a-consent", 2, put("question", {"party": "0" * 64, "consent": "0" * 64, "ask": "complete"}))
add("question-usage-under-a-consent", 2, put("question.consent", "0" * 64))
add("question-under-a-consent-upper-case", 2, put("question", {"party": "0" * 64, "consent": "A" * 64}))
add("entries-not-an-array", 2, put("entries", {"a": 1}))
add("entries-fall", 2, lambda value: value["entries"].reverse())
add("entry-twice", 2, lambda value: value["entries"].insert(1, value["entries"][1]))
add("entry-unknown-member", 2, put("entries.1.logged", 1))
add("index-negative", 2, put("entries.0.index", -1))
add("index-a-string", 2, put("entries.0.index", "0"))
add("index-a-boolean", 2, put("entries.0.index", False))
add("proof-not-an-array", 2, put("entries.0.proof", "x"))
add("proof-hash-spare-bits", 2, put("entries.0.proof.0", spare))
add("proof-hash-short", 2, put("entries.0.proof.0", b64encode(b"x" * 31).decode()))
add("proof-hash-unpadded", 2, put("entries.0.proof.0", lambda text: text.rstrip("=")))
add("proof-of-65", 2, put("entries.0.proof", lambda proof: [proof[0]] * 65))
add("disclosure-not-a-string", 2, put("entries.1.disclosures", [7]))
add("disclosure-empty", 2, put("entries.1.disclosures", [""]))
add("disclosure-padded", 2, put("entries.1.disclosures", ["QQ=="]))
add("disclosure-spare-bits", 2, put("entries.1.disclosures", ["QR"]))
add("disclosure-of-65537", 2, put("entries.1.disclosures", ["A" * 65_537]))
add("disclosures-7", 2, put("entries.1.disclosures", ["QQ"] * 7))
add("subjects-fall", 2, lambda value: value["subjects"].reverse())
add("subject-twice", 2, lambda value: value["subjects"].insert(1, value["subjects"][1]))
add("subject-unknown", 2, put("subjects.0.subject", "a:" + "0" * 64))
add("subject-upper-case", 2, put("subjects.0.subject", "account:" + "A" * 64))
add("subject-approval-of-one", 2, put("subjects.0.subject", "approval:" + "0" * 64))
add("rows-fall", 2, lambda value: list_at(value, "consent")["list"].extend([[9, 1], [8, 1]]))
add("row-twice", 2, lambda value: list_at(value, "consent")["list"].append(list_at(value, "consent")["list"][-1]))
add("row-of-three", 2, lambda value: list_at(value, "consent")["list"][0].append(1))
add("row-negative-time", 2, lambda value: put("list.0.1", -1)(list_at(value, "consent")))
add("bit-256", 2, put("subjects.1.path.0.0", 256))
add("bits-rise", 2, lambda value: value["subjects"][1]["path"].reverse())
add("bit-twice", 2, lambda value: value["subjects"][1]["path"].insert(0, value["subjects"][1]["path"][0]))
add("sibling-short", 2, put("subjects.1.path.0.1", b64encode(b"x" * 31).decode()))
add("sibling-spare-bits", 2, put("subjects.1.path.0.1", spare))
add("absence-without-other", 2, lambda value: list_at(value, "account").pop("other"))
add("presence-with-other", 2, lambda value: put("other", list_at(value, "account")["other"])(list_at(value, "uses")))
add("other-key-short", 2, lambda value: put("other.k", b64encode(b"x" * 31).decode())(list_at(value, "account")))
add("other-value-long", 2, lambda value: put("other.v", b64encode(b"x" * 41).decode())(list_at(value, "account")))
add("other-unknown-member", 2, lambda value: put("other.w", 1)(list_at(value, "account")))
add("other-null-value", 2, lambda value: list_at(value, "account")["other"].pop("v"))

# ---- step 3: leaf_malformed


def _leaf_case(name: str, change: Callable[[Any], object]) -> None:
    """A change to the envelope of the usage."""
    add(name, 3, lambda value: change(entry_at(value, base().usage.index)))


def _statement_case(name: str, change: Callable[[Any], object]) -> None:
    """A change to the usage itself."""

    def rewrite(entry: Any) -> None:
        statement = json.loads(b64decode(entry["leaf"]["payload"]))
        change(statement)
        entry["leaf"]["payload"] = b64encode(canonical.encode(statement)).decode()

    _leaf_case(name, rewrite)


_leaf_case("leaf-a-string", put("leaf", "x"))
_leaf_case("leaf-an-array", put("leaf", []))
_leaf_case("envelope-unknown-member", put("leaf.note", 1))
_leaf_case("envelope-without-signatures", delete("leaf.signatures"))
_leaf_case("payload-type", put("leaf.payloadType", "application/json"))
_leaf_case("payload-spare-bits", put("leaf.payload", b64encode(b"{}").decode()[:-2] + "R="))
_leaf_case("payload-not-json", put("leaf.payload", b64encode(b"{").decode()))
_leaf_case("payload-white-space", put("leaf.payload", lambda text: b64encode(b64decode(text) + b"\n").decode()))
_leaf_case("no-signatures", put("leaf.signatures", []))
_leaf_case("signature-twice", put("leaf.signatures", lambda all: all * 2))
_leaf_case("signature-short", put("leaf.signatures.0.sig", b64encode(b"x" * 63).decode()))
_leaf_case("signature-unknown-member", put("leaf.signatures.0.alg", "x"))
_leaf_case("keyid-upper-case", put("leaf.signatures.0.keyid", "A" * 64))
_leaf_case(
    "signatures-25",
    put("leaf.signatures", lambda all: [{"keyid": f"{i:064x}", "sig": all[0]["sig"]} for i in range(25)]),
)
_leaf_case(
    "signatures-fall",
    put("leaf.signatures", lambda all: [{"keyid": one * 64, "sig": all[0]["sig"]} for one in "ba"]),
)
_statement_case("kembar-1", put("kembar", 1))
_statement_case("type-unknown", put("type", "lease"))
_statement_case("statement-unknown-member", put("note", "x"))
_statement_case("statement-without-at", delete("at"))
_statement_case("no-such-day", put("at", "2026-02-29T00:00:00Z"))
_statement_case("nonce-short", put("nonce", format_b64u(b"x" * 15)))
_statement_case("asset-upper-case", put("assets", ["A" * 64]))
_statement_case("assets-fall", put("assets", ["b" * 64, "a" * 64]))
_statement_case("assets-513", put("assets", [f"{i:064x}" for i in range(513)]))
_statement_case("assets-none", put("assets", []))
_statement_case("role-unknown", put("parties.owner", "0" * 64))
_statement_case("section-unknown", put("sections.money", format_b64u(b"x" * 32)))
_statement_case("section-missing", delete("sections.terms"))
_statement_case("section-digest-short", put("sections.terms", format_b64u(b"x" * 31)))


@case
def step03_leaf_too_long() -> Case:
    """A statement of which every member is right, and whose envelope has more than 65,535 bytes."""

    def change(value: Any) -> None:
        entry = entry_at(value, base().consent.index)
        statement = json.loads(b64decode(entry["leaf"]["payload"]))
        statement["sublicensees"] = statement["providers"] = [f"{i:064x}" for i in range(400)]
        entry["leaf"]["payload"] = b64encode(canonical.encode(statement)).decode()

    return wrong(3, edit(change))


# ---- step 4: checkpoint_malformed


def _note_case(name: str, change: Callable[[str], str]) -> None:
    add(name, 4, put("checkpoint", change))


def _line(number: int, change: Callable[[str], str]) -> Callable[[str], str]:
    def rewrite(note: str) -> str:
        lines = note.split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines)

    return rewrite


_note_case("note-empty", lambda note: "")
_note_case("note-without-last-newline", lambda note: note[:-1])
_note_case("note-without-signatures", lambda note: note.split("\n\n")[0] + "\n\n")
_note_case("note-crlf", lambda note: note.replace("\n", "\r\n"))
_note_case("origin-empty", _line(0, lambda line: ""))
_note_case("size-leading-zero", _line(1, lambda line: "0" + line))
_note_case("size-signed", _line(1, lambda line: "+" + line))
_note_case("size-too-large", _line(1, lambda line: str(2**63)))
_note_case("root-spare-bits", _line(2, spare))
_note_case("root-short", _line(2, lambda line: b64encode(b"x" * 31).decode()))
_note_case("extension-line", _line(2, lambda line: line + "\nextension"))
_note_case("signature-line-hyphen", _line(4, lambda line: line.replace("—", "-")))
_note_case("signature-line-without-key", _line(4, lambda line: "— name"))
_note_case("signature-line-key-id-only", _line(4, lambda line: "— name AAAAAA=="))
_note_case("signature-line-spare-bits", _line(4, lambda line: "— name AAAAAAB="))

# ---- step 5: log_untrusted


@case
def step05_log_not_in_the_policy() -> Case:
    other = World(origin="other.example/log")
    return wrong(5, base().data, policy=other.policy())


@case
def step05_origin_of_another_log() -> Case:
    """The key is the policy's; the checkpoint is for an origin that the policy does not name."""
    b = base()
    note = b.world.checkpoint(origin="other.example/log")
    return wrong(5, edit(put("checkpoint", note)))


@case
def step05_log_line_missing() -> Case:
    return wrong(5, edit(put("checkpoint", lambda note: _line(4, lambda line: "")(note).replace("\n\n\n", "\n\n"))))


@case
def step05_log_signature_flipped() -> Case:
    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{name} {flip(text, 20)}"

    return wrong(5, edit(put("checkpoint", _line(4, change))))


@case
def step05_signed_by_a_key_that_only_has_the_name() -> Case:
    note = base().world.checkpoint(signer=key("a stranger"))
    return wrong(5, edit(put("checkpoint", note)))


@case
def step05_log_signs_a_good_and_a_bad_line() -> Case:
    """Every line by a key of the policy must verify."""

    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{line}\n{name} {flip(text, 20)}"

    return wrong(5, edit(put("checkpoint", _line(4, change))))


# ---- step 6: quorum_missing


@case
def step06_no_cosignature() -> Case:
    return wrong(6, edit(put("checkpoint", base().world.checkpoint(cosigners=[]))))


@case
def step06_one_cosignature_of_two() -> Case:
    b = base()
    return wrong(6, edit(put("checkpoint", b.world.checkpoint(cosigners=b.world.witnesses))))


@case
def step06_cosignature_of_a_stranger() -> Case:
    b = base()
    note = b.world.checkpoint(cosigners=[*b.world.witnesses, "eve.example/witness"])
    return wrong(6, edit(put("checkpoint", note)))


@case
def step06_one_witness_twice() -> Case:
    b = base()
    note = b.world.checkpoint(cosigners=b.world.witnesses * 2)
    return wrong(6, edit(put("checkpoint", note)))


def _flip_cosignature(place: int) -> Callable[[str], str]:
    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{name} {flip(text, place)}"

    return _line(5, change)


@case
def step06_cosignature_flipped() -> Case:
    return wrong(6, edit(put("checkpoint", _flip_cosignature(30))))


@case
def step06_cosignature_time_changed() -> Case:
    return wrong(6, edit(put("checkpoint", _flip_cosignature(11))))


@case
def step06_bad_cosignature_though_no_quorum_is_asked() -> Case:
    """A line by a key of the policy that does not verify condemns the note, needed or not."""
    b = base()
    return wrong(6, edit(put("checkpoint", _flip_cosignature(30))), policy=b.world.policy(quorum="none"))


@case
def step06_cosignature_of_another_checkpoint() -> Case:
    b = base()
    other = b.world.checkpoint(root=bytes(32)).split("\n")
    return wrong(6, edit(put("checkpoint", _line(5, lambda line: other[5]))))


# ---- step 7: not_included

add("proof-hash-flipped", 7, put("entries.1.proof.0", flip))
add("proof-short", 7, put("entries.1.proof", lambda proof: proof[:-1]))
add("proof-long", 7, put("entries.1.proof", lambda proof: [*proof, proof[0]]))
add("proof-empty", 7, put("entries.1.proof", []))
add("proof-reversed", 7, lambda value: value["entries"][1]["proof"].reverse())
add("index-of-the-neighbour", 7, put("entries.1.index", lambda index: index + 1))
add("index-past-the-end", 7, put("entries.-1.index", lambda index: index + 1))
add("index-2-53-minus-1", 7, put("entries.-1.index", 2**53 - 1))


@case
def step07_root_of_another_tree() -> Case:
    """A checkpoint that log and witnesses signed, for a tree with these leaves nowhere in it."""
    return wrong(7, edit(put("checkpoint", base().world.checkpoint(root=bytes(32)))))


@case
def step07_signature_changed_after_logging() -> Case:
    def change(value: Any) -> None:
        entry = entry_at(value, base().usage.index)
        entry["leaf"]["signatures"][0]["sig"] = flip(entry["leaf"]["signatures"][0]["sig"])

    return wrong(7, edit(change))


@case
def step07_entry_of_another_log() -> Case:
    """The same statement, logged elsewhere with the same words but another nonce."""
    other = World(origin="other.example/log")
    brand = other.party("brand", roles=["licensee"])
    assert brand.entry is not None
    leaf = json.loads(brand.entry.leaf)
    return wrong(7, edit(put("entries.1.leaf", leaf)))


# ---- step 8: seal_wrong

add("without-genesis", 8, delete("entries.0"))
add("without-last-seal", 8, delete("entries.-1"))
add("without-entries", 8, put("entries", []))


def _unsealed(world: World, usage: Logged) -> bytes:
    return world.evidence(usage, lists=short_lists(world, usage))


def small() -> tuple[World, Actor, Actor, Logged]:
    """A log of one consent, without witnesses, for registries that lie."""
    world = World()
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    return world, anna, brand, world.consent(model=anna, licensee=brand)


@case
def step08_last_leaf_not_a_seal() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    world.log.leaves.pop()
    world.log.leaves.pop()
    world.log.append_seal(usage.leaf)
    return wrong(8, _unsealed(world, usage), world=world)


@case
def step08_seal_of_another_size() -> Case:
    world, _, _, consent = small()
    with world.batch(size=world.log.size):
        usage = world.usage(consent)
    return wrong(8, _unsealed(world, usage), world=world)


@case
def step08_entry_0_not_genesis() -> Case:
    """A log whose first leaf is a party of another log."""
    world, anna, _, consent = small()
    usage = world.usage(consent)
    assert anna.entry is not None
    data = _unsealed(world, usage)
    world.log.leaves[0] = anna.entry.leaf
    world.log._nodes.clear()
    value = json.loads(data)
    value["checkpoint"] = world.checkpoint()
    for entry in value["entries"]:
        entry["proof"] = [b64encode(one).decode() for one in world.log.inclusion(entry["index"])]
    value["entries"][0]["leaf"] = json.loads(anna.entry.leaf)
    return wrong(8, canonical.encode(value), world=world)


@case
def step08_genesis_of_another_origin() -> Case:
    world = World(genesis={"members": {"origin": "other.example/log"}})
    data = world.evidence("hero.jpg", lists=[f"registry:{world.genesis.id}", f"asset:{file('hero.jpg')}"])
    return wrong(8, data, world=world)


def _seal_past_cosignature(late: int) -> Case:
    b = base()
    note = b.world.checkpoint(cosigned_at=b.world.now - late)
    return wrong(8, edit(put("checkpoint", note)))


@case
def step08_seal_301_seconds_past_as_of() -> Case:
    return _seal_past_cosignature(301)


# ---- step 9: signature_wrong


@case
def step09_signature_over_other_bytes() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent, wrong_signatures=True)
    return wrong(9, _unsealed(world, usage), world=world)


def _signed_otherwise(sign: Callable[[SigningKey, bytes], Signature]) -> Case:
    """A log that took a usage whose one signature was made in a way of its own."""
    world, _, brand, consent = small()
    made = world.usage(consent)
    payload = b64decode(json.loads(made.leaf)["payload"])
    leaf = format_envelope(payload, [sign(brand.keys[0], pae(payload))])
    other, _, _, consent = small()
    index = other.leaf(leaf)
    return wrong(9, _unsealed(other, other.entries[index]), world=other)


@case
def step09_scalar_not_canonical() -> Case:
    """S + L satisfies the equation just as S does; libsodium refuses it, some libraries do not."""

    def sign(signer: SigningKey, message: bytes) -> Signature:
        good = signer.sign(message)
        scalar = int.from_bytes(good[32:], "little") + ORDER
        return Signature(keyid=signer.public.hex(), sig=good[:32] + scalar.to_bytes(32, "little"))

    return _signed_otherwise(sign)


@case
def step09_key_of_small_order() -> Case:
    """The neutral element as key, the neutral element as R and S = 0: "good" for every message, if let through."""
    neutral = b"\x01" + bytes(31)
    return _signed_otherwise(lambda signer, message: Signature(keyid=neutral.hex(), sig=neutral + bytes(32)))


@case
def step09_statement_signed_without_pae() -> Case:
    def sign(signer: SigningKey, message: bytes) -> Signature:
        return Signature(keyid=signer.public.hex(), sig=signer.sign(message.split(b" ", 4)[4]))

    return _signed_otherwise(sign)


@case
def step09_seal_with_a_wrong_signature() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    leaf = json.loads(world.log.leaves.pop())
    leaf["signatures"][0]["sig"] = flip(leaf["signatures"][0]["sig"])
    world.log.append_seal(canonical.encode(leaf))
    return wrong(9, _unsealed(world, usage), world=world)


# ---- step 10: disclosure_wrong


def _disclosed(name: str, change: Callable[[list[str]], object]) -> None:
    """A change to the disclosures of the consent, which are those of money and terms."""

    def rewrite(value: Any) -> None:
        change(entry_at(value, base().consent.index)["disclosures"])

    add(name, 10, rewrite)


def _resalted(text: str) -> str:
    _, name, value = json.loads(b64decode(text + "==", altchars=b"-_"))
    return format_disclosure(name, value, bytes(16))


def _respelt(text: str) -> str:
    return format_b64u(b64decode(text + "==", altchars=b"-_").replace(b",", b", ", 1))


_disclosed("disclosures-fall", lambda texts: texts.reverse())
_disclosed("disclosure-twice", lambda texts: texts.insert(0, texts[0]))
_disclosed("disclosure-with-another-salt", put("0", _resalted))
_disclosed("disclosure-not-json", put("0", format_b64u(b"[")))
_disclosed("disclosure-white-space", put("0", _respelt))
_disclosed("disclosure-of-two", put("0", format_b64u(b'["AAAAAAAAAAAAAAAAAAAAAA","money"]')))
_disclosed("disclosure-of-nobody", lambda texts: texts.insert(1, format_disclosure("person", {"name": "x"}, bytes(16))))
add(
    "disclosure-of-a-neighbour",
    10,
    lambda value: put("disclosures", entry_at(value, base().consent.index)["disclosures"])(
        entry_at(value, base().usage.index)
    ),
)


def _own_disclosure(text: str) -> Case:
    """A usage whose header holds the digest of exactly this text."""
    world, _, _, consent = small()
    usage = world.usage(consent, members={"sections": {"terms": digest(text)}}, undisclosed=["terms"])
    world.log.disclosed[usage.index]["terms"] = text
    return wrong(10, _unsealed(world, usage), world=world)


def _terms(**members: Any) -> dict[str, Any]:
    terms = {
        "rights": ["likeness"],
        "channels": ["print"],
        "countries": ["DE"],
        "purpose": "advertising",
        "category": "1067",
        "starts": "2026-01-01T00:00:00Z",
        "ends": "2026-02-01T00:00:00Z",
        **members,
    }
    return {name: value for name, value in terms.items() if value is not None}


def _schema_case(name: str, **members: Any) -> None:
    CASES[f"step10-{name}"] = lambda: _own_disclosure(format_disclosure("terms", _terms(**members), b"s" * 16))


_schema_case("section-unknown-member", note="x")
_schema_case("section-without-category", category=None)
_schema_case("section-country-lower-case", countries=["de"])
_schema_case("section-set-falls", countries=["FR", "DE"])
_schema_case("section-purpose-unknown", purpose="fun")
_schema_case("section-flag-an-integer", targeted=1)


@case
def step10_salt_of_15_bytes() -> Case:
    return _own_disclosure(format_b64u(canonical.encode([format_b64u(b"s" * 15), "terms", _terms()])))


@case
def step10_name_of_another_section() -> Case:
    return _own_disclosure(format_disclosure("person", {"name": "x"}, b"s" * 16))


# ---- step 11: list_wrong

add("sibling-flipped", 11, put("subjects.1.path.0.1", flip))
add("path-short", 11, lambda value: value["subjects"][1]["path"].pop())
add("path-empty", 11, put("subjects.1.path", []))
add("bit-changed", 11, put("subjects.1.path.0.0", lambda bit: bit + 1))
add("row-left-out", 11, lambda value: list_at(value, "uses")["list"].pop())
add("rows-added", 11, lambda value: list_at(value, "consent")["list"].append([2**53 - 1, 2**53 - 1]))
add("row-time-changed", 11, lambda value: put("list.0.1", lambda at: at + 1)(list_at(value, "consent")))
add("row-index-changed", 11, lambda value: put("list.0.0", lambda index: index + 1)(list_at(value, "consent")))
add("row-added", 11, lambda value: list_at(value, "consent")["list"].append([base().usage.index, base().world.now]))
add("other-value-changed", 11, lambda value: put("other.v", flip)(list_at(value, "account")))
add("other-size-0", 11, lambda value: put("other.v", b64encode(bytes(40)).decode())(list_at(value, "account")))


@case
def step11_list_row_left_out() -> Case:
    """The one usage is left out of its list, which is then claimed to be empty, by the subject's own entry."""

    def change(value: Any) -> None:
        shown = list_at(value, "uses")
        tree = base().world.log.index_tree
        k = subject_key(shown["subject"])
        v = tree.get(k)
        assert v is not None
        shown.update(list=[], other={"k": b64encode(k).decode(), "v": b64encode(v).decode()})

    return wrong(11, edit(change))


@case
def step11_absence_by_an_entry_elsewhere() -> Case:
    """The path is right for the other entry, and the subject's own would not have stood there."""

    def change(value: Any) -> None:
        log, shown = base().world.log, list_at(value, "account")
        side = subject_key(shown["subject"])[0] >> 7
        other = next(name for name in sorted(log.lists) if subject_key(name)[0] >> 7 != side)
        v = log.index_tree.get(subject_key(other))
        assert v is not None
        shown["other"] = {"k": b64encode(subject_key(other)).decode(), "v": b64encode(v).decode()}
        shown["path"] = [[bit, b64encode(sibling).decode()] for bit, sibling in log.index_proof(other).path]

    return wrong(11, edit(change))


@case
def step11_seal_with_another_index_root() -> Case:
    world, _, _, consent = small()
    with world.batch(index=b64encode(bytes(32)).decode()):
        usage = world.usage(consent)
    return wrong(11, _unsealed(world, usage), world=world)


# ---- step 12: list_incomplete


@case
def step12_entry_left_out() -> Case:
    """A row without its entry."""
    return wrong(12, edit(lambda value: value["entries"].remove(entry_at(value, base().usage.index))))


@case
def step12_entry_in_no_list() -> Case:
    b = base()
    assert b.anna.entry is not None
    index = b.anna.entry.index
    entry = {
        "disclosures": [],
        "index": index,
        "leaf": json.loads(b.anna.entry.leaf),
        "proof": [b64encode(one).decode() for one in b.world.log.inclusion(index)],
    }
    return wrong(12, edit(lambda value: value["entries"].insert(1, entry)))


def _lying(change: Callable[[World, Logged, Logged], None]) -> Case:
    """A registry whose index says something else than its entries."""
    world, _, _, consent = small()
    usage = world.usage(consent)
    change(world, consent, usage)
    world.usage(consent)
    return wrong(12, _unsealed(world, usage), world=world)


@case
def step12_index_leaves_an_entry_out() -> Case:
    """The list of the consent's uses lacks one that the account's list (a lie too) brings to light."""

    def change(world: World, consent: Logged, usage: Logged) -> None:
        world.log.lie(f"uses:{consent.id}", [])
        world.log.lie(f"consent:{consent.id}", [(consent.index, consent.logged)])
        world.log.lie(f"account:{consent.id}", [(usage.index, usage.logged)])

    return _lying(change)


@case
def step12_index_lists_an_entry_that_does_not_touch_it() -> Case:
    def change(world: World, consent: Logged, usage: Logged) -> None:
        world.log.lie(f"account:{consent.id}", [(usage.index, usage.logged)])

    return _lying(change)


@case
def step12_two_logged_times_of_one_entry() -> Case:
    """The consent stands in two shown lists, in one of them a second later."""
    world, anna, _, consent = small()
    world.log.lie(f"consent:{consent.id}", [(consent.index, consent.logged + 1)])
    world.advance(10)
    usage = world.usage(consent)
    lists = [*short_lists(world, usage), f"party:{anna.id}"]
    return wrong(12, world.evidence(usage, lists=lists), world=world)


@case
def step12_logged_times_fall() -> Case:
    world, _, _, consent = small()
    world.advance("-1s")
    usage = world.usage(consent)
    world.advance("2s")
    world.party("later", roles=["maker"])
    return wrong(12, _unsealed(world, usage), world=world)


@case
def step12_last_seal_runs_backwards() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    world.advance("-1s")
    world.party("later", roles=["maker"])
    return wrong(12, _unsealed(world, usage), world=world)


# ---- step 13: registry_wrong


@case
def step13_statement_for_another_registry() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent, registry="0" * 64)
    return wrong(13, _unsealed(world, usage), world=world)


@case
def step13_registry_list_not_shown() -> Case:
    b = base()
    data = b.world.evidence(b.usage, lists=short_lists(b.world, b.usage)[1:])
    return wrong(13, data)


def _nothing(world: World) -> bytes:
    """The shortest file: a digest that no statement names."""
    return world.evidence("hero.jpg", lists=[f"registry:{world.genesis.id}", f"asset:{file('hero.jpg')}"])


@case
def step13_genesis_signed_by_another_key() -> Case:
    world = World(genesis={"signers": [key("a stranger")]})
    return wrong(13, _nothing(world), world=world)


@case
def step13_genesis_signed_by_one_too_many() -> Case:
    world = World(genesis={"extra": [key("a stranger")]})
    return wrong(13, _nothing(world), world=world)


@case
def step13_seal_signed_by_another_key() -> Case:
    world = World()
    with world.batch(signers=[key("a stranger")]):
        world.party("anna", roles=["model"])
    return wrong(13, _nothing(world), world=world)


@case
def step13_seal_signed_by_one_too_many() -> Case:
    world = World()
    with world.batch(signers=[world.log_key, key("a stranger")]):
        world.party("anna", roles=["model"])
    return wrong(13, _nothing(world), world=world)


@case
def step13_seal_signed_by_the_former_key() -> Case:
    world = World()
    former, vkey = world.log_key, world.vkey()
    world.registry(log=key("the new key"))
    world.log_key, after = former, world.log_key
    world.party("anna", roles=["model"])
    world.log_key = after
    return wrong(13, _nothing(world), policy=world.policy(logs=[vkey, world.vkey()]), world=world)


@case
def step13_checkpoint_signed_by_the_former_key() -> Case:
    world = World()
    former, vkey = world.log_key, world.vkey()
    world.registry(log=key("the new key"))
    data = edit(put("checkpoint", world.checkpoint(signer=former)), _nothing(world))
    return wrong(13, data, policy=world.policy(logs=[vkey, world.vkey()]), world=world)


@case
def step13_new_key_that_did_not_sign_for_itself() -> Case:
    """The statement that brings in the new key lacks its signature, so the old key is still the registry's."""
    world = World()
    world.registry(log=key("the new key"), drop=[key("the new key")])
    return wrong(13, _nothing(world), world=world)


@case
def step13_new_key_that_the_old_did_not_sign_for() -> Case:
    world = World()
    world.registry(log=key("the new key"), drop=[world.log_key])
    return wrong(13, _nothing(world), world=world)


# ---- step 14: question_wrong


def _asking(question: Question, lists: Sequence[str] | None = None) -> Case:
    b = base()
    return wrong(14, b.world.evidence(question, lists=lists or short_lists(b.world, b.usage)))


@case
def step14_usage_not_shown() -> Case:
    return _asking(Question(kind="usage", id="0" * 64))


@case
def step14_usage_that_is_a_consent() -> Case:
    return _asking(Question(kind="usage", id=base().consent.id))


@case
def step14_consent_that_is_a_usage() -> Case:
    return _asking(Question(kind="consent", id=base().usage.id))


@case
def step14_party_without_its_list() -> Case:
    b = base()
    lists = [*short_lists(b.world, b.usage), f"keys:{b.brand.id}"]
    return _asking(Question(kind="party", id=b.brand.id), lists)


@case
def step14_party_that_is_a_consent() -> Case:
    return _asking(Question(kind="party", id=base().consent.id))


@case
def step14_asset_without_its_list() -> Case:
    return _asking(Question(kind="asset", id=file("hero.jpg")))


@case
def step14_party_under_a_consent_that_is_a_usage() -> Case:
    b = base()
    return _asking(Question(kind="party", id=b.brand.id, consent=b.usage.id))


@case
def step14_party_under_a_consent_without_a_list_of_it() -> Case:
    b = base()
    question = Question(kind="party", id=b.brand.id, consent=b.consent.id)
    return wrong(14, b.world.evidence(question, hide_lists=["account"]))


# ---- verdicts


def right(evidence: bytes, world: World, *, instant: int | None = None, policy: str | None = None,
          files: tuple[str, ...] = (), **expected: Any) -> Case:  # fmt: skip
    """A file that yields a verdict with at least these members."""
    return Case(
        evidence=evidence,
        policy=policy or world.policy(),
        instant=world.now if instant is None else instant,
        step=0,
        files=files,
        expected=expected,
    )


@case
def verdict_asset_registered() -> Case:
    b = base()
    return right(b.world.evidence("hero.jpg"), b.world, answer="REGISTERED")


@case
def verdict_asset_not_registered() -> Case:
    b = base()
    return right(b.world.evidence("nowhere.jpg"), b.world, answer="NOT_REGISTERED")


@case
def verdict_usage() -> Case:
    b = base()
    return right(
        b.world.evidence(b.usage), b.world, files=(file("hero.jpg"),), authorised="AUTHORISED",
        as_of={"at": format_instant(b.world.now), "basis": "audited", "rules": 2, "size": b.world.log.size},
    )  # fmt: skip


@case
def verdict_consent() -> Case:
    b = base()
    return right(b.world.evidence(b.consent), b.world, answer="IN_FORCE")


@case
def verdict_party() -> Case:
    b = base()
    return right(b.world.evidence(b.anna), b.world, answer="COMPLETE")


@case
def verdict_few_lists() -> Case:
    """Lists that are not shown are no error; what turns on them cannot be told."""
    b = base()
    return right(b.data, b.world, authorised="CANNOT_TELL")


@case
def verdict_seal_300_seconds_past_as_of() -> Case:
    late = _seal_past_cosignature(300)
    return right(late.evidence, base().world, authorised="CANNOT_TELL")


@case
def verdict_key_of_the_registry_changed() -> Case:
    world = World()
    vkey = world.vkey()
    world.registry(log=key("the new key"))
    world.party("anna", roles=["model"])
    return right(_nothing(world), world, policy=world.policy(logs=[vkey, world.vkey()]), answer="NOT_REGISTERED")


@case
def verdict_void_entry_is_a_fault() -> Case:
    """A right signature by the wrong signer does not condemn the file; the entry has no effect."""
    world, _, _, consent = small()
    revocation = world.revocation(consent=consent, signers=[world.party("stranger", roles=["holder"])])
    faults = [{"code": "void_signers", "entries": [revocation.index]}]
    return right(world.evidence(consent), world, answer="IN_FORCE", faults=faults)


@case
def verdict_claimed() -> Case:
    """Without a quorum the last seal tells the time."""
    world, _, _, consent = small()
    as_of = {"at": format_instant(world.now), "basis": "claimed", "rules": 2, "size": world.log.size}
    return right(world.evidence(consent), world, answer="IN_FORCE", as_of=as_of)


@case
def verdict_one_answer_of_a_usage() -> Case:
    """Of one use its own list is enough, and nothing is told of money."""
    b = base()
    question = Question(kind="usage", id=b.usage.id, ask="authorised")
    evidence = b.world.evidence(question)
    assert f"uses:{b.consent.id}" not in evidence.decode() and b"account:" not in evidence
    asked = {"usage": b.usage.id, "ask": "authorised"}
    return right(evidence, b.world, authorised="AUTHORISED", paid=None, question=asked)


@case
def verdict_what_was_paid() -> Case:
    b = base()
    evidence = b.world.evidence(Question(kind="usage", id=b.usage.id, ask="paid"))
    return right(evidence, b.world, authorised=None, segments=None)


@case
def verdict_now_and_then() -> Case:
    """A file goes on proving what it proved."""
    world, _, _, consent = small()
    usage = world.usage(consent)
    world.advance("10d")
    world.party("later", roles=["holder"])
    then = {
        "authorised": "AUTHORISED",
        "segments": [
            {"authorised": "AUTHORISED", "from": format_instant(usage.logged), "to": format_instant(world.now)}
        ],
    }
    evidence = world.evidence(Question(kind="usage", id=usage.id, ask="authorised"))
    return right(evidence, world, instant=world.now + 86_400 * 5, authorised="CANNOT_TELL", then=then)


@case
def verdict_about_whom_it_is() -> Case:
    """By the names that a registrar vouched for, the latest one."""
    world = World()
    anna = world.party("anna", roles=["model"], called={"name": "Anna"})
    brand = world.party("brand", roles=["licensee"], called={"name": "Brand", "public": True})
    consent = world.consent(model=anna, licensee=brand)
    world.key(brand, add=[key("more")], called={"name": "Brand & Söhne", "public": True})
    usage = world.usage(consent)
    parties = [
        {"role": "licensee", "party": brand.id, "name": "Brand & Söhne", "public": True},
        {"role": "model", "party": anna.id, "name": "Anna"}, {"role": "payee", "party": anna.id, "name": "Anna"},
    ]  # fmt: skip
    about = {
        "parties": parties, "files": 1, "purpose": "advertising", "category": "1067", "placement": "paid",
        "channels": ["print"], "countries": ["DE"], "starts": format_instant(world.now),
        "ends": format_instant(world.now + 30 * 86_400),
    }  # fmt: skip
    return right(world.evidence(Question(kind="usage", id=usage.id, ask="authorised")), world, about=about)


@case
def verdict_party_by_headers() -> Case:
    """The list alone, without a section: that nothing is missing, and no more."""
    b = base()
    question = Question(kind="party", id=b.brand.id, ask="complete")
    evidence = b.world.evidence(question)
    assert all(text.startswith(b"[]") for text in evidence.split(b'"disclosures":')[1:])
    asked = {"ask": "complete", "party": b.brand.id}
    return right(evidence, b.world, answer="COMPLETE", question=asked, usages=None, consents=None)


@case
def verdict_party_under_one_consent() -> Case:
    """What its record book says of one consent and of the uses under it."""
    b = base()
    evidence = b.world.evidence(Question(kind="party", id=b.brand.id, consent=b.consent.id))
    assert f"party:{b.brand.id}".encode() not in evidence
    asked = {"consent": b.consent.id, "party": b.brand.id}
    return right(evidence, b.world, answer="COMPLETE", question=asked)
