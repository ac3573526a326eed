"""The milter's sockets: octets of mail servers to sessions, and their replies back, on the loop of this process.

Theory of operation. One protocol object a connection, no streams and no task: a message costs one wake-up and one
write. A connection may be idle for as long as the client of the mail server may think, so a thousand idle ones must
cost little; what is looked at for all of them together is looked at every LOOK_SECONDS.

Over TCP every mail server suffers from Nagle's algorithm against delayed acknowledgements: it writes the fields of a
message in pieces, and the second piece waits 40 ms for the acknowledgement of the first. TCP_QUICKACK has the kernel
acknowledge at once; it lasts for a while only, and is set again at every read (tcp(7)).
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import stat
import time
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sosie.milter.address import bind
from sosie.milter.protocol import MAX_PACKET, MilterError, read_packets
from sosie.milter.session import Door, Session
from sosie.observe.observations import MessageUnscreened

# A connection that is closed takes the next message of its client with it, unjudged: so not before the mail server has
# given its client up. Sendmail waits an hour for a command, Postfix five minutes; libmilter waits for 7,210 seconds.
IDLE_SECONDS = 7210.0

# In the middle of a packet, which a mail server writes from memory; Postfix's milter_content_timeout is 300 s as well.
STALL_SECONDS = 300.0

LOOK_SECONDS = 10.0

BACKLOG = 4096  # connections that wait to be accepted; the kernel takes no more of them (net.core.somaxconn)

MAX_CONNECTIONS = 20_000  # Postfix takes 100 clients at once, one connection each (default_process_limit)

# That connections leave to the rest of the process: the database, records that wait on disk, questions to the DNS (32
# at once), whoever asks for metrics.
SPARE_DESCRIPTORS = 100

# Octets held for all connections together. One connection may hold a packet and a header (1.5 MiB), and where senders
# are verified the beginning of a body (256 KiB). Beyond, bodies are let go; where headers alone are so much, none of
# them is a mail server's, and those that hold most are closed.
MAX_HELD = 128 << 20
MUCH_HELD = 64 * 1024

STOP_SECONDS = 10.0  # messages under way may take this long after a stop was asked for

QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux


def most_connections() -> int:
    """So many at once, with the descriptors that the process may have by now."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(allowed - SPARE_DESCRIPTORS, allowed // 2))


@dataclass(slots=True)
class Load:
    """What all connections of a server are, and hold; and how many there may be."""

    most: int = field(default_factory=most_connections)
    connections: set[Connection] = field(default_factory=set)
    held: int = 0


class Connection(asyncio.Protocol):
    """One mail server's connection."""

    __slots__ = ("_door", "_held", "_inet", "_load", "_rest", "_session", "_socket", "_transport", "_verifying",
                 "heard_at")  # fmt: skip

    def __init__(self, door: Door, load: Load, *, inet: bool) -> None:
        self._door = door
        self._inet = inet
        self._load = load
        self._session = Session(door)
        self._socket: Any = None  # of TCP, where acknowledgements have to be hurried
        self._rest = bytearray()
        self._held = 0
        self._verifying: asyncio.Task[None] | None = None
        self.heard_at = time.monotonic()

    def connection_made(self, transport: Any) -> None:
        """A mail server has come."""
        self._transport = transport
        if len(self._load.connections) >= self._load.most:
            self._give_up(f"there are {self._load.most} connections already")
            return
        self._load.connections.add(self)
        if self._inet:
            one = transport.get_extra_info("socket")
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = one if QUICKACK is not None else None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio hands it in
        """It has gone."""
        self._load.connections.discard(self)
        self._load.held -= self._held
        self._held = 0

    def data_received(self, data: bytes) -> None:
        """Some of what it says."""
        if self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
        self.heard_at = time.monotonic()
        if self._rest:
            self._rest += data
            if len(self._rest) < _needed(self._rest):
                self._mind()
                return
            data = bytes(self._rest)
            self._rest.clear()
        try:
            packets, start = read_packets(data)
            replies = self._session.receive(packets)
        except MilterError as error:
            self._give_up(str(error))
            return
        except Exception:  # noqa: BLE001 - a mistake of ours; the mail server does what it does without us
            self._give_up(traceback.format_exc())
            return
        if start < len(data):
            self._rest += data[start:]
        if replies:
            self._transport.write(replies)
        if self._session.pending is not None:
            self._transport.pause_reading()
            self._verifying = asyncio.get_running_loop().create_task(self._reply_later(self._session.pending))
            self._session.pending = None
        if self._session.over:
            self._transport.close()
        else:
            self._mind()

    async def _reply_later(self, pending: Coroutine[Any, Any, bytes]) -> None:
        """Say what becomes of a message that has to be verified first; the mail server waits for it."""
        replies = await pending
        self._verifying = None
        self._mind()
        if not self._transport.is_closing():
            self._transport.write(replies)
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """It does not take its replies: so it is not listened to."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has taken them."""
        if self._verifying is None:
            self._transport.resume_reading()

    @property
    def busy(self) -> bool:
        """Whether a message is under way."""
        return self._session.message.begun or bool(self._rest) or self._verifying is not None

    def look(self, now: float) -> None:
        """Close it where nothing can be expected any more."""
        if now - self.heard_at > (STALL_SECONDS if self._rest else IDLE_SECONDS):
            self._give_up("nothing was said for too long")

    def close(self) -> None:
        """No more of it, once it has taken its replies."""
        self._transport.close()

    def abort(self) -> None:
        """No more of it, whatever it has not taken."""
        self._transport.abort()

    def _mind(self) -> None:
        """Note what is held here; where that is too much, do without the body of the message, or else end it."""
        if self._note_held() and self._load.held > MAX_HELD and self._held > MUCH_HELD:
            self._session.message.shed_body()
            self._note_held()
            if self._load.held > MAX_HELD and len(self._rest) + self._session.message.held > MUCH_HELD:
                self._give_up("too much is held for all connections together")

    def _note_held(self) -> bool:
        """Whether it is another number of octets than before."""
        session = self._session
        more = len(self._rest) + session.message.held + session.verified_octets - self._held
        self._held += more
        self._load.held += more
        return more != 0

    def _give_up(self, fault: str) -> None:
        """The mail server does with its message what it was told to do without a filter."""
        self._door.gate.observe(MessageUnscreened("milter", fault))
        self._session = Session(self._door)
        self._rest.clear()
        self._transport.abort()


