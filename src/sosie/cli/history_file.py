"""A history as JSON lines: one name and address a line, with what is known of the two.

```json
{"name": "Jane Roe", "address": "jane@example.com", "messages": 12, "authenticated": 11,
 "first_seen": "2025-04-10T18:27:34Z", "last_seen": "2026-07-01T05:20:00Z", "sent": 3}
```

`authenticated` is how many of the messages were, or true for all and false for none. A moment is RFC 3339, or seconds
since 1970, or null. What is missing is unknown: no name, one message, none authenticated, no moment, nothing sent.
Other keys are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from sosie.detection.history import Acquaintance, fault_of
from sosie.registry.moments import from_rfc3339, to_rfc3339_seconds

MOST = 10**9  # messages of one pair: sums of them stay far within what a database counts
LAST_SECOND = 253_402_300_799  # the end of the year 9999, the last that RFC 3339 can write


class UnusableLine(Exception):
    """`line` is the number of a line that cannot be taken."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Line(NamedTuple):
    """One line of a file by its number: what it says, or what is wrong with it."""

    number: int
    acquaintance: Acquaintance | None
    fault: str = ""


def read_history(document: bytes) -> list[Acquaintance]:
    """All that the file says, in its order. Raises UnusableLine at the first bad line."""
    return [_taken(line) for line in read_lines(document)]


def read_lines(document: bytes) -> Iterator[Line]:
    """The lines of a file, good and bad; blank ones are passed over."""
    for number, line in enumerate(document.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield Line(number, _read(orjson.loads(line)))
        except orjson.JSONDecodeError as error:
            yield Line(number, None, f"the line is not JSON: {error.msg} at column {error.colno}")
        except ValueError as error:
            yield Line(number, None, str(error))


def to_json_line(one: Acquaintance) -> bytes:
    """An acquaintance in one line, with every key."""
    return orjson.dumps(to_document(one), option=orjson.OPT_APPEND_NEWLINE)


def to_document(one: Acquaintance) -> dict[str, Any]:
    """An acquaintance as JSON; a moment that is unknown is null."""
    return {**one._asdict(), "first_seen": one.first_seen or None, "last_seen": one.last_seen or None}


def _taken(line: Line) -> Acquaintance:
    if line.acquaintance is None:
        raise UnusableLine(line.number, line.fault)
    return line.acquaintance


def _read(document: object) -> Acquaintance:
    if not isinstance(document, dict):
        raise ValueError("the line must be a JSON object")  # noqa: TRY004 - the file is wrong, not the program
    name, address = _text(document, "name"), _text(document, "address")
    if fault := fault_of(name, address):
        raise ValueError(fault)
    messages = _count(document, "messages", 1)
    moments = (_moment(document, "first_seen"), _moment(document, "last_seen"))
    if all(moments) and moments[0] > moments[1]:
        raise ValueError("first_seen must not be later than last_seen")
    first, last = moments
    return Acquaintance(
        name, address, messages, _authenticated(document, messages), first or last, last or first,
        _count(document, "sent", 0),
    )  # fmt: skip


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be a string")  # noqa: TRY004 - as above
    return value


def _count(document: Mapping[str, object], key: str, missing: int) -> int:
    value = document.get(key)
    if value is None:
        return missing
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise ValueError(f"{key} must be a whole number from 0 to {MOST:,}")
    return value


def _authenticated(document: Mapping[str, object], messages: int) -> int:
    value = document.get("authenticated")
    if isinstance(value, bool):
        return messages if value else 0
    count = _count(document, "authenticated", 0)
    if count > messages:
        raise ValueError("authenticated must not be more than messages")
    return count


def _moment(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        try:
            return from_rfc3339(value)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND:
        return to_rfc3339_seconds(int(value))
    raise ValueError(f"{key} must be a date-time such as 2026-07-01T05:20:00Z, seconds since 1970, or null")
