"""Where a browser signs in: a key signs for a code, in the page that holds keys or by a command.

The page's script asks ``GET /session`` for the code, hands it over, and carries what was signed to ``POST /session``
(docs/protocol.md, section 8.1). No key is ever in this page.
"""

from __future__ import annotations

from registry.service import Service
from registry.web.pages.acts import Acts
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.values import value


@value
class SignIn:
    """``command`` signs in, with the address that the browser shows and the code behind it. ``sign_url`` is where the
    page that holds keys is, ``act`` what is handed over to it, but for the code; both are empty where there is none."""

    command: str = "registry sign-in"
    sign_url: str = ""
    act: str = ""


def views(service: Service) -> Views:
    """``/sign-in``."""
    acts = Acts(service)

    def sign_in() -> SignIn:
        if not acts.sign_url:
            return SignIn()
        act = {**acts.base(), "act": "sign-in", "back": acts.back("/sign-in")}
        return SignIn(sign_url=acts.sign_url, act=canonical.encode(act).decode())

    return page("sign_in", sign_in, scripted=True)
