"""Pages of entries: any order, filter, direction and depth, each from an index.

Theory of operation. The wire numbers pages, so a page is an offset, and an index reaches an offset only by stepping
over what comes before. Two things keep that short. The size of the list is known (a counter, not a scan), so a place in
the second half is reached from the end. And places of pages served before are remembered as long as the account's
revision is the same: a pager that walks the list starts each page near where the last one ended. Every request is
thought of as a range of places in ascending order, [start, end), which is then walked from the nearest known place,
forwards or backwards. Walking touches the index alone; only the rows of the page itself are read from the table.

The count and the walk are two statements, and a write may come between them. The walk therefore answers the revision
that it saw; where that is not the count's, both are done again in one state of the database.

Ties are broken by `pk`, the order of creation, which is the order of ids too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sosie.registry.entry import Entry
from sosie.store import accounts
from sosie.store.accounts import Counts
from sosie.store.database import Database, Row, Session
from sosie.store.entries import COLUMNS, from_row, shelf_of

STEP = 500  # places that may be stepped over without remembering one among them: some hundredths of a millisecond
MAX_LISTS = 64  # lists whose places are remembered, and
MAX_PLACES = 1024  # how many of each: half a million entries, and a megabyte where names are long

KEYS = {"created_at": "pk", "name": "name_key, pk", "email": "email_key, pk"}
BACKWARDS = {"created_at": "pk DESC", "name": "name_key DESC, pk DESC", "email": "email_key DESC, pk DESC"}
_SELECTED = ", ".join(f"e.{column}" for column in COLUMNS.split(", "))
WIDTH = len(COLUMNS.split(", "))


class Listing(NamedTuple):
    """What is listed: `source` is None for every provenance."""

    account_no: int
    order: str
    source: int | None = None

    @property
    def filter(self) -> tuple[str, int]:
        """The column that is filtered by, and its value."""
        if self.source is None:
            return "account_no", self.account_no
        return "shelf", shelf_of(self.account_no, self.source)


class Page(NamedTuple):
    """`matching` entries fit the filter, of `total` in the account; `matching` is None where it was not counted.

    `rows` begin with COLUMNS, as the database gave them: to make entries of 1,000 costs a third of reading their rows.
    """

    rows: Sequence[Row]
    matching: int | None
    total: int

    @property
    def entries(self) -> list[Entry]:
        """The rows as entries."""
        return [from_row(row[:WIDTH]) for row in self.rows]


@dataclass(slots=True)
class _Places:
    """Known places of one listing at one revision: place -> the key of the entry that stands there."""

    revision: int
    at: list[int] = field(default_factory=list)
    keys: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def lacks(self, place: int) -> bool:
        """Whether no place is known within STEP."""
        if place < STEP:
            return False
        near = bisect_left(self.at, place - STEP)
        return near >= len(self.at) or self.at[near] > place + STEP

    def remember(self, place: int, key: tuple[Any, ...]) -> None:
        """The one known longest makes room."""
        if len(self.at) >= MAX_PLACES:
            oldest = next(iter(self.keys))
            del self.keys[oldest], self.at[bisect_left(self.at, oldest)]
        insort(self.at, place)
        self.keys[place] = key

    def nearest(self, start: int, end: int) -> tuple[int | None, int | None]:
        """The last known place at or before `start`, and the first at or after `end`."""
        if not self.at:
            return None, None
        below = bisect_left(self.at, start + 1) - 1
        above = bisect_left(self.at, end)
        return (self.at[below] if below >= 0 else None, self.at[above] if above < len(self.at) else None)


class Pages:
    """Reads pages of one database; keeps the places it has seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[Listing, _Places] = OrderedDict()

    async def read(self, listing: Listing, *, descending: bool, offset: int, most: int) -> Page:
        """At most `most` entries from `offset` on, in the listing's order or against it."""

        async def work(session: Session) -> tuple[Page, bool]:
            counts = await accounts.counts(session, listing.account_no)
            place = _range(listing, counts, descending=descending, offset=offset, most=most)
            return await self._walk(session, listing, counts, place, descending=descending)

        page, certain = await work(self._database.reader)
        if not certain:
            page, _ = await self._database.snapshot(work)
        return page

    async def _walk(
        self, session: Session, listing: Listing, counts: Counts, page: _Range, *, descending: bool
    ) -> tuple[Page, bool]:
        """The page, and whether its rows are those of the counts' revision."""
        size = page.end - page.start
        if size == 0:
            return Page([], page.matching, counts.total), True
        places = self._places(listing, counts.revision)
        below, above = places.nearest(page.start, page.end)
        ahead = page.start - (below or 0)
        behind = (above if above is not None else page.matching) - page.end
        backwards = behind < ahead or (behind == ahead and descending)
        known = above if backwards else below
        key = () if known is None else places.keys[known]
        over = behind if backwards else ahead
        filtered, value = listing.filter
        sql = _statement(listing.order, filtered, backwards=backwards, late=over > STEP, seek=bool(key))
        rows = await session.fetch(sql, value, listing.account_no, size, over, *key)
        if backwards != descending:
            rows = rows[::-1]
        certain = len(rows) == size and rows[0][-1] == counts.revision
        reached = page.start if descending else page.end - 1
        if certain and places.lacks(reached):
            key, revision = await _key(session, listing, rows[-1])
            if revision == counts.revision:
                places.remember(reached, key)
        return Page(rows, page.matching, counts.total), certain

    def _places(self, listing: Listing, revision: int) -> _Places:
        places = self._known.get(listing)
        if places is not None and places.revision > revision:
            return _Places(revision)  # a write came between: this one is asked for once more
        if places is None or places.revision < revision:
            places = self._known[listing] = _Places(revision)
        self._known.move_to_end(listing)
        if len(self._known) > MAX_LISTS:
            self._known.popitem(last=False)
        return places


