"""Which complete lists a question needs (protocol, section 7.1): the table there, computed over a record that has all.

The registry builds evidence from exactly these lists. A reader never runs this: what a file leaves out makes the rules
that would read it UNKNOWN, whatever somebody thought was needed.

Beyond the letter of the table, the whole *family* of a consent is taken, that is, everything tied to it by who replaces
or renews whom: a consent is good only if no other good one followed the same before it, and one of the family may be on
another twin, so ``consent:``, ``twin:`` and the twin's creation are taken for each. And ``keys:`` of those for whom a
guardian may be live, for A0 asks whether one had to be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from verifier.rules.model.question import BOOK_LISTS, Question
from verifier.rules.model.record import Entry, Record, ShownRecord
from verifier.rules.model.scope import Scope, Territory, scope_of
from verifier.statements.kinds import kind_of, signing_roles
from verifier.statements.parties import Parties
from verifier.statements.sections import Exclusive, ReportTerms, Section, Terms, UsageTerms
from verifier.statements.subjects import subjects
from verifier.statements.types import Consent, Erasure, Party, Report, Statement, Twin, Usage

S = TypeVar("S", bound=Statement)

Reach: TypeAlias = tuple[Scope, int, int]
"""A scope, and when it is made use of: from, to (POSIX seconds)."""

MaySee: TypeAlias = Callable[[Statement, str], bool]
"""Whether the reader gets a section (by its name) of a statement."""


def everything(statement: Statement, name: str) -> bool:
    """A reader who gets every section."""
    return True


def lists_needed(record: Record, question: Question, may_see: MaySee = everything) -> tuple[str, ...]:
    """The subjects whose whole lists an evidence file on ``question`` must show, in byte order.

    ``record`` shows the whole log; ``may_see`` is what the reader of the file will get of it.
    """
    needs = _Needs(record, may_see)
    needs.add(f"registry:{record.genesis}")
    match question.kind:
        case "asset":
            needs.add(f"asset:{question.id}")
            return needs.sorted()
        case "usage":
            for usage in needs.found(question.id, Usage):
                needs.usage(*usage, question)
        case "consent":
            for consent in needs.found(question.id, Consent):
                needs.consent(*consent, question)
        case "party" if question.ask == "complete":
            needs.add(f"party:{question.id}")
            return needs.sorted()
        case "party" if question.consent is not None:
            needs.book_of(question.id, question.consent)
        case "party":
            needs.party(question.id)
    needs.close()
    return needs.sorted()


def lists_of_standing(record: Record, entry: Entry) -> tuple[str, ...]:
    """The subjects whose whole lists show whether one entry is void; no ``party:`` and no ``asset:`` among them."""
    needs = _Needs(record, everything)
    needs.add(f"registry:{record.genesis}")
    needs.stand_on(entry)
    needs.close()
    return needs.sorted()


class _Needs:
    """A growing set of subjects. ``book`` is the record book of a party, which stands for some lists."""

    def __init__(self, record: Record, may_see: MaySee) -> None:
        self.record = record
        self.may_see = may_see
        self.lists: set[str] = set()
        self.book: ShownRecord | None = None
        self.families: set[str] = set()
        self.among: dict[str, frozenset[str | None]] = {}

    def sorted(self) -> tuple[str, ...]:
        return tuple(sorted(self.lists))

    def add(self, subject: str) -> None:
        """Take a list in, unless a party's whole record book already tells what is in it."""
        if self.book is None or self.book.rows(subject) is None:
            self.lists.add(subject)

    def entries(self, subject: str) -> Iterator[Entry]:
        """The readable entries in a list of the whole log."""
        for index in self.record.rows(subject) or ():
            entry = self.record.entry(index)
            if entry is not None:
                yield entry

    def found(self, id: str | None, kind: type[S]) -> Iterator[tuple[Entry, S]]:
        """Every copy of a statement, if it is of this type."""
        for index in self.record.find(id or ""):
            entry = self.record.entry(index)
            if entry is not None and isinstance(entry.statement, kind):
                yield entry, entry.statement

    def section(self, entry: Entry, name: str) -> Section | None:
        """A section that the reader gets."""
        return self.record.opened(entry, name) if self.may_see(entry.statement, name) else None

    # -- what each question asks for

    def party(self, id: str) -> None:
        """A party's record book, and what the usages and the consents in it need."""
        subject = f"party:{id}"
        self.lists.add(subject)
        self.lists.add(f"keys:{id}")  # which of its keys are live, though nothing of it needed them yet
        book = ShownRecord(self.record.genesis, {subject: self.record.rows(subject) or ()})
        for entry in self.entries(subject):
            book.fold(entry)
        self.book = book
        for entry in self.entries(subject):
            if isinstance(entry.statement, Usage):
                self.usage(entry, entry.statement, Question(kind="usage", id=entry.statement.id))
            elif isinstance(entry.statement, Consent):
                self.consent(entry, entry.statement, Question(kind="consent", id=entry.statement.id))

    def book_of(self, party: str, consent: str) -> None:
        """What a party's record book says of one consent: its lists, and what it and the party's usages need."""
        self.add(f"keys:{party}")
        for kind in BOOK_LISTS:
            self.add(f"{kind}:{consent}")
        for entry, one in self.found(consent, Consent):
            self.consent(entry, one, Question(kind="consent", id=one.id))
        for entry in self.entries(f"uses:{consent}"):
            usage = entry.statement
            if isinstance(usage, Usage):
                for asset in usage.assets:
                    if self.record.rows(subject := f"approval:{consent}.{asset}"):
                        self.add(subject)
                if f"party:{party}" in subjects(usage):
                    self.usage(entry, usage, Question(kind="usage", id=usage.id))

    def usage(self, entry: Entry, usage: Usage, question: Question) -> None:
        """Whether a use is authorised, and paid."""
        id = usage.consent
        self.consents(self.family(id))
        if question.money:
            self.money(id, usage.parties)
        if question.standing:
            self.standing_of(entry, usage)

    def standing_of(self, entry: Entry, usage: Usage) -> None:
        """Whether a use is authorised."""
        id = usage.consent
        terms = self.terms_of(id)
        if terms is not None and (terms.caps or terms.run is not None):
            self.uses(id)
        if terms is not None and (terms.pay_first != "none" or terms.overdue_limit is not None):
            self.money(id, usage.parties)
        if f"uses:{id}" not in self.lists:  # which tells what is in it
            self.add(f"usage:{id}.{usage.id}")
        if self.approvals_matter(entry, usage):
            for asset in usage.assets:
                self.add(f"approval:{id}.{asset}")
        place = max((consent.index for consent, _ in self.found(id, Consent)), default=entry.index)
        self.exclusivity(usage, place, self.reach(entry, usage))

    def consent(self, entry: Entry, consent: Consent, question: Question) -> None:
        """Whether a consent is in force, and what it owes paid."""
        self.consents(self.family(consent.id))
        if question.money and "money" in consent.sections:
            self.money(consent.id, consent.parties)
        terms = self.terms_of(consent.id)
        if question.standing and terms is not None and terms.run is not None:
            self.uses(consent.id)
        if question.standing and consent.act == "use":
            self.exclusivity(consent, entry.index, self.reach_of_consent(entry))

    def money(self, id: str, parties: Parties) -> None:
        """What is owed under a consent, and what came."""
        self.uses(id)
        self.add(f"account:{id}")
        self.controllers(self.payers(id, parties))

    def uses(self, id: str) -> None:
        """The uses under a consent and under those that it replaced, whose units count on."""
        for one in (id, *self.replaced(id)):
            self.add(f"uses:{one}")

    def terms_of(self, id: str) -> Terms | None:
        """The terms of a consent to use that the reader gets."""
        found = (self.section(entry, "terms") for entry, _ in self.found(id, Consent))
        return next((terms for terms in found if isinstance(terms, Terms)), None)

    def consents(self, ids: Iterable[str]) -> None:
        """The lists of consents, of their twins and of those twins' creation consents."""
        for id in ids:
            self.families.add(id)
            self.add(f"consent:{id}")
            for _, consent in self.found(id, Consent):
                if consent.twin is not None:
                    self.add(f"twin:{consent.twin}")
                    for _, twin in self.found(consent.twin, Twin):
                        self.add(f"consent:{twin.creation}")

    def replaced(self, id: str) -> list[str]:
        """The consents that this one replaced, through others too; the newest first."""
        return self.chain(id, lambda consent: consent.replaces)

    def followed(self, id: str) -> list[str]:
        """The consents that this one replaced or renewed, through others too; the newest first."""
        return self.chain(id, lambda consent: consent.follows)

    def chain(self, id: str, older_of: Callable[[Consent], str | None]) -> list[str]:
        """From a consent on, as long as there is an older one."""
        ids: list[str] = []
        while True:
            older = next((older_of(consent) for _, consent in self.found(id, Consent)), None)
            if older is None or older in ids:
                return ids
            ids.append(older)
            id = older

    def family(self, id: str) -> list[str]:
        """All consents that are tied to this one by who replaces or renews whom, good or not: those that it followed,
        those that follow it, and those that follow any of them."""
        oldest = [id, *self.followed(id)][-1]
        ids, seen = [oldest], {oldest}
        for one in ids:
            for entry in self.entries(f"consent:{one}"):
                statement = entry.statement
                if isinstance(statement, Consent) and statement.follows == one and statement.id not in seen:
                    seen.add(statement.id)
                    ids.append(statement.id)
        return ids if id in seen else [*ids, id]

    def approvals_matter(self, entry: Entry, usage: Usage) -> bool:
        """Whether the terms, a manipulation or a late declaration call for approvals, or may do."""
        use = self.section(entry, "terms")
        terms = next((self.section(consent, "terms") for consent, _ in self.found(usage.consent, Consent)), None)
        if not isinstance(use, UsageTerms) or not isinstance(terms, Terms):
            return True
        return (
            terms.approval == "each"
            or not frozenset(terms.approve).isdisjoint(use.manipulations)
            or (terms.derivatives == "approve" and bool(use.derivative_of))
            or entry.logged > use.starts + terms.late_window
        )

    def exclusivity(self, asked: Usage | Consent, place: int, reach: Reach | None) -> None:
        """Other licensees' exclusive consents whose scope may meet ``reach`` and whose place may be lower (A16)."""
        model = asked.parties.model
        if model is None:
            return
        self.add(f"exclusive:{model}")
        for other in self.entries(f"exclusive:{model}"):
            consent = other.statement
            if not isinstance(consent, Consent) or consent.parties.licensee == asked.parties.licensee:
                continue
            scope = self.section(other, "exclusive")
            if isinstance(scope, Exclusive) and scope.against is not None:
                shops = asked.sublicensees or () if isinstance(asked, Consent) else (asked.parties.sublicensee,)
                self.controllers([asked.parties.licensee, *shops])
            if consent.id in self.families or not isinstance(scope, Exclusive):
                continue
            if reach is not None and not _may_meet(scope, *reach):
                continue
            chain = [consent.id, *self.followed(consent.id)]
            if any(copy.index < place for id in chain for copy, _ in self.found(id, Consent)):
                self.consents(self.family(consent.id))

    def reach_of_consent(self, entry: Entry) -> Reach | None:
        """Where and when all that a consent allows may run; None where the reader cannot tell."""
        terms = self.section(entry, "terms")
        scope = scope_of(terms) if isinstance(terms, Terms) else None
        return (scope, terms.starts, terms.ends) if isinstance(terms, Terms) and scope is not None else None

    def reach(self, entry: Entry, usage: Usage) -> Reach | None:
        """Where and when a use runs, as declared or reported; None where the reader cannot tell."""
        use = self.section(entry, "terms")
        scope = scope_of(use) if isinstance(use, UsageTerms) else None
        if not isinstance(use, UsageTerms) or scope is None:
            return None
        channels, countries, end = set(scope.channels), scope.territory.listed, use.ends
        for other in self.entries(f"usage:{usage.consent}.{usage.id}"):
            if isinstance(other.statement, Report):
                report = self.section(other, "terms")
                if isinstance(report, ReportTerms):
                    end = max(end, report.ends or 0)
                    channels.update(line.channel for line in report.lines)
                    if countries is not None:
                        countries = countries.union(line.country for line in report.lines)
        return Scope(scope.categories, frozenset(channels), Territory(countries)), use.starts, end

    def payers(self, id: str, parties: Parties) -> set[str | None]:
        """All between whom money moves under a consent."""
        if id not in self.among:
            found: set[str | None] = set()
            for _, consent in self.found(id, Consent):
                its = consent.parties
                found.update((its.licensee, its.agency, its.maker, *(consent.sublicensees or ())))
            for entry in self.entries(f"account:{id}"):
                money = entry.statement.parties
                found.update((money.payer, money.payee, money.provider))
            self.among[id] = frozenset(found)
        return {parties.licensee, parties.sublicensee, parties.agency, parties.maker, *self.among[id]}

    def controllers(self, parties: Iterable[str | None]) -> None:
        """The keys, and so the enrolments, of some parties, and of who controls them, upward."""
        waiting = [party for party in parties if party is not None]
        seen = set(waiting)
        for party in waiting:
            self.add(f"keys:{party}")
            for _, enrolment in self.found(party, Party):
                controller = enrolment.parties.controller
                if controller is not None and controller not in seen:
                    seen.add(controller)
                    waiting.append(controller)

    def stand_on(self, entry: Entry) -> None:
        """The lists of the rules' that an entry stands in, and those of what it stands on, families of consents too."""
        waiting, seen = [entry], {entry.index}

        def add(others: Iterable[Entry]) -> None:
            for other in others:
                if other.index not in seen:
                    seen.add(other.index)
                    waiting.append(other)

        for one in waiting:
            statement = one.statement
            for subject in subjects(statement):
                if not subject.startswith(("party:", "asset:", "exclusive:")):
                    self.add(subject)
                    if subject.startswith("consent:"):
                        add(other for other in self.entries(subject) if isinstance(other.statement, Consent))
            members = [on.member for on in kind_of(statement).on]
            for member in [*members, "of"] if isinstance(statement, Erasure) else members:
                add(other for other, _ in self.found(getattr(statement, member), Statement))

    # -- what every entry shown turns on

    def close(self) -> None:
        """Add what the standing of every entry shown turns on, until nothing is added."""
        judged: set[int] = set()
        done: set[str] = set()
        while waiting := self.lists - done:
            for subject in sorted(waiting):
                done.add(subject)
                if not subject.startswith("exclusive:"):
                    for entry in self.entries(subject):
                        if entry.index not in judged:
                            judged.add(entry.index)
                            self.standing(entry)

    def standing(self, entry: Entry) -> None:
        """The lists that say whether one entry is good, and whether what is hidden of it was erased."""
        statement = entry.statement
        for party in _signers(statement):
            if party is not None:
                self.add(f"keys:{party}")
        under: str | None = getattr(statement, "under", None)
        if under is not None:
            self.add(f"mandate:{under}")
        if isinstance(statement, Consent) and statement.follows is not None:
            self.add(f"consent:{statement.follows}")
        hidden = [name for name in statement.sections if name != "person" and self.section(entry, name) is None]
        erased = f"erased:{statement.id}"
        if hidden and self.record.rows(erased):  # a proof that nothing was erased would change no answer
            self.add(erased)


def _signers(statement: Statement) -> Iterable[str | None]:
    """Every party that may have to sign a statement, and those for whom a guardian would have to be named."""
    roles = ["model", "guardian", "author", *[one.role for one in signing_roles(statement)]]
    if "payee" in kind_of(statement).names:
        roles.append("payee")
    if statement.parties.sublicensee is not None:  # whom she must countersign, if she is not listed
        roles.append("licensee")
    return [statement.parties.role(role) for role in roles]


def _may_meet(scope: Exclusive, use: Scope, starts: int, ends: int) -> bool:
    """Whether an exclusive scope may meet a use; a scope that cannot be read may."""
    read = scope_of(scope)
    return (read is None or read.meets(use)) and scope.starts < ends and starts < scope.ends + scope.hold_off
