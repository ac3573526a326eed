"""IP addresses and CIDR blocks (RFC 4632, RFC 4291) as exemptions name them, and a set that finds those around one."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Generic, TypeVar

T = TypeVar("T")
Network = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")  # IPv4-mapped (RFC 4291, 2.5.5.2)
# What no mail server on the Internet sends from (IANA special-purpose registries, "globally reachable: false"):
# private, shared, loopback, link-local, unspecified, multicast and reserved. The blocks for documentation are left out
# of it: examples are made of them, and no mail comes from there.
_NOT_GLOBAL: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip


class NetworkError(ValueError):
    """Not an IP address or CIDR block, or one that is not taken; as text, why not."""


def read_network(text: str) -> Network:
    """The network that somebody typed; one address is the network of itself. Raises NetworkError."""
    shown = text if len(text) <= 60 else text[:57] + "…"
    try:
        network = ip_network(text)
    except ValueError as error:
        reason = (
            "bits are set behind its prefix" if "host bits" in str(error) else "it is neither an address nor a block"
        )
        raise NetworkError(f"{shown!r} is not an IPv4 or IPv6 address or CIDR block: {reason}") from None
    if "/" in text and not text.rpartition("/")[2].isdigit():  # a netmask, which the standard library takes
        raise NetworkError(f"{shown!r} is not a CIDR block: write the length of the prefix behind the slash")
    if isinstance(network, IPv6Network) and network.network_address.scope_id:
        raise NetworkError(f"{shown!r} has a zone, which means nothing to another machine")
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        return IPv4Network((int(mapped or 0), network.prefixlen - 96))
    return network


def read_global_network(text: str) -> Network:
    """The same, refused where it holds addresses that are not globally routable. Raises NetworkError."""
    network = read_network(text)
    for block in (*_NOT_GLOBAL, _MAPPED):
        if _overlap(network, block):
            raise NetworkError(f"{text!r} holds addresses that are not globally routable: {block}")
    return network


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


class NetworkSet(Generic[T]):
    """Values by network. To look one address up costs a hash look-up for each length of prefix that occurs."""

    def __init__(self, networks: Iterable[tuple[Network, T]]) -> None:
        self._held: dict[tuple[int, int], dict[int, list[T]]] = {}
        for network, value in networks:
            held = self._held.setdefault((network.version, network.max_prefixlen - network.prefixlen), {})
            held.setdefault(int(network.network_address) >> network.max_prefixlen - network.prefixlen, []).append(value)

    def find(self, text: str) -> list[T]:
        """The values of the networks that hold the address `text`; none if that is no address."""
        if not self._held:
            return []
        try:
            address: IPv4Address | IPv6Address | None = ip_address(text)
        except ValueError:
            return []
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        if address is None:
            return []
        number = int(address)
        found: list[T] = []
        for (version, rest), held in self._held.items():
            if version == address.version:
                found += held.get(number >> rest, ())
        return found
