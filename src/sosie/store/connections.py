"""Connections to PostgreSQL, kept open between statements.

asyncpg's own pool runs a task and sets a timer each time a connection comes back, which costs more than most statements
do here. This one is a list: the connection that came back last is taken first, so no more are kept busy than are
needed, and one that has lain idle for long, which a firewall may have forgotten, is closed instead of used.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg

from sosie.store.errors import StoreAway

CONNECTIONS = 8  # per process: more than two cores of PostgreSQL can serve at once
CONNECT_SECONDS = 5.0
LOOK_SECONDS = 1.0  # how often statements that stand by themselves are looked at
STATEMENT_SECONDS = 30.0  # bounds what a stuck server can hold up; a bulk import raises it for itself
IDLE_SECONDS = 300.0  # as asyncpg's pool; firewalls forget after 5 to 60 minutes


class Places:
    """So many at once, as `async with`, in the order in which they came. Who finds none free waits for so many seconds;
    then StoreAway is raised. (A semaphore with a timeout does the same, at the cost of a statement.)"""

    def __init__(self, count: int, seconds: float) -> None:
        self._free = count
        self._seconds = seconds
        self._waiting: deque[_Turn] = deque()
        self._looking: asyncio.TimerHandle | None = None  # one timer, for whoever has waited longest

    async def __aenter__(self) -> None:
        if not self.enter_at_once():
            await self.wait()

    async def __aexit__(self, *_: object) -> None:
        self.leave()

    def enter_at_once(self) -> bool:
        """Take a free place, if there is one: then nobody waits for it."""
        if self._free:
            self._free -= 1
            return True
        return False

    async def wait(self) -> None:
        """Wait for the place of somebody who leaves. Raises StoreAway."""
        loop = asyncio.get_running_loop()
        comes: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(_Turn(comes, loop.time() + self._seconds))
        if self._looking is None:
            self._looking = loop.call_later(self._seconds, self._look)
        try:
            if not await comes:
                raise StoreAway("too many others wait for the database")
        except asyncio.CancelledError:
            if not comes.cancelled() and comes.result():
                self.leave()  # its turn had come, and nobody is there to take it
            raise

    def leave(self) -> None:
        """Give the place to whoever has waited longest."""
        while self._waiting:
            comes = self._waiting.popleft().comes
            if not comes.done():
                comes.set_result(True)
                return
        self._free += 1

    def _look(self) -> None:
        """Send away those who have waited too long."""
        loop = asyncio.get_running_loop()
        while self._waiting and (self._waiting[0].comes.done() or self._waiting[0].until <= loop.time()):
            comes = self._waiting.popleft().comes
            if not comes.done():
                comes.set_result(False)
        self._looking = loop.call_at(self._waiting[0].until, self._look) if self._waiting else None


class _Turn(NamedTuple):
    comes: asyncio.Future[bool]
    until: float


class Connections:
    """The connections of one process to one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._places = Places(CONNECTIONS, CONNECT_SECONDS)
        self._idle: list[tuple[Any, float]] = []  # and since when
        self._busy: dict[Any, float] = {}  # and since when: with one statement that has no timer of its own
        self._looking: asyncio.TimerHandle | None = None
        self._closed = False

    def one(self) -> _Lent:
        """A connection, as `async with`. Raises what asyncpg.connect raises, and StoreAway where all are in use."""
        return _Lent(self)

    async def close(self) -> None:
        """Close those that are idle, and the others when they come back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(
            *(connection.close(timeout=CONNECT_SECONDS) for connection, _ in idle), return_exceptions=True
        )

    async def fetch(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        """The rows of one statement that stands by itself. Raises what asyncpg raises.

        asyncpg would set a timer for each, which costs a tenth of the smallest of them. Here one looks at all.
        """
        connection = await self.take()
        try:
            self._busy[connection] = time.monotonic()
            if self._looking is None:
                self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
            rows: Sequence[Any] = await connection.fetch(sql, *values)
        except BaseException:
            await come_to_rest(connection)
            raise
        finally:
            del self._busy[connection]
            self.put_back(connection)
        return rows

    def _look(self) -> None:
        """End the connections whose statement has been under way for too long."""
        overdue = time.monotonic() - STATEMENT_SECONDS
        for connection in [one for one, since in self._busy.items() if since < overdue]:
            connection.terminate()
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look) if self._busy else None

    async def take(self) -> Any:
        """The idle connection that came back last, or a new one."""
        if not self._places.enter_at_once():
            await self._places.wait()
        try:
            oldest = time.monotonic() - IDLE_SECONDS
            while self._idle:
                connection, since = self._idle.pop()
                if since > oldest and not connection.is_closed():
                    return connection
                connection.terminate()
            return await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                server_settings={"application_name": "sosie"},
            )
        except BaseException:
            self._places.leave()
            raise

    def put_back(self, connection: Any) -> None:
        """Keep the connection, unless it is of no use any more."""
        if self._closed or connection.is_closed():
            connection.terminate()
        else:
            self._idle.append((connection, time.monotonic()))
        self._places.leave()


class _Lent:
    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __aenter__(self) -> Any:
        self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None:
                await come_to_rest(self._connection)
        finally:
            self._connections.put_back(self._connection)


async def come_to_rest(connection: Any) -> None:
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
