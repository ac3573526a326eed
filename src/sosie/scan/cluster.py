"""The same scan on a cluster: pieces are tasks of Dask, and each of its workers loads the registry once, from a file.

The file is a snapshot as `screening.snapshot_file` writes it; the scheduler hands it to every worker, to those too that
come later or again. The pieces name files, so the workers need the same files under the same names: on shared storage,
or by URLs that fsspec knows. A worker that dies takes nothing with it: its pieces are done by others.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from sosie.detection.index import Index
from sosie.scan.judging import Judged, Outcome, gave_up, judge_piece
from sosie.scan.pieces import Cut, Piece
from sosie.scan.scanning import JudgeAll
from sosie.scan.workers import ATTEMPTS
from sosie.screening.snapshot import Snapshot, fill, snapshot_with
from sosie.screening.snapshot_file import read

WAITING = 4  # pieces a thread of the cluster that are given out ahead: while one is sent, others are judged

_loading = Lock()


class NoCluster(OSError):
    """The cluster cannot be used, or no longer; the reason says why."""


def judge_on_cluster(address: str, snapshot_file: Path, authserv_ids: frozenset[str], *, as_json: bool) -> JudgeAll:
    """Judge on the cluster whose scheduler has this address, such as tcp://10.0.0.1:8786."""

    def judge_all(cuts: Iterator[Cut]) -> Generator[Judged, None, None]:
        client = _client(address)
        try:
            plugin = _dask().diagnostics.plugin.UploadFile(str(snapshot_file), load=False)
            client.register_plugin(plugin, name=snapshot_file.name)
            yield from _in_order(client, cuts, (snapshot_file.name, authserv_ids, as_json))
        finally:
            with suppress(OSError):
                client.unregister_worker_plugin(snapshot_file.name)
                client.run(forget, snapshot_file.name)
            client.close()

    return judge_all


def judge_there(piece: Piece, snapshot_name: str, authserv_ids: frozenset[str], *, as_json: bool) -> Outcome:
    """What a worker of the cluster does."""
    file = Path(_dask().get_worker().local_directory) / snapshot_name
    with _loading:  # several threads of one worker would each load it
        snapshot = _loaded(file, authserv_ids)
    return judge_piece(piece, snapshot, as_json=as_json)


def forget(snapshot_name: str, dask_worker: Any) -> None:
    """What each worker of the cluster does when the scan is over: names and addresses stay nowhere."""
    _loaded.cache_clear()
    (Path(dask_worker.local_directory) / snapshot_name).unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _loaded(file: Path, authserv_ids: frozenset[str]) -> Snapshot:
    kept = read(file)
    if kept is None:
        raise NoCluster(f"{file} is no snapshot of this version of sosie")
    index, unusable = Index(), list[str]()
    for _ in fill(index, kept.contents.identities, unusable):
        pass
    index.prepare()
    return snapshot_with(kept.contents, index, kept.history, authserv_ids, tuple(unusable))


def _dask() -> Any:
    """An optional part of the installation, imported where it is used."""
    try:
        return import_module("distributed")
    except ImportError:
        raise NoCluster("a cluster needs Dask: install sosie[cluster]") from None


def _client(address: str) -> Any:
    try:
        return _dask().Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"{address}: {error}") from None


def _in_order(client: Any, cuts: Iterator[Cut], asked: tuple[str, frozenset[str], bool]) -> Iterator[Judged]:
    name, authserv_ids, as_json = asked

    def given_out(cut: Cut) -> tuple[Cut, Any]:
        options = {"as_json": as_json, "pure": False, "retries": 1}
        return cut, client.submit(judge_there, cut.piece, name, authserv_ids, **options)

    ahead = max(2, WAITING * sum(client.nthreads().values()))
    waiting = deque(map(given_out, islice(cuts, ahead)))
    while waiting:
        cut, future = waiting.popleft()
        outcome = _outcome(future, cut, lambda cut=cut: given_out(cut)[1])
        waiting.extend(map(given_out, islice(cuts, 1)))
        yield Judged(cut, outcome)


def _outcome(future: Any, cut: Cut, again: Any) -> Outcome:
    """What came of a piece; one that ended several workers is given up."""
    for attempt in range(ATTEMPTS):
        try:
            outcome: Outcome = future.result()
        except CancelledError:
            raise NoCluster("the cluster went away in the middle; --resume goes on where it was") from None
        except _dask().KilledWorker:
            future = again() if attempt + 1 < ATTEMPTS else None
        else:
            return outcome
    return gave_up(cut.piece, "workers of the cluster died over this piece")
