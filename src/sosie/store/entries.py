"""Entries: create, read, edit, delete, import. Lists are in `pages`, search in `search`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sosie.registry.entry import Entry, EntryFields
from sosie.registry.errors import EntryNotFound
from sosie.registry.moments import entry_id, to_rfc3339
from sosie.registry.provenance import source_of
from sosie.store import accounts, audit
from sosie.store.audit import ENTRY_CREATE, Change, Deed
from sosie.store.database import Row, Session

NUMBER_BITS = 36  # pk = account number << 36 | entry number: 68 billion entries in each of 134 million accounts
SHELF_BITS = 4  # shelf = account number << 4 | source: room for 16 provenances
NAME_KEY = 200  # characters by which lists are ordered; a B-tree of PostgreSQL takes at most 2,704 bytes a row
EMAIL_KEY = 320  # the longest address there can be (RFC 5321, 4.5.3.1: 64 + 1 + 255)
BATCH = 5000  # entries per statement of an import, and per step of its progress: some megabytes
SOME = 100  # entries that are read by one statement that names them
RETRY_SECONDS = 120  # how long a repeated create is taken for a repetition of the first

COLUMNS = (
    "id, name, email, is_email_regex, comments, directory_id, directory_node_id, "
    "external_directory_node_id, provenance, created_at, modified_at"
)
_INSERT = (
    f"INSERT INTO entries (pk, account_no, {COLUMNS}, shelf, name_key, email_key, search_text) "
    f"VALUES ({', '.join(f'${n}' for n in range(1, 18))})"
)
_GET = f"SELECT {COLUMNS} FROM entries WHERE account_no = $1 AND id = $2"
_READ_AFTER = f"SELECT pk, {COLUMNS} FROM entries WHERE account_no = $1 AND pk > $2 ORDER BY pk LIMIT $3"
_UPDATE = (
    "UPDATE entries SET name = $3, email = $4, is_email_regex = $5, comments = $6, directory_id = $7, "
    "directory_node_id = $8, external_directory_node_id = $9, provenance = $10, modified_at = $11, shelf = $12, "
    "name_key = $13, email_key = $14, search_text = $15 WHERE account_no = $1 AND id = $2"
)
_DELETE = f"DELETE FROM entries WHERE account_no = $1 AND id = $2 RETURNING {COLUMNS}"


def from_row(row: Row) -> Entry:
    """A row of COLUMNS as an Entry (SQLite keeps booleans as numbers)."""
    identifier, name, email, is_regex, comments, directory, node, external, provenance, created, modified = row
    return Entry(
        identifier, name, email, is_regex != 0, comments, directory, node, external, provenance, created, modified
    )


async def create(session: Session, account_no: int, fields: EntryFields, deed: Deed) -> Entry:
    """Add an entry. Equal names and addresses may occur as often as anybody likes."""
    return (await create_many(session, account_no, [fields], deed))[0]


async def create_many(
    session: Session,
    account_no: int,
    many: Sequence[EntryFields],
    deed: Deed,
    progress: Callable[[int], None] | None = None,
) -> list[Entry]:
    """Add entries in one write: one revision, one audit record each. `progress` is told how many were added.

    An idempotency key names one entry: of several it is not kept.
    """
    if not many:
        return []
    if len(many) > 1:
        deed = deed._replace(idempotency_key=None)
    sources = [source_of(fields.provenance) for fields in many]
    counts = {source: sources.count(source) for source in set(sources)}
    turn = await accounts.take_turn(session, account_no, deed.moment_us, entries=len(many), counts=counts)
    number = turn.last_entry - len(many)
    moment = turn.last_moment - len(many)
    entries: list[Entry] = []
    for start in range(0, len(many), BATCH):
        batch: list[Entry] = []
        rows: list[tuple[Any, ...]] = []
        for place, fields in enumerate(many[start : start + BATCH], start + 1):
            at = to_rfc3339(moment + place)
            entry = Entry(entry_id(moment + place, os.urandom(8)), *fields, at, at)
            batch.append(entry)
            rows.append((account_no << NUMBER_BITS | number + place, account_no, *entry, *_derived(account_no, fields)))
        entries += batch
        first_at = entries[0].created_at
        changes = [Change(ENTRY_CREATE, entry.id, after=entry._asdict()) for entry in batch]
        if len(many) == 1:
            await session.execute(_INSERT, *rows[0])
            await audit.record(session, account_no, turn.revision, first_at, deed, changes[0])
        else:
            await session.execute_many(_INSERT, rows)
            await audit.record_many(session, account_no, turn.revision, first_at, deed, changes)
        if progress is not None:
            progress(len(batch))
    return entries


async def create_once(session: Session, account_no: int, fields: EntryFields, deed: Deed, *, repeated: bool) -> Entry:
    """Add an entry, unless the same caller has done just that: then the entry of the first time.

    The same it is under the same idempotency key; or, where the client says that this request is `repeated` (it got
    no answer), with the same fields within RETRY_SECONDS. The first may still be under way: it is waited for.
    """
    if repeated or deed.idempotency_key is not None:
        await accounts.lock(session, account_no)
        earlier = await _earlier(session, account_no, fields, deed, repeated=repeated)
        if earlier is not None:
            return earlier
    return await create(session, account_no, fields, deed)


async def _earlier(
    session: Session, account_no: int, fields: EntryFields, deed: Deed, *, repeated: bool
) -> Entry | None:
    found = None
    if deed.idempotency_key is not None:
        found = await audit.named(session, account_no, deed)
    elif repeated:
        since = to_rfc3339(deed.moment_us - RETRY_SECONDS * 1_000_000)
        for candidate in await audit.recent(session, account_no, deed.actor, ENTRY_CREATE, since):
            if Entry(**candidate[1]).fields == fields:
                found = candidate
    return None if found is None else Entry(**found[1])


async def get(session: Session, account_no: int, identifier: str) -> Entry:
    """The entry. Raises EntryNotFound."""
    return from_row(await get_row(session, account_no, identifier))


async def get_row(session: Session, account_no: int, identifier: str) -> Row:
    """The entry, as a row of COLUMNS. Raises EntryNotFound."""
    row = await session.fetch_one(_GET, account_no, identifier)
    if row is None:
        raise EntryNotFound(identifier)
    return row


async def read_all(session: Session, account_no: int) -> list[Entry]:
    """Every entry of the account, in order of creation."""
    rows = await session.fetch(f"SELECT {COLUMNS} FROM entries WHERE account_no = $1 ORDER BY pk", account_no)
    return [from_row(row) for row in rows]


async def read_some(session: Session, account_no: int, ids: Iterable[str]) -> list[Entry]:
    """Those of these entries that there are."""
    wanted = list(dict.fromkeys(ids))
    found: list[Entry] = []
    for start in range(0, len(wanted), SOME):
        some = wanted[start : start + SOME]
        places = ", ".join(f"${place}" for place in range(2, len(some) + 2))
        rows = await session.fetch(
            f"SELECT {COLUMNS} FROM entries WHERE account_no = $1 AND id IN ({places})", account_no, *some
        )
        found += map(from_row, rows)
    return found


async def read_after(session: Session, account_no: int, after: int, most: int) -> tuple[list[Entry], int]:
    """The next `most` entries in order of creation, and what to give as `after` to go on; 0 is before the first."""
    rows = await session.fetch(_READ_AFTER, account_no, after, most)
    return [from_row(tuple(row)[1:]) for row in rows], rows[-1][0] if rows else after


async def edit(
    session: Session, account_no: int, identifier: str, change: Callable[[Entry], EntryFields], deed: Deed
) -> Entry:
    """Replace an entry's fields by what `change` makes of it. Raises EntryNotFound, and what `change` raises."""
    turn = await accounts.take_turn(session, account_no, deed.moment_us, entries=0)
    before = await get(session, account_no, identifier)
    fields = change(before)
    at = to_rfc3339(turn.last_moment)
    after = Entry(before.id, *fields, before.created_at, at)
    await session.execute(_UPDATE, account_no, identifier, *fields, at, *_derived(account_no, fields))
    old, new = source_of(before.provenance), source_of(fields.provenance)
    if old != new:
        await accounts.add_to_count(session, account_no, old, -1)
        await accounts.add_to_count(session, account_no, new, +1)
    record = Change("entry.edit", identifier, before._asdict(), after._asdict())
    await audit.record(session, account_no, turn.revision, at, deed, record)
    return after


async def delete(session: Session, account_no: int, identifier: str, deed: Deed) -> Entry:
    """Remove an entry; what it was. Raises EntryNotFound."""
    turn = await accounts.take_turn(session, account_no, deed.moment_us)  # first, as in every write: one lock order
    row = await session.fetch_one(_DELETE, account_no, identifier)
    if row is None:
        raise EntryNotFound(identifier)
    entry = from_row(row)
    await accounts.add_to_count(session, account_no, source_of(entry.provenance), -1)
    record = Change("entry.delete", identifier, before=entry._asdict())
    await audit.record(session, account_no, turn.revision, to_rfc3339(turn.last_moment), deed, record)
    return entry


def shelf_of(account_no: int, source: int) -> int:
    """Where the account's entries of this source stand together."""
    return account_no << SHELF_BITS | source


def _derived(account_no: int, fields: EntryFields) -> tuple[int, str, str, str]:
    """shelf, name_key, email_key, search_text."""
    texts = (fields.name, fields.email, fields.comments or "")
    return (
        shelf_of(account_no, source_of(fields.provenance)),
        fields.name[:NAME_KEY],
        fields.email[:EMAIL_KEY],
        "\n".join(texts).casefold(),
    )
