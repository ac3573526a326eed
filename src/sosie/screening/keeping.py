"""What a process that screens keeps: records, history and alerts, put together; what old records are removed.

`Keeping` is what the composition starts and stops. Its `keep` and `learn` are a gate's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sosie.detection.history import Acquaintance
from sosie.detection.record import Record
from sosie.observe.observations import Observe, StoreUnreachable
from sosie.registry.moments import now_us, to_rfc3339
from sosie.screening.alerts import Alerts
from sosie.screening.learner import Learner, Note
from sosie.screening.outputs.alert import Output
from sosie.screening.outputs.open import Outputs
from sosie.screening.record_line import Kept
from sosie.screening.recorder import Recorder, Write
from sosie.screening.spool import Spool
from sosie.store import accounts, history, records
from sosie.store.database import Database, Session, Work

PRUNE_SECONDS = 600.0  # an account is at most so much above its number of records
PAUSE_SECONDS = 0.05  # between two steps: others write too
_DAY_US = 86_400 * 1_000_000


class Bounds(NamedTuple):
    """Days after which a record is removed, and how many an account has at most."""

    days: int
    most: int


class Keeping:
    """One for each process. `run` is a task of the loop in which the gate is asked, ended by `close`."""

    def __init__(
        self,
        database: Database,
        spool: Path,
        bounds: Bounds,
        outputs: Sequence[Output],
        observe: Observe,
        *,
        every_alert: bool = False,
    ) -> None:
        self._database = database
        self._bounds = bounds
        self._observe = observe
        self._outputs = Outputs(outputs, observe)
        alerts = Alerts(self._outputs.send, every=every_alert)
        self._recorder = Recorder(record_writer(database, alerts), alerts, Spool(spool), observe)
        self._learner = Learner(history_noter(database), observe)
        self._closing = asyncio.Event()
        self.keep = self._recorder.keep
        self.learn = self._learner.learn

    async def run(self) -> None:
        """Until `close`."""
        self._outputs.start()
        await asyncio.gather(self._recorder.run(), self._learner.run(), self._prune_now_and_then())

    async def close(self) -> None:
        """When no door takes messages any more: everything is kept, as far as that can be within some seconds."""
        self._closing.set()
        await asyncio.gather(self._recorder.close(), self._learner.close())
        await asyncio.to_thread(self._outputs.close)

    async def _prune_now_and_then(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):  # not all processes at once, and none of them while it starts
                seconds = PRUNE_SECONDS * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                await asyncio.wait_for(self._closing.wait(), seconds)
            if not self._closing.is_set():
                try:
                    await prune(self._database, self._bounds)
                except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the removing
                    self._observe(StoreUnreachable("removing old records", f"{type(error).__name__}: {error}"))


def record_writer(database: Database, alerts: Alerts) -> Write:
    """What a Recorder writes with: one transaction, which also decides of whom people are told."""

    async def write(some: Sequence[Kept]) -> Collection[str]:
        async def work(session: Session) -> set[str]:
            told: set[str] = set()
            for account_id, of_account in sorted(_by_account(some).items()):  # in one order, or two writes lock up
                account = await accounts.look_up(session, account_id)
                await records.add(session, account.no, of_account)
                told |= await alerts.note(session, account.no, of_account)
            return told

        return await database.write(work)

    return write


def history_noter(database: Database) -> Note:
    """What a Learner notes with."""

    async def note(account_id: str, seen: Sequence[Acquaintance]) -> int:
        async def work(session: Session) -> int:
            return await history.note(session, (await accounts.look_up(session, account_id)).no, seen)

        return await database.write(work)

    return note


async def prune(database: Database, bounds: Bounds) -> int:
    """Remove the records of every account that are too old or too many; how many those were. Raises StoreAway."""
    before = to_rfc3339(now_us() - bounds.days * _DAY_US)
    removed = 0
    for account in await accounts.read_all(database.reader):
        while True:
            gone = await database.write(_pruned(account.no, before, bounds.most))
            removed += gone
            if gone < records.STEP:
                break
            await asyncio.sleep(PAUSE_SECONDS)
    return removed


def _pruned(account_no: int, before: str, most: int) -> Work[int]:
    return lambda session: records.prune(session, account_no, before, most)


def _by_account(some: Sequence[Kept]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for account_id, record in some:
        found.setdefault(account_id, []).append(record)
    return found
