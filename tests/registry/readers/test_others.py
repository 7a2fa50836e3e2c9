"""A file says what it discloses of others: of statements that do not name its owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.evidence import evidence
from registry.readers.reader import Reader
from tests.support.served import Served
from tests.support.world import DAY, Actor, Logged
from verifier.evidence.file import Evidence, parse_evidence
from verifier.evidence.others import Others, others_in, others_lines
from verifier.programs.language import choose
from verifier.rules.model.question import Kind, Question


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


@pytest.fixture
def story(served: Served) -> dict[str, Logged | Actor]:
    """Two rivals were promised something before the brand was."""
    world = served.world
    anna = world.party("anna", roles=["model"])
    brand, rival, other = (world.party(name, roles=["licensee"]) for name in ("brand", "rival", "other"))
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    countries = ("DE", "FR")
    scopes = [{"countries": [one], "channels": ["print"], "categories": ["1067"], "ends": "+90d"} for one in countries]
    first = world.consent(model=anna, licensee=rival, twin=twin, exclusive=scopes[0])
    second = world.consent(model=anna, licensee=other, twin=twin, exclusive=scopes[1])
    consent = world.consent(model=anna, licensee=brand, twin=twin)
    served.accept(anna, brand, rival, other, maker, creation, twin, first, second, consent)
    world.advance(DAY)
    usage = world.usage(consent, assets=["hero.jpg"])
    served.accept(usage)
    return {"brand": brand, "rival": rival, "other": other, "anna": anna, "usage": usage, "consent": consent}


def file_of(served: Served, reader: str, kind: Kind, id: str) -> Evidence:
    made = evidence(served.service, Question(kind=kind, id=id), served.service.readers.rights(Reader(party=reader)))
    assert isinstance(made, bytes)
    return parse_evidence(made)


def test_a_brand_learns_whose_exclusivity_it_would_pass_on(served: Served, story: dict[str, Logged | Actor]) -> None:
    found = others_in(file_of(served, story["brand"].id, "usage", story["usage"].id))
    assert found is not None and found.owner == story["brand"].id
    assert found.sections == {"exclusive": frozenset({story["rival"].id, story["other"].id})}
    assert "terms" in found.own and "exclusive" not in found.own
    holds, without = others_lines(found, choose("en"))
    assert "2 other parties' exclusivity" in holds and story["brand"].id[:12] in holds
    assert f"--sections {','.join(found.own)};" in without
    assert "eksklusivitas 2 pihak lain" in next(others_lines(found, choose("id")))


def test_without_them_nothing_is_said(served: Served, story: dict[str, Logged | Actor]) -> None:
    brand = story["brand"].id
    rights = served.service.readers.rights(Reader(party=brand), frozenset({"terms", "money"}))
    made = evidence(served.service, Question(kind="usage", id=story["usage"].id), rights)
    assert isinstance(made, bytes)
    found = others_in(parse_evidence(made))
    assert found is not None and found.sections == {} and list(others_lines(found, choose("en"))) == []


def test_the_model_owns_what_names_her(served: Served, story: dict[str, Logged | Actor]) -> None:
    anna = story["anna"].id
    assert others_in(file_of(served, anna, "party", anna)) == Others(
        owner=anna, sections={}, own=("exclusive", "money", "person", "terms")
    )
    mixed = others_in(file_of(served, anna, "usage", story["usage"].id))  # hers, about the brand's use
    assert mixed is not None and mixed.owner == story["brand"].id and set(mixed.sections) >= {"exclusive", "person"}
    hers = others_in(file_of(served, anna, "usage", story["usage"].id), anna)
    assert hers is not None and hers.sections == {}


def test_a_file_about_nothing_is_nobodys(served: Served, story: dict[str, Logged | Actor]) -> None:
    assert others_in(file_of(served, story["brand"].id, "asset", "ab" * 32)) is None
