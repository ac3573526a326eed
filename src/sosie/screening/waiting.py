"""Records that wait in memory to be written, the oldest first, within bounds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from sosie.detection.record import Record
from sosie.screening.record_line import Kept

# Whichever is reached first. Nothing waits here for more than about a second unless the disk is full as well, and then
# this is some seconds of a flood of 2,000 flagged messages a second.
MAX_HELD = 10_000
MAX_HELD_OCTETS = 64 << 20
_FIXED = 4096  # octets of what is not counted one by one: the findings, the addresses, and Python's own


class Waiting:
    """For one thread. `octets` are those of all records, roughly."""

    def __init__(self) -> None:
        self.octets = 0
        self._held: deque[tuple[float, Kept]] = deque()  # and since when

    def __len__(self) -> int:
        return len(self._held)

    def add(self, kept: Kept) -> bool:
        """Whether there was room."""
        octets = _octets_of(kept[1])
        if len(self._held) >= MAX_HELD or self.octets + octets > MAX_HELD_OCTETS:
            return False
        self._held.append((time.monotonic(), kept))
        self.octets += octets
        return True

    def seconds(self) -> float:
        """How long the oldest has waited; 0 where there is none."""
        return time.monotonic() - self._held[0][0] if self._held else 0.0

    def take(self, most: int) -> Batch:
        """The oldest, taken away."""
        some = [self._held.popleft() for _ in range(min(most, len(self._held)))]
        kept = [one for _, one in some]
        self.octets -= sum(_octets_of(record) for _, record in kept)
        return Batch(kept, some[0][0] if some else time.monotonic())

    def put_back(self, batch: Batch) -> None:
        """They are the oldest again."""
        self._held.extendleft((batch.since, one) for one in reversed(batch.kept))
        self.octets += sum(_octets_of(record) for _, record in batch.kept)

    def clear(self) -> None:
        """Let go of all."""
        self._held.clear()
        self.octets = 0


class Batch:
    """What is written together; the oldest has waited since `since` (time.monotonic), and `on_disk` says whether all
    of it is in the spool, where a kill leaves it."""

    def __init__(self, kept: Sequence[Kept], since: float, *, on_disk: bool = False) -> None:
        self.kept = kept
        self.since = since
        self.on_disk = on_disk

    def halves(self) -> tuple[Batch, Batch]:
        """The same in two."""
        middle = len(self.kept) // 2
        one, other = self.kept[:middle], self.kept[middle:]
        return Batch(one, self.since, on_disk=self.on_disk), Batch(other, self.since, on_disk=self.on_disk)


def _octets_of(record: Record) -> int:
    return _FIXED + len(record.raw) + sum(len(field[1]) for field in record.header)
