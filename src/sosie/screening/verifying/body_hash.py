"""The hash of a message's body as DKIM takes it (RFC 6376, 3.4.3, 3.4.4 and 3.7), piece by piece, in linear time.

Written here and not left to a library, because the obvious patterns take quadratic time: a megabyte of blanks would
hold a thread, and with it all others of the process, for minutes. And because a body need not be kept for it: what a
piece ends with may mean another thing once the next one is there, and of that two octets and a number are remembered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

PIECE = 256 * 1024  # octets: some tenths of a millisecond during which no other thread runs

_BLANKS = re.compile(rb"[ \t]{2,}|\t")  # what is to be one blank, and is not yet
_LINE_END = b"\r\n"

Form = tuple[bool, int | None]  # whether it is "relaxed", and l=, where there is one
Hash = tuple[bytes, int]  # SHA-256 of the canonical body, or of its first octets, and how long the whole one is
Hashes = Mapping[Form, Hash]
NO_HASHES: Hashes = {}


class Body(NamedTuple):
    """What there is of a message's body. Where its end is missing, or all of it, `hashes` are those that are known."""

    octets: bytes
    hashes: Hashes | None = None


class BodyHashes:
    """The hashes of a body in several forms; it is handed over from its first octet to its last, cut anywhere."""

    def __init__(self, forms: Collection[Form]) -> None:
        self._forms = forms
        self._canonical = {
            relaxed: _Canonical([length for one, length in forms if one is relaxed and length is not None], relaxed)
            for relaxed in {relaxed for relaxed, _ in forms}
        }

    def take(self, octets: bytes) -> None:
        """What comes next of it. A line may end in LF alone, as in a file: it counts as CRLF."""
        for start in range(0, len(octets), PIECE):
            for canonical in self._canonical.values():
                canonical.take(octets[start : start + PIECE])

    def finish(self) -> dict[Form, Hash]:
        """The hash of each form, once all of it has come."""
        for canonical in self._canonical.values():
            canonical.finish()
        return {(relaxed, length): self._canonical[relaxed].hash_of(length) for relaxed, length in self._forms}


def body_hash(body: bytes, *, relaxed: bool, length: int | None = None) -> Hash:
    """Of a body that is there."""
    hashes = BodyHashes([(relaxed, length)])
    hashes.take(body)
    return hashes.finish()[relaxed, length]


class _Canonical:
    """The body without its empty lines at the end; "simple" leaves one line end even of an empty body."""

    def __init__(self, lengths: Collection[int], relaxed: bool) -> None:  # noqa: FBT001 - it is what it is made for
        self._relaxed = relaxed
        self._rest = b""  # of the last piece: blanks, as one, and CR, which may belong to the end of a line
        self._line_ends = 0  # that count only if something follows them
        self._hashed = hashlib.sha256()
        self._octets = 0
        self._lengths = sorted(set(lengths), reverse=True)  # that are still to come
        self._of_lengths: dict[int, bytes] = {}

    def take(self, piece: bytes) -> None:
        text = self._rest + piece
        settled = text.removesuffix(b"\r")
        self._rest = text[len(settled) :]
        if self._relaxed:
            before = settled.rstrip(b" \t")
            if len(before) < len(settled):
                self._rest = b" " + self._rest
            settled = before
        self._settle(settled)

    def finish(self) -> None:
        self._settle(self._rest)
        if self._octets or not self._relaxed:
            self._hash(_LINE_END)

    def hash_of(self, length: int | None) -> Hash:
        """Of the first octets; of all, if there are not as many."""
        digest = None if length is None else self._of_lengths.get(length)
        return digest or self._hashed.digest(), self._octets

    def _settle(self, text: bytes) -> None:
        text = text.replace(_LINE_END, b"\n")
        if self._relaxed:
            if b"  " in text or b"\t" in text:  # most of a long body is base64, and a pattern takes its time
                text = _BLANKS.sub(b" ", text)
            text = text.replace(b" \n", b"\n")
        lines = text.rstrip(b"\n")
        if lines:
            while self._line_ends:
                some = min(self._line_ends, PIECE)
                self._hash(_LINE_END * some)
                self._line_ends -= some
            self._hash(lines.replace(b"\n", _LINE_END))
        self._line_ends += len(text) - len(lines)

    def _hash(self, octets: bytes) -> None:
        while self._lengths and self._lengths[-1] <= self._octets + len(octets):
            length = self._lengths.pop()
            first, octets = octets[: length - self._octets], octets[length - self._octets :]
            self._hashed.update(first)
            self._octets = length
            self._of_lengths[length] = self._hashed.digest()
        self._hashed.update(octets)
        self._octets += len(octets)
