"""The history in the database adds up, stays within its bounds, and lets nobody be pushed out by strangers."""

from __future__ import annotations

import asyncio
import random

import pytest

from sosie.detection.history import MAX_ADDRESS, MAX_NAME, Acquaintance, History
from sosie.store import accounts, audit, history
from sosie.store.open import open_database
from support.registry import deed, new_account
from support.server import Storage

EARLY, MIDDLE, LATE = "2025-04-10T18:27:34Z", "2026-01-01T00:00:00Z", "2026-07-01T05:20:00Z"
JANE = Acquaintance("Jane Roe", "jane@example.com", 1, 1, MIDDLE, MIDDLE)


@pytest.fixture
def kept(opened, account):
    """(note, read, do): write pairs, read the History, and run any function of the store on the account."""
    run, database = opened

    def do(function, *arguments):
        return run(database.write(lambda session: function(session, account, *arguments)))

    return (
        lambda *pairs: do(history.note, pairs),
        lambda: run(database.scan(lambda session: history.read_all(session, account))),
        do,
    )


def _strangers(count, **more):
    return [Acquaintance(f"Name {n}", f"n{n}@example.net", 1, 0, LATE, LATE)._replace(**more) for n in range(count)]


def test_what_is_noted_again_adds_up(kept):
    """Counts are added, the time grows in both directions, and the name stays as it was first spelt."""
    note, read, _ = kept
    assert note(JANE, JANE) == 1
    note(Acquaintance("JANE ROE", "Jane@Example.com", 4, 2, EARLY, LATE, 3))
    note(JANE._replace(first_seen="", last_seen="", authenticated=0))
    assert read().of_pair("Jane Roe", "jane@example.com") == Acquaintance(
        "Jane Roe", "jane@example.com", 7, 4, EARLY, LATE, 3
    )


def test_a_moment_that_was_unknown_becomes_known(kept):
    """Once somebody says it."""
    note, read, _ = kept
    note(JANE._replace(first_seen="", last_seen=""))
    note(JANE)
    assert read().of_pair("Jane Roe", "jane@example.com")[4:6] == (MIDDLE, MIDDLE)


def test_what_cannot_be_kept_is_left_out(kept):
    """The other pairs of the batch are noted."""
    note, read, _ = kept
    bad = (JANE._replace(name="n" * (MAX_NAME + 1)), JANE._replace(name="\0"), JANE._replace(address=""))
    assert note(*bad, JANE) == 1
    assert len(read()) == 1


def test_any_name_that_can_be_kept_is_kept(kept):
    """At its greatest length, in letters of four octets that do not repeat, and ones that grow when compared."""
    note, read, _ = kept
    address = "".join(chr(0x20000 + n * 7) for n in range(MAX_ADDRESS - 10)) + "@b.example"
    longest = Acquaintance("".join(chr(0x22000 + n * 11) for n in range(MAX_NAME)), address, 1)
    growing = Acquaintance("\ufdfa" * MAX_NAME, address, 1)
    assert note(longest, growing, JANE._replace(name="O'R\u200doe \"%_\\")) == 3
    known = read()
    assert known.of_pair(longest.name, address) == longest
    assert known.of_pair(growing.name, address) == growing


def test_accounts_do_not_see_each_other(opened, kept):
    """Nor does what one forgets concern another."""
    run, database = opened
    note, read, _ = kept
    note(JANE)
    other = run(new_account(database))
    assert len(run(history.read_all(database.reader, other))) == 0
    assert run(database.write(lambda session: history.forget(session, other, "Jane Roe"))) == 0
    assert len(read()) == 1


def test_learning_leaves_the_registry_alone(opened, account, kept):
    """Neither the account's revision nor the audit moves: no snapshot is built again because mail came in."""
    run, database = opened
    note, _, do = kept
    before = run(accounts.counts(database.reader, account)), run(audit.read(database.reader, account))
    note(JANE)
    do(history.note_alert, "entry", "x@example.net", LATE)
    assert (run(accounts.counts(database.reader, account)), run(audit.read(database.reader, account))) == before


def test_the_history_has_a_revision_of_its_own(opened, account, kept):
    """It changes with whatever changes the History, and tells a process that there is something to read."""
    run, database = opened
    note, _, do = kept
    revisions = [run(history.revision(database.reader, account))]
    steps = (
        lambda: note(JANE),
        lambda: do(history.note_alert, "entry", "x@example.net", LATE),
        lambda: do(history.forget, "jane@example.com"),
        lambda: do(history.prune, LATE),
    )
    for step in steps:
        step()
        revisions.append(run(history.revision(database.reader, account)))
    assert revisions == [0, 1, 2, 3, 4]
    do(history.note_alert, "entry", "x@example.net", LATE)
    note()
    assert run(history.revision(database.reader, account)) == 4, "nothing has changed"


