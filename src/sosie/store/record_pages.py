"""Pages of records, newest first: filtered, searched, and continued from a cursor.

Theory of operation. The order is that of time, with the id to break ties. First the newest SAMPLE records of the range
are looked through: that fills a page of whatever is common. What is rarer is looked up in the index of words, up to FEW
of it, and put into order; what has no words to look up, or is neither common nor rare, is found by walking the range.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from sosie.store.database import Database, Row, Session
from sosie.store.entries import NUMBER_BITS
from sosie.store.record_document import from_documents
from sosie.store.records import RELEASE, Kept, done_with

SAMPLE = 1000  # records that are looked through at once: a thousandth of a second
FEW = 3000  # records that can be put into order within some milliseconds

_FIND = {"sqlite": "instr", "postgresql": "strpos"}
_KEY = {"sqlite": "pk", "postgresql": "id"}
_AMONG = {
    "sqlite": "pk IN (SELECT value FROM json_each({}))",
    "postgresql": "id = ANY(ARRAY(SELECT json_array_elements_text({}::json)))",  # looked up, not walked past
}
_WORDS = "array_to_tsvector(string_to_array(btrim(search_text), ' '))"  # that of the index
_RELEASED = f"id IN (SELECT record_id FROM record_deeds WHERE account_no = $1 AND operation = '{RELEASE}')"


class Cursor(NamedTuple):
    """The place of a record; with `back`, what is newer than it is asked for."""

    at: str
    id: str
    back: bool = False


class RecordQuery(NamedTuple):
    """What a page is asked for. `start` and `end` are moments as records have them, both included. `label` is a
    disposition without its sub-label; `flagged` leaves out NONE; `actions` are those that were taken. `needles` must
    be found, of each tuple one (see `record_words`)."""

    start: str = ""
    end: str = ""
    label: str = ""
    flagged: bool = False
    actions: tuple[str, ...] = ()
    released: bool = False
    id: str = ""
    needles: tuple[tuple[str, ...], ...] = ()
    cursor: Cursor | None = None
    most: int = 20
    offset: int = 0


class RecordPage(NamedTuple):
    """`older` and `newer` are where to go on; None where there is nothing more, and for `newer` on the first page."""

    records: list[Kept]
    older: Cursor | None
    newer: Cursor | None


class _Where:
    """Conditions and their values; $1 is the account."""

    def __init__(self, account_no: int) -> None:
        self.conditions = ["account_no = $1"]
        self.values: list[Any] = [account_no]

    def add(self, condition: str, *values: Any) -> None:
        """A condition with a {} for each value."""
        places = [f"${len(self.values) + number}" for number in range(1, len(values) + 1)]
        self.conditions.append(condition.format(*places))
        self.values += values

    def place(self, value: Any) -> str:
        """Another value, by its place."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return " AND ".join(self.conditions)


async def page(database: Database, account_no: int, query: RecordQuery) -> RecordPage:
    """At most `most` records, newest first."""
    return await database.scan(lambda session: _page(session, account_no, query))


async def _page(session: Session, account_no: int, query: RecordQuery) -> RecordPage:
    rows = await _rows(session, account_no, query)
    more = len(rows) > query.most
    rows = rows[: query.most]
    back = query.cursor is not None and query.cursor.back
    if back:
        rows.reverse()
    done = await done_with(session, account_no, [row[0] for row in rows]) if rows else {}
    kept = [
        Kept(from_documents(identifier, at, action, document), disposition, done.get(identifier, ()))
        for identifier, at, action, disposition, document in rows
    ]
    if not kept:
        return RecordPage([], None, None)
    oldest, newest = (Cursor(one.record.at, one.record.id) for one in (kept[-1], kept[0]))
    came = query.cursor is not None or query.offset > 0
    return RecordPage(
        kept, oldest if more or back else None, newest._replace(back=True) if (more if back else came) else None
    )


async def _rows(session: Session, account_no: int, query: RecordQuery) -> list[Row]:
    """One more than a page of them."""
    if query.needles and not query.id:
        found = await _select(session, account_no, query, sample=True)
        if len(found) > query.most:
            return found
        hits = await _hits(session, account_no, query.needles)
        if hits is not None:
            return await _select(session, account_no, query, hits=hits)
    return await _select(session, account_no, query)


