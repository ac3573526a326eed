"""Both sides of a milter conversation: `sosie milter` as a process, and a mail server that says what it is told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Self

from sosie.detection.actions import ActionRule
from sosie.detection.record import Record
from sosie.milter.address import bind
from sosie.milter.protocol import read_packets
from sosie.milter.server import MilterServer
from sosie.milter.session import Door, Session
from sosie.observe.observations import MessageUnscreened, Observation
from sosie.registry.entry import read_new_entry
from sosie.screening.gate import ALL, Gate
from sosie.screening.snapshot import Snapshot
from sosie.screening.standalone import snapshot_of

SOSIE = str(Path(sys.executable).with_name("sosie"))

ENTRIES = (("Jane Roe", "jane.roe@example.com"), ("John Doe", "john.doe@example.com, john@doe.example"))
OFFER = struct.pack(">III", 6, 0x1FF, 0x1FFFFF)  # what Postfix 3.7 offers


# Two letters, one of which is what all this is about.
FORGED = b"""\
From: "Jane Roe" <jane.roe@bulk.example>
Reply-To: jane.roe@free.example
To: staff@example.com
Subject: Invoice
Message-ID: <1@bulk.example>
"""
HONEST = b"""\
From: "Richard Miles" <richard@partner.example>
To: staff@example.com
Subject: Invoice
Message-ID: <2@partner.example>
"""


class Kept:
    """A gate by ENTRIES, and all that it hands on."""

    def __init__(self, *rules: ActionRule, fail_closed: bool = False, ready: bool = True, raw_kept: int = 0) -> None:
        self.records: list[Record] = []
        self.learnt: list[object] = []
        self.observed: list[Observation] = []
        entries = [read_new_entry({"name": name, "email": email, "is_email_regex": False}) for name, email in ENTRIES]
        snapshot = snapshot_of(entries)
        snapshot = replace(snapshot, rules=snapshot.rules._replace(actions=rules))

        def look_up(_: str) -> Snapshot | None:
            return snapshot if ready else None

        self.gate = Gate(
            look_up,
            self.observed.append,
            fail_closed,
            ALL,
            raw_kept,
            lambda _, record: self.records.append(record),
            lambda _, acquaintances: self.learnt.extend(acquaintances),
        )

    def door(self, **shared) -> Door:
        """A door to it."""
        return Door(self.gate, "account", **shared)

    def session(self, **shared) -> Session:
        """A connection on which nothing has been said."""
        return Session(self.door(**shared))

    @property
    def faults(self) -> list[str]:
        return [one.fault for one in self.observed if isinstance(one, MessageUnscreened)]


def say(session: Session, *packets: bytes) -> list[bytes]:
    """What a session answers to commands."""
    return replies(session.receive(read_packets(b"".join(packets))[0]))


def judge(session: Session, letter: bytes) -> list[bytes]:
    """The same to a whole message, of which a session that has negotiated gets the header."""
    return say(
        session,
        packet("M", b"<stranger@example.net>\0"),
        packet("R", b"<staff@example.com>\0"),
        *header(letter),
        packet("E"),
    )


class Listening:
    """A milter in a thread of this process, so that what it keeps can be looked at."""

    def __init__(self, door: Door, address: str) -> None:
        self._door = door
        self._bound = bind(address, 0o666)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = MilterServer(self._door)
        asyncio.run_coroutine_threadsafe(self._server.start(self._bound), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Milter:
    """A running `sosie milter --registry`; `address` as it is given to it and, but for the port, to Postfix."""

    def __init__(self, folder: Path, address: str = "", *arguments: str, **settings: str) -> None:
        self.folder = folder
        self.address = address or f"unix:{folder}/milter.sock"
        self._registry = folder / "registry.jsonl"
        self.write_registry(ENTRIES)
        self._arguments = arguments
        self._settings = settings
        self.log = folder / "milter.log"
        self.start()

    def write_registry(self, entries: tuple[tuple[str, str], ...]) -> None:
        """What the next start reads."""
        documents = ({"name": name, "email": email, "is_email_regex": False} for name, email in entries)
        self._registry.write_text("".join(json.dumps(one) + "\n" for one in documents))

    def start(self) -> None:
        """Until it listens."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")}
        settings = {**kept, **self._settings}
        with self.log.open("a") as stream:
            self.process = subprocess.Popen(self.command, env=settings, stdout=stream, stderr=stream)
        deadline = time.monotonic() + 30
        while not self._listens():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.01)

    @property
    def command(self) -> list[str]:
        """What starts it."""
        listen = ["--listen", self.address, "--socket-mode", "0666"]
        return [SOSIE, "milter", *listen, *self._source(), *self._arguments]

    def _source(self) -> tuple[str, ...]:
        """Where its registry comes from."""
        return "--registry", str(self._registry)

    def _listens(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)

    def connect(self) -> socket.socket:
        """A connection, on which nothing has been said."""
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            one = socket.socket(socket.AF_UNIX)
            one.connect(place)  # waits for its turn only where it has no time-out (unix(7), EAGAIN)
            one.settimeout(30)
            return one
        host, _, port = place.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=30)

    def memory(self) -> int:
        """Octets of its memory that are resident."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


class MilterOfDatabase(Milter):
    """The same with a database, whose settings are in the environment."""

    def _source(self) -> tuple[str, ...]:
        return ()


def packet(command: str, parameters: bytes = b"") -> bytes:
    """A command with its length."""
    return struct.pack(">I", 1 + len(parameters)) + command.encode("ascii") + parameters


def macros(command: str, **values: str) -> bytes:
    """Macros, those of several letters in braces."""
    pairs = (f"{name if len(name) == 1 else f'{{{name}}}'}\0{value}\0" for name, value in values.items())
    return packet("D", (command + "".join(pairs)).encode())


def header(letter: bytes) -> list[bytes]:
    """A letter's header fields as packets, with the white space after their colons."""
    fields: list[bytes] = []
    for line in letter.partition(b"\n\n")[0].split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\n" + line
        elif line:
            fields.append(line)
    return [packet("L", b"%b\0%b\0" % (name, value)) for name, _, value in (one.partition(b":") for one in fields)]


