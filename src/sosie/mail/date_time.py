"""The date-time of a header field (RFC 5322, 3.3 and 4.3)."""

from __future__ import annotations

from datetime import UTC, datetime

MAX_DATE = 100  # characters of a date-time; with its comment it has some 40


def read_date_time(value: bytes) -> str:
    """A date-time as RFC 3339 with whole seconds in UTC, or nothing where it is none."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - it loads sockets, too, and few messages ask for it

    try:
        moment = parsedate_to_datetime(value[:MAX_DATE].decode("ascii", "replace"))
        if moment.tzinfo is None:  # "-0000": UTC, of which the writer says no more (3.3)
            moment = moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(moment.timestamp()), UTC).isoformat(timespec="seconds")[:-6] + "Z"
    except (ValueError, TypeError, IndexError, OverflowError, OSError):  # what the parser of the standard library leaks
        return ""
