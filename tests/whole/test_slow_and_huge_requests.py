"""Strangers who send too much, too slowly, or nothing that makes sense: they get their answer or their end, and nobody
else notices them."""

from __future__ import annotations

import asyncio
import random
import re
import resource
import signal
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from support.server import Server, Storage, start_server
from support.wire import GONE, Wire, eventually
from support.writers import registry_of

SLOW_CLIENTS = 500
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all of them: each leaves it as it was."""
    one = start_server(Storage(tmp_path_factory.mktemp("strangers")))
    yield one
    assert one.stop(signal.SIGINT) == 0
    assert "RequestFailed" not in one.log.read_text()


@asynccontextmanager
async def _watched(server: Server, most_megabytes: float = 30.0):
    """Meanwhile somebody else is answered as ever, and the process does not grow by more than so much."""
    wire = Wire(server.port, server.tenant.read_token)
    path = registry_of(server.tenant.account_id)
    assert (await wire.ask("GET", path)).status == 200
    before, slowest, stop = _megabytes(server), 0.0, asyncio.Event()

    async def look() -> None:
        nonlocal slowest
        while not stop.is_set():
            began = time.monotonic()
            assert (await wire.ask("GET", path)).status == 200
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.005)

    looking = asyncio.create_task(look())
    yield
    stop.set()
    await looking
    wire.close()
    assert server.process.poll() is None
    grown = _megabytes(server) - before
    print(f"\n{grown:+.1f} MB, slowest answer to somebody else {slowest * 1000:.0f} ms")
    assert grown < most_megabytes
    assert slowest < 5


def _megabytes(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


async def _pour(wire: Wire, octets: bytes, most: int) -> int:
    """Send octets again and again until the server ends it, or `most` were sent; how many it took."""
    sent = 0
    try:
        while sent < most:
            await wire.send(octets)
            sent += len(octets)
    except OSError:
        pass
    return sent


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"GET /" + b"x" * 1000, b"x" * 16_384),
        (b"GET / HTTP/1.1\r\nx: ", b"x" * 16_384),
        (b"GET / HTTP/1.1\r\n", b"x: y\r\n" * 2000),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: y\r\n", b" folded\r\n" * 2000),
    ],
    ids=["path", "one field", "many fields", "folded field"],
)
def test_a_head_without_end_is_refused(server, start, more):
    """431 (or 400) and the end of the connection, after 64 KiB and a little."""

    async def go() -> None:
        async with _watched(server):
            wire = Wire(server.port)
            await wire.send(start)
            assert await _pour(wire, more, 64 * MEGABYTE) < 16 * MEGABYTE
            wire.close()
            # The end of the connection may overtake the answer, as TCP lets it; not where nothing more was sent.
            await wire.send((start + more * 10)[:70_000])
            assert (await wire.read(last=True)).status in (400, 431)
            wire.close()

    asyncio.run(go())


def test_a_head_of_64_kib_is_still_read(server):
    """The limit is on what is longer."""

    async def go() -> None:
        wire = Wire(server.port, server.tenant.read_token)
        reply = await wire.ask("GET", registry_of(server.tenant.account_id), x_long="x" * 60_000)
        assert reply.status == 200
        wire.close()

    asyncio.run(go())


@pytest.mark.parametrize("framing", ["content-length: 999999999", "transfer-encoding: chunked"])
def test_a_body_without_end_is_refused(server, framing):
    """413 and the end of the connection, after 1 MiB and what was under way."""

    async def go() -> None:
        async with _watched(server):
            wire = Wire(server.port, server.tenant.write_token)
            head = wire.request("POST", registry_of(server.tenant.account_id))[:-2] + f"{framing}\r\n\r\n".encode()
            await wire.send(head)
            chunk = b"x" * 65_536
            sent = await _pour(wire, chunk if "length" in framing else b"10000\r\n" + chunk + b"\r\n", 64 * MEGABYTE)
            assert sent < 32 * MEGABYTE
            with suppress(*GONE):  # the end of the connection may overtake the answer, as TCP lets it
                assert (await wire.read()).status == 413
            wire.close()

    asyncio.run(go())


def test_fields_after_a_chunked_body_are_bounded_too(server):
    """Trailers (RFC 9112, 7.1.2) are a head that comes late."""

    async def go() -> None:
        async with _watched(server):
            wire = Wire(server.port, server.tenant.write_token)
            head = wire.request("POST", registry_of(server.tenant.account_id))[:-2]
            await wire.send(head + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
            assert await _pour(wire, b"x: " + b"y" * 16_000 + b"\r\n", 64 * MEGABYTE) < 16 * MEGABYTE
            wire.close()

    asyncio.run(go())


def test_500_slow_clients_stop_nobody(server):
    """Each sends its request an octet at a time, and never ends; others are answered as if they were not there."""

    async def go() -> None:
        async with _watched(server, most_megabytes=60):
            slow = [Wire(server.port, server.tenant.write_token) for _ in range(SLOW_CLIENTS)]
            request = slow[0].request("POST", registry_of(server.tenant.account_id), {"name": "x" * 400})
            await asyncio.gather(*(wire.send(request[:1]) for wire in slow))
            for place in range(1, len(request) - 1, 8):
                await asyncio.gather(*(wire.send(request[place : place + 8]) for wire in slow))
            for wire in slow:
                wire.close()

    asyncio.run(go())


def test_there_are_descriptors_for_more_clients_than_the_shell_allows(tmp_path):
    """A login shell gives a process 1,024 at the most; a server takes what it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        one = start_server(Storage(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    async def go() -> None:
        async with _watched(one, most_megabytes=60):
            wires = [Wire(one.port) for _ in range(SLOW_CLIENTS)]
            for wire in wires:
                await wire.send(b"GET")
            newcomer = Wire(one.port, one.tenant.read_token)
            async with asyncio.timeout(5):
                assert (await newcomer.ask("GET", registry_of(one.tenant.account_id))).status == 200
            for wire in (*wires, newcomer):
                wire.close()

    asyncio.run(go())
    assert one.stop(signal.SIGINT) == 0


def test_a_dribbled_request_is_done(server):
    """In pieces of one to nine octets, it is the same request."""

    async def go() -> None:
        chance = random.Random(4)
        wire = Wire(server.port, server.tenant.write_token)
        document = {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}
        path = registry_of(server.tenant.account_id)
        request = wire.request("POST", path, document)
        while request:
            size = chance.randint(1, 9)
            await wire.send(request[:size])
            await asyncio.sleep(0)
            request = request[size:]
        made = await wire.read()
        assert made.status == 201
        assert (await wire.ask("DELETE", f"{path}/{made.result['id']}")).status == 200
        wire.close()

    asyncio.run(go())


def test_pipelined_requests_are_answered_in_order(server):
    """Reads and writes on one connection, sent before the first answer is read."""
    _assert_in_order(server, 200)


def test_however_many_pipelined_requests_there_are(server):
    """More of them than a head may be long."""
    _assert_in_order(server, 1000)


def _assert_in_order(server, count):
    async def go() -> None:
        path = registry_of(server.tenant.account_id)
        async with _watched(server):
            wire = Wire(server.port, server.tenant.write_token)
            document = {"name": "n", "email": "n@example.com", "is_email_regex": False}
            write, reads = wire.request("POST", path, document), [f"{path}?per_page={size + 1}" for size in range(9)]
            requests = [wire.request("GET", reads[number % 9]) if number % 10 else write for number in range(count)]
            await wire.send(requests[0])
            sending = asyncio.create_task(wire.send(b"".join(requests[1:])))
            for number in range(count):
                reply = await wire.read()
                assert reply.status == (201 if number % 10 == 0 else 200)
                if number % 10:
                    assert reply.json["result_info"]["per_page"] == number % 9 + 1
            await sending
            wire.close()

    asyncio.run(go())


def test_a_client_that_never_reads_holds_little(server):
    """It asks for page after page and takes none: the server stops reading from it before it fills up."""

    async def go() -> None:
        path = registry_of(server.tenant.account_id)
        async with _watched(server, most_megabytes=60):
            deaf = []
            for _ in range(20):
                wire = Wire(server.port, server.tenant.read_token)
                await wire.send(b"")
                request = wire.request("GET", f"{path}?per_page=1000") * 200
                deaf.append((wire, asyncio.create_task(_pour(wire, request, 4 * MEGABYTE))))
            await asyncio.wait([task for _, task in deaf], timeout=3)
            for wire, task in deaf:
                task.cancel()
                wire.close()
            await asyncio.gather(*(task for _, task in deaf), return_exceptions=True)

    asyncio.run(go())


def test_garbage_is_refused(server):
    """Octets by chance, protocols of others, requests that are broken in every place: an answer of 4xx, or the end."""
    chance = random.Random(11)
    wire = Wire(server.port, server.tenant.read_token)
    good = wire.request("GET", registry_of(server.tenant.account_id))
    garbage = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(500),  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"EHLO x\r\n",
        b"\0" * 1000,
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET //////../../etc/passwd%00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        *(chance.randbytes(chance.randint(1, 2000)) for _ in range(100)),
        *(_broken(good, chance) for _ in range(300)),
    ]

    async def one(octets: bytes) -> None:
        stranger = Wire(server.port)
        try:
            await stranger.send(octets)
            async with asyncio.timeout(0.3):
                reply = await stranger.read()
            assert reply.status < 500
        except (*GONE, TimeoutError):
            pass  # it ended, or waits for the rest
        finally:
            stranger.close()

    async def go() -> None:
        async with _watched(server):
            for start in range(0, len(garbage), 50):
                await asyncio.gather(*(one(octets) for octets in garbage[start : start + 50]))

    asyncio.run(go())


def _broken(octets: bytes, chance: random.Random) -> bytes:
    """A good request with some of its octets changed, lost or doubled."""
    broken = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(broken))
        kind = chance.randrange(3)
        if kind == 0:
            broken[place] = chance.randrange(256)
        elif kind == 1:
            del broken[place : place + chance.randint(1, 10)]
        else:
            broken[place:place] = broken[place : place + chance.randint(1, 10)]
    return bytes(broken) or b"x"


def test_clients_that_leave_at_any_moment_leave_nothing(server):
    """Three hundred of them, in the middle of a request or of an answer: connections, memory and answers stay whole."""
    chance = random.Random(2)
    path = registry_of(server.tenant.account_id)

    async def one() -> None:
        wire = Wire(server.port, server.tenant.write_token)
        document = {"name": "gone", "email": "gone@example.com", "is_email_regex": False}
        request = wire.request("POST", path, document) + wire.request("GET", f"{path}?per_page=1000")
        await wire.send(request[: chance.randint(1, len(request))])
        await asyncio.sleep(chance.uniform(0, 0.01))
        wire.close()

    async def go() -> None:
        async with _watched(server):
            for _ in range(15):
                await asyncio.gather(*(one() for _ in range(20)))
        wire = Wire(server.port, server.tenant.write_token)
        listed = (await wire.ask("GET", f"{path}?per_page=1000")).json
        assert listed["result_info"]["total_count"] == len(listed["result"])
        wire.close()
        descriptors = Path(f"/proc/{server.process.pid}/fd")
        await eventually(lambda: len(list(descriptors.iterdir())) < 60)

    asyncio.run(go())
