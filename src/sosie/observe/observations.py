"""Everything that sosie observes, one type each.

A secret, a header of a request or the body of a message cannot be in an observation: no type has a field for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class RequestAnswered(NamedTuple):
    """`route` is the path, its parameters unfilled; `actor` and `account_id` may be empty; `seconds` is wall time."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    account_id: str
    actor: str
    code: int


class RequestFailed(NamedTuple):
    """A mistake of ours; `trace` is the traceback."""

    request_id: str
    route: str
    trace: str


class StoreUnreachable(NamedTuple):
    """The database did not answer; `where` is what was being done."""

    where: str
    reason: str


class Started(NamedTuple):
    """A process serves. `database` is its kind, never its address."""

    listen: str
    database: str
    workers: int


class Stopped(NamedTuple):
    """A process has finished what it had begun."""

    reason: str


class WorkerLost(NamedTuple):
    """A worker ended by itself and another takes its place."""

    pid: int
    status: int


class Migrated(NamedTuple):
    """Steps of the schema that ran."""

    steps: str


class MessageScreened(NamedTuple):
    """A message was judged; `door` is how it came in."""

    door: str
    disposition: str
    seconds: float


class MessageUnscreened(NamedTuple):
    """A message could not be judged, and went the way that the fail policy says; `fault` may be a traceback."""

    door: str
    fault: str


class MessageVerified(NamedTuple):
    """What DMARC came to where a message was verified here, and how long its mail server waited for that."""

    dmarc: str
    seconds: float


class SnapshotLoaded(NamedTuple):
    """A process holds an account's knowledge at this revision; `source` is "database", "changes" or "file"."""

    account_id: str
    revision: int
    entries: int
    source: str
    seconds: float


class SnapshotLag(NamedTuple):
    """How long a change of the registry took from its write to being in force in this process."""

    account_id: str
    seconds: float


class RecordsLost(NamedTuple):
    """Records of messages that could not be kept within the bounds; `reason` says what was full."""

    records: int
    reason: str


class RecordsKept(NamedTuple):
    """Records of messages that are safe now; `place` is "database", or "spool" while the database is away."""

    records: int
    place: str


class LessonsLost(NamedTuple):
    """Pairs of name and address that could not be noted within the bounds; `reason` says why."""

    pairs: int
    reason: str


class AlertDelivered(NamedTuple):
    """An alert has reached an output; `output` is its kind."""

    output: str


class OutputFailed(NamedTuple):
    """An alert could not be delivered; `output` is its kind, `dead` whether it was given up."""

    output: str
    reason: str
    dead: bool


Observation = (
    RequestAnswered
    | RequestFailed
    | StoreUnreachable
    | Started
    | Stopped
    | WorkerLost
    | Migrated
    | MessageScreened
    | MessageUnscreened
    | MessageVerified
    | SnapshotLoaded
    | SnapshotLag
    | RecordsLost
    | RecordsKept
    | LessonsLost
    | AlertDelivered
    | OutputFailed
)
Observe = Callable[[Observation], None]


def ignore(_: Observation) -> None:
    """Nobody listens."""
