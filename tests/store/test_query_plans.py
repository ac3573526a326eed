"""Every list, in every order, with every filter, from either end and at any depth, is read from an index: its cost does
not grow with the account, and the count is never counted."""

from __future__ import annotations

import asyncio
import json
import re

import asyncpg
import pytest

from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts, audit, entries, search, tokens
from sosie.store.open import open_database
from sosie.store.pages import Listing, Pages
from support.registry import ORDERS, deed, new_account, person
from support.server import Storage

ENTRIES = 20_000
OFFSETS = (0, 300, ENTRIES // 3, ENTRIES - 20)


class _Recording:
    """Stands between the code and a database, and remembers the statements."""

    def __init__(self, session):
        self.dialect = session.dialect
        self.reader = self
        self.statements = []
        self._session = session

    async def fetch(self, sql, *values):
        self.statements.append((sql, values))
        return await self._session.fetch(sql, *values)

    async def fetch_one(self, sql, *values):
        self.statements.append((sql, values))
        return await self._session.fetch_one(sql, *values)

    async def snapshot(self, work):
        return await work(self)

    scan = snapshot


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request, tmp_path_factory):
    """(run, database, storage, account) with many entries in two accounts."""
    url = request.getfixturevalue("postgresql").create_database() if request.param == "postgresql" else ""
    storage = Storage(tmp_path_factory.mktemp("plans"), url)
    with asyncio.Runner() as runner:
        database = runner.run(open_database(storage.url, storage.data_dir, storage.secret_key))
        for count in (ENTRIES // 10, ENTRIES):
            account = runner.run(new_account(database))
            many = [_fields(number, count) for number in range(count)]
            runner.run(
                database.write(lambda session, no=account, all_=many: entries.create_many(session, no, all_, deed()))
            )
        if storage.url:
            runner.run(_vacuum(storage.url))
        yield runner.run, database, storage, account
        runner.run(database.close())


def _fields(number, count):
    name, email = f"Person {number * 7919 % count}", f"p{number * 104_729 % count}@example.com"
    return person(name, email, provenance=PROVENANCES[number % 4])


async def _vacuum(url):
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _assert_from_an_index(run, database, storage, recorded, **rules):
    """`in_order`: nothing is sorted but a page. `exact`: nothing is stepped over because it does not fit a filter."""
    assert recorded
    for sql in {sql for sql, _ in recorded}:
        asked = [values for other, values in recorded if other == sql]
        if storage.url:
            for plan in run(_plans_of_postgresql(storage.url, sql, asked)):
                _assert_postgresql(plan, sql, **rules)
        else:
            for values in asked:
                _assert_sqlite(run(_plan_of_sqlite(database, sql, values)), sql, **rules)


async def _plan_of_sqlite(database, sql, values):
    return [tuple(row) for row in await database.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)]


def _assert_sqlite(plan, sql, *, in_order=True, exact=False):
    """No table is read from end to end, and nothing but a page is put into order."""
    told = f"{sql}\n{plan}"
    inner = {row[0] for row in plan if re.match("CO-ROUTINE|MATERIALIZE", row[3])}
    for _, parent, _, detail in plan:
        assert not re.match(r"SCAN (entries|e|audit|tokens)\b", detail), told
        assert in_order or not re.search(r"entries .*\((account_no|shelf)=\?\)", detail), told  # all of the account
        if in_order and "TEMP B-TREE" in detail:
            assert inner, told  # only around a page that an inner statement has read in order,
            assert parent not in inner, told  # and not within it


