"""`sosie account`: create, list."""

from __future__ import annotations

import re
import secrets

import click

from sosie.api.accounts import to_wire
from sosie.cli.database import Ground, deed, run
from sosie.cli.options import json_option
from sosie.cli.output import Column, Table, note, write_json
from sosie.store import accounts
from sosie.store.accounts import Account
from sosie.store.errors import AlreadyThere
from sosie.store.issue import open_account

MAX_NAME = 100  # characters, as at Cloudflare
_ID = re.compile(r"[0-9a-f]{32}")


@click.group("account")
def account() -> None:
    """Make and list accounts."""


@account.command("create")
@click.option("--id", "account_id", metavar="HEX32", help="32 hex digits; made up where none are given.")
@click.option("--name", metavar="TEXT", help=f"At most {MAX_NAME} characters.")
@json_option
def create_command(account_id: str | None, name: str | None, as_json: bool) -> None:
    """Make an account and print its id."""
    identifier = secrets.token_hex(16) if account_id is None else account_id.lower()
    if not _ID.fullmatch(identifier):
        raise click.UsageError(f"--id must be 32 hex digits, not {account_id!r}")
    shown_name = f"Account {identifier[:8]}" if name is None else name
    if not 0 < len(shown_name.strip()) <= MAX_NAME or not shown_name.isprintable():
        raise click.UsageError(f"--name must be 1 to {MAX_NAME} characters that can be printed")

    async def work(ground: Ground) -> Account:
        try:
            return await ground.database.write(lambda session: open_account(session, identifier, shown_name, deed()))
        except AlreadyThere:
            raise click.ClickException(f"there is an account {identifier} already") from None

    made = run(work, create=True)
    if as_json:
        write_json(to_wire(made))
        return
    note(f"account {made.name!r}, with this id:")
    print(made.id)


@account.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List all accounts, oldest first."""

    async def work(ground: Ground) -> list[tuple[Account, int]]:
        reader = ground.database.reader
        return [(one, (await accounts.counts(reader, one.no)).total) for one in await accounts.read_all(reader)]

    found = run(work)
    if as_json:
        for one, _ in found:
            write_json(to_wire(one))
        return
    table = Table(Column("ID"), Column("NAME", gives_way=True), Column("ENTRIES"), Column("CREATED", optional=True))
    table.write([(one.id, one.name, str(total), one.created_on[:19] + "Z") for one, total in found])
    if not found:
        note("there is no account yet: `sosie account create` makes one")
