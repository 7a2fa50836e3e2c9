"""Everybody whom the rules know, around one model; and short words for what is decided about them."""

from __future__ import annotations

from typing import Any

from tests.support.world import Actor, Logged, World, key
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import parse_b64
from verifier.evidence.verdict_json import finding_json
from verifier.rules.decide import Facts, decide
from verifier.rules.model.context import Context, Standing
from verifier.rules.standing.judged import JudgedContext

DAY = 86_400

WORDS = {
    "AUTHORISED": "yes", "NOT_AUTHORISED": "no", "CANNOT_TELL": "?",
    "IN_FORCE": "yes", "NOT_IN_FORCE": "no",
}  # fmt: skip

ROLES = {
    "anna": "model", "brand": "licensee", "sub": "licensee", "rival": "licensee", "gina": "agency", "studio": "maker",
    "bank": "provider", "ulla": "union", "arno": "arbiter", "crew": "fund", "mum": "guardian", "dad": "guardian",
    "stranger": "licensee",
}  # fmt: skip

EVERY_ROLE = ["agency", "arbiter", "fund", "guardian", "licensee", "maker", "model", "provider", "union"]


class Cast:
    """Anna, her agency Gina and a brand; actors by the names of :data:`ROLES`, enrolled when they are first named.

    :attr:`deal` is a consent with everybody in it whom a consent can name.
    """

    def __init__(self, **world: Any) -> None:
        self.world = World(**world)
        self._deal: Logged | None = None
        self._mandate: Logged | None = None

    def actor(self, name: str, **more: Any) -> Actor:
        """A party by her name."""
        found = next((one for one in self.world.actors.values() if one.name == name), None)
        return found or self.world.party(name, roles=more.pop("roles", None) or [ROLES[name]], **more)

    anna = property(lambda self: self.actor("anna"))
    brand = property(lambda self: self.actor("brand"))
    sub = property(lambda self: self.actor("sub"))
    rival = property(lambda self: self.actor("rival"))
    gina = property(lambda self: self.actor("gina"))
    studio = property(lambda self: self.actor("studio"))
    bank = property(lambda self: self.actor("bank"))
    ulla = property(lambda self: self.actor("ulla"))
    arno = property(lambda self: self.actor("arno"))
    crew = property(lambda self: self.actor("crew"))
    mum = property(lambda self: self.actor("mum"))
    dad = property(lambda self: self.actor("dad"))
    stranger = property(lambda self: self.actor("stranger"))

    @property
    def poly(self) -> Actor:
        """One who is enrolled with every role."""
        return self.actor("poly", roles=EVERY_ROLE)

    def ward(self, name: str = "anna", *, keys: int = 1, guardian: str = "mum", **more: Any) -> Actor:
        """A minor with her guardian."""
        made = self.actor(name, keys=keys, roles=["model"])
        self.world.guardian(made, self.actor(guardian), **more)
        return made

    @property
    def mandate(self) -> Logged:
        if self._mandate is None:
            self._mandate = self.world.mandate(model=self.anna, agency=self.gina)
        return self._mandate

    @property
    def deal(self) -> Logged:
        if self._deal is None:
            self._deal = self.consent(under=self.mandate)
            self.world.advance("1d")
        return self._deal

    def enrol(self) -> None:
        """Have everybody there whom :attr:`deal` names."""
        self._deal = self.deal

    def consent(self, *, simple: bool = False, **more: Any) -> Logged:
        """A consent of Anna for the brand, with everybody in it unless it is ``simple``."""
        options: dict[str, Any] = {"model": self.anna, "licensee": self.brand}
        if not simple:
            splits = [
                {"payee": self.anna, "kind": "model", "parts": 99},
                {"payee": self.crew, "kind": "crew", "parts": 1},
            ]
            options |= {
                "sublicensees": [self.sub], "providers": [self.bank], "union": self.ulla, "arbiter": self.arno,
                "money": {"splits": splits},
            }  # fmt: skip
        return self.world.consent(**{**options, **more})

    def again(self, made: Logged, *signers: Actor | SigningKey) -> Logged:
        """Log the same statement once more, with these signatures or those that it had."""
        leaf = made.leaf
        if signers:
            payload = parse_b64(canonical.parse(leaf, limit=1 << 16)["payload"])
            leaf = self.world._leaf(payload, [one if isinstance(one, SigningKey) else one.keys[0] for one in signers])
        copy = self.world.entries[self.world.leaf(leaf)]
        copy.sections = made.sections
        self.world.log.disclosed[copy.index].update(self.world.log.disclosed[made.index])
        return copy

    # ---- what is decided

    def context(self) -> Context:
        return JudgedContext(self.world.record(), instant=self.world.now, as_of=self.world.now)

    def standing(self, made: Logged | Actor) -> str:
        """ "good", the code that voids it, or "? " and the code that makes it doubtful."""
        entry = made.entry if isinstance(made, Actor) else made
        assert entry is not None
        judgement = self.context().standing(self.world.entry(entry))
        return {Standing.GOOD: "good", Standing.VOID: judgement.code}.get(judgement.standing, f"? {judgement.code}")

    def check(self, about: Any, **more: Any) -> dict[str, Any]:
        """The verdict by way of an evidence file. With nothing hidden, the whole log gives the same."""
        verdict = self.world.check(about, **more)
        if not more.keys() - {"at", "files"} and verdict["outcome"] == "verdict":
            instant, now = self.world.time(more.get("at")), self.world.now
            facts = Facts(instant=instant, as_of=now, basis="claimed", rules=2, max_age=DAY)
            whole = decide(self.world.record(), self.world.question(about), facts)
            if not more.get("files"):
                assert [finding_json(row) for row in whole.rules] == verdict["rules"]
            for code, index in broken(verdict):
                assert self.standing(self.world.entries[index]) == code
        return verdict

    def says(self, about: Any, **more: Any) -> str:
        """The answer in a word, and the codes of the rules that T and A give against it: "no: A6 revoked"."""
        verdict = self.check(about, **more)
        if verdict["outcome"] != "verdict":
            return f"invalid: {verdict['code']}"
        word = WORDS[verdict["authorised"] if "authorised" in verdict else verdict["answer"]]
        against = codes(verdict)
        return f"{word}: {', '.join(against)}" if against else word


