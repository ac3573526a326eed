"""The floor: the least that any Python program could spend on the same answers.

What it does: serves list, get and create of one account from a bare ASGI callable under uvicorn with sosie's settings
(uvloop, httptools, no logging), with the same driver, the same statements (they are recorded from sosie's store when it
starts, so they cannot drift apart) and values, the same transactions and durability (synchronous=FULL,
synchronous_commit=on), an audit record for each create, and the same bytes: bodies are equal, and headers are of the
same names and lengths. SQLite runs inline on the event loop, which is its cheapest way; for PostgreSQL it keeps its
connections in a plain list, cheaper than any pool.

What it does not: no authentication, no rate limit, no metrics, no log, no routing, no validation of bodies or
parameters, no error answers, no limit on heads, bodies or waiting, no idempotency, no second process writing. Creates
on SQLite block its loop while the disk syncs, and would block it for as long as another process writes: a program that
is to be used could not do that.

`/everything` answers with all entries read by one query: what reading them page by page is compared with.

Usage: floor.py PORT ACCOUNT_ID SQLITE_FILE_OR_POSTGRESQL_URL
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import orjson
import uvicorn
import uvloop

from sosie.api.http_server import KEEP_ALIVE_SECONDS
from sosie.registry.entry import EntryFields
from sosie.registry.moments import entry_id, to_rfc3339
from sosie.store import accounts, entries
from sosie.store.audit import Deed
from sosie.store.entries import COLUMNS, NUMBER_BITS
from sosie.store.pages import Listing, Pages
from sosie.store.sqlite import connect

CONNECTIONS = 8  # as sosie's
HEADERS = [
    (b"ratelimit", b'"default";r=2000000000;t=86400'),
    (b"ratelimit-policy", b'"default";q=2000000000;w=86400'),
    (b"deprecation", b"@1785542400"),
    (b"sunset", b"Sun, 01 Nov 2026 00:00:00 GMT"),
    (b"content-type", b"application/json; charset=UTF-8"),
]
REQUEST_ID = (b"x-request-id", b"000000000000-0000")
SOME = 23  # the size of the page by which the statement is recorded; no other value is this number
ACTOR = "token:00000000000000000000000000000000"
EVERYTHING = f"SELECT {COLUMNS} FROM entries WHERE account_no = $1 ORDER BY pk"


class Statement(NamedTuple):
    """What sosie ran, with the values that it ran it with."""

    sql: str
    values: tuple[Any, ...]


class _Recorder:
    """A session that keeps the statements that sosie's store runs through it."""

    def __init__(self, session: Any) -> None:
        self.dialect = session.dialect
        self.statements: list[Statement] = []
        self._session = session

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.statements.append(Statement(sql, values))
        return await self._session.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: Any) -> Any:
        self.statements.append(Statement(sql, values))
        return await self._session.fetch_one(sql, *values)

    async def execute(self, sql: str, *values: Any) -> None:
        self.statements.append(Statement(sql, values))
        await self._session.execute(sql, *values)


class _Recorded:
    """As much of a database as `Pages` asks for."""

    def __init__(self, reader: _Recorder) -> None:
        self.reader = reader


class Statements(NamedTuple):
    """What sosie runs for a list, a get and a create."""

    counts: Statement
    page: Statement
    get: Statement
    turn: Statement
    insert: Statement
    audit: Statement

    @classmethod
    async def record(cls, session: Any, account_no: int) -> Statements:
        """Run each once, within a transaction that is rolled back."""
        recorder = _Recorder(session)
        listing = Listing(account_no, "created_at")
        page = await Pages(_Recorded(recorder)).read(listing, descending=False, offset=0, most=SOME)
        await entries.get(recorder, account_no, page.entries[0].id)
        fields = EntryFields("Jane Roe", "jane@example.com", False)
        await entries.create_once(recorder, account_no, fields, Deed(ACTOR, REQUEST_ID[1].decode(), 1), repeated=False)
        return cls(*recorder.statements)

    def page_values(self, per_page: int) -> tuple[Any, ...]:
        """Those of a first page of another size."""
        return tuple(per_page if value == SOME else value for value in self.page.values)