def test_strangers_do_not_push_out_who_is_known(kept, monkeypatch):
    """Unauthenticated pairs go first, however many and however new; those we wrote to go last."""
    monkeypatch.setattr(history, "MAX_PAIRS", 4)
    note, read, do = kept
    known = [
        JANE._replace(address="sent@example.com", authenticated=0, sent=1, first_seen=EARLY, last_seen=EARLY),
        JANE._replace(address="often@example.com", messages=3, authenticated=3, first_seen=EARLY, last_seen=EARLY),
        JANE._replace(address="once@example.com", first_seen=EARLY, last_seen=EARLY),
    ]
    note(*known, *_strangers(100))
    do(history.keep_bounds)
    kept_pairs = read()
    assert len(kept_pairs) == 4
    assert all(kept_pairs.of_pair("Jane Roe", one.address) for one in known)

    note(*_strangers(100, authenticated=1))
    do(history.keep_bounds)
    kept_pairs = read()
    assert [bool(kept_pairs.of_address(one.address)) for one in known] == [True, True, False], "rare and old goes"

    note(*_strangers(100, messages=9, authenticated=9))
    do(history.keep_bounds)
    assert read().of_address("sent@example.com")


def test_one_address_has_so_many_names_and_one_name_so_many_addresses(kept):
    """The best of them stay; addresses without a name are as many as there are."""
    note, read, do = kept
    note(JANE, *(Acquaintance(f"Name {n}", "jane@example.com", 1, 0, LATE, LATE) for n in range(100)))
    note(*(Acquaintance("Jane Roe", f"jane{n}@example.net", 1, 0, LATE, LATE) for n in range(100)))
    note(*(Acquaintance("", f"nobody{n}@example.net", 1, 0, LATE, LATE) for n in range(100)))
    do(history.keep_bounds)
    kept_pairs = read()
    assert len(kept_pairs.names_of("jane@example.com")) == history.MAX_NAMES
    assert kept_pairs.of_pair("Jane Roe", "jane@example.com") == JANE
    assert len(do(history.find, "jane roe", 1000)) == history.MAX_ADDRESSES
    assert len(do(history.find, "", 1000)) == 100


def test_the_bounds_are_kept_while_mail_comes_in(kept, monkeypatch):
    """Nobody has to ask: there are never more pairs than the bound and the slack together."""
    monkeypatch.setattr(history, "MAX_PAIRS", 20)
    monkeypatch.setattr(history, "SLACK", 10)
    note, read, _ = kept
    for start in range(0, 200, 8):
        note(*_strangers(start + 8)[start:])
        assert len(read()) <= 30
    note(*_strangers(500))
    assert len(read()) <= 30


def test_who_is_forgotten_is_gone(opened, account, kept):
    """By name or by address, with the alerts of the address; the audit does not keep who it was."""
    run, database = opened
    note, read, do = kept
    note(JANE, JANE._replace(address="jane@example.net"), JANE._replace(name="John Doe"))
    do(history.note_alert, "entry", "jane@example.com", LATE)
    assert do(history.forget, "Jane@EXAMPLE.com") == 2
    assert not read().was_alerted("entry", "jane@example.com")
    assert do(history.forget, " jane  ROE ") == 1
    assert len(read()) == 0
    do(history.record, "history.forget", 3, deed())
    (newest, *_) = run(audit.read(database.reader, account))
    assert (newest.action, newest.after) == ("history.forget", {"pairs": 3})
    assert "jane" not in str(newest).lower()


def test_what_was_not_seen_for_long_is_pruned(kept):
    """With the alerts of that time; a pair of unknown age stays."""
    note, read, do = kept
    note(
        JANE,
        JANE._replace(address="new@example.com", last_seen=LATE),
        JANE._replace(name="Un", first_seen="", last_seen=""),
    )
    do(history.note_alert, "old", "x@example.net", EARLY)
    do(history.note_alert, "new", "x@example.net", LATE)
    assert do(history.prune, LATE) == 1
    kept_pairs = read()
    assert (kept_pairs.of_pair("Jane Roe", JANE.address), len(kept_pairs)) == (None, 2)
    assert not kept_pairs.was_alerted("old", "x@example.net")
    assert kept_pairs.was_alerted("new", "x@example.net")


