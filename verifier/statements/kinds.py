"""Every kind of statement in one row: whom it names, what it stands on, what it touches, who signs it, its sections.

The tables of protocol, sections 4 and 4.2, as data. A type whose law turns on one of its members (a consent's ``act``)
has a row for each of its values. Admission, the lists of evidence, drafts and what signers are told all read these
rows, so that none of them can say other than the rules. What no table can hold is rule A0's and A1's own: that a
``key`` and a ``guardian`` are signed in one of several forms (section 4.1), and what an ``erasure`` stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from verifier.base.values import field, replace, value
from verifier.statements import sections as section
from verifier.statements import types

# -- who signs


@value(kw_only=False)
class SigningRole:
    """The party in ``role``, enrolled with the role ``enrolled`` (None: with any), signs with her live keys.

    ``ward``: while a guardian is live for her, the guardian signs, and so does she if she has live keys. ``optional``:
    where nobody is named in the role, nobody has to sign in it.
    """

    role: str
    enrolled: str | None
    ward: bool = False
    optional: bool = False


MODEL: Final = SigningRole("model", "model", ward=True)
MAKER: Final = SigningRole("maker", "maker")
LICENSEE: Final = SigningRole("licensee", "licensee")
SUBLICENSEE: Final = SigningRole("sublicensee", "licensee", optional=True)
AGENCY: Final = SigningRole("agency", "agency", optional=True)
UNION: Final = SigningRole("union", "union", optional=True)
PROVIDER: Final = SigningRole("provider", "provider", optional=True)
ARBITER: Final = SigningRole("arbiter", "arbiter")
PAYER: Final = SigningRole("payer", None, ward=True)
PAYEE: Final = SigningRole("payee", None, ward=True)
AUTHOR: Final = SigningRole("author", None, ward=True)


@value(kw_only=False)
class SignedBy:
    """Parties sign by their live keys.

    ``all`` of them; or ``one``, and of a ward and her guardian one too (to *stop* something); or the ``first`` who is
    named; or ``some``, each of them complete; or the ``side`` that did: the first if it signed, else the second.
    """

    how: Literal["all", "one", "first", "some", "side"]
    signers: tuple[SigningRole, ...]


@value
class SignedWith:
    """Keys sign that the statement itself names (``new``: its members that hold them), the ``registry`` key, and
    for a ``registrar`` at least one of the registrars' that is none of those; and no other key."""

    new: tuple[str, ...] = ()
    registry: bool = False
    registrar: bool = False


@value(kw_only=False)
class SignedInForms:
    """One of the forms of protocol, section 4.1."""


Signing: TypeAlias = SignedBy | SignedWith | SignedInForms


def _all(*signers: SigningRole) -> SignedBy:
    return SignedBy("all", signers)


# -- what it stands on


@value(kw_only=False)
class On:
    """The statement whose id is in ``member``, of type ``make``, in the list ``list:<id>`` (of ``usage`` the consent's
    id stands before it).

    ``same`` are the roles that both statements give to the same party, ``act`` is that of a consent.
    """

    member: str
    make: type[types.Statement]
    list: str
    same: tuple[str, ...] = ()
    act: str | None = None


UNDER: Final = On("under", types.Mandate, "mandate", same=("model",))
CONSENT: Final = On("consent", types.Consent, "consent")
USE_CONSENT: Final = On("consent", types.Consent, "consent", act="use")

Sections: TypeAlias = Mapping[str, type[section.Section]]


@value(kw_only=False)
class Kind:
    """One row.

    ``names`` are the roles that it fills itself, ``may_name`` those that it may; ``like`` is the member whose
    statement's parties it names besides. ``touches`` are kinds of subject, each with the member or role that holds its
    ids (an ``approval`` and a ``usage`` have the consent's besides). ``power`` is what a mandate must give an agency
    that signs instead of the model.
    """

    make: type[types.Statement]
    signed: Signing
    names: tuple[str, ...] = ()
    may_name: tuple[str, ...] = ()
    like: str | None = None
    on: tuple[On, ...] = ()
    touches: tuple[tuple[str, str], ...] = ()
    power: str | None = None
    sections: Sections = field(default_factory=dict)
    optional_sections: Sections = field(default_factory=dict)


