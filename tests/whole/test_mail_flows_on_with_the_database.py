"""The same with the database: it goes away and comes back, the registry and the actions change, and the milter is
killed and told to stop all the while. No letter is lost, and no record but for what a kill may take with it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from sosie.detection.record import Record
from sosie.screening.recorder import PATIENCE_SECONDS
from sosie.store import accounts, records
from sosie.store.open import SQLITE_FILE
from support.letter_stream import FLAGGED, LETTERS, TOLD, UNJUDGED, Kind, Stream, number_in, told_of
from support.milter import MailServer, MilterOfDatabase
from support.postfix import Postfix, open_folder, wait_for
from support.postgresql import PostgreSQL
from support.server import SOSIE, Server, Storage, start_server
from support.watching import register
from support.wire import status_of

PAUSE = 0.08 if LETTERS < 2000 else 0.0
IN_FORCE_SECONDS = 1.0  # after a change is answered
GATHER_SECONDS = 0.1  # what a kill takes with it, and:
BUSY_SECONDS = 1.0  # the write under way, on a machine that does other things
JANE = ("Jane Roe", "jane.roe@example.com")
MARTIN = ("Martin Vance", "martin.vance@example.com")  # who is in the registry after a while only
KINDS = (
    Kind("honest", "Richard Miles <richard@partner.example>", "example.com"),
    Kind("tagged", "Jane Roe <jane.roe@bulk.example>", "example.com"),
    Kind("strict", "Jane Roe <jane.roe@bulk.example>", "strict.example"),
    Kind("later", "Martin Vance <martin.vance@bulk.example>", "example.com"),
    Kind("honest", "Susan Pike <susan@partner.example>", "strict.example"),
)
PROBE = b"From: Martin Vance <martin.vance@bulk.example>\nTo: jane@example.com\nMessage-ID: <probe@example.net>\n"


@dataclass
class Site:
    """A server of the API and a milter, on one database; `times` are when what was done was done (time.monotonic)."""

    server: Server
    milter: MilterOfDatabase
    postgresql: PostgreSQL | None
    times: dict[str, float] = field(default_factory=dict)
    kills: list[float] = field(default_factory=list)
    _lock: sqlite3.Connection | None = None

    def kill(self) -> None:
        self.kills.append(time.monotonic())
        self.milter.stop(signal.SIGKILL)
        time.sleep(0.1)
        self.milter.start()

    def restart(self) -> None:
        assert self.milter.stop() == 0
        self.milter.start()

    def freeze(self) -> None:
        self.milter.process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        self.milter.process.send_signal(signal.SIGCONT)

    def register(self, name: str, email: str) -> None:
        register(self.server, name, email)
        self.times[name] = time.monotonic()

    def register_martin(self) -> None:
        """And see how soon the milter knows, on a connection that is open already."""
        mail_server = MailServer(self.milter.connect())
        assert len(mail_server.judge(PROBE)) == 1
        self.register(*MARTIN)
        while len(mail_server.judge(PROBE)) == 1:
            assert time.monotonic() - self.times[MARTIN[0]] < IN_FORCE_SECONDS
        self.times["probed"] = time.monotonic()

    def refuse(self) -> None:
        """What is flagged is from now on refused, where it is to strict.example."""
        for disposition in FLAGGED:
            command = [SOSIE, "action", "set", disposition, "reject", "--domain", "strict.example"]
            environment = {**os.environ, **self.server.storage.environment}
            environment["SOSIE_ACCOUNT_ID"] = self.server.tenant.account_id
            subprocess.run(command, env=environment, check=True, capture_output=True, timeout=30)
        self.times["refused"] = time.monotonic()

    def take_the_database_away(self) -> None:
        """PostgreSQL is stopped; the only writer's place of SQLite is taken."""
        self.times["away"] = time.monotonic()
        if self.postgresql is not None:
            self.postgresql.stop()
            return
        self._lock = sqlite3.connect(self.server.storage.data_dir / SQLITE_FILE, isolation_level=None)
        self._lock.execute("BEGIN IMMEDIATE")

    def bring_the_database_back(self) -> None:
        if self.postgresql is not None:
            self.postgresql.start()
        elif self._lock is not None:
            self._lock.close()
        self.times["back"] = time.monotonic()
        wait_for(lambda: asyncio.run(status_of(self.server.admin_port, "/readyz")) == 200, "the server to be ready")

    def lost_before(self, kill: float) -> float:
        """Seconds; what waits for a write that waits for another writer is on disk after a while."""
        waiting = self.postgresql is None and self.times["away"] < kill < self.times["back"]
        return GATHER_SECONDS + BUSY_SECONDS + (PATIENCE_SECONDS if waiting else 0)

    def records(self) -> list[Record]:
        """All that is kept of letters of the stream."""

        async def work(database) -> list[Record]:
            account = await accounts.look_up(database.reader, self.server.tenant.account_id)
            rows = await database.reader.fetch("SELECT id FROM records WHERE account_no = $1", account.no)
            return [(await records.read(database.reader, account.no, row[0])).record for row in rows]

        kept = self.server.storage.run(work)
        return [one for one in kept if "probe" not in one.verdict.message_id]


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path) -> Iterator[Site]:
    """One account, which knows Jane Roe."""
    postgresql = PostgreSQL() if request.param == "postgresql" else None
    server = start_server(Storage(tmp_path, postgresql.create_database() if postgresql else ""))
    settings = {**server.storage.environment, "SOSIE_MILTER_ACCOUNT": server.tenant.account_id}
    try:
        with open_folder() as folder, MilterOfDatabase(folder, **settings) as milter:
            made = Site(server, milter, postgresql)
            made.register(*JANE)
            wait_for(
                lambda: len(MailServer(milter.connect()).judge(PROBE.replace(b"Martin Vance", b"Jane Roe"))) > 1, "Jane"
            )
            yield made
    finally:
        server.stop(signal.SIGINT)
        if postgresql is not None:
            postgresql.close()


