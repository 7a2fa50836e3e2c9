"""The account of a consent: payments, receipts, adjustments and disputes, read from the record (rules M4, M5, M7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from operator import attrgetter
from typing import TypeAlias

from verifier.base.strict import MAX_INTEGER
from verifier.base.values import field, value
from verifier.rules.model.context import Context, Growing, Judgement, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.money.allocation import Inflow, by_time
from verifier.rules.money.amounts import Lines, within
from verifier.rules.money.control import together
from verifier.rules.money.reasons import CannotTell, Reason
from verifier.rules.money.transfers import Grade, Return, Transfer, TransferSum, TransferWord, take_back, transfer_of
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.rulings import rulings_of
from verifier.statements.sections import AdjustmentMoney, BankEvidence, MoneyLine, PaymentMoney, ReceiptMoney
from verifier.statements.types import Adjustment, Consent, Dispute

Key: TypeAlias = tuple[str, str]
"""A transfer's payee and reference."""


@value(kw_only=False)
class PayeeAccount:
    """One payee's side of the account.

    ``least`` and ``most`` are what came to her for certain and at most, in order of time; they are one object where
    there is no gap between the two, and else ``reasons`` has the gaps. While there are ``unknowns``, entries of hers
    that are doubtful or not disclosed, nothing can be told (M4); ``shared`` are those of them about the licensee's or
    a sub-licensee's money. ``paid``: there are good payments or receipts. ``returned`` are the indices of the returns
    that re-open. ``repeated`` are the words of signers who used one reference more than once. ``gone`` are the
    transfers of which all was returned, as they came.
    """

    least: Sequence[Inflow] = ()
    most: Sequence[Inflow] = ()
    reasons: Sequence[Reason] = ()
    unknowns: Sequence[Reason] = ()
    shared: Sequence[Reason] = ()
    paid: bool = False
    returned: Sequence[int] = ()
    repeated: Sequence[int] = ()
    gone: Sequence[Inflow] = ()

    @property
    def apart(self) -> set[int]:
        """The entries behind the inflows in which least and most differ."""
        least, most = (
            {(inflow.at, inflow.amount, inflow.entries) for inflow in inflows} for inflows in (self.least, self.most)
        )
        return {index for _, _, entries in least ^ most for index in entries}


@value(frozen=False, kw_only=False)
class _SideSoFar(Growing):
    """What a payee's side is made of.

    ``inflows``: the least and the most of each transfer, by reference; ``gaps``: why they differ, where they do;
    ``repeated``: the words of those who used the reference more than once.
    ``credits``: each with whether it is in the consent's currency. ``gone``: what came of transfers
    that were returned whole, by reference.
    """

    inflows: dict[str, tuple[Inflow | None, Inflow | None]] = field(default_factory=dict)
    gaps: dict[str, list[Reason]] = field(default_factory=dict)
    repeated: dict[str, tuple[int, ...]] = field(default_factory=dict)
    credits: list[tuple[Inflow, bool]] = field(default_factory=list)
    unknowns: list[Reason] = field(default_factory=list)
    shared: list[Reason] = field(default_factory=list)
    gone: dict[str, Inflow] = field(default_factory=dict)

    def side(self, returned: Sequence[int]) -> PayeeAccount:
        foreign = [inflow for inflow, home in self.credits if not home]
        certain = [inflow for inflow, _ in self.inflows.values() if inflow is not None]
        least = most = by_time([*certain, *(inflow for inflow, home in self.credits if home)])
        if self.gaps or foreign:
            possible = [inflow for _, inflow in self.inflows.values() if inflow is not None]
            most = by_time([*possible, *(inflow for inflow, _ in self.credits)])
        unknowns = list(self.unknowns)
        for inflows in (least, most):
            if sum([inflow.amount or 0 for inflow in inflows]) > MAX_INTEGER:
                unknowns.append(Reason("M4", "too_large"))
        return PayeeAccount(
            least=least,
            most=most,
            reasons=[
                *(Reason("M5", "other_currency", inflow.entries) for inflow in foreign),
                *(reason for gap in self.gaps.values() for reason in gap),
            ],
            unknowns=unknowns,
            shared=list(self.shared),
            paid=bool(self.inflows),
            returned=returned,
            repeated=sorted(index for indices in self.repeated.values() for index in indices),
            gone=by_time(self.gone.values()),
        )


