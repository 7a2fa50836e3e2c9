"""Acts that pages hand over, carried out as the page that holds keys does: it signs the bytes, and sends the steps."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.config import change_settings
from registry.intake.submission import submission_from_json, submission_to_json
from tests.support.served import Served
from tests.support.signed_requests import asking_as, key_of
from tests.support.world import Actor
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_b64

SIGN_URL = "https://sign.example/"


def with_sign_url(served: Served, url: str = SIGN_URL) -> Served:
    """The same registry, whose pages hand acts over."""
    served.service.close()
    change_settings(served.root, sign_url=url)
    served.open()
    return served


def acts_in(page: str, url: str = SIGN_URL) -> list[Any]:
    """The acts that a page hands over, in order."""
    links = re.findall(rf'href="{re.escape(url)}#act=([A-Za-z0-9_-]+)"', unescape(page))
    return [canonical.parse(urlsafe_b64decode(one + "=" * (-len(one) % 4)), limit=1 << 20) for one in links]


def tells_what_came_back(client: FlaskClient, act: Any) -> bool:
    """Whether the page that an act returns to says what became of it."""
    page = client.get("/" + act["back"].split("/", 3)[3], headers={"Accept": "text/html"}).text
    return 'id="came"' in page and "static/hand_over.js" in page


def carry_out(app: Flask, who: Actor | SigningKey, act: Any) -> list[TestResponse]:
    """What the registry answers to its steps."""
    key, sent = key_of(who), {}
    if "submission" in act:
        signed = submission_from_json(act["submission"]).signed_by(key)
        [mine] = [one for one in signed.signatures if one.keyid == key.public.hex()]
        sent = {
            "signed": submission_to_json(signed),
            "signature": {"keyid": mine.keyid, "sig": format_b64(mine.sig)},
        }
    answers = []
    for step in act["steps"]:
        body = step.get("body")
        body = sent[body] if isinstance(body, str) else body
        if isinstance(body, dict):
            body = {name: sent[one] if one == "signed" else one for name, one in body.items()}
        more = {} if body is None else {"data": canonical.encode(body), "content_type": "application/json"}
        answers.append(asking_as(app, who).open(step["path"], method=step["method"], **more))
    return answers
