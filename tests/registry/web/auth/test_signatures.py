"""Signatures on requests: RFC 9421's own vectors, the one shape that is taken, and all others."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from http_message_signatures import HTTPMessageVerifier, InvalidSignature

from registry.web.auth.signature_base import Libsodium, NamedKeys
from registry.web.auth.signatures import BadPath, BadSignature, HttpRequest, check_digest, judge
from verifier.base import crypto, private_keys
from verifier.base.strict import format_b64
from verifier.programs.request_signing import RequestSigner

NOW = 1_800_000_000
KEY = private_keys.SigningKey(bytes([7] * 32))
URLS = ("https://registry.example/log", "https://other.example")
BODY = b'{"hello": "world"}'


class TestVectors:
    """RFC 9421, B.1.4 and B.2.6."""

    PUBLIC = b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    SEED = b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
    PARAMETERS = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    BASE = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@method": POST\n'
        '"@path": /foo\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"content-length": 18\n'
        f'"@signature-params": {PARAMETERS}'
    )

    def verify(self, **other: str) -> int:
        """With the library as it is used here, and the RFC's key."""

        class Keys(NamedKeys):
            def resolve_public_key(self, key_id: str) -> Any:
                return TestVectors.PUBLIC if key_id == "test-key-ed25519" else None

        class Message:
            method = "POST"
            url = "https://example.com/foo?param=Value&Pet=dog"
            headers = {  # noqa: RUF012
                "Host": "example.com",
                "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
                "Content-Type": "application/json",
                "Content-Length": "18",
                "Signature-Input": f"sig-b26={TestVectors.PARAMETERS}",
                "Signature": f"sig-b26=:{TestVectors.SIGNATURE}:",
                **other,
            }

        found = HTTPMessageVerifier(signature_algorithm=Libsodium, key_resolver=Keys()).verify(Message(), max_age=None)
        return len(found)

    def test_the_key_is_the_rfcs(self) -> None:
        assert private_keys.public_key(self.SEED) == self.PUBLIC

    def test_libsodium_signs_and_judges_the_rfcs_base(self) -> None:
        assert format_b64(private_keys.SigningKey(self.SEED).sign(self.BASE.encode())) == self.SIGNATURE
        assert crypto.verify(self.PUBLIC, self.BASE.encode(), b64decode(self.SIGNATURE))

    def test_the_library_with_libsodium_takes_the_rfcs_request(self) -> None:
        assert self.verify() == 1

    def test_and_no_other(self) -> None:
        with pytest.raises(InvalidSignature):
            self.verify(**{"Content-Type": "application/xml"})


def signed(
    method: str = "GET",
    path: str = "/entries/ab",
    query: str = "",
    body: bytes | None = None,
    *,
    authority: str = "registry.example",
    prefix: str = "/log",
    at: int = NOW,
    key: private_keys.SigningKey = KEY,
) -> HttpRequest:
    """What our own client sends."""
    fields = RequestSigner(key, lambda: at).headers(method, authority, prefix + path, query, body)
    headers = {name.lower(): value for name, value in fields.items()}
    return HttpRequest(method=method, path=path, query=query, headers=headers, has_body=bool(body))


def with_input(request: HttpRequest, change: Callable[[str], str], *, resign: bool = True) -> HttpRequest:
    """The same with other parameters, signed again with what they then are."""
    label, _, parameters = request.headers["signature-input"].partition("=")
    fresh = change(parameters)
    headers = {**request.headers, "signature-input": f"{label}={fresh}"}
    if resign:
        values = {
            "@method": request.method,
            "@authority": "registry.example",
            "@path": "/log" + request.path,
            "@query": f"?{request.query}",
            **request.headers,
        }
        names = [one for one in fresh[1 : fresh.index(")")].replace('"', "").split(" ") if one]
        lines = [f'"{one}": {values.get(one.partition(";")[0], "")}' for one in names]
        base = "\n".join([*lines, f'"@signature-params": {fresh}'])
        headers["signature"] = f"{label}=:{format_b64(KEY.sign(base.encode()))}:"
    return replace(request, headers=headers)


