"""The story left beside the registry's keys, where its pages tell it again (:mod:`registry.web.pages.story_pages`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from registry.commands.common import write_whole
from registry.demo.offline import Check
from registry.web.pages.story_pages import FOLDER, SCENES
from verifier.base import canonical
from verifier.base.canonical import Json


def leave_story(
    registry: Path, told: Iterable[tuple[str, Check, Mapping[str, Json]]], digests: Mapping[str, str]
) -> None:
    """Copy each scene's picture and evidence into the registry's folder, with the answers that the verifier gave.

    ``told``: the scene's name, its files, its answers. ``digests``: title of a picture -> its SHA-256. What is left so
    is the brands' own view of the demo, for everybody.
    """
    folder = registry / FOLDER
    folder.mkdir()
    scenes: list[Json] = []
    for name, check, answered in told:
        shutil.copyfile(check.evidence, folder / f"{name}.evidence.json")
        for asset in check.assets[:1]:
            shutil.copyfile(asset, folder / f"{name}{asset.suffix.lower()}")
        scene: dict[str, Json] = {"name": name, **answered}
        if check.assets and check.assets[0].stem in digests:
            scene["sha256"] = digests[check.assets[0].stem]
        scenes.append(scene)
    write_whole(folder / SCENES, canonical.encode(scenes) + b"\n")
