"""Search: entries that hold a word anywhere in name, address or comments, whatever its case.

Theory of operation. A word of three letters or more is looked up in a trigram index: up to FEW of its entries are
taken, put into order and cut into pages. A word that more entries hold is common, so the list itself is walked in its
order and looked through until the page is full, which a common word makes short; the number of its entries is then not
counted. (SQLite gives what its index finds one by one. PostgreSQL gathers all of it first, which takes long for a word
that nearly every entry holds: so a few of the oldest and of the newest entries are looked through before.) Words of one
or two letters have no trigrams and are looked for in the same way, where a long walk delays nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from sosie.store import accounts
from sosie.store.database import Database, Row, Session
from sosie.store.entries import COLUMNS, NUMBER_BITS
from sosie.store.pages import BACKWARDS, KEYS, Listing, Page

FEW = 3000  # entries that can be put into order within some milliseconds
SAMPLE = 500  # of the oldest and of the newest entries, in which PostgreSQL looks for a common word
SHORTEST = 3  # letters of a trigram

_SQLITE_HITS = (
    f"SELECT rowid FROM entries_search WHERE entries_search MATCH $1 AND rowid BETWEEN $2 AND $3 LIMIT {FEW + 1}"
)
_POSTGRESQL_HITS = (
    "WITH hits AS MATERIALIZED (SELECT pk, name_key, email_key FROM entries "
    f"WHERE account_no = $1 AND search_text LIKE $2 AND {{column}} = $3 LIMIT {FEW + 1}) "
    f"SELECT CASE WHEN (SELECT count(*) FROM hits) <= {FEW} THEN ARRAY(SELECT pk FROM hits ORDER BY {{order}}) END"
)
_POSTGRESQL_SAMPLE = (
    f"SELECT 1 FROM ((SELECT search_text FROM entries WHERE account_no = $1 ORDER BY pk LIMIT {SAMPLE}) UNION ALL "
    f"(SELECT search_text FROM entries WHERE account_no = $1 ORDER BY pk DESC LIMIT {SAMPLE})) AS sample "
    "WHERE strpos(search_text, $2) > 0"
)
_AMONG = {  # a plus keeps SQLite from reading all of the account
    "sqlite": "+account_no = $1 AND pk IN (SELECT value FROM json_each($2))",
    "postgresql": "account_no = $1 AND pk IN (SELECT value::bigint FROM json_array_elements_text($2::json))",
}
_CONTAINS = {"sqlite": "instr(search_text, $2) > 0", "postgresql": "strpos(search_text, $2) > 0"}


async def search(database: Database, listing: Listing, word: str, *, descending: bool, offset: int, most: int) -> Page:
    """At most `most` of the entries of the listing that hold `word`, from `offset` on."""
    folded = word.casefold()
    counts = await accounts.counts(database.reader, listing.account_no)
    order = (BACKWARDS if descending else KEYS)[listing.order]
    if len(folded) >= SHORTEST:
        find = _sqlite_hits if database.dialect == "sqlite" else _postgresql_hits
        hits = await find(database.reader, listing, folded, order)
        if hits is not None:
            page = await _rows(database.reader, listing, hits[offset : offset + most], order)
            return Page(page, len(hits), counts.total)
    keys = await database.scan(lambda session: _walked(session, listing, folded, order, (most, offset)))
    return Page(await _rows(database.reader, listing, keys, order), None, counts.total)


async def _sqlite_hits(session: Session, listing: Listing, word: str, order: str) -> list[int] | None:
    """The keys of the entries that hold the word, in order; None where it is common."""
    first = listing.account_no << NUMBER_BITS
    pattern = '"' + word.replace('"', '""') + '"'
    rows = await session.fetch(_SQLITE_HITS, pattern, first, first + (1 << NUMBER_BITS) - 1)
    if len(rows) > FEW:
        return None
    column, value = listing.filter
    sql = f"SELECT pk FROM entries WHERE {_AMONG['sqlite']} AND +{column} = $3 ORDER BY {order}"
    keys = orjson.dumps([row[0] for row in rows]).decode()
    return [row[0] for row in await session.fetch(sql, listing.account_no, keys, value)]


async def _postgresql_hits(session: Session, listing: Listing, word: str, order: str) -> list[int] | None:
    """The same."""
    if len(await session.fetch(_POSTGRESQL_SAMPLE, listing.account_no, word)) > 2 * SAMPLE * 3 // 4:
        return None
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    column, value = listing.filter
    sql = _POSTGRESQL_HITS.format(column=column, order=order)
    row = await session.fetch_one(sql, listing.account_no, pattern, value)
    return row[0] if row else None


async def _walked(session: Session, listing: Listing, word: str, order: str, window: tuple[int, int]) -> list[int]:
    column, value = listing.filter
    contains = _CONTAINS[session.dialect]
    sql = f"SELECT pk FROM entries WHERE {column} = $1 AND {contains} ORDER BY {order} LIMIT $3 OFFSET $4"
    return [row[0] for row in await session.fetch(sql, value, word, *window)]


async def _rows(session: Session, listing: Listing, keys: Sequence[int], order: str) -> Sequence[Row]:
    sql = f"SELECT {COLUMNS} FROM entries WHERE {_AMONG[session.dialect]} ORDER BY {order}"
    return await session.fetch(sql, listing.account_no, orjson.dumps(keys).decode())
