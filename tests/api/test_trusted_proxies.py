"""Whose address a request comes from, where proxies stand in front of the server."""

from __future__ import annotations

import ipaddress

import pytest

from sosie.access.client_address import client_address, neighbourhood

from .account import errors
from .conftest import ANYBODY, bearer, client_of, open_account
from .token_bodies import make

PROXIES = tuple(ipaddress.ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "fd00::/8"))

CASES = {
    "no header": ("127.0.0.1", [], "127.0.0.1"),
    "one hop": ("127.0.0.1", [b"192.0.2.7"], "192.0.2.7"),
    "two proxies": ("127.0.0.1", [b"192.0.2.7, 10.1.2.3"], "192.0.2.7"),
    "what the client wrote is not reached": ("127.0.0.1", [b"203.0.113.9, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
    "a header of the proxy's own": ("127.0.0.1", [b"203.0.113.9", b"192.0.2.7"], "192.0.2.7"),
    "headers of two proxies": ("127.0.0.1", [b"203.0.113.9", b"192.0.2.7", b"10.1.2.3"], "192.0.2.7"),
    "a stranger's header": ("192.0.2.7", [b"203.0.113.9"], "192.0.2.7"),
    "nothing but proxies": ("127.0.0.1", [b"10.0.0.1, 10.0.0.2"], "10.0.0.1"),
    "IPv6": ("fd00::1", [b"2001:db8::7"], "2001:db8::7"),
    "IPv4 in IPv6": ("::ffff:127.0.0.1", [b"192.0.2.7"], "192.0.2.7"),
    "with a port": ("127.0.0.1", [b"192.0.2.7:4711"], "192.0.2.7"),
    "IPv6 with a port": ("127.0.0.1", [b"[2001:db8::7]:4711"], "2001:db8::7"),
    "IPv6 in brackets": ("127.0.0.1", [b"[2001:db8::7]"], "2001:db8::7"),
    "a proxy with a port": ("127.0.0.1", [b"192.0.2.7, 10.1.2.3:80"], "192.0.2.7"),
    "empty places": ("127.0.0.1", [b"192.0.2.7, ,", b""], "192.0.2.7"),
    "white space": ("127.0.0.1", [b" 192.0.2.7\t,\t10.0.0.1 "], "192.0.2.7"),
    "unknown": ("127.0.0.1", [b"203.0.113.9, unknown"], "unknown"),
    "bytes": ("127.0.0.1", [b"\xff"], "\xff"),
    "very long": ("127.0.0.1", [b"x" * 5000], "x" * 64),
    "a unix socket": ("", [b"192.0.2.7"], "192.0.2.7"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_last_address_that_is_no_proxys_counts(name):
    """Read from the end, over all headers, as far as proxies are trusted."""
    peer, forwarded, expected = CASES[name]
    assert client_address(peer, forwarded, PROXIES) == expected


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_stranger(address, counted):
    """Whoever has one has 2⁶⁴ addresses to guess from."""
    assert neighbourhood(address) == counted


def test_without_trusted_proxies_nothing_is_believed():
    """The peer is the client."""
    assert client_address("127.0.0.1", [b"192.0.2.7"], ()) == "127.0.0.1"


def test_a_condition_looks_at_the_clients_address(start):
    """Behind a trusted proxy the token's condition is about whoever the proxy says that the client is."""
    server = start(SOSIE_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8")
    with open_account(server) as account:
        inside = make(account, "read", condition={"request_ip": {"in": ["192.0.2.0/24"]}})["value"]
        outside = make(account, "read", condition={"request_ip": {"not_in": ["192.0.2.0/24"]}})["value"]

        def ask(value, *forwarded):
            headers = [("Authorization", f"Bearer {value}"), *(("X-Forwarded-For", one) for one in forwarded)]
            return ANYBODY.get(f"{server.url}{account.path}", headers=headers)

        assert ask(inside, "192.0.2.7").status_code == 200
        assert ask(inside, "203.0.113.9, 192.0.2.7, 10.0.0.9").status_code == 200
        assert ask(outside, "203.0.113.9").status_code == 200
        for answer, address in (
            (ask(inside), "127.0.0.1"),
            (ask(inside, "192.0.2.7, 203.0.113.9"), "203.0.113.9"),
            (ask(inside, "192.0.2.7", "203.0.113.9"), "203.0.113.9"),
            (ask(outside, "203.0.113.9", "192.0.2.7:80"), "192.0.2.7"),
            (ask(outside, "unknown"), "unknown"),
        ):
            assert (answer.status_code, errors(answer)) == (403, [(9109, None)])
            assert answer.json()["errors"][0]["message"].endswith(f"location: {address}")


def test_guesses_behind_a_proxy_are_counted_by_client(start):
    """One stranger's guesses shut out no other client of the same proxy."""
    server = start(SOSIE_TRUSTED_PROXIES="127.0.0.1", SOSIE_RATE_LIMIT_REQUESTS="3")
    with client_of(server.url, headers=bearer("wrong")) as stranger:
        first = [stranger.get("/accounts", headers={"X-Forwarded-For": "192.0.2.7"}).status_code for _ in range(5)]
        second = stranger.get("/accounts", headers={"X-Forwarded-For": "192.0.2.8"}).status_code
    assert (first, second) == ([403, 403, 403, 429, 429], 403)