class _Range(NamedTuple):
    """Places [start, end) in ascending order, of `matching` in all."""

    start: int
    end: int
    matching: int


def _range(listing: Listing, counts: Counts, *, descending: bool, offset: int, most: int) -> _Range:
    matching = counts.total if listing.source is None else counts.by_source[listing.source]
    if descending:
        return _Range(max(0, matching - offset - most), max(0, matching - offset), matching)
    return _Range(min(offset, matching), min(offset + most, matching), matching)


async def _key(session: Session, listing: Listing, row: Row) -> tuple[tuple[Any, ...], int]:
    """The key of a row of the list, and the revision at which it is that. Not one column more is read for all rows of
    all pages, because the columns are what a page costs."""
    sql = (
        f"SELECT {KEYS[listing.order]}, (SELECT revision FROM accounts WHERE no = $1) "
        "FROM entries WHERE account_no = $1 AND id = $2"
    )
    found = await session.fetch_one(sql, listing.account_no, row[0])
    return (tuple(found)[:-1], found[-1]) if found else ((), -1)


@cache
def _statement(order: str, filtered: str, *, backwards: bool, late: bool, seek: bool) -> str:
    """With `late`, keys from the index first, then the rows of those keys: only an index is stepped over (a late join),
    which pays where many are.

    `filtered` is the one column that is filtered by, and each index begins with it, so that only the right one gives
    the order: PostgreSQL takes another that has the order alone where it thinks that what fits is everywhere, and looks
    through millions of other entries to come to the first.

    Values: what is filtered by, the account, how many, how many to step over, then the known place's key. Behind
    COLUMNS stands the account's revision.
    """
    key = KEYS[order]
    walked = BACKWARDS[order] if backwards else key
    where = f"{filtered} = $1"
    if seek:
        compared = "<" if backwards else ">="
        where += f" AND ({key}) {compared} ($5, $6)" if "," in key else f" AND {key} {compared} $5"
    selected = f"SELECT {_SELECTED}, (SELECT revision FROM accounts WHERE no = $2) FROM"
    ordered = "ORDER BY " + ", ".join(f"e.{part}" for part in walked.split(", "))
    if not late:
        return f"{selected} entries AS e WHERE {where} {ordered} LIMIT $3 OFFSET $4"
    return (
        f"{selected} (SELECT pk FROM entries WHERE {where} ORDER BY {walked} LIMIT $3 OFFSET $4) AS k "
        f"JOIN entries AS e ON e.account_no = $2 AND e.pk = k.pk {ordered}"
    )
