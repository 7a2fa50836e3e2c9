"""May these pictures be shown? A brand drops them on the page; its browser works out their hashes and asks about those.

The page answers for a few hashes at a time, which its form sends; its script asks for as many as there are.
"""

from __future__ import annotations

from registry.evidence import Verdicts
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.form_fields import sent
from registry.web.pages.lookup import PublicUse, public_use, uses_of
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page
from registry.web.pages.use_lines import DUE, NO, UNTOLD, YES, UseLine, line_of
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.rules.model.record import Entry
from verifier.statements.types import Usage

AT_ONCE = 25
"""Pictures that one page answers for."""
MOST = 20
"""Uses of one picture that are looked at, the newest."""
OVER, COMING, OTHERS, NOBODY = "over", "coming", "others", "nobody"
_WORST = (NO, UNTOLD, DUE, YES)


@value
class ClearedPicture:
    """What there is to say of one file. ``state`` is the answer: of the uses that run now the worst (a ``kind`` of
    :mod:`use_lines`), else ``coming`` or ``over``; ``others``: only others registered it, ``nobody``: nobody did.

    ``use`` is the one that decides, ``uses`` are all that this reader is a party of, ``more`` of them are not listed.
    """

    sha256: str
    state: str
    use: UseLine | None
    uses: tuple[UseLine, ...]
    more: int
    others: tuple[PublicUse, ...]


@value
class ClearPage:
    """``wrong``: what was given for a hash is none, by its length."""

    person: Person | None
    pictures: tuple[ClearedPicture, ...]
    wrong: int | None
    as_of: Instant


def views(service: Service) -> Views:
    """``/brand/clear``."""

    def clear() -> ClearPage:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        given = [one.strip().lower().removeprefix("sha256:") for one in "".join(sent().get("sha256", ())).split(",")]
        given = [one for one in dict.fromkeys(given) if one]
        if len(given) > AT_ONCE:
            raise fail("question_malformed", f"is about {AT_ONCE} pictures at most", "sha256")
        wrong = next((len(one) for one in given if not is_hex64(one)), None)
        with Verdicts(service, view.rights) as verdicts:
            pictures = tuple(_cleared(view, verdicts, one) for one in given if is_hex64(one))
        found = ClearPage(
            person=view.person(party, "licensee"),
            pictures=pictures,
            wrong=wrong,
            as_of=view.as_of,
        )
        view.done()
        return found

    return form_page("brand_clear", clear, scripted=True)


def _cleared(view: ReaderView, verdicts: Verdicts, digest: str) -> ClearedPicture:
    own: list[Entry[Usage]] = []
    others: list[Entry[Usage]] = []
    for entry in uses_of(view, digest):
        (own if view.rights.is_party(entry.statement) else others).append(entry)
    lines = tuple(line_of(view, entry, verdicts.about(entry.statement)) for entry in own[: -MOST - 1 : -1])
    state, use = _decide(view.now, lines)
    if use is None and others:
        state = OTHERS
    return ClearedPicture(
        sha256=digest,
        state=state,
        use=use,
        uses=lines,
        more=max(len(own) - MOST, 0),
        others=tuple(public_use(view, digest, entry) for entry in others[: -MOST - 1 : -1]),
    )


def _decide(now: int, lines: tuple[UseLine, ...]) -> tuple[str, UseLine | None]:
    """The answer, and the use that it rests on: what runs now counts, the worst first."""
    over = [one for one in lines if one.ends is not None and one.ends.at <= now]
    coming = [one for one in lines if one.starts is not None and one.starts.at > now]
    for state, found in (("", [one for one in lines if one not in over and one not in coming]), (COMING, coming)):
        if found:
            use = min(found, key=lambda one: _WORST.index(one.kind))
            return (state if state and use.kind in (YES, DUE) else use.kind), use
    return (OVER, over[0]) if over else (NOBODY, None)
