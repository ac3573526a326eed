"""Records, alerts and the history, kept together in a real database of either kind."""

from __future__ import annotations

import asyncio
import time

import pytest

from sosie.detection.history import Acquaintance
from sosie.observe.observations import AlertDelivered, LessonsLost, RecordsKept, RecordsLost, StoreUnreachable
from sosie.registry.moments import now_us, to_rfc3339
from sosie.screening.alerts import Alerts
from sosie.screening.keeping import Bounds, Keeping, history_noter, prune, record_writer
from sosie.screening.learner import MAX_HELD, Learner
from sosie.screening.outputs.alert_file import AlertFile
from sosie.store import accounts, history, records
from sosie.store.audit import Deed
from sosie.store.errors import StoreAway
from sosie.store.issue import open_account
from sosie.store.open import open_database
from support.postgresql import PostgreSQL
from support.recording import until
from support.records import ACCOUNT, PAIR, Heard, record

OTHER = ("e2", "someone@freemail.example")
DAY_US = 86_400 * 1_000_000


@pytest.fixture
def account(opened):
    """An account; (run, database, number)."""
    run, database = opened
    deed = Deed("test", "", now_us())
    made = run(database.write(lambda session: open_account(session, ACCOUNT, "a", deed)))
    return run, database, made.no


def kept(run, database, number):
    return [row[0] for row in run(database.reader.fetch("SELECT id FROM records WHERE account_no = $1", number))]


def test_a_pair_is_told_once(account):
    """One alert for an entry and an address, whoever asks and how often; another pair is another alert."""
    run, database, _ = account
    told = []
    alerts = Alerts(lambda _, one: told.append(one.id))
    write = record_writer(database, alerts)
    first, again, other = record(), record(), record(pairs=(PAIR, OTHER))
    one_batch = [(ACCOUNT, first), (ACCOUNT, again)]
    alerts.tell(one_batch, run(write(one_batch)))
    for one in (record(), other, record(pairs=(OTHER,)), record(flagged=False)):
        alerts.tell([(ACCOUNT, one)], run(write([(ACCOUNT, one)])))
    assert told == [first.id, other.id]


def test_an_answer_that_was_lost_is_asked_for_again(account):
    """The record that was first is told again as the first, and is there once."""
    run, database, number = account
    write = record_writer(database, Alerts(lambda *_: None))
    one, later = record(), record()
    assert run(write([(ACCOUNT, one)])) == {one.id}
    assert run(write([(ACCOUNT, one), (ACCOUNT, later)])) == {one.id}
    assert sorted(kept(run, database, number)) == sorted([one.id, later.id])


def test_all_that_is_flagged_is_told_where_that_is_wanted(account):
    """And nothing that is not."""
    run, database, _ = account
    write = record_writer(database, Alerts(lambda *_: None, every=True))
    flagged = [record(), record(), record(alert=False)]
    assert run(write([(ACCOUNT, one) for one in (*flagged, record(flagged=False))])) == {one.id for one in flagged}


def test_an_alert_that_names_nobody_is_always_told(account):
    """A flagged message without an entry has nothing by which it could be known."""
    run, database, _ = account
    write = record_writer(database, Alerts(lambda *_: None))
    one, two = record(pairs=()), record(pairs=())
    assert run(write([(ACCOUNT, one), (ACCOUNT, two)])) == {one.id, two.id}


def test_what_was_told_without_the_database_is_not_told_again():
    """Neither in either mode: the pair, or the message, is remembered by the process."""
    for every in (False, True):
        told = []
        alerts = Alerts(lambda _, one, told=told: told.append(one.id), every=every)
        first, again, quiet = record(), record(), record(flagged=False)
        alerts.tell_early([(ACCOUNT, first), (ACCOUNT, again), (ACCOUNT, quiet)])
        assert told == ([first.id, again.id] if every else [first.id])
        alerts.tell([(ACCOUNT, first), (ACCOUNT, again)], {first.id, again.id})
        assert len(told) == 1 + every
        alerts.tell([("f" * 32, record())], set())
        assert len(told) == 1 + every


