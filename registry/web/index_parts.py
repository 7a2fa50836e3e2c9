"""``/index``: a part of the index, for whoever will not say which subject is meant (protocol, section 6.1)."""

from __future__ import annotations

import re

from flask import Response, request

from registry.problems import Problem
from registry.service import Service
from registry.web.body import JSON
from registry.web.errors import ProblemError, fail
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.strict import format_b64, parse_decimal
from verifier.evidence.index_answer import format_answer
from verifier.index.prefixes import prefix_hex

SHORT = "public, max-age=60"
_HEX = re.compile(r"[0-9a-f]{0,64}\Z", re.ASCII)


def views(service: Service) -> Views:
    """``GET /index`` and ``GET /index?bits=&prefix=``: the same for everybody, and may be kept for a minute."""

    def index() -> Response:
        given = request.args.get("bits"), request.args.get("prefix")
        if given == (None, None):
            return _answer(canonical.encode({"bits": service.index.bits()}))
        bits, number = _asked(*given)
        found = service.index.part(bits, number)
        if isinstance(found, Problem):
            raise ProblemError(found)
        published, part = found
        place = published.checkpoint.size - 1
        leaf, proof = service.leaf(place), service.inclusion(place, place + 1)
        assert leaf is not None and not isinstance(proof, Problem)
        seal = {
            "index": place,
            "leaf": canonical.parse(leaf, limit=len(leaf)),
            "proof": [format_b64(one) for one in proof],
        }
        return _answer(format_answer(bits, number, part, published.note, seal))

    return {"index": index}


def _asked(bits_text: str | None, prefix: str | None) -> tuple[int, int]:
    """The bits, and the prefix as a number."""
    if bits_text is None or prefix is None:
        raise fail("question_malformed", "bits and prefix come together", "bits" if bits_text is None else "prefix")
    try:
        bits = parse_decimal(bits_text)
    except KembarError as error:
        raise fail("question_malformed", error.message, "bits") from None
    digits = -(-bits // 4)
    number = int(prefix or "0", 16) >> 4 * digits - bits if bits <= 256 and _HEX.match(prefix) else -1
    if number < 0 or prefix_hex(number, bits) != prefix:
        detail = f"is {digits} lower-case hex digits, of which the bits beyond the first {bits} are 0"
        raise fail("question_malformed", detail, "prefix")
    return bits, number


def _answer(data: bytes) -> Response:
    response = Response(data, content_type=JSON)
    response.headers["Cache-Control"] = SHORT
    return response
