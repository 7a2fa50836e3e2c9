"""Who came first, settled by the words of A16."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast

HAIR = {"manipulations": ["hair"]}


@pytest.mark.parametrize("used, says", [({}, "yes"), (HAIR, "?: A16 bad_terms")])
@pytest.mark.parametrize("lists", [{"allow": ["no-such"]}, {"allow": ["hair"], "approve": ["hair"]}])
def test_what_earlier_terms_say_of_manipulations_is_asked_of_a_use_with_some(
    used: dict[str, list[str]], says: str, lists: dict[str, list[str]]
) -> None:
    """The rival had been first, under terms that make no sense of manipulations."""
    c = Cast()
    first = c.world.consent(model=c.anna, licensee=c.rival, terms=lists)
    c.consent(simple=True, exclusive={})
    c.world.advance("1d")
    own = c.world.consent(model=c.anna, licensee=c.rival, replaces=first, terms={"allow": ["hair"]})
    assert c.says(c.world.usage(own, terms=used)) == says


@pytest.mark.parametrize("used, says", [({}, "yes"), (HAIR, "?: A12 bad_terms")])
@pytest.mark.parametrize("lists", [{"allow": ["no-such"]}, {"allow": ["hair"], "approve": ["hair"]}])
def test_nor_are_its_own_terms(used: dict[str, list[str]], says: str, lists: dict[str, list[str]]) -> None:
    c = Cast()
    usage = c.world.usage(c.consent(simple=True, terms=lists), terms=used)
    assert c.says(usage) == says
