"""What `sosie allow`, `sosie trusted` and `sosie domain` have in common: print what was added, list, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import click

from sosie.api.impersonation_registry import MAX_SEARCH
from sosie.api.parameters import UUID
from sosie.api.setting import Setting
from sosie.cli.database import Ground, deed, run
from sosie.cli.options import Common, common
from sosie.cli.output import Column, Table, note, write_json
from sosie.registry.errors import SettingNotFound
from sosie.store.small_lists import MAX_ROWS, Batch, Found, Kept, Query

T = TypeVar("T", bound=Kept)


class Shown(NamedTuple, Generic[T]):
    """One resource and its table: `cells` are those of a row behind the id."""

    setting: Setting[T]
    columns: tuple[Column, ...]
    cells: Callable[[T], Sequence[str]]


def add(common: Common, shown: Shown[T], document: dict[str, Any]) -> None:
    """Add what the document says and print its id."""
    kept = shown.setting.kept
    fields = shown.setting.read_new(document)
    mine = deed()

    async def work(ground: Ground) -> T:
        account = await ground.account(common.account_id)
        done = await ground.database.write(
            lambda session: kept.apply(session, account.no, Batch(posts=(fields,)), mine)
        )
        return done.posts[0]

    made = run(work)
    if common.as_json:
        write_json(shown.setting.to_wire(made))
    else:
        print(made.id)


def add_list_and_remove(group: click.Group, shown: Shown[Any]) -> None:
    """Give a group the commands `list` and `remove`."""

    @group.command("list", help="List all, oldest first.")
    @click.option("--search", metavar="TEXT", default="", help="Only those that hold this text, in any case.")
    @common
    def list_command(common: Common, search: str) -> None:
        _list(common, shown, search)

    @group.command("remove", help="Remove all that are named, or, where one of them is not there, none.")
    @click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
    @common
    def remove_command(common: Common, identifiers: tuple[str, ...]) -> None:
        _remove(common, shown, identifiers)


def _list(common: Common, shown: Shown[T], search: str) -> None:
    if len(search) > MAX_SEARCH:
        raise click.UsageError(f"--search must be at most {MAX_SEARCH} characters long")
    query = Query({}, search=search.strip(), most=MAX_ROWS)

    async def work(ground: Ground) -> Found[T]:
        account = await ground.account(common.account_id)
        return await shown.setting.kept.page(ground.database, account.no, query)

    found = run(work)
    if common.as_json:
        for one in found.rows:
            write_json(shown.setting.to_wire(one))
        return
    table = Table(Column("ID"), *shown.columns)
    table.write([(one.id, *shown.cells(one)) for one in found.rows])
    note(f"{len(found.rows)} of {found.total}")


def _remove(common: Common, shown: Shown[T], identifiers: Sequence[str]) -> None:
    kept = shown.setting.kept
    wanted = list(dict.fromkeys(identifier.lower() for identifier in identifiers))
    if not all(map(UUID.fullmatch, wanted)):
        raise SettingNotFound(kept.title)
    mine = deed()

    async def work(ground: Ground) -> None:
        account = await ground.account(common.account_id)
        await ground.database.write(lambda session: kept.delete(session, account.no, wanted, mine))

    run(work)
    for identifier in wanted:
        if common.as_json:
            write_json({"id": identifier})
        else:
            note(f"{identifier} is removed")
