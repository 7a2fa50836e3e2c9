"""A model, two brands and what they agreed; and what a dry run says would cure a no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.advice.dry_run import DryRun
from tests.support.served import Served, raw
from tests.support.world import Actor, Logged, World
from verifier.base.strict import parse_instant


@dataclass
class Deal:
    """A model, two brands and what they agreed."""

    served: Served
    anna: Actor
    brand: Actor
    other: Actor
    maker: Actor
    twin: Logged
    consent: Logged

    @property
    def world(self) -> World:
        return self.served.world

    def asked(self, made: Logged | Actor) -> DryRun:
        found = self.served.service.dry_run(raw(self.served.entry(made)), None)
        assert isinstance(found, DryRun), found
        return found

    def use(self, **terms: Any) -> DryRun:
        return self.asked(self.world.usage(self.consent, terms=terms))


TERMS: Mapping[str, Any] = {
    "countries": ["AT", "CH", "DE"],
    "channels": ["display", "print"],
    "categories": ["1067"],
    "products": ["knit", "shoes"],
    "starts": "+10d",
    "ends": "+100d",
}


GOOD: Mapping[str, Any] = {"starts": "+20d", "ends": "+30d", "product": "knit"}


def deal(served: Served, terms: Mapping[str, Any] | None = None, **more: Any) -> Deal:
    world = served.world
    anna, maker = world.party("anna", roles=["model"]), world.party("maker", roles=["maker"])
    brand, other = (world.party(name, roles=["licensee"]) for name in ("brand", "other"))
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    consent = world.consent(model=anna, licensee=brand, twin=twin, terms={**TERMS, **(terms or {})}, **more)
    served.accept(anna, maker, brand, other, creation, twin, consent)
    return Deal(served, anna, brand, other, maker, twin, consent)


def cure(found: DryRun, code: str) -> str:
    [said] = {one.sentence for one in found.cures if one.code == code}
    return said


def spans(sentence: str) -> list[tuple[int, int]]:
    """Every "from X until Y"."""
    return [(parse_instant(a), parse_instant(b)) for a, b in re.findall(r"from (\S+Z) until (\S+Z)", sentence)]
