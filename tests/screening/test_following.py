"""Following the registry: what is written anywhere is soon in force here, and stays so without the database."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from contextlib import asynccontextmanager, suppress

import pytest

from sosie.detection.history import Acquaintance
from sosie.observe.observations import SnapshotLag, SnapshotLoaded, StoreUnreachable
from sosie.registry.entry import EntryFields
from sosie.registry.moments import now_us
from sosie.registry.protected_domain import read_new_domain
from sosie.screening import snapshot_file
from sosie.screening.corridor import screen
from sosie.screening.following import Following
from sosie.store import entries, protected_domains
from sosie.store.audit import Deed
from sosie.store.errors import NoSuchAccount, StoreAway
from sosie.store.issue import open_account

ACCOUNT = f"{7:032x}"
DEED = Deed("test", "", 0)
JANE = EntryFields("Jane Roe", "jane@example.com", False)
FORGED = b"From: Jane Roe <jr@gmail.example>\r\nMessage-ID: <1@x.example>\r\n\r\n"


def deed() -> Deed:
    return DEED._replace(moment_us=now_us())


class Away:
    """A database that is away while `away` is set, in front of a real one."""

    def __init__(self, database):
        self.database = database
        self.away = False

    def __getattr__(self, name):
        if self.away and name in ("reader", "snapshot", "scan", "write"):
            raise StoreAway("unplugged")
        return getattr(self.database, name)

    def access_stamp(self):
        return None if self.away else self.database.access_stamp()


async def account_with(database, *people: EntryFields) -> int:
    async def work(session):
        account = await open_account(session, ACCOUNT, "a", deed())
        await entries.create_many(session, account.no, list(people), deed())
        return account.no

    return await database.write(work)


@asynccontextmanager
async def following(database, folder, seen=None):
    one = Following(database, folder, frozenset(), [].append if seen is None else seen.append)
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await one.close()


async def until(true, seconds=5.0) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it has not come"
        await asyncio.sleep(0.002)
    return time.monotonic() - began


def flags(one: Following) -> bool:
    snapshot = one.snapshot_of(ACCOUNT)
    return snapshot is not None and screen(FORGED, snapshot).flagged


def test_a_change_is_in_force_within_a_second(opened, tmp_path):
    """An entry that is added, edited or removed elsewhere is judged by soon after, and the lag is told."""
    run, database = opened

    async def scenario():
        seen = []
        no = await account_with(database)
        async with following(database, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
            assert not flags(one)
            entry = await database.write(lambda session: entries.create(session, no, JANE, deed()))
            assert await until(lambda: flags(one)) < 1
            await database.write(
                lambda session: entries.edit(
                    session, no, entry.id, lambda before: before.fields._replace(email="jr@gmail.example"), deed()
                )
            )
            assert await until(lambda: not flags(one)) < 1
            await database.write(
                lambda session: entries.edit(
                    session, no, entry.id, lambda before: before.fields._replace(email="jane@example.com"), deed()
                )
            )
            assert await until(lambda: flags(one)) < 1
            await database.write(lambda session: entries.delete(session, no, entry.id, deed()))
            assert await until(lambda: not flags(one)) < 1
            assert one.snapshot_of(ACCOUNT).revision == max(
                told.revision for told in seen if isinstance(told, SnapshotLoaded)
            )
        assert [told for told in seen if isinstance(told, SnapshotLag)]
        assert {told.source for told in seen if isinstance(told, SnapshotLoaded)} == {"database", "changes"}

    run(scenario())


def test_many_changes_come_in_pieces_and_all_of_them(opened, tmp_path):
    """An import of 1,500 entries is in force whole, and the revision is raised only then."""
    run, database = opened

    async def scenario():
        no = await account_with(database)
        people = [EntryFields(f"Person{number} Made", f"p{number}@example.com", False) for number in range(1500)]
        async with following(database, tmp_path / "s") as one:
            before = (await one.follow(ACCOUNT)).revision
            await database.write(lambda session: entries.create_many(session, no, [*people, JANE], deed()))
            await until(lambda: one.snapshot_of(ACCOUNT).revision > before)
            assert len(one.snapshot_of(ACCOUNT).knowledge.index) == 1501
            assert flags(one)

    run(scenario())


def test_rules_are_followed_too(opened, tmp_path):
    """A protected domain that is added and removed is taken for ours, and no longer."""
    run, database = opened

    async def scenario():
        no = await account_with(database, JANE)
        fields = read_new_domain(
            {
                "domain": "example.com",
                "allowed_delivery_modes": ["DIRECT"],
                "drop_dispositions": [],
                "ip_restrictions": [],
                "regions": ["GLOBAL"],
            }
        )
        async with following(database, tmp_path / "s") as one:
            await one.follow(ACCOUNT)
            owns = lambda: one.snapshot_of(ACCOUNT).knowledge.index.domains.owns("example.com")  # noqa: E731
            made = await database.write(
                lambda session: protected_domains.PROTECTED_DOMAINS.create_once(
                    session, no, fields, deed(), repeated=False
                )
            )
            await until(owns)
            await database.write(
                lambda session: protected_domains.PROTECTED_DOMAINS.delete(session, no, [made.id], deed())
            )
            await until(lambda: not owns())

    run(scenario())


def test_mail_is_judged_on_while_the_database_is_away(opened, tmp_path):
    """The last snapshot stays in force; once the database is back, what was missed is caught up with."""
    run, database = opened

    async def scenario():
        seen = []
        no = await account_with(database, JANE)
        patchy = Away(database)
        async with following(patchy, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
            patchy.away = True
            await until(lambda: any(isinstance(told, StoreUnreachable) for told in seen))
            assert flags(one)
            [entry] = await entries.read_all(database.reader, no)
            await database.write(lambda session: entries.delete(session, no, entry.id, deed()))
            assert flags(one)
            patchy.away = False
            await until(lambda: not flags(one))

    run(scenario())


def test_that_the_database_is_away_is_told_again_and_again(opened, tmp_path, monkeypatch):
    """So that it shows in the rate of a minute for as long as it lasts; but not at every try."""
    run, database = opened
    monkeypatch.setattr("sosie.screening.following.TELL_SECONDS", 1.2)

    async def scenario():
        seen = []
        await account_with(database, JANE)
        patchy = Away(database)
        async with following(patchy, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
            patchy.away = True
            began = time.monotonic()
            await until(lambda: sum(isinstance(told, StoreUnreachable) for told in seen) == 3)
            assert time.monotonic() - began > 2

    run(scenario())


def test_a_restart_without_the_database_takes_the_last_snapshot(opened, tmp_path):
    """The file holds entries, rules and history; it is in force at once, and caught up with later."""
    run, database = opened

    async def scenario():
        no = await account_with(database, JANE)
        async with following(database, tmp_path / "s") as one:
            await one.follow(ACCOUNT)
            one.learn(ACCOUNT, [Acquaintance("Ann Other", "ann@example.net", sent=1)])
        assert (tmp_path / "s" / f"{ACCOUNT}.snapshot").stat().st_mode & 0o077 == 0
        patchy = Away(database)
        patchy.away = True
        await database.write(lambda session: entries.create(session, no, JANE._replace(name="Late Comer"), deed()))
        async with following(patchy, tmp_path / "s") as one:
            assert one.known_accounts() == [ACCOUNT]
            await one.follow(ACCOUNT)
            assert flags(one)
            assert one.snapshot_of(ACCOUNT).knowledge.history.of_address("ann@example.net")
            assert len(one.snapshot_of(ACCOUNT).knowledge.index) == 1
            patchy.away = False
            await until(lambda: len(one.snapshot_of(ACCOUNT).knowledge.index) == 2)

    run(scenario())


def _of_another_version(text: bytes) -> bytes:
    """Whole, but its head names things otherwise."""
    body = text[: text[:-1].rindex(b"\n") + 1].replace(b'"revision"', b'"version"')
    return body + hashlib.blake2b(body).hexdigest().encode() + b"\n"


def test_a_snapshot_that_cannot_be_written_is_told_of(opened, tmp_path):
    """A full disk, say: a restart without the database would take an old one, or none."""
    run, database = opened
    (tmp_path / "s").write_text("no folder")

    async def scenario():
        seen = []
        await account_with(database, JANE)
        async with following(database, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
        assert [one.where for one in seen if isinstance(one, StoreUnreachable)] == ["writing the snapshot"]

    run(scenario())


@pytest.mark.parametrize(
    "harm",
    [lambda text: text[:-40], lambda text: text.replace(b"Jane", b"Jone"), lambda _: b"", _of_another_version],
)
def test_a_harmed_file_is_as_good_as_none(opened, tmp_path, harm):
    """A torn or altered snapshot is not believed; the database is read."""
    run, database = opened

    async def scenario():
        await account_with(database, JANE)
        async with following(database, tmp_path / "s") as one:
            await one.follow(ACCOUNT)
        file = snapshot_file.file_of(tmp_path / "s", ACCOUNT)
        file.write_bytes(harm(file.read_bytes()))
        assert snapshot_file.read(file) is None
        seen = []
        async with following(database, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
            assert flags(one)
        assert seen[0].source == "database"

    run(scenario())


def test_a_file_that_others_may_write_is_as_good_as_none(opened, tmp_path):
    """They would say who is protected; nor is anything written through a link that they have laid."""
    run, database = opened
    folder, elsewhere = tmp_path / "s", tmp_path / "elsewhere"

    async def scenario():
        await account_with(database, JANE)
        async with following(database, folder) as one:
            await one.follow(ACCOUNT)
        file = snapshot_file.file_of(folder, ACCOUNT)
        kept = snapshot_file.read(file)
        assert kept is not None
        file.chmod(0o620)
        assert snapshot_file.read(file) is None
        elsewhere.write_bytes(b"precious")
        file.with_name(f"{file.name}.{os.getpid()}").symlink_to(elsewhere)
        with pytest.raises(OSError, match="symbolic"):
            list(snapshot_file.write(file, kept.contents, kept.history))
        assert elsewhere.read_bytes() == b"precious"

    run(scenario())


def test_a_mistake_with_one_account_is_not_the_end(opened, tmp_path):
    """It is observed, and what is written afterwards is in force as ever."""
    run, database = opened

    async def scenario():
        seen = []
        no = await account_with(database)
        async with following(database, tmp_path / "s", seen) as one:
            await one.follow(ACCOUNT)
            assert one.snapshot_of("no\0account") is None
            await until(lambda: any(isinstance(each, StoreUnreachable) for each in seen))
            await database.write(lambda session: entries.create(session, no, JANE, deed()))
            await until(lambda: flags(one))

    run(scenario())


def test_another_copy_of_the_database_is_read_anew(opened, tmp_path):
    """A file that is ahead of the database, or of another past, does not count once the database can be asked."""
    run, database = opened

    async def scenario():
        no = await account_with(database, JANE)
        async with following(database, tmp_path / "s") as one:
            await one.follow(ACCOUNT)
        file = snapshot_file.file_of(tmp_path / "s", ACCOUNT)
        kept = snapshot_file.read(file)
        mark = kept.contents.mark._replace(at="2020-01-01T00:00:00.000000Z")
        for _ in snapshot_file.write(file, kept.contents._replace(mark=mark, identities=[]), kept.history):
            pass
        async with following(database, tmp_path / "s") as one:
            await one.follow(ACCOUNT)
            assert not flags(one)
            await database.write(lambda session: entries.create(session, no, JANE._replace(name="X Y"), deed()))
            await until(lambda: flags(one))

    run(scenario())


def test_an_account_that_is_not_there_is_said_to_be_so(opened, tmp_path):
    """Nobody waits for a snapshot that will never come."""
    run, database = opened

    async def scenario():
        async with following(database, tmp_path / "s") as one:
            with pytest.raises(NoSuchAccount):
                await one.follow(ACCOUNT)
            assert one.snapshot_of(ACCOUNT) is None

    run(scenario())
