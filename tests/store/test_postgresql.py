"""PostgreSQL: those who wait never use up the connections, hints are not trusted too long, no write is half done."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from sosie.access.permissions import EMAIL_READ
from sosie.store import accounts, connections, entries, postgresql
from sosie.store.errors import StoreAway
from sosie.store.issue import Grant, issue_token
from sosie.store.open import open_database
from support.registry import deed, new_account, person
from support.wire import eventually

KEY = b"k" * 32


@pytest.fixture
def run():
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def url(postgresql):
    return postgresql.create_database()


@pytest.fixture
def database(run, url, tmp_path):
    one = run(open_database(url, tmp_path, KEY))
    yield one
    run(one.close())


@pytest.fixture
def account(run, database):
    return run(new_account(database))


def _create(database, account, name="n"):
    return database.write(lambda session: entries.create(session, account, person(name), deed()))


@asynccontextmanager
async def _locked(url, account):
    """Another process' transaction that holds the account."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("UPDATE accounts SET name = 'imported' WHERE no = $1", account)
            yield
    finally:
        await connection.close()


def test_writes_that_wait_do_not_hold_up_reads(run, database, url, account):
    """However many wait for an account that another process is importing into."""

    async def read_meanwhile():
        async with _locked(url, account):
            waiting = [asyncio.ensure_future(_create(database, account)) for _ in range(3 * connections.CONNECTIONS)]
            async with asyncio.timeout(connections.CONNECT_SECONDS):
                for _ in range(50):
                    await accounts.counts(database.reader, account)
                    await database.snapshot(lambda session: accounts.counts(session, account))
            assert not any(one.done() for one in waiting)
        return await asyncio.gather(*waiting)

    assert len(run(read_meanwhile())) == 3 * connections.CONNECTIONS


def test_long_reads_do_not_hold_up_others(run, database, account):
    """However many of them there are."""

    async def both():
        long = [
            asyncio.ensure_future(database.scan(lambda session: session.fetch("SELECT pg_sleep(0.3)")))
            for _ in range(connections.CONNECTIONS)
        ]
        await asyncio.sleep(0)
        for _ in range(20):
            await accounts.counts(database.reader, account)
            await _create(database, account)
        assert not any(one.done() for one in long[postgresql.SCANNERS :])
        await asyncio.gather(*long)

    run(both())


def test_waiting_has_an_end(run, url, account, monkeypatch, tmp_path):
    """For a lock and for a place: the answer is that the database is away, and everything goes on afterwards."""
    monkeypatch.setattr(postgresql, "STATEMENT_SECONDS", 0.3)
    monkeypatch.setattr(connections, "STATEMENT_SECONDS", 0.3)

    async def wait_too_long():
        database = await open_database(url, tmp_path, KEY)
        async with _locked(url, account):
            waiting = [_create(database, account, "too late") for _ in range(3 * postgresql.WRITERS)]
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(one) for one in outcomes} == {StoreAway}
        many = [_create(database, account, "in time") for _ in range(3 * connections.CONNECTIONS)]
        await asyncio.gather(*many)
        assert {one.name for one in await entries.read_all(database.reader, account)} == {"in time"}
        assert await _in_transaction(database) == 0
        await database.close()

    run(wait_too_long())


def test_a_caller_who_goes_away_leaves_no_half_write(run, database, account):
    """Cancelled at any moment: all of a write or nothing, the pool stays whole, and what was acknowledged is there."""
    chance = random.Random(3)
    done = []

    async def one(number):
        task = asyncio.ensure_future(_create(database, account, f"n{number}"))
        asyncio.get_running_loop().call_later(chance.uniform(0, 0.015), task.cancel)
        with suppress(asyncio.CancelledError):
            done.append((await task).id)

    async def many():
        for start in range(0, 400, 8):
            await asyncio.gather(*(one(start + number) for number in range(8)))
            assert await _in_transaction(database) == 0
        assert 20 < len(done) < 380
        done.extend([(await _create(database, account)).id for _ in range(3 * connections.CONNECTIONS)])

    run(many())
    kept = {entry.id for entry in run(entries.read_all(database.reader, account))}
    assert kept.issuperset(done)
    assert run(accounts.counts(database.reader, account)).total == len(kept)
    records = run(database.reader.fetch_one("SELECT count(*) FROM audit WHERE action = 'entry.create'"))[0]
    assert records == len(kept)


def test_a_transaction_that_was_never_used_is_not_left_open(run, database, account):
    """A caller who goes away while BEGIN is under way: the connection does not know yet that it is in a transaction."""

    async def one(steps):
        task = asyncio.ensure_future(_create(database, account))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def many():
        for steps in range(12):
            await one(steps)
            await asyncio.sleep(0.01)  # the answer to what was under way has come
            assert await _in_transaction(database) == 0, steps
            before = (await accounts.counts(database.reader, account)).total
            await _create(database, account)
            assert (await accounts.counts(database.reader, account)).total == before + 1

    run(many())


