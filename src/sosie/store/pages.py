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
from sosie.store.entries import COLUMNS, from_row

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

    def remember(self, place: int, key: tuple[Any, ...]) -> None:
        """Unless one is known within STEP; the one known longest makes room."""
        if place < STEP:
            return
        near = bisect_left(self.at, place - STEP)
        if near < len(self.at) and self.at[near] <= place + STEP:
            return
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
        filters = (listing.account_no,) if listing.source is None else (listing.account_no, listing.source)
        sql = _statement(listing.order, len(filters), backwards=backwards, late=over > STEP, seek=bool(key))
        rows = await session.fetch(sql, *filters, size, over, *key)
        if backwards != descending:
            rows = rows[::-1]
        certain = len(rows) == size and rows[0][-1] == counts.revision
        if certain:
            first, last = (rows[-1], rows[0]) if descending else (rows[0], rows[-1])
            places.remember(page.start, _key(first, listing))
            places.remember(page.end - 1, _key(last, listing))
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


def _key(row: Row, listing: Listing) -> tuple[Any, ...]:
    return (row[-2],) if listing.order == "created_at" else (row[-3], row[-2])


@cache
def _statement(order: str, filters: int, *, backwards: bool, late: bool, seek: bool) -> str:
    """With `late`, keys from the index first, then the rows of those keys: only an index is stepped over (a late join),
    which pays where many are.

    Values: account, source if filtered by, how many, how many to step over, then the known place's key. Behind COLUMNS
    stand the key and the account's revision.
    """
    key = KEYS[order]
    walked = BACKWARDS[order] if backwards else key
    filtered = ("account_no = $1", "account_no = $1 AND source = $2")[filters - 1]
    first = filters + 1
    if seek:
        compared = "<" if backwards else ">="
        names = f"({key})" if "," in key else key
        values = f"(${first + 2}, ${first + 3})" if "," in key else f"${first + 2}"
        filtered += f" AND {names} {compared} {values}"
    column = key.split(", ", maxsplit=1)[0]
    selected = f"SELECT {_SELECTED}, e.{column}, e.pk, (SELECT revision FROM accounts WHERE no = $1) FROM"
    ordered = "ORDER BY " + ", ".join(f"e.{part}" for part in walked.split(", "))
    window = f"LIMIT ${first} OFFSET ${first + 1}"
    if not late:
        return f"{selected} entries AS e WHERE {filtered} {ordered} {window}"
    return (
        f"{selected} (SELECT pk FROM entries WHERE {filtered} ORDER BY {walked} {window}) AS k "
        f"JOIN entries AS e ON e.pk = k.pk {ordered}"
    )