def refused(request: HttpRequest, *, now: int = NOW, began: int = 0) -> str:
    with pytest.raises(BadSignature) as caught:
        judge(request, URLS, now, began)
    return caught.value.message


class TestTaken:
    def test_a_request_of_our_own_client(self) -> None:
        found = judge(signed(), URLS, NOW, 0)
        assert found is not None
        assert (found.key, found.created, found.expires) == (KEY.public.hex(), NOW, NOW + 60)
        assert found.digest is None

    def test_a_body_with_its_digest(self) -> None:
        found = judge(signed("POST", "/entries", "dry_run=true", BODY), URLS, NOW, 0)
        assert found is not None and found.digest == format_b64(sha256(BODY).digest())
        check_digest(io.BytesIO(BODY), found.digest)
        with pytest.raises(BadSignature, match="not the one"):
            check_digest(io.BytesIO(BODY + b" "), found.digest)

    def test_each_public_url_is_tried(self) -> None:
        assert judge(signed(authority="other.example", prefix=""), URLS, NOW, 0) is not None

    def test_clocks_may_differ_a_little(self) -> None:
        assert judge(signed(at=NOW + 5), URLS, NOW, 0) is not None
        assert judge(signed(at=NOW - 60), URLS, NOW, 0) is not None

    def test_alg_may_be_left_out(self) -> None:
        assert judge(with_input(signed(), lambda text: text.replace(';alg="ed25519"', "")), URLS, NOW, 0) is not None

    def test_resigning_by_the_test_is_right(self) -> None:
        assert judge(with_input(signed(), lambda text: text), URLS, NOW, 0) is not None

    def test_components_in_any_order(self) -> None:
        shuffled = with_input(signed(), lambda text: text.replace('"@method" "@authority"', '"@authority" "@method"'))
        assert judge(shuffled, URLS, NOW, 0) is not None


class TestUnsigned:
    def test_nothing(self) -> None:
        assert judge(HttpRequest(method="GET", path="/", query="", headers={}, has_body=False), URLS, NOW, 0) is None

    def test_other_tags_are_ignored(self) -> None:
        other = with_input(signed(), lambda text: text.replace('tag="kembar"', 'tag="proxy"'))
        assert judge(other, URLS, NOW, 0) is None

    def test_another_signature_beside_ours_is_ignored(self) -> None:
        request = signed()
        headers = {
            "signature-input": 'proxy=("@status");created=1;tag="proxy", ' + request.headers["signature-input"],
            "signature": "proxy=:AAAA:, " + request.headers["signature"],
        }
        assert judge(replace(request, headers=headers), URLS, NOW, 0) is not None


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "no expiry": (lambda text: text.replace(f";expires={NOW + 60}", ""), "no expires"),
    "no creation": (lambda text: text.replace(f";created={NOW}", ""), "no created"),
    "no nonce": (lambda text: text[: text.index(";nonce")] + text[text.index(";keyid") :], "no nonce"),
    "a short nonce": (
        lambda text: text[: text.index(";nonce")] + ';nonce="00"' + text[text.index(";keyid") :], "nonce is"
    ),
    "no key": (lambda text: text.replace(f';keyid="{KEY.public.hex()}"', ""), "no keyid"),
    "a key in capitals": (lambda text: text.replace(KEY.public.hex(), KEY.public.hex().upper()), "keyid is"),
    "another algorithm": (lambda text: text.replace("ed25519", "hmac-sha256"), "ed25519"),
    "one more parameter": (lambda text: text + ";more=1", "another parameter"),
    "a long life": (lambda text: text.replace(f"expires={NOW + 60}", f"expires={NOW + 61}"), "at most 60"),
    "no life": (lambda text: text.replace(f"expires={NOW + 60}", f"expires={NOW}"), "at most 60"),
    "a fraction": (lambda text: text.replace(f"created={NOW}", f"created={NOW}.5"), "whole seconds"),
    "a yes": (lambda text: text.replace(f"created={NOW}", "created"), "whole seconds"),
    "method alone": (lambda text: '("@method")' + text[text.index(")") + 1 :], "exactly"),
    "no query": (lambda text: text.replace(' "@query"', ""), "exactly"),
    "one more component": (lambda text: text.replace('"@query"', '"@query" "host"'), "exactly"),
    "a component twice": (lambda text: text.replace('"@query"', '"@path"'), "exactly"),
    "a component with a parameter": (lambda text: text.replace('"@path"', '"@path";req'), "without parameters"),
    "no component": (lambda text: "()" + text[text.index(")") + 1 :], "exactly"),
}