async def _in_transaction(database):
    """How many connections are in one, as PostgreSQL sees it."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    return (await database.reader.fetch_one(busy))[0]


def test_a_mistake_of_ours_is_not_taken_for_a_database_that_is_away(run, database, account):
    """A statement that is wrong, or a value that no column takes, is shown as it is."""
    with pytest.raises(asyncpg.UndefinedTableError):
        run(database.reader.fetch("SELECT * FROM no_such_table"))
    with pytest.raises(asyncpg.DataError, match="out of int64 range"):
        run(database.reader.fetch("SELECT no FROM accounts WHERE no = $1", 2**64))
    run(_create(database, account))


def test_a_change_of_a_credential_is_hinted_at(run, database, url, account, tmp_path):
    """Wherever it is made; the use of a token is none."""

    async def changes():
        await eventually(lambda: database.access_stamp() is not None)
        elsewhere = await open_database(url, tmp_path, KEY)
        this = await accounts.read_all(database.reader)
        before = database.access_stamp()
        grant = Grant("t", (EMAIL_READ.id,), this[0])
        await elsewhere.write(lambda session: issue_token(session, KEY, grant, deed()))
        await eventually(lambda: database.access_stamp() != before)
        before = database.access_stamp()
        await elsewhere.write(lambda session: session.execute("UPDATE tokens SET last_used_on = 'x'"))
        await _create(elsewhere, account)
        await elsewhere.write(lambda session: session.execute("DELETE FROM users WHERE id = 'none'"))
        await eventually(lambda: database.access_stamp() != before)
        assert database.access_stamp() == before + 1, "one hint, of the last of the three"
        await elsewhere.close()

    run(changes())


def test_without_the_line_that_listens_nothing_is_taken_for_known(run, database, url):
    """It ends: no stamp; it is there again: another stamp than before, for a hint may have been missed."""

    async def cut():
        before = await eventually(database.access_stamp)
        connection = await asyncpg.connect(url)
        lines = "FROM pg_stat_activity WHERE application_name = 'sosie listens' AND datname = current_database()"
        await connection.execute(f"SELECT pg_terminate_backend(pid) {lines}")
        await connection.close()
        assert await eventually(lambda: (database.access_stamp() or 0) > before)

    run(cut())


class _Line:
    """A unix socket in front of PostgreSQL's: what passes through it can be held up without anybody being told."""

    def __init__(self, folder, server_folder):
        self.open = asyncio.Event()
        self.open.set()
        self.folder = folder
        self._server = str(server_folder / ".s.PGSQL.5432")
        self._tasks = set()

    async def start(self):
        return await asyncio.start_unix_server(self._connected, str(self.folder / ".s.PGSQL.5432"))

    async def _connected(self, reader, writer):
        there, back = await asyncio.open_unix_connection(self._server)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.ensure_future(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source, target):
        with suppress(OSError):
            while octets := await source.read(65_536):
                await self.open.wait()
                target.write(octets)
                await target.drain()
        target.close()


def test_a_line_that_dies_silently_is_found_out(run, url, postgresql, tmp_path_factory, monkeypatch):
    """No packet says that it is gone: it is asked now and then, and without an answer nothing is taken for known."""
    monkeypatch.setattr("sosie.store.postgresql.LISTEN_PROOF_SECONDS", 0.1)
    monkeypatch.setattr("sosie.store.postgresql.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("sosie.store.connections.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("sosie.store.postgresql.LISTEN_RETRY_SECONDS", 0.05)
    folder = tmp_path_factory.mktemp("line")

    async def silence():
        line = _Line(folder, postgresql.folder)
        server = await line.start()
        through = url.replace(str(postgresql.folder), str(folder))
        database = await open_database(through, folder, KEY)
        before = await eventually(database.access_stamp)
        line.open.clear()
        await eventually(lambda: database.access_stamp() is None)
        line.open.set()
        assert await eventually(database.access_stamp) > before
        await database.close()
        server.close()

    run(silence())


def test_an_address_without_a_server_is_said(run, tmp_path):
    """As a database that is away, whatever is wrong with the address."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    for url in (f"postgresql://127.0.0.1:{port}/x", "postgresql://[::1/x", f"postgresql:///x?host={tmp_path}"):
        with pytest.raises(StoreAway):
            run(open_database(url, tmp_path, KEY))


def test_a_role_that_may_not_make_tables_can_serve(run, database, url, postgresql, account, tmp_path):
    """Once the database is migrated by somebody who may."""
    name = url.split("/")[3].split("?")[0]
    postgresql.psql(name, "DROP ROLE IF EXISTS clerk")
    postgresql.psql(name, "CREATE ROLE clerk LOGIN")
    postgresql.psql(name, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    postgresql.psql(name, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk")
    clerk = run(open_database(url.replace("postgres@", "clerk@"), tmp_path, KEY))
    run(_create(clerk, account))
    run(clerk.close())
    postgresql.psql(name, "DROP OWNED BY clerk")
    postgresql.psql(name, "DROP ROLE clerk")
