"""Power does not ask first: the server, and PostgreSQL, are killed again and again while clients write.

`SOSIE_TEST_KILLS=200` says how often; without it, as often as fits into half a minute for each database.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections import Counter

import pytest

from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts
from sosie.store.open import SQLITE_FILE
from support.postgresql import OPTIONS, PostgreSQL
from support.server import Server, Storage, start_server
from support.wire import Wire, eventually
from support.writers import Writer, all_expected, read_registry, registry_of

KILLS = int(os.environ.get("SOSIE_TEST_KILLS", "0"))
SECONDS = 30.0
WRITERS = 8
PAUSE = 0.08  # a kill comes at a random moment within this time of the first write that was acknowledged


@pytest.fixture
def own_postgresql():
    """A server of its own: it is killed. With SOSIE_TEST_FSYNC=1 it writes as one in production does."""
    options = OPTIONS.replace("fsync=off", "fsync=on") if os.environ.get("SOSIE_TEST_FSYNC") else OPTIONS
    server = PostgreSQL(options)
    yield server
    server.close()


def test_nothing_acknowledged_is_lost_when_sqlite_is_killed(tmp_path):
    """SIGKILL of one of two servers on it: every acknowledged write is there, every request that was repeated was done
    once, and the database opens clean."""
    servers = _two_servers(Storage(tmp_path))
    told = asyncio.run(_kill_under_writes(servers, (server_killed,)))
    print(f"\nsqlite: {told}")
    with sqlite3.connect(tmp_path / SQLITE_FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("INSERT INTO entries_search (entries_search, rank) VALUES ('integrity-check', 1)")


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed(tmp_path, own_postgresql):
    """The same, where the server, one process of PostgreSQL or all of PostgreSQL is killed in turn."""

    async def backend_killed(_: Server) -> None:
        await asyncio.to_thread(own_postgresql.crash)

    async def postgresql_killed(_: Server) -> None:
        await asyncio.to_thread(own_postgresql.stop, "immediate")
        await asyncio.to_thread(own_postgresql.start)

    url = own_postgresql.create_database()
    servers = _two_servers(Storage(tmp_path, url))
    told = asyncio.run(_kill_under_writes(servers, (server_killed, backend_killed, server_killed, postgresql_killed)))
    print(f"\npostgresql: {told}")
    name = url.split("/")[3].split("?")[0]
    if own_postgresql.psql(name, "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"):
        own_postgresql.psql(name, "CREATE EXTENSION amcheck")
        indexes = "FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = c.relam"
        own_postgresql.psql(
            name, f"SELECT bt_index_check(c.oid, true) {indexes} WHERE amname = 'btree' AND relname LIKE 'entries%'"
        )


def _two_servers(storage: Storage) -> list[Server]:
    first = start_server(storage)
    return [first, start_server(storage, tenants=(first.tenant, first.other))]


async def server_killed(server: Server) -> None:
    """SIGKILL, and a new process on the same storage."""
    server.process.kill()
    await asyncio.to_thread(server.process.wait)
    await asyncio.to_thread(server.start)


async def _kill_under_writes(servers: list[Server], kinds) -> str:
    chance = random.Random(5)
    stop = asyncio.Event()
    tenant = servers[0].tenant
    ports = [server.port for server in servers]
    writers = [
        Writer(ports[number % len(ports)], tenant.write_token, tenant.account_id, f"w{number}")
        for number in range(WRITERS)
    ]
    running = asyncio.gather(*(writer.run(stop) for writer in writers))
    began = time.monotonic()
    killed: Counter[str] = Counter()
    while killed.total() < KILLS if KILLS else time.monotonic() - began < SECONDS:
        before = _acknowledged(writers)
        await eventually(lambda before=before: running.done() or _acknowledged(writers) > before)
        await asyncio.sleep(chance.uniform(0, PAUSE))
        kind = kinds[killed.total() % len(kinds)]
        await kind(chance.choice(servers))
        killed[kind.__name__] += 1
    stop.set()
    await running
    for server in servers:
        await _compare(server, writers)
        assert server.stop(signal.SIGINT) == 0
    return (
        f"{killed.total()} kills {dict(killed)}, {_acknowledged(writers)} acknowledged writes, "
        f"{sum(writer.unanswered for writer in writers)} requests without answer, {time.monotonic() - began:.0f} s"
    )


async def _compare(server: Server, writers: list[Writer]) -> None:
    """What the API lists, the counts and the audit are what the clients were told."""
    wire = Wire(server.port, server.tenant.read_token)
    path = registry_of(server.tenant.account_id)
    expected = all_expected(writers)
    listed, total = await read_registry(wire, path)
    assert listed == expected
    assert total == len(expected)
    for provenance in PROVENANCES:
        of_it, _ = await read_registry(wire, path, provenance=provenance)
        assert of_it == {name: entry for name, entry in expected.items() if entry["provenance"] == provenance}
    wire.close()

    async def kept(database):
        account = await accounts.look_up(database.reader, server.tenant.account_id)
        sql = "SELECT idempotency_key, count(*) FROM audit WHERE idempotency_key IS NOT NULL GROUP BY idempotency_key"
        creations = {row[0]: row[1] for row in await database.reader.fetch(sql)}
        records = await database.reader.fetch_one("SELECT count(*) FROM audit WHERE account_no = $1", account.no)
        return creations, (await accounts.counts(database.reader, account.no)), records[0]

    storage = server.storage
    creations, counts, records = await asyncio.to_thread(storage.run, kept)
    assert creations == {key: 1 for writer in writers for key in writer.keys}
    assert counts.total == len(expected)
    assert counts.revision == records, "each write bumps the revision once and leaves one record"


def _acknowledged(writers: list[Writer]) -> int:
    return sum(writer.acknowledged for writer in writers)
