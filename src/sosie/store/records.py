"""Records of judged messages: add, read, remove the old ones, and note what people did with them. Lists of them are in
`record_pages`.

A record is told by its account and its id: what is added twice is there once, so whoever got no answer adds again.
Nothing here takes a turn of the account: no process reads the registry again because mail came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from sosie.detection.record import Record
from sosie.registry.moments import to_rfc3339
from sosie.store import accounts, audit
from sosie.store.audit import Change, Deed
from sosie.store.database import Session
from sosie.store.entries import NUMBER_BITS
from sosie.store.record_document import from_documents, to_documents
from sosie.store.record_words import search_text

RELEASE = "QUARANTINE_RELEASE"
RECLASSIFY = "RECLASSIFY"
STEP = 500  # records that are removed by one write: some hundredths of a second

_COLUMNS = "account_no, id, at, disposition, label, action, search_text"
_VALUES = "$1, $2, $3, $4, $5, $6, $7"
_INSERT = {
    "sqlite": f"INSERT INTO records (pk, {_COLUMNS}) VALUES ((SELECT coalesce(max(pk), $1 << {NUMBER_BITS}) + 1 FROM "
    f"records WHERE pk >= $1 << {NUMBER_BITS} AND pk < ($1 + 1) << {NUMBER_BITS}), {_VALUES}) ON CONFLICT DO NOTHING",
    "postgresql": f"INSERT INTO records ({_COLUMNS}) VALUES ({_VALUES}) ON CONFLICT DO NOTHING",
}
_INSERT_DOCUMENT = (
    "INSERT INTO record_documents (account_no, id, document, header) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
)
_INSERT_RAW = "INSERT INTO record_raw (account_no, id, raw) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_READ = (
    "SELECT r.at, r.action, r.disposition, d.document, d.header FROM records AS r "
    "JOIN record_documents AS d ON d.account_no = r.account_no AND d.id = r.id WHERE r.account_no = $1 AND r.id = $2"
)
_AMONG = {
    "sqlite": "record_id IN (SELECT value FROM json_each($2))",
    "postgresql": "record_id IN (SELECT json_array_elements_text($2::json))",
}


class Done(NamedTuple):
    """What somebody did with a record, when: `operation` is RELEASE or RECLASSIFY."""

    at: str
    operation: str
    actor: str
    detail: dict[str, Any]


class Kept(NamedTuple):
    """A record as it is kept: without its raw octets, and in a list without its header. `disposition` is the one that
    holds now; that of the verdict is what was found."""

    record: Record
    disposition: str
    done: tuple[Done, ...] = ()


def label_of(disposition: str) -> str:
    """The disposition without its sub-label: by what is filtered."""
    return disposition.partition("-")[0]


async def add(session: Session, account_no: int, records: Sequence[Record]) -> None:
    """Keep records. Those whose ids are known already are left as they are."""
    rows, documents, raws = [], [], []
    for one in records:
        disposition = one.verdict.disposition
        rows.append((account_no, one.id, one.at, disposition, label_of(disposition), one.action, search_text(one)))
        documents.append((account_no, one.id, *to_documents(one)))
        if one.raw:
            raws.append((account_no, one.id, one.raw))
    await session.execute_many(_INSERT[session.dialect], rows)
    await session.execute_many(_INSERT_DOCUMENT, documents)
    if raws:
        await session.execute_many(_INSERT_RAW, raws)


async def read(session: Session, account_no: int, identifier: str) -> Kept | None:
    """One record with its header, and what was done with it."""
    row = await session.fetch_one(_READ, account_no, identifier)
    if row is None:
        return None
    at, action, disposition, document, header = row
    done = await done_with(session, account_no, [identifier])
    return Kept(from_documents(identifier, at, action, document, header), disposition, done.get(identifier, ()))


async def raw(session: Session, account_no: int, identifier: str) -> bytes | None:
    """The beginning of the message as it came, where that is kept."""
    row = await session.fetch_one(
        "SELECT raw FROM record_raw WHERE account_no = $1 AND id = $2", account_no, identifier
    )
    return None if row is None else bytes(row[0])


async def done_with(session: Session, account_no: int, identifiers: Iterable[str]) -> dict[str, tuple[Done, ...]]:
    """What was done with each of the records with which anything was done, oldest first."""
    rows = await session.fetch(
        "SELECT record_id, at, operation, actor, detail FROM record_deeds WHERE account_no = $1 AND "
        f"{_AMONG[session.dialect]} ORDER BY no",
        account_no,
        orjson.dumps(list(identifiers)).decode(),
    )
    found: dict[str, tuple[Done, ...]] = {}
    for identifier, at, operation, actor, detail in rows:
        done = Done(at, operation, actor, orjson.loads(detail))
        found[identifier] = (*found.get(identifier, ()), done)
    return found


async def reclassify(session: Session, account_no: int, identifier: str, disposition: str, deed: Deed) -> bool:
    """Let another disposition hold; whether there is such a record. The verdict, the history and alerts stay."""
    row = await session.fetch_one(
        "SELECT disposition FROM records WHERE account_no = $1 AND id = $2", account_no, identifier
    )
    if row is None:
        return False
    await session.execute(
        "UPDATE records SET disposition = $3, label = $4 WHERE account_no = $1 AND id = $2",
        account_no,
        identifier,
        disposition,
        label_of(disposition),
    )
    await _note(session, account_no, identifier, RECLASSIFY, {"before": row[0], "after": disposition}, deed)
    return True


async def note_release(session: Session, account_no: int, identifier: str, deed: Deed) -> None:
    """Remember that somebody wanted it to be delivered."""
    await _note(session, account_no, identifier, RELEASE, {}, deed)


async def prune(session: Session, account_no: int, before: str, most: int) -> int:
    """Remove up to STEP records: those from before this moment (RFC 3339), and the oldest where there are more than
    `most`; how many that were. To be called again until it is less than STEP."""
    rows = await session.fetch(
        "SELECT id FROM records WHERE account_no = $1 AND at < $2 ORDER BY at, id LIMIT $3", account_no, before, STEP
    )
    if len(rows) < STEP:
        edge = await session.fetch_one(
            "SELECT at, id FROM records WHERE account_no = $1 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $2",
            account_no,
            most,
        )
        if edge is not None:
            rows = await session.fetch(
                "SELECT id FROM records WHERE account_no = $1 AND (at < $2 OR (at, id) <= ($3, $4)) "
                "ORDER BY at, id LIMIT $5",
                account_no,
                before,
                *edge,
                STEP,
            )
    gone = [(account_no, row[0]) for row in rows]
    for table, column in (("record_deeds", "record_id"), ("record_raw", "id"), ("record_documents", "id"),
                          ("records", "id")):  # fmt: skip
        await session.execute_many(f"DELETE FROM {table} WHERE account_no = $1 AND {column} = $2", gone)
    return len(gone)


async def _note(
    session: Session, account_no: int, identifier: str, operation: str, detail: dict[str, Any], deed: Deed
) -> None:
    at = to_rfc3339(deed.moment_us)
    await session.execute(
        "INSERT INTO record_deeds (account_no, record_id, at, operation, actor, detail) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        account_no,
        identifier,
        at,
        operation,
        deed.actor,
        orjson.dumps(detail).decode(),
    )
    revision = (await accounts.counts(session, account_no)).revision
    change = Change(f"record.{operation.lower().rpartition('_')[2]}", identifier, after=detail or None)
    await audit.record(session, account_no, revision, at, deed, change)
