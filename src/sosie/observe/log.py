"""The log: one line for each observation worth one, as JSON or readable, on standard error.

What is worth a line is a table. Requests that only read are written down at debug: they are counted by the metrics.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from functools import lru_cache
from typing import BinaryIO, NamedTuple

import orjson

from sosie.observe.observations import (
    MessageScreened,
    Migrated,
    Observation,
    RequestAnswered,
    RequestFailed,
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
}


class Log:
    """Listens to observations and to the logging of the libraries below."""

    def __init__(self, form: str, level: str, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stderr.buffer
        self._json = form == "json" or (form == "auto" and not sys.stderr.isatty())
        self._level = LEVELS[level]

    def listen(self, observation: Observation) -> None:
        """Write the observation down, if it is worth a line at this level."""
        level = _request_level(observation) if type(observation) is RequestAnswered else _LEVEL[type(observation)]
        if LEVELS[level] >= self._level:
            self._write(level, type(observation).__name__, observation._asdict())

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
        try:
            self._stream.write(line + b"\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # a log that cannot be written to stops nobody


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


def _request_level(observation: RequestAnswered) -> str:
    if observation.status < _REQUEST_RULES[-1].least_status:
        return "debug" if observation.method in ("GET", "HEAD", "OPTIONS") else "info"
    return next(rule.level for rule in _REQUEST_RULES if observation.status >= rule.least_status)
