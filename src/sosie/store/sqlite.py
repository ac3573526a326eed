"""SQLite: the embedded database, in WAL mode with full durability.

Theory of operation. Reads are indexed and bounded (tenths of a millisecond), so they run right on the event loop:
handing each to a thread costs three times the read itself (docs/decisions/0002). Writes wait for the disk, and for writers in
other processes, so one thread does them all: it takes every write that has queued up, runs each in a savepoint of its
own within one transaction, and commits once (group commit). A write that fails is rolled back alone. Reads that may be
long (a search for one letter) have a thread of their own.
"""

from __future__ import annotations

import asyncio
import queue
import re
import sqlite3
import threading
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from sosie.store.database import Row, T, Work
from sosie.store.errors import AlreadyThere, StoreAway, StoreError

BUSY_SECONDS = 30.0  # another process may be importing 100,000 entries in one transaction
GROUP = 64  # writes per commit: past this, more would only make the first of them wait longer
MINIMUM = (3, 35, 0)  # RETURNING; the trigram index of the search needs 3.34

_NUMBERED = re.compile(r"\$(\d+)(?:::[a-z\[\]]+)?")


def connect(path: Path) -> sqlite3.Connection:
    """A connection as sosie uses it."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-32768")  # 32 MiB: the indexes of some 100,000 entries
    return connection


@cache
def _native(sql: str) -> str:
    return _NUMBERED.sub(r"?\1", sql)


class SQLiteSession:
    """Statements on one connection; never waits for anything but the disk."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        try:
            return self._run(_native(sql), values).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        try:
            rows = self._run(_native(sql), values).fetchall()  # to the end: only then is a RETURNING statement done
        except sqlite3.Error as error:
            raise _translated(error) from error
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: Any) -> None:
        try:
            self._run(_native(sql), values)
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._run_many(_native(sql), rows)
        except sqlite3.Error as error:
            raise _translated(error) from error


class _Write(NamedTuple):
    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class SQLiteDatabase:
    """The database in one file. Open it after forking, in the process that uses it."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < MINIMUM:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed")
        self._path = path
        try:
            self._connection = connect(path)
        except sqlite3.Error as error:
            raise StoreAway(f"cannot open {path}: {error}") from error
        self.reader = SQLiteSession(self._connection)
        self._scanner = ThreadPoolExecutor(1, thread_name_prefix="sosie-scan", initializer=self._open_scanner)
        self._scanning: SQLiteSession | None = None
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_until_closed, name="sosie-write", daemon=True)
        self._writer.start()

    async def snapshot(self, work: Work[T]) -> T:
        self._connection.execute("BEGIN")
        try:
            return _driven(work(self.reader))
        finally:
            self._connection.execute("COMMIT")

    async def scan(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._scanner, lambda: _driven(work(cast(SQLiteSession, self._scanning)))
        )

    async def write(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writes.put(_Write(work, loop, future))
        return await future

    def access_stamp(self) -> int | None:
        row = self._connection.execute("PRAGMA data_version").fetchone()
        return cast(int, row[0])

    async def close(self) -> None:
        self._writes.put(None)
        await asyncio.to_thread(self._writer.join)
        self._scanner.shutdown()
        self._connection.close()

    def _open_scanner(self) -> None:
        self._scanning = SQLiteSession(connect(self._path))

    def _write_until_closed(self) -> None:
        connection = connect(self._path)
        session = SQLiteSession(connection)
        while (first := self._writes.get()) is not None:
            group = [first]
            closing = False
            while len(group) < GROUP and not self._writes.empty():
                following = self._writes.get()
                if following is None:
                    closing = True
                    break
                group.append(following)
            _settle(group, _written(connection, session, group))
            if closing:
                break
        connection.close()


def _written(connection: sqlite3.Connection, session: SQLiteSession, group: list[_Write]) -> list[Any]:
    """The outcome of every write of the group, an exception for one that failed; all are on disk, or none."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        outcomes = [_attempted(connection, session, write.work) for write in group]
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_translated(error)] * len(group)
    return outcomes


def _attempted(connection: sqlite3.Connection, session: SQLiteSession, work: Work[Any]) -> Any:
    connection.execute("SAVEPOINT one")
    try:
        outcome = _driven(work(session))
    except Exception as error:  # noqa: BLE001 - it is not swallowed: the caller who waits for this write gets it
        connection.execute("ROLLBACK TO one")
        outcome = error
    connection.execute("RELEASE one")
    return outcome


def _settle(group: list[_Write], outcomes: list[Any]) -> None:
    def tell() -> None:
        for write, outcome in zip(group, outcomes, strict=True):
            if write.future.done():
                continue  # whoever asked has gone; what was written stays written
            if isinstance(outcome, BaseException):
                write.future.set_exception(outcome)
            else:
                write.future.set_result(outcome)

    try:
        group[0].loop.call_soon_threadsafe(tell)
    except RuntimeError:
        return  # the loop has ended: nobody waits any more


def _driven(awaitable: Awaitable[T]) -> T:
    """The result of a coroutine that never waits, run here and now."""
    coroutine = cast("Coroutine[Any, Any, T]", awaitable)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast(T, stop.value)
    coroutine.close()
    raise RuntimeError("store code waited for something other than its session")


def _translated(error: sqlite3.Error) -> StoreError:
    if isinstance(error, sqlite3.IntegrityError):
        return AlreadyThere(str(error).rpartition(": ")[2])
    return StoreAway(str(error))
