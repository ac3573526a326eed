"""SQLite: writes that have queued up are committed together, and each fails for itself alone."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from sosie.registry.errors import EntryNotFound
from sosie.store import accounts, entries, sqlite
from sosie.store.errors import AlreadyThere, StoreAway
from sosie.store.open import SQLITE_FILE, open_database
from support.registry import deed, new_account, person
from support.wire import eventually

KEY = b"k" * 32


class Odd(BaseException):
    """Not even an Exception."""


@pytest.fixture
def run():
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def database(run, tmp_path):
    one = run(open_database("", tmp_path, KEY))
    yield one
    run(one.close())


@pytest.fixture
def account(run, database):
    return run(new_account(database))


@pytest.fixture
def other(tmp_path, database):
    """Another process' connection."""
    connection = sqlite3.connect(tmp_path / SQLITE_FILE, isolation_level=None)
    yield connection
    connection.close()


def _create(database, account, name="n"):
    return database.write(lambda session: entries.create(session, account, person(name), deed()))


def test_a_failing_write_fails_alone(run, database, account, other):
    """Those that were queued with it are on disk, it has left nothing, and each caller hears of its own."""

    async def fails_after_writing(session):
        await entries.create(session, account, person("bad"), deed())
        raise ZeroDivisionError

    async def exits(_):
        raise Odd

    async def twice(session):
        await session.execute("INSERT INTO settings (name, value) VALUES ('secret_key_mark', 'x')")

    async def mistaken(session):
        await session.execute("INSERT INTO no_such_table VALUES (1)")

    async def waits(_):
        await asyncio.sleep(0)

    bad = {
        fails_after_writing: ZeroDivisionError,
        exits: Odd,
        twice: AlreadyThere,
        mistaken: sqlite3.OperationalError,
        waits: RuntimeError,
        (lambda session: entries.delete(session, account, "none", deed())): EntryNotFound,
    }

    async def all_at_once():
        other.execute("BEGIN IMMEDIATE")  # so that they queue up
        works = []
        for place, work in enumerate(bad):
            works += [_create(database, account, f"good {place}"), database.write(work)]
        tasks = [asyncio.ensure_future(work) for work in works]
        await asyncio.sleep(0)
        assert not any(task.done() for task in tasks)
        other.execute("COMMIT")
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = run(all_at_once())
    assert [type(outcome) for outcome in outcomes[1::2]] == list(bad.values())
    kept = run(entries.read_all(database.reader, account))
    assert kept == outcomes[::2]
    assert run(accounts.counts(database.reader, account)).by_source == (len(bad), 0, 0, 0)


def test_writes_that_wait_together_are_one_commit(run, database, account, other):
    """A hundred of them wait for the disk twice, not a hundred times."""
    committed = []

    async def at_once():
        other.execute("BEGIN IMMEDIATE")
        tasks = [asyncio.ensure_future(_create(database, account, f"n{number}")) for number in range(100)]
        await asyncio.sleep(0)
        other.execute("COMMIT")
        for task in tasks:
            await task
            committed.append(other.execute("SELECT count(*) FROM entries").fetchone()[0])

    run(at_once())
    assert len(set(committed)) <= 4
    assert committed[-1] == 100


def test_a_write_that_nobody_waits_for_any_more_is_not_begun(run, database, account, other):
    """Its caller has gone before its turn came."""

    async def cancelled():
        other.execute("BEGIN IMMEDIATE")
        first = asyncio.ensure_future(_create(database, account, "first"))
        await asyncio.sleep(0)
        await eventually(database._writes.empty)  # it is being written
        gone = asyncio.ensure_future(_create(database, account, "gone"))
        last = asyncio.ensure_future(_create(database, account, "last"))
        await asyncio.sleep(0)
        gone.cancel()
        other.execute("COMMIT")
        await asyncio.gather(first, last)

    run(cancelled())
    assert [one.name for one in run(entries.read_all(database.reader, account))] == ["first", "last"]


