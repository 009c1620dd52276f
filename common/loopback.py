"""Which addresses and host names are this machine's own. Every door asks here, so that no two of them differ."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""The host names under which a server that only its own machine can reach is asked."""

CONTAINER_NAMES: Final = ("host.docker.internal", "host.containers.internal")
"""Names under which Docker Desktop and Podman let containers reach this machine's own addresses."""


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own; a text that is no IP address is not.

    A scope id (``fe80::1%eth0``) is ignored. An IPv4 address inside an IPv6 one (``::ffff:127.0.0.1``, as a dual-stack
    socket reports its peers) counts as the IPv4 address.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback


def is_loopback_host(host: str) -> bool:
    """Whether a host name, or an address with or without brackets, is this machine's own."""
    name = host.strip("[]").lower()
    return name == "localhost" or is_loopback(name)


def reachable_host(host: str) -> str:
    """The host that programs on this machine put into an address of a server that is bound to ``host``.

    A server that is bound to every address is reached at the loopback one. IPv6 addresses are put into brackets.
    """
    own = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{own}]" if ":" in own else own
