"""Composition: builds every part from the configuration, starts the parts in order and stops them in reverse.

Theory of operation. The process that is started binds the sockets and migrates the database. With one worker it then
serves; with several it forks them and supervises: it starts another where one ends by itself, and passes a stop on. The
workers share the sockets, the memory of the rate limit and the folder of the metrics, and nothing else. A worker whose
supervisor is gone (its end of a pipe closed) stops by itself.

A stop has three steps. The process says that it is not ready, and asks clients to come back on another connection,
while it goes on answering for DRAIN_SECONDS; then it accepts nobody and finishes what was begun; then it writes down
when tokens were used, and closes the database. SIGINT, which a person sends, and a second signal leave out the first.
"""

from __future__ import annotations

import asyncio
import gc
import mmap
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sosie.access.rate_limit import BYTES, RateLimit
from sosie.api.admin import AdminApp
from sosie.api.app import App
from sosie.api.authentication import Authenticator
from sosie.api.call import Services
from sosie.api.http_server import HttpServer, bind, http_server
from sosie.config import Config, ConfigError
from sosie.milter.address import NotAnAddress, taken_back_on_failure
from sosie.milter.address import bind as bind_milter
from sosie.milter.server import MilterServer
from sosie.observe.log import Log
from sosie.observe.metrics import Metrics, share_between_workers
from sosie.observe.observations import Observation, Started, Stopped, StoreUnreachable, WorkerLost
from sosie.path_of_mail import PathOfMail, account_to_judge_by, door_of, open_path
from sosie.serving import raise_descriptor_limit, run, stops, unless_stopped
from sosie.store.database import Database
from sosie.store.errors import StoreAway, StoreError
from sosie.store.open import open_database, read_secret_key
from sosie.store.pages import Pages
from sosie.store.sqlite import use_without_mutexes

NOTE_USE_SECONDS = 30.0  # how old "last used" may be, and what is forgotten of it where a process is killed
RESPAWN_SECONDS = 1.0  # a worker that cannot start is not tried more often
DRAIN_SECONDS = 1.0  # for whoever asks /readyz, and for clients that keep their connection


class Ground(NamedTuple):
    """What workers share: made once, before any of them."""

    config: Config
    log: Log
    secret_key: bytes
    api_socket: socket.socket
    admin_socket: socket.socket | None
    milter_socket: socket.socket | None
    rate_memory: mmap.mmap


def serve(config: Config, announce: Callable[[Database, bytes], object] | None = None) -> int:
    """Serve until told to stop; the exit status. `announce` may look at the opened database before anybody else does.

    Raises StoreError for a database that cannot be used, OSError for an address that cannot be bound, ConfigError for
    one that is none.
    """
    log = Log(config.log_format, config.log_level)
    log.take_over_logging()
    use_without_mutexes()
    raise_descriptor_limit()
    secret_key = read_secret_key(config.secret_key, config.secret_key_file)
    api_socket = bind(config.listen)
    admin_socket = bind(config.admin_listen) if config.admin_listen else None
    milter_socket = _milter_socket(config.milter_listen) if config.milter_listen else None
    with taken_back_on_failure(milter_socket) if milter_socket else nullcontext():
        run(_prepare(config, secret_key, announce))
    ground = Ground(config, log, secret_key, api_socket, admin_socket, milter_socket, mmap.mmap(-1, BYTES))
    listen = "{}:{}".format(*api_socket.getsockname()[:2])
    log.listen(Started(listen, "postgresql" if config.database_url else "sqlite", config.workers))
    if config.workers > 1:
        _Supervisor(ground).keep()
        log.listen(Stopped("asked to"))
    else:
        run(_work(ground, None))
    return 0


def _milter_socket(address: str) -> socket.socket:
    try:
        return bind_milter(address)
    except NotAnAddress as error:
        raise ConfigError(f"SOSIE_MILTER_LISTEN: {error}") from None
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror or error} ({address})") from None


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
    try:
        async with open_path(config, database, observe) as path:
            authenticator = Authenticator(database, ground.secret_key, _rate_limit(ground))
            services = Services(
                database,
                Pages(database),
                authenticator,
                ground.secret_key,
                observe,
                path.following,
                path.gate,
                path.verifying,
            )
            await _answer(ground, services, AdminApp(metrics, partial(_why_not_ready, database)), path, supervisor)
    finally:
        await database.close()
    observe(Stopped("asked to"))