def test_an_alert_is_new_once(kept):
    """For each pair of entry and address, however it is spelt; what cannot be kept is always new."""
    _, read, do = kept
    asked = [("a", "x@example.net"), ("a", "X@Example.NET"), ("b", "x@example.net"), ("a", "y@example.net")]
    assert [do(history.note_alert, *pair, LATE) for pair in asked] == [True, False, True, True]
    assert [do(history.note_alert, "a", "x" * 400 + "@example.net", LATE) for _ in range(2)] == [True, True]
    assert read().was_alerted("b", "x@example.net")


def test_the_oldest_alerts_make_room(kept, monkeypatch):
    """Alerts are bounded too."""
    monkeypatch.setattr(history, "MAX_ALERTS", 3)
    _, read, do = kept
    for number, moment in enumerate((MIDDLE, EARLY, MIDDLE, LATE, LATE)):
        do(history.note_alert, "entry", f"x{number}@example.net", moment)
    do(history.keep_bounds)
    kept_alerts = read()
    assert [kept_alerts.was_alerted("entry", f"x{number}@example.net") for number in (1, 3, 4)] == [False, True, True]
    assert sum(kept_alerts.was_alerted("entry", f"x{number}@example.net") for number in range(5)) == 3


def test_two_processes_learn_at_once(storage, opened, account):
    """Nothing is lost, nobody waits for ever, and of one alert one of them is told that it is new."""
    run, database = opened

    async def both():
        other = await open_database(storage.url, storage.data_dir, storage.secret_key)
        pairs = [JANE, *_strangers(30)]
        noted = [
            one.write(lambda session, order=order: history.note(session, account, pairs[::order]))
            for one, order in ((database, 1), (other, -1))
            for _ in range(10)
        ]
        alerted = [
            one.write(lambda session: history.note_alert(session, account, "entry", "x@example.net", LATE))
            for one in (database, other) * 5
        ]
        await asyncio.gather(*noted)
        news = await asyncio.gather(*alerted)
        await other.close()
        return news

    assert sum(run(both())) == 1
    known = run(history.read_all(database.reader, account))
    assert known.of_pair("Jane Roe", "jane@example.com").messages == 20
    assert len(known) == 31


def test_the_pairs_are_read_in_pages(kept, monkeypatch):
    """Every pair once, wherever a page ends."""
    monkeypatch.setattr(history, "PAGE", 3)
    note, read, do = kept
    note(*_strangers(9), *(JANE._replace(name=f"Jane {n}") for n in range(5)))
    assert len(read()) == 14
    first, after = do(history.read_after, ("", ""), 10)
    rest, end = do(history.read_after, after, 10)
    assert [one.address for one in first + rest] == sorted(one.address for one in first + rest)
    assert do(history.read_after, end, 10) == ([], end)


@pytest.mark.parametrize("seed", range(3))
def test_the_database_says_what_the_messages_said(kept, seed):
    """However they came in batches: the same as a History that was given all of them."""
    note, read, _ = kept
    chance = random.Random(seed)
    seen = [
        Acquaintance(
            chance.choice(["Jane Roe", "JANE ROE", "Jäne Roe", "John Doe", "", "D'Arcy %_"]),
            chance.choice(
                ["jane@example.com", "Jane@Example.com", "jane@bücher.example", "jane@xn--bcher-kva.example"]
            ),
            chance.randrange(3),
            chance.randrange(3),
            *sorted(chance.choice(["", EARLY, MIDDLE, LATE]) for _ in range(2)),
            chance.randrange(3),
        )
        for _ in range(120)
    ]
    rest = list(seen)
    while rest:
        size = chance.randrange(1, 20)
        note(*rest[:size])
        rest = rest[size:]
    known, expected = read(), History(seen)
    assert len(known) == len(expected) == 10
    for one in seen:
        assert known.of_pair(*one[:2])[2:] == expected.of_pair(*one[:2])[2:]
        assert known.of_address(one.address)[2:] == expected.of_address(one.address)[2:]


class _Recording:
    """Remembers the statements that read."""

    def __init__(self, session):
        self._session = session
        self.statements = []

    async def fetch(self, sql, *values):
        self.statements.append((sql, values))
        return await self._session.fetch(sql, *values)


@pytest.mark.parametrize("wanted", ["Jane Roe", "jane@example.com"])
def test_a_name_and_an_address_are_found_by_an_index(tmp_path, wanted):
    """The embedded database has no statistics, and must not look through all addresses for a name all the same."""

    async def plan(database):
        recording = _Recording(database.reader)
        await history.find(recording, await new_account(database), wanted, 10)
        ((sql, values),) = recording.statements
        return [row[-1] for row in await database.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)]

    column = "address" if "@" in wanted else "name_key"
    assert f"(account_no=? AND {column}=?)" in Storage(tmp_path).run(plan)[0]
