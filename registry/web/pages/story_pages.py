"""The demo's story, where this registry tells it: a folder ``story`` beside its keys, which ``registry demo`` leaves.

story.json                    the scenes in order: name, the verifier's answers, and the picture's SHA-256
<name>.evidence.json          the file that answers for the scene
<name>.png, .jpg, ...         its picture
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, send_from_directory

from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.rendering import page
from registry.web.routes import Views
from verifier.base.strict import is_hex64
from verifier.base.values import value
from verifier.evidence.file import MEDIA_TYPE

FOLDER, SCENES = "story", "story.json"
PICTURES = {".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
"""What a browser is shown; any other file of a scene is none."""
KINDS = {
    "AUTHORISED": "yes", "PAID": "yes", "IN_FORCE": "yes", "REGISTERED": "yes", "COMPLETE": "yes",
    "NOT_YET_DUE": "due", "NOT_AUTHORISED": "no", "NOT_PAID": "no", "NOT_IN_FORCE": "no",
    "NOT_REGISTERED": "unk", "CANNOT_TELL": "unk",
}  # fmt: skip
"""How pages draw an answer."""


@value
class StoryAnswer:
    """One answer of the verifier's, and how it is drawn."""

    code: str
    kind: str


@value
class StoryScene:
    """``sha256`` is its picture's, None where it has none."""

    name: str
    answers: tuple[StoryAnswer, ...]
    sha256: str | None
    has_picture: bool

    @property
    def kind(self) -> str:
        """How the scene as a whole is drawn: a no before what cannot be told, before what is not due."""
        kinds = [one.kind for one in self.answers]
        return next((one for one in ("no", "unk", "due") if one in kinds), "yes")


class Story:
    """The scenes of the registry in ``root``; none where it tells no story."""

    def __init__(self, root: Path) -> None:
        self.folder = (root / FOLDER).absolute()  # Flask takes other paths for its own
        path = self.folder / SCENES
        told = json.loads(path.read_text("utf-8")) if path.is_file() else []
        self.scenes = {one["name"]: self._scene(one) for one in told}

    def _scene(self, one: dict[str, str]) -> StoryScene:
        answers = [one[name] for name in ("answer", "authorised", "paid") if name in one]
        sha256 = one.get("sha256", "")
        return StoryScene(
            name=one["name"],
            answers=tuple(StoryAnswer(code=code, kind=KINDS.get(code, "unk")) for code in answers),
            sha256=sha256 if is_hex64(sha256) else None,
            has_picture=self.picture(one["name"]) is not None,
        )

    def picture(self, name: str) -> Path | None:
        """The file of a scene's picture."""
        return next((path for end in PICTURES if (path := self.folder / f"{name}{end}").is_file()), None)


def views(service: Service) -> Views:
    """``/story/<name>``, its picture and its evidence."""
    story = Story(service.config.root)

    def find(name: str) -> StoryScene:
        scene = story.scenes.get(name)
        if scene is None:
            raise fail("not_found", "this registry tells no such story", "name")
        return scene

    def picture(name: str) -> Response:
        path = story.picture(find(name).name)
        if path is None:
            raise fail("not_found", "this registry tells no such story", "name")
        response = send_from_directory(story.folder, path.name, mimetype=PICTURES[path.suffix])
        response.headers["Content-Security-Policy"] = "sandbox"
        return response

    def evidence(name: str) -> Response:
        file = f"{find(name).name}.evidence.json"
        return send_from_directory(story.folder, file, mimetype=MEDIA_TYPE, as_attachment=True)

    return {**page("story", find), "story_picture": picture, "story_evidence": evidence}
