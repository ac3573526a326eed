"""Messages that are recorded in an account of a running server, for the official clients to find."""

from __future__ import annotations

from sosie.registry.moments import now_us
from sosie.store import accounts, records
from sosie.store.database import Database
from support.flagged import flagged
from support.server import Server

SIZE = 45  # two full pages of 20 and a part of a third: a pager must stop by itself


def record_messages(server: Server, account_id: str) -> list[str]:
    """Their ids, the newest first; the newest is put aside and kept as it came."""
    now = now_us()
    many = [flagged(moment_us=now - number * 1000) for number in range(1, SIZE)]
    many.insert(0, flagged(moment_us=now, action="quarantine", raw=b"From: Jane Roe <jane.roe@bulk.example>\r\n\r\n"))

    async def work(database: Database) -> None:
        account = await accounts.look_up(database.reader, account_id)
        await database.write(lambda session: records.add(session, account.no, many))

    server.storage.run(work)
    return [one.id for one in many]
