"""The numbers of screening: messages and their times, snapshots, records, alerts.

Messages are counted as cheaply as requests are, because a message that is judged takes 60 microseconds in all.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, Any

from sosie.observe.observations import (
    AlertDelivered,
    LessonsLost,
    MessageScreened,
    MessageUnscreened,
    MessageVerified,
    OutputFailed,
    RecordsKept,
    RecordsLost,
    SnapshotLag,
    SnapshotLoaded,
)

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

# Seconds. A judgement takes 60 to 100 us; at ten milliseconds something else has the processor.
_BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)
_VERIFYING_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 6.5)
_LAG_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0)
_SCREENED, _SCREENED_LABELS = ("sosie_messages_screened_total", "Messages judged."), ["door", "disposition"]
_DOORS, _OUTPUTS = ("milter", "http", "verifying"), ("file", "syslog", "webhook")
_DMARC = ("pass", "fail", "none", "temperror")
_SECONDS, _SECONDS_LABELS = ("sosie_screening_seconds", "Time to judge a message."), ["door"]


class Messages:
    """Judged messages and their times in plain numbers, handed over when somebody asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Of each door and disposition: how many were within each bound and not the one before; the seconds are last.
        self._counts: dict[tuple[str, str], list[float]] = {}
        registry.register(self)

    def count(self, message: MessageScreened) -> None:
        """One more."""
        door, disposition, seconds = message
        try:
            counts = self._counts[door, disposition]
        except KeyError:
            counts = self._counts[door, disposition] = [0] * (len(_BUCKETS) + 1) + [0.0]
        counts[bisect_left(_BUCKETS, seconds)] += 1
        counts[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """As the library asks for it."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily  # noqa: PLC0415

        screened = CounterMetricFamily(*_SCREENED, labels=_SCREENED_LABELS)
        by_door: dict[str, list[float]] = {}
        for (door, disposition), counts in sorted(self._counts.items()):
            screened.add_metric([door, disposition], sum(counts[:-1]))
            by_door[door] = list(map(add, by_door.get(door, [0.0] * len(counts)), counts))
        seconds = HistogramMetricFamily(*_SECONDS, labels=_SECONDS_LABELS)
        bounds = [*map(str, _BUCKETS), "+Inf"]
        for door, counts in by_door.items():
            seconds.add_metric([door], list(zip(bounds, accumulate(counts[:-1]), strict=True)), counts[-1])
        yield screened
        yield seconds


class SharedMessages:
    """The same, kept by the library in the files that all workers share."""

    def __init__(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Histogram  # noqa: PLC0415

        self._screened = Counter(*_SCREENED, _SCREENED_LABELS, registry=registry)
        self._seconds = Histogram(*_SECONDS, _SECONDS_LABELS, buckets=_BUCKETS, registry=registry)
        self._children: dict[tuple[str, str], tuple[Callable[[], Any], Callable[[float], Any]]] = {}

    def count(self, message: MessageScreened) -> None:
        """One more."""
        door, disposition, seconds = message
        children = self._children.get((door, disposition))
        if children is None:
            children = (self._screened.labels(door, disposition).inc, self._seconds.labels(door).observe)
            self._children[door, disposition] = children
        children[0]()
        children[1](seconds)


class ScreeningMetrics:
    """Everything else that is observed of screening: all of it is rare."""

    def __init__(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Gauge, Histogram  # noqa: PLC0415

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"sosie_{name}_total", what, labels, registry=registry)

        def gauge(name: str, what: str, of_workers: str) -> Gauge:
            mode: Any = of_workers  # a Literal of the library
            return Gauge(f"sosie_snapshot_{name}", what, ["account"], registry=registry, multiprocess_mode=mode)

        self._unscreened = counter("messages_unscreened", "Messages that could not be judged.", "door")
        self._verified = counter("messages_verified", "Messages whose senders were verified here.", "dmarc")
        self._verifying = Histogram(
            "sosie_verifying_seconds",
            "Time that a mail server waited for that.",
            buckets=_VERIFYING_BUCKETS,
            registry=registry,
        )
        self._loads = counter("snapshot_loads", "Times an account's registry was loaded or changed here.", "source")
        self._revision = gauge("revision", "Revision of the registry that messages are judged by.", "livemin")
        self._entries = gauge("entries", "Entries of the registry that messages are judged by.", "livemax")
        self._loaded = gauge("timestamp_seconds", "When it was loaded or changed last, in Unix time.", "livemin")
        self._lag = Histogram(
            "sosie_snapshot_lag_seconds",
            "Time from the write of a change to its being in force.",
            buckets=_LAG_BUCKETS,
            registry=registry,
        )
        self._kept = counter("records_kept", "Records that are safe in the database or in the spool.", "place")
        self._lost = counter("records_lost", "Records that could not be kept.")
        self._lessons = counter("lessons_lost", "Pairs of name and address that could not be noted.")
        self._delivered = counter("alerts_delivered", "Alerts that an output has taken.", "output")
        self._failed = counter("alert_failures", "Attempts to deliver an alert that failed.", "output")
        self._dead = counter("alerts_dead", "Alerts that were given up.", "output")
        # Prometheus sees no increase where a series begins with its first failure: these start at 0.
        for counted, labels in (
            (self._unscreened, _DOORS),
            (self._verified, _DMARC),
            (self._failed, _OUTPUTS),
            (self._dead, _OUTPUTS),
        ):
            for label in labels:
                counted.labels(label)
        self._listeners: dict[type, Callable[[Any], object]] = {
            MessageUnscreened: lambda one: self._unscreened.labels(one.door).inc(),
            MessageVerified: self._verify,
            SnapshotLoaded: self._load,
            SnapshotLag: lambda one: self._lag.observe(one.seconds),
            RecordsKept: lambda one: self._kept.labels(one.place).inc(one.records),
            RecordsLost: lambda one: self._lost.inc(one.records),
            LessonsLost: lambda one: self._lessons.inc(one.pairs),
            AlertDelivered: lambda one: self._delivered.labels(one.output).inc(),
            OutputFailed: lambda one: (self._dead if one.dead else self._failed).labels(one.output).inc(),
        }

    def listen(self, observation: Any) -> None:
        """Count the observation, if it is one of these."""
        listener = self._listeners.get(type(observation))
        if listener is not None:
            listener(observation)

    def _verify(self, verified: MessageVerified) -> None:
        self._verified.labels(verified.dmarc).inc()
        self._verifying.observe(verified.seconds)

    def _load(self, loaded: SnapshotLoaded) -> None:
        self._loads.labels(loaded.source).inc()
        self._revision.labels(loaded.account_id).set(loaded.revision)
        self._entries.labels(loaded.account_id).set(loaded.entries)
        self._loaded.labels(loaded.account_id).set(time.time())
