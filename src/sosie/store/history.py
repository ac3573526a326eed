"""The history of an account: one row per name and address, and the pairs of entry and address that were alerted.

Theory of operation. Every message teaches something, so learning must be cheap and bounded. Pairs are noted many at a
time, in one statement each that adds to what is there. That leaves no audit record and does not touch the account's
revision: no snapshot of the registry is rebuilt because mail came in. The history has a revision of its own; a process
that holds a `History` asks for it now and then (`revision`, one row), and reads all again where it has changed, once in
some minutes: what was learnt in between is not missed.

The bounds are kept each time SLACK pairs or alerts have been noted, in the transaction that noted the last of them.
What goes first: pairs that are neither authenticated nor written to, so that who writes in ten thousand names pushes
out his own; then those with little authenticated mail; those that we wrote to go last. Of equals, the one seen longest
ago goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sosie.detection.history import Acquaintance, History, compared, fault_of, gathered
from sosie.likeness.person_name import normal_form
from sosie.registry.moments import to_rfc3339
from sosie.store import accounts, audit
from sosie.store.audit import Change, Deed
from sosie.store.database import Row, Session

MAX_PAIRS = 200_000  # of an account: 90 MB in a process that screens; 5,000 people with 40 correspondents each
MAX_NAMES = 16  # of one address: names change and are spelt in several ways, but hardly in more
MAX_ADDRESSES = 64  # of one name: the commonest name of a large organisation
MAX_ALERTS = 50_000  # of an account: those alerted longest ago go first, and would be alerted again
SLACK = 5000  # pairs and alerts that may be noted before the bounds are kept, which takes some tenths of a second
NAME_KEY = 256  # characters; with the address, within the 2,704 bytes that a B-tree of PostgreSQL takes
PAGE = 20_000  # pairs that are read by one statement: some megabytes
REST = 1_000_000  # more than there can be: SQLite has no OFFSET without a LIMIT

_COLUMNS = "name, address, messages, authenticated, first_seen, last_seen, sent"
_NOTE = (
    "INSERT INTO history (account_no, name_key, name, address, messages, authenticated, first_seen, last_seen, sent) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_no, address, name_key) DO UPDATE SET "
    "messages = history.messages + excluded.messages, authenticated = history.authenticated + excluded.authenticated, "
    "sent = history.sent + excluded.sent, "
    "first_seen = CASE WHEN history.first_seen = '' OR (excluded.first_seen <> '' AND "
    "excluded.first_seen < history.first_seen) THEN excluded.first_seen ELSE history.first_seen END, "
    "last_seen = CASE WHEN excluded.last_seen > history.last_seen THEN excluded.last_seen ELSE history.last_seen END"
)
_TAKE_TURN = (
    "INSERT INTO history_state (account_no, revision, unbounded) VALUES ($1, 1, $2) ON CONFLICT (account_no) DO UPDATE "
    "SET revision = history_state.revision + 1, unbounded = history_state.unbounded + excluded.unbounded "
    "RETURNING unbounded"
)
_READ_AFTER = (
    f"SELECT name_key, {_COLUMNS} FROM history WHERE account_no = $1 AND (address, name_key) > ($2, $3) "
    "ORDER BY address, name_key LIMIT $4"
)
_STANDING = "CASE WHEN sent > 0 THEN 3 WHEN authenticated > 2 THEN 2 WHEN authenticated > 0 THEN 1 ELSE 0 END"
_BEST_FIRST = f"{_STANDING} DESC, last_seen DESC, address, name_key"
_WORST_FIRST = f"{_STANDING}, last_seen, address, name_key"


async def note(session: Session, account_no: int, seen: Iterable[Acquaintance]) -> int:
    """Add what was seen to what is known; how many pairs that were. What `fault_of` finds fault with is left out."""
    rows = [_row(account_no, one) for one in gathered(seen) if not fault_of(one.name, one.address)]
    for start in range(0, len(rows), SLACK):
        some = rows[start : start + SLACK]
        unbounded = await _take_turn(session, account_no, len(some))
        await session.execute_many(_NOTE, some)
        if unbounded >= SLACK:
            await keep_bounds(session, account_no)
    return len(rows)


async def read_all(session: Session, account_no: int) -> History:
    """Everything, as detection takes it: at most MAX_PAIRS + SLACK pairs. In one state of the database, if that is
    what the session sees (`Database.scan`)."""
    known: list[Acquaintance] = []
    after = ("", "")
    while True:
        some, after = await read_after(session, account_no, after, PAGE)
        known += some
        if len(some) < PAGE:
            break
    alerted = await session.fetch("SELECT entry_id, address FROM alerts WHERE account_no = $1", account_no)
    return History(known, ((row[0], row[1]) for row in alerted))


async def read_after(
    session: Session, account_no: int, after: tuple[str, str], most: int
) -> tuple[list[Acquaintance], tuple[str, str]]:
    """The next pairs in the order of addresses, and what to give as `after` to go on; ("", "") is before the first."""
    rows = await session.fetch(_READ_AFTER, account_no, *after, most)
    return [_from_row(tuple(row)[1:]) for row in rows], (rows[-1][2], rows[-1][0]) if rows else after


async def latest(session: Session, account_no: int, most: int) -> list[Acquaintance]:
    """Those seen last, the last first."""
    rows = await session.fetch(
        f"SELECT {_COLUMNS} FROM history WHERE account_no = $1 ORDER BY last_seen DESC, address, name_key LIMIT $2",
        account_no,
        most,
    )
    return [_from_row(row) for row in rows]


async def find(session: Session, account_no: int, name_or_address: str, most: int) -> list[Acquaintance]:
    """Every pair of this address, where there is an @ in it, or else of this name."""
    where, value = _filter(name_or_address)
    rows = await session.fetch(
        f"SELECT {_COLUMNS} FROM history WHERE account_no = $1 AND {where} = $2 ORDER BY {_BEST_FIRST} LIMIT $3",
        account_no,
        value,
        most,
    )
    return [_from_row(row) for row in rows]


async def size(session: Session, account_no: int) -> int:
    """How many pairs there are."""
    row = await session.fetch_one("SELECT count(*) FROM history WHERE account_no = $1", account_no)
    return int(row[0]) if row else 0


async def revision(session: Session, account_no: int) -> int:
    """A number that changes with every change of the account's history or alerts; 0 before the first."""
    row = await session.fetch_one("SELECT revision FROM history_state WHERE account_no = $1", account_no)
    return int(row[0]) if row else 0


