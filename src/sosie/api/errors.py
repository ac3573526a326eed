"""Meaning -> wire: the one table in which every error gets its status, code and message.

Codes and messages are those of the real service wherever one is known; the others are ours and marked so. No product
error may be 409 unless the client should repeat the request: the official SDKs repeat every 409.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sosie.access.errors import (
    Forbidden,
    ForbiddenAddress,
    MalformedCredentials,
    MissingCredentials,
    RateLimited,
    UnknownCredentials,
)
from sosie.api.envelope import Failure, Problem
from sosie.registry.errors import DirectorySynced, EntryNotFound, InvalidFields, SettingNotFound
from sosie.store.errors import AlreadyThere, StoreAway

CLOSE = (b"connection", b"close")
RETRY = (b"retry-after", b"1")


class ApiError(Exception):
    """What only the wire knows to be wrong."""


class NoRoute(ApiError):
    """No such path; `path` is what was asked for."""


class MethodNotAllowed(ApiError):
    """The path is there, the method is not. `allowed` is for the Allow header (RFC 9110, 10.2.1)."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class NotJson(ApiError):
    """The body is not JSON; the message says where."""


class BodyTooLarge(ApiError):
    """The body is longer than the route takes."""

    def __init__(self, most: int = 1 << 20) -> None:
        super().__init__(most)


class TooMuchAtOnce(ApiError):
    """So many large bodies are under way already that another has no room."""


class NotJudged(ApiError):
    """The message cannot be judged; the text says why."""


class NotHttp(ApiError):
    """What came in is no HTTP request that we know."""


class HeadTooLarge(ApiError):
    """The request line and the headers are longer than MAX_HEAD."""


class InvalidToken(ApiError):
    """The token that is to be verified is none."""


class TokenNotFound(ApiError):
    """No such token in this account."""


class RecordNotFound(ApiError):
    """No recorded message with this id in this account."""


class NotKept(ApiError):
    """What is asked for of a message is not kept; the text says what, and why."""


class NotPossible(ApiError):
    """What the real service does and this one cannot; the text says why."""


class JobNotFound(ApiError):
    """No job with this id: there are none."""


class AccountNotFound(ApiError):
    """An account that the caller may see, but that does not exist (only the server's own tokens can ask for it)."""


class Row(NamedTuple):
    """One line of the table; `documented` is the code's meaning for docs/errors.md."""

    meaning: type[Exception]
    status: int
    code: int
    message: str
    documented: str


