"""Composition of `sosie milter --registry`: one process that judges for a mail server by entries from a file, alone.

Nothing is recorded, and nothing learnt but whose results are believed.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sosie.config import Config, ConfigError
from sosie.milter.server import MilterServer
from sosie.milter.session import Door
from sosie.observe.log import Log
from sosie.observe.observations import MessageUnscreened, Observation, Observe
from sosie.screening.authenticators import Authenticators
from sosie.screening.gate import NOTHING, Gate
from sosie.screening.snapshot import Snapshot
from sosie.screening.verifying.open import BODY_WANTED, CannotVerify, open_verifier
from sosie.serving import admin_served, raise_descriptor_limit, run, told_to_stop

if TYPE_CHECKING:
    from sosie.observe.metrics import Metrics
    from sosie.screening.verifying.verifier import Verifier


def serve_milter_alone(config: Config, snapshot: Snapshot, bound: socket.socket, announce: Callable[[], object]) -> int:
    """Judge by `snapshot` for whoever connects to `bound`, until told to stop; the exit status. Raises ConfigError,
    OSError."""
    log = Log(config.log_format, config.log_level)
    log.take_over_logging()
    raise_descriptor_limit()
    metrics = _metrics() if config.milter_admin_listen else None

    def observe(observation: Observation) -> None:
        if metrics is not None:
            metrics.listen(observation)
        log.listen(observation)

    verifier = _verifier(config, observe)
    door = _door(config, snapshot, observe, verifier)
    try:
        run(_serve(config, door, bound, metrics, announce))
    finally:
        if verifier is not None:
            verifier.close()
    return 0


async def _serve(
    config: Config, door: Door, bound: socket.socket, metrics: Metrics | None, announce: Callable[[], object]
) -> None:
    stop = told_to_stop()

    async def why_not_ready() -> str:
        return ""

    async with admin_served(config.milter_admin_listen, metrics, why_not_ready):
        server = MilterServer(door)
        gc.freeze()  # what is here now stays: no collection need look at it again
        await server.start(bound)
        announce()
        await stop.wait()
        await server.close()


def _metrics() -> Metrics:
    from sosie.observe.metrics import Metrics  # noqa: PLC0415 - for those alone who want them

    return Metrics()


def _verifier(config: Config, observe: Observe) -> Verifier | None:
    if not config.verify_missing:
        return None
    try:
        return open_verifier(lambda fault: observe(MessageUnscreened("verifying", fault)))
    except CannotVerify as error:
        raise ConfigError(f"SOSIE_VERIFY: {error}") from None


def _door(config: Config, snapshot: Snapshot, observe: Observe, verifier: Verifier | None) -> Door:
    """A door to one snapshot, in which only whose results are believed can still change."""
    held = [snapshot]

    def believe(name: str) -> None:
        _believe(held[0].knowledge.trusted_authserv_ids | {name})

    def disbelieve(name: str) -> None:
        _believe(held[0].knowledge.trusted_authserv_ids - {name})

    def _believe(names: frozenset[str]) -> None:
        held[0] = replace(held[0], knowledge=replace(held[0].knowledge, trusted_authserv_ids=names))

    learns = config.learns_hosts and not config.authserv_ids and verifier is None  # verifying is surer
    authenticators = Authenticators(believe, disbelieve) if learns else None
    gate = Gate(lambda _: held[0], observe, fail_closed=config.fail_closed, kept=NOTHING, authenticators=authenticators)
    if verifier is None:
        return Door(gate, "", config.subject_prefix, record=False)
    from sosie.screening.verifying.gate import VerifyingGate  # noqa: PLC0415 - of the extra, which is there now

    return Door(gate, "", config.subject_prefix, BODY_WANTED, record=False, verifying=VerifyingGate(gate, verifier))
