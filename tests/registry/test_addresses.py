"""Public URLs and the page that holds keys change while a registry is open."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from registry.config import ConfigError, change_addresses
from registry.settings import SETTINGS
from registry.web.app import create_app
from registry.web.auth.authority import Authority
from tests.support.asking import problem
from tests.support.served import Served
from tests.support.signed_requests import asking_as
from verifier.programs.request_signing import RequestSigner

FIRST, SECOND = "https://first.example", "https://second.example/log"
PATH = "/grants"


def keep(served: Served, *urls: str, sign_url: str = "") -> None:
    change_addresses(served.root, lambda now: replace(now, urls=urls, sign_url=sign_url))


def test_the_next_request_goes_by_the_change(served: Served) -> None:
    anna = served.world.party("anna", roles=["model"])
    served.accept(anna)
    authority = Authority(served.service.readers.holders.of, lambda: served.service.addresses.urls, began=0)
    client = asking_as(create_app(served.service, authority), None)

    def status(host: str, path: str) -> int:
        signed = RequestSigner(anna.keys[0]).headers("GET", host, path, "")
        return client.get(PATH, headers=signed).status_code

    asked = [("first.example", PATH), ("second.example", f"/log{PATH}")]
    keep(served, FIRST)
    assert [status(*one) for one in asked] == [200, 401]
    keep(served, FIRST, SECOND)
    assert [status(*one) for one in asked] == [200, 200]
    keep(served, SECOND)
    assert [status(*one) for one in asked] == [401, 200]
    headers = RequestSigner(anna.keys[0]).headers("GET", "first.example", PATH, "")
    answer = client.get(PATH, headers=headers)
    assert SECOND in problem(answer, 401, "not_authenticated")["detail"] and "Date" in answer.headers


def test_the_page_that_holds_keys_is_elsewhere(served: Served) -> None:
    keep(served, FIRST, sign_url="https://sign.example/")
    assert served.service.addresses.sign_url == "https://sign.example/"
    with pytest.raises(ConfigError, match="alone on an origin of its own"):
        keep(served, "https://sign.example", sign_url="https://sign.example/")
    assert served.service.addresses.urls == (FIRST,)
    keep(served, FIRST)
    assert served.service.addresses.sign_url == ""


@pytest.mark.parametrize("broken", ["{", None, '"urls":["http://"]'])
def test_what_cannot_be_read_changes_nothing(
    served: Served, caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    keep(served, FIRST)
    addresses = served.service.addresses
    keep(served, SECOND)
    assert addresses.urls == (SECOND,)
    path = served.root / SETTINGS
    good = path.read_text()
    with caplog.at_level(logging.ERROR):
        if broken is None:
            path.unlink()
        else:
            path.write_text(broken if broken == "{" else good.replace(f'"urls":["{SECOND}"]', broken))
        for _ in range(2):
            assert addresses.urls == (SECOND,)
    assert caplog.text.count("the addresses that were in force stay") == 1
    path.write_text(good.replace(SECOND, FIRST))
    assert addresses.urls == (FIRST,)
