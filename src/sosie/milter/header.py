"""The header of a message as a mail server hands it over: one packet each field, the name, NUL, the value, NUL.

Our own fields say what was found, and people sort mail by them. Whoever writes to us can write such fields himself, so
every copy that comes in is taken out, whatever becomes of the message. A mail server finds the field to remove by its
name, in any case of letters, and by its place among those of that name, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

DISPOSITION = "X-CFEmailSecurity-Disposition"
ATTRIBUTE = "X-CFEmailSecurity-Attribute"
FINDING = "X-Sosie-Finding"
RECORD = "X-Sosie-Record"

_THEIRS = frozenset({DISPOSITION.lower().encode(), ATTRIBUTE.lower().encode()})
_OURS = b"x-sosie-"
_IN_QUESTION = re.compile(rb"L[ \t\r\n]*x-(?:sosie|cfemailsecurity)-", re.IGNORECASE).match

# An honest message has none, or those of one filter that it has passed before: three or four. A mail server looks
# through the whole header for each that is removed.
MAX_COPIES = 200


_last_octet = itemgetter(-1)


class Header(NamedTuple):
    """`octets` is the header section as in a message, its lines ending in LF; `fields` are the packets it was made of;
    `late` are the names of our fields among those that were too many to keep."""

    octets: bytes
    fields: Sequence[bytes]
    late: Sequence[bytes] = ()

    def copies(self) -> list[tuple[int, bytes]]:
        """The place and the name of each field of ours that came in, those of a name in falling order, so that a
        removal moves none that is still to be removed."""
        if not self.late and not any(map(_IN_QUESTION, self.fields)):
            return []
        counts: dict[bytes, int] = {}
        for name in (*(name_of(field) for field in self.fields), *self.late):
            if is_ours(name):
                counts[name] = counts.get(name, 0) + 1
        return [(place, name) for name, count in counts.items() for place in range(count, 0, -1)]

    def subjects(self) -> Iterator[bytes]:
        """The values of the Subject fields as they came."""
        return (field[1:].partition(b"\0")[2].rstrip(b"\0") for field in self.fields if name_of(field) == b"subject")


def read_header(packets: Sequence[bytes], late: Sequence[bytes], *, lead_space: bool) -> Header:
    """Put the packets of the header fields together; without `lead_space` a mail server leaves out the space that
    follows the colon.

    One pass over all instead of a step for each: nearly all that comes is as it should be.
    """
    colon = b":" if lead_space else b": "
    octets = b"\n".join([packet[1:-1] for packet in packets])  # each without its command and the last NUL
    if packets and octets.count(b"\0") == len(packets) and not any(map(_last_octet, packets)):
        octets = octets.replace(b"\0", colon) + b"\n"
    else:
        octets = b"".join(map(b"%b%b%b\n".__mod__, ((*_parts(packet, colon),) for packet in packets)))
    return Header(octets, packets, late)


def name_of(packet: bytes) -> bytes:
    """The name of a packet's field, in lower case."""
    return packet[1:].partition(b"\0")[0].lower()


def is_ours(name: bytes) -> bool:
    """Whether a name, in lower case, is one that nobody but us may write, for whoever reads it leniently."""
    name = name.strip(b" \t\r\n")
    return name in _THEIRS or name.startswith(_OURS)


def _parts(packet: bytes, colon: bytes) -> tuple[bytes, bytes, bytes]:
    """Name, colon and value of a packet that is not as it should be, up to the NUL that each ends at in C."""
    name, _, rest = packet[1:].partition(b"\0")
    return name, colon, rest.partition(b"\0")[0]
