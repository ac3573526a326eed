"""The rate limit: so many requests per window and credential, counted in memory that the workers share.

Fixed windows that begin with a credential's first request. The counters live in one block of memory, mapped before the
workers are forked, so that they count together; a slot is found by the credential's hash, and two credentials that fall
into one slot are told apart by the tag in it (the newcomer takes the slot when its window has ended). An increment is
not atomic between processes: two at the same instant may count as one, which errs in the caller's favour.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from sosie.access.errors import RateLimited

SLOTS = 1 << 14
PROBES = 4
_SLOT = struct.Struct("<QII")  # tag, second in which the window began, requests in it
BYTES = SLOTS * _SLOT.size  # 256 KiB


class Allowance(NamedTuple):
    """What is left of the window: the figures of the Ratelimit headers."""

    limit: int
    window: int
    remaining: int
    reset: int


def tag_of(digest: str) -> int:
    """The number that stands for a credential in a slot, from its digest in hex; an empty slot is 0."""
    return int(digest[:16], 16) or 1


class RateLimit:
    """`limit` requests per `window` seconds; 0 means no limit. `memory` has BYTES bytes, zeroed."""

    def __init__(self, limit: int, window: int, memory: bytearray | memoryview | None = None) -> None:
        self.limit = limit
        self.window = window
        self._memory = bytearray(BYTES) if memory is None else memory

    def spend(self, tag: int, now: int) -> Allowance:
        """Count one request of the credential with this tag at `now`, in seconds. Raises RateLimited."""
        offset = tag % SLOTS * _SLOT.size
        found, began, count = _SLOT.unpack_from(self._memory, offset)
        if found != tag or not began <= now < began + self.window:
            offset, began, count = self._slot(tag, now)
        remaining_time = began + self.window - now
        if count >= self.limit:
            raise RateLimited(self.limit, self.window, max(1, remaining_time))
        _SLOT.pack_into(self._memory, offset, tag, began, count + 1)
        return Allowance(self.limit, self.window, self.limit - count - 1, remaining_time)

    def _slot(self, tag: int, now: int) -> tuple[int, int, int]:
        """(offset, begin of the window, count): this credential's slot, else a free one, else the oldest of four."""
        free = -1
        oldest, oldest_began = 0, 1 << 40
        for probe in range(PROBES):
            offset = (tag + probe) % SLOTS * _SLOT.size
            found, began, count = _SLOT.unpack_from(self._memory, offset)
            live = began + self.window > now >= began
            if found == tag:
                return (offset, began, count) if live else (offset, now, 0)
            if not live and free < 0:
                free = offset
            if began < oldest_began:
                oldest, oldest_began = offset, began
        return (free if free >= 0 else oldest), now, 0
