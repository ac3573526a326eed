"""The HTTP server of one process: uvicorn on a socket that is bound already, with bounds on what one client can hold.

uvicorn leaves three things to a proxy in front of it: how long a request head may be, and how long a client may take to
send a request and to take its answer. Here each has its bound, because each costs memory as long as it lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from sosie.api.envelope import JSON
from sosie.api.errors import CLOSE, ApiError, HeadTooLarge, NotHttp, to_failure

MAX_HEAD = 64 * 1024  # request line and header fields; nginx takes 32 KiB, Apache 8 KiB a field
KEEP_ALIVE_SECONDS = 75  # as nginx: longer than the pauses of a paging client
GRACE_SECONDS = 10  # requests under way may take this long after a stop was asked for
REQUEST_SECONDS = 60  # a whole request of at most 1 MiB; nginx and Apache give its head alone 60 and 20
STALL_SECONDS = 60  # between two bytes of an answer that a client takes, as nginx
LOOK_SECONDS = 5  # how often connections are looked at


class OneWrite(RequestResponseCycle):
    """uvicorn's request and response; a response whose body comes in one piece is written in one.

    uvicorn looks at each header with two regular expressions, which costs as much as the routing, authentication and
    rate limit of a request together. Ours are constants, numbers, and ids that were looked at before.
    """

    _start: Any = None

    async def send(self, message: Any) -> None:
        """ASGI's."""
        start, self._start = self._start, None
        if message["type"] == "http.response.start":
            self._start = message
        elif start is not None and not message.get("more_body"):
            await self._write(start["status"], start["headers"], message.get("body", b""))
        else:
            if start is not None:
                await super().send(start)
            await super().send(message)

    async def _write(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        self.keep_alive = self.keep_alive and CLOSE not in headers
        lines = [b"%b: %b\r\n" % header for header in (*self.default_headers, *headers)]
        if not self.keep_alive and CLOSE not in headers:
            lines.append(b"connection: close\r\n")
        head = b"".join((STATUS_LINE[status], *lines, b"\r\n"))
        self.transport.writelines((head, body))
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol; its parser alone would gather a head of any length in memory."""

    _in_head = False
    _head = 0
    _asked_since = 0.0  # when the request began that has not come whole; 0 between requests
    _unsent = 0
    _stalled_since = 0.0

    def connection_made(self, transport: Any) -> None:
        """A client has come."""
        super().connection_made(transport)
        self._asked_since = self.loop.time()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head = True, 0
        self._asked_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has ended."""
        self._in_head = False
        super().on_headers_complete()
        self.cycle.__class__ = OneWrite  # uvicorn has no other way to have one of ours; it has not begun yet

    def on_message_complete(self) -> None:
        """It has come whole."""
        self._asked_since = 0.0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse(HeadTooLarge())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are no envelope
        """What came in is no HTTP."""
        self._refuse(NotHttp())

    def look(self, now: float) -> None:
        """Let go of a client that does not send its request, or does not take its answer."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._stalled_since = unsent, now
        if now - self._stalled_since > STALL_SECONDS or 0 < self._asked_since < now - REQUEST_SECONDS:
            self.transport.abort()

    def _refuse(self, error: ApiError) -> None:
        answer = to_failure(error)
        status, body = HTTPStatus(answer.status), answer.body()
        head = f"HTTP/1.1 {status} {status.phrase}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"content-type: " + JSON + b"\r\n\r\n" + body)
        self.transport.close()


class HttpServer(uvicorn.Server):
    """Stops when told to; signals are the composition's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """uvicorn calls this ten times a second."""
        if counter % (LOOK_SECONDS * 10) == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedHttp):
                    connection.look(now)
        return await super().on_tick(counter)


def http_server(app: Any) -> HttpServer:
    """A server of an ASGI application."""
    return HttpServer(
        uvicorn.Config(
            app,
            http=BoundedHttp,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def bind(address: tuple[str, int]) -> socket.socket:
    """A listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    return bound
