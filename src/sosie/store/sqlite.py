"""SQLite: the embedded database, in WAL mode with full durability.

Theory of operation. Reads are indexed and bounded (tenths of a millisecond), so they run right on the event loop:
handing each to a thread costs three times the read itself (docs/decisions/0002). Writes wait for the disk, and for
writers in other processes, so one thread does them all: it takes every write that has queued up, runs each in a
savepoint of its own within one transaction, and commits once (group commit). A write that fails is rolled back alone.
Reads that may be long (a search for one letter) have a thread of their own.
"""

from __future__ import annotations

import _sqlite3
import asyncio
import ctypes
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from sosie.store.database import Row, T, Work
from sosie.store.errors import AlreadyThere, StoreAway, StoreError
from sosie.store.sqlite_file import SQLiteFile
from sosie.store.turnstile import Turnstile

BUSY_SECONDS = 30.0  # another process may be importing 100,000 entries in one transaction
CLOSE_SECONDS = 1.0  # a process that ends does not wait until another is done: nothing that was acknowledged waits
READ_BUSY_SECONDS = 2.0  # a read waits only while another process recovers the log of one that was killed
GROUP = 64  # writes per commit: past this, more would only make the first of them wait longer
MANY = 500  # rows per statement of an import; after every statement the search index writes out what it has, some 20 µs
MINIMUM = (3, 35, 0)  # RETURNING; the trigram index of the search needs 3.34

_CONFIG_MULTITHREAD = 2  # SQLITE_CONFIG_MULTITHREAD in sqlite3.h
_NUMBERED = re.compile(r"\$(\d+)(?:::[a-z\[\]]+)?")
_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID)
_MISTAKES = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE,
             sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG)  # fmt: skip


def use_without_mutexes() -> None:
    """SQLite in its multi-thread mode (sqlite.org/threadsafe.html), which Python cannot ask for in another way.

    No connection here is used by two threads at once, and the mutexes against that, taken some thirty times for each
    row, are a sixth of what a long page costs. To be called before there is any connection in the process; where it is
    not possible, SQLite is slower and nothing else.
    """
    with suppress(AttributeError, OSError):  # a Python that was built with SQLite inside
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_shutdown()
        library.sqlite3_config(_CONFIG_MULTITHREAD)
        library.sqlite3_initialize()


def connect(path: Path, patience: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection as sosie uses it, which waits so many seconds for others."""
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        _use_log(connection, patience)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32768")  # 32 MiB: the indexes of some 100,000 entries
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_reader(path: Path, patience: float = BUSY_SECONDS) -> sqlite3.Connection:
    connection = connect(path, patience)
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA busy_timeout={READ_BUSY_SECONDS * 1000:.0f}")
    return connection


def _use_log(connection: sqlite3.Connection, patience: float) -> None:
    """WAL mode. SQLite does not wait by itself where two processes make the same new file of it at once."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@cache
def _native(sql: str) -> str:
    return _NUMBERED.sub(r"?\1", sql)


@cache
def _of_many_rows(sql: str) -> str:
    """An INSERT of the values $1, $2, … as one statement for MANY rows of them; empty for any other statement."""
    head, values, row = sql.partition(" VALUES (")
    places = row.removesuffix(")").split(", ")
    if not values or places != [f"${number}" for number in range(1, len(places) + 1)]:
        return ""
    one = f"({', '.join('?' * len(places))})"
    return f"{head} VALUES {', '.join([one] * MANY)}"


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
            raise _translated(error) from None

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        try:
            rows = self._run(_native(sql), values).fetchall()  # to the end: only then is a RETURNING statement done
        except sqlite3.Error as error:
            raise _translated(error) from None
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: Any) -> None:
        try:
            self._run(_native(sql), values)
        except sqlite3.Error as error:
            raise _translated(error) from None

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        left = list(rows)
        together = _of_many_rows(sql)
        try:
            while together and len(left) >= MANY:
                self._run(together, [value for row in left[:MANY] for value in row])
                left = left[MANY:]
            self._run_many(_native(sql), left)
        except sqlite3.Error as error:
            raise _translated(error) from None