def test_old_records_go(account):
    """By age and by number, of each account by itself."""
    run, database, number = account
    deed = Deed("test", "", now_us())
    theirs = run(database.write(lambda session: open_account(session, "f" * 32, "b", deed)))
    old = [record(at=to_rfc3339(now_us() - 40 * DAY_US)) for _ in range(3)]
    some = [record() for _ in range(620)]
    run(database.write(lambda session: records.add(session, number, [*old, *some])))
    run(database.write(lambda session: records.add(session, theirs.no, some[:5])))
    assert run(prune(database, Bounds(30, 1000))) == 3
    assert run(prune(database, Bounds(30, 10))) == 610
    assert len(kept(run, database, number)) == 10
    assert len(kept(run, database, theirs.no)) == 5


def test_a_process_keeps_learns_and_tells(account, tmp_path):
    """From a door to the database and to a file; a stop leaves nothing behind."""
    run, database, number = account
    heard = Heard()
    file = tmp_path / "alerts.jsonl"

    async def work():
        keeping = Keeping(database, tmp_path / "spool", Bounds(30, 1000), [AlertFile(file)], heard.append)
        task = asyncio.create_task(keeping.run())
        await asyncio.sleep(0)
        for _ in range(50):
            keeping.keep(ACCOUNT, record())
            keeping.learn(ACCOUNT, (Acquaintance("Jane Roe", "jane@example.com", 1, 1),))
        keeping.keep("f" * 32, record())  # an account that is gone
        await keeping.close()
        await task

    run(work())
    assert len(kept(run, database, number)) == 50
    assert len(file.read_text().splitlines()) == 1
    assert [one.records for one in heard.of(RecordsLost)] == [1]
    assert heard.of(AlertDelivered)
    (known,) = run(history.find(database.reader, number, "jane@example.com", 10))
    assert (known.messages, known.authenticated) == (50, 50)


def test_a_mistake_while_old_records_are_removed_stops_nothing(account, tmp_path, monkeypatch):
    """It is observed, the next time comes, and the end of the process keeps what there is."""
    run, database, number = account
    heard = Heard()
    monkeypatch.setattr("sosie.screening.keeping.PRUNE_SECONDS", 0.05)

    async def mistaken(*_):
        raise KeyError("a mistake of ours")

    monkeypatch.setattr("sosie.screening.keeping.prune", mistaken)

    async def work():
        keeping = Keeping(database, tmp_path / "spool", Bounds(30, 1000), [], heard.append)
        task = asyncio.create_task(keeping.run())
        await until(lambda: len(heard.of(StoreUnreachable)) > 1)
        keeping.keep(ACCOUNT, record())
        await keeping.close()
        await task

    run(work())
    assert len(kept(run, database, number)) == 1
    assert "KeyError: 'a mistake of ours'" in heard.of(StoreUnreachable)[0].reason


def test_what_was_learnt_waits_for_a_database_that_is_away():
    """It is noted later, and counted where there is no later."""
    heard, noted, away = Heard(), [], True

    async def note(account_id, seen):
        if away:
            raise StoreAway("away")
        noted.extend(seen)

    async def work():
        nonlocal away
        learner = Learner(note, heard.append)
        for number in range(450):
            learner.learn(ACCOUNT, (Acquaintance("", f"p{number}@example.com", 1),))
        assert not await learner._note_all()
        assert learner.waiting == 450
        away = False
        await learner.close()
        assert len(noted) == 450
        away = True
        learner.learn(ACCOUNT, (Acquaintance("", "x@example.com", 1),))
        await learner.close()

    asyncio.run(work())
    assert heard.of(StoreUnreachable)
    assert [one.pairs for one in heard.of(LessonsLost)] == [1]


def test_learning_is_bounded_and_costs_little():
    """A microsecond or a few for a message; pairs beyond the bound are counted; the same pair is counted together."""
    heard = Heard()

    async def work():
        learner = Learner(None, heard.append)
        began = time.perf_counter()
        for number in range(MAX_HELD + 10):
            learner.learn(ACCOUNT, (Acquaintance("", f"p{number}@example.com", 1),))
        assert (time.perf_counter() - began) / MAX_HELD < 30e-6
        learner.learn(ACCOUNT, (Acquaintance("", "p7@example.com", 1),))
        assert learner.waiting == MAX_HELD
        assert learner._held[ACCOUNT, "", "p7@example.com"].messages == 2
        assert learner._refused == 10

    asyncio.run(work())


