"""Moments: microseconds since 1970 inside, RFC 3339 in UTC outside; and the ids that carry them.

Times are kept as text because a page of 1,000 entries is written faster that way than any formatting allows, and text
of one width sorts as time does.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def to_rfc3339(moment_us: int) -> str:
    """`2025-04-10T18:27:34.872907Z`: always with six digits, so that text sorts as time."""
    second, microseconds = divmod(moment_us, 1_000_000)
    return f"{to_rfc3339_seconds(second)[:-1]}.{microseconds:06}Z"


@lru_cache(maxsize=8)  # moments come in the order in which time goes by
def to_rfc3339_seconds(moment_s: int) -> str:
    """`2025-04-10T18:27:34Z`."""
    return (_EPOCH + timedelta(seconds=moment_s)).isoformat(timespec="seconds")[:-6] + "Z"


def from_rfc3339(text: str) -> str:
    """A date-time as a client wrote it (RFC 3339, 5.6, any offset) as UTC with whole seconds. Raises ValueError."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date-time such as 2026-07-01T05:20:00Z")
    if match["offset"] is None:
        raise ValueError(f"{text!r} has no offset: write Z for UTC")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is not in the years 1 to 9999 in UTC") from None
    return moment.isoformat(timespec="seconds")[:-6] + "Z"


def entry_id(moment_us: int, chance: bytes) -> str:
    """A UUID of version 7 (RFC 9562, 5.7; 6.2 method 3) for an entry created at `moment_us`. `chance`: 8 random bytes.

    An account hands out each microsecond once, so ids sort as their entries were created.
    """
    milliseconds, microseconds = divmod(moment_us, 1000)
    high = milliseconds << 16 | 0x7000 | microseconds * 4096 // 1000
    low = 0x2 << 62 | int.from_bytes(chance) >> 2
    digits = f"{high << 64 | low:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
