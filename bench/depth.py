"""What one request costs where it is hardest: pages far from both ends, searches, the count, the auto-pager.

Every request here is cold: an entry is created before it, so that no place and no page of the database is remembered.
Milliseconds are CPU of the server process and of PostgreSQL's backends together.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import orjson

from client import Client, Request
from contenders import Contender, settled
from figures import Figure, median_of
from prepared import MINE, WORDS
from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts
from sosie.store.database import Database

DEEP_LIMIT = {"sqlite": 5.0, "postgresql": 15.0}
SEARCH_LIMIT = 10.0
PAGER_LIMIT = 1.5
ORDERS = ("created_at", "name", "email")
DIRECTIONS = ("asc", "desc")
REPEATS = 5


class Cold:
    """Asks one contender for one thing after another, each after a write."""

    def __init__(self, contender: Contender, path: str, headers: dict[str, str]) -> None:
        self._contender = contender
        self._client = Client(contender.port)
        self._path, self._headers = path, headers
        self._numbers = itertools.count()

    def write(self) -> None:
        """Create an entry that no search here finds, in the middle of every order but that of creation."""
        entry = {"name": f"Mm {next(self._numbers)}", "email": "mm@example.com", "is_email_regex": False}
        headers = {**self._headers, "content-type": "application/json"}
        answer = self._client.ask(Request("POST", self._path, headers, orjson.dumps(entry)))
        assert answer.status == 201, answer

    def get(self, **query: object) -> dict:
        """A page."""
        answer = self._client.ask(Request("GET", f"{self._path}?{urlencode(query)}", self._headers))
        assert answer.status == 200, answer
        document: dict = orjson.loads(answer.body)
        return document

    def cost_of(self, **query: object) -> float:
        """CPU milliseconds of a cold page, the median of REPEATS."""
        spent = []
        for _ in range(REPEATS):
            self.write()
            before = settled(self._contender.cost)
            self.get(**query)
            spent.append(settled(self._contender.cost).since(before).both * 1e3)
        return median_of(spent)[0]


def _every_order() -> Iterator[dict[str, str]]:
    for order in ORDERS:
        for direction in DIRECTIONS:
            yield {"order": order, "direction": direction}


def _worst(costs: Callable[[dict[str, str]], float]) -> tuple[float, tuple[float, float], dict[str, str]]:
    """The dearest of all orders and directions, the range, and which it was."""
    found = [(costs(order), order) for order in _every_order()]
    dearest, order = max(found, key=lambda one: one[0])
    return dearest, (min(cost for cost, _ in found), dearest), {"dearest": " ".join(order.values())}


def deep_pages(database: str, cold: Cold) -> list[Figure]:
    """Page 5,000 of 20, page 2,500, and the middle and the end of what a filter leaves; the dearest order of each."""
    figures = []
    last = MINE // 20
    asked = [(f"page {number:,} of 20", {"page": number}) for number in (last, last // 2)]
    for provenance in (PROVENANCES[0], PROVENANCES[3]):
        pages = cold.get(provenance=provenance)["result_info"]["total_pages"]
        asked += [
            (f"page {number:,} of 20, {provenance}", {"page": number, "provenance": provenance})
            for number in (pages, pages // 2)
        ]
    for what, query in asked:
        value, spread, more = _worst(lambda order, query=query: cold.cost_of(**query, **order))
        figures.append(Figure("deep", database, what, value, "ms", DEEP_LIMIT[database], spread, more=more))
    return figures


def searches(database: str, cold: Cold) -> list[Figure]:
    """The first page of 20 of every word; the dearest order of each."""
    figures = []
    for word, count in WORDS.items():
        value, spread, more = _worst(lambda order, word=word: cold.cost_of(search=word, **order))
        what = f"search={word} ({count:,})"
        figures.append(Figure("search", database, what, value, "ms", SEARCH_LIMIT, spread, more=more))
    return figures


def count(database: str, contender: Contender, account_id: str) -> Figure:
    """What the counts of an account cost, and how the database finds them."""

    async def work(opened: Database) -> tuple[float, str]:
        seen: list[str] = []
        reader = opened.reader
        account = await accounts.look_up(reader, account_id)
        started = time.perf_counter()
        for _ in range(200):
            await accounts.counts(reader, account.no)
        spent = (time.perf_counter() - started) / 200
        explain = "EXPLAIN QUERY PLAN" if reader.dialect == "sqlite" else "EXPLAIN"

        class Explaining:
            dialect = reader.dialect

            async def fetch_one(self, sql: str, *values: object) -> list[int]:
                seen.extend(str(row[-1]) for row in await reader.fetch(f"{explain} {sql}", *values))
                return [0] * 5

        await accounts.counts(Explaining(), account.no)
        return spent * 1e3, "; ".join(line.strip() for line in seen)

    value, plan = contender.storage.run(work)
    assert "entries" not in plan, plan
    return Figure("count", database, "total_count (wall)", value, "ms", 1.0, more={"plan": plan[:80]})


def auto_pager(database: str, floor: Contender, sosie: Contender, cold: Cold, rounds: int) -> Figure:
    """All entries at 1,000 a page until a page is empty, beside reading them by one query."""
    ratios, theirs, ours = [], [], []
    client = Client(floor.port)
    for _ in range(rounds):
        before = settled(floor.cost)
        everything = client.ask(Request("GET", "/everything", {}))
        theirs.append(settled(floor.cost).since(before).both * 1e6)
        assert len(everything.body) > MINE * 300
        cold.write()
        before = settled(sosie.cost)
        read = 0
        for page in itertools.count(1):
            result = cold.get(page=page, per_page=1000)["result"]
            read += len(result)
            if not result:
                break
        ours.append(settled(sosie.cost).since(before).both * 1e6)
        assert read > MINE
        ratios.append(ours[-1] / theirs[-1])
    value, spread = median_of(ratios)
    what = "auto-pager over all, 1,000 a page"
    return Figure("pager", database, what, value, "×", PAGER_LIMIT, spread, median_of(theirs)[0], median_of(ours)[0])