def wire(row: Any) -> dict[str, Any]:
    """A row of COLUMNS as the wire shows it."""
    identifier, name, email, is_regex, comments, directory, node, external, provenance, created, modified = row
    return {
        "comments": comments,
        "created_at": created,
        "directory_id": directory,
        "directory_node_id": node,
        "email": email,
        "external_directory_node_id": external,
        "id": identifier,
        "is_email_regex": is_regex != 0,
        "last_modified": modified,
        "modified_at": modified,
        "name": name,
        "provenance": provenance,
    }


def list_body(counts: Any, rows: Any, per_page: int) -> bytes:
    """The body of a first page; rows are those of the page statement, the revision stands behind COLUMNS."""
    total = sum(counts[1:])
    return orjson.dumps(
        {
            "errors": [],
            "messages": [],
            "result": [wire(row[:11]) for row in rows],
            "result_info": {
                "count": len(rows),
                "page": 1,
                "per_page": per_page,
                "total_count": total,
                "total_pages": -(-total // per_page),
            },
            "success": True,
        }
    )


def one_body(entry: dict[str, Any]) -> bytes:
    """The body of one entry."""
    return orjson.dumps({"errors": [], "messages": [], "result": entry, "success": True})


def create_values(account_no: int, turn: Any, body: bytes) -> tuple[tuple[Any, ...], tuple[Any, ...], bytes]:
    """The values of the insert and of the audit record, and the body of the answer."""
    given = orjson.loads(body)
    revision, number, moment = turn
    at = to_rfc3339(moment)
    identifier = entry_id(moment, os.urandom(8))
    name, email, comments = given["name"], given["email"], given.get("comments")
    row = (identifier, name, email, given["is_email_regex"], comments, None, None, None, "A1S_INTERNAL", at, at)
    search = f"{name}\n{email}\n{comments or ''}".casefold()
    insert = (account_no << NUMBER_BITS | number, account_no, *row, account_no << 4, name[:200], email[:320], search)
    after = orjson.dumps(dict(zip(AUDIT_KEYS, row, strict=True))).decode()
    audit = (account_no, revision, at, ACTOR, "entry.create", identifier, None, after, REQUEST_ID[1].decode(), None)
    return insert, audit, one_body(wire(row))


def assert_same_values(account_no: int, recorded: Statements) -> None:
    """`create_values` makes of sosie's example what sosie made of it, but for the new id."""
    revision, at = recorded.audit.values[1:3]
    number = recorded.insert.values[0] & (1 << NUMBER_BITS) - 1
    moment = int(datetime.fromisoformat(at).timestamp() * 1_000_000)
    body = b'{"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": false}'
    insert, audit, _ = create_values(account_no, (revision, number, moment), body)
    sosies, ours = recorded.insert.values[2], insert[2]
    for mine, theirs in ((insert, recorded.insert.values), (audit, recorded.audit.values)):
        expected = tuple(one.replace(sosies, ours) if isinstance(one, str) else one for one in theirs)
        assert mine == expected, (mine, expected)


AUDIT_KEYS = COLUMNS.split(", ")


class SQLiteFloor:
    """On SQLite: everything inline."""

    def __init__(self, path: Path, account_no: int, statements: Statements) -> None:
        self._run = connect(path).execute
        self._account_no = account_no
        self._statements = statements
        self._sql = [_question_marks(statement.sql) for statement in statements]

    async def list(self, per_page: int) -> bytes:
        counts, page, *_ = self._sql
        counted = self._run(counts, (self._account_no,)).fetchall()[0]
        return list_body(counted, self._run(page, self._statements.page_values(per_page)).fetchall(), per_page)

    async def get(self, identifier: str) -> bytes:
        return one_body(wire(self._run(self._sql[2], (self._account_no, identifier)).fetchall()[0]))

    async def create(self, body: bytes) -> bytes:
        run = self._run
        *_, take_turn, insert, record = self._sql
        run("BEGIN IMMEDIATE")
        turn = run(take_turn, (self._account_no, 1, time.time_ns() // 1000, 1, 0, 0, 0)).fetchall()[0]
        row, audit, answer = create_values(self._account_no, turn, body)
        run(insert, row)
        run(record, audit)
        run("COMMIT")
        return answer

    async def everything(self) -> bytes:
        return orjson.dumps(
            [wire(row) for row in self._run(_question_marks(EVERYTHING), (self._account_no,)).fetchall()]
        )


class PostgreSQLFloor:
    """On PostgreSQL: a list of idle connections, one taken for each request."""

    def __init__(self, idle: list[Any], account_no: int, statements: Statements) -> None:
        self._idle = idle
        self._free = asyncio.Semaphore(len(idle))
        self._account_no = account_no
        self._statements = statements

    async def list(self, per_page: int) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            counts = await connection.fetchrow(self._statements.counts.sql, self._account_no)
            rows = await connection.fetch(self._statements.page.sql, *self._statements.page_values(per_page))
            self._idle.append(connection)
        return list_body(tuple(counts), rows, per_page)

    async def get(self, identifier: str) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            row = await connection.fetchrow(self._statements.get.sql, self._account_no, identifier)
            self._idle.append(connection)
        return one_body(wire(row))

    async def create(self, body: bytes) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            await connection.execute("BEGIN")
            values = (self._account_no, 1, time.time_ns() // 1000, 1, 0, 0, 0)
            turn = await connection.fetchrow(self._statements.turn.sql, *values)
            row, audit, answer = create_values(self._account_no, turn, body)
            await connection.execute(self._statements.insert.sql, *row)
            await connection.execute(self._statements.audit.sql, *audit)
            await connection.execute("COMMIT")
            self._idle.append(connection)
        return answer

    async def everything(self) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            rows = await connection.fetch(EVERYTHING, self._account_no)
            self._idle.append(connection)
        return orjson.dumps([wire(row) for row in rows])


def application(floor: SQLiteFloor | PostgreSQLFloor) -> Any:
    """The ASGI callable."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        status = 200
        if scope["method"] == "POST":
            status = 201
            body = await floor.create((await receive())["body"])
        elif scope["query_string"]:
            body = await floor.list(int(scope["query_string"].rpartition(b"=")[2]))
        elif scope["path"] == "/everything":
            body = await floor.everything()
        else:
            body = await floor.get(scope["path"].rpartition("/")[2])
        headers = [*HEADERS, (b"content-length", str(len(body)).encode()), REQUEST_ID]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


async def open_floor(account_id: str, place: str) -> SQLiteFloor | PostgreSQLFloor:
    """The floor on the database at `place`, with the statements of sosie's store."""
    if place.startswith("postgresql://"):
        from sosie.store.postgresql import PostgreSQLSession  # noqa: PLC0415

        idle = [await asyncpg.connect(place) for _ in range(CONNECTIONS)]
        session = PostgreSQLSession(idle[0])
        transaction = idle[0].transaction()
        await transaction.start()
        account = await accounts.look_up(session, account_id)
        statements = await Statements.record(session, account.no)
        await transaction.rollback()
        assert_same_values(account.no, statements)
        return PostgreSQLFloor(idle, account.no, statements)
    from sosie.store.sqlite import SQLiteSession  # noqa: PLC0415

    connection = connect(Path(place))
    connection.execute("BEGIN")
    session = SQLiteSession(connection)
    account = await accounts.look_up(session, account_id)
    statements = await Statements.record(session, account.no)
    connection.execute("ROLLBACK")
    connection.close()
    assert_same_values(account.no, statements)
    return SQLiteFloor(Path(place), account.no, statements)


def _question_marks(sql: str) -> str:
    return sql.replace("$", "?")


async def main() -> None:
    """Serve until killed."""
    port, account_id, place = sys.argv[1:]
    floor = await open_floor(account_id, place)
    config = uvicorn.Config(
        application(floor),
        host="127.0.0.1",
        port=int(port),
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main())
