"""Keeps the records of judged messages: from a door into the database, without a door ever waiting.

Theory of operation. `keep` puts a record into memory and returns. `run` takes what has gathered there every tenth of a
second and writes it to the database in one transaction. Where the database is away, does not answer in time, or is
behind, what has gathered goes to the spool on disk; so what a killed process can lose is what came in during the last
tenth of a second, or while the write was under way that the kill interrupted. The database is then tried again, less
and less often, and when it answers, the spool is emptied beside what comes in.

No record is written twice: its id is its name for ever, and the database passes over an id that it knows. So whatever
leaves doubt (an answer that never came, a kill between the write and the removal of a file) is simply written again.

People are told of an alert when it is in the database, which knows what they were told before; while the database is
away they are told when it is in the spool (`Alerts`).

What is lost is counted and observed: what comes in while memory and spool are full, and what the database refuses for
a reason of its own, such as an account that is gone.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from sosie.detection.record import Record
from sosie.observe.observations import Observe, RecordsKept, RecordsLost, StoreUnreachable
from sosie.screening.alerts import Alerts
from sosie.screening.record_line import Kept
from sosie.screening.spool import Spool, Taken
from sosie.store.errors import StoreAway

# What memory holds while a write is under way, whichever is reached first: 2,000 flagged messages a second for
# WRITE_SECONDS. Nothing waits here longer unless the disk is full as well.
MAX_HELD = 10_000
MAX_HELD_OCTETS = 64 << 20
BATCH = 100  # of a transaction: some milliseconds of the event loop, or of the one writer, in which others wait
GATHER_SECONDS = 0.1
WRITE_SECONDS = 5.0  # then the database counts as away, though the write may still succeed
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.5, 30.0
LOOK_SECONDS = 60.0  # how often the spool is looked at for files that ended processes have left
CLOSE_SECONDS = 3.0
_FIXED = 4096  # octets of what is not counted one by one: the findings, the addresses, and Python's own

Write = Callable[[Sequence[Kept]], Awaitable[Collection[str]]]
"""Writes all of them or, raising, none; the ids of those that people were not told of before."""


class Recorder:
    """`keep` is for doors, in the thread of the event loop; `run` is a task of the same loop, ended by `close`."""

    def __init__(self, write: Write, alerts: Alerts, spool: Spool, observe: Observe) -> None:
        self._write = write
        self._alerts = alerts
        self._spool = spool
        self._observe = observe
        self._held: deque[Kept] = deque()
        self._octets = 0
        self._refused = 0  # records that found no room, since that was last observed
        self._came = asyncio.Event()
        self._closing = False
        self._ended = asyncio.Event()
        self._ended.set()
        self._writing: asyncio.Timeout | None = None
        self._away = _Away()
        self._look_at = 0.0  # when the spool is looked at next, by the loop's clock

    def keep(self, account_id: str, record: Record) -> None:
        """Take a record. Never waits, never raises."""
        octets = _octets_of(record)
        if len(self._held) >= MAX_HELD or self._octets + octets > MAX_HELD_OCTETS:
            self._refused += 1
        else:
            self._held.append((account_id, record))
            self._octets += octets
        self._came.set()

    @property
    def waiting(self) -> int:
        """How many records are in memory."""
        return len(self._held)

    async def run(self) -> None:
        """Keep what comes in, until `close`."""
        self._ended.clear()
        try:
            while not self._closing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._came.wait(), self._seconds_to_wait())
                if len(self._held) < BATCH and not self._closing:
                    await asyncio.sleep(GATHER_SECONDS)
                self._came.clear()
                try:
                    await self._turn()
                except Exception as error:  # noqa: BLE001 - a mistake of ours must not be the last record's end
                    self._observe(StoreUnreachable("keeping records", f"{type(error).__name__}: {error}"))
                    await asyncio.sleep(FIRST_RETRY_SECONDS)
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Bring what is in memory to the database or, where it does not answer within seconds, to the spool.

        Call it when no door takes messages any more. `run` has ended when it returns.
        """
        self._closing = True
        self._came.set()
        if self._writing is not None:
            self._writing.reschedule(asyncio.get_running_loop().time() + CLOSE_SECONDS)
        await self._ended.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._held and not self._away.now() and await self._write_some():
                    continue
        while self._held and await self._spool_some():
            continue
        if self._held:
            self._lost(len(self._held), "the database is away, and the spool takes no more")
            self._held.clear()
        self._tell_refused()
        await asyncio.to_thread(self._spool.close)

    async def _turn(self) -> None:
        self._tell_refused()
        while self._held and not self._closing:
            stored = False if self._away.now() else await self._write_some()
            if not stored and not await self._spool_some():
                return
        loop = asyncio.get_running_loop()
        if not self._away.now() and loop.time() >= self._look_at and not await self._empty_spool():
            self._look_at = loop.time() + LOOK_SECONDS

    def _seconds_to_wait(self) -> float:
        loop = asyncio.get_running_loop()
        return max(0.0, self._look_at - loop.time(), self._away.seconds_left())

    async def _write_some(self) -> bool:
        """Write the oldest batch; whether it is in the database. If not, it is in memory again."""
        some = self._taken_from_memory()
        try:
            return await self._store(some) or self._put_back(some)
        except BaseException:  # a cancellation: of it, too, nothing may be lost
            self._put_back(some)
            raise

    async def _store(self, some: Sequence[Kept]) -> bool:
        try:
            async with asyncio.timeout(WRITE_SECONDS) as self._writing:
                told = await self._write(some)
        except (StoreAway, TimeoutError) as error:
            self._away.fail()
            self._look_at = 0.0
            self._observe(StoreUnreachable("keeping records", str(error) or "no answer in time"))
            return False
        except Exception as error:  # noqa: BLE001 - whatever one record has caused, the others are kept
            return await self._store_singly(some, error)
        finally:
            self._writing = None
        self._away.succeed()
        self._observe(RecordsKept(len(some), "database"))
        self._alerts.tell(some, told)
        return True

    async def _store_singly(self, some: Sequence[Kept], error: Exception) -> bool:
        """Halve the batch until the record stands alone that the database refuses; that one is lost."""
        if len(some) == 1:
            self._lost(1, f"the database refuses it: {type(error).__name__}: {error}")
            return True
        middle = len(some) // 2
        return await self._store(some[:middle]) and await self._store(some[middle:])

    async def _spool_some(self) -> bool:
        """Put the oldest batch on disk; whether it is there. If not, it is in memory again."""
        some = self._taken_from_memory()
        try:
            await asyncio.to_thread(self._spool.append, some)
        except OSError as error:
            self._put_back(some)
            if not self._away.told_of_spool:
                self._away.told_of_spool = True
                self._observe(StoreUnreachable("spooling records", error.strerror or str(error)))
            return False
        except BaseException:
            self._put_back(some)
            raise
        self._look_at = 0.0
        self._observe(RecordsKept(len(some), "spool"))
        self._alerts.tell_early(some)
        return True

    async def _empty_spool(self) -> bool:
        """Bring one file of the spool to the database; whether there may be more to do now or soon."""
        try:
            taken = await asyncio.to_thread(self._spool.take)
        except OSError as error:
            self._observe(StoreUnreachable("reading the spool", error.strerror or str(error)))
            return False
        if taken is None:
            return False
        try:
            return await self._store_taken(taken)
        finally:
            taken.release()

    async def _store_taken(self, taken: Taken) -> bool:
        for start in range(0, len(taken.kept), BATCH):
            if not await self._store(taken.kept[start : start + BATCH]):
                return True
        try:
            await asyncio.to_thread(taken.remove)
        except OSError as error:  # all of it would be written again: not before some time has passed
            self._observe(StoreUnreachable("emptying the spool", error.strerror or str(error)))
            return False
        if taken.bad:
            self._lost(len(taken.bad), f"a line of the spool is no record ({taken.bad[0]})")
        self._came.set()  # there may be another file
        return True

    def _taken_from_memory(self) -> list[Kept]:
        some = [self._held.popleft() for _ in range(min(BATCH, len(self._held)))]
        self._octets -= sum(_octets_of(record) for _, record in some)
        return some

    def _put_back(self, some: Sequence[Kept]) -> bool:
        self._held.extendleft(reversed(some))
        self._octets += sum(_octets_of(record) for _, record in some)
        return False

    def _lost(self, records: int, reason: str) -> None:
        self._observe(RecordsLost(records, reason))

    def _tell_refused(self) -> None:
        if self._refused:
            count, self._refused = self._refused, 0
            self._lost(count, "the database is behind or away, and memory is full")


class _Away:
    """Whether the database counts as away, and when it is tried next."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self.told_of_spool = False

    def now(self) -> bool:
        return self.seconds_left() > 0

    def seconds_left(self) -> float:
        return self._until - asyncio.get_running_loop().time() if self._failures else 0.0

    def fail(self) -> None:
        seconds = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2**self._failures)
        self._failures += 1
        # Several processes that lost one database do not all come back in the same moment.
        self._until = asyncio.get_running_loop().time() + seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    def succeed(self) -> None:
        self._failures = 0
        self.told_of_spool = False


def _octets_of(record: Record) -> int:
    return _FIXED + len(record.raw) + sum(len(field[1]) for field in record.header)
