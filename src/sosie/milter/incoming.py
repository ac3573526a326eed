"""The message under way on a connection: what of it has come, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sosie.mail.header_fields import MAX_HEADER_SECTION_SIZE
from sosie.milter.header import MAX_COPIES, Header, is_ours, name_of, read_header
from sosie.screening.verifying.body_hash import NO_HASHES

if TYPE_CHECKING:
    from sosie.screening.verifying.body_hash import BodyHashes, Hashes

# Octets of the header fields that are kept, each counted with what it costs beside them: room for all that is read of
# a message (MAX_HEADER_SECTION_SIZE octets, MAX_HEADER_FIELDS lines), and for little more than that.
MAX_HEADER = 2 * MAX_HEADER_SECTION_SIZE
FIELD_COST = 64

MAX_NAME = 2048  # octets of a name that is to be removed; Postfix cuts lines there (line_length_limit)

MAX_ENVELOPE = 256 * 1024  # octets of all recipients of a message; Postfix takes 1,000 of them (smtpd_recipient_limit)


SHED_TO = 4096  # octets of a body that is not kept: that there is one counts where a signature is looked at


class Incoming:
    """`begun`: the mail server has said whose message it is. `fields` are its header fields as packets, which are kept
    while `held`, the octets that the message takes here, is at most MAX_HEADER. `hashes`, where there are any, take all
    of the body, of which only the beginning is kept."""

    __slots__ = (
        "_body",
        "_body_size",
        "_envelope",
        "_late",
        "_long",
        "_shed",
        "begun",
        "fields",
        "hashes",
        "held",
        "is_whole",
        "macros",
        "recipients",
        "return_path",
    )

    def __init__(self) -> None:
        self.begun = False
        self.macros: dict[bytes, str] = {}
        self.return_path = ""
        self.recipients: list[str] = []
        self.fields: list[bytes] = []
        self.held = 0
        self._envelope = 0
        self._late: list[bytes] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self._long = self._shed = False
        self.is_whole = False
        self.hashes: BodyHashes | None = None

    def take_recipient(self, recipient: str) -> None:
        """One more, `local@domain`."""
        self._envelope += len(recipient) + FIELD_COST
        if self._envelope <= MAX_ENVELOPE:
            self.recipients.append(recipient)

    @property
    def is_new(self) -> bool:
        """Whether nothing has been said of it."""
        return not (self.begun or self.macros or self._envelope or self.held)

    def take_fields(self, packets: list[bytes]) -> None:
        """Some more header fields."""
        size = sum(map(len, packets)) + FIELD_COST * len(packets)
        if self.held + size <= MAX_HEADER:
            self.held += size
            self.fields += packets
        else:
            for packet in packets:
                self._take_field(packet)

    def _take_field(self, packet: bytes) -> None:
        """One that may be more than can be read: it is forgotten then, unless it has to be taken out."""
        if self.held <= MAX_HEADER:
            self.held += len(packet) + FIELD_COST
            self.fields.append(packet)
        elif len(self._late) <= MAX_COPIES and is_ours(name_of(packet)):
            self._late.append(name_of(packet)[:MAX_NAME])

    def becomes_long(self, octets: bytes, kept: int) -> bool:
        """Whether the body is the first time `kept` octets long, with those that come now; all before are there."""
        if self._long or self._shed or self._body_size + len(octets) < kept:
            return False
        self._long = True
        return True

    def take_body(self, octets: bytes, wanted: int) -> bool:
        """A piece of the body, of which `wanted` octets are kept; whether that is enough."""
        if self.hashes is not None:
            self.hashes.take(octets)
        if self._shed:
            return self.hashes is None
        kept = octets[: max(0, wanted - self._body_size)]
        if kept:
            self._body.append(kept)
            self._body_size += len(kept)
            self.held += len(kept)
        self.is_whole = self._body_size < wanted
        return not self.is_whole and self.hashes is None

    def known_hashes(self) -> Hashes | None:
        """Of a body that has come to its end, and is not all there; None where it is."""
        if self.is_whole:
            return None
        return NO_HASHES if self.hashes is None else self.hashes.finish()

    def shed_body(self) -> None:
        """Keep the beginning of the body and no more: there is no room for all that come in at once."""
        first = b"".join(self._body[:1])[:SHED_TO]
        self.held -= self._body_size - len(first)
        self._body, self._body_size = [first] if first else [], len(first)
        self._shed, self.is_whole = True, False

    def header(self, *, lead_space: bool) -> Header:
        """All fields."""
        return read_header(self.fields, self._late, lead_space=lead_space)

    def message(self, header: Header) -> bytes:
        """What there is of the message: its header section, and the body where it was wanted, as it was sent."""
        if not self._body:
            return header.octets
        fields = header.octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return b"".join((fields, b"\r\n", *self._body))
