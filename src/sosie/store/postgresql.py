"""PostgreSQL 15 and later: for many processes, on as many machines as wanted.

Statements travel in the binary protocol and are prepared once per connection. A notification on the channel
`sosie_access` hints that a credential changed; while the connection that listens is away, nothing is taken for known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from sosie.store.database import Row, T, Work
from sosie.store.errors import AlreadyThere, StoreAway, StoreError

CONNECTIONS = 8  # per process: more than two cores of PostgreSQL can serve at once
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0  # bounds what a stuck server can hold up; a bulk import raises it for itself
LISTEN_RETRY_SECONDS = 1.0
CHANNEL = "sosie_access"

_AWAY = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError,
         asyncpg.TooManyConnectionsError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
         asyncpg.CrashShutdownError, asyncpg.DiskFullError, asyncpg.QueryCanceledError,
         asyncpg.ReadOnlySQLTransactionError)  # fmt: skip
_EXPECTED = (asyncpg.UniqueViolationError, *_AWAY)  # what is none of these is a mistake of ours, and is shown as one


class PostgreSQLSession:
    """Statements on the pool, each by itself, or on one connection within its transaction."""

    dialect = "postgresql"

    def __init__(self, source: Any) -> None:
        self._source = source

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._source.fetch(sql, *values)
        except _EXPECTED as error:
            raise _translated(error) from error
        return rows

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        try:
            row: Row | None = await self._source.fetchrow(sql, *values)
        except _EXPECTED as error:
            raise _translated(error) from error
        return row

    async def execute(self, sql: str, *values: Any) -> None:
        try:
            await self._source.execute(sql, *values)
        except _EXPECTED as error:
            raise _translated(error) from error

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            await self._source.executemany(sql, rows, timeout=3600)
        except _EXPECTED as error:
            raise _translated(error) from error


class PostgreSQLDatabase:
    """A pool of connections and one more that listens. Made by `PostgreSQLDatabase.connect`."""

    dialect = "postgresql"

    def __init__(self, url: str, pool: Any) -> None:
        self._url = url
        self._pool = pool
        self.reader = PostgreSQLSession(pool)
        self._stamp: int | None = None
        self._heard = 0
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, url: str) -> PostgreSQLDatabase:
        """Open the pool. Raises StoreAway."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=CONNECTIONS,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                reset=_leave_as_it_is,
                server_settings={"application_name": "sosie"},
            )
        except (ValueError, asyncpg.PostgresError, *_AWAY) as error:
            raise StoreAway(f"cannot reach PostgreSQL: {error}") from error
        return cls(url, pool)

    async def snapshot(self, work: Work[T]) -> T:
        async with self._transaction(isolation="repeatable_read", readonly=True) as session:
            return await work(session)

    async def scan(self, work: Work[T]) -> T:
        return await work(self.reader)

    async def write(self, work: Work[T]) -> T:
        async with self._transaction(isolation="read_committed", readonly=False) as session:
            return await work(session)

    def access_stamp(self) -> int | None:
        return self._stamp

    async def close(self) -> None:
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        try:
            await asyncio.wait_for(self._pool.close(), CONNECT_SECONDS)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _transaction(self, *, isolation: str, readonly: bool) -> AsyncIterator[PostgreSQLSession]:
        try:
            async with (
                self._pool.acquire(timeout=CONNECT_SECONDS) as connection,
                connection.transaction(isolation=isolation, readonly=readonly),
            ):
                yield PostgreSQLSession(connection)
        except _EXPECTED as error:
            raise _translated(error) from error

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._hear)
                self._hear()
                await lost.wait()
            except (asyncpg.PostgresError, *_AWAY):
                await asyncio.sleep(LISTEN_RETRY_SECONDS)
            finally:
                self._stamp = None
                if connection is not None:
                    connection.terminate()

    def _hear(self, *_: object) -> None:
        self._heard += 1
        self._stamp = self._heard


async def _leave_as_it_is(_: Any) -> None:
    """Nothing that sosie runs leaves state on a connection, so none is spent a round trip on clearing it."""


def _translated(error: BaseException) -> StoreError:
    if isinstance(error, asyncpg.UniqueViolationError):
        return AlreadyThere(getattr(error, "constraint_name", None) or "it")
    return StoreAway(str(error) or type(error).__name__)
