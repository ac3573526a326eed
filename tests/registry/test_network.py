"""IP addresses and CIDR blocks: what is taken, what is refused, and which networks hold an address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.registry.network import NetworkError, NetworkSet, read_global_network, read_network


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("8.0.0.0/7", "8.0.0.0/7"),
    ],
)
def test_a_network_is_read(text, network):
    """One address is the network of itself; an IPv4-mapped one is IPv4."""
    assert read_global_network(text) == ip_network(network)


@pytest.mark.parametrize(
    "text",
    ["", "1", "example.com", "192.0.2", "192.0.2.1/24", "192.0.2.0/255.255.255.0", "192.0.2.0/33", "fe80::1%eth0"],
)
def test_what_is_no_network_is_refused(text):
    """With a sentence."""
    with pytest.raises(NetworkError, match=r"is not|has a zone"):
        read_network(text)


@pytest.mark.parametrize(
    "text",
    ["10.0.0.1", "172.31.255.255", "192.168.0.0/16", "127.0.0.1", "169.254.1.1", "0.0.0.1", "255.255.255.255",
     "100.64.0.1", "224.0.0.1", "0.0.0.0/32", "0.0.0.0/0", "128.0.0.0/1", "::", "::1", "::/0", "fe80::1",
     "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:0.0.0.0/96", "::fffe:0:0/95"],
)  # fmt: skip
def test_what_is_not_globally_routable_is_refused(text):
    """Private, unique-local, shared, loopback, link-local, unspecified, broadcast; mapped; or a block around one."""
    with pytest.raises(NetworkError, match="not globally routable"):
        read_global_network(text)


NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda n: ip_network(n, strict=False)),
    st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(lambda n: ip_network(n, strict=False)),
)


@given(st.lists(NETWORKS, max_size=8), st.ip_addresses())
def test_a_set_finds_the_networks_that_hold_an_address(networks, address):
    """As asking each network does."""
    held = NetworkSet([(network, place) for place, network in enumerate(networks)])
    mapped = getattr(address, "ipv4_mapped", None) or address
    expected = [place for place, network in enumerate(networks) if mapped in network]
    assert sorted(held.find(str(address))) == expected
    for network in networks:
        first = ip_address(int(network.network_address)) if network.version == 4 else network.network_address
        assert network.version == 6 or networks.index(network) in held.find(str(first))


def test_no_address_is_in_no_network():
    """Whatever stands there."""
    held = NetworkSet([(ip_network("0.0.0.0/0"), "all")])
    assert [held.find(text) for text in ("", "unknown", "192.0.2.1/32", "::1")] == [[], [], [], []]
    assert held.find("::ffff:192.0.2.1") == ["all"]
