"""Gathers what messages teach (who wrote as whom, to whom we wrote) and notes it in the history, many at a time.

What a killed process forgets is what its messages taught in the last seconds: the history is a count of many, and the
next message teaches the same again. So nothing of it waits on disk; while the database is away it waits in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from sosie.detection.history import Acquaintance, together
from sosie.observe.observations import LessonsLost, Observe, StoreUnreachable
from sosie.store.errors import DatabaseUnusable

# Pairs that wait: 10 MB. A large organisation has some 10,000 correspondents a day.
MAX_HELD = 50_000
BATCH = 200  # pairs of one transaction: two milliseconds of the event loop, and as long in which others cannot write
NOTE_SECONDS = 5.0
AWAY_SECONDS = 30.0
CLOSE_SECONDS = 2.0

Note = Callable[[str, Sequence[Acquaintance]], Awaitable[object]]


class Learner:
    """`learn` is for doors, in the thread of the event loop; `run` is a task of the same loop, ended by `close`.

    `note` adds what was seen to an account's history, all of it or, raising, nothing.
    """

    def __init__(self, note: Note, observe: Observe) -> None:
        self._note = note
        self._observe = observe
        self._held: dict[tuple[str, str, str], Acquaintance] = {}
        self._refused = 0
        self._noting: asyncio.Future[bool] | None = None
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    def learn(self, account_id: str, seen: tuple[Acquaintance, ...]) -> None:
        """Take what a message teaches. Never waits, never raises."""
        for one in seen:
            key = (account_id, one.name, one.address)
            before = self._held.get(key)
            if before is not None:
                self._held[key] = together(before, one)
            elif len(self._held) < MAX_HELD:
                self._held[key] = one
            else:
                self._refused += 1

    @property
    def waiting(self) -> int:
        """How many pairs are in memory."""
        return len(self._held)

    async def run(self) -> None:
        """Note what was learnt every few seconds, until `close`."""
        self._ended.clear()
        seconds = NOTE_SECONDS
        try:
            while not self._closing.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), seconds)
                if not self._closing.is_set():
                    self._noting = asyncio.ensure_future(self._note_all())
                    await asyncio.wait({self._noting})
                    noted = not self._noting.cancelled() and self._noting.result()
                    seconds = NOTE_SECONDS if noted else AWAY_SECONDS
        finally:
            if self._noting is not None:
                self._noting.cancel()
            self._ended.set()

    async def close(self) -> None:
        """Note what there is, if the database answers within seconds; else it is lost, and counted."""
        self._closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._ended.wait()
                await self._note_all()
        if not self._ended.is_set() and self._noting is not None:
            self._noting.cancel()  # the database may hang for long; what it was to note is held again
            await self._ended.wait()
        if self._held:
            self._observe(LessonsLost(len(self._held), "the database is away, and the process ends"))
            self._held.clear()

    async def _note_all(self) -> bool:
        """Whether the database took what was there."""
        if self._refused:
            count, self._refused = self._refused, 0
            self._observe(LessonsLost(count, f"{MAX_HELD} pairs wait for the database"))
        lots, self._held = _in_lots(self._held), {}
        try:
            while lots:
                await self._note_lot(*lots[-1])
                lots.pop()
                await asyncio.sleep(0)  # others' turn
        except DatabaseUnusable as error:
            self._observe(StoreUnreachable("noting the history", str(error)))
            return False
        finally:
            for account_id, some in lots:
                self.learn(account_id, tuple(some))
        return True

    async def _note_lot(self, account_id: str, some: Sequence[Acquaintance]) -> None:
        try:
            await self._note(account_id, some)
        except DatabaseUnusable:
            raise
        except Exception as error:  # noqa: BLE001 - such as an account that is gone; the others are noted
            self._observe(LessonsLost(len(some), f"{type(error).__name__}: {error}"))


def _in_lots(held: dict[tuple[str, str, str], Acquaintance]) -> list[tuple[str, list[Acquaintance]]]:
    """What one transaction takes each, with its account."""
    accounts: dict[str, list[Acquaintance]] = {}
    for (account_id, _, _), one in held.items():
        accounts.setdefault(account_id, []).append(one)
    return [
        (account_id, seen[start : start + BATCH])
        for account_id, seen in accounts.items()
        for start in range(0, len(seen), BATCH)
    ]