async def _answer(
    ground: Ground, services: Services, admin: AdminApp, path: PathOfMail, supervisor: int | None
) -> None:
    """Answer whoever asks, by all doors, until a stop is asked for."""
    api_server, stopped = http_server(App(services, ground.config.trusted_proxies)), asyncio.Event()
    admin_server = http_server(admin)
    loop = asyncio.get_running_loop()

    def stop_at_once() -> None:
        admin.draining = True
        api_server.should_exit = True

    def stop() -> None:
        if admin.draining:
            stop_at_once()
        admin.draining = True
        if api_server.started:
            _close_after_answers(api_server)
        loop.call_later(DRAIN_SECONDS, stop_at_once)

    def orphaned(pipe: int) -> None:
        loop.remove_reader(pipe)
        stop_at_once()

    async def serve_api() -> None:
        try:
            await api_server.serve([ground.api_socket])
        finally:
            admin_server.should_exit = True
            stopped.set()

    for number in stops():
        loop.add_signal_handler(number, stop_at_once if number == signal.SIGINT else stop)
    if supervisor is not None:
        loop.add_reader(supervisor, orphaned, supervisor)
    noting = asyncio.create_task(_note_use(services))
    gc.freeze()  # what is here now stays: no collection need look at it again
    try:
        milter = _serve_milter(ground, path, services.database, stopped)
        await asyncio.gather(serve_api(), *_served_on(admin_server, ground.admin_socket), milter)
    finally:
        noting.cancel()
        with suppress(StoreAway):
            await services.authenticator.note_use()


async def _why_not_ready(database: Database) -> str:
    try:
        await database.reader.fetch_one("SELECT 1")
    except StoreAway:
        return "the database cannot be reached"
    return ""


def _rate_limit(ground: Ground) -> RateLimit:
    config = ground.config
    return RateLimit(config.rate_limit_requests, config.rate_limit_seconds, memoryview(ground.rate_memory))


async def _serve_milter(ground: Ground, path: PathOfMail, database: Database, stopped: asyncio.Event) -> None:
    """The milter in this process, where one is wanted, until the API has stopped. Raises ConfigError."""
    if ground.milter_socket is None:
        return
    account_id = await unless_stopped(account_to_judge_by(ground.config, path, database), stopped)
    if account_id is None:
        return
    server = MilterServer(door_of(ground.config, path, account_id))
    await server.start(ground.milter_socket)
    await stopped.wait()
    await server.close()


def _served_on(server: HttpServer, socket_: socket.socket | None) -> list[Coroutine[Any, Any, None]]:
    return [] if socket_ is None else [server.serve([socket_])]


def _close_after_answers(server: HttpServer) -> None:
    """Every answer says `Connection: close` from now on: no client is surprised by the end of its connection."""
    server.config.encoded_headers.append((b"connection", b"close"))  # of which uvicorn makes its headers every second
    server.server_state.default_headers = [*server.server_state.default_headers, (b"connection", b"close")]


async def _note_use(services: Services) -> None:
    while True:
        await asyncio.sleep(NOTE_USE_SECONDS)
        try:
            await services.authenticator.note_use()
        except StoreAway as error:
            services.observe(StoreUnreachable("noting when tokens were used", str(error)))


class _Supervisor:
    """Keeps as many workers as are wanted until it is told to stop; then it waits for the last of them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._pipe = os.pipe()
        self._began: dict[int, float] = {}  # when each worker was started
        self._stopping = False
        self._stops = stops()
        for number in self._stops:
            signal.signal(number, self._pass_on)
        self._folder = Path(tempfile.mkdtemp(prefix="sosie-metrics-"))
        share_between_workers(self._folder)
        self._metrics = Metrics()

    def keep(self) -> None:
        """Return when there is no worker left."""
        try:
            while True:
                self._start_workers()
                pid, status = os.wait()
                began = self._began.pop(pid)
                if not self._stopping:
                    lost = WorkerLost(pid, status)
                    self._metrics.listen(lost)
                    self._ground.log.listen(lost)
                    time.sleep(max(0.0, RESPAWN_SECONDS - (time.monotonic() - began)))
        except ChildProcessError:
            return
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _pass_on(self, number: int, _: object) -> None:
        self._stopping = True
        for pid in self._began:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _start_workers(self) -> None:
        while len(self._began) < self._ground.config.workers and not self._stopping:
            # A stop waits until the new worker is known: it would never be told.
            signal.pthread_sigmask(signal.SIG_BLOCK, self._stops)
            self._began[self._fork()] = time.monotonic()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self._stops)

    def _fork(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        reading, writing = self._pipe
        try:
            os.close(writing)  # only the supervisor holds it: it closes when the supervisor ends, however it ends
            for number in self._stops:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self._stops)
            run(_work(self._ground, reading))
            status = 0
        except StoreError as error:
            self._ground.log.listen(StoreUnreachable("starting a worker", str(error)))
        except BaseException:  # noqa: BLE001 - nothing above this frame is the worker's
            self._ground.log.library("error", "sosie.serve", traceback.format_exc())
        finally:
            if os.getppid() != supervisor:
                shutil.rmtree(self._folder, ignore_errors=True)
            os._exit(status)  # the supervisor's clean-up is not the worker's
