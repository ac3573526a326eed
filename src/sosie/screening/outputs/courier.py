"""Brings alerts to one output: in a thread and with a queue of its own, so that no output delays another, or the mail.

Theory of operation. The alert that has waited longest is tried first. Where it is not taken, the output as a whole is
left alone for a while, longer each time, or for as long as it asks; then the same alert is tried again. An alert that
has been tried for an hour, and one that would not be taken the next time either, is given up: the webhook keeps it
among its dead letters. So is the oldest where a thousand others wait for an output that takes none. When the process
ends, each that waits is tried once more for some seconds, and the rest is given up.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import NamedTuple

from sosie.observe.observations import AlertDelivered, Observe, OutputFailed
from sosie.screening.outputs.alert import Alert, Output, Undelivered

PATIENT_QUEUE = 1000  # alerts that wait for an output that is away: 10 MB
MAX_QUEUE = 4000  # of one that is not, but slow: a webhook that takes a twentieth of a second needs minutes for them
CLOSE_SECONDS = 5.0


class Patience(NamedTuple):
    """Seconds: the first pause, the longest pause, and how long an alert is tried."""

    first: float = 1.0
    longest: float = 300.0
    give_up: float = 3600.0


class _Waiting(NamedTuple):
    alert: Alert
    since: float


class Courier:
    """`send` returns at once, in any thread. `start` before, `close` at the end, which takes at most some seconds."""

    def __init__(self, output: Output, observe: Observe, patience: Patience | None = None) -> None:
        self._output = output
        self._observe = observe
        self._patience = patience or Patience()
        self._queue: deque[_Waiting] = deque()
        self._under_way: _Waiting | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"alerts-{output.kind}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def send(self, alert: Alert) -> None:
        """Take an alert. Never waits, never raises."""
        with self._changed:
            fits = len(self._queue) < MAX_QUEUE and not self._closing
            if fits:
                self._queue.append(_Waiting(alert, time.monotonic()))
                self._changed.notify()
        if not fits:
            reason = "the process ends" if self._closing else f"{MAX_QUEUE} alerts wait already"
            self._observe(OutputFailed(self._output.kind, reason, True))

    def stop(self) -> None:
        """Take no more alerts, and try what waits once more. Returns at once."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """The same, as far as the time allows; the rest is given up."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._thread.is_alive() and (stuck := self._settle()) is not None:
            self._give_up(stuck, "the process has ended")
        while (waiting := self._next()) is not None:
            self._give_up(waiting, "the process has ended")
        if not self._thread.is_alive():
            self._output.close()

    def _run(self) -> None:
        failures = 0
        while (waiting := self._wait()) is not None:
            if failures and len(self._queue) >= PATIENT_QUEUE:
                self._give_up(waiting, f"{PATIENT_QUEUE} others waited behind it")
                continue
            self._under_way = waiting
            pause = self._attempt(waiting, failures)
            failures = 0 if pause is None else failures + 1
            if pause:
                self._pause(pause)

    def _wait(self) -> _Waiting | None:
        """The alert that has waited longest; None when it is time to end."""
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
        return self._next()

    def _next(self) -> _Waiting | None:
        with self._changed:
            return self._queue.popleft() if self._queue else None

    def _settle(self) -> _Waiting | None:
        """What is under way, to whoever asks first: it is delivered, given up or tried again once."""
        with self._changed:
            settled, self._under_way = self._under_way, None
        return settled

    def _attempt(self, waiting: _Waiting, failures: int) -> float | None:
        """Try it; None if it was delivered, else how many seconds the output is left alone."""
        try:
            self._output.deliver(waiting.alert)
        except Undelivered as error:
            return self._failed(waiting, error, failures)
        except OSError as error:
            return self._failed(waiting, Undelivered(error.strerror or str(error)), failures)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the thread
            return self._failed(waiting, Undelivered(f"{type(error).__name__}: {error}", for_good=True), failures)
        self._settle()
        self._observe(AlertDelivered(self._output.kind))
        return None

    def _failed(self, waiting: _Waiting, error: Undelivered, failures: int) -> float:
        if self._settle() is None:
            return 0.0  # `close` has given it up already
        overdue = time.monotonic() - waiting.since > self._patience.give_up
        if error.for_good or overdue or self._closing:
            self._give_up(waiting, str(error))
            return 0.0
        with self._changed:
            self._queue.appendleft(waiting)
        self._observe(OutputFailed(self._output.kind, str(error), False))
        seconds = min(self._patience.longest, self._patience.first * 2.0 ** min(failures, 20))
        return max(error.retry_after, seconds * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    def _give_up(self, waiting: _Waiting, reason: str) -> None:
        try:
            self._output.give_up(waiting.alert, reason)
        except Exception as error:  # noqa: BLE001 - it must not end the thread
            reason += f"; and it could not be kept: {error}"
        self._observe(OutputFailed(self._output.kind, reason, True))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._changed:
            while not self._closing and len(self._queue) <= PATIENT_QUEUE and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