def _needed(begun: bytearray) -> int:
    """How long a packet is that has begun, with its length; what comes octet by octet is looked at once it is whole."""
    return 4 + min(int.from_bytes(begun[:4]), MAX_PACKET) if len(begun) >= 4 else 4


class MilterServer:
    """Listens on sockets that are bound; start it on a running loop, and close it there."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._load = Load()
        self._servers: list[asyncio.Server] = []
        self._files: dict[str, os.stat_result] = {}  # of unix sockets, each as it was made
        self._looking: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._load.connections)

    async def start(self, listening: socket.socket) -> None:
        """Serve on a socket that is bound, of TCP or unix."""
        loop = asyncio.get_running_loop()
        inet = listening.family != socket.AF_UNIX
        connected = partial(Connection, self._door, self._load, inet=inet)
        if inet:
            server: asyncio.Server = await loop.create_server(connected, sock=listening, backlog=BACKLOG)
        else:
            server = await loop.create_unix_server(connected, sock=listening, backlog=BACKLOG)
            with suppress(FileNotFoundError):  # a worker that takes over a socket whose file was removed
                self._files[listening.getsockname()] = os.lstat(listening.getsockname())
        self._servers.append(server)
        if self._looking is None:
            self._looking = loop.create_task(self._look())

    async def close(self) -> None:
        """Accept nobody, end connections that are between two messages, and wait for the messages under way.

        Not longer than it must be: who cannot connect goes by us, until the next process listens.
        """
        self._files.clear()
        for server in self._servers:
            server.close()
        deadline = time.monotonic() + STOP_SECONDS
        while self._load.connections:
            for one in list(self._load.connections):
                if time.monotonic() > deadline:
                    one.abort()
                elif not one.busy:
                    one.close()
            await asyncio.sleep(0.01)
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for one in list(self._load.connections):
                one.look(now)
            for path, made in list(self._files.items()):
                await self._put_back(path, made)

    async def _put_back(self, path: str, made: os.stat_result) -> None:
        """Make a socket's file anew where somebody has removed it: mail servers find no way here, and go by. What
        another has put in its place stays."""
        with suppress(OSError):
            if not os.path.samestat(made, os.lstat(path)):
                del self._files[path]
                self._tell_of(f"{path} is another's now: nobody new reaches this process")
            return
        try:
            await self.start(bind(f"unix:{path}", stat.S_IMODE(made.st_mode)))
        except OSError as error:
            self._tell_of(f"{path} was removed, and cannot be made anew: {error.strerror or error}")
        else:
            self._tell_of(f"{path} was removed, and is made anew: mail went by unjudged meanwhile")

    def _tell_of(self, fault: str) -> None:
        self._door.gate.observe(MessageUnscreened("milter", fault))