def replies(octets: bytes) -> list[bytes]:
    """Replies without their lengths."""
    found = []
    while octets:
        length = int.from_bytes(octets[:4])
        assert len(octets) >= 4 + length > 4, octets
        found.append(octets[4 : 4 + length])
        octets = octets[4 + length :]
    return found


class MailServer:
    """One connection to a milter, as Postfix leads it."""

    def __init__(self, connection: socket.socket, client: str = "192.0.2.1") -> None:
        self.connection = connection
        self._read = b""
        self.say(packet("O", OFFER))
        assert self.reply()[:1] == b"O"
        self.say(macros("C", j="mx.example.com"), packet("C", b"client.example.net\x004\0\x19%b\0" % client.encode()))

    def say(self, *packets: bytes) -> None:
        """Send."""
        self.connection.sendall(b"".join(packets))

    def reply(self) -> bytes:
        """The next reply."""
        while len(self._read) < 4 or len(self._read) < 4 + int.from_bytes(self._read[:4]):
            octets = self.connection.recv(65536)
            if not octets:
                raise EOFError("the milter closed the connection")
            self._read += octets
        length = int.from_bytes(self._read[:4])
        found, self._read = self._read[4 : 4 + length], self._read[4 + length :]
        return found

    def judge(self, letter: bytes) -> list[bytes]:
        """Its header, and all replies to it."""
        self.say(packet("M", b"<stranger@example.net>\0"), packet("R", b"<jane@example.com>\0"))
        self.say(*header(letter), packet("E"))
        found = [self.reply()]
        while found[-1][:1] not in (b"a", b"c", b"r", b"t", b"y", b"d"):
            found.append(self.reply())
        return found
