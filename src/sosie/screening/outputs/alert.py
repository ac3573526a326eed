"""What outputs have in common: an alert, and the ways in which its delivery can fail."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sosie.detection.record import Record


class Alert(NamedTuple):
    """A flagged message that people are told of."""

    account_id: str
    record: Record


class Undelivered(Exception):
    """The output did not take the alert; the message says why, in words that are safe to log.

    `for_good`: trying again later would not help. `retry_after`: seconds for which the other side wants to be left
    alone, 0 where it said nothing.
    """

    def __init__(self, reason: str, *, for_good: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.for_good = for_good
        self.retry_after = retry_after


class BadOutput(ValueError):
    """An output cannot be used as it is set; the message names the setting."""


class Output(Protocol):
    """One place that is told. Its functions are called in one thread and may take their time."""

    kind: str

    def deliver(self, alert: Alert) -> None:
        """Tell. Raises Undelivered, OSError."""

    def give_up(self, alert: Alert, reason: str) -> None:
        """The alert will not be tried again. Raises OSError where it cannot be kept."""

    def close(self) -> None:
        """Let go of files and connections; the next `deliver` opens them again."""
