"""The page that ships: what it may do, how large it is, and its policy, which is the one part that differs."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from verifier.base.errors import Malformed
from verifier.programs.page.built import (
    SIGN,
    VERIFIER,
    content_policy,
    fingerprint,
    page_hash,
    shipped_page,
    split_page,
    with_policy,
)

POLICY = "quorum none # é\n".encode()
OPEN = b'<script id="policy" type="text/plain">'


MAY = {
    VERIFIER: {"connect-src": "'none'", "worker-src": "blob: 'self'", "manifest-src": "'self'"},
    SIGN: {"connect-src": "https: http://127.0.0.1:* http://localhost:*", "worker-src": "blob:"},
}
"""What the one keeps itself offline with, and the other asks registries by."""


@pytest.mark.parametrize("name", MAY)
def test_it_is_small_enough_for_a_phone(name: str) -> None:
    assert len(shipped_page(name)) <= 300 * 1024
    assert len(gzip.compress(shipped_page(name), 9, mtime=0)) <= 110 * 1024


@pytest.mark.parametrize("name", MAY)
def test_what_it_may_do_is_little(name: str) -> None:
    directives = dict(one.strip().partition(" ")[::2] for one in content_policy(name).split(";"))
    script, style = (
        re.findall(rf"<{tag}>(.*?)</{tag}>", shipped_page(name).decode(), re.DOTALL) for tag in ("script", "style")
    )
    assert directives == MAY[name] | {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "script-src": hashes(script),
        "style-src": hashes(style),
        "img-src": "data:",
        "require-trusted-types-for": "'script'",
        "trusted-types": "kembar",
    }


def hashes(texts: list[str]) -> str:
    (text,) = texts
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", MAY)
def test_nothing_in_it_is_from_elsewhere_or_set_in_a_style_attribute(name: str) -> None:
    shell = re.sub(r"<(script|style)\b.*?</\1>", "", shipped_page(name).decode(), flags=re.DOTALL)
    assert re.findall(r"\b(?:src|style|on[a-z]+)=", shell) == []
    assert re.findall(r'href="(?!data:)', shell) == []


def test_a_policy_goes_in_and_comes_out() -> None:
    assert split_page(shipped_page()).policy is None
    page = with_policy(POLICY)
    found = split_page(page)
    assert (found.bare, found.policy) == (shipped_page(), POLICY)
    assert page_hash(found.bare) == sha256(shipped_page()).hexdigest() != page_hash(page)


def test_a_policy_is_called_by_the_first_of_its_digits() -> None:
    assert fingerprint(POLICY).replace(" ", "") == sha256(POLICY).hexdigest()[:16]
    assert re.fullmatch(r"(?:[0-9a-f]{4} ){3}[0-9a-f]{4}", fingerprint(POLICY))


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html></html>",
        with_policy(POLICY).replace(b"Kembar", b"Kembaz"),
        with_policy(POLICY).replace(OPEN, OPEN + b"<b>"),
        with_policy(POLICY) + OPEN + b"</script>",
        with_policy(POLICY).replace(b'type="text/plain"', b'type="module"'),
    ],
    ids=["empty", "another", "one letter", "markup in the block", "two blocks", "a block that runs"],
)
def test_another_page_never_has_our_hash(page: bytes) -> None:
    assert page_hash(split_page(page).bare) != page_hash(shipped_page())


def test_a_policy_that_is_not_base64() -> None:
    with pytest.raises(Malformed, match="not base64"):
        split_page(shipped_page().replace(OPEN, OPEN + b"A"))
