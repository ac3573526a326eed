"""Accounts: the row that every write of an account passes through."""

from __future__ import annotations

from typing import Any, NamedTuple

from sosie.registry.provenance import PROVENANCES
from sosie.store.database import Session
from sosie.store.errors import NoSuchAccount


class Account(NamedTuple):
    """`no` is the account's number in this database; `id` is 32 hex digits."""

    no: int
    id: str
    name: str
    created_on: str


class Turn(NamedTuple):
    """What a write was handed: the account's new revision, and the last entry number and moment that it may use."""

    revision: int
    last_entry: int
    last_moment: int


class Counts(NamedTuple):
    """The entries of an account, by the place of their provenance in PROVENANCES, at a revision."""

    revision: int
    by_source: tuple[int, ...]

    @property
    def total(self) -> int:
        """All entries of the account."""
        return sum(self.by_source)


_ACCOUNT = "SELECT no, id, name, created_on FROM accounts"
_SUMS = ", ".join(f"count_{source} = count_{source} + ${source + 4}" for source in range(len(PROVENANCES)))
_TAKE_TURN = (
    "UPDATE accounts SET revision = revision + 1, last_entry = last_entry + $2, last_moment = "
    f"CASE WHEN last_moment < $3 THEN $3 ELSE last_moment + 1 END + $2, {_SUMS} "
    "WHERE no = $1 RETURNING revision, last_entry, last_moment"
)
_COUNTS = (
    f"SELECT revision, {', '.join(f'count_{source}' for source in range(len(PROVENANCES)))} FROM accounts WHERE no = $1"
)


async def create(session: Session, account_id: str, name: str, created_on: str) -> Account:
    """Add an account. Raises AlreadyThere."""
    row = await session.fetch_one(
        "INSERT INTO accounts (id, name, created_on) VALUES ($1, $2, $3) RETURNING no, id, name, created_on",
        account_id,
        name,
        created_on,
    )
    assert row is not None  # noqa: S101 - RETURNING of an INSERT that did not fail
    return Account(*row)


async def look_up(session: Session, account_id: str) -> Account:
    """The account. Raises NoSuchAccount."""
    row = await session.fetch_one(f"{_ACCOUNT} WHERE id = $1", account_id)
    if row is None:
        raise NoSuchAccount(account_id)
    return Account(*row)


async def read_all(session: Session) -> list[Account]:
    """Every account, oldest first."""
    return [Account(*row) for row in await session.fetch(f"{_ACCOUNT} ORDER BY no")]


async def revisions(session: Session, first: int, last: int) -> list[tuple[int, int]]:
    """The number and revision of each account from `first` to `last`."""
    rows = await session.fetch("SELECT no, revision FROM accounts WHERE no BETWEEN $1 AND $2", first, last)
    return [(row[0], row[1]) for row in rows]


async def take_turn(
    session: Session, account_no: int, moment_us: int, *, entries: int = 0, counts: dict[int, int] | None = None
) -> Turn:
    """Bump the revision, reserve `entries` numbers and moments, add to the counts by source. Locks the account."""
    changes: list[Any] = [(counts or {}).get(source, 0) for source in range(len(PROVENANCES))]
    row = await session.fetch_one(_TAKE_TURN, account_no, entries, moment_us, *changes)
    if row is None:
        raise NoSuchAccount(str(account_no))
    return Turn(*row)


async def lock(session: Session, account_no: int) -> None:
    """Wait for the account's other writes, so as to read what they did. On SQLite they have been waited for."""
    if session.dialect == "postgresql":
        await session.fetch_one("SELECT no FROM accounts WHERE no = $1 FOR NO KEY UPDATE", account_no)


async def add_to_count(session: Session, account_no: int, source: int, change: int) -> None:
    """An entry of this source came (+1) or went (-1), in a write that has taken its turn."""
    await session.execute(f"UPDATE accounts SET count_{source} = count_{source} + $2 WHERE no = $1", account_no, change)


async def counts(session: Session, account_no: int) -> Counts:
    """How many entries the account has. One row, never a scan."""
    row = await session.fetch_one(_COUNTS, account_no)
    if row is None:
        raise NoSuchAccount(str(account_no))
    return Counts(row[0], tuple(row)[1:])
