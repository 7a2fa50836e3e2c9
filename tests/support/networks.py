"""A network beside this machine's own, between which and it packets can be lost without a word (Linux, as root)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

NOBODY = "02:00:00:00:00:01"
"""A hardware address that no card has."""


class Network:
    """``within`` begins a command that runs there; from there this machine is ``host``."""

    def __init__(self, number: int) -> None:
        self._name = f"kembar{number}"
        self._near, self._far = f"kembar{number}a", f"kembar{number}b"
        self.host, self._guest = (f"10.{200 + number % 50}.{number % 251}.{last}" for last in (1, 2))
        self.within = ("ip", "netns", "exec", self._name)

    def make(self) -> None:
        _ip("netns", "add", self._name)
        _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self._name)
        for address, card, there in ((self.host, self._near, ()), (self._guest, self._far, self.within[2:])):
            _ip("addr", "add", f"{address}/24", "dev", card, within=there)
            _ip("link", "set", card, "up", within=there)

    def cut(self) -> None:
        """From now on packets go to a card that is not there, both ways."""
        for address, card, there in ((self._guest, self._near, ()), (self.host, self._far, self.within[2:])):
            _ip("neigh", "replace", address, "lladdr", NOBODY, "dev", card, "nud", "permanent", within=there)

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", self._near)
        with suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self._name)


def _ip(*command: str, within: tuple[str, ...] = ()) -> None:
    prefix = ["ip", "netns", *within] if within else []
    subprocess.run([*prefix, "ip", *command], check=True, capture_output=True)


@contextmanager
def network() -> Iterator[Network]:
    """One that lives as long as the context; skips the test where none can be made."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("a network of one's own needs Linux and root: packets that are lost without a word are not tried")
    made = Network(os.getpid() % 10_000)
    try:
        try:
            made.make()
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode()[:80].strip()
            pytest.skip(f"no network can be made here ({said}): lost packets are not tried")
        yield made
    finally:
        made.remove()
