"""One connection of a mail server: packets in, replies out. No socket: only the gate is asked, about each message.

Theory of operation. The mail server offers a version and what it could leave out; the session takes all it can, so that
of a message nothing comes but who sent it to whom and its header fields, none of which is answered, and one answer goes
back at its end. One connection carries several messages of one client; ABORT forgets the message under way, and QUIT_NC
the client, because the connection is used for another one.

The packets of header fields are taken together, kept as they are, and joined once, at the end of the message: of the
seventy packets of a letter thirty are such, thirty more are macros that Postfix sends before each of them, and what is
done for each is what a message costs here.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.milter import protocol
from sosie.milter.header import Header
from sosie.milter.incoming import Incoming
from sosie.milter.protocol import (
    CONNECT,
    EOM,
    HEADER,
    NEGOTIATION_SIZE,
    Change,
    MilterError,
    Negotiation,
    Step,
    verb,
)
from sosie.milter.replies import Dialect, to_final, to_replies
from sosie.screening.gate import Gate
from sosie.screening.verifying.open import BODY_WANTED

if TYPE_CHECKING:
    from sosie.screening.verifying.body_hash import BodyHashes, Hashes
    from sosie.screening.verifying.gate import VerifyingGate

# The macros that are asked for, by command; no others need be sent. `j` is what the mail server calls itself, `i` the
# queue id.
MACROS = {
    CONNECT: "j {daemon_name} {client_name} {client_addr} {client_resolve}",
    protocol.HELO: "",
    protocol.ENVFROM: "i {auth_authen}",
    protocol.ENVRCPT: "",
    protocol.DATA: "",
    EOM: "i",
    protocol.EOH: "",
}

# Nothing else is kept of what is sent, and no more of each: a name of the DNS has 255 octets, a login hardly more.
_WANTED = {bytes((command,)): names.encode().split() for command, names in MACROS.items() if names}
MAX_MACRO = 1024  # octets of a value

# Postfix sends the queue id before each header field, whatever was asked for; libmilter passes over such macros too.
_MACROS_OF_A_FIELD = bytes((protocol.MACRO, HEADER))

# What {daemon_name} is where only our own people send: other filters go by this word too (milter_macro_daemon_name).
ORIGINATING = "ORIGINATING"

CHANGES = Change.ADDHDRS | Change.CHGHDRS | Change.QUARANTINE | Change.SETSYMLIST
QUIET = (
    Step.NOEOH | Step.NODATA | Step.NOUNKNOWN | Step.NR_CONN | Step.NR_HELO | Step.NR_MAIL | Step.NR_RCPT
    | Step.NR_HDR | Step.NR_DATA | Step.NR_UNKN | Step.NR_EOH | Step.HDR_LEADSPC
)  # fmt: skip

_CONTINUE, _SKIP = verb(protocol.CONTINUE), verb(protocol.SKIP)


@dataclass(frozen=True, slots=True)
class Door:
    """What all connections share. `body_wanted` octets of each body are asked for, 0 for none; `record` says whether
    messages are recorded and learnt from; `verifying` is the gate that asks the DNS first, where that is wanted."""

    gate: Gate
    account_id: str
    subject_prefix: str = ""
    body_wanted: int = 0
    record: bool = True
    verifying: VerifyingGate | None = None


class Session:
    """`message` is the one under way; `over` says that the mail server has nothing more to say. `pending` gives the
    replies to a message later, when it has been verified, which holds `verified_octets`: until then nothing more may be
    received."""

    __slots__ = ("_answered", "_connection", "_dialect", "_door", "_helo", "_ip", "message", "over", "pending",
                 "verified_octets")  # fmt: skip

    def __init__(self, door: Door) -> None:
        self.message: Incoming = Incoming()
        self.over = False
        self.pending: Coroutine[Any, Any, bytes] | None = None
        self.verified_octets = 0
        self._door = door
        self._dialect: Dialect | None = None
        self._answered: dict[int, bytes] = {}
        self._ip, self._helo = "", ""
        self._connection: dict[bytes, str] = {}

    def receive(self, packets: list[bytes]) -> bytes:
        """The replies to these packets, to be written at once; empty for none. Raises MilterError."""
        replies: list[bytes] = []
        fields: list[bytes] = []
        for packet in packets:
            command = packet[0]
            if command == HEADER and self._answered:
                fields.append(packet)
            elif packet[:2] != _MACROS_OF_A_FIELD or not self._answered:
                if fields:
                    replies.append(self._take_fields(fields))
                    fields = []
                replies.append(self._answer(packet))
        if fields:
            replies.append(self._take_fields(fields))
        return b"".join(replies)

    def _take_fields(self, packets: list[bytes]) -> bytes:
        self.message.take_fields(packets)
        return self._answered[HEADER] * len(packets)

    def _answer(self, packet: bytes) -> bytes:
        """Do what a command says. Its reply: what the command alone can have, or else what was negotiated."""
        command = packet[0]
        take = self._COMMANDS.get(command)
        if take is None:
            raise MilterError(f"an unknown command, {packet[:1]!r}")
        if self._dialect is None and command not in (protocol.NEGOTIATE, protocol.QUIT):
            raise MilterError(f"command {packet[:1]!r} before any negotiation")
        reply = take(self, packet)
        return self._answered.get(command, b"") if reply is None else reply

    def _negotiate(self, packet: bytes) -> bytes:
        reply, self._dialect, self._answered = _choose(packet[:NEGOTIATION_SIZE], body=self._door.body_wanted > 0)
        self._begin_client()
        return reply

    def _take_macros(self, packet: bytes) -> bytes:
        wanted = _WANTED.get(packet[1:2])
        if wanted is not None and len(packet) > 2:  # Postfix sends one without macros, too
            macros = protocol.read_macros(packet)
            if packet[1] == protocol.ENVFROM and self.message.begun:
                self.message = Incoming()  # the macros of MAIL come before it
            kept = self._connection if packet[1] == CONNECT else self.message.macros
            for name, value in macros:
                if name in wanted:
                    kept[name] = protocol.to_text(value[:MAX_MACRO])
        return b""

    def _take_connect(self, packet: bytes) -> None:
        self._ip = protocol.read_connect(packet)

    def _take_helo(self, packet: bytes) -> None:
        self._helo = protocol.read_text(packet)

    def _take_return_path(self, packet: bytes) -> None:
        if self.message.begun:
            self.message = Incoming()
        self.message.begun = True
        self.message.return_path = _path(packet)

    def _take_recipient(self, packet: bytes) -> None:
        self.message.take_recipient(_path(packet))

    def _take_body(self, packet: bytes) -> bytes | None:
        enough = self._take_piece(packet[1:])
        return _SKIP if enough and self._dialect is not None and self._dialect.skip else None

    def _take_piece(self, octets: bytes) -> bool:
        """Whether no more of the body is wanted. One that becomes too long to be kept is hashed, if its hash counts."""
        message, door = self.message, self._door
        if door.verifying is not None and message.becomes_long(octets, min(BODY_WANTED, door.body_wanted)):
            message.hashes = self._hashes_of(message, door.verifying)
        return message.take_body(octets, door.body_wanted)

    def _hashes_of(self, message: Incoming, verifying: VerifyingGate) -> BodyHashes | None:
        try:
            raw = message.message(message.header(lead_space=(self._dialect or Dialect()).lead_space))
            return verifying.hashes_of(self._door.account_id, raw, self._arrival(message))
        except Exception:  # noqa: BLE001 - what is met at the end of the message again is told then
            return None

    def _take_end(self, packet: bytes) -> bytes:
        if self.pending is not None:  # its reply would go to the message before, whose own would be lost
            self.pending.close()
            raise MilterError("a message before the reply to the last one")
        message, door, dialect = self.message, self._door, self._dialect or Dialect()
        if door.body_wanted:
            self._take_piece(packet[1:])  # the last one; nothing, if all of it has come
        self.message = Incoming()
        arrival = self._arrival(message)
        try:
            header = message.header(lead_space=dialect.lead_space)
            raw = message.message(header)
            if door.verifying is not None and door.verifying.is_needed(door.account_id, raw, arrival):
                self.verified_octets = len(raw)
                self.pending = self._verified(door.verifying, raw, arrival, header, message.known_hashes())
                return b""
            screened = door.gate.admit(door.account_id, raw, arrival, record=door.record)
            return to_replies(screened, header, dialect, door.subject_prefix)
        except Exception:  # noqa: BLE001 - a mistake of ours must not stop mail; the gate observes it
            return to_final(door.gate.unjudged(arrival, traceback.format_exc()).action)

    async def _verified(
        self, verifying: VerifyingGate, raw: bytes, arrival: Arrival, header: Header, hashes: Hashes | None
    ) -> bytes:
        door = self._door
        try:
            screened = await verifying.admit(door.account_id, raw, arrival, record=door.record, hashes=hashes)
            return to_replies(screened, header, self._dialect or Dialect(), door.subject_prefix)
        except Exception:  # noqa: BLE001 - a mistake of ours must not stop mail; the gate observes it
            return to_final(door.gate.unjudged(arrival, traceback.format_exc()).action)
        finally:
            self.verified_octets = 0

    def _arrival(self, message: Incoming) -> Arrival:
        connection, macros = self._connection, message.macros
        envelope = Envelope(
            message.return_path,
            tuple(message.recipients),
            connection.get(b"{client_addr}", "").removeprefix("IPv6:") or self._ip,
            self._server_name(),
        )
        outbound = bool(macros.get(b"{auth_authen}")) or connection.get(b"{daemon_name}") == ORIGINATING
        return Arrival("milter", envelope, self._helo, macros.get(b"i", ""), outbound, "", connection.get(b"j", ""))

    def _server_name(self) -> str:
        """The client's name where a look-up of it leads to its address, and empty elsewhere.

        Postfix says "unknown" where it does not. Sendmail says in {client_resolve} how it went, and in a connection of
        its oldest versions, where that is not to be had, nothing that can be relied on.
        """
        name = self._connection.get(b"{client_name}", "")
        resolved = self._connection.get(b"{client_resolve}", "OK")
        return name if resolved == "OK" and name != "unknown" and not name.startswith("[") else ""

    def _abort(self, _packet: bytes) -> bytes:
        if not self.message.is_new:  # Postfix says so after each message as well
            self.message = Incoming()
        return b""

    def _quit(self, _packet: bytes) -> bytes:
        self.over = True
        return b""

    def _begin_client(self, _packet: bytes = b"") -> bytes:
        self._ip, self._helo, self._connection = "", "", {}
        return self._abort(_packet)

    def _pass_over(self, _packet: bytes) -> None:
        """What was not asked for, from a mail server that cannot leave it out."""

    # By command, what is done; what returns nothing is answered as was negotiated.
    _COMMANDS: ClassVar[dict[int, Callable[[Session, bytes], bytes | None]]] = {
        protocol.NEGOTIATE: _negotiate,
        protocol.MACRO: _take_macros,
        CONNECT: _take_connect,
        protocol.HELO: _take_helo,
        protocol.ENVFROM: _take_return_path,
        protocol.ENVRCPT: _take_recipient,
        protocol.DATA: _pass_over,
        protocol.EOH: _pass_over,
        protocol.UNKNOWN: _pass_over,
        protocol.BODY: _take_body,
        EOM: _take_end,
        protocol.ABORT: _abort,
        protocol.QUIT: _quit,
        protocol.QUIT_NC: _begin_client,
    }


@lru_cache(maxsize=16)  # a mail server offers the same on every connection
def _choose(packet: bytes, *, body: bool) -> tuple[bytes, Dialect, dict[int, bytes]]:
    """The reply to an offer, what is chosen by it, and by command the reply that it gets. Raises MilterError."""
    offered = protocol.read_negotiation(packet)
    wanted = QUIET | (Step.SKIP if body else Step.NOBODY | Step.NR_BODY)
    version = min(offered.version, protocol.NEWEST)
    chosen = Negotiation(version, offered.changes & CHANGES, offered.steps & wanted)
    answered = {command: b"" if chosen.steps & step else _CONTINUE for command, step in protocol.NO_REPLY.items()}
    reply = protocol.to_negotiation(chosen, MACROS if chosen.changes & Change.SETSYMLIST else None)
    return reply, Dialect.from_negotiation(chosen), answered


def _path(packet: bytes) -> str:
    """The path of MAIL or RCPT (RFC 5321, 4.1.2) without angle brackets; parameters of the extensions follow it."""
    path = protocol.read_text(packet)
    return path[1:-1] if path[:1] == "<" and path[-1:] == ">" else path
