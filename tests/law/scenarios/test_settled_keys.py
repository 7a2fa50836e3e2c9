"""What stands while it cannot be told who the guardian is, settled by protocol, sections 4.1 and 4.2."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast, Logged, broken, key
from tests.support.money_story import Hiding
from verifier.rules.model.context import Standing
from verifier.rules.standing.judged import JudgedContext

# ---- 4.1: a doubtful guardian leaves her ward's keys as they are


def consent_to_a_ward(c: Cast) -> Logged:
    """Poly is a ward and a licensee: nobody signs for her what she does as one."""
    c.world.guardian(c.poly, c.mum)
    return c.world.consent(model=c.anna, licensee=c.poly)


def test_a_use_is_signed_by_keys_that_no_guardian_touches() -> None:
    c = Cast()
    usage = c.world.usage(consent_to_a_ward(c))
    assert c.says(usage) == "yes"
    assert c.says(usage, hide_lists=[f"keys:{c.mum.id}"]) == "yes"


@pytest.mark.parametrize("by_registrar", [True, False])
def test_a_key_that_was_changed_wrongly_whoever_the_guardian_is_was_not_changed(by_registrar: bool) -> None:
    """Beside a new name a registrar signs; whether the guardian had to be named as well turns on her keys."""
    c = Cast()
    consent, old = consent_to_a_ward(c), list(c.poly.keys)
    drop = [] if by_registrar else [c.world.registrar]
    changed = c.world.key(c.poly, add=[key("new")], retire=old, called={"name": "Poly"}, drop=drop)
    c.poly.keys = old
    usage = c.world.usage(consent)
    shown, hidden = c.check(usage), c.check(usage, hide_lists=[f"keys:{c.mum.id}"])
    if by_registrar:
        assert (shown["authorised"], hidden["authorised"]) == ("NOT_AUTHORISED", "CANNOT_TELL")
    else:
        assert (shown["authorised"], hidden["authorised"]) == ("AUTHORISED", "AUTHORISED")
        assert broken(shown) == broken(hidden) == {("void_signers", changed.index)}


# ---- 4.2: whom something names besides the guardian


@pytest.mark.parametrize("of_party", [True, False])
def test_an_erasure_names_whom_it_is_about_whoever_the_guardian_is(of_party: bool) -> None:
    """Of an enrolment that party, of anything else nobody besides: no guardian and no mandate adds an author."""
    c = Cast()
    usage = c.world.usage(c.consent(simple=True))
    of, author = (c.sub.entry, None) if of_party else (usage, c.brand)
    assert of is not None
    right, wrong = c.world.erasure(of), c.world.erasure(of, parties={"author": author})
    record = Hiding(c.world.record(), [f"keys:{c.sub.id if of_party else c.anna.id}"], [])
    context = JudgedContext(record, instant=c.world.now, as_of=c.world.now)
    assert [c.standing(one) for one in (right, wrong)] == ["good", "void_parties"]
    said = [context.standing(c.world.entry(one)) for one in (right, wrong)]
    assert [(one.standing, one.code) for one in said] == [
        (Standing.DOUBTFUL, "list_missing"), (Standing.VOID, "void_parties"),
    ]  # fmt: skip
