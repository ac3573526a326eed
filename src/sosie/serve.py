"""Composition: builds every part from the configuration, starts the parts in order and stops them in reverse.

Theory of operation. The process that is started binds the sockets and migrates the database. With one worker it then
serves; with several it forks them and supervises: it starts another where one ends by itself, and passes a stop on. The
workers share the sockets, the memory of the rate limit and the folder of the metrics, and nothing else. A worker whose
supervisor is gone (its end of a pipe closed) stops by itself.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sosie.access.rate_limit import BYTES, RateLimit
from sosie.api.admin import AdminApp
from sosie.api.app import App
from sosie.api.authentication import Authenticator
from sosie.api.call import Services
from sosie.api.http_server import bind, http_server
from sosie.config import Config
from sosie.observe.log import Log
from sosie.observe.metrics import Metrics, share_between_workers
from sosie.observe.observations import Observation, Started, Stopped, StoreUnreachable, WorkerLost
from sosie.store.database import Database
from sosie.store.errors import StoreAway
from sosie.store.open import open_database, read_secret_key
from sosie.store.pages import Pages

NOTE_USE_SECONDS = 30.0  # how old "last used" may be, and what is forgotten of it where a process is killed
RESPAWN_SECONDS = 1.0  # a worker that cannot start is not tried more often


class Ground(NamedTuple):
    """What workers share: made once, before any of them."""

    config: Config
    log: Log
    secret_key: bytes
    api_socket: socket.socket
    admin_socket: socket.socket | None
    rate_memory: mmap.mmap


def serve(config: Config, announce: Callable[[Database, bytes], object] | None = None) -> int:
    """Serve until told to stop; the exit status. `announce` may look at the opened database before anybody else does.

    Raises StoreError for a database that cannot be used, OSError for an address that cannot be bound.
    """
    log = Log(config.log_format, config.log_level)
    log.take_over_logging()
    secret_key = read_secret_key(config.secret_key, config.secret_key_file)
    api_socket = bind(config.listen)
    admin_socket = bind(config.admin_listen) if config.admin_listen else None
    _run(_prepare(config, secret_key, announce))
    ground = Ground(config, log, secret_key, api_socket, admin_socket, mmap.mmap(-1, BYTES))
    listen = "{}:{}".format(*api_socket.getsockname()[:2])
    log.listen(Started(listen, "postgresql" if config.database_url else "sqlite", config.workers))
    if config.workers == 1:
        _run(_work(ground, None))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="sosie-metrics-"))
    share_between_workers(folder)
    try:
        return _supervise(ground, config.workers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _prepare(config: Config, secret_key: bytes, announce: Callable[[Database, bytes], object] | None) -> None:
    database = await open_database(config.database_url, config.data_dir, secret_key)
    try:
        if announce is not None:
            result = announce(database, secret_key)
            if asyncio.iscoroutine(result):
                await result
    finally:
        await database.close()


async def _work(ground: Ground, supervisor: int | None) -> None:
    """One worker, from opening the database to closing it."""
    config, log = ground.config, ground.log
    metrics = Metrics()

    def observe(observation: Observation) -> None:
        metrics.listen(observation)
        log.listen(observation)

    database = await open_database(config.database_url, config.data_dir, ground.secret_key)
    rate_limit = RateLimit(config.rate_limit_requests, config.rate_limit_seconds, memoryview(ground.rate_memory))
    authenticator = Authenticator(database, ground.secret_key, rate_limit)
    services = Services(database, Pages(database), authenticator, ground.secret_key, observe)
    admin = AdminApp(metrics, database)
    api_server = http_server(App(services, config.trusted_proxies))
    servers = [api_server.serve([ground.api_socket])]
    admin_server = http_server(admin)
    if ground.admin_socket is not None:
        servers.append(admin_server.serve([ground.admin_socket]))

    def stop() -> None:
        admin.draining = True
        api_server.should_exit = True
        admin_server.should_exit = True

    def orphaned(pipe: int) -> None:
        loop.remove_reader(pipe)
        stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if supervisor is not None:
        loop.add_reader(supervisor, orphaned, supervisor)
    noting = asyncio.create_task(_note_use(authenticator, observe))
    try:
        await asyncio.gather(*servers)
    finally:
        noting.cancel()
        with suppress(StoreAway):
            await authenticator.note_use()
        await database.close()
        observe(Stopped("asked to"))


async def _note_use(authenticator: Authenticator, observe: Callable[[Observation], None]) -> None:
    while True:
        await asyncio.sleep(NOTE_USE_SECONDS)
        try:
            await authenticator.note_use()
        except StoreAway as error:
            observe(StoreUnreachable("noting when tokens were used", str(error)))


def _supervise(ground: Ground, count: int) -> int:
    reading, writing = os.pipe()
    workers: dict[int, float] = {}
    stopping = False

    def pass_on(*_: object) -> None:
        nonlocal stopping
        stopping = True
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    while True:
        while len(workers) < count and not stopping:
            workers[_fork(ground, reading, writing)] = time.monotonic()
        try:
            pid, status = os.wait()
        except ChildProcessError:
            ground.log.listen(Stopped("asked to"))
            return 0
        began = workers.pop(pid)
        if not stopping:
            ground.log.listen(WorkerLost(pid, status))
            time.sleep(max(0.0, RESPAWN_SECONDS - (time.monotonic() - began)))


def _fork(ground: Ground, reading: int, writing: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.close(writing)  # only the supervisor holds it: it closes when the supervisor ends, however it ends
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        _run(_work(ground, reading))
        status = 0
    except StoreAway as error:
        ground.log.listen(StoreUnreachable("starting a worker", str(error)))
    finally:
        os._exit(status)  # the supervisor's clean-up is not the worker's


def _run(main: object) -> None:
    import uvloop  # noqa: PLC0415 - half of the start-up time of a command that never serves

    uvloop.run(main)  # type: ignore[arg-type]  # one name for the coroutines above
