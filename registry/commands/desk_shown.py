"""What the desk answers, for a person: one sentence first, names and times, and the ids at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from registry.commands.naming import name_for
from registry.intake.short_ids import LEAST
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import parse_instant
from verifier.words.catalogue import Catalogue


class Shown:
    """One answer of the desk. A party is called as this user once confirmed, else as the registry calls it."""

    def __init__(self, found: Mapping[str, Json], words: Catalogue) -> None:
        self.words = words
        self._names = {str(one["party"]): str(one["name"]) for one in found.get("names", [])}
        self._said: dict[str, None] = {}

    def name(self, party: str) -> str:
        """What to call a party; the beginning of its id where it has no name that one may know."""
        self._said[party] = None
        return name_for(party) or self._names.get(party) or short(party)

    def names(self, parties: Iterable[str]) -> dict[str, str]:
        """Of those that have one, the name by the id."""
        found = {one: self.name(one) for one in parties}
        return {one: name for one, name in found.items() if name != short(one)}

    def ids(self) -> list[str]:
        """At the end: whose name stands for which id."""
        known = [(self.name(one), one) for one in self._said]
        rows = [self.words.say("desk.id", name=name, id=one) for name, one in known if name != short(one)]
        return ["", self.words.say("desk.ids"), *(f"  {row}" for row in rows)] if rows else []

    def moment(self, at: str) -> str:
        """An instant as people write it."""
        with suppress(KembarError):
            return self.words.moment(parse_instant(at))
        return at

    # ---- drafts

    def drafts(self, found: Sequence[Mapping[str, Json]]) -> list[str]:
        """A list of them."""
        if not found:
            return [self.words.say("desk.none")]
        waiting = sum(bool(one["waits"]) for one in found)
        others = sum(one["state"] == "open" and not one["waits"] for one in found)
        first = [self.words.say("desk.waiting", n=waiting), self.words.say("desk.others", n=others)]
        lines = [" ".join(first)]
        for one in found:
            lines += ["", *self.draft(one)]
        return [*lines, *self.ids()]

    def draft(self, found: Mapping[str, Json]) -> Iterator[str]:
        """One: how it stands, and then who did what."""
        words = self.words
        said = words.say(
            "desk.row",
            id=short(str(found["id"])),
            type=words.code("draft_type", str(found["type"])),
            proposer=self.name(str(found["proposer"])),
            state=words.code("draft_state", str(found["state"])),
        )
        if found["state"] == "open":
            said += words.say("desk.until", at=self.moment(str(found["deadline"])))
        if found["waits"]:
            said += words.say("desk.waits")
        if "index" in found:
            said += words.say("desk.logged", index=str(found["index"]))
        if "problem" in found:
            said += words.say("desk.problem", problem=words.code("problem", str(found["problem"])))
        yield said
        asked = {party for group in found["needs"] for party in group}
        for mark in found["parties"]:
            party = str(mark["party"])
            done = [what for what in ("declined", "retired", "signed", "read") if what in mark][:1]
            if party in asked or done:
                yield "  " + self._mark(mark, done[0] if done else "nothing")

    def _mark(self, mark: Mapping[str, Json], what: str) -> str:
        at, reason = self.moment(str(mark.get(what, ""))), str(mark.get("reason", ""))
        id = "desk.declined_plainly" if what == "declined" and not reason else f"desk.{what}"
        return self.words.say(id, party=self.name(str(mark["party"])), at=at, reason=reason)


def short(id: str) -> str:
    """Enough of an id to name it by."""
    return id[:LEAST]
