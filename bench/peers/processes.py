"""Programs that are measured: started, waited for, looked at, and ended by their own process ids."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


class NotInstalled(Exception):
    """What a part needs is not on this machine; the message says what, and in which Debian package it is."""


class Program:
    """A running program with all processes that it starts."""

    def __init__(self, command: list[str], log: Path, **options: Any) -> None:
        self._log = log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True, **options
            )

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self.process.pid

    def wait_for(self, answered: Callable[[], bool], seconds: float = 60) -> float:
        """Seconds until it did what it was asked. Raises RuntimeError where it ended or did not."""
        began = time.perf_counter()
        while True:
            with suppress(OSError):
                if answered():
                    return time.perf_counter() - began
            if self.process.poll() is not None or time.perf_counter() - began > seconds:
                said = self._log.read_text(encoding="utf-8", errors="replace")[-3000:]
                raise RuntimeError(f"{self.process.args} did not answer: {said}")
            time.sleep(0.002)

    def stop(self) -> None:
        """End it, and what it started."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.process.wait(15)


def cpu_microseconds(pid: int) -> float:
    """CPU time of a process and its living descendants, to the nanosecond, as the scheduler keeps it."""
    spent = 0
    for one in _family(pid):
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                with suppress(OSError):
                    spent += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return spent / 1000


def proportional_mebibytes(pid: int) -> float:
    """Memory (PSS) of a process and its descendants: what they share with others counts for them in part."""
    kibibytes = 0
    for one in _family(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines()
            kibibytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kibibytes / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))
