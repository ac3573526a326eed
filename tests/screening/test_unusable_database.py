"""A database that this process cannot use, because a newer one has changed it: nothing in memory is lost for that."""

from __future__ import annotations

import asyncio

from sosie.config import read_config
from sosie.observe.observations import StoreUnreachable
from sosie.path_of_mail import open_path
from sosie.screening.spool import Spool
from sosie.store.errors import SchemaTooNew
from sosie.store.reopening import ReopeningDatabase
from support.records import ACCOUNT, Heard, record


def test_a_stop_writes_down_what_was_flagged(tmp_path):
    """Though nothing could be loaded: the snapshot of the last run is torn."""
    config = read_config({"SOSIE_DATA_DIR": str(tmp_path)})
    config.snapshot_dir.mkdir(parents=True)
    (config.snapshot_dir / f"{ACCOUNT}.snapshot").write_bytes(b"torn")
    heard = Heard()

    async def refused():
        raise SchemaTooNew("run a newer sosie on this database")

    async def work():
        async with open_path(config, ReopeningDatabase("sqlite", refused), heard.append) as path:
            await asyncio.sleep(0.1)
            path.gate.keep(ACCOUNT, record("1"))

    asyncio.run(work())
    taken = Spool(tmp_path / "spool").take()
    assert [one.id for _, one in taken.kept] == ["1"]
    taken.release()
    assert "loading snapshots" in {one.where for one in heard.of(StoreUnreachable)}
