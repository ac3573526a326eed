"""The database takes connections and says nothing, or is held by another process: mail is judged, and a stop is one."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from sosie.path_of_mail import ASK_SECONDS
from sosie.serve_milter import OPEN_SECONDS
from sosie.store.open import SQLITE_FILE
from support.milter import FORGED, SOSIE, MailServer, MilterOfDatabase
from support.postfix import open_folder, wait_for
from support.server import Storage, free_ports, make_tenant, register_jane

STOP_SECONDS = 10.0  # systemd kills after 30 (docs/deployment.md)


@pytest.fixture
def storage(tmp_path):
    """With one account, which knows Jane Roe."""
    one = Storage(tmp_path)
    register_jane(one, make_tenant(one, "tenant"))
    return one


def test_a_start_takes_the_only_snapshot_there_is(storage):
    """Nobody has said which account, and PostgreSQL does not."""
    with open_folder() as folder, MilterOfDatabase(folder, **storage.environment) as milter:
        assert milter.stop() == 0
        with socket.create_server(("127.0.0.1", 0)) as silent:
            milter._settings["SOSIE_DATABASE_URL"] = f"postgresql://sosie@127.0.0.1:{silent.getsockname()[1]}/sosie"
            began = time.monotonic()
            milter.start()
            assert time.monotonic() - began < ASK_SECONDS + 5
            assert len(MailServer(milter.connect()).judge(FORGED)) > 1
            assert milter.stop() == 0


def test_a_start_that_waits_for_it_says_so(tmp_path):
    """Without a snapshot nobody knows whose registry is meant."""
    log = tmp_path / "log"
    url = f"postgresql://sosie@127.0.0.1:{free_ports(1)[0]}/sosie"
    with log.open("w") as stream:
        settings = {
            **os.environ,
            "SOSIE_DATA_DIR": str(tmp_path),
            "SOSIE_DATABASE_URL": url,
            "SOSIE_SECRET_KEY": "0" * 64,
        }
        command = [SOSIE, "milter", "--listen", f"unix:{tmp_path}/milter.sock"]
        process = subprocess.Popen(command, env=settings, stderr=stream)
        wait_for(lambda: "SOSIE_MILTER_ACCOUNT" in log.read_text(), "it to say so")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    (line,) = [json.loads(one) for one in log.read_text().splitlines() if "SOSIE_MILTER_ACCOUNT" in one]
    assert line["event"] == "StoreUnreachable"
    assert "cannot reach PostgreSQL" in line["reason"]


def test_a_stop_while_another_process_writes(storage):
    """Records are on disk before the process ends; the next one brings them into the database."""
    with open_folder() as folder, MilterOfDatabase(folder, **storage.environment) as milter:
        other = sqlite3.connect(storage.data_dir / SQLITE_FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert len(MailServer(milter.connect()).judge(FORGED)) > 1
        time.sleep(6)  # by then what was learnt waits for the database, too
        began = time.monotonic()
        assert milter.stop() == 0
        assert time.monotonic() - began < STOP_SECONDS
        assert "RecordsLost" not in milter.log.read_text()
        other.close()
        milter.start()
        spool = storage.data_dir / "spool"
        wait_for(lambda: not list(spool.glob("*")), "the spool to be emptied")
        assert milter.stop() == 0
    assert _records(storage) == 1


def test_a_start_while_another_process_has_the_file_for_itself(storage):
    """As SQLite has it while it mends its log: what is judged meanwhile is judged at once, and recorded in the end."""
    with open_folder() as folder, MilterOfDatabase(folder, **storage.environment) as milter:
        assert milter.stop() == 0
        other = sqlite3.connect(storage.data_dir / SQLITE_FILE, isolation_level=None)
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        milter.start()
        mail_server, slowest = MailServer(milter.connect()), 0.0
        until = time.monotonic() + 2 * OPEN_SECONDS
        while time.monotonic() < until:
            began = time.monotonic()
            assert len(mail_server.judge(FORGED)) > 1
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        assert slowest < OPEN_SECONDS / 2
        other.close()
        began = time.monotonic()
        assert milter.stop() == 0
        assert time.monotonic() - began < STOP_SECONDS


def test_nobody_reads_what_the_milter_says(storage):
    """Its standard output and error lead to somebody who has gone."""
    with open_folder() as folder, MilterOfDatabase(folder, **storage.environment) as milter:
        assert milter.stop() == 0
        with subprocess.Popen(["true"], stdin=subprocess.PIPE) as gone:
            gone.wait()
            settings = {**os.environ, **storage.environment, "SOSIE_LOG_LEVEL": "debug"}
            command = [SOSIE, "milter", "--listen", milter.address]
            milter.process = subprocess.Popen(command, env=settings, stdout=gone.stdin, stderr=gone.stdin)
        wait_for(milter._listens, "it to listen")
        assert len(MailServer(milter.connect()).judge(FORGED)) > 1
        assert milter.stop() == 0


def _records(storage: Storage) -> int:
    with sqlite3.connect(Path(storage.data_dir) / SQLITE_FILE) as connection:
        return connection.execute("SELECT count(*) FROM records").fetchone()[0]
