"""A sentence for every type of statement, with what its header says and nothing more."""

from __future__ import annotations

import pytest

from tests.support.world import Actor, World
from verifier.evidence.describe import describe
from verifier.programs.language import english
from verifier.statements.types import STATEMENT_TYPES, Statement


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    """Sentences by type, of a log in which everything happens; names stand for their short ids."""
    world = World()
    names: dict[str, str] = {}

    def called(name: str, *roles: str) -> Actor:
        actor = world.party(name, roles=list(roles))
        names[actor.id[:12]] = name.upper()
        return actor

    anna, ward = called("anna", "model"), called("ward", "model")
    brand, agency, arbiter = called("brand", "licensee"), called("agency", "agency"), called("arbiter", "arbiter")
    provider, mother = called("provider", "provider"), called("mother", "guardian")
    world.guardian(ward, mother, until="2028-01-01T00:00:00Z")
    mandate = world.mandate(model=anna, agency=agency)
    twin = world.twin(anna, assets=["a", "b"])
    consent = world.consent(
        model=anna, licensee=brand, twin=twin, under=mandate, arbiter=arbiter, providers=[provider], exclusive={}
    )
    second = world.consent(model=anna, licensee=brand, twin=twin, replaces=consent)
    world.consent(model=anna, licensee=brand, twin=twin, renews=second)
    world.exercise(consent)
    usage = world.usage(consent)
    world.report(usage)
    world.approval(consent, ["x", "y"])
    world.approval(consent, ["z"], decision="reject", under=mandate)
    payment = world.payment(consent, payee=anna, amount=5)
    world.payment(consent, payee=anna, amount=5, provider=provider)
    world.receipt(consent, payee=anna, amount=5)
    world.adjustment(consent, kind="credit", payee=anna, amount=5)
    world.adjustment(consent, kind="return", payee=anna, amount=5, of=[payment])
    world.suspension(consent)
    world.resumption(consent)
    world.dispute(consent, [usage], author=anna, tag="unauthorised")
    world.ruling(consent, [usage])
    world.ruling(consent, [usage], outcome="stands")
    world.erasure(usage)
    world.key(anna, add=[world.registrar], retire=anna.keys)
    world.key(brand, keys=[world.registrar])
    world.registry(rules=2)
    world.revocation(consent=second, ground="unpaid")
    world.revocation(consent=consent, part="exclusive", ground="unpaid")
    world.revocation(mandate=mandate)
    world.revocation(twin=twin)
    names |= {mandate.id[:12]: "MANDATE", twin.id[:12]: "TWIN", consent.id[:12]: "CONSENT", usage.id[:12]: "USAGE"}
    names |= {second.id[:12]: "SECOND"}
    found: dict[str, set[str]] = {}
    for made in world.entries.values():
        sentence = describe(made.statement, english())
        for id, name in names.items():
            sentence = sentence.replace(id, name)
        found.setdefault(made.statement.type, set()).add(sentence)
    return found


def test_every_type_has_one(said: dict[str, set[str]]) -> None:
    assert set(said) | {"seal"} == set(STATEMENT_TYPES)
    for sentences in said.values():
        for sentence in sentences:
            assert sentence.endswith(".") and sentence[0].isupper() | sentence[0].isdigit()
            assert "somebody" not in sentence


@pytest.mark.parametrize(
    "kind, sentence",
    [
        ("registry", "The registry changes its rule set."),
        ("party", "The party ANNA is enrolled as model."),
        ("key", "Keys of the author ANNA: 1 key added, 1 key retired."),
        ("key", "All keys of the author BRAND are replaced."),
        ("guardian", "The guardian MOTHER is guardian of the model WARD until 1 January 2028, 00:00:00 UTC."),
        (
            "mandate",
            "The agency AGENCY may act for the model ANNA (approve, collect, revoke) from 1 January 2026, "
            "00:00:00 UTC to 1 January 2027, 00:00:00 UTC (mandate MANDATE).",
        ),
        ("twin", "The twin TWIN of the model ANNA: image, 2 files, registered."),
        ("consent", "The model lets the licensee BRAND, exclusively, use the twin TWIN (consent CONSENT)."),
        (
            "consent",
            "The model lets the licensee BRAND use the twin TWIN (consent SECOND), in place of the consent CONSENT.",
        ),
        (
            "usage",
            "A use of the twin TWIN with 1 file was declared by the licensee BRAND under the consent CONSENT.",
        ),
        ("report", "It is reported how far the use USAGE went."),
        ("approval", "2 files under the consent CONSENT were approved."),
        ("approval", "1 file under the consent CONSENT was rejected by the agency."),
        ("payment", "The payer BRAND says that money was sent to the payee ANNA under the consent CONSENT."),
        ("payment", "The provider PROVIDER says that money was sent to the payee ANNA under the consent CONSENT."),
        ("receipt", "The payee ANNA says that money arrived under the consent CONSENT."),
        ("adjustment", "The payee ANNA lets off a debt under the consent CONSENT."),
        ("adjustment", "Money is said to have gone back, under the consent CONSENT."),
        ("revocation", "The consent SECOND is revoked from 1 January 2026, 00:00:00 UTC on; ground: unpaid."),
        ("revocation", "The mandate MANDATE is revoked from 1 January 2026, 00:00:00 UTC on; ground: withdrawal."),
        ("revocation", "The twin TWIN is retired from 1 January 2026, 00:00:00 UTC on; ground: withdrawal."),
        (
            "revocation",
            "The exclusivity of the consent CONSENT ends from 1 January 2026, 00:00:00 UTC on; reason: unpaid.",
        ),
        ("suspension", "The consent CONSENT is suspended from 1 January 2026, 00:00:00 UTC on; ground: withdrawal."),
        ("exercise", "The licensee takes the option that the consent CONSENT gives it."),
        ("resumption", "A suspension of the consent CONSENT ends from 1 January 2026, 00:00:00 UTC on."),
        ("dispute", "The author ANNA disputes 1 statement under the consent CONSENT: unauthorised."),
        ("ruling", "The arbiter rules on 1 statement under the consent CONSENT: void."),
        ("ruling", "The arbiter rules on 1 statement under the consent CONSENT: stands."),
        ("erasure", "Private parts of the statement USAGE were erased: terms."),
        ("genesis", "The registry registry.example/log begins."),
    ],
)
def test_sentence(said: dict[str, set[str]], kind: str, sentence: str) -> None:
    assert sentence in said[kind]


def test_it_knows_every_statement_there_is() -> None:
    from verifier.evidence.describe import _SENTENCES

    assert set(_SENTENCES) == set(STATEMENT_TYPES.values())
    assert all(issubclass(one, Statement) for one in _SENTENCES)