async def forget(session: Session, account_no: int, name_or_address: str) -> int:
    """Remove every pair of this name, or of this address and its alerts; how many pairs that were."""
    where, value = _filter(name_or_address)
    await _take_turn(session, account_no, 0)
    gone = await session.fetch(
        f"DELETE FROM history WHERE account_no = $1 AND {where} = $2 RETURNING 1", account_no, value
    )
    if where == "address":
        await session.execute("DELETE FROM alerts WHERE account_no = $1 AND address = $2", account_no, value)
    return len(gone)


async def prune(session: Session, account_no: int, before: str) -> int:
    """Remove pairs last seen, and alerts raised, before this moment; how many pairs that were.

    Pairs of which nobody knows when they were seen stay.
    """
    await _take_turn(session, account_no, 0)
    gone = await session.fetch(
        "DELETE FROM history WHERE account_no = $1 AND last_seen < $2 AND last_seen <> '' RETURNING 1",
        account_no,
        before,
    )
    await session.execute("DELETE FROM alerts WHERE account_no = $1 AND alerted_at < $2", account_no, before)
    return len(gone)


async def record(session: Session, account_no: int, action: str, pairs: int, deed: Deed) -> None:
    """Leave a record of what a person did to the history: how many pairs it concerned, but not whose.

    Who asks to be forgotten is not to be remembered in the audit. Nothing is recorded where nothing was done.
    """
    if pairs:
        turn = await accounts.take_turn(session, account_no, deed.moment_us)
        change = Change(action, "history", after={"pairs": pairs})
        await audit.record(session, account_no, turn.revision, to_rfc3339(turn.last_moment), deed, change)


