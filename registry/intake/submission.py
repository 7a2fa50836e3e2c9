"""A submission: what is sent to ``POST /entries`` (protocol, section 8), and the file that signers pass on.

``{"disclosures": [...], "envelope": {"payload", "payloadType", "signatures"}}`` in canonical JSON. While it is being
signed it may lack signatures, even all of them; a registry takes it so only for a dry run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from unicodedata import is_normalized, normalize

from verifier.base import canonical, private_keys
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64, parse_b64
from verifier.statements.disclosure import MAX_DISCLOSURE, Disclosure, digest, parse_disclosure
from verifier.statements.envelope import PAYLOAD_TYPE, Envelope, Signature, envelope_from_json, pae, parse_envelope
from verifier.statements.making import format_envelope
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.sections import Name, Section
from verifier.statements.types import MAX_LEAF, SECTION_NAMES, Statement

MAX_SUBMISSION = MAX_LEAF + len(SECTION_NAMES) * (MAX_DISCLOSURE + 3) + 64
"""Bytes of the longest submission that the protocol's limits allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A statement's bytes, the signatures so far (rising by keyid) and the disclosures of its sections."""

    payload: bytes
    signatures: tuple[Signature, ...]
    disclosures: tuple[str, ...]

    def statement(self) -> Statement:
        """The statement inside, read strictly."""
        try:
            return parse_statement(self.payload)
        except KembarError as error:
            raise error.at("envelope.payload") from None

    def envelope(self) -> Envelope:
        """The leaf to be logged; needs at least one signature."""
        if not self.signatures:
            raise Malformed("nobody has signed it yet", "envelope.signatures")
        return parse_envelope(format_envelope(self.payload, self.signatures))

    def signed_by(self, key: private_keys.SigningKey) -> Submission:
        """The same with one signature more; an earlier one by the same key is replaced."""
        signature = Signature(keyid=key.public.hex(), sig=key.sign(pae(self.payload)))
        others = [one for one in self.signatures if one.keyid != signature.keyid]
        return replace(self, signatures=tuple(sorted([*others, signature], key=lambda one: one.keyid)))

    def opened(self) -> dict[str, Opened]:
        """Section name -> what was disclosed, each checked against its digest in the statement."""
        return open_disclosures(self.statement(), self.disclosures)


Opened: TypeAlias = tuple[Disclosure, Section]
"""A disclosure, and the section that it holds."""


def open_disclosures(statement: Statement, disclosures: Iterable[str]) -> dict[str, Opened]:
    """Section name -> what was disclosed, in order of the names; :class:`Malformed` says which is wrong and why."""
    found: dict[str, Opened] = {}
    for place, text in enumerate(disclosures):
        try:
            disclosure = parse_disclosure(text)
            if statement.sections.get(disclosure.name) != digest(text):
                raise Malformed(f"the statement does not commit to this under the name {disclosure.name}")
            if disclosure.name in found:
                raise Malformed(f"the section {disclosure.name} is disclosed twice")
            found[disclosure.name] = disclosure, parse_section(statement, disclosure.name, disclosure.value)
        except KembarError as error:
            raise error.at(f"disclosures[{place}]") from None
    return dict(sorted(found.items()))


def check_name(section: Section | None) -> None:
    """That a party's name is in NFC, so that one name has one spelling. Verdicts do not read Unicode's tables, which
    change (protocol, 4.3); whoever drafts and whoever admits does. Raises :class:`Malformed`."""
    if isinstance(section, Name) and not is_normalized("NFC", section.name):
        spelt = normalize("NFC", section.name)
        raise Malformed(f"letters and their marks are apart: write it composed (NFC), as here: {spelt}", "name.name")


def parse_submission(data: bytes) -> Submission:
    """Read a submission with any number of signatures, none included; :class:`Malformed` says what is wrong where."""
    return submission_from_json(canonical.parse(data, limit=MAX_SUBMISSION))


def submission_from_json(value: Json) -> Submission:
    """The submission in a decoded JSON text."""
    if not isinstance(value, dict):
        raise Malformed('a submission is an object {"disclosures": [...], "envelope": {...}}')
    _only(value, {"disclosures", "envelope"})
    disclosures = value["disclosures"]
    if not isinstance(disclosures, list) or not all(isinstance(text, str) for text in disclosures):
        raise Malformed("must be an array of disclosures", "disclosures")
    if len(disclosures) > len(SECTION_NAMES):
        raise Malformed(f"has {len(disclosures)}, at most {len(SECTION_NAMES)} are allowed", "disclosures")
    try:
        payload, signatures = _envelope(value["envelope"])
    except KembarError as error:
        raise error.at("envelope") from None
    return Submission(payload=payload, signatures=signatures, disclosures=tuple(disclosures))


def format_submission(submission: Submission) -> bytes:
    """The canonical bytes: what is sent, and what a signing file holds."""
    return canonical.encode(submission_to_json(submission))


def submission_to_json(submission: Submission) -> Json:
    """The submission as a JSON value."""
    signatures = [{"keyid": one.keyid, "sig": format_b64(one.sig)} for one in submission.signatures]
    envelope = {"payload": format_b64(submission.payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures}
    return {"disclosures": list(submission.disclosures), "envelope": envelope}


def _envelope(value: Json) -> tuple[bytes, tuple[Signature, ...]]:
    if isinstance(value, dict) and value.get("signatures") == []:
        _only(value, {"payload", "payloadType", "signatures"})
        if value["payloadType"] != PAYLOAD_TYPE or not isinstance(value["payload"], str):
            raise Malformed(f"must be {PAYLOAD_TYPE}", "payloadType")
        payload = parse_b64(value["payload"])
        if len(payload) > MAX_LEAF:
            raise Malformed(f"{len(payload)} bytes, at most {MAX_LEAF} are allowed", "payload")
        return payload, ()
    envelope = envelope_from_json(value)
    return envelope.payload, envelope.signatures


def _only(value: Mapping[str, Json], names: set[str]) -> None:
    for name in sorted(value.keys() - names):
        raise Malformed(f"unknown member; allowed are {', '.join(sorted(names))}", name)
    for name in sorted(names - value.keys()):
        raise Malformed("is missing", name)
