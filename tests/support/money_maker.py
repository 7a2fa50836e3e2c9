"""Money of a small world: payments, receipts, returns and credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tests.support.party_maker import PartyMaker
from tests.support.statement_maker import Actor, Logged, Options


class MoneyMaker(PartyMaker):
    """What is said to have been paid under a consent, and by whom."""

    def payment(
        self,
        consent: Logged,
        *,
        payee: Actor,
        amount: int,
        payer: Actor | None = None,
        provider: Actor | None = None,
        settled_at: int | str | None = None,
        reference: str | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """The payer's word (the licensee's, if not told otherwise), or a provider's attestation."""
        payer = payer or self._payer(consent)
        parties = {**self._on(consent), "payer": payer, "payee": payee, "provider": provider}
        sections = {
            "money": {"currency": "EUR", "amount": amount, "settled_at": self.time(settled_at), **(money or {})},
            "evidence": {"reference": reference or self.reference(consent, payee, self._count), **(evidence or {})},
        }
        return self._make("payment", {"consent": consent}, parties, sections, [provider or payer], Options(**options))

    def receipt(
        self,
        consent: Logged,
        *,
        payee: Actor,
        amount: int,
        payer: Actor | None = None,
        received_at: int | str | None = None,
        reference: str | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """The payee's word."""
        payer = payer or self._payer(consent)
        parties = {**self._on(consent), "payer": payer, "payee": payee}
        sections = {
            "money": {"currency": "EUR", "amount": amount, "received_at": self.time(received_at), **(money or {})},
            "evidence": {"reference": reference or self.reference(consent, payee, self._count), **(evidence or {})},
        }
        return self._make("receipt", {"consent": consent}, parties, sections, self._model(payee), Options(**options))

    def adjustment(
        self,
        consent: Logged,
        *,
        kind: str,
        payee: Actor,
        amount: int,
        of: Sequence[Logged | str] = (),
        payer: Actor | None = None,
        provider: Actor | None = None,
        by: Actor | None = None,
        money: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Logged:
        """A ``return``, by its provider or payer, or a ``credit``, by its payee; ``by`` signs instead."""
        payer = payer or self._payer(consent)
        signer = by or (payee if kind == "credit" else provider or payer)
        parties = {**self._on(consent), "payer": payer, "payee": payee, "provider": provider}
        members = {"consent": consent, "kind": kind, "of": sorted(self._id(one) for one in of) or None}
        sections = {"money": {"currency": "EUR", "amount": amount, **(money or {})}, "evidence": evidence}
        return self._make("adjustment", members, parties, sections, self._model(signer), Options(**options))

    def reference(self, consent: Logged, payee: Actor, number: int = 1) -> str:
        """The end-to-end reference of a bank transfer."""
        stem = sha256(f"kembar/ref\n{consent.id}\n{payee.id}".encode()).hexdigest()[:24].upper()
        return f"K{stem}{number}"

    def _payer(self, consent: Logged) -> Actor:
        """The licensee, or of a consent to create the maker."""
        return self.actors[str(consent.statement.parties.licensee or consent.statement.parties.maker)]
