"""Who is refused how often: an attack shows in the log, and no person does.

Addresses are counted by prefix (24 bits of IPv4, 48 of IPv6) and told once a minute, the busiest first, within bounds:
a flood must not become a flood of lines. Nothing else of a request is kept: no path, no query, no name, no key.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

MINUTE = 60.0
"""Seconds between lines."""

FLOOD = 6_000
"""Requests in a minute beyond which a prefix is told though nothing was refused."""

TOLD = 20
"""Prefixes that are told in one minute; of more, the rest is summed up."""

PREFIXES = 4_096
"""Prefixes that are counted at a time; what comes beyond is counted together."""

REFUSED = frozenset({400, 401, 403, 405, 408, 411, 413, 414, 429, 431, 500, 503})
"""Statuses that are told: unsigned or badly signed, forbidden, too slow (408), too large, too many. Not 404 and 422."""

OTHERS = "others"

_log = logging.getLogger(__name__)


@lru_cache(4096)  # asked twice for each request, of few networks
def prefix(address: str, forwarded: str = "") -> str:
    """The network that a caller is counted under.

    Behind a proxy on this machine it is the last address of ``X-Forwarded-For``, which that proxy has put there. That
    is for counting alone: whoever makes one up spoils a count.
    """
    found = _parsed(address)
    if forwarded and (found is None or found.is_loopback):
        found = _parsed(forwarded.rpartition(",")[2].strip()) or found
    if found is None:
        return "local"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{48 if found.version == 6 else 24}", strict=False))


class RefusalCount:
    """Counts requests until :meth:`close`; for any number of threads. ``tell`` is called with one line's members."""

    def __init__(self, tell: Callable[[dict[str, object]], None] | None = None) -> None:
        self._tell = tell or _warn
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._refused: dict[str, Counter[int]] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)

    def start(self) -> None:
        """Tell once a minute from now on."""
        self._thread.start()

    def close(self) -> None:
        """Tell what is left, and no more."""
        self._ending.set()
        self.tell(MINUTE)

    def add(self, address: str, forwarded: str, status: int) -> None:
        """One request was answered."""
        where = prefix(address, forwarded)
        with self._lock:
            if where not in self._requests and len(self._requests) >= PREFIXES:
                where = OTHERS
            self._requests[where] += 1
            if status in REFUSED:
                self._refused.setdefault(where, Counter())[status] += 1

    def tell(self, seconds: float) -> None:
        """Tell what was counted in the last ``seconds``, and begin anew."""
        with self._lock:
            requests, self._requests = self._requests, Counter()
            refused, self._refused = self._refused, {}
        limit = FLOOD * seconds / MINUTE
        found = [one for one, number in requests.items() if one in refused or number > limit]
        found.sort(key=lambda one: (-sum(refused.get(one, Counter()).values()), -requests[one], one))
        for one in found[:TOLD]:
            self._tell(_line(one, requests[one], refused.get(one, Counter()), seconds))
        if rest := found[TOLD:]:
            total = sum((refused.get(one, Counter()) for one in rest), Counter[int]())
            line = _line(OTHERS, sum(requests[one] for one in rest), total, seconds)
            self._tell({**line, "prefixes": len(rest)})

    def _run(self) -> None:
        while not self._ending.wait(MINUTE):
            self.tell(MINUTE)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _line(where: str, requests: int, refused: Counter[int], seconds: float) -> dict[str, object]:
    statuses = {str(status): number for status, number in sorted(refused.items())}
    return {"event": "refusals", "prefix": where, "refused": statuses, "requests": requests, "seconds": round(seconds)}


def _warn(line: dict[str, object]) -> None:
    refused = line["refused"]
    assert isinstance(refused, dict)
    said = ", ".join(f"{status}: {number}" for status, number in refused.items()) or "none refused"
    _log.warning(
        "%s made %s requests in %s s; refused by status: %s",
        line["prefix"], line["requests"], line["seconds"], said, extra={"members": line},
    )  # fmt: skip
