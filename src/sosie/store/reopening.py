"""A database that need not be there yet: opened when it can be, away until then.

A process that judges mail starts without the database, on its last snapshot; one that serves the API does not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from sosie.store.database import Database, Row, Session, T, Work
from sosie.store.errors import DatabaseUnusable, StoreAway, StoreError

RETRY_SECONDS = 1.0  # between two tries to open it

Open = Callable[[], Awaitable[Database]]


class ReopeningDatabase:
    """In front of the database that `open_` opens; raises DatabaseUnusable as long as that does."""

    def __init__(self, dialect: str, open_: Open) -> None:
        self.dialect = dialect
        self.reader: Session = _Reader(dialect, self.there)
        self._open = open_
        self._database: Database | None = None
        self._opening = asyncio.Lock()
        self._next = 0.0
        self._fault: StoreError = StoreAway()

    async def there(self) -> Database:
        """The database. Raises DatabaseUnusable."""
        if self._database is None:
            async with self._opening:
                if self._database is None:
                    self._database = await self._try()
        return self._database

    async def snapshot(self, work: Work[T]) -> T:
        return await (await self.there()).snapshot(work)

    async def scan(self, work: Work[T]) -> T:
        return await (await self.there()).scan(work)

    async def write(self, work: Work[T]) -> T:
        return await (await self.there()).write(work)

    def access_stamp(self) -> int | None:
        return None if self._database is None else self._database.access_stamp()

    async def close(self) -> None:
        if self._database is not None:
            await self._database.close()

    async def _try(self) -> Database:
        if time.monotonic() < self._next:
            raise type(self._fault)(*self._fault.args)
        try:
            return await self._open()
        except DatabaseUnusable as error:
            self._fault = error.with_traceback(None)
            self._next = time.monotonic() + RETRY_SECONDS
            raise


class _Reader:
    def __init__(self, dialect: str, there: Callable[[], Awaitable[Database]]) -> None:
        self.dialect = dialect
        self._there = there

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        return await (await self._there()).reader.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        return await (await self._there()).reader.fetch_one(sql, *values)

    async def execute(self, sql: str, *values: Any) -> None:
        await (await self._there()).reader.execute(sql, *values)

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await (await self._there()).reader.execute_many(sql, rows)
