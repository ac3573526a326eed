"""Composition of `sosie milter`: one process that judges for a mail server, with the database or, for a while, without.

A stop has two steps: connections between two messages are closed and the messages under way answered; then what was
flagged is written down, and the snapshot is kept for the next start.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import suppress

from sosie.config import Config
from sosie.milter.server import MilterServer
from sosie.observe.log import Log
from sosie.observe.metrics import Metrics
from sosie.observe.observations import Observation, Started, Stopped
from sosie.path_of_mail import account_to_judge_by, door_of, open_path
from sosie.serving import admin_served, raise_descriptor_limit, run, told_to_stop, unless_stopped
from sosie.store.database import Database
from sosie.store.errors import NoDatabase
from sosie.store.open import expect_database, open_database, read_secret_key
from sosie.store.reopening import ReopeningDatabase
from sosie.store.sqlite import use_without_mutexes

OPEN_SECONDS = 2.0  # then opening the database is tried again; a stop waits for so long at most


def serve_milter(config: Config, bound: socket.socket, announce: Callable[[], object]) -> int:
    """Judge for whoever connects to `bound`, until told to stop; the exit status. Raises StoreError, ConfigError,
    OSError."""
    log = Log(config.log_format, config.log_level)
    log.take_over_logging()
    use_without_mutexes()
    raise_descriptor_limit()
    with suppress(NoDatabase):  # a snapshot may be there all the same
        _secret_key(config)
    run(_serve(config, bound, log, announce))
    return 0


def _secret_key(config: Config) -> bytes:
    """That of the database, which is here to be used and not to be made. Raises NoDatabase, WrongSecretKey."""
    expect_database(config.database_url, config.data_dir)
    return read_secret_key(config.secret_key, config.secret_key_file, create=False)


async def _serve(
    config: Config,
    bound: socket.socket,
    log: Log,
    announce: Callable[[], object],
) -> None:
    metrics = Metrics()

    def observe(observation: Observation) -> None:
        metrics.listen(observation)
        log.listen(observation)

    dialect = "postgresql" if config.database_url else "sqlite"

    async def open_() -> Database:
        return await open_database(config.database_url, config.data_dir, _secret_key(config), OPEN_SECONDS)

    database = ReopeningDatabase(dialect, open_)
    stop, held = told_to_stop(), list[str]()

    async def why_not_ready() -> str:
        there = held and path.following.snapshot_of(held[0])
        return "" if there else "there is no snapshot of the registry yet"

    async with (
        open_path(config, database, observe) as path,
        admin_served(config.milter_admin_listen, metrics, why_not_ready),
    ):
        account_id = await unless_stopped(account_to_judge_by(config, path, database), stop)
        if account_id is not None:
            held.append(account_id)
            server = MilterServer(door_of(config, path, account_id))
            gc.freeze()
            await server.start(bound)
            observe(Started(config.milter_listen, dialect, 1))
            announce()
            await stop.wait()
            await server.close()
    await database.close()
    observe(Stopped("asked to"))
