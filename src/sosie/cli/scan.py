"""`sosie scan`: judge whole mailboxes and archives, on every core or on a cluster."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.cli.options import Common, authserv_option, common
from sosie.cli.registry_snapshot import Loaded, load_database_snapshot, load_registry_snapshot
from sosie.cli.scan_report import Report
from sosie.scan.judging import NOTHING, Judged, Tally, judge_piece
from sosie.scan.pieces import Place, Source
from sosie.scan.progress import Progress
from sosie.scan.scanning import JudgeAll, cuts_of, judge_here
from sosie.scan.sources import IMAP, IMAP_JOBS, UnusableAddress, scheme_of, source_of

_FILE = click.Path(dir_okay=False)


class Asked(NamedTuple):
    """What a scan is asked to do. `which` tells it from other scans: what it reads, and by what it judges."""

    jobs: int
    cluster: str | None
    progress: bool | None
    as_json: bool
    which: tuple[str, ...]


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--registry", type=_FILE, metavar="FILE", help="The entries, instead of a database: CSV or JSON lines.")
@click.option("--history", type=_FILE, metavar="FILE", help="Who wrote before, as JSON lines; with --registry.")
@authserv_option
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes; as many as there are cores.")
@click.option("--resume", type=_FILE, metavar="FILE", help="Keep in FILE how far the scan is; go on from there.")
@click.option("--progress/--no-progress", default=None, help="Rate and time left on standard error, if a terminal.")
@click.option("--password-file", type=_FILE, metavar="FILE", help="For IMAP; else SOSIE_IMAP_PASSWORD.")
@click.option("--cluster", metavar="ADDRESS", help="Judge on a Dask cluster, such as tcp://10.0.0.1:8786.")
@common
def scan_command(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    common: Common,
    paths: tuple[str, ...],
    registry: str | None,
    history: str | None,
    authserv_ids: tuple[str, ...],
    jobs: int | None,
    resume: str | None,
    progress: bool | None,
    password_file: str | None,
    cluster: str | None,
) -> int:
    """Judge all messages in folders of .eml files, Maildirs, mbox files, IMAP accounts and object storage.

    A PATH is a folder, a file, imaps://USER@HOST/FOLDER, or any URL that fsspec reads (s3://BUCKET/PREFIX). Nothing in
    them is changed. Prints the flagged messages and a summary; with --json a line for every message.

    Exit status: 0 nothing was flagged, 1 something was, 2 an error: something cannot be read, or is no message; the
    others were judged.
    """
    if registry is None and history is not None:
        raise click.UsageError("--history goes with --registry: the database has its own")
    if cluster is not None and any(scheme_of(path) in IMAP for path in paths):
        raise click.UsageError("mail on an IMAP server is read here, and not on a cluster")
    named = _sources(paths, password_file)
    gc.disable()  # what is loaded stays, so looking for what is no longer needed finds nothing
    loaded = (
        load_database_snapshot(common, authserv_ids)
        if registry is None
        else load_registry_snapshot(registry, history, authserv_ids)
    )
    gc.freeze()
    gc.enable()
    form = "lines" if common.as_json else "text"
    which = (*paths, registry or f"account {common.account_id}", history or "", *sorted(authserv_ids), form)
    asked = Asked(jobs or _usual_jobs(paths), cluster, progress, common.as_json, which)
    return _scan(named, loaded, asked) if resume is None else _scan_on(named, loaded, asked, resume)


def _usual_jobs(paths: tuple[str, ...]) -> int:
    cores = len(os.sched_getaffinity(0))
    return min(cores, IMAP_JOBS) if any(scheme_of(path) in IMAP for path in paths) else cores


def _sources(paths: tuple[str, ...], password_file: str | None) -> list[tuple[str, Source]]:
    password = os.environb.get(b"SOSIE_IMAP_PASSWORD", b"")
    if password_file is not None:
        password = Path(password_file).read_bytes().strip(b"\r\n")
    try:
        return [(path, source_of(path, password.decode())) for path in paths]
    except UnicodeDecodeError:
        raise click.UsageError("the password for IMAP is not in UTF-8") from None
    except UnusableAddress as error:
        raise click.UsageError(str(error)) from None


def _scan(named: list[tuple[str, Source]], loaded: Loaded, asked: Asked) -> int:
    report = Report(_progress(named, asked), as_json=asked.as_json)
    tally = NOTHING
    for cut, outcome in _judged(named, loaded, asked, report, None):
        tally += outcome.tally
        report.add(cut.piece.weight, outcome)
    return _ended(report, tally, loaded)


def _scan_on(named: list[tuple[str, Source]], loaded: Loaded, asked: Asked, resume: str) -> int:
    """The same with a file that knows how far it is."""
    from sosie.scan.resuming import CannotGoOn, State, StateFile, cut_back, told_to

    output = sys.stdout.buffer
    state_file = StateFile(resume, asked.which)
    try:
        state = state_file.read()
        cut_back(output.fileno(), state.told)
    except CannotGoOn as error:
        raise click.ClickException(str(error)) from None
    report = Report(_progress(named, asked, state.weight), as_json=asked.as_json)
    tally, weight = state.tally, state.weight
    for cut, outcome in _judged(named, loaded, asked, report, state.place):
        tally += outcome.tally
        weight += cut.piece.weight
        report.add(cut.piece.weight, outcome)
        sys.stdout.flush()
        state_file.write(State(cut.place, told_to(output.fileno()), tally, weight))
    status = _ended(report, tally, loaded)
    sys.stdout.flush()
    state_file.remove()
    return status


def _ended(report: Report, tally: Tally, loaded: Loaded) -> int:
    report.end(tally, loaded.names)
    return FAILED if tally.faults else PARTLY if tally.flagged else DONE


def _judged(
    named: list[tuple[str, Source]], loaded: Loaded, asked: Asked, report: Report, after: Place | None
) -> Iterator[Judged]:
    with _judge_all(loaded, asked) as judge_all, closing(judge_all(cuts_of(named, after, report.tell))) as results:
        yield from results


def _progress(named: list[tuple[str, Source]], asked: Asked, before: int = 0) -> Progress | None:
    if not (sys.stderr.isatty() if asked.progress is None else asked.progress):
        return None
    weights = [source.weigh() for _, source in named]
    return Progress(sys.stderr, None if None in weights else sum(filter(None, weights)), before)


@contextmanager
def _judge_all(loaded: Loaded, asked: Asked) -> Iterator[JudgeAll]:
    if asked.cluster is None:
        yield judge_here(partial(judge_piece, snapshot=loaded.snapshot, as_json=asked.as_json), asked.jobs)
        return
    import tempfile

    from sosie.scan.cluster import judge_on_cluster
    from sosie.screening.snapshot_file import write

    with tempfile.TemporaryDirectory(prefix="sosie-scan-") as folder:
        file = Path(folder) / f"{os.path.basename(folder)}.snapshot"  # noqa: PTH119 - workers keep it by its name
        for _ in write(file, loaded.contents, loaded.history):
            pass
        believed = loaded.snapshot.knowledge.trusted_authserv_ids
        yield judge_on_cluster(asked.cluster, file, believed, as_json=asked.as_json)
