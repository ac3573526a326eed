"""`sosie history`: learn from messages, list, export, import, prune, forget."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path

import click

from sosie.cli.database import Ground, deed, pause, run
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.cli.history_file import Line, read_lines, to_document, to_json_line
from sosie.cli.options import Common, authserv_option, common
from sosie.cli.output import Column, Table, note, write_json
from sosie.detection.history import Acquaintance, gathered
from sosie.registry.moments import now_us, to_rfc3339_seconds
from sosie.store import history as store
from sosie.store.accounts import Account
from sosie.store.database import Session

MAX_READ = 1 << 20  # bytes of a message: its header section is at most 256 KiB, and no more of it is looked at
MAX_BYTES = 128 << 20  # of a file
MAX_LINES = 250_000  # of a file: more than an account keeps; an embedded database makes other writers wait four seconds
BATCH = 2000  # pairs that are in memory at once
MOST_DAYS = 36_500


@click.group("history")
def history() -> None:
    """What is known of who wrote as whom, and to whom we wrote."""


@history.command("learn")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@authserv_option
@click.option("--sent", is_flag=True, help="The messages are ours: learn whom they were written to.")
@common
def learn_command(common: Common, files: tuple[str, ...], authserv_ids: tuple[str, ...], sent: bool) -> int:
    """Learn from messages, each in a FILE of its own (- is standard input), in one write.

    Only mail that a trusted host has authenticated makes an acquaintance. A message that is learnt from twice counts
    twice. Exit status: 1 where a file cannot be read; the others were learnt from.
    """
    if not authserv_ids and not sent:
        raise click.UsageError("say whose Authentication-Results are believed: --authserv-id (or --sent, for ours)")
    seen: list[Acquaintance] = []
    unreadable = 0
    for source in files:
        try:
            seen += _learnt(_read(source, MAX_READ), authserv_ids, sent=sent)
        except OSError as error:
            note(f"sosie: {source}: {error.strerror or error}")
            unreadable += 1
    pairs = gathered(seen)
    account, _ = _write(common, "history.learn", lambda session, account: store.note(session, account.no, pairs))
    authenticated = sum(one.authenticated for one in seen)
    read = len(files) - unreadable
    if common.as_json:
        counts = {"authenticated": authenticated, "messages": read, "pairs": len(pairs), "unreadable": unreadable}
        write_json({"account_id": account.id, **counts})
    what = "of ours" if sent else f"({authenticated} authenticated)"
    note(f"{_counted(read, 'message')} {what} taught {_counted(len(pairs), 'pair')} of name and address")
    return PARTLY if unreadable else DONE


@history.command("list")
@click.argument("wanted", metavar="[NAME|ADDRESS]", required=False)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many pairs.")
@common
def list_command(common: Common, wanted: str | None, limit: int) -> None:
    """List pairs of name and address: those of a NAME or an ADDRESS, or those seen last."""

    async def work(ground: Ground) -> tuple[list[Acquaintance], int]:
        account = await ground.account(common.account_id)

        async def read(session: Session) -> tuple[list[Acquaintance], int]:
            if wanted:
                found = await store.find(session, account.no, wanted, limit)
            else:
                found = await store.latest(session, account.no, limit)
            return found, await store.size(session, account.no)

        return await ground.database.scan(read)

    found, total = run(work)
    if common.as_json:
        for one in found:
            write_json(to_document(one))
        return
    table = Table(Column("NAME", gives_way=True), Column("ADDRESS", gives_way=True), Column("MESSAGES"),
                  Column("AUTHENTICATED"), Column("SENT"), Column("FIRST SEEN", optional=True),
                  Column("LAST SEEN", optional=True))  # fmt: skip
    table.write(_cells(one) for one in found)
    note(f"{len(found)} of {_counted(total, 'pair')} of name and address")


@history.command("export")
@common
def export_command(common: Common) -> None:
    """Write all pairs to standard output as JSON lines, as of one moment, in the order of addresses."""

    async def work(ground: Ground) -> int:
        account = await ground.account(common.account_id)

        async def read(session: Session) -> list[bytes]:
            lines: list[bytes] = []
            after = ("", "")
            while True:
                some, after = await store.read_after(session, account.no, after, BATCH)
                lines.append(b"".join(map(to_json_line, some)))
                if len(some) < BATCH:
                    return lines

        lines = await ground.database.scan(read)
        for some in lines:
            sys.stdout.buffer.write(some)
            await pause()
        return sum(some.count(b"\n") for some in lines)

    note(f"{_counted(run(work), 'pair')} of name and address exported")


@history.command("import")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--keep-going", is_flag=True, help="Take the good lines, list the bad ones, end with status 1.")
@common
def import_command(common: Common, file: str, keep_going: bool) -> int:
    """Add what FILE (JSON lines; - for standard input) says to what is known, in one write, or nothing.

    \b
    {"name": "Jane Roe", "address": "jane@example.com", "messages": 12, "authenticated": true,
     "first_seen": "2025-04-10T18:27:34Z", "last_seen": 1782883200, "sent": 3}

    Counts are added: a file that is imported twice counts twice. At most 250,000 lines and 128 MiB a file.
    """
    good, bad = _read_pairs(file)
    if bad and not keep_going:
        if common.as_json:
            write_json(_imported(None, 0, bad))
        rows = f"{_counted(len(bad), 'line')} of {len(good) + len(bad)}"
        note(f"sosie: {rows} cannot be taken, so none was taken (--keep-going takes the others)")
        return FAILED
    account, taken = _write(common, "history.import", lambda session, account: store.note(session, account.no, good))
    if common.as_json:
        write_json(_imported(account, taken, bad))
    refused = f", {_counted(len(bad), 'line')} refused" if bad else ""
    note(f"{_counted(taken, 'pair')} of name and address added{refused}")
    return PARTLY if bad else DONE


@history.command("prune")
@click.option("--older-than", "days", required=True, type=click.IntRange(1, MOST_DAYS), metavar="DAYS",
              help="Days since the pair was seen last.")  # fmt: skip
@common
def prune_command(common: Common, days: int) -> None:
    """Remove pairs that were not seen, and alerts that were not raised, for so many days."""
    before = to_rfc3339_seconds(now_us() // 1_000_000 - days * 86_400)
    _, gone = _write(common, "history.prune", lambda session, account: store.prune(session, account.no, before))
    _tell_removed(common, gone)


@history.command("forget")
@click.argument("wanted", metavar="NAME|ADDRESS")
@common
def forget_command(common: Common, wanted: str) -> int:
    """Remove all pairs of a NAME, or of an ADDRESS. Exit status: 1 where there is none.

    The audit keeps that it was done and how many pairs it were, not which.
    """
    _, gone = _write(common, "history.forget", lambda session, account: store.forget(session, account.no, wanted))
    _tell_removed(common, gone)
    return DONE if gone else PARTLY


def _learnt(raw: bytes, authserv_ids: tuple[str, ...], *, sent: bool) -> tuple[Acquaintance, ...]:
    from sosie.mail.message import Message
    from sosie.screening.learning import learn_received, learn_sent, received_on

    message = Message.from_bytes(raw)
    moment = min(received_on(message), to_rfc3339_seconds(now_us() // 1_000_000))  # nobody has written tomorrow
    return learn_sent(message, moment) if sent else learn_received(message, authserv_ids, moment)


def _read_pairs(file: str) -> tuple[list[Acquaintance], list[Line]]:
    """What the good lines say, and the bad ones, which are listed on standard error."""
    document = _read(file, MAX_BYTES + 1)
    if len(document) > MAX_BYTES:
        raise click.ClickException(f"{file}: a file may be at most {MAX_BYTES >> 20} MiB long")
    lines = list(islice(read_lines(document), MAX_LINES + 1))
    if len(lines) > MAX_LINES:
        raise click.ClickException(f"{file}: a file may hold at most {MAX_LINES:,} pairs of name and address")
    bad = [line for line in lines if line.acquaintance is None]
    source = "standard input" if file == "-" else file
    for line in bad:
        note(f"{source}:{line.number}: {line.fault}")
    return [line.acquaintance for line in lines if line.acquaintance is not None], bad


def _write(common: Common, action: str, change: Callable[[Session, Account], Awaitable[int]]) -> tuple[Account, int]:
    """Do what a person asks for, in one write that leaves a record in the audit; how many pairs were concerned."""
    mine = deed()

    async def work(ground: Ground) -> tuple[Account, int]:
        account = await ground.account(common.account_id)

        async def write(session: Session) -> int:
            pairs = await change(session, account)
            await store.record(session, account.no, action, pairs, mine)
            return pairs

        return account, await ground.database.write(write)

    return run(work)


def _read(source: str, most: int) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(most)
    with Path(source).open("rb") as stream:
        return stream.read(most)


def _cells(one: Acquaintance) -> tuple[str, ...]:
    counts = (str(one.messages), str(one.authenticated), str(one.sent))
    return (one.name or "-", one.address, *counts, one.first_seen[:10] or "-", one.last_seen[:10] or "-")


def _tell_removed(common: Common, gone: int) -> None:
    if common.as_json:
        write_json({"removed": gone})
    note(f"{_counted(gone, 'pair')} of name and address removed")


def _imported(account: Account | None, taken: int, bad: list[Line]) -> dict[str, object]:
    refused = [{"fault": line.fault, "line": line.number} for line in bad]
    return {"account_id": account.id if account else None, "added": taken, "refused": refused}


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
