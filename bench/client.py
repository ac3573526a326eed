"""A small HTTP/1.1 client that keeps its connections open: to load a server, or to ask it one thing at a time."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import uvloop


class Request(NamedTuple):
    """What is sent; `raw` is the same as bytes on the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def raw(self) -> bytes:
        """Head and body."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class Answer(NamedTuple):
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Loaded(NamedTuple):
    """What a load did: seconds on the wall, answers by status, seconds of each request."""

    seconds: float
    statuses: Counter[int]
    latencies: list[float]


class Client:
    """One connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.connect()

    def ask(self, request: Request) -> Answer:
        """The answer to the request."""
        self._connection.request(request.method, request.path, request.body or None, request.headers)
        answer = self._connection.getresponse()
        body = answer.read()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def load(port: int, requests: list[Request], count: int, connections: int) -> Loaded:
    """Send `count` requests, taken from `requests` round and round, over so many connections at once."""
    return uvloop.run(_load(port, itertools.islice(itertools.cycle([one.raw for one in requests]), count), connections))


async def _load(port: int, requests: Iterator[bytes], connections: int) -> Loaded:
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    started = time.perf_counter()
    ends = []
    for _ in range(connections):
        end = loop.create_future()
        ends.append(end)
        await loop.create_connection(lambda end=end: _Loading(requests, statuses, latencies, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return Loaded(time.perf_counter() - started, statuses, latencies)


class _Loading(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is whole."""

    def __init__(
        self, requests: Iterator[bytes], statuses: Counter[int], latencies: list[float], end: asyncio.Future[None]
    ) -> None:
        self._requests, self._statuses, self._latencies, self._end = requests, statuses, latencies, end
        self._head = b""
        self._missing = 0
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._end.done():
            self._end.set_exception(error or ConnectionResetError("the server closed a connection"))

    def data_received(self, chunk: bytes) -> None:
        if not self._missing:
            self._head += chunk
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
            self._statuses[int(head[9:12])] += 1
            self._missing = end + 4 + length - len(self._head)
            self._head = b""
        else:
            self._missing -= len(chunk)
        if not self._missing:
            self._latencies.append(time.perf_counter() - self._sent)
            self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)
