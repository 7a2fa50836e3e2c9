"""Whether a consent's own sections contradict themselves, or use codes that are not known (protocol, section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.rules.model.scope import categories_known, scope_of
from verifier.rules.money.fees import check_money
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.splits import misdirected
from verifier.statements.sections import ConsentMoney, CreateTerms, Exclusive, Section, Terms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import MANIPULATIONS, RIGHTS


def has_bad_terms(consent: Consent, sections: Mapping[str, Section]) -> bool:
    """Whether some rule that reads these sections could never answer but ``bad_terms``; of those that are shown."""
    terms, exclusive, money = (sections.get(name) for name in ("terms", "exclusive", "money"))
    if isinstance(terms, CreateTerms) and terms.starts >= terms.ends:
        return True
    if isinstance(terms, Terms) and not _fit(terms):
        return True
    if isinstance(exclusive, Exclusive) and (exclusive.starts >= exclusive.ends or scope_of(exclusive) is None):
        return True
    known = terms if isinstance(terms, Terms | CreateTerms) else None
    return isinstance(money, ConsentMoney) and not _pays(money, consent, known)


def _fit(terms: Terms) -> bool:
    allow, approve = set(terms.allow), set(terms.approve)
    return (
        terms.starts < terms.ends
        and scope_of(terms) is not None
        and categories_known(terms.categories_denied)
        and RIGHTS.issuperset(terms.rights)
        and MANIPULATIONS.issuperset(allow | approve)
        and not allow & approve
        and set(terms.overage) <= terms.caps.keys()
    )


def _pays(money: ConsentMoney, consent: Consent, terms: Terms | CreateTerms | None) -> bool:
    try:
        check_money(money, consent.act, terms)
    except CannotTell:
        return False
    return not misdirected(money.splits, consent.parties.agency)
