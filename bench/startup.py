"""From starting the program to its first answer."""

from __future__ import annotations

import http.client
import os
import subprocess
import tempfile
import time
from pathlib import Path

from figures import Figure, median_of
from support.server import SOSIE, Storage, free_ports

LIMIT = 2.0
REPEATS = 5


def measure(database: str, filled: Storage, empty: list[Storage]) -> list[Figure]:
    """On a filled database, and (`sosie serve --first-account`, what `make run` does) on empty ones."""
    figures = []
    for what, storages in (("on an empty database", empty), ("on the filled one", [filled] * REPEATS)):
        seconds = [_seconds_to_first_answer(storage) for storage in storages]
        value, spread = median_of(seconds)
        figures.append(Figure("start", database, f"first answer, {what} (wall)", value, "s", LIMIT, spread))
    return figures


def empty_folders() -> list[Storage]:
    """Storages without anything in them."""
    return [Storage(Path(tempfile.mkdtemp(prefix="sosie-start-"))) for _ in range(REPEATS)]


def _seconds_to_first_answer(storage: Storage) -> float:
    port, admin_port = free_ports()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")},
        **storage.environment,
        "SOSIE_LISTEN": f"127.0.0.1:{port}",
        "SOSIE_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        [SOSIE, "serve", "--first-account"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/client/v4/accounts")
                assert connection.getresponse().status == 400  # nobody without credentials: but it was answered
            except OSError:
                assert process.poll() is None, "it ended"
                time.sleep(0.002)
            else:
                return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)
