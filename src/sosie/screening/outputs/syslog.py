"""Alerts to a syslog server: RFC 5424 over UDP (RFC 5426) or TCP (RFC 6587, octet counting).

    <20>1 2026-07-01T05:20:00.000000Z mx1 sosie 4711 alert [sosie@32473 id="…" disposition="MALICIOUS-BEC" …] sentence

The message is one sentence for a person; the structured data says the same to a program. Its name carries the number
that RFC 5612 sets aside for examples, because sosie has no enterprise number of its own.

Behind a unix socket rsyslog and journald expect what syslog(3) of the C library writes, and take anything else for the
text of a message from nobody:

    <20>Jul  1 07:20:00 sosie[4711]: sentence [sosie@32473 id="…" …]
"""

from __future__ import annotations

import os
import re
import socket
from datetime import datetime
from typing import NamedTuple

from sosie.detection.record import Record
from sosie.detection.verdict import MALICIOUS_BEC, SPOOF
from sosie.screening.outputs.alert import Alert, BadOutput, Undelivered
from sosie.screening.outputs.sentence import one_line, sentence

MAIL = 2  # the facility (RFC 5424, 6.2.1)
WARNING, NOTICE = 4, 5
_SEVERITIES = {MALICIOUS_BEC: WARNING, SPOOF: WARNING}
MAX_OCTETS = 2048  # what every receiver should take (RFC 5424, 6.1), and what UDP should carry (RFC 5426, 3.2)
MAX_VALUE = (
    120  # octets of a parameter before they are escaped: ten of them, with the header, leave room for a sentence
)
TIMEOUT_SECONDS = 5.0
DEFAULT_PORT = 514
_SD_ID = "sosie@32473"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BOM = "\ufeff"  # before a message that is not ASCII (RFC 5424, 6.4)
_ADDRESS = re.compile(r"(udp|tcp):(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


class Address(NamedTuple):
    """`transport` is "unix", "udp" or "tcp"; `host` is a path for the first of them."""

    transport: str
    host: str
    port: int = 0

    @property
    def text(self) -> str:
        """As it is set."""
        host = f"[{self.host}]" if self.transport != "unix" and ":" in self.host else self.host
        return f"{self.transport}:{host}" + (f":{self.port}" if self.port else "")


def read_address(text: str) -> Address:
    """`unix:/dev/log`, `udp:HOST:PORT` or `tcp:HOST:PORT`; without a port, 514. Raises BadOutput."""
    if text.startswith("unix:/"):
        return Address("unix", text.removeprefix("unix:"))
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3] or 0) > 65_535:
        raise BadOutput(f"SOSIE_ALERT_SYSLOG must read unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT, not {text!r}")
    return Address(match[1], match[2].strip("[]"), int(match[3] or DEFAULT_PORT))


class Syslog:
    """A connection is made when it is needed, and made anew where it has broken."""

    kind = "syslog"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._host = socket.gethostname() or "-"

    def deliver(self, alert: Alert) -> None:
        """Send one message. Raises Undelivered. UDP says nothing of what never arrived."""
        try:
            self._connected().sendall(self._framed(alert))
        except OSError as error:
            self.close()
            raise Undelivered(f"{self._address.text}: {error.strerror or error}") from None

    def give_up(self, alert: Alert, reason: str) -> None:
        """There is nowhere else to keep it: the record of the message tells the same."""

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _framed(self, alert: Alert) -> bytes:
        if self._address.transport == "unix":
            return to_local_message(alert)
        octets = to_message(alert, self._host)
        return b"%d %b" % (len(octets), octets) if self._address.transport == "tcp" else octets

    def _connected(self) -> socket.socket:
        if self._socket is not None and self._address.transport == "tcp" and _is_closed(self._socket):
            self.close()
        if self._socket is None:
            self._socket = _connect(self._address)
        return self._socket


def to_message(alert: Alert, host: str) -> bytes:
    """SYSLOG-MSG (RFC 5424, 6), at most MAX_OCTETS long."""
    record = alert.record
    name = re.sub(r"[^!-~]", "?", host)[:255]
    header = f"<{_priority(record)}>1 {record.at} {name} sosie {os.getpid()} alert {_structured(alert)} "
    text = sentence(record)
    return header.encode() + _cut(("" if text.isascii() else _BOM) + text, MAX_OCTETS - len(header.encode()))


def to_local_message(alert: Alert) -> bytes:
    """As syslog(3) writes it, in local time; at most MAX_OCTETS long. What begins like the structured data is that, and
    nothing before it that a stranger wrote."""
    record = alert.record
    at = datetime.fromisoformat(record.at).astimezone()
    header = f"<{_priority(record)}>{_MONTHS[at.month - 1]} {at.day:2} {at:%H:%M:%S} sosie[{os.getpid()}]: ".encode()
    structured = f" {_structured(alert)}".encode()
    text = sentence(record).replace(f"[{_SD_ID}", f"({_SD_ID}")
    return header + _cut(text, MAX_OCTETS - len(header) - len(structured)) + structured


def _priority(record: Record) -> int:
    return MAIL * 8 + _SEVERITIES.get(record.verdict.disposition, NOTICE)


def _cut(text: str, octets: int) -> bytes:
    return text.encode("utf-8", "replace")[:octets].decode("utf-8", "ignore").encode()


def _structured(alert: Alert) -> str:
    record = alert.record
    values = {
        "id": record.id,
        "account": alert.account_id,
        "disposition": record.verdict.disposition,
        "score": f"{record.verdict.score:.2f}",
        "techniques": ",".join(dict.fromkeys(finding.name for finding in record.verdict.findings)),
        "action": record.action,
        "from": record.author.address,
        "queue_id": record.arrival.queue_id,
        "client_ip": record.arrival.envelope.ip,
        "message_id": record.verdict.message_id,
    }
    parameters = " ".join(f'{name}="{_escaped(value)}"' for name, value in values.items() if value)
    return f"[{_SD_ID} {parameters}]"


def _escaped(value: str) -> str:
    """PARAM-VALUE (RFC 5424, 6.3.3)."""
    cut = one_line(value, MAX_VALUE).encode("utf-8", "replace")[:MAX_VALUE].decode("utf-8", "ignore")
    return re.sub(r'(["\\\]])', r"\\\1", cut)


def _connect(address: Address) -> socket.socket:
    if address.transport == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        connection.settimeout(TIMEOUT_SECONDS)
        try:
            connection.connect(address.host)
        except OSError:
            connection.close()
            raise
        return connection
    if address.transport == "tcp":
        return socket.create_connection((address.host, address.port), TIMEOUT_SECONDS)
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
    if not found:
        raise Undelivered(f"{address.host} has no address")
    family, kind, protocol, _, where = found[0]
    connection = socket.socket(family, kind, protocol)
    connection.settimeout(TIMEOUT_SECONDS)
    connection.connect(where)
    return connection


def _is_closed(connection: socket.socket) -> bool:
    """Whether the other side has hung up: a first write after that would seem to succeed."""
    connection.setblocking(False)
    try:
        return connection.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(TIMEOUT_SECONDS)
