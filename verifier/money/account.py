"""The account of a consent: payments, receipts, adjustments and disputes, read from the record (rules M4, M5, M7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from verifier.money.amounts import Lines, bounded, within
from verifier.money.control import together
from verifier.money.ledger import Lot
from verifier.money.reasons import CannotTell, Reason
from verifier.money.transfers import Grade, Paper, Return, Sum, Transfer, take_back, transfers
from verifier.rules.contract import Contract, Missing, Standing
from verifier.rules.keys import key_state
from verifier.rules.record import Entry
from verifier.rules.rulings import rulings_of
from verifier.statements.sections import AdjustmentMoney, BankEvidence, MoneyLine, PaymentMoney, ReceiptMoney
from verifier.statements.statement import Adjustment, Consent, Dispute, Payment, Receipt, Ruling


@dataclass(slots=True)
class Side:
    """One payee's side of the account.

    ``least`` and ``most`` are what came to her for certain and at most, ``reasons`` the gaps between the two. While
    there are ``clouds``, entries of hers that are doubtful or not disclosed, nothing can be told (M4); ``shared`` are
    those of them about the licensee's or a sub-licensee's money. ``papers`` are the indices of her good payments and
    receipts, ``returned`` those of the returns that re-open.
    """

    least: list[Lot] = field(default_factory=list)
    most: list[Lot] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    clouds: list[Reason] = field(default_factory=list)
    shared: list[Reason] = field(default_factory=list)
    papers: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)


def read_account(contract: Contract, consent: Entry, currency: str) -> dict[str, Side]:
    """Payee -> her side. :class:`CannotTell` ``list_missing`` where ``account:<consent>`` is not shown."""
    listed = contract.listed(f"account:{consent.statement.id}", Payment, Receipt, Adjustment)
    if listed is None:
        raise CannotTell("M4", "list_missing")
    reader = _Reader(contract, consent, currency)
    for entry, judgement in listed:
        payee = entry.statement.parties.payee
        if payee is None:
            continue  # void, but while its consent is not shown that cannot be told; nor can anything else be then
        side = reader.sides.setdefault(payee, Side())
        try:
            if judgement.standing is not Standing.GOOD:
                raise CannotTell("M4", judgement.code, (entry.index,))
            reader.read(entry, payee, side)
        except CannotTell as missing:
            side.clouds.append(missing.reason)
            if entry.statement.parties.payer in reader.licensees:
                side.shared.append(missing.reason)
    reader.close()
    return reader.sides


class _Reader:
    """Reads the entries of one account in log order."""

    def __init__(self, contract: Contract, consent: Entry, currency: str) -> None:
        assert isinstance(consent.statement, Consent)
        parties, sublicensees = consent.statement.parties, consent.statement.sublicensees or ()
        self.contract = contract
        self.currency = currency
        self.licensees = frozenset((*sublicensees, *([parties.licensee] if parties.licensee else [])))
        self.agency = parties.agency
        self.sides: dict[str, Side] = {}
        self._papers: list[Paper] = []
        self._by_id: dict[str, Paper] = {}
        self._returns: list[tuple[Entry, Adjustment, AdjustmentMoney]] = []
        self._disputes = _unpaid_disputes(contract, consent.statement.id)
        self._pairs: dict[tuple[str, ...], bool | None] = {}

    def read(self, entry: Entry, payee: str, side: Side) -> None:
        """Take one good entry; :class:`CannotTell` where a section of it cannot be read."""
        statement = entry.statement
        if not isinstance(statement, Adjustment):
            paper = self._paper(entry, payee)
            self._papers.append(paper)
            self._by_id.setdefault(statement.id, paper)
            side.papers.append(entry.index)
            return
        money = _section(self.contract, entry, "money")
        assert isinstance(money, AdjustmentMoney)
        if money.amount == 0:
            return
        if statement.kind == "return":
            self._returns.append((entry, statement, money))
            return
        home = money.currency == self.currency
        lot = Lot(
            entry.logged,
            money.amount if home else None,
            within(_lines(money.lines), money.amount) if home else (),
            (entry.index,),
            licensee=statement.parties.payer in self.licensees,
            credit=True,
        )
        side.most.append(lot)
        if home:
            side.least.append(lot)
        else:
            side.reasons.append(Reason("M5", "other_currency", (entry.index,)))

    def close(self) -> None:
        """Make transfers of the papers, take the returns from them, and put what is left on each payee's side."""
        found = transfers(self._papers)
        take_back([made for one in self._returns if (made := self._return(*one, found)) is not None])
        for transfer in found.values():
            side = self.sides[transfer.payee]
            least = most = self._lot(transfer, transfer.least)
            if transfer.most != transfer.least:
                most = self._lot(transfer, transfer.most)
            if least.amount != 0:
                side.least.append(least)
            if most.amount != 0:
                side.most.append(most)
            side.reasons.extend(transfer.reasons)
        for side in self.sides.values():
            try:
                bounded("M4", sum(lot.amount or 0 for lot in side.least))
                bounded("M4", sum(lot.amount or 0 for lot in side.most))
            except CannotTell as error:
                side.clouds.append(error.reason)

    def _lot(self, transfer: Transfer, money: Sum) -> Lot:
        return Lot(money.at, money.amount, money.lines, transfer.entries, licensee=transfer.payer in self.licensees)

    # -- payments and receipts

    def _paper(self, entry: Entry, payee: str) -> Paper:
        parties = entry.statement.parties
        payer = parties.payer
        assert payer is not None, "A0: an entry that names no payer is void"
        money = _section(self.contract, entry, "money")
        evidence = _section(self.contract, entry, "evidence")
        assert isinstance(money, PaymentMoney | ReceiptMoney) and isinstance(evidence, BankEvidence)
        lines = _lines(money.lines)
        if lines and sum(amount for _, amount in lines) != money.amount:
            raise CannotTell("M5", "bad_terms", (entry.index,))
        if isinstance(money, ReceiptMoney):
            author, grade, at = payee, Grade.PAYEE, money.received_at
        elif parties.provider is not None:
            author, grade, at = parties.provider, Grade.PROVIDER, money.settled_at
        else:
            author, grade, at = payer, Grade.PAYER, money.settled_at
        home = money.currency == self.currency
        return Paper(
            index=entry.index,
            author=author,
            grade=grade,
            payee=payee,
            payer=payer,
            reference=evidence.reference,
            amount=money.amount if home else None,
            at=min(at, entry.logged),
            lines=within(lines, money.amount) if home else (),
            lowered=None if grade is Grade.PAYER else self._lowered(entry, payer, payee, parties.provider),
        )

    def _lowered(self, entry: Entry, payer: str, payee: str, provider: str | None) -> Reason | None:
        """Why a payee's or provider's word counts as the payer's: common control (M7), or her dispute (M5)."""
        related = self._together(payer, (payee,))
        if not related and provider is not None:
            others = self.licensees | {payer}
            if self.agency is not None and payee != self.agency:
                others |= {self.agency}
            by_provider = self._together(provider, tuple(sorted(others)))
            related = by_provider if related is False or by_provider else None
        if related is not False:
            return Reason("M7", "list_missing" if related is None else "same_control", (entry.index,))
        if provider is None:
            return None
        if self._disputes is None:
            return Reason("M5", "list_missing", (entry.index,))
        for dispute in self._disputes.get(entry.statement.id, ()):
            by_payee = dispute.index > entry.index and dispute.statement.parties.author == payee
            if by_payee and not self._closed(entry.statement.id, dispute):
                return Reason("M5", "claimed_unpaid", (entry.index, dispute.index))
        return None

    def _together(self, party: str, others: tuple[str, ...]) -> bool | None:
        pair = (party, *others)
        if pair not in self._pairs:
            self._pairs[pair] = together(self.contract, party, others)
        return self._pairs[pair]

    def _closed(self, id: str, dispute: Entry) -> bool:
        """Whether a later ruling on the attestation, or on the dispute itself, lets the attestation stand (A20)."""
        assert isinstance(dispute.statement, Dispute)
        rulings = rulings_of(self.contract, dispute.statement.consent)
        assert rulings is not None, "the list that holds the dispute holds the rulings"
        for of in (id, dispute.statement.id):
            later = [pair for pair in rulings.by_id.get(of, ()) if pair[0].index > dispute.index]
            if later:
                ruling, judgement = later[-1]
                assert isinstance(ruling.statement, Ruling)
                if judgement.standing is Standing.GOOD and ruling.statement.outcome == "stands":
                    return True
        return False

    # -- returns

    def _return(
        self, entry: Entry, statement: Adjustment, money: AdjustmentMoney, found: dict[tuple[str, str], Transfer]
    ) -> Return | None:
        """A return as far as it fits: of earlier entries of the same payee, by the provider or payer in them or by her.

        ``None`` if nothing in its ``of`` fits.
        """
        parties = statement.parties
        payee, payer, provider = parties.payee or "", parties.payer or "", parties.provider
        papers = [paper for id in statement.of or () if (paper := self._by_id.get(id)) and paper.index < entry.index]
        papers = [paper for paper in papers if paper.payee == payee]
        contested = Reason("M5", "return_contested", (entry.index,))
        doubt: Reason | None = None
        if provider is not None and self._signed(entry, provider):
            papers = [paper for paper in papers if paper.author == provider]
            related = self._together(payee, (provider,))
            if related is not False:
                doubt = contested if related else Reason("M7", "list_missing", (entry.index,))
        elif self._signed(entry, payer):
            papers = [paper for paper in papers if paper.payer == payer]
        else:
            doubt = contested
        if not papers:
            return None
        if doubt is None:
            self.sides[payee].returned.append(entry.index)
        home = money.currency == self.currency
        keys = dict.fromkeys((paper.payee, paper.reference) for paper in sorted(papers, key=lambda paper: paper.index))
        return Return(
            index=entry.index,
            of=tuple(found[key] for key in keys),
            amount=money.amount if home else None,
            doubt=doubt,
            lines=_lines(money.lines) if home else (),
        )

    def _signed(self, entry: Entry, party: str) -> bool:
        return bool(entry.signers & key_state(self.contract, party, entry.index).live)


def _unpaid_disputes(contract: Contract, consent: str) -> dict[str, list[Entry]] | None:
    """Statement id -> the good and doubtful ``unpaid`` disputes of it; ``None``: the list is not shown."""
    listed = contract.listed(f"consent:{consent}", Dispute)
    if listed is None:
        return None
    found: dict[str, list[Entry]] = {}
    for entry, _ in listed:
        if isinstance(entry.statement, Dispute) and entry.statement.tag == "unpaid":
            for id in entry.statement.of:
                found.setdefault(id, []).append(entry)
    return found


def _section(contract: Contract, entry: Entry, name: str) -> object:
    section = contract.section(entry, name)
    if isinstance(section, Missing):
        raise CannotTell("M4", section.code, (entry.index,))
    return section


def _lines(lines: Sequence[MoneyLine]) -> Lines:
    return tuple((line.usage, line.amount) for line in lines)
