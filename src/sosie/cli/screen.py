"""`sosie screen`: judge messages given as files, by the registry of the database or by one in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.cli.options import Common, authserv_option, common
from sosie.cli.output import note, visible, write_json
from sosie.detection.arrival import NO_ENVELOPE
from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import Verdict
from sosie.screening.corridor import NotAMessage, screen
from sosie.screening.snapshot import Snapshot
from sosie.screening.telling import to_document

MAX_READ = 1 << 20  # bytes of a message: its header section is at most 256 KiB, and no more of it is looked at

MAX_LESSON = 1 << 16  # bytes that are kept of a message until the end, where it is learnt from

Lesson = tuple[bytes, Verdict]

_FILE = click.Path(dir_okay=False, allow_dash=True)


class Judging(NamedTuple):
    """How letters are judged, how many octets of each are read for that, and how they came."""

    screen: Callable[[bytes, Snapshot, Envelope], Verdict] = screen
    most: int = MAX_READ
    envelope: Envelope = NO_ENVELOPE


@click.command("screen")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--registry", type=_FILE, metavar="FILE", help="The entries, instead of a database: CSV or JSON lines.")
@click.option("--history", type=_FILE, metavar="FILE", help="Who wrote before, as JSON lines; with --registry.")
@authserv_option
@click.option("--files-from", type=_FILE, metavar="FILE", help="Judge the files that FILE names, one a line.")
@click.option(
    "--verify", is_flag=True, help="Verify DKIM and DMARC here, where no trusted host has; needs the extra auth."
)
@click.option("--ip", default="", metavar="ADDRESS", help="From which host the messages came.")
@click.option("--mail-from", default="", metavar="ADDRESS", help="Their return path.")
@click.option("--resolver", metavar="ADDRESS", help="With --verify: whom to ask, ADDRESS or ADDRESS:PORT.")
@click.option("--learn", is_flag=True, help="Keep in the history who wrote, and of whom an alert was raised.")
@common
def screen_command(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    common: Common,
    files: tuple[str, ...],
    registry: str | None,
    history: str | None,
    authserv_ids: tuple[str, ...],
    files_from: str | None,
    verify: bool,
    ip: str,
    mail_from: str,
    resolver: str | None,
    learn: bool,
) -> int:
    """Judge messages, each in a FILE of its own (- is standard input).

    With --registry, no database is needed: a CSV with the header Display_Name,Email, or JSON lines as `sosie entry
    export` writes them; --history takes what `sosie history export` writes.

    Exit status: 0 nothing was flagged, 1 something was, 2 an error: a file cannot be read, or is no message; the
    others were judged.
    """
    if not files and files_from is None:
        raise click.UsageError("name the files to judge, or a file that names them: --files-from")
    if [*files, registry, history, files_from].count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    if registry is None and history is not None:
        raise click.UsageError("--history goes with --registry: the database has its own")
    if resolver is not None and not verify:
        raise click.UsageError("--resolver goes with --verify")
    if ip and not _is_address(ip):
        raise click.UsageError(f"--ip takes the address of a host, such as 192.0.2.7, not {ip!r}")
    if registry is not None and learn:
        raise click.UsageError("--learn keeps the history of a database: leave out --registry")
    snapshot = (
        _from_database(common, authserv_ids) if registry is None else _from_files(registry, history, authserv_ids)
    )
    judging = (_verifying(resolver) if verify else Judging())._replace(envelope=Envelope(mail_from, ip=ip))
    lessons: list[Lesson] | None = [] if learn else None
    worst = DONE
    for source in (*files, *_listed(files_from)):
        worst = max(worst, _screened(source, snapshot, judging, lessons, as_json=common.as_json))
    if lessons is not None:
        from sosie.cli.lessons import keep

        keep(common.account_id, lessons, snapshot.knowledge.trusted_authserv_ids)
    return worst


def _is_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _from_database(common: Common, authserv_ids: tuple[str, ...]) -> Snapshot:
    from sosie.cli.registry_snapshot import load_database_snapshot

    return load_database_snapshot(common, authserv_ids).snapshot


def _from_files(registry: str, history: str | None, authserv_ids: tuple[str, ...]) -> Snapshot:
    from sosie.cli.registry_snapshot import load_registry_snapshot

    return load_registry_snapshot(registry, history, authserv_ids).snapshot


def _verifying(resolver: str | None) -> Judging:
    from sosie.cli.verifying import MAX_READ, VerifyingScreen

    return Judging(VerifyingScreen(resolver or ""), MAX_READ)


def _listed(file: str | None) -> Iterator[str]:
    """The names in a file, one a line, whatever octets they are made of; blank lines are passed over."""
    if file is None:
        return
    from sosie.cli.document import read_document

    for line in read_document(file).split(b"\n"):
        if name := line.removesuffix(b"\r"):
            yield os.fsdecode(name)


def to_wire(source: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as --json prints it."""
    return {
        "source": os.fsencode(source).decode("utf-8", "replace"),  # a file's name may be any octets, JSON may not
        **to_document(verdict),
    }


def _screened(source: str, snapshot: Snapshot, judging: Judging, lessons: list[Lesson] | None, *, as_json: bool) -> int:
    """Judge one file and print the verdict; the exit status that it alone would give."""
    try:
        raw = _read(source, judging.most)
        verdict = judging.screen(raw, snapshot, judging.envelope)
        if lessons is not None:
            lessons.append((raw[:MAX_LESSON], verdict))
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
        for exemption in verdict.exemptions:
            print(visible(f"    {exemption.name}: {exemption.reason}"))
    return PARTLY if verdict.flagged else DONE


def _read(source: str, most: int) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(most)
    with Path(source).open("rb") as stream:
        return stream.read(most)
