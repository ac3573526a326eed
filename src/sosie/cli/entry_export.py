"""`sosie entry export`: all entries of an account, as of one moment."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import BinaryIO, NamedTuple

import click

from sosie.cli.database import Ground, run
from sosie.cli.entry_files import CSV_HEADER, FORMATS, FORMULA, SUFFIXES, lost_in_csv, to_csv, to_json_line
from sosie.cli.options import Common, common
from sosie.cli.output import note, write_json
from sosie.registry.entry import Entry
from sosie.store import entries
from sosie.store.database import Session

BATCH = 2000  # entries that are in memory at once


@click.command("export")
@click.argument("file", metavar="[FILE]", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="Else what the name of FILE says; jsonl for standard output.")  # fmt: skip
@click.option("--lossy", is_flag=True, help="Write CSV even where it has no place for something.")
@common
def export_command(common: Common, file: str, form: str | None, lossy: bool) -> None:
    """Write all entries, in order of creation, to FILE or standard output, as of one moment.

    \b
    .csv             Display_Name,Email; refused where entries have more to keep, unless --lossy
    .jsonl, .ndjson  one entry a line, with every field of the API

    A name that begins with =, +, - or @ is written to CSV as it is; a spreadsheet may take it for a formula. FILE is
    replaced only when all of it is written.
    """
    form = form or SUFFIXES.get(Path(file).suffix.lower()) or ("jsonl" if file == "-" else None)
    if form is None:
        raise click.UsageError("say what the file is to be: --format csv or --format jsonl")
    if common.as_json and file == "-" and form == "csv":
        raise click.UsageError("--json and CSV on standard output exclude each other")
    exported = _export(common, file, form, lossy=lossy)
    if common.as_json and file != "-":
        write_json({"exported": exported.written, "file": file, "format": form})
    note(f"{_entries(exported.written)} exported")
    if exported.loss.entries:
        note(f"without {exported.loss.fields_named()}")
    if exported.formulas:
        note(f"{_entries(exported.formulas)} with =, +, - or @ in front: a spreadsheet may take them for formulas")


class Loss:
    """What CSV has no place for: how many entries would lose something, and which fields."""

    def __init__(self) -> None:
        self.entries = 0
        self._fields: Counter[str] = Counter()

    def count(self, batch: list[Entry]) -> None:
        """Look at these entries too."""
        for one in batch:
            lost = lost_in_csv(one)
            self.entries += bool(lost)
            self._fields.update(lost)

    def fields_named(self) -> str:
        """Such as `comments of 3 entries, is_email_regex of 1 entry`."""
        return ", ".join(f"{name} of {_entries(count)}" for name, count in sorted(self._fields.items()))


class Exported(NamedTuple):
    """What was written; `formulas` entries look like formulas to a spreadsheet."""

    written: int
    formulas: int
    loss: Loss


def _export(common: Common, file: str, form: str, *, lossy: bool) -> Exported:
    interrupted = Event()

    async def work(ground: Ground) -> Exported:
        account = await ground.account(common.account_id)

        async def read(session: Session) -> Exported | OSError:
            loss = Loss()
            if form == "csv":
                await _each_batch(session, account.no, loss.count, interrupted)
            if loss.entries and not lossy:
                raise click.ClickException(
                    f"CSV has no place for everything: {_entries(loss.entries)} would lose something "
                    f"({loss.fields_named()}). --format jsonl keeps it, --lossy leaves it out"
                )
            try:
                with _target(file) as stream:
                    count, formulas = await _write(session, account.no, (stream, form), interrupted)
            except OSError as error:
                return error  # raised in here, it would be taken for the database's
            return Exported(count, formulas, loss)

        try:
            outcome = await ground.database.scan(read)
        except BaseException:
            interrupted.set()
            raise
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    return run(work)


async def _write(
    session: Session, account_no: int, target: tuple[BinaryIO, str], interrupted: Event
) -> tuple[int, int]:
    """How many entries were written, and how many of them look like formulas."""
    stream, form = target
    count = formulas = 0
    if form == "csv":
        stream.write(CSV_HEADER)

    def take(batch: list[Entry]) -> None:
        nonlocal count, formulas
        count += len(batch)
        stream.write(b"".join(map(to_csv if form == "csv" else to_json_line, batch)))
        if form == "csv":
            formulas += sum(one.name.startswith(FORMULA) or one.email.startswith(FORMULA) for one in batch)

    await _each_batch(session, account_no, take, interrupted)
    return count, formulas


async def _each_batch(
    session: Session, account_no: int, take: Callable[[list[Entry]], None], interrupted: Event
) -> None:
    after = 0
    while not interrupted.is_set():
        batch, after = await entries.read_after(session, account_no, after, BATCH)
        if not batch:
            return
        take(batch)
    raise KeyboardInterrupt  # in the database's thread, where nothing is waited for any more


@contextmanager
def _target(file: str) -> Iterator[BinaryIO]:
    """What to write to: a file gets its name only when all is written, so that a backup is never half of one."""
    path = Path(file)
    if file == "-":
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():
        with path.open("wb") as stream:  # a device, a pipe
            yield stream
    else:
        whole = path.resolve()
        part = whole.with_name(f".{whole.name}.{os.getpid()}")
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(whole)
        finally:
            part.unlink(missing_ok=True)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
