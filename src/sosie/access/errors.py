"""Why somebody is not let in, by meaning. The doors turn meaning into statuses and codes.

AccessError
 +- MissingCredentials      neither a token nor an e-mail with a key
 +- MalformedCredentials    a header that cannot be read
 +- UnknownCredentials      no such token, or one that is disabled, expired or not yet valid; no such e-mail and key
 +- Forbidden               a valid credential without the permission, or for another account: never said which
 +- ForbiddenAddress        a valid token, used from an address that its condition excludes
 +- RateLimited             too many requests
"""

from __future__ import annotations


class AccessError(Exception):
    """The trunk of this small tree."""


class MissingCredentials(AccessError):
    """No credentials at all, or only half of the e-mail and key pair."""


class MalformedCredentials(AccessError):
    """`header` is the name of the header that cannot be read."""

    def __init__(self, header: str) -> None:
        super().__init__(header)
        self.header = header


class UnknownCredentials(AccessError):
    """`scheme` is "token" or "key"."""

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


class Forbidden(AccessError):
    """Not permitted; "not yours" and "not there" are the same answer."""


class ForbiddenAddress(AccessError):
    """`address` is the client's, as the token's condition saw it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class RateLimited(AccessError):
    """`limit` requests per `window` seconds were used up; `retry_after` seconds remain."""

    def __init__(self, limit: int, window: int, retry_after: int) -> None:
        super().__init__(f"{limit} per {window} s")
        self.limit = limit
        self.window = window
        self.retry_after = retry_after
