"""A registrar's pages: whom she has invited, and what she is about to vouch for.

Her signature says that a person is who she says, and that the person holds the key. So this page does not show the key:
the person reads its fingerprint out, and the registrar types it on the page that holds her own key, which compares it
there. Nothing here is believed for it: neither this registry nor a link that somebody sends her can say it for her.
"""

from __future__ import annotations

from registry.desk.pending import DeskRefusal
from registry.enrolling.invitations import Invitation, Invitations
from registry.service import Service
from registry.web.errors import ProblemError, fail
from registry.web.pages.acts import SIGNED, Acts, Step
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.rendering import page
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.statements.sections import Name
from verifier.statements.sections import Person as Described
from verifier.statements.types import PARTY_ROLES, Party


@value
class InvitationRow:
    """One invitation; ``until`` is when it ends, or when what waits is erased."""

    id: str
    name: str
    role: str
    state: str
    made: Instant
    until: Instant
    party: str | None
    take_back: Act | None


@value
class RegistrarHome:
    """``act`` is what is handed over to ``sign_url`` where a further invitation is made, but for its hash."""

    waiting: tuple[InvitationRow, ...]
    others: tuple[InvitationRow, ...]
    roles: tuple[str, ...]
    sign_url: str
    act: str


@value
class EnrolmentPage:
    """What a signature would vouch for. ``invited_as`` is what the registrar called the person; ``alike`` are parties
    of names that could be taken for this one."""

    party: str
    invited_as: str
    role: str
    called: str | None
    is_public: bool
    name: str | None
    contact: str | None
    born: str | None
    note: str | None
    keys: int
    recovery: int
    threshold: int
    made: Instant
    until: Instant
    alike: tuple[Person, ...]
    sign: Act | None
    send_back: Act | None


def views(service: Service, invitations: Invitations) -> Views:
    """``/registrar`` and what lies below it."""
    acts = Acts(service)

    def home() -> RegistrarHome:
        _registrar()
        rows = [_row(acts, one) for one in invitations.all()]
        act = {**acts.base(), "act": "request", "back": acts.back("/registrar")} if acts.sign_url else {}
        return RegistrarHome(
            waiting=tuple(one for one in rows if one.state == "waiting"),
            others=tuple(one for one in rows if one.state != "waiting"),
            roles=tuple(sorted(PARTY_ROLES)),
            sign_url=acts.sign_url,
            act=canonical.encode(act).decode() if act else "",
        )

    def enrolment(id: str) -> EnrolmentPage:
        _registrar()
        if not is_hex64(id):
            raise fail("not_found", "an id is 64 lower-case hex digits", "id")
        try:
            found = invitations.of_party(id)
        except DeskRefusal as refusal:
            raise ProblemError(refusal.problem) from None
        return _enrolment(acts, service, found)

    return {
        **page("registrar", home, scripted=True),
        **page("registrar_enrolment", enrolment, scripted=True),
    }


def _registrar() -> None:
    if not reader().is_registrar:
        raise fail("refused", "refused")


def _row(acts: Acts, one: Invitation) -> InvitationRow:
    is_open = one.state in ("open", "waiting")
    return InvitationRow(
        id=one.id,
        name=one.name,
        role=one.role,
        state=one.state,
        made=Instant(one.made),
        until=Instant(one.until),
        party=one.party or None,
        take_back=acts.ask(Step("DELETE", f"/invitations/{one.id}"), back="/registrar") if is_open else None,
    )


def _enrolment(acts: Acts, service: Service, found: Invitation) -> EnrolmentPage:
    submission = found.submission
    statement = submission.statement()
    assert isinstance(statement, Party) and statement.keys  # as it was accepted
    sections = {name: section for name, (_, section) in submission.opened().items()}
    person, name = sections.get("person"), sections.get("name")
    described = person if isinstance(person, Described) else None
    called = name.name if isinstance(name, Name) else None
    shown = called or (described.name if described else None) or found.name
    return EnrolmentPage(
        party=statement.id,
        invited_as=found.name,
        role=found.role,
        called=called,
        is_public=isinstance(name, Name) and bool(name.public),
        name=described.name if described else None,
        contact=described.contact if described else None,
        born=str(described.born) if described and described.born else None,
        note=described.note if described else None,
        keys=len(statement.keys),
        recovery=len(statement.recovery.keys) if statement.recovery else 0,
        threshold=statement.recovery.threshold if statement.recovery else 0,
        made=Instant(statement.at),
        until=Instant(found.until),
        alike=tuple(Person(party, found.role, called) for party, called in service.readers.named_alike(shown)),
        sign=acts.sign(submission, Step("POST", "/entries", SIGNED), back="/registrar"),
        send_back=acts.ask(Step("DELETE", f"/invitations/{found.id}"), back="/registrar"),
    )
