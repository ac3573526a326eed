"""`sosie flagged`: list the messages that were recorded, show one, let it go, say that it was flagged in error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import click

from sosie.api.investigate import released, where_it_waits
from sosie.api.investigate_view import recipients_of, to_detections, to_message
from sosie.cli.database import Ground, deed, run
from sosie.cli.exit_status import DONE, PARTLY
from sosie.cli.flagged_letter import letter
from sosie.cli.named import Named
from sosie.cli.options import Common, common
from sosie.cli.output import Column, Table, note, write_json
from sosie.detection.actions import QUARANTINE
from sosie.detection.verdict import DISPOSITIONS, NONE
from sosie.registry.entry import Entry
from sosie.registry.errors import EntryNotFound
from sosie.registry.moments import now_us, to_rfc3339
from sosie.store import entries, record_words, records
from sosie.store.database import Session
from sosie.store.record_pages import RecordQuery, page
from sosie.store.records import RELEASE, Kept

MOST_SHOWN = 1000
DAY = 86_400_000_000  # microseconds


class Outcome(NamedTuple):
    """What became of one message that was named: a sentence, and whether what was asked for is done."""

    id: str
    text: str
    done: bool


@click.group("flagged")
def flagged() -> None:
    """The messages that were recorded: list, show, release, say that one was flagged in error."""


@flagged.command("list")
@click.option("--search", metavar="TEXT", default="", help="Beginnings of words in sender, recipients, subject.")
@click.option("--from", "sender", metavar="ADDRESS", default="", help="Only from this address or domain.")
@click.option("--to", "recipient", metavar="ADDRESS", default="", help="Only to this address or domain.")
@click.option("--disposition", type=Named("disposition", (*DISPOSITIONS, "MALICIOUS")), metavar="DISPOSITION",
              help="Only MALICIOUS-BEC (or MALICIOUS, as the header says), SPOOF, SUSPICIOUS or NONE.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 36_500), metavar="DAYS", help="Only of the last so many days.")
@click.option("--held", is_flag=True, help="Only what was put aside (action quarantine).")
@click.option("--all", "everything", is_flag=True, help="What was not flagged too, as far as it was recorded.")
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=50, show_default=True, help="How many messages.")
@common
def list_command(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    common: Common,
    search: str,
    sender: str,
    recipient: str,
    disposition: str | None,
    days: int | None,
    held: bool,
    everything: bool,
    limit: int,
) -> None:
    """List messages, the newest first."""
    needles: list[tuple[str, ...]] = [*record_words.of_query(search)]
    if search.strip() and not needles:
        raise click.BadParameter("there is no letter or digit in it", param_hint="--search")
    needles += [(record_words.of_sender(sender),)] if sender else []
    needles += [(record_words.of_recipient(recipient),)] if recipient else []
    query = RecordQuery(
        start=to_rfc3339(now_us() - days * DAY) if days else "",
        label=records.label_of(disposition or ""),
        flagged=not (everything or held),
        actions=(QUARANTINE,) if held else (),
        needles=tuple(needles),
        most=limit,
    )

    async def work(ground: Ground) -> tuple[list[Kept], bool]:
        account = await ground.account(common.account_id)
        found = await page(ground.database, account.no, query)
        return found.records, found.older is not None

    found, more = run(work)
    if common.as_json:
        for kept in found:
            write_json(to_message(kept))
        return
    table = Table(Column("ID"), Column("WHEN"), Column("DISPOSITION"), Column("ACTION", optional=True),
                  Column("FROM", gives_way=True), Column("TO", gives_way=True, optional=True),
                  Column("SUBJECT", gives_way=True, optional=True))  # fmt: skip
    table.write(map(_cells, found))
    note(f"{len(found)} message{'' if len(found) == 1 else 's'}{', and more (--limit)' if more else ''}")


@flagged.command("show")
@click.argument("identifier", metavar="ID")
@common
def show_command(common: Common, identifier: str) -> None:
    """Show one message: who is claimed, by which address, what was expected, and why."""

    async def work(ground: Ground) -> tuple[Kept | None, list[Entry]]:
        account = await ground.account(common.account_id)

        async def read(session: Session) -> tuple[Kept | None, list[Entry]]:
            kept = await records.read(session, account.no, identifier.lower())
            pairs = kept.record.verdict.pairs if kept is not None else ()
            return kept, await _entries(session, account.no, [entry_id for entry_id, _ in pairs])

        return await ground.database.scan(read)

    kept, claimed = run(work)
    if kept is None:
        raise click.ClickException(f"there is no message {identifier}")
    if common.as_json:
        write_json({**to_message(kept), "detections": to_detections(kept)})
        return
    for line in letter(kept, claimed):
        print(line)


@flagged.command("release")
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@common
def release_command(common: Common, identifiers: tuple[str, ...]) -> int:
    """Say how to let messages go that were put aside, and note that they are wanted.

    They wait in the queue of the mail server, where only its own tool reaches them. Exit status: 1 where one of them
    does not wait there.
    """
    mine = deed()

    async def release(session: Session, account_no: int, identifier: str) -> Outcome:
        kept = await records.read(session, account_no, identifier)
        held = kept is not None and kept.record.action == QUARANTINE
        if held:
            await records.note_release(session, account_no, identifier, mine)
        return Outcome(identifier, released(identifier, kept)[1], held)

    return _each(common, identifiers, release)


@flagged.command("false-positive", short_help="Say that messages were flagged in error.")
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@common
def false_positive_command(common: Common, identifiers: tuple[str, ...]) -> int:
    """Say that messages were flagged in error: they are no longer listed. Exit status: 1 where one is not there.

    What was found stays with them. So that the next one is not flagged, add the address to the entry, or allow it
    (`sosie entry edit`, `sosie allow add`).
    """
    mine = deed()

    async def reclassify(session: Session, account_no: int, identifier: str) -> Outcome:
        kept = await records.read(session, account_no, identifier)
        if kept is None:
            return Outcome(identifier, f"{identifier}: there is no message with this id", False)
        await records.reclassify(session, account_no, identifier, NONE, mine)
        text = f"{identifier}: it is no longer listed as flagged"
        if kept.record.action == QUARANTINE and not any(one.operation == RELEASE for one in kept.done):
            text += f"; {where_it_waits(kept.record)}"
        return Outcome(identifier, text, True)

    return _each(common, identifiers, reclassify)


def _each(common: Common, identifiers: Sequence[str], do: Callable[[Session, int, str], Awaitable[Outcome]]) -> int:
    """Do it to each message, in one write, and tell what became of it."""
    wanted = list(dict.fromkeys(identifier.lower() for identifier in identifiers))

    async def work(ground: Ground) -> list[Outcome]:
        account = await ground.account(common.account_id)

        async def write(session: Session) -> list[Outcome]:
            return [await do(session, account.no, identifier) for identifier in wanted]

        return await ground.database.write(write)

    outcomes = run(work)
    for one in outcomes:
        if common.as_json:
            write_json({"done": one.done, "id": one.id, "message": one.text})
        else:
            note(one.text)
    return DONE if all(one.done for one in outcomes) else PARTLY


async def _entries(session: Session, account_no: int, identifiers: Sequence[str]) -> list[Entry]:
    """Those of the entries that are still there."""
    found = []
    for identifier in dict.fromkeys(identifiers):
        with suppress(EntryNotFound):
            found.append(await entries.get(session, account_no, identifier))
    return found


def _cells(kept: Kept) -> tuple[str, ...]:
    record = kept.record
    sender = f"{record.author.name} <{record.author.address}>" if record.author.name else record.author.address
    recipients = recipients_of(record)
    more = f" +{len(recipients) - 1}" if len(recipients) > 1 else ""
    to = f"{recipients[0]}{more}" if recipients else ""
    return record.id, f"{record.at[:19]}Z", kept.disposition, record.action, sender, to, record.subject
