"""What everybody may see: what this is, for a model, a booker, a lawyer and an engineer; and the log itself."""

from __future__ import annotations

from registry.config import POLICY
from registry.service import Service
from registry.web.pages.atoms import Instant
from registry.web.pages.rendering import page
from registry.web.pages.story_pages import Story, StoryScene
from registry.web.routes import ROUTES, Views
from registry.web.verify_page import served_hash
from verifier.base.canonical import Json
from verifier.base.values import value
from verifier.programs.language import english
from verifier.programs.page.built import page_hash, shipped_page


@value
class WitnessLine:
    """Somebody who cosigns the log: the ``size`` that it saw last, and when; ``fault`` says that it does not now."""

    name: str
    size: int | None
    at: str | None
    fault: str | None


@value
class CallLine:
    """A call for programs, as people write it."""

    name: str
    shown: str


@value
class Home:
    """What this registry is. ``registry`` is its id, ``keys`` are its verifier keys, ``sealed`` is the last seal's.

    ``page_hash`` is the SHA-256 of the verifier's page without a policy, ``served_hash`` that of it as served here.
    """

    origin: str
    registry: str
    keys: tuple[str, ...]
    policy: str
    size: int
    sealed: Instant
    witnesses: tuple[WitnessLine, ...]
    page_hash: str
    served_hash: str
    calls: tuple[CallLine, ...]
    story: tuple[StoryScene, ...]


def views(service: Service) -> Views:
    """The page at ``/``."""
    story = Story(service.config.root)

    def home() -> Home:
        size = service.published.checkpoint.size
        return Home(
            origin=service.origin,
            registry=service.genesis,
            keys=tuple(str(key) for key in service.config.policy.log(service.origin)),
            policy=POLICY,
            size=size,
            sealed=Instant(service.logged(size - 1)),
            witnesses=tuple(_witness(one) for one in service.witnesses()),
            page_hash=page_hash(shipped_page()),
            served_hash=served_hash(service),
            calls=tuple(CallLine(name=one.name, shown=one.shown) for one in ROUTES if _is_listed(one.name)),
            story=tuple(story.scenes.values()),
        )

    return page("home", home)


def _is_listed(name: str) -> bool:
    """Whether a call has a sentence in the catalogue."""
    return f"call.{name}" in english()


def _witness(said: Json) -> WitnessLine:
    assert isinstance(said, dict)
    fault, size = said.get("fault"), said.get("size")
    return WitnessLine(
        name=str(said["name"]),
        size=size if isinstance(size, int) else None,
        at=None if said.get("at") is None else str(said["at"]),
        fault=None if fault is None else str(fault),
    )
