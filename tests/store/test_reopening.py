"""A database that is not there when the process starts."""

from __future__ import annotations

import asyncio

import pytest

from sosie.store.errors import SchemaTooNew, StoreAway
from sosie.store.open import open_database
from sosie.store.reopening import ReopeningDatabase


def test_it_is_away_until_it_can_be_opened(tmp_path, monkeypatch):
    """Everything says that it is away, and works once it is there; it is not tried all the time."""
    monkeypatch.setattr("sosie.store.reopening.RETRY_SECONDS", 0.05)
    tries = []

    async def open_():
        tries.append(1)
        if len(tries) < 3:
            raise StoreAway("no")
        return await open_database("", tmp_path, b"k" * 32)

    async def scenario():
        database = ReopeningDatabase("sqlite", open_)
        assert database.access_stamp() is None
        for _ in range(50):
            with pytest.raises(StoreAway):
                await database.reader.fetch("SELECT 1")
        assert len(tries) == 1
        await asyncio.sleep(0.06)
        with pytest.raises(StoreAway):
            await database.scan(lambda session: session.fetch("SELECT 1"))
        await asyncio.sleep(0.06)
        both = await asyncio.gather(database.reader.fetch_one("SELECT 1"), database.reader.fetch_one("SELECT 2"))
        assert [row[0] for row in both] == [1, 2]
        assert len(tries) == 3
        assert await database.write(lambda session: session.fetch_one("SELECT 3")) is not None
        await database.close()

    asyncio.run(scenario())


def test_closing_what_never_was_open_is_fine():
    """A process that stops before its database came."""

    async def never():
        raise StoreAway("no")

    asyncio.run(ReopeningDatabase("postgresql", never).close())


def test_a_database_that_cannot_be_used_is_not_tried_all_the_time(monkeypatch):
    """One that a newer version has migrated, say, which somebody has to mend."""
    monkeypatch.setattr("sosie.store.reopening.RETRY_SECONDS", 60)
    tries = []

    async def open_():
        tries.append(1)
        raise SchemaTooNew("run a newer sosie")

    async def scenario():
        database = ReopeningDatabase("sqlite", open_)
        for _ in range(5):
            with pytest.raises(SchemaTooNew, match="newer"):
                await database.reader.fetch("SELECT 1")

    asyncio.run(scenario())
    assert len(tries) == 1
