"""A bill of materials (CycloneDX 1.6, ECMA-424): what is installed with the registry, and what is built into the pages.

Python's packages are those that ``kembar`` needs with all that it runs with, as they are installed here; what only
tests and checks need is no part of the product. The pages' packages are those that the lock file names for them, with
their hashes. No time and no random number is in it: the same environment gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from base64 import b64decode
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "verifier" / "browser" / "package-lock.json"
EXTRAS = ("registry", "postgresql")
"""What a registry runs with."""
OURS = "kembar"
_NAMESPACE = uuid.UUID("4b656d62-6172-4000-8000-000000000000")

Component = dict[str, Any]


def bill() -> dict[str, Any]:
    """The whole document."""
    own = _of_python(distribution(OURS))
    components: dict[str, Component] = {}
    depends: dict[str, list[str]] = {}
    _collect(OURS, EXTRAS, components, depends, set())
    components.pop(own["bom-ref"])
    for found in _of_pages():
        components[found["bom-ref"]] = found
        depends[found["bom-ref"]] = []
        depends[own["bom-ref"]].append(found["bom-ref"])
    body = {
        "metadata": {"component": {**own, "type": "application"}},
        "components": [components[ref] for ref in sorted(components)],
        "dependencies": [{"ref": ref, "dependsOn": sorted(depends[ref])} for ref in sorted(depends)],
    }
    number = uuid.uuid5(_NAMESPACE, json.dumps(body, sort_keys=True))
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{number}", "version": 1, **body,
    }  # fmt: skip


def _collect(
    name: str,
    extras: tuple[str, ...],
    components: dict[str, Component],
    depends: dict[str, list[str]],
    seen: set[tuple[str, tuple[str, ...]]],
) -> None:
    """A package with extras of its own, and all that it needs here."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    found = distribution(name)
    component = _of_python(found)
    ref: str = component["bom-ref"]
    components[ref] = component
    needed = depends.setdefault(ref, [])
    for text in found.requires or ():
        one = Requirement(text)
        if not _holds(one, extras):
            continue
        try:
            other = _of_python(distribution(one.name))["bom-ref"]
        except PackageNotFoundError:
            raise SystemExit(f"{one.name}, which {name} needs, is not installed: run scripts/env") from None
        if other not in needed:
            needed.append(other)
        _collect(one.name, tuple(sorted(one.extras)), components, depends, seen)


def _holds(one: Requirement, extras: tuple[str, ...]) -> bool:
    marker = one.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _of_python(found: Distribution) -> Component:
    meta = cast("Message", found.metadata)
    name = re.sub(r"[-_.]+", "-", meta["Name"]).lower()
    purl = f"pkg:pypi/{name}@{quote(found.version)}"
    licence = meta.get("License-Expression")
    named = meta.get("License") or next(
        (one.rpartition(":: ")[2] for one in meta.get_all("Classifier") or () if one.startswith("License ::")), None
    )
    component: Component = {
        "type": "library", "bom-ref": purl, "name": name, "version": found.version, "purl": purl,
    }  # fmt: skip
    if licence:
        component["licenses"] = [{"expression": licence}]
    elif named:
        component["licenses"] = [{"license": {"name": named.splitlines()[0][:100]}}]
    return component


def _of_pages() -> Iterator[Component]:
    """What is built into the pages: not what builds them."""
    for place, one in sorted(json.loads(LOCK.read_text("utf-8"))["packages"].items()):
        if not place or one.get("dev"):
            continue
        name = place.removeprefix("node_modules/")
        purl = f"pkg:npm/{quote(name, safe='/')}@{one['version']}"
        kind, _, digest = one["integrity"].partition("-")
        yield {
            "type": "library", "bom-ref": purl, "name": name, "version": one["version"], "purl": purl,
            "hashes": [{"alg": kind.upper().replace("SHA", "SHA-"), "content": b64decode(digest).hex()}],
            "licenses": [{"expression": one["license"]}],
        }  # fmt: skip


if __name__ == "__main__":
    text = json.dumps(bill(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
