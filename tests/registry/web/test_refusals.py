"""What the log tells of an attack, and that it tells of nobody."""

from __future__ import annotations

import json
import logging

import pytest

from registry.web import refusals
from registry.web.logs import JsonLines
from registry.web.refusals import FLOOD, MINUTE, OTHERS, PREFIXES, TOLD, RefusalCount, prefix


@pytest.mark.parametrize(
    ("address", "forwarded", "found"),
    [
        ("203.0.113.77", "", "203.0.113.0/24"),
        ("203.0.113.77", "198.51.100.1", "203.0.113.0/24"),  # a stranger's own word counts for nothing
        ("127.0.0.1", "198.51.100.1", "198.51.100.0/24"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.0/24"),  # what the proxy itself has added
        ("127.0.0.1", "garbage", "127.0.0.0/24"),
        ("::1", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("[2001:db8:1:2::3]", "", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "", "203.0.113.0/24"),
        ("fe80::1%eth0", "", "fe80::/48"),
        ("", "", "local"),
    ],
)
def test_addresses_are_counted_by_network(address: str, forwarded: str, found: str) -> None:
    assert prefix(address, forwarded) == found


def counted() -> tuple[RefusalCount, list[dict[str, object]]]:
    told: list[dict[str, object]] = []
    return RefusalCount(told.append), told


def test_an_attack_shows() -> None:
    count, told = counted()
    for _ in range(40):
        count.add("203.0.113.7", "", 401)
    for _ in range(3):
        count.add("203.0.113.9", "", 408)
        count.add("198.51.100.1", "", 503)
    for _ in range(9):
        count.add("192.0.2.1", "", 200)
        count.add("192.0.2.1", "", 404)
    count.tell(MINUTE)
    common = {"event": "refusals", "seconds": 60}
    assert told == [
        {**common, "prefix": "203.0.113.0/24", "refused": {"401": 40, "408": 3}, "requests": 43},
        {**common, "prefix": "198.51.100.0/24", "refused": {"503": 3}, "requests": 3},
    ]
    told.clear()
    count.tell(MINUTE)
    assert told == []


def test_a_flood_shows_though_nothing_is_refused() -> None:
    count, told = counted()
    for _ in range(FLOOD + 1):
        count.add("203.0.113.7", "", 200)
    count.tell(MINUTE)
    assert [(one["prefix"], one["requests"], one["refused"]) for one in told] == [("203.0.113.0/24", FLOOD + 1, {})]


def test_a_flood_of_networks_is_bounded_in_lines_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    count, told = counted()
    number = PREFIXES + 50
    for one in range(number):
        count.add(f"{20 + one // 65536}.{one // 256 % 256}.{one % 256}.1", "", 401)
    assert len(count._requests) <= PREFIXES + 1
    count.tell(MINUTE)
    assert len(told) == TOLD + 1 and told[-1]["prefix"] == OTHERS
    refused = [one["refused"] for one in told]
    assert sum(sum(one.values()) for one in refused if isinstance(one, dict)) == number


def test_it_is_a_line_for_people_and_for_programs(caplog: pytest.LogCaptureFixture) -> None:
    count = RefusalCount()
    count.add("203.0.113.7", "", 413)
    with caplog.at_level(logging.WARNING):
        count.tell(MINUTE)
    [record] = caplog.records
    assert record.getMessage() == "203.0.113.0/24 made 1 requests in 60 s; refused by status: 413: 1"
    line = JsonLines().format(record)
    assert "\n" not in line and json.loads(line)["refused"] == {"413": 1} and "203.0.113.7" not in line


def test_an_exception_is_told_without_what_it_says() -> None:
    try:
        raise ValueError("anna@example.org\n\x1b[31m")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "a request failed", None, (type(error), error, None))
    value = json.loads(JsonLines().format(record))
    assert value["error"] == "ValueError" and "anna" not in JsonLines().format(record)


def test_it_tells_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MINUTE", 0.01)
    count, told = counted()
    count.add("203.0.113.7", "", 401)
    count.start()
    for _ in range(1000):
        if told:
            break
        count._ending.wait(0.01)
    count.close()
    assert told
