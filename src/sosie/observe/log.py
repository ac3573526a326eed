"""The log: one line for each observation worth one, as JSON or readable, on standard error.

What is worth a line is a table. Requests that only read are written down at debug: they are counted by the metrics.

Nobody waits for a log. Where what takes the lines has stopped (a pipe that is full, a terminal that is held, a system
log that hangs), lines are passed over until it goes on; then it is told how many.
"""

from __future__ import annotations

import json
import logging
import select
import sys
import time
from contextlib import suppress
from functools import lru_cache
from typing import BinaryIO, NamedTuple

import orjson

from sosie.observe.observations import (
    AlertDelivered,
    LessonsLost,
    MessageScreened,
    MessageUnscreened,
    MessageVerified,
    Migrated,
    Observation,
    OutputFailed,
    RecordsKept,
    RecordsLost,
    RequestAnswered,
    RequestFailed,
    SnapshotLag,
    SnapshotLoaded,
    Started,
    Stopped,
    StoreUnreachable,
    WorkerLost,
)

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LEVEL = {
    RequestFailed: "error",
    StoreUnreachable: "error",
    WorkerLost: "error",
    Started: "info",
    Stopped: "info",
    Migrated: "info",
    MessageScreened: "debug",
    MessageUnscreened: "error",
    MessageVerified: "debug",
    SnapshotLoaded: "info",
    SnapshotLag: "debug",
    RecordsKept: "debug",
    RecordsLost: "error",
    LessonsLost: "warning",
    AlertDelivered: "debug",
    OutputFailed: "error",
}
PIECE = 4096  # octets that a pipe has room for as soon as it can be written to (PIPE_BUF, pipe(7))
_AT_EVERY_MESSAGE = 1.0  # seconds between lines of what may be observed of every message: mail can come in floods


class Log:
    """Listens to observations and to the logging of the libraries below."""

    def __init__(self, form: str, level: str, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stderr.buffer
        self._json = form == "json" or (form == "auto" and not sys.stderr.isatty())
        self._level = LEVELS[level]
        # What no line is ever written of: the table has the highest level of each type.
        self._passed_by = frozenset(one for one, highest in _LEVEL.items() if LEVELS[highest] < self._level)
        self._quiet_until = 0.0
        self._passed_over = 0
        self._room = _Room(self._stream)
        self._unwritten = 0
        self._torn = False

    def listen(self, observation: Observation) -> None:
        """Write the observation down, if it is worth a line at this level."""
        if type(observation) in self._passed_by:
            return
        level = _level_of(observation)
        if LEVELS[level] < self._level:
            return
        fields = observation._asdict()
        if type(observation) is MessageUnscreened:
            if time.monotonic() < self._quiet_until:
                self._passed_over += 1
                return
            fields["passed_over"], self._passed_over = self._passed_over, 0
            self._quiet_until = time.monotonic() + _AT_EVERY_MESSAGE
        self._write(level, type(observation).__name__, fields)

    def take_over_logging(self) -> None:
        """Write what libraries log (uvicorn's errors, asyncio's warnings) in the same form."""
        logging.basicConfig(handlers=[_Bridge(self)], level=max(self._level, logging.WARNING), force=True)

    def library(self, level: str, logger: str, message: str) -> None:
        """One line of a library."""
        self._write(level, logger, {"message": message})

    def _write(self, level: str, event: str, fields: dict[str, object]) -> None:
        milliseconds = time.time_ns() // 1_000_000
        at = f"{_moment(milliseconds // 1000)}.{milliseconds % 1000:03}Z"
        if self._json:
            line = _to_json({"at": at, "level": level, "event": event, **fields})
        else:
            shown = " ".join(f"{name}={value}" for name, value in fields.items() if value not in ("", 0))
            line = _visible(f"{at[11:19]} {level:<7} {event} {shown}").encode()
        if not self._room.is_there():
            self._unwritten += 1
            return
        if self._unwritten:
            lines, self._unwritten = self._unwritten, 0
            self.library("warning", "sosie.log", f"{lines} lines were not written: nothing took them")
        self._put(line + b"\n")

    def _put(self, line: bytes) -> None:
        if self._torn:
            line, self._torn = b"\n" + line, False
        try:
            for start in range(0, len(line), PIECE):
                if start and not self._room.is_there():
                    self._torn = True  # as much of a long line as is taken
                    return
                self._stream.write(line[start : start + PIECE])
                self._stream.flush()
        except (OSError, ValueError):
            return  # a log that cannot be written to stops nobody


class _Room:
    """Whether a stream takes PIECE octets without waiting for whoever reads them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._poll: select.poll | None = None
        with suppress(OSError, ValueError):  # what is no file of the system takes everything
            descriptor = stream.fileno()
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLOUT)

    def is_there(self) -> bool:
        return self._poll is None or bool(self._poll.poll(0))


def _to_json(fields: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(fields, default=str)
    except TypeError:  # a lone surrogate, which UTF-8 has no place for
        return json.dumps(fields, default=str).encode()


def _visible(text: str) -> str:
    """As a terminal may show it: further lines are indented, so that nobody writes a line of their own, and whatever
    is no visible character is written as what it is."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else "\n    " if one == "\n" else one.encode("unicode_escape").decode() for one in text
    )


@lru_cache(maxsize=1)
def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


class _Bridge(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        level = record.levelname.lower()
        self._log.library(level if level in LEVELS else "error", record.name, message)


class _RequestRule(NamedTuple):
    least_status: int
    level: str


_REQUEST_RULES = (_RequestRule(500, "error"), _RequestRule(429, "warning"), _RequestRule(400, "info"))
_LEAST_STATUS = _REQUEST_RULES[-1].least_status


def _level_of(observation: Observation) -> str:
    if type(observation) is RequestAnswered:
        return _request_level(observation)
    if type(observation) is OutputFailed and not observation.dead:
        return "warning"
    if type(observation) is SnapshotLoaded and observation.source == "changes":
        return "debug"  # one for every change, in every process
    return _LEVEL[type(observation)]


_READING = ("GET", "HEAD", "OPTIONS")
_JUDGING = ("/screen", "/screen/batch", "/checkv2")  # as many as there is mail


def _request_level(observation: RequestAnswered) -> str:
    if observation.status < _LEAST_STATUS:
        is_quiet = observation.method in _READING or observation.route.endswith(_JUDGING)
        return "debug" if is_quiet else "info"
    return next(rule.level for rule in _REQUEST_RULES if observation.status >= rule.least_status)