async def _plans_of_postgresql(url, sql, asked):
    """As they are once the statement has been asked often enough for PostgreSQL to keep one plan, if it likes one."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"PREPARE asked AS {sql}")
        given = [", ".join(_literal(value) for value in values) for values in asked]
        for values in (given * 7)[: max(7, len(given))]:
            await connection.execute(f"EXECUTE asked({values})")
        rows = [await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked({values})") for values in given]
        return [json.loads(row)[0]["Plan"] for row in rows]
    finally:
        await connection.close()


def _literal(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _assert_postgresql(plan, sql, *, in_order=True, exact=False, limited=False):
    told = f"{sql}\n{json.dumps(plan)}"
    kind = plan["Node Type"]
    assert kind != "Seq Scan" or plan["Relation Name"] == "accounts", told
    assert not (exact and "Filter" in plan and kind != "Seq Scan"), told
    if in_order:
        assert not (limited and "Sort" in kind), told
        assert "Sort" not in kind or plan["Plan Rows"] < ENTRIES, told
    for child in plan.get("Plans", ()):
        if child.get("Parent Relationship") != "InitPlan":
            _assert_postgresql(child, sql, in_order=in_order, exact=exact, limited=limited or kind == "Limit")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("source", [None, 2])
@pytest.mark.parametrize("order", ORDERS)
def test_a_page_is_read_from_an_index(filled, order, source, descending):
    """Near the ends, in the middle, and from a place that is remembered."""
    run, database, storage, account = filled
    recording = _Recording(database.reader)
    book = Pages(recording)
    for offset in (*OFFSETS, OFFSETS[2] + 20, OFFSETS[2] - 20):
        page = run(book.read(Listing(account, order, source), descending=descending, offset=offset, most=20))
        assert page.total == ENTRIES
    _assert_from_an_index(run, database, storage, set(recording.statements), exact=True)


@pytest.mark.parametrize("order", ORDERS)
def test_only_an_index_is_stepped_over(filled, order):
    """To reach a place in the middle, no rows are read that are not on the page."""
    run, database, storage, account = filled
    recording = _Recording(database.reader)
    run(Pages(recording).read(Listing(account, order), descending=False, offset=OFFSETS[2], most=20))
    ((sql, values),) = [one for one in recording.statements if "OFFSET" in one[0]]
    if storage.url:
        plan = json.dumps(run(_plans_of_postgresql(storage.url, sql, [values])))
        assert "Index Only Scan" in plan
    else:
        assert "USING COVERING INDEX" in str(run(_plan_of_sqlite(database, sql, values)))


def test_the_count_is_one_row(filled):
    """No entry is looked at for it."""
    run, database, storage, account = filled
    recording = _Recording(database.reader)
    assert run(accounts.counts(recording, account)).total == ENTRIES
    ((sql, values),) = recording.statements
    assert "entries" not in sql
    _assert_from_an_index(run, database, storage, [(sql, values)])


@pytest.mark.parametrize("word", ["Person 777", "p777@", "nobody at all", "Person", "7"])
@pytest.mark.parametrize("order", ORDERS)
def test_a_search_is_read_from_an_index(filled, order, word):
    """Of what it finds, at most FEW are put into order; where more are, the list is walked in its order."""
    run, database, storage, account = filled
    recording = _Recording(database.reader)
    page = run(search.search(recording, Listing(account, order), word, descending=False, offset=0, most=20))
    walks = [one for one in recording.statements if "OFFSET" in one[0]]
    if walks:
        _assert_from_an_index(run, database, storage, walks)
    if page.matching is not None:  # where a word is everywhere, PostgreSQL finds the first so many without an index
        others = [one for one in recording.statements if "OFFSET" not in one[0]]
        _assert_from_an_index(run, database, storage, others, in_order=False)


def test_what_every_request_asks_is_read_from_an_index(filled):
    """One entry, a token by its digest, the audit, and what a repeated create looks for."""
    run, database, storage, account = filled
    recording = _Recording(database.reader)
    one = run(entries.read_after(recording, account, 0, 1))[0][0]
    run(entries.get(recording, account, one.id))
    run(tokens.by_digest(recording, "x"))
    run(audit.read(recording, account))
    run(audit.named(recording, account, deed("key")))
    run(audit.recent(recording, account, "test", "entry.create", one.created_at))
    recorded = [(sql, values) for sql, values in recording.statements if "FROM tokens" not in sql or not storage.url]
    _assert_from_an_index(run, database, storage, recorded)  # PostgreSQL reads a table of no tokens as it likes
