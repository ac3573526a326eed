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


Observation = (
    RequestAnswered | RequestFailed | StoreUnreachable | Started | Stopped | WorkerLost | Migrated | MessageScreened
)
Observe = Callable[[Observation], None]


def ignore(_: Observation) -> None:
    """Nobody listens."""
