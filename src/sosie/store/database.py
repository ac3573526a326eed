"""What the nouns need of a database; `sqlite` and `postgresql` are the two that give it.

The SQL of the nouns is written once, with `$1` placeholders, in the language that both databases speak. Their code is
asynchronous; on SQLite nothing in it ever waits, so it runs as it stands in the writer's thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Row = Sequence[Any]


class Session(Protocol):
    """Statements, within a transaction or each by itself. Raises StoreAway, AlreadyThere."""

    dialect: str

    async def fetch(self, sql: str, *values: Any) -> Sequence[Row]:
        """All rows."""

    async def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first row, if there is one."""

    async def execute(self, sql: str, *values: Any) -> None:
        """A statement without rows."""

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement with many sets of values."""


Work = Callable[[Session], Awaitable[T]]


class Database(Protocol):
    """One database."""

    dialect: str

    @property
    def reader(self) -> Session:
        """Single statements, each seeing what is committed."""

    async def snapshot(self, work: Work[T]) -> T:
        """Run several reads that see one state of the database."""

    async def scan(self, work: Work[T]) -> T:
        """The same for reads that may take long, where they delay nobody else."""

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction; when this returns, it is on disk."""

    def access_stamp(self) -> int | None:
        """A number that changes when a credential may have changed; None when that cannot be known now."""

    async def close(self) -> None:
        """Finish what was begun and let go."""
