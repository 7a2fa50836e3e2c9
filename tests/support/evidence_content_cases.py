"""Evidence files whose content is wrong, by the step of the check, and such as have a verdict."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.evidence_making import (
    CASES,
    Case,
    add,
    base,
    case,
    edit,
    entry_at,
    flip,
    list_at,
    put,
    short_lists,
    small,
    unregistered,
    unsealed,
    wrong,
)
from tests.support.world import Logged, World, file, key
from verifier.base import canonical
from verifier.base.strict import format_b64u
from verifier.index.proofs import subject_key
from verifier.rules.model.question import Question
from verifier.statements.disclosure import digest
from verifier.statements.making import format_disclosure

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
    return wrong(10, unsealed(world, usage), world=world)


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
    return wrong(11, unsealed(world, usage), world=world)


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
    return wrong(12, unsealed(world, usage), world=world)


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
    return wrong(12, unsealed(world, usage), world=world)


@case
def step12_last_seal_runs_backwards() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    world.advance("-1s")
    world.party("later", roles=["maker"])
    return wrong(12, unsealed(world, usage), world=world)


# ---- step 13: registry_wrong


@case
def step13_statement_for_another_registry() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent, registry="0" * 64)
    return wrong(13, unsealed(world, usage), world=world)


@case
def step13_registry_list_not_shown() -> Case:
    b = base()
    data = b.world.evidence(b.usage, lists=short_lists(b.world, b.usage)[1:])
    return wrong(13, data)


@case
def step13_genesis_signed_by_another_key() -> Case:
    world = World(genesis={"signers": [key("a stranger")]})
    return wrong(13, unregistered(world), world=world)


@case
def step13_genesis_signed_by_one_too_many() -> Case:
    world = World(genesis={"extra": [key("a stranger")]})
    return wrong(13, unregistered(world), world=world)


@case
def step13_seal_signed_by_another_key() -> Case:
    world = World()
    with world.batch(signers=[key("a stranger")]):
        world.party("anna", roles=["model"])
    return wrong(13, unregistered(world), world=world)


@case
def step13_seal_signed_by_one_too_many() -> Case:
    world = World()
    with world.batch(signers=[world.log_key, key("a stranger")]):
        world.party("anna", roles=["model"])
    return wrong(13, unregistered(world), world=world)


@case
def step13_seal_signed_by_the_former_key() -> Case:
    world = World()
    former, vkey = world.log_key, world.vkey()
    world.registry(log=key("the new key"))
    world.log_key, after = former, world.log_key
    world.party("anna", roles=["model"])
    world.log_key = after
    return wrong(13, unregistered(world), policy=world.policy(logs=[vkey, world.vkey()]), world=world)


@case
def step13_checkpoint_signed_by_the_former_key() -> Case:
    world = World()
    former, vkey = world.log_key, world.vkey()
    world.registry(log=key("the new key"))
    data = edit(put("checkpoint", world.checkpoint(signer=former)), unregistered(world))
    return wrong(13, data, policy=world.policy(logs=[vkey, world.vkey()]), world=world)


@case
def step13_new_key_that_did_not_sign_for_itself() -> Case:
    """The statement that brings in the new key lacks its signature, so the old key is still the registry's."""
    world = World()
    world.registry(log=key("the new key"), drop=[key("the new key")])
    return wrong(13, unregistered(world), world=world)


@case
def step13_new_key_that_the_old_did_not_sign_for() -> Case:
    world = World()
    world.registry(log=key("the new key"), drop=[world.log_key])
    return wrong(13, unregistered(world), world=world)


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
