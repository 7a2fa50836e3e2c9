"""Evidence files that have a verdict."""

from __future__ import annotations

from typing import Any

from tests.support.evidence_making import (
    Case,
    base,
    case,
    seal_past_cosignature,
    small,
    unregistered,
)
from tests.support.world import World, file, key
from verifier.base.strict import format_instant
from verifier.rules.model.question import Question

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
    late = seal_past_cosignature(300)
    return right(late.evidence, base().world, authorised="CANNOT_TELL")


@case
def verdict_key_of_the_registry_changed() -> Case:
    world = World()
    vkey = world.vkey()
    world.registry(log=key("the new key"))
    world.party("anna", roles=["model"])
    return right(unregistered(world), world, policy=world.policy(logs=[vkey, world.vkey()]), answer="NOT_REGISTERED")


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
