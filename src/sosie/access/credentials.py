"""Credentials as they are presented, and what a caller is once they are known.

Headers (Cloudflare API, "Security"): `Authorization: Bearer TOKEN`, or `X-Auth-Email` with `X-Auth-Key`. Both halves of
the pair win over a token, as the official SDKs send them; X-Auth-Email alone is no credential.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sosie.access.errors import MalformedCredentials, MissingCredentials
from sosie.access.policies import named_accounts, permits
from sosie.access.tokens import Token

# What is presented is never checked for length, only for what a header may hold (RFC 6750, 2.1 and a little more).
_BEARER = re.compile(rb"bearer +([!-~]+) *", re.IGNORECASE)
_VISIBLE = re.compile(rb"[!-~]+")


@dataclass(frozen=True, slots=True)
class Presented:
    """`email` is empty for a token."""

    secret: str
    email: str = ""


@dataclass(slots=True)
class Caller:
    """Who asks. `token` for an API token; `user_id` and `memberships` (account ids) for an e-mail with its key."""

    actor: str
    token: Token | None = None
    user_id: str = ""
    email: str = ""
    memberships: frozenset[str] = frozenset()
    _decided: dict[tuple[str, frozenset[str]], bool] = field(default_factory=dict)

    def may(self, account_id: str, any_of: frozenset[str]) -> bool:
        """Whether the caller has one of the permission groups on the account; a member has all of them."""
        if self.token is None:
            return account_id in self.memberships
        known = self._decided.get((account_id, any_of))
        if known is None:
            known = self.token.account_id in ("", account_id) and permits(self.token.policies, account_id, any_of)
            if len(self._decided) < 100:
                self._decided[account_id, any_of] = known
        return known

    def sees(self, account_id: str) -> bool:
        """Whether the caller can do anything at all in the account."""
        named, every = self.accounts()
        return every or account_id in named

    def accounts(self) -> tuple[frozenset[str], bool]:
        """The ids of the accounts that the caller can see, and whether it can see all of them."""
        if self.token is None:
            return self.memberships, False
        named, every = named_accounts(self.token.policies)
        if self.token.account_id:
            mine = self.token.account_id
            return frozenset((mine,)) if every or mine in named else frozenset(), False
        return named, every


def read_credentials(authorization: bytes | None, email: bytes | None, key: bytes | None) -> Presented:
    """The credentials of a request's headers. Raises MissingCredentials or MalformedCredentials."""
    if email is not None and key is not None:
        if not _VISIBLE.fullmatch(key):
            raise MalformedCredentials("X-Auth-Key")
        if not _VISIBLE.fullmatch(email) or b"@" not in email:
            raise MalformedCredentials("X-Auth-Email")
        return Presented(key.decode(), email.decode().casefold())
    if authorization is not None:
        match = _BEARER.fullmatch(authorization)
        if match is None:
            raise MalformedCredentials("Authorization")
        return Presented(match[1].decode())
    raise MissingCredentials(*(("only email",) if email is not None else ()))
