"""Evidence files that are wrong in one thing each, and some that are right: what tests/vectors/evidence is made of.

A case is a function named after its vector; it returns a :class:`Case`. Wrong files fail at the step in their name and
at no earlier one. Where a registry has to lie for that, it does: everything up to that step is properly signed.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from tests.support import (  # noqa: F401 -- which add their cases
    evidence_content_cases,
    evidence_log_cases,
    evidence_pdf_cases,
    evidence_verdict_cases,
)
from tests.support.evidence_making import (
    CASES,
    Case,
    add,
    base,
    case,
    delete,
    edit,
    entry_at,
    list_at,
    on_line,
    put,
    wrong,
)
from verifier.base import canonical
from verifier.base.strict import format_b64u

# ---- the log that most cases are cut from


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


_note_case("note-empty", lambda note: "")
_note_case("note-without-last-newline", lambda note: note[:-1])
_note_case("note-without-signatures", lambda note: note.split("\n\n")[0] + "\n\n")
_note_case("note-crlf", lambda note: note.replace("\n", "\r\n"))
_note_case("origin-empty", on_line(0, lambda line: ""))
_note_case("size-leading-zero", on_line(1, lambda line: "0" + line))
_note_case("size-signed", on_line(1, lambda line: "+" + line))
_note_case("size-too-large", on_line(1, lambda line: str(2**63)))
_note_case("root-spare-bits", on_line(2, spare))
_note_case("root-short", on_line(2, lambda line: b64encode(b"x" * 31).decode()))
_note_case("extension-line", on_line(2, lambda line: line + "\nextension"))
_note_case("signature-line-hyphen", on_line(4, lambda line: line.replace("—", "-")))
_note_case("signature-line-without-key", on_line(4, lambda line: "— name"))
_note_case("signature-line-key-id-only", on_line(4, lambda line: "— name AAAAAA=="))
_note_case("signature-line-spare-bits", on_line(4, lambda line: "— name AAAAAAB="))
