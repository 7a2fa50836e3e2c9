"""What a paper is made from: evidence that passes the check, under whose policy, and how it is said to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from registry.look import Look, in_fours
from registry.paper.sheet import Cell, Line, Sheet, small, strong
from verifier.base.errors import Malformed
from verifier.evidence.about import name_of
from verifier.evidence.file import MAX_EVIDENCE, Invalid
from verifier.evidence.pdf import evidence_in
from verifier.evidence.verify import DEFAULT_MAX_AGE, Opened, open_evidence
from verifier.log.trust import parse_policy
from verifier.rules.model.record import Entry, holds
from verifier.statements.types import Consent, Genesis
from verifier.words.catalogue import Catalogue, Sentence


class NoPaper(Exception):
    """Such a paper cannot be made of this evidence: ``sentence`` says why; ``conclusion`` is the answer's that a
    certificate would have to be a yes, else empty."""

    def __init__(self, sentence: Sentence, conclusion: str = "") -> None:
        super().__init__(sentence.id)
        self.sentence = sentence
        self.conclusion = conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBasis:
    """``evidence`` are the very bytes that the paper will carry, ``opened`` is what is proven by them at an instant,
    ``policy`` the SHA-256 (hex) of the trust policy. ``url`` is the registry's address, if it has pages to lead to."""

    evidence: bytes
    opened: Opened
    policy: str
    look: Look
    url: str | None = None
    _names: dict[str, str | None] = field(default_factory=dict)

    @property
    def words(self) -> Catalogue:
        """The language."""
        return self.look.words

    @property
    def origin(self) -> str:
        """The log."""
        genesis = self.opened.record.entry(0)
        assert holds(genesis, Genesis)  # the check shows it
        return genesis.statement.origin

    def page(self, path: str) -> str | None:
        """The address of a page of the registry."""
        return None if self.url is None else self.url.rstrip("/") + path

    @property
    def at(self) -> int:
        """The instant that the paper is about, in POSIX seconds."""
        return self.opened.facts.instant

    def name(self, party: str) -> str | None:
        """What somebody is called, where the evidence shows it."""
        if party not in self._names:
            found = name_of(self.opened.context, party)
            self._names[party] = None if found is None else found.name
        return self._names[party]

    def called(self, party: str, role: str) -> str:
        """Somebody in a sentence."""
        return self.name(party) or self.words.say("page.unnamed", role=self.role(role), id=in_fours(party))

    def role(self, role: str) -> str:
        """What somebody is."""
        return self.words.code("who", role)

    def person(self, sheet: Sheet, party: str, role: str) -> Cell:
        """Somebody among facts: the name, what they are, the first digits of the id."""
        name = self.name(party)
        first = Line(self.words.say("page.no_name")) if name is None else strong(sheet.said(name))
        return first, small(f"{self.role(role)}, {in_fours(party)}")

    def consent(self, id: str) -> Entry[Consent] | None:
        """A consent that the evidence shows."""
        record = self.opened.record
        for index in record.find(id):
            entry = record.entry(index)
            if holds(entry, Consent):
                return entry
        return None


def open_basis(
    data: bytes, policy: bytes, look: Look, *, at: int | None = None, now: int | None = None, url: str | None = None
) -> PaperBasis:
    """Evidence, or a PDF with evidence, checked under the bytes of a policy, for the instant ``at``: left out, it is
    that of the evidence itself (``as_of``), so that the same file makes the same paper whenever that is done. With
    ``now`` it is this instant, where the evidence is not too old to tell of it.

    Raises :class:`~verifier.evidence.file.Invalid`, and :class:`~verifier.base.errors.Malformed` for the policy.
    """
    parsed = parse_policy(policy)
    try:
        data = evidence_in(data, MAX_EVIDENCE)
    except Malformed as error:
        raise Invalid(1, error.message) from None
    opened = open_evidence(data, parsed, instant=at or 0)
    if at is None:
        as_of = opened.facts.as_of
        fresh = now is not None and as_of <= now <= as_of + DEFAULT_MAX_AGE
        opened = open_evidence(data, parsed, instant=now if now is not None and fresh else as_of)
    return PaperBasis(evidence=data, opened=opened, policy=sha256(policy).hexdigest(), look=look, url=url)


def in_eights(digest: str) -> str:
    """A whole digest in groups that can be compared."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
