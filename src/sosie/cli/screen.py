"""`sosie screen`: judge messages given as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sosie.detection.verdict import Verdict
from sosie.screening.corridor import screen
from sosie.screening.snapshot import Snapshot, load_snapshot

MAX_READ = 1 << 20  # bytes of a message: its header section is at most 256 KiB, and no more of it is looked at


def to_wire(source: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as --json prints it."""
    return {
        "source": source,
        "message_id": verdict.message_id,
        "disposition": verdict.disposition,
        "score": verdict.score,
        "findings": [finding._asdict() for finding in verdict.findings],
    }


def screen_files(files: tuple[str, ...], snapshot: Snapshot, *, as_json: bool) -> int:
    """Judge each file and print the verdict; the exit status: 0 nothing flagged, 1 flagged, 2 a file not readable."""
    import orjson

    status = 0
    for source in files:
        try:
            raw = _read(source)
        except OSError as error:
            click.echo(f"sosie: cannot read {source}: {error.strerror or error}", err=True)
            status = 2
            continue
        verdict = screen(raw, snapshot)
        if verdict.flagged and status == 0:
            status = 1
        if as_json:
            click.echo(orjson.dumps(to_wire(source, verdict)))
        else:
            _print(source, verdict)
    return status


def _print(source: str, verdict: Verdict) -> None:
    click.echo(f"{source}: {verdict.disposition}")
    for finding in verdict.findings:
        click.echo(f"  {_shown(finding.reason)}")
        click.echo(f"  {_shown(finding.detail)}")


def _shown(text: str) -> str:
    """The text without what could steer a terminal: it comes from a stranger's message."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(MAX_READ)
    with Path(source).open("rb") as stream:
        return stream.read(MAX_READ)
