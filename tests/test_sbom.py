"""The bill of materials: whole, without what only tests need, and the same each time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.support.root import ROOT


def made() -> bytes:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "sbom_main.py"], capture_output=True, check=True, timeout=60
    ).stdout


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made())
    return found


def names(bill: dict[str, Any], kind: str) -> set[str]:
    return {one["name"] for one in bill["components"] if one["purl"].startswith(f"pkg:{kind}/")}


def test_its_form(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert bill["metadata"]["component"]["name"] == "kembar"
    refs = [one["bom-ref"] for one in bill["components"]]
    assert len(set(refs)) == len(refs) and all(one["licenses"] and one["version"] for one in bill["components"])


def test_every_package_that_a_registry_runs_with_is_there_and_no_tool(bill: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["registry"], *extras["postgresql"]]
    direct = {re.split(r"[^A-Za-z0-9._-]", one)[0].lower() for one in needed}
    found = names(bill, "pypi")
    assert direct <= found and {"jinja2", "werkzeug", "cffi"} <= found
    assert found.isdisjoint({"pytest", "ruff", "mypy", "kembar"})


def test_what_is_built_into_the_pages_is_there_with_its_hash(bill: dict[str, Any]) -> None:
    package = json.loads((ROOT / "verifier" / "browser" / "package.json").read_text("utf-8"))
    assert names(bill, "npm") == set(package["dependencies"])
    for one in bill["components"]:
        if one["purl"].startswith("pkg:npm/"):
            [hash] = one["hashes"]
            assert hash["alg"] == "SHA-512" and re.fullmatch("[0-9a-f]{128}", hash["content"])


def test_all_hang_together(bill: dict[str, Any]) -> None:
    known = {one["bom-ref"] for one in (*bill["components"], bill["metadata"]["component"])}
    edges = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert edges.keys() == known and all(set(to) <= known for to in edges.values())
    reached, left = set(), [bill["metadata"]["component"]["bom-ref"]]
    while left:
        if (ref := left.pop()) not in reached:
            reached.add(ref)
            left += edges[ref]
    assert reached == known


def test_it_is_the_same_each_time() -> None:
    assert made() == made()
