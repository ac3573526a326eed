"""What `sosie screen --learn` keeps: who wrote, and whom an alert was raised of."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sosie.cli.database import Ground, run
from sosie.detection.history import Acquaintance
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.registry.moments import now_us, to_rfc3339
from sosie.screening.learning import learn_received, received_on
from sosie.store import history
from sosie.store.database import Session


def keep(account_id: str | None, lessons: Iterable[tuple[bytes, Verdict]], authserv_ids: Collection[str]) -> None:
    """Write it down, in one transaction. A flagged message counts, but vouches for nobody."""
    seen: list[Acquaintance] = []
    pairs: dict[tuple[str, str], None] = {}
    for raw, verdict in lessons:
        message = Message.from_bytes(raw)
        seen += learn_received(message, authserv_ids, received_on(message), flagged=verdict.flagged)
        if verdict.alert:
            pairs.update(dict.fromkeys(verdict.pairs))

    async def work(ground: Ground) -> None:
        account = await ground.account(account_id)
        at = to_rfc3339(now_us())

        async def write(session: Session) -> None:
            await history.note(session, account.no, seen)
            for entry_id, address in pairs:
                await history.note_alert(session, account.no, entry_id, address, at)

        await ground.database.write(write)

    run(work)
