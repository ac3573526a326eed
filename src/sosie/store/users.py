"""Users: an e-mail address with an API key, members of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sosie.store.database import Row, Session


class User(NamedTuple):
    """`id` is 32 hex digits; `accounts` are the ids of the accounts that the user is a member of."""

    id: str
    email: str
    created_on: str
    accounts: tuple[str, ...]


_SELECT = (
    "SELECT u.id, u.email, u.created_on, a.id FROM users AS u "
    "LEFT JOIN memberships AS m ON m.user_no = u.no LEFT JOIN accounts AS a ON a.no = m.account_no"
)


async def create(session: Session, user: User, key_digest: str) -> None:
    """Add a user. Raises AlreadyThere."""
    await session.execute(
        "INSERT INTO users (id, email, key_digest, created_on) VALUES ($1, $2, $3, $4)",
        user.id,
        user.email,
        key_digest,
        user.created_on,
    )
    await add_memberships(session, user)


async def add_memberships(session: Session, user: User) -> None:
    """Make the user a member of all of `user.accounts`; those it has, it keeps."""
    for account_id in user.accounts:
        await session.execute(
            "INSERT INTO memberships (user_no, account_no) SELECT u.no, a.no FROM users AS u, accounts AS a "
            "WHERE u.email = $1 AND a.id = $2 ON CONFLICT DO NOTHING",
            user.email,
            account_id,
        )


async def by_key(session: Session, key_digest: str) -> User | None:
    """The user whose e-mail and key have this digest, or None."""
    return _user(await session.fetch(f"{_SELECT} WHERE u.key_digest = $1 ORDER BY a.no", key_digest))


async def by_email(session: Session, email: str) -> User | None:
    """The user, or None."""
    return _user(await session.fetch(f"{_SELECT} WHERE u.email = $1 ORDER BY a.no", email))


def _user(rows: Sequence[Row]) -> User | None:
    if not rows:
        return None
    identifier, email, created_on, _ = rows[0]
    return User(identifier, email, created_on, tuple(row[3] for row in rows if row[3] is not None))
