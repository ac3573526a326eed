"""The audit: who did what, with what was before and what is after, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from sosie.store.database import Row, Session

ENTRY_CREATE = "entry.create"


class Deed(NamedTuple):
    """Who does something, with which request, when. `idempotency_key` is the client's own name for the request: it is
    kept of what creates one thing, where doing it twice makes two."""

    actor: str
    request_id: str
    moment_us: int
    idempotency_key: str | None = None


class Record(NamedTuple):
    """One line of the audit. `before` and `after` are JSON objects or None."""

    no: int
    revision: int
    at: str
    actor: str
    action: str
    subject: str
    before: Any
    after: Any
    request_id: str


class Change(NamedTuple):
    """What one record says was changed."""

    action: str
    subject: str
    before: Any = None
    after: Any = None


_INSERT = (
    "INSERT INTO audit (account_no, revision, at, actor, action, subject, before, after, request_id, idempotency_key) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)
_READ = (
    "SELECT no, revision, at, actor, action, subject, before, after, request_id FROM audit "
    "WHERE account_no = $1 AND no < $2 ORDER BY no DESC LIMIT $3"
)
_SERVER_READ = (
    "SELECT no, revision, at, actor, action, subject, before, after, request_id FROM audit "
    "WHERE account_no IS NULL AND no < $1 ORDER BY no DESC LIMIT $2"
)
_RECENT = (
    "SELECT subject, after FROM (SELECT actor, action, at, subject, after FROM audit "
    "WHERE account_no = $1 ORDER BY no DESC LIMIT 1000) AS latest WHERE actor = $2 AND action = $3 AND at >= $4"
)


async def record(session: Session, account_no: int | None, revision: int, at: str, deed: Deed, change: Change) -> None:
    """Add one record."""
    await session.execute(_INSERT, *_values(account_no, revision, at, deed, change))


async def record_many(
    session: Session, account_no: int, revision: int, at: str, deed: Deed, changes: Iterable[Change]
) -> None:
    """Add a record for each of many changes of one write."""
    await session.execute_many(_INSERT, [_values(account_no, revision, at, deed, change) for change in changes])


async def read(session: Session, account_no: int | None, *, before: int = 2**62, most: int = 100) -> list[Record]:
    """The newest records, newest first: of one account, or (None) of what concerns the whole server."""
    rows = (
        await session.fetch(_SERVER_READ, before, most)
        if account_no is None
        else await session.fetch(_READ, account_no, before, most)
    )
    return [_from_row(row) for row in rows]


async def named(session: Session, account_no: int, deed: Deed) -> tuple[str, Any] | None:
    """(subject, after) of the creation that the same actor did under the same idempotency key, if there was one."""
    row = await session.fetch_one(
        "SELECT subject, after FROM audit WHERE account_no = $1 AND actor = $2 AND idempotency_key = $3",
        account_no,
        deed.actor,
        deed.idempotency_key,
    )
    return None if row is None else (row[0], _from_json(row[1]))


async def recent(session: Session, account_no: int, actor: str, action: str, since: str) -> list[tuple[str, Any]]:
    """(subject, after) of what the actor did since then, as far as it is among the account's last 1,000 records."""
    rows = await session.fetch(_RECENT, account_no, actor, action, since)
    return [(row[0], _from_json(row[1])) for row in rows]


def _from_row(row: Row) -> Record:
    no, revision, at, actor, action, subject, before, after, request_id = row
    return Record(no, revision, at, actor, action, subject, _from_json(before), _from_json(after), request_id)


def _values(account_no: int | None, revision: int, at: str, deed: Deed, change: Change) -> tuple[Any, ...]:
    return (
        account_no,
        revision,
        at,
        deed.actor,
        change.action,
        change.subject,
        _to_json(change.before),
        _to_json(change.after),
        deed.request_id,
        deed.idempotency_key if change.action.endswith(".create") else None,
    )


def _to_json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _from_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
