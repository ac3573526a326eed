"""`sosie entry`: add, list, show, edit, remove; import and export have files of their own."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import click

from sosie.api.impersonation_registry import MAX_SEARCH, to_wire
from sosie.cli.database import Ground, deed, pause, run
from sosie.cli.entry_export import export_command
from sosie.cli.entry_import import import_command
from sosie.cli.options import Common, common
from sosie.cli.output import Column, Table, note, write_fields, write_json
from sosie.registry.entry import MAX_COMMENTS, MAX_EMAIL, MAX_NAME, Entry, changed, read_changes, read_new_entry
from sosie.registry.errors import EntryNotFound
from sosie.registry.provenance import PROVENANCES, source_of
from sosie.store import entries
from sosie.store.database import Session
from sosie.store.pages import KEYS, Listing, Page, Pages
from sosie.store.search import search

MOST_PER_PAGE = 1000  # the API's limit too
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL_HELP = f"One address, or several separated by commas; at most {MAX_EMAIL} bytes."

_SEARCH_HELP = f"Only entries that hold this in name, email or comments; at most {MAX_SEARCH} characters."


@click.group("entry")
def entry() -> None:
    """Add, show, edit, remove, import and export entries of the registry."""


entry.add_command(import_command)
entry.add_command(export_command)


@entry.command("add")
@click.option("--name", required=True, metavar="N", help=f"Display name; at most {MAX_NAME} characters.")
@click.option("--email", required=True, metavar="E", help=_EMAIL_HELP)
@click.option("--regex", "is_email_regex", is_flag=True,
              help="The email is a regular expression in Java syntax, matched with the whole address.")  # fmt: skip
@click.option("--comments", metavar="TEXT", help=f"A note; at most {MAX_COMMENTS} bytes.")
@click.option("--provenance", type=click.Choice(PROVENANCES, case_sensitive=False), default=PROVENANCES[0],
              show_default=True, help="Where the entry is from.")  # fmt: skip
@common
def add_command(common: Common, **document: Any) -> None:
    """Add an entry and print its id."""
    fields = read_new_entry(document)
    mine = deed()

    async def work(ground: Ground) -> Entry:
        account = await ground.account(common.account_id)
        return await ground.database.write(lambda session: entries.create(session, account.no, fields, mine))

    made = run(work)
    if common.as_json:
        write_json(to_wire(made))
    else:
        print(made.id)


class Query(NamedTuple):
    """What `sosie entry list` is asked for."""

    search: str
    order: str
    direction: str
    provenance: str | None
    page: int
    per_page: int
    all_pages: bool


@entry.command("list")
@click.option("--search", metavar="TEXT", default="", help=_SEARCH_HELP)
@click.option("--order", type=click.Choice(tuple(KEYS)), default="created_at", show_default=True)
@click.option("--direction", type=click.Choice(("asc", "desc")), default="asc", show_default=True)
@click.option("--provenance", type=click.Choice(PROVENANCES, case_sensitive=False), help="Only entries from there.")
@click.option("--page", type=click.IntRange(1, 10_000_000), default=1, show_default=True)
@click.option("--per-page", type=click.IntRange(1, MOST_PER_PAGE), default=20, show_default=True)
@click.option("--all", "all_pages", is_flag=True,
              help="Every page, one after the other; export gives all entries as of one moment.")  # fmt: skip
@common
def list_command(common: Common, **given: Any) -> None:
    """List entries, a page of them or all."""
    query = Query(**{**given, "search": given["search"].strip()})
    if len(query.search) > MAX_SEARCH:
        raise click.UsageError(f"--search must be at most {MAX_SEARCH} characters long")
    per_page = MOST_PER_PAGE if query.all_pages else query.per_page
    table = Table(
        Column("ID"),
        Column("NAME", gives_way=True),
        Column("EMAIL", gives_way=True),
        Column("PROVENANCE", optional=True),
    )

    async def work(ground: Ground) -> tuple[int, Page]:
        account = await ground.account(common.account_id)
        source = None if query.provenance is None else source_of(query.provenance)
        listing = Listing(account.no, query.order, source)
        pages = Pages(ground.database)
        offset = 0 if query.all_pages else (query.page - 1) * per_page
        while True:
            found = await _read(ground, pages, listing, query, (offset, per_page))
            _write(found.entries, table, as_json=common.as_json)
            if not query.all_pages or len(found.entries) < per_page:
                return offset, found
            offset += per_page
            await pause()

    offset, last = run(work)
    if not common.as_json:
        _sum_up(query, 0 if query.all_pages else offset, offset + len(last.entries), last)


async def _read(ground: Ground, pages: Pages, listing: Listing, query: Query, window: tuple[int, int]) -> Page:
    offset, most = window
    descending = query.direction == "desc"
    if query.search:
        return await search(ground.database, listing, query.search, descending=descending, offset=offset, most=most)
    return await pages.read(listing, descending=descending, offset=offset, most=most)


def _write(found: list[Entry], table: Table, *, as_json: bool) -> None:
    if as_json:
        for one in found:
            write_json(to_wire(one))
    else:
        table.write([(one.id, one.name, _email(one), one.provenance or "-") for one in found])


def _sum_up(query: Query, first: int, last: int, page: Page) -> None:
    if last <= first:
        note(f"no entry on this page; {page.total} in the account" if page.total else "the registry is empty")
        return
    matching = page.matching if not query.all_pages else last
    of = "" if matching is None else f" of {matching}"
    note(f"entries {first + 1} to {last}{of}; {page.total} in the account")


def _email(one: Entry) -> str:
    return f"regex {one.email}" if one.is_email_regex else one.email


@entry.command("show")
@click.argument("identifier", metavar="ID")
@common
def show_command(common: Common, identifier: str) -> None:
    """Show one entry whole."""
    wanted = _read_id(identifier)

    async def work(ground: Ground) -> Entry:
        account = await ground.account(common.account_id)
        return await entries.get(ground.database.reader, account.no, wanted)

    _show(run(work), common)


@entry.command("edit")
@click.argument("identifier", metavar="ID")
@click.option("--name", metavar="N", help=f"Display name; at most {MAX_NAME} characters.")
@click.option("--email", metavar="E", help=_EMAIL_HELP)
@click.option("--regex/--literal", "is_email_regex", default=None, help="What the email is.")
@click.option("--comments", metavar="TEXT", help=f"A note; at most {MAX_COMMENTS} bytes.")
@click.option("--no-comments", is_flag=True, help="Remove the note.")
@common
def edit_command(common: Common, identifier: str, no_comments: bool, **given: Any) -> None:
    """Change the fields that are named. Entries that are synced from a directory are changed there."""
    wanted = _read_id(identifier)
    document = {name: value for name, value in given.items() if value is not None}
    if no_comments:
        if "comments" in document:
            raise click.UsageError("--comments and --no-comments exclude each other")
        document["comments"] = None
    if not document:
        raise click.UsageError("name at least one field to change")
    changes = read_changes(document)
    mine = deed()

    async def work(ground: Ground) -> Entry:
        account = await ground.account(common.account_id)
        return await ground.database.write(
            lambda session: entries.edit(session, account.no, wanted, lambda before: changed(before, changes), mine)
        )

    _show(run(work), common)


@entry.command("remove")
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@common
def remove_command(common: Common, identifiers: tuple[str, ...]) -> None:
    """Remove entries: all that are named, or, where one of them is not there, none."""
    wanted = list(dict.fromkeys(map(_read_id, identifiers)))
    mine = deed()

    async def work(ground: Ground) -> None:
        account = await ground.account(common.account_id)

        async def write(session: Session) -> None:
            for identifier in wanted:
                await entries.delete(session, account.no, identifier, mine)

        await ground.database.write(write)

    run(work)
    for identifier in wanted:
        if common.as_json:
            write_json({"id": identifier})
        else:
            note(f"entry {identifier} is removed")


def _read_id(text: str) -> str:
    identifier = text.lower()
    if not _UUID.fullmatch(identifier):
        raise EntryNotFound(f"{text!r} (an id looks like f174e90a-fafe-4643-bbbc-4a0ed4fc8415)")
    return identifier


def _show(one: Entry, common: Common) -> None:
    if common.as_json:
        write_json(to_wire(one))
    else:
        shown = to_wire(one)
        write_fields([("id", shown["id"]), *((name, value) for name, value in shown.items() if name != "id")])
