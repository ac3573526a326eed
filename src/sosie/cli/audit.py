"""`sosie audit`: who did what, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click
import orjson

from sosie.cli.database import Ground, pause, run
from sosie.cli.options import Common, common
from sosie.cli.output import columns_of, cut, visible, write_json
from sosie.store import audit
from sosie.store.audit import Record

BATCH = 1000
SHOWN = 40  # columns of a value
WIDTH = 96  # columns of a line of changes, after its indent
UNTOLD = ("id", "created_at", "modified_at", "modified_on", "issued_on")  # what the record's own columns say


@click.command("audit")
@click.option("--server", is_flag=True, help="What concerns the whole server instead of an account.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many records.")
@common
def audit_command(common: Common, server: bool, limit: int) -> None:
    """Show who did what, newest first: when, as which revision, on what, from what to what."""
    source = click.get_current_context().get_parameter_source("account_id")
    if server and source is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--account and --server exclude each other")

    async def work(ground: Ground) -> None:
        account_no = None if server else (await ground.account(common.account_id)).no
        before, left = 2**62, limit
        while left:
            records = await audit.read(ground.database.reader, account_no, before=before, most=min(left, BATCH))
            for record in records:
                _write(record, as_json=common.as_json)
            if len(records) < min(left, BATCH):
                return
            before, left = records[-1].no, left - len(records)
            await pause()

    run(work)


def _write(record: Record, *, as_json: bool) -> None:
    if as_json:
        document = record._asdict()
        del document["no"]
        write_json(dict(sorted(document.items())))
        return
    request = f"  request {record.request_id}" if record.request_id else ""
    print(visible(f"{record.at}  r{record.revision}  {record.actor}  {record.action}  {record.subject}{request}"))
    for line in _folded(_changes(record.before, record.after)):
        print(f"    {line}")


def _changes(before: Any, after: Any) -> Iterator[str]:
    """What was, what is, or how each changed field changed."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            if name not in UNTOLD and before.get(name) != after.get(name):
                yield f"{name}: {_shown(before.get(name))} -> {_shown(after.get(name))}"
        return
    document = before if after is None else after
    if isinstance(document, dict):
        for name, value in document.items():
            if name not in UNTOLD and value is not None:
                yield f"{name}: {_shown(value)}"


def _folded(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, separated by commas, in lines of at most WIDTH columns where they fit."""
    line = ""
    for piece in pieces:
        if line and columns_of(line) + columns_of(piece) + 3 > WIDTH:
            yield f"{line},"
            line = piece
        else:
            line = f"{line}, {piece}" if line else piece
    if line:
        yield line


def _shown(value: Any) -> str:
    return cut(visible(orjson.dumps(value).decode()), SHOWN)