def test_a_full_disk_fails_the_write_and_not_the_database(run, tmp_path, monkeypatch):
    """What was acknowledged is there, reads go on, and there is room again after a deletion."""
    known = sqlite.connect
    monkeypatch.setattr(sqlite, "connect", lambda path, patience: _bounded(known(path, patience)))
    database = run(open_database("", tmp_path, KEY))
    account = run(new_account(database))
    made = []

    async def until_full():
        while True:
            many = [_create(database, account, f"n{len(made)}-{number}" + "x" * 900) for number in range(8)]
            outcomes = await asyncio.gather(*many, return_exceptions=True)
            made.extend(one for one in outcomes if not isinstance(one, Exception))
            if failed := [one for one in outcomes if isinstance(one, Exception)]:
                return failed

    failed = run(until_full())
    assert {type(one) for one in failed} == {StoreAway}
    assert "full" in str(failed[0])
    assert run(entries.read_all(database.reader, account)) == made
    assert run(accounts.counts(database.reader, account)).total == len(made)
    run(database.write(lambda session: session.execute("DELETE FROM audit")))
    made.append(run(_create(database, account)))
    assert run(entries.read_all(database.reader, account)) == made
    run(database.close())


def _bounded(connection):
    connection.execute("PRAGMA max_page_count=300")
    return connection


def test_a_write_after_the_close_is_refused(run, tmp_path):
    """It would wait for ever for a thread that has ended."""
    database = run(open_database("", tmp_path, KEY))
    run(database.close())
    run(database.close())
    with pytest.raises(StoreAway):
        run(database.write(accounts.read_all))


def test_what_was_queued_before_the_close_is_written(run, tmp_path):
    """A close waits for it."""
    database = run(open_database("", tmp_path, KEY))
    account = run(new_account(database))

    async def close_behind():
        tasks = [asyncio.ensure_future(_create(database, account, f"n{number}")) for number in range(200)]
        await asyncio.sleep(0)
        await database.close()
        return await asyncio.gather(*tasks)

    made = run(close_behind())
    again = run(open_database("", tmp_path, KEY))
    assert run(entries.read_all(again.reader, account)) == made
    run(again.close())


def test_a_snapshot_that_fails_leaves_the_reader_fresh(run, database, account):
    """A connection that stayed in its transaction would read that old state for ever."""

    async def fails(session):
        await accounts.counts(session, account)
        raise ZeroDivisionError

    for read in (database.snapshot, database.scan):
        with pytest.raises(ZeroDivisionError):
            run(read(fails))
        with pytest.raises(sqlite3.OperationalError):
            run(read(lambda session: session.fetch("SELECT no_such_column FROM accounts")))
        before = run(accounts.counts(database.reader, account)).total
        run(_create(database, account))
        assert run(accounts.counts(database.reader, account)).total == before + 1
        assert run(read(lambda session: accounts.counts(session, account))).total == before + 1


def test_a_snapshot_sees_one_state(run, database, account):
    """And a scan, while others write."""

    async def twice(session):
        first = await accounts.counts(session, account)
        done = threading.Event()
        threading.Thread(target=lambda: (asyncio.run(_elsewhere(database, account)), done.set())).start()
        assert done.wait(10)
        return first, await accounts.counts(session, account)

    for read in (database.snapshot, database.scan):
        first, second = run(read(twice))
        assert first == second
        assert run(accounts.counts(database.reader, account)).total == first.total + 1


async def _elsewhere(database, account):
    again = await open_database("", database._path.parent, KEY)
    await _create(again, account)
    await again.close()


@pytest.mark.parametrize("through", ["reader", "snapshot", "scan"])
def test_nothing_is_written_through_a_reader(run, database, account, through):
    """A write that went past the writer would neither be queued nor committed."""

    async def write(session):
        await session.execute("UPDATE accounts SET name = 'x'")

    with pytest.raises(StoreAway, match="readonly"):
        run(write(database.reader) if through == "reader" else getattr(database, through)(write))


def test_reads_go_on_while_another_process_writes(run, database, account, other):
    """An import in another process holds up writes, for so long as it takes, and no reads."""

    async def read_while_locked():
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE accounts SET name = 'imported'")
        writing = asyncio.ensure_future(_create(database, account))
        began = time.monotonic()
        for _ in range(100):
            assert (await accounts.counts(database.reader, account)).total == 0
        assert not writing.done()
        other.execute("COMMIT")
        await writing
        return time.monotonic() - began

    assert run(read_while_locked()) < sqlite.BUSY_SECONDS / 2
    assert run(accounts.counts(database.reader, account)).total == 1


CONNECT_AT_ONCE = """
import os, sys, time
from pathlib import Path
from sosie.store.sqlite import connect
for attempt in range(25):
    path, moment, children = Path(sys.argv[1], f"{attempt}.sqlite"), time.time() + 0.02, []
    for _ in range(8):
        if not (child := os.fork()):
            time.sleep(max(0, moment - time.time()))
            connect(path).execute("SELECT count(*) FROM sqlite_master").fetchall()
            os._exit(0)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
"""


