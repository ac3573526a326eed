"""The milter protocol, versions 2 to 6: octets <-> commands and replies. Pure: no socket, no state.

A packet is a length (32 bits, most significant octet first), one octet that names the command or the reply, and its
parameters; texts end in NUL. No standard describes it: it is what libmilter of Sendmail speaks (include/libmilter/
mfdef.h), whose names are used here without their prefixes (SMFIC_ commands, SMFIR_ replies, SMFIF_ what a filter may
change, SMFIP_ what is left out of the conversation).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from enum import IntFlag
from typing import NamedTuple

OLDEST, NEWEST = 2, 6  # Sendmail 8.10 speaks 2, 8.14 and Postfix 2.6 speak 6

# Octets of one packet. libmilter takes 64 KiB unless a filter asks for up to 1 MiB (SMFIP_MDS_1M); Postfix sends a
# header field in one packet however long it may be (header_size_limit, 100 KiB).
MAX_PACKET = 1 << 20

MAX_MACROS = 64  # of one command; Postfix and Sendmail send up to ten, and as many as were asked for

# Commands of the mail server. Plain numbers, as octets are when they are indexed.
ABORT, BODY, CONNECT, MACRO, EOM, HELO, QUIT_NC = b"ABCDEHK"
HEADER, ENVFROM, EOH, NEGOTIATE, QUIT, ENVRCPT, DATA, UNKNOWN = b"LMNOQRTU"

# Replies of the filter.
ACCEPT, CONTINUE, SKIP, TEMPFAIL = b"a", b"c", b"s", b"t"
_ADDHEADER, _CHGHEADER, _INSHEADER, _QUARANTINE, _REPLYCODE = b"h", b"m", b"i", b"q", b"y"


class Change(IntFlag):
    """What a filter may do to a message (SMFIF_)."""

    ADDHDRS = 0x1
    CHGHDRS = 0x10
    QUARANTINE = 0x20
    SETSYMLIST = 0x100  # the filter may say which macros it wants


class Step(IntFlag):
    """What is left out of a conversation (SMFIP_): NO... commands that are not sent, NR_... ones without a reply."""

    NOCONNECT = 0x1
    NOHELO = 0x2
    NOMAIL = 0x4
    NORCPT = 0x8
    NOBODY = 0x10
    NOHDRS = 0x20
    NOEOH = 0x40
    NR_HDR = 0x80
    NOUNKNOWN = 0x100
    NODATA = 0x200
    SKIP = 0x400  # the filter may answer to a piece of body that it wants no more of it
    NR_CONN = 0x1000
    NR_HELO = 0x2000
    NR_MAIL = 0x4000
    NR_RCPT = 0x8000
    NR_DATA = 0x10000
    NR_UNKN = 0x20000
    NR_EOH = 0x40000
    NR_BODY = 0x80000
    HDR_LEADSPC = 0x100000  # the value of a field begins right after the colon, white space and all


# By command, the step that leaves its reply out.
NO_REPLY = {
    CONNECT: Step.NR_CONN,
    HELO: Step.NR_HELO,
    ENVFROM: Step.NR_MAIL,
    ENVRCPT: Step.NR_RCPT,
    DATA: Step.NR_DATA,
    UNKNOWN: Step.NR_UNKN,
    HEADER: Step.NR_HDR,
    EOH: Step.NR_EOH,
    BODY: Step.NR_BODY,
}

# By command, its number in a list of macros (SMFIM_).
MACRO_STAGES = {CONNECT: 0, HELO: 1, ENVFROM: 2, ENVRCPT: 3, DATA: 4, EOM: 5, EOH: 6}


class MilterError(ValueError):
    """The other side does not speak this protocol; the connection is of no use any more."""


class Negotiation(NamedTuple):
    """A version, what may be changed, and what is left out: as offered by the mail server, or as chosen."""

    version: int
    changes: int
    steps: int


_LENGTH = struct.Struct(">I")
_NEGOTIATION = struct.Struct(">III")
NEGOTIATION_SIZE = 1 + _NEGOTIATION.size  # octets of a packet; Sendmail may say more, which is not for us


def read_packets(octets: bytes) -> tuple[list[bytes], int]:
    """The whole packets that `octets` begin with, without their lengths, and where the rest begins.

    Raises MilterError for a length that no packet has.
    """
    packets = []
    start, end = 4, len(octets)  # of a packet, after its length
    unpack = _LENGTH.unpack_from
    while start <= end:
        (length,) = unpack(octets, start - 4)
        if not 0 < length <= MAX_PACKET:
            raise MilterError(f"a packet of {length} octets")
        after = start + length
        if after > end:
            break
        packets.append(octets[start:after])
        start = after + 4
    return packets, start - 4


def to_packet(command: int, parameters: bytes = b"") -> bytes:
    """A command, as a mail server sends it."""
    return _LENGTH.pack(1 + len(parameters)) + bytes((command,)) + parameters


def read_negotiation(packet: bytes) -> Negotiation:
    """What is offered. Raises MilterError."""
    if len(packet) < NEGOTIATION_SIZE:
        raise MilterError("a negotiation that is cut short")
    offered = Negotiation(*_NEGOTIATION.unpack_from(packet, 1))
    if offered.version < OLDEST:
        raise MilterError(f"version {offered.version} of the protocol")
    return offered


def to_negotiation(chosen: Negotiation, macros: Mapping[int, str] | None = None) -> bytes:
    """What is chosen; `macros` are the wanted ones by command, and go with Change.SETSYMLIST."""
    lists = b"".join(
        _LENGTH.pack(MACRO_STAGES[command]) + names.encode("ascii") + b"\0" for command, names in (macros or {}).items()
    )
    return _reply(b"O" + _NEGOTIATION.pack(*chosen) + lists)


def read_text(packet: bytes) -> str:
    """The first of the texts that a packet's parameters are: the client's name of HELO, the path of MAIL and RCPT.

    Raises MilterError where the last has no end.
    """
    if packet[-1]:
        raise MilterError(f"a text without its end, after {packet[:1]!r}")
    return to_text(packet[1 : packet.index(0)])


def read_macros(packet: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Macros, as pairs of a name as it stands, such as `i` or `{auth_authen}`, and a value. The packet's second octet
    is the command that they go with. Raises MilterError where the last text has no end."""
    if packet[-1] and len(packet) > 2:
        raise MilterError(f"a text without its end, after {packet[:2]!r}")
    texts = iter(packet[2:-1].split(b"\0", 2 * MAX_MACROS))
    return zip(texts, texts, strict=False)


