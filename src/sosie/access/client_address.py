"""Which address a request comes from, where proxies stand in front of the server.

Each proxy adds the address that it sees to the end of X-Forwarded-For: to the last such header, or as a header of its
own (HAProxy does), some with a port. So all of these headers are one list, read from its end: as long as the one who
says so is a trusted proxy, the address before it is what that proxy saw. What a stranger wrote at the beginning is
never reached.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 64  # characters that are kept of what is no address; the longest address with a scope and a port is shorter


def client_address(peer: str, forwarded: Iterable[bytes], proxies: Sequence[Network]) -> str:
    """The client's address. `forwarded` holds the values of X-Forwarded-For in the order of the request.

    A hop that cannot be read (`unknown`, RFC 7239, 6.2) is no proxy's and is returned as it stands, cut short.
    """
    if not proxies:
        return peer
    hops = b",".join(forwarded).decode("latin-1").split(",")
    address = peer
    while hops and _is_proxy(address, proxies):
        hop = hops.pop().strip()
        address = _without_port(hop) if hop else address
    return address[:LONGEST]


def read_address(text: str) -> Address | None:
    """The address, IPv4 where it is IPv4 in IPv6's clothes (RFC 4291, 2.5.5.2); None for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def neighbourhood(text: str) -> str:
    """What is counted as one stranger: an IPv4 address, or the /64 that one IPv6 network is given (RFC 6177, 2)."""
    address = read_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return text if address is None else str(address)


def _is_proxy(text: str, proxies: Sequence[Network]) -> bool:
    address = read_address(text)
    if address is None:
        return text == ""  # a unix socket: only what stands in front of us can connect to it
    return any(address in network for network in proxies)


def _without_port(hop: str) -> str:
    """`192.0.2.1:80`, `[2001:db8::1]:80` and `[2001:db8::1]` without what is not the address."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    if hop.count(":") == 1:
        return hop.partition(":")[0]
    return hop
