"""Whose pages are asked for: the reader's own, or those of whom she acts for (``?of=``)."""

from __future__ import annotations

from flask import request

from registry.web.errors import fail
from registry.web.pages.reader_view import ReaderView
from verifier.base.strict import is_hex64


def whose(view: ReaderView, role: str) -> str:
    """The party whose pages they are, which is enrolled in a role. Raises a problem where the reader does not act for
    it, or it has no such role: then too the answer is the one for whom there is no such page."""
    party = request.args.get("of", view.reader.party)
    if not is_hex64(party) or not view.rights.acts_for(party) or role not in view.roles(party):
        raise fail("not_found", "there is no such page for this party", "of")
    return party