async def _select(
    session: Session, account_no: int, query: RecordQuery, *, sample: bool = False, hits: Sequence[Any] | None = None
) -> list[Row]:
    where = _Where(account_no)
    back = query.cursor is not None and query.cursor.back
    order = "at, id" if back else "at DESC, id DESC"
    _add_range(where, query)
    if hits is not None:
        if session.dialect == "sqlite":
            where.conditions[0] = "+account_no = $1"  # else all of the account would be walked through for the order
        where.add(_AMONG[session.dialect], orjson.dumps(hits).decode())
    source = "records"
    if sample:
        source = f"(SELECT * FROM records WHERE {where} ORDER BY {order} LIMIT {SAMPLE}) AS records"
        where.conditions = ["account_no = $1"]
    _add_filters(where, query, session.dialect)
    limit = f"LIMIT {where.place(query.most + 1)} OFFSET {where.place(query.offset)}"
    joined = ", ".join(f"r.{part}" for part in order.split(", "))
    sql = (
        f"SELECT r.id, r.at, r.action, r.disposition, d.document FROM (SELECT account_no, id, at, action, disposition "
        f"FROM {source} WHERE {where} ORDER BY {order} {limit}) AS r JOIN record_documents AS d "
        f"ON d.account_no = r.account_no AND d.id = r.id ORDER BY {joined}"
    )
    return list(await session.fetch(sql, *where.values))


def _add_range(where: _Where, query: RecordQuery) -> None:
    if query.start:
        where.add("at >= {}", query.start)
    if query.end:
        where.add("at <= {}", query.end)
    if query.cursor is not None:
        compared = ">" if query.cursor.back else "<"
        where.add(f"(at, id) {compared} ({{}}, {{}})", query.cursor.at, query.cursor.id)


def _add_filters(where: _Where, query: RecordQuery, dialect: str) -> None:
    if query.label:
        where.add("label = {}", query.label)
    elif query.flagged:
        where.add("label <> 'NONE'")
    if query.actions:
        where.add(f"action IN ({', '.join('{}' for _ in query.actions)})", *query.actions)
    if query.released:
        where.conditions.append(_RELEASED)
    if query.id:
        where.add("id = {}", query.id)
    for needles in query.needles:
        where.add("(" + " OR ".join(f"{_FIND[dialect]}(search_text, {{}}) > 0" for _ in needles) + ")", *needles)


async def _hits(session: Session, account_no: int, needles: Sequence[tuple[str, ...]]) -> list[Any] | None:
    """The keys of the records in which the needles are found; None where they are more than FEW."""
    where = _Where(account_no)
    if session.dialect == "sqlite":
        first = account_no << NUMBER_BITS
        where.conditions = []
        where.values = []
        where.add("records_search MATCH {}", " AND ".join(map(_to_match, needles)))
        where.add("rowid BETWEEN {} AND {}", first, first + (1 << NUMBER_BITS) - 1)
        sql = f"SELECT rowid FROM records_search WHERE {where} LIMIT {FEW + 1}"
    else:
        where.add(f"{_WORDS} @@ {{}}::text::tsquery", " & ".join(map(_to_tsquery, needles)))
        sql = f"SELECT id FROM records WHERE {where} LIMIT {FEW + 1}"
    rows = await session.fetch(sql, *where.values)
    return None if len(rows) > FEW else [row[0] for row in rows]


def _to_tsquery(needles: tuple[str, ...]) -> str:
    """As PostgreSQL is asked: the same words, wherever they stand. There are no quotes in a needle."""
    found = []
    for needle in needles:
        words = [f"'{word}'" for word in needle.split()]
        found.append(" & ".join(words) + ("" if needle.endswith(" ") else ":*"))
    return "(" + " | ".join(f"({one})" for one in found) + ")"


def _to_match(needles: tuple[str, ...]) -> str:
    """As FTS5 is asked: whole words where the needle ends in a blank, else the beginning of the last one."""
    phrases = []
    for needle in needles:
        quoted = '"' + needle.strip().replace('"', '""') + '"'
        phrases.append(quoted if needle.endswith(" ") else quoted + " *")
    return "(" + " OR ".join(phrases) + ")"
