"""Which of the messages that were flagged people are told of: once of each entry and address, or of all.

The database decides, in the transaction that writes the record: of several processes that ask at once, one is told that
the pair is new. A process whose answer was lost asks again with the same record, and is told again: an alert may be
sent twice, under one id, but never not at all. While the database is away nobody can decide, and an alert that comes
hours late is none: then each process tells of each pair once by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from sosie.detection.record import Record
from sosie.screening.record_line import Kept
from sosie.store import history
from sosie.store.database import Session

MAX_REMEMBERED = 50_000  # of what was told, in this process: as many alerts as the database remembers of an account

Tell = Callable[[str, Record], None]


class Alerts:
    """`send` hands an alert to the outputs, and returns at once. With `every`, all flagged messages are told."""

    def __init__(self, send: Tell, *, every: bool = False) -> None:
        self._send = send
        self._every = every
        # What was told here, the oldest first; and whether without the database, which then calls it new once more.
        self._told: dict[tuple[str, ...], bool] = {}

    async def note(self, session: Session, account_no: int, records: Iterable[Record]) -> set[str]:
        """Within the write of an account's records: the ids of those that are to be told."""
        told: set[str] = set()
        seen: set[tuple[str, str]] = set()
        for record in records:
            new = [pair for pair in record.verdict.pairs if pair not in seen] if record.verdict.alert else []
            seen.update(new)
            if any([await _is_new(session, account_no, pair, record.at) for pair in new]) or self._is_always(record):
                told.add(record.id)
        return told

    def tell(self, some: Sequence[Kept], told: Collection[str]) -> None:
        """They are in the database, which says that these are to be told."""
        decided = []
        for account_id, record in some:
            keys = self._keys(account_id, record)
            if record.id in told and not all(self._told.get(key, False) for key in keys):
                self._send(account_id, record)
            decided += keys
        self._remember(decided, early=False)

    def tell_early(self, some: Sequence[Kept]) -> None:
        """They wait for the database on disk."""
        for account_id, record in some:
            keys = [key for key in self._keys(account_id, record) if key not in self._told]
            if keys:
                self._send(account_id, record)
                self._remember(keys, early=True)

    def _remember(self, keys: Iterable[tuple[str, ...]], *, early: bool) -> None:
        self._told.update(dict.fromkeys(keys, early))
        while len(self._told) > MAX_REMEMBERED:
            del self._told[next(iter(self._told))]

    def _is_always(self, record: Record) -> bool:
        """An alert that names no entry is always new."""
        return record.verdict.flagged if self._every else record.verdict.alert and not record.verdict.pairs

    def _keys(self, account_id: str, record: Record) -> list[tuple[str, ...]]:
        """By what an alert is known; nothing for a record that is none."""
        if not (record.verdict.flagged if self._every else record.verdict.alert):
            return []
        if self._every or not record.verdict.pairs:
            return [(account_id, record.id)]
        return [(account_id, *pair) for pair in record.verdict.pairs]


async def _is_new(session: Session, account_no: int, pair: tuple[str, str], at: str) -> bool:
    if await history.note_alert(session, account_no, *pair, at):
        return True
    return await history.alerted_at(session, account_no, *pair) == at
