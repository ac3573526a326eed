"""`sosie entry import`: a file of entries, taken whole in one write, or not at all."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

import click

from sosie.cli.database import Ground, deed, run
from sosie.cli.document import read_document
from sosie.cli.entry_files import FORMATS, SUFFIXES, Line, UnusableFile, read_lines
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.cli.options import Common, common
from sosie.cli.output import note, write_json
from sosie.cli.registry_file import limited
from sosie.registry.entry import EntryFields
from sosie.store import entries
from sosie.store.accounts import Account
from sosie.store.database import Database

STEP = 1000  # lines between two movements of the bar


class _Interrupted(Exception):
    """Ends the write, wherever the database runs it."""


class Imported(NamedTuple):
    """What came of a file."""

    account: Account
    created: int
    seconds: float


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--format", "form", type=click.Choice(FORMATS), help="What FILE is, where its name does not say it.")
@click.option("--keep-going", is_flag=True, help="Take the good rows, list the bad ones, end with status 1.")
@common
def import_command(common: Common, file: str, form: str | None, keep_going: bool) -> int:
    """Add all entries of FILE (- for standard input) in one write: all of them, or, where one row is bad, none.

    \b
    .csv             the header Display_Name,Email and exactly these two columns; UTF-8
    .jsonl, .ndjson  one entry a line, with the API's field names; id and times are ignored

    Several addresses in one CSV cell are separated by commas, within quotes. Entries that are there already are added
    again. At most 1,000,000 entries and 512 MiB a file. An embedded database makes other writers wait meanwhile: some
    four seconds for 100,000 entries, and past 30 seconds they are refused.
    """
    form = form or SUFFIXES.get(Path(file).suffix.lower())
    if form is None:
        raise click.UsageError("say what the file is: --format csv or --format jsonl")
    good, bad = _read(file, form)
    if bad and not keep_going:
        if common.as_json:
            write_json(_to_wire(None, bad))
        rows = f"{_rows(len(bad))} of {len(good) + len(bad)}"
        note(f"sosie: {rows} cannot be taken, so none was taken (--keep-going takes the others)")
        return FAILED
    imported = _write(good, common)
    if common.as_json:
        write_json(_to_wire(imported, bad))
    refused = f", {_rows(len(bad))} refused" if bad else ""
    note(f"{imported.created} entries added to account {imported.account.id} in {imported.seconds:.1f} s{refused}")
    return PARTLY if bad else DONE


def _read(file: str, form: str) -> tuple[list[EntryFields], list[Line]]:
    """The good rows and the bad ones, which are listed on standard error."""
    document = read_document(file)
    source = "standard input" if file == "-" else file
    good: list[EntryFields] = []
    bad: list[Line] = []
    try:
        lines = document.count(b"\n") + 1
        with _bar("Reading", lines) as forward:
            for count, line in enumerate(limited(read_lines(document, form)), 1):
                if line.fields is None:
                    bad.append(line)
                else:
                    good.append(line.fields)
                if count % STEP == 0:
                    forward(STEP)
            forward(lines)
    except UnusableFile as error:
        raise click.ClickException(f"{source}:{error.line}: {error}") from None
    for line in bad:
        for fault in line.faults:
            note(f"{source}:{line.number}: {fault.message}")
    return good, bad


def _write(good: list[EntryFields], common: Common) -> Imported:
    began = time.monotonic()

    async def work(ground: Ground) -> Account:
        account = await ground.account(common.account_id)
        if good:
            with _bar("Writing", len(good)) as forward:
                await _write_all(ground.database, account, good, forward)
        return account

    account = run(work)
    return Imported(account, len(good), time.monotonic() - began)


async def _write_all(
    database: Database, account: Account, good: list[EntryFields], forward: Callable[[int], None]
) -> None:
    """One write. Interrupted, it is rolled back at its next step; where it has no more steps, it is done after all.

    It is never cancelled in the middle of a step, after which asyncpg would wait for an answer for ever.
    """
    interrupted = Event()
    mine = deed()

    def progress(count: int) -> None:
        if interrupted.is_set():
            raise _Interrupted
        forward(count)

    writing = asyncio.ensure_future(
        database.write(lambda session: entries.create_many(session, account.no, good, mine, progress))
    )
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        interrupted.set()
        try:
            await writing
        except _Interrupted:
            raise asyncio.CancelledError from None


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, where that is a terminal; what moves it forward."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update


def _to_wire(imported: Imported | None, bad: Iterable[Line]) -> dict[str, object]:
    return {
        "account_id": imported.account.id if imported else None,
        "created": imported.created if imported else 0,
        "refused": [{"faults": [fault.message for fault in line.faults], "line": line.number} for line in bad],
    }


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
