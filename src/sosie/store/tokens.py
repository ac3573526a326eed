"""API tokens: kept by their digest, listed without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from sosie.access.policies import Policy
from sosie.access.tokens import Condition, Token
from sosie.store.database import Row, Session

_SELECT = (
    "SELECT t.id, a.id, t.name, t.status, t.policies, t.condition, t.not_before, t.expires_on, t.issued_on, "
    "t.modified_on, t.last_used_on FROM tokens AS t LEFT JOIN accounts AS a ON a.no = t.account_no"
)


async def create(session: Session, account_no: int | None, token: Token, digest: str) -> None:
    """Add a token; account None makes it one of the whole server."""
    await session.execute(
        "INSERT INTO tokens (id, account_no, digest, name, status, policies, condition, not_before, expires_on, "
        "issued_on, modified_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        token.id,
        account_no,
        digest,
        token.name,
        token.status,
        *_stored(token),
        token.issued_on,
        token.modified_on,
    )


async def update(session: Session, token: Token) -> None:
    """Replace everything of the token but its value."""
    await session.execute(
        "UPDATE tokens SET name = $2, status = $3, policies = $4, condition = $5, not_before = $6, expires_on = $7, "
        "modified_on = $8 WHERE id = $1",
        token.id,
        token.name,
        token.status,
        *_stored(token),
        token.modified_on,
    )


async def roll(session: Session, token_id: str, digest: str, modified_on: str) -> None:
    """Give the token another value."""
    await session.execute(
        "UPDATE tokens SET digest = $2, modified_on = $3 WHERE id = $1", token_id, digest, modified_on
    )


async def delete(session: Session, token_id: str) -> None:
    """Remove the token; from now on it opens nothing."""
    await session.execute("DELETE FROM tokens WHERE id = $1", token_id)


async def by_digest(session: Session, digest: str) -> Token | None:
    """The token with this digest, or None."""
    row = await session.fetch_one(f"{_SELECT} WHERE t.digest = $1", digest)
    return None if row is None else _from_row(row)


async def get(session: Session, account_no: int | None, token_id: str) -> Token | None:
    """The token of this account (None: of the server), or None."""
    if account_no is None:
        row = await session.fetch_one(f"{_SELECT} WHERE t.account_no IS NULL AND t.id = $1", token_id)
    else:
        row = await session.fetch_one(f"{_SELECT} WHERE t.account_no = $1 AND t.id = $2", account_no, token_id)
    return None if row is None else _from_row(row)


async def read_all(session: Session, account_no: int | None) -> list[Token]:
    """The tokens of the account (None: of the server), oldest first."""
    if account_no is None:
        rows = await session.fetch(f"{_SELECT} WHERE t.account_no IS NULL ORDER BY t.no")
    else:
        rows = await session.fetch(f"{_SELECT} WHERE t.account_no = $1 ORDER BY t.no", account_no)
    return [_from_row(row) for row in rows]


async def note_use(session: Session, used: Mapping[str, str]) -> None:
    """Write down when tokens (by id) were last used; a later time is never replaced by an earlier one."""
    for token_id, moment in sorted(used.items()):
        await session.execute(
            "UPDATE tokens SET last_used_on = $2 WHERE id = $1 AND (last_used_on IS NULL OR last_used_on < $2)",
            token_id,
            moment,
        )


def _stored(token: Token) -> tuple[str, str | None, str | None, str | None]:
    condition = None if token.condition is None else orjson.dumps(token.condition._asdict()).decode()
    policies = [policy._asdict() for policy in token.policies]
    return orjson.dumps(policies).decode(), condition, token.not_before, token.expires_on


def _from_row(row: Row) -> Token:
    identifier, account_id, name, status, policies, condition, *times = row
    return Token(
        identifier,
        account_id or "",
        name,
        status,
        tuple(_policy(document) for document in orjson.loads(policies)),
        None if condition is None else _condition(orjson.loads(condition)),
        *times,
    )


def _policy(document: dict[str, Any]) -> Policy:
    return Policy(document["id"], document["effect"], tuple(document["groups"]), document["resources"])


def _condition(document: dict[str, Any]) -> Condition:
    return Condition(tuple(document["within"]), tuple(document["not_within"]))
