"""A twin that a brand has no consent for: nothing allows its use (rule A4), and who is to be asked.

Its model is found by her name too, by whoever may know that: it is public, or she has a contract with the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from registry.readers.rights import mandate_end
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.atoms import Person
from registry.web.pages.deals import ENDED, REPLACED, WITHDRAWN, Deal, deals_of
from registry.web.pages.kept import kept_answers
from registry.web.pages.reader_view import ReaderView
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import holds
from verifier.statements.types import Mandate, Revocation, Twin

LOOKED_AT = 500
"""Parties of a name that are looked at for whether a reader may know them."""
SHOWN = 25
"""Models of a name that are shown."""


@value
class WithoutConsent:
    """``twins`` are hers that are registered, ``agencies`` those that have a mandate of hers now. ``deals`` are the
    consents of hers that the brand has and that have not ended: where there are any, those allow what they say."""

    model: Person
    twins: int
    agencies: tuple[Person, ...]
    deals: tuple[Deal, ...]


def models_called(service: Service, view: ReaderView, text: str) -> tuple[Person, ...]:
    """The models of a name, or of the beginnings of its words, whose names this reader may know; the first by name.
    After a start the whole log is looked through for names, which no page waits for."""
    readers, size = service.readers, service.record().size
    name = ("named", text, size)
    ids = kept_answers(service).get(view.reader, name, readers.named_behind(), lambda _: tuple(readers.named(text)))
    people = (view.person(id, "model") for id in ids[:LOOKED_AT] if "model" in view.roles(id))
    return tuple(islice((one for one in people if one is not None and one.name is not None), SHOWN))


def without_consent(view: ReaderView, id: str, brand: str) -> WithoutConsent:
    """What there is of the model of a twin, or of a model, for a brand. Raises a problem where there is neither."""
    id = id.strip().lower().replace(" ", "")
    entry = view.statement(id, Twin) if is_hex64(id) else None
    party = entry.statement.parties.model if entry is not None else id
    if party is None or not is_hex64(party) or "model" not in view.roles(party):
        raise fail("not_found", "neither a twin nor a model of this log has this id", "twin")
    model = view.person(party, "model") or Person(party=party, role="model")
    return WithoutConsent(
        model=model,
        twins=sum(
            holds(one, Twin) and view.context.standing(one).standing is Standing.GOOD
            for one in view.but_uses(party)
        ),
        agencies=tuple({one.party: one for one in _agencies(view, party)}.values()),
        deals=tuple(
            one
            for one in deals_of(view, brand)
            if one.model is not None and one.model.party == party and one.state not in (ENDED, REPLACED, WITHDRAWN)
        ),
    )


def _agencies(view: ReaderView, model: str) -> Iterator[Person]:
    """Those whose mandates are in force now."""
    for entry in view.contracts(model):
        if not holds(entry, Mandate) or view.context.standing(entry).standing is not Standing.GOOD:
            continue
        mandate = entry.statement
        ended = view.context.listed(f"mandate:{mandate.id}", Revocation) or ()
        is_over = any(max(one.statement.effective, one.logged) <= view.now for one, _ in ended)
        person = view.person(mandate.parties.agency, "agency")
        if person is not None and mandate.starts <= view.now < mandate_end(mandate) and not is_over:
            yield person
