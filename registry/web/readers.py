"""Who is asking. Until readers authenticate with their enrolled keys, only the operator's own machine is let in.

Disclosures, rule reports, dry runs and ``require`` go to a caller on the loopback interface alone; everybody else gets
what is public. A request that was passed on by a proxy comes from somewhere else, whatever its address; and a page in a
browser that reaches the loopback interface under another name (DNS rebinding) is not the operator.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from flask import Request

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def is_local(request: Request) -> bool:
    """Whether the caller is on the loopback interface and asks for it by a loopback name."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.remote_addr) and _is_loopback_name(request.host)


def _is_loopback(address: str | None) -> bool:
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def _is_loopback_name(host: str) -> bool:
    """``Host`` without its port."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() == "localhost" or _is_loopback(name)
