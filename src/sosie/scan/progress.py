"""How far a scan is: messages, rate and time left, on one line that is written over again and again."""

from __future__ import annotations

import time
from typing import TextIO

EVERY = 0.5  # seconds between two lines: what an eye can follow


class Progress:
    """`whole` is the weight of everything, None where nobody knows; `before`, of what an earlier scan has done."""

    def __init__(self, stream: TextIO, whole: int | None, before: int = 0) -> None:
        self._stream = stream
        self._whole = whole
        self._before = before
        self._began = self._shown = time.monotonic()
        self._weight = 0
        self._messages = 0
        self._width = 0

    def add(self, weight: int, messages: int) -> None:
        """A piece is done."""
        self._weight += weight
        self._messages += messages
        now = time.monotonic()
        if now - self._shown >= EVERY:
            self._shown = now
            self._show(self._line(now - self._began))

    def clear(self) -> None:
        """Make room for another line."""
        if self._width:
            self._show("")

    def _show(self, line: str) -> None:
        self._stream.write("\r" + line.ljust(self._width) + ("" if line else "\r"))
        self._stream.flush()
        self._width = len(line)

    def _line(self, seconds: float) -> str:
        line = f"{self._messages:,} messages, {self._messages / max(seconds, 0.001):,.0f} a second"
        if not self._whole or not self._weight:
            return line
        done = min(self._before + self._weight, self._whole)
        left = seconds * (self._whole - done) / self._weight
        return f"{line}, {done / self._whole:.0%} done, {_duration(left)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
