"""Mailboxes in one file: mboxo, mboxrd, mboxcl and mboxcl2 (RFC 4155, appendix A).

Theory of operation. A message begins with a From_ line, and nothing but that line says where the one before it ends.
Content-Length (mboxcl) is what the sender wrote, or a count that was right before somebody edited the file, so it is
not believed. What begins with "From " is a From_ line if two of three are true: the line before is empty or there is
none, it ends in a date, a header field follows. So "From here on" in a text is none, even unquoted (mboxcl2), and a
From_ line of a program that leaves the empty line out is one.

Whether a line is a From_ line can be seen from the lines around it, so the file is cut anywhere: a piece has the
messages that begin in it, and nobody has to read the file from its beginning. Only the section of a message that is
looked at is copied, and of the file no more than a mebibyte is in memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from sosie.scan.header import FIRST, MOST, ReadAt, is_whole
from sosie.scan.pieces import BYTES_PER_PIECE, Letter, shown

CHUNK = 1 << 20
BEHIND = 4  # octets before a line in which an empty line can be seen
LINE = 1000  # octets of a From_ line: RFC 5321, 4.5.3.1.3 has 256 for the address
AHEAD = FIRST + LINE
USUAL_SIZE = 4096  # octets of a message in a mailbox file, to guess how many there are

# "From jane@mail.example Sat Jan  3 01:05:34 1996", with or without seconds and a zone; "From - " is Thunderbird's.
_DATED = re.compile(rb"\d\d?:\d\d.*\b(?:19|20)\d\d\b")
_FIELD = re.compile(rb"(?:>?From [^\n]*\n)*[!-9;-~]++[ \t]*:")
NO_FROM_LINE = "the file does not begin with a From_ line: what stands before the first one is passed over"

SHORTER = "the file became shorter meanwhile: of what it holds now, some may be missing here, or be told twice"


class Range(NamedTuple):
    """A stretch of a mailbox file, in octets."""

    path: bytes
    start: int
    end: int


class Ranges(NamedTuple):
    """Messages that begin in these stretches of mailbox files."""

    ranges: tuple[Range, ...]

    @property
    def source(self) -> str:
        """The first file."""
        return shown(self.ranges[0].path)

    @property
    def weight(self) -> int:
        """As many as there would be of the usual size."""
        return sum(guess(one.end - one.start) for one in self.ranges)

    def letters(self) -> Iterator[Letter]:
        """All of them; a file that cannot be read is a letter with a fault."""
        for one in self.ranges:
            try:
                yield from _letters(one)
            except OSError as error:
                yield Letter(shown(one.path), b"", error.strerror or str(error))


def guess(size: int) -> int:
    """How many messages a mailbox file of so many octets may hold."""
    return size // USUAL_SIZE + 1


def ranges_of(path: bytes, size: int) -> Iterator[Range]:
    """A whole file, in stretches that are a piece each."""
    for start in range(0, size, BYTES_PER_PIECE):
        yield Range(path, start, min(start + BYTES_PER_PIECE, size))


def _letters(one: Range) -> Iterator[Letter]:
    name = shown(one.path)
    descriptor = os.open(one.path, os.O_RDONLY | os.O_CLOEXEC)

    def read_at(offset: int, size: int) -> bytes:
        return os.pread(descriptor, size, offset)

    try:
        if os.fstat(descriptor).st_size < one.end:
            yield Letter(name, b"", SHORTER)
        yield from letters_between(name, read_at, one.start, one.end)
    finally:
        os.close(descriptor)


def letters_between(name: str, read_at: ReadAt, start: int, end: int) -> Iterator[Letter]:
    """The messages whose From_ line begins between two offsets, each named by the file and its own offset."""
    if start == 0 and not read_at(0, LINE).lstrip(b"\r\n").startswith(b"From "):
        yield Letter(f"{name}:0", b"", NO_FROM_LINE)
    for position in range(start, end, CHUNK):
        stop = min(position + CHUNK, end)
        base = max(position - BEHIND, 0)
        buffer = read_at(base, stop - base + AHEAD)
        begun = -1
        for place in (*from_lines(buffer, position - base, first=base == 0), len(buffer)):
            if begun >= 0:
                raw = buffer[begun : min(place, begun + FIRST)]
                if place - begun >= FIRST and not is_whole(_without_from_line(raw)):
                    raw = _read_on(read_at, base + begun)
                yield Letter(f"{name}:{base + begun}", _without_from_line(raw))
            begun = place
            if place >= stop - base:
                break


def from_lines(buffer: bytes, begin: int, *, first: bool) -> Iterator[int]:
    """Where From_ lines begin, from an offset on. `first`: the buffer is the beginning of the file."""
    if first and begin == 0 and buffer.startswith(b"From "):
        yield 0
    place = buffer.find(b"\nFrom ", max(begin - 1, 0))
    while place >= 0:
        if _is_from_line(buffer, place + 1):
            yield place + 1
        place = buffer.find(b"\nFrom ", place + 1)


def _is_from_line(buffer: bytes, place: int) -> bool:
    end = buffer.find(b"\n", place, place + LINE)
    if end < 0:
        return False
    after_empty = buffer[place - 2 : place] == b"\n\n" or buffer[place - 3 : place] == b"\n\r\n" or place < 2
    dated = _DATED.search(buffer, place, end) is not None
    return (after_empty and dated) or ((after_empty or dated) and _FIELD.match(buffer, end + 1) is not None)


def _read_on(read_at: ReadAt, offset: int) -> bytes:
    """As much of a message as is looked at, but nothing of the next one."""
    raw = read_at(offset, MOST)
    return raw[: next(from_lines(raw, 1, first=False), len(raw))]


def _without_from_line(raw: bytes) -> bytes:
    return raw[raw.find(b"\n") + 1 :] if raw.startswith(b"From ") else raw
