"""Who asks for verdicts over HTTP and does it badly: too much, too slowly, half, or nothing that makes sense. The
process stays small, and somebody else's letters are judged all the while."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from contextlib import suppress

import pytest

from support.postgresql import PostgreSQL
from support.server import Server, Storage, start_server
from support.watching import FORGED, descriptors, megabytes, register, request, screen_of, watched
from support.wire import GONE, Reply, Wire, asked_once, eventually

MEGABYTE = 1 << 20
IDLE = 10_000
SLOW = 200
LARGE = 60  # would hold a gigabyte
CHECK = "/checkv2"
PLACES = ("screen", "batch", CHECK)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One for all of them: each leaves it as it was."""
    one = start_server(Storage(tmp_path_factory.mktemp("abuse")))
    register(one, "Jane Roe", "jane@example.com")
    asyncio.run(eventually(lambda: flags(one, FORGED)))
    yield one
    assert one.stop(signal.SIGINT) == 0
    assert "RequestFailed" not in one.log.read_text()


async def flags(server: Server, letter: bytes) -> bool:
    """Whether a letter is flagged now, asked on a connection of its own."""
    reply = await asked_once(server.port, request(server, letter))
    assert reply.status == 200, reply
    return bool(reply.result["findings"])


def asking(server: Server, place: str, letter: bytes = FORGED, **more: str) -> bytes:
    """A request at one of PLACES about a letter."""
    if place == CHECK:
        head = f"POST {CHECK} HTTP/1.1\r\nhost: x\r\npassword: {server.tenant.read_token}\r\n"
        framing = more.get("framing", f"content-length: {len(letter)}")
        return head.encode() + framing.encode() + b"\r\n\r\n" + letter
    if place == "screen":
        return request(server, letter, **more)
    body = json.dumps({"messages": [{"message": letter.decode("latin-1")}]}).encode()
    return request(server, body, f"{screen_of(server)}/batch", content_type="application/json", **more)


async def answer_to(server: Server, octets: bytes, seconds: float = 1.0) -> Reply | None:
    """What is answered, or None where it is the end of the connection or silence."""
    wire = Wire(server.port)
    try:
        await wire.send(octets)
        async with asyncio.timeout(seconds):
            return await wire.read()
    except (*GONE, TimeoutError):
        return None
    finally:
        wire.close()


@pytest.mark.parametrize("place", PLACES)
def test_half_a_request_is_waited_for_and_costs_nothing(server, place):
    """Cut anywhere: no answer of 500, no crash; and the whole one is answered."""

    async def go() -> None:
        whole = asking(server, place)
        async with watched(server, most_megabytes=20):
            cuts = range(1, len(whole), 7)
            replies = await asyncio.gather(*(answer_to(server, whole[:cut], 0.3) for cut in cuts))
            assert replies == [None] * len(cuts)
        assert (await asked_once(server.port, whole)).status == 200

    asyncio.run(go())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("length", ["0", "3", "50", "1000", "999999999999", "-1", "1e3", "+5", "5, 6"])
def test_a_length_that_lies_misleads_nobody(server, place, length):
    """Less than what comes: the rest is no request; more: it is waited for, or refused where it is too much. What is
    no number is refused."""

    async def go() -> None:
        async with watched(server, most_megabytes=20):
            reply = await answer_to(server, asking(server, place, framing=f"content-length: {length}"), 0.4)
            if length == "1000":
                assert reply is None
            elif length == "999999999999":
                assert reply is None or reply.status == 413
            elif not length.isdigit():
                assert reply is None or reply.status == 400
            else:
                assert reply is not None
                assert reply.status < 500

    asyncio.run(go())


@pytest.mark.parametrize("place", PLACES)
def test_slow_clients_stop_nobody(server, place):
    """Two hundred of them send letters some octets at a time, all at once."""

    async def go() -> None:
        whole = asking(server, place)
        async with watched(server, most_megabytes=30):
            slow = [Wire(server.port) for _ in range(SLOW)]
            for start in range(0, len(whole), 24):
                await asyncio.gather(*(one.send(whole[start : start + 24]) for one in slow))
            replies = await asyncio.gather(*(one.read() for one in slow))
            assert {reply.status for reply in replies} == {200}
            for one in slow:
                one.close()

    asyncio.run(go())