def test_history_of_an_account_that_is_gone_is_passed_over(account):
    """The others' is noted."""
    run, database, number = account
    heard = Heard()

    async def work():
        learner = Learner(history_noter(database), heard.append)
        learner.learn("f" * 32, (Acquaintance("", "x@example.com", 1),))
        learner.learn(ACCOUNT, (Acquaintance("", "y@example.com", 1),))
        await learner.close()

    run(work())
    assert [one.pairs for one in heard.of(LessonsLost)] == [1]
    assert run(history.size(database.reader, number)) == 1


def test_postgresql_is_stopped_and_started_again(tmp_path):
    """A real server goes away under the recorder: every record is there afterwards, once, and the alert was told."""
    server = PostgreSQL()
    told, heard = tmp_path / "alerts.jsonl", Heard()

    async def work():
        database = await open_database(server.create_database(), tmp_path, b"k" * 32)
        await database.write(lambda session: open_account(session, ACCOUNT, "a", Deed("test", "", now_us())))
        keeping = Keeping(database, tmp_path / "spool", Bounds(30, 1000), [AlertFile(told)], heard.append)
        task = asyncio.create_task(keeping.run())
        written = []

        async def keep(count):
            for _ in range(count):
                written.append(record())
                keeping.keep(ACCOUNT, written[-1])
                await asyncio.sleep(0.005)

        await keep(40)
        stopping = asyncio.create_task(asyncio.to_thread(server.stop, "immediate"))
        await keep(60)
        await stopping
        await keep(40)
        await asyncio.sleep(0.5)
        assert any(one.place == "spool" for one in heard.of(RecordsKept))
        await asyncio.to_thread(server.start)
        number = (await accounts.look_up(database.reader, ACCOUNT)).no
        until = time.monotonic() + 20
        there = 0
        while there < len(written) and time.monotonic() < until:
            await asyncio.sleep(0.1)
            try:
                row = await database.reader.fetch_one("SELECT count(*) FROM records WHERE account_no = $1", number)
            except StoreAway:
                continue
            there = row[0]
        assert there == len(written) == 140
        await keeping.close()
        await task
        await database.close()

    try:
        asyncio.run(work())
    finally:
        server.close()
    assert heard.of(RecordsLost) == []
    assert len(told.read_text().splitlines()) == 1
    assert not list((tmp_path / "spool").glob("*"))


def test_what_was_told_before_the_database_went_away_is_not_told_again():
    """But it is when the database calls it new later: somebody has made it forget."""
    told = []
    alerts = Alerts(lambda _, one: told.append(one.id))
    first, later, forgotten = record(), record(), record()
    alerts.tell([(ACCOUNT, first)], {first.id})
    alerts.tell_early([(ACCOUNT, later)])
    alerts.tell([(ACCOUNT, later)], set())
    assert told == [first.id]
    alerts.tell([(ACCOUNT, forgotten)], {forgotten.id})
    assert told == [first.id, forgotten.id]


def test_a_stop_does_not_wait_for_a_database_that_hangs(monkeypatch):
    """What was being noted is given up, and counted."""
    monkeypatch.setattr("sosie.screening.learner.NOTE_SECONDS", 0.01)
    monkeypatch.setattr("sosie.screening.learner.CLOSE_SECONDS", 0.1)
    heard, asked = Heard(), asyncio.Event()

    async def note(account_id, seen):
        asked.set()
        await asyncio.sleep(3600)

    async def work():
        learner = Learner(note, heard.append)
        learner.learn(ACCOUNT, (Acquaintance("", "x@example.com", 1),))
        running = asyncio.create_task(learner.run())
        await asked.wait()
        async with asyncio.timeout(5):
            await learner.close()
            await running

    asyncio.run(work())
    assert [one.pairs for one in heard.of(LessonsLost)] == [1]
