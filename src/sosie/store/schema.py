"""Bring a database to the schema of this code: migrate, or refuse with a reason.

Steps run in order, each in one transaction, under a lock, so that several processes may start at once. The table
`schema_steps` says which have run, and for each the oldest code that can still use the outcome. Code of one version
back therefore starts on, and goes on with, a database that the next version has migrated.
"""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from sosie.store.errors import SchemaTooNew, StoreAway
from sosie.store.sqlite import BUSY_SECONDS, connect

LOCK = 0x5051E  # the advisory lock of PostgreSQL under which one process migrates


class Step(NamedTuple):
    """`oldest_code` is the number of the oldest step whose code works on the database after this one."""

    number: int
    name: str
    oldest_code: int

    def sql(self, dialect: str) -> str:
        """The statements."""
        file = resources.files("sosie.store.migrations") / f"{self.number:04}_{self.name}.{dialect}.sql"
        return file.read_text(encoding="utf-8")


STEPS = (
    Step(1, "registry", 1),
    Step(2, "search", 1),
    Step(3, "exemptions", 1),
    Step(4, "history", 1),
    Step(5, "path", 1),
)

_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_steps "
    "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, oldest_code INTEGER NOT NULL)"
)


def migrate_sqlite(path: Path, steps: tuple[Step, ...] = STEPS, patience: float = BUSY_SECONDS) -> list[Step]:
    """Run the steps that are missing; the steps that ran. Raises SchemaTooNew, StoreAway."""
    try:
        connection = connect(path, patience)
    except sqlite3.Error as error:
        raise StoreAway(f"cannot open {path}: {error}") from error
    ran = []
    try:
        if not _missing(_done_sqlite(connection), steps):
            return []  # without waiting for whoever writes just now
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        for step in _missing(_done_sqlite(connection), steps):
            _run_script(connection, step.sql("sqlite"))
            connection.execute("INSERT INTO schema_steps VALUES (?, ?, ?)", step)
            ran.append(step)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreAway(f"cannot migrate {path}: {error}") from error
    finally:
        connection.close()
    return ran


async def migrate_postgresql(url: str, steps: tuple[Step, ...] = STEPS) -> list[Step]:
    """The same for PostgreSQL."""
    import asyncpg  # noqa: PLC0415 - a third of the start-up time of a command on SQLite

    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreAway(f"cannot reach PostgreSQL: {str(error) or 'it does not answer'}") from error
    ran = []
    try:
        if not _missing(await _done_postgresql(connection), steps):
            return []  # without a lock, and as somebody who may use the tables and make none
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await connection.execute(_TABLE)
            for step in _missing(await _done_postgresql(connection), steps):
                await connection.execute(step.sql("postgresql"))
                await connection.execute("INSERT INTO schema_steps VALUES ($1, $2, $3)", *step)
                ran.append(step)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreAway(f"cannot migrate: {error}") from error
    finally:
        connection.terminate()
    return ran


def _missing(done: dict[int, int], steps: tuple[Step, ...]) -> list[Step]:
    """The steps to run, where `done` maps those that ran to their oldest code. Raises SchemaTooNew."""
    mine = steps[-1].number
    needed = max(done.values(), default=0)
    if needed > mine:
        raise SchemaTooNew(
            f"this database is at step {max(done)}, which needs the code of step {needed} or later; "
            f"this is the code of step {mine}: run a newer sosie"
        )
    return [step for step in steps if step.number not in done]


def _done_sqlite(connection: sqlite3.Connection) -> dict[int, int]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_steps'").fetchall():
        return {}
    return dict(connection.execute("SELECT number, oldest_code FROM schema_steps").fetchall())


async def _done_postgresql(connection: Any) -> dict[int, int]:
    if await connection.fetchval("SELECT to_regclass('schema_steps')") is None:
        return {}
    return {row[0]: row[1] for row in await connection.fetch("SELECT number, oldest_code FROM schema_steps")}


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """`executescript` would commit what came before; this runs a script within the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
