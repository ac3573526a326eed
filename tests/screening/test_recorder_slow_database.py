"""The database takes its time: what waits too long for it is on disk meanwhile, where a kill leaves it."""

from __future__ import annotations

import asyncio
import time

from sosie.observe.observations import RecordsKept, RecordsLost, StoreUnreachable
from sosie.screening import recorder as recorder_file
from sosie.screening.recorder import PATIENCE_SECONDS
from support.recording import Place, Store, keep_some, running, until


class SlowStore(Store):
    """Every write takes so many seconds, and then goes as it does in any store."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    async def write(self, some):
        await asyncio.sleep(self.seconds)
        return await super().write(some)


def on_disk(place):
    return sum(len(file.read_bytes().splitlines()) for file in place.files)


def test_a_write_takes_long_and_succeeds(tmp_path):
    """Its records go to disk with those behind them; each is in the store once, and told, and counted there, once."""

    async def run():
        async with running(Place(tmp_path, SlowStore(PATIENCE_SECONDS * 2))) as place:
            some = keep_some(place, 5)
            await asyncio.sleep(0.3)
            some += keep_some(place, 7, pairs=(("e2", "x@freemail.example"),))
            assert place.recorder.waiting == 7
            await until(lambda: place.told == [some[0].id, some[5].id])  # when it is sure that they are on disk
            assert on_disk(place) == 12
            assert place.store.added == 0
            assert place.recorder.waiting == 0
            some += keep_some(place, 2)  # behind a write that is known to be slow, nothing waits any more
            await until(lambda: on_disk(place) == 14, PATIENCE_SECONDS)
            place.store.seconds = 0
            await until(lambda: place.store.added == 14 and not place.files)
        assert list(place.store.rows.values()) == some
        assert place.told == [some[0].id, some[5].id]
        kept = place.heard.of(RecordsKept)
        assert sum(one.records for one in kept if one.place == "database") == 14
        assert place.heard.of(StoreUnreachable) == []
        assert place.lost() == 0

    asyncio.run(run())


def test_a_write_takes_long_and_fails(tmp_path):
    """What is on disk does not come back into memory, and is in the store later."""

    async def run():
        async with running(Place(tmp_path, SlowStore(PATIENCE_SECONDS * 2))) as place:
            place.store.away = True
            keep_some(place, 5)
            await until(lambda: place.heard.of(StoreUnreachable))
            assert (on_disk(place), place.recorder.waiting) == (5, 0)
            place.store.away, place.store.seconds = False, 0
            await until(lambda: place.store.added == 5 and not place.files)
        assert len(place.told) == 1

    asyncio.run(run())


def test_a_write_takes_long_and_is_refused(tmp_path):
    """The one record that the database refuses is lost once, when it comes from the disk."""

    async def run():
        async with running(Place(tmp_path, SlowStore(PATIENCE_SECONDS * 2))) as place:
            some = keep_some(place, 5)
            place.store.refuses = some[3].id
            await until(lambda: on_disk(place) == 5)
            place.store.seconds = 0
            await until(lambda: place.store.added == 4 and not place.files)
        assert [one.records for one in place.heard.of(RecordsLost)] == [1]

    asyncio.run(run())


def test_more_comes_in_than_the_database_takes(tmp_path):
    """Every write succeeds soon, and yet they are too many: those who have waited too long go to disk first."""

    async def run():
        async with running(Place(tmp_path, SlowStore(0.1), most=64 << 20)) as place:
            keep_some(place, 3000)  # 30 writes: three seconds
            await until(lambda: not place.recorder.waiting, 2.5)
            assert 0 < place.store.added < 3000
            assert place.store.added + on_disk(place) >= 2900  # and one write is under way
            place.store.seconds = 0
            await until(lambda: place.store.added == 3000 and not place.files)

    asyncio.run(run())


def test_the_disk_is_full_and_the_database_slow(tmp_path):
    """Then memory holds them until the database has them."""

    async def run():
        async with running(Place(tmp_path, SlowStore(PATIENCE_SECONDS * 1.5), most=100)) as place:
            keep_some(place, 3)
            await until(lambda: place.store.added == 3)
            assert place.files == []
            assert [one.where for one in place.heard.of(StoreUnreachable)] == ["spooling records"]

    asyncio.run(run())


def test_the_database_hangs(tmp_path, monkeypatch):
    """A write that is never answered counts as one that failed, and the records go to disk."""
    monkeypatch.setattr(recorder_file, "WRITE_SECONDS", 0.3)

    async def run():
        async with running(Place(tmp_path)) as place:
            place.store.hangs = True
            keep_some(place, 3)
            await until(lambda: place.files and not place.recorder.waiting)
            place.store.hangs = False
            await until(lambda: place.store.added == 3)

    asyncio.run(run())


def test_a_stop_while_the_database_hangs(tmp_path, monkeypatch):
    """It takes seconds at most, and the records are on disk."""
    monkeypatch.setattr(recorder_file, "CLOSE_SECONDS", 0.5)

    async def run():
        place = Place(tmp_path)
        place.store.hangs = True
        async with running(place):
            keep_some(place, 3)
            await asyncio.sleep(0.3)
            began = time.monotonic()
        assert time.monotonic() - began < 3
        assert len(place.files) == 1
        assert place.lost() == 0

    asyncio.run(run())
