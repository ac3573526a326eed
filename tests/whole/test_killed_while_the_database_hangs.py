"""The database neither answers nor goes away, and the milter is killed: what it called recorded is recorded, but for
what it said in the last second."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from sosie.milter.header import RECORD
from sosie.store import accounts
from sosie.store.open import SQLITE_FILE
from support.milter import FORGED, MailServer, MilterOfDatabase
from support.postfix import open_folder, wait_for
from support.postgresql import PostgreSQL
from support.server import Storage, Tenant, make_tenant, register_jane

HANG_SECONDS = 3.0
LOST_SECONDS = 1.0  # before a kill, as docs/flagged.md says
BUSY_SECONDS = 0.5  # on a machine that does other things
PAUSE = 0.01  # between two letters

Hang = Callable[[Storage, PostgreSQL], AbstractContextManager[None]]


@contextmanager
def sqlite_is_written_to(storage: Storage, _: PostgreSQL) -> Iterator[None]:
    """Another process has the only writer's place, and keeps it."""
    lock = sqlite3.connect(storage.data_dir / SQLITE_FILE, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    yield
    lock.close()


@contextmanager
def postgresql_is_locked(storage: Storage, server: PostgreSQL) -> Iterator[None]:
    """Somebody holds the table, and thinks."""
    command = [str(server.program("psql")), "-qAt", "-d", storage.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as psql:
        psql.stdin.write(b"BEGIN;\nLOCK TABLE records;\nSELECT 'locked';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == b"locked\n"
        yield  # then its input ends, and so does the transaction


@contextmanager
def postgresql_is_frozen(_: Storage, server: PostgreSQL) -> Iterator[None]:
    """All its processes stand still, as on a machine that is suspended."""
    pids = server.pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(params=[sqlite_is_written_to, postgresql_is_locked, postgresql_is_frozen])
def hang(request) -> Hang:
    """A way to hang."""
    return request.param


@pytest.fixture
def server(hang) -> Iterator[PostgreSQL | None]:
    """A server of its own where one is needed: it is frozen."""
    if hang is sqlite_is_written_to:
        yield None
        return
    made = PostgreSQL()
    yield made
    made.close()


def _account(storage: Storage) -> Tenant:
    """With Jane Roe."""
    tenant = make_tenant(storage, "tenant")
    register_jane(storage, tenant)
    return tenant


def _judge(milter: MilterOfDatabase, seconds: float) -> dict[str, float]:
    """When the mail server heard of each record, by its name (time.monotonic)."""
    connection = MailServer(milter.connect())
    beginning = RECORD.encode() + b"\0 "
    until = time.monotonic() + seconds
    told = {}
    while time.monotonic() < until:
        fields = (one.partition(beginning)[2] for one in connection.judge(FORGED))
        (name,) = (field.rstrip(b"\0").decode() for field in fields if field)
        told[name] = time.monotonic()
        time.sleep(PAUSE)
    return told


def _kept(storage: Storage, tenant: Tenant) -> set[str]:
    async def work(database) -> list[str]:
        account = await accounts.look_up(database.reader, tenant.account_id)
        rows = await database.reader.fetch("SELECT id FROM records WHERE account_no = $1", account.no)
        return [row[0] for row in rows]

    kept = storage.run(work)
    assert len(set(kept)) == len(kept)
    return set(kept)


def _wait_for_spool(folder: Path) -> None:
    wait_for(lambda: not list(folder.glob("*")), "the spool to be emptied", 60)


def test_a_kill_takes_the_last_second_at_most(tmp_path, hang, server):
    """And nothing of what was told before, whether the write that hangs ever succeeds or not."""
    storage = Storage(tmp_path, server.create_database() if server else "")
    tenant = _account(storage)
    settings = {**storage.environment, "SOSIE_MILTER_ACCOUNT": tenant.account_id}
    with open_folder() as folder, MilterOfDatabase(folder, **settings) as milter:
        told = _judge(milter, 0.5)
        with hang(storage, server):
            told |= _judge(milter, HANG_SECONDS)
            milter.stop(signal.SIGKILL)
            killed = time.monotonic()
        milter.start()
        _wait_for_spool(tmp_path / "spool")
        assert milter.stop() == 0
    ages = [killed - told[name] for name in told.keys() - _kept(storage, tenant)]
    print(json.dumps({"told": len(told), "lost": len(ages), "oldest ms": round(max(ages, default=0) * 1000)}))
    assert max(ages, default=0) < LOST_SECONDS + BUSY_SECONDS


def test_a_write_that_succeeds_late_makes_no_second_record_and_no_second_alert(tmp_path, hang, server):
    """The records of that write are in the spool as well, and the database knows them when they come from there."""
    storage = Storage(tmp_path, server.create_database() if server else "")
    tenant = _account(storage)
    alerts = tmp_path / "alerts.jsonl"
    settings = {**storage.environment, "SOSIE_MILTER_ACCOUNT": tenant.account_id, "SOSIE_ALERT_FILE": str(alerts)}
    with open_folder() as folder, MilterOfDatabase(folder, **settings) as milter:
        with hang(storage, server):
            told = _judge(milter, HANG_SECONDS / 2)
            assert list((tmp_path / "spool").glob("*"))
        told |= _judge(milter, 0.5)
        _wait_for_spool(tmp_path / "spool")
        assert milter.stop() == 0
    assert _kept(storage, tenant) == told.keys()
    assert len(alerts.read_text().splitlines()) == 1