def codes(verdict: dict[str, Any]) -> list[str]:
    """Rule and code of every row of T and A that fails or cannot be told."""
    return [
        f"{row['rule']} {row['code']}"
        for row in verdict["rules"]
        if row["result"] in ("FAIL", "UNKNOWN") and row["rule"][0] != "M"
    ]


def row(verdict: dict[str, Any], rule: str) -> str:
    """One rule's result and code: "PASS ok"."""
    found = next(row for row in verdict["rules"] if row["rule"] == rule)
    return f"{found['result']} {found['code']}"


def segments(verdict: dict[str, Any]) -> str:
    """When what is answered: "07-25 yes 08-01 no 08-05", with the time of day where it is not midnight."""
    cut = verdict.get("segments", [])
    said = [f"{_date(one['from'])} {WORDS[one['authorised']]}" for one in cut]
    return " ".join([*said, _date(cut[-1]["to"])]) if cut else ""


def _date(instant: str) -> str:
    day, time = instant[5:10], instant[11:19]
    return day if time == "00:00:00" else f"{day}T{time}"


def faults(verdict: dict[str, Any]) -> list[tuple[str, list[int]]]:
    return [(note["code"], note["entries"]) for note in verdict.get("faults", [])]


def broken(verdict: dict[str, Any]) -> set[tuple[str, int]]:
    """The faults one by one."""
    return {(code, index) for code, entries in faults(verdict) for index in entries}


def warnings(verdict: dict[str, Any]) -> list[str]:
    return [note["code"] for note in verdict.get("warnings", [])]


__all__ = ["DAY", "Actor", "Cast", "Logged", "broken", "codes", "faults", "key", "row", "segments", "warnings"]
