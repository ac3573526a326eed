"""Open the database of a configuration: secret key, migration, check of the key."""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
from pathlib import Path

from sosie.store import sqlite
from sosie.store.database import Database, Session
from sosie.store.errors import NoDatabase, StoreAway, WrongSecretKey
from sosie.store.schema import migrate_postgresql, migrate_sqlite

SQLITE_FILE = "sosie.sqlite"


def expect_database(url: str, data_dir: Path) -> None:
    """Raises NoDatabase where `open_database` would make an embedded one: a mistyped folder is no new beginning."""
    if not url and not (data_dir / SQLITE_FILE).exists():
        raise NoDatabase(f"there is no database in {data_dir} (SOSIE_DATA_DIR); `sosie account create` makes one")


def read_secret_key(text: str, file: Path, *, create: bool = True) -> bytes:
    """32 bytes: from `text` (64 hex digits) or else from `file`. Where that is not there, `create` makes it, readable
    by its owner alone.

    Raises WrongSecretKey where neither can be used.
    """
    if not text and not create and not file.exists():
        raise WrongSecretKey(
            f"there is no secret key {file} (SOSIE_DATA_DIR, SOSIE_SECRET_KEY_FILE); for a new database, "
            "`sosie account create` makes one"
        )
    if not text:
        try:
            text = _kept_key(file)
        except OSError as error:
            raise WrongSecretKey(f"cannot read or make the secret key {file}: {error.strerror}") from None
        except UnicodeDecodeError:
            text = ""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise WrongSecretKey("the secret key must be 64 hex digits")
    return key


def _kept_key(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        # Written whole under another name, then linked: of two processes that start at once, one makes it.
        fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass  # the other process was first
        finally:
            fresh.unlink()
        _sync_folder(file.parent)  # before any hash that is made with it is on disk
    return file.read_text()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def open_database(url: str, data_dir: Path, secret_key: bytes, patience: float = sqlite.BUSY_SECONDS) -> Database:
    """PostgreSQL where there is a URL, else SQLite in `data_dir`; migrated, and the key is this database's. `patience`
    is for another process that has SQLite's file for itself alone, in seconds; the loop goes on meanwhile.

    Raises StoreAway, SchemaTooNew, WrongSecretKey.
    """
    database: Database
    if url:
        from sosie.store.postgresql import PostgreSQLDatabase  # noqa: PLC0415 - asyncpg: a third of a command's start-up

        await migrate_postgresql(url)
        database = await PostgreSQLDatabase.connect(url)
    else:
        path = _sqlite_file(data_dir)
        await asyncio.to_thread(migrate_sqlite, path, patience=patience)
        database = await asyncio.to_thread(sqlite.SQLiteDatabase, path, patience)
    try:
        await _check_key(database, hmac.digest(secret_key, b"this is the key of this database", "sha256").hex())
    except BaseException:
        await database.close()
        raise
    return database


def _sqlite_file(data_dir: Path) -> Path:
    """The file of the embedded database, which its owner alone can read; SQLite gives its log the same mode."""
    path = data_dir / SQLITE_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreAway(f"cannot write to {path}: {error.strerror}") from None
    return path


async def _check_key(database: Database, mark: str) -> None:
    """The first process leaves the mark of its key; every other must have the same key."""
    known = await _known_mark(database.reader)
    if known is None:
        known = await database.write(lambda session: _leave_mark(session, mark))
    if not hmac.compare_digest(known, mark):
        raise WrongSecretKey(
            "the secret key is not the one that this database was made with: every process needs the same "
            "SOSIE_SECRET_KEY or SOSIE_SECRET_KEY_FILE"
        )


async def _known_mark(session: Session) -> str | None:
    row = await session.fetch_one("SELECT value FROM settings WHERE name = 'secret_key_mark'")
    return None if row is None else str(row[0])


async def _leave_mark(session: Session, mark: str) -> str:
    """The mark that stands there in the end: another process may have been first."""
    await session.execute(
        "INSERT INTO settings (name, value) VALUES ('secret_key_mark', $1) ON CONFLICT DO NOTHING", mark
    )
    return await _known_mark(session) or ""
