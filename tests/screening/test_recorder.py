"""Records reach the database, whatever happens on the way; each test is named for what happens."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from sosie.observe.observations import RecordsKept, RecordsLost, StoreUnreachable
from sosie.screening.recorder import Recorder
from sosie.screening.waiting import MAX_HELD
from sosie.store.errors import SchemaTooNew, WrongSecretKey
from support.recording import Place, Store, keep_some, running, until
from support.records import ACCOUNT, record


def test_what_is_kept_is_in_the_store_soon(tmp_path):
    """Within some tenths of a second, as it was, without anything on disk."""

    async def run():
        async with running(Place(tmp_path)) as place:
            some = keep_some(place, 1200)
            await until(lambda: place.store.added == 1200)
            assert list(place.store.rows.values()) == some
            assert place.files == []
            assert {one.place for one in place.heard.of(RecordsKept)} == {"database"}
            assert place.recorder.waiting == 0

    asyncio.run(run())


def test_keeping_costs_the_door_nothing():
    """A door that hands over a record goes on within microseconds, whatever the database does."""
    place = Recorder(None, None, None, None)
    one = record(header=tuple(("Received", "x" * 200) for _ in range(40)))
    began = time.perf_counter()
    for _ in range(5000):
        place.keep(ACCOUNT, one)
    assert (time.perf_counter() - began) / 5000 < 100e-6


@pytest.mark.parametrize("fault", [SchemaTooNew, WrongSecretKey])
def test_a_database_that_this_process_cannot_use_refuses_no_record(tmp_path, fault):
    """It came back from an update newer than we are, or with another key: records wait on disk for a process that can
    use it."""

    async def run():
        async with running(Place(tmp_path)) as place:
            place.store.away, place.store.fault = True, fault
            some = keep_some(place, 30)
            await until(lambda: place.files and not place.recorder.waiting)
            assert place.lost() == 0
        async with running(Place(tmp_path)) as place:
            await until(lambda: not place.files)
            assert set(place.store.rows) == {one.id for one in some}

    asyncio.run(run())


def test_the_database_is_away_for_long(tmp_path):
    """What comes in meanwhile is on disk within a second, and in the database when it is back; people are told at once,
    and not again."""

    async def run():
        async with running(Place(tmp_path)) as place:
            place.store.away = True
            some = keep_some(place, 30)
            await until(lambda: place.files and not place.recorder.waiting)
            await until(lambda: len(place.told) == 1)  # one pair, one alert
            some += keep_some(place, 30, pairs=(("e2", "x@freemail.example"),))
            await until(lambda: not place.recorder.waiting)
            assert place.store.added == 0
            place.store.away = False
            await until(lambda: place.store.added == 60)
            await until(lambda: not place.files)
            assert set(place.store.rows) == {one.id for one in some}
            assert place.told == [some[0].id, some[30].id]
            assert place.lost() == 0
            assert place.heard.of(StoreUnreachable)

    asyncio.run(run())


def test_a_restart_while_the_database_is_away(tmp_path):
    """The next process finds what the last one has left on disk."""

    async def first():
        async with running(Place(tmp_path)) as place:
            place.store.away = True
            keep_some(place, 7)
            assert place.recorder.waiting == 7
        assert place.recorder.waiting == 0  # closed at once, and yet all of it is on disk
        assert len(place.files) == 1

    async def second():
        async with running(Place(tmp_path)) as place:
            await until(lambda: place.store.added == 7 and not place.files)

    asyncio.run(first())
    asyncio.run(second())


def test_a_stop_writes_what_is_in_memory(tmp_path):
    """Nothing is left to chance, or to the next process."""

    async def run():
        async with running(Place(tmp_path)) as place:
            keep_some(place, 1700)
        assert place.store.added == 1700
        assert place.files == []

    asyncio.run(run())


def test_what_is_beyond_the_bounds_is_counted(tmp_path):
    """With the database away and the spool full, memory fills; each record beyond it is lost, and said to be."""
    place = Place(tmp_path, most=100)

    async def run():
        place.store.away = True
        async with running(place):
            keep_some(place, MAX_HELD + 25, header=(), raw=b"")
            await until(lambda: place.lost() == 25)
            assert place.recorder.waiting == MAX_HELD
        assert place.lost() == MAX_HELD + 25  # and at the end there is nowhere to put them
        assert place.files == []

    asyncio.run(run())


def test_large_records_are_bounded_by_their_octets(tmp_path):
    """A record of megabytes takes the room of many."""

    async def run():
        place = Place(tmp_path)
        keep_some(place, 80, raw=b"x" * (1 << 20))
        assert place.recorder.waiting == 63

    asyncio.run(run())


def test_one_record_that_the_database_refuses_takes_no_other_with_it(tmp_path):
    """It is lost with a reason; the others of its batch are kept."""

    async def run():
        async with running(Place(tmp_path)) as place:
            some = [record() for _ in range(100)]
            place.store.refuses = some[41].id
            for one in some:
                place.recorder.keep(ACCOUNT, one)
            await until(lambda: place.store.added == 99)
        (lost,) = place.heard.of(RecordsLost)
        assert lost.records == 1
        assert "NoSuchAccount" in lost.reason

    asyncio.run(run())


@pytest.mark.parametrize("away", [False, True])
def test_a_run_that_is_cancelled_keeps_what_it_had_taken(tmp_path, away):
    """`close` brings it to safety."""

    async def run():
        place = Place(tmp_path)
        place.store.hangs = True
        task = asyncio.create_task(place.recorder.run())
        keep_some(place, 4)
        await asyncio.sleep(0.3)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert place.recorder.waiting == 4
        place.store.hangs, place.store.away = False, away
        await place.recorder.close()
        assert place.recorder.waiting == 0
        assert len(place.files) == away
        assert place.store.added == (0 if away else 4)

    asyncio.run(run())


@pytest.mark.parametrize("fault", [SchemaTooNew("run a newer sosie"), WrongSecretKey("another one")])
def test_a_database_that_cannot_be_used_loses_nothing(tmp_path, fault):
    """It came back as one that this process cannot use: records wait on disk until somebody has mended that."""

    class Unusable(Store):
        fault = None

        async def write(self, some):
            if self.fault is not None:
                raise self.fault
            return await super().write(some)

    async def run():
        async with running(Place(tmp_path, Unusable())) as place:
            place.store.fault = fault
            keep_some(place, 3)
            await until(lambda: place.files and not place.recorder.waiting)
            assert place.heard.of(StoreUnreachable)[0].reason == str(fault)
            place.store.fault = None
            await until(lambda: place.store.added == 3)
            assert place.lost() == 0

    asyncio.run(run())
