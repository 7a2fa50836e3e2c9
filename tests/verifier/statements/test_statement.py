"""Statements, envelopes and sections as Python sees them: types, defaults, errors, and other people's test vectors."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tests.support.encoded import encode_statement
from tests.vectors.making.examples import CONSENT, FULL, TWIN
from tests.vectors.making.sections import SECTIONS
from verifier.base.errors import Malformed
from verifier.base.private_keys import SigningKey
from verifier.statements.disclosure import digest
from verifier.statements.envelope import PAYLOAD_TYPE, Signature, check_signatures, pae, parse_envelope
from verifier.statements.kinds import kind_of
from verifier.statements.making import format_envelope
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.parties import Parties
from verifier.statements.sections import ConsentMoney, Exclusive, Terms, UsageTerms
from verifier.statements.subjects import parse_subject
from verifier.statements.types import STATEMENT_TYPES, Adjustment, Approval, Consent, Revocation, Seal, Statement

EXAMPLES = {one.name: one for one in FULL}


def read(name: str, **change: Any) -> Statement:
    """One of the full examples, with members changed; None removes one."""
    value = {**EXAMPLES[name].value, **change}
    return parse_statement(encode_statement({key: item for key, item in value.items() if item is not None}))


def section(kind: str, **change: Any) -> Any:
    found = next(one for one in SECTIONS if one.file == kind)
    value = {**{name: item for name, item in found.full.items() if name not in found.optional.split()}, **change}
    return parse_section(read(found.statement), found.section, value)


# ---- statements


def test_absent_members_are_none() -> None:
    consent = read("consent to use", under=None, replaces=None, sublicensees=None, providers=None)
    assert isinstance(consent, Consent)
    assert (consent.under, consent.replaces, consent.sublicensees, consent.providers) == (None, None, None, None)
    assert consent.twin == TWIN


def test_present_members_have_python_types() -> None:
    seal = read("seal")
    assert isinstance(seal, Seal)
    assert (seal.first, seal.size, seal.at) == (1200, 1207, 1795457115)
    assert seal.index == sha256(b"index").digest()
    assert (seal.parties, dict(seal.sections)) == (Parties(), {})
    approval = read("approval")
    assert isinstance(approval, Approval)
    assert isinstance(approval.assets, tuple)
    credit = read("adjustment that credits")
    assert isinstance(credit, Adjustment)
    assert credit.of is None


@pytest.mark.parametrize("kind", ["consent", "mandate", "twin"])
def test_target_of_a_revocation(kind: str) -> None:
    revocation = read(f"revocation of a {kind}")
    assert isinstance(revocation, Revocation)
    assert revocation.target == (kind, EXAMPLES[f"revocation of a {kind}"].value[kind])


def test_statements_are_equal_if_their_bytes_are() -> None:
    one, same, other = read("usage"), read("usage"), read("usage", at="2026-11-23T18:05:16Z")
    assert one == same
    assert one != other
    assert len({one, same, other}) == 2
    assert one != one.id


def test_statements_are_frozen() -> None:
    with pytest.raises(AttributeError):
        read("usage").at = 0  # type: ignore[misc]


def test_parties() -> None:
    parties = Parties(model="m", payer="m", licensee="l", payees=("m", "p"))
    assert parties.roles() == {"licensee": "l", "model": "m", "payer": "m"}
    assert parties.ids() == {"m", "l", "p"}
    assert (parties.role("model"), parties.role("agency")) == ("m", None)
    with pytest.raises(ValueError, match="payees is not a role"):
        parties.role("payees")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kembar": 1}, "kembar: this is a statement of protocol 1: it must be 2, the version of the protocol"),
        ({"kembar": True}, "kembar: must be 2, the version of the protocol"),
        ({"zebra": 1}, "zebra: unknown member; allowed are assets, at, consent, kembar,"),
        ({"consent": None}, "consent: is missing"),
        ({"assets": ["x"]}, r"assets\[0\]: must be 64 lower-case hex digits"),
        ({"sections": {"money": "A" * 43}}, "sections.terms: is missing"),
        ({"type": "usages"}, "type: a statement is an object whose type is one of genesis, registry,"),
        ({"at": "2026-02-30T00:00:00Z"}, "at: not a real date"),
        ({"parties": {"witness": CONSENT}}, "parties.witness: unknown member; allowed are agency, arbiter, author,"),
    ],
)
def test_errors_say_where_and_what_is_allowed(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Malformed, match=message):
        read("usage", **change)


# ---- sections


def test_defaults_of_the_terms_of_a_use() -> None:
    terms = section("terms-of-use")
    assert isinstance(terms, Terms)
    assert (terms.products, terms.silence, terms.overdue_limit, terms.profile, terms.memo) == (None,) * 5
    assert (terms.spill, terms.late_window, terms.sell_off, terms.notice) == (0, 0, 0, 0)
    assert (terms.derivatives, terms.training, terms.label, terms.pay_first) == ("none",) * 4
    assert (terms.categories_denied, terms.countries_excluded, terms.overage, terms.allow, terms.approve) == ((),) * 5
    assert terms.caps == {}


def test_defaults_of_other_sections() -> None:
    usage = section("terms-of-usage")
    assert isinstance(usage, UsageTerms)
    assert (usage.product, usage.targeted, usage.training, usage.label) == (None, False, False, "none")
    assert (usage.manipulations, usage.derivative_of, usage.units) == ((), (), {})
    exclusive = section("exclusive")
    assert isinstance(exclusive, Exclusive)
    assert (exclusive.except_, exclusive.hold_off, exclusive.notice, exclusive.countries_excluded) == ((), 0, 0, ())
    money = section("money-of-consent")
    assert isinstance(money, ConsentMoney)
    assert [(fee.above, fee.once) for fee in money.fees] == [(0, False), (0, True), (0, False)]
    assert [(split.gross_bp, split.via is None) for split in money.splits] == [(10_000, True), (12_200, False)]
    assert (money.due.from_, money.due.days) == ("declared", 30)
    assert money.fees[2].tiers is not None
    assert [(tier.from_, tier.amount) for tier in money.fees[2].tiers] == [(0, 300), (1_000_000, 200)]
    assert section("money-of-payment").lines == ()
    assert section("terms-of-creation").delete_by is None


def test_sections_can_be_hashed() -> None:
    assert len({section("terms-of-use"), section("terms-of-use", caps={"days": 1}), section("terms-of-use")}) == 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_section_of_every_type_has_a_reader_and_no_other(name: str) -> None:
    statement = read(name)
    row = kind_of(statement)
    required, optional = row.sections.keys(), row.optional_sections.keys()
    assert required.isdisjoint(optional)
    for section_name in ("evidence", "exclusive", "money", "person", "terms"):
        with pytest.raises(Malformed) as error:
            parse_section(statement, section_name, 7)
        known = section_name in required | optional
        assert error.value.message == ("must be an object" if known else f"a {statement.type} has no such section")


# ---- envelopes and disclosures, by the standards' own examples


def test_pae_of_the_dsse_specification() -> None:
    """secure-systems-lab/dsse, protocol.md, "Test Vectors"."""
    signed = pae(b"hello world", "http://example.com/HelloWorld")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_pae_counts_bytes() -> None:
    assert pae("naïve 李".encode(), "テスト/é") == "DSSEv1 12 テスト/é 10 naïve 李".encode()
    assert pae(b"") == f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} 0 ".encode()


def test_digest_of_rfc_9901() -> None:
    """RFC 9901, section 4.2.3: the digest of the disclosure of family_name."""
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_envelope_sorts_its_signatures() -> None:
    payload = encode_statement(EXAMPLES["usage"].value)
    keys = [SigningKey(bytes([i]) * 32) for i in range(5)]
    leaf = format_envelope(payload, [Signature(keyid=key.public.hex(), sig=key.sign(pae(payload))) for key in keys])
    envelope = parse_envelope(leaf)
    assert [one.keyid for one in envelope.signatures] == sorted(key.public.hex() for key in keys)
    assert (envelope.leaf, envelope.payload, check_signatures(envelope)) == (leaf, payload, None)


def test_envelope_with_a_key_twice_is_not_made() -> None:
    with pytest.raises(Malformed, match="no keyid twice"):
        format_envelope(b"x", [Signature(keyid="00" * 32, sig=bytes(64))] * 2)


# ---- subjects


@pytest.mark.parametrize(
    "text",
    [
        "", "party", "party:", f"party:{CONSENT[:-1]}", f"party:{CONSENT}0", f"party:{CONSENT.upper()}", CONSENT,
        f"Party:{CONSENT}", f"person:{CONSENT}", f"party:{CONSENT}.{TWIN}", f"approval:{CONSENT}", f"party: {CONSENT}",
        f"approval:{CONSENT}:{TWIN}", f"approval:{CONSENT}.{TWIN}.{TWIN}", f"party:{CONSENT}\n", f":{CONSENT}",
    ],
)  # fmt: skip
def test_nothing_else_is_a_subject(text: str) -> None:
    with pytest.raises(Malformed, match="not a subject"):
        parse_subject(text)


def test_parts_of_a_subject() -> None:
    assert parse_subject(f"uses:{CONSENT}") == ("uses", (CONSENT,))
    assert parse_subject(f"approval:{CONSENT}.{TWIN}") == ("approval", (CONSENT, TWIN))


def test_there_are_22_types() -> None:
    assert len(STATEMENT_TYPES) == 22
