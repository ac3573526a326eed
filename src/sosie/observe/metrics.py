"""Metrics in Prometheus' form. With several workers each keeps its numbers in a file; whoever is asked adds them up."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

from sosie import __version__
from sosie.observe.observations import (
    MessageScreened,
    Observation,
    RequestAnswered,
    RequestFailed,
    StoreUnreachable,
    WorkerLost,
)
from sosie.observe.screening_metrics import Messages, ScreeningMetrics, SharedMessages

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_REQUESTS, _REQUESTS_LABELS = ("sosie_requests_total", "Requests answered."), ["method", "route", "status"]
_SECONDS, _SECONDS_LABELS = ("sosie_request_seconds", "Time to answer a request."), ["route"]


def share_between_workers(folder: Path) -> None:
    """Keep the numbers in files in `folder`, emptied. Call before any Metrics is made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


class _Requests:
    """Requests and their times in plain numbers, handed over when somebody asks: to count with the library's own takes
    a tenth of what the smallest request does in all."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._times: dict[tuple[str, str, int], _Times] = {}
        registry.register(self)

    def count(self, request: RequestAnswered) -> None:
        """One more."""
        key = (request.method, request.route, request.status)
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = _Times([0] * (len(_BUCKETS) + 1))
        times.buckets[bisect_left(_BUCKETS, request.seconds)] += 1
        times.seconds += request.seconds

    def collect(self) -> Iterator[Metric]:
        """As the library asks for it."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily  # noqa: PLC0415

        requests = CounterMetricFamily(*_REQUESTS, labels=_REQUESTS_LABELS)
        by_route: dict[str, _Times] = {}
        for (method, route, status), times in sorted(self._times.items()):
            requests.add_metric([method, route, str(status)], sum(times.buckets))
            others = by_route.get(route, _Times([0] * len(times.buckets)))
            both = map(add, others.buckets, times.buckets)
            by_route[route] = _Times(list(both), others.seconds + times.seconds)
        seconds = HistogramMetricFamily(*_SECONDS, labels=_SECONDS_LABELS)
        bounds = [*map(str, _BUCKETS), "+Inf"]
        for route, times in by_route.items():
            seconds.add_metric([route], list(zip(bounds, accumulate(times.buckets), strict=True)), times.seconds)
        yield requests
        yield seconds


@dataclass(slots=True)
class _Times:
    """How many took at most as long as each bound and longer than the one before it, and seconds in all."""

    buckets: list[int]
    seconds: float = 0.0


class _SharedRequests:
    """The same, kept by the library in the files that all workers share."""

    def __init__(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Histogram  # noqa: PLC0415

        self._requests = Counter(*_REQUESTS, _REQUESTS_LABELS, registry=registry)
        self._seconds = Histogram(*_SECONDS, _SECONDS_LABELS, buckets=_BUCKETS, registry=registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, request: RequestAnswered) -> None:
        """One more."""
        key = (request.method, request.route, request.status)
        children = self._children.get(key)
        if children is None:
            children = (self._requests.labels(key[0], key[1], str(key[2])), self._seconds.labels(key[1]))
            self._children[key] = children
        children[0].inc()
        children[1].observe(request.seconds)


def _is_shared() -> bool:
    return "PROMETHEUS_MULTIPROC_DIR" in os.environ


def _forget_worker(pid: int) -> None:
    """What it has counted stays; what it held, such as a snapshot, is no more."""
    from prometheus_client import multiprocess  # noqa: PLC0415

    if _is_shared():
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library types only part of itself


class Metrics:
    """Listens to observations and counts."""

    def __init__(self) -> None:
        # Imported here: the library decides at import whether the numbers are kept in files.
        from prometheus_client import CollectorRegistry, Counter, Gauge  # noqa: PLC0415

        registry = CollectorRegistry()
        self._registry = registry
        self._requests = _SharedRequests(registry) if _is_shared() else _Requests(registry)
        self._errors = Counter("sosie_internal_errors_total", "Mistakes of ours while answering.", registry=registry)
        self._away = Counter("sosie_store_unreachable_total", "Times the database did not answer.", registry=registry)
        self._lost = Counter("sosie_workers_lost_total", "Workers that ended by themselves.", registry=registry)
        self._messages = SharedMessages(registry) if _is_shared() else Messages(registry)
        self._screening = ScreeningMetrics(registry)
        info = Gauge(
            "sosie_build_info", "The version that runs.", ["version"], registry=registry, multiprocess_mode="max"
        )
        info.labels(__version__).set(1)

    def listen(self, observation: Observation) -> None:
        """Count the observation."""
        if type(observation) is RequestAnswered:
            self._requests.count(observation)
        elif type(observation) is MessageScreened:
            self._messages.count(observation)
        elif type(observation) is RequestFailed:
            self._errors.inc()
        elif type(observation) is StoreUnreachable:
            self._away.inc()
        elif type(observation) is WorkerLost:
            self._lost.inc()
            _forget_worker(observation.pid)
        else:
            self._screening.listen(observation)

    def text(self) -> bytes:
        """All numbers, of all workers, in the text format 0.0.4."""
        from prometheus_client import CollectorRegistry, generate_latest, multiprocess  # noqa: PLC0415

        if not _is_shared():
            return generate_latest(self._registry)
        gathered = CollectorRegistry()
        multiprocess.MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # the library types only part of itself
        return generate_latest(gathered)
