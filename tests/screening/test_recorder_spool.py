"""The folder on disk in which records wait for the database."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from sosie.observe.observations import StoreUnreachable
from sosie.screening.spool import Spool
from support.recording import Place, keep_some, running, until
from support.records import ACCOUNT, record


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


def test_a_process_without_descriptors_loses_none_to_the_spool(tmp_path):
    """One is left, which the new file takes; the folder cannot be opened, and the one is left again. It is enough to
    read a file by."""
    spool, before = Spool(tmp_path / "spool"), next_descriptor()
    with pytest.raises(OSError, match="Too many open files"), descriptors_left(1):
        spool.append([(ACCOUNT, record())])
    assert next_descriptor() == before
    with descriptors_left(1):
        taken = spool.take()
    assert taken.kept == []
    taken.release()


def next_descriptor():
    """The lowest that is free."""
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


@contextmanager
def descriptors_left(number):
    """So many more may be opened meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_descriptor() + number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


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
                await until(lambda: place.recorder.waiting == 10)  # else they are being tried again at this moment
                assert place.files[0].read_bytes() == before
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
