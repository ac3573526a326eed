"""Connections to PostgreSQL, kept open between statements.

asyncpg's own pool runs a task and sets a timer each time a connection comes back, which costs more than most statements
do here. This one is a list: the connection that came back last is taken first, so no more are kept busy than are
needed, and one that has lain idle for long, which a firewall may have forgotten, is closed instead of used.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import asyncpg

from sosie.store.errors import StoreAway

CONNECTIONS = 8  # per process: more than two cores of PostgreSQL can serve at once
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0  # bounds what a stuck server can hold up; a bulk import raises it for itself
IDLE_SECONDS = 300.0  # as asyncpg's pool; firewalls forget after 5 to 60 minutes


class Places:
    """So many at once, as `async with`. Who finds none free waits for so many seconds; then StoreAway is raised."""

    def __init__(self, count: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._seconds = seconds

    async def __aenter__(self) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once, and without the timer
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise StoreAway("too many others wait for the database") from None

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


class _Idle(NamedTuple):
    connection: Any
    since: float


class Connections:
    """The connections of one process to one database."""

    def __init__(self, url: str) -> None:
        self.places = Places(CONNECTIONS, CONNECT_SECONDS)
        self._url = url
        self._idle: list[_Idle] = []
        self._closed = False

    def one(self) -> _Lent:
        """A connection, as `async with`. Raises what asyncpg.connect raises, and StoreAway where all are in use."""
        return _Lent(self)

    async def close(self) -> None:
        """Close those that are idle, and the others when they come back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().connection.close(timeout=CONNECT_SECONDS)

    async def take(self) -> Any:
        """The idle connection that came back last, or a new one."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection, since = self._idle.pop()
            if since > oldest and not connection.is_closed():
                return connection
            connection.terminate()
        return await asyncpg.connect(
            self._url,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            server_settings={"application_name": "sosie"},
        )

    def put_back(self, connection: Any) -> None:
        """Keep the connection, unless it is of no use any more."""
        if self._closed or connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(_Idle(connection, asyncio.get_running_loop().time()))


class _Lent:
    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __aenter__(self) -> Any:
        places = self._connections.places
        await places.__aenter__()
        try:
            self._connection = await self._connections.take()
        except BaseException:
            await places.__aexit__()
            raise
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None:
                await _come_to_rest(self._connection)
        finally:
            self._connections.put_back(self._connection)
            await self._connections.places.__aexit__()


async def _come_to_rest(connection: Any) -> None:
    """After an error. A statement that was cancelled, or took too long, may still be under way: even a BEGIN, of which
    the connection does not know yet. ROLLBACK waits for it; a connection on which that fails is of no use any more."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connection.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - whatever it is, the error that led here is the one to tell
        connection.terminate()
    except BaseException:
        connection.terminate()
        raise