_PERSON: Sections = {"person": section.Person}
_NAME: Sections = {"name": section.Name}
_ACCOUNT = (("account", "consent"),)
_LIFE = (("consent", "consent"),)

_CREATE = Kind(
    types.Consent, _all(MODEL, MAKER), names=("model", "maker"), may_name=("payees",), touches=(("consent", "id"),),
    sections={"terms": section.CreateTerms}, optional_sections={**_PERSON, "money": section.ConsentMoney},
)  # fmt: skip
_USE = Kind(
    types.Consent, _all(MODEL, LICENSEE, AGENCY), names=("model", "licensee", "payees"), may_name=("union", "arbiter"),
    on=(
        On("twin", types.Twin, "twin", same=("model",)),
        On("replaces", types.Consent, "consent", same=("model", "licensee"), act="use"),
        On("renews", types.Consent, "consent", same=("model", "licensee"), act="use"),
        On("under", types.Mandate, "mandate", same=("model", "agency")),
    ),
    touches=(("consent", "id"), ("consent", "replaces"), ("consent", "renews"), ("exclusive", "model")),
    sections={"terms": section.Terms, "money": section.ConsentMoney},
    optional_sections={**_PERSON, "exclusive": section.Exclusive},
)  # fmt: skip
_TWIN = Kind(
    types.Twin, _all(MODEL, MAKER), names=("model", "maker"),
    on=(On("creation", types.Consent, "consent", same=("model", "maker"), act="create"),),
    touches=(("twin", "id"), ("asset", "assets")), optional_sections=_PERSON,
)  # fmt: skip
_APPROVE = Kind(
    types.Approval, _all(MODEL), like="consent", on=(USE_CONSENT, UNDER), power="approve",
    touches=(("approval", "assets"), ("asset", "assets")), optional_sections={"terms": section.ApprovalTerms},
)  # fmt: skip
_USAGE = Kind(
    types.Usage, SignedBy("first", (SUBLICENSEE, LICENSEE)), may_name=("sublicensee",), like="consent",
    on=(USE_CONSENT,), touches=(("uses", "consent"), ("usage", "id"), ("asset", "assets")),
    sections={"terms": section.UsageTerms}, optional_sections=_PERSON,
)  # fmt: skip
_REPORT = Kind(
    types.Report, SignedBy("first", (SUBLICENSEE, LICENSEE)), may_name=("sublicensee",), like="consent",
    on=(USE_CONSENT, On("usage", types.Usage, "usage", same=("sublicensee",))),
    touches=(("uses", "consent"), ("usage", "usage")), sections={"terms": section.ReportTerms},
)  # fmt: skip
_PAYMENT = Kind(
    types.Payment, SignedBy("first", (PROVIDER, PAYER)), names=("payer", "payee"), may_name=("provider",),
    like="consent", on=(CONSENT,), touches=_ACCOUNT,
    sections={"money": section.PaymentMoney, "evidence": section.BankEvidence},
)  # fmt: skip
_RECEIPT = Kind(
    types.Receipt, _all(PAYEE), names=("payer", "payee"), like="consent", on=(CONSENT,), touches=_ACCOUNT,
    sections={"money": section.ReceiptMoney, "evidence": section.BankEvidence},
)  # fmt: skip
_CREDIT = Kind(
    types.Adjustment, _all(PAYEE), names=("payer", "payee"), may_name=("provider",), like="consent",
    on=(CONSENT,), touches=_ACCOUNT,
    sections={"money": section.AdjustmentMoney}, optional_sections={"evidence": section.BankEvidence},
)  # fmt: skip


def _revocation(of: On, *signers: SigningRole) -> Kind:
    return Kind(
        types.Revocation, SignedBy("one", signers), like=of.member, on=(of, UNDER), touches=((of.list, of.member),),
        power="revoke", optional_sections=_PERSON,
    )  # fmt: skip


