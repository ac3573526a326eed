"""A page that is read while others write is the page of one state of the list, not of two."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import count

from sosie.store import entries
from sosie.store.pages import Listing, Pages
from support.registry import deed, person


def test_a_page_agrees_with_its_count(opened, account):
    """The list is always a run of consecutive numbers: a page that mixes two states has a hole or a false count."""
    run, database = opened

    async def write(enough: asyncio.Event, stop: asyncio.Event) -> None:
        kept: deque[str] = deque()
        number = 0
        while not stop.is_set():
            if number == 100:
                enough.set()
            fields = person(f"{number:09}")
            made = await database.write(lambda session, fields=fields: entries.create(session, account, fields, deed()))
            kept.append(made.id)
            number += 1
            if len(kept) > 15:
                oldest = kept.popleft()
                await database.write(lambda session, oldest=oldest: entries.delete(session, account, oldest, deed()))

    async def read(enough: asyncio.Event, book: Pages, order: str, *, descending: bool) -> None:
        for turn in count():
            if turn > 100 and enough.is_set():
                return
            page = await book.read(Listing(account, order), descending=descending, offset=0, most=20)
            numbers = [int(one.name) for one in page.entries]
            assert len(numbers) == page.total == page.matching
            assert sorted(numbers, reverse=descending) == numbers
            assert not numbers or max(numbers) - min(numbers) == len(numbers) - 1
            part = await book.read(Listing(account, order), descending=descending, offset=5, most=5)
            assert len(part.entries) == max(0, min(5, part.total - 5))
            await asyncio.sleep(0)

    async def both() -> None:
        enough, stop = asyncio.Event(), asyncio.Event()
        writing = asyncio.create_task(write(enough, stop))
        book = Pages(database)
        orders = [(order, back) for order in ("created_at", "name") for back in (False, True)]
        await asyncio.gather(*(read(enough, book, order, descending=back) for order, back in orders))
        stop.set()
        await writing

    run(both())
