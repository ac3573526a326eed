"""Pages of entries: any order, filter, direction and depth, each from an index.

Theory of operation. The wire numbers pages, so a page is an offset, and an index reaches an offset only by stepping
over what comes before. Two things keep that short. The size of the list is known (a counter, not a scan), so a place in the
second half is reached from the end. And the places of pages served before are remembered as long as the account's
revision is the same: a pager that walks the list starts each page where the last one ended. Every request is thought of
as a range of places in ascending order, [start, end), which is then walked from the nearest known place, forwards or
backwards. Walking touches the index alone; only the rows of the page itself are read from the table.

Ties are broken by `pk`, the order of creation, which is the order of ids too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sosie.registry.entry import Entry
from sosie.store import accounts
from sosie.store.accounts import Counts
from sosie.store.database import Database, Row, Session
from sosie.store.entries import COLUMNS, from_row

DEEP = 2000  # places that may be stepped over without looking for a shorter way: a tenth of a millisecond
MAX_LISTS = 64  # lists whose places are remembered, and
MAX_PLACES = 1024  # how many of each: a few hundred kilobytes a process

KEYS = {"created_at": "pk", "name": "name_key, pk", "email": "email_key, pk"}
BACKWARDS = {"created_at": "pk DESC", "name": "name_key DESC, pk DESC", "email": "email_key DESC, pk DESC"}
_SELECTED = ", ".join(f"e.{column}" for column in COLUMNS.split(", "))


class Listing(NamedTuple):
    """What is listed: `source` is None for every provenance."""

    account_no: int
    order: str
    source: int | None = None


class Page(NamedTuple):
    """`matching` entries fit the filter, of `total` in the account; `matching` is None where it was not counted."""

    entries: list[Entry]
    matching: int | None
    total: int


@dataclass(slots=True)
class _Places:
    """Known places of one listing at one revision: place -> the key of the entry that stands there."""

    revision: int
    at: list[int] = field(default_factory=list)
    keys: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def remember(self, place: int, key: tuple[Any, ...]) -> None:
        if place not in self.keys and len(self.at) < MAX_PLACES:
            insort(self.at, place)
            self.keys[place] = key

    def nearest(self, start: int, end: int) -> tuple[int | None, int | None]:
        """The last known place at or before `start`, and the first at or after `end`."""
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
        counts = await accounts.counts(self._database.reader, listing.account_no)
        page = _range(listing, counts, descending=descending, offset=offset, most=most)
        if page.start < DEEP or page.matching - page.end < DEEP:
            return await self._walk(self._database.reader, listing, counts, page, descending=descending)
        # Far from both ends the count and the walk must see the same state of the list.
        return await self._database.snapshot(
            lambda session: self._read_deep(session, listing, descending=descending, offset=offset, most=most)
        )

    async def _read_deep(self, session: Session, listing: Listing, *, descending: bool, offset: int, most: int) -> Page:
        counts = await accounts.counts(session, listing.account_no)
        page = _range(listing, counts, descending=descending, offset=offset, most=most)
        return await self._walk(session, listing, counts, page, descending=descending)

    async def _walk(
        self, session: Session, listing: Listing, counts: Counts, page: _Range, *, descending: bool
    ) -> Page:
        if page.start >= page.end:
            return Page([], page.matching, counts.total)
        places = self._places(listing, counts.revision)
        below, above = places.nearest(page.start, page.end)
        ahead = page.start - (below or 0)
        behind = (above if above is not None else page.matching) - page.end
        backwards = behind < ahead or (behind == ahead and descending)
        known = above if backwards else below
        key = () if known is None else places.keys[known]
        sql = _statement(listing, backwards=backwards, descending=descending, seek=bool(key))
        filters = (listing.account_no,) if listing.source is None else (listing.account_no, listing.source)
        rows = await session.fetch(sql, *filters, page.end - page.start, behind if backwards else ahead, *key)
        if len(rows) == page.end - page.start and page.start + len(rows) >= DEEP:
            first, last = (rows[-1], rows[0]) if descending else (rows[0], rows[-1])
            places.remember(page.start, _key(first, listing))
            places.remember(page.end - 1, _key(last, listing))
        return Page([from_row(tuple(row)[2:]) for row in rows], page.matching, counts.total)

    def _places(self, listing: Listing, revision: int) -> _Places:
        places = self._known.get(listing)
        if places is None or places.revision != revision:
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
    return (row[0],) if listing.order == "created_at" else (row[1], row[0])


def _statement(listing: Listing, *, backwards: bool, descending: bool, seek: bool) -> str:
    """Keys from the index first, then the rows of those keys: only an index is stepped over (a late join).

    Values: account, source if filtered by, how many, how many to step over, then the known place's key.
    """
    key = KEYS[listing.order]
    walked = BACKWARDS[listing.order] if backwards else key
    filtered = "account_no = $1" if listing.source is None else "account_no = $1 AND source = $2"
    first = 2 if listing.source is None else 3
    if seek:
        compared = "<" if backwards else ">="
        names = f"({key})" if "," in key else key
        values = f"(${first + 2}, ${first + 3})" if "," in key else f"${first + 2}"
        filtered += f" AND {names} {compared} {values}"
    shown = BACKWARDS[listing.order] if descending else key
    ordered = ", ".join(f"e.{part}" for part in shown.split(", "))
    column = key.split(", ", maxsplit=1)[0]
    return (
        f"SELECT e.pk, e.{column}, {_SELECTED} FROM (SELECT pk FROM entries WHERE {filtered} "
        f"ORDER BY {walked} LIMIT ${first} OFFSET ${first + 1}) AS k JOIN entries AS e ON e.pk = k.pk ORDER BY {ordered}"
    )