def _on_consent(make: type[types.Statement], signed: SignedBy, on: On = CONSENT, **more: Any) -> Kind:
    return Kind(make, signed, like="consent", on=(on,), touches=_LIFE, **{"optional_sections": _PERSON, **more})


KINDS: Final[Mapping[str, Kind]] = {
    "genesis": Kind(types.Genesis, SignedWith(new=("log",)), touches=(("registry", "id"),)),
    "registry": Kind(types.Registry, SignedWith(new=("log",), registry=True), touches=(("registry", "registry"),)),
    "party": Kind(
        types.Party, SignedWith(new=("keys", "recovery"), registrar=True), may_name=("controller",),
        touches=(("party", "id"), ("keys", "id")), sections=_PERSON, optional_sections=_NAME,
    ),
    "key": Kind(types.Key, SignedInForms(), names=("author",), touches=(("keys", "author"),), optional_sections=_NAME),
    "guardian": Kind(types.Guardian, SignedInForms(), names=("model", "guardian"), touches=(("keys", "model"),)),
    "mandate": Kind(
        types.Mandate, _all(MODEL, AGENCY), names=("model", "agency"), touches=(("mandate", "id"),),
        sections={"money": section.MandateMoney}, optional_sections=_PERSON,
    ),
    "consent create": _CREATE,
    "consent use": _USE,
    "exercise": _on_consent(types.Exercise, _all(LICENSEE), USE_CONSENT),
    "twin": _TWIN,
    "approval approve": _APPROVE,
    "approval reject": replace(_APPROVE, signed=SignedBy("one", (MODEL,))),
    "usage": _USAGE,
    "report": _REPORT,
    "payment": _PAYMENT,
    "receipt": _RECEIPT,
    "adjustment credit": _CREDIT,
    "adjustment return": replace(_CREDIT, signed=SignedBy("some", (PAYEE, PAYER, PROVIDER))),
    "revocation consent": _revocation(CONSENT, MODEL, replace(LICENSEE, optional=True)),
    "revocation exclusive": _revocation(USE_CONSENT, MODEL),
    "revocation mandate": _revocation(On("mandate", types.Mandate, "mandate"), MODEL, AGENCY),
    "revocation twin": _revocation(On("twin", types.Twin, "twin"), MODEL),
    "suspension": _on_consent(types.Suspension, SignedBy("one", (MODEL, UNION))),
    "resumption": _on_consent(types.Resumption, SignedBy("side", (UNION, MODEL))),
    "dispute": _on_consent(
        types.Dispute, SignedBy("one", (AUTHOR,)), names=("author",),
        optional_sections={**_PERSON, "evidence": section.DisputeEvidence},
    ),
    "ruling": _on_consent(types.Ruling, _all(ARBITER), USE_CONSENT),
    "erasure": Kind(types.Erasure, SignedWith(registrar=True), like="of", touches=(("erased", "of"),)),
    "seal": Kind(types.Seal, SignedWith(registry=True)),
}  # fmt: skip

_VARIES_BY: Final = {"consent": "act", "approval": "decision", "adjustment": "kind"}


def kind_name(statement: types.Statement) -> str:
    """The name of its row: its type, and where there are several the value that they turn on (``consent use``)."""
    if isinstance(statement, types.Revocation):
        return f"revocation {statement.part or statement.target[0]}"
    member = _VARIES_BY.get(statement.type)
    return f"{statement.type} {getattr(statement, member)}" if member else statement.type


def kind_of(statement: types.Statement) -> Kind:
    """Its row."""
    return KINDS[kind_name(statement)]


def signing_roles(statement: types.Statement) -> tuple[SigningRole, ...]:
    """The signers of its row that this one has: none in an optional role that is not filled, and where the ``first``
    signs, that one alone."""
    signed = kind_of(statement).signed
    if not isinstance(signed, SignedBy):
        return ()
    present = tuple([one for one in signed.signers if not one.optional or statement.parties.role(one.role)])
    return present[:1] if signed.how == "first" else present
