"""A deal of which papers are made, and papers read by somebody else's reader of PDFs (pypdf)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from pypdf import PdfReader

from registry.look import Look, Zone
from registry.paper.basis import PaperBasis, open_basis
from tests.support.world import Actor, Logged, World
from verifier.programs.language import catalogue

UTC = Zone("UTC")


@dataclass(kw_only=True)
class Deal:
    """Ayu lets Larasati use her twin for 1,000.00 a use, of which Senja has a fifth; money is due after 30 days."""

    world: World = field(default_factory=lambda: World(witnesses=["ada"], auditors=["union"], quorum="2"))
    model_name: str = "Ayu Lestari"

    def __post_init__(self) -> None:
        world = self.world
        self.ayu = world.party("ayu", roles=["model"], called={"name": self.model_name})
        self.senja = world.party("senja", roles=["agency"], called={"name": "Senja Models", "public": True})
        self.larasati = world.party("larasati", roles=["licensee"], called={"name": "Larasati", "public": True})
        mandate = world.mandate(model=self.ayu, agency=self.senja)
        splits = [
            {"payee": self.senja, "kind": "agency", "parts": 1},
            {"payee": self.ayu, "kind": "model", "parts": 4},
        ]
        self.consent = world.consent(
            model=self.ayu, licensee=self.larasati, under=mandate, exclusive={},
            money={"fees": [{"per": "use", "amount": 100_000}], "splits": splits},
        )  # fmt: skip

    def use(self, *assets: str) -> Logged:
        """One more."""
        return self.world.usage(self.consent, assets or ("hero.jpg",))

    def pay(self, **amounts: int) -> None:
        """Receipts, by payee."""
        for name, amount in amounts.items():
            payee: Actor = getattr(self, name)
            self.world.receipt(self.consent, payee=payee, amount=amount)

    def basis(
        self, about: object, language: str = "en", *, at: int | None = None, url: str | None = None
    ) -> PaperBasis:
        """What papers about a statement or a party are made from."""
        look = Look(catalogue(language), UTC)
        return open_basis(self.world.evidence(about), self.world.policy().encode(), look, at=at, url=url)


def text_of(pdf: bytes) -> str:
    """All its words in reading order, blanks and line ends as one blank each."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def attached(pdf: bytes) -> dict[str, bytes]:
    """The files in it, by name."""
    return {name: data for name, found in PdfReader(io.BytesIO(pdf)).attachments.items() for data in found}
