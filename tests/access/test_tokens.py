"""Tokens: what they look like, how they are kept, and when one is valid."""

from __future__ import annotations

import re

import pytest

from sosie.access.errors import ForbiddenAddress, UnknownCredentials
from sosie.access.tokens import (
    ACTIVE,
    DISABLED,
    EXPIRED,
    Condition,
    Token,
    admit,
    digest,
    new_api_key,
    new_token,
)

NOW = "2026-07-01T12:00:00Z"
BEFORE, AFTER = "2026-07-01T11:59:59Z", "2026-07-01T12:00:01Z"
KEY = b"k" * 32


def _token(**changes):
    token = Token("t", "a", "n", ACTIVE, (), None, None, None, "i", "m", None)
    return token._replace(**changes)


def test_a_new_token_is_what_terraform_takes():
    """40 to 80 characters of `[0-9A-Za-z_-]`, with our mark; a key 37 to 60; no two alike."""
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"sosie_[0-9A-Za-z_-]{34,74}", token) for token in tokens)
    keys = {new_api_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"[0-9A-Za-z_-]{37,60}", key) for key in keys)


def test_what_is_kept_tells_nothing():
    """64 hex digits that depend on the secret, on what it is for, and on the server's key."""
    kept = digest(KEY, "token", "secret")
    assert re.fullmatch("[0-9a-f]{64}", kept)
    assert kept == digest(KEY, "token", "secret")
    others = {digest(KEY, "token", "secret2"), digest(KEY, "key", "secret"), digest(b"l" * 32, "token", "secret")}
    assert len({kept, *others}) == 4


def test_a_token_never_has_the_digest_of_a_key():
    """Nor a key that of another address: what they are for is told apart from what they are."""
    assert digest(KEY, "key a@example.com", "b") != digest(KEY, "key a@example.co", "mb")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, ACTIVE),
        ({"expires_on": AFTER}, ACTIVE),
        ({"expires_on": NOW}, EXPIRED),
        ({"expires_on": BEFORE}, EXPIRED),
        ({"status": DISABLED}, DISABLED),
        ({"status": DISABLED, "expires_on": BEFORE}, DISABLED),
    ],
)
def test_the_status_of_a_token(changes, status):
    """It expires at its last second; a disabled one stays disabled."""
    assert _token(**changes).status_at(NOW) == status


@pytest.mark.parametrize(
    ("changes", "admitted"),
    [
        ({}, True),
        ({"not_before": NOW}, True),
        ({"not_before": BEFORE, "expires_on": AFTER}, True),
        ({"not_before": AFTER}, False),
        ({"expires_on": NOW}, False),
        ({"status": DISABLED}, False),
    ],
)
def test_a_token_is_admitted_from_its_first_second_to_its_last(changes, admitted):
    """Before and after, it is as unknown as any other text."""
    if admitted:
        admit(_token(**changes), NOW, "192.0.2.1")
        return
    with pytest.raises(UnknownCredentials):
        admit(_token(**changes), NOW, "192.0.2.1")


@pytest.mark.parametrize(
    ("within", "not_within", "address", "admitted"),
    [
        ((), (), "192.0.2.1", True),
        (("192.0.2.0/24",), (), "192.0.2.255", True),
        (("192.0.2.0/24",), (), "192.0.3.0", False),
        (("192.0.2.1",), (), "192.0.2.1", True),
        (("192.0.2.7/24",), (), "192.0.2.1", True),
        (("198.51.100.0/24", "192.0.2.0/24"), (), "192.0.2.1", True),
        ((), ("192.0.2.0/24",), "192.0.2.1", False),
        ((), ("192.0.2.0/24",), "192.0.3.1", True),
        (("192.0.2.0/24",), ("192.0.2.1/32",), "192.0.2.1", False),
        (("192.0.2.0/24",), ("192.0.2.1/32",), "192.0.2.2", True),
        (("2001:db8::/32",), (), "2001:db8::1", True),
        (("2001:db8::/32",), (), "192.0.2.1", False),
        (("192.0.2.0/24",), (), "::ffff:192.0.2.1", True),
        ((), ("192.0.2.0/24",), "::ffff:192.0.2.1", False),
        (("0.0.0.0/0", "::/0"), (), "", False),
        ((), ("0.0.0.0/0",), "", False),
        (("192.0.2.0/24",), (), "unknown", False),
    ],
)
def test_a_condition_names_networks(within, not_within, address, admitted):
    """From which a token may be used, and from which it may not; IPv4 is IPv4 in IPv6's clothes too. From no address
    that can be read, a token with a condition is not used at all."""
    token = _token(condition=Condition(within, not_within))
    if admitted:
        admit(token, NOW, address)
        return
    with pytest.raises(ForbiddenAddress) as error:
        admit(token, NOW, address)
    assert error.value.address == address


def test_a_token_that_is_not_valid_says_nothing_of_addresses():
    """Who has an expired token learns nothing of where it may be used."""
    with pytest.raises(UnknownCredentials):
        admit(_token(status=DISABLED, condition=Condition(("192.0.2.0/24",))), NOW, "203.0.113.1")