class _Write(NamedTuple):
    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class SQLiteDatabase:
    """The database in one file. Open it after forking, in the process that uses it."""

    dialect = "sqlite"

    def __init__(self, path: Path, patience: float = BUSY_SECONDS) -> None:
        if sqlite3.sqlite_version_info < MINIMUM:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed")
        self._path = path
        try:
            self._connection = _connect_reader(path, patience)
            writing = connect(path, patience)
            writing.execute("PRAGMA busy_timeout=0")  # the turnstile waits
            self._turnstile = Turnstile(path)
            writer = _Writer(writing, self._turnstile, SQLiteFile.at(path))
        except (OSError, sqlite3.Error) as error:
            raise StoreAway(f"cannot open {path}: {error}") from error
        self.reader = SQLiteSession(self._connection)
        self._scanner = ThreadPoolExecutor(1, thread_name_prefix="sosie-scan")
        self._scanning: sqlite3.Connection | None = None
        self._stamp: int | None = None
        self._closed = False
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(
            target=_write_until_closed, args=(writer, self._writes), name="sosie-write", daemon=True
        )
        self._writer.start()

    async def snapshot(self, work: Work[T]) -> T:
        return _in_one_state(self._connection, work)

    async def scan(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._scanner, self._scanned, work)

    async def write(self, work: Work[T]) -> T:
        if self._closed:
            raise StoreAway("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writes.put(_Write(work, loop, future))
        return await future

    def access_stamp(self) -> int | None:
        if self._stamp is None:  # asked once for all requests that have come in together
            try:
                (self._stamp,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                return None
            asyncio.get_running_loop().call_soon(self._forget_stamp)
        return self._stamp

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._writes.put(None)
        self._turnstile.wait_no_longer_than(CLOSE_SECONDS)
        if self._scanning is not None:
            self._scanning.interrupt()  # nobody waits for it any more
        await asyncio.to_thread(self._scanner.shutdown, cancel_futures=True)
        await asyncio.to_thread(self._writer.join)
        if self._scanning is not None:
            self._scanning.close()
        self._connection.close()

    def _forget_stamp(self) -> None:
        self._stamp = None

    def _scanned(self, work: Work[T]) -> T:
        if self._scanning is None:
            try:
                self._scanning = _connect_reader(self._path)
            except sqlite3.Error as error:
                raise _translated(error) from None
        return _in_one_state(self._scanning, work)


def _in_one_state(connection: sqlite3.Connection, work: Work[T]) -> T:
    """What `work` reads in one transaction, which is left again whatever happens: a connection that stayed in it
    would read that old state for ever."""
    try:
        connection.execute("BEGIN")
        return _driven(work(SQLiteSession(connection)))
    except sqlite3.Error as error:
        raise _translated(error) from None
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class _Writer(NamedTuple):
    connection: sqlite3.Connection
    turnstile: Turnstile
    file: SQLiteFile


def _write_until_closed(writer: _Writer, writes: queue.SimpleQueue[_Write | None]) -> None:
    """The writer's thread. Nothing that a write raises ends it: those that wait would wait for ever."""
    closing = False
    while not closing:
        group: list[_Write] = []
        while len(group) < GROUP and not (group and writes.empty()):
            write = writes.get()
            if write is None:
                closing = True
                break
            if not write.future.cancelled():  # whoever asked has gone, and it has not begun
                group.append(write)
        if group:
            _settle(group, _written(writer, group))
    writer.turnstile.close()
    writer.connection.close()


def _written(writer: _Writer, group: list[_Write]) -> list[Any]:
    """The outcome of every write of the group, an exception for one that failed; all are on disk, or none."""
    connection = writer.connection
    try:
        writer.file.expect_there()
        writer.turnstile.begin(connection, BUSY_SECONDS)
        outcomes = [_attempted(connection, write.work) for write in group]
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - not only SQLite's: memory may be short, a lock may fail
        with suppress(sqlite3.Error):  # then SQLite has rolled back itself
            connection.execute("ROLLBACK")
        return [StoreAway(str(error) or type(error).__name__) for _ in group]
    return outcomes


def _attempted(connection: sqlite3.Connection, work: Work[Any]) -> Any:
    """What the work returned, or raised, having done nothing. Raises sqlite3.Error where the whole group is lost."""
    connection.execute("SAVEPOINT one")
    try:
        outcome = _driven(work(SQLiteSession(connection)))
    except BaseException as error:  # noqa: BLE001 - it is not swallowed: the caller who waits for this write gets it
        outcome = error
        if not connection.in_transaction:  # a full or failing disk: SQLite has rolled back everything
            raise sqlite3.OperationalError(str(error)) from None
        connection.execute("ROLLBACK TO one")
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


def _translated(error: sqlite3.Error) -> Exception:
    """A StoreError, or the error itself where it is a mistake of ours, to be shown as one."""
    code = getattr(error, "sqlite_errorcode", None)  # there is none where the connection is closed
    if code in _UNIQUE:
        return AlreadyThere(str(error).rpartition(": ")[2])
    if code is not None and code & 0xFF in _MISTAKES:
        return error
    return StoreAway(str(error))
