"""Logs that lie, and entries that should not be there: one function each, which says what is to be found."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.audited_logs import story
from tests.support.world import World, key

Lie = Callable[[World], list[tuple[int, str]]]
"""Logs something wrong; returns the index and code of every finding that it should lead to."""

LIES: dict[str, Lie] = {}


def lie(made: Lie) -> Lie:
    LIES[made.__name__] = made
    return made


def last(world: World) -> int:
    """The index of the last entry: a seal."""
    return world.log.size - 1


# ---- seals


@lie
def seal_that_begins_too_early(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    with world.batch(first=world.log.size - 1):
        world.usage(consent)
    return [(last(world), "seal_first")]


@lie
def seal_that_leaves_a_gap(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    with world.batch(first=world.log.size + 1):
        world.usage(consent)
        world.usage(consent)
    return [(last(world), "seal_first")]


@lie
def seal_of_another_size(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    with world.batch(size=world.log.size + 2):
        world.usage(consent)
    return [(last(world), "seal_size")]


@lie
def seal_of_nothing(world: World) -> list[tuple[int, str]]:
    story(world)
    world.seal()
    return [(last(world), "batch_empty")]


@lie
def seal_that_runs_backwards(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    world.advance("1h")
    world.usage(consent)
    world.advance("-2m")
    world.usage(consent)
    found = [(last(world), "seal_backwards")]
    world.advance("2m")
    world.usage(consent)
    return found


@lie
def seal_of_tomorrow(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    now = world.now
    world.advance("6m")
    world.usage(consent)
    world.set_clock(now)
    return [(last(world), "seal_ahead")]


@lie
def seal_by_another_key(world: World) -> list[tuple[int, str]]:
    story(world)
    with world.batch(signers=[key("nobody")]):
        world.party("eve", roles=["licensee"])
    return [(last(world), "seal_signer")]


@lie
def seal_by_a_key_of_yesterday(world: World) -> list[tuple[int, str]]:
    story(world)
    old, new = world.log_key, key("new log key")
    world.registry(log=new)
    with world.batch(signers=[old]):
        world.party("eve", roles=["licensee"])
    return [(last(world), "seal_signer")]


@lie
def tail_without_a_seal(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    made = world.usage(consent)
    world.log.append(made.leaf.replace(b'"payload"', b'"Payload"'))
    world.log.append(made.leaf)
    return [(last(world) - 1, "leaf_unreadable"), (last(world), "unsealed")]


# ---- lists and the index


@lie
def index_root_of_nothing(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    with world.batch(index="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="):
        world.usage(consent)
    found = [(last(world), "index_wrong")]
    world.usage(consent)
    return found


@lie
def entry_left_out_of_a_list(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    world.usage(consent)
    world.log.lie(f"uses:{consent.id}", [])
    world.party("eve", roles=["licensee"])
    found = [(last(world), "index_wrong")]
    world.party("mallory", roles=["licensee"])
    return [*found, (last(world), "index_wrong")]


@lie
def entry_in_a_list_that_it_does_not_touch(world: World) -> list[tuple[int, str]]:
    consent, _, brand = story(world)
    usage = world.usage(consent)
    subject = f"keys:{brand.id}"
    world.log.lie(subject, [*world.log.rows(subject), (usage.index, usage.logged)])
    world.party("eve", roles=["licensee"])
    return [(last(world), "index_wrong")]


@lie
def logged_time_other_than_the_seals(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent)
    world.log.lie(f"uses:{consent.id}", [(usage.index, usage.logged - 1)])
    world.party("eve", roles=["licensee"])
    return [(last(world), "index_wrong")]


# ---- order


@lie
def revocation_after_a_usage(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    with world.batch():
        world.usage(consent)
        revocation = world.revocation(consent=consent)
    return [(revocation.index, "order_wrong")]


@lie
def retiring_key_after_a_party(world: World) -> list[tuple[int, str]]:
    story(world)
    eve = world.party("eve", roles=["licensee"])
    with world.batch():
        world.party("mallory", roles=["licensee"])
        retiring = world.key(eve, add=[key("eve's next")], retire=[eve.keys[0]])
    return [(retiring.index, "order_wrong")]


# ---- what was used before


@lie
def digest_of_another_section(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    first = world.usage(consent)
    again = world.usage(consent, members={"sections": dict(first.statement.sections)})
    return [(again.index, "digest_repeated")]


@lie
def one_digest_twice_in_one_entry(world: World) -> list[tuple[int, str]]:
    consent, anna, brand = story(world)
    digest = consent.statement.sections["terms"]
    again = world.consent(model=anna, licensee=brand, members={"sections": {"money": digest, "terms": digest}})
    return [(again.index, "digest_repeated"), (again.index, "digest_repeated")]


@lie
def key_of_another_party(world: World) -> list[tuple[int, str]]:
    _, _, brand = story(world)
    eve = world.party("eve", roles=["licensee"])
    taken = world.key(eve, add=brand.keys[:1])
    return [(taken.index, "key_repeated")]


@lie
def statement_logged_twice(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent)
    again = world.leaf(usage.leaf)
    return [(again, "repeated"), (again, "digest_repeated")]


# ---- entries


@lie
def leaf_that_cannot_be_read(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    index = world.leaf(b"hello")
    world.usage(consent)
    return [(index, "leaf_unreadable")]


@lie
def empty_leaf(world: World) -> list[tuple[int, str]]:
    story(world)
    return [(world.leaf(b""), "leaf_unreadable")]


@lie
def signature_that_does_not_verify(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent, wrong_signatures=True)
    world.usage(consent)
    return [(usage.index, "signature_wrong")]


@lie
def statement_for_another_registry(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent, registry="ab" * 32)
    return [(usage.index, "registry_wrong")]


@lie
def second_genesis(world: World) -> list[tuple[int, str]]:
    story(world)
    other = World(origin=world.origin, start=world.now, genesis={"nonce": b"another genesis "})
    index = world.leaf(other.genesis.leaf)
    return [(index, "genesis_repeated")]


@lie
def usage_by_the_wrong_party(world: World) -> list[tuple[int, str]]:
    consent, anna, _ = story(world)
    usage = world.usage(consent, signers=[anna])
    return [(usage.index, "void_signers")]


@lie
def usage_of_another_twin(world: World) -> list[tuple[int, str]]:
    consent, anna, _ = story(world)
    usage = world.usage(consent, twin=world.twin(anna))
    report = world.report(usage)
    return [(usage.index, "void_parties"), (report.index, "void_parties")]


@lie
def statement_that_lay_in_wait(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent, at="-31d")
    return [(usage.index, "void_late")]


@lie
def statement_of_the_future(world: World) -> list[tuple[int, str]]:
    consent, _, _ = story(world)
    usage = world.usage(consent, at="+6m")
    return [(usage.index, "void_ahead")]


@lie
def agency_without_the_power(world: World) -> list[tuple[int, str]]:
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    agency = world.party("agency", roles=["agency"])
    mandate = world.mandate(model=anna, agency=agency, powers=["approve"])
    consent = world.consent(model=anna, licensee=brand, under=mandate)
    revocation = world.revocation(consent=consent, under=mandate)
    return [(revocation.index, "void_power")]


@lie
def two_that_replace_one(world: World) -> list[tuple[int, str]]:
    consent, anna, brand = story(world)
    world.consent(model=anna, licensee=brand, replaces=consent)
    second = world.consent(model=anna, licensee=brand, replaces=consent)
    usage = world.usage(second)
    return [(second.index, "void_replaced"), (usage.index, "void_parties")]


@lie
def usage_under_a_consent_ruled_void(world: World) -> list[tuple[int, str]]:
    anna, brand, judge = (world.party(name, roles=[role]) for name, role in
                          [("anna", "model"), ("brand", "licensee"), ("judge", "arbiter")])  # fmt: skip
    consent = world.consent(model=anna, licensee=brand, arbiter=judge)
    early = world.usage(consent)
    ruling = world.ruling(consent, [consent, early])
    late = world.usage(consent)
    assert ruling.index > early.index
    return [(consent.index, "void_ruling"), (early.index, "void_ruling"), (late.index, "void_parties")]


@lie
def what_stands_on_a_disputed_key(world: World) -> list[tuple[int, str]]:
    consent, _, brand = story(world)
    usage = world.usage(consent)
    old = brand.keys[0]
    world.key(brand, add=[key("brand's next")], retire=[old])
    world.dispute(consent, [usage], author=brand, tag="key")
    report = world.report(usage)
    return [(report.index, "key_disputed")]


@lie
def genesis_of_another_origin(world: World) -> list[tuple[int, str]]:
    lying = World(genesis={"members": {"origin": "other.example/log"}})
    story(lying)
    world.__dict__.update(lying.__dict__)
    return [(0, "genesis_wrong")]


@lie
def log_without_a_genesis(world: World) -> list[tuple[int, str]]:
    story(world)
    world.log.leaves[0] = world.log.leaves[2]
    return [(0, "genesis_wrong")]


@lie
def many_lies_at_once(world: World) -> list[tuple[int, str]]:
    consent, anna, _ = story(world)
    world.leaf(b"hello")
    with world.batch(first=3, size=4):
        world.usage(consent, wrong_signatures=True)
        world.usage(consent, signers=[anna])
        world.revocation(consent=consent)
    end = last(world)
    return [
        (end - 5, "leaf_unreadable"),
        (end - 3, "signature_wrong"),
        (end - 2, "void_signers"),
        (end - 1, "order_wrong"),
        (end, "seal_first"),
        (end, "seal_size"),
    ]
