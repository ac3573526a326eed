"""Several processes serve one database: what one of them changes, all of them know."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from support.server import Storage, start_server
from support.wire import Reply, Wire, asked_once, eventually
from support.writers import registry_of

DOCUMENT = {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}


@pytest.fixture
def pair(storage):
    """Two servers on one database, each with the same tenant."""
    first = start_server(storage)
    second = start_server(storage, tenants=(first.tenant, first.other))
    yield first, second
    for server in (first, second):
        assert server.stop(signal.SIGINT) == 0


@asynccontextmanager
async def _wires(servers, token):
    wires = [Wire(server.port, token) for server in servers]
    yield wires
    for wire in wires:
        wire.close()


def test_what_one_writes_the_other_reads_at_once(pair):
    """Created, edited and deleted here; read, listed, counted and found there, in the very next request."""

    async def go():
        path = registry_of(pair[0].tenant.account_id)
        async with _wires(pair, pair[0].tenant.write_token) as wires:
            for turn in range(20):
                here, there = wires if turn % 2 else reversed(wires)
                made = (await here.ask("POST", path, {**DOCUMENT, "name": f"Jane {turn}"})).result
                assert (await there.ask("GET", f"{path}/{made['id']}")).result == made
                listed = await there.ask("GET", f"{path}?order=name")
                assert listed.result == [made]
                assert listed.json["result_info"]["total_count"] == 1
                assert (await there.ask("GET", f"{path}?search=jane%20{turn}")).result == [made]
                edited = (await there.ask("PATCH", f"{path}/{made['id']}", {"comments": str(turn)})).result
                assert (await here.ask("GET", f"{path}/{made['id']}")).result == edited
                assert (await there.ask("DELETE", f"{path}/{made['id']}")).status == 200
                assert (await here.ask("GET", f"{path}/{made['id']}")).status == 404

    asyncio.run(go())


def test_a_token_that_one_makes_and_revokes_the_other_admits_and_refuses(pair):
    """On SQLite in the very next request; on PostgreSQL as soon as the hint has come, which is awaited here."""

    async def go():
        account = pair[0].tenant.account_id
        path = registry_of(account)
        async with _wires(pair, pair[0].tenant.manage_token) as (here, there):
            groups = (await here.ask("GET", f"/accounts/{account}/tokens/permission_groups")).result
            reading = next(group["id"] for group in groups if group["name"] == "Cloud Email Security: Read")
            policy = {
                "effect": "allow",
                "permission_groups": [{"id": reading}],
                "resources": {f"com.cloudflare.api.account.{account}": "*"},
            }
            for change in ("delete", "disable", "roll"):
                made = (
                    await here.ask("POST", f"/accounts/{account}/tokens", {"name": "t", "policies": [policy]})
                ).result
                reader = Wire(there.port, made["value"])
                for _ in range(3):
                    assert (await reader.ask("GET", path)).status == 200, "known there, and kept as known"
                await _change(here, account, made, policy, change)
                await _refused(reader, path, at_once=not pair[0].storage.url)
                reader.close()

    asyncio.run(go())


async def _change(wire, account, token, policy, change):
    place = f"/accounts/{account}/tokens/{token['id']}"
    if change == "delete":
        reply = await wire.ask("DELETE", place)
    elif change == "disable":
        reply = await wire.ask("PUT", place, {"name": "t", "policies": [policy], "status": "disabled"})
    else:
        reply = await wire.ask("PUT", f"{place}/value", {})
    assert reply.status == 200


async def _refused(wire, path, *, at_once):
    async def refused() -> bool:
        return (await wire.ask("GET", path)).status == 403

    if at_once:
        assert await refused()
    else:
        await eventually(refused, seconds=2)


def test_workers_share_the_work_and_one_that_is_killed_is_replaced(storage):
    """Both answer, the metrics count what both have answered, and after a SIGKILL there are two again."""
    server = start_server(storage, "--workers", "2")

    async def go():
        path = registry_of(server.tenant.account_id)
        answered = 0
        first = await eventually(lambda: _two_workers(server))

        async def on_new_connections() -> Counter[str]:
            nonlocal answered
            replies = await asyncio.gather(*(_ask_alone(server, path) for _ in range(60)))
            assert {reply.status for reply in replies} == {200}
            answered += len(replies)
            # A worker puts a name of its own before the number of the request.
            return Counter(reply.headers["x-request-id"].split("-")[0] for reply in replies)

        async def by_both() -> bool:
            return len(await on_new_connections()) == 2

        async def all_counted() -> bool:
            return await _counted(server) == answered

        await eventually(by_both)
        await eventually(all_counted)
        os.kill(first[0], signal.SIGKILL)
        await eventually(lambda: len(set(_two_workers(server)) - set(first)) == 1)
        assert first[1] in _two_workers(server)
        await eventually(by_both)
        await eventually(all_counted)  # with what the killed one had answered
        assert await _metric(server, "sosie_workers_lost_total") == 1

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0
    assert '"event":"WorkerLost"' in server.log.read_text()


def test_workers_count_one_rate_limit_together(storage):
    """Each sees what the other has counted: 100 requests over both of them are 100."""
    server = start_server(storage, "--workers", "2", SOSIE_RATE_LIMIT_REQUESTS="100", SOSIE_RATE_LIMIT_SECONDS="3600")

    async def go():
        path = registry_of(server.tenant.account_id)
        statuses, names = Counter(), set()
        while statuses.total() < 130 or len(names) < 2:
            reply = await _ask_alone(server, path)
            statuses[reply.status] += 1
            names.add(reply.headers["x-request-id"].split("-")[0])
        assert statuses[200] == 100
        assert statuses[429] == statuses.total() - 100

    asyncio.run(go())
    assert server.stop(signal.SIGINT) == 0


def test_workers_whose_supervisor_is_killed_stop_by_themselves(storage):
    """Nobody is left that would hold the address, the database or the folder of the metrics."""
    server = start_server(storage, "--workers", "2")

    async def go():
        workers = await eventually(lambda: _two_workers(server))
        folder = _metrics_folder(workers[0])
        assert folder.is_dir()
        server.process.kill()
        server.process.wait()
        await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
        assert not folder.exists()

    asyncio.run(go())
    server.start()  # on the same address
    assert server.stop(signal.SIGINT) == 0


def test_a_stop_is_passed_on_to_workers_whenever_it_comes(tmp_path):
    """While workers are being forked too: none is left behind, and none is waited for that was never told."""
    server = start_server(Storage(tmp_path), "--workers", "3")
    assert server.stop(signal.SIGINT) == 0
    chance = random.Random(7)
    for _ in range(15):
        server.launch("--workers", "3")
        time.sleep(chance.uniform(0.1, 0.5))  # any moment of its start
        # 0 once it serves; before, it ends as every program does.
        assert server.stop(chance.choice((signal.SIGINT, signal.SIGTERM))) in (0, 1, 130, 143, -2, -15)
        for port in (server.port, server.admin_port):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))


SLOW_FORK = """
import os, time
fork = os.fork
def slow():
    child = fork()
    if child:
        time.sleep(0.3)
    return child
