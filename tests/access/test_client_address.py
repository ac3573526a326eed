"""Which address a request comes from, whatever strangers write into headers."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.access.client_address import LONGEST, client_address

PROXIES = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "2001:db8:ffff::/48")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [b"198.51.100.1"], "192.0.2.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b""], "10.0.0.1"),
        ("10.0.0.1", [b"192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", [b"6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", [b"6.6.6.6", b"192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", [b"6.6.6.6, 192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", [b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [b"192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", [b"[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", [b"6.6.6.6, unknown"], "unknown"),
        ("2001:db8:ffff::1", [b"192.0.2.1"], "192.0.2.1"),
        ("::ffff:10.0.0.1", [b"192.0.2.1"], "192.0.2.1"),
        ("", [b"192.0.2.1"], "192.0.2.1"),
    ],
)
def test_the_last_that_is_no_proxy_is_the_client(peer, forwarded, address):
    """What stands before it was written by a stranger."""
    assert client_address(peer, forwarded, PROXIES) == address


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1", ""])
def test_without_proxies_the_peer_is_the_client(peer):
    """Whatever is forwarded."""
    assert client_address(peer, [b"6.6.6.6"], ()) == peer


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_whatever_is_forwarded_an_address_comes_of_it(forwarded):
    """Short, and never one that a stranger could place before a proxy's own word."""
    assert len(client_address("10.0.0.1", forwarded, PROXIES)) <= LONGEST
    assert client_address("10.0.0.1", [*forwarded, b"192.0.2.9"], PROXIES) == "192.0.2.9"