class Account(Growing):
    """Takes the payments, receipts and adjustments under a consent, in log order.

    ``by_id`` are the payments and receipts by their statements' ids, ``groups`` those that are one transfer.
    """

    def __init__(self, context: Context, consent: Entry[Consent], currency: str) -> None:
        parties, sublicensees = consent.statement.parties, consent.statement.sublicensees or ()
        self.context = context
        self.currency = currency
        payers = (parties.licensee, parties.maker if consent.statement.act == "create" else None)
        self.licensees = frozenset((*sublicensees, *(one for one in payers if one is not None)))
        self.agency = parties.agency
        self._growing: dict[str, _SideSoFar] = {}
        self.groups: dict[Key, tuple[TransferWord, ...]] = {}
        self.by_id: dict[str, TransferWord] = {}
        self._returns: list[tuple[Entry, Adjustment, AdjustmentMoney]] = []
        self._changed: set[Key] = set()
        self._sides: dict[str, PayeeAccount] = {}
        self._stale: set[str] = set()  # payees whose side is to be made anew
        self._disputes = _unpaid_disputes(context, consent.statement.id)
        self._pairs: dict[tuple[str, ...], bool | None] = {}

    def take(self, entry: Entry, judgement: Judgement) -> None:
        """Take one more good or doubtful entry; what cannot be read of it leaves her side with an unknown."""
        payee = entry.statement.parties.payee
        if payee is None:
            return  # void, but while its consent is not shown that cannot be told; nor can anything else be then
        self._stale.add(payee)
        growing = self._growing.get(payee)
        if growing is None:
            growing = self._growing[payee] = _SideSoFar()
        try:
            if judgement.standing is not Standing.GOOD:
                raise CannotTell("M4", judgement.code, (entry.index,))
            self._read(entry, payee, growing)
        except CannotTell as missing:
            growing.unknowns.append(missing.reason)
            if entry.statement.parties.payer in self.licensees:
                growing.shared.append(missing.reason)

    def _read(self, entry: Entry, payee: str, growing: _SideSoFar) -> None:
        """Take one good entry; :class:`CannotTell` where a section of it cannot be read."""
        statement = entry.statement
        if not isinstance(statement, Adjustment):
            word = self._word(entry, payee)
            self.by_id.setdefault(statement.id, word)
            key = (payee, word.reference)
            self.groups[key] = (*self.groups.get(key, ()), word)
            self._changed.add(key)
            return
        money = self.context.section(entry, "money", AdjustmentMoney)
        if isinstance(money, Unread):
            raise _hidden(money, entry)
        if money.amount == 0:
            return
        if statement.kind == "return":
            self._returns.append((entry, statement, money))
            return
        home = money.currency == self.currency
        inflow = Inflow(
            entry.logged,
            money.amount if home else None,
            within(_lines(money.lines), money.amount) if home else (),
            (entry.index,),
            licensee=statement.parties.payer in self.licensees,
            credit=True,
        )
        growing.credits.append((inflow, home))

    def sides(self) -> Mapping[str, PayeeAccount]:
        """Payee -> her side, as far as the account has been taken."""
        if self._stale:
            returned = self._settle()
            for payee in sorted(self._stale | returned.keys()):
                self._sides[payee] = self._growing[payee].side(returned.get(payee, ()))
            self._stale = set()
        return self._sides

    def _settle(self) -> dict[str, list[int]]:
        """Make inflows of the transfers that changed, and of all of which some was returned; payee -> good returns."""
        returned: dict[str, list[int]] = {}
        found: dict[Key, Transfer] = {}
        back = [made for one in self._returns if (made := self._return(*one, found, returned)) is not None]
        came = {key: copy(transfer.least) for key, transfer in found.items()}
        take_back(back)
        for key in self._changed:
            if key not in found:
                words = self.groups[key]
                if len(words) == 1 and words[0].plain:  # nearly every transfer: there is nothing to weigh
                    inflow = self._plain(words[0])
                    growing = self._growing[key[0]]
                    growing.inflows[key[1]] = inflow, inflow
                    growing.gaps.pop(key[1], None)
                else:
                    found[key] = transfer_of(words)
        for (payee, reference), transfer in found.items():
            self._stale.add(payee)
            growing = self._growing[payee]
            if transfer.repeated:
                growing.repeated[reference] = transfer.repeated
            least = most = self._inflow(transfer, transfer.least, (transfer.payer,), transfer.entries)
            if transfer.reasons or transfer.most != transfer.least:
                growing.gaps[reference] = transfer.reasons
                entries = tuple(sorted({*transfer.entries, *transfer.repeated}))
                most = self._inflow(transfer, transfer.most, transfer.payers, entries)
            else:
                growing.gaps.pop(reference, None)
            growing.inflows[reference] = least, most
            before = came.get((payee, reference))
            if least is None and transfer.returned and before is not None:
                gone = self._inflow(transfer, before, (transfer.payer,), transfer.entries)
                if gone is not None:
                    growing.gone[reference] = gone
        self._changed = set()
        return returned

    def _plain(self, word: TransferWord) -> Inflow:
        licensee = word.payer in self.licensees
        return Inflow(word.at, word.amount, word.lines, (word.index,), licensee, False, word.grade)

    def _inflow(
        self, transfer: Transfer, money: TransferSum, payers: Iterable[str], entries: tuple[int, ...]
    ) -> Inflow | None:
        if money.amount == 0:
            return None
        licensee = not self.licensees.isdisjoint(payers)
        return Inflow(
            money.at, money.amount, money.lines, (*entries, *transfer.returned), licensee, False, transfer.grade
        )

    # -- payments and receipts

    def _word(self, entry: Entry, payee: str) -> TransferWord:
        parties = entry.statement.parties
        payer = parties.payer
        assert payer is not None, "A0: an entry that names no payer is void"
        money = self.context.section(entry, "money", PaymentMoney, ReceiptMoney)
        if isinstance(money, Unread):
            raise _hidden(money, entry)
        evidence = self.context.section(entry, "evidence", BankEvidence)
        if isinstance(evidence, Unread):
            raise _hidden(evidence, entry)
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
        return TransferWord(
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
            self._pairs[pair] = together(self.context, party, others)
        return self._pairs[pair]

    def _closed(self, id: str, dispute: Entry) -> bool:
        """Whether a later ruling on the attestation, or on the dispute itself, lets the attestation stand (A20)."""
        assert isinstance(dispute.statement, Dispute)
        rulings = rulings_of(self.context, dispute.statement.consent)
        assert rulings is not None, "the list that holds the dispute holds the rulings"
        for of in (id, dispute.statement.id):
            later = [pair for pair in rulings.by_id.get(of, ()) if pair[0].index > dispute.index]
            if later:
                ruling, judgement = later[-1]
                if judgement.standing is Standing.GOOD and ruling.statement.outcome == "stands":
                    return True
        return False

    # -- returns

    def _return(
        self,
        entry: Entry,
        statement: Adjustment,
        money: AdjustmentMoney,
        found: dict[Key, Transfer],
        returned: dict[str, list[int]],
    ) -> Return | None:
        """A return as far as it fits: of earlier entries of the same payee, by the provider or payer in them or by her.

        ``None`` if nothing in its ``of`` fits. Its transfers are made anew into ``found``; if it re-opens, its index
        goes into ``returned``.
        """
        parties = statement.parties
        payee, payer, provider = parties.payee or "", parties.payer or "", parties.provider
        words = [word for id in statement.of or () if (word := self.by_id.get(id)) and word.index < entry.index]
        by_payer, by_payee = self._signed(entry, payer), self._signed(entry, payee)
        by_provider = provider is not None and self._signed(entry, provider)
        contested = Reason("M5", "return_contested", (entry.index,))
        attested: Reason | None = None
        if by_provider and (related := self._together(payee, (provider or "",))) is not False:
            attested = contested if related else Reason("M7", "list_missing", (entry.index,))
        doubts: dict[Key, Reason | None] = {}
        for word in sorted(words, key=attrgetter("index")):
            key = (payee, word.reference)
            if word.payee != payee or doubts.get(key, contested) is None:
                continue
            if by_payer and word.payer == payer:
                doubts[key] = None
            elif by_provider and word.author == provider:
                doubts[key] = attested
            elif by_payee:
                doubts.setdefault(key, contested)
        if not doubts:
            return None
        if None in doubts.values():
            returned.setdefault(payee, []).append(entry.index)
        home = money.currency == self.currency
        for key in doubts:
            if key not in found:
                found[key] = transfer_of(self.groups[key])
        return Return(
            index=entry.index,
            of=tuple((found[key], doubt) for key, doubt in doubts.items()),
            amount=money.amount if home else None,
            lines=_lines(money.lines) if home else (),
        )

    def _signed(self, entry: Entry, party: str) -> bool:
        """Whether a party signed; for a ward her guardian, and she too if she has keys (protocol, section 4)."""
        state = key_state(self.context, party, entry.index)
        guardian = state.guardian_at(entry.logged)
        if guardian is None:
            return bool(entry.signers & state.live)
        by_guardian = entry.signers & key_state(self.context, guardian, entry.index).live
        return bool(by_guardian) and (not state.live or bool(entry.signers & state.live))


def _unpaid_disputes(context: Context, consent: str) -> dict[str, list[Entry]] | None:
    """Statement id -> the good and doubtful ``unpaid`` disputes of it; ``None``: the list is not shown."""
    listed = context.listed(f"consent:{consent}", Dispute)
    if listed is None:
        return None
    found: dict[str, list[Entry]] = {}
    for entry, _ in listed:
        if entry.statement.tag == "unpaid":
            for id in entry.statement.of:
                found.setdefault(id, []).append(entry)
    return found


def _hidden(section: Unread, entry: Entry) -> CannotTell:
    return CannotTell("M4", section.code, (entry.index,))


def _lines(lines: Sequence[MoneyLine]) -> Lines:
    return tuple((line.for_, line.amount) for line in lines)
