"""Whose turn it is to write: processes that write to one SQLite file go one after the other.

Theory of operation. SQLite has one writer at a time and no queue: who finds it busy sleeps and tries again, up to a
tenth of a second later. A process that commits one group of writes after another leaves a gap of some microseconds
between them, and another may miss it for seconds. So who wants to write passes a turnstile first, which is a lock on a
file beside the database: it stays there while it waits for SQLite's lock, and leaves once it has that. The process that
has just committed then finds somebody in the turnstile, and waits behind. When a process dies, the kernel opens it.
"""

from __future__ import annotations

import fcntl
import math
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FIRST_PAUSE, LONGEST_PAUSE = 0.0002, 0.005  # seconds between two tries; a commit takes about a thousandth


class Turnstile:
    """The turnstile of the database in `path`."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path.with_name(f"{path.name}-turn"), os.O_CREAT | os.O_RDWR, 0o600)
        self._until = math.inf

    def begin(self, connection: sqlite3.Connection, seconds: float) -> None:
        """Begin a transaction that writes. Raises sqlite3.OperationalError, where SQLite is busy after so many."""
        tries = self._tries(time.monotonic() + seconds)
        try:
            while not self._enter() and next(tries):
                pass
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not next(tries):
                        raise
                else:
                    return
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def wait_no_longer_than(self, seconds: float) -> None:
        """From now on, whoever waits already and whoever comes, together. In any thread."""
        self._until = time.monotonic() + seconds

    def close(self) -> None:
        """Let go of the file; it stays."""
        os.close(self._descriptor)

    def _enter(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _tries(self, end: float) -> Iterator[bool]:
        """Pause, and say whether there is time for another try."""
        pause = FIRST_PAUSE
        while True:
            time.sleep(pause)
            pause = min(pause * 1.2, LONGEST_PAUSE)
            yield time.monotonic() < min(end, self._until)
