"""Records reach the database, whatever happens on the way; each test is named for what happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from sosie.observe.observations import RecordsKept, RecordsLost, StoreUnreachable
from sosie.screening import recorder as recorder_file
from sosie.screening.alerts import Alerts
from sosie.screening.recorder import MAX_HELD, Recorder
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

    async def write(self, some):
        if self.hangs:
            await asyncio.sleep(3600)
        if self.away:
            raise StoreAway("the database is away")
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


def test_killed_between_the_write_and_the_removal_of_the_spool(tmp_path):
    """The records are written again, and are there once."""
    place = Place(tmp_path)
    some = [record() for _ in range(5)]
    place.spool.append([(ACCOUNT, one) for one in some])
    place.spool.close()
    place.store.rows.update((one.id, one) for one in some)

    async def run():
        async with running(place):
            await until(lambda: not place.files)
        assert place.store.added == 0
        assert len(place.store.rows) == 5

    asyncio.run(run())


def test_a_spool_with_a_torn_last_line(tmp_path):
    """What stands before it is kept; that something was torn is said and counted."""
    place = Place(tmp_path)
    place.spool.append([(ACCOUNT, record()), (ACCOUNT, record())])
    place.spool.close()
    with place.files[0].open("r+b") as stream:
        stream.truncate(place.files[0].stat().st_size - 20)

    async def run():
        async with running(place):
            await until(lambda: not place.files)
        assert place.store.added == 1
        assert place.lost() == 1

    asyncio.run(run())


def test_a_record_is_on_disk_as_it_was(tmp_path):
    """Whatever a stranger has written: octets, nothing, characters that no UTF-8 has are question marks."""
    odd = record(subject="\u202e\n\x00", raw=bytes(range(256)), to=(), cc=(), header=(), dmarc="temperror")
    torn = record(verdict=odd.verdict._replace(message_id="<\udcff>"))
    spool = Spool(tmp_path / "spool")
    spool.append([(ACCOUNT, odd), ("f" * 32, torn)])
    taken = spool.take()
    assert taken.kept[0] == (ACCOUNT, odd)
    assert taken.kept[1] == ("f" * 32, torn._replace(verdict=torn.verdict._replace(message_id="<?>")))
    assert taken.bad == []
    taken.release()


def test_the_disk_is_full_while_the_database_is_away(tmp_path):
    """Memory holds what it can; nothing is half on disk; when the database is back, all of it is there."""
    place = Place(tmp_path)
    place.store.away = True
    first = record()
    place.spool.append([(ACCOUNT, first)])
    before = place.files[0].read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 1000, limits[1]))  # as a full disk: a part, then an error
    try:

        async def run():
            async with running(place):
                keep_some(place, 10)
                await until(lambda: len(place.heard.of(StoreUnreachable)) >= 2)
                assert place.files[0].read_bytes() == before
                assert place.recorder.waiting == 10
                place.store.away = False
                await until(lambda: place.store.added == 11)

        asyncio.run(run())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert place.lost() == 0


def test_there_is_no_folder_for_the_spool(tmp_path):
    """Something else stands in its place: memory holds what it can, and the database gets it."""
    (tmp_path / "spool").write_text("a file")
    place = Place(tmp_path)
    place.store.away = True

    async def run():
        async with running(place):
            keep_some(place, 10)
            await until(lambda: len(place.heard.of(StoreUnreachable)) >= 2)
            place.store.away = False
            await until(lambda: place.store.added == 10)

    asyncio.run(run())
    assert place.lost() == 0


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


def test_two_processes_share_the_folder(tmp_path):
    """A file that a living process writes to is left to it; that of one that has ended is taken over."""
    mine, theirs = Spool(tmp_path / "spool"), Spool(tmp_path / "spool")
    theirs.append([(ACCOUNT, record("1"))])
    assert mine.take() is None
    mine.append([(ACCOUNT, record("2"))])
    taken = mine.take()
    assert [one.id for _, one in taken.kept] == ["2"]
    taken.remove()
    taken.release()
    theirs.close()
    taken = mine.take()
    assert [one.id for _, one in taken.kept] == ["1"]
    taken.release()


KILLED = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from sosie.screening.alerts import Alerts
from sosie.screening.recorder import Recorder
from sosie.screening.spool import Spool
from sosie.store.errors import StoreAway
from support.records import ACCOUNT, record

async def write(some):
    raise StoreAway("away")

def observe(one):
    if type(one).__name__ == "RecordsKept":
        print(one.records, flush=True)

async def main():
    recorder = Recorder(write, Alerts(lambda *_: None), Spool(Path(sys.argv[1])), observe)
    task = asyncio.create_task(recorder.run())
    for _ in range(9):
        recorder.keep(ACCOUNT, record())
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_killed_while_the_database_is_away(tmp_path):
    """What was said to be in the spool is there after kill -9, and the next process takes it."""
    tests = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - as text, for another process
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "spool"), tests], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"9\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()

    async def run():
        async with running(Place(tmp_path)) as place:
            await until(lambda: place.store.added == 9 and not place.files)

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