async def note_alert(session: Session, account_no: int, entry_id: str, address: str, at: str) -> bool:
    """Remember that this address wrote in the name of this entry; whether it is the first time.

    Of several processes that ask at once, one is told that it is: so this answer decides about an alert, and a History
    that was read a while ago saves the question. An address that cannot be kept is always new.
    """
    if fault_of("", address):
        return True
    pair = (account_no, entry_id, compared(address))
    if await session.fetch_one("SELECT 1 FROM alerts WHERE account_no = $1 AND entry_id = $2 AND address = $3", *pair):
        return False
    unbounded = await _take_turn(session, account_no, 1)
    is_new = await session.fetch_one(
        "INSERT INTO alerts (account_no, entry_id, address, alerted_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING RETURNING 1",
        *pair,
        at,
    )
    if unbounded >= SLACK:
        await keep_bounds(session, account_no)
    return is_new is not None


async def alerted_at(session: Session, account_no: int, entry_id: str, address: str) -> str:
    """When the alert was raised that `note_alert` has remembered of these two; empty where there is none.

    Whoever has asked `note_alert` and got no answer learns here that it was he who was first: it is his own moment.
    """
    row = await session.fetch_one(
        "SELECT alerted_at FROM alerts WHERE account_no = $1 AND entry_id = $2 AND address = $3",
        account_no,
        entry_id,
        compared(address),
    )
    return str(row[0]) if row else ""


async def keep_bounds(session: Session, account_no: int) -> None:
    """Drop what is too much: names of one address, addresses of one name, pairs and alerts of the account."""
    for column, most in (("address", MAX_NAMES), ("name_key", MAX_ADDRESSES)):
        crowded = await session.fetch(
            f"SELECT {column} FROM history WHERE account_no = $1 AND {column} <> '' GROUP BY {column} "
            "HAVING count(*) > $2",
            account_no,
            most,
        )
        thin = (
            f"DELETE FROM history WHERE account_no = $1 AND (address, name_key) IN (SELECT address, name_key "
            f"FROM history WHERE account_no = $1 AND {column} = $2 ORDER BY {_BEST_FIRST} LIMIT {REST} OFFSET $3)"
        )
        await session.execute_many(thin, [(account_no, row[0], most) for row in crowded])
    too_many = await size(session, account_no) - MAX_PAIRS
    if too_many > 0:
        await session.execute(
            "DELETE FROM history WHERE account_no = $1 AND (address, name_key) IN (SELECT address, name_key "
            f"FROM history WHERE account_no = $1 ORDER BY {_WORST_FIRST} LIMIT $2)",
            account_no,
            too_many,
        )
    await session.execute(
        "DELETE FROM alerts WHERE account_no = $1 AND (entry_id, address) IN (SELECT entry_id, address FROM alerts "
        f"WHERE account_no = $1 ORDER BY alerted_at DESC LIMIT {REST} OFFSET $2)",
        account_no,
        MAX_ALERTS,
    )
    await session.execute("UPDATE history_state SET unbounded = 0 WHERE account_no = $1", account_no)


async def _take_turn(session: Session, account_no: int, noted: int) -> int:
    """Bump the revision; how many pairs were noted since the bounds were kept. Locks the account's history."""
    row = await session.fetch_one(_TAKE_TURN, account_no, noted)
    assert row is not None  # noqa: S101 - RETURNING of an INSERT that did not fail
    return int(row[0])


def _filter(name_or_address: str) -> tuple[str, str]:
    """The column that is looked at, and the value that it must have."""
    if "@" in name_or_address:
        return "address", compared(name_or_address)
    return "name_key", _name_key(name_or_address)


def _name_key(name: str) -> str:
    return normal_form(name)[:NAME_KEY]


def _row(account_no: int, one: Acquaintance) -> tuple[Any, ...]:
    return (account_no, _name_key(one.name), *one._replace(address=compared(one.address)))


def _from_row(row: Row) -> Acquaintance:
    """A row of _COLUMNS. Most were seen once: then the two moments are one text."""
    one = Acquaintance(*row)
    return one._replace(last_seen=one.first_seen) if one.first_seen == one.last_seen else one
