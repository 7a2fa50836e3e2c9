"""The pages as they ship, and a reader's policy in one: the one part of a page that is not the same for everybody.

The policy's bytes stand in base64 in a data block, which no browser runs. A page's hash is that of the page with an
empty block, so that everybody compares the same number, whatever policy her page holds.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from verifier.base.errors import Malformed
from verifier.base.values import value

VERIFIER, SIGN = "verifier.html", "sign.html"
"""The page that checks evidence, and the one on which people sign."""

MAX_PAGE = 1 << 20
"""Bytes of a page that somebody serves: three times what ours may have."""

_OPEN, _CLOSE = b'<script id="policy" type="text/plain">', b"</script>"
_BLOCK = re.compile(re.escape(_OPEN) + rb"([A-Za-z0-9+/=]*)" + re.escape(_CLOSE))
_CSP = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


@value
class SplitPage:
    """A page without its policy, and the policy's bytes; None where it has none."""

    bare: bytes
    policy: bytes | None


@cache
def shipped_page(name: str = VERIFIER) -> bytes:
    """A page without a policy; ``scripts/page`` builds it."""
    return (files("verifier.programs.page") / name).read_bytes()


def with_policy(policy: bytes, name: str = VERIFIER) -> bytes:
    """The page that checks under this policy."""
    return shipped_page(name).replace(_OPEN, _OPEN + b64encode(policy), 1)


def split_page(page: bytes) -> SplitPage:
    """Take a page apart; one that is not built as ours is stays whole.

    Raises :class:`Malformed` for a policy that is not base64.
    """
    found = _BLOCK.search(page)
    if found is None or page.count(_OPEN) != 1:
        return SplitPage(bare=page, policy=None)
    try:
        policy = b64decode(found[1], validate=True)
    except ValueError:
        raise Malformed("the policy in it is not base64") from None
    return SplitPage(bare=page[: found.start(1)] + page[found.end(1) :], policy=policy or None)


def page_hash(bare: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(bare).hexdigest()


def content_policy(name: str = VERIFIER) -> str:
    """A page's Content-Security-Policy, which stands in it; a server says the same in its header."""
    found = _CSP.search(shipped_page(name))
    assert found is not None
    return found[1].decode("ascii")


def fingerprint(policy: bytes) -> str:
    """The first 16 digits of a policy's SHA-256, in fours: what the page shows and people compare."""
    digits = sha256(policy).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))
