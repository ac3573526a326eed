"""`sosie screen`: judge messages given as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sosie.cli.database import Ground, run
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.cli.options import Common, common
from sosie.cli.output import note, visible, write_json
from sosie.detection.verdict import Verdict
from sosie.screening.corridor import NotAMessage, screen
from sosie.screening.snapshot import Snapshot, load_snapshot

MAX_READ = 1 << 20  # bytes of a message: its header section is at most 256 KiB, and no more of it is looked at


@click.command("screen")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@common
def screen_command(common: Common, files: tuple[str, ...]) -> int:
    """Judge messages, each in a FILE of its own (- is standard input).

    Exit status: 0 nothing was flagged, 1 something was, 2 an error: a file cannot be read, or is no message.
    """

    async def work(ground: Ground) -> Snapshot:
        return await load_snapshot(ground.database, (await ground.account(common.account_id)).no)

    snapshot = run(work)
    if snapshot.unusable:
        note(
            f"sosie: {len(snapshot.unusable)} entries break today's rules and protect nobody: {snapshot.unusable[0]} …"
        )
    return max(_screened(source, snapshot, as_json=common.as_json) for source in files)


def to_wire(source: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as --json prints it."""
    return {
        "source": source,
        "message_id": verdict.message_id,
        "disposition": verdict.disposition,
        "score": verdict.score,
        "findings": [finding._asdict() for finding in verdict.findings],
    }


def _screened(source: str, snapshot: Snapshot, *, as_json: bool) -> int:
    """Judge one file and print the verdict; the exit status that it alone would give."""
    try:
        raw = _read(source)
        verdict = screen(raw, snapshot)
    except OSError as error:
        note(f"sosie: {source}: {error.strerror or error}")
        return FAILED
    except NotAMessage as error:
        note(f"sosie: {source}: {error}")
        return FAILED
    if as_json:
        write_json(to_wire(source, verdict))
    else:
        print(visible(f"{source}: {verdict.disposition}"))
        for finding in verdict.findings:
            print(visible(f"    {finding.reason}"))
            print(visible(f"    {finding.detail}"))
    return PARTLY if verdict.flagged else DONE


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(MAX_READ)
    with Path(source).open("rb") as stream:
        return stream.read(MAX_READ)
