"""A recorder with all that it works with, and a store that can be taken away from it."""

from __future__ import annotations

import asyncio
import contextlib
import time

from sosie.observe.observations import RecordsLost
from sosie.screening.alerts import Alerts
from sosie.screening.recorder import Recorder
from sosie.screening.spool import Spool
from sosie.store.errors import NoSuchAccount, StoreAway
from support.records import ACCOUNT, Heard, record


class Store:
    """A store in memory that can be taken away, be slow, or refuse a record for ever; it knows ids."""

    def __init__(self):
        self.rows = {}
        self.pairs = set()
        self.added = 0
        self.away = False
        self.hangs = False
        self.refuses = ""
        self.fault = StoreAway

    async def write(self, some):
        if self.hangs:
            await asyncio.sleep(3600)
        if self.away:
            raise self.fault("the database is away")
        if self.refuses in [one.id for _, one in some]:
            raise NoSuchAccount("gone")
        new = [one for _, one in some if one.id not in self.rows]
        self.rows.update((one.id, one) for one in new)
        self.added += len(new)
        told = set()
        for _, one in some:
            if not self.pairs.issuperset(one.verdict.pairs):
                told.add(one.id)
                self.pairs.update(one.verdict.pairs)
        return told


class Place:
    """A recorder with what it works with."""

    def __init__(self, folder, store=None, most=1 << 20):
        self.store = store or Store()
        self.heard = Heard()
        self.told = []
        self.spool = Spool(folder / "spool", most)
        alerts = Alerts(lambda _, one: self.told.append(one.id))
        self.recorder = Recorder(self.store.write, alerts, self.spool, self.heard.append)

    @property
    def files(self):
        return sorted(self.spool._folder.glob("*.jsonl"))

    def lost(self):
        return sum(one.records for one in self.heard.of(RecordsLost))


@contextlib.asynccontextmanager
async def running(place):
    task = asyncio.create_task(place.recorder.run())
    try:
        yield place
    finally:
        await place.recorder.close()
        await task


async def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


def keep_some(place, count, **fields):
    some = [record(**fields) for _ in range(count)]
    for one in some:
        place.recorder.keep(ACCOUNT, one)
    return some
