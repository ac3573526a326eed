"""The HTTP server of one process: uvicorn on a socket that is bound already, with bounds on what one client can hold.

uvicorn leaves three things to a proxy in front of it: how long a request head may be, and how long a client may take to
send a request and to take its answer. Here each has its bound, because each costs memory as long as it lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol, runtime_checkable

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from sosie.api.envelope import JSON
from sosie.api.errors import CLOSE, ApiError, HeadTooLarge, NotHttp, to_failure

MAX_HEAD = 64 * 1024  # request line and header fields; nginx takes 32 KiB, Apache 8 KiB a field
KEEP_ALIVE_SECONDS = 75  # as nginx: longer than the pauses of a paging client
GRACE_SECONDS = 10  # requests under way may take this long after a stop was asked for
REQUEST_SECONDS = 60  # a whole request of at most 1 MiB; nginx and Apache give its head alone 60 and 20
STALL_SECONDS = 60  # between two bytes of an answer that a client takes, as nginx
MAX_PIECES = 64  # of a body that is answered at once: 64 KiB of them cost no more than their octets
MAX_URL = 8 * 1024  # octets of what is answered at once, as nginx; of more than 65,535 uvicorn can make no scope
LOOK_SECONDS = 5  # how often connections are looked at

PART_OF_DESCRIPTORS = 3 / 4  # the rest is for the milter's connections, the database, and records that wait on disk

# An extension in the sense of ASGI: scope["extensions"][WHOLE_ANSWER](status, headers, body). uvicorn looks at every
# header with two regular expressions and writes head and body one by one, which costs as much as routing,
# authentication and rate limit together. Ours are constants, numbers, and ids that were looked at on their way in.
WHOLE_ANSWER = "sosie.whole_answer"

Headers = Sequence[tuple[bytes, bytes]]


class Head(Protocol):
    """A request whose head has come: POST, of HTTP/1.1, on a connection that is kept. `client` is (address, port)."""

    url: bytes
    headers: list[tuple[bytes, bytes]]
    client: tuple[str, int] | None


class Told(NamedTuple):
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


@runtime_checkable
class AtOnce(Protocol):
    """What an application may have beside ASGI, whose task, events and dictionaries cost more than to judge a letter:
    the answer to a request for which nothing has to be waited for but its body.

    Whatever is out of the ordinary goes the usual way, and whoever says None has not begun to answer.
    """

    def take(self, head: Head) -> Any | None:
        """What is known of a request that can be answered at once when its body has come, or None."""

    def answer(self, taken: Any, body: bytes) -> Told | None:
        """Its answer, or None where there is something to wait for now."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol; its parser alone would gather a head, or the fields after a chunked body, of any length.

    What is counted are the bytes of a request that came since it began or since its last piece of body. What runs for
    every request names its base: super() would cost as much as what is done here.
    """

    _at_once: AtOnce | None = None
    _taken: Any | None = None  # what the application knows of the request under way, if it is to be answered at once
    _quiet_since = 0.0  # when the last answer was written; 0 before the first
    _in_request = False
    _begun = 0  # requests that began in the bytes just read
    _body_came = False
    _head = 0
    _asked_since = 0.0  # when the request began that has not come whole; 0 between requests
    _unsent = 0
    _stalled_since = 0.0

    def connection_made(self, transport: Any) -> None:
        """A client has come."""
        super().connection_made(transport)
        if len(self.connections) > _most_connections():
            transport.abort()
        self._asked_since = self.loop.time()
        self._pieces: list[bytes] = []  # of the body of what is taken
        if isinstance(self.app, AtOnce):
            self._at_once = self.app

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._go_the_usual_way()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Stop when what is under way is answered."""
        self._go_the_usual_way()
        super().shutdown()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_request, self._head = True, 0
        self._begun += 1
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        """Its head has come. The first of a read may be answered at once: no client keeps the others waiting."""
        if self._at_once is not None and self._begun <= 1 and self._is_next():
            self._taken = self._at_once.take(self)
            if self._taken is not None:
                return
        self._begin_cycle()

    def on_body(self, body: bytes) -> None:
        """A piece of its body has come."""
        self._body_came, self._head = True, 0
        if self._taken is not None:
            self._pieces.append(body)
            if len(self._pieces) > MAX_PIECES:
                self._go_the_usual_way()
        else:
            HttpToolsProtocol.on_body(self, body)

    def on_message_complete(self) -> None:
        """It has come whole."""
        self._in_request = False
        if self._at_once is not None and self._taken is not None:
            first = self.server_state.default_headers
            if not (self.flow.write_paused or self.transport.is_closing() or CLOSE in first):
                told = self._at_once.answer(self._taken, b"".join(self._pieces))
                if told is not None:
                    self._taken, self._pieces = None, []
                    self.transport.write(_head_of(told, first) + told.body)
                    if CLOSE in told.headers:
                        self.transport.close()
                    self.on_response_complete()
                    return
            self._go_the_usual_way()
        HttpToolsProtocol.on_message_complete(self)

    def _is_next(self) -> bool:
        """Whether it is an ordinary request, and all before it are answered."""
        parser = self.parser
        return (
            not self.expect_100_continue
            and len(self.url) <= MAX_URL
            and (self.cycle is None or self.cycle.response_complete)
            and parser.get_method() == b"POST"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and parser.get_http_version() == "1.1"
        )

    def _go_the_usual_way(self) -> None:
        """With a request that is not answered at once after all."""
        if self._taken is not None:
            pieces, self._pieces, self._taken = self._pieces, [], None
            self._begin_cycle()
            self.cycle.body += b"".join(pieces)

    def _begin_cycle(self) -> None:
        url, headers, expected = self.url, self.headers, self.expect_100_continue
        HttpToolsProtocol.on_message_begin(self)  # makes the scope, which most of those answered at once do without
        self.url, self.expect_100_continue = url, expected
        self.headers += headers
        HttpToolsProtocol.on_headers_complete(self)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.scope["extensions"] = {WHOLE_ANSWER: partial(self._answer, cycle)}  # type: ignore[dict-item]  # not uvicorn's
        super()._start_asgi_task(cycle, app)

    async def _answer(self, cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes) -> None:
        """Write a whole answer at once, when the client has taken enough of those before."""
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle.disconnected:
            return
        first = cycle.default_headers
        if CLOSE in first or CLOSE in headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            headers = [*headers, CLOSE]
        self.transport.writelines((_head_of(Told(status, headers, body), first), body))
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        """An answer was written; the next request is taken up. No more are read as long as there are others before."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._quiet_since = self.loop.time()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if self.pipeline:
            self.flow.pause_reading()
        else:
            self.flow.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        at_first = not self._in_request
        self._begun, self._body_came = 0, False
        HttpToolsProtocol.data_received(self, data)
        if not self._in_request:
            self._asked_since = 0.0
            return
        if self._begun or not self._asked_since:
            self._asked_since = self.loop.time()
        if not self._body_came and self._begun <= at_first:  # else others came with it
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse(HeadTooLarge())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are no envelope
        """What came in is no HTTP."""
        self._refuse(NotHttp())

    def look(self, now: float) -> None:
        """Let go of a client that does not send its request, or does not take its answer."""
        is_idle = not self._in_request and (self.cycle is None or self.cycle.response_complete)
        if is_idle and 0 < self._quiet_since < now - KEEP_ALIVE_SECONDS:
            self.transport.close()
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


def _head_of(told: Told, first: Headers) -> bytes:
    fields = b"\r\n".join(map(b": ".join, (*first, *told.headers)))
    return b"".join((STATUS_LINE[told.status], fields, b"\r\n\r\n"))


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


def _most_connections() -> int:
    """Of a process, with the descriptors that it may have."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if allowed == resource.RLIM_INFINITY else int(allowed * PART_OF_DESCRIPTORS)


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
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def bind(address: tuple[str, int]) -> socket.socket:
    """A listening socket. Raises OSError, which names the address."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"{error.strerror} ({address[0]}:{address[1]})") from None
    return bound
