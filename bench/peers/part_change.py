"""A change of the registry through the API: when every process judges by it, and what other messages feel of it.

A process asks about letters of strangers all the time, one every few milliseconds. Meanwhile entries are added and
removed; each counts from the moment at which the request is sent until a letter in the new name is flagged, over HTTP
and by the milter of another process, or no longer is.
"""

from __future__ import annotations

import json
import multiprocessing
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.synchronize import Event
from typing import Any, Self

from rows import Row, middle, percentile
from rspamd import SYMBOL, Rspamd
from setting import Setting
from sosies import FLAGGED, Sosie
from talk import HttpClient, MilterClient

from letters import forged
from quality.letters import Person

PART = "change"
ENFORCED = 100.0  # ms
SLOWER = 10.0  # ms more than the usual p99
PACE = 0.003  # seconds between two letters of strangers
AFTER = 0.3  # seconds within which a change is felt, if it is
CHANGES = 12
FORKING = multiprocessing.get_context("fork")


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part, with the largest registry."""
    size = max(setting.sizes)
    yield from _ours(setting, size)
    with setting.if_installed():
        yield from _rspamds(setting, size)


def _ours(setting: Setting, size: int) -> Iterator[Row]:
    ours = Sosie(setting.place, size)
    over_http: list[float] = []
    by_milter: list[float] = []
    changed: list[float] = []
    try:
        ours.start(setting.probe)
        ours.start_milter(setting.probe)
        http, milter = ours.client(), MilterClient(ours.milter_path)
        time.sleep(3)  # the first snapshot is written
        with _Strangers(ours.client, setting.letters.small) as strangers:
            for number in range(CHANGES):
                name = _name(number)
                identifier = ""
                for wanted in (True, False):
                    time.sleep(2 * AFTER)
                    began = time.perf_counter()
                    changed.append(began)
                    identifier = _change(ours, name, identifier)
                    over_http.append(_until(http, FLAGGED, name, began, wanted=wanted))
                    by_milter.append(_until(milter, b"i", name, began, wanted=wanted))
        latencies = strangers.latencies
    finally:
        ours.stop()
    for what, taken in (("in force over HTTP", over_http), ("in force by another process's milter", by_milter)):
        yield Row(PART, f"{what} (worst of {len(taken)})", size, max(taken), ENFORCED, unit="ms",
                  spread=(min(taken), max(taken)))  # fmt: skip
        yield Row(PART, f"{what} (in the middle)", size, middle(taken), unit="ms")
    yield from _felt(latencies, changed, size, "", SLOWER)


def _rspamds(setting: Setting, size: int) -> Iterator[Row]:
    rspamd = Rspamd(setting.place, size)
    taken: list[float] = []
    changed: list[float] = []
    try:
        rspamd.start(setting.probe)
        client = rspamd.client()
        with _Strangers(rspamd.client, setting.letters.small) as strangers:
            for number in range(CHANGES // 3):
                time.sleep(2 * AFTER)
                rspamd.known[_name(number).lower()] = [f"zebulon{number}@example.com"]
                began = time.perf_counter()
                changed.append(began)
                rspamd.write_people()
                taken.append(_until(client, SYMBOL, _name(number), began, wanted=True))
        latencies = strangers.latencies
    finally:
        rspamd.stop()
    yield Row(PART, "in force in rspamd, its file written", size, middle(taken), unit="ms",
              spread=(min(taken), max(taken)))  # fmt: skip
    yield from _felt(latencies, changed, size, "rspamd: ", None)


def _felt(
    latencies: list[tuple[float, float]], changed: list[float], size: int, who: str, slower: float | None
) -> Iterator[Row]:
    """Latencies (when asked, ms) near a change beside the others."""
    near = [ms for at, ms in latencies if any(began - 0.1 < at < began + AFTER for began in changed)]
    far = [ms for at, ms in latencies if not any(began - 0.1 < at < began + AFTER for began in changed)]
    usual = percentile(far, 0.99)
    yield Row(PART, f"{who}usual p99 of {len(far):,} others", size, usual, unit="ms", spread=(min(far), max(far)))
    yield Row(
        PART, f"{who}slowest of {len(near):,} near a change, past that", size, max(near) - usual, slower, unit="ms"
    )


class _Strangers:
    """A process that asks about letters all the time; `latencies` at the end: when each was asked, and its ms."""

    def __init__(self, client: Callable[[], HttpClient], letters: list[bytes]) -> None:
        self._stop: Event = FORKING.Event()
        self._told: Any = FORKING.SimpleQueue()
        self._process = FORKING.Process(target=_ask, args=(client, letters, self._stop, self._told))
        self.latencies: list[tuple[float, float]] = []

    def __enter__(self) -> Self:
        self._process.start()
        time.sleep(1.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.latencies = self._told.get()
        self._process.join()


def _ask(client: Callable[[], HttpClient], letters: list[bytes], stop: Event, told: Any) -> None:
    asked, taken = client(), []
    for number in count():
        if stop.is_set():
            break
        began = time.perf_counter()
        asked.ask(letters[number % len(letters)])
        taken.append((began, (time.perf_counter() - began) * 1e3))
        time.sleep(max(0.0, PACE - (time.perf_counter() - began)))
    told.put(taken[50:])


def _name(number: int) -> str:
    return f"Zebulon Quarter{chr(97 + number)}main"


def _until(client: HttpClient | MilterClient, sign: bytes, name: str, began: float, *, wanted: bool) -> float:
    """Milliseconds since the change until letters are judged by it. Each has an address of its own, because a milter
    learns who writes."""
    for number in count():
        found = sign in client.ask(forged(Person(name, ()), int(began * 1e6) + number))
        if found is wanted:
            break
        if time.perf_counter() - began > 30:
            raise RuntimeError("a change was not in force after 30 s")
        time.sleep(0.001)
    return (time.perf_counter() - began) * 1e3


def _change(ours: Sosie, name: str, identifier: str) -> str:
    """Add an entry of that name, or remove the one of that id; its id."""
    if identifier:
        _call(ours, "DELETE", f"{ours.entries_path}/{identifier}", None)
        return identifier
    entry = {"name": name, "email": "zebulon@example.com", "is_email_regex": False}
    answer = _call(ours, "POST", ours.entries_path, json.dumps(entry).encode())
    return str(answer["result"]["id"])


def _call(ours: Sosie, method: str, path: str, body: bytes | None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {ours.tenant.write_token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{ours.port}{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        return json.load(answer)
