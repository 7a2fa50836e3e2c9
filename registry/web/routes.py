"""Every call that the registry answers, in one row: where it is, what it takes, who may ask, what the protocol says.

A view without its row, and a row without its view, end the start with :class:`RouteError`. Parameters that a row does
not name are errors, never passed over: a slip of the pen must not log what was to be a dry run (``?dryrun=true``), or
disclose what was to be kept back (``?section=terms``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from flask import Flask, Response, request

from registry.web.errors import fail
from registry.web.readers import came_by

View = Callable[..., Response]
Views = Mapping[str, View]
"""The name of a row -> what answers it."""


class RouteError(Exception):
    """The rows and the views do not fit."""


class Caller(Enum):
    """Who may ask. ``readers.py`` knows who is asking, ``registry/readers/who_reads.py`` what she may read."""

    ANYBODY = "anybody, and everybody is answered alike"
    PARTLY = "anybody; a party is told more, as far as she may read"
    READER = "a party, by a signed request or a session; all others are refused, whatever they ask"
    SIGNED = "a party, by a signed request alone: it changes something"
    BROWSER = "a browser, from a page of the registry's own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One call. ``path`` is as Flask matches it. What the page at ``/`` says of it is a sentence of the catalogue
    (``call.tile``); without one it is not listed there.

    ``parameters`` are all that may stand in the address. None: it is served whatever is added to its address, since
    anybody may cache it. ``section`` is where docs/protocol.md has the call. ``page``: it is for people, and ``twin``:
    the same page for programs. ``anywhere``: a page of any origin is told the answer, though nobody signed.
    """

    name: str
    path: str
    method: str = "GET"
    parameters: tuple[str, ...] | None = ()
    caller: Caller = Caller.ANYBODY
    section: int = 8
    page: bool = False
    twin: bool = False
    anywhere: bool = False

    @property
    def shown(self) -> str:
        """As people write it: ``GET /tile/...``."""
        return f"{self.method} {self.path.replace('<path:path>', '...')}"


LOOKS = ("language", "zone")
"""What every page takes: how words and times are written."""
PLAIN = frozenset({
    "answer", "ask", "before", "consent", "currency", "debtor", "ending", "follows", "id", "language", "like", "model",
    "month", "of", "page", "payee", "sha256", "to", "twin", "what", "zone",
})  # fmt: skip
"""All that may stand in a page's address, where proxies and histories keep it: ids, which part, which choice. What a
person types there, an amount, a reason, a name, stands in the body of a form that is sent (OWASP ASVS 8.3.1)."""


def _page(
    name: str,
    path: str,
    *parameters: str,
    twin: str = "",
    method: str = "GET",
    caller: Caller = Caller.ANYBODY,
) -> tuple[Route, Route]:
    """A page, and its twin in JSON beside it: ``/lookup`` and ``/lookup.json``. One that answers a form which is sent
    (POST) does nothing either."""
    taken = (*parameters, *LOOKS)
    page = Route(name=name, path=path, method=method, parameters=taken, caller=caller, page=True)
    return page, replace(page, name=f"{name}_json", path=twin or f"{path}.json", twin=True)


def _form(name: str, path: str, *parameters: str) -> tuple[Route, ...]:
    """A page with a form, and the same page as it answers the form: that is sent to the page's own address, which says
    what it is about, and nothing that was filled in."""
    filled = _page(f"{name}_filled", path, *parameters, method="POST", caller=Caller.READER)
    return (*_page(name, path, *parameters, caller=Caller.READER), *filled)


def _draft(name: str, path: str, *parameters: str) -> Route:
    """What such a form comes to, as a file: the same form, sent to another address."""
    return Route(name=name, path=path, method="POST", parameters=(*parameters, *LOOKS), caller=Caller.READER)


def _declaring(place: str) -> tuple[Route, ...]:
    """The form by which uses are declared, below a party's own pages; what is answered to it; and it as a file."""
    path, taken = f"/{place}/declare", ("of", *LOOKS)
    return (
        *_page(f"{place}_declare", path, "consent", "of", caller=Caller.READER),
        *_page(f"{place}_declared", path, "of", method="POST", caller=Caller.READER),
        *(
            Route(
                name=f"{place}_declare_{what}",
                path=f"{path}/{what}",
                method="POST",
                parameters=taken,
                caller=Caller.READER,
            )
            for what in ("save", "table")
        ),
    )


