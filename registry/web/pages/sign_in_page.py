"""Where a browser signs in: it shows a code, a key signs for the code elsewhere, and what was signed is pasted here.

The page's script asks ``GET /session`` for the code and carries what was signed to ``POST /session``
(docs/protocol.md, section 8.1). No key is ever in this page.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.service import Service
from registry.web.pages.rendering import page
from registry.web.routes import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """``command`` signs in, with the address that the browser shows and the code behind it."""

    command: str = "registry sign-in"


def views(service: Service) -> Views:
    """``/sign-in``."""
    return page("sign_in", SignIn, scripted=True)
