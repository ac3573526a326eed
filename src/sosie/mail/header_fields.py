"""Split the header section of a message into fields, on bytes (RFC 5322, 2.1, 2.2 and 4.5).

Theory of operation. A receiver, a filter and a mail client that read one header differently are an attacker's chance:
the filter judges one From, the reader sees the other. So this splitter finds every field that any known reader finds,
and notes as a defect what only some of them would accept. It never raises.

1. Cut: the section ends at the first empty line or at the limit. The body is not looked at beyond that.
2. A CR without LF becomes LF where a field name and a colon follow (a hidden field) or where the whole section knows no
   LF at all, and a space elsewhere (a broken fold). Lengths are kept, so that offsets remain those of the message.
3. Split at every LF that white space does not follow: one piece, one field, still folded.
4. Take the name of each. If all are pure, that was all; if not, each piece is looked at more closely.

Each step is one pass in C or one step of Python per field, whatever the bytes. Values are unfolded (2.2.3) when a field
is asked for, because screening asks for a few of some forty.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sosie.mail.defect import NO_DEFECTS, Defect
from sosie.mail.fact import fact

# 256 KiB. Header sections of real mail are 4 to 20 KiB; RFC 5322 sets no limit. Sendmail refuses more than 32 KiB
# (MaxHeadersLength), Postfix keeps 100 KiB of each field (header_size_limit), Exim takes 1 MiB in all (HEADER_MAXSIZE).
# A filter should read at least what the mail system before it lets through.
MAX_HEADER_SECTION_SIZE = 256 * 1024

# Lines that are fields or should be. Real mail has 20 to 200; a message that passed the 50 hops at which Postfix
# assumes a loop (hopcount_limit), each adding a signature, a seal and a trace, has about 300.
MAX_HEADER_FIELDS = 2000

_FTEXT = bytes(range(33, 58)) + bytes(range(59, 127))  # RFC 5322, 3.6.8
_NOT_FTEXT = bytes(set(range(256)) - set(_FTEXT))
_LEADING_LINES = re.compile(
    rb"(\xef\xbb\xbf)?+"
    rb"((?:[ \t\r]*+\n)*+\r*+)"
    rb"(?:>?From (?![ \t\r\n]*+:)[^\n]*+\n)?+"  # between messages in a mailbox file (RFC 4155), not a field
    rb"((?:\r*+\n)*+)"
)
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_END_OF_FIELD = re.compile(rb"\n(?![ \t])")
_CR_RUN = re.compile(rb"\r++(?=(\n)|([!-9;-~]++(?:[ \t]|\r*+\n[ \t])*+:)|)")


class HeaderField(NamedTuple):
    """One header field: `name` as written, `value` raw but unfolded and trimmed, `offset` of its first byte."""

    name: str
    value: bytes
    offset: int


class _Pieces(NamedTuple):
    start: int
    lines: tuple[bytes, ...]
    names: tuple[bytes, ...]
    defects: frozenset[Defect]


class HeaderSection(_Pieces):
    """The fields of a message in their order, not yet unfolded.

    `lines` are the pieces of the section that should each be a field, `names` their names in lower case, place by
    place: empty where a piece is none. `start` is the offset of the first piece; one octet stands between two.
    """

    @fact
    def fields(self) -> tuple[HeaderField, ...]:
        """All fields, unfolded."""
        return tuple(self._fields_at(index for index, name in enumerate(self.names) if name))

    def named(self, name: str) -> tuple[HeaderField, ...]:
        """The fields of this name, whatever its case, in their order."""
        wanted = name.lower().encode("ascii", "replace")
        return tuple(self._fields_at(index for index, found in enumerate(self.names) if found == wanted))

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Names as written and values, unfolded, of all fields in their order."""
        for line, name in zip(self.lines, self.names, strict=True):
            if name:
                yield _trimmed(line.partition(b":")[0]).decode("ascii"), _value(line)

    def values(self, name: bytes) -> list[bytes]:
        """The values of the fields of this name, which is in lower case, unfolded and in their order."""
        names = self.names
        if name not in names:
            return []
        if names.count(name) == 1:
            return [_value(self.lines[names.index(name)])]
        return [_value(line) for line, found in zip(self.lines, names, strict=True) if found == name]

    def only_line(self, name: bytes) -> bytes | None:
        """The one field of this name, in lower case, as it stands; empty without one, None where there are several."""
        names = self.names
        if name not in names:
            return b""
        return self.lines[names.index(name)] if names.count(name) == 1 else None

    def _fields_at(self, indexes: Iterable[int]) -> Iterator[HeaderField]:
        offset = self.start
        passed = 0
        for index in indexes:
            offset += sum(map(len, self.lines[passed:index])) + index - passed
            passed = index
            line = self.lines[index]
            yield HeaderField(_trimmed(line.partition(b":")[0]).decode("ascii"), _value(line), offset)


