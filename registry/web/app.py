"""The Flask application over one service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from registry.desk.desk import Desk
from registry.enrolling.invitations import Invitations
from registry.service import Service
from registry.web import (
    calendar_views,
    clashes,
    cross_origin,
    desk_views,
    entries,
    errors,
    feed,
    index_parts,
    invitation_views,
    locker_views,
    mail_views,
    operations,
    option_views,
    permissions,
    proofs,
    readers,
    routes,
    session,
    tlog,
    verify_page,
)
from registry.web.auth.authority import Authority
from registry.web.auth.nonces import KeptNonces
from registry.web.auth.sessions import Sessions
from registry.web.pages import (
    agency,
    agency_mandates,
    agency_tables,
    brand,
    clear_page,
    deal_page,
    declare_page,
    draft_page,
    draft_pictures,
    hop,
    invited_page,
    keys_help,
    log_page,
    lookup,
    mandate_page,
    may_page,
    mine,
    model,
    model_acts,
    options_page,
    papers,
    pay_page,
    public,
    registrar_pages,
    sessions_page,
    sign_in_page,
    story_pages,
    union,
    unwelcome,
)
from registry.web.request_limits import MAX_BODY

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _App(Flask):
    """Flask asks of every function at every request whether it is a coroutine; here none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(service: Service, authority: Authority | None = None) -> Flask:
    """All calls of protocol, section 8, but a witness's. The caller opens the service, and closes it; that ends
    the desk too.

    ``authority`` says who is asking; left out, it goes by the addresses that the service's settings name.
    """
    app = _App("registry.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    errors.install(app)
    cross_origin.install(app, routes.ANYWHERE)
    verify_page.install(app)
    mine.install(app)
    store = service.readers.store
    nonces = KeptNonces(store.tables) if store.tables.is_shared else None
    authority = authority or Authority(service.readers.holders.of, lambda: service.addresses.urls, nonces=nonces)
    sessions = Sessions(store, authority, service.config.secret("sessions"))
    readers.install(app, authority, sessions, routes.PUBLIC)
    calls = (entries, clashes, proofs, index_parts, feed, tlog, operations, permissions)
    for_people = (verify_page, public, story_pages, lookup, mine, sign_in_page, keys_help, invited_page)
    forms = (clear_page, may_page, deal_page, declare_page, mandate_page, pay_page)
    pages = (*for_people, log_page, model_acts, *forms, union, agency_mandates, agency_tables)
    views = {name: view for part in (*calls, *pages) for name, view in part.views(service).items()}
    invitations = Invitations(service)
    views |= {**invitation_views.views(service, invitations), **locker_views.views(invitations)}
    views |= registrar_pages.views(service, invitations)
    desk = app.extensions["desk"] = Desk(service)
    desk_parts = (desk_views, option_views, calendar_views, mail_views)
    views |= {name: view for part in desk_parts for name, view in part.views(desk).items()}
    desk_pages = (agency, brand, draft_page, draft_pictures, model, options_page, papers, unwelcome)
    views |= {name: view for part in desk_pages for name, view in part.views(service, desk).items()}
    views |= sessions_page.views(service, sessions)
    views |= hop.views()
    hop.install(app, routes.OWN_PAGES | {"mine"})
    routes.install(app, {**views, **session.views(sessions)})

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    routes.check(app)
    return app
