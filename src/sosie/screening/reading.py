"""What a snapshot is made of, out of the database."""

from __future__ import annotations

from sosie.detection.history import History
from sosie.detection.identity import Identity
from sosie.screening.contents import Contents, Rules
from sosie.store import (
    accounts,
    actions,
    allow_policies,
    changes,
    entries,
    history,
    protected_domains,
    trusted_domains,
)
from sosie.store.database import Database, Session


async def load_contents(database: Database, account_no: int) -> tuple[Contents, History]:
    """All that an account knows, in one state of the database. Raises StoreAway, NoSuchAccount."""

    async def work(session: Session) -> tuple[Contents, History]:
        return await read_contents(session, account_no), await history.read_all(session, account_no)

    return await database.scan(work)


async def read_contents(session: Session, account_no: int) -> Contents:
    """All of it, in one state of the database if that is what the session sees. Raises NoSuchAccount."""
    counts = await accounts.counts(session, account_no)
    mark = await changes.latest(session, account_no)
    rules = await read_rules(session, account_no)
    kept = [Identity.from_entry(entry) for entry in await entries.read_all(session, account_no)]
    return Contents(account_no, counts.revision, mark, kept, rules)


async def read_rules(session: Session, account_no: int) -> Rules:
    """The rules alone."""
    return Rules(
        tuple(one.domain for one in await protected_domains.read_all(session, account_no)),
        tuple(await allow_policies.read_all(session, account_no)),
        tuple(await trusted_domains.read_all(session, account_no)),
        tuple(await actions.read_all(session, account_no)),
    )
