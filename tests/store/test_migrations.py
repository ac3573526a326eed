"""Processes of two versions share a database while one migrates it: none loses anything, and none starts in vain."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from sosie.store import entries
from sosie.store.errors import SchemaTooNew
from sosie.store.open import SQLITE_FILE, open_database
from sosie.store.pages import Listing, Pages
from sosie.store.postgresql import PostgreSQLDatabase
from sosie.store.schema import STEPS, Step, migrate_postgresql, migrate_sqlite
from sosie.store.search import search
from sosie.store.sqlite import SQLiteDatabase
from support.registry import ORDERS, Model, deed, new_account, person

BEFORE = STEPS[:1]
STARTERS = 6
FAILING = "CREATE TABLE half (x TEXT);\nSELECT no_such_function();\n"
START = """
import asyncio, sys, time
from pathlib import Path
from sosie.store.open import open_database, read_secret_key
folder, url, moment = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
async def start():
    database = await open_database(url, folder, read_secret_key("", folder / "secret.key"))
    rows = await database.reader.fetch("SELECT number FROM schema_steps ORDER BY number")
    print([row[0] for row in rows])
    await database.close()
time.sleep(max(0, moment - time.time()))
asyncio.run(start())
"""


def _migrate(run, storage, steps):
    if storage.url:
        return run(migrate_postgresql(storage.url, steps))
    return migrate_sqlite(storage.data_dir / SQLITE_FILE, steps)


def _open(run, storage):
    """The database as it stands."""
    if storage.url:
        return run(PostgreSQLDatabase.connect(storage.url))
    return SQLiteDatabase(storage.data_dir / SQLITE_FILE)


@pytest.fixture
def run():
    with asyncio.Runner() as runner:
        yield runner.run


def _fill(run, database, account, name, count=50):
    many = [person(f"{name} {number}", f"{name}{number}@example.com") for number in range(count)]
    return run(database.write(lambda session: entries.create_many(session, account, many, deed())))


def _assert_holds(run, database, account, model):
    """Lists and search give what was written, whoever wrote it."""
    book = Pages(database)
    for order in ORDERS:
        page = run(book.read(Listing(account, order), descending=False, offset=0, most=1000))
        assert page.entries == model.listed(order, None)
    for word in ("before", "after 7", "old", "edited", "example.com"):
        found = run(search(database, Listing(account, "name"), word, descending=False, offset=0, most=1000))
        assert found.entries == model.listed("name", None, word=word), word


def test_a_filled_database_is_migrated_and_the_code_before_goes_on(storage, run):
    """What was written before the step, and what code of the version before writes after it, is listed and found."""
    assert _migrate(run, storage, BEFORE) == list(BEFORE)
    old = _open(run, storage)
    account = run(new_account(old))
    model = Model()
    model.add(_fill(run, old, account, "before"))

    assert _migrate(run, storage, STEPS) == list(STEPS[1:])
    new = _open(run, storage)
    _assert_holds(run, new, account, model)

    # The process of the version before has gone on all the time; and one more of it starts.
    assert _migrate(run, storage, BEFORE) == []
    for database, name in ((old, "old"), (new, "after"), (old, "older")):
        model.add(_fill(run, database, account, name))
        gone = model.entries[3].id
        run(database.write(lambda session, gone=gone: entries.delete(session, account, gone, deed())))
        model.remove(gone)
        edited = model.entries[5].id
        model.replace(
            run(
                database.write(
                    lambda session, edited=edited, name=name: entries.edit(
                        session, account, edited, lambda one: one.fields._replace(name=f"edited {name}"), deed()
                    )
                )
            )
        )
        for reader in (old, new):
            _assert_holds(run, reader, account, model)
    run(old.close())
    run(new.close())


@pytest.mark.parametrize("oldest_code", [1, len(STEPS)])
def test_a_later_step_that_this_code_can_live_with_is_no_obstacle(storage, run, oldest_code, monkeypatch):
    """A process restarts on a database that the next version has migrated."""
    later = Step(len(STEPS) + 1, "later", oldest_code)
    monkeypatch.setattr(Step, "sql", _sql_with(later, Step.sql))
    _migrate(run, storage, (*STEPS, later))
    database = run(open_database(storage.url, storage.data_dir, storage.secret_key))
    assert run(database.reader.fetch_one("SELECT max(number) FROM schema_steps"))[0] == later.number
    run(database.close())


def test_a_later_step_that_this_code_cannot_live_with_is_refused(storage, run, monkeypatch):
    """In words that say what to do, and touching nothing."""
    later = Step(len(STEPS) + 1, "later", len(STEPS) + 1)
    monkeypatch.setattr(Step, "sql", _sql_with(later, Step.sql))
    _migrate(run, storage, (*STEPS, later))
    with pytest.raises(SchemaTooNew, match=f"at step {later.number}.*code of step {later.number} .*newer sosie"):
        run(open_database(storage.url, storage.data_dir, storage.secret_key))


def test_a_step_that_fails_leaves_the_step_before(storage, run, monkeypatch):
    """A step is run whole or not at all, the steps of one start together."""
    later = Step(len(STEPS) + 1, "later", 1)
    monkeypatch.setattr(Step, "sql", _sql_with(later, Step.sql, FAILING))
    _migrate(run, storage, BEFORE)
    with pytest.raises(Exception, match="no_such_function"):
        _migrate(run, storage, (*STEPS, later))
    assert _migrate(run, storage, STEPS) == list(STEPS[1:])
    database = _open(run, storage)
    tables = "sqlite_master WHERE name" if not storage.url else "pg_tables WHERE tablename"
    assert run(database.reader.fetch(f"SELECT 1 FROM {tables} = 'half'")) == []
    run(database.close())


def _sql_with(step, known, statements="CREATE TABLE later (x TEXT);\n"):
    return lambda self, dialect: statements if self == step else known(self, dialect)


def test_several_processes_start_at_once_on_an_empty_database(storage):
    """Each step runs once, one secret key is made, and all of them open the database."""
    moment = time.time() + 0.5  # by then all of them have imported what they need
    command = [sys.executable, "-c", START, str(storage.data_dir), storage.url, str(moment)]
    starting = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(STARTERS)]
    for process in starting:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
        assert output.decode().strip() == str([step.number for step in STEPS])
    left = {file.name for file in storage.data_dir.iterdir()} - {SQLITE_FILE, "secret.key"}
    assert not [name for name in left if name.startswith("secret.key")], "half-made keys are left"
