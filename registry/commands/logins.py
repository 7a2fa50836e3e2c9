"""Logins: which registry a user's commands talk to, with which key file and by whose trust policy; and her names.

They stand in one file of canonical JSON in the user's configuration folder (XDG base directories), which its owner
alone may read. It holds no secret: of a key, the path of its file and its public half.

    {"current":NAME,"format":"kembar-logins/1","logins":[
     {"key":PATH,"name":NAME,"party":ID|"","policy":TEXT,"policy_from":"own"|"registry","public":HEX,
      "registry":ID,"url":URL}],
     "names":[{"id":ID,"name":NAME,"registry":ID}]}

A name belongs to a registry, since ids do, and outlives a login: what was confirmed once stays so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from registry.commands.common import Failure, Unable, read_bounded, write_whole
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import is_hex64
from verifier.programs.http import parse_url
from verifier.words.catalogue import Sentence

FORMAT = "kembar-logins/1"
MAX_FILE = 4 * 1024 * 1024
PolicyFrom: TypeAlias = Literal["own", "registry"]
_GIVERS: Mapping[str, PolicyFrom] = {"own": "own", "registry": "registry"}
_NAMED = {"id", "name", "registry"}
_LOGIN = {"key", "name", "party", "policy", "policy_from", "public", "registry", "url"}
_ALL = {"current", "format", "names", "logins"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """``url`` is the log's prefix, ``registry`` its id, ``key`` an absolute path and ``public`` its public key in hex.

    ``party`` is the party whose key it is, "" where it was nobody's yet at the login. ``policy`` is the text of a trust
    policy; ``policy_from`` says who gave it: the user, or the registry itself.
    """

    url: str
    registry: str
    key: Path
    public: str
    party: str
    policy: str
    policy_from: PolicyFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """All that is kept. ``names`` are by the registry's id."""

    current: str = ""
    kept: Mapping[str, Login] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def present(self) -> Login | None:
        """The login that commands use where none is given."""
        return self.kept.get(self.current)

    def with_login(self, name: str, login: Login) -> Logins:
        """The same with this one, which is the present one from now on."""
        return replace(self, current=name, kept={**self.kept, name: login})

    def without(self, name: str) -> Logins:
        """The same without this one; if it was the present one, there is none until the next login."""
        kept = {one: login for one, login in self.kept.items() if one != name}
        return replace(self, current="" if name == self.current else self.current, kept=kept)

    def with_names(self, registry: str, names: Mapping[str, str]) -> Logins:
        """The same with these names, and no others, in a registry."""
        return replace(self, names={**self.names, registry: dict(names)})


def path() -> Path:
    """Where the logins stand: ``$XDG_CONFIG_HOME/kembar/logins.json``."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        base = Path(config) if config.startswith("/") else Path.home() / ".config"  # a relative one is ignored
    except RuntimeError:
        raise Failure(Sentence("login.no_home")) from None
    return base / "kembar" / "logins.json"


def load() -> Logins:
    """What is kept; nothing where there is no file yet."""
    file = path()
    if not file.exists():
        return Logins()
    try:
        return parse(read_bounded(file, MAX_FILE))
    except KembarError as error:
        raise Failure(Sentence("login.malformed", file=str(file), why=str(error))) from None


def store(logins: Logins) -> None:
    """Write them, whole or not at all, for their owner alone."""
    file = path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unable(Sentence("failure.cannot_write", path=str(file), why=str(error.strerror))) from None
    write_whole(file, format_logins(logins), replace=True)  # a temporary file is its owner's alone, and so is this


def format_logins(logins: Logins) -> bytes:
    """The file's bytes."""
    kept: list[Json] = [
        {
            "key": str(one.key), "name": name, "party": one.party, "policy": one.policy,
            "policy_from": one.policy_from, "public": one.public, "registry": one.registry, "url": one.url,
        }
        for name, one in logins.kept.items()
    ]  # fmt: skip
    names: list[Json] = [
        {"id": id, "name": name, "registry": registry}
        for registry, pinned in logins.names.items()
        for name, id in pinned.items()
    ]
    value: Json = {"current": logins.current, "format": FORMAT, "names": names, "logins": kept}
    return canonical.encode(value) + b"\n"


def parse(data: bytes) -> Logins:
    """Strict: the members that :func:`format_logins` writes and no others; :class:`Malformed` says what is wrong."""
    value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_FILE)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) != _ALL:
        raise Malformed(f"not a {FORMAT} file")
    kept: dict[str, Login] = {}
    names: dict[str, dict[str, str]] = {}
    for place, one in enumerate(_list(value["logins"], "logins")):
        known = {"party": "", **one} if isinstance(one, dict) else one  # an earlier version kept none
        members = _members(known, _LOGIN, f"logins[{place}]")
        kept[members["name"]] = _login(members, f"logins[{place}]")
    for place, one in enumerate(_list(value["names"], "names")):
        members = _members(one, _NAMED, f"names[{place}]")
        registry, id = _id(members, "registry", f"names[{place}]"), _id(members, "id", f"names[{place}]")
        names.setdefault(registry, {})[members["name"]] = id
    if not isinstance(value["current"], str):
        raise Malformed("must be a string", "current")
    return Logins(current=value["current"], kept=kept, names=names)


def _login(members: Mapping[str, str], where: str) -> Login:
    given = _GIVERS.get(members["policy_from"])
    if given is None:
        raise Malformed("must be own or registry", f"{where}.policy_from")
    parse_url(members["url"])
    return Login(
        url=members["url"], registry=_id(members, "registry", where), key=Path(members["key"]),
        public=_id(members, "public", where), party=_id(members, "party", where) if members["party"] else "",
        policy=members["policy"], policy_from=given,
    )  # fmt: skip


def _list(value: Json, where: str) -> list[Json]:
    if not isinstance(value, list):
        raise Malformed("must be an array", where)
    return value


def _members(value: Json, names: set[str], where: str) -> dict[str, str]:
    """An object of strings with these members and no others."""
    if not isinstance(value, dict) or set(value) != names:
        raise Malformed(f"must be an object with {', '.join(sorted(names))}", where)
    for name, one in value.items():
        if not isinstance(one, str):
            raise Malformed("must be a string", f"{where}.{name}")
    return value


def _id(members: Mapping[str, str], name: str, where: str) -> str:
    if not is_hex64(members[name]):
        raise Malformed("must be 64 hex digits", f"{where}.{name}")
    return members[name]
