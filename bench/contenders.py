"""The two programs that are measured, each in a process of its own on a database of its own, and what they cost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from client import Client
from support.postgresql import PostgreSQL
from support.server import Storage, Tenant, free_ports, start_server

FLOOR = Path(__file__).with_name("floor.py")
SQLITE_FILE = "sosie.sqlite"
RATE_LIMIT = {"SOSIE_RATE_LIMIT_REQUESTS": "2000000000", "SOSIE_RATE_LIMIT_SECONDS": "86400"}  # on, never reached


@dataclass
class Cost:
    """CPU seconds of the server process, and of PostgreSQL's backends for it."""

    server: float
    backends: float

    @property
    def both(self) -> float:
        """Server and backends together."""
        return self.server + self.backends

    def since(self, before: Cost) -> Cost:
        """What was added since `before`."""
        return Cost(self.server - before.server, self.backends - before.backends)


@dataclass
class Contender:
    """A running program: sosie or the floor."""

    name: str
    process: subprocess.Popen
    port: int
    storage: Storage
    postgresql: PostgreSQL | None

    def cost(self) -> Cost:
        """CPU used since it began."""
        return Cost(cpu_seconds(self.process.pid), sum(cpu_seconds(pid) for pid in self.backends()))

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that work for it."""
        if self.postgresql is None:
            return []
        database = database_of(self.storage)
        sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND backend_type = 'client backend'"
        return [int(line) for line in self.postgresql.psql("postgres", sql).split()]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)


def start_sosie(storage: Storage, tenant: Tenant, postgresql: PostgreSQL | None) -> Contender:
    """The real program: one worker, authentication, metrics, audit and rate limit on."""
    server = start_server(storage, tenants=(tenant, tenant), **RATE_LIMIT)
    return Contender("sosie", server.process, server.port, storage, postgresql)


def start_floor(storage: Storage, tenant: Tenant, postgresql: PostgreSQL | None) -> Contender:
    """floor.py on the same kind of database."""
    (port,) = free_ports(1)
    place = storage.url or str(storage.data_dir / SQLITE_FILE)
    process = subprocess.Popen([sys.executable, str(FLOOR), str(port), tenant.account_id, place])
    _wait_for(port, process)
    return Contender("floor", process, port, storage, postgresql)


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process, to the nanosecond where the scheduler keeps that."""
    nanoseconds = 0
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def settled(cost: Callable[[], Cost]) -> Cost:
    """The cost once the server has gone to sleep: what it did after its last answer is counted too."""
    time.sleep(0.003)
    return cost()


def database_of(storage: Storage) -> str:
    """The name of the PostgreSQL database of a storage."""
    return storage.url.partition("@/")[2].partition("?")[0]


def _wait_for(port: int, process: subprocess.Popen, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        assert process.poll() is None, "it ended"
        try:
            Client(port).close()
        except OSError:
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.02)
        else:
            return
