"""How long a start takes, and what a process weighs: printed, to be looked at (`pytest -s`); a loaded machine proves
nothing."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

from support.server import SOSIE, start_server


def test_a_server_starts_and_stops(storage):
    """It is ready, again and again, on the same database."""
    server = start_server(storage)
    assert server.stop(signal.SIGINT) == 0
    starts, stops = [], []
    for _ in range(5):
        began = time.monotonic()
        server.start()
        ready = time.monotonic()
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert server.stop(signal.SIGINT) == 0
        starts.append(ready - began)
        stops.append(time.monotonic() - ready)
    weight = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024
    kind = "postgresql" if storage.url else "sqlite"
    print(
        f"\n{kind}: ready after {min(starts) * 1000:.0f} ms at best, {max(starts) * 1000:.0f} at worst; "
        f"stopped after {min(stops) * 1000:.0f} ms; {weight:.0f} MB when idle"
    )


def test_a_command_that_needs_no_database_is_not_kept_waiting():
    """`sosie --version` imports next to nothing."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        done = subprocess.run([SOSIE, "--version"], capture_output=True, text=True, check=True)
        times.append(time.monotonic() - began)
    assert done.stdout.startswith("sosie")
    print(f"\nsosie --version: {min(times) * 1000:.0f} ms at best")