class TestRefused:
    @pytest.mark.parametrize("what", CHANGES)
    def test_any_other_shape(self, what: str) -> None:
        change, said = CHANGES[what]
        assert said in refused(with_input(signed(), change))

    def test_what_was_signed_for_elsewhere(self) -> None:
        said = refused(signed(authority="evil.example"))
        assert "does not verify" in said and "https://registry.example/log" in said
        refused(signed(prefix=""))
        refused(signed(authority="registry.example:8443"))
        with pytest.raises(BadSignature, match="public URL"):
            judge(signed(), (), NOW, 0)

    def test_host_and_forwarded_say_nothing(self) -> None:
        request = signed(authority="evil.example")
        named = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
        assert "does not verify" in refused(replace(request, headers={**request.headers, **named}))

    @pytest.mark.parametrize("change", [{"method": "DELETE"}, {"path": "/entries/ac"}, {"query": "dry_run=true"}])
    def test_another_request(self, change: dict[str, str]) -> None:
        assert "does not verify" in refused(replace(signed(), **change))  # type: ignore[arg-type]

    def test_times(self) -> None:
        assert "expired 1 second" in refused(signed(at=NOW - 61))
        assert "ahead" in refused(signed(at=NOW + 6))
        assert "began to run" in refused(signed(), began=NOW + 1)

    def test_a_body_that_was_not_signed(self) -> None:
        assert "exactly" in refused(replace(signed("POST", "/entries"), has_body=True))
        without = {"signature-input", "signature"}
        request = signed("POST", "/entries", body=BODY)
        bare = {name: value for name, value in request.headers.items() if name in without}
        assert "Content-Digest" in refused(replace(request, headers=bare))

    def test_another_digest(self) -> None:
        request = signed("POST", "/entries", body=BODY)
        other = f"sha-256=:{format_b64(sha256(b'other').digest())}:"
        assert "does not verify" in refused(replace(request, headers={**request.headers, "content-digest": other}))
        weak = {**request.headers, "content-digest": "md5=:AAAA:"}
        assert "no sha-256" in refused(replace(request, headers=weak))

    def test_a_signature_by_another_key(self) -> None:
        other = private_keys.SigningKey(bytes([8] * 32))
        request = signed(key=other)
        swapped = request.headers["signature-input"].replace(other.public.hex(), KEY.public.hex())
        assert "verify" in refused(replace(request, headers={**request.headers, "signature-input": swapped}))

    def test_two_of_ours(self) -> None:
        request = signed()
        headers = {
            name: f"{value}, {value.replace('kembar=', 'again=', 1)}" for name, value in request.headers.items()
        }
        assert "more than one" in refused(replace(request, headers=headers))

    @pytest.mark.parametrize("field", ["signature", "signature-input"])
    def test_half_a_signature(self, field: str) -> None:
        request = signed()
        headers = {name: value for name, value in request.headers.items() if name != field}
        assert "come together" in refused(replace(request, headers=headers))

    @pytest.mark.parametrize("text", ["", "(", "kembar", "k=1;tag=kembar", "x" * 5000, 'k=(1);tag="kembar"', "é=1"])
    def test_noise(self, text: str) -> None:
        request = signed()
        noisy = replace(request, headers={**request.headers, "signature-input": text})
        try:
            assert judge(noisy, URLS, NOW, 0) is None
        except BadSignature as error:
            assert error.message

    def test_a_path_with_other_signs(self) -> None:
        with pytest.raises(BadPath):
            judge(signed(path="/entries/a b"), URLS, NOW, 0)
