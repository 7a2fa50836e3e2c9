"""What the operator has chosen for a registry: ``settings.json`` in its folder, one line of canonical JSON.

    guard        where the guard stands (registry.log.guard): a path, "none" for none, "" for the usual place
    mirrors      URLs and folders of mirrors that are asked for this log's checkpoint
    disregarded  names of witnesses whose bare word about the log's size stops nothing
    urls         where the world asks it: requests are signed for one of these, and for no other address
    sign_url     where the page that holds keys is, on an origin of its own: the registry's pages hand acts over to it
    store        the database of a registry on several machines, a postgresql:// address; left out where it is a file
    publish      the bucket that goes with it, an s3:// address
    single       whether that database is vouched for to be one, without a standby

Commands write it, the registry reads it when it starts, and those of lines two to five while it is served too. A
folder without it is one of an earlier version.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from registry.log.durable import replace_file
from verifier.base import canonical
from verifier.base.errors import KembarError

SETTINGS = "settings.json"
FORMAT = "kembar-settings/1"
MAX_SETTINGS = 65_536


class SettingsError(KembarError):
    """The settings cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``guard`` is a path, None for the usual place, or ``"none"``; ``guard_made``: it was written there once."""

    guard: str | None = None
    guard_made: bool = False
    mirrors: tuple[str, ...] = ()
    disregarded: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    sign_url: str = ""
    store: str = ""
    publish: str = ""
    single: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether the log is in a database and a bucket that several machines share."""
        return bool(self.store)

    @property
    def is_guarded(self) -> bool:
        """Whether there is to be a guard."""
        return self.guard != NO_GUARD

    def with_guard(self, guard: str | None) -> Settings:
        """The same with a guard elsewhere (or ``"none"``), which was not written there yet."""
        chosen = guard if guard in (None, NO_GUARD) else str(Path(str(guard)).absolute())
        return self if chosen == self.guard else replace(self, guard=chosen, guard_made=False)


NO_GUARD = "none"


def read_settings(root: Path) -> Settings:
    """The settings of the registry in ``root``; those of a folder without the file are the usual ones."""
    path = root / SETTINGS
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SETTINGS + 1)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", str(path)) from None
    try:
        value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_SETTINGS)
    except KembarError as error:
        raise SettingsError(f"cannot be read: {error}. Restore the file from a backup.", str(path)) from None
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) | _OPTIONAL != _MEMBERS:
        raise SettingsError(f"is not a {FORMAT} file. Restore it from a backup.", str(path))
    guard, made = value["guard"], value["guard_made"]
    lists = [value["disregarded"], value["mirrors"], value.get("urls", [])]
    store, publish, single = value.get("store", ""), value.get("publish", ""), value.get("single", False)
    sign_url = value.get("sign_url", "")
    texts, flags = (guard, sign_url, store, publish), (made, single)
    is_good = all(isinstance(one, str) for one in texts) and all(isinstance(one, bool) for one in flags)
    if not is_good or not all(isinstance(one, list) and all(isinstance(each, str) for each in one) for one in lists):
        raise SettingsError("a member has the wrong type. Restore the file from a backup.", str(path))
    disregarded, mirrors, urls = map(tuple, lists)
    return Settings(
        guard=guard or None,
        guard_made=made,
        disregarded=disregarded,
        mirrors=mirrors,
        urls=urls,
        sign_url=sign_url,
        store=store,
        publish=publish,
        single=single,
    )


def write_settings(root: Path, settings: Settings) -> None:
    """Put them in the place of those that are there."""
    value = {
        "disregarded": list(settings.disregarded),
        "format": FORMAT,
        "guard": settings.guard or "",
        "guard_made": settings.guard_made,
        "mirrors": list(settings.mirrors),
        "urls": list(settings.urls),
    }
    if settings.sign_url:
        value["sign_url"] = settings.sign_url
    if settings.is_shared:
        value |= {"publish": settings.publish, "single": settings.single, "store": settings.store}
    replace_file(root / SETTINGS, canonical.encode(value) + b"\n", durable=True)


@contextmanager
def changing(root: Path) -> Iterator[None]:
    """Within, no other process reads the settings of ``root`` in order to change them: none undoes another's change."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


_OPTIONAL = {"publish", "sign_url", "single", "store", "urls"}
_MEMBERS = {"disregarded", "format", "guard", "guard_made", "mirrors", *_OPTIONAL}
