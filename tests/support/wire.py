"""A small HTTP/1.1 client on one connection: it knows which requests were answered, and breaks rules when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

GONE = (OSError, EOFError, asyncio.IncompleteReadError, ValueError)
AWAY_STATUSES = (502, 503, 504)


@dataclass(frozen=True)
class Reply:
    """An answer; `headers` by their names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def result(self) -> Any:
        return self.json["result"]

    @property
    def code(self) -> int:
        """The first error's code."""
        return self.json["errors"][0]["code"]


class Wire:
    """One connection, made when it is needed, kept until the server closes it."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, octets: bytes) -> None:
        """Put octets on the wire. Raises OSError."""
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(octets)
        await self._writer.drain()

    async def read(self, *, last: bool = False) -> Reply:
        """The next answer; the `last` if it must be followed by the end of the connection. Raises one of GONE."""
        assert self._reader is not None
        line = await self._reader.readline()
        if not line:
            raise EOFError("the server closed the connection")
        status = int(line.split()[1])
        headers = {}
        while (line := await self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        if last:
            with suppress(ConnectionResetError):
                assert await self._reader.read() == b""
        if headers.get("connection") == "close":
            self.close()
        return Reply(status, headers, body)

    async def ask(self, method: str, path: str, document: Any = None, **headers: str) -> Reply:
        """One request and its answer; `path` as after /client/v4. Raises one of GONE."""
        try:
            await self.send(self.request(method, path, document, **headers))
            return await self.read()
        except BaseException:
            self.close()
            raise

    def request(self, method: str, path: str, document: Any = None, **headers: str) -> bytes:
        """The octets of a request; `_` in the name of a header stands for `-`."""
        body = b"" if document is None else json.dumps(document).encode()
        lines = [f"{method} /client/v4{path} HTTP/1.1", "host: sosie.test"]
        if self.token:
            lines.append(f"authorization: Bearer {self.token}")
        if body:
            lines += ["content-type: application/json", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def close(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def until_answered(self, method: str, path: str, document: Any = None, **headers: str) -> Reply:
        """Ask again and again while the server or its database is away, as a patient client does."""
        while True:
            try:
                reply = await self.ask(method, path, document, **headers)
            except GONE:
                await asyncio.sleep(0.01)
                continue
            if reply.status not in AWAY_STATUSES:
                return reply
            await asyncio.sleep(0.02)


async def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until `condition()` (or what it awaits to) is true; its value. Raises AssertionError."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert loop.time() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.01)


async def asked_once(port: int, octets: bytes) -> Reply:
    """Octets on a connection of their own, and the first answer."""
    wire = Wire(port)
    try:
        await wire.send(octets)
        return await wire.read()
    finally:
        wire.close()


async def status_of(port: int, path: str) -> int:
    """The status of a GET of an admin page; 0 where nobody answers."""
    try:
        return (await asked_once(port, f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())).status
    except GONE:
        return 0