ROUTES = (
    Route(
        name="submit",
        method="POST",
        path="/entries",
        parameters=("dry_run", "require"),
        caller=Caller.PARTLY,
        anywhere=True,
    ),
    Route(
        name="entry",
        path="/entries/<id>",
        caller=Caller.PARTLY,
    ),
    Route(name="submission", path="/submissions/<id>"),
    Route(
        name="clashes",
        path="/clashes",
        parameters=("brand", "categories", "channels", "countries", "ends", "starts", "twin"),
        caller=Caller.READER,
    ),
    Route(
        name="subject",
        path="/subjects/<subject>",
    ),
    Route(
        name="feed",
        path="/subjects/<subject>/feed",
        parameters=("before",),
    ),
    Route(
        name="inclusion",
        path="/proofs/inclusion",
        parameters=("index", "size"),
    ),
    Route(
        name="consistency",
        path="/proofs/consistency",
        parameters=("old", "size"),
    ),
    Route(name="index", path="/index", parameters=("bits", "prefix"), section=6),
    Route(
        name="evidence",
        path="/evidence/<kind>/<id>",
        parameters=("ask", "consent", "newest", "sections"),
        caller=Caller.PARTLY,
    ),
    Route(name="session", path="/session", caller=Caller.PARTLY),
    Route(name="session_begin", method="POST", path="/session", caller=Caller.SIGNED),
    Route(name="session_end", method="DELETE", path="/session", caller=Caller.BROWSER),
    Route(name="invitations", path="/invitations", caller=Caller.READER),
    Route(name="invitation_make", method="POST", path="/invitations", caller=Caller.SIGNED),
    Route(name="invitation_end", method="DELETE", path="/invitations/<id>", caller=Caller.SIGNED),
    Route(name="invitation_look", method="POST", path="/invitations/look", anywhere=True),
    Route(name="invitation_accept", method="POST", path="/invitations/accept", anywhere=True),
    Route(name="lockers", path="/lockers", caller=Caller.READER),
    Route(name="locker", path="/lockers/<id>", anywhere=True),
    Route(name="locker_fill", method="PUT", path="/lockers/<id>", anywhere=True),
    Route(name="locker_empty", method="DELETE", path="/lockers/<id>", caller=Caller.SIGNED),
    Route(name="reads", path="/reads", caller=Caller.READER),
    Route(name="grants", path="/grants", caller=Caller.READER),
    Route(name="grant", method="POST", path="/grants", caller=Caller.SIGNED),
    Route(name="ungrant", method="DELETE", path="/grants/<id>", caller=Caller.SIGNED),
    Route(name="desk", path="/desk", caller=Caller.READER),
    Route(name="desk_propose", path="/desk", method="POST", caller=Caller.SIGNED),
    Route(name="desk_show", path="/desk/<id>", caller=Caller.READER),
    Route(name="desk_read", path="/desk/<id>/read", method="POST", caller=Caller.SIGNED),
    Route(name="desk_picture", path="/desk/<id>/files/<sha256>", caller=Caller.READER),
    Route(name="desk_attach", path="/desk/<id>/files/<sha256>", method="PUT", caller=Caller.SIGNED),
    Route(name="desk_detach", path="/desk/<id>/files/<sha256>", method="DELETE", caller=Caller.SIGNED),
    Route(name="desk_pictures_permit", path="/desk/<id>/files", method="POST", caller=Caller.SIGNED),
    Route(name="desk_sign", path="/desk/<id>/signature", method="POST", caller=Caller.SIGNED),
    Route(name="desk_take_back", path="/desk/<id>/signature", method="DELETE", caller=Caller.SIGNED),
    Route(name="desk_decline", path="/desk/<id>/decline", method="POST", caller=Caller.SIGNED),
    Route(name="desk_withdraw", path="/desk/<id>", method="DELETE", caller=Caller.SIGNED),
    Route(name="desk_report", path="/desk/<id>/report", method="POST", caller=Caller.SIGNED),
    Route(name="desk_reports", path="/desk/reports", caller=Caller.READER),
    Route(name="desk_blocks", path="/desk/blocks", caller=Caller.READER),
    Route(name="desk_block", path="/desk/blocks", method="POST", caller=Caller.SIGNED),
    Route(name="desk_unblock", path="/desk/blocks/<id>", method="DELETE", caller=Caller.SIGNED),
    Route(name="options", path="/desk/options", caller=Caller.READER),
    Route(name="option_ask", path="/desk/options", method="POST", caller=Caller.SIGNED),
    Route(name="option_grant", path="/desk/options/<id>/grant", method="POST", caller=Caller.SIGNED),
    Route(name="option_decline", path="/desk/options/<id>/decline", method="POST", caller=Caller.SIGNED),
    Route(name="option_release", path="/desk/options/<id>", method="DELETE", caller=Caller.SIGNED),
    Route(name="renewals", path="/desk/renewals", parameters=("language",), caller=Caller.READER),
    Route(name="address", path="/desk/address", caller=Caller.READER),
    Route(name="address_set", path="/desk/address", method="POST", caller=Caller.SIGNED),
    Route(name="address_confirm", path="/desk/address/confirm", method="POST", caller=Caller.SIGNED),
    Route(name="address_remove", path="/desk/address", method="DELETE", caller=Caller.SIGNED),
    Route(name="calendars", path="/desk/calendars", caller=Caller.READER),
    Route(name="calendar_make", path="/desk/calendars", method="POST", caller=Caller.SIGNED),
    Route(name="calendar_end", path="/desk/calendars/<id>", method="DELETE", caller=Caller.SIGNED),
    Route(name="calendar", path="/calendar/<token>.ics"),
    Route(name="checkpoint", path="/checkpoint", parameters=None),
    Route(name="newest", path="/checkpoint/newest", parameters=None),
    Route(name="tile", path="/tile/<path:path>", parameters=None),
    Route(name="policy", path="/trust.policy", parameters=None),
    Route(name="witnesses", path="/witnesses", parameters=None),
    Route(name="health", path="/healthz", parameters=None),
    *_page("home", "/", twin="/home.json"),
    *_page("lookup", "/lookup", "page", "sha256"),
    *_page("story", "/story/<name>"),
    Route(name="story_picture", path="/story/<name>/picture", parameters=None),
    Route(name="story_evidence", path="/story/<name>/evidence", parameters=None),
    *_page("sign_in", "/sign-in"),
    *_page("sessions", "/sessions", caller=Caller.READER),
    Route(name="sessions_end", method="POST", path="/sessions", parameters=LOOKS, caller=Caller.BROWSER),
    *_page("hop", "/hop", "to"),
    *_page("invited", "/invited"),
    *_page("registrar", "/registrar", caller=Caller.READER),
    *_page("registrar_enrolment", "/registrar/enrolments/<id>", caller=Caller.READER),
    *_page("keys_help", "/keys/<name>"),
    Route(name="mine", path="/mine", parameters=LOOKS, caller=Caller.PARTLY),
    *_form("draft", "/drafts/<id>", "what"),
    Route(
        name="draft_picture_bring",
        path="/drafts/<id>/files/<sha256>",
        method="PUT",
        parameters=("permit",),
        caller=Caller.READER,
    ),
    Route(
        name="draft_picture_take_away",
        path="/drafts/<id>/files/<sha256>",
        method="DELETE",
        parameters=("permit",),
        caller=Caller.READER,
    ),
    *_page("blocked", "/blocked", caller=Caller.READER),
    *_page("model", "/model", "of", caller=Caller.READER),
    *_page("model_consents", "/model/consents", "of", "page", caller=Caller.READER),
    *_page("model_consent", "/model/consents/<id>", "of", caller=Caller.READER),
    *_page("model_withdraw", "/model/consents/<id>/withdraw", "of", caller=Caller.READER),
    Route(
        name="withdraw_draft",
        path="/model/consents/<id>/withdraw/draft",
        parameters=("of", *LOOKS),
        caller=Caller.READER,
    ),
    *_form("model_payment", "/model/payments/<id>", "answer", "of"),
    _draft("payment_draft", "/model/payments/<id>/draft", "answer", "of"),
    *_page("model_uses", "/model/uses", "of", "page", caller=Caller.READER),
    *_page("model_use", "/model/uses/<id>", "of", caller=Caller.READER),
    *_page("model_money", "/model/money", "of", "page", caller=Caller.READER),
    *_page("brand", "/brand", "of", "page", caller=Caller.READER),
    *_form("brand_clear", "/brand/clear", "of"),
    *_form("model_mandates", "/model/mandates", "ending", "of"),
    _draft("model_mandates_draft", "/model/mandates/draft", "ending", "of"),
    *_page("model_options", "/model/options", "id", "of", "what", caller=Caller.READER),
    *_form("agency_options", "/agency/options", "id", "model", "of", "what"),
    *_form("brand_options", "/brand/options", "id", "model", "of", "what"),
    *_declaring("brand"),
    *_declaring("agency"),
    *_page("union", "/union", "before", "of", caller=Caller.READER),
    *_page("union_consents", "/union/consents", "of", "page", caller=Caller.READER),
    *_form("union_suspend", "/union/consents/<id>/suspend", "of"),
    _draft("suspend_draft", "/union/consents/<id>/suspend/draft", "of"),
    *_page("log", "/log"),
    Route(name="agency_consents_csv", path="/agency/consents.csv", parameters=("of", *LOOKS), caller=Caller.READER),
    Route(name="agency_money_csv", path="/agency/money.csv", parameters=("of", *LOOKS), caller=Caller.READER),
    Route(name="agency_uses_csv", path="/agency/uses.csv", parameters=("of", *LOOKS), caller=Caller.READER),
    *_form("brand_may", "/brand/may", "consent", "of", "twin"),
    *_page("brand_money", "/brand/money", "of", "page", caller=Caller.READER),
    *_form("brand_pay", "/brand/pay", "consent", "currency", "of", "payee"),
    _draft("brand_pay_draft", "/brand/pay/draft", "consent", "currency", "of", "payee"),
    *_page("brand_uses", "/brand/uses", "of", "page", caller=Caller.READER),
    *_page("brand_use", "/brand/uses/<id>", "of", caller=Caller.READER),
    *_page("agency", "/agency", "month", "of", caller=Caller.READER),
    *_page("agency_consents", "/agency/consents", "of", "page", caller=Caller.READER),
    *_page("agency_mandates", "/agency/mandates", "of", "page", caller=Caller.READER),
    *_page("agency_money", "/agency/money", "of", "page", caller=Caller.READER),
    *_form("model_reads", "/model/reads", "of", "page"),
    *_page("agency_draft", "/agency/draft", "follows", "like", "of", caller=Caller.READER),
    *_page("agency_preview", "/agency/draft", "of", method="POST", caller=Caller.READER),
    Route(
        name="agency_save",
        path="/agency/draft/save",
        method="POST",
        parameters=("of", *LOOKS),
        caller=Caller.READER,
    ),
    Route(
        name="paper",
        path="/paper/<kind>/<id>",
        parameters=("ask", "debtor", "payee", *LOOKS),
        caller=Caller.READER,
    ),
    Route(name="verify", path="/verify/", parameters=None),
    Route(name="verify_file", path="/verify/<name>", parameters=None),
    Route(name="static", path="/static/<path:path>", parameters=None),
)


