"""The registry as one process sees it: an index of an account's entries at one revision, replaced and never changed."""

from __future__ import annotations

from dataclasses import dataclass

from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.registry.email_pattern import EmailPatternError
from sosie.registry.entry import Entry
from sosie.store import accounts, entries
from sosie.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`unusable` are the ids of entries that no longer keep the registry's rules (written by an older version)."""

    revision: int
    index: Index
    unusable: tuple[str, ...] = ()


async def load_snapshot(database: Database, account_no: int) -> Snapshot:
    """Read all entries of the account at one revision. Raises StoreAway, NoSuchAccount."""

    async def work(session: Session) -> tuple[int, list[Entry]]:
        counts = await accounts.counts(session, account_no)
        return counts.revision, await entries.read_all(session, account_no)

    revision, kept = await database.snapshot(work)
    identities = []
    unusable = []
    for entry in kept:
        try:
            identities.append(Identity.from_entry(entry))
        except EmailPatternError:
            unusable.append(entry.id)
    return Snapshot(revision, Index(identities), tuple(unusable))
