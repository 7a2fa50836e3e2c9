"""RFC 8785, by its own examples: other people's JSON as the bytes that they hashed."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from registry.drafting.adapters.foreign import parse_foreign
from registry.drafting.adapters.jcs import canonical, digest


@pytest.mark.parametrize(
    "written, wanted",
    [
        ("333333333.33333329", "333333333.3333333"),
        ("1E30", "1e+30"),
        ("4.50", "4.5"),
        ("2e-3", "0.002"),
        ("0.000000000000000000000000001", "1e-27"),
        ("-0", "0"),
        ("4.0", "4"),
        ("100000", "100000"),
        ("1e20", "100000000000000000000"),
        ("1.5e21", "1.5e+21"),
        ("0.000001", "0.000001"),
        ("0.00000012", "1.2e-7"),
        ("null", "null"),
        ("true", "true"),
        ('"\\u20ac$\\u000f\\nA\'B\\"\\\\\\/"', '"€$\\u000f\\nA\'B\\"\\\\/"'),
        ('{"b":[ 2, 1 ],"a":{}}', '{"a":{},"b":[2,1]}'),
        ('{"\U0001f600":1,"\ufb33":2,"\u00f6":3,"1":4}', '{"1":4,"\u00f6":3,"\U0001f600":1,"\ufb33":2}'),
    ],
)
def test_values(written: str, wanted: str) -> None:
    assert canonical(parse_foreign(written.encode())) == wanted


def test_a_digest_leaves_members_out() -> None:
    wanted = sha256(b'{"a":1}').hexdigest()
    assert digest(json.loads('{"b": 2, "a": 1}'), ("b",)) == f"sha256:{wanted}"
