"""The header section of a message that begins somewhere in a file, and no more of the file than that takes."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

from sosie.mail.header_fields import MAX_HEADER_SECTION_SIZE

FIRST = 16 * 1024  # octets: nineteen header sections of twenty are shorter
MOST = MAX_HEADER_SECTION_SIZE + 1  # one more than is looked at, so that a longer one is known for what it is

ReadAt = Callable[[int, int], bytes]  # (offset, size) -> the octets there, fewer only where the file ends

_PRINTABLE = range(33, 127)
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a file that has become a pipe must not keep us waiting
_GZIP = 16 + zlib.MAX_WBITS


def is_whole(raw: bytes) -> bool:
    """Whether the header section ends within. Where the first octet begins no field, who knows what a reader takes for
    the end: then it never does."""
    return (b"\n\n" in raw or b"\n\r\n" in raw) and raw[0] in _PRINTABLE and not raw.startswith((b"From ", b">From "))


def read_header_of(path: bytes) -> bytes:
    """The beginning of a file with one message in it, compressed if its name ends in .gz. Raises OSError."""
    descriptor = os.open(path, _OPEN)
    try:
        if path.lower().endswith(b".gz"):
            return _inflated(descriptor)
        raw = os.read(descriptor, FIRST)
        if len(raw) == FIRST and not is_whole(raw):
            while len(raw) < MOST and (more := os.read(descriptor, MOST - len(raw))):
                raw += more
        return raw
    finally:
        os.close(descriptor)


def _inflated(descriptor: int) -> bytes:
    """As much as is looked at, however much there would be (RFC 1952)."""
    inflater = zlib.decompressobj(_GZIP)
    raw = b""
    try:
        while len(raw) < MOST and not inflater.eof:
            packed = inflater.unconsumed_tail or os.read(descriptor, FIRST)
            if not packed:
                break
            raw += inflater.decompress(packed, MOST - len(raw))
    except zlib.error as error:
        raise OSError(None, f"cannot be unpacked: {error}") from None
    return raw