def read_connect(packet: bytes) -> str:
    """The IP address of the client; empty for a unix socket and the like. It stands behind a name that ends in NUL, a
    family, and, in the families 4 and 6, a port of two octets. Raises MilterError."""
    end = packet.find(b"\0")
    if end < 0 or len(packet) == end + 1:
        raise MilterError("a connection without a family of addresses")
    if packet[end + 1] not in b"46":
        return ""
    return to_text(packet[end + 4 :].partition(b"\0")[0]).removeprefix("IPv6:")


def to_text(octets: bytes) -> str:
    """Texts are octets to the mail server: ASCII, or UTF-8 since RFC 6531."""
    return octets.decode("utf-8", "replace")


def insert_header(index: int, name: str, value: bytes) -> bytes:
    """A field at this place of the header, 0 for its beginning; lines of a folded value end in LF."""
    return _reply(b"".join((_INSHEADER, _LENGTH.pack(index), name.encode("ascii"), b"\0", value, b"\0")))


def add_header(name: str, value: bytes) -> bytes:
    """A field at the end of the header."""
    return _reply(b"".join((_ADDHEADER, name.encode("ascii"), b"\0", value, b"\0")))


def change_header(index: int, name: bytes, value: bytes = b"") -> bytes:
    """Another value for one of the fields of a name, the first being 1; without a value, the field is removed."""
    return _reply(b"".join((_CHGHEADER, _LENGTH.pack(index), name, b"\0", value, b"\0")))


def quarantine(reason: str) -> bytes:
    """Keep the message back until a person has looked at it."""
    return _reply(_QUARANTINE + reason.encode("ascii", "replace") + b"\0")


def reply_code(code: int, status: str, text: str) -> bytes:
    """What the client is answered: a code (RFC 5321, 4.2), an enhanced status (RFC 3463), a sentence in ASCII, in which
    no `%` stands: Sendmail takes it for the beginning of something else.
    """
    return _reply(_REPLYCODE + f"{code} {status} {text}".encode("ascii") + b"\0")


def verb(reply: bytes) -> bytes:
    """A reply without parameters: ACCEPT, CONTINUE, SKIP, TEMPFAIL."""
    return _reply(reply)


def _reply(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content