def _value(line: bytes) -> bytes:
    """What stands behind the colon, unfolded and trimmed."""
    return line.partition(b":")[2].replace(b"\n", b"").replace(b"\r", b"").strip(b" \t")


def read_header_section(
    raw: bytes, *, max_size: int = MAX_HEADER_SECTION_SIZE, max_fields: int = MAX_HEADER_FIELDS
) -> HeaderSection:
    """Split the header section at the start of `raw`: a whole message, or its header alone.

    A mailbox file's "From " line is skipped. Beyond `max_size` octets or `max_fields` lines nothing is read, and a
    defect says so. Never raises.
    """
    defects: set[Defect] = set()
    start = _read_leading_lines(raw, max_size, defects)
    section = _cut(raw, start, max_size, defects)
    if b"\r" in section and section.count(b"\r") != section.count(b"\r\n"):
        section = _without_bare_cr(section, defects)
    lines = _END_OF_FIELD.split(section, max_fields)
    if len(lines) > max_fields and lines.pop().strip(b"\r\n"):
        defects.add(Defect.TOO_MANY_HEADER_FIELDS)
    if lines and not lines[-1]:
        lines.pop()
    try:
        names = [line[: line.index(b":")].lower() for line in lines]
    except ValueError:
        names = _read_odd_names(lines, defects)
    else:
        if b"" in names or b"".join(names).translate(None, _FTEXT):
            names = _read_odd_names(lines, defects)
    return HeaderSection(start, tuple(lines[: len(names)]), tuple(names), frozenset(defects) if defects else NO_DEFECTS)


def _read_leading_lines(raw: bytes, max_size: int, defects: set[Defect]) -> int:
    """Where the first field begins."""
    leading = _LEADING_LINES.match(raw, 0, max_size)
    if not leading or not leading.end():
        return 0
    if leading[1]:
        defects.add(Defect.BYTE_ORDER_MARK)
    if leading[2] or leading[3]:
        defects.add(Defect.LEADING_EMPTY_LINES)
    return leading.end()


def _cut(raw: bytes, start: int, max_size: int, defects: set[Defect]) -> bytes:
    """The section with the LF of its last field, without the empty line."""
    end = _EMPTY_LINE.search(raw, start, max_size)
    if end:
        return raw[start : end.start() + 1]
    if len(raw) > max_size:
        defects.add(Defect.HEADER_SECTION_TOO_LONG)
    return raw[start:max_size]


def _without_bare_cr(section: bytes, defects: set[Defect]) -> bytes:
    """Theory of operation, step 2."""
    defects.add(Defect.BARE_CR)
    if b"\n" not in section:
        return section.replace(b"\r", b"\n").partition(b"\n\n")[0]

    def replaced(run: re.Match[bytes]) -> bytes:
        length = len(run[0])
        if run[1]:
            return b"\r" * length
        return b" " * (length - 1) + (b"\n" if run[2] else b" ")

    return _CR_RUN.sub(replaced, section)


def _read_odd_names(lines: list[bytes], defects: set[Defect]) -> list[bytes]:
    """Theory of operation, step 4: what a lenient reader takes for the names; empty where a line is no field."""
    names: list[bytes] = []
    for line in lines:
        if not line.strip(b"\r"):  # an empty line after all: it ends in several CRs
            break
        written, colon, _ = line.partition(b":")
        name = _trimmed(written)
        if not colon:
            defects.add(Defect.MISSING_COLON)
            name = b""
        elif not name or name.translate(None, _FTEXT):
            defects.add(Defect.INVALID_FIELD_NAME)
            name = b""
        elif name != written:
            defects.update(_oddities(written, first=not names))
        names.append(name.lower())
    return names


def _trimmed(name: bytes) -> bytes:
    return name.strip(_NOT_FTEXT).replace(b"\0", b"") if name.translate(None, _FTEXT) else name


def _oddities(written: bytes, *, first: bool) -> Iterator[Defect]:
    if b"\0" in written:
        yield Defect.NUL
    if first and written[:1] in (b" ", b"\t"):
        yield Defect.LEADING_WHITE_SPACE
    if b"\n" in written:
        yield Defect.FOLDED_BEFORE_COLON
    elif written[-1:] in (b" ", b"\t"):
        yield Defect.SPACE_BEFORE_COLON
    if written.strip(b" \t\r\n\0").translate(None, _FTEXT + b"\0"):
        yield Defect.INVALID_FIELD_NAME
