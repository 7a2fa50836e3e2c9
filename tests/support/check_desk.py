"""A folder of evidence files of every kind of outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.evidence_making import edit, put
from tests.support.world import Actor, Logged, World
from verifier.base.strict import format_instant
from verifier.log.trust import parse_policy
from verifier.programs.check.batch import Settings


@dataclass(frozen=True, kw_only=True)
class Desk:
    """``folder`` holds ``policy`` and, in ``files``, ``NAME.evidence.json`` of each."""

    folder: Path
    world: World
    anna: Actor
    files: dict[str, bytes]
    paid: Logged
    unpaid: Logged
    denied: Logged

    @property
    def evidence(self) -> Path:
        return self.folder / "files"

    @property
    def now(self) -> str:
        return format_instant(self.world.now)

    def settings(self, **changes: Any) -> Settings:
        return settings_of(self.world, **changes)


def settings_of(world: World, **changes: Any) -> Settings:
    """A check at the world's clock under its own policy."""
    return Settings(**{"policy": parse_policy(world.policy()), "instant": world.now, **changes})


OUTCOMES = {
    "asset": "yes", "consent": "yes", "denied": "no", "hidden": "cannot_tell", "invalid": "invalid", "late": "yes",
    "maker": "yes", "paid": "yes", "party": "no", "terms": "cannot_tell", "unknown": "no", "unpaid": "no",
}  # fmt: skip


def make_desk(folder: Path) -> Desk:
    """Two licensees of one model: the first has paid, one use of it is not allowed; the second is late in all it owes,
    and a third paid after the day.
    """
    world = World(witnesses=["ada"], auditors=["union"], quorum="1")
    anna = world.party("anna", roles=["model"])
    consents = [world.consent(model=anna, licensee=world.party(name, roles=["licensee"])) for name in ("a", "b", "c")]
    paid = world.usage(consents[0])
    world.receipt(consents[0], payee=anna, amount=100_000)
    denied = world.usage(consents[0], ["denied.jpg"], terms={"purpose": "editorial"})
    unpaid = world.usage(consents[1], ["b.jpg"])
    late = world.usage(consents[2], ["c.jpg"])
    world.advance("32d")
    world.receipt(consents[2], payee=anna, amount=100_000)
    world.advance("1d")
    maker = world.party("maker 2", roles=["maker"])
    files = {
        "asset": world.evidence("hero.jpg"),
        "consent": world.evidence(consents[0]),
        "denied": world.evidence(denied),
        "hidden": world.evidence(paid, only_sections=[]),
        "invalid": edit(put("entries.1.index", 10**6), world.evidence(paid)),
        "late": world.evidence(late),
        "maker": world.evidence(maker),
        "paid": world.evidence(paid),
        "party": world.evidence(anna),
        "terms": world.evidence(paid, only_sections=["terms"]),
        "unknown": world.evidence("unknown.jpg"),
        "unpaid": world.evidence(unpaid),
    }
    (folder / "files").mkdir(parents=True)
    for name, data in files.items():
        (folder / "files" / f"{name}.evidence.json").write_bytes(data)
    (folder / "policy").write_text(world.policy(), "utf-8")
    return Desk(folder=folder, world=world, anna=anna, files=files, paid=paid, unpaid=unpaid, denied=denied)
