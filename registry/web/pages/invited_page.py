"""Where an invitation leads: its code stands behind the ``#`` of the address, which a script reads and takes out.

It asks the registry whose invitation this is, and hands over to the page that makes keys. With what comes back it shows
what the person reads out to her registrar, and says when she is enrolled.
"""

from __future__ import annotations

from registry.service import Service
from registry.web.pages.acts import Acts
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.values import value


@value
class Invited:
    """``sign_url`` is where keys are made; ``act`` is what is handed over to it, but for the code and what it says."""

    sign_url: str
    act: str


def views(service: Service) -> Views:
    """``/invited``."""
    acts = Acts(service)

    def invited() -> Invited:
        if not acts.sign_url:
            return Invited(sign_url="", act="")
        act = {**acts.base(), "act": "enrol", "back": acts.back("/invited")}
        return Invited(sign_url=acts.sign_url, act=canonical.encode(act).decode())

    return page("invited", invited, scripted=True)
