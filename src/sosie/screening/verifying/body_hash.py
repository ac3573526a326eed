"""The hash of a message's body as DKIM takes it (RFC 6376, 3.4.3, 3.4.4 and 3.7), in time that grows with its length.

Written here and not left to a library, because the obvious patterns take quadratic time: a megabyte of blanks would
hold a thread, and with it all others of the process, for minutes. The body goes through in pieces of whole lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

PIECE = 256 * 1024  # octets: some tenths of a millisecond during which no other thread runs
MAX_LINE = 4 * PIECE  # RFC 5322, 2.1.1 allows 998; a body in one line would be one piece

_BLANKS = re.compile(rb"[ \t]+")


class BodyTooOdd(ValueError):
    """A line of it is longer than MAX_LINE."""


class Body(NamedTuple):
    """What there is of a message's body; `whole` is False where its end is missing, or all of it."""

    octets: bytes
    whole: bool = True


def body_hash(body: bytes, *, relaxed: bool, length: int | None = None) -> tuple[bytes, int]:
    """SHA-256 of the canonical body, or of its first `length` octets, and how long the whole canonical body is.

    A line may end in LF alone, as in a file: it counts as CRLF. Raises BodyTooOdd.
    """
    hashed = hashlib.sha256()
    octets = 0
    for piece in _canonical(body, relaxed=relaxed):
        wanted = len(piece) if length is None else max(0, min(len(piece), length - octets))
        hashed.update(piece[:wanted])
        octets += len(piece)
    return hashed.digest(), octets


def _canonical(body: bytes, *, relaxed: bool) -> Iterator[bytes]:
    """The body without its empty lines at the end; "simple" leaves one line end even of an empty body."""
    held, any_line = 0, False  # line ends that count only if something follows them
    for piece in _pieces(body):
        text = piece.replace(b"\r\n", b"\n")
        if relaxed:
            text = _BLANKS.sub(b" ", text).replace(b" \n", b"\n")
        lines = text.rstrip(b"\n")
        if lines:
            yield b"\r\n" * held
            yield lines.replace(b"\n", b"\r\n")
            held, any_line = 0, True
        held += len(text) - len(lines)
    if any_line or not relaxed:
        yield b"\r\n"


def _pieces(body: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = body.find(b"\n", start + PIECE, start + MAX_LINE) + 1
        if not end:
            if len(body) - start > MAX_LINE:
                raise BodyTooOdd
            end = len(body)
        yield body[start:end]
        start = end