os.fork = slow
from sosie.cli.main import main
main()
"""


def test_a_stop_that_comes_while_a_worker_is_forked_reaches_it(tmp_path, monkeypatch):
    """The supervisor does not know the worker's number yet: the stop waits until it does."""
    server = start_server(Storage(tmp_path))
    assert server.stop(signal.SIGINT) == 0
    monkeypatch.setattr("support.server.COMMAND", [sys.executable, "-c", SLOW_FORK])
    server.launch("--workers", "2")

    async def go() -> None:
        await eventually(server.workers)
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 20) == 0

    asyncio.run(go())


async def _ask_alone(server, path) -> Reply:
    wire = Wire(server.port, server.tenant.read_token)
    return await asked_once(server.port, wire.request("GET", path, connection="close"))


def _two_workers(server) -> list[int]:
    """Both, or none while there are fewer."""
    pids = server.workers()
    return pids if len(pids) == 2 else []


def _metrics_folder(pid: int) -> Path:
    """The folder in which a worker keeps its numbers, from the files that it has mapped."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return next(Path(line.split()[-1]).parent for line in lines if "sosie-metrics-" in line)


async def _metric(server, name) -> float:
    page = (await asked_once(server.admin_port, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")).body.decode()
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


async def _counted(server) -> float:
    """Requests of the list that were answered with 200."""
    page = (await asked_once(server.admin_port, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")).body.decode()
    lines = [line for line in page.splitlines() if line.startswith("sosie_requests_total{") and 'status="200"' in line]
    return sum(float(line.split()[-1]) for line in lines)
