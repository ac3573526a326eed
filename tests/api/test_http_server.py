"""What comes in before there is a request: its head is bounded, its time too, and what is no HTTP is told so."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from contextlib import suppress

import pytest

from sosie.api import http_server
from sosie.api.http_server import bind


def _send(port: int, data: bytes, seconds: float = 5) -> bytes:
    """What comes back until the server closes, or goes quiet for a moment."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(seconds)
        received = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65_536):
                received += part
        except OSError:
            pass
        return received


def _failure(received: bytes) -> tuple[int, int]:
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    return int(head.split()[1]), json.loads(body)["errors"][0]["code"]


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"FOO / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
     b"GET /\xff HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
     b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"GET / HTTP/1.1\r\nA\r\n\r\n",
     b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
     b"GET / HTTP/1.1\r\n X: folded\r\n\r\n", b"GET / HTTP/1.1\r\nX : y\r\n\r\n"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_http_is_told_so(served, data):
    """400 in an envelope, and the connection is closed: nothing that follows can be taken for a request."""
    assert _failure(_send(served.port, data + b"GET /docs HTTP/1.1\r\n\r\n")) == (400, 1014)


HEADS = [
    b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000,
    b"GET /" + b"a" * 100_000,
    b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 20_000,
]


@pytest.mark.parametrize("data", HEADS, ids=lambda data: repr(data[:20]))
def test_a_head_has_a_longest_length(served, data):
    """64 KiB; then 431, and no more is read."""
    assert _failure(_send(served.port, data)) == (431, 1015)


def test_an_upgrade_is_not_taken(served):
    """There are no websockets: the request is answered as what it is."""
    head = b"GET /docs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
    head += b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    assert _send(served.port, head).startswith(b"HTTP/1.1 200 ")


def test_requests_may_follow_each_other_without_waiting(served):
    """Pipelining: answers come in the order of the requests, and the last one closes."""
    many = (
        b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 5
        + b"HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    received = _send(served.port, many)
    assert received.count(b"HTTP/1.1 200 OK") == 5
    assert received.rstrip().endswith(b"x-request-id: " + received.rpartition(b"x-request-id: ")[2].rstrip())
    assert b"HTTP/1.1 404" in received[received.rfind(b"HTTP/1.1") :]


@pytest.fixture
def impatient(monkeypatch):
    """The port of a server that waits for tenths of a second where the real one waits for a minute."""
    monkeypatch.setattr(http_server, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(http_server, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(http_server, "LOOK_SECONDS", 0.1)

    async def app(scope, receive, send):
        size = 0
        while True:
            event = await receive()
            size += len(event.get("body", b""))
            if event["type"] == "http.disconnect":
                return
            if not event.get("more_body"):
                break
        body = b"." * (64 << 20 if scope["path"] == "/large" else 2)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    bound = bind(("127.0.0.1", 0))
    server = http_server.http_server(app)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
    thread.start()
    yield bound.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    "data",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n12",
     b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"],
    ids=repr,
)  # fmt: skip
def test_a_client_that_does_not_send_its_request_is_let_go(impatient, data):
    """Nobody holds a connection and its memory for ever by saying nothing more."""
    began = time.monotonic()
    assert _send(impatient, data) == b""
    assert time.monotonic() - began < 3


def test_a_client_that_sends_slowly_but_in_time_is_waited_for(impatient):
    """And between two requests nothing is asked of it."""
    with socket.create_connection(("127.0.0.1", impatient)) as connection:
        for _ in range(2):
            for part in (b"POST / HTTP/1.1\r\n", b"Content-Length: 2\r\n\r\n", b"1", b"2"):
                connection.sendall(part)
                time.sleep(0.03)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(0.6)


def test_a_client_that_does_not_take_its_answer_is_let_go(impatient):
    """64 MiB wait in memory for a client that reads nothing; not for long."""
    with socket.create_connection(("127.0.0.1", impatient)) as connection:
        connection.settimeout(5)
        connection.sendall(b"GET /large HTTP/1.1\r\n\r\n")
        time.sleep(1.2)
        received = 0
        with suppress(ConnectionResetError):
            while part := connection.recv(1 << 20):
                received += len(part)
        assert received < 64 << 20


def test_a_client_that_takes_its_answer_slowly_is_served(impatient):
    """As long as it takes something now and then."""
    with socket.create_connection(("127.0.0.1", impatient)) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = 0
        while part := connection.recv(4 << 20):
            received += len(part)
            time.sleep(0.01)
        assert received > 64 << 20