def test_many_processes_may_make_the_same_new_file_at_once(tmp_path):
    """SQLite answers at once that it is busy, where its log is made the first time: that is waited for."""
    subprocess.run([sys.executable, "-c", CONNECT_AT_ONCE, str(tmp_path)], check=True, timeout=60)


def test_two_processes_write_in_turn(run, database, account, tmp_path):
    """Neither waits while the other commits again and again; SQLite by itself lets one of them wait for seconds."""

    async def write(one, enough, done):
        while not enough.is_set():
            await _create(one, account)
            done.append(one)

    async def both():
        rival = await open_database("", tmp_path, KEY)
        enough, done = asyncio.Event(), []
        writing = [asyncio.ensure_future(write(one, enough, done)) for one in (database, rival) for _ in range(4)]
        await eventually(lambda: len(done) > 600)
        enough.set()
        await asyncio.gather(*writing)
        await rival.close()
        return done.count(database), done.count(rival)

    assert min(run(both())) > 150


def test_who_dies_in_the_turnstile_leaves_it_open(run, database, account, tmp_path):
    """The kernel lets go of the lock: the next write does not wait."""
    script = "import sys, time; from pathlib import Path; from sosie.store.turnstile import Turnstile\n"
    script += "one = Turnstile(Path(sys.argv[1])); assert one._enter(); print('in', flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / SQLITE_FILE)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "in\n"

    async def write():
        waiting = asyncio.ensure_future(_create(database, account))
        await asyncio.sleep(0)
        await eventually(database._writes.empty)
        assert not waiting.done()
        process.kill()
        await waiting

    run(write())
    process.wait()
    process.stdout.close()


def test_a_close_does_not_wait_for_another_process(run, database, account, other):
    """Writes that nobody waits for any more are given up, however many groups of them there are."""

    async def close():
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            given_up = asyncio.ensure_future(_create(database, account))
            await asyncio.sleep(0)
            await eventually(lambda: database._writes.qsize() <= 1)
            given_up.cancel()
        began = time.monotonic()
        await database.close()
        return time.monotonic() - began

    assert run(close()) < sqlite.CLOSE_SECONDS + 1


def test_a_file_that_was_removed_takes_no_writes(run, database, account, tmp_path):
    """SQLite would go on writing to a file that has no name any more, and nobody would know. Put back, it is used."""
    path, aside = tmp_path / SQLITE_FILE, tmp_path / "aside"
    run(_create(database, account))
    path.rename(aside)
    with pytest.raises(StoreAway, match="was removed or replaced"):
        run(_create(database, account))
    path.write_bytes(b"another")
    with pytest.raises(StoreAway, match="was removed or replaced"):
        run(_create(database, account))
    aside.replace(path)
    run(_create(database, account))
    assert run(accounts.counts(database.reader, account)).total == 2


def test_nobody_waits_for_the_opening_of_a_file_that_another_has_for_itself(run, tmp_path):
    """As while SQLite mends its log: it is given up after a while, and the loop goes on meanwhile."""
    run(run_and_close(tmp_path))
    other = sqlite3.connect(tmp_path / SQLITE_FILE, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")

    async def open_it():
        began, longest = time.monotonic(), 0.0
        opening = asyncio.ensure_future(open_database("", tmp_path, KEY, patience=0.5))
        while not opening.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        with pytest.raises(StoreAway, match="locked"):
            await opening
        return time.monotonic() - began, longest

    seconds, longest = run(open_it())
    other.close()
    assert 0.4 < seconds < 3
    assert longest < 0.3


async def run_and_close(folder):
    await (await open_database("", folder, KEY)).close()


def test_whatever_goes_wrong_the_writer_goes_on(run, database, account, monkeypatch):
    """The system may be out of locks or memory; a thread that ended would leave all later writes waiting."""

    faults = [OSError(37, "No locks available"), MemoryError()]

    def begin(*_):
        raise faults.pop()

    while faults:
        with monkeypatch.context() as patch:
            patch.setattr(database._turnstile, "begin", begin)
            with pytest.raises(StoreAway, match=r"No locks|MemoryError"):
                run(_create(database, account))
    run(_create(database, account))
