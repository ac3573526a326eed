"""The folder of the database is empty at a start: perhaps its disk is not mounted yet."""

from __future__ import annotations

from support.milter import FORGED, MailServer, MilterOfDatabase
from support.postfix import open_folder, wait_for
from support.server import Storage, make_tenant, register_jane


def test_mail_is_judged_by_the_snapshot_and_no_database_is_made(tmp_path):
    """The snapshots lie elsewhere; when the folder is what it was, the records come into the database."""
    storage, hidden = Storage(tmp_path / "data"), tmp_path / "hidden"
    tenant = make_tenant(storage, "tenant")
    register_jane(storage, tenant)
    settings = {**storage.environment, "SOSIE_SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    with open_folder() as folder, MilterOfDatabase(folder, **settings) as milter:
        assert milter.stop() == 0
        storage.data_dir.rename(hidden)
        milter.start()
        assert len(MailServer(milter.connect()).judge(FORGED)) > 1
        spool = storage.data_dir / "spool"
        wait_for(lambda: list(spool.glob("*")), "the record to be on disk")
        assert list(storage.data_dir.iterdir()) == [spool]
        for file in hidden.iterdir():
            file.rename(storage.data_dir / file.name)
        wait_for(lambda: not list(spool.glob("*")), "the spool to be emptied", 60)
        assert milter.stop() == 0

    async def work(database) -> int:
        return (await database.reader.fetch_one("SELECT count(*) FROM records"))[0]

    assert storage.run(work) == 1
