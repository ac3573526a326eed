"""A resolver with zones of its own, on real sockets (UDP and TCP): honest ones, and such as attackers keep."""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from collections import Counter

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[str, dict[str, list[str]]]

SERVFAIL, SILENT = "servfail", "silent"  # in the place of a zone's entry

_MAX_CHAIN = 20


class DnsServer:
    """`zone` is name -> kind -> records as text; it may be changed while it runs. `asked` counts questions. Those of
    names that end with one of `slow` are answered after so many seconds."""

    def __init__(self, zone: Zone | None = None) -> None:
        self.zone: dict[str, dict[str, list[str]] | str] = dict(zone or {})
        self.ttl = 300
        self.slow: dict[str, float] = {}
        self._closed = threading.Event()
        self.asked: Counter[tuple[str, str]] = Counter()
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                octets, sock = self.request
                answer = outer._answer(octets, udp=True)
                if answer is not None:
                    sock.sendto(answer, self.client_address)

        class Stream(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                (length,) = struct.unpack("!H", self.rfile.read(2))
                answer = outer._answer(self.rfile.read(length), udp=False)
                if answer is not None:
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)

        self._udp, self._tcp = _bound(Datagram, Stream)
        self.address: tuple[str, int] = self._udp.server_address
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._closed.set()
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def text(self, name: str, *records: str | bytes) -> None:
        """TXT records of any length; a record is cut into strings of 255 octets."""
        self.zone.setdefault(name.lower(), {})["TXT"] = [_quoted(record) for record in records]

    def _answer(self, octets: bytes, *, udp: bool) -> bytes | None:
        query = dns.message.from_wire(octets)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        waits = max((seconds for end, seconds in self.slow.items() if name.endswith(end)), default=0.0)
        if waits and self._closed.wait(waits):
            return None
        answer = dns.message.make_response(query, recursion_available=True)
        for _ in range(_MAX_CHAIN):
            entry = self.zone.get(name)
            if entry == SILENT:
                return None
            if entry == SERVFAIL:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif entry is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif kind in entry:
                answer.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", kind, *entry[kind]))
            elif "CNAME" in entry:
                answer.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", "CNAME", *entry["CNAME"]))
                name = entry["CNAME"][0].rstrip(".").lower()
                continue
            break
        try:
            wire = answer.to_wire(max_size=1232 if udp else 65_535)
        except dns.exception.TooBig:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        return wire


def _bound(datagram: type, stream: type) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    """Both on one port."""
    for _ in range(20):
        udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), datagram)
        try:
            tcp = socketserver.ThreadingTCPServer(udp.server_address, stream)
        except OSError:
            udp.server_close()
            time.sleep(0.01)
        else:
            tcp.daemon_threads = udp.daemon_threads = True
            return udp, tcp
    raise OSError("no port is free for both")


def _quoted(record: str | bytes) -> str:
    octets = record.encode() if isinstance(record, str) else record
    pieces = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
    return " ".join(f'"{"".join(map(_shown, piece))}"' for piece in pieces)


def _shown(octet: int) -> str:
    return chr(octet) if 32 <= octet < 127 and octet not in b'"\\' else f"\\{octet:03}"
