"""Composition of what judges mail in one process: following the registry, the gate, and what it hands over.

`sosie serve` and `sosie milter` both open one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosie.config import Config, ConfigError
from sosie.detection.history import Acquaintance
from sosie.milter.session import Door
from sosie.observe.observations import MessageUnscreened, Observe, StoreUnreachable
from sosie.screening.authenticators import Authenticators
from sosie.screening.following import Following
from sosie.screening.gate import Gate
from sosie.screening.keeping import Bounds, Keeping
from sosie.screening.outputs.alert import BadOutput
from sosie.screening.outputs.open import Places, open_outputs
from sosie.screening.verifying.open import BODY_WANTED, CannotVerify, open_verifier
from sosie.store import accounts
from sosie.store.database import Database
from sosie.store.errors import DatabaseUnusable, NoDatabase, NoSuchAccount, StoreAway

# A mail server waits longer for the first answer (Postfix: milter_connect_timeout, 30 s). Then mail flows unjudged.
FIRST_SECONDS = 10.0

if TYPE_CHECKING:
    from sosie.screening.verifying.gate import VerifyingGate
    from sosie.screening.verifying.verifier import Verifier

RETRY_SECONDS = 0.5  # between two tries to find out which account there is
ASK_SECONDS = 2.0  # how long the database may take to say so, where the snapshots on disk say it too
TELL_SECONDS = 30.0  # how often it is said that mail waits for that


@dataclass(frozen=True)
class PathOfMail:
    """The parts that doors work with."""

    following: Following
    gate: Gate
    verifying: VerifyingGate | None


@asynccontextmanager
async def open_path(config: Config, database: Database, observe: Observe) -> AsyncIterator[PathOfMail]:
    """Everything started, and stopped in reverse at the end. Raises ConfigError."""
    following = Following(database, config.snapshot_dir, config.authserv_ids, observe)
    keeping = _keeping(config, database, observe)

    def learn(account_id: str, seen: tuple[Acquaintance, ...]) -> None:
        following.learn(account_id, seen)
        keeping.learn(account_id, seen)

    gate = Gate(
        following.snapshot_of,
        observe,
        config.fail_closed,
        config.record,
        config.record_raw,
        keeping.keep,
        learn,
        Authenticators(following.believe, following.disbelieve) if _learns_hosts(config) else None,
    )
    verifier, verifying = _verifying(config, gate, observe)
    keeps = asyncio.create_task(keeping.run())
    follows = [asyncio.create_task(following.run()), asyncio.create_task(_follow_known(following, database, observe))]
    try:
        yield PathOfMail(following, gate, verifying)
    finally:
        for task in follows:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if verifier is not None:
            await asyncio.to_thread(verifier.close)
        await keeping.close()
        keeps.cancel()  # the removal of old records may wait for a database that hangs
        with suppress(asyncio.CancelledError):
            await keeps
        await following.close()


def door_of(config: Config, path: PathOfMail, account_id: str) -> Door:
    """What the milter works with."""
    wanted = config.record_raw if path.verifying is None else max(config.record_raw, BODY_WANTED)
    return Door(path.gate, account_id, config.subject_prefix, wanted, verifying=path.verifying)


async def only_account(config: Config, path: PathOfMail, database: Database) -> str:
    """The account that the milter judges by: the one that is set, or the only one; waits for the database if only it
    can tell, and says so. Raises ConfigError, and NoDatabase where nothing was ever known."""
    loop = asyncio.get_running_loop()
    told = -TELL_SECONDS
    while not config.milter_account:
        known = path.following.known_accounts()
        try:
            async with asyncio.timeout(ASK_SECONDS if len(known) == 1 else None):
                there = [account.id for account in await accounts.read_all(database.reader)]
        except (StoreAway, TimeoutError) as error:
            if not known and isinstance(error, NoDatabase):
                raise
            if len(known) != 1:
                if loop.time() - told >= TELL_SECONDS:
                    told = loop.time()
                    why = "the milter waits to hear which account there is, and SOSIE_MILTER_ACCOUNT does not say it"
                    path.gate.observe(StoreUnreachable("starting", f"{why}: {error}"))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            there = known
        if len(there) != 1:
            if not there:
                raise ConfigError("there is no account yet: `sosie account create` makes one; or set SOSIE_DATA_DIR")
            raise ConfigError(
                f"there are {len(there)} accounts: say which with SOSIE_MILTER_ACCOUNT, or `sosie milter --account`"
            )
        return there[0]
    return config.milter_account


async def account_to_judge_by(config: Config, path: PathOfMail, database: Database) -> str:
    """The same, when its snapshot is there, so that the first message is judged as well; mail does not wait for long.
    Raises ConfigError, NoDatabase."""
    account_id = await only_account(config, path, database)
    path.following.snapshot_of(account_id)  # asks for it, whatever comes of waiting
    try:
        async with asyncio.timeout(FIRST_SECONDS):
            await path.following.follow(account_id)
    except NoDatabase:  # nor is there a snapshot
        raise
    except (TimeoutError, StoreAway):
        pass
    except NoSuchAccount:  # the database is there, and says so
        raise ConfigError(f"there is no account {account_id}: `sosie account list` shows them") from None
    return account_id


def _learns_hosts(config: Config) -> bool:
    """Whether hosts are believed that nobody has named: not where results are verified here, which is surer."""
    return config.learns_hosts and not config.authserv_ids and not config.verify_missing


def _verifying(config: Config, gate: Gate, observe: Observe) -> tuple[Verifier | None, VerifyingGate | None]:
    if not config.verify_missing:
        return None, None
    try:
        verifier = open_verifier(lambda fault: observe(MessageUnscreened("verifying", fault)))
    except CannotVerify as error:
        raise ConfigError(f"SOSIE_VERIFY: {error}") from None
    from sosie.screening.verifying.gate import VerifyingGate  # noqa: PLC0415 - of the extra, which is there now

    return verifier, VerifyingGate(gate, verifier)


def _keeping(config: Config, database: Database, observe: Observe) -> Keeping:
    places = Places(
        config.data_dir,
        config.alert_file,
        config.alert_syslog,
        config.webhook_url,
        config.webhook_secret_file,
    )
    try:
        outputs = open_outputs(places)
    except BadOutput as error:
        raise ConfigError(str(error)) from None
    bounds = Bounds(config.record_days, config.record_max)
    spool = config.data_dir / "spool"
    return Keeping(database, spool, bounds, outputs, observe, every_alert=config.alerts == "all")


async def _follow_known(following: Following, database: Database, observe: Observe) -> None:
    """Hold what was held before, or the only account there is, before the first message asks for it."""
    known = following.known_accounts()
    try:
        if not known:
            there = await accounts.read_all(database.reader)
            known = [account.id for account in there] if len(there) == 1 else []
        for account_id in known:
            with suppress(NoSuchAccount):
                await following.follow(account_id)
    except DatabaseUnusable as error:
        observe(StoreUnreachable("loading snapshots", str(error)))
