"""What happened to an account since somebody last looked, told by its audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sosie.store.database import Session


class Mark(NamedTuple):
    """A place in an account's audit: the number of the record, its moment and the revision that it belongs to; zeroes
    and an empty moment before the first.

    A database that was put back from a copy has other records under the same numbers: the moment tells.
    """

    no: int = 0
    at: str = ""
    revision: int = 0


class Touched(NamedTuple):
    """`action` is what was done, such as "entry.edit"; `subject` the id of what it was done to; `at` when."""

    action: str
    subject: str
    at: str


async def latest(session: Session, account_no: int) -> Mark:
    """The newest place."""
    row = await session.fetch_one(
        "SELECT no, at, revision FROM audit WHERE account_no = $1 ORDER BY no DESC LIMIT 1", account_no
    )
    return Mark() if row is None else Mark(*row)


async def since(session: Session, account_no: int, mark: Mark, most: int) -> tuple[list[Touched], Mark] | None:
    """What was done after `mark`, in order, at most so much, and the place where that ends; None where there is no such
    place (any more): then only reading everything helps."""
    if mark.no:
        row = await session.fetch_one(
            "SELECT at, revision FROM audit WHERE account_no = $1 AND no = $2", account_no, mark.no
        )
        if row is None or tuple(row) != (mark.at, mark.revision):
            return None
    rows = await session.fetch(
        "SELECT no, at, revision, action, subject FROM audit WHERE account_no = $1 AND no > $2 ORDER BY no LIMIT $3",
        account_no,
        mark.no,
        most,
    )
    reached = Mark(*tuple(rows[-1])[:3]) if rows else mark
    return [Touched(row[3], row[4], row[1]) for row in rows], reached
