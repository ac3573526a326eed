"""Following the registry: this process's snapshot of each account, kept as the database has it.

Theory of operation. Every write bumps its account's revision. A process asks for the revisions of the accounts that it
follows every POLL seconds (on SQLite only where some process has written since: 4 µs), and where one is new, reads what
the audit says was touched since its own place there, and those entries as they are now. It applies them in place, some
at a time, so that no message waits for more than STEP_SECONDS. The revision of the snapshot is raised when all of it is
in force. Where the audit does not know that place (another copy of the database was put there), everything is read
anew, and takes the place of the old snapshot in one assignment.

While the database is away, mail is judged by what is there. At a start, the snapshot on disk is in force first, and the
database is asked what happened since. The file is written anew when something has changed, at most once in
WRITE_SECONDS, and when the process ends.

The history has a revision of its own that goes up with all mail that is learnt from; it is read anew once in
HISTORY_SECONDS. What this process itself has learnt counts at once.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sosie.detection.history import Acquaintance, History
from sosie.detection.index import Index
from sosie.observe.observations import Observe, SnapshotLag, SnapshotLoaded, StoreUnreachable
from sosie.screening import index_file, snapshot_file
from sosie.screening.contents import Contents
from sosie.screening.held import Held, apply, read_news
from sosie.screening.reading import read_contents
from sosie.screening.snapshot import Snapshot, fill, snapshot_with
from sosie.store import accounts, history
from sosie.store.database import Database, Session
from sosie.store.errors import DatabaseUnusable, NoSuchAccount

POLL_SECONDS = {"sqlite": 0.02, "postgresql": 0.05}
AWAY_SECONDS = 0.5  # between two tries while the database is away
TELL_SECONDS = 15.0  # between two times that this is told: whoever looks at a minute of the metrics sees it
STEP_SECONDS = 0.002  # of work between two looks at what else there is to do
WRITE_SECONDS = 60.0
HISTORY_SECONDS = 300.0


class Origin(NamedTuple):
    """Where a snapshot comes from ("database" or "file"), when that began, and its index if it lay on disk, too."""

    source: str
    began: float
    made: Index | None = None


class Following:
    """Follows the accounts that somebody asks for. `believed`: the authserv-ids that are trusted (RFC 8601)."""

    def __init__(self, database: Database, folder: Path, believed: frozenset[str], observe: Observe) -> None:
        self._database = database
        self._folder = folder
        self._believed = believed
        self._observe = observe
        self._held: dict[str, Held] = {}
        self._wanted: set[str] = set()
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._stamp: int | None = None
        self._tell_away_at = 0.0  # 0 while the database answers

    def snapshot_of(self, account_id: str) -> Snapshot | None:
        """This process's snapshot, or None where there is none yet: it is then asked for."""
        held = self._held.get(account_id)
        if held is None:
            self._wanted.add(account_id)
            return None
        return held.snapshot

    def learn(self, account_id: str, seen: Iterable[Acquaintance]) -> None:
        """Let what this process has learnt count at once."""
        held = self._held.get(account_id)
        if held is not None:
            for one in seen:
                held.snapshot.knowledge.history.learn(one)

    def believe(self, authserv_id: str) -> None:
        """Trust one more host, whose name this process has learnt from the mail server that it serves."""
        self._trust(self._believed | {authserv_id})

    def disbelieve(self, authserv_id: str) -> None:
        """Trust it no longer."""
        self._trust(self._believed - {authserv_id})

    def _trust(self, authserv_ids: frozenset[str]) -> None:
        self._believed = authserv_ids
        for held in self._held.values():
            knowledge = replace(held.snapshot.knowledge, trusted_authserv_ids=authserv_ids)
            held.snapshot = replace(held.snapshot, knowledge=knowledge)

    async def follow(self, account_id: str) -> Snapshot:
        """Hold an account from now on; its snapshot. Raises NoSuchAccount, StoreAway where there is none to be had."""
        held = self._held.get(account_id)
        if held is None:
            task = self._loading.get(account_id)
            if task is None:
                task = self._loading[account_id] = asyncio.create_task(self._start(account_id))
                task.add_done_callback(lambda _: self._loading.pop(account_id, None))
            await asyncio.shield(task)
            held = self._held[account_id]
        return held.snapshot

    async def run(self) -> None:
        """Follow until cancelled."""
        pause = POLL_SECONDS[self._database.dialect]
        writing = asyncio.create_task(self._write_now_and_then())
        try:
            while True:
                await asyncio.sleep(AWAY_SECONDS if self._tell_away_at else pause)
                try:
                    await self._look()
                    self._tell_away_at = 0.0
                except DatabaseUnusable as error:
                    self._stamp = None
                    if time.monotonic() >= self._tell_away_at:
                        self._tell_away_at = time.monotonic() + TELL_SECONDS
                        self._observe(StoreUnreachable("following the registry", str(error)))
                except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the following
                    self._stamp = None
                    self._observe(StoreUnreachable("following the registry", f"{type(error).__name__}: {error}"))
                    await asyncio.sleep(AWAY_SECONDS)
        finally:
            writing.cancel()

    async def close(self) -> None:
        """Write the snapshots that have changed."""
        for account_id in list(self._held):
            if await self._written(account_id):
                with suppress(OSError):  # a start takes longer without it, and nothing else
                    self._write_index(account_id)

    def known_accounts(self) -> list[str]:
        """The accounts that were followed before, as far as the folder knows."""
        return snapshot_file.accounts_in(self._folder)

    async def _look(self) -> None:
        for account_id in list(self._wanted):
            self._wanted.discard(account_id)
            with suppress(NoSuchAccount):
                await self.follow(account_id)
        if not self._held or not self._may_have_changed():
            return
        numbers = {held.account_no: account_id for account_id, held in self._held.items()}
        for no, revision in await accounts.revisions(self._database.reader, min(numbers), max(numbers)):
            held = self._held[numbers[no]] if no in numbers else None
            if held is not None and held.snapshot.revision != revision:
                await self._catch_up(numbers[no], held)
        for account_id, held in list(self._held.items()):  # others may come while this one is read
            await self._refresh_history(account_id, held)

    def _may_have_changed(self) -> bool:
        if self._database.dialect != "sqlite":
            return True
        stamp = self._database.access_stamp()
        changed = stamp is None or stamp != self._stamp
        self._stamp = stamp
        return changed

    async def _start(self, account_id: str) -> None:
        began = time.monotonic()
        kept = await asyncio.to_thread(snapshot_file.read, snapshot_file.file_of(self._folder, account_id))
        if kept is not None:
            index = await asyncio.to_thread(self._index_on_disk, account_id, len(kept.contents.identities))
            await self._hold(account_id, kept.contents, kept.history, Origin("file", began, index))
            self._stamp = None
            self._held[account_id].written = kept.contents.revision
            return
        account = await accounts.look_up(self._database.reader, account_id)
        await self._load(account_id, account.no)

    async def _load(self, account_id: str, account_no: int) -> None:
        began = time.monotonic()

        async def work(session: Session) -> tuple[Contents, History, int]:
            contents = await read_contents(session, account_no)
            return contents, await history.read_all(session, account_no), await history.revision(session, account_no)

        contents, known, history_revision = await self._database.scan(work)
        await self._hold(account_id, contents, known, Origin("database", began))
        held = self._held[account_id]
        held.history_revision, held.history_read = history_revision, time.monotonic()

    async def _hold(self, account_id: str, contents: Contents, known: History, origin: Origin) -> None:
        index, unusable = origin.made, list[str]()
        with _without_collections():
            if index is None:
                index = Index()
                await _in_steps(fill(index, contents.identities, unusable))
            index.prepare(to_change=True)
        snapshot = snapshot_with(contents, index, known, self._believed, tuple(unusable))
        self._held[account_id] = Held(contents.account_no, contents.mark, snapshot)
        self._observe(
            SnapshotLoaded(
                account_id, contents.revision, len(index), origin.source, round(time.monotonic() - origin.began, 6)
            )
        )

    def _index_on_disk(self, account_id: str, entries: int) -> Index | None:
        """The index that belongs to the snapshot on disk, if it holds all of its entries."""
        try:
            checksum = snapshot_file.checksum_of(snapshot_file.file_of(self._folder, account_id))
            index = index_file.read(index_file.file_of(self._folder, checksum))
        except OSError:
            return None
        return index if index is not None and len(index) == entries else None

    async def _catch_up(self, account_id: str, held: Held) -> None:
        began = time.monotonic()
        while True:
            read = await self._database.snapshot(lambda session: read_news(session, held))
            if read is None:
                await self._load(account_id, (await self._number_of(account_id)))
                return
            await _in_steps(apply(held, read))
            held.mark = read.mark
            if not read.more:
                break
        held.snapshot = replace(held.snapshot, revision=read.revision)
        if len(held.snapshot.knowledge.index) + len(held.snapshot.unusable) != read.total:
            await self._load(account_id, held.account_no)  # the audit has not told everything
            return
        self._observe(
            SnapshotLoaded(account_id, read.revision, read.total, "changes", round(time.monotonic() - began, 6))
        )
        if read.touched:
            self._observe(SnapshotLag(account_id, _age(read.touched[-1].at)))

    async def _number_of(self, account_id: str) -> int:
        return (await accounts.look_up(self._database.reader, account_id)).no

    async def _refresh_history(self, account_id: str, held: Held) -> None:
        if time.monotonic() - held.history_read < HISTORY_SECONDS and held.history_read:
            return
        held.history_read = time.monotonic()
        revision = await history.revision(self._database.reader, held.account_no)
        if revision == held.history_revision:
            return
        known = await self._database.scan(lambda session: history.read_all(session, held.account_no))
        held.history_revision = revision
        if self._held.get(account_id) is held:
            held.snapshot = replace(held.snapshot, knowledge=replace(held.snapshot.knowledge, history=known))

    async def _write_now_and_then(self) -> None:
        while True:
            for account_id in list(self._held):
                await self._written(account_id)
            await asyncio.sleep(WRITE_SECONDS)

    async def _written(self, account_id: str) -> bool:
        """Whether the file is that of now. Where it cannot be written, as on a full disk, the old one stays."""
        try:
            await self._write(account_id)
        except OSError as error:
            self._observe(StoreUnreachable("writing the snapshot", error.strerror or str(error)))
            return False
        return True

    def _write_index(self, account_id: str) -> None:
        """Only where a process ends: it takes a tenth of a second for 10,000 entries, in which nothing else is done."""
        checksum = snapshot_file.checksum_of(snapshot_file.file_of(self._folder, account_id))
        file = index_file.file_of(self._folder, checksum)
        if not file.path.exists():
            index_file.write(file, self._held[account_id].snapshot.knowledge.index)

    async def _write(self, account_id: str) -> None:
        held = self._held[account_id]
        snapshot = held.snapshot
        if held.written == snapshot.revision:
            return
        identities = list(snapshot.knowledge.index.identities())
        contents = Contents(held.account_no, snapshot.revision, held.mark, identities, snapshot.rules)
        file = snapshot_file.file_of(self._folder, account_id)
        await _in_steps(snapshot_file.write(file, contents, snapshot.knowledge.history))
        held.written = snapshot.revision


@contextmanager
def _without_collections() -> Iterator[None]:
    """While an index is built, a collection finds nothing, and each takes longer; what is there in the end stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        gc.freeze()


async def _in_steps(work: Iterator[None]) -> None:
    """Go through the work, and let others have their turn again and again."""
    until = time.perf_counter() + STEP_SECONDS
    for _ in work:
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + STEP_SECONDS


def _age(at: str) -> float:
    """Seconds since a moment in RFC 3339."""
    return max(0.0, time.time() - datetime.fromisoformat(at).timestamp())
