"""The database, opened for one command: settings from the environment, the account that is meant, who does it."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

import click

from sosie.config import Config, read_config
from sosie.registry.moments import now_us
from sosie.store import accounts
from sosie.store.accounts import Account
from sosie.store.audit import Deed
from sosie.store.database import Database, Session
from sosie.store.open import expect_database, open_database, read_secret_key

MAX_NAMED = 10  # accounts that an error message lists; `sosie account list` shows all

T = TypeVar("T")


class Ground(NamedTuple):
    """What a command that needs the database works with."""

    config: Config
    database: Database
    secret_key: bytes

    async def account(self, account_id: str | None) -> Account:
        """The account of this id; without an id, the only one there is. Raises NoSuchAccount."""
        return await find_account(self.database.reader, account_id)


def run(work: Callable[[Ground], Awaitable[T]], *, create: bool = False) -> T:
    """Open the database, do `work` with it, close it. Only `create` makes an embedded database, or a secret key, where
    there is none.

    An interrupt (SIGINT) cancels the work where it waits. Reads of SQLite never wait: long work that reads makes a
    pause now and then (`pause`), and what runs in a thread of the database asks whether it is still wanted.
    """
    config = read_config()
    if not create:
        expect_database(config.database_url, config.data_dir)
    secret_key = read_secret_key(config.secret_key, config.secret_key_file, create=create)
    return asyncio.run(_work(config, secret_key, work))


async def pause() -> None:
    """A place where an interrupt can end the work."""
    await asyncio.sleep(0)


def deed() -> Deed:
    """What a write of the command line leaves in the audit: the user of the operating system, now."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Deed(f"cli:{name}", "", now_us())


async def find_account(session: Session, account_id: str | None) -> Account:
    """The account of this id; without an id, the only one there is. Raises NoSuchAccount, ClickException."""
    if account_id:
        return await accounts.look_up(session, account_id.lower())
    found = await accounts.read_all(session)
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException("there is no account yet: `sosie account create` makes one")
    named = ", ".join(f"{account.id} ({account.name})" for account in found[:MAX_NAMED])
    more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    raise click.UsageError(f"say which account with --account or SOSIE_ACCOUNT_ID: {named}{more}")


async def _work(config: Config, secret_key: bytes, work: Callable[[Ground], Awaitable[T]]) -> T:
    database = await open_database(config.database_url, config.data_dir, secret_key)
    try:
        return await work(Ground(config, database, secret_key))
    finally:
        await database.close()
