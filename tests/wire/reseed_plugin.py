"""A pytest plugin for the official Python SDK's own suite: puts the entry that its tests name back before each of them.

The suite was written for a mock that forgets everything, and deletes the entry that it reads in the next test. Nothing
in the server knows of this: the entry goes through the database, beside the server. Loaded with `-p`; the environment
holds the server's SOSIE_DATA_DIR and SOSIE_DATABASE_URL.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sosie.registry.entry import read_new_entry
from sosie.registry.moments import now_us
from sosie.store import accounts, entries
from sosie.store.audit import Deed
from sosie.store.database import Session
from sosie.store.open import open_database, read_secret_key

ACCOUNT_ID = "023e105f4ecef8ad9ca31a8372d0c353"
ENTRY_ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
FIELDS = {"name": "John Doe", "email": "john.doe@example.com", "is_email_regex": False}


@pytest.fixture(scope="session")
def opened():
    """(run, database) of the server that is tested."""
    folder = Path(os.environ["SOSIE_DATA_DIR"])
    with asyncio.Runner() as runner:
        key = read_secret_key("", folder / "secret.key")
        database = runner.run(open_database(os.environ["SOSIE_DATABASE_URL"], folder, key))
        yield runner.run, database
        runner.run(database.close())


@pytest.fixture(autouse=True)
def reseeded(opened) -> None:
    """The entry is there."""
    run, database = opened
    run(database.write(_put_back))


async def _put_back(session: Session) -> None:
    account_no = (await accounts.look_up(session, ACCOUNT_ID)).no
    known = "SELECT 1 FROM entries WHERE account_no = $1 AND id = $2"
    if await session.fetch_one(known, account_no, ENTRY_ID) is None:
        made = await entries.create(session, account_no, read_new_entry(FIELDS), Deed("test", "", now_us()))
        await session.execute("UPDATE entries SET id = $2 WHERE id = $1", made.id, ENTRY_ID)
