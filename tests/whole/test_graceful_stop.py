"""SIGTERM under load: what was asked is answered, whoever watches is told first, and nothing is left undone."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass

import pytest

from sosie.serve import DRAIN_SECONDS
from sosie.store import tokens
from support.server import Server, Storage, start_server
from support.wire import GONE, Wire, eventually, status_of
from support.writers import read_registry, registry_of

CLIENTS = 20


@dataclass
class Asked:
    """One request: when it was sent, by the loop's clock, and its status; 0 while there is no answer."""

    at: float
    key: str = ""
    status: int = 0


async def _load(server: Server, number: int, asked: list[Asked], stop: asyncio.Event) -> None:
    """One client: reads and writes in turn, on a connection that it keeps for as long as it may."""
    wire = Wire(server.port, server.tenant.write_token)
    path = registry_of(server.tenant.account_id)
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        key = f"{number}-{len(asked)}" if len(asked) % 2 else ""
        one = Asked(loop.time(), key)
        asked.append(one)
        try:
            if key:
                document = {"name": key, "email": "a@example.com", "is_email_regex": False}
                one.status = (await wire.ask("POST", path, document)).status
            else:
                one.status = (await wire.ask("GET", path)).status
        except GONE:
            await asyncio.sleep(0.01)
    wire.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_was_asked_before_a_stop_is_answered(storage, workers):
    """Every request that was sent before SIGTERM, on any connection; and what was answered is there."""
    server = start_server(storage, "--workers", workers)

    async def go() -> list[Asked]:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        asked: list[list[Asked]] = [[] for _ in range(CLIENTS)]
        clients = asyncio.gather(*(_load(server, number, mine, stop) for number, mine in enumerate(asked)))
        await eventually(lambda: min(map(len, asked)) > 10)
        server.process.send_signal(signal.SIGTERM)
        told = loop.time()
        assert await asyncio.to_thread(server.process.wait, 30) == 0
        stop.set()
        await clients
        everything = [one for mine in asked for one in mine]
        before = [one for one in everything if one.at < told]
        assert len(before) > 200
        assert [one for one in before if one.status not in (200, 201)] == []
        # It went on answering for a while, and nobody who was answered got an error.
        assert sum(one.status in (200, 201) for one in everything) > len(before) + CLIENTS
        assert {one.status for one in everything} <= {200, 201, 0}
        return everything

    everything = asyncio.run(go())
    server.start()

    async def compare() -> None:
        wire = Wire(server.port, server.tenant.read_token)
        listed, _ = await read_registry(wire, registry_of(server.tenant.account_id))
        names = {entry["name"] for entry in listed.values()}
        assert names >= {one.key for one in everything if one.status == 201}
        assert names <= {one.key for one in everything if one.status in (201, 0)}
        wire.close()

    asyncio.run(compare())
    assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.log.read_text()


def test_whoever_watches_is_told_first(storage):
    """/readyz says 503 while requests are still answered, each with `Connection: close`; /livez goes on saying 200."""
    server = start_server(storage)

    async def go() -> None:
        path = registry_of(server.tenant.account_id)
        wire = Wire(server.port, server.tenant.read_token)
        assert "connection" not in (await wire.ask("GET", path)).headers
        loop = asyncio.get_running_loop()
        told = loop.time()
        server.process.send_signal(signal.SIGTERM)

        async def not_ready() -> bool:
            return await status_of(server.admin_port, "/readyz") == 503

        await eventually(not_ready)
        assert await status_of(server.admin_port, "/livez") == 200
        while loop.time() < told + DRAIN_SECONDS / 2:
            reply = await wire.ask("GET", path)  # on the connection from before, and then each on a new one
            assert reply.status == 200
            assert reply.headers["connection"] == "close"
        assert await not_ready()

    asyncio.run(go())
    assert server.process.wait(30) == 0


def test_an_answer_that_says_close_is_the_last(tmp_path):
    """The server closes the connection right then, and not when it ends itself."""
    server = start_server(Storage(tmp_path))

    async def go() -> None:
        wire = Wire(server.port, server.tenant.read_token)
        path = registry_of(server.tenant.account_id)
        assert (await wire.ask("GET", path)).status == 200
        loop = asyncio.get_running_loop()
        told = loop.time()
        server.process.send_signal(signal.SIGTERM)

        async def not_ready() -> bool:
            return await status_of(server.admin_port, "/readyz") == 503

        await eventually(not_ready)
        await wire.send(wire.request("GET", path))
        assert (await wire.read(last=True)).headers["connection"] == "close"
        assert loop.time() < told + DRAIN_SECONDS * 0.8

    asyncio.run(go())
    assert server.process.wait(30) == 0


def test_a_request_that_is_still_being_sent_is_waited_for(storage):
    """Half of its body was there when the stop came."""
    server = start_server(storage)

    async def go() -> None:
        wire = Wire(server.port, server.tenant.write_token)
        document = {"name": "half", "email": "a@example.com", "is_email_regex": False}
        request = wire.request("POST", registry_of(server.tenant.account_id), document)
        await wire.send(request[:-10])

        async def begun() -> bool:
            return await status_of(server.admin_port, "/livez") == 200

        await eventually(begun)
        server.process.send_signal(signal.SIGINT)

        async def closed() -> bool:
            return await status_of(server.port, "/docs") == 0

        await eventually(closed)
        await wire.send(request[-10:])
        assert (await wire.read()).status == 201
        wire.close()

    asyncio.run(go())
    assert server.process.wait(30) == 0


def test_a_second_signal_does_not_wait(storage):
    """Nor does SIGINT, which a person sends."""
    server = start_server(storage)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_when_a_token_was_used_is_written_down_at_the_end(storage, workers):
    """It is noted in memory, and a stop does not forget it."""
    server = start_server(storage, "--workers", workers)

    async def use() -> None:
        wire = Wire(server.port, server.tenant.read_token)
        assert (await wire.ask("GET", registry_of(server.tenant.account_id))).status == 200
        wire.close()

    asyncio.run(use())
    assert server.stop() == 0

    async def used(database):
        row = await database.reader.fetch_one("SELECT no FROM accounts WHERE id = $1", server.tenant.account_id)
        return [token.last_used_on is not None for token in await tokens.read_all(database.reader, row[0])]

    assert sorted(storage.run(used)) == [False, False, True]
