"""The database stops answering under load: it is said, nothing is made up meanwhile, nobody has to restart anything."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import time

import pytest

from sosie.store.open import SQLITE_FILE
from support.postgresql import PostgreSQL
from support.server import Storage, start_server
from support.wire import Wire, eventually, status_of
from support.writers import Writer, all_expected, read_registry, registry_of

LOCKED_SECONDS = 3.0
DOCUMENT = {"name": "n", "email": "n@example.com", "is_email_regex": False}


@pytest.fixture
def own_postgresql():
    """A server of its own: it is stopped."""
    server = PostgreSQL()
    yield server
    server.close()


def _assert_away(reply) -> None:
    """The envelope that a client knows what to do with."""
    assert reply.status == 503
    assert reply.code == 1503
    assert reply.json["success"] is False
    assert int(reply.headers["retry-after"]) >= 1
    assert reply.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_stops_and_comes_back(tmp_path, own_postgresql, mode):
    """503 with Retry-After, not ready but alive; then everything as before, and what was acknowledged is there."""
    server = start_server(Storage(tmp_path, own_postgresql.create_database()))
    tenant = server.tenant
    path = registry_of(tenant.account_id)

    async def go() -> None:
        stop = asyncio.Event()
        writers = [Writer(server.port, tenant.write_token, tenant.account_id, f"w{number}") for number in range(6)]
        running = asyncio.gather(*(writer.run(stop) for writer in writers))
        wire = Wire(server.port, tenant.write_token)
        await eventually(lambda: running.done() or min(writer.acknowledged for writer in writers) > 5)
        for _ in range(2):
            await asyncio.to_thread(own_postgresql.stop, mode)
            # The credential has been admitted a moment ago; now that it may have been revoked unheard, it is not.
            for method, document in (("GET", None), ("POST", DOCUMENT)):
                began = time.monotonic()
                _assert_away(await wire.ask(method, path, document))
                assert time.monotonic() - began < 10
            assert await status_of(server.admin_port, "/readyz") == 503
            assert await status_of(server.admin_port, "/livez") == 200
            await asyncio.to_thread(own_postgresql.start)

            async def ready() -> bool:
                return await status_of(server.admin_port, "/readyz") == 200

            await eventually(ready)
            before = [writer.acknowledged for writer in writers]
            await eventually(
                lambda before=before: (
                    running.done()
                    or all(writer.acknowledged > count + 3 for writer, count in zip(writers, before, strict=True))
                )
            )
        stop.set()
        await running
        listed, total = await read_registry(wire, path)
        assert listed == all_expected(writers)
        assert total == len(listed)
        wire.close()

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.log.read_text()


def test_a_token_that_is_revoked_while_nobody_can_hear_it_is_refused(tmp_path, own_postgresql):
    """The hint is lost with the line that would have brought it: after that, what was known is asked for again."""
    url = own_postgresql.create_database()
    server = start_server(Storage(tmp_path, url))
    name = url.split("/")[3].split("?")[0]
    path = registry_of(server.tenant.account_id)

    async def go() -> None:
        wire = Wire(server.port, server.tenant.read_token)
        assert (await wire.ask("GET", path)).status == 200
        own_postgresql.stop()
        own_postgresql.start()
        own_postgresql.psql(name, "DELETE FROM tokens")

        async def refused() -> bool:
            reply = await wire.ask("GET", path)
            assert reply.status in (403, 503)
            return reply.status == 403

        await eventually(refused)
        wire.close()

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0


def test_a_server_that_finds_no_database_does_not_start(tmp_path, own_postgresql):
    """It says so in one line; started again when the database is there, it serves."""
    server = start_server(Storage(tmp_path, own_postgresql.create_database()))
    assert server.stop(signal.SIGINT) == 0
    own_postgresql.stop()
    server.log.write_text("")
    server.launch()
    assert server.process.wait(30) not in (0, -signal.SIGTERM)
    assert server.log.read_text().count("\n") == 1
    assert "PostgreSQL" in server.log.read_text()
    own_postgresql.start()
    server.start()
    assert server.stop(signal.SIGINT) == 0


def test_workers_are_started_again_until_the_database_is_back(tmp_path, own_postgresql):
    """A worker that is replaced while the database is away cannot start; the supervisor goes on trying."""
    server = start_server(Storage(tmp_path, own_postgresql.create_database()), "--workers", "2")

    async def go() -> None:
        own_postgresql.stop()
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)

        def said() -> list[dict]:
            lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
            return [line for line in lines if line["event"] == "StoreUnreachable"]

        await eventually(said)
        assert server.process.poll() is None
        own_postgresql.start()

        async def ready() -> bool:
            return await status_of(server.admin_port, "/readyz") == 200

        await eventually(ready)

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0


def test_sqlite_is_locked_by_an_import(tmp_path):
    """Another process holds the only place of a writer for three seconds: reads go on, writes wait and are done."""
    server = start_server(Storage(tmp_path))
    path = registry_of(server.tenant.account_id)

    async def go() -> None:
        wires = [Wire(server.port, server.tenant.write_token) for _ in range(8)]
        reader = Wire(server.port, server.tenant.read_token)
        importer = sqlite3.connect(tmp_path / SQLITE_FILE, isolation_level=None)
        importer.execute("BEGIN IMMEDIATE")
        importer.execute("UPDATE accounts SET name = 'imported'")
        locked = time.monotonic()
        writing = [asyncio.ensure_future(wire.ask("POST", path, DOCUMENT)) for wire in wires]
        reads, slowest = 0, 0.0
        while time.monotonic() - locked < LOCKED_SECONDS:
            began = time.monotonic()
            assert (await reader.ask("GET", path)).result == []
            slowest = max(slowest, time.monotonic() - began)
            reads += 1
        assert not any(write.done() for write in writing)
        assert await status_of(server.admin_port, "/readyz") == 200
        importer.execute("COMMIT")
        importer.close()
        assert {reply.status for reply in await asyncio.gather(*writing)} == {201}
        assert len((await reader.ask("GET", path)).result) == len(wires)
        print(f"\n{reads} reads in {LOCKED_SECONDS} s while writes waited, the slowest took {slowest * 1000:.1f} ms")
        assert slowest < LOCKED_SECONDS / 2
        for wire in (*wires, reader):
            wire.close()

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0
