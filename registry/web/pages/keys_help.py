"""What to do with a new, a lost or a stolen phone, or without the recovery sheet: in words, each leading to its act.

Nobody is signed in here: who has lost her key cannot be. What may replace keys is protocol, section 4.1.
"""

from __future__ import annotations

from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts
from registry.web.pages.atoms import Act
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base.values import value

NEW, LOST, STOLEN, SHEET = "new", "lost", "stolen", "sheet"
HAPPENED = (NEW, LOST, STOLEN, SHEET)
HAS_SHEET = (LOST, STOLEN)
"""Where the recovery sheet helps."""


@value
class KeysHelp:
    """``copy``: go on with another copy of the key; ``sheet``: with the printed recovery sheet."""

    happened: str
    others: tuple[str, ...]
    copy: Act | None
    sheet: Act | None


def views(service: Service) -> Views:
    """``/keys/new``, ``/keys/lost``, ``/keys/stolen`` and ``/keys/sheet``."""
    acts = Acts(service)

    def keys_help(name: str) -> KeysHelp:
        if name not in HAPPENED:
            raise fail("not_found", f"there is help for {', '.join(HAPPENED)}", "name")
        back = f"/keys/{name}"
        return KeysHelp(
            happened=name,
            others=tuple(one for one in HAPPENED if one != name),
            copy=acts.keys(NEW if name == SHEET else name, back=back),
            sheet=acts.keys("sheet", back=back) if name in HAS_SHEET else None,
        )

    return page("keys_help", keys_help, scripted=True)
