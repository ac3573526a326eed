"""Metrics in Prometheus' form. With several workers each keeps its numbers in a file; whoever is asked adds them up."""

from __future__ import annotations

import os
from pathlib import Path

from sosie import __version__
from sosie.observe.observations import (
    MessageScreened,
    Observation,
    RequestAnswered,
    RequestFailed,
    StoreUnreachable,
    WorkerLost,
)

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def share_between_workers(folder: Path) -> None:
    """Keep the numbers in files in `folder`, emptied. Call before any Metrics is made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


class Metrics:
    """Listens to observations and counts."""

    def __init__(self) -> None:
        # Imported here: the library decides at import whether the numbers are kept in files.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "sosie_requests_total", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "sosie_request_seconds", "Time to answer a request.", ["route"], buckets=_BUCKETS, registry=registry
        )
        self._errors = Counter("sosie_internal_errors_total", "Mistakes of ours while answering.", registry=registry)
        self._away = Counter("sosie_store_unreachable_total", "Times the database did not answer.", registry=registry)
        self._lost = Counter("sosie_workers_lost_total", "Workers that ended by themselves.", registry=registry)
        self._screened = Counter(
            "sosie_messages_screened_total", "Messages judged.", ["door", "disposition"], registry=registry
        )
        info = Gauge(
            "sosie_build_info", "The version that runs.", ["version"], registry=registry, multiprocess_mode="max"
        )
        info.labels(__version__).set(1)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def listen(self, observation: Observation) -> None:
        """Count the observation."""
        if type(observation) is RequestAnswered:
            key = (observation.method, observation.route, observation.status)
            children = self._children.get(key)
            if children is None:
                children = (self._requests.labels(key[0], key[1], str(key[2])), self._seconds.labels(key[1]))
                self._children[key] = children
            children[0].inc()
            children[1].observe(observation.seconds)
        elif type(observation) is RequestFailed:
            self._errors.inc()
        elif type(observation) is StoreUnreachable:
            self._away.inc()
        elif type(observation) is WorkerLost:
            self._lost.inc()
        elif type(observation) is MessageScreened:
            self._screened.labels(observation.door, observation.disposition).inc()

    def text(self) -> bytes:
        """All numbers, of all workers, in the text format 0.0.4."""
        from prometheus_client import CollectorRegistry, generate_latest, multiprocess  # noqa: PLC0415

        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        gathered = CollectorRegistry()
        multiprocess.MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # the library types only part of itself
        return generate_latest(gathered)