@pytest.mark.parametrize(("place", "most"), [("screen", 128), ("batch", 16), (CHECK, 128)])
def test_a_body_without_end_is_ended(server, place, most):
    """In chunks, after as much as a message or JSON may have; of a message no more is kept than its header needs."""

    async def go() -> None:
        async with watched(server, most_megabytes=most + 20 if place == "batch" else 20):
            wire = Wire(server.port)
            head = asking(server, place, framing="transfer-encoding: chunked").partition(b"\r\n\r\n")[0]
            await wire.send(head + b"\r\n\r\n")
            chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
            sent = 0
            with suppress(OSError):
                while sent < (most + 64) * MEGABYTE:
                    await wire.send(chunk)
                    sent += 65_536
            assert sent >= (most - 1) * MEGABYTE
            assert sent < (most + 32) * MEGABYTE
            with suppress(*GONE):  # the end of the connection may overtake the answer, as TCP lets it
                assert (await wire.read()).status == 413
            wire.close()

    asyncio.run(go())


@pytest.mark.parametrize("place", ["screen", CHECK])
@pytest.mark.parametrize(
    ("field", "most"),
    [
        (b"X-Long: " + b"x" * (MEGABYTE - 10) + b"\r\n", 100),
        (b"X: y\r\n", 20),
        (b"X:\r\n \r\n \r\n", 20),
        (b"\0:\n", 20),
    ],
    ids=["a mebibyte each", "tiny", "folded", "nothing"],
)
def test_a_header_bomb_is_judged(server, place, field, most):
    """By its beginning, in which the author stands; 100 MiB of long fields, or 20 MiB of tiny ones."""

    async def go() -> None:
        letter = FORGED.partition(b"\r\n\r\n")[0] + b"\r\n" + field * (most * MEGABYTE // len(field))
        async with watched(server, most_megabytes=20):
            reply = await asked_once(server.port, asking(server, place, letter))
        assert reply.status == 200
        assert "author_name" in reply.body.decode().lower()

    asyncio.run(go())


def test_ten_thousand_idle_connections_cost_little(server):
    """Whoever comes after them is answered at once."""
    with descriptors(IDLE + 1000) as allowed:
        count = min(IDLE, allowed - 500)

        async def go() -> None:
            async with watched(server, most_megabytes=250) as seen:
                idle = []
                for _ in range(count):
                    wire = Wire(server.port)
                    await wire.send(b"POST")
                    idle.append(wire)
                began = time.monotonic()
                assert await flags(server, FORGED)
                assert time.monotonic() - began < 1
                await asyncio.sleep(0.2)
                each = (megabytes(server.process.pid) - seen.before) * 1024 / count
                print(f"\n{count} idle connections, {each:.1f} KiB each")
                for wire in idle:
                    wire.close()

        asyncio.run(go())


BOMBS = {
    "deep": b'{"messages":' + b"[" * (15 * MEGABYTE),
    "objects": b'{"messages":[' + b"{}," * (5 * MEGABYTE) + b"{}]}",
    "arrays": b'{"messages":[' + b"[]," * (5 * MEGABYTE) + b"[]]}",
    "names": b"{" + b",".join(b'"%x":0' % number for number in range(1_400_000)) + b"}",
    "one message": b'{"messages":[{"message":"' + b"X: y\\r\\n" * (1_800_000) + b'"}]}',
    "long messages": b'{"messages":['
    + b",".join([b'{"message":"' + b"From: a@b.example\\n" * 780 + b'"}'] * 1000)
    + b"]}",
    "many authors": b'{"messages":[{"message":"From: ' + b"Jane Roe <x@y.example>, " * 600_000 + b'"}]}',
    "bad fields": b'{"messages":[' + b",".join([b'{"headers":[' + b",".join([b"{}"] * 2000) + b"]}"] * 1000) + b"]}",
    "no numbers": b'{"messages":[' + b"1e999999," * 1_600_000 + b"0]}",
    "surrogates": b'{"messages":[{"message":"' + b"\\ud800" * 2_500_000 + b'"}]}',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_json_bomb_costs_a_bounded_part_of_memory_and_time(server, bomb):
    """Sixteen MiB of JSON that is as bad as it can be: an answer, and others wait little."""

    async def go() -> None:
        body = BOMBS[bomb]
        assert len(body) <= 16 * MEGABYTE
        path = f"{screen_of(server)}/batch"
        async with watched(server, most_megabytes=600):
            reply = await asked_once(server.port, request(server, body, path, content_type="application/json"))
            assert reply.status in (200, 400)
        await asyncio.sleep(0.1)

    before = megabytes(server.process.pid)
    asyncio.run(go())
    assert megabytes(server.process.pid) - before < 60, "it is given back"


def test_large_bodies_that_never_end_are_not_all_held(server):
    """Sixty clients send nearly all of the largest body that is taken, and wait."""

    async def go() -> None:
        head = request(
            server,
            b"",
            f"{screen_of(server)}/batch",
            content_type="application/json",
            framing="content-length: 16000000",
        )
        async with watched(server, most_megabytes=250) as seen:
            wires = [Wire(server.port) for _ in range(LARGE)]
            for wire in wires:
                await wire.send(head)
            await asyncio.gather(*(_send(wire, b" " * 15_900_000) for wire in wires))
            for wire in wires:
                wire.close()
        # The end of the connection overtakes the answer, as TCP lets it; the log has it.
        assert '"status":503' in server.log.read_text()
        assert "1504" in server.log.read_text()
        await eventually(lambda: megabytes(server.process.pid) - seen.before < 60)
        large = request(server, FORGED + b"x" * MEGABYTE)
        assert (await asked_once(server.port, large)).status == 200, "there is room again"

    asyncio.run(go())


async def _send(wire: Wire, octets: bytes) -> None:
    with suppress(TimeoutError, *GONE):
        async with asyncio.timeout(5):
            await wire.send(octets)


def test_letters_are_judged_while_postgresql_is_away(tmp_path):
    """For callers that were known before; others are told to come again. With it back, they are judged too."""
    postgresql = PostgreSQL()
    try:
        server = start_server(Storage(tmp_path, postgresql.create_database()))
        register(server, "Jane Roe", "jane@example.com")
        asyncio.run(eventually(lambda: flags(server, FORGED)))
        postgresql.stop()
        for place in PLACES:
            reply = asyncio.run(asked_once(server.port, asking(server, place)))
            assert reply.status == 200, place
        seen, unseen = server.tenant.read_token.encode(), server.tenant.manage_token.encode()
        unknown = asking(server, "screen").replace(seen, unseen)
        reply = asyncio.run(asked_once(server.port, unknown))
        assert (reply.status, int(reply.headers["retry-after"]) > 0) == (503, True)
        assert asyncio.run(flags(server, FORGED))
        postgresql.start()

        async def known() -> bool:
            return (await asked_once(server.port, unknown)).status == 200

        asyncio.run(eventually(known))
        assert server.stop(signal.SIGINT) == 0
    finally:
        postgresql.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_every_worker_judges_by_a_change_within_a_second(tmp_path, request, backend):
    """Whichever of two answers; asked again and again on connections of their own."""
    url = request.getfixturevalue("postgresql").create_database() if backend == "postgresql" else ""
    server = start_server(Storage(tmp_path, url), "--workers", "2")
    letter = FORGED.replace(b"Jane Roe", b"Martin Vance")
    try:
        for _ in range(40):  # both hold the account from now on
            assert not asyncio.run(flags(server, letter))
        register(server, "Martin Vance", "martin@example.com")
        told = time.monotonic()
        last = told
        in_a_row = 0
        while in_a_row < 60:
            if asyncio.run(flags(server, letter)):
                in_a_row += 1
            else:
                in_a_row, last = 0, time.monotonic()
        print(f"\nin force everywhere after {(last - told) * 1000:.0f} ms")
        assert last - told < 1
        assert len(server.workers()) == 2
        for pid in server.workers():
            os.kill(pid, 0)
    finally:
        assert server.stop(signal.SIGINT) == 0
