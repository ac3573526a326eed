"""API tokens: what they are made of, how they are kept, and when one is valid.

A token is shown once, when it is made or rolled. What is kept is HMAC-SHA256 of it under the server's secret key, so
that a copy of the database gives nobody a token and nobody a way to try guesses. Look-up is by that digest: the time
it takes says nothing about how much of a guess was right.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from typing import NamedTuple

from sosie.access.client_address import read_address
from sosie.access.errors import ForbiddenAddress, UnknownCredentials
from sosie.access.policies import Policy

TOKEN_PREFIX = "sosie_"  # noqa: S105 - a mark by which secret scanners can know our tokens, no secret
KEY_PREFIX = "sosiek_"
ACTIVE, DISABLED, EXPIRED = "active", "disabled", "expired"
MAX_NETWORKS = 100  # per list of a condition: each is looked at with every request


class Condition(NamedTuple):
    """Networks a token may (`within`) and may not (`not_within`) be used from; empty means no such rule."""

    within: tuple[str, ...] = ()
    not_within: tuple[str, ...] = ()


class Token(NamedTuple):
    """A token as it is kept. Times are RFC 3339 in UTC with whole seconds, or None."""

    id: str
    account_id: str
    name: str
    status: str
    policies: tuple[Policy, ...]
    condition: Condition | None
    not_before: str | None
    expires_on: str | None
    issued_on: str
    modified_on: str
    last_used_on: str | None

    def status_at(self, now: str) -> str:
        """active, disabled or expired at `now` (RFC 3339, UTC)."""
        if self.status == ACTIVE and self.expires_on is not None and self.expires_on <= now:
            return EXPIRED
        return self.status


def new_token() -> str:
    """A fresh token: 50 characters of `[0-9A-Za-z_-]`, 258 bits of chance (Terraform takes 40 to 80)."""
    return TOKEN_PREFIX + _random_text(44)


def new_api_key() -> str:
    """A fresh API key: 50 characters of `[0-9A-Za-z_-]` (Terraform takes 37 to 60)."""
    return KEY_PREFIX + _random_text(43)


def digest(secret_key: bytes, purpose: str, secret: str) -> str:
    """What is kept of a token or key: 64 hex digits. `purpose` keeps tokens and keys apart."""
    return hmac.digest(secret_key, f"{purpose}\0{secret}".encode(errors="surrogateescape"), "sha256").hex()


def admit(token: Token, now: str, client_address: str) -> None:
    """Raise UnknownCredentials unless the token is valid at `now`, ForbiddenAddress where its condition excludes."""
    if token.status_at(now) != ACTIVE or (token.not_before is not None and now < token.not_before):
        raise UnknownCredentials("token")
    admit_from(token, client_address)


def admit_from(token: Token, client_address: str) -> None:
    """Raise ForbiddenAddress where the token's condition excludes the address, or nobody can tell whether it does."""
    condition = token.condition
    if condition is None:
        return
    client = read_address(client_address)
    if client is None:
        raise ForbiddenAddress(client_address)
    within, not_within = (
        any(client in ipaddress.ip_network(network, strict=False) for network in networks) for networks in condition
    )
    if not_within or (condition.within and not within):
        raise ForbiddenAddress(client_address)


def _random_text(length: int) -> str:
    # The length is fixed and the characters are those that pass in URLs, headers and shells without quoting.
    return "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") for _ in range(length))