def install(app: Flask, views: Views) -> None:
    """Have ``app`` answer every row with its view, and no call otherwise."""
    rows = {route.name: route for route in ROUTES}
    if strays := rows.keys() ^ views.keys():
        raise RouteError(f"a row of registry/web/routes.py and its view are missed by one another: {sorted(strays)}")
    for name, route in rows.items():
        app.add_url_rule(route.path, name, views[name], methods=[route.method])

    @app.before_request
    def strict() -> None:
        route = rows.get(request.endpoint or "")
        if route is not None:
            _check(route)


PUBLIC = frozenset(route.name for route in ROUTES if route.caller is Caller.ANYBODY)
"""The calls that answer everybody alike."""


OWN_PAGES = frozenset(route.name for route in ROUTES if route.page and not route.twin and route.caller is Caller.READER)
"""The pages that a session opens, as people see them."""
ANYWHERE = frozenset(route.name for route in ROUTES if route.anywhere)
"""Those whose answers a page of any origin is told, unsigned."""


def check(app: Flask) -> None:
    """Raises :class:`RouteError` where ``app`` answers what has no row."""
    rows = {(route.name, route.path) for route in ROUTES}
    if strays := {(rule.endpoint, rule.rule) for rule in app.url_map.iter_rules()} - rows:
        raise RouteError(f"what has no row in registry/web/routes.py is not served: {sorted(strays)}")


def _check(route: Route) -> None:
    how = came_by()
    if route.caller is Caller.SIGNED and how.session is not None:
        raise fail("session_reads", "this call changes something: it is signed with the key, whoever is signed in")
    if route.caller in (Caller.READER, Caller.SIGNED) and how.reader.is_stranger:
        if how.is_over:
            raise fail("not_authenticated", "the session has ended: sign in anew")
        raise fail("refused", "refused")
    if route.parameters is None:
        return
    code = "bad_request" if request.method == "POST" else "question_malformed"
    for name, values in request.args.lists():
        if name not in route.parameters:
            names = ", ".join(route.parameters)
            takes = f"the parameters {names} and no others" if names else "no parameters"
            raise fail(code, f"this call takes {takes}", name[:40])
        if len(values) > 1:
            raise fail(code, "is given twice", name)
