"""Writing TOML: values for a template, and a draft filled in as a booker does it in an editor."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping

from verifier.base.canonical import Json


def fill_in(text: str, values: Mapping[str, Json]) -> str:
    """The draft ``text`` with ``values`` laid over it, member by member; a value of ``None`` takes a member out.

    Remarks go, and so do the empty strings that a template leaves to be filled in.
    """
    return format_toml(_laid_over(_without_gaps(tomllib.loads(text)), values))


def format_toml(value: Mapping[str, Json]) -> str:
    """Tables of strings, integers, booleans and arrays of them, and tables in arrays, as TOML."""
    return "\n".join(_table(value, "")) + "\n"


def format_value(value: Json) -> str:
    """One value in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(format_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {format_value(member)}" for name, member in value.items()) + " }"
    return str(int(value))


def _without_gaps(value: Json) -> Json:
    """Without empty strings, and what holds nothing else."""
    if isinstance(value, dict):
        kept = {name: _without_gaps(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member not in ("", [], {})}
    if isinstance(value, list):
        return [member for one in value if (member := _without_gaps(one)) not in ("", [], {})]
    return value


def _laid_over(below: Mapping[str, Json], above: Mapping[str, Json]) -> dict[str, Json]:
    found = dict(below)
    for name, value in above.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            found[name] = _laid_over(found.get(name, {}), value)
        else:
            found[name] = value
    return found


def _table(value: Mapping[str, Json], where: str) -> Iterator[str]:
    tables = {name: member for name, member in value.items() if isinstance(member, dict)}
    for name, member in value.items():
        if name not in tables:
            yield f"{name} = {format_value(member)}"
    for name, member in tables.items():
        path = f"{where}.{name}" if where else name
        yield ""
        yield f"[{path}]"
        yield from _table(member, path)
