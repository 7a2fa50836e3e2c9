"""What cases of evidence files are made of."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.world import Actor, Logged, World, file
from verifier.base import canonical


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


def unsealed(world: World, usage: Logged) -> bytes:
    return world.evidence(usage, lists=short_lists(world, usage))


def small() -> tuple[World, Actor, Actor, Logged]:
    """A log of one consent, without witnesses, for registries that lie."""
    world = World()
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    return world, anna, brand, world.consent(model=anna, licensee=brand)


def seal_past_cosignature(late: int) -> Case:
    b = base()
    note = b.world.checkpoint(cosigned_at=b.world.now - late)
    return wrong(8, edit(put("checkpoint", note)))



def delete(path: str) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        *inner, last = [int(one) if one.lstrip("-").isdigit() else one for one in path.split(".")]
        for one in inner:
            value = value[one]
        del value[last]

    return change


def on_line(number: int, change: Callable[[str], str]) -> Callable[[str], str]:
    def rewrite(note: str) -> str:
        lines = note.split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines)

    return rewrite



def unregistered(world: World) -> bytes:
    """The shortest file: a digest that no statement names."""
    return world.evidence("hero.jpg", lists=[f"registry:{world.genesis.id}", f"asset:{file('hero.jpg')}"])
