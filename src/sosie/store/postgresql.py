"""PostgreSQL 15 and later: for many processes, on as many machines as wanted.

Statements travel in the binary protocol and are prepared once per connection. A notification on the channel
`sosie_access` hints that a credential changed; while the connection that listens is away, nothing is taken for known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from sosie.store.connections import CONNECT_SECONDS, STATEMENT_SECONDS, Connections, Places
from sosie.store.database import Row, T, Work
from sosie.store.errors import AlreadyThere, StoreAway, StoreError

WRITERS = 4  # connections at most: writes wait for each other on their account's row, reads must not wait with them
SCANNERS = 2  # connections at most: the same for long reads
LISTEN_RETRY_SECONDS = 1.0
LISTEN_PROOF_SECONDS = 5.0  # how long a line that has died silently is taken for alive
CHANNEL = "sosie_access"

# By class of SQLSTATE: 08, 53, 57, 58 and 40 (which asks to try again); 25006, 55P03; and, where a password or a
# database has just been changed, 28 and 3D. InternalClientError is what the driver says where the server's last word
# (it shuts down) has come, and the end of the connection has not.
_AWAY = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError,
         asyncpg.PostgresConnectionError,
         asyncpg.InsufficientResourcesError, asyncpg.OperatorInterventionError, asyncpg.PostgresSystemError,
         asyncpg.TransactionRollbackError, asyncpg.ReadOnlySQLTransactionError, asyncpg.LockNotAvailableError,
         asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError,
         asyncpg.InvalidCachedStatementError)  # fmt: skip
_EXPECTED = (asyncpg.UniqueViolationError, *_AWAY)  # what is none of these is a mistake of ours, and is shown as one


class PostgreSQLSession:
    """Statements on one connection, within its transaction."""

    dialect = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._connection.fetch(sql, *values, timeout=STATEMENT_SECONDS)
        except _EXPECTED as error:
            raise _translated(error) from None
        return rows

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        try:
            row: Row | None = await self._connection.fetchrow(sql, *values, timeout=STATEMENT_SECONDS)
        except _EXPECTED as error:
            raise _translated(error) from None
        return row

    async def execute(self, sql: str, *values: Any) -> None:
        try:
            await self._connection.execute(sql, *values, timeout=STATEMENT_SECONDS)
        except _EXPECTED as error:
            raise _translated(error) from None

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            await self._connection.executemany(sql, rows, timeout=3600)
        except _EXPECTED as error:
            raise _translated(error) from None


class _EachByItself(PostgreSQLSession):
    """Statements that read, each by itself, on whichever connection is idle."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._connections.fetch(sql, values)
        except _EXPECTED as error:
            raise _translated(error) from None
        return rows

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None


class PostgreSQLDatabase:
    """Connections, and one more that listens. Made by `PostgreSQLDatabase.connect`."""

    dialect = "postgresql"

    def __init__(self, url: str, connections: Connections) -> None:
        self._url = url
        self._connections = connections
        self.reader: PostgreSQLSession = _EachByItself(connections)
        self._writers = Places(WRITERS, STATEMENT_SECONDS)
        self._scanners = Places(SCANNERS, STATEMENT_SECONDS)
        self._stamp: int | None = None
        self._heard = 0
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, url: str) -> PostgreSQLDatabase:
        """Open a connection. Raises StoreAway."""
        connections = Connections(url)
        try:
            async with connections.one():
                pass
        except (ValueError, asyncpg.PostgresError, *_AWAY) as error:
            raise StoreAway(f"cannot reach PostgreSQL: {str(error) or 'it does not answer'}") from error
        return cls(url, connections)

    async def snapshot(self, work: Work[T]) -> T:
        return await self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work)

    async def scan(self, work: Work[T]) -> T:
        async with self._scanners:
            return await self.snapshot(work)

    async def write(self, work: Work[T]) -> T:
        async with self._writers:
            return await self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", work)

    def access_stamp(self) -> int | None:
        return self._stamp

    async def close(self) -> None:
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        with suppress(*_AWAY):
            await self._connections.close()

    async def _transaction(self, begin: str, work: Work[T]) -> T:
        try:
            async with self._connections.one() as connection:
                await connection.execute(begin, timeout=STATEMENT_SECONDS)
                outcome = await work(PostgreSQLSession(connection))  # an error rolls back, in `connections`
                await connection.execute("COMMIT", timeout=STATEMENT_SECONDS)
        except _EXPECTED as error:
            raise _translated(error) from None
        return outcome

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=CONNECT_SECONDS, server_settings={"application_name": "sosie listens"}
                )
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._hear)
                self._hear()
                while not await _set_within(lost, LISTEN_PROOF_SECONDS):
                    await connection.execute("SELECT 1", timeout=CONNECT_SECONDS)
            except Exception:  # noqa: BLE001 - whatever it is: nothing is taken for known, and the next try may go better
                self._stamp = None
                await asyncio.sleep(LISTEN_RETRY_SECONDS)
            finally:
                self._stamp = None
                if connection is not None:
                    connection.terminate()

    def _hear(self, *_: object) -> None:
        self._heard += 1
        self._stamp = self._heard


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _translated(error: BaseException) -> StoreError:
    if isinstance(error, asyncpg.UniqueViolationError):
        return AlreadyThere(getattr(error, "constraint_name", None) or "it")
    return StoreAway(str(error) or ("it does not answer" if isinstance(error, TimeoutError) else type(error).__name__))
