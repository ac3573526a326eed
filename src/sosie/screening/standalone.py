"""A snapshot without a database: of entries, a history and trusted hosts that somebody hands in."""

from __future__ import annotations

from collections.abc import Iterable

from sosie.detection.history import Acquaintance, History
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.detection.knowledge import Knowledge
from sosie.registry.entry import Entry, EntryFields
from sosie.screening.snapshot import Snapshot


def snapshot_of(
    entries: Iterable[EntryFields],
    acquaintances: Iterable[Acquaintance] = (),
    trusted_authserv_ids: Iterable[str] = (),
) -> Snapshot:
    """What a process would hold that had these entries, and nothing exempted; an entry's id is its place from 1."""
    identities = (Identity.from_entry(_entry(place, fields)) for place, fields in enumerate(entries, 1))
    index = Index(identities)
    index.prepare()
    knowledge = Knowledge(
        index,
        History(acquaintances),
        trusted_authserv_ids=frozenset(name.lower() for name in trusted_authserv_ids),
    )
    return Snapshot(0, knowledge)


def _entry(place: int, fields: EntryFields) -> Entry:
    return Entry(f"{place:032x}", *fields, created_at="", modified_at="")
