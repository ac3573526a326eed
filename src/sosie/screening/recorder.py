"""Keeps the records of judged messages: from a door into the database, without a door ever waiting.

Theory of operation. `keep` puts a record into memory and returns. `run` takes what has gathered there every tenth of a
second and writes it to the database in one transaction. Where the database is away, what has gathered goes to the
spool on disk instead. The database is then tried again, less and less often, and when it answers, the spool is emptied
beside what comes in.

A write may take long: SQLite has one writer, and PostgreSQL may be slow. Once something has waited for
PATIENCE_SECONDS, the records of that write, which may still succeed, go to the spool with all that waits behind it. So
what a killed process can lose is what came in during the last second, mostly during the last tenth of it.

No record is written twice: its id is its name for ever, and the database passes over an id that it knows. So whatever
leaves doubt (an answer that never came, a kill between the write and the removal of a file) is simply written again.
What is in the spool is done with when it comes from there to the database, whatever became of an earlier write.

People are told of an alert when it is in the database, which knows what they were told before; while the database is
away they are told when it is in the spool (`Alerts`).

What is lost is counted and observed: what comes in while memory and spool are full, and what the database refuses for
a reason of its own, such as an account that is gone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from sosie.detection.record import Record
from sosie.observe.observations import Observe, RecordsKept, RecordsLost, StoreUnreachable
from sosie.screening.alerts import Alerts
from sosie.screening.record_line import Kept
from sosie.screening.spool import Spool, Taken
from sosie.screening.waiting import Batch, Waiting
from sosie.store.errors import DatabaseUnusable

BATCH = 100  # of a transaction: some milliseconds of the event loop, or of the one writer, in which others wait
GATHER_SECONDS = 0.1
PATIENCE_SECONDS = 0.6  # in memory; with GATHER_SECONDS twice and the disk, within a second of what a kill may take
WRITE_SECONDS = 5.0  # then the database counts as away, and the write is given up
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.5, 30.0
LOOK_SECONDS = 60.0  # how often the spool is looked at for files that ended processes have left
CLOSE_SECONDS = 1.0

Write = Callable[[Sequence[Kept]], Awaitable[Collection[str]]]
"""Writes all of them or, raising, none; the ids of those that people were not told of before."""


class Recorder:
    """`keep` is for doors, in the thread of the event loop; `run` is a task of the same loop, ended by `close`."""

    def __init__(self, write: Write, alerts: Alerts, spool: Spool, observe: Observe) -> None:
        self._write = write
        self._alerts = alerts
        self._spool = spool
        self._observe = observe
        self._held = Waiting()
        self._refused = 0  # records that found no room, since that was last observed
        self._came = asyncio.Event()
        self._closing = False
        self._ended = asyncio.Event()
        self._ended.set()
        self._give_up = 0.0  # when the write that is under way is given up, by the loop's clock
        self._away = _Away()
        self._look_at = 0.0  # when the spool is looked at next, by the loop's clock

    def keep(self, account_id: str, record: Record) -> None:
        """Take a record. Never waits, never raises."""
        if not self._held.add((account_id, record)):
            self._refused += 1
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
        loop = asyncio.get_running_loop()
        self._give_up = min(self._give_up, loop.time() + CLOSE_SECONDS)
        await self._ended.wait()
        until = loop.time() + CLOSE_SECONDS
        while self._held and loop.time() < until and not self._away.now() and await self._write_some():
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
            if self._away.now():
                done = await self._spool_some()
            elif self._held.seconds() > PATIENCE_SECONDS:  # the database is slower than what comes in
                done = await self._spool_some() or await self._write_some()
            else:
                done = await self._write_some() or await self._spool_some()
            if not done:
                return
        loop = asyncio.get_running_loop()
        if not self._away.now() and loop.time() >= self._look_at and not await self._empty_spool():
            self._look_at = loop.time() + LOOK_SECONDS

    def _seconds_to_wait(self) -> float:
        loop = asyncio.get_running_loop()
        return max(0.0, self._look_at - loop.time(), self._away.seconds_left())

    async def _write_some(self) -> bool:
        """Write the oldest batch; whether it is in the database or the spool. If not, it is in memory again."""
        batch = self._held.take(BATCH)
        done = False
        try:
            done = await self._store(batch)
        finally:  # after a cancellation, too, nothing may be lost
            if not done and not batch.on_disk:
                self._held.put_back(batch)
        return done

    async def _store(self, batch: Batch) -> bool:
        """Write them; whether that is done with: the database has or refuses them, or they are in the spool now."""
        from_spool = batch.on_disk
        try:
            told = await self._answer_to(batch)
        except (DatabaseUnusable, TimeoutError) as error:
            self._away.fail()
            self._look_at = 0.0
            self._observe(StoreUnreachable("keeping records", str(error) or "no answer in time"))
            return batch.on_disk and not from_spool
        except Exception as error:  # noqa: BLE001 - whatever one record has caused, the others are kept
            return (batch.on_disk and not from_spool) or await self._store_singly(batch, error)
        self._away.succeed()
        if batch.on_disk == from_spool:  # else they are counted, and told of, when they come from the spool
            self._observe(RecordsKept(len(batch.kept), "database"))
            self._alerts.tell(batch.kept, told)
        return True

    async def _answer_to(self, batch: Batch) -> Collection[str]:
        """What the database says to them; what waits too long meanwhile goes to the spool. Raises TimeoutError, and
        what the write raises."""
        loop = asyncio.get_running_loop()
        self._give_up = loop.time() + (CLOSE_SECONDS if self._closing else WRITE_SECONDS)
        writing = asyncio.ensure_future(self._write(batch.kept))
        given_up = False
        try:
            while not (await asyncio.wait({writing}, timeout=GATHER_SECONDS))[0]:
                if not given_up and loop.time() > self._give_up:
                    given_up = writing.cancel()  # which takes its time where a connection has to come to rest
                await self._bring_to_safety(batch)
        finally:
            writing.cancel()
        if writing.cancelled():
            raise TimeoutError
        return writing.result()

    async def _bring_to_safety(self, batch: Batch) -> None:
        """Once something has waited too long: those that are being written into the spool, and those behind them."""
        if max(time.monotonic() - batch.since, self._held.seconds()) < PATIENCE_SECONDS:
            return
        if not batch.on_disk:
            batch.on_disk = await self._spooled(batch)
        while self._held and await self._spool_some():
            continue

    async def _store_singly(self, batch: Batch, error: Exception) -> bool:
        """Halve the batch until the record stands alone that the database refuses; that one is lost."""
        if len(batch.kept) == 1:
            self._lost(1, f"the database refuses it: {type(error).__name__}: {error}")
            return True
        one, other = batch.halves()
        return await self._store(one) and await self._store(other)

    async def _spool_some(self) -> bool:
        """Put the oldest batch on disk; whether it is there. If not, it is in memory again."""
        batch = self._held.take(BATCH)
        try:
            batch.on_disk = await self._spooled(batch)
        finally:
            if not batch.on_disk:
                self._held.put_back(batch)
        return batch.on_disk

    async def _spooled(self, batch: Batch) -> bool:
        try:
            await asyncio.to_thread(self._spool.append, batch.kept)
        except OSError as error:
            if not self._away.told_of_spool:
                self._away.told_of_spool = True
                self._observe(StoreUnreachable("spooling records", error.strerror or str(error)))
            return False
        self._look_at = 0.0
        self._observe(RecordsKept(len(batch.kept), "spool"))
        self._alerts.tell_early(batch.kept)
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
            batch = Batch(taken.kept[start : start + BATCH], time.monotonic(), on_disk=True)
            if not await self._store(batch):
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
