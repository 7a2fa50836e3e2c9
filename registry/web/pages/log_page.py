"""How the log itself is: who watches it, what they have cosigned, and what is wrong. For everybody."""

from __future__ import annotations

from registry.service import Service
from registry.web.pages.atoms import Instant
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import parse_instant
from verifier.base.values import value


@value
class Watcher:
    """Somebody who cosigns the log: ``behind`` is by how many entries its last cosignature is behind the newest
    checkpoint. An auditor replays every entry first. ``fault`` is what it said last, where it does not cosign now."""

    name: str
    auditor: bool
    size: int | None
    at: Instant | None
    behind: int | None
    fault: str | None


@value
class QuorumGroup:
    """So many of these must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@value
class LogHealth:
    """``size`` entries are published, ``shown`` of them to readers: what has met the quorum, where there is one
    (``groups``; none: ``has_quorum`` is false). ``sealing`` is ``yes``, or the code of why nothing is sealed now:
    ``stopped`` where a witness or a mirror has seen another log than this one. ``damaged`` places were found on disk.
    """

    kind: str
    origin: str
    size: int
    sealed: Instant
    shown: int
    shown_at: Instant
    has_quorum: bool
    groups: tuple[QuorumGroup, ...]
    watchers: tuple[Watcher, ...]
    sealing: str
    damaged: int
    as_of: Instant


def views(service: Service) -> Views:
    """``/log``."""

    def log() -> LogHealth:
        health, policy = service.health(), service.config.policy
        size, shown = service.published.checkpoint.size, service.shown.checkpoint.size
        watchers = tuple(_watcher(one, size) for one in service.witnesses())
        sealing, damaged = str(health["sealing"]), health["damaged"]
        assert isinstance(damaged, list)
        return LogHealth(
            kind=_kind(sealing, len(damaged), watchers, has_quorum=policy.quorum is not None),
            origin=service.origin,
            size=size,
            sealed=Instant(service.logged(size - 1)),
            shown=shown,
            shown_at=Instant(service.logged(shown - 1)),
            has_quorum=policy.quorum is not None,
            groups=tuple(QuorumGroup(threshold=one.threshold, members=one.members) for one in policy.groups),
            watchers=watchers,
            sealing=sealing,
            damaged=len(damaged),
            as_of=Instant(service.now()),
        )

    return page("log", log)


def _kind(sealing: str, damaged: int, watchers: tuple[Watcher, ...], *, has_quorum: bool) -> str:
    """How it is drawn: a log that stands still or is damaged is wrong; one that nobody watches cannot be told."""
    if sealing != "yes" or damaged:
        return "no"
    if not has_quorum or not watchers:
        return "unk"
    return "due" if any(one.fault for one in watchers) else "yes"


def _watcher(said: Json, size: int) -> Watcher:
    assert isinstance(said, dict)
    fault, seen, at = said.get("fault"), said.get("size"), said.get("at")
    return Watcher(
        name=str(said["name"]),
        auditor=bool(said["auditor"]),
        size=seen if isinstance(seen, int) else None,
        at=None if at is None else Instant(parse_instant(str(at))),
        behind=max(size - seen, 0) if isinstance(seen, int) else None,
        fault=None if fault is None else str(fault),
    )