ERRORS = (
    Row(MissingCredentials, 400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers", "no credentials"),
    Row(MalformedCredentials, 400, 6003, "Invalid request headers", "a credential header that cannot be read"),
    Row(UnknownCredentials, 403, 10000, "Authentication error", "an unknown, disabled or expired token"),
    Row(Forbidden, 403, 10000, "Authentication error", "no permission, another's account, or no such account"),
    Row(ForbiddenAddress, 403, 9109, "Cannot use the access token from location: {0.address}",
        "the token's condition excludes the client's address"),
    Row(RateLimited, 429, 10429, "More than {0.limit} requests per {0.window} seconds reached. "
        "Please wait and consider throttling your request speed", "too many requests"),
    Row(InvalidToken, 401, 1000, "Invalid API Token", "the token to verify is unknown"),
    Row(NoRoute, 404, 7003, "Could not route to {0}, perhaps your object identifier is invalid?",
        "no such path, or an identifier of the wrong form"),
    Row(MethodNotAllowed, 405, 10405, "Method not allowed for this authentication scheme", "no such method here"),
    Row(EntryNotFound, 404, 1002, "Impersonation registry entry not found", "no entry with this id (our code)"),
    Row(SettingNotFound, 404, 1007, "{0} not found",
        "no allow policy, trusted domain or protected domain with this id (our code)"),
    Row(TokenNotFound, 404, 1003, "Token not found", "no token with this id (our code)"),
    Row(RecordNotFound, 404, 1008, "Message not found", "no recorded message with this id (our code)"),
    Row(NotKept, 404, 1010, "{0}", "the body of a recorded message, where it is not kept (our code)"),
    Row(NotPossible, 400, 1011, "{0}", "what needs an integration with mailboxes (our code)"),
    Row(JobNotFound, 404, 1012, "Bulk action job not found", "there are no such jobs (our code)"),
    Row(AccountNotFound, 404, 1006, "Account not found", "no account with this id (our code)"),
    Row(InvalidFields, 400, 1001, "what the rule is, field by field",
        "a field or parameter that breaks a rule; one error for each"),
    Row(NotJson, 400, 1004, "The body is not valid JSON: {0}", "a body that is not JSON (our code)"),
    Row(DirectorySynced, 400, 1005, "Directory-synced entries can't be updated",
        "an edit of an entry that belongs to a directory (our code)"),
    Row(BodyTooLarge, 413, 1013, "The body must be at most {0} bytes long", "too long a body (our code)"),
    Row(NotJudged, 400, 1016, "The message cannot be judged: {0}", "what is to be judged is no message (our code)"),
    Row(NotHttp, 400, 1014, "This is not an HTTP/1.1 request", "what cannot be read as HTTP (our code)"),
    Row(HeadTooLarge, 431, 1015, "The request line and the headers must be at most 65536 bytes long",
        "too long a request head (our code)"),
    Row(AlreadyThere, 409, 1009, "Another request is creating the same thing; repeat this one",
        "two requests with one Idempotency-Key at the same moment (our code)"),
    Row(TooMuchAtOnce, 503, 1504, "Too many large bodies are under way; try again", "too much at once (our code)"),
    Row(StoreAway, 503, 1503, "The database cannot be reached; try again", "the database is away (our code)"),
)  # fmt: skip
INTERNAL = Row(Exception, 500, 1500, "Internal error; the log of the server tells more under this request's id",
               "a mistake in sosie (our code)")  # fmt: skip

KEY_UNKNOWN = Problem(9103, "Unknown X-Auth-Key or X-Auth-Email")
_HEADER_CODES = {"Authorization": 6111, "X-Auth-Email": 6102, "X-Auth-Key": 6103}
_BY_MEANING = {row.meaning: row for row in ERRORS}

ONLY_EMAIL_HINT = {
    "code": 9106,
    "message": "X-Auth-Email alone is no credential. If CLOUDFLARE_EMAIL is set in your environment, the official "
    "Python SDK sends it instead of your token: unset it, or set CLOUDFLARE_API_KEY as well.",
}


def to_failure(error: Exception) -> Failure:
    """The failure that an error is on the wire; anything unknown is internal."""
    row = _BY_MEANING.get(type(error), INTERNAL)
    special = _SPECIAL.get(type(error))
    if special is not None:
        return special(row, error)
    return Failure(row.status, (Problem(row.code, row.message.format(error)),))


def _malformed(row: Row, error: Any) -> Failure:
    chain = {"code": _HEADER_CODES[error.header], "message": f"Invalid format for {error.header} header"}
    return Failure(row.status, (Problem(row.code, row.message, chain=(chain,)),))


def _unknown(row: Row, error: Any) -> Failure:
    problem = KEY_UNKNOWN if error.scheme == "key" else Problem(row.code, row.message)
    return Failure(row.status, (problem,))


def _missing(row: Row, error: Any) -> Failure:
    hints = (ONLY_EMAIL_HINT,) if error.args == ("only email",) else ()
    return Failure(row.status, (Problem(row.code, row.message),), messages=hints)


def _limited(row: Row, error: Any) -> Failure:
    wait = str(error.retry_after).encode()
    policy = f'"default";q={error.limit};w={error.window}'.encode()
    headers = (
        (b"retry-after", wait),
        (b"ratelimit", b'"default";r=0;t=' + wait),
        (b"ratelimit-policy", policy),
    )
    return Failure(row.status, (Problem(row.code, row.message.format(error)),), headers=headers)


def _not_allowed(row: Row, error: Any) -> Failure:
    return Failure(row.status, (Problem(row.code, row.message),), headers=((b"allow", error.allowed.encode()),))


def _invalid(row: Row, error: Any) -> Failure:
    problems = tuple(Problem(row.code, fault.message, pointer=fault.pointer) for fault in error.faults)
    return Failure(row.status, problems)


def _no_setting(row: Row, error: Any) -> Failure:
    return Failure(row.status, (Problem(row.code, row.message.format(error), pointer=error.pointer or None),))


def _too_large(row: Row, error: Any) -> Failure:
    return Failure(row.status, (Problem(row.code, row.message.format(*error.args)),), headers=(CLOSE,))


def _away(row: Row, _: Any) -> Failure:
    return Failure(row.status, (Problem(row.code, row.message),), headers=(RETRY,))


def _too_much(row: Row, _: Any) -> Failure:
    return Failure(row.status, (Problem(row.code, row.message),), headers=(RETRY, CLOSE))


_SPECIAL: dict[type[Exception], Callable[[Row, Any], Failure]] = {
    MalformedCredentials: _malformed,
    UnknownCredentials: _unknown,
    MissingCredentials: _missing,
    RateLimited: _limited,
    MethodNotAllowed: _not_allowed,
    InvalidFields: _invalid,
    SettingNotFound: _no_setting,
    BodyTooLarge: _too_large,
    StoreAway: _away,
    TooMuchAtOnce: _too_much,
}
