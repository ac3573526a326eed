"""The floor: the least that any Python program could spend on the same answers.

What it does: serves list, get and create of one account from a bare ASGI callable, under the same uvicorn (sosie's own
`http_server`: uvloop, httptools, no logging), with the same driver, the same statements (they are recorded from
sosie's store when it starts, so they cannot drift apart) and values, the same transactions and durability
(synchronous=FULL, synchronous_commit=on), an audit record for each create, and the same bytes: bodies are equal, and
headers are of the same names and lengths. SQLite runs inline on the event loop, which is its cheapest way; for PostgreSQL
it keeps its connections in a plain list, cheaper than any pool.

What it does not: no authentication, no rate limit, no metrics, no log, no routing, no validation of bodies or
parameters, no error answers, no limit on heads or bodies, no idempotency, no second process writing, no shutdown. Creates on
SQLite block its loop while the disk syncs (and would block it for as long as another process writes): a program that
is to be used could not do that.

`/everything` answers with all entries read by one query: what reading them page by page is compared with.

Usage: floor.py PORT ACCOUNT_ID SQLITE_FILE_OR_POSTGRESQL_URL
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvloop

from sosie.api.http_server import bind, http_server
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
ACTOR = "token:00000000000000000000000000000000"
EVERYTHING = f"SELECT {COLUMNS} FROM entries WHERE account_no = $1 ORDER BY pk"


class _Recorder:
    """A session that keeps the statements that sosie's store runs through it."""

    def __init__(self, session: Any) -> None:
        self.dialect = session.dialect
        self.statements: list[str] = []
        self._session = session

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.statements.append(sql)
        return await self._session.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: Any) -> Any:
        self.statements.append(sql)
        return await self._session.fetch_one(sql, *values)

    async def execute(self, sql: str, *values: Any) -> None:
        self.statements.append(sql)
        await self._session.execute(sql, *values)


class _Recorded:
    """As much of a database as `Pages` asks for."""

    def __init__(self, reader: _Recorder) -> None:
        self.reader = reader


class Statements:
    """What sosie runs for a list, a get and a create."""

    def __init__(self, counts: str, page: str, get: str, turn: str, insert: str, audit: str) -> None:
        self.counts, self.page, self.get = counts, page, get
        self.turn, self.insert, self.audit = turn, insert, audit

    @classmethod
    async def record(cls, session: Any, account_no: int) -> Statements:
        """Run each once, within a transaction that is rolled back."""
        recorder = _Recorder(session)
        page = await Pages(_Recorded(recorder)).read(Listing(account_no, "created_at"), descending=False, offset=0, most=20)
        await entries.get(recorder, account_no, page.entries[0].id)
        fields = EntryFields("Jane Roe", "jane@example.com", False)
        await entries.create_once(recorder, account_no, fields, Deed(ACTOR, "", 1), repeated=False)
        return cls(*recorder.statements)


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
    insert = (account_no << NUMBER_BITS | number, account_no, *row, 0, name[:200], email[:320], search)
    after = orjson.dumps(dict(zip(AUDIT_KEYS, row, strict=True))).decode()
    audit = (account_no, revision, at, ACTOR, "entry.create", identifier, None, after, "000000000000-00000", None)
    return insert, audit, one_body(wire(row))


AUDIT_KEYS = COLUMNS.split(", ")


class SQLiteFloor:
    """On SQLite: everything inline."""

    def __init__(self, path: Path, account_no: int, statements: Statements) -> None:
        self._run = connect(path).execute
        self._account_no = account_no
        self._sql = Statements(*(_question_marks(sql) for sql in vars(statements).values()))

    async def list(self, per_page: int) -> bytes:
        counts = self._run(self._sql.counts, (self._account_no,)).fetchall()[0]
        return list_body(counts, self._run(self._sql.page, (self._account_no, per_page, 0)).fetchall(), per_page)

    async def get(self, identifier: str) -> bytes:
        return one_body(wire(self._run(self._sql.get, (self._account_no, identifier)).fetchall()[0]))

    async def create(self, body: bytes) -> bytes:
        run = self._run
        run("BEGIN IMMEDIATE")
        turn = run(self._sql.turn, (self._account_no, 1, time.time_ns() // 1000, 1, 0, 0, 0)).fetchall()[0]
        insert, audit, answer = create_values(self._account_no, turn, body)
        run(self._sql.insert, insert)
        run(self._sql.audit, audit)
        run("COMMIT")
        return answer

    async def everything(self) -> bytes:
        return orjson.dumps([wire(row) for row in self._run(_question_marks(EVERYTHING), (self._account_no,)).fetchall()])


class PostgreSQLFloor:
    """On PostgreSQL: a list of idle connections, one taken for each request."""

    def __init__(self, idle: list[Any], account_no: int, statements: Statements) -> None:
        self._idle = idle
        self._free = asyncio.Semaphore(len(idle))
        self._account_no = account_no
        self._sql = statements

    async def list(self, per_page: int) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            counts = await connection.fetchrow(self._sql.counts, self._account_no)
            rows = await connection.fetch(self._sql.page, self._account_no, per_page, 0)
            self._idle.append(connection)
        return list_body(tuple(counts), rows, per_page)

    async def get(self, identifier: str) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            row = await connection.fetchrow(self._sql.get, self._account_no, identifier)
            self._idle.append(connection)
        return one_body(wire(row))

    async def create(self, body: bytes) -> bytes:
        async with self._free:
            connection = self._idle.pop()
            await connection.execute("BEGIN")
            values = (self._account_no, 1, time.time_ns() // 1000, 1, 0, 0, 0)
            turn = await connection.fetchrow(self._sql.turn, *values)
            insert, audit, answer = create_values(self._account_no, turn, body)
            await connection.execute(self._sql.insert, *insert)
            await connection.execute(self._sql.audit, *audit)
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
        return PostgreSQLFloor(idle, account.no, statements)
    from sosie.store.sqlite import SQLiteSession  # noqa: PLC0415

    connection = connect(Path(place))
    connection.execute("BEGIN")
    session = SQLiteSession(connection)
    account = await accounts.look_up(session, account_id)
    statements = await Statements.record(session, account.no)
    connection.execute("ROLLBACK")
    connection.close()
    return SQLiteFloor(Path(place), account.no, statements)


def _question_marks(sql: str) -> str:
    return sql.replace("$", "?")


async def main() -> None:
    """Serve until killed."""
    port, account_id, place = sys.argv[1:]
    floor = await open_floor(account_id, place)
    await http_server(application(floor)).serve([bind(("127.0.0.1", int(port)))])


if __name__ == "__main__":
    uvloop.run(main())
