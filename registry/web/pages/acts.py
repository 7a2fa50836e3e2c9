"""Acts: what a page hands over to the page that holds keys, which is alone on an origin of its own (``sign-url``).

An act is a link. All of it stands behind the ``#`` of the address, where no server is told of it: the bytes to be
signed, the requests that go to the registry with them, and where to come back to. That page believes none of it: it
shows what it signs, as it reads it from those bytes. Without a ``sign-url`` there are no acts, and pages show commands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlencode

from flask import request

from registry.desk.needs import groups_of
from registry.desk.pending import DeskRefusal
from registry.intake.submission import Submission, submission_to_json
from registry.service import Service
from registry.web.pages.atoms import Act
from registry.web.pages.viewing import viewing
from registry.web.readers import reader
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_b64u, format_instant
from verifier.base.values import value
from verifier.programs.http import parse_url

MAX_LINK = 1 << 20
"""Characters of a link that browsers follow."""
MAX_PEOPLE = 64
"""Parties of whom an act says anything, as the page that holds keys reads it."""
SIGNED, SIGNATURE = "signed", "signature"
"""What stands for the signed submission, and for the one signature, in the body of a step."""


@value(kw_only=False)
class Step:
    """A request that is sent once the act is agreed to, signed. ``body`` is JSON; None: it has none."""

    method: str
    path: str
    body: Json = None


@value(kw_only=False)
class Involved:
    """Who takes part in what is signed: what she is called, as far as the reader may know it, and when she signed."""

    party: str
    name: str | None
    signed: int | None

    def to_json(self) -> Json:
        """As an act holds it."""
        said: dict[str, Json] = {"party": self.party}
        said |= {} if self.name is None else {"name": self.name}
        return said if self.signed is None else {**said, "signed": format_instant(self.signed)}


class Acts:
    """Makes links for whoever is asking. Each is None where there is no ``sign-url``."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def sign_url(self) -> str:
        """Where the page that holds keys is; empty where there is none."""
        return self._service.addresses.sign_url

    def sign(self, submission: Submission, *steps: Step, back: str, people: Iterable[Involved] = ()) -> Act | None:
        """Sign a statement, and send it on by ``steps``. ``back`` is a path of this registry, to return to. ``people``
        are those of whom more is to be said than what they are called."""
        said = {one.party: one for one in people}
        about = (*said.values(), *self._called(submission.statement().parties.ids() - said.keys()))[:MAX_PEOPLE]
        return self._act("sign", back, submission=submission_to_json(submission), steps=_steps(steps), **_about(about))

    def submit(self, submission: Submission, *, back: str) -> Act | None:
        """Sign a statement and have it logged; where others sign it too, it goes on the desk to wait for them."""
        try:
            groups = groups_of(self._service.record(), submission.statement(), self._service.now(), ())
        except DeskRefusal:
            return None
        if all(reader().party in group for group in groups):
            return self.sign(submission, Step("POST", "/entries", SIGNED), back=back)
        return self.sign(submission, Step("POST", "/desk", {"submission": SIGNED}), back=back)

    def ask(self, *steps: Step, back: str, people: Iterable[Involved] = ()) -> Act | None:
        """Requests alone: nothing is signed for the log."""
        return self._act("request", back, steps=_steps(steps), **_about(people))

    def keys(self, why: str, *, back: str) -> Act | None:
        """Look after one's own keys; ``why`` is what led there."""
        return self._act("keys", back, why=why)

    def base(self) -> dict[str, Json]:
        """What every act holds; without ``act`` and ``back``, for those that a script makes."""
        look, party = viewing(), reader().party
        made: dict[str, Json] = {"genesis": self._service.genesis, "registry": self._address()}
        made |= {"language": look.words.language, "zone": look.zone.name}
        return {**made, "party": party} if party else made

    def back(self, path: str) -> str:
        """The whole address of a page, to come back to."""
        chosen = viewing().chosen
        return self._address() + path + (f"?{urlencode(chosen)}" if chosen else "")

    def _act(self, kind: str, back: str, **more: Json) -> Act | None:
        if not self.sign_url:
            return None
        value: Mapping[str, Json] = {**self.base(), **more, "act": kind, "back": self.back(back)}
        link = f"{self.sign_url}#act={format_b64u(canonical.encode(value))}"
        return Act(link) if len(link) <= MAX_LINK else None

    def _called(self, parties: Collection[str]) -> Iterator[Involved]:
        """Those of the parties whose names the reader may know."""
        for party, name in self._service.readers.names(reader(), parties).items():
            yield Involved(party, name, None)

    def _address(self) -> str:
        """Where the reader's browser is, if that is one of the registry's public URLs; else the first of them."""
        urls = [parse_url(url) for url in self._service.addresses.urls]
        here = request.host.lower()
        return next((one.url for one in urls if one.authority == here), urls[0].url if urls else request.host_url[:-1])


def _about(people: Iterable[Involved]) -> dict[str, Json]:
    """What an act says of who is involved; nothing where nobody is named."""
    told: list[Json] = [one.to_json() for one in people]
    return {"people": told} if told else {}


def _steps(steps: tuple[Step, ...]) -> Json:
    """As an act holds them: canonical JSON has no null."""
    bare: list[dict[str, Json]] = [{"method": one.method, "path": one.path} for one in steps]
    return [made if one.body is None else {**made, "body": one.body} for made, one in zip(bare, steps, strict=True)]