def test_the_first_message_after_a_start_is_judged(site):
    """A mail server that is there before the registry is waits for it."""
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        site.milter.stop(number)
        site.milter.start()
        assert len(MailServer(site.milter.connect()).judge(PROBE.replace(b"Martin Vance", b"Jane Roe"))) > 1


def test_every_letter_arrives_or_is_answered_and_is_recorded(site):
    """As its verdict says, by the registry and the actions of a second before at the most; with one record each, but
    for what was judged in the moment before a kill."""
    with Postfix(smtpd_milters=site.milter.address, virtual_mailbox_domains="example.com, strict.example") as postfix:
        stream = Stream(postfix, KINDS, PAUSE)
        blows = [
            site.kill,
            site.register_martin,
            site.freeze,
            site.refuse,
            site.restart,
            site.take_the_database_away,
            site.kill,
            site.bring_the_database_back,
            site.kill,
        ]
        stream.run(blows)
        arrived = stream.arrived()
    spool = site.server.storage.data_dir / "spool"
    wait_for(lambda: not list(spool.glob("*")), "the spool to be emptied", 60)
    assert site.milter.stop() == 0
    assert "Traceback" not in site.milter.log.read_text()

    told = {number: told_of(one) for number, one in arrived.items()}
    refused = stream.refused()
    _assert_as_told(stream, site, told)
    flagged = {number for number, how in told.items() if how == TOLD} | set(refused)
    lost = _assert_recorded(stream, site, flagged)
    away = [
        told.get(number, TOLD)
        for number, answer in stream.answers.items()
        if site.times["away"] < answer.began
        and answer.ended < site.times["back"]
        and stream.kind_of(number).name != "honest"
    ]
    counts = Counter(f"{stream.kind_of(number).name} {how}" for number, how in told.items())
    figures = {
        "letters": LETTERS,
        "refused": len(refused),
        "told": counts,
        "flagged": len(flagged),
        **lost,
        "while the database was away": Counter(away),
        "seconds away": round(site.times["back"] - site.times["away"], 2),
        "ms until a new entry was in force": round((site.times["probed"] - site.times[MARTIN[0]]) * 1000, 1),
    }
    print(json.dumps(figures))
    assert away.count(TOLD) > len(away) / 5, "judged all the while, but for a restart in it"


def _assert_as_told(stream: Stream, site: Site, told: dict[int, str]) -> None:
    for number, answer in stream.answers.items():
        kind, how = stream.kind_of(number).name, told.get(number, "refused")
        since_martin = answer.began - site.times[MARTIN[0]]
        since_refusal = answer.began - site.times["refused"]
        if how == UNJUDGED:
            continue
        if kind == "honest":
            assert how == "clean", number
        elif kind == "tagged":
            assert how == TOLD, number
        elif kind == "later" and since_martin > IN_FORCE_SECONDS:
            assert how == TOLD, (number, since_martin)
        elif kind == "later" and answer.ended < site.times[MARTIN[0]] - IN_FORCE_SECONDS:
            assert how == "clean", number
        elif kind == "strict" and since_refusal > IN_FORCE_SECONDS:
            assert (how, answer.code) == ("refused", 550), (number, since_refusal)
        elif kind == "strict":
            assert how in {TOLD, "refused"}, number
    for kind, how in (("later", TOLD), ("later", "clean"), ("strict", TOLD), ("strict", "refused")):
        assert any(
            stream.kind_of(number).name == kind and told.get(number, "refused") == how for number in stream.answers
        )
    assert list(told.values()).count(UNJUDGED) < LETTERS / 2, "the milter is there nearly all the time"


def _assert_recorded(stream: Stream, site: Site, flagged: set[int]) -> dict[str, list[int]]:
    """How many records are missing for each kill, and how many milliseconds before it the oldest of them was judged."""
    counts = Counter(number_in(one.verdict.message_id) for one in site.records())
    assert set(counts.values()) == {1}
    for number in set(counts) - flagged:  # a kill came after the judgement, and before the mail server had heard of it
        assert any(abs(stream.answers[number].ended - kill) < GATHER_SECONDS + BUSY_SECONDS for kill in site.kills)
    missing = flagged - set(counts)
    lost: dict[float, list[float]] = {kill: [] for kill in site.kills}
    for number in missing:
        ended = stream.answers[number].ended
        kill = next(one for one in site.kills if ended < one + BUSY_SECONDS)
        lost[kill].append(kill - ended)
        assert kill - ended < site.lost_before(kill), (number, kill - ended)
    return {
        "records lost to a kill": [len(ages) for ages in lost.values()],
        "ms from the oldest of them": [round(max(ages, default=0) * 1000) for ages in lost.values()],
    }
