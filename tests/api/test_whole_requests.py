"""Which requests an application answers at once, and that all others go the usual way, in their order."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from sosie.api import http_server
from sosie.api.http_server import Told, bind


class Both:
    """Answers in either way and says in which; knows of those who were gone before their answer."""

    def __init__(self) -> None:
        self.gone = 0

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                self.gone += 1
                return
            body, more = body + event["body"], event["more_body"]
        body = b"usual %b %b;" % (scope["raw_path"], body)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def take(self, head):
        return head.url if head.url.startswith(b"/at-once") else None

    def answer(self, taken, body):
        if body == b"wait":
            return None
        body = b"at once %b %b;" % (taken, body)
        return Told(200, ((b"content-length", str(len(body)).encode()),), body)


class Served:
    """A server of such an application."""

    def __init__(self) -> None:
        self.app = Both()
        self.server = http_server.http_server(self.app)
        bound = bind(("127.0.0.1", 0))
        self.port = bound.getsockname()[1]
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve([bound])), daemon=True)
        self.thread.start()

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is sent in pieces goes in pieces
        return connection

    def told(self, *pieces: bytes, answers: int = 1, pause: float = 0.05) -> list[str]:
        """In which way, and what, was answered to what was sent in these pieces."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause if len(pieces) > 1 else 0)
            received = read(connection, answers)
        return [part.rpartition("\r\n")[2] for part in received.decode().split(";")[:-1]]


def read(connection: socket.socket, answers: int = 1) -> bytes:
    """So many of them; each ends in a semicolon."""
    received = b""
    while received.count(b";") < answers:
        part = connection.recv(65_536)
        assert part, received
        received += part
    return received


@pytest.fixture
def both(monkeypatch):
    """It looks at its connections all the time, and keeps idle ones for tenths of a second."""
    monkeypatch.setattr(http_server, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(http_server, "KEEP_ALIVE_SECONDS", 0.4)
    served = Served()
    yield served
    served.server.should_exit = True
    served.thread.join(10)


def post(path: str, body: str = "", *fields: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x.example", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def test_a_whole_request_is_answered_at_once(both):
    """With its body, or without."""
    assert both.told(post("/at-once", "body")) == ["at once /at-once body"]
    assert both.told(post("/at-once?a=b")) == ["at once /at-once?a=b "]


def test_pieces_make_no_difference(both):
    """Head and body may come apart, anywhere."""
    request = post("/at-once", "0123456789")
    for place in (1, 10, len(request) - 12, len(request) - 10, len(request) - 5):
        assert both.told(request[:place], request[place:]) == ["at once /at-once 0123456789"]
    assert both.told(*(request[place : place + 9] for place in range(0, len(request), 9))) == [
        "at once /at-once 0123456789"
    ]


def test_a_body_that_dribbles_in_goes_the_usual_way(both):
    """Its pieces would take more memory than its octets."""
    body = "x" * 500
    head, pieces = post("/at-once", body).removesuffix(body.encode()), [b"x"] * len(body)
    assert both.told(head, *pieces, pause=0.002) == [f"usual /at-once {body}"]


@pytest.mark.parametrize(
    "request_",
    [
        post("/other", "body"),
        post("/at-once", "body", "Connection: close"),
        post("/at-once", "", "Connection: upgrade", "Upgrade: h2c"),  # what follows is no HTTP any more
        post("/at-once", "body").replace(b"HTTP/1.1", b"HTTP/1.0"),
        post("/at-once", "body", "Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"),
        post("/at-once", "body").replace(b"POST", b"PUT"),
        post("/at-once", "wait"),
        post(f"/at-once?{'x' * 9_000}", "body"),
    ],
    ids=lambda request: repr(request[:80]),
)
def test_others_go_the_usual_way(both, request_):
    """Another route or method, a long query, one that closes or wants another protocol, and what must be waited for."""
    head, _, body = request_.decode().partition("\r\n\r\n")
    assert both.told(request_) == [f"usual {head.split()[1].partition('?')[0]} {body}"]


def test_who_asks_before_sending_is_told_to_go_on(both):
    """Expect: 100-continue (RFC 9110, 10.1.1)."""
    request = post("/at-once", "body", "Expect: 100-continue")
    with both.connect() as connection:
        connection.sendall(request[:-4])
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"body")
        assert read(connection).endswith(b"usual /at-once body;")


def test_answers_come_in_the_order_of_the_requests(both):
    """One of those that came together is answered at once; whoever sends many keeps nobody waiting."""
    many = [post(f"/at-once/{number}", str(number)) for number in range(20)]
    told = both.told(b"".join(many), answers=20)
    assert [one.rpartition(" ")[2] for one in told] == [str(number) for number in range(20)]
    assert [one.partition(" ")[0] for one in told].count("at") == 1
    mixed = [post("/other", "1"), post("/at-once", "2"), post("/other", "3"), post("/at-once", "4")]
    assert [one[-1] for one in both.told(b"".join(mixed), answers=4)] == ["1", "2", "3", "4"]
    assert [one[-1] for one in both.told(*mixed, answers=4)] == ["1", "2", "3", "4"]


def test_a_client_that_leaves_before_its_body_has_come_is_noticed(both):
    """The usual way tells the application."""
    with both.connect() as connection:
        connection.sendall(post("/at-once", "body")[:-2])
        time.sleep(0.1)
    for _ in range(100):
        if both.app.gone:
            break
        time.sleep(0.02)
    assert both.app.gone == 1


@pytest.mark.parametrize("begun", [b"", b"bo"], ids=["no body", "half a body"])
def test_who_leaves_after_a_path_that_is_too_long_leaves_nothing(both, begun):
    """Of more than 65,535 octets uvicorn makes no scope: the usual way is not begun with it when the client is gone."""
    with both.connect() as connection:
        connection.sendall(post(f"/at-once?{'x' * 70_000}", "body").removesuffix(b"body") + begun)
        time.sleep(0.1)
    for _ in range(100):
        if not both.server.server_state.connections:
            break
        time.sleep(0.02)
    assert not both.server.server_state.connections


def test_a_stop_waits_for_the_rest_of_a_request(both):
    """What was begun is answered, and then the connection ends."""
    request = post("/at-once", "body")
    with both.connect() as connection, both.connect() as idle:
        idle.sendall(post("/at-once", "idle"))
        assert read(idle).endswith(b"at once /at-once idle;")
        connection.sendall(request[:-2])
        time.sleep(0.2)
        both.server.should_exit = True
        assert idle.recv(1000) == b""
        connection.sendall(request[-2:])
        received = b""
        while part := connection.recv(1000):
            received += part
        assert b"connection: close" in received
        assert received.endswith(b"usual /at-once body;")


@pytest.mark.parametrize("path", ["/at-once", "/other"])
def test_an_idle_connection_is_kept_for_a_while(both, path):
    """And closed then; one that is used is kept as long as it is."""
    with both.connect() as connection:
        for _ in range(5):
            connection.sendall(post(path, "body"))
            assert read(connection).endswith(b"body;")
            time.sleep(0.2)
        began = time.monotonic()
        assert connection.recv(1000) == b""
        assert time.monotonic() - began < 3
